"""The command that checks a document: what is wrong in it, what it says, and what may go wrong although it is right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pyledger.cli import completing
from pyledger.cli.options import answers
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.cli.findings import Shown
    from pyledger.document.load import Draft
    from pyledger.document.risks import Review

__all__ = ["check"]


@click.command()
@click.argument("deal", metavar="DEAL", required=False, shell_complete=completing.deals)
@click.option(
    "--explain", "rule", metavar="ID", help="Say what a finding means, and how it is mended; `all` lists them."
)
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "sarif")), default="text", show_default=True,
    help="How to say it; `sarif` is for editors and code hosts.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@click.option("--quiet", "-q", is_flag=True, help="Leave the summary out: findings only.")
@click.option("--waive", metavar="ID", help="Write into the document that this finding is accepted (with --because).")
@click.option("--at", metavar="PATH", help="Which one to waive, as the finding's path says.")
@click.option("--because", metavar="REASON", help="Why it is accepted: part of the document and of its hash.")
@answers
@click.pass_context
def check(
    context: click.Context,
    deal: str | None,
    rule: str | None,
    form: str,
    strict: bool,
    quiet: bool,
    waive: str | None,
    at: str | None,
    because: str | None,
    screen: Screen,
) -> None:
    """Read a document strictly: every error with its line, or a summary of what it says and where it is at risk.

    Findings are errors, warnings and notes. What the parties have seen and accept is waived in the document itself,
    with a reason that is signed with it: `pyledger check FILE --waive CRE5 --because "it is insured"`.

    Exits with 1 when there are errors that nobody waived, with 2 when there is no such document.
    """
    screen = Screen(as_json=True) if form == "json" else screen
    if rule is not None:
        _explain(rule, screen)
        return
    if deal is None:
        raise click.UsageError("Missing argument 'DEAL'.", context)
    if waive is not None:
        _waive(deal, waive, at, because)
    elif at is not None or because is not None:
        raise click.UsageError("--at and --because belong to --waive ID.", context)
    failed = _as_sarif(deal, strict) if form == "sarif" else _as_said(deal, screen, strict=strict, quiet=quiet)
    if failed:
        context.exit(1)


def _explain(name: str, screen: Screen) -> None:
    from pyledger.cli.findings import explain, explain_all
    from pyledger.document.problem import did_you_mean
    from pyledger.document.risks import RULES
    from pyledger.document.units import printable
    from pyledger.errors import UsageError

    if name == "all":
        explain_all(screen)
    elif name.upper() in RULES:
        explain(name.upper(), screen)
    else:
        near = did_you_mean(name.upper(), RULES)
        hint = near if near.startswith("did you mean") else "`pyledger check --explain all` lists them"
        raise UsageError(f"there is no finding `{printable(name)}`", hint=hint)


def _reviewed(draft: Draft) -> Review:
    """Findings of every source: the document alone, and the analysis of its estimates."""
    from pyledger.document.risks import RULES, review, risks

    document = draft.document
    if document.estimates is None:
        return review(document, risks(document), asked=RULES)
    from pyledger.analysis.findings import estimated_risks

    return review(document, risks(document), estimated_risks(document), asked=RULES)


def _as_said(deal: str, screen: Screen, *, strict: bool, quiet: bool) -> bool:
    """Prints everything; returns whether the check fails."""
    from pyledger.cli.findings import counted, show_benefits, show_findings, to_show
    from pyledger.cli.papers import read_draft
    from pyledger.cli.summary import summarise
    from pyledger.document import document_hash
    from pyledger.document.classify import classify_all

    draft = read_draft(deal)
    review = _reviewed(draft)
    found, kinds = to_show(draft, review), classify_all(draft.document)
    digest = "0x" + document_hash(draft.document).hex()
    failed = review.fails(strict=strict)
    answer = {"document": deal, "ok": not failed, "title": draft.document.title, "hash": digest}
    screen.data(answer | _for_programs(found, kinds))
    if not quiet:
        summarise(draft.document, screen)
        show_benefits(kinds, screen)
    show_findings(found, draft.file, screen)
    screen.say()
    screen.say(f"{counted(found)}; document {digest}", "red" if failed else "green")
    if not quiet:
        screen.say(f"everything it says, in plain words: `pyledger explain {deal}`", "dim")
    if found and not quiet:
        screen.say("what a finding means: `pyledger check --explain ID`", "dim")
    return failed


def _for_programs(found: tuple[Shown, ...], kinds: tuple[Any, ...]) -> dict[str, Any]:
    from pyledger.cli.findings import to_json

    return {
        "findings": [to_json(each) for each in found],
        "benefits": [
            {
                "name": each.name,
                "class": each.class_,
                "because": list(each.fired),
                "flips": [{change.attribute: change.value for change in flip} for flip in each.flips],
            }
            for each in kinds
        ],
    }


def _as_sarif(deal: str, strict: bool) -> bool:
    """Prints one SARIF log, of a document that cannot be read too; returns whether the check fails."""
    from pyledger import __version__
    from pyledger.cli.bundled import is_bundle
    from pyledger.cli.findings import to_show
    from pyledger.cli.output import as_json
    from pyledger.cli.papers import read_draft
    from pyledger.cli.sarif import Artifact, sarif
    from pyledger.document.risks import RULES
    from pyledger.errors import DocumentError

    def artifact(file: str) -> Artifact:
        return Artifact(deal, inside=True) if file != deal and is_bundle(deal) else Artifact(file)

    try:
        draft = read_draft(deal)
    except DocumentError as error:
        click.echo(as_json(sarif(artifact(error.file), __version__, RULES, (), error.findings)))
        return True
    review = _reviewed(draft)
    click.echo(as_json(sarif(artifact(draft.file), __version__, RULES, to_show(draft, review))))
    return review.fails(strict=strict)


def _waive(deal: str, name: str, at: str | None, because: str | None) -> None:
    """Writes a waiver into a document's file; of what is waived already, for that reason, nothing is written."""
    from pyledger.cli.bundled import is_bundle
    from pyledger.cli.findings import to_show
    from pyledger.cli.papers import change_file, read_draft
    from pyledger.document.rewrite import append
    from pyledger.errors import UsageError

    if not because or not because.strip():
        raise UsageError("a waiver needs a reason", hint='give --because "why the parties accept it"')
    if not Path(deal).is_file():
        raise UsageError(
            f"`{deal}` is no file that could be changed", hint="copy it first: `pyledger new FILE --from …`"
        )
    if is_bundle(deal):
        raise UsageError(
            f"`{deal}` is a bundle, and what is in it may be signed", hint="waive it in the document, and bundle that"
        )
    draft, reason = read_draft(deal), " ".join(because.split())
    shown = to_show(draft, _reviewed(draft))
    if (path := _which(shown, name.upper(), at, reason)) is not None:
        entry = {"finding": name.upper(), "at": path, "because": reason}
        change_file(Path(deal), append(draft.text, ("waivers",), entry))


def _which(shown: tuple[Shown, ...], name: str, at: str | None, reason: str) -> str | None:
    """The path of the finding that is meant; None if it is waived already, for the same reason."""
    from pyledger.document.problem import did_you_mean
    from pyledger.document.risks import RULES
    from pyledger.document.units import printable
    from pyledger.errors import UsageError

    if name not in RULES:
        raise UsageError(f"there is no finding `{printable(name)}`", hint=did_you_mean(name, RULES))
    if name in ("WAI1", "WAI2"):
        raise UsageError(f"{name} cannot be waived", hint="mend the waiver that it is about")
    here = [each for each in shown if each.risk.id == name and at in (None, each.path)]
    standing = list(dict.fromkeys(each.path for each in here if each.waived is None))
    if len(standing) == 1:
        return standing[0]
    if standing:
        raise UsageError(f"{name} is found at {len(standing)} places", hint=f"give --at one of: {', '.join(standing)}")
    if here:
        if all(each.waived != reason for each in here):
            raise UsageError(
                f"{name} is waived already, because: {here[0].waived}", hint="change the reason under `waivers:`"
            )
        return None
    others = [each.path for each in shown if each.risk.id == name]
    hint = f"it is found at: {', '.join(others)}" if others else "`pyledger check` lists what is"
    raise UsageError(f"{name} is not found{f' at `{printable(at)}`' if at else ' in this document'}", hint=hint)
