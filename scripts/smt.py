"""Answer one SMT-LIB file for halmos: `smt.py FILE` prints `unsat`, `sat` and a model, or `unknown`.

No one solver does all of it, so three ways take turns until one answers. Reading the bits as integers (cvc5's
`solve-bv-as-int`) turns a 256-bit product divided by 10,000, on which solvers of bits never end, into a line of
algebra; which heuristic finds that line differs from query to query. yices, on bits, is
the one that finds counterexamples.
Runs in the environment that `requirements/prove.txt` makes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MOMENT = 4
"""Seconds that each way gets, but for the last one: halmos ends that when its own limit is up."""


def by_integers(query: str, options: dict[str, str]) -> str:
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    for option, value in {"produce-models": "true", "solve-bv-as-int": "sum", **options}.items():
        solver.setOption(option, value)
    parser = cvc5.InputParser(solver)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, query)
    answers = []
    while not (command := parser.nextCommand()).isNull():
        answers.append(command.invoke(solver, parser.getSymbolManager()))
    return "".join(str(answer) for answer in answers)


def by_bits(query: str) -> str:
    yices = Path(sys.executable).with_name("yices-smt2")
    command = [str(yices), "--smt2-model-format", "--bvconst-in-decimal", f"--timeout={MOMENT}", query]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def main(query: str) -> None:
    answer = by_integers(query, {"decision": "justification", "tlimit-per": str(MOMENT * 1000)})
    if not answer.startswith(("sat", "unsat")):
        answer = by_bits(query)
    if not answer.startswith(("sat", "unsat")):
        answer = by_integers(query, {})
    print(answer, end="")


if __name__ == "__main__":
    main(sys.argv[1])
