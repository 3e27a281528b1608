"""The comparison of what a deal consists of besides its phases: the deal itself, its parties, panels, surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pyledger.document.diff import effects
from pyledger.document.diff.effects import NEUTRAL, Effect, open_
from pyledger.document.diff.fields import entries, fields, items, order, whole
from pyledger.document.diff.shapes import Change, Pair, Spot
from pyledger.document.diff.words import Unit, describe, label, symbol, unit_in
from pyledger.document.model import Document, Panel, Party

__all__ = ["accounts", "deal", "panels", "surroundings"]

_DEAL: Final[Mapping[str, str]] = {
    "ratification": "what waits for a ratification waits for another",
    "confidential": "others than the parties know more of it, or less, before it opens",
    "amendment": "whether the deal may change is read, not computed",
    "arbitration": "it decides who can contest a verdict, and for how long",
    "accession": "who is not in yet may join later, or no longer",
    "join_within": "there is another time to join",
    "join_by": "there is another time to join",
    "long_stop": "the day on which everything left goes back is another",
    "long_stop_after": "the day on which everything left goes back is another",
    "min_parties": "fewer or more can begin without the others",
    "top_up_within": "there is another time to make up a bond that is short",
    "default_forfeits": "it falls on whoever does not pay in",
    "assets": "amounts are of what they are counted in",
}
"""Fields of the document that shift something, one cannot say for whom."""

_BESIDES: Final = frozenset(
    {
        "pyledger", "glossary", "notes", "beyond", "affected_groups", "verifiers", "benefits", "assets", "parties",
        "recipients", "standing", "panels", "phases", "estimates", "waivers",
    }
)  # fmt: skip
"""Fields of the document that are compared by themselves."""

_LISTS: Final[Mapping[str, str]] = {"notes": "note", "beyond": "beyond the terms", "waivers": "waiver"}
_NAMED: Final = open_("it is who may be paid, or contest a verdict, that changes")
_REVOCABLE: Final = ("instantly_revocable", "revocable_with_notice", "degradable", "irrevocable")
_TO: Final = "the longer, the surer and the larger, the better for whoever receives it"


def deal(pair: Pair) -> Iterator[Change]:
    """Title, times, court, and whatever else is said once."""
    spot = Spot("", "the deal")
    least = tuple(document.needed_parties for document in pair)
    hidden = {"min_parties"} if least[0] == least[1] else set()
    without = _BESIDES | hidden
    yield from fields(pair, spot, pair.old, pair.new, _weigh_deal, without=without)
    if hidden and pair.old.min_parties != pair.new.min_parties:
        yield from _said_least(pair, spot)
    yield from entries(pair, spot._replace(at="assets"), "asset", pair.old.assets, pair.new.assets, _asset)
    glossaries = pair.old.glossary, pair.new.glossary
    words = open_("what a word means changes what is promised")
    yield from entries(pair, spot._replace(at="glossary"), "the word", *glossaries, lambda _: words)


def _said_least(pair: Pair, spot: Spot) -> Iterator[Change]:
    """How many parties are needed, said or left out, where it comes to the same number of other parties."""
    counts = [document.needed_parties != len(document.parties) for document in pair]
    if counts[0] != counts[1]:
        here = spot._replace(at="min_parties")
        values = tuple(f"{each.needed_parties} of {len(each.parties)}" for each in pair)
        words = f"{values[0]} → {values[1]}"
        what = label(Document, "min_parties")
        yield Change(here.at, "changed", here.about, what, words, open_(_DEAL["min_parties"]), *values)


def _weigh_deal(name: str) -> Effect:
    return open_(_DEAL[name]) if name in _DEAL else NEUTRAL


def _asset(_: str) -> Effect:
    return open_(_DEAL["assets"])


def accounts(pair: Pair) -> Iterator[Change]:
    """Parties with their bonds, those who receive, those with standing."""
    for name in _both(pair.old.parties, pair.new.parties):
        spot = Spot(f"parties.{name}", f"party {name}")
        one, other = pair.old.parties.get(name), pair.new.parties.get(name)
        if one is None and other is not None:
            effect = open_("one party more signs; what it owes and receives is told below")
            yield spot.added("party", f"new: {_saying(pair.new, other)}", effect)
        elif other is None and one is not None:
            yield spot.removed("party", f"gone; it said: {_saying(pair.old, one)}", open_("one party fewer signs"))
        elif one is not None and other is not None:
            yield from _party(pair, spot, name, (one, other))
    yield from order(
        Spot("parties", "the parties"), "parties", "order", (tuple(pair.old.parties), tuple(pair.new.parties))
    )
    for kind, title in (("recipients", "recipient"), ("standing", "standing of")):
        old, new = getattr(pair.old, kind), getattr(pair.new, kind)
        spot = Spot(kind, "who else is named")
        yield from entries(pair, spot, title, old, new, lambda _: _NAMED)
    standing = Spot("standing", "who else is named")
    yield from order(standing, "standing", "order of standing", (tuple(pair.old.standing), tuple(pair.new.standing)))


def _party(pair: Pair, spot: Spot, name: str, parties: tuple[Party, Party]) -> Iterator[Change]:
    old, new = parties
    units = tuple(Unit(symbol(pair[i], b.asset)) if (b := parties[i].bond) else Unit() for i in range(2))

    def weigh(field: str) -> Effect:
        if field not in ("bond", "forfeits_to"):
            return NEUTRAL
        if old.bond is None or new.bond is None or old.bond.asset != new.bond.asset:
            return effects.bond(*pair, name)
        # Each by itself: what the other one changes is told there.
        before = new.model_copy(update={field: getattr(old, field)})
        return effects.bond(pair.new.model_copy(update={"parties": {name: before}}), pair.new, name)

    yield from fields(pair, spot._replace(units=(units[0], units[1])), *parties, weigh)


def _saying(document: Document, thing: Party | Panel) -> str:
    return describe(thing, unit_in(document, thing, Unit()))


def panels(pair: Pair) -> Iterator[Change]:
    """Who decides, and by how many voices."""
    for name in _both(pair.old.panels, pair.new.panels):
        spot = Spot(f"panels.{name}", f"panel {name}")
        one, other = pair.old.panels.get(name), pair.new.panels.get(name)
        if one is None and other is not None:
            yield spot.added("panel", f"new: {_saying(pair.new, other)}", open_("it decides what is put to it"))
        elif other is None and one is not None:
            yield spot.removed("panel", f"gone; it said: {_saying(pair.old, one)}", open_("others decide now"))
        elif one is not None and other is not None:
            yield from _panel(pair, spot, name, (one, other))

    orders = tuple(pair.old.panels), tuple(pair.new.panels)
    yield from order(Spot("panels", "the panels"), "panels", "order", orders)


def _panel(pair: Pair, spot: Spot, name: str, found: tuple[Panel, Panel]) -> Iterator[Change]:
    old, new = found
    harder = _harder(*found)
    votes = effects.voting(pair.new, name, harder=harder) if harder is not None else open_("other votes decide")

    def weigh(field: str) -> Effect:
        return votes if field in ("threshold", "preset", "chambers") else open_("other people decide")

    yield from fields(pair, spot, old, new, weigh)
    if old.chambers is not None and new.chambers is not None:
        orders = tuple(old.chambers), tuple(new.chambers)
        yield from order(spot, spot.down("chambers"), "order of chambers", orders)


def _harder(old: Panel, new: Panel) -> bool | None:
    """Whether the same seats need more voices now (False: fewer); None where that cannot be said."""
    if [seat for seat, _ in old.seats] != [seat for seat, _ in new.seats] or len(old.quotas) != len(new.quotas):
        return None
    needs = [(old.needed, new.needed), *zip(old.quotas, new.quotas, strict=True)]
    signs = {(after > before) - (after < before) for before, after in needs} - {0}
    return signs == {1} if len(signs) == 1 else None


def surroundings(pair: Pair) -> Iterator[Change]:
    """What no contract holds: benefits, groups, verifiers, estimates, notes, waivers."""
    for name in _both(pair.old.benefits, pair.new.benefits):
        yield from _benefit(pair, name)
    for kind, title in (("affected_groups", "group"), ("verifiers", "verifier")):
        found = getattr(pair.old, kind), getattr(pair.new, kind)
        yield from entries(pair, Spot(kind, kind.replace("_", " ")), title, *found, lambda _: NEUTRAL)
    yield from _estimates(pair)
    for kind, title in _LISTS.items():
        said = tuple(
            tuple(each if isinstance(each, str) else describe(each, Unit()) for each in getattr(document, kind))
            for document in pair
        )
        effect = open_("a risk is accepted, or no longer") if kind == "waivers" else NEUTRAL
        yield from items(Spot(kind, "what is said besides"), title, (said[0], said[1]), effect, spoken=kind == "notes")


def _estimates(pair: Pair) -> Iterator[Change]:
    old, new = pair.old.estimates, pair.new.estimates
    spot = Spot("estimates", "estimates")
    if old is not None and new is not None:
        yield from fields(pair, spot, old, new, lambda _: NEUTRAL)
    elif old is not None or new is not None:
        units = tuple(unit_in(d, d.estimates, Unit()) if d.estimates else Unit() for d in pair)
        yield whole(Document, "estimates", (old, new), spot._replace(units=(units[0], units[1])), "estimates", NEUTRAL)


def _benefit(pair: Pair, name: str) -> Iterator[Change]:
    spot = Spot(f"benefits.{name}", f"benefit {name}")
    one, other = pair.old.benefits.get(name), pair.new.benefits.get(name)
    found = other or one
    assert found is not None
    giver, takers = (found.from_,), found.to
    document = pair.new if other else pair.old
    saying = describe(found, unit_in(document, found, Unit()))
    if one is None:
        yield spot.added("benefit", f"new: {saying}", effects.shifted(takers, giver, "it is given to them"))
        return
    if other is None:
        yield spot.removed("benefit", f"gone; it said: {saying}", effects.shifted(giver, takers, "it is not given"))
        return

    def weigh(field: str) -> Effect:
        if field == "from_":
            return effects.shifted((one.from_,), giver, "another gives it")
        if field == "to":
            return effects.shifted(other.to, one.to, "others receive it")
        better = _better(field, getattr(one, field), getattr(other, field))
        if better is None:
            return open_("what it is worth, and to whom, is for the parties to say")
        return effects.shifted(takers, giver, _TO) if better else effects.shifted(giver, takers, _TO)

    yield from fields(pair, spot, one, other, weigh)


def _better(field: str, old: object, new: object) -> bool | None:
    """Whether a benefit is better for whoever receives it now; None where that cannot be said."""
    if field == "value" and old is not None and new is not None:
        return bool(new > old)  # type: ignore[operator]
    if field == "generation_lag" and isinstance(old, int) and isinstance(new, int):
        return new < old
    if field == "revocability":
        steps = _REVOCABLE.index(old.class_), _REVOCABLE.index(new.class_)  # type: ignore[attr-defined]
        notices = old.notice, new.notice  # type: ignore[attr-defined]
        if steps[0] != steps[1]:
            return steps[1] > steps[0]
        return notices[1] > notices[0] if None not in notices and notices[0] != notices[1] else None
    return None


def _both(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*new, *old)))
