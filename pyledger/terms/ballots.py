"""Ballots in plain Python: what a voter commits to, how votes are counted, and the attestation that follows.

The twin of `contracts/src/panels`; `tests/vectors/ballots/ballots.json` holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from eth_hash.auto import keccak

from pyledger.terms.structs import Verdict
from pyledger.terms.typed_data import Attestation, domain_separator

__all__ = [
    "BALLOT_DOMAIN_NAME",
    "LAST_VALUE",
    "MAX_VOTERS",
    "MIN_VOTERS",
    "NEVER_EXPIRES",
    "Question",
    "Result",
    "Round",
    "Vote",
    "attestation_of",
    "commitment_of",
    "count_votes",
    "evidence_of",
    "median",
    "proof_hash",
    "round_of",
    "scope_of",
    "signature_of",
    "spread",
]

BALLOT_DOMAIN_NAME: Final = "pyledger ballot"
MIN_VOTERS: Final = 3
MAX_VOTERS: Final = 32
LAST_VALUE: Final = (1 << 128) - 1
NEVER_EXPIRES: Final = (1 << 40) - 1
"""The expiry (Unix seconds) of what a ballot attests."""

_BALLOT_TYPEHASH: Final = keccak(b"Ballot(bytes32 round,bytes32 voter,uint8 verdict,uint128 value,bytes32 salt)")


class Question(NamedTuple):
    """What a ballot can be asked: an obligation by its place in the terms, and when, in seconds.

    Ballots are committed for `commit_for` seconds, from `start` after the phase has opened, and then revealed for
    `reveal_for`.
    """

    phase: int
    obligation: int
    start: int
    commit_for: int
    reveal_for: int

    @property
    def end(self) -> int:
        """When the last second to reveal is over: seconds from the opening of the phase."""
        return self.start + self.commit_for + self.reveal_for


class Round(NamedTuple):
    """The contract's `Round`: a question as asked in one agreement. Times in Unix seconds, sets with a bit a place."""

    commit_from: int
    commit_until: int
    reveal_until: int
    committed: int
    revealed: int
    settled: int
    tallied: bool


class Vote(NamedTuple):
    """What one ballot says."""

    verdict: Verdict
    value: int = 0


class Result(NamedTuple):
    """The contract's `Result`: how many voted, how many of them for the verdict, and what values these said.

    The verdict is Undecided where no majority, or too few, voted.
    """

    voted: int
    verdict: Verdict
    agreed: int
    median: int
    spread: int


def round_of(agreement: bytes, phase: int, obligation: int) -> bytes:
    """What names a round, within one ballot contract: 32 bytes."""
    return keccak(_words(agreement, phase, obligation))


def commitment_of(chain_id: int, ballot: bytes, round_: bytes, voter: bytes, vote: Vote, salt: bytes) -> bytes:
    """What a voter (an account, or a nullifier of 32 bytes) commits to by EIP-712: 32 bytes."""
    struct = keccak(_BALLOT_TYPEHASH + round_ + _words(voter, vote.verdict, vote.value) + salt)
    return keccak(b"\x19\x01" + domain_separator(chain_id, ballot, name=BALLOT_DOMAIN_NAME) + struct)


def count_votes(votes: Sequence[Vote], quorum: int) -> Result:
    """What votes come to: the verdict of more than half of them, if there are enough, and the middle of its values."""
    if len(votes) >= quorum:
        for verdict in (Verdict.MET, Verdict.BREACHED, Verdict.LAPSED):
            values = [each.value for each in votes if each.verdict is verdict]
            if 2 * len(values) > len(votes):
                return Result(len(votes), verdict, len(values), median(values), spread(values))
    return Result(len(votes), Verdict.UNDECIDED, 0, 0, 0)


def median(values: Sequence[int]) -> int:
    """The middle of some numbers; of an even count half-way between the two in the middle, rounded down."""
    ordered, last = sorted(values), len(values) - 1
    return (ordered[last // 2] + ordered[last - last // 2]) // 2


def spread(values: Sequence[int]) -> int:
    """Between the quartiles, each being one of the numbers: a quarter of the way, rounded down, from either end."""
    ordered, last = sorted(values), len(values) - 1
    return ordered[last - last // 4] - ordered[last // 4]


def evidence_of(round_: bytes, result: Result) -> bytes:
    """The hash of a result, which its attestation has for evidence: 32 bytes."""
    return keccak(round_ + _words(*result))


def attestation_of(phase: int, obligation: int, round_: bytes, result: Result) -> Attestation:
    """The one attestation that a round signs. ValueError where nothing was found."""
    if result.verdict is Verdict.UNDECIDED:
        raise ValueError("nothing was found, and so there is nothing to attest")
    return Attestation(phase, obligation, result.verdict, result.median, evidence_of(round_, result), NEVER_EXPIRES)


def signature_of(agreement: bytes, phase: int, obligation: int) -> bytes:
    """What a ballot wants to see for its signature (ERC-1271): which round is meant. 96 bytes."""
    return _words(agreement, phase, obligation)


def scope_of(chain_id: int, ballot: bytes, round_: bytes) -> int:
    """What members of an anonymous ballot can vote on once."""
    return int.from_bytes(keccak(_words(chain_id, ballot) + round_), "big")


def proof_hash(message: int) -> int:
    """A message or scope as Semaphore makes it a number of the field that proofs are over."""
    return int.from_bytes(keccak(_words(message)), "big") >> 8


def _words(*values: int | bytes) -> bytes:
    """Numbers and addresses as the ABI encodes them, a word each."""
    return b"".join(
        each.rjust(32, b"\0") if isinstance(each, bytes) else int(each).to_bytes(32, "big") for each in values
    )
