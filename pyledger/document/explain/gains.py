"""What is given besides money in escrow, and what can be undone."""

from __future__ import annotations

from collections.abc import Iterator

from pyledger.document.benefits import Benefit
from pyledger.document.explain.teller import Teller, count, duration, id_, key, listed, pick, share, truth, words
from pyledger.document.explain.tree import Fact, Paragraph, Row, Rows, Section, Sentence, say
from pyledger.document.problem import Location

__all__ = ["benefits", "undoing"]

_LEVERS = (
    ("generality", "How general it is", "generality"),
    ("restriction", "What restricts it", "restriction"),
    ("monitoring", "How it is watched", "monitoring"),
    ("delivery", "How it is delivered", "delivery"),
    ("compute_use", "What computing it allows", "compute_use"),
    ("input", "What the recipient puts in", "input"),
    ("meta_info", "What is told of the model", "meta_info"),
    ("dual_use", "Danger of use for harm", "dual_use"),
    ("offence_defence", "Attack and defence", "offence_defence"),
    ("onward_transfer", "Passing it on", "onward_transfer"),
)
"""Key of a benefit, its label, and the words it is said in."""


def benefits(teller: Teller) -> Section | None:
    """Each benefit with its attributes, who can take it back, and how."""
    document = teller.document
    if not document.benefits:
        return None
    intro = say(
        "These are promised besides the money in escrow. The terms cannot deliver them or take them back. They can ",
        "only ",
        "pay, forfeit and return money by what the panels find.",
    )
    below = tuple(_benefit(teller, name, found) for name, found in document.benefits.items())
    return Section("benefits", say("What else is given"), (Paragraph(intro),), below)


def _benefit(teller: Teller, name: str, found: Benefit) -> Section:
    at: Location = ("benefits", name)
    kind = say(", namely ", pick("kind", found.kind, (*at, "kind"))) if found.kind else ()
    verified = [say(id_(each, (*at, "verified_by", index))) for index, each in enumerate(found.verified_by)]
    rows = [
        Row(say("What"), say(words(found.what, (*at, "what")))),
        Row(say("From and to"), _between(teller, found, at)),
        Row(say("Kind"), say(pick("cluster", found.cluster, (*at, "cluster"), first=True), kind, ".")),
        *_phase(found, at),
        Row(say("Who confirms it"), say("The verdict on ", listed(verified), ".")),
        Row(say("How solid it is"), say("It is ", pick("tangibility", found.tangibility, (*at, "tangibility")), ".")),
        Row(say("Can it be taken back?"), _revocable(teller, found, at)),
        *_worth(teller, found, at),
        *_levers(found, at),
        *_votes(found, at),
    ]
    return Section(f"benefit-{name}", say("Benefit ", key(name, at)), (Rows(tuple(rows)),))


def _between(teller: Teller, found: Benefit, at: Location) -> Sentence:
    return say(teller.who(found.from_, (*at, "from")), " gives it to ", teller.everybody(found.to, (*at, "to")), ".")


def _phase(found: Benefit, at: Location) -> Iterator[Row]:
    if found.phase:
        yield Row(say("When"), say("In phase ", id_(found.phase, (*at, "phase")), "."))


def _revocable(teller: Teller, found: Benefit, at: Location) -> Sentence:
    rule, place = found.revocability, (*at, "revocability")
    class_ = pick("revocability", rule.class_, (*place, "class"))
    parts = [say("As agreed, ", class_)]
    if rule.by:
        parts.append(say("by ", teller.who(rule.by, (*place, "by"))))
    if rule.notice is not None:
        parts.append(say("with ", duration(rule.notice, (*place, "notice")), " of notice"))
    grounds = say(" Grounds: ", words(rule.grounds, (*place, "grounds"))) if rule.grounds else ()
    return say(listed(parts, ", "), ".", grounds)


def _worth(teller: Teller, found: Benefit, at: Location) -> Iterator[Row]:
    if found.value is not None and found.asset is not None:
        money = teller.money(found.value, (*at, "value"), found.asset, (*at, "asset"))
        yield Row(say("What it is worth"), say(money, ", as the parties put it."))


def _levers(found: Benefit, at: Location) -> Iterator[Row]:
    if found.domain:
        yield Row(say("For what"), say(words(found.domain, (*at, "domain"))))
    if found.generation_lag is not None:
        yield Row(say("Behind the frontier by"), _lag(found.generation_lag, (*at, "generation_lag")))
    for name, label, field in _LEVERS:
        if (word := getattr(found, name)) is not None:
            yield Row(say(label), say(pick(field, word, (*at, name), first=True), "."))
    if found.training_below:
        yield Row(say("Limit of training"), say("Below ", words(found.training_below, (*at, "training_below")), "."))
    if found.hem is not None:
        built = "Controls are built into the hardware" if found.hem else "No controls are built into the hardware"
        yield Row(say("Controls"), say(truth(built, (*at, "hem"), value=found.hem), "."))
    if found.throttle and (limits := _throttle(found, (*at, "throttle"))):
        yield Row(say("How much of it"), say("At most ", listed(limits), "."))


def _lag(lag: int, at: Location) -> Sentence:
    if lag == 0:
        return say(Fact("count", "Nothing: it is the frontier itself", 0, at), ".")
    return say(count(lag, at), f" generation{'' if lag == 1 else 's'}.")


def _throttle(found: Benefit, at: Location) -> list[Sentence]:
    assert found.throttle is not None, "only asked where there is one"
    limits = []
    if found.throttle.requests_per_second is not None:
        limits.append(
            say(count(found.throttle.requests_per_second, (*at, "requests_per_second")), " requests a second")
        )
    if found.throttle.parallel is not None:
        limits.append(say(count(found.throttle.parallel, (*at, "parallel")), " at the same time"))
    if found.throttle.speed is not None:
        limits.append(say(share(found.throttle.speed, (*at, "speed")), " of full speed"))
    return limits


def _votes(found: Benefit, at: Location) -> Iterator[Row]:
    if found.veto or found.vote_share is not None:
        held = [say(truth("a veto", (*at, "veto")))] if found.veto else []
        if found.vote_share is not None:
            held.append(say(share(found.vote_share, (*at, "vote_share")), " of the votes"))
        yield Row(say("Power that comes with it"), say(listed(held), "."))


# Undoing


def undoing(teller: Teller) -> Section | None:
    """What of the acts can be undone, in what time, at what loss, and what undoing means."""
    rows = []
    for index, phase in enumerate(teller.document.phases):
        for name, found in phase.obligations.items():
            if (rule := found.reversibility) is None:
                continue
            at: Location = ("phases", index, "obligations", name, "reversibility")
            parts = [say("It is ", pick("reversibility", rule.class_, (*at, "class")), ".")]
            if rule.restored_within is not None:
                within = duration(rule.restored_within, (*at, "restored_within"))
                parts.append(say(" To restore what was takes ", within, "."))
            if rule.recovers is not None:
                parts.append(say(" ", share(rule.recovers, (*at, "recovers")), " of its cost comes back."))
            if rule.undone_by:
                parts.append(say(" What undoing means: ", words(rule.undone_by, (*at, "undone_by"))))
            where = Fact("words", name, name, (*at[:-1],), derived=True)
            rows.append(
                Row(say(where, " (phase ", count(index + 1, ("phases", index), derived=True), ")"), say(*parts))
            )
    if not rows:
        return None
    intro = say("The terms move money only. Whether an act itself can be undone is said here, as the parties see it.")
    return Section("undoing", say("What can be undone"), (Paragraph(intro), Rows(tuple(rows))))
