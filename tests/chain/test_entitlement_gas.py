"""What entitlements and seats cost, by the receipts of a real node, held against `tests/entitlement_gas.json`.

As in `test_gas.py`: times, keys and addresses are fixed, and `PYLEDGER_UPDATE_GAS=1` writes the numbers anew. What only
looks is measured as a transaction that does nothing else: 21,000 of it, and what its data cost, are no view's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from eth_abi.abi import encode

from pyledger.chain.anvil import Anvil
from pyledger.chain.artifacts import load_artifact
from pyledger.terms.packed import pack_phase, pack_terms
from pyledger.terms.typed_data import agenda, phases_hash
from tests.chain.test_gas import START, WEALTH, Chain, Deal, calldata

COMMITTED: Final = Path(__file__).parents[1] / "entitlement_gas.json"
PERFORMER: Final = (2, 1, 0, False, True, 0, 0)
"""The condition: the performer, if the payer has joined, in the first phase, as long as it has breached nothing."""

LIMITS: Final = {"holds": 60_000, "ownerOf": 70_000, "mint and publish": 330_000, "mint": 100_000, "burn": 75_000}
"""Most gas of each."""

_BROUGHT: Final = ["bytes", "bytes", "bytes32"]
_CONDITION: Final = "(uint16,uint16,uint8,bool,bool,uint32,uint32)"


class Table:
    """An agreement in force, and seats for its performer."""

    def __init__(self, chain: Chain, label: str) -> None:
        self.chain, self.deal = chain, _in_force(chain, label)
        terms, hashes = self.deal.terms, self.deal.hashes
        self.brought = (pack_terms(terms, phases_hash(hashes)), pack_phase(terms.phases[0]), agenda(hashes, 1))
        types = ["address", f"{_CONDITION}[]", "string", "string", "string"]
        values = [self.deal.account, [PERFORMER], "Working group", "SEAT", "ipfs://about"]
        self.seats = chain.send(chain.relayer, None, load_artifact("Seats").bytecode + encode(types, values))[1]

    def send(self, name: str, types: list[str], *values: object, to: bytes | None = None) -> int:
        return self.chain.send(self.chain.relayer, to or self.seats, calldata(name, types, values))[0]


@pytest.fixture(scope="module")
def measured() -> Iterator[dict[str, int]]:
    with Anvil(timestamp=START) as node:
        chain = Chain(node.url)
        view = chain.send(chain.relayer, None, load_artifact("Entitlements").bytecode)[1]
        holder, found = chain.performer, {}
        one = Table(chain, "one")
        asked = ["address", *_BROUGHT, "address", f"{_CONDITION}[]"]
        found["holds"] = one.send("holds", asked, one.deal.account, *one.brought, holder, [PERFORMER], to=view)
        found["mint and publish"] = one.send("mint", ["address", *_BROUGHT], holder, *one.brought)
        found["ownerOf"] = one.send("ownerOf", ["uint256"], int.from_bytes(holder, "big"))
        one.deal.concede()
        found["burn"] = one.send("burn", ["address"], holder)
        other = Table(chain, "other")
        found["publish"] = other.send("publish", _BROUGHT, *other.brought)
        found["mint"] = other.send("mint", ["address", *_BROUGHT], holder, b"", b"", bytes(32))
        if os.environ.get("PYLEDGER_UPDATE_GAS"):
            COMMITTED.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        yield found


def _in_force(chain: Chain, label: str) -> Deal:
    code = load_artifact("TestToken").bytecode + encode(["string", "string", "uint8"], ["Test dollar", "USDX", 6])
    token = chain.send(chain.relayer, None, code)[1]
    for holder in (chain.payer, chain.performer):
        chain.send(chain.relayer, token, calldata("mint", ["address", "uint256"], [holder, WEALTH]))
    recourse = chain.send(chain.relayer, None, load_artifact("Recourse").bytecode)[1]
    code = load_artifact("AgreementFactory").bytecode + encode(["address"], [recourse])
    deal = Deal(chain, chain.send(chain.relayer, None, code)[1], token, label, 1)
    deal.begin()
    return deal


def test_gas_is_what_is_committed(measured: dict[str, int]) -> None:
    assert measured == json.loads(COMMITTED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("call", LIMITS)
def test_a_call_costs_at_most(measured: dict[str, int], call: str) -> None:
    assert measured[call] <= LIMITS[call]
