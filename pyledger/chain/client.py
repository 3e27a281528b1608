"""One agreement, as a party, a verifier or anybody else acts on it.

Every move is tried before it is sent, and every call carries the terms: the address they lead to is the only one this
client will talk to, and only if its code commits to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pyledger.chain.abi import agreement_abi
from pyledger.chain.acceptances import SignedAcceptance
from pyledger.chain.account import Account
from pyledger.chain.attestations import Motion, SignedAttestation, group_attestations, sign_attestation
from pyledger.chain.calls import Call, Calls
from pyledger.chain.connect import Connection
from pyledger.chain.consents import Consent
from pyledger.chain.deployments import Places
from pyledger.chain.events import Accepted, Opened
from pyledger.chain.keys import Signer
from pyledger.chain.permits import Permit
from pyledger.chain.refusals import refused
from pyledger.chain.standing import SignedCredential, through
from pyledger.chain.tokens import allow
from pyledger.chain.transactions import Receipt, transact
from pyledger.errors import MismatchError, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names
from pyledger.terms.state import Status
from pyledger.terms.structs import NATIVE, Terms, Verdict
from pyledger.terms.typed_data import Dissolution, Extension

__all__ = ["Agreement"]


class Agreement(Account):
    """The agreement of some terms on some chain, opened or not.

    Moves return the receipt of their transaction. They raise Refused where a rule forbids the move (nothing is sent),
    MismatchError where the agreement is not open, SignatureError for a signature that does not fit, NodeError and
    TransactionError for a node that fails. `calls` has the same moves as calls that are not sent.
    """

    def __init__(
        self,
        connection: Connection,
        terms: Terms,
        places: Places,
        *,
        names: Names | None = None,
        since: int = 0,
        timeout: float = 120.0,
    ) -> None:
        super().__init__(connection, terms, places, names=names, since=since, timeout=timeout)
        self.calls = Calls(self)

    # opening and joining

    def open(self, signer: Signer, *, disclosed: int | None = None) -> Receipt:
        """Opens the agreement, disclosing the first so many phases (all, unless said otherwise), at least one."""
        return self._opened(signer, self.calls.open(disclosed=disclosed))

    def launch(self, signer: Signer, payments: Collection[int] = (), *, disclosed: int | None = None) -> Receipt:
        """Opens the agreement, joins for the signer, and funds payments of the first phase: all in one transaction.

        There is something to fund only where no other party has to join. If somebody else has opened it by then, the
        signer joins and funds all the same.
        """
        return self._opened(signer, self.calls.launch(signer.address, payments, disclosed=disclosed), joins=True)

    def disclose(self, signer: Signer, *, disclosed: int | None = None) -> Receipt:
        """Has the factory publish the terms of the open agreement anew, with the first so many phases (all).

        Whoever opened it, and in whatever form, observers can then read what it is.
        """
        return self.send(signer, self.calls.disclose(disclosed=disclosed))

    def accept(self, signer: Signer, *, acceptance: SignedAcceptance | None = None) -> Receipt:
        """The signer accepts and posts its bond; or posts the bond of the party whose signed acceptance it brings.

        Where the terms allow accession, a party can join an agreement in force, by its own key.
        """
        return self.send(signer, self.calls.accept(signer.address, acceptance=acceptance))

    def enter(self, signer: Signer) -> Receipt:
        """Past `joinBy`, brings the agreement into force without those who have not joined, if enough have."""
        return self.send(signer, self.calls.enter())

    # in a phase

    def fund(self, signer: Signer, payments: Collection[int]) -> Receipt:
        """Puts payments of the phase at hand into escrow; the signer pays, whoever the payer is.

        Payments that are funded by then are passed over, and coin sent for them comes back.
        """
        return self.send(signer, self.calls.fund(payments))

    def top_up(self, signer: Signer, party: int) -> Receipt:
        """Restores a party's bond to the level of the phase at hand; the signer pays.

        Nothing happens if it is not short of it by then.
        """
        return self.send(signer, self.calls.top_up(party))

    def attest(
        self, signer: Signer, records: Sequence[SignedAttestation], *, pay: Collection[int] | None = None
    ) -> tuple[Receipt, ...]:
        """Relays signed attestations, one transaction for each verdict that they are for.

        A verdict that is final as it is given releases the payments in `pay`: unless said otherwise, those that hang on
        its obligation and are funded. Where there is an arbitrator none can be released yet. If this very
        verdict has been given by then, what is in `pay` is released all the same.
        """
        if not records:
            raise UsageError("there is no attestation to submit", hint="give at least one that a verifier has signed")
        groups = group_attestations(records, names=self.names)
        if len(groups) > 1:  # what does not fit is found before anything is sent
            for motion, some in groups.items():
                self.calls.attest(motion, some, pay=pay)
        return tuple(self.send(signer, self.calls.attest(motion, some, pay=pay)) for motion, some in groups.items())

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
        _, state = self.at_hand()
        record = sign_attestation(
            signer,
            self.terms,
            Motion(state.phase, obligation, verdict, value),
            chain_id=self.connection.chain_id,
            agreement=self.address,
            expiry=self.terms.longStop,
            evidence=evidence,
            names=self.names,
        )
        return self.attest(signer, [record], pay=pay)[0]

    def concede(self, signer: Signer, obligation: int) -> Receipt:
        """The obligor admits that it breached an obligation of the phase at hand."""
        return self.send(signer, self.calls.concede(obligation))

    def release(self, signer: Signer, payments: Collection[int]) -> Receipt:
        """Pays payments of the phase at hand whose verdicts are final: to their payees, or back to their payers.

        Payments that are paid by then are passed over: if all are, nothing happens.
        """
        return self.send(signer, self.calls.release(payments))

    def settle(self, signer: Signer) -> Receipt:
        """Closes the phase at hand, and opens the next unless this one was cut off or the long-stop date is past."""
        return self.send(signer, self.calls.settle())

    # when things do not go as planned

    def challenge(
        self, signer: Signer, obligation: int, *, max_fee: int, credential: SignedCredential | None = None
    ) -> Receipt:
        """The signer, a member or somebody with standing, contests the verdict on an obligation of the phase at hand.

        It pays what the arbitrator asks for (see `challenge_cost`), but never more than `max_fee` wei: Refused. With a
        `credential` it has the standing that many share (`pyledger.chain.standing`).
        """
        fee = self.challenge_cost()
        if fee > max_fee:
            raise refused("FeeTooHigh", {"fee": fee, "most": max_fee})
        return self.send(signer, self._said(self.calls.challenge(obligation, fee=fee), credential))

    def comment(
        self,
        signer: Signer,
        evidence: str,
        *,
        obligation: int | None = None,
        group: int | None = None,
        credential: SignedCredential | None = None,
    ) -> Receipt:
        """The signer, a member, a seat or somebody with standing, says something on record: an event, nothing more.

        It is about an obligation of the phase at hand, about the phase, or about what `group` stands for. With a
        `credential` it has the standing that many share (`pyledger.chain.standing`).
        """
        return self.send(
            signer, self._said(self.calls.comment(evidence, obligation=obligation, group=group), credential)
        )

    def _said(self, call: Call, credential: SignedCredential | None) -> Call:
        return call if credential is None else through(call, self.address, credential)

    def dissolve(self, signer: Signer, said: Dissolution, records: Sequence[Consent] = ()) -> Receipt:
        """Ends the agreement by consent: what is held is split as every member has signed.

        `said.splits` are of every asset in `assets_to_split`, in that order. The signer need not have signed itself.
        """
        return self.send(signer, self.calls.dissolve(signer.address, said, records))

    def extend(self, signer: Signer, said: Extension, records: Sequence[Consent] = ()) -> Receipt:
        """Gives an obligation or a payment of the phase at hand more time, as every member has signed.

        `extension_of` makes what is to be signed. The signer need not have signed itself.
        """
        return self.send(signer, self.calls.extend(signer.address, said, records))

    def void(self, signer: Signer) -> Receipt:
        """Sends the bonds back: past `joinBy` if too few have joined, past the long-stop date in any case."""
        return self.send(signer, self.calls.void())

    def unwind(self, signer: Signer) -> Receipt:
        """Ends what cannot go on: sends bonds back once joining has failed; past the end, closes the phase.

        What was decided by the long-stop date goes by its verdict, everything else back to who paid it in.
        """
        _, state = self.at_hand()
        return self.void(signer) if state.status is Status.OPEN else self.send(signer, self.calls.unwind())

    def withdraw(self, signer: Signer, asset: bytes, *, to: bytes | None = None, amount: int | None = None) -> Receipt:
        """Takes what is credited to the signer in one asset, to itself unless said otherwise.

        All of it; or at most `amount`, while the agreement holds less than that of a token that has shrunk.
        """
        return self.send(signer, self.calls.withdraw(asset, to=signer.address if to is None else to, amount=amount))

    def deliver(self, signer: Signer, account: bytes, asset: bytes) -> Receipt:
        """Sends an account what is credited to it in one asset; the signer, who may be anybody, pays the gas."""
        return self.send(signer, self.calls.deliver(account, asset))

    # sending

    def send(self, signer: Signer, *calls: Call) -> Receipt:
        """Sends a call; or several of this agreement in one transaction, all or none.

        The tokens they take are allowed just before, by permit where the tokens have it, and exactly so many.
        UsageError if one of several takes coin, which can only come with a call by itself.
        """
        if not calls:
            raise UsageError("there is nothing to send", hint="give at least one call")
        due = _sum(call.due for call in calls)
        coin = due.pop(NATIVE, 0)
        if len(calls) > 1 and (coin or any(call.to != self.address for call in calls)):
            raise UsageError(
                "calls that take coin, or are for the factory, go by themselves", hint="send them one after another"
            )
        to, label, where = calls[0].to, calls[-1].label, f"agreement {checksum(self.address)}"

        def permitting(permits: Sequence[Permit]) -> bytes:
            first = (agreement_abi().encode("permit", *permit) for permit in permits)
            return agreement_abi().encode("multicall", (*first, *(call.data for call in calls)))

        data, before = allow(
            self.connection,
            signer,
            self.address,
            due,
            to=to,
            then=calls[0].data if len(calls) == 1 else permitting(()),
            value=coin,
            permitting=permitting if to == self.address and not coin else None,
            label=label,
        )
        receipt = transact(
            self.connection, signer, to, data, value=coin, label=label, where=where, timeout=self.timeout
        )
        return replace(receipt, before=before)

    def _opened(self, signer: Signer, call: Call, *, joins: bool = False) -> Receipt:
        if self.is_open() and not joins:
            raise refused("AlreadyOpen", {"agreement": self.address}, label=self.label())
        receipt = self.send(signer, call)
        opened = [each.agreement for each in receipt.events if isinstance(each, Opened)]
        joined = joins and any(
            isinstance(each, Accepted) and each.origin.address == self.address for each in receipt.events
        )
        if opened != [self.address] and not (joined and not opened):
            raise MismatchError(
                f"the factory opened {[checksum(each) for each in opened]} instead of {checksum(self.address)}",
                hint="do not use it; check the deployment with `pyledger verify`",
            )
        return receipt


def _sum(dues: Iterable[Mapping[bytes, int]]) -> dict[bytes, int]:
    sums: dict[bytes, int] = {}
    for due in dues:
        for asset, amount in due.items():
            sums[asset] = sums.get(asset, 0) + amount
    return sums
