"""Outcomes as tables for people and as one object for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pyledger.analysis.outcomes import Outcome, Outcomes, extremes, forfeited, replayed
from pyledger.analysis.scenario import Scenario, run
from pyledger.analysis.stage import StepFails
from pyledger.analysis.stand_ins import Deal
from pyledger.analysis.telling import Group, Teller, grouped, say_gain
from pyledger.cli.output import Screen
from pyledger.document.units import say_amount
from pyledger.terms.state import Status

__all__ = ["BEST", "WORST", "Views"]

BEST: Final = "▲"
WORST: Final = "▼"
_MOST_GROUPS: Final = 30
_WORDS: Final = 34
"""Columns that the words of an outcome need at least."""
_BETWEEN: Final = 2
_MARK: Final = 5
"""Columns of an outcome's number."""


@dataclass(frozen=True)
class Views:
    """The outcomes of a deal as they are shown: some of them, and the columns of one party or of all."""

    deal: Deal
    found: Outcomes
    party: str | None = None

    @cached_property
    def teller(self) -> Teller:
        """Says them in words."""
        return Teller(self.deal)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Columns: parties and recipients in the order of the document, their assets."""
        names, order = self.deal.names, list(self.deal.names.accounts.values())
        by_name = sorted(range(len(self.found.book.places)), key=lambda each: self._order(order, each))
        if self.party is None:
            return tuple(by_name)
        return tuple(each for each in by_name if self.found.book.places[each][0] == names.accounts[self.party])

    def _order(self, order: Sequence[bytes], place: int) -> tuple[int, int]:
        account, asset = self.found.book.places[place]
        return order.index(account), list(self.deal.names.assets.values()).index(asset)

    def heading(self, place: int) -> str:
        """Whose column it is, and in what."""
        who, what = self.teller.place(self.found.book.places[place])
        return f"{who} ({self.teller.symbol(what)})"

    def gain(self, place: int, amount: int) -> str:
        """An amount in units of its asset."""
        _, what = self.teller.place(self.found.book.places[place])
        return say_gain(self.teller.units(amount, what))

    @cached_property
    def extremes(self) -> tuple[tuple[int, int], ...]:
        """The numbers of the best and the worst outcome in each column."""
        return extremes(self.found)

    def mark(self, place: int, amount: int) -> str:
        """Whether an amount is the best or the worst of its column."""
        best, worst = self.extremes[place]
        most, least = self.found.found[best].gained[place], self.found.found[worst].gained[place]
        return "" if most == least else BEST if amount == most else WORST if amount == least else ""

    @cached_property
    def silent(self) -> int | None:
        """The number of the outcome to which silence leads: all pay in, and nobody says anything."""
        try:
            stage = run(self.deal, Scenario())
        except StepFails:
            return None
        gains = {place: gain for place, gain in zip(stage.book.places, stage.gained, strict=True) if gain}
        for number, outcome in enumerate(self.found.found):
            mine = {place: gain for place, gain in zip(self.found.book.places, outcome.gained, strict=True) if gain}
            if (mine, outcome.status) == (gains, stage.state.status):
                return number
        return None

    def words(self, number: int) -> str:
        """What happens, and how many other histories come to the same."""
        outcome = self.found.found[number]
        told = [self.teller.outcome(outcome), *self.teller.others(outcome)]
        said = "; or ".join(told[:2])
        if number == self.silent:
            said += "; or nobody says anything"
        more = outcome.ways - len(told[:2])
        return f"{said} (and {more:,} more ways)" if more > 1 else f"{said} (and another way)" if more == 1 else said

    def losses(self, outcome: Outcome) -> str:
        """Who loses how much of its bond, in the history that stands for an outcome."""
        lost = forfeited(self.deal, replayed(self.deal, outcome.histories[0]).acts)
        return ", ".join(f"{self.deal.names.parties[party]} {self._bond(party, lost[party])}" for party in sorted(lost))

    def _bond(self, party: int, amount: int) -> str:
        asset = self.deal.names.what(self.deal.terms.parties[party].asset) or ""
        return f"{say_amount(self.teller.units(amount, asset))} {self.teller.symbol(asset)}"

    # on a screen

    def show(self, screen: Screen, numbers: Sequence[int]) -> None:
        """The outcomes of these numbers, a row each; stacked where a table would be too wide."""
        found = self.found.found
        if not self.places:
            screen.say("No money can move in this deal: its outcomes differ in how it ends alone.")
        cells = {number: [self._cell(place, number) for place in self.places] for number in numbers}
        headings = [self.heading(place) for place in self.places]
        widths = [max(len(head), *(len(cells[each][at]) for each in numbers)) for at, head in enumerate(headings)]
        losses = {number: self.losses(found[number]) for number in numbers}
        ends = {number: self.teller.ending(found[number]) for number in numbers}
        rest = max(map(len, losses.values())) + max(map(len, ends.values())) + 6 + _BETWEEN * 4
        if sum(widths) + _BETWEEN * len(widths) + rest + _WORDS <= screen.width:
            rows = ((f"{each + 1:,}", self.words(each), *cells[each], losses[each], ends[each]) for each in numbers)
            screen.table(
                rows,
                columns=("", "what happens", *headings, "who forfeits", "how it ends"),
                right=(0, *range(2, 2 + len(headings))),
                fold=(1, 2 + len(headings), 3 + len(headings)),
                styles={1: "bold"},
            )
            return
        for number in numbers:
            screen.entry(f"{number + 1:,}", self.words(number), "bold", width=_MARK)
            screen.entry("", _packed(self._line(number), screen.width), width=_MARK)
            last = f"{ends[number]}; forfeits: {losses[number]}" if losses[number] else ends[number]
            screen.entry("", last, "dim", width=_MARK)

    def _cell(self, place: int, number: int) -> str:
        amount = self.found.found[number].gained[place]
        return f"{self.gain(place, amount)} {self.mark(place, amount) or ' '}"

    def _line(self, number: int) -> list[str]:
        gained = self.found.found[number].gained
        moved = [place for place in self.places if gained[place] or self.mark(place, gained[place])]
        said = []
        for place in moved:
            who, what = self.teller.place(self.found.book.places[place])
            mark = self.mark(place, gained[place])
            said.append(
                f"{who} {self.gain(place, gained[place])} {self.teller.symbol(what)}{f' {mark}' if mark else ''}"
            )
        return said

    def show_groups(self, screen: Screen) -> None:
        """All outcomes by how they end and whose doing it is, with the least and the most that each gains."""
        for group in self.groups:
            count = len(group.members)
            screen.entry("", f"{group.title} ({count:,} outcome{'' if count == 1 else 's'})", "bold", width=_MARK)
            screen.entry("", _packed(self.spans(group), screen.width), width=_MARK)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The outcomes by where they end, and whose doing it is."""
        return grouped(self.teller, self.found.found, _MOST_GROUPS)

    def spans(self, group: Group) -> list[str]:
        """What each gains in a group's outcomes, from the least to the most."""
        said = []
        for place in self.places:
            gains = [self.found.found[each].gained[place] for each in group.members]
            who, what = self.teller.place(self.found.book.places[place])
            low, high = self.gain(place, min(gains)), self.gain(place, max(gains))
            if low != "0" or high != "0":
                span = low if low == high else f"{low} to {high}"
                said.append(f"{who} {span} {self.teller.symbol(what)}")
        return said

    def show_extremes(self, screen: Screen) -> None:
        """For each account and asset the best and the worst that can happen."""
        for place in self.places:
            best, worst = self.extremes[place]
            for mark, number in ((BEST, best), (WORST, worst)):
                amount = self.gain(place, self.found.found[number].gained[place])
                words = self.teller.outcome(self.found.found[number])
                screen.entry(mark, f"{self.heading(place)} {amount}: {words}", width=_MARK)

    # for programs

    def plain(self, number: int) -> dict[str, Any]:
        """One outcome for programs."""
        outcome = self.found.found[number]
        return {
            "number": number + 1,
            "what": self.teller.outcome(outcome),
            "or": list(self.teller.others(outcome)),
            "ways": outcome.ways,
            "ends": Status(outcome.status).name.lower(),
            "where": self.teller.ending(outcome),
            "silence": number == self.silent,
            "gains": [self._plain(place, outcome.gained[place]) for place in self.places],
        }

    def _plain(self, place: int, amount: int) -> dict[str, Any]:
        who, what = self.teller.place(self.found.book.places[place])
        mark = {BEST: "best", WORST: "worst"}.get(self.mark(place, amount))
        units = self.teller.units(amount, what)
        return {
            "who": who,
            "asset": what,
            "amount": f"{units:f}",
            "smallest": str(amount),
            **({"is": mark} if mark else {}),
        }

    def plain_groups(self) -> list[dict[str, Any]]:
        """All outcomes by how they end, for programs."""
        return [{"title": title, "ends": ends.name.lower(), "outcomes": len(some)} for title, ends, some in self.groups]


def _packed(items: Sequence[str], width: int) -> str:
    """Items side by side, as many in a line as fit: none is broken where there is room for it."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(item) + 3 <= width - _MARK - 2:
            lines[-1] += f" · {item}"
        else:
            lines.append(item)
    return "\n".join(lines) or "nobody gains or loses anything"
