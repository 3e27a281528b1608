"""Every move as a call that is not yet sent: what it says, to whom, and what money it takes.

For the client, which sends them; for whoever sends several at once; and for accounts that are contracts, whose owners
send the same bytes by ways of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from pyledger.chain.abi import agreement_abi
from pyledger.chain.acceptances import SignedAcceptance, check_acceptance, party_of
from pyledger.chain.account import Account
from pyledger.chain.attestations import Motion, SignedAttestation, check_attestation
from pyledger.chain.consents import Consent, gather_consents
from pyledger.chain.refusals import Label, refused
from pyledger.errors import SignatureError, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.outcome import cut_off, has_court, level
from pyledger.terms.state import State, Status
from pyledger.terms.structs import NATIVE, Phase
from pyledger.terms.typed_data import Dissolution, Extension

__all__ = ["Call", "Calls"]

_ALL: Final = 2**256 - 1
"""More than any credit: what is asked for then is all of it."""


class Call(NamedTuple):
    """One call, not yet sent: `data` for the contract at `to`.

    `due` is what it takes from whoever sends it, by asset in smallest units: coin goes with the call, of tokens the
    agreement must be allowed to take as much. `label` names what a refusal may speak of.
    """

    to: bytes
    data: bytes
    label: Label
    due: Mapping[bytes, int] = {}


class Calls:
    """The moves of one agreement as calls. They read where it stands, and raise what reading raises.

    SignatureError for a signature that does not fit; Refused for what the contract would refuse and can be seen before.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    # opening and joining

    def open(self, *, disclosed: int | None = None) -> Call:
        """Opens the agreement, disclosing the first so many phases (all), at least one."""
        return self._to_factory("open", disclosed)

    def launch(self, sender: bytes, payments: Collection[int] = (), *, disclosed: int | None = None) -> Call:
        """Opens the agreement, joins for the sender, which must be a party, and funds payments of the first phase.

        There is something to fund only where no other party has to join.
        """
        terms, first = self._account.terms, self._account.terms.phases[0]
        party = party_of(terms, sender)
        chosen = self._known(payments, first, 0) if payments else []
        due = [(terms.parties[party].asset, terms.parties[party].bond)]
        due += [(first.payments[each].asset, first.payments[each].amount) for each in chosen]
        return self._to_factory("launch", disclosed, party, _set(chosen))._replace(due=_sums(due))

    def disclose(self, *, disclosed: int | None = None) -> Call:
        """Has the factory publish the terms of the open agreement anew, with the first so many phases (all)."""
        self._account.require_open()
        return self._to_factory("disclose", disclosed)

    def accept(self, sender: bytes, *, acceptance: SignedAcceptance | None = None) -> Call:
        """The sender joins and posts its bond; or posts the bond of the party whose signed acceptance it brings."""
        account = self._account
        _, state = account.at_hand()
        if acceptance is None:
            party, signature = party_of(account.terms, sender), b""
        else:
            party = check_acceptance(
                acceptance,
                account.terms,
                chain_id=account.connection.chain_id,
                agreement=account.address,
                by_contract=self._is_contract(acceptance.account),
            )
            signature = acceptance.signature
        joining = account.terms.parties[party]
        return self._in_phase(state, "accept", party, signature, due=[(joining.asset, joining.bond)])

    # the ordinary course

    def fund(self, payments: Collection[int]) -> Call:
        """Puts payments of the phase at hand into escrow; those that are funded by then are passed over."""
        phase, state = self._account.at_hand()
        chosen = self._known(payments, phase, state.phase)
        missing = [phase.payments[each] for each in chosen if each not in state.funded]
        return self._in_phase(state, "fund", _set(chosen), due=[(each.asset, each.amount) for each in missing])

    def top_up(self, party: int) -> Call:
        """Restores a party's bond to the level of the phase at hand; does nothing if it is not short of it by then."""
        phase, state = self._account.at_hand()
        terms = self._account.terms
        if not 0 <= party < len(terms.parties):
            raise refused("UnknownParty", {"party": party}, label=self._account.label(state.phase))
        missing = level(terms, phase, party) - state.short[party] if party in state.short else 0
        return self._in_phase(state, "topUp", party, due=[(terms.parties[party].asset, missing)])

    def attest(
        self, motion: Motion, records: Sequence[SignedAttestation], *, pay: Collection[int] | None = None
    ) -> Call:
        """Relays attestations of one verdict, which must all be for `motion`; for `pay` see the client's `attest`."""
        phase, state = self._account.at_hand()
        if motion.phase != state.phase:
            raise SignatureError(
                f"the attestation is for {self._phase(motion.phase)}, "
                f"and the agreement is in {self._phase(state.phase)}",
                where=f"agreement {checksum(self._account.address)}",
                hint="leave it out: that phase is over"
                if motion.phase < state.phase
                else "keep it until that phase has opened",
            )
        now = self._account.connection.latest_time()
        voices = [
            check_attestation(
                record,
                self._account.terms,
                chain_id=self._account.connection.chain_id,
                agreement=self._account.address,
                now=now,
                names=self._account.names,
                by_contract=self._is_contract(record.verifier),
            )
            for record in records
        ]
        if pay is None:
            pay = self._released_by(motion, phase, state)
        panel = phase.obligations[motion.obligation].panel
        values = (motion.obligation, motion.verdict, motion.value, voices, _set(pay))
        return self._in_phase(state, "attest", *values)._replace(label=self._account.label(state.phase, panel=panel))

    def concede(self, obligation: int) -> Call:
        """The sender, its obligor, admits that it breached an obligation of the phase at hand."""
        return self._in_phase(self._account.at_hand()[1], "concede", obligation)

    def release(self, payments: Collection[int]) -> Call:
        """Pays payments of the phase at hand whose verdicts are final; those that are paid by then are passed over."""
        phase, state = self._account.at_hand()
        return self._in_phase(state, "release", _set(self._known(payments, phase, state.phase)))

    def settle(self) -> Call:
        """Closes the phase at hand, and opens the next unless this one was cut off or time is over."""
        account = self._account
        _, state = account.at_hand()
        now, following = account.connection.latest_time(), state.phase + 1
        over = now > account.terms.longStop or cut_off(state, account.terms, now) is not None
        goes_on = following < len(account.terms.phases) and not over
        data = account.encoder.settle(state.phase, goes_on=goes_on, extended=state.extended)
        return self._call(data, state)

    # when things do not go as planned

    def enter(self) -> Call:
        """Past `joinBy`, brings the agreement into force without those who have not joined."""
        return self._in_phase(self._account.at_hand()[1], "enter")

    def void(self) -> Call:
        """Sends the bonds back once joining has failed."""
        return self._from_phase(self._account.at_hand()[1], "void")

    def unwind(self) -> Call:
        """Past the long-stop date and the windows after it, closes the agreement for good."""
        return self._in_phase(self._account.at_hand()[1], "unwind")

    def challenge(self, obligation: int, *, fee: int) -> Call:
        """Contests the verdict on an obligation of the phase at hand, paying the arbitrator `fee` wei."""
        _, state = self._account.at_hand()
        return self._in_phase(state, "challenge", obligation, due=[(NATIVE, fee)])

    def comment(self, evidence: str, *, obligation: int | None = None, group: int | None = None) -> Call:
        """Says something on record, about an obligation of the phase at hand, or by another number; see `Evidence`."""
        _, state = self._account.at_hand()
        about = 256 * state.phase + (255 if obligation is None else obligation)
        return self._from_phase(state, "comment", about if group is None else group, evidence)

    def dissolve(self, sender: bytes, said: Dissolution, records: Sequence[Consent]) -> Call:
        """Ends the agreement as every member has signed; the sender, if it is a member, need not sign."""
        _, state = self._account.at_hand()
        signatures = self._consents(sender, said, records, state)
        return self._in_phase(state, "dissolve", said.splits, said.expiry, signatures)

    def extend(self, sender: bytes, said: Extension, records: Sequence[Consent]) -> Call:
        """Gives more time as every member has signed; the sender, if it is a member, need not sign."""
        _, state = self._account.at_hand()
        signatures = self._consents(sender, said, records, state)
        return self._in_phase(state, "extend", said.payment, said.item, said.to, said.expiry, signatures)

    def withdraw(self, asset: bytes, *, to: bytes, amount: int | None = None) -> Call:
        """Takes what is credited to the sender in one asset, all of it or at most `amount`, to any account."""
        return self._plain("withdraw", asset, to, _ALL if amount is None else amount)

    def deliver(self, account: bytes, asset: bytes) -> Call:
        """Sends an account what is credited to it in one asset."""
        return self._plain("deliver", account, asset)

    # how

    def _call(self, data: bytes, state: State, due: Iterable[tuple[bytes, int]] = ()) -> Call:
        return Call(self._account.address, data, self._account.label(state.phase), _sums(due))

    def _in_phase(self, state: State, function: str, *values: object, due: Iterable[tuple[bytes, int]] = ()) -> Call:
        data = self._account.encoder.in_phase(function, state.phase, *values, extended=state.extended)
        return self._call(data, state, due)

    def _from_phase(self, state: State, function: str, *values: object) -> Call:
        return self._call(
            self._account.encoder.from_phase(function, state.phase, *values, extended=state.extended), state
        )

    def _plain(self, function: str, *values: object) -> Call:
        self._account.require_open()
        return Call(self._account.address, agreement_abi().encode(function, *values), self._account.label())

    def _to_factory(self, function: str, disclosed: int | None, *values: object) -> Call:
        data = self._account.encoder.opening(function, disclosed, *values)
        return Call(self._account.places.factory, data, self._account.label())

    def _is_contract(self, account: bytes) -> bool:
        return bool(self._account.connection.code(account))

    def _phase(self, phase: int) -> str:
        name = self._account.label()("phase", phase)
        return f"the phase `{name}`" if name else f"phase {phase}"

    def _known(self, payments: Iterable[int], phase: Phase, index: int) -> list[int]:
        chosen = sorted(set(payments))
        if not chosen:
            raise UsageError("no payment is given", hint="name at least one of the phase at hand")
        if chosen[-1] >= len(phase.payments) or chosen[0] < 0:
            raise refused("UnknownPayment", {"payment": chosen[-1]}, label=self._account.label(index))
        return chosen

    def _released_by(self, motion: Motion, phase: Phase, state: State) -> list[int]:
        """The payments that a verdict releases as it is given: none where it can still be challenged."""
        if has_court(self._account.terms):
            return []
        unpaid = state.funded - state.paid
        return [i for i in sorted(unpaid) if phase.payments[i].obligation == motion.obligation]

    def _consents(
        self, sender: bytes, said: Dissolution | Extension, records: Sequence[Consent], state: State
    ) -> tuple[bytes, ...]:
        account = self._account
        if state.status is not Status.IN_FORCE:
            raise refused("WrongStatus", {"actual": state.status}, label=account.label())
        return gather_consents(
            records,
            said,
            account.terms,
            state.members,
            chain_id=account.connection.chain_id,
            agreement=account.address,
            now=account.connection.latest_time(),
            caller=sender,
            is_contract=self._is_contract,
            names=account.names,
        )


def _set(indices: Iterable[int]) -> int:
    return sum(1 << each for each in set(indices))


def _sums(due: Iterable[tuple[bytes, int]]) -> dict[bytes, int]:
    sums: dict[bytes, int] = {}
    for asset, amount in due:
        sums[asset] = sums.get(asset, 0) + amount
    return sums
