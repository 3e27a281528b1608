"""What every answer has, what is refused, and that nobody's names become anything else than text."""

from __future__ import annotations

import socket
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from pyledger.observer.web.guard import HEADERS
from tests.browser.stage import BIDI, LONG, MARKUP
from tests.observer.web.conftest import Scene
from tests.observer.web.server import Server


def paths(scene: Scene) -> list[str]:
    address = scene.played.hostile
    return [
        "/",
        "/?status=completed",
        "/?status=&party=&document=&find=",
        f"/agreements/{address}",
        f"/agreements/{address}/flow.svg",
        f"/agreements/{address}/history",
        f"/agreements/{address}/verification",
        f"/accounts/{scene.played.party}",
        "/healthz",
        "/static/register.css",
        "/api/v1/node",
        f"/api/v1/agreements/{address}",
        "/nothing",
        "/agreements/nothing",
        "/documents/0x12.yaml",
        "/static/..%2fapp.py",
        "/" + "a" * 300,
    ]


def test_every_answer_has_its_headers_and_no_cookie(server: Server, scene: Scene) -> None:
    for path in paths(scene):
        answer = server.get(path)
        assert answer.status < 500, path
        for name, value in HEADERS.items():
            assert answer.headers[name.lower()] == value, path
        assert "set-cookie" not in answer.headers
        assert "server" not in answer.headers
        assert "cache-control" in answer.headers
        assert "'unsafe" not in answer.headers["content-security-policy"]


def test_pages_need_nothing_that_the_policy_forbids(server: Server, scene: Scene) -> None:
    for path in paths(scene):
        answer = server.get(path)
        if not answer.headers.get("content-type", "").startswith(("text/html", "image/svg")):
            continue
        found = Tags(answer.text)
        assert found.names
        assert "style" not in found.names
        assert [name for name in found.attributes if name == "style" or name.startswith("on")] == []
        assert [
            link for link in found.links if link.partition(":")[0].lower() in ("javascript", "data", "vbscript")
        ] == []
        assert found.loose == 0


class Tags(HTMLParser):
    """What a browser would make of a page: elements, attributes, links, and scripts that have no address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[str] = []
        self.links: list[str] = []
        self.loose = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names.append(tag)
        self.attributes += given
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "xlink:href")]
        self.loose += tag == "script" and "src" not in given


def test_only_reading_is_possible(server: Server, scene: Scene) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"):
        for path in ("/", f"/agreements/{scene.played.midway}", "/api/v1/agreements", "/nothing"):
            answer = server.get(path, method=method)
            assert answer.status in ({405} if method not in ("CONNECT", "BREW") else {400, 405}), (method, path)
            if answer.status == 405:
                assert answer.headers["allow"] == "GET, HEAD"


def test_a_head_is_a_page_without_its_body(server: Server, scene: Scene) -> None:
    for path in ("/", f"/agreements/{scene.played.midway}", "/api/v1/agreements", "/nothing"):
        whole, head = server.get(path), server.get(path, method="HEAD")
        assert (head.status, head.body) == (whole.status, b"")
        assert head.headers["content-type"] == whole.headers["content-type"]


def test_what_is_too_long_is_not_looked_at(server: Server) -> None:
    assert server.get("/agreements/" + "0" * 300).status == 414
    assert server.get("/?party=" + "0" * 1_100).status == 414
    assert server.get("/api/v1/agreements?" + "&".join("limit=1" for _ in range(500))).status == 414


def test_a_head_without_end_is_cut_off(server: Server) -> None:
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=30) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n")
        try:
            for number in range(100):
                stream.sendall(b"X-Header-%d: %s\r\n" % (number, b"x" * 1_000))
            heard = stream.recv(1_000)
        except ConnectionError:
            heard = b"HTTP/1.1 400 "
    assert heard.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "text/html"),
        ("*/*", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json", "application/problem+json"),
        ("application/problem+json, text/html;q=0.5", "application/problem+json"),
        ("text/html;q=nonsense, application/json;q=0.1", "application/problem+json"),
    ],
)
def test_problems_are_told_as_they_are_wanted(server: Server, accept: str | None, kind: str) -> None:
    answer = server.get("/nothing", **({} if accept is None else {"Accept": accept}))
    assert answer.status == 404
    assert answer.headers["content-type"].split(";")[0] == kind
    assert answer.headers["vary"] == "Accept"
    assert server.get("/api/v1/nothing", Accept="text/html").headers["content-type"] == "application/problem+json"


def test_hostile_names_are_only_text(server: Server, scene: Scene) -> None:
    address = scene.played.hostile
    for path in ("/", f"/agreements/{address}", f"/agreements/{address}/history", f"/accounts/{scene.played.party}"):
        page = server.get(path).text
        assert "<script>document" not in page
        assert "<img src=x" not in page
        assert "\u202e" not in page
        assert "\x1b" not in page
    said = server.json(f"/api/v1/agreements/{address}")
    assert said["row"]["title"] == MARKUP
    assert LONG[:9_900] in {each["what"] for phase in said["phases"] for each in phase["obligations"]}
    assert any(line["text"] == BIDI for line in said["history"])


def test_a_search_leads_to_its_page(server: Server, scene: Scene) -> None:
    agreement, account = scene.played.midway, scene.played.party
    document = server.json(f"/api/v1/agreements/{agreement}")["document"]["hash"]
    for wanted, where in (
        (agreement, f"/agreements/{agreement}"),
        (f"%20{agreement.lower()}%20", f"/agreements/{agreement}"),
        (account, f"/accounts/{account}"),
        (document, f"/?document={document}"),
    ):
        answer = server.get(f"/?find={wanted}")
        assert (answer.status, answer.headers["location"]) == (303, where)
    assert server.get("/?find=bridge").status == 200
    assert server.get("/?find=0x" + "00" * 19 + "07").status == 404


def test_a_document_is_a_file_to_keep(server: Server, scene: Scene) -> None:
    from pyledger.document import document_hash, loads

    said = server.json(f"/api/v1/agreements/{scene.played.hostile}")["document"]
    answer = server.get(said["text"])
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"].split(";")[0] == "text/plain"
    assert "0x" + document_hash(loads(answer.text)).hex() == said["hash"]
    unknown = server.json(f"/api/v1/agreements/{scene.played.unknown}")["document"]
    assert (unknown["known"], unknown["text"]) == (False, None)
    assert server.get(f"/documents/{unknown['hash']}.yaml").status == 404


def test_the_log_tells_nobody_what_anybody_read(server: Server, scene: Scene) -> None:
    server.get(f"/accounts/{scene.played.party}", User_Agent="a curious neighbour")
    server.get(f"/?find={scene.played.midway}")
    lines = [line for line in server.log() if line["event"] == "request"]
    assert {"endpoint", "method", "status", "bytes", "ms"} <= lines[-1].keys()
    assert {line["endpoint"] for line in lines} >= {"account", "listing"}
    told = str(server.log())
    assert "neighbour" not in told
    assert "127.0.0.1" not in told
    assert scene.played.party not in told
    assert scene.played.midway not in told


def test_what_is_served_is_counted_over_all_workers(server: Server) -> None:
    assert server.metrics_url is not None
    before = counted(server, 'pyledger_requests_total{endpoint="health",status="200"}')
    for _ in range(7):
        server.get("/healthz")
    assert counted(server, 'pyledger_requests_total{endpoint="health",status="200"}') == before + 7
    assert counted(server, "pyledger_blocks_behind") == 0
    assert counted(server, "pyledger_node_heard_timestamp_seconds") > 1_700_000_000


def counted(server: Server, name: str) -> float:
    told = server.get("/metrics", url=server.metrics_url).text
    return sum(float(line.rpartition(" ")[2]) for line in told.splitlines() if line.startswith(name))
