"""The voting rules of existing bodies, compiled to chambers and quotas, held to known votes.

The shares are the test vectors for the assembly of the Forest Stewardship Council: 0.9, 0.9 and 0.45 fail although the
total is 0.75; 0.6 three times fails, being below two thirds; 0.7, 0.7 and 0.61 pass; participation of a half is no
quorum. Ten seats a chamber stand for the shares, as far as tenths can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import pytest

from pyledger.document import loads
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.outcome import quorum
from pyledger.terms.structs import Panel
from tests.walkthrough import ROOT

TEXT = """
pyledger: 1
title: A vote
parties: {{maker: {{name: Maker}}}}
panels: {{body: {{preset: {preset}, chambers: {{{chambers}}}}}}}
join_within: 1 day
long_stop_after: 1 year
phases:
  - id: only
    obligations: {{act: {{by: maker, what: It acts, within: 1 month, decided_by: body, if_silent: lapse}}}}
"""


@cache
def panel(preset: str, seats: tuple[int, ...]) -> Panel:
    """The panel of a preset with so many seats in each chamber, as it is in the terms."""
    names = [[f"c{chamber}-{seat}" for seat in range(count)] for chamber, count in enumerate(seats)]
    chambers = ", ".join(f"c{chamber}: {{verifiers: [{', '.join(each)}]}}" for chamber, each in enumerate(names))
    document = loads(TEXT.format(preset=preset, chambers=chambers))
    accounts = {name: bytes([1 + number]) * 20 for number, name in enumerate(name for each in names for name in each)}
    bindings = Bindings(chain_id=1, start=1_800_000_000, parties={"maker": b"\xff" * 20}, verifiers=accounts)
    return compile_terms(document, bindings).panels[0]


def decides(preset: str, seats: tuple[int, ...], agree: Sequence[int]) -> bool:
    """Whether the first so many seats of each chamber decide."""
    found = panel(preset, seats)
    heard: list[int] = []
    for chamber, count in enumerate(agree):
        heard += [index for index, seat in enumerate(found.seats) if seat.chamber == chamber][:count]
    return quorum(found, heard)


@pytest.mark.parametrize(
    ("agree", "passes"), [((9, 9, 4), False), ((6, 6, 6), False), ((7, 7, 6), True), ((8, 8, 5), False)]
)
def test_fsc(agree: tuple[int, ...], passes: bool) -> None:
    assert decides("fsc", (10, 10, 10), agree) is passes


@pytest.mark.parametrize(
    ("agree", "passes"), [((5, 3), True), ((5, 2), False), ((3, 5), True), ((4, 3), False), ((2, 5), False)]
)
def test_kyoto_eb_needs_three_quarters_and_a_majority_of_each_group(agree: tuple[int, ...], passes: bool) -> None:
    assert decides("kyoto_eb", (5, 5), agree) is passes


@pytest.mark.parametrize(
    ("agree", "passes"), [((2, 2, 1), False), ((2, 2, 2), True), ((4, 1, 1), False), ((1, 4, 4), False)]
)
def test_eiti_needs_half_and_a_third_of_each_constituency(agree: tuple[int, ...], passes: bool) -> None:
    assert decides("eiti", (4, 4, 4), agree) is passes


def test_the_page_says_the_same() -> None:
    page = (ROOT / "docs" / "panels.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+), (\d+) and (\d+) \| (\d+) of 30 \| (yes|no) \|", page, re.MULTILINE)
    assert len(rows) == 4
    for first, second, third, total, answer in rows:
        agree = (int(first), int(second), int(third))
        assert (sum(agree), decides("fsc", (10, 10, 10), agree)) == (int(total), answer == "yes")
