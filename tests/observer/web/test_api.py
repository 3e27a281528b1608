"""The JSON API: what it answers is what the store says, in the shape that its description promises."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from sqlalchemy import update

from pyledger.ledger.reading import agreements
from pyledger.ledger.store import open_store
from pyledger.ledger.tables import BLOCK
from pyledger.observer.deadlines import deadlines
from pyledger.observer.reading import read_agreement
from pyledger.observer.shapes import plain
from pyledger.observer.status import STATES
from pyledger.observer.web.query import STATUSES
from pyledger.observer.web.schema import ENDPOINTS, openapi
from pyledger.observer.web.verification import sum_up, verify
from pyledger.observer.web.window import Window
from pyledger.terms.addresses import checksum, parse_address
from pyledger.terms.state import Status
from pyledger.terms.typed_data import terms_hash
from tests.observer.web.conftest import Scene, copied
from tests.observer.web.server import Server

API = "/api/v1"
DESCRIBED = Path(__file__).parents[3] / "docs" / "openapi.json"

slow = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def as_shown(page: Any) -> Any:
    """An answer without what the clock on the wall says of the node."""
    found = json.loads(json.dumps(page))
    for name in ("now", "age", "heard_at"):
        del found["node"][name]
    return found


def valid(kind: str, answer: Any) -> None:
    described = openapi()
    schema = {"$ref": f"#/components/schemas/{kind}", "components": described["components"]}
    Draft202012Validator(schema).validate(answer)


def everywhere(window: Window) -> list[bytes]:
    with window.store.reading() as database:
        stand = window.stand(database)
        assert stand.cursor is not None
        return [each.address for each in agreements(database, stand.cursor.source)]


def test_every_agreement_is_answered_as_the_store_has_it(server: Server, window: Window, scene: Scene) -> None:
    every = everywhere(window)
    assert {checksum(each) for each in every} >= set(scene.played.agreements)
    for address in every:
        shown = checksum(address)
        found = window.agreement(address)
        party = found.row.parties[0].account
        for path, page in (
            (f"{API}/agreements/{shown}", found),
            (f"{API}/agreements/{shown}/history?limit=7&after=2", window.history(address, limit=7, after=2)),
            (f"{API}/agreements/{shown}/verification", window.verification(address)),
            (f"{API}/accounts/{party}", window.account(parse_address(party), limit=50)),
        ):
            answer = server.json(path)
            assert as_shown(answer) == as_shown(plain(page))
            valid(type(page).__name__, answer)


@slow
@given(
    status=st.sampled_from([None, *STATUSES]),
    limit=st.integers(1, 9),
    party=st.booleans(),
    document=st.sampled_from([None, "midway", "completed", "unknown"]),
)
def test_parts_of_the_list_come_to_the_whole_list(
    server: Server, window: Window, scene: Scene, status: str | None, limit: int, party: bool, document: str | None
) -> None:
    digest = None if document is None else window.agreement(at(scene, document)).row.document
    wanted = {"status": status, "document": digest, "party": scene.played.party if party else None}
    asked = [f"{name}={value}" for name, value in wanted.items() if value]
    found: list[str] = []
    after: list[str] | None = []
    while after is not None:
        page = server.json(f"{API}/agreements?{'&'.join([*asked, f'limit={limit}', *after])}")
        assert len(page["agreements"]) <= limit
        found += [each["address"] for each in page["agreements"]]
        after = [f"after={page['paging']['next']}"] if page["paging"]["next"] else None
    with window.store.reading() as database:
        stand = window.stand(database)
        assert stand.cursor is not None
        state = None if status is None else Status[status.upper().replace("-", "_")]
        every = agreements(database, stand.cursor.source, status=state)
    assert found == [
        checksum(each.address)
        for each in every
        if (digest is None or "0x" + each.document.hex() == digest)
        and (not party or parse_address(scene.played.party) in each.parties)
    ]


def at(scene: Scene, name: str) -> bytes:
    return parse_address(getattr(scene.played, name))


def test_other_blocks_of_the_same_height_are_another_answer(scene: Scene, window: Window, tmp_path: Path) -> None:
    place = copied(scene.store, tmp_path / "reorganised.db")
    with open_store(place) as store:
        looking = Window(store, window.settings, clock=lambda: 2_000_000_000)
        before = looking.standpoint()
        assert looking.standpoint().mark == before.mark
        with store.writing() as database:
            database.execute(update(BLOCK).where(BLOCK.c.number == before.node.read).values(hash=bytes(32)))
        after = looking.standpoint()
        assert (after.node, after.mark != before.mark) == (before.node, True)


def test_the_list_counts_what_stands_how(server: Server, window: Window) -> None:
    page = server.json(f"{API}/agreements")
    valid("ListPage", page)
    with window.store.reading() as database:
        stand = window.stand(database)
        assert stand.cursor is not None
        states = [STATES[each.status] for each in agreements(database, stand.cursor.source)]
    assert {each["state"]: each["count"] for each in page["counts"]} == {
        each: states.count(each) for each in set(states)
    }


def test_what_comes_next_in_a_list_is_what_the_whole_agreement_says(window: Window) -> None:
    told = set()
    for address in everywhere(window):
        page = window.agreement(address)
        ahead = [each.at for each in deadlines(page.status) if each.what != "long stop"]
        row = page.row.next_deadline
        assert (row.at if row else None) == next(iter(ahead), None), checksum(address)
        told.add(row.what if row else None)
    assert {None, "joining ends", "loss-2012 stays met without a ruling"} < told


def test_the_hearing_is_as_the_command_line_tells_it(server: Server, scene: Scene) -> None:
    for address in (scene.played.heard, scene.played.disputed, scene.played.hostile):
        told = json.loads(scene.stage("comments", address, "--json"))
        shown = server.json(f"{API}/agreements/{address}")["hearing"]
        assert [each["said"] for each in shown["remarks"]] == told["remarks"]
        assert [each["asked"] for each in shown["challenges"]] == told["challenges"]
        assert (shown["open_until"], shown["answer_within"]) == (told["open_until"], told["answer_within"])
    assert server.json(f"{API}/agreements/{scene.played.heard}")["hearing"]["duties"] == [
        {"duty": duty, "count": 1} for duty in ("answered", "answered late", "due", "overdue")
    ]


def test_each_way_that_money_can_go_sends_all_of_it(window: Window, scene: Scene) -> None:
    """In every case what is held goes somewhere, to the unit."""
    asked = 0
    for name in ("midway", "disputed", "unknown", "hostile"):
        page = window.agreement(at(scene, name))
        held = {each.asset: each.amount for each in page.row.held}
        assert page.cases
        for case in page.cases:
            sums: dict[str, int] = {}
            for each in (*case.gets, *page.status.credits):
                sums[each.money.asset] = sums.get(each.money.asset, 0) + each.money.amount
            assert sums == held, (name, case.words)
            asked += 1
    assert asked > 8


def test_the_steps_lead_from_the_terms_to_the_address(server: Server, scene: Scene) -> None:
    for address in scene.played.agreements:
        page = server.json(f"{API}/agreements/{address}/verification")
        hidden = address == scene.played.confidential  # of a phase that is not published, the hash is taken as given
        assert page["verified"] is (None if hidden else True)
        assert page["steps"][-1]["result"] == page["steps"][-1]["expected"] == address
        assert page["commands"][0] == f"pyledger verify {address} --network NODE"


def test_other_terms_at_an_address_are_noticed(window: Window, scene: Scene) -> None:
    stand = window.standpoint()
    assert stand.cursor is not None
    found = read_agreement(window.store, stand.cursor.source, at(scene, "midway"))
    assert found is not None
    prove = partial(
        verify,
        agreement=found.standing.agreement,
        factory=window.settings.factory,
        implementation=window.settings.implementation,
    )
    other = found.named.terms._replace(joinBy=found.named.terms.joinBy + 1)
    steps = prove(other, emitted=found.standing.terms_hash)
    assert sum_up(steps) is False
    assert [step.title for step in steps if step.holds is False] == [
        "The terms hash is the hash of the terms",
        "The address follows from all of that",
    ]
    steps = prove(other, emitted=terms_hash(other))
    assert [step.title for step in steps if step.holds is False] == ["The address follows from all of that"]


def test_the_typed_data_can_be_hashed_with_another_library(server: Server, scene: Scene) -> None:
    from eth_account.messages import encode_typed_data

    for address in (scene.played.midway, scene.played.hostile, scene.played.disputed):
        message = server.json(f"{API}/agreements/{address}/typed-data")
        assert message["domain"]["verifyingContract"] == address.lower()
        assert (
            "0x" + encode_typed_data(full_message=message).body.hex()
            == server.json(f"{API}/agreements/{address}")["terms"]
        )


def test_what_is_asked_for_must_be_understood(server: Server, scene: Scene) -> None:
    address = scene.played.midway
    for path in (
        "/agreements?limit=0",
        "/agreements?limit=201",
        "/agreements?limit=ten",
        "/agreements?limit=%D9%A3",
        "/agreements?status=happy",
        "/agreements?status=",
        "/agreements?party=0x12",
        "/agreements?document=0x12",
        "/agreements?after=7",
        "/agreements?after=7-0x12",
        "/agreements?limit=1&limit=2",
        "/agreements?colour=red",
        f"/agreements/{address[:-1]}",
        f"/agreements/{address.swapcase().replace('0X', '0x')}",
        f"/agreements/{address}?limit=1",
        f"/agreements/{address}/history?after=-1",
        f"/agreements/{address}/history?after={2**53}",
        "/accounts/nobody",
    ):
        answer = server.get(API + path)
        assert answer.status == 400, path
        assert answer.headers["content-type"] == "application/problem+json"
        valid("Problem", answer.json)
        assert answer.json["status"] == 400


def test_what_is_not_there_is_said_to_be_missing(server: Server) -> None:
    nobody = checksum(bytes(19) + b"\x07")
    for path in (
        f"/agreements/{nobody}",
        f"/agreements/{nobody}/history",
        f"/agreements/{nobody}/typed-data",
        "/nothing",
    ):
        answer = server.get(API + path)
        assert answer.status == 404
        valid("Problem", answer.json)
    assert f"{API}/openapi.json" in server.get(f"{API}/nothing").json["hint"]
    unknown = server.json(f"{API}/accounts/{nobody}")
    assert (unknown["record"]["named"], unknown["agreements"]) == (0, [])


def test_an_answer_that_is_still_right_is_not_sent_again(server: Server, scene: Scene) -> None:
    for path in (f"{API}/agreements", f"{API}/agreements/{scene.played.midway}", f"/agreements/{scene.played.midway}"):
        first = server.get(path)
        assert first.status == 200, first.text
        again = server.get(path, If_None_Match=f'"other", {first.headers["etag"]}')
        assert (first.status, again.status, again.body) == (200, 304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert first.headers["cache-control"] == "no-cache"
        assert server.get(path, If_None_Match='"other"').status == 200
    assert (
        server.get(f"{API}/agreements?limit=3").headers["etag"]
        != server.get(f"{API}/agreements?limit=4").headers["etag"]
    )


def test_the_description_is_current(server: Server) -> None:
    assert json.loads(DESCRIBED.read_text(encoding="utf-8")) == openapi(), (
        "make it anew: pyledger serve --openapi > docs/openapi.json"
    )
    assert server.json(f"{API}/openapi.json") == openapi()


def test_all_that_the_description_allows_is_understood(server: Server, scene: Scene) -> None:
    """What schemathesis found: a number as large as is said, a place in a list in any capitals, an address too long."""
    address = scene.played.midway
    history = openapi()["paths"][f"{API}/agreements/{{address}}/history"]["get"]
    (most,) = (each["schema"]["maximum"] for each in history["parameters"] if each["name"] == "after")
    assert server.get(f"{API}/agreements/{address}/history?after={most}").status == 200
    assert server.get(f"{API}/agreements?after=7-{address.swapcase().replace('0X', '0x')}").status == 200
    for path in openapi()["paths"].values():
        assert "414" in path["get"]["responses"]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.name)
def test_every_described_path_is_there(server: Server, scene: Scene, endpoint: Any) -> None:
    answer = server.get(endpoint.path.replace("{address}", scene.played.midway))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
