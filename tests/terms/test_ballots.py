"""Ballots hashed and counted, against the vectors that the contracts are held to, and by what a count has to be."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median as true_median
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from pyledger.terms.ballots import (
    LAST_VALUE,
    MIN_VOTERS,
    NEVER_EXPIRES,
    Question,
    Result,
    Vote,
    attestation_of,
    commitment_of,
    count_votes,
    evidence_of,
    median,
    round_of,
    scope_of,
    signature_of,
    spread,
)
from pyledger.terms.structs import Verdict

VECTORS: Final = json.loads(
    (Path(__file__).parents[1] / "vectors" / "ballots" / "ballots.json").read_text(encoding="utf-8")
)
VERDICTS: Final = st.sampled_from([Verdict.MET, Verdict.BREACHED, Verdict.LAPSED])
VOTES: Final = st.lists(st.builds(Vote, VERDICTS, st.integers(0, LAST_VALUE)), max_size=32)
VALUES: Final = st.lists(st.integers(0, LAST_VALUE), min_size=1, max_size=32)


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


AGREEMENT, BALLOT, CHAIN = raw(VECTORS["agreement"]), raw(VECTORS["ballot"]), VECTORS["chainId"]


@pytest.mark.parametrize("case", VECTORS["commitments"])
def test_what_is_committed_to_is_as_the_contracts_have_it(case: dict[str, Any]) -> None:
    round_ = round_of(AGREEMENT, case["phase"], case["obligation"])
    assert round_ == raw(case["round"])
    vote = Vote(Verdict(case["verdict"]), int(case["value"]))
    assert commitment_of(CHAIN, BALLOT, round_, raw(case["voter"]), vote, raw(case["salt"])) == raw(case["commitment"])
    assert scope_of(CHAIN, BALLOT, round_) == int(case["scope"])
    assert signature_of(AGREEMENT, case["phase"], case["obligation"]) == raw(case["signature"])


@pytest.mark.parametrize("case", VECTORS["counts"])
def test_a_count_is_as_the_contracts_have_it(case: dict[str, Any]) -> None:
    pairs = zip(case["verdicts"], case["values"], strict=True)
    result = count_votes([Vote(Verdict(verdict), int(value)) for verdict, value in pairs], MIN_VOTERS)
    said = (case["voted"], Verdict(case["verdict"]), case["agreed"], int(case["median"]), int(case["spread"]))
    assert result == Result(*said)
    assert evidence_of(round_of(AGREEMENT, 0, 1), result) == raw(case["evidence"])


@given(VOTES, st.randoms())
def test_no_order_of_votes_changes_the_count(votes: list[Vote], chance: Any) -> None:
    shuffled = list(votes)
    chance.shuffle(shuffled)
    assert count_votes(shuffled, MIN_VOTERS) == count_votes(votes, MIN_VOTERS)


@given(VOTES, st.integers(3, 32))
def test_a_verdict_needs_enough_votes_and_more_than_half_of_them(votes: list[Vote], quorum: int) -> None:
    result = count_votes(votes, quorum)
    best = max([0, *(sum(each.verdict is verdict for each in votes) for verdict in Verdict)])
    assert (result.verdict is not Verdict.UNDECIDED) == (len(votes) >= quorum and 2 * best > len(votes))
    assert result.voted == len(votes)


@given(VALUES)
def test_the_median_is_the_median_and_the_spread_is_symmetric(values: list[int]) -> None:
    if len(values) % 2:
        assert median(values) == true_median(values)
    else:
        middle = sorted(values)[len(values) // 2 - 1 : len(values) // 2 + 1]
        assert median(values) == sum(middle) // 2
    assert 0 <= spread(values) <= max(values) - min(values)
    assert spread([LAST_VALUE - each for each in values]) == spread(values)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_ballots_that_say_the_same_are_unlinkable(salt: bytes, other: bytes) -> None:
    round_, vote = round_of(AGREEMENT, 0, 0), Vote(Verdict.MET, 1)
    first = commitment_of(CHAIN, BALLOT, round_, AGREEMENT, vote, salt)
    assert (first == commitment_of(CHAIN, BALLOT, round_, AGREEMENT, vote, other)) == (salt == other)
    assert first != commitment_of(CHAIN, BALLOT, round_, BALLOT, vote, salt)


def test_what_follows_from_a_result() -> None:
    round_ = round_of(AGREEMENT, 0, 1)
    found = attestation_of(0, 1, round_, Result(5, Verdict.MET, 4, 7, 2))
    assert (found.verdict, found.value, found.expiry) == (Verdict.MET, 7, NEVER_EXPIRES)
    with pytest.raises(ValueError, match="nothing was found"):
        attestation_of(0, 1, round_, Result(2, Verdict.UNDECIDED, 0, 0, 0))
    assert Question(0, 1, 10, 20, 30).end == 60
