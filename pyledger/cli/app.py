"""The program: its commands, and what becomes of errors.

Exit codes: 0 done (or nothing left to do), 1 refused or findings, 2 usage, 3 node, 4 transaction, 5 a program missing,
70 a defect of pyledger itself, 130 interrupted, 141 the reader of its output went away.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from shutil import get_terminal_size
from typing import Any, Final

import click
from click.exceptions import NoArgsIsHelpError

from pyledger import __version__
from pyledger.cli.lazy import Entry, LazyGroup
from pyledger.errors import BindingsError, DocumentError, PyledgerError, Refused

__all__ = ["DEFECT", "ENTRIES", "run"]

DEFECT: Final = 70
INTERRUPTED: Final = 130
READER_GONE: Final = 141

COMPLETION: Final = "_PYLEDGER_COMPLETE"
"""What a shell sets when it asks for completions: click answers and exits."""

START, DRAFT, SIGN, DECIDE, DISPUTE, AGREE, CLOSE, USE, READ, BOOKS, CHAIN = (
    "Start here",
    "Write a deal",
    "Enter into it",
    "Say what happened",
    "Contest it",
    "Change your minds",
    "Close it",
    "Use what it gives",
    "Read it",
    "Keep the books",
    "Chains and keys",
)

ENTRIES: Final = {
    "demo": Entry("pyledger.cli.demo:demo", START, "Play real agreements on a throwaway chain."),
    "examples": Entry("pyledger.cli.documents:examples", START, "List the gallery of documents, or show one."),
    "new": Entry("pyledger.cli.documents:new", DRAFT, "Start a document from one of the gallery."),
    "check": Entry("pyledger.cli.checking:check", DRAFT, "Say what is wrong, or at risk, in a document."),
    "explain": Entry("pyledger.cli.explaining:explain", DRAFT, "Say in plain words everything a document says."),
    "diff": Entry("pyledger.cli.comparing:diff", DRAFT, "Compare two drafts in the language of the deal."),
    "seal": Entry("pyledger.cli.sealing:seal", DRAFT, "Keep later phases to the parties until they open."),
    "schema": Entry("pyledger.cli.publishing:schema", DRAFT, "Print the format as JSON Schema, for editors."),
    "analyze": Entry("pyledger.cli.analyzing:analyze", DRAFT, "Say whether keeping a deal pays for everybody."),
    "whatif": Entry("pyledger.cli.whatif:whatif", DRAFT, "Show who ends with what, whatever happens."),
    "run": Entry("pyledger.cli.running:run", DRAFT, "Play scenarios, and check what becomes of everybody."),
    "pledge": Entry("pyledger.cli.pledging:pledge", DRAFT, "Promise alone: draft a pledge, see the public register."),
    "hash": Entry("pyledger.cli.documents:hash_", DRAFT, "Show the hash that names a document."),
    "address": Entry("pyledger.cli.documents:address", DRAFT, "Show where a document's agreement is, or would be."),
    "panel": Entry("pyledger.cli.forming:panel", SIGN, "Fill the seats of panels by nomination."),
    "sign": Entry("pyledger.cli.signing:sign", SIGN, "Sign the terms as a party, without a node."),
    "bundle": Entry("pyledger.cli.signing:bundle", SIGN, "Put all that was agreed and signed into one file."),
    "open": Entry("pyledger.cli.parties:open_", SIGN, "Open the agreement of a document."),
    "accept": Entry("pyledger.cli.parties:accept", SIGN, "Join as a party, posting its bond."),
    "enter": Entry("pyledger.cli.agreeing:enter", SIGN, "Begin without those who have not joined."),
    "fund": Entry("pyledger.cli.parties:fund", SIGN, "Pay in what a party owes now: bond and escrow."),
    "attest": Entry("pyledger.cli.verdicts:attest", DECIDE, "Say as a verifier what became of an obligation."),
    "submit": Entry("pyledger.cli.verdicts:submit", DECIDE, "Relay what was signed offline."),
    "ballot": Entry("pyledger.cli.balloting:ballot", DECIDE, "Decide as several who vote in secret."),
    "concede": Entry("pyledger.cli.verdicts:concede", DECIDE, "Admit a breach as the obligor."),
    "comment": Entry("pyledger.cli.disputes:comment", DECIDE, "Say something on record."),
    "comments": Entry("pyledger.cli.disputes:comments", DECIDE, "Show who was heard, and what has to be answered."),
    "standing": Entry("pyledger.cli.standing:standing", DECIDE, "Have many heard as one, by credentials."),
    "submission": Entry("pyledger.cli.remarks:submission", DECIDE, "Keep a text off the chain, with its hash on it."),
    "challenge": Entry("pyledger.cli.disputes:challenge", DISPUTE, "Contest a verdict before the court."),
    "rule": Entry("pyledger.cli.disputes:rule", DISPUTE, "Answer as a judge what was contested."),
    "court": Entry("pyledger.cli.disputes:court", DISPUTE, "Make a court, and see what is before it."),
    "extend": Entry("pyledger.cli.agreeing:extend", AGREE, "Give more time, because all members agree."),
    "dissolve": Entry("pyledger.cli.agreeing:dissolve", AGREE, "End it another way, because all members agree."),
    "release": Entry("pyledger.cli.closing:release", CLOSE, "Pay out what verdicts have released."),
    "settle": Entry("pyledger.cli.closing:settle", CLOSE, "Close the phase: pay, forfeit, return, move on."),
    "unwind": Entry("pyledger.cli.closing:unwind", CLOSE, "End what cannot go on: too few joined, or time is over."),
    "withdraw": Entry("pyledger.cli.closing:withdraw", CLOSE, "Take money that could not be sent."),
    "gateway": Entry("pyledger.cli.gateways:gateway", USE, "Let into a service whom an agreement entitles."),
    "request": Entry("pyledger.cli.gateways_request:request", USE, "Ask a service behind a gateway, as a holder."),
    "seats": Entry("pyledger.cli.seats:seats", USE, "Keep seats at a table as tokens that cannot be moved."),
    "audit": Entry("pyledger.cli.gateways:audit", USE, "Check a gateway's record, and sum it up."),
    "status": Entry("pyledger.cli.reading:status", READ, "Show how an agreement stands and what can be done next."),
    "history": Entry("pyledger.cli.retelling:history", READ, "Tell what has happened to an agreement, and who did it."),
    "rights": Entry("pyledger.cli.rights:rights", READ, "Show which benefits hold now, and what may be undone."),
    "watch": Entry("pyledger.cli.watching:watch", READ, "Watch what happens, as it happens."),
    "list": Entry("pyledger.cli.listing:list_", READ, "List every agreement on a chain, and what comes next in it."),
    "record": Entry("pyledger.cli.tracking:record", READ, "Show what past agreements say of an account."),
    "serve": Entry("pyledger.cli.serving:serve", READ, "Show all agreements as pages and JSON, to whoever asks."),
    "verify": Entry("pyledger.cli.reading:verify", READ, "Check that an address, or a bundle, holds a document."),
    "disclose": Entry("pyledger.cli.reading:disclose", READ, "Publish the terms anew, for observers."),
    "sync": Entry("pyledger.cli.books:sync", BOOKS, "Read what is new on a chain into the store."),
    "export": Entry("pyledger.cli.bookkeeping:export", BOOKS, "Write the journal for accountants and programs."),
    "reconcile": Entry("pyledger.cli.bookkeeping:reconcile", BOOKS, "Hold the books against the chain, to the unit."),
    "chain": Entry("pyledger.cli.chains:chain", CHAIN, "Run a local chain and move its clock."),
    "deploy": Entry("pyledger.cli.chains:deploy", CHAIN, "Put the contracts on a chain."),
    "keys": Entry("pyledger.cli.keyring:keys", CHAIN, "Make and list keys."),
    "completion": Entry("pyledger.cli.shells:completion", CHAIN, "Have your shell complete what you type."),
}

root = LazyGroup(
    ENTRIES,
    name="pyledger",
    help="Agreements in phases, with bonds and escrow that nobody controls.\n\n"
    "A DEAL is a document (a file, or a name from the gallery) or the address of an agreement. "
    "Every command takes --json, and --help says what else.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 refused or findings, 2 usage, 3 node, 4 transaction, 5 a program is missing.",
)
click.version_option(__version__, prog_name="pyledger", message="%(prog)s %(version)s")(root)


def run(argv: Sequence[str]) -> int:
    """Run one command; returns its exit code and never raises, except for what ends the interpreter."""
    as_json = "--json" in argv or "--format=json" in argv or ("--format", "json") in pairwise(argv)
    try:
        found = root.main(args=list(argv), prog_name="pyledger", standalone_mode=False)
        sys.stdout.flush()
    except PyledgerError as error:
        if (read := _unreadable(error)) is not None:
            findings = "".join(f"{finding.render(read.file)}\n" for finding in read.findings)
            return _fail(error.exit_code, _described(error), read.what, as_json=as_json, before=findings)
        return _failed(error, as_json=as_json)
    except click.ClickException as error:
        return _misused(error, as_json=as_json)
    except (click.Abort, KeyboardInterrupt):
        return _stopped(as_json=as_json)
    except (BrokenPipeError, SystemExit) as ended:
        if COMPLETION in os.environ:
            return ended.code if isinstance(ended, SystemExit) and isinstance(ended.code, int) else 0
        # Click and rich turn a broken pipe into SystemExit; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except Exception as error:  # nobody should meet a traceback for a defect of ours
        if os.environ.get("PYLEDGER_DEBUG"):
            raise
        code, kind, what = _unforeseen(error)
        return _fail(code, {"kind": kind, "what": what}, what, as_json=as_json)
    return found if isinstance(found, int) else 0


def _misused(error: click.ClickException, *, as_json: bool) -> int:
    """What click finds wrong with a command line, and which help says more; of a group alone its help."""
    what, context = error.format_message(), error.ctx if isinstance(error, click.UsageError) else None
    if isinstance(error, NoArgsIsHelpError) and not as_json:
        click.echo(what, err=True)
        return error.exit_code
    described = {"kind": type(error).__name__, "what": what}
    if context is None:
        return _fail(error.exit_code, described, what, as_json=as_json)
    hint = f"see `{context.command_path} --help`"
    said = f"{what}\n  next:  {hint}"
    return _fail(error.exit_code, described | {"hint": hint}, said, as_json=as_json, before=f"{context.get_usage()}\n")


def _failed(error: PyledgerError, *, as_json: bool) -> int:
    """What a command ends with that says why; Ctrl-C ends a local chain too, and who tidies up then finds no node."""
    first: BaseException | None = error
    while first is not None and not isinstance(first, KeyboardInterrupt):
        first = first.__context__
    if first is not None:
        return _stopped(as_json=as_json)
    return _fail(error.exit_code, _described(error), str(error), as_json=as_json)


def _stopped(*, as_json: bool) -> int:
    return _fail(INTERRUPTED, {"kind": "Interrupted", "what": "interrupted"}, "interrupted", as_json=as_json)


def _unforeseen(error: Exception) -> tuple[int, str, str]:
    """Exit code, kind and words for what is no error of pyledger's own: the system's, or a defect."""
    if not isinstance(error, OSError):
        return DEFECT, "Defect", _defect(error)
    if error.errno == errno.ENOSPC:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python fails once more at its exit
    place = error.filename or "what is printed"
    return 1, type(error).__name__, f"cannot read or write {place}: {error.strerror or error}"


def _defect(error: Exception) -> str:
    return (
        f"pyledger has a defect: {type(error).__name__}: {error}\n"
        "  next:  run it again with PYLEDGER_DEBUG=1 and report what it prints, with the command that led to it"
    )


def _unreadable(error: PyledgerError) -> DocumentError | None:
    """What a file that cannot be read has wrong, line by line: a document's, or that of bindings."""
    cause = error if isinstance(error, DocumentError) else error.__cause__
    return cause if isinstance(cause, DocumentError) and isinstance(error, DocumentError | BindingsError) else None


def _described(error: PyledgerError) -> dict[str, Any]:
    """An error as a program reads it."""
    found: dict[str, Any] = {"kind": type(error).__name__, "what": error.what}
    if error.where:
        found["where"] = error.where
    if error.hint:
        found["hint"] = error.hint
    if isinstance(error, Refused):
        found |= {"name": error.name, "values": {key: _value(value) for key, value in error.values.items()}}
    if (read := _unreadable(error)) is not None:
        found |= {
            "file": read.file,
            "findings": [
                {key: getattr(finding, key) for key in ("message", "path", "line", "column", "hint")}
                for finding in read.findings
            ],
        }
    return found


def _value(value: object) -> object:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value if isinstance(value, str | bool) or value is None else str(value)


def _fail(code: int, described: dict[str, Any], words: str, *, as_json: bool, before: str = "") -> int:
    """Says what went wrong: words on stderr, or one JSON object on stdout for a program that asked for JSON."""
    from pyledger.cli.output import as_json as said, fitted, shown

    if as_json:
        click.echo(said({"error": {**described, "exit_code": code}}))
        return code

    def lines(text: str) -> str:  # what nodes, tokens and files say may be part of it
        return fitted(shown(text), get_terminal_size().columns) if sys.stderr.isatty() else shown(text)

    mark = click.style("error:", fg="red", bold=True)
    click.echo(lines(before) + mark + lines(f"error: {words}").removeprefix("error:"), err=True, color=_color())
    return code


def _color() -> bool | None:
    """Click asks only whether it writes to a terminal; people also say so by NO_COLOR."""
    return False if os.environ.get("NO_COLOR") else None
