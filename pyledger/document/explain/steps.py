"""Values that verifiers attest, and payments that follow them in steps."""

from __future__ import annotations

from pyledger.document.explain.teller import Teller, count, number, pick, share, words
from pyledger.document.explain.tree import Block, Fact, Items, Paragraph, Sentence, say
from pyledger.document.model import Obligation, Payment, Tier, Value
from pyledger.document.problem import Location

__all__ = ["steps", "value"]


def value(teller: Teller, found: Obligation, at: Location) -> Sentence:
    """What is attested with the verdict, in what, how finely, and what silence counts as."""
    assert found.value is not None, "only asked where a value is attested"
    place: Location = (*at, "value")
    what = say(words(found.value.what, (*place, "what")), ", in ") if found.value.what else say("A number of ")
    court = ", or the court has changed it" if teller.document.arbitration else ""
    fine: Sentence = ()
    if found.value.asset is None:
        fine = say(
            ", to ",
            count(found.value.decimals, (*place, "decimals")),
            f" decimal place{'' if found.value.decimals == 1 else 's'}",
        )
    return say(
        what, _unit(teller, found, place), fine, *_target(teller, found, place),
        ". The verifiers sign it with their verdict, and must agree on it too. ",
        f"Where silence gave the verdict{court}, it counts as zero.", *_kind(found.value, place),
    )  # fmt: skip


def _target(teller: Teller, found: Obligation, at: Location) -> tuple[Sentence, ...]:
    assert found.value is not None, "only asked where a value is attested"
    if found.value.target is None:
        return ()
    least = "at most" if found.value.counts == "bad" else "at least"
    return (say(f", {least} ", number(found.value.target, (*at, "target")), " ", _unit(teller, found, at)),)


def _kind(found: Value, at: Location) -> tuple[Sentence, ...]:
    parts = []
    if found.counts:
        parts.append(say(" It counts what is ", pick("counts", found.counts, (*at, "counts")), "."))
    if found.baseline:
        parts.append(say(" It is measured from ", pick("baseline", found.baseline, (*at, "baseline")), "."))
    return tuple(parts)


def steps(teller: Teller, index: int, found: Payment, at: Location) -> list[Block]:
    """How the amount released follows the value, step by step."""
    obligation = teller.document.phases[index].obligations[found.obligation]
    tiers = found.tiers or ()
    place: Location = ("phases", index, "obligations", found.obligation, "value")
    unit = _unit(teller, obligation, place)
    items = []
    if tiers[0].from_:
        first = say(number(tiers[0].from_, (*at, "tiers", 0, "from")), " ", unit)
        items.append(say("Below ", first, ": nothing."))
    for step, tier in enumerate(tiers):
        below: Location = (*at, "tiers", step)
        start = say("From ", number(tier.from_, (*below, "from")), " ", unit, ": ")
        items.append(say(start, _pays(teller, found, tier, at, below), "."))
    intro = say(
        "How much of it is paid follows the value signed with the verdict. The highest step that it reaches counts:"
    )
    most: Sentence = ()
    if any(tier.then for tier in tiers):
        money = teller.money(found.amount, (*at, "amount"), found.asset, (*at, "asset"))
        most = say("Never more than ", money, " is paid. ")
    rest = say(most, "What is not paid goes back to ", teller.who(found.from_, (*at, "from")), ".")
    return [Paragraph(intro), Items(tuple(items)), Paragraph(rest)]


def _pays(teller: Teller, found: Payment, tier: Tier, at: Location, below: Location) -> Sentence:
    fixed = teller.money(tier.pays, (*below, "pays"), found.asset, (*at, "asset"))
    if not tier.then:
        return fixed
    above = say(share(tier.then, (*below, "then")), " of what exceeds ", number(tier.from_, (*below, "from")))
    return say(fixed, " and ", above)


def _unit(teller: Teller, found: Obligation, place: Location) -> Sentence:
    assert found.value is not None, "only asked where a value is attested"
    if found.value.asset is not None:
        return say(Fact("asset", teller.assets[found.value.asset], found.value.asset, (*place, "asset")))
    return say(words(found.value.unit or "", (*place, "unit")))
