"""What voting costs, by the receipts of a real node, held to the unit against `tests/ballot_gas.json`.

As in `test_gas.py`: times, keys and addresses are fixed, and `PYLEDGER_UPDATE_GAS=1` writes the numbers anew. There are
as many voters as there can be, a deposit, salts and values of full size.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from pyledger.chain.abi import sealed_ballot_abi
from pyledger.chain.anvil import Anvil
from pyledger.chain.artifacts import load_artifact
from pyledger.terms.ballots import LAST_VALUE, MAX_VOTERS, Vote, commitment_of, round_of
from pyledger.terms.structs import Verdict
from tests.chain.test_gas import DAY, START, WEALTH, Chain, Deal, calldata

COMMITTED: Final = Path(__file__).parents[1] / "ballot_gas.json"
DEPOSIT: Final = 10**16
LIMITS: Final = {"commit": 60_000, "reveal": 70_000}
"""Most gas of each, whichever of the voters it is."""

VOTERS: Final = tuple(keccak(b"voter %d" % index)[12:] for index in range(MAX_VOTERS))


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    """A node of its own, as gas depends on what happened before."""
    with Anvil(timestamp=START) as node:
        yield Chain(node.url)


def deal_in_force(chain: Chain) -> Deal:
    code = load_artifact("TestToken").bytecode + encode(["string", "string", "uint8"], ["Test dollar", "USDX", 6])
    token = chain.send(chain.relayer, None, code)[1]
    for holder in (chain.payer, chain.performer):
        chain.send(chain.relayer, token, calldata("mint", ["address", "uint256"], [holder, WEALTH]))
    recourse = chain.send(chain.relayer, None, load_artifact("Recourse").bytecode)[1]
    code = load_artifact("AgreementFactory").bytecode + encode(["address"], [recourse])
    deal = Deal(chain, chain.send(chain.relayer, None, code)[1], token, "voted on", 1)
    deal.begin()
    return deal


class Vote32:
    """A round of 32 voters, each with a ballot of its own, hidden by a salt."""

    def __init__(self, chain: Chain) -> None:
        self.chain, self.abi, self.agreement = chain, sealed_ballot_abi(), deal_in_force(chain).account
        questions = [(0, 0, DAY, DAY, DAY)]
        types = ["address[]", "(uint8,uint8,uint32,uint32,uint32)[]", "uint256", "uint256", "address"]
        arguments = encode(types, [VOTERS, questions, 3, DEPOSIT, b"\x0f" * 20])
        code = load_artifact("SealedBallot").bytecode + arguments
        self.created, self.ballot = chain.send(chain.relayer, None, code)
        self.round = round_of(self.agreement, 0, 0)
        for voter in VOTERS:
            chain.rpc("anvil_impersonateAccount", "0x" + voter.hex())
            chain.rpc("anvil_setBalance", "0x" + voter.hex(), hex(10**20))

    def send(self, sender: bytes, function: str, *values: object, pay: int = 0) -> int:
        self.chain.now += 60
        self.chain.rpc("evm_setNextBlockTimestamp", self.chain.now)
        call = {"from": "0x" + sender.hex(), "to": "0x" + self.ballot.hex(), "gas": hex(10_000_000), "value": hex(pay)}
        data = "0x" + self.abi.encode(function, *values).hex()
        receipt = self.chain.rpc("eth_sendTransactionSync", call | {"data": data})
        assert receipt["status"] == "0x1", self.chain.revert_of(receipt)
        return int(receipt["gasUsed"], 16)

    def salt(self, place: int) -> bytes:
        return keccak(b"salt %d" % place)

    def vote(self, place: int) -> Vote:
        return Vote(Verdict.MET, LAST_VALUE - place)

    def commit(self, place: int) -> int:
        hidden = commitment_of(31337, self.ballot, self.round, VOTERS[place], self.vote(place), self.salt(place))
        return self.send(VOTERS[place], "commit", self.round, place, hidden, pay=DEPOSIT)

    def reveal(self, place: int) -> int:
        verdict, value = self.vote(place)
        return self.send(self.chain.relayer, "reveal", self.round, place, verdict, value, self.salt(place))


@pytest.fixture(scope="module")
def measured(chain: Chain) -> dict[str, int]:
    vote = Vote32(chain)
    found = {"create": vote.created, "open": vote.send(chain.relayer, "open", vote.agreement, 0, 0)}
    chain.now += DAY
    commits = [vote.commit(place) for place in range(MAX_VOTERS)]
    chain.now += DAY
    reveals = [vote.reveal(place) for place in range(MAX_VOTERS - 1)]
    chain.now += DAY
    found |= {"commit": max(commits), "reveal": max(reveals), "tally": vote.send(chain.relayer, "tally", vote.round)}
    found["withdraw"] = vote.send(VOTERS[0], "withdraw", vote.round, 0, VOTERS[0])
    found["forfeit"] = vote.send(chain.relayer, "forfeit", vote.round)
    if os.environ.get("PYLEDGER_UPDATE_GAS"):
        COMMITTED.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return found


def test_gas_is_what_is_committed(measured: dict[str, int]) -> None:
    assert measured == json.loads(COMMITTED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("call", LIMITS)
def test_a_call_costs_at_most(measured: dict[str, int], call: str) -> None:
    assert measured[call] <= LIMITS[call]
