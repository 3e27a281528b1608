from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pyledger.chain.abi import agreement_abi, factory_abi
from pyledger.chain.connect import Connection
from pyledger.chain.event_records import KINDS
from pyledger.chain.events import (
    Disclosed,
    Ended,
    Opened,
    Paid,
    PhaseDisclosed,
    PhaseOpened,
    decode_log,
    decode_logs,
    fullest,
    read_events,
)
from pyledger.errors import NodeError
from pyledger.terms.structs import Verdict
from pyledger.terms.typed_data import phase_hash, terms_hash
from tests.chain.deals import DAY, OPERATOR, PAYER, STRANGER, VERIFIERS, WORKER, Deal


def raw_logs(connection: Connection, address: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.request(
        "eth_getLogs", {"address": "0x" + address.hex(), "fromBlock": "0x0", "toBlock": "latest"}
    )
    return found


def test_every_event_of_the_contracts_has_a_record() -> None:
    entries = [*agreement_abi().events.values(), *factory_abi().events.values()]
    assert {each.name for each in entries} == set(KINDS)


def test_opening_holds_the_whole_terms(deal: Deal) -> None:
    (opened,) = deal.agreement.open(OPERATOR).events
    assert isinstance(opened, Opened)
    assert opened.complete
    assert opened.terms == deal.agreement.terms
    assert opened.terms_hash == terms_hash(deal.agreement.terms)
    assert opened.agreement == deal.agreement.address
    assert opened.origin.address == deal.agreement.places.factory


def test_opening_holds_what_was_disclosed_and_hashes_of_the_rest(deal: Deal) -> None:
    (opened,) = deal.agreement.open(OPERATOR, disclosed=1).events
    assert isinstance(opened, Opened)
    assert not opened.complete
    assert opened.disclosed == deal.agreement.terms.phases[:1]
    assert opened.hashes == tuple(phase_hash(each) for each in deal.agreement.terms.phases)


def test_a_launch_tells_the_terms_like_an_opening(deal: Deal) -> None:
    opened = deal.agreement.launch(PAYER, disclosed=1).events[0]
    assert isinstance(opened, Opened)
    assert opened.disclosed == deal.agreement.terms.phases[:1]
    assert opened.terms_hash == terms_hash(deal.agreement.terms)


def test_phases_that_were_kept_back_are_known_once_they_open(deal: Deal) -> None:
    agreement = deal.agreement
    agreement.open(OPERATOR, disclosed=1)
    agreement.accept(PAYER)
    agreement.accept(WORKER)
    agreement.fund(PAYER, [0, 1])
    for obligation in (0, 1):
        for verifier in VERIFIERS[:2]:
            agreement.attest_self(verifier, obligation, Verdict.MET)
    deal.warp(6 * DAY)
    before = fullest(agreement.events())
    assert before is not None
    assert not before.complete
    agreement.settle(OPERATOR)
    events = agreement.events()
    after = fullest(events)
    assert after is not None
    assert after.complete
    assert after.terms == agreement.terms
    (told,) = [each for each in events if isinstance(each, PhaseDisclosed)]
    assert told.content == agreement.terms.phases[1]
    false = replace(told, content=told.content._replace(notBefore=1))
    assert fullest([false if each is told else each for each in events]) == before


def test_an_opening_that_lies_about_its_header_is_left_out(deal: Deal) -> None:
    deal.agreement.open(OPERATOR, disclosed=1)
    (opening,) = raw_logs(deal.agreement.connection, deal.agreement.places.factory)[-1:]
    long_stop = f"{deal.agreement.terms.longStop:010x}"
    assert isinstance(decode_log(opening), Opened)
    assert opening["data"].count(long_stop) == 1
    later = f"{deal.agreement.terms.longStop + 1:010x}"
    assert decode_log(opening | {"data": opening["data"].replace(long_stop, later)}) is None


def test_phases_kept_back_at_opening_can_be_disclosed_by_anybody(deal: Deal) -> None:
    agreement = deal.agreement
    agreement.open(OPERATOR, disclosed=1)
    opened = fullest(agreement.events())
    assert opened is not None
    assert not opened.complete
    for count in (1, None):
        agreement.disclose(STRANGER, disclosed=count)
    told = fullest(agreement.events())
    assert isinstance(told, Disclosed)
    assert told.complete
    assert told.terms == agreement.terms


def test_a_disclosure_that_lies_is_left_out(deal: Deal) -> None:
    deal.agreement.open(OPERATOR, disclosed=1)
    deal.agreement.disclose(STRANGER)
    (log,) = raw_logs(deal.agreement.connection, deal.agreement.places.factory)[-1:]
    assert isinstance(decode_log(log), Disclosed)
    stop, later = (f"{deal.agreement.terms.longStop + late:010x}" for late in (0, 1))
    assert decode_log(log | {"data": log["data"].replace(stop, later)}) is None


def test_events_are_read_in_order_with_their_origin(in_force: Deal) -> None:
    connection = in_force.agreement.connection
    in_force.agreement.fund(PAYER, [0])
    for verifier in VERIFIERS[:2]:
        in_force.agreement.attest_self(verifier, 0, Verdict.MET)
    found = read_events(connection, [in_force.agreement.address])
    assert [each.origin[:2] for each in found] == sorted(each.origin[:2] for each in found)
    (opened,) = [each for each in found if isinstance(each, PhaseOpened)]
    assert opened.members == {0, 1}
    assert not opened.short
    (paid,) = [each for each in found if isinstance(each, Paid)]
    assert (paid.to, paid.index, paid.credited) == (WORKER.address, 0, False)
    assert read_events(connection, [in_force.agreement.address], start=paid.origin.block) == found[-3:]
    assert read_events(connection, []) == ()
    assert read_events(connection, [in_force.agreement.address], start=5, end=4) == ()


def test_only_the_opening_of_one_agreement_is_read_when_asked(in_force: Deal) -> None:
    connection, factory = in_force.agreement.connection, in_force.agreement.places.factory
    assert len(read_events(connection, [factory], agreement=in_force.agreement.address)) == 1
    assert read_events(connection, [factory], agreement=STRANGER.address) == ()


def test_logs_that_are_not_ours_or_malformed_are_left_out(in_force: Deal) -> None:
    log = raw_logs(in_force.agreement.connection, in_force.agreement.address)[-1]
    assert isinstance(decode_log(log), PhaseOpened)
    (opening,) = raw_logs(in_force.agreement.connection, in_force.agreement.places.factory)[-1:]
    broken: list[object] = [
        None,
        "log",
        {},
        log | {"removed": True},
        log | {"topics": []},
        log | {"topics": ["0x" + "00" * 32]},
        log | {"topics": log["topics"][:1]},
        log | {"topics": [*log["topics"], log["topics"][1]]},
        log | {"topics": None},
        log | {"topics": [7]},
        log | {"data": "0x"},
        log | {"data": log["data"][:-64]},
        log | {"data": "0x" + "ff" * 1_000},
        log | {"data": "0x" + "00" * 31 + "20" + "ff" * 64},
        log | {"data": None},
        log | {"blockNumber": None},
        log | {"address": "nowhere"},
        opening | {"data": opening["data"].replace("0d" * 32, "0e" * 32)},
    ]
    assert [decode_log(each) for each in broken] == [None] * len(broken)
    assert len(decode_logs([*broken, log])) == 1


@pytest.mark.parametrize("status", [0, 7, 255])
def test_enum_out_of_range_is_left_out(status: int) -> None:
    (topic,) = [each.topic for each in agreement_abi().events.values() if each.name == "Ended"]
    log = {
        "topics": ["0x" + topic.hex()],
        "data": "0x" + status.to_bytes(32, "big").hex(),
        "blockNumber": "0x1",
        "logIndex": "0x0",
        "address": "0x" + "11" * 20,
        "transactionHash": "0x" + "22" * 32,
        "blockHash": "0x" + "33" * 32,
    }
    assert isinstance(decode_log(log), Ended) == (status == 0)


def test_a_node_that_refuses_many_blocks_is_asked_for_fewer(in_force: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anvil refuses nothing, so the refusal alone is put in front of it."""
    connection = in_force.agreement.connection
    whole = read_events(connection, [in_force.agreement.address])
    ask, asked = connection.request, []

    def request(method: str, *params: Any) -> Any:
        if method == "eth_getLogs":
            asked.append(int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1)
            if asked[-1] > 3:
                return ask("eth_nonsense")
        return ask(method, *params)

    monkeypatch.setattr(connection, "request", request)
    assert read_events(connection, [in_force.agreement.address]) == whole
    assert max(asked) > 3 >= min(asked)


def test_a_node_that_refuses_all_logs_is_an_error(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = connection.request
    monkeypatch.setattr(
        connection, "request", lambda method, *rest: ask("eth_nonsense" if method == "eth_getLogs" else method, *rest)
    )
    with pytest.raises(NodeError):
        read_events(connection, [bytes(20)])
