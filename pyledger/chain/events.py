"""What agreements and the factory have said: every event as a typed record, read straight from the node's logs.

Logs are decoded by a table of topics with eth_abi. A log that is not ours, or that only looks like ours, is left out:
nobody who emits nonsense can stop an observer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from pyledger.chain.abi import Entry, agreement_abi, factory_abi, read_values
from pyledger.chain.connect import Connection, RpcError, Tag
from pyledger.chain.event_records import (
    KINDS,
    Accepted,
    Attested,
    Challenged,
    Decided,
    Disclosed,
    Dispute,
    Ended,
    Event,
    Evidence,
    Extended,
    Funded,
    MetaEvidence,
    Opened,
    Origin,
    Paid,
    PhaseDisclosed,
    PhaseOpened,
    PhaseRejected,
    PhaseSettled,
    Published,
    Ruled,
    Ruling,
    ToppedUp,
    Withdrawn,
)
from pyledger.chain.flat_events import FlatEvent, flat
from pyledger.chain.possible import possible
from pyledger.errors import NodeError
from pyledger.terms.packed import unpack_phase, unpack_terms
from pyledger.terms.structs import Phase, Terms, Undisclosed
from pyledger.terms.typed_data import phase_hash, terms_hash

__all__ = [
    "Accepted",
    "Attested",
    "Challenged",
    "Decided",
    "Disclosed",
    "Dispute",
    "Ended",
    "Event",
    "Evidence",
    "Extended",
    "Funded",
    "MetaEvidence",
    "Opened",
    "Origin",
    "Paid",
    "PhaseDisclosed",
    "PhaseOpened",
    "PhaseRejected",
    "PhaseSettled",
    "Published",
    "Ruled",
    "Ruling",
    "ToppedUp",
    "Withdrawn",
    "decode_log",
    "decode_logs",
    "decode_raw",
    "fullest",
    "possible",
    "read_events",
    "topics_known",
]

_SETS: Final = frozenset({"members", "short", "payments", "defaults"})


@lru_cache(maxsize=1)
def _table() -> Mapping[bytes, Entry]:
    return {**factory_abi().events, **agreement_abi().events}


def decode_log(log: object) -> Event | None:
    """One event from a log as the node gives it; None if it is not one of ours."""
    if not isinstance(log, dict) or log.get("removed") is True:
        return None
    try:
        origin = Origin(
            block=int(log["blockNumber"], 16),
            log=int(log["logIndex"], 16),
            address=_data(log["address"]),
            transaction=_data(log["transactionHash"]),
            block_hash=_data(log["blockHash"]),
        )
        return decode_raw(origin, [_data(each) for each in log["topics"]], _data(log["data"]))
    except (KeyError, TypeError, ValueError):
        return None


def decode_raw(origin: Origin, topics: Sequence[bytes], data: bytes, *, checked: bool = True) -> Event | None:
    """One event from its topics (32 bytes each) and data; None if it is not one of ours.

    Unless `checked`, terms are not held to the hash that is told with them: for an index of many, each of which is
    checked when somebody looks at it.
    """
    if not topics:
        return None
    if (known := _flat().get(topics[0])) is not None:
        return known.event(origin, topics, data)
    entry = _table().get(topics[0])
    if entry is None:
        return None
    try:
        return KINDS[entry.name](origin, **_values(entry, topics[1:], data, checked=checked))
    except (NodeError, TypeError, ValueError):
        return None


@lru_cache(maxsize=1)
def _flat() -> Mapping[bytes, FlatEvent]:
    """Those events all of whose values are single words: most of them, read without a general decoder."""
    return {
        topic: FlatEvent(entry, KINDS[entry.name], _field, _SETS) for topic, entry in _table().items() if flat(entry)
    }


def topics_known() -> tuple[bytes, ...]:
    """The topic (32 bytes) of every kind of event."""
    return tuple(_table())


def decode_logs(logs: Iterable[object]) -> tuple[Event, ...]:
    """The events among some logs, in the order of the chain."""
    found = (decode_log(each) for each in logs)
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each.origin[:2]))


def fullest(events: Sequence[Event]) -> Published | None:
    """The terms in clear: the event that discloses most phases, the first of several; None if none tells the terms.

    Phases that were disclosed as they opened, if the agreement's own events are among these, are in it too.
    """
    told = (each for each in events if isinstance(each, Published))
    found = max(told, key=lambda each: len(each.disclosed), default=None)
    if found is None:
        return None
    disclosed = [*found.disclosed]
    opened = {event.phase: event.content for event in events if isinstance(event, PhaseDisclosed)}
    for phase in range(len(disclosed), len(found.hashes)):
        if phase not in opened or phase_hash(opened[phase]) != found.hashes[phase]:
            break
        disclosed.append(opened[phase])
    return replace(found, disclosed=tuple(disclosed), terms=_whole(found.terms, disclosed, found.hashes))


def read_events(
    connection: Connection,
    addresses: Sequence[bytes],
    *,
    start: int = 0,
    end: Tag = "latest",
    agreement: bytes | None = None,
    kind: type[Event] | None = None,
) -> tuple[Event, ...]:
    """All events that `addresses` emitted in the blocks from `start` to `end`, both included.

    `agreement` keeps only what the factory says of that one, `kind` only events of that kind. A node that will not
    answer for so many blocks at once is asked for fewer. NodeError if it will not answer at all.
    """
    if not addresses:
        return ()
    last = end if isinstance(end, int) else connection.block(end).number
    wanted = [topic for topic, entry in _table().items() if kind is None or entry.name == kind.__name__]
    topics: list[object] = [["0x" + each.hex() for each in wanted]]
    if agreement is not None:
        topics.append("0x" + bytes(12).hex() + agreement.hex())
    return decode_logs(_logs(connection, ["0x" + each.hex() for each in addresses], topics, start, last))


def _logs(connection: Connection, addresses: list[str], topics: list[object], start: int, end: int) -> list[object]:
    if start > end:
        return []
    query = {"address": addresses, "topics": topics, "fromBlock": hex(start), "toBlock": hex(end)}
    try:
        found = connection.request("eth_getLogs", query)
    except RpcError:
        if start == end:
            raise
        middle = (start + end) // 2
        return [
            *_logs(connection, addresses, topics, start, middle),
            *_logs(connection, addresses, topics, middle + 1, end),
        ]
    if not isinstance(found, list):
        raise connection.nonsense("eth_getLogs", "no list of logs")
    return found


def _values(entry: Entry, topics: Sequence[bytes], data: bytes, *, checked: bool) -> dict[str, Any]:
    indexed = [each for each in entry.inputs if each.get("indexed")]
    plain = [each for each in entry.inputs if not each.get("indexed")]
    found = dict(zip((each["name"] for each in plain), read_values(plain, data, entry.name), strict=True))
    for param, topic in zip(indexed, topics, strict=True):
        (found[param["name"]],) = read_values([param], topic, entry.name)
    try:
        if entry.name == PhaseDisclosed.__name__:
            found["content"] = unpack_phase(found["content"])
        if entry.name in (Opened.__name__, Disclosed.__name__):
            found["disclosed"] = tuple(unpack_phase(each) for each in found["disclosed"])
            terms, _ = unpack_terms(found["terms"])
            found["terms"] = _whole(terms, found["disclosed"], found["hashes"])
            if checked:
                _hold_to(found["termsHash"], found["terms"], found["hashes"])
    except ValueError as error:
        raise NodeError(f"{entry.name} cannot be read: {error}"[:200], hint="ask another node") from error
    return {_field(key): _plain(key, value) for key, value in found.items()}


def _whole(header: Terms, disclosed: Sequence[Phase], hashes: Sequence[bytes]) -> Terms:
    """The terms with all their phases, as far as they are disclosed."""
    later = (Undisclosed.of(each) for each in hashes[len(disclosed) :])
    return header._replace(phases=(*disclosed, *later))


def _hold_to(hash_: bytes, terms: Terms, hashes: Sequence[bytes]) -> None:
    """NodeError if terms are not what the event's hashes say."""
    if [phase_hash(phase) for phase in terms.phases] != list(hashes) or terms_hash(terms) != hash_:
        raise NodeError("the terms in an event are not what its hash says", hint="ask another node: this one is wrong")


def _field(name: str) -> str:
    if name == "from":
        return "from_"
    return re.sub(r"(?<=[a-z])[A-Z]+", lambda match: "_" + match.group().lower(), name.removeprefix("_"))


def _plain(name: str, value: Any) -> Any:
    if name in _SETS:
        return frozenset(each for each in range(value.bit_length()) if value >> each & 1)
    return value.rstrip(b"\0").decode("ascii", "replace") if name == "flaw" else value


def _data(value: str) -> bytes:
    if value[:2] != "0x":
        raise ValueError(value)
    return bytes.fromhex(value[2:])
