"""A seat of a panel that several take together (`SealedBallot`, `AnonymousBallot`): making one, reading it, voting.

An address is believed to be such a seat only if it follows from the rules that the contract there says it has: its
code is then the code that pyledger ships, made with just these rules, and the root of a group is that of its members.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from eth_abi.abi import encode

from pyledger.chain.abi import Contract, anonymous_ballot_abi, read_values, sealed_ballot_abi
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.attestations import SignedAttestation
from pyledger.chain.connect import Connection, RpcError
from pyledger.chain.deployments import DEPLOYER, SALT, create
from pyledger.chain.keys import Signer
from pyledger.chain.refusals import Label, explain_revert
from pyledger.chain.transactions import Receipt, preflight, transact
from pyledger.errors import MismatchError, NodeError, SignatureError
from pyledger.terms.addresses import checksum
from pyledger.terms.ballots import (
    MAX_VOTERS,
    MIN_VOTERS,
    Question,
    Result,
    Round,
    Vote,
    attestation_of,
    commitment_of,
    evidence_of,
    round_of,
    scope_of,
    signature_of,
)
from pyledger.terms.names import Names
from pyledger.terms.poseidon import FIELD, tree_root
from pyledger.terms.structs import Terms, Verdict
from pyledger.terms.typed_data import create2_address, terms_hash

__all__ = ["AnonymousPlan", "Ballot", "Plan", "Proof", "SealedPlan", "Seen", "create_ballot", "find_ballot", "verifier"]

_QUESTIONS = "(uint8,uint8,uint32,uint32,uint32)[]"


def verifier() -> bytes:
    """Where Semaphore's verifier of proofs is, as pyledger creates it: 20 bytes, the same on every chain."""
    return create2_address(DEPLOYER, SALT, load_artifact("SemaphoreVerifier").bytecode)


class SealedPlan(NamedTuple):
    """What a ballot of known voters is made of for good; deposit in wei. Two of the same plan are the same."""

    voters: tuple[bytes, ...]
    questions: tuple[Question, ...]
    quorum: int
    deposit: int
    forfeit_to: bytes

    @property
    def code(self) -> bytes:
        """What creates it."""
        arguments = encode(["address[]", _QUESTIONS, "uint256", "uint256", "address"], self)
        return load_artifact("SealedBallot").bytecode + arguments

    @property
    def address(self) -> bytes:
        """Where it is, on every chain, created or not: 20 bytes."""
        return create2_address(DEPLOYER, SALT, self.code)


class AnonymousPlan(NamedTuple):
    """What a ballot of a group is made of for good: identity commitments in ascending order, and the rest as above."""

    members: tuple[int, ...]
    questions: tuple[Question, ...]
    quorum: int

    @property
    def root(self) -> int:
        """Root of the tree of members."""
        return tree_root(self.members)

    @property
    def code(self) -> bytes:
        """What creates it."""
        arguments = encode(
            ["uint256[]", "uint256", "address", _QUESTIONS, "uint256"],
            [self.members, self.root, verifier(), self.questions, self.quorum],
        )
        return load_artifact("AnonymousBallot").bytecode + arguments

    @property
    def address(self) -> bytes:
        """Where it is, on every chain, created or not: 20 bytes."""
        return create2_address(DEPLOYER, SALT, self.code)


Plan = SealedPlan | AnonymousPlan


class Proof(NamedTuple):
    """That a member of a group made a ballot: what stands for the member in this round, and eight numbers."""

    nullifier: int
    points: tuple[int, ...]


class Seen(NamedTuple):
    """A round as it stands: what it is about, its windows and sets, who has which place, and what was counted."""

    question: Question
    round: bytes
    state: Round
    places: tuple[bytes, ...]
    result: Result | None

    @property
    def open(self) -> bool:
        """Whether anybody has opened it."""
        return self.state.commit_until != 0

    def has(self, kind: int, place: int) -> bool:
        """Whether a set of places (of `state`) has this one."""
        return kind >> place & 1 == 1


class Ballot:
    """A ballot on one chain, whose rules were read and hold. NodeError for a node that fails, Refused for a rule."""

    def __init__(self, connection: Connection, plan: Plan, *, label: Label | None = None, timeout: float = 120) -> None:
        self.connection = connection
        self.plan = plan
        self.address = plan.address
        self.label = label
        self.timeout = timeout

    @property
    def abi(self) -> Contract:
        """What it understands."""
        return sealed_ballot_abi() if isinstance(self.plan, SealedPlan) else anonymous_ballot_abi()

    def question(self, phase: int, obligation: int) -> Question | None:
        """What it can be asked about an obligation, if anything."""
        return next((each for each in self.plan.questions if each[:2] == (phase, obligation)), None)

    def see(self, agreement: bytes, question: Question) -> Seen:
        """How a round stands."""
        round_ = round_of(agreement, question.phase, question.obligation)
        state: Round = self._read("roundAt", round_)
        result: Result | None = self._read("resultOf", round_)[0] if state.tallied else None
        if isinstance(self.plan, SealedPlan):
            places = self.plan.voters
        else:
            places = tuple(each.to_bytes(32, "big") for each in self._read("nullifiers", round_))
        return Seen(question, round_, state, places, result)

    def hidden(self, round_: bytes, voter: bytes, vote: Vote, salt: bytes) -> bytes:
        """What a voter (an account, or a nullifier) commits to."""
        return commitment_of(self.connection.chain_id, self.address, round_, voter, vote, salt)

    def scope(self, round_: bytes) -> int:
        """What a member of a group can vote on once: this round, here, on this chain."""
        return scope_of(self.connection.chain_id, self.address, round_)

    def held(self, round_: bytes, place: int) -> bytes:
        """What is in a place: the commitment, or once revealed the vote: 32 bytes."""
        found: bytes = self._read("ballotAt", round_, place)
        return found

    def open(self, signer: Signer, agreement: bytes, question: Question) -> Receipt:
        """Starts a round, in the phase that is at hand; the signer may be anybody."""
        return self._send(signer, "open", agreement, question.phase, question.obligation)

    def commit(self, signer: Signer, round_: bytes, place: int, hidden: bytes) -> Receipt:
        """The voter in a place puts in its ballot, with the deposit."""
        assert isinstance(self.plan, SealedPlan)
        return self._send(signer, "commit", round_, place, hidden, value=self.plan.deposit)

    def commit_proved(self, signer: Signer, round_: bytes, hidden: bytes, proof: Proof) -> Receipt:
        """Puts in the ballot of a member that is not told; the signer may be anybody, and is seen."""
        return self._send(signer, "commit", round_, proof.nullifier, hidden, proof.points)

    def reveal(self, signer: Signer, round_: bytes, place: int, vote: Vote, salt: bytes) -> Receipt:
        """Shows what a ballot says; the signer may be anybody."""
        return self._send(signer, "reveal", round_, place, vote.verdict, vote.value, salt)

    def tally(self, signer: Signer, round_: bytes) -> Receipt:
        """Has a round counted; the signer may be anybody."""
        return self._send(signer, "tally", round_)

    def withdraw(self, signer: Signer, round_: bytes, place: int, to: bytes) -> Receipt:
        """The voter in a place takes back the deposit of a ballot that was revealed."""
        return self._send(signer, "withdraw", round_, place, to)

    def forfeit(self, signer: Signer, round_: bytes) -> Receipt:
        """Sends on the deposits of ballots that were not revealed; the signer may be anybody."""
        return self._send(signer, "forfeit", round_)

    def attestation(self, seen: Seen, terms: Terms, agreement: bytes, names: Names | None = None) -> SignedAttestation:
        """What a counted round has signed, to be relayed. SignatureError where nothing was found."""
        phase, obligation = seen.question[:2]
        if seen.result is None or seen.result.verdict is Verdict.UNDECIDED:
            hint = "silence decides in its time; `pyledger ballot show` says how the votes were"
            raise SignatureError("the ballot has found nothing, and so it signs nothing", hint=hint)
        said = attestation_of(phase, obligation, seen.round, seen.result)
        return SignedAttestation.model_validate(
            {
                "chain_id": self.connection.chain_id,
                "agreement": agreement,
                "terms_hash": terms_hash(terms),
                "phase": phase,
                "phase_name": names.phases[phase] if names else None,
                "obligation": obligation,
                "obligation_name": names.obligations[phase][obligation] if names else None,
                "verdict": Verdict(said.verdict).name.lower(),
                "value": said.value,
                "evidence": evidence_of(seen.round, seen.result),
                "expiry": said.expiry,
                "verifier": self.address,
                "signature": signature_of(agreement, phase, obligation),
            }
        )

    def _send(self, signer: Signer, function: str, *values: object, value: int = 0) -> Receipt:
        where = f"ballot {checksum(self.address)}"
        data = self.abi.encode(function, *values)
        return transact(
            self.connection,
            signer,
            self.address,
            data,
            value=value,
            label=self.label,
            where=where,
            timeout=self.timeout,
        )

    def _read(self, function: str, *values: object) -> Any:
        return _read(self.connection, self.address, self.abi, function, *values)


def create_ballot(connection: Connection, signer: Signer, plan: Plan) -> tuple[Ballot, Receipt | None]:
    """The ballot of a plan, created unless it is there: then there is no receipt.

    What verifies the proofs of a group is created before it.

    Refused if no ballot can be made so; DeploymentError if the chain has no deterministic deployer.
    """
    if isinstance(plan, AnonymousPlan):
        create(connection, signer, verifier(), load_artifact("SemaphoreVerifier").bytecode)
    if not connection.code(plan.address):
        preflight(connection, signer.address, None, plan.code)  # the deployer would not say why it cannot be made
    return Ballot(connection, plan), create(connection, signer, plan.address, plan.code)


def find_ballot(connection: Connection, address: bytes, *, label: Label | None = None) -> Ballot | None:
    """The ballot at an address; None if there is none.

    MismatchError if what is there says that it is one, and its address or root does not follow from its rules.
    """
    if not connection.code(address):
        return None
    plan = _sealed(connection, address) or _anonymous(connection, address)
    if plan is None:
        return None
    if not _can_be(plan) or plan.address != address:
        raise MismatchError(
            f"the contract at {checksum(address)} says that it is a ballot, and is none of pyledger's",
            where=f"chain {connection.chain_id}",
            hint="its address does not follow from its voters and rules: do not vote there, nor believe what it finds",
        )
    return Ballot(connection, plan, label=label)


def _can_be(plan: Plan) -> bool:
    """Whether its code would make such a ballot: of a group this has to be asked before its root is computed."""
    if isinstance(plan, SealedPlan):
        return True
    return MIN_VOTERS <= len(plan.members) <= MAX_VOTERS and all(each < FIELD for each in plan.members)


def _sealed(connection: Connection, address: bytes) -> SealedPlan | None:
    found = _all(connection, address, sealed_ballot_abi(), "voters", "questions", "quorum", "deposit", "forfeitTo")
    return None if found is None else SealedPlan(*found)


def _anonymous(connection: Connection, address: bytes) -> AnonymousPlan | None:
    found = _all(connection, address, anonymous_ballot_abi(), "members", "questions", "quorum")
    return None if found is None or not found[0] else AnonymousPlan(*found)


def _all(connection: Connection, address: bytes, abi: Contract, *functions: str) -> list[Any] | None:
    """What a contract answers to some questions; None if it does not understand one of them."""
    try:
        return [_read(connection, address, abi, function) for function in functions]
    except MismatchError:
        return None


def _read(connection: Connection, address: bytes, abi: Contract, function: str, *values: object) -> Any:
    """What a function answers. MismatchError where the contract has none like it."""
    try:
        data = connection.call(address, abi.encode(function, *values))
    except RpcError as error:
        if error.data and error.data[:4] in abi.errors:
            raise explain_revert(error.data) from error
        data = b""
    entry = abi.functions[function]
    try:
        found = read_values(entry.outputs, data, f"the answer of {function}")
    except NodeError as error:
        raise MismatchError(
            f"there is no ballot of pyledger's kind at {checksum(address)} on chain {connection.chain_id}",
            hint="check the address and the network",
        ) from error
    return found[0] if len(found) == 1 else found
