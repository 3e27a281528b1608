"""The comparison of phases, and of the obligations and payments in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final, Literal

from pyledger.document.diff import effects
from pyledger.document.diff.effects import NEUTRAL, Effect, open_
from pyledger.document.diff.fields import fields, order, whole
from pyledger.document.diff.shapes import Change, Pair, Spot
from pyledger.document.diff.words import Unit, describe, symbol
from pyledger.document.model import Document, Obligation, Payment, Phase
from pyledger.document.units import say_amount

__all__ = ["phases"]

_PATH = {"obligation": "obligations", "payment": "payments"}
_OPEN: Final[Mapping[str, str]] = {
    "decided_by": "others decide it",
    "value": "what is attested is what is paid by",
    "what": "what is promised is in the words: read them",
    "reversibility": "whether it can be undone is read, not computed",
}
"""Fields of an obligation that shift something, one cannot say for whom."""

Sides = tuple[Phase, Phase]


def phases(pair: Pair) -> Iterator[Change]:
    """Every phase that is new, gone, in another place or changed, with all that is in it."""
    old, new = ({phase.id: phase for phase in document.phases} for document in pair)
    yield from order(
        Spot("phases", "the phases"), "phases", "order", (tuple(old), tuple(new)), open_("they open one after another")
    )
    blank = Phase(id="none", obligations={})
    moves = _moves(pair)
    for name in dict.fromkeys((*new, *old)):
        sides = old.get(name, blank), new.get(name, blank)
        spot = Spot(f"phases.{name}", f"phase {name}")
        if name not in old:
            yield spot.added("phase", f"new: {_heading(new[name], list(new))}", open_("it is one step more"))
        elif name not in new:
            yield spot.removed("phase", f"gone; it was {_heading(old[name], list(old))}", open_("it is one step less"))
        yield from _phase(pair, spot, sides, moves)


def _heading(phase: Phase, known: list[str]) -> str:
    return f"number {known.index(phase.id) + 1} of {len(known)}"


Moves = Mapping[tuple[str, str], tuple[Phase, Phase]]
"""From and to which phase an obligation or payment, by kind and name, has moved."""


def _moves(pair: Pair) -> Moves:
    found = {}
    for kind, path in _PATH.items():
        places = [
            {
                name: [phase for phase in document.phases if name in getattr(phase, path)]
                for name in _all(document, path)
            }
            for document in pair
        ]
        for name, homes in places[0].items():
            others = places[1].get(name, [])
            if len(homes) == len(others) == 1 and homes[0].id != others[0].id:
                found[kind, name] = (homes[0], others[0])
    return found


def _all(document: Document, path: str) -> Iterator[str]:
    return (name for phase in document.phases for name in getattr(phase, path))


def _phase(pair: Pair, spot: Spot, sides: Sides, moves: Moves) -> Iterator[Change]:
    old, new = sides

    def weigh(name: str) -> Effect:
        return open_("everything in it begins at another time") if name == "not_before" else NEUTRAL

    yield from fields(pair, spot, old, new, weigh, without=frozenset({"id", "bonds", "obligations", "payments"}))
    yield from _bonds(pair, spot, sides)
    yield from _inside(pair, spot, sides, "obligation", moves)
    yield from _inside(pair, spot, sides, "payment", moves)
    for kind, path in _PATH.items():
        names = tuple(tuple(getattr(phase, path)) for phase in sides)
        yield from order(spot, spot.down(path), f"order of its {kind}s", (names[0], names[1]))


def _bonds(pair: Pair, spot: Spot, phases: Sides) -> Iterator[Change]:
    old, new = phases
    for party in dict.fromkeys((*new.bonds, *old.bonds)):
        said = old.bonds.get(party), new.bonds.get(party)
        if said[0] == said[1]:
            continue
        levels = tuple(_level(document, phase, party) for document, phase in zip(pair, phases, strict=True))
        here, what = spot._replace(at=spot.down("bonds", party)), f"bond of {party}"
        asset = next(each.parties[party].bond for each in reversed(pair) if party in each.parties)
        unit = symbol(pair.new, asset.asset) if asset else ""
        texts = [say_amount(level) for level in levels]
        source = "" if said[1] is not None else ", as everywhere else"
        words = f"{texts[0]} → {texts[1]} {unit}{source}"
        if levels[0] == levels[1]:
            words = f"{texts[1]} {unit}, {'said here now' if said[1] is not None else 'no longer said here'}"
        sides = (pair.new, pair.new) if all(_bonded(document, party) for document in pair) else pair
        effect = effects.bond(*sides, party, (levels[0], levels[1])) if levels[0] != levels[1] else NEUTRAL
        yield Change(here.at, "changed", here.about, what, words, effect, texts[0], texts[1])


def _bonded(document: Document, party: str) -> bool:
    return party in document.parties and document.parties[party].bond is not None


def _level(document: Document, phase: Phase, party: str) -> Decimal:
    return document.bond_level(party, phase) if party in document.parties else Decimal(0)


def _inside(
    pair: Pair, spot: Spot, sides: Sides, kind: Literal["obligation", "payment"], moves: Moves
) -> Iterator[Change]:
    old, new = (getattr(phase, _PATH[kind]) for phase in sides)
    for name in dict.fromkeys((*new, *old)):
        here = Spot(spot.down(_PATH[kind], name), f"{kind} {name} ({spot.about})")
        move = moves.get((kind, name))
        if move and name in new:
            words = f"from phase {move[0].id} to phase {move[1].id}"
            effect = open_("it comes at another time")
            yield Change(here.at, "moved", here.about, "its place", words, effect, move[0].id, move[1].id)
            yield from _COMPARE[kind](pair, here, move, name)
        elif move:
            continue
        elif name in old and name in new:
            yield from _COMPARE[kind](pair, here, sides, name)
        else:
            yield _one_sided(pair, here, sides, kind, name)


def _one_sided(pair: Pair, spot: Spot, sides: Sides, kind: str, name: str) -> Change:
    """What only one of the two drafts has."""
    added = name in getattr(sides[1], _PATH[kind])
    document, phase = (pair.new, sides[1]) if added else (pair.old, sides[0])
    thing = getattr(phase, _PATH[kind])[name]
    saying = describe(thing, _unit(document, phase, thing))
    if isinstance(thing, Payment):
        effect = effects.paying(None, thing) if added else effects.paying(thing, None)
    else:
        effect = effects.owing(document, phase, name, added=added)
    if added:
        return spot.added(kind, f"new: {saying}", effect)
    return spot.removed(kind, f"gone; it said: {saying}", effect)


def _unit(document: Document, phase: Phase, thing: Obligation | Payment) -> Unit:
    if isinstance(thing, Obligation):
        return Unit()
    found = phase.obligations.get(thing.obligation)
    measure = document.measure(found) if found else None
    return Unit(symbol(document, thing.asset), measure.unit if measure else "")


def _obligation(pair: Pair, spot: Spot, sides: Sides, name: str) -> Iterator[Change]:
    old, new = (phase.obligations[name] for phase in sides)
    here = (pair.new, sides[1], name)

    def weigh(field: str) -> Effect:
        one, other = getattr(old, field), getattr(new, field)
        match field:
            case "within" | "grace":
                found = effects.deadline(*here, later=other > one)
            case "if_silent":
                found = effects.silence(*here, (one, other))
            case "forfeit":
                found = effects.forfeiting((pair.old, sides[0]), (pair.new, sides[1]), name)
            case "by":
                found = effects.shifted(_bound(pair.old, one), _bound(pair.new, other), "it is another's to do")
            case "material":
                bound, why = _bound(pair.new, new.by), "a breach of it ends the deal, or no longer does"
                found = effects.shifted((), bound, why) if other else effects.shifted(bound, (), why)
            case _:
                found = open_(_OPEN[field]) if field in _OPEN else NEUTRAL
        return found

    yield from fields(pair, spot, old, new, weigh)


def _bound(document: Document, obligor: str) -> tuple[str, ...]:
    return (obligor,) if obligor in document.parties else ()


def _payment(pair: Pair, spot: Spot, sides: Sides, name: str) -> Iterator[Change]:
    old, new = (phase.payments[name] for phase in sides)
    units = tuple(_unit(document, phase, thing) for document, phase, thing in zip(pair, sides, (old, new), strict=True))

    def weigh(field: str) -> Effect:
        match field:
            case "amount" | "to" | "from_" if old.asset == new.asset:
                return effects.paying(new.model_copy(update={field: getattr(old, field)}), new)
            case "amount" | "to" | "from_" | "asset":
                return effects.paying(old, new)
            case "fund_within":
                return effects.funding(new, later=new.fund_within > old.fund_within)
            case "tiers":
                return effects.tiers(old, new)
        return open_("it hangs on something else")

    here = spot._replace(units=(units[0], units[1]))
    yield from fields(pair, here, old, new, weigh, without=frozenset({"when", "tiers"}))
    yield from _when(here, old, new)
    if old.tiers != new.tiers:
        place = here._replace(at=here.down("tiers"))
        yield whole(Payment, "tiers", (old.tiers, new.tiers), place, "steps", weigh("tiers"))


def _when(spot: Spot, old: Payment, new: Payment) -> Iterator[Change]:
    before, after = (f"{each.obligation} is {' or '.join(sorted(each.on))}" for each in (old, new))
    if before == after:
        return
    effect, here = open_("it hangs on another obligation"), set(new.on)
    payees, payer = tuple(new.to), (new.from_,)
    if old.obligation == new.obligation and here > set(old.on):
        effect = effects.shifted(payees, payer, "it is released in more cases")
    elif old.obligation == new.obligation and here < set(old.on):
        effect = effects.shifted(payer, payees, "it is released in fewer cases")
    elif old.obligation == new.obligation:
        effect = open_("it is released in other cases")
    words = f"now when {after}; before, when {before}"
    yield Change(spot.down("when"), "changed", spot.about, "released", words, effect, before, after)


_COMPARE: Mapping[str, Callable[[Pair, Spot, Sides, str], Iterator[Change]]] = {
    "obligation": _obligation,
    "payment": _payment,
}
