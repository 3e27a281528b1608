"""One agreement, as a party, a verifier or anybody else acts on it.

Every move is tried before it is sent, and every call carries the terms: the address they lead to is the only one this
client will talk to, and only if its code commits to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from pyledger.chain.abi import agreement_abi, factory_abi, header
from pyledger.chain.acceptances import SignedAcceptance, check_acceptance, party_of
from pyledger.chain.attestations import (
    Motion,
    SignedAttestation,
    Voice,
    check_attestation,
    group_attestations,
    sign_attestation,
)
from pyledger.chain.connect import Connection
from pyledger.chain.deployments import Places
from pyledger.chain.events import Event, Opened, read_events
from pyledger.chain.keys import Signer
from pyledger.chain.reading import Check, Snapshot, is_open, not_open, read_snapshot, read_state, verify
from pyledger.chain.refusals import Label, labels_of, refused
from pyledger.chain.tokens import Deposit, allow, deposits
from pyledger.chain.transactions import Receipt, transact
from pyledger.errors import MismatchError, SignatureError, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names
from pyledger.terms.outcome import cut_off, level
from pyledger.terms.state import State, Status
from pyledger.terms.structs import NATIVE, Phase, Terms, Verdict
from pyledger.terms.typed_data import agenda, agreement_address, clone_code, phase_hash

__all__ = ["Agreement"]


class Agreement:
    """The agreement of some terms on some chain, opened or not.

    Moves return the receipt of their transaction. They raise Refused where a rule forbids the move (nothing is sent),
    MismatchError where the agreement is not open, SignatureError for a signature that does not fit, NodeError and
    TransactionError for a node that fails. `names` make messages speak of the document's things.
    """

    def __init__(
        self,
        connection: Connection,
        terms: Terms,
        places: Places,
        *,
        names: Names | None = None,
        timeout: float = 120.0,
    ) -> None:
        self.connection = connection
        self.terms = terms
        self.places = places
        self.names = names
        self.timeout = timeout
        self.hashes = tuple(phase_hash(phase) for phase in terms.phases)
        self.address = agreement_address(factory=places.factory, implementation=places.implementation, terms=terms)
        self._header = header(terms)

    @cached_property
    def _code(self) -> bytes:
        return clone_code(self.places.implementation, self.terms)

    # reading

    def is_open(self) -> bool:
        """Whether the agreement has been opened."""
        return is_open(self.connection, self.address)

    def state(self) -> State:
        """What the contract stores, without credits. MismatchError if it is not open."""
        return read_state(self.connection, self.address)

    def snapshot(self) -> Snapshot:
        """State, holdings, credits and balances at the latest block. MismatchError if it is not open."""
        return read_snapshot(self.connection, self.address, self.terms)

    def credit(self, account: bytes, asset: bytes) -> int:
        """What is credited to any account in one asset, in its smallest unit. MismatchError if it is not open."""
        self._require_open()
        data = self.connection.call(self.address, agreement_abi().encode("credit", account, asset))
        return int(agreement_abi().decode("credit", data)[0])

    def verify(self) -> tuple[Check, ...]:
        """Whether the account is the agreement of these terms, step by step."""
        return verify(self.connection, self.address, self.terms, self.places)

    def events(self, *, start: int = 0) -> tuple[Event, ...]:
        """All that was ever said about it, in the order of the chain, from block `start` on."""
        of_it = read_events(self.connection, [self.places.factory], start=start, agreement=self.address)
        by_it = read_events(self.connection, [self.address], start=start)
        return tuple(sorted((*of_it, *by_it), key=lambda each: each.origin[:2]))

    # joining

    def open(self, signer: Signer, *, disclosed: int | None = None) -> Receipt:
        """Opens the agreement, disclosing the first so many phases (all, unless said otherwise)."""
        if self.is_open():
            raise refused("AlreadyOpen", {"agreement": self.address}, label=self._label())
        shown = self.terms.phases[:disclosed]
        data = factory_abi().encode("open", self._header, self.hashes, shown)
        receipt = self._transact(signer, self.places.factory, data, self._label())
        opened = [each.agreement for each in receipt.events if isinstance(each, Opened)]
        if opened != [self.address]:
            raise MismatchError(
                f"the factory opened {[checksum(each) for each in opened]} instead of {checksum(self.address)}",
                hint="do not use it; check the deployment with `pyledger verify`",
            )
        return receipt

    def disclose(self, signer: Signer, *, disclosed: int | None = None) -> Receipt:
        """Has the factory publish the terms of the open agreement anew, with the first so many phases (all).

        Whoever opened it, and in whatever form, observers can then read what it is.
        """
        self._require_open()
        data = factory_abi().encode("disclose", self._header, self.hashes, self.terms.phases[:disclosed])
        return self._transact(signer, self.places.factory, data, self._label())

    def accept(self, signer: Signer, *, acceptance: SignedAcceptance | None = None) -> Receipt:
        """The signer accepts and posts its bond; or posts the bond of the party whose signed acceptance it brings."""
        if acceptance is None:
            party, signature = party_of(self.terms, signer.address), b""
        else:
            party = check_acceptance(
                acceptance,
                self.terms,
                chain_id=self.connection.chain_id,
                agreement=self.address,
                by_contract=bool(self.connection.code(acceptance.account)),
            )
            signature = acceptance.signature
        joining = self.terms.parties[party]
        return self._deposit(
            signer, "accept", 0, (party, signature), [Deposit(joining.asset, joining.bond)], self._label()
        )

    # in a phase

    def fund(self, signer: Signer, payments: Collection[int]) -> Receipt:
        """Puts payments of the phase at hand into escrow; the signer pays, whoever the payer is.

        Payments that are funded by then are passed over; coin sent for them comes back.
        """
        phase, state = self._at_hand()
        chosen = self._known(payments, phase, state.phase)
        missing = [phase.payments[each] for each in chosen if each not in state.funded]
        wanted = [Deposit(each.asset, each.amount) for each in missing]
        return self._deposit(signer, "fund", state.phase, (_set(chosen),), wanted, self._label(state.phase))

    def top_up(self, signer: Signer, party: int) -> Receipt:
        """Restores a party's bond to the level of the phase at hand; the signer pays."""
        phase, state = self._at_hand()
        label = self._label(state.phase)
        if party >= len(self.terms.parties):
            raise refused("UnknownParty", {"party": party}, label=label)
        missing = level(self.terms, phase, party) - state.short[party] if party in state.short else 0
        wanted = [Deposit(self.terms.parties[party].asset, missing)]
        return self._deposit(signer, "topUp", state.phase, (party,), wanted, label)

    def attest(
        self, signer: Signer, records: Sequence[SignedAttestation], *, pay: Collection[int] | None = None
    ) -> tuple[Receipt, ...]:
        """Relays signed attestations, one transaction for each verdict that they are for.

        A verdict that becomes final releases the payments in `pay`: unless said otherwise, those that hang on its
        obligation and are funded.
        """
        if not records:
            raise UsageError("there is no attestation to submit")
        now = self.connection.latest_time()
        groups = {
            motion: [self._voice(record, now) for record in some]
            for motion, some in group_attestations(records, names=self.names).items()
        }
        return tuple(self._relay(signer, motion, voices, pay) for motion, voices in groups.items())

    def attest_self(
        self,
        signer: Signer,
        obligation: int,
        verdict: Verdict,
        *,
        value: int = 0,
        evidence: bytes = bytes(32),
        pay: Collection[int] | None = None,
    ) -> Receipt:
        """The signer attests for its own seat, in the phase at hand."""
        _, state = self._at_hand()
        motion = Motion(state.phase, obligation, verdict, value)
        record = sign_attestation(
            signer,
            self.terms,
            motion,
            chain_id=self.connection.chain_id,
            agreement=self.address,
            expiry=self.terms.longStop,
            evidence=evidence,
            names=self.names,
        )
        return self.attest(signer, [record], pay=pay)[0]

    def concede(self, signer: Signer, obligation: int) -> Receipt:
        """The obligor admits that it breached an obligation of the phase at hand."""
        _, state = self._at_hand()
        return self._move(signer, "concede", state.phase, (obligation,))

    def release(self, signer: Signer, payments: Collection[int]) -> Receipt:
        """Pays payments of the phase at hand whose verdicts are final: to their payees, or back to their payers.

        Payments that are paid by then are passed over.
        """
        phase, state = self._at_hand()
        return self._move(signer, "release", state.phase, (_set(self._known(payments, phase, state.phase)),))

    def settle(self, signer: Signer) -> Receipt:
        """Closes the phase at hand, and opens the next unless this one was cut off."""
        _, state = self._at_hand()
        following = state.phase + 1
        goes_on = following < len(self.terms.phases)
        is_cut = goes_on and cut_off(state, self.terms, self.connection.latest_time()) is not None
        disclosed = self.terms.phases[following : following + 1] if goes_on and not is_cut else ()
        return self._move(signer, "settle", state.phase, (disclosed, agenda(self.hashes, following + 1)))

    # the end

    def unwind(self, signer: Signer) -> Receipt:
        """Ends what cannot go on: sends bonds back once joining has failed; past the long-stop date, closes the phase.

        What was decided by that date goes by its verdict, everything else back to who paid it in.
        """
        _, state = self._at_hand()
        if state.status is not Status.OPEN:
            return self._move(signer, "unwind", state.phase, ())
        data = agreement_abi().encode("void", self._header, agenda(self.hashes))
        return self._transact(signer, self.address, data, self._label())

    def withdraw(self, signer: Signer, asset: bytes, *, to: bytes | None = None) -> Receipt:
        """Takes all that is credited to the signer in one asset, to itself unless said otherwise."""
        self._require_open()
        data = agreement_abi().encode("withdraw", asset, signer.address if to is None else to)
        return self._transact(signer, self.address, data, self._label())

    def deliver(self, signer: Signer, account: bytes, asset: bytes) -> Receipt:
        """Sends an account what is credited to it in one asset; the signer, who may be anybody, pays the gas."""
        self._require_open()
        data = agreement_abi().encode("deliver", account, asset)
        return self._transact(signer, self.address, data, self._label())

    # how

    def _label(self, phase: int = 0, *, panel: int | None = None) -> Label:
        return labels_of(self.names, phase, panel=panel)

    def _phase(self, phase: int) -> str:
        name = self._label()("phase", phase)
        return f"the phase `{name}`" if name else f"phase {phase}"

    def _require_open(self) -> None:
        code = self.connection.code(self.address)
        if not code:
            raise not_open(self.connection, self.address)
        if code != self._code:
            raise MismatchError(f"the code at {checksum(self.address)} is not that of the agreement of these terms")

    def _at_hand(self) -> tuple[Phase, State]:
        self._require_open()
        state = self.state()
        return self.terms.phases[state.phase], state

    def _known(self, payments: Iterable[int], phase: Phase, index: int) -> list[int]:
        chosen = sorted(set(payments))
        if not chosen:
            raise UsageError("no payment is given")
        if chosen[-1] >= len(phase.payments) or chosen[0] < 0:
            raise refused("UnknownPayment", {"payment": chosen[-1]}, label=self._label(index))
        return chosen

    def _call(self, function: str, phase: int, values: Sequence[object]) -> bytes:
        later = agenda(self.hashes, phase + 1)
        return agreement_abi().encode(function, self._header, self.terms.phases[phase], later, *values)

    def _transact(self, signer: Signer, to: bytes, data: bytes, label: Label, *, value: int = 0) -> Receipt:
        where = f"agreement {checksum(self.address)}"
        return transact(self.connection, signer, to, data, value=value, label=label, where=where, timeout=self.timeout)

    def _move(self, signer: Signer, function: str, phase: int, values: Sequence[object]) -> Receipt:
        return self._transact(signer, self.address, self._call(function, phase, values), self._label(phase))

    def _deposit(
        self,
        signer: Signer,
        function: str,
        phase: int,
        values: Sequence[object],
        wanted: Iterable[Deposit],
        label: Label,
    ) -> Receipt:
        """A move that takes money from the signer: coin with the call, tokens by an allowance given just before."""
        self._require_open()
        data, due = self._call(function, phase, values), deposits(wanted)
        value = due.pop(NATIVE, 0)
        before = allow(self.connection, signer, self.address, due, then=data, value=value, label=label)
        return replace(self._transact(signer, self.address, data, label, value=value), before=before)

    def _voice(self, record: SignedAttestation, now: int) -> Voice:
        return check_attestation(
            record,
            self.terms,
            chain_id=self.connection.chain_id,
            agreement=self.address,
            now=now,
            names=self.names,
            by_contract=bool(self.connection.code(record.verifier)),
        )

    def _relay(self, signer: Signer, motion: Motion, voices: Sequence[Voice], pay: Collection[int] | None) -> Receipt:
        phase, state = self._at_hand()
        if motion.phase != state.phase:
            raise SignatureError(
                f"the attestation is for {self._phase(motion.phase)}, "
                f"and the agreement is in {self._phase(state.phase)}",
                where=f"agreement {checksum(self.address)}",
            )
        if pay is None:
            hanging = (i for i, payment in enumerate(phase.payments) if payment.obligation == motion.obligation)
            pay = {i for i in hanging if i in state.funded and i not in state.paid}
        label = self._label(state.phase, panel=phase.obligations[motion.obligation].panel)
        values = (motion.obligation, motion.verdict, motion.value, voices, _set(pay))
        return self._transact(signer, self.address, self._call("attest", state.phase, values), label)


def _set(indices: Iterable[int]) -> int:
    return sum(1 << each for each in set(indices))
