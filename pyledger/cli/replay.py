"""Histories of the settlement model played on a throwaway chain through the real client, and every balance compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pyledger.analysis.acts import (
    Accept,
    Act,
    Attest,
    Challenge,
    Concede,
    Dissolve,
    Enter,
    Extend,
    Fund,
    Rule,
    Settle,
    TopUp,
    Unwind,
    Void,
    apply,
    quorum_of,
)
from pyledger.analysis.stand_ins import Deal, deal_of
from pyledger.chain.anvil import Anvil, revert, snapshot, warp
from pyledger.chain.attestations import Motion, sign_attestation
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.consents import extension_of, sign_dissolution, sign_extension
from pyledger.chain.deployments import deploy, places
from pyledger.chain.keys import Signer
from pyledger.chain.local import local_bindings, local_signer, operator
from pyledger.chain.networks import LOCAL_CHAIN_ID, Network
from pyledger.chain.rulings import RULINGS
from pyledger.chain.tokens import token_balance
from pyledger.document import Document
from pyledger.errors import PyledgerError
from pyledger.terms.bindings import Bindings
from pyledger.terms.outcome import phase_at_hand
from pyledger.terms.state import Split, State, Status
from pyledger.terms.structs import NATIVE
from pyledger.terms.typed_data import Dissolution

__all__ = ["Compared", "Difference", "Theatre", "theatre"]

_FREE_GAS = ("--block-base-fee-per-gas", "0", "--gas-price", "0")
"""So that balances of coin change by what the agreement moves, and by nothing else."""

Gains = Mapping[tuple[str, str], int]
"""Who gained what: smallest units by the names of account and asset, zeros left out."""


class Difference(NamedTuple):
    """Where chain and model differ: smallest units of an asset by name."""

    who: str
    asset: str
    model: int
    chain: int


class Compared(NamedTuple):
    """One history on the chain: how it ended there, how many transactions it took, and where it differs."""

    status: Status | None
    transactions: int
    differences: tuple[Difference, ...]
    refused: str = ""

    @property
    def equal(self) -> bool:
        """Whether the chain did to the last unit what the model said."""
        return not self.differences and not self.refused


@dataclass
class Theatre:
    """A chain with the contracts, development accounts, tokens and court of a document; played on again and again."""

    connection: Connection
    bindings: Bindings
    deal: Deal

    def play(self, acts: Sequence[Act], status: Status, gains: Gains) -> Compared:
        """Acts of this theatre's deal, from the beginning; then the chain is as it was before."""
        mark = snapshot(self.connection.network.url)
        try:
            return _Performance(self, acts).compare(status, gains)
        finally:
            revert(self.connection.network.url, mark)

    def signer(self, role: str) -> Signer:
        """The development account of a role."""
        return local_signer(self.bindings, role, chain_id=LOCAL_CHAIN_ID)

    def balances(self) -> dict[tuple[str, str], int]:
        """What parties and recipients have of every asset."""
        names = self.deal.names
        people = [*self.bindings.parties, *self.bindings.recipients]
        assets = names.assets.items()
        return {(who, what): self._balance(names.accounts[who], asset) for who in people for what, asset in assets}

    def _balance(self, account: bytes, asset: bytes) -> int:
        return self.connection.balance(account) if asset == NATIVE else token_balance(self.connection, asset, account)


@contextmanager
def theatre(document: Document, *, start: int) -> Iterator[Theatre]:
    """A theatre on a chain of its own, whose clock begins at `start` (Unix seconds); nothing is left of it."""
    with (
        TemporaryDirectory(prefix="pyledger-whatif-") as folder,
        Anvil(timestamp=start, extra=_FREE_GAS) as anvil,
        connect(Network("whatif", anvil.url, LOCAL_CHAIN_ID)) as connection,
    ):
        deploy(connection, operator(connection), directory=Path(folder) / "deployments")
        bindings = local_bindings(connection, document, folder=Path(folder)).bindings
        yield Theatre(connection, bindings, deal_of(document, bindings))


class _Performance:
    """One history being played: the model's state goes along, because its times are moved to the chain's."""

    def __init__(self, house: Theatre, acts: Sequence[Act]) -> None:
        self.house, self.acts = house, acts
        self.deal, self.terms, self.names = house.deal, house.deal.terms, house.deal.names
        self.agreement = Agreement(house.connection, self.terms, places(), names=self.names)
        self.relay = operator(house.connection)
        self.state = State()
        self.sent = self.lag = 0
        self.fees: dict[str, int] = {}
        self.disputes: dict[int, int] = {}

    def compare(self, status: Status, gains: Gains) -> Compared:
        before = self.house.balances()
        try:
            self.agreement.open(self.relay)
            self.sent = 1
            for _, together in groupby(self.acts, key=_together):
                self._perform(list(together))
        except PyledgerError as error:
            return Compared(None, self.sent, (), str(error.what))
        after = self.house.balances()
        ended = self.agreement.state().status
        differences = []
        for who, what in before:
            fee = self.fees.get(who, 0) if self.names.assets[what] == NATIVE else 0
            gained = after[who, what] - before[who, what] + fee
            if gained != gains.get((who, what), 0):
                differences.append(Difference(who, what, gains.get((who, what), 0), gained))
        wrong = f"it is {ended.name.lower()} there, not {status.name.lower()}" if ended is not status else ""
        return Compared(ended, self.sent, tuple(differences), wrong)

    def _perform(self, acts: Sequence[Act]) -> None:
        ahead = self._ahead()
        self._go_to(acts[0])
        if isinstance(acts[0], Attest):
            self._attest([each for each in acts if isinstance(each, Attest)])
        else:
            for act in acts:
                self._act(act)
                self.sent += 1
        self.lag = max(self.house.connection.latest_time() - acts[-1].at - ahead, 0)
        for act in acts:
            self.state = apply(self.state, self.terms, act).state

    def _go_to(self, act: Act) -> None:
        """The clock at a moment of the model, counted from when the phase opened on the chain.

        A verdict may be due in that very second, so that the clock stops a second before it. What closes a phase waits
        as long as the chain, which needs a second for every transaction, lags behind.
        """
        moment, latest = act.at + self._ahead(), self.house.connection.latest_time()
        if isinstance(act, Attest):
            moment -= 1
        elif isinstance(act, Settle | Enter | Void | Unwind):
            moment = max(moment + self.lag, latest + 1)
        if moment > latest:
            warp(self.house.connection.network.url, to=moment)

    def _ahead(self) -> int:
        """How much later the phase opened on the chain than in the model, in seconds."""
        in_force = self.state.status is Status.IN_FORCE
        return self.agreement.state().opened_at - self.state.opened_at if in_force else 0

    def _attest(self, acts: Sequence[Attest]) -> None:
        """Verdicts of one moment are relayed in one transaction, as they would be in one block."""
        calls = []
        for act in acts:
            number = phase_at_hand(self.state, self.terms).obligations[act.obligation].panel
            motion = Motion(self.state.phase, act.obligation, act.verdict, act.value)
            records = [
                sign_attestation(
                    self.house.signer(self.names.seats[number][seat]),
                    self.terms,
                    motion,
                    chain_id=LOCAL_CHAIN_ID,
                    agreement=self.agreement.address,
                    expiry=self.terms.longStop,
                    names=self.names,
                )
                for seat in quorum_of(self.terms.panels[number])
            ]
            calls.append(self.agreement.calls.attest(motion, records, pay=None if act.pays else []))
        self.agreement.send(self.relay, *calls)
        self.sent += 1

    def _party(self, index: int) -> Signer:
        return self.house.signer(self.names.parties[index])

    def _act(self, act: Act) -> None:
        agreement = self.agreement
        plays: Mapping[type, Callable[[Any], object]] = {
            Accept: lambda each: agreement.accept(self._party(each.party)),
            Enter: lambda _: agreement.enter(self.relay),
            Void: lambda _: agreement.void(self.relay),
            TopUp: lambda each: agreement.top_up(self._party(each.party), each.party),
            Fund: self._fund,
            Concede: self._concede,
            Challenge: self._challenge,
            Rule: self._rule,
            Extend: self._extend,
            Dissolve: self._dissolve,
            Settle: lambda _: agreement.settle(self.relay),
            Unwind: lambda _: agreement.unwind(self.relay),
        }
        plays[type(act)](act)

    def _fund(self, act: Fund) -> None:
        payments = phase_at_hand(self.state, self.terms).payments
        for payer in sorted({payments[each].payer for each in act.payments}):
            self.agreement.fund(self._party(payer), [each for each in act.payments if payments[each].payer == payer])

    def _concede(self, act: Concede) -> None:
        obligor = phase_at_hand(self.state, self.terms).obligations[act.obligation].obligor
        self.agreement.concede(self._party(obligor), act.obligation)

    def _challenge(self, act: Challenge) -> None:
        who = (self.names.standing if act.standing else self.names.parties)[act.by]
        fee = self.agreement.challenge_cost()
        self.agreement.challenge(self.house.signer(who), act.obligation, max_fee=fee)
        self.fees[who] = self.fees.get(who, 0) + fee
        self.disputes[act.dispute] = self.agreement.court().disputes()

    def _rule(self, act: Rule) -> None:
        assert self.names.court is not None
        court, words = self.agreement.court(), {number: word for word, number in RULINGS.items()}
        judge = self.house.signer(self.names.court)
        record = court.sign(judge, self.disputes[act.dispute], words[int(act.ruling)], expiry=self.terms.longStop)
        court.rule(self.relay, [record])

    def _extend(self, act: Extend) -> None:
        state, expiry = self.agreement.state(), self.terms.longStop
        said = extension_of(state, self.terms, payment=act.payment, item=act.item, to=act.to, expiry=expiry)
        place = self._place()
        self.agreement.extend(
            self.relay, said, [sign_extension(each, self.terms, said, **place) for each in self._members()]
        )

    def _dissolve(self, act: Dissolve) -> None:
        splits = tuple(Split(asset, shares) for asset, shares in act.splits)
        said = Dissolution(self.state.phase, splits, self.terms.longStop)
        place = self._place()
        self.agreement.dissolve(
            self.relay, said, [sign_dissolution(each, self.terms, said, **place) for each in self._members()]
        )

    def _members(self) -> list[Signer]:
        return [self._party(each) for each in sorted(self.state.members)]

    def _place(self) -> dict[str, Any]:
        return {"chain_id": LOCAL_CHAIN_ID, "agreement": self.agreement.address, "names": self.names}


def _together(act: Act) -> tuple[str, int]:
    return type(act).__name__, act.at
