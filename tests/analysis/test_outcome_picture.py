"""The picture of outcomes: well formed, escaped, and legible without colour."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from pyledger.analysis.outcome_picture import Bar, Row, picture

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</text><script>alert(1)</script>"\u202e\x1b[31m&<b>' + "x" * 10_000


def drawn() -> str:
    bars = (Bar(1.0, "+1,350", "best"), Bar(-0.5, "−675", "worst"), Bar(0.0, "0"))
    rows = [Row("us-lift breached", "completed", bars), Row(HOSTILE, HOSTILE, (Bar(0.1, HOSTILE),) * 3)]
    return picture(HOSTILE, HOSTILE, ["libya (USDX)", HOSTILE, "fund"], rows)


def test_hostile_names_are_text_and_nothing_else() -> None:
    root = ET.fromstring(drawn())
    kinds = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert kinds <= {"svg", "title", "desc", "defs", "pattern", "style", "rect", "text", "line"}
    assert "\u202e" not in drawn()
    assert "\x1b" not in drawn()
    assert "<script" not in drawn()


def test_it_is_named_and_described() -> None:
    root = ET.fromstring(picture("A deal", "Who gains what", ["libya"], []))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title about"
    assert (root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")) == ("A deal", "Who gains what")


def test_gains_and_losses_differ_in_side_pattern_and_words() -> None:
    root = ET.fromstring(drawn())
    gain, loss = (
        next(each for each in root.iter(f"{SVG}rect") if each.get("class") == kind) for kind in ("gain", "loss")
    )
    middles = {each.get("x1") for each in root.iter(f"{SVG}line")}
    assert gain.get("x") in middles
    assert str(int(loss.get("x") or 0) + int(loss.get("width") or 0)) in middles
    assert "fill: url(#loss)" in drawn()
    said = [each.text for each in root.iter(f"{SVG}text")]
    assert {"+1,350, best", "−675, worst", "0"} <= set(said)


def test_everything_is_inside_the_picture() -> None:
    root = ET.fromstring(drawn())
    width, height = int(root.get("width") or 0), int(root.get("height") or 0)
    for each in root.iter(f"{SVG}text"):
        assert 0 < int(each.get("x") or 0) < width
        assert 0 < int(each.get("y") or 0) < height
