"""A document played through the settlement model, everything called by its name: how figures are recomputed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pyledger.document import Document
from pyledger.terms import settlement
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.outcome import bonds, holdings, level, phase_at_hand
from pyledger.terms.settlement import Move
from pyledger.terms.state import State, Status
from pyledger.terms.structs import Verdict

START: Final = 1_800_000_000
SILENT: Final = None

Word = str | tuple[str, str] | None
"""A verdict that all seats attest, a verdict with its value in the document's units, or silence."""


def account(index: int) -> bytes:
    return index.to_bytes(20, "big")


def bindings_of(document: Document) -> Bindings:
    """An address of its own for every name."""
    verifiers = dict.fromkeys(name for panel in document.panels.values() for name, _ in panel.seats)
    court = document.arbitration
    return Bindings(
        chain_id=31337,
        start=START,
        parties={name: account(100 + index) for index, name in enumerate(document.parties)},
        recipients={name: account(200 + index) for index, name in enumerate(document.recipients)},
        verifiers={name: account(300 + index) for index, name in enumerate(verifiers)},
        standing={name: account(500 + index) for index, name in enumerate(document.standing)},
        courts={court.court: account(600)} if court else {},
        assets={name: account(400 + index) for index, name in enumerate(document.assets)},
    )


class Course:
    """One history of a document: each move is the settlement model's own, and every unit that moves is counted."""

    def __init__(self, document: Document, *, without: tuple[str, ...] = ()) -> None:
        self.document = document
        bindings = bindings_of(document)
        self.names = Names.of(document, bindings)
        self.terms = compile_terms(document, bindings)
        self.state, self.now = State(), START
        self._moved: Counter[tuple[bytes, bytes]] = Counter()
        for name in document.parties:
            if name not in without:
                self._do(settlement.accept(self.state, self.terms, party=self.names.party(name), now=self.now), name)
        if without:
            self.now = self.terms.joinBy + 1
            self._do(settlement.enter(self.state, self.terms, now=self.now), "")

    @property
    def phase(self) -> str:
        """The phase at hand."""
        return self.names.phases[self.state.phase]

    def change(self, who: str, asset: str = "usd") -> Decimal:
        """What somebody has more than in the beginning (less: negative), in units of the asset."""
        moved = self._moved[self.names.account(who), self.names.asset(asset)]
        return Decimal(moved).scaleb(-self.document.assets[asset].decimals)

    def bond(self, party: str) -> Decimal:
        """What is held as a party's bond, in units of its asset."""
        held = bonds(self.state, self.terms)[self.names.party(party)]
        return Decimal(held).scaleb(-self._decimals(party))

    def short(self, party: str) -> Decimal:
        """What a party has to top up."""
        needed = level(self.terms, phase_at_hand(self.state, self.terms), self.names.party(party))
        return Decimal(needed).scaleb(-self._decimals(party)) - self.bond(party)

    def top_up(self) -> None:
        """Every party restores its bond."""
        for party in sorted(self.state.short):
            moved = settlement.top_up(self.state, self.terms, party=party, now=self.now)
            self._do(moved, self.names.parties[party])

    def fund(self) -> None:
        """Every member pays in what it owes in this phase."""
        for index, payment in enumerate(phase_at_hand(self.state, self.terms).payments):
            if payment.payer in self.state.members:
                moved = settlement.fund(self.state, self.terms, payments=[index], now=self.now)
                self._do(moved, self.names.parties[payment.payer])

    def attest(self, obligation: str, verdict: str, value: str = "0") -> None:
        """All seats of the panel say the same."""
        index = self.names.obligation(self.phase, obligation)
        found = self.document.phase(self.phase).obligations[obligation]
        measure = self.document.measure(found)
        panel = self.terms.panels[self.names.panel(found.decided_by)]
        self._do(
            settlement.attest(
                self.state,
                self.terms,
                obligation=index,
                given=Verdict[verdict.upper()],
                seats=range(len(panel.seats)),
                now=self.now,
                value=measure.integer(Decimal(value)) if measure else 0,
            )
        )

    def settle(self) -> None:
        """Closes the phase when everything in it is final."""
        obligations = phase_at_hand(self.state, self.terms).obligations
        silence = max(each.within + each.grace for each in obligations) + self.document.contest_time
        self.now = max(self.now, self.state.opened_at + silence) + 1
        self._do(settlement.settle(self.state, self.terms, now=self.now))

    def play(self, words: Mapping[str, Word] | None = None) -> Course:
        """All phases to the end: every obligation met, but those for which `words` says something else.

        A promise that silence keeps is not attested.
        """
        words = words or {}
        while self.state.status is Status.IN_FORCE:
            self.play_phase(words)
        return self

    def play_phase(self, words: Mapping[str, Word]) -> None:
        """One phase, to its settlement."""
        self.top_up()
        self.fund()
        for name, found in self.document.phase(self.phase).obligations.items():
            if found.by in self.names.parties and self.names.party(found.by) not in self.state.members:
                continue
            word = words.get(name, SILENT if found.if_silent == "met" else "met")
            if word is not None and not self.state.cut_off:
                self.attest(name, *((word,) if isinstance(word, str) else word))
        self.settle()

    def held(self) -> int:
        """What the account still holds, in smallest units of whatever."""
        return sum(sum(each) for each in holdings(self.state, self.terms).values())

    def _decimals(self, party: str) -> int:
        bond = self.document.parties[party].bond
        return self.document.assets[bond.asset].decimals if bond else 0

    def _do(self, move: Move, payer: str = "") -> None:
        self.state = move.state
        for flow in move.flows:
            to, amount = (flow.to, flow.amount) if flow.to else (self.names.account(payer), -flow.amount)
            self._moved[to, flow.asset] += amount
