"""Plays moves of the settlement model on a real node, and says what the contracts made of them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Collection, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from coincurve import PrivateKey
from eth_abi.abi import decode, encode
from eth_hash.auto import keccak

from pyledger.chain.abi import agreement_abi, factory_abi, token_abi
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.encoding import Encoder
from pyledger.errors import Refused
from pyledger.terms.commitment import agreement_address
from pyledger.terms.outcome import holdings, phase_at_hand
from pyledger.terms.state import Split, State
from pyledger.terms.structs import NATIVE, Terms, Verdict
from pyledger.terms.typed_data import (
    Attestation,
    Dissolution,
    Extension,
    attestation_digest,
    dissolution_digest,
    extension_digest,
    terms_digest,
)

CHAIN_ID: Final = 31337
WALL: Final = bytes.fromhex("00000000000000000000000000000000000ca11e")
"""A contract that refuses every call: native coin cannot be pushed to it."""
WALL_CODE: Final = "0x5f5ffd"
COURT: Final = bytes.fromhex("00000000000000000000000000000000000c0a27")
"""An arbitrator that takes FEE, and hears disputes under whatever number its storage holds."""
COURT_CODE: Final = "0x5f3560e01c63c13517e11460165760095f5260205ff35b5f545f5260205ff3"
"""createDispute (0xc13517e1) answers with storage slot 0, everything else with 9."""
FEE: Final = 9
STANDING: Final = tuple(bytes.fromhex(f"{index:040x}") for index in (0x57A1, 0x57A2))
STRANGER: Final = bytes.fromhex(f"{0x57A9:040x}")
WEALTH: Final = 10**30
GAS: Final = hex(5_000_000)
NEVER: Final = 2**40 - 1

Call = tuple[str, Sequence[object]]
Told = dict[tuple[str, tuple[object, ...]], tuple[int, ...]]
"""What a contract answers, word by word, by what it is asked: a function and its arguments."""


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
    """A node with the contracts, a court, two tokens and a relayer who pays for everybody, at no gas price."""

    def __init__(self, url: str) -> None:
        self._http = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.relayer = bytes.fromhex(self.rpc("eth_accounts")[0][2:])
        self.rpc("anvil_autoImpersonateAccount", True)
        self.rpc("anvil_setNextBlockBaseFeePerGas", "0x0")
        recourse = self._deploy("Recourse")
        self.factory = self._deploy("AgreementFactory", encode(["address"], [recourse]))
        self.implementation = self.view(self.factory, factory_abi().encode("implementation"))[12:]
        named = encode(["string", "string", "uint8"], ["Test", "TEST", 6])
        self.tokens = [self._deploy("TestToken", named) for _ in range(2)]
        self.parties = [Key(f"party {index}") for index in range(5)]
        self.seats = [Key(f"seat {index}") for index in range(6)]
        self.payers = [self.relayer, *(party.address for party in self.parties)]
        for account in (*self.payers, *STANDING, STRANGER, *(seat.address for seat in self.seats)):
            self.rpc("anvil_setBalance", hexed(account), hex(WEALTH))
        for token in self.tokens:
            for account in self.payers:
                self.must(self.relayer, token, token_abi().encode("mint", account, WEALTH))
        self.wall(standing=True)
        self.rpc("anvil_setCode", hexed(COURT), COURT_CODE)
        self.start = int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 100
        self._snapshot = self.rpc("evm_snapshot")

    def close(self) -> None:
        """Ends the connection."""
        self._http.close()

    def rewind(self) -> None:
        """Back to the state after construction."""
        assert self.rpc("evm_revert", self._snapshot)
        self._snapshot = self.rpc("evm_snapshot")

    def wall(self, *, standing: bool) -> None:
        """Puts the wall up, or takes it down: then it can be paid."""
        self.rpc("anvil_setCode", hexed(WALL), WALL_CODE if standing else "0x")

    def number_disputes(self, number: int) -> None:
        """The court hears the next dispute under this number."""
        self.rpc("anvil_setStorageAt", hexed(COURT), hex(0), f"0x{number:064x}")

    def batch(self, calls: Sequence[Call]) -> list[Any]:
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
        return bytes.fromhex(self.batch([calling(to, data)])[0][2:])

    def _deploy(self, name: str, arguments: bytes = b"") -> bytes:
        code = load_artifact(name).bytecode + arguments
        call = {"from": hexed(self.relayer), "data": hexed(code), "gas": hex(30_000_000)}
        receipt = self.rpc("eth_sendTransactionSync", call)
        assert receipt["status"] == "0x1"
        return bytes.fromhex(receipt["contractAddress"][2:])

    def must(self, sender: bytes, to: bytes, data: bytes, *, now: int | None = None) -> None:
        assert self.send(sender, to, data, now=now) is None

    def send(self, sender: bytes, to: bytes, data: bytes, *, value: int = 0, now: int | None = None) -> bytes | None:
        """None if the transaction succeeded, or the data it reverted with; `now` is the time of its block."""
        call = {
            "from": hexed(sender), "to": hexed(to), "data": hexed(data), "gas": GAS, "gasPrice": "0x0",
            "value": hex(value),
        }  # fmt: skip
        clock: list[Call] = [("evm_setNextBlockTimestamp", [now])] if now else []
        fees: list[Call] = [("anvil_setNextBlockBaseFeePerGas", ["0x0"])]
        receipt = self.batch([*fees, *clock, ("eth_sendTransactionSync", [call])])[-1]
        if receipt["status"] == "0x1":
            return None
        trace = self.rpc("debug_traceTransaction", receipt["transactionHash"], {"tracer": "callTracer"})
        return bytes.fromhex(trace.get("output", "0x")[2:])


class Game:
    """One agreement on the node."""

    def __init__(self, player: Player, terms: Terms) -> None:
        self.player = player
        self.terms = terms
        self._encoder = Encoder(terms)
        self.address = agreement_address(factory=player.factory, implementation=player.implementation, terms=terms)
        self._digest = terms_digest(terms, chain_id=CHAIN_ID, agreement=self.address)
        self._approved: set[bytes] = set()
        named = {share.to for party in terms.parties for share in party.forfeiture}
        named |= {share.to for phase in terms.phases for payment in phase.payments for share in payment.payees}
        named |= {party.account for party in terms.parties}
        self.accounts = sorted(named | {*terms.standing, COURT, STRANGER, WALL, self.address})
        self.assets = (NATIVE, *player.tokens)
        self._before = self._balances(player.batch(self._balance_calls()))

    # what is played

    def open(self, *, now: int) -> None:
        refused = self._found("open", self.player.relayer, now=now)
        assert not refused, refused

    def launch(self, party: int, payments: Collection[int], *, now: int, value: int) -> str:
        """Opens by `launch`, called by the party's own account; what `play` returns."""
        known = self.terms.parties[min(party, len(self.terms.parties) - 1)]
        return self._found("launch", known.account, party, bits(payments), now=now, value=value)

    def _found(self, name: str, sender: bytes, *values: object, now: int, value: int = 0) -> str:
        self._approve(sender, now)
        data = self._encoder.opening(name, 1, *values)
        return _named(self.player.send(sender, self.player.factory, data, value=value, now=now))

    def play(self, state: State, name: str, *values: object, now: int, sender: bytes = b"", value: int = 0) -> str:
        """Sends one call in the phase at hand; '' if it succeeded, or the refusal as `Name(values)`."""
        payer = sender or self.player.relayer
        self._approve(payer, now)
        data = self._call(state, name, values)
        return _named(self.player.send(payer, self.address, data, value=value, now=now))

    def _call(self, state: State, name: str, values: Sequence[object]) -> bytes:
        if name in ("rule", "withdraw", "deliver"):
            return agreement_abi().encode(name, *values)
        if name == "settle":
            goes_on = state.phase + 1 < len(self.terms.phases)
            return self._encoder.settle(state.phase, goes_on=goes_on, extended=state.extended)
        encode_call = self._encoder.from_phase if name in ("void", "comment") else self._encoder.in_phase
        return encode_call(name, state.phase, *values, extended=state.extended)

    def _approve(self, payer: bytes, now: int) -> None:
        """Whoever has tokens lets the agreement take them."""
        if payer in self.player.payers and payer not in self._approved:
            self._approved.add(payer)
            for token in self.player.tokens:
                self.player.must(payer, token, token_abi().encode("approve", self.address, WEALTH), now=now)

    # what is signed

    def acceptance(self, party: int) -> bytes:
        return self.player.parties[party].sign(self._digest)

    def voices(
        self, phase: int, obligation: int, verdict: Verdict, value: int, panel: int, seats: Sequence[int]
    ) -> Any:
        said = Attestation(phase, obligation, verdict, value, keccak(b"evidence"), NEVER)
        digest = attestation_digest(said, chain_id=CHAIN_ID, agreement=self.address)
        keys = {key.address: key for key in self.player.seats}
        known = self.terms.panels[panel].seats
        return [
            (seat, said.evidence, said.expiry, keys[known[seat].verifier].sign(digest) if seat < len(known) else b"")
            for seat in seats
        ]

    def dissolution(self, state: State, splits: Sequence[Split], expiry: int) -> list[bytes]:
        """Every member's signature over a dissolution, in the order of the parties."""
        said = Dissolution(state.phase, tuple(splits), expiry)
        return self._signed(state, dissolution_digest(said, chain_id=CHAIN_ID, agreement=self.address))

    def extension(self, state: State, payment: bool, index: int, start: int, to: int, expiry: int) -> list[bytes]:
        """Every member's signature over an extension, in the order of the parties."""
        said = Extension(state.phase, payment, index, start, to, expiry)
        return self._signed(state, extension_digest(said, chain_id=CHAIN_ID, agreement=self.address))

    def _signed(self, state: State, digest: bytes) -> list[bytes]:
        return [self.player.parties[party].sign(digest) for party in sorted(state.members)]

    # what has become of it

    def seen(self, state: State) -> tuple[Told, dict[tuple[bytes, bytes], int]]:
        """All that the contract answers to what there is in a state, in the shape of `predicted`; and what each
        account has gained since before the opening, by asset, zeros left out."""
        names, views = zip(*_views(state, self.terms), strict=True)
        asked = calling(self.address, agreement_abi().encode("multicall", views))
        answer, *balances = self.player.batch([asked, *self._balance_calls()])
        (words,) = decode(["bytes[]"], bytes.fromhex(answer[2:]))
        told = {name: _words(word) for name, word in zip(names, words, strict=True)}
        after = self._balances(balances)
        return told, {key: gain for key, before in self._before.items() if (gain := after[key] - before)}

    def _balance_calls(self) -> list[Call]:
        return [_balance(account, asset) for account in self.accounts for asset in self.assets]

    def _balances(self, answers: Sequence[str]) -> dict[tuple[bytes, bytes], int]:
        keys = [(account, asset) for account in self.accounts for asset in self.assets]
        return {key: int(answer, 16) for key, answer in zip(keys, answers, strict=True)}


def calling(to: bytes, data: bytes) -> Call:
    return "eth_call", [{"to": hexed(to), "data": hexed(data)}, "latest"]


def _balance(account: bytes, asset: bytes) -> Call:
    if asset == NATIVE:
        return "eth_getBalance", [hexed(account), "latest"]
    return calling(asset, token_abi().encode("balanceOf", account))


def _named(revert: bytes | None) -> str:
    if revert is None:
        return ""
    entry = agreement_abi().errors.get(revert[:4]) or factory_abi().errors.get(revert[:4])
    return f"{entry.name}{_words(revert[4:])}" if entry else f"? {revert.hex()}"


def _words(data: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32))


def _views(state: State, terms: Terms) -> list[tuple[tuple[str, tuple[object, ...]], bytes]]:
    """Questions, as in `predicted`, and calls of everything that the contract can be asked about a state."""
    obligations = range(len(phase_at_hand(state, terms).obligations))
    asked: list[tuple[str, tuple[object, ...]]] = [("state", ()), ("joining", ())]
    asked += [("shortBond", (party,)) for party in state.short]
    asked += [(name, (state.phase, each)) for name in ("contest", "attested") for each in obligations]
    asked += [("hearing", (dispute,)) for dispute in state.hearings]
    asked += [("tally", motion) for motion in _motions(state, terms)]
    asked += [("credit", (WALL, asset)) for asset in {NATIVE, *(asset for _, asset in state.credits)}]
    return [((name, values), agreement_abi().encode(name, *values)) for name, values in asked]


def _motions(state: State, terms: Terms) -> set[tuple[int, int, int, int]]:
    """Every motion that a seat has voiced, and one that nobody has for each obligation of the phase at hand."""
    nobody = 12_345
    obligations = range(len(phase_at_hand(state, terms).obligations))
    voiced = {(voice.phase, voice.obligation, int(voice.verdict), voice.value) for voice in state.voices}
    return voiced | {(state.phase, each, int(Verdict.MET), nobody) for each in obligations}


def predicted(state: State, terms: Terms) -> Told:
    """What the contract must answer."""
    marks = (state.phase > 0 or state.extended is not None) | 2 * any(v.phase == state.phase for v in state.voices)
    offset = state.cut_off - state.opened_at + 1 if state.cut_off else 0
    verdicts = sum(verdict << 2 * index for index, verdict in enumerate(state.verdicts))
    sets = (bits(state.members), bits(state.short))
    told: Told = {
        ("state", ()): (
            state.status, state.phase, marks, *sets, state.opened_at, offset, verdicts, bits(state.funded),
            bits(state.paid),
        ),
        ("joining", ()): (bits(state.joining),),
    }  # fmt: skip
    told |= {("shortBond", (party,)): (held,) for party, held in state.short.items()}
    for each in range(len(phase_at_hand(state, terms).obligations)):
        told["contest", (state.phase, each)] = tuple(state.contests.get(each, (0, 0, 0)))
        told["attested", (state.phase, each)] = (state.attested.get(each, 0),)
    court = int.from_bytes(terms.arbitrator, "big")
    told |= {("hearing", (number,)): (court, *map(int, heard)) for number, heard in state.hearings.items()}
    for motion in _motions(state, terms):
        about = [voice for voice in state.voices if (voice.phase, voice.obligation) == motion[:2]]
        agreed = [voice.seat for voice in about if (voice.verdict, voice.value) == motion[2:]]
        told["tally", motion] = (bits({voice.seat for voice in about}), bits(agreed))
    for asset in {NATIVE, *(asset for _, asset in state.credits)}:
        told["credit", (WALL, asset)] = (state.credits.get((WALL, asset), 0),)
    return told


def owed(state: State, terms: Terms) -> dict[bytes, int]:
    """What the account must hold by asset: holdings and credits; zeros left out."""
    total: dict[bytes, int] = {}
    for (_, asset), held in holdings(state, terms).items():
        total[asset] = total.get(asset, 0) + held.bond + held.escrow
    for (_, asset), amount in state.credits.items():
        total[asset] = total.get(asset, 0) + amount
    return {asset: amount for asset, amount in total.items() if amount}


def refusal(error: Refused) -> str:
    """A refusal of the model as `Game.play` writes those of the contract."""
    return f"{error.name}{tuple(_word(value) for value in error.values.values())}"


def _word(value: object) -> int:
    if isinstance(value, str):
        return int.from_bytes(value.encode().ljust(32, b"\0"), "big")
    return int.from_bytes(value, "big") if isinstance(value, bytes) else int(value)  # type: ignore[call-overload]


def bits(indices: Collection[int]) -> int:
    return sum(1 << index for index in indices)
