"""Outcomes in the words of the document: what happens, and who gains what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal
from typing import Final, NamedTuple

from pyledger.analysis.branches import Example, Option
from pyledger.analysis.choices import Mode
from pyledger.analysis.courses import Given
from pyledger.analysis.outcomes import History, Outcome
from pyledger.analysis.stand_ins import Deal
from pyledger.document.units import say_amount
from pyledger.terms.outcome import releases
from pyledger.terms.state import Status
from pyledger.terms.structs import OUTSIDE, Verdict

__all__ = ["Group", "Teller", "grouped", "say_gain"]

_EXACT: Final = Context(prec=100)
_WORDS: Final = {Verdict.MET: "met", Verdict.BREACHED: "breached", Verdict.LAPSED: "lapsed"}
_LISTED: Final = 2
"""Most phases in which an outcome ends that are told by name."""
_ORDER: Final = (Verdict.MET, Verdict.BREACHED, Verdict.LAPSED)


class Group(NamedTuple):
    """Outcomes that end alike: in which phase, how, and by whom; `members` are their numbers in the list."""

    title: str
    status: Status
    members: tuple[int, ...]


class Teller:
    """Says what happens in a deal's own words."""

    def __init__(self, deal: Deal) -> None:
        self.deal, self.names, self.terms = deal, deal.names, deal.terms
        self._told: dict[tuple[int, int], tuple[Example, str]] = {}

    # what happens

    def outcome(self, outcome: Outcome) -> str:
        """The history with the fewest departures that leads to an outcome."""
        return self.history(outcome.histories[0])

    def others(self, outcome: Outcome) -> tuple[str, ...]:
        """Further histories that lead there, those that differ in words, and how many are not told."""
        told = list(dict.fromkeys(self.history(each) for each in outcome.histories))
        return tuple(told[1:])

    def history(self, history: History) -> str:
        """One history, phase by phase; what goes as it was meant is not mentioned."""
        missing = [name for index, name in enumerate(self.names.parties) if index not in history.members]
        if not history.courses:
            return "too few join"
        words = [f"{_and(missing)} {'does' if len(missing) == 1 else 'do'} not join"] if missing else []
        for phase, example in enumerate(history.courses):
            if said := self._once(phase, example):
                words.append(f"{self.names.phases[phase]}: {said}" if len(self.names.phases) > 1 else said)
        return "; ".join(words) or "everything is kept"

    def _once(self, phase: int, example: Example) -> str:
        """What a course comes to in words; many histories share it."""
        known = self._told.get((phase, id(example)))
        if known is None:
            known = self._told[phase, id(example)] = example, ", ".join(self._course(phase, example))
        return known[1]

    def _course(self, phase: int, example: Example) -> Iterator[str]:
        mode = example.mode
        departing = [option for option in example.options if option.departs]
        joins = [party for option in departing for party in option.joins]
        if joins:
            yield f"{_and(self.names.parties[each] for each in joins)} joins late"
        ending = self._ending(phase, mode, example)
        free = [option for option in departing if not option.joins]
        said = [words for option in free for words in self._option(phase, option, mode)]
        if ending and said:
            yield f"{', '.join(said)}, then {ending}"
        else:
            yield from said or filter(None, [ending])

    def _ending(self, phase: int, mode: Mode, example: Example) -> str:
        """What ends the deal in a phase."""
        if mode.fatal is not None:
            who = [mode.fatal] + [
                each.obligation
                for option in example.options
                for each in option.course.given
                if each.verdict is Verdict.BREACHED and each.obligation != mode.fatal and self._material(phase, each)
            ]
            names = [self.names.obligations[phase][each] for each in dict.fromkeys(who)]
            value = next((self._at(phase, each) for option in example.options for each in option.course.given
                          if each.obligation == mode.fatal), "")  # fmt: skip
            late = self._late(example)
            return f"{_and(names)} breached{value if len(names) == 1 else ''}{late}, which ends the deal"
        if not mode.fails:
            return ""
        fails = [*mode.fails, *(fail for option in example.options for fail in option.course.fails)]
        party, what = self.names.parties[fails[0].party], fails[0].what
        if what == "bond":
            names = [self.names.parties[fail.party] for fail in fails]
            return f"{_and(names)} left {'its bond' if len(names) == 1 else 'their bonds'} short, which ends the deal"
        payments = [
            name
            for name, payment in zip(self.names.payments[phase], self.terms.phases[phase].payments, strict=True)
            if payment.payer == fails[0].party
        ]  # fmt: skip
        unpaid = payments[0] if len(payments) == 1 else f"its {len(payments)} payments"
        bond = " and left its bond short" if what == "anything" else ""
        return f"{party} did not fund {unpaid}{bond}, which ends the deal"

    def _late(self, example: Example) -> str:
        """Who had not paid in yet."""
        fails = example.course.fails
        names = [self.names.parties[fail.party] for fail in fails]
        return f" before {_and(names)} paid in" if names else ""

    def _material(self, phase: int, given: Given) -> bool:
        return self.terms.phases[phase].obligations[given.obligation].material

    def _option(self, phase: int, option: Option, mode: Mode) -> Iterator[str]:
        for index, given in option.verdicts:
            if index == mode.fatal or _is_usual(mode, index, given):
                continue
            if mode.fatal is not None and any(
                each.verdict is Verdict.BREACHED and self._material(phase, each) for each in given
            ):  # fmt: skip
                continue
            yield f"{self.names.obligations[phase][index]} {self._verdicts(phase, given)}"

    def _verdicts(self, phase: int, given: Sequence[Given]) -> str:
        found = {each.verdict for each in given}
        if found == {Verdict.BREACHED, Verdict.LAPSED} and not any(each.value for each in given):
            return "not met"
        words = []
        for verdict in (each for each in _ORDER if each in found):
            ats = [self._at(phase, each) for each in given if each.verdict is verdict]
            words.append(_WORDS[verdict] + " or".join(dict.fromkeys(ats)))
        return " or ".join(words)

    def _at(self, phase: int, given: Given) -> str:
        """The value attested with a verdict, where money follows it."""
        obligation = given.obligation
        follows = any(
            each.obligation == obligation and each.tiers and releases(each, given.verdict)
            for each in self.terms.phases[phase].payments
        )
        if not follows:
            return ""
        subject = self.deal.document.phases[phase].obligations[self.names.obligations[phase][obligation]]
        measure = self.deal.document.measure(subject)
        return f" at {measure.say(given.value)}" if measure else f" at {given.value}"

    # who

    def defectors(self, outcome: Outcome) -> str:
        """Whose breach, silence or default leads to an outcome; empty if nobody's."""
        history = outcome.histories[0]
        found: dict[str, None] = {}
        for phase, example in enumerate(history.courses):
            free = (fail for option in example.options for fail in option.course.fails)
            for fail in (*example.mode.fails, *free) if example.mode.fatal is None else ():
                found[f"{self.names.parties[fail.party]} in default"] = None
            for option in example.options:
                for index, given in option.verdicts:
                    obligor = self.terms.phases[phase].obligations[index].obligor
                    told = index == example.mode.fatal or option.departs
                    if told and obligor != OUTSIDE and all(each.verdict is Verdict.BREACHED for each in given):
                        found[f"{self.names.parties[obligor]} in breach"] = None
        return ", ".join(sorted(found))

    def ending(self, outcome: Outcome) -> str:
        """How a deal ends, and in which phase; in which phases, where the histories that come to it end in several."""
        if outcome.status is Status.VOID:
            return "never begun"
        if outcome.status is Status.COMPLETED:
            return "completed"
        ends = outcome.status.name.lower()
        if len(self.names.phases) == 1:
            return ends
        phases = outcome.phases
        if len(phases) > _LISTED:
            return f"{ends} in one of {len(phases)} phases"
        return f"{ends} in {' or '.join(self.names.phases[each] for each in phases)}"

    # money

    def place(self, place: tuple[bytes, bytes]) -> tuple[str, str]:
        """The names of an account and of an asset."""
        return self.names.who(place[0]) or "?", self.names.what(place[1]) or "?"

    def symbol(self, asset: str) -> str:
        """What an asset is shown in."""
        return self.deal.document.assets[asset].symbol or asset

    def units(self, amount: int, asset: str) -> Decimal:
        """An amount of the smallest unit in units of its asset."""
        return Decimal(amount).scaleb(-self.deal.document.assets[asset].decimals, _EXACT)


def say_gain(units: Decimal) -> str:
    """A gain or loss with its sign and its thousands apart: "+1,350", "−20.5", "0"."""
    sign = "+" if units > 0 else "−" if units < 0 else ""
    return f"{sign}{say_amount(abs(units))}"


def grouped(teller: Teller, found: Sequence[Outcome], most: int) -> tuple[Group, ...]:
    """Outcomes by where they end and whose doing that is; or by where they end alone, if those are too many."""
    by_whom: dict[tuple[str, str, Status], list[int]] = {}
    for number, outcome in enumerate(found):
        key = (teller.ending(outcome), teller.defectors(outcome), outcome.status)
        by_whom.setdefault(key, []).append(number)
    if len(by_whom) > most:
        merged: dict[tuple[str, str, Status], list[int]] = {}
        for (ending, _, status), members in by_whom.items():
            merged.setdefault((ending, "", status), []).extend(members)
        by_whom = merged
    return tuple(
        Group(f"{ending}: {whom}" if whom else ending, status, tuple(members))
        for (ending, whom, status), members in by_whom.items()
    )


def _is_usual(mode: Mode, obligation: int, given: Sequence[Given]) -> bool:
    """Whether verdicts are those that need no mention in their mode: the first choice's, or what silence comes to."""
    choices = mode.obligations[obligation]
    if first := choices[0].given:
        return all(each[:3] == first[0][:3] for each in given)
    found = {each.verdict for each in given}
    attested = any(each.verdict is Verdict.MET for choice in choices for each in choice.given)
    return Verdict.BREACHED not in found and not (found == {Verdict.MET} and attested)


def _and(names: Iterable[str]) -> str:
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
