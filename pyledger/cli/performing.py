"""One history played on a chain through the real client, act by act, and what is seen on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyledger.analysis.acts import (
    Accept,
    Act,
    Attempt,
    Attest,
    Challenge,
    Concede,
    Dissolve,
    Enter,
    Extend,
    Fund,
    Look,
    Rule,
    Settle,
    TopUp,
    Unwind,
    Void,
    apply,
    quorum_of,
)
from pyledger.chain.anvil import warp
from pyledger.chain.attestations import Motion, sign_attestation
from pyledger.chain.client import Agreement
from pyledger.chain.consents import extension_of, sign_dissolution, sign_extension
from pyledger.chain.deployments import places
from pyledger.chain.facts import read_story
from pyledger.chain.keys import Signer
from pyledger.chain.local import operator
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.chain.rulings import RULINGS
from pyledger.document.units import DAY
from pyledger.errors import PyledgerError, Refused
from pyledger.terms.facts import Facts
from pyledger.terms.outcome import phase_at_hand
from pyledger.terms.state import Split, State, Status
from pyledger.terms.structs import NATIVE
from pyledger.terms.typed_data import Dissolution

if TYPE_CHECKING:
    from pyledger.cli.replay import Theatre

__all__ = ["Gains", "Performed", "Seen", "perform"]

_DIFFERS: Final = "the contracts and the model of their rules differ: report it, with the document and what was played"

Gains = Mapping[tuple[str, str], int]
"""Who gained what: smallest units by the names of account and asset, zeros left out."""


class Seen(NamedTuple):
    """How an agreement stands on the chain, and where money is missing: by asset, what should be there, what is."""

    facts: Facts
    losses: Mapping[str, tuple[int, int]]


class Performed(NamedTuple):
    """One history on the chain, at each look and in the end.

    `refused` says why it could not be played to the end, `act` which act that was (counted from 0).
    """

    seen: tuple[Seen, ...]
    end: Seen | None
    transactions: int
    refused: str = ""
    act: int = 0


def perform(house: Theatre, acts: Sequence[Act]) -> Performed:
    """Acts of a theatre's deal, from the beginning. The chain is left as it has become."""
    return _Performance(house, acts).perform()


class _Performance:
    """One history being played: the model's state goes along, because its times are moved to the chain's."""

    def __init__(self, house: Theatre, acts: Sequence[Act]) -> None:
        self.house, self.acts = house, acts
        self.deal, self.terms, self.names = house.deal, house.deal.terms, house.deal.names
        since = house.connection.block("latest").number
        self.agreement = Agreement(house.connection, self.terms, places(), names=self.names, since=since)
        self.relay = operator(house.connection)
        self.state = State()
        self.sent = self.lag = self.done = 0
        self.fees: dict[str, int] = {}
        self.disputes: dict[int, int] = {}
        self.before: Gains = {}
        self.seen: list[Seen] = []

    def perform(self) -> Performed:
        self.before = self.house.balances()
        try:
            self.agreement.open(self.relay)
            self.sent = 1
            for _, together in groupby(self.acts, key=_together):
                acts = list(together)
                self._perform(acts)
                self.done += len(acts)
        except PyledgerError as error:
            return Performed(tuple(self.seen), None, self.sent, str(error.what), self.done)
        return Performed(tuple(self.seen), self._look(), self.sent)

    def _look(self) -> Seen:
        """How it stands; who gained what is told by the accounts, and not by what the contract says of it."""
        story = read_story(self.agreement, self.names)
        facts, after = story.facts, self.house.balances()
        gains = dict(facts.gains)
        for who, what in self.before:
            fee = self.fees.get(who, 0) if self.names.assets[what] == NATIVE else 0
            gains[who, what] = after[who, what] - self.before[who, what] + fee
        return Seen(replace(facts, gains={place: gain for place, gain in gains.items() if gain}), story.losses())

    def _perform(self, acts: Sequence[Act]) -> None:
        first = acts[0]
        if isinstance(first, Look):
            self.seen.append(self._look())
            return
        ahead = self._ahead()
        self._go_to(first.deed if isinstance(first, Attempt) else first)
        if isinstance(first, Attempt):
            self._attempt(first)
            return
        if isinstance(first, Attest):
            self._attest([each for each in acts if isinstance(each, Attest)])
        else:
            for act in acts:
                self._act(act)
                self.sent += 1
        self.lag = max(self.house.connection.latest_time() - acts[-1].at - ahead, 0)
        for act in acts:
            self.state = apply(self.state, self.terms, act).state

    def _attempt(self, act: Attempt) -> None:
        """What must be refused, and by which rule."""
        try:
            if isinstance(act.deed, Attest):
                self._attest([act.deed])
            else:
                self._act(act.deed)
        except Refused as error:
            if error.name != act.refused:
                what = f"{act.refused} was expected, and it is {error.name}: {error.what}"
                raise PyledgerError(what, hint=_DIFFERS) from error
            return
        raise PyledgerError(f"{act.refused} was expected, and nothing was refused", hint=_DIFFERS)

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
                    expiry=max(self.terms.longStop, self.house.connection.latest_time() + DAY),
                    names=self.names,
                )
                for seat in act.seats or quorum_of(self.terms.panels[number])
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


def _together(act: Act) -> tuple[object, ...]:
    alone = (id(act),) if isinstance(act, Look | Attempt) else ()
    return type(act).__name__, act.at, *alone
