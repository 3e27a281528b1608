"""What each call costs, by the receipts of a real node, held to the unit against `tests/gas.json`.

The setting is that of a running system: two parties, one obligation and one payment a phase, a panel of one, bonds and
payments in one OpenZeppelin ERC-20, every balance and allowance of a party non-zero before and after. Times, keys and
addresses are fixed, so the numbers repeat exactly; `PYLEDGER_UPDATE_GAS=1` writes them anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_hash.auto import keccak

from pyledger.chain.anvil import Anvil, rpc
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.encoding import Encoder
from pyledger.terms.commitment import agreement_address
from pyledger.terms.structs import OUTSIDE, Obligation, Panel, Party, Payment, Phase, Seat, Share, Terms, Verdict
from pyledger.terms.typed_data import (
    Attestation,
    attestation_digest,
    phase_hash,
)

COMMITTED: Final = Path(__file__).parents[1] / "gas.json"

START: Final = 1_800_000_000
DAY: Final = 86_400
UNIT: Final = 10**6
BOND: Final = 2_500 * UNIT
AMOUNT: Final = 10_000 * UNIT
WEALTH: Final = 10**9 * UNIT
ALL_OF_THEM: Final = 1

Measured = dict[str, dict[str, int]]

LIMITS: Final = {
    "open": 115_000,
    "accept, first": 130_000,
    "accept, last": 130_000,
    "fund": 90_000,
    "attest and pay": 120_000,
    "settle, last": 100_000,
}
"""Most gas of one phase."""

MILESTONES_LIMIT: Final = 480_000
"""Most gas of a whole deal of three milestones."""

GROWS: Final = ("open",)
"""Opening carries the list of the phases' hashes."""

A_PHASE_MORE: Final = 1_050
"""Most gas that each further phase adds to opening."""

TOLERANCE: Final = 0.03
"""How far ten phases instead of one may change the price of a call."""


class Chain:
    """A node with a clock that only moves when told, and who is who on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.now = START
        accounts: list[str] = self.rpc("eth_accounts")
        self.relayer, self.payer, self.performer = (bytes.fromhex(each[2:]) for each in accounts[:3])
        self.verifier = Account.from_key(keccak(b"verifier"))

    def rpc(self, method: str, *params: object) -> Any:
        return rpc(self.url, method, list(params))

    def send(self, sender: bytes, to: bytes | None, data: bytes) -> tuple[int, bytes]:
        """Gas used, and the address of the contract if one was made."""
        self.now += 60
        self.rpc("evm_setNextBlockTimestamp", self.now)
        call = {"from": "0x" + sender.hex(), "data": "0x" + data.hex(), "gas": hex(10_000_000)}
        if to is not None:
            call["to"] = "0x" + to.hex()
        receipt = self.rpc("eth_sendTransactionSync", call)
        assert receipt["status"] == "0x1", self.revert_of(receipt)
        return int(receipt["gasUsed"], 16), bytes.fromhex((receipt["contractAddress"] or "0x")[2:])

    def revert_of(self, receipt: dict[str, str]) -> str:
        trace = self.rpc("debug_traceTransaction", receipt["transactionHash"], {"tracer": "callTracer"})
        return f"reverted: {trace.get('output', trace.get('error'))}"

    def view(self, to: bytes, data: bytes) -> bytes:
        return bytes.fromhex(self.rpc("eth_call", {"to": "0x" + to.hex(), "data": "0x" + data.hex()}, "latest")[2:])


def calldata(name: str, types: Sequence[str], values: Sequence[object]) -> bytes:
    return keccak(f"{name}({','.join(types)})".encode())[:4] + encode(types, values)


class Deal:
    """Two parties; in every phase one pays the other when a panel of one finds that it delivered."""

    def __init__(self, chain: Chain, factory: bytes, token: bytes, label: str, phases: int) -> None:
        self.chain = chain
        self.factory = factory
        self.phase = 0
        self.phases = tuple(
            Phase(
                salt=keccak(f"{label} {index}".encode()),
                notBefore=0,
                bonds=(),
                obligations=(Obligation(1, 0, Verdict.BREACHED, True, 30 * DAY, 3 * DAY, 10_000),),
                payments=(
                    Payment(0, 0, 1 << Verdict.MET, token, AMOUNT, 7 * DAY, (Share(chain.performer, 10_000),), ()),
                ),
            )
            for index in range(phases)
        )
        self.hashes = [phase_hash(each) for each in self.phases]
        self.terms = Terms(
            document=keccak(label.encode()),
            predecessor=bytes(20),
            joinBy=chain.now + 14 * DAY,
            longStop=chain.now + 720 * DAY,
            minParties=2,
            accession=False,
            challengeWindow=0,
            rulingWindow=0,
            topUpWithin=7 * DAY,
            defaultForfeitBps=5_000,
            arbitrator=bytes(20),
            arbitratorData=b"",
            parties=(
                Party(chain.payer, token, BOND, (Share(chain.performer, 10_000),)),
                Party(chain.performer, token, BOND, (Share(chain.payer, 10_000),)),
            ),
            panels=(Panel(1, (), (Seat(bytes.fromhex(chain.verifier.address[2:]), 0),)),),
            standing=(),
            phases=self.phases,
        )
        implementation = chain.view(factory, calldata("implementation", [], []))[12:]
        self.account = agreement_address(factory=factory, implementation=implementation, terms=self.terms)
        self.encoder = Encoder(self.terms)
        for party in (chain.payer, chain.performer):
            chain.send(party, token, calldata("approve", ["address", "uint256"], [self.account, WEALTH]))

    def _call(self, sender: bytes, name: str, *values: object) -> int:
        return self.chain.send(sender, self.account, self.encoder.in_phase(name, self.phase, *values))[0]

    def open(self, disclosed: int) -> int:
        return self.chain.send(self.chain.relayer, self.factory, self.encoder.opening("open", disclosed))[0]

    def accept(self, party: int) -> int:
        sender = (self.chain.payer, self.chain.performer)[party]
        return self._call(sender, "accept", party, b"")

    def fund(self) -> int:
        return self._call(self.chain.payer, "fund", ALL_OF_THEM)

    def attest(self, *, pay: bool, obligation: int = 0) -> int:
        said = Attestation(self.phase, obligation, Verdict.MET, 0, keccak(b"evidence"), self.chain.now + DAY)
        digest = attestation_digest(said, chain_id=31337, agreement=self.account)
        signature = self.chain.verifier.unsafe_sign_hash(digest).signature
        voice = (0, said.evidence, said.expiry, bytes(signature))
        return self._call(self.chain.relayer, "attest", obligation, Verdict.MET, 0, [voice], int(pay) << obligation)

    def concede(self) -> int:
        return self._call(self.chain.performer, "concede", 0)

    def release(self) -> int:
        return self._call(self.chain.relayer, "release", ALL_OF_THEM)

    def settle(self) -> int:
        data = self.encoder.settle(self.phase, goes_on=self.phase + 1 < len(self.phases))
        used = self.chain.send(self.chain.relayer, self.account, data)[0]
        self.phase += 1
        return used

    def begin(self) -> None:
        """Up to the first phase's payment in escrow."""
        self.open(1)
        self.accept(0)
        self.accept(1)
        self.fund()


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    """A node of its own, as gas depends on what happened before."""
    with Anvil(timestamp=START) as node:
        yield Chain(node.url)


@pytest.fixture(scope="module")
def token(chain: Chain) -> bytes:
    code = load_artifact("TestToken").bytecode + encode(["string", "string", "uint8"], ["Test dollar", "USDX", 6])
    address = chain.send(chain.relayer, None, code)[1]
    for holder in (chain.payer, chain.performer, chain.relayer):
        chain.send(chain.relayer, address, calldata("mint", ["address", "uint256"], [holder, WEALTH]))
    return address


@pytest.fixture(scope="module")
def factory(chain: Chain) -> bytes:
    recourse = chain.send(chain.relayer, None, load_artifact("Recourse").bytecode)[1]
    code = load_artifact("AgreementFactory").bytecode + encode(["address"], [recourse])
    return chain.send(chain.relayer, None, code)[1]


def _measure(chain: Chain, factory: bytes, token: bytes, phases: int) -> dict[str, int]:
    def deal(label: str) -> Deal:
        return Deal(chain, factory, token, label, phases)

    whole = deal("whole")
    used: dict[str, int] = {"open": whole.open(1)}
    used["accept, first"] = whole.accept(0)
    used["accept, last"] = whole.accept(1)
    used["fund"] = whole.fund()
    used["attest and pay"] = whole.attest(pay=True)
    for index in range(1, phases):
        settled = whole.settle()
        used.setdefault("settle, to the second phase" if index == 1 else "settle, to a later phase", settled)
        whole.fund()
        whole.attest(pay=True)
    used["settle, last"] = whole.settle()

    in_two_steps = deal("in two steps")
    in_two_steps.begin()
    used["attest"] = in_two_steps.attest(pay=False)
    used["release"] = in_two_steps.release()

    conceding = deal("conceding")
    conceding.begin()
    used["concede"] = conceding.concede()

    credited = deal("credited")
    credited.begin()
    code = chain.rpc("eth_getCode", "0x" + token.hex(), "latest")
    chain.rpc("anvil_setCode", "0x" + token.hex(), "0xfe")
    credited.attest(pay=True)
    chain.rpc("anvil_setCode", "0x" + token.hex(), code)
    withdraw = calldata("withdraw", ["address", "address", "uint256"], [token, chain.performer, 2**256 - 1])
    used["withdraw"] = chain.send(chain.performer, credited.account, withdraw)[0]
    return dict(sorted(used.items()))


class Milestones(Deal):
    """What milestone escrows are compared by.

    One payer, three milestones, each found by one signed attestation and paid at once to a payee that is no party; no
    bond, one token.
    """

    def __init__(self, chain: Chain, factory: bytes, token: bytes) -> None:
        super().__init__(chain, factory, token, "milestones", 1)
        milestones = range(3)
        phase = self.phases[0]._replace(
            obligations=tuple(
                Obligation(OUTSIDE, 0, Verdict.LAPSED, False, (i + 1) * 30 * DAY, 0, 0) for i in milestones
            ),
            payments=tuple(self.phases[0].payments[0]._replace(obligation=i) for i in milestones),
        )
        self.phases = (phase,)
        self.hashes = [phase_hash(phase)]
        self.terms = self.terms._replace(
            minParties=1,
            topUpWithin=0,
            defaultForfeitBps=0,
            parties=(Party(chain.payer, bytes(20), 0, ()),),
            phases=self.phases,
        )
        self.encoder = Encoder(self.terms)
        implementation = chain.view(factory, calldata("implementation", [], []))[12:]
        self.account = agreement_address(factory=factory, implementation=implementation, terms=self.terms)
        chain.send(chain.payer, token, calldata("approve", ["address", "uint256"], [self.account, WEALTH]))

    def launch(self) -> int:
        data = self.encoder.opening("launch", 1, 0, 0b111)
        return self.chain.send(self.chain.payer, self.factory, data)[0]


def _measure_milestones(chain: Chain, factory: bytes, token: bytes) -> dict[str, int]:
    deal = Milestones(chain, factory, token)
    used = {"create, join and fund": deal.launch()}
    for index, name in enumerate(("first", "second", "third")):
        used[f"attest and pay, {name}"] = deal.attest(pay=True, obligation=index)
    return used | {"whole deal": sum(used.values())}


@pytest.fixture(scope="module")
def measured(chain: Chain, factory: bytes, token: bytes) -> Measured:
    found = {name: _measure(chain, factory, token, phases) for name, phases in (("1 phase", 1), ("10 phases", 10))}
    found["three milestones"] = _measure_milestones(chain, factory, token)
    if os.environ.get("PYLEDGER_UPDATE_GAS"):
        COMMITTED.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return found


def test_gas_is_what_is_committed(measured: Measured) -> None:
    assert measured == json.loads(COMMITTED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("call", LIMITS)
def test_a_call_costs_at_most(measured: Measured, call: str) -> None:
    assert measured["1 phase"][call] <= LIMITS[call]


def test_a_deal_of_three_milestones_costs_at_most(measured: Measured) -> None:
    assert measured["three milestones"]["whole deal"] <= MILESTONES_LIMIT


def test_ten_phases_cost_what_one_does(measured: Measured) -> None:
    one, ten = measured["1 phase"], measured["10 phases"]
    grown = {call: ten[call] / used for call, used in one.items() if call not in GROWS}
    assert grown
    assert {call: growth for call, growth in grown.items() if abs(growth - 1) > TOLERANCE} == {}


@pytest.mark.parametrize("call", GROWS)
def test_opening_carries_the_hash_of_each_phase(measured: Measured, call: str) -> None:
    assert measured["10 phases"][call] - measured["1 phase"][call] <= 9 * A_PHASE_MORE
