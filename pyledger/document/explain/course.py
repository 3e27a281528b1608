"""How the deal begins, and what happens in each phase."""

from __future__ import annotations

from collections.abc import Iterator

from pyledger.document.explain.frame import shares
from pyledger.document.explain.steps import steps, value
from pyledger.document.explain.teller import (
    Teller,
    count,
    duration,
    id_,
    key,
    listed,
    number,
    pick,
    share,
    time,
    truth,
    words,
)
from pyledger.document.explain.tree import Block, Fact, Items, Paragraph, Row, Rows, Section, Sentence, say
from pyledger.document.model import OUTSIDE, Obligation, Payment, Phase
from pyledger.document.problem import Location

__all__ = ["beginning", "phases"]


def beginning(teller: Teller) -> Section:
    """Until when parties join, how many are enough, who may come later."""
    document = teller.document
    if document.join_by is not None:
        when = say("by ", time(document.join_by, ("join_by",)))
    else:
        when = say(
            "within ", duration(document.join_within or 0, ("join_within",)), " of the start that the parties set"
        )
    total, least = len(document.parties), document.needed_parties
    alone = total == 1
    items = [
        say("The party joins " if alone else "Each party joins ", when, ", by accepting and posting its bond, if any.")
    ]
    if least == total:
        joined = "As soon as it has" if alone else "As soon as all have"
        items.append(say(f"{joined} joined, the deal is in force. Otherwise it is void, and every bond goes back."))
    else:
        of = say(count(least, ("min_parties",)), " of ", count(total, ("parties",), derived=True), " parties")
        items.append(say("As soon as all have joined, the deal is in force."))
        items.append(
            say(
                "Once the time to join is over, ", of, " are enough: anybody may then bring it into force. With fewer ",
                "it ",
                "is void, and every bond goes back.",
            )
        )  # fmt: skip
        items.append(
            say("A party that has not joined owes nothing and pays nothing. What it would have had to do lapses.")
        )
    if document.accession:
        later = truth("A party may still join later", ("accession",))
        items.append(say(later, ". It is bound from the next phase to open."))
    return Section("beginning", say("How it begins"), (Items(tuple(items)),))


def phases(teller: Teller) -> Section:
    """Every phase: when it opens, the bonds, the obligations, the payments."""
    many = len(teller.document.phases) > 1
    said = "A phase opens when the one before is settled. " if many else ""
    intro = say(
        f"{said}Times in a phase count from the moment it opens. An obligation is something a party must do, or must ",
        "not ",
        "do, or an event that is up to others. A payment is put into escrow first: it is held by the account, and ",
        "goes ",
        "to its payees or back to its payer as the panel decides.",
    )  # fmt: skip
    below = tuple(_phase(teller, index, phase) for index, phase in enumerate(teller.document.phases))
    return Section("phases", say("Phase by phase" if many else "What happens"), (Paragraph(intro),), below)


def _phase(teller: Teller, index: int, phase: Phase) -> Section:
    at: Location = ("phases", index)
    number = count(index + 1, at, derived=True)
    name = id_(phase.id, (*at, "id"))
    title = say(": ", words(phase.title, (*at, "title")), " (", name, ")") if phase.title else say(": ", name)
    opens = "when the agreement comes into force" if index == 0 else "when the phase before is settled"
    parts = [say(f"It opens {opens}")]
    if phase.not_before is not None:
        parts.append(say(", and its clocks do not start before ", time(phase.not_before, (*at, "not_before"))))
    blocks: list[Block] = [Paragraph(say(*parts, "."))]
    if bonds := _bonds(teller, index):
        blocks.append(Paragraph(bonds))
    below = [_obligation(teller, index, name, each) for name, each in phase.obligations.items()]
    below += [_payment(teller, index, name, each) for name, each in phase.payments.items()]
    return Section(f"phase-{phase.id}", say("Phase ", number, *title), tuple(blocks), tuple(below))


def _bonds(teller: Teller, index: int) -> Sentence:
    document = teller.document
    held = [
        say(teller.entry(name, _level_at(teller, name, index)), " ", teller.bond(name, index))
        for name, party in document.parties.items()
        if party.bond
    ]
    return say("Bonds held in this phase: ", listed(held), ".") if held else ()


def _level_at(teller: Teller, party: str, index: int) -> Location:
    phase = teller.document.phases[index]
    return ("phases", index, "bonds", party) if party in phase.bonds else ("parties", party)


# Obligations


def _obligation(teller: Teller, index: int, name: str, found: Obligation) -> Section:
    at: Location = ("phases", index, "obligations", name)
    rows = (
        Row(_by(teller, found, at), say(words(found.what, (*at, "what")))),
        Row(say("By when"), _deadline(found, at)),
        Row(
            say("Who decides"),
            say("Panel ", id_(found.decided_by, (*at, "decided_by")), "."),
        ),
        Row(say("If the panel is silent"), _silence(found, at)),
        *_breach(teller, index, found, at),
        *_value(teller, found, at),
        *_undone(found, at),
        *_aside(teller, found, at),
    )
    return Section(f"obligation-{index + 1}-{name}", say("Obligation ", key(name, at)), (Rows(rows),))


def _by(teller: Teller, found: Obligation, at: Location) -> Sentence:
    if found.by == OUTSIDE:
        return say(Fact("name", "An outside event", OUTSIDE, (*at, "by")))
    return say("What ", teller.who(found.by, (*at, "by")), " owes")


def _deadline(found: Obligation, at: Location) -> Sentence:
    within = say("Within ", duration(found.within, (*at, "within")))
    if not found.grace:
        return say(within, ".")
    grace = duration(found.grace, (*at, "grace"))
    total = duration(found.deadline, at, derived=True)
    return say(within, ", with ", grace, " of grace: ", total, " in all.")


def _silence(found: Obligation, at: Location) -> Sentence:
    silent = Fact("verdict", found.if_silent, found.if_silent, (*at, "if_silent"))
    if found.if_silent == "met":
        return say("It counts as ", silent, " when the time is up: only a breach can be found.")
    nobody = ", which is nobody's fault" if found.if_silent == "lapsed" else ""
    return say("It counts as ", silent, f" when the time is up{nobody}.")


def _breach(teller: Teller, index: int, found: Obligation, at: Location) -> Iterator[Row]:
    parts: list[Sentence] = []
    phase = teller.document.phases[index]
    if found.forfeit is not None:
        owner = teller.who(found.by, (*at, "by"))
        of = share(found.forfeit, (*at, "forfeit"), whole="all")
        if money := teller.lost(found.by, phase, found.forfeit, (*at, "forfeit")):
            parts.append(say(owner, " loses ", of, " of its bond: ", money, "."))
        else:
            parts.append(say("No bond is lost: ", of, "."))
    elif found.by == OUTSIDE:
        parts.append(say("Nobody loses a bond."))
    else:
        parts.append(say("No bond is lost."))
    if found.material:
        parts.append(say(truth("The breach is material: it ends the whole deal.", (*at, "material"))))
    spaced: list[Sentence] = [part for each in parts for part in (each, say(" "))][:-1]
    yield Row(say("If it is breached"), say(*spaced))


def _value(teller: Teller, found: Obligation, at: Location) -> Iterator[Row]:
    if found.value:
        yield Row(say("What is measured"), value(teller, found, at))
    if found.evidence:
        yield Row(say("What will show it"), say(words(found.evidence, (*at, "evidence"))))


def _undone(found: Obligation, at: Location) -> Iterator[Row]:
    if found.reversibility:
        undone = pick("reversibility", found.reversibility.class_, (*at, "reversibility", "class"))
        yield Row(say("Can it be undone?"), say("It is ", undone, "."))


def _aside(teller: Teller, found: Obligation, at: Location) -> Iterator[Row]:
    if found.about:
        topics = [
            say(pick("topic", topic, (*at, "about", index), first=index == 0))
            for index, topic in enumerate(found.about)
        ]
        yield Row(say("What it is about"), say(listed(topics), "."))
    if found.needs:
        yield Row(say("Paper it needs"), say("At least ", pick("level", found.needs, (*at, "needs")), "."))
    if found.cost_to_complete is not None:
        yield Row(say("Cost to complete"), _cost(teller, found, at))


def _cost(teller: Teller, found: Obligation, at: Location) -> Sentence:
    assert found.cost_to_complete is not None, "only asked where there is one"
    party = teller.document.parties.get(found.by)
    place: Location = (*at, "cost_to_complete")
    if party and party.bond:
        money = teller.money(found.cost_to_complete, place, party.bond.asset, ("parties", found.by, "bond", "asset"))
    else:
        money = say(number(found.cost_to_complete, place))
    return say("If somebody else must finish it: ", money, ", as the parties estimate.")


# Payments


def _payment(teller: Teller, index: int, name: str, found: Payment) -> Section:
    at: Location = ("phases", index, "payments", name)
    money = teller.money(found.amount, (*at, "amount"), found.asset, (*at, "asset"))
    payer = teller.who(found.from_, (*at, "from"))
    funded = say(payer, " pays ", money, " into escrow within ", duration(found.fund_within, (*at, "fund_within")), ".")
    rows = [
        Row(say("Into escrow"), funded),
        Row(say("Who is paid"), _payees(teller, found, at)),
        Row(say("When"), _when(teller, found, at)),
    ]
    blocks: list[Block] = [Rows(tuple(rows))]
    if found.tiers:
        blocks += steps(teller, index, found, at)
    return Section(f"payment-{index + 1}-{name}", say("Payment ", key(name, at)), tuple(blocks))


def _payees(teller: Teller, found: Payment, at: Location) -> Sentence:
    if len(found.to) == 1:
        ((name, points),) = found.to.items()
        place: Location = (*at, "to", name)
        return say(share(points, place, whole="All"), " goes to ", teller.entry(name, place), ".")
    if found.tiers:
        return say("Of what is paid ", shares(teller, found.to, (*at, "to")), ".")
    amounts = []
    left = found.amount
    for name, points in found.to.items():
        last = name == list(found.to)[-1]
        part = left if last else teller.part(found.amount, points, found.asset)
        left -= part
        there: Location = (*at, "to", name)
        money = teller.money(part, there, found.asset, (*at, "asset"), derived=True)
        amounts.append(say(share(points, there), " or ", money, " to ", teller.entry(name, there)))
    return say(listed(amounts), ".")


def _when(teller: Teller, found: Payment, at: Location) -> Sentence:
    place: Location = (*at, "when", found.obligation)
    verdicts = [say(Fact("verdict", word, word, (*place, index))) for index, word in enumerate(found.on)]
    what = say(key(found.obligation, place), " is ", listed(verdicts, " or "))
    if len(found.on) == len(("met", "breached", "lapsed")):
        return say("As soon as ", what, ": in any case.")
    return say("If ", what, ". Otherwise it all goes back to ", teller.who(found.from_, (*at, "from")), ".")
