"""The report as one page of HTML, as PDF, text or Markdown: the tree of `report`, with charts, set as `explain` is."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pyledger.analysis.canvas import GROUND, INK, SOFT
from pyledger.analysis.charts import Chart, charts
from pyledger.analysis.report import report
from pyledger.analysis.study import Study
from pyledger.document.explain import markdown, page, paper, text
from pyledger.document.explain.tree import (
    Block,
    Explanation,
    Fact,
    Items,
    Paragraph,
    Row,
    Rows,
    Section,
    Sentence,
    Table,
    plain,
)

__all__ = ["as_html", "as_markdown", "as_pages", "as_pdf", "as_text"]

KIND: Final = "Is the deal credible? An analysis by its estimates"
_PHONE: Final = 3.9
"""Inches that a chart for a phone is wide."""
_DARK: Final = (
    f'.chart [fill="{INK}"]{{fill:var(--ink)}}\n.chart [stroke="{INK}"]{{stroke:var(--ink)}}\n'
    f'.chart [fill="{SOFT}"]{{fill:var(--soft)}}\n.chart [stroke="{SOFT}"]{{stroke:var(--soft)}}\n'
    f'.chart [fill="{GROUND}"]{{fill:var(--ground)}}\n.chart text{{fill:var(--ink)}}'
)


def as_html(found: Study) -> str:
    """One page that stands by itself: no script, nothing loaded, the charts within it."""
    broad, slim = charts(found, prefix="broad-"), charts(found, width=_PHONE, prefix="slim-")
    figures: dict[str, list[page.Figure]] = {}
    for wide, narrow in zip(broad, slim, strict=True):
        figures.setdefault(wide.section, []).append(page.Figure(wide.svg, narrow.svg, wide.title))
    return page.compose(report(found, words=True), kind=KIND, figures=figures, dark=_DARK)


def as_pdf(found: Study) -> bytes:
    """The report on paper. Raises `ToolError` when Typst is not installed or fails."""
    (made,) = paper.compiled(_inputs(found), "pdf")
    return made


def as_pages(found: Study) -> list[bytes]:
    """Each page on paper as a picture (PNG), to be looked at. Raises as `as_pdf`."""
    return paper.compiled(_inputs(found), "png")


def _inputs(found: Study) -> dict[str, str]:
    figures: dict[str, list[paper.Drawn]] = {}
    for chart in charts(found, outlines=True):
        figures.setdefault(chart.section, []).append(_drawn(chart))
    return paper.inputs_of(report(found, words=True), kind=KIND, figures=figures)


def _drawn(chart: Chart) -> paper.Drawn:
    return paper.Drawn(chart.svg, chart.title, chart.title)


def as_text(found: Study, *, width: int = 100) -> str:
    """The report without colours, for a letter or a file."""
    return text.render(report(found), width=width)


def as_markdown(found: Study) -> str:
    """The report as Markdown, without charts."""
    told = report(found, form="long")
    sections = tuple(replace(each, title=_words(each.title), blocks=_in_words(each)) for each in told.sections)
    return markdown.render(Explanation(_words(told.title), sections))


def _in_words(section: Section) -> tuple[Block, ...]:
    """The blocks with everything in them set apart as somebody's words: Markdown takes plain strings for its own."""
    found: list[Block] = []
    for block in section.blocks:
        match block:
            case Paragraph(says):
                found.append(Paragraph(_words(says)))
            case Items(items):
                found.append(Items(tuple(map(_words, items))))
            case Rows(rows):
                found.append(Rows(tuple(Row(_words(row.label), _words(row.says)) for row in rows)))
            case Table(columns, rows, right):
                found.append(Table(columns, tuple(tuple(map(_words, row)) for row in rows), right))
    return tuple(found)


def _words(sentence: Sentence) -> Sentence:
    text = plain(sentence)
    return (Fact("words", text, text, ()),) if text else ()
