"""Pledges: promises of one party. Drafted in one command, shown in a public register, led on to a clause."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pyledger.cli.books import depth_option, opened, store_option
from pyledger.cli.lazy import Group
from pyledger.cli.options import Where, answers, network_option, output_option
from pyledger.cli.output import Screen, clock
from pyledger.cli.writing import refuse_there, write

if TYPE_CHECKING:
    from pyledger.cli.books import Books
    from pyledger.document.circumstances import InstrumentLevel, Ladder
    from pyledger.document.pledges import Deposit
    from pyledger.observer.pledges import Pledge, Promise

__all__ = ["pledge"]

_LEVELS: Final[tuple[InstrumentLevel, ...]] = ("soft_pledge", "mou", "executive_agreement", "treaty")


@click.group(cls=Group)
def pledge() -> None:
    """Promises of one party: measured, reviewed by referees, with a deposit or without; and what has become of them."""


@pledge.command(name="new")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--by", "maker", required=True, metavar="NAME", help="Who promises.")
@click.option("--promise", required=True, metavar="TEXT", help="What, in a sentence that can be found true or false.")
@click.option("--review-in", required=True, metavar="DURATION", help='When it is reviewed: "12 months" from joining.')
@click.option("--referee", "referees", required=True, multiple=True, metavar="NAME", help="Who finds out; several may.")
@click.option("--evidence", required=True, metavar="TEXT", help="What will show whether it was kept, and where.")
@click.option("--metric", metavar="TEXT", help="What number measures it.")
@click.option("--unit", metavar="TEXT", help="What the number counts: runs, tonnes, percent.")
@click.option("--at-least", metavar="NUMBER", help="With --metric: the least that counts as kept.")
@click.option("--at-most", metavar="NUMBER", help="With --metric: the most that counts as kept.")
@click.option("--deposit", metavar="'AMOUNT SYMBOL'", help='What is lost if it is broken: "10_000 USDX".')
@click.option(
    "--decimals", type=click.IntRange(0, 36), default=6, show_default=True, help="Those of the deposit's token."
)
@click.option("--forfeits-to", metavar="NAME", help="With --deposit: who receives it then.")
@click.option("--leads-to", type=click.Choice(_LEVELS), help="What kind of paper it is to become.")
@click.option("--after-kept", type=click.IntRange(1), help="With --leads-to: after so many promises kept.")
@click.option("--after-makers", type=click.IntRange(1), help="With --leads-to: after so many makers have kept one.")
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@answers
def new(file: Path, screen: Screen, *, force: bool, **said: Any) -> None:
    """Write the document of a pledge into FILE: what is promised, how it is measured, who looks, what is at stake.

    It is a document like any other: change it as you like, `check` it, `open` and `accept` it.
    """
    from pyledger.document import document_hash
    from pyledger.document.pledges import Wish, pledge as drafted
    from pyledger.errors import UsageError

    least, most = (_number(said[key], f"--{key.replace('_', '-')}") for key in ("at_least", "at_most"))
    if (least is not None or most is not None or said["unit"]) and not said["metric"]:
        raise UsageError("a number is given and nothing that it measures", hint="say with --metric what it is of")
    if least is not None and most is not None:
        raise UsageError("--at-least and --at-most are both given", hint="keep the one that counts as kept")
    wish = Wish(
        maker=said["maker"],
        promise=said["promise"],
        review_in=said["review_in"],
        referees=said["referees"],
        evidence=said["evidence"],
        metric=said["metric"],
        unit=said["unit"],
        target=most if least is None else least,
        most=most is not None,
        deposit=_deposit(said["deposit"], said["decimals"], said["forfeits_to"]),
        ladder=_ladder(said["leads_to"], said["after_kept"], said["after_makers"]),
    )
    with _unwritten(file):
        draft = drafted(wish, file=str(file))
    write(file, draft.text.encode(), force=force)
    screen.data({"file": str(file), "document": "0x" + document_hash(draft.document).hex()})
    screen.say(f"wrote {file}")
    screen.say(f"next: pyledger check {file}", "dim")


def _number(text: str | None, option: str) -> Decimal | None:
    from pyledger.errors import UsageError

    if text is None:
        return None
    try:
        found = Decimal(text.replace("_", ""))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise UsageError(f"`{text}` is no number", where=option, hint="write for example 1_000 or 0.25")
    return found


def _deposit(text: str | None, decimals: int, to: str | None) -> Deposit | None:
    from pyledger.document.pledges import Deposit
    from pyledger.errors import UsageError

    if text is None:
        if to is not None:
            raise UsageError("nothing is deposited that could be forfeited", hint='give --deposit "10_000 USDX"')
        return None
    number, _, symbol = text.strip().partition(" ")
    amount = _number(number, "--deposit")
    if not symbol.strip() or amount is None:
        raise UsageError(f"`{text}` is no amount of anything", where="--deposit", hint='write "10_000 USDX"')
    if to is None:
        raise UsageError(
            "it is not said who receives the deposit if the promise is broken",
            hint="say --forfeits-to NAME",
        )
    return Deposit(amount, symbol.strip(), decimals, to)


def _ladder(to: str | None, kept: int | None, makers: int | None) -> dict[str, object] | None:
    from pyledger.errors import UsageError

    if to is None and kept is None and makers is None:
        return None
    if to is None or (kept is None and makers is None):
        raise UsageError(
            "it is not said where the pledge leads, or after what",
            hint="give both, as in --leads-to treaty --after-kept 3",
        )
    parts = {"to": to, "kept": kept, "makers": makers}
    return {key: value for key, value in parts.items() if value is not None}


@contextmanager
def _unwritten(file: Path) -> Iterator[None]:
    """What is wrong with a draft that is not written is said of what was asked for: there is no file to look into."""
    from pyledger.errors import DocumentError, UsageError

    try:
        yield
    except DocumentError as error:
        first = error.findings[0]
        raise UsageError(
            f"no document can be made of this: {first.message}",
            where=f"{first.path}, of what would be {file}",
            hint=first.hint or "say it another way",
        ) from None


def _asked(rung: Ladder) -> str:
    """After what a ladder leads on, in words."""
    counts = ((rung.kept, "kept"), (rung.makers, "makers"))
    return " or ".join(f"{count} {what}" for count, what in counts if count is not None)


def _register(where: Where, store_url: str | None, depth: int, screen: Screen) -> list[Pledge]:
    """Every pledge of a chain, those that changed last first; documents of those opened from here are known."""
    from pyledger.ledger.browse import part
    from pyledger.observer.pledges import pledge_of
    from pyledger.observer.reading import read_agreement

    with opened(where, store_url, depth, screen) as books:
        _bring_own(books)
        with books.store.reading() as database:
            listed = part(database, books.cursor.source, limit=_MOST, alone=True)
        now = books.connection.latest_time()
        read = (read_agreement(books.store, books.cursor.source, each.address, now=now) for each in listed)
        return [found for each in read if each is not None and (found := pledge_of(each)) is not None]


_MOST = 1_000
"""Most pledges that one look at the register reads."""


def _bring_own(books: Books) -> None:
    """Keep in the store the documents of pledges that were opened from here, so that the register has their words."""
    import time

    from pyledger.cli.papers import openings
    from pyledger.document import document_hash
    from pyledger.ledger.papers import add_document
    from pyledger.ledger.reading import agreements, documents

    own = {
        document_hash(each.document): each
        for each in openings(books.cursor.chain_id)
        if len(each.document.parties) == 1 and each.document.confidential is None
    }
    with books.store.writing() as database:
        for digest in own.keys() - documents(database, own.keys()).keys():
            if agreements(database, books.cursor.source, document=digest, limit=1):
                each = own[digest]
                add_document(
                    database, books.cursor.source, each.document, each.text, each.bindings, now=int(time.time())
                )


@pledge.command(name="list")
@network_option
@store_option
@depth_option
@click.option("--maker", metavar="NAME|ADDRESS", help="Only those of one maker.")
@click.option(
    "--status",
    type=click.Choice(["kept", "missed", "lapsed", "open", "overdue", "defaulted", "withdrawn"]),
    help="Only these.",
)
@answers
def list_(
    where: Where, store_url: str | None, depth: int, maker: str | None, status: str | None, screen: Screen
) -> None:
    """Show the public register: every pledge on a chain, promise by promise, and what has become of it."""
    from pyledger.observer.shapes import plain

    shown = [
        (pledge, promise)
        for pledge in _register(where, store_url, depth, screen)
        for promise in pledge.promises
        if maker in (None, pledge.maker, pledge.account) and status in (None, promise.status)
    ]
    screen.data([plain(pledge) for pledge in dict.fromkeys(pledge for pledge, _ in shown)])
    if not shown:
        screen.say("no pledges")
        return
    rows = [
        (pledge.maker, promise.what, _measured(promise), _review(promise), _stake(pledge), _stands(promise))
        for pledge, promise in shown
    ]
    columns = ("by", "promise", "measured by", "review", "deposit", "stands")
    screen.table(rows, columns=columns, fold=(0, 1, 2, 3, 4, 5), styles={0: "cyan"})
    for pledge in dict.fromkeys(pledge for pledge, _ in shown if pledge.undisclosed):
        more = "a phase" if pledge.undisclosed == 1 else f"{pledge.undisclosed} phases"
        screen.say(f"{pledge.maker}: {more} of {pledge.agreement} nobody else can read until it opens", "yellow")


def _measured(promise: Promise) -> str:
    parts = [promise.metric or ""]
    if promise.target is not None:
        parts.append(f"target {promise.target}")
    if promise.attested is not None:
        parts.append(f"found {promise.attested}")
    return "; ".join(each for each in parts if each)


def _review(promise: Promise) -> str:
    return clock(promise.review_by) if promise.review_by is not None else "not in force yet"


def _stands(promise: Promise) -> str:
    if promise.by_number in (None, promise.status):
        return promise.status
    return f"{promise.status}, but by its number {promise.by_number}"


def _stake(pledge: Pledge) -> str:
    return str(pledge.deposit) if pledge.deposit is not None else "none"


@pledge.command()
@click.argument("pledges", nargs=-1, required=True, metavar="FILE...")
@click.option("--to", type=click.Choice(_LEVELS), help="What kind of paper (default: as the pledges say).")
@output_option("Where the draft goes.", required=True)
@click.option("--force", is_flag=True, help="Overwrite the output if it is there.")
@network_option
@store_option
@depth_option
@answers
def ladder(
    pledges: tuple[str, ...],
    to: InstrumentLevel | None,
    output: Path,
    force: bool,
    where: Where,
    store_url: str | None,
    depth: int,
    screen: Screen,
) -> None:
    """Draft a clause for all from pledges that were kept, once as many are as the pledges themselves ask for.

    What counts is what the chain says of these very documents: verdicts, and not those that the number signed with
    them contradicts. The draft has every maker as a party, its promises
    decided as before and its deposit as bond; what it should be beyond that is negotiated.
    """
    from pyledger.cli.papers import read_draft
    from pyledger.document import document_hash
    from pyledger.document.pledges import clause
    from pyledger.errors import MismatchError, UsageError
    from pyledger.observer.pledges import progress

    refuse_there(output, force=force)
    drafts = [read_draft(each) for each in pledges]
    rungs = [each.document.ladder for each in drafts if each.document.ladder is not None]
    level = to or max((rung.to for rung in rungs), key=_LEVELS.index, default=None)
    if level is None:
        raise UsageError("none of these pledges says where it leads", hint="give --to, such as --to treaty")
    hashes = {"0x" + document_hash(each.document).hex() for each in drafts}
    found = _register(where, store_url, depth, screen)
    reached = progress(each for each in found if each.document in hashes)
    for each in drafts:
        rung = each.document.ladder
        if rung is not None and not rung.reached(kept=reached.kept, makers=reached.makers):
            raise MismatchError(
                f"it is too early: promises kept so far: {reached.kept}; makers who kept one: {reached.makers}",
                where=f"{each.file}, which asks for {_asked(rung)}",
                hint="`pyledger pledge list` shows how they stand; give all pledges that are to count",
            )
    with _unwritten(output):
        draft = clause(drafts, level, file=str(output))
    write(output, draft.text.encode(), force=force)
    screen.data({"file": str(output), "kept": reached.kept, "makers": reached.makers, "to": level})
    screen.say(f"wrote {output}; promises kept: {reached.kept}, makers who kept one: {reached.makers}")
    screen.say(f"next: pyledger check {output}", "dim")
