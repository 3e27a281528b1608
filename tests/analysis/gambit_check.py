"""Solves games with Gambit: run by `scripts/gambit` in an environment of its own, where nothing of pyledger is.

Quantal response is followed to its limit, which in games without ties is their subgame-perfect equilibrium; small games
are solved a second time by going through all pure behaviour.
"""

from __future__ import annotations

import json
import sys
import tempfile
from fractions import Fraction
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

MOST_CHOICES = 12
"""Choices in a game whose pure behaviour is gone through."""


def efg(tree: Any) -> str:
    """The game in Gambit's own format."""
    numbers = {0: count(1), 1: count(1)}
    chances, ends = count(1), count(1)
    lines = ['EFG 2 R "game" { "0" "1" }', '""']

    def add(node: Any) -> None:
        if "payoffs" in node:
            lines.append(f't "" {next(ends)} "" {{ {node["payoffs"][0]!r}, {node["payoffs"][1]!r} }}')
        elif "chance" in node:
            parts = [Fraction(chance).limit_denominator(10**6) for chance, _ in node["chance"]]
            parts[-1] = 1 - sum(parts[:-1], Fraction())
            named = " ".join(f'"{at}" {part}' for at, part in enumerate(parts))
            lines.append(f'c "" {next(chances)} "" {{ {named} }} 0')
            for _, branch in node["chance"]:
                add(branch)
        else:
            player = node["player"]
            named = " ".join(f'"{at}"' for at in range(len(node["actions"])))
            lines.append(f'p "" {player + 1} {next(numbers[player])} "" {{ {named} }} 0')
            for _, after in node["actions"]:
                add(after)

    add(tree)
    return "\n".join(lines) + "\n"


def choices(tree: Any) -> int:
    """How many choices a game has."""
    below = [after for _, after in tree.get("actions", tree.get("chance", ()))]
    return ("actions" in tree) + sum(map(choices, below))


def solved(tree: Any) -> dict[str, Any]:
    """What Gambit says that both players expect."""
    pygambit: Any = import_module("pygambit")

    with tempfile.NamedTemporaryFile("w", suffix=".efg") as file:
        file.write(efg(tree))
        file.flush()
        game = pygambit.read_efg(file.name)
    limit = pygambit.nash.logit_solve(game, use_strategic=False, maxregret=1e-7).equilibrium
    found: dict[str, Any] = {"limit": [float(limit.payoffs[name]) for name in ("0", "1")], "tree": tree}
    if choices(tree) <= MOST_CHOICES:
        pure = pygambit.nash.enumpure_agent_solve(game).equilibria
        payoffs = [[float(each.payoffs[name]) for name in ("0", "1")] for each in pure]
        found["equilibria"] = len(pure)
        found["pure"] = min(
            payoffs, key=lambda each: abs(each[0] - found["limit"][0]) + abs(each[1] - found["limit"][1])
        )
    return found


def main(games: Path, output: Path) -> None:
    """Solve every game of a file, and write the solutions to another."""
    found = {name: solved(tree) for name, tree in json.loads(games.read_text(encoding="utf-8")).items()}
    lines = [f"{json.dumps(name)}: {json.dumps(each)}" for name, each in found.items()]
    output.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
