"""The documentation as a site: every link leads somewhere, nothing comes from elsewhere, nothing is left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from pyledger.chain.refusals import SENTENCES
from pyledger.cli.app import ENTRIES
from pyledger.document import gallery
from pyledger.document.risks import RULES

ROOT = Path(__file__).parents[1]
BASE = "https://site.example/"
LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("object", "data")}


class Leading(NamedTuple):
    """A link or a thing that is loaded, from a page."""

    page: str
    tag: str
    target: str


class Page(HTMLParser):
    """What a page links to and loads, the places in it, and its text."""

    def __init__(self, name: str, html: str) -> None:
        super().__init__()
        self.name = name
        self.leads: list[Leading] = []
        self.loads: list[Leading] = []
        self.places: set[str] = set()
        self.words: list[str] = []
        self.images_without_words: list[str] = []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.places |= {value for key in ("id", "name") if (value := given.get(key))}
        for key, value in attrs:
            if (tag, key) in LOADED and value and given.get("rel") != "canonical":
                self.loads.append(Leading(self.name, tag, value))
        if tag == "a" and (target := given.get("href")):
            self.leads.append(Leading(self.name, tag, target))
        if tag == "img" and not (given.get("alt") or "").strip():
            self.images_without_words.append(str(given.get("src")))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(made)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, Page]:
    """Pages by their address within the site."""
    found = {}
    for path in folder.rglob("*.html"):
        name = str(path.relative_to(folder)).removesuffix("index.html")
        if name != "404.html":
            found[name] = Page(name, path.read_text(encoding="utf-8"))
    return found


@pytest.mark.slow
def test_every_link_leads_to_a_place_that_is_there(pages: dict[str, Page], folder: Path) -> None:
    broken = []
    for page in pages.values():
        for lead in page.leads:
            parts = urlsplit(urljoin(BASE + page.name, lead.target))
            if parts.netloc != urlsplit(BASE).netloc:
                continue
            path, place = unquote(parts.path.removeprefix("/")), unquote(parts.fragment)
            known = pages.get(path)
            if (known is None and not (folder / path).is_file()) or (known and place and place not in known.places):
                broken.append(lead)
    assert broken == []


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(pages: dict[str, Page], folder: Path) -> None:
    loaded = {lead.target for page in pages.values() for lead in page.loads}
    assert loaded
    assert [each for each in loaded if urlsplit(each).netloc or each.startswith("//")] == []
    styles = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.css"))
    assert "@import" not in styles
    assert "url(http" not in styles.replace('"', "").replace("'", "")


@pytest.mark.slow
def test_every_picture_is_described(pages: dict[str, Page]) -> None:
    without = {page.name: kept for page in pages.values() if (kept := [*_pictures(page)])}
    assert without == {}


def _pictures(page: Page) -> list[str]:
    return [each for each in page.images_without_words if "seal" not in each]


@pytest.mark.slow
def test_the_reference_is_whole(pages: dict[str, Page]) -> None:
    commands = pages["reference/commands/"]
    assert [name for name in ENTRIES if f"pyledger-{name}" not in commands.places] == []
    assert [name for name in RULES if name.lower() not in pages["reference/findings/"].places] == []
    assert [name for name in SENTENCES if name.lower() not in pages["reference/errors/"].places] == []
    assert [name for name in gallery.names() if f"gallery/{name}/" not in pages] == []
    schema = json.loads((ROOT / "docs" / "document.schema.json").read_text(encoding="utf-8"))
    assert [name for name in schema["$defs"] if name.lower() not in pages["reference/document/"].places] == []
    described = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert [path for path in described["paths"] if path not in pages["reference/api/"].text] == []
    for shown in ("pyledger.document.load.load", "pyledger.chain.client.Agreement", "pyledger.testing.assert_paid"):
        assert any(shown in page.places for page in pages.values()), shown


@pytest.mark.slow
def test_the_contracts_are_told_with_what_their_comments_say(pages: dict[str, Page]) -> None:
    contracts = pages["reference/contracts/"]
    assert "icourse-function-attest" in contracts.places
    assert "Relays seats' attestations of one verdict." in contracts.text
    assert "iagreementevents-error-termsmismatch" in contracts.places
    assert "types-struct-terms" in contracts.places
