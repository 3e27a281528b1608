"""One agreement as its document speaks of it: roles act, by name, on obligations and payments, in units of the assets.

For whoever plays a deal from end to end: tests, rehearsals, scenarios. The client below it (`pyledger.chain.client`)
goes by numbers, addresses and smallest units.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Self

from pyledger.chain.attestations import Motion, sign_attestation
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.consents import assets_to_split, extension_of, sign_dissolution, sign_extension
from pyledger.chain.deployments import Places
from pyledger.chain.keys import Signer
from pyledger.chain.local import bind_locally, local_signer, operator
from pyledger.chain.named_account import Amount, NamedAccount, index_in
from pyledger.chain.rulings import Word
from pyledger.chain.transactions import Receipt
from pyledger.document import Document
from pyledger.document.units import parse_duration, parse_percent
from pyledger.errors import Refused, UsageError
from pyledger.terms import settlement
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.outcome import phase_at_hand, turning_points
from pyledger.terms.quorum import quorum_of
from pyledger.terms.state import Split, State
from pyledger.terms.structs import Share
from pyledger.terms.typed_data import Dissolution

__all__ = ["NamedAgreement"]


class NamedAgreement(NamedAccount):
    """An agreement whose roles all sign here, each by the signer that `signer_of` gives for its name.

    Verbs raise what the client raises: Refused where a rule forbids the move. Names that the document does not have are
    a UsageError. What anybody may do is done by `relay`.
    """

    def __init__(
        self,
        client: Agreement,
        document: Document,
        bindings: Bindings,
        *,
        signer_of: Callable[[str], Signer],
        relay: Signer,
    ) -> None:
        super().__init__(client, document, bindings)
        self.client, self.signer, self.relay = client, signer_of, relay

    @classmethod
    def locally(cls, connection: Connection, places: Places, document: Document) -> Self:
        """On a local chain: every name a development account, every asset a test token, with what the deal needs."""
        bindings = bind_locally(connection, document)
        client = Agreement(connection, compile_terms(document, bindings), places, names=Names.of(document, bindings))
        signers: dict[str, Signer] = {}

        def signer_of(name: str) -> Signer:
            if name not in signers:
                signers[name] = local_signer(bindings, name, chain_id=connection.chain_id)
            return signers[name]

        return cls(client, document, bindings, signer_of=signer_of, relay=operator(connection))

    # joining

    def open(self) -> Receipt:
        """Opens it. From here on `change` counts."""
        self.before = self.balances()
        return self.client.open(self.relay)

    def accept(self, *parties: str) -> None:
        """Parties join and post their bonds: all of them, unless some are named."""
        for party in parties or self.names.parties:
            self.names.party(party)
            self.client.accept(self.signer(party))

    def enter(self) -> Receipt:
        """Brings it into force without those who have not joined."""
        return self.client.enter(self.relay)

    # in a phase

    def fund(self, *payments: str, by: str | None = None) -> None:
        """Payers put payments of the phase at hand into escrow: those named, or all that `by`, or anybody, owes."""
        phase, state = self.client.at_hand()
        known = self.names.payments[state.phase]
        chosen = [index_in(each, known, "payment") for each in payments]
        payers = range(len(self.names.parties)) if by is None else [self.names.party(by)]
        for index in chosen:
            if (owing := phase.payments[index].payer) not in payers:
                raise UsageError(f"`{known[index]}` is not paid by {by}", hint=f"it is by {self.names.parties[owing]}")
        for party in payers:
            due = {i for i, each in enumerate(phase.payments) if each.payer == party and i not in state.funded}
            due &= set(chosen) if payments else due
            if due and party in state.members:
                self.client.fund(self.signer(self.names.parties[party]), sorted(due))

    def top_up(self, *parties: str) -> None:
        """Parties restore their bonds: those named, or all that are short."""
        short = self.state.short
        for party in parties or [self.names.parties[each] for each in sorted(short)]:
            self.client.top_up(self.signer(party), self.names.party(party))

    def attest(
        self, obligation: str, verdict: str, *, value: Amount | None = None, by: Collection[str] | str | None = None
    ) -> Receipt:
        """Verifiers say `met`, `breached` or `lapsed`: those named, or as few of the panel as decide."""
        state = self.state
        voices = self._voices(obligation, state, by)
        motion = Motion(
            state.phase,
            self.obligation(obligation, state),
            self.verdict_of(verdict),
            self.value_of(obligation, value, state),
        )
        records = [
            sign_attestation(self.signer(name), self.terms, motion, expiry=self.terms.longStop, **self._place())
            for name in voices
        ]
        (receipt,) = self.client.attest(self.relay, records)
        return receipt

    def concede(self, obligation: str) -> Receipt:
        """Its obligor admits that it breached an obligation."""
        phase, state = self.client.at_hand()
        index = self.obligation(obligation, state)
        party = self.names.parties[phase.obligations[index].obligor]
        return self.client.concede(self.signer(party), index)

    def release(self, *payments: str) -> Receipt:
        """Payments whose verdicts are final are paid."""
        known = self.names.payments[self.state.phase]
        chosen = [index_in(each, known, "payment") for each in payments]
        return self.client.release(self.relay, chosen)

    def settle(self) -> Receipt:
        """Closes the phase at hand."""
        return self.client.settle(self.relay)

    def close(self) -> Receipt:
        """Settles as soon as it can be done: a development node's clock moves past deadlines and windows if need be."""
        state, now = self.state, self.now()
        moments = {each + 1 for each in turning_points(state, self.terms)} | {
            each.notBefore for each in self.terms.phases
        }
        ahead = [now, now + 1, *sorted(each for each in moments if each > now + 1)]
        if (soonest := next(filter(lambda each: self._settles(state, each), ahead), now)) > now:
            self.warp(soonest)
        return self.settle()

    def _settles(self, state: State, moment: int) -> bool:
        """Whether the phase could be settled at a moment, if nothing else happened before."""
        try:
            settlement.settle(state, self.terms, now=moment)
        except Refused:
            return False
        return True

    # when things do not go as planned

    def challenge(self, obligation: str, *, by: str) -> Receipt:
        """A party, or somebody with standing, contests a verdict, and pays what the court asks."""
        index, fee = self.obligation(obligation, self.state), self.client.challenge_cost()
        return self.client.challenge(self.signer(by), index, max_fee=fee)

    def rule(self, ruling: Word, *, dispute: int | None = None) -> Receipt:
        """The court's judge rules on a dispute: on the latest, unless its number is given."""
        court = self.client.court()
        number = court.disputes() if dispute is None else dispute
        record = court.sign(self.signer(self.names.court or ""), number, ruling, expiry=self.terms.longStop)
        return court.rule(self.relay, [record])

    def comment(self, text: str, *, by: str, about: str | None = None) -> Receipt:
        """Somebody says something on record."""
        index = None if about is None else self.obligation(about, self.state)
        return self.client.comment(self.signer(by), text, obligation=index)

    def extend(self, name: str, *, to: str) -> Receipt:
        """All members give an obligation or a payment time until `to` ("60 days") from the phase's opening."""
        state = self.state
        payment = name in self.names.payments[state.phase]
        known = self.names.payments[state.phase] if payment else self.names.obligations[state.phase]
        item, until = index_in(name, known, "obligation or payment"), parse_duration(to)
        expiry = self.terms.longStop
        said = extension_of(state, self.terms, payment=payment, item=item, to=until, expiry=expiry)
        records = [sign_extension(each, self.terms, said, **self._place()) for each in self._members(state)]
        return self.client.extend(self.relay, said, records)

    def dissolve(self, split: Mapping[str, Mapping[str, str]]) -> Receipt:
        """All members end it and split what is held: `{"usd": {"north": "60%", "south": "40%"}}`."""
        state, terms = self.state, self.terms
        splits = {
            self.names.asset(asset): tuple(
                Share(self.names.account(to), parse_percent(part)) for to, part in shares.items()
            )
            for asset, shares in split.items()
        }
        for asset in assets_to_split(state, terms):
            if asset not in splits:
                raise UsageError(f"nothing is said of {self.names.what(asset)}", hint="split every asset that is held")
        said = Dissolution(state.phase, tuple(Split(*each) for each in sorted(splits.items())), terms.longStop)
        records = [sign_dissolution(each, terms, said, **self._place()) for each in self._members(state)]
        return self.client.dissolve(self.relay, said, records)

    def void(self) -> Receipt:
        """Sends bonds back where joining has failed."""
        return self.client.void(self.relay)

    def unwind(self) -> Receipt:
        """Ends what cannot go on."""
        return self.client.unwind(self.relay)

    def withdraw(self, who: str, asset: str, *, to: str | None = None) -> Receipt:
        """Somebody takes what is credited to it, to itself or to another account of the document."""
        place = None if to is None else self.names.account(to)
        return self.client.withdraw(self.signer(who), self.names.asset(asset), to=place)

    def _voices(self, obligation: str, state: State, by: Collection[str] | str | None) -> list[str]:
        """Verifiers of the panel by name: as few as decide, unless it is said who."""
        number = phase_at_hand(state, self.terms).obligations[self.obligation(obligation, state)].panel
        seats, panel = self.names.seats[number], self.names.panels[number]
        if by is None:
            return [seats[each] for each in quorum_of(self.terms.panels[number])]
        return [seats[self.names.seat(panel, name)] for name in ([by] if isinstance(by, str) else by)]

    def _members(self, state: State) -> list[Signer]:
        return [self.signer(self.names.parties[each]) for each in sorted(state.members)]

    def _place(self) -> dict[str, Any]:
        return {"chain_id": self.connection.chain_id, "agreement": self.account.address, "names": self.names}
