"""Which requests get through to the service, in which form, and which do not."""

from __future__ import annotations

import asyncio
import http.client
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import requests
from eth_account import Account
from eth_account.messages import encode_typed_data

from pyledger.errors import UsageError
from pyledger.gateway.app import Sizes
from pyledger.gateway.client import Entrance, aiohttp_middleware, sign_request
from pyledger.gateway.door import Times
from pyledger.gateway.signed import Access, access_digest, access_message, body_hash, write_headers
from pyledger.terms.typed_data import domain_separator
from tests.gateway.conftest import Build, Running, Start, eventually
from tests.gateway.houses import House
from tests.gateway.service import Service


@pytest.fixture(scope="module")
def house(build: Build) -> House:
    return build()


@pytest.fixture(scope="module")
def shared(start: Start, house: House) -> Iterator[Running]:
    with start(house) as running:
        yield running


@pytest.fixture
def gateway(shared: Running, service: Service) -> Running:
    """A gateway that many tests ask, before a service that has not been asked yet."""
    return shared


def reason(answer: requests.Response) -> str:
    """Why it was turned away."""
    said: str = answer.json()["error"]["reason"]
    return said


def plainly(gateway: Running, headers: dict[str, str], target: str = "/question", **more: Any) -> requests.Response:
    method = more.pop("method", "GET")
    return requests.request(method, gateway.origin + target, headers=headers, timeout=20, **more)


def signed(gateway: Running, entrance: Entrance, target: str = "/question", **more: Any) -> dict[str, str]:
    """Headers for a request, signed a while from now, or otherwise than it will be sent."""
    now = int(time.time()) + more.pop("ahead", 0)
    method, body = more.pop("method", "GET"), more.pop("body", b"")
    return sign_request(entrance, method, more.pop("origin", gateway.origin) + target, body, now=now)


# What is signed


def test_what_is_signed_is_what_any_wallet_signs_for_the_typed_data() -> None:
    access = Access(
        secrets.token_bytes(20), "api", "https://model.example", "POST", "/v1?x=1", body_hash(b"{}"), 1, 2, bytes(32)
    )
    agreement = secrets.token_bytes(20)
    message = encode_typed_data(full_message=access_message(access, chain_id=5, agreement=agreement))
    separator = domain_separator(5, agreement, name="pyledger gateway")
    assert message.header == separator
    key = Account.create()
    ours = key.unsafe_sign_hash(access_digest(access, chain_id=5, agreement=agreement))
    assert ours.signature == key.sign_message(message).signature


# What gets through


def test_a_holder_gets_an_answer_from_the_service(gateway: Running, house: House, service: Service) -> None:
    answer = gateway.ask(house.entrance(), "/ask?a=1&b=%20", "POST", data=b"why?", headers={"X-Kept": "yes"})
    assert answer.status_code == 200
    (asked,) = service.asked
    assert (asked["method"], asked["target"], asked["body"]) == ("POST", "/base/ask?a=1&b=%20", "why?")
    assert answer.json() == asked
    assert answer.headers["X-Answer"] == "yes"


def test_the_service_learns_who_asks_and_nothing_of_the_signature(
    gateway: Running, house: House, service: Service
) -> None:
    forged = {"X-Pyledger-Name": "provider", "X-Forwarded-For": "10.0.0.1", "Connection": "X-Hop", "X-Hop": "1"}
    gateway.ask(house.entrance("guest"), headers=forged)
    headers = dict(service.asked[0]["headers"])
    assert headers["x-pyledger-name"] == "guest"
    assert headers["x-pyledger-holder"] == house.signer("guest").checksum
    assert headers["x-pyledger-benefit"] == "api"
    assert [name for name, _ in service.asked[0]["headers"]].count("x-pyledger-name") == 1
    assert not {name for name in headers if name.startswith("pyledger-")}
    assert not headers.keys() & {"x-forwarded-for", "x-hop"}


@pytest.mark.parametrize(
    "name", ["X_Pyledger_Name", "X-Pyledger_Holder", "X_Forwarded_For", "X_Real_IP", "Pyledger_Body"]
)
def test_no_other_spelling_of_what_the_gateway_says_is_passed_on(
    gateway: Running, house: House, service: Service, name: str
) -> None:
    """What runs behind WSGI takes `X_Pyledger_Name` for `X-Pyledger-Name`."""
    gateway.ask(house.entrance("guest"), headers={name: "provider"})
    assert name.lower() not in [each for each, _ in service.asked[0]["headers"]]


def test_what_belongs_to_one_connection_is_not_passed_back(gateway: Running, house: House) -> None:
    answer = gateway.ask(house.entrance())
    assert "X-Gone" not in answer.headers


def test_a_redirect_is_passed_on_and_not_followed(gateway: Running, house: House) -> None:
    answer = gateway.ask(house.entrance(), "/elsewhere", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:1/secret")


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 5 * 1024 * 1024])
def test_bodies_of_any_size_arrive_whole(gateway: Running, house: House, service: Service, size: int) -> None:
    assert gateway.ask(house.entrance(), "/ask", "POST", data=b"x" * size).status_code == 200
    assert service.asked[-1]["size"] == size


def test_a_body_may_be_too_large(start: Start, house: House, service: Service) -> None:
    with start(house, sizes=Sizes(most=1000)) as gateway:
        answer = gateway.ask(house.entrance(), "/ask", "POST", data=b"x" * 1001)
        assert (answer.status_code, reason(answer)) == (413, "too-large")
        chunked = signed(gateway, house.entrance(), method="POST", body=b"x" * 1001)
        answer = plainly(gateway, chunked, method="POST", data=iter([b"x" * 1000, b"x"]))
        assert reason(answer) == "too-large"
    assert service.asked == []


def test_a_service_that_is_not_there(start: Start, house: House) -> None:
    with start(house, upstream="http://127.0.0.1:1") as gateway:
        answer = gateway.ask(house.entrance())
        assert (answer.status_code, reason(answer)) == (502, "upstream-unreachable")


def test_a_service_that_does_not_answer(start: Start, house: House) -> None:
    with start(house, idle=0.2) as gateway:
        answer = gateway.ask(house.entrance(), "/never")
        assert (answer.status_code, reason(answer)) == (504, "upstream-too-slow")


def test_a_service_that_breaks_off_its_answer(gateway: Running, house: House) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        gateway.ask(house.entrance(), "/broken")
    eventually(lambda: [each["whole"] for each in gateway.lines("answered")][-1:] == [False])


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods_that_are_passed_on(gateway: Running, house: House, service: Service, method: str) -> None:
    answer = gateway.ask(house.entrance(), "/ask", method)
    assert (answer.status_code, service.asked[0]["method"]) == (200, method)
    assert (answer.content == b"") == (method == "HEAD")


# What does not


def test_a_request_that_is_not_signed(gateway: Running, service: Service) -> None:
    answer = plainly(gateway, {})
    assert (answer.status_code, reason(answer)) == (401, "unsigned")
    assert f'origin="{gateway.origin}"' in answer.headers["WWW-Authenticate"]
    assert service.asked == []


def test_a_request_counts_once(gateway: Running, house: House, service: Service) -> None:
    headers = signed(gateway, house.entrance())
    assert plainly(gateway, headers).status_code == 200
    for _ in range(3):
        answer = plainly(gateway, headers)
        assert (answer.status_code, reason(answer)) == (401, "replayed")
    assert len(service.asked) == 1


def test_a_request_counts_once_also_when_the_gateway_begins_anew(start: Start, house: House, service: Service) -> None:
    with start(house) as gateway:
        service.asked.clear()
        headers = signed(gateway, house.entrance())
        assert plainly(gateway, headers).status_code == 200
        port = int(gateway.origin.rpartition(":")[2])
    with start(house, port=port) as gateway:
        assert reason(plainly(gateway, headers)) == "signed-before-start"
    assert len(service.asked) == 1


def test_a_request_that_has_expired(gateway: Running, house: House) -> None:
    answer = plainly(gateway, signed(gateway, house.entrance(), ahead=-31))
    assert (answer.status_code, reason(answer)) == (401, "expired")


def test_a_request_from_the_future(gateway: Running, house: House) -> None:
    assert reason(plainly(gateway, signed(gateway, house.entrance(), ahead=10))) == "future-dated"
    assert plainly(gateway, signed(gateway, house.entrance(), ahead=3)).status_code == 200


def test_a_request_that_would_count_for_too_long(gateway: Running, house: House) -> None:
    entrance = house.entrance()
    long = Entrance(entrance.signer, entrance.chain_id, entrance.agreement, "api", lifetime=61)
    assert reason(plainly(gateway, signed(gateway, long))) == "lasts-too-long"


def test_a_request_for_another_chain_agreement_benefit_or_service(gateway: Running, house: House) -> None:
    mine = house.entrance()
    others = [
        Entrance(mine.signer, mine.chain_id, secrets.token_bytes(20), "api"),
        Entrance(mine.signer, mine.chain_id, mine.agreement, "evaluation"),
    ]
    for other in others:
        assert reason(plainly(gateway, signed(gateway, other))) == "not-signed-by-holder"
    elsewhere = signed(gateway, mine, origin="https://another.example")
    assert reason(plainly(gateway, elsewhere)) == "not-signed-by-holder"
    access = Access(
        mine.signer.address, "api", gateway.origin, "GET", "/question", body_hash(b""),
        int(time.time()), int(time.time()) + 30, bytes(32),
    )  # fmt: skip
    digest = access_digest(access, chain_id=1, agreement=mine.agreement)
    headers = write_headers(access, mine.signer.sign_digest(digest, chain_id=mine.chain_id))
    assert reason(plainly(gateway, headers)) == "not-signed-by-holder", "another chain"


def test_a_request_of_somebody_else(gateway: Running, house: House, service: Service) -> None:
    provider, host, guest = (house.entrance(name) for name in ("provider", "host", "guest"))
    answer = plainly(gateway, signed(gateway, provider))
    assert (answer.status_code, reason(answer)) == (403, "not-a-holder")
    posing = Entrance(guest.signer, guest.chain_id, guest.agreement, "api", holder=host.signer.address)
    assert reason(plainly(gateway, signed(gateway, posing))) == "not-signed-by-holder"
    relabelled = signed(gateway, guest) | {"Pyledger-Holder": host.signer.checksum}
    assert reason(plainly(gateway, relabelled)) == "not-signed-by-holder"
    assert service.asked == []


def test_a_request_that_was_altered_on_its_way(gateway: Running, house: House, service: Service) -> None:
    def headers() -> dict[str, str]:
        return signed(gateway, house.entrance(), "/ask?x=1", method="POST", body=b"why?")

    assert reason(plainly(gateway, headers(), "/ask?x=2", method="POST", data=b"why?")) == "not-signed-by-holder"
    assert reason(plainly(gateway, headers(), "/tell?x=1", method="POST", data=b"why?")) == "not-signed-by-holder"
    assert reason(plainly(gateway, headers(), "/ask?x=1", method="PUT", data=b"why?")) == "not-signed-by-holder"
    answer = plainly(gateway, headers(), "/ask?x=1", method="POST", data=b"how?")
    assert (answer.status_code, reason(answer)) == (401, "body-altered")
    other = headers() | {"Pyledger-Body": "0x" + body_hash(b"how?").hex()}
    assert reason(plainly(gateway, other, "/ask?x=1", method="POST", data=b"how?")) == "not-signed-by-holder"
    later = headers()
    later["Pyledger-Expires"] = str(int(later["Pyledger-Expires"]) + 1)
    assert reason(plainly(gateway, later, "/ask?x=1", method="POST", data=b"why?")) == "not-signed-by-holder"
    anew = headers() | {"Pyledger-Nonce": "0x" + "11" * 32}
    assert reason(plainly(gateway, anew, "/ask?x=1", method="POST", data=b"why?")) == "not-signed-by-holder"
    assert service.asked == []


def test_a_large_body_that_was_altered_never_arrives_whole(gateway: Running, house: House, service: Service) -> None:
    body = b"x" * (3 * 1024 * 1024)
    headers = signed(gateway, house.entrance(), "/ask", method="POST", body=body)
    answer = plainly(gateway, headers, "/ask", method="POST", data=body[:-1] + b"y")
    assert (answer.status_code, reason(answer)) == (401, "body-altered")
    assert service.asked == []
    assert plainly(gateway, signed(gateway, house.entrance())).status_code == 200, "and others go on"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Pyledger-Holder", "0x12"),
        ("Pyledger-Issued", "-1"),
        ("Pyledger-Issued", "99999999999999999999"),
        ("Pyledger-Nonce", "0x"),
        ("Pyledger-Signature", "0x" + "00" * 65),
        ("Pyledger-Signature", "0x" + "ff" * 65),
        ("Pyledger-Signature", "nonsense"),
        ("Pyledger-Body", "0x" + "zz" * 32),
        ("Pyledger-Other", "1"),
    ],
)
def test_headers_that_are_malformed(gateway: Running, house: House, name: str, value: str) -> None:
    answer = plainly(gateway, signed(gateway, house.entrance()) | {name: value})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "/../secret",
        "/a/../../secret",
        "/%2e%2e/secret",
        "/.%2E/x",
        "/..%2fsecret",
        "//other.example/x",
        "/a\\..\\b",
        "/..;/secret",
        "/a/..;x=1/../secret",
        "/%2e%2e%3b/secret",
    ],
)
def test_nothing_above_or_beside_the_service_is_reached(
    gateway: Running, house: House, service: Service, target: str
) -> None:
    headers = signed(gateway, house.entrance(), target)
    raw = http.client.HTTPConnection(urlsplit(gateway.origin).netloc, timeout=20)
    raw.putrequest("GET", target, skip_host=False)
    for name, value in headers.items():
        raw.putheader(name, value)
    raw.endheaders()
    assert raw.getresponse().status == 400
    raw.close()
    assert service.asked == []


def test_an_address_in_place_of_a_path_leads_to_the_service_all_the_same(
    gateway: Running, house: House, service: Service
) -> None:
    headers = signed(gateway, house.entrance(), "/x")
    raw = http.client.HTTPConnection(urlsplit(gateway.origin).netloc, timeout=20)
    raw.putrequest("GET", "http://127.0.0.1:1/x")
    for name, value in headers.items():
        raw.putheader(name, value)
    raw.endheaders()
    assert raw.getresponse().status == 200
    raw.close()
    assert service.asked[0]["target"] == "/base/x"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW"])
def test_methods_that_are_not_passed_on(gateway: Running, house: House, service: Service, method: str) -> None:
    answer = plainly(gateway, signed(gateway, house.entrance(), method=method), method=method)
    assert answer.status_code in (400, 405)
    assert service.asked == []


HEAD = b"GET /question HTTP/1.1\r\nHost: model\r\n"


@pytest.mark.parametrize(
    "before", [b"GET /", HEAD + b"X: ", HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: "]
)
def test_a_head_without_end_is_broken_off(gateway: Running, before: bytes) -> None:
    """Nobody has to say who they are before it is complete: it must not fill the memory."""
    with socket.create_connection(("127.0.0.1", urlsplit(gateway.origin).port or 0), timeout=20) as raw:
        raw.sendall(before)
        with pytest.raises(OSError):  # noqa: PT011 - reset, or a broken pipe
            raw.sendall(b"a" * 40_000_000)


@pytest.mark.parametrize("first", [b"", b"GET /question HT", b"\r\n"])
def test_who_does_not_come_to_the_point_is_not_waited_for(
    gateway: Running, monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    monkeypatch.setattr("pyledger.gateway.heads.PATIENCE", 0.3)
    with socket.create_connection(("127.0.0.1", urlsplit(gateway.origin).port or 0), timeout=20) as raw:
        raw.sendall(first)
        assert closed(raw)


def test_nor_for_a_next_request_on_the_same_connection(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyledger.gateway.heads.PATIENCE", 0.3)
    with socket.create_connection(("127.0.0.1", urlsplit(gateway.origin).port or 0), timeout=20) as raw:
        raw.sendall(HEAD + b"\r\n")
        answer = b""
        while not answer.endswith(b"}\n"):
            answer += raw.recv(10_000)
        raw.sendall(b"GET /ques")
        assert closed(raw)


def closed(raw: socket.socket) -> bool:
    """Waits until the other side has closed a connection, having said no more; whether it has."""
    try:
        return raw.recv(1) == b""
    except ConnectionResetError:
        return True


# The throttle


def test_no_more_requests_a_second_than_the_document_says(start: Start, build: Build, service: Service) -> None:
    house = build(throttle="{requests_per_second: 3}")
    with start(house) as gateway:
        entrances = house.entrance("host"), house.entrance("guest")
        began = time.monotonic()
        answers = [gateway.ask(entrances[0]) for _ in range(12)]
        took = time.monotonic() - began
        let_in = [each for each in answers if each.status_code == 200]
        assert 3 <= len(let_in) <= 3 + took * 3
        late = next(each for each in answers if each.status_code != 200)
        assert (late.status_code, reason(late), late.headers["Retry-After"]) == (429, "too-many-requests", "1")
        assert gateway.ask(entrances[1]).status_code == 200, "each holder has its own"


def test_no_more_requests_at_once_than_the_document_says(start: Start, build: Build) -> None:
    house = build(throttle="{parallel: 2}")
    with start(house) as gateway:
        streams = [gateway.ask(house.entrance(), "/stream", stream=True) for _ in range(2)]
        answer = gateway.ask(house.entrance())
        assert (answer.status_code, reason(answer)) == (429, "too-many-at-once")
        streams[0].close()
        eventually(lambda: gateway.ask(house.entrance()).status_code == 200)
        streams[1].close()


def test_no_faster_than_the_document_says(start: Start, build: Build) -> None:
    """The service says its last word after 0.4 seconds: at a quarter of the speed that comes after 1.6."""
    house = build(throttle="{speed: 25%}")
    with start(house) as gateway:
        began = time.monotonic()
        answer = gateway.ask(house.entrance(), "/stream?count=5&each=0.1")
        assert answer.text == "".join(f"token {number}\n" for number in range(5))
        assert time.monotonic() - began >= 1.5


# Clocks, contracts, clients


YES = "0x7f1626ba7e" + "00" * 28 + "5f5260205ff3"
"""Code of an account that takes every signature as its own."""


def test_an_account_that_is_a_contract_is_asked_where_the_operator_allows_it(
    start: Start, house: House, service: Service
) -> None:
    """Its owner signs for it, and what that is worth only the contract can say (ERC-1271)."""
    wallet, owner = house.signer("guest").address, house.signer("provider")
    entrance = Entrance(owner, house.connection.chain_id, house.agreement.address, "api", holder=wallet)
    code = "0x" + house.connection.code(wallet).hex()
    try:
        with start(house, contracts=True) as gateway:
            assert reason(gateway.ask(entrance)) == "not-signed-by-holder", "no contract yet"
            house.connection.request("anvil_setCode", "0x" + wallet.hex(), YES)
            assert gateway.ask(entrance).status_code == 200
            house.connection.request("anvil_setCode", "0x" + wallet.hex(), "0x5f5ffd")
            assert reason(gateway.ask(entrance)) == "not-signed-by-holder", "it says no"
        house.connection.request("anvil_setCode", "0x" + wallet.hex(), YES)
        with start(house) as gateway:
            assert reason(gateway.ask(entrance)) == "not-signed-by-holder", "nobody asks it"
    finally:
        house.connection.request("anvil_setCode", "0x" + wallet.hex(), code)


def test_requests_of_aiohttp_are_signed_as_they_go_out(gateway: Running, house: House, service: Service) -> None:
    async def ask() -> list[int]:
        async with aiohttp.ClientSession(middlewares=[aiohttp_middleware(house.entrance())]) as session:
            statuses = []
            async with session.get(gateway.origin + "/ask", params={"q": "a b"}) as answer:
                statuses.append(answer.status)
            async with session.post(gateway.origin + "/ask", json={"q": "why?"}) as answer:
                statuses.append(answer.status)
            return statuses

    assert asyncio.run(ask()) == [200, 200]
    assert [each["method"] for each in service.asked] == ["GET", "POST"]


def test_a_body_that_is_streamed_is_not_signed_by_requests(gateway: Running, house: House) -> None:
    with pytest.raises(UsageError, match="cannot be signed before"):
        gateway.ask(house.entrance(), method="POST", data=iter([b"x"]))


def test_signatures_count_no_longer_than_the_operator_says(start: Start, house: House) -> None:
    with start(house, times=Times(oldest_head=None, longest=10)) as gateway:
        assert reason(gateway.ask(house.entrance())) == "lasts-too-long"


def test_the_record_belongs_to_one_gateway(start: Start, house: House, tmp_path: Path) -> None:
    log = tmp_path / "gateway.jsonl"
    with start(house, log=log), pytest.raises(UsageError, match="another gateway writes"), start(house, log=log):
        pass
