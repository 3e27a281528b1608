"""Who stood behind what happened: signatures in the transactions of events, recovered again, and who sent them.

An agreement only says what it has checked. Whoever would rather not rely on that finds here, for each acceptance,
attestation, concession and consent, by what signature or sender it came about, computed from the transaction itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from pyledger.chain.abi import agreement_abi, factory_abi
from pyledger.chain.connect import Connection, RpcError
from pyledger.chain.event_records import (
    Accepted,
    Attested,
    Challenged,
    Decided,
    Ended,
    Event,
    Evidence,
    Extended,
    PhaseOpened,
)
from pyledger.chain.signatures import recover
from pyledger.errors import SignatureError
from pyledger.terms.course import later
from pyledger.terms.state import Split, Status
from pyledger.terms.structs import Share, Terms
from pyledger.terms.typed_data import (
    Attestation,
    Dissolution,
    Extension,
    attestation_digest,
    dissolution_digest,
    extension_digest,
    terms_digest,
)

__all__ = ["How", "Witness", "witnesses"]

How = Literal["signature", "sender", "contract", "false"]

_DEPTH: Final = 3
"""How deep calls within calls are looked into."""


class Witness(NamedTuple):
    """An account (20 bytes) that stood behind an event, and how that is known.

    `signature`: its signature over what is said was recovered here. `sender`: it sent the transaction itself, as the
    node says. `contract`: it is a contract, or called through one, and nobody but the agreement has checked it.
    `false`: it is no contract, and neither signed nor sent it: the node makes it up.
    """

    account: bytes
    how: How


class _Sent(NamedTuple):
    """A transaction: who sent it, and the calls of the agreement or its factory in it, by function and arguments.

    None where it went to somebody else, who called for the sender.
    """

    sender: bytes
    calls: tuple[tuple[str, Mapping[str, Any]], ...] | None


_Found = Iterator[tuple[bytes, bytes]]
"""Digests, and signatures that are said to be over them."""

_Matching = Callable[[str, Mapping[str, Any]], _Found]
"""What finds in a call, by function and arguments, the signatures that an event had to have."""


def witnesses(
    connection: Connection, events: Sequence[Event], terms: Terms, *, agreement: bytes, factory: bytes
) -> dict[tuple[int, int], tuple[Witness, ...]]:
    """Who stood behind each event that somebody has to stand behind, by its block and log number.

    `events` are all of an agreement's (20 bytes), in the order of the chain, and possible under its terms. Raises
    NodeError where the node does not answer.
    """
    reading = _Reading(connection, terms, agreement)
    said = [(event, list(reading.required(event))) for event in events]
    sent = _sent(connection, {event.origin.transaction for event, required in said if required}, (agreement, factory))
    return {
        event.origin[:2]: tuple(
            reading.witness(account, matching, sent.get(event.origin.transaction)) for account, matching in required
        )
        for event, required in said
        if required
    }


class _Reading:
    """One agreement's events in order: who had to stand behind each, and what its transaction shows of that."""

    def __init__(self, connection: Connection, terms: Terms, agreement: bytes) -> None:
        self.connection, self.terms, self.agreement = connection, terms, agreement
        self.members: frozenset[int] = frozenset()
        self.number, self.phase = 0, terms.phases[0]
        self._contracts: dict[bytes, bool] = {}

    def required(self, event: Event) -> Iterator[tuple[bytes, _Matching]]:
        """The accounts that must stand behind an event, each with what finds its signature in a call."""
        terms = self.terms
        match event:
            case PhaseOpened():
                self.members, self.number, self.phase = event.members, event.phase, terms.phases[event.phase]
            case Accepted():
                yield terms.parties[event.party].account, self._acceptance
            case Attested():
                panel = terms.panels[terms.phases[event.phase].obligations[event.obligation].panel]
                yield panel.seats[event.seat].verifier, self._attestation(event)
            case Decided(conceded=True):
                obligor = terms.phases[event.phase].obligations[event.obligation].obligor
                yield terms.parties[obligor].account, _unsigned
            case Challenged(by=account) | Evidence(party=account):
                yield account, _unsigned
            case Extended():
                yield from self._all_members(self._extension(event))
                self.phase = later(self.phase, payment=event.payment, index=event.index, to=event.to)
            case Ended(status=Status.DISSOLVED):
                yield from self._all_members(self._dissolution)

    def witness(self, account: bytes, matching: _Matching, sent: _Sent | None) -> Witness:
        """How it is known that an account stood behind something."""
        calls = sent.calls if sent and sent.calls else ()
        found = [pair for name, values in calls for pair in matching(name, values)]
        if any(_signed(digest, signature, account) for digest, signature in found):
            return Witness(account, "signature")
        # An empty signature says that the account itself is calling.
        itself = matching is _unsigned or any(not signature for _, signature in found)
        if itself and sent is not None and sent.sender == account:
            return Witness(account, "sender")
        if account not in self._contracts:
            self._contracts[account] = bool(self.connection.code(account))
        through = sent is None or sent.calls is None
        return Witness(account, "contract" if through or self._contracts[account] else "false")

    def _all_members(self, matching: _Matching) -> Iterator[tuple[bytes, _Matching]]:
        yield from ((self.terms.parties[index].account, matching) for index in sorted(self.members))

    @property
    def _domain(self) -> dict[str, Any]:
        return {"chain_id": self.connection.chain_id, "agreement": self.agreement}

    def _acceptance(self, name: str, values: Mapping[str, Any]) -> _Found:
        if name in ("accept", "launch"):
            yield terms_digest(self.terms, **self._domain), values.get("signature", b"")

    def _attestation(self, event: Attested) -> _Matching:
        def matching(name: str, values: Mapping[str, Any]) -> _Found:
            for seat, evidence, expiry, signature in values["voices"] if name == "attest" else ():
                if (seat, evidence, values["obligation"]) == (event.seat, event.evidence, event.obligation):
                    said = Attestation(event.phase, event.obligation, event.verdict, event.value, evidence, expiry)
                    yield attestation_digest(said, **self._domain), signature

        return matching

    def _extension(self, event: Extended) -> _Matching:
        phase = self.phase
        start = phase.payments[event.index].due if event.payment else phase.obligations[event.index].within

        def matching(name: str, values: Mapping[str, Any]) -> _Found:
            if name == "extend":
                said = Extension(event.phase, event.payment, event.index, start, event.to, values["expiry"])
                digest = extension_digest(said, **self._domain)
                yield from ((digest, signature) for signature in values["signatures"])

        return matching

    def _dissolution(self, name: str, values: Mapping[str, Any]) -> _Found:
        if name == "dissolve":
            said = Dissolution(self.number, tuple(map(_split, values["splits"])), values["expiry"])
            digest = dissolution_digest(said, **self._domain)
            yield from ((digest, signature) for signature in values["signatures"])


def _unsigned(_name: str, _values: Mapping[str, Any]) -> _Found:
    """What counts only from the account itself."""
    yield from ()


def _split(raw: tuple[str, Iterable[tuple[str, int]]]) -> Split:
    asset, shares = raw
    return Split(_address(asset), tuple(Share(_address(to), bps) for to, bps in shares))


def _signed(digest: bytes, signature: bytes, account: bytes) -> bool:
    try:
        return recover(digest, signature) == account
    except SignatureError:
        return False


def _sent(connection: Connection, hashes: Iterable[bytes], ours: tuple[bytes, bytes]) -> dict[bytes, _Sent]:
    """Transactions by their hashes (32 bytes); those that the node does not have, or not readably, are left out.

    `ours` are the addresses of agreement and factory.
    """
    wanted = sorted(hashes)
    answers = connection.batch([("eth_getTransactionByHash", ("0x" + each.hex(),)) for each in wanted])
    found = {}
    for hash_, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, RpcError) or not isinstance(answer, dict):
            continue
        try:
            to, data = answer["to"] or "", bytes.fromhex(answer["input"][2:])
            found[hash_] = _Sent(_address(answer["from"]), _read(_address(to), data, *ours))
        except (KeyError, TypeError, ValueError):
            continue
    return found


def _read(to: bytes, data: bytes, agreement: bytes, factory: bytes) -> tuple[tuple[str, Mapping[str, Any]], ...] | None:
    """The calls that a transaction makes of the agreement, or of the factory that opens and launches it."""
    if to == agreement:
        return tuple(_unfolded(data, _DEPTH))
    opening = factory_abi().call(data) if to == factory else None
    return None if opening is None else (opening,)


def _unfolded(data: bytes, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = agreement_abi().call(data)
    if found is None:
        return
    if found[0] == "multicall" and depth:
        for each in found[1]["data"]:
            yield from _unfolded(each, depth - 1)
    else:
        yield found


def _address(text: str) -> bytes:
    return bytes.fromhex(text[2:])
