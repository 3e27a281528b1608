"""What a deal pays, whatever happens: every outcome, a chosen history, and the same on a throwaway chain."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import click

from pyledger.cli.options import answers, deal_argument
from pyledger.cli.output import Screen
from pyledger.cli.writing import refuse_picture, refuse_there, write

if TYPE_CHECKING:
    from pyledger.analysis.outcomes import Outcomes
    from pyledger.analysis.scenario import Scenario
    from pyledger.analysis.stage import Stage
    from pyledger.analysis.stand_ins import Deal
    from pyledger.cli.whatif_tables import Views

__all__ = ["whatif"]

_SHOWN: Final = 24
_PLAYED: Final = 12
_TOLD: Final = 10_000


@click.command()
@deal_argument
@click.option("--that", metavar="NAME=WHAT,…", help="One history: un-lift=met,us-lift=lapsed (rest: silence).")
@click.option(
    "--scenario", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="One history, step by step."
)
@click.option("--party", metavar="NAME", help="Show what one party or recipient gains, the best outcome first.")
@click.option(
    "--picture", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.svg", help="Draw the outcomes too."
)
@click.option("--force", is_flag=True, help="Overwrite the picture if it is there.")
@click.option("--all", "everything", is_flag=True, help="Show every outcome, however many there are.")
@click.option("--on-chain", is_flag=True, help="Play it on a throwaway chain too, and compare every balance.")
@click.option("--most", default=_PLAYED, show_default=True, metavar="N", help="How many outcomes to play there.")
@answers
@click.pass_context
def whatif(
    context: click.Context,
    deal: str,
    that: str | None,
    scenario: Path | None,
    party: str | None,
    picture: Path | None,
    force: bool,
    everything: bool,
    on_chain: bool,
    most: int,
    screen: Screen,
) -> None:
    """Show who ends with what for each way a deal can go; or for one history.

    Computed by the settlement model, to the smallest unit: what each gains, less what it paid in. Histories that come
    to the same are one outcome. Exits with 1 where something is not as a scenario
    expects, or, with --on-chain, where the chain does otherwise than the model.

    Everybody acts as soon as it can. Every verdict, value, default, late joining and silence is gone through, but not:
    two parties that leave payments unfunded in the same phase, rulings of a court (which give no other verdicts than
    panels), and what all members may agree on later. A scenario plays these too.

    --that takes NAME=met, breached, lapsed or concede (NAME=met@VALUE where a value is attested), PARTY=absent and
    PARTY=default (PARTY=default@PHASE: in a later phase).

    A scenario is YAML: `steps:` with a list of things like {met: NAME, at: 30 days}, which is 30 days after its phase
    opened; also breached, lapsed, concede, default, join, challenge, ruling, extend, dissolve, settle; and `absent:`
    for parties that never join. What it expects is held against the model here; `pyledger run` plays such files on
    chains.
    """
    from pyledger.analysis.scenario import load_scenario, parse_that
    from pyledger.analysis.stand_ins import deal_of
    from pyledger.cli.papers import read_document
    from pyledger.errors import UsageError

    refuse_there(picture, force=force)
    refuse_picture(picture)
    if that is not None and scenario is not None:
        raise UsageError("--that and --scenario are both given", hint="give one of them")
    found = deal_of(read_document(deal))
    _require_known(found, party)
    if that is not None or scenario is not None:
        if picture is not None:
            raise UsageError("--picture draws all outcomes, not one history", hint="leave --that and --scenario out")
        chosen = parse_that(that, found) if that is not None else load_scenario(scenario or Path(), found)
        equal = _one(found, deal, chosen, party, screen, file=scenario, on_chain=on_chain)
    else:
        equal = _every(found, deal, party, screen, picture, everything=everything, played=most if on_chain else 0)
    if not equal:
        context.exit(1)


def _require_known(deal: Deal, party: str | None) -> None:
    from pyledger.cli.lazy import nearest
    from pyledger.errors import UsageError

    known = (*deal.document.parties, *deal.document.recipients)
    if party is not None and party not in known:
        raise UsageError(f"`{party}` is no party or recipient of this deal", hint=nearest(party, known))


# One history


def _one(
    deal: Deal,
    named: str,
    scenario: Scenario,
    party: str | None,
    screen: Screen,
    *,
    file: Path | None,
    on_chain: bool,
) -> bool:
    from pyledger.analysis.scenario import run
    from pyledger.analysis.stage import StepFails
    from pyledger.cli.whatif_history import plain_history, show_history
    from pyledger.errors import UsageError

    try:
        stage = run(deal, scenario)
    except StepFails as fails:
        raise UsageError(f"this cannot happen: {fails.message}", hint=fails.hint) from None
    shown = plain_history(stage, party)
    show_history(stage, party, screen)
    equal = file is None or _as_expected(deal, scenario, stage, file, shown, screen)
    if on_chain:
        from pyledger.cli.replay import theatre
        from pyledger.cli.whatif_history import gains_of

        with theatre(deal.document, start=stage.deal.start) as house:
            again = run(house.deal, scenario.model_copy(update={"start": None}))
            compared = house.play(again.acts, again.state.status, gains_of(stage))
        equal = equal and compared.equal
        shown["on_chain"] = _plain_compared(compared)
        screen.say()
        _show_compared(deal, [("this history", compared)], screen)
    screen.data({"document": named, **shown})
    return equal


def _as_expected(
    deal: Deal, scenario: Scenario, stage: Stage, file: Path, shown: dict[str, Any], screen: Screen
) -> bool:
    """Whether what the scenario expects is so; if it expects anything, that is said."""
    from pyledger.analysis.script import Script, unmet
    from pyledger.document.load import read_file
    from pyledger.document.tree import read_tree

    root, _ = read_tree(read_file(file), str(file))
    found = unmet(Script(str(file), "", scenario, deal, root), stage.seen, stage.facts())
    if stage.seen or scenario.expect is not None:
        shown["unmet"] = [each._asdict() for each in found]
        screen.say()
        screen.say("not all is as expected" if found else "all is as expected", "bold red" if found else "bold green")
        for each in found:
            screen.say(f"{file}:{each.line}: {each.what}: {each.actual}, not {each.expected}", "red", indent=2)
    return not found


# Every outcome


def _every(
    deal: Deal, named: str, party: str | None, screen: Screen, drawing: Path | None, *, everything: bool, played: int
) -> bool:
    from pyledger.analysis.outcomes import outcomes
    from pyledger.cli.whatif_tables import Views

    found = outcomes(deal)
    views = Views(deal, found, party)
    numbers = list(range(len(found.found)))
    if party is not None and views.places:
        numbers.sort(key=lambda each: [-found.found[each].gained[place] for place in views.places])
    shown = numbers if everything else numbers[:_SHOWN]
    if drawing is not None:
        _draw(views, shown[:_SHOWN], drawing)
    _say(views, shown, screen)
    if drawing is not None:
        screen.say(f"wrote {drawing}")
    compared = _play(views, numbers[:played], screen) if played else []
    if screen.as_json:
        found_there = [{"what": what, **_plain_compared(each)} for what, each in compared]
        more = {"picture": str(drawing)} if drawing else {}
        screen.data(
            {"document": named, **_plain(views, numbers), **more, **({"on_chain": found_there} if played else {})}
        )
    return all(each.equal for _, each in compared)


def _say(views: Views, shown: list[int], screen: Screen) -> None:
    from pyledger.cli.whatif_tables import BEST, WORST

    if screen.as_json:
        return
    found = views.found
    screen.say(views.deal.document.title, "bold")
    screen.say(_counted(found))
    screen.say()
    views.show(screen, shown)
    left = len(found.found) - len(shown)
    if left:
        screen.heading(
            f"{left:,} more outcomes; by how all {len(found.found):,} end, the least and most that each gains"
        )
        views.show_groups(screen)
        screen.heading("best and worst")
        views.show_extremes(screen)
    screen.say()
    screen.say(f"{BEST} best and {WORST} worst that can happen to one. Amounts: received less paid in.")
    if any(payment.tiers for phase in views.deal.terms.phases for payment in phase.payments):
        screen.say("Values are those at which a tier begins, or from which on it pays all.")
    for line in wrap(f"{_untold(views.deal)} One history: --that or --scenario.", screen.width):
        screen.say(line)
    if left:
        screen.say("Every one: --all.")


def _untold(deal: Deal) -> str:
    """What is not among the histories of a deal, as far as it can happen in it."""
    parts = []
    if any(len({payment.payer for payment in phase.payments}) > 1 for phase in deal.terms.phases):
        parts.append("two parties that leave payments unfunded in one phase")
    if deal.document.arbitration:
        parts.append("rulings of the court")
    if len(deal.terms.parties) > 1:
        parts.append("what all members may agree on later")
    left_out = f" Not gone through: {', '.join(parts)}." if parts else ""
    return f"Everybody acts as soon as it can.{left_out}"


def _plain(views: Views, numbers: list[int]) -> dict[str, Any]:
    found = views.found
    return {
        "outcomes": [views.plain(number) for number in numbers[:_TOLD]],
        "outcomes_in_all": len(numbers),
        "histories": found.ways,
        "departures_at_most": found.departures,
        "sets_of_parties_left_out": found.left_out,
        "groups": views.plain_groups(),
    }


def _counted(found: Outcomes) -> str:
    many = len(found.found)
    words = f"{found.ways:,} histories come to {many:,} different outcome{'' if many == 1 else 's'}."
    if found.departures is not None:
        upto = "one departure" if found.departures == 1 else f"up to {found.departures} departures"
        words = (
            f"There are too many to list. Shown are the {many:,} that {upto} from what was promised "
            f"{'leads' if found.departures == 1 else 'lead'} to; best and worst are of those."
        )
    if found.left_out:
        words += f" {found.left_out:,} sets of parties that might join are left out, the smallest ones."
    return words


def _draw(views: Views, numbers: list[int], path: Path) -> None:
    from pyledger.analysis.outcome_picture import Bar, Row, picture
    from pyledger.cli.whatif_tables import BEST

    found, largest = views.found, dict[bytes, int]()
    for number in numbers:
        for place in views.places:
            asset = found.book.places[place][1]
            largest[asset] = max(largest.get(asset, 1), abs(found.found[number].gained[place]))
    rows = []
    for number in numbers:
        gained = found.found[number].gained
        bars = tuple(
            Bar(
                gained[place] / largest[found.book.places[place][1]],
                views.gain(place, gained[place]),
                {"": "", BEST: "best"}.get(views.mark(place, gained[place]), "worst"),
            )
            for place in views.places
        )
        rows.append(Row(views.words(number), views.teller.ending(found.found[number]), bars))
    about = f"{_counted(found)} Filled bars to the right are gains, hatched bars to the left are losses."
    if len(numbers) < len(found.found):
        about += f" The {len(numbers)} with the fewest departures are drawn."
    drawn = picture(views.deal.document.title, about, [views.heading(place) for place in views.places], rows)
    write(path, drawn.encode(), force=True, private=views.deal.document.confidential is not None)


# On a chain


def _play(views: Views, numbers: list[int], screen: Screen) -> list[tuple[str, Any]]:
    from pyledger.analysis.outcomes import replayed
    from pyledger.cli.replay import theatre

    compared = []
    with theatre(views.deal.document, start=views.deal.start) as house:
        for number in numbers:
            outcome = views.found.found[number]
            acts = replayed(house.deal, outcome.histories[0]).acts
            places = zip(views.found.book.places, outcome.gained, strict=True)
            gains = {views.teller.place(place): gain for place, gain in places if gain}
            compared.append((f"{number + 1:,}", house.play(acts, outcome.status, gains)))
    screen.heading("on a chain")
    _show_compared(views.deal, compared, screen)
    return compared


def _show_compared(deal: Deal, compared: list[tuple[str, Any]], screen: Screen) -> None:
    from pyledger.analysis.telling import Teller, say_gain

    teller = Teller(deal)
    for what, each in compared:
        if each.equal:
            screen.say(f"  {what}: equal, to the smallest unit ({each.transactions} transactions)", "green")
            continue
        screen.say(f"  {what}: different{f': {each.refused}' if each.refused else ''}", "bold red")
        for who, asset, model, chain in each.differences:
            said = [f"{say_gain(teller.units(amount, asset))} {teller.symbol(asset)}" for amount in (model, chain)]
            screen.say(f"    {who}: {said[0]} by the model, {said[1]} on the chain", "red")
    if not all(each.equal for _, each in compared):
        screen.say("Model and chain must agree: this is a defect of pyledger, please report it.", "bold red")


def _plain_compared(compared: Any) -> dict[str, Any]:
    return {
        "equal": compared.equal,
        "transactions": compared.transactions,
        "differences": [
            {"who": who, "asset": asset, "model": str(model), "chain": str(chain)}
            for who, asset, model, chain in compared.differences
        ],
        **({"why": compared.refused} if compared.refused else {}),
    }
