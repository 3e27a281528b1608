"""The report as people get it: numbers, tables, charts, page and paper; whatever the document says is only text."""

from __future__ import annotations

import re
from math import inf
from xml.etree import ElementTree as ET

import pytest

from pyledger.analysis import pages
from pyledger.analysis.charts import NAMES, charts
from pyledger.analysis.figures import Key
from pyledger.analysis.notions import NOTIONS, notion
from pyledger.analysis.numbers import Scale, chance, scale_for, share_of, value_of
from pyledger.analysis.report import report
from pyledger.analysis.study import Study, study
from pyledger.analysis.template import template
from pyledger.analysis.words import says
from pyledger.cli.papers import gallery_text
from pyledger.document import gallery, loads
from pyledger.document.explain.tree import Rows, Table, plain

EXAMPLE = gallery.read("monitored-model-access")
GROWING = EXAMPLE.replace(
    "host: {gdp: 50_000_000_000,", "host: {temptation_growth: 40%, immunity: 20%, gdp: 50_000_000_000,"
)
HOSTILE = EXAMPLE.replace(
    "title: Monitored access to a model, with revocation on stated grounds",
    r'title: "<script>alert(1)</script> $x^2$ ]]>&"',
)
HOSTILE = HOSTILE.replace("symbol: USDX", 'symbol: "<b>$_{u}$]]>&"')


@pytest.fixture(scope="module")
def found() -> Study:
    return study(loads(GROWING), draws=200)


@pytest.fixture(scope="module")
def hostile() -> Study:
    return study(loads(HOSTILE), draws=200)


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "text"),
        [(0, "0"), (71_890_776.98, "71.89"), (123_500_000, "123.5"), (-13_040_000, "−13.04"), (1.5e9, "1,500"),
         (100, "<0.01"), (-100, "−<0.01"), (inf, "∞"), (-inf, "−∞"), (None, "none can"), (2e7, "20")],
    )  # fmt: skip
    def test_four_digits_that_count(self, value: float | None, text: str) -> None:
        assert Scale(1e6, "million", "USDX").bare(value) == text

    def test_what_is_not_nothing_never_reads_as_nothing(self) -> None:
        scale = scale_for([5e10], "USDX")
        assert scale.say(1) == "<0.01 billion USDX"
        assert scale.say(0) == "0 billion USDX"

    @pytest.mark.parametrize(("most", "unit"), [(9e6, "X"), (2e7, "million X"), (2e10, "billion X")])
    def test_one_scale_for_all(self, most: float, unit: str) -> None:
        assert scale_for([most, 1, -inf], "X").unit == unit

    @pytest.mark.parametrize(
        ("share", "text"), [(1, "100%"), (0.99999, ">99.9%"), (0, "0%"), (0.0001, "<0.1%"), (0.5, "50%")]
    )
    def test_nearly_all_is_not_all(self, share: float, text: str) -> None:
        assert share_of(share) == text

    def test_every_figure_in_its_unit(self) -> None:
        scale = Scale(1e6, "million", "USDX")
        assert value_of(Key("detection", "p"), 0.85, scale) == "85%"
        assert value_of(Key("lag", "p"), 30 * 86_400, scale) == "30 days"
        assert value_of(Key("cost", "a", "b"), 2e6, scale) == "2"
        assert value_of(Key("price", "eth"), 2_000, scale) == "2,000"
        assert chance(None) == "none is enough"


class TestTemplate:
    @pytest.mark.parametrize("name", gallery.names())
    def test_it_can_be_pasted_into_every_document(self, name: str) -> None:
        text = re.split(r"(?m)^estimates:", gallery.read(name))[0]
        block = template(loads(gallery.read(name)))
        if "no asset yet" in block:
            text += "\nassets: {usd: {symbol: USDX, decimals: 6}}\n"
        document = loads(f"{text}\n{block}")
        assert document.estimates
        assert set(document.estimates.parties) == set(document.parties)
        assert list(document.estimates.phases) == [phase.id for phase in document.phases]


class TestReport:
    def test_every_promise_is_in_a_table_of_its_phase(self, found: Study) -> None:
        told = report(found, form="long")
        phases = [each for each in told.sections if each.name.startswith("phase-")]
        for section, phase in zip(phases, found.appraisal.game.document.phases, strict=True):
            (table,) = (block for block in section.blocks if isinstance(block, Table))
            assert [plain(row[0]) for row in table.rows] == list(found.appraisal.game.parties)
            assert plain(section.title).startswith(phase.id)

    def test_brief_and_long_say_the_same_of_what_both_say(self, found: Study) -> None:
        for brief, full in zip(report(found, form="brief").sections, report(found, form="long").sections, strict=True):
            if brief.name.startswith("phase-"):
                first, second = brief.blocks[0], full.blocks[0]
                assert isinstance(first, Table)
                assert isinstance(second, Table)
                assert [row[:8] for row in second.rows] == list(first.rows)

    def test_words_of_the_tables_are_words_that_can_be_explained(self) -> None:
        assert {"temptation", "stake", "power", "slack", "bond needed", "detection needed"} <= set(NOTIONS)
        assert {"patience needed", "exposure", "coverage", "credible until"} <= set(NOTIONS)

    def test_words_of_the_report_are_words_that_can_be_explained(self, found: Study) -> None:
        """Whoever asks what a heading means is not told that there is no such word."""
        known = {"party", "", "bond", "phase", "obligation", "by", "panel"}
        called = {"keeps", "breaks", "leaves", "exposed", "irreversible steps", "joining late"}
        for section in report(found).sections:
            if section.name.startswith(("phase-", "bonds", "inspection", "whole")):
                called |= {head for block in section.blocks if isinstance(block, Table) for head in block.columns}
                rows = [row for block in section.blocks if isinstance(block, Rows) for row in block.rows]
                called |= {plain(row.label) for row in rows}
        assert {"needed", "must see", "least", "looks", "cost of capital", "exposure before"} <= called
        assert {name for name in called - known if notion(name) is None} == set()
        assert notion("sees") == notion("must see") != notion("detection needed")

    def test_who_keeps_a_promise_is_said_to_though_it_is_exposed(self) -> None:
        small = EXAMPLE.replace("provider: 100_000_000, host", "provider: 5_000_000, host")
        told = {(each.phase, each.party): each for each in study(loads(small), draws=200).appraisal.promises}
        host = told["hosting", "host"]
        assert host.credible
        assert host.exposure.uncovered > 0
        assert says(host) == "keeps, exposed"
        assert says(told["secure", "host"]) == "keeps"

    def test_without_estimates_it_says_what_can_be_said(self) -> None:
        told = report(study(loads(gallery.read("lockerbie-2003")), draws=200))
        assert "no `estimates`" in plain(told.sections[0].blocks[1].says)  # type: ignore[union-attr]


class TestCharts:
    def test_all_are_drawn_where_there_is_something_to_draw(self, found: Study) -> None:
        assert tuple(chart.name for chart in charts(found)) == NAMES

    def test_the_same_numbers_give_the_same_bytes(self, found: Study) -> None:
        assert charts(found) == charts(found)

    def test_each_is_well_formed_and_holds_neither_script_nor_style_nor_anything_to_load(self, hostile: Study) -> None:
        for chart in charts(hostile):
            root = ET.fromstring(chart.svg)
            for element in root.iter():
                assert element.tag.rpartition("}")[2] not in {"script", "style", "image", "foreignObject", "a"}
                assert "style" not in element.attrib
                for name, value in element.attrib.items():
                    assert not name.startswith("on")
                    assert "http" not in value
                    if name.endswith("href"):
                        assert value.startswith("#")

    def test_what_a_document_says_is_drawn_as_it_is_written(self, hostile: Study) -> None:
        drawn = "".join(ET.fromstring(charts(hostile)[0].svg).itertext())
        assert "<b>$_{u}$" in drawn

    def test_large_numbers_at_an_axis_are_written_out(self) -> None:
        """Below ten million amounts are in units: 2,000,000 and not 2 with a 1e6 at the edge."""
        larger = study(loads(gallery_text("starter").replace("600_000", "6_000_000")), draws=200)
        drawn = [text.strip() for text in ET.fromstring(charts(larger)[0].svg).itertext()]
        assert "2,000,000" in drawn
        assert "1e6" not in drawn

    def test_ids_of_two_sets_on_one_page_do_not_meet(self, found: Study) -> None:
        page = pages.as_html(found)
        ids = re.findall(r'\bid="([^"]*)"', page)
        assert len(ids) == len(set(ids))
        for used in re.findall(r'(?:url\(#|href="#)([^")]*)', page):
            assert used in ids

    def test_many_promises_become_a_grid(self) -> None:
        many = study(loads(gallery.read("safe-development-coalition")), draws=200)
        assert charts(many)[0].svg.count("hatch") == 0
        assert len(charts(many)) >= 3


class TestPages:
    def test_nothing_of_a_document_is_markup_on_the_page(self, hostile: Study) -> None:
        page = pages.as_html(hostile)
        assert "<script" not in page
        assert "<b>" not in page
        assert "&lt;script&gt;" in page
        assert "default-src &#39;none&#39;" in page

    def test_the_page_has_every_chart_for_both_widths(self, found: Study) -> None:
        page = pages.as_html(found)
        assert page.count('<svg class="chart"') == 2 * len(NAMES)
        assert page.count('class="slim"') == page.count('class="broad"')

    def test_paper_is_the_same_for_the_same_numbers(self, found: Study) -> None:
        pdf = pages.as_pdf(found)
        assert pdf.startswith(b"%PDF-")
        assert pdf == pages.as_pdf(found)

    def test_hostile_words_do_not_stop_the_printer(self, hostile: Study) -> None:
        assert pages.as_pdf(hostile).startswith(b"%PDF-")

    def test_text_fits_its_width(self, found: Study) -> None:
        assert max(len(line) for line in pages.as_text(found, width=80).splitlines()) <= 80

    def test_markdown_escapes_names(self, hostile: Study) -> None:
        assert "<script>" not in pages.as_markdown(hostile)
