"""Where things stand: paths that people read and the places they lead to."""

from __future__ import annotations

import pytest

from pyledger.document import loads
from pyledger.document.places import location_of, path_in, path_of, place_of
from pyledger.document.problem import Location
from pyledger.document.tree import read_tree


@pytest.mark.parametrize(
    ("at", "path", "written"),
    [
        (("parties", "payer"), "parties.payer", "payer:"),
        (("phases", 1), "phases.upkeep", "- id: upkeep"),
        (("phases", 0, "obligations", "delivered", "within"), "phases.build.obligations.delivered.within", "within:"),
        (("panels", "jury", "verifiers", 1), "panels.jury.verifiers[1]", "verifiers"),
    ],
)
def test_a_location_and_its_path_lead_to_each_other(deal: str, at: Location, path: str, written: str) -> None:
    document, (root, troubles) = loads(deal), read_tree(deal, "deal.yaml")
    assert not troubles
    assert path_in(document, at) == path_of(root, at) == path
    assert location_of(root, path) == at
    assert written in deal.split("\n")[place_of(root, at).line - 1]


def test_what_is_missing_is_placed_at_what_lacks_it(deal: str) -> None:
    root, _ = read_tree(deal, "deal.yaml")
    at: Location = ("parties", "payer", "bond", "nothing")
    assert place_of(root, at) == place_of(root, ("parties", "payer", "bond"), at_key=True)


@pytest.mark.parametrize(
    "path", ["nowhere", "phases.nowhere", "phases[9]", "parties.payer.x", "phases..", "[", "a]b", "."]
)
def test_what_is_not_there_has_no_location(deal: str, path: str) -> None:
    root, _ = read_tree(deal, "deal.yaml")
    assert location_of(root, path) is None
