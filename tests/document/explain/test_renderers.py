"""Every renderer shows everything that is said, and takes no word of a document for anything but a word."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import typst
from markdown_it import MarkdownIt

import pyledger.document.explain as room
from pyledger.document import Document, gallery, load, loads
from pyledger.document.explain import explain, facts, markdown, page, paper, picture, svg, text
from pyledger.document.explain.tree import plain
from tests.document.explain.hostile import ATTACKS, with_words

FOLDER = Path(__file__).parents[1]
TEMPLATE = Path(room.__file__).parent / "paper.typ"
WHOLE = load(FOLDER / "whole.yaml")
every_attack = pytest.mark.parametrize("attack", ATTACKS)


def squeezed(words: str) -> str:
    """Without blanks, which a renderer may set as it likes, and with what XML cannot hold replaced."""
    return "".join(svg.legal(words).replace("\u200b", "").split())


class Read(HTMLParser):
    """A page as a browser takes it: its elements, their attributes, and its text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.attributes: set[tuple[str, str]] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action"}]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(document: Document, content: str) -> list[str]:
    """The facts that cannot be found in a text."""
    found = squeezed(content)
    return [fact.text for fact in facts(explain(document)) if squeezed(fact.text) not in found]


NAMES = ["whole", "explain/rest", *gallery.names()]


@pytest.fixture
def document(request: pytest.FixtureRequest) -> Document:
    name: str = request.param
    return loads(gallery.read(name)) if name in gallery.names() else load(FOLDER / f"{name}.yaml")


every_document = pytest.mark.parametrize("document", NAMES, indirect=True)


@every_document
def test_page_and_markdown_show_every_fact(document: Document) -> None:
    assert shown(document, Read(page.render(document)).text) == []
    assert shown(document, Read(MarkdownIt().enable("table").render(markdown.render(explain(document)))).text) == []


@every_document
@pytest.mark.parametrize("width", [40, 80, 200])
def test_text_keeps_to_its_width(document: Document, width: int) -> None:
    lines = text.render(explain(document), width=width).split("\n")
    assert max(map(text.width_of, lines)) <= min(width, 100)
    assert all(line == line.rstrip() for line in lines)
    words = Counter(re.findall(r"\w+", " ".join(lines)))
    wanted = Counter(word for fact in facts(explain(document)) for word in fact.text.split() if len(word) < 12)
    assert [word for word in wanted if not words[re.findall(r"\w+", word)[0]]] == [] if width > 40 else True


# Pages


@every_attack
def test_hostile_words_are_only_words_on_a_page(attack: str) -> None:
    hostile, tame = with_words(WHOLE, ATTACKS[attack]), with_words(WHOLE, "tame")
    found, usual = Read(page.render(hostile)), Read(page.render(tame))
    assert found.attributes == usual.attributes
    assert +(found.elements - Counter(text=found.elements["text"])) == +(
        usual.elements - Counter(text=usual.elements["text"])
    )
    assert "script" not in found.elements
    assert shown(hostile, found.text) == []


def test_a_page_loads_nothing_and_its_policy_allows_only_its_style() -> None:
    content = page.render(WHOLE)
    found = Read(content)
    assert {("script", "src"), ("link", "href"), ("img", "src")} & found.attributes == set()
    assert all(link.startswith("#") and link[1:] in found.ids for link in found.links)
    assert len(found.ids) == len(set(found.ids))
    assert not any(name == "style" or name.startswith("on") for _, name in found.attributes)
    styles = re.findall(r"<style>(.*?)</style>", content, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert len(styles) == 1
    assert f'content="{policy}"'.replace("'", "&#39;") in content


@every_attack
def test_hostile_words_are_only_words_in_markdown(attack: str) -> None:
    hostile = with_words(WHOLE, ATTACKS[attack])
    content = markdown.render(explain(hostile))
    usual = Read(MarkdownIt("gfm-like", {"linkify": False}).render(markdown.render(explain(with_words(WHOLE, "tame")))))
    found = Read(MarkdownIt("gfm-like", {"linkify": False}).render(content))
    assert found.elements == usual.elements
    if attack != "control":  # CommonMark replaces NUL
        assert shown(hostile, found.text) == []


# Pictures


@every_attack
@pytest.mark.parametrize("width", [800, 360])
def test_a_picture_is_xml_in_which_hostile_words_are_only_words(attack: str, width: int) -> None:
    root = ET.fromstring(picture.draw(with_words(WHOLE, ATTACKS[attack]), width=width))
    names = {element.tag.partition("}")[2] for element in root.iter()}
    assert names <= {"svg", "title", "desc", "style", "rect", "path", "polygon", "text"}
    assert root.findtext("{http://www.w3.org/2000/svg}title") == svg.legal(ATTACKS[attack])
    for element in root.iter("{http://www.w3.org/2000/svg}text"):
        right = float(element.attrib["x"]) + svg.width_of(element.text or "", float(element.attrib["font-size"]))
        assert right <= width


@every_document
def test_a_picture_says_what_it_shows_without_colour(document: Document) -> None:
    """Each reversibility has a shape and a word; each obligation is described; every party at stake has its lane."""
    root = ET.fromstring(picture.draw(document))
    texts = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    obligations = [each for phase in document.phases for each in phase.obligations.values()]
    told = root.findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert all(each.what in told for each in obligations)
    boxes = [element for element in root.iter() if element.get("class") == "box"]
    kinds = {each.reversibility.class_ for each in obligations if each.reversibility}
    assert len(boxes) == len(obligations) + len(kinds)
    assert all(kind.replace("_", " ") in texts for kind in kinds)
    words = [line.lower() for line in texts]
    assert sum(word in {"reversible", "partly reversible", "irreversible"} for word in words) == len(kinds) + sum(
        each.reversibility is not None for each in obligations
    )
    colours = {element.get(name) for element in root.iter() for name in ("fill", "stroke")} - {None}
    assert all(colour and colour[1:3] == colour[3:5] == colour[5:7] for colour in colours), "grey is enough"


def test_what_does_not_fit_is_cut_with_an_ellipsis() -> None:
    assert svg.fit("one two three", 1_000, 10, lines=2) == ["one two three"]
    assert svg.fit("one two three four", 60, 10, lines=1) == ["one two…"]
    (first, second) = svg.fit("x" * 500, 100, 10, lines=2)
    assert second.endswith("…")
    assert max(svg.width_of(first, 10), svg.width_of(second, 10)) <= 100


# Paper


@every_attack
def test_paper_takes_hostile_words_as_words(attack: str) -> None:
    hostile = with_words(WHOLE, ATTACKS[attack])
    assert paper.render(hostile).startswith(b"%PDF-")
    found = json.loads(typst.query(str(TEMPLATE), "heading", sys_inputs=paper.data(hostile)))
    titles = [squeezed(_told(heading["body"])) for heading in found]
    wanted = [plain(section.title) for section in explain(hostile).sections]
    assert [title for title in wanted if squeezed(title) not in titles] == []
    terms = [_told(heading["body"]) for heading in found if heading["level"] == 2]
    assert len(terms) == sum(len(section.sections) for section in explain(hostile).sections)


def _told(body: Any) -> str:
    if isinstance(body, dict):
        children = body.get("children") or [body[key] for key in ("body", "child") if key in body]
        return str(body["text"]) if "text" in body else "".join(map(_told, children))
    return "".join(map(_told, body)) if isinstance(body, list) else ""


def test_the_same_document_gives_the_same_paper() -> None:
    assert paper.render(WHOLE) == paper.render(WHOLE)


def test_every_page_of_paper_can_be_looked_at() -> None:
    pages = paper.render_pages(WHOLE)
    assert len(pages) > 3
    assert all(each.startswith(b"\x89PNG") for each in pages)
