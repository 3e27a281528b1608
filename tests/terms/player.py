"""Plays moves of the settlement model on a real node, and says what the contract made of them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from coincurve import PrivateKey
from eth_abi.abi import encode
from eth_hash.auto import keccak

from pyledger.chain.abi import agreement_abi, factory_abi, header, token_abi
from pyledger.chain.artifacts import load_artifact
from pyledger.errors import Refused
from pyledger.terms.outcome import holdings
from pyledger.terms.state import State
from pyledger.terms.structs import NATIVE, Terms, Verdict
from pyledger.terms.typed_data import (
    Attestation,
    agenda,
    agreement_address,
    attestation_digest,
    phase_hash,
    terms_digest,
)

CHAIN_ID: Final = 31337
WALL: Final = bytes.fromhex("00000000000000000000000000000000000ca11e")
"""A contract that refuses every call: native coin cannot be pushed to it."""
WEALTH: Final = 10**30
GAS: Final = hex(5_000_000)


def hexed(data: bytes) -> str:
    return "0x" + data.hex()


class Key:
    """A key that signs digests as wallets do."""

    def __init__(self, label: str) -> None:
        self._key = PrivateKey(keccak(label.encode()))
        self.address = keccak(self._key.public_key.format(compressed=False)[1:])[12:]

    def sign(self, digest: bytes) -> bytes:
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([27 + signature[64]])


class Player:
    """A node with a factory, two tokens and a relayer who pays for everybody, at no gas price."""

    def __init__(self, url: str) -> None:
        self._http = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.relayer = bytes.fromhex(self.rpc("eth_accounts")[0][2:])
        self.rpc("anvil_setBalance", hexed(self.relayer), hex(WEALTH))
        self.rpc("anvil_setNextBlockBaseFeePerGas", "0x0")
        self.factory = self._deploy(load_artifact("AgreementFactory").bytecode)
        answer = self.view(self.factory, factory_abi().encode("implementation"))
        self.implementation = answer[12:]
        named = encode(["string", "string", "uint8"], ["Test", "TEST", 6])
        self.tokens = [self._deploy(load_artifact("TestToken").bytecode + named) for _ in range(2)]
        for token in self.tokens:
            self._must(token, token_abi().encode("mint", self.relayer, WEALTH))
        self.rpc("anvil_setCode", hexed(WALL), "0x5f5ffd")
        self.parties = [Key(f"party {index}") for index in range(5)]
        self.seats = [Key(f"seat {index}") for index in range(6)]
        for account in (*(party.address for party in self.parties), WALL):
            self.rpc("anvil_impersonateAccount", hexed(account))
        self.start = int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 100
        self._snapshot = self.rpc("evm_snapshot")

    def close(self) -> None:
        """Ends the connection."""
        self._http.close()

    def rewind(self) -> None:
        """Back to the state after construction."""
        assert self.rpc("evm_revert", self._snapshot)
        self._snapshot = self.rpc("evm_snapshot")

    def batch(self, calls: Sequence[tuple[str, Sequence[object]]]) -> list[Any]:
        body = json.dumps(
            [
                {"jsonrpc": "2.0", "id": i, "method": method, "params": params}
                for i, (method, params) in enumerate(calls)
            ]
        )
        self._http.request("POST", "/", body, {"Content-Type": "application/json"})
        answers = {each["id"]: each for each in json.loads(self._http.getresponse().read())}
        for index, (method, _) in enumerate(calls):
            assert "result" in answers[index], f"{method}: {answers[index]}"
        return [answers[index]["result"] for index in range(len(calls))]

    def rpc(self, method: str, *params: object) -> Any:
        return self.batch([(method, params)])[0]

    def view(self, to: bytes, data: bytes) -> bytes:
        return bytes.fromhex(self.rpc("eth_call", {"to": hexed(to), "data": hexed(data)}, "latest")[2:])

    def _deploy(self, code: bytes) -> bytes:
        call = {"from": hexed(self.relayer), "data": hexed(code), "gas": hex(20_000_000)}
        receipt = self.rpc("eth_sendTransactionSync", call)
        assert receipt["status"] == "0x1"
        return bytes.fromhex(receipt["contractAddress"][2:])

    def _must(self, to: bytes, data: bytes) -> None:
        assert self.send(self.relayer, to, data) is None

    def send(self, sender: bytes, to: bytes, data: bytes, *, value: int = 0, now: int | None = None) -> bytes | None:
        """None if the transaction succeeded, or the data it reverted with; `now` is the time of its block."""
        call = {
            "from": hexed(sender), "to": hexed(to), "data": hexed(data), "gas": GAS, "gasPrice": "0x0",
            "value": hex(value),
        }  # fmt: skip
        clock = [("evm_setNextBlockTimestamp", [now])] if now else []
        fees: list[tuple[str, Sequence[object]]] = [("anvil_setNextBlockBaseFeePerGas", ["0x0"])]
        receipt = self.batch([*fees, *clock, ("eth_sendTransactionSync", [call])])[-1]
        if receipt["status"] == "0x1":
            return None
        trace = self.rpc("debug_traceTransaction", receipt["transactionHash"], {"tracer": "callTracer"})
        return bytes.fromhex(trace.get("output", "0x")[2:])


class Game:
    """One agreement on the node."""

    def __init__(self, player: Player, terms: Terms, now: int) -> None:
        self.player = player
        self.terms = terms
        self.hashes = [phase_hash(phase) for phase in terms.phases]
        self.address = agreement_address(factory=player.factory, implementation=player.implementation, terms=terms)
        opening = factory_abi().encode("open", header(terms), self.hashes, terms.phases)
        refused = player.send(player.relayer, player.factory, opening, now=now)
        assert refused is None, self._named(refused)
        for token in player.tokens:
            player._must(token, token_abi().encode("approve", self.address, WEALTH))
        named = {share.to for party in terms.parties for share in party.forfeiture}
        named |= {share.to for phase in terms.phases for payment in phase.payments for share in payment.payees}
        self.accounts = sorted(named | {party.account for party in terms.parties})
        self.assets = (NATIVE, *player.tokens)
        self.before = self._balances()

    def _named(self, data: bytes) -> str:
        entry = agreement_abi().errors.get(data[:4]) or factory_abi().errors.get(data[:4])
        return f"{entry.name if entry else '?'} {data.hex()}"

    def play(self, state: State, name: str, *values: object, now: int, sender: bytes = b"", value: int = 0) -> str:
        """Sends one call in the phase at hand; '' if it succeeded, or the refusal as `Name(values)`."""
        if name != "withdraw":
            index = min(state.phase, len(self.terms.phases) - 1)
            place: tuple[object, ...] = (self.terms.phases[index], agenda(self.hashes, index + 1))
            if name == "void":
                place = (agenda(self.hashes),)
            values = (header(self.terms), *place, *values)
        data = agreement_abi().encode(name, *values)
        revert = self.player.send(sender or self.player.relayer, self.address, data, value=value, now=now)
        if revert is None:
            return ""
        entry = agreement_abi().errors[revert[:4]]
        words = [int.from_bytes(revert[i : i + 32], "big") for i in range(4, len(revert), 32)]
        return f"{entry.name}{tuple(words)}"

    def acceptance(self, party: int) -> bytes:
        digest = terms_digest(self.terms, chain_id=CHAIN_ID, agreement=self.address)
        return self.player.parties[party].sign(digest)

    def voices(
        self, phase: int, obligation: int, verdict: Verdict, value: int, panel: int, seats: Sequence[int]
    ) -> Any:
        said = Attestation(phase, obligation, verdict, value, keccak(b"evidence"), 2**40 - 1)
        digest = attestation_digest(said, chain_id=CHAIN_ID, agreement=self.address)
        keys = {key.address: key for key in self.player.seats}
        known = self.terms.panels[panel].seats
        return [
            (seat, said.evidence, said.expiry, keys[known[seat].verifier].sign(digest) if seat < len(known) else b"")
            for seat in seats
        ]

    def _balances(self) -> dict[tuple[bytes, bytes], int]:
        keys = [(account, asset) for account in (*self.accounts, self.address) for asset in self.assets]
        return dict(zip(keys, self._read([self._balance_call(*key) for key in keys]), strict=True))

    def _balance_call(self, account: bytes, asset: bytes) -> tuple[str, Sequence[object]]:
        if asset == NATIVE:
            return "eth_getBalance", [hexed(account), "latest"]
        return "eth_call", [{"to": hexed(asset), "data": hexed(token_abi().encode("balanceOf", account))}, "latest"]

    def _read(self, calls: Sequence[tuple[str, Sequence[object]]]) -> list[int]:
        return [int(each, 16) for each in self.player.batch(calls)]

    def received(self) -> dict[tuple[bytes, bytes], int]:
        """What each account, and the agreement, has gained since it was opened, by asset; zeros left out."""
        gained = {key: after - self.before[key] for key, after in self._balances().items()}
        return {key: amount for key, amount in gained.items() if amount}

    def stored(self) -> dict[str, object]:
        """The contract's state in the words of the model."""
        raw = self.player.view(self.address, agreement_abi().encode("state"))
        status, phase, members, short, opened_at, cut_off, verdicts, funded, paid = (
            int.from_bytes(raw[i : i + 32], "big") for i in range(0, 288, 32)
        )
        shorts = {
            party: int.from_bytes(self.player.view(self.address, agreement_abi().encode("shortBond", party)), "big")
            for party in _indices(short)
        }
        return {
            "status": status, "phase": phase, "members": _indices(members), "short": shorts, "opened_at": opened_at,
            "cut_off": cut_off, "verdicts": tuple(verdicts >> 2 * i & 3 for i in range(32)),
            "funded": _indices(funded), "paid": _indices(paid),
        }  # fmt: skip

    def credit(self, account: bytes, asset: bytes) -> int:
        return int.from_bytes(self.player.view(self.address, agreement_abi().encode("credit", account, asset)), "big")


def _indices(bits: int) -> frozenset[int]:
    return frozenset(index for index in range(32) if bits >> index & 1)


def predicted(state: State) -> dict[str, object]:
    """The model's state in the shape of `Game.stored`."""
    names = ("status", "phase", "members", "short", "opened_at", "cut_off", "verdicts", "funded", "paid")
    fields = {name: getattr(state, name) for name in names}
    return {
        **fields,
        "status": int(state.status),
        "short": dict(state.short),
        "verdicts": tuple(map(int, state.verdicts)),
    }


def owed(state: State, terms: Terms) -> dict[bytes, int]:
    """What the account must hold by asset: holdings and credits; zeros left out."""
    total: dict[bytes, int] = {}
    for (_, asset), held in holdings(state, terms).items():
        total[asset] = total.get(asset, 0) + held.bond + held.escrow
    for (_, asset), amount in state.credits.items():
        total[asset] = total.get(asset, 0) + amount
    return {asset: amount for asset, amount in total.items() if amount}


def refusal(error: Refused) -> str:
    return f"{error.name}{tuple(int(value) for value in error.values.values())}"  # type: ignore[call-overload]
