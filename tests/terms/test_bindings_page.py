"""What `docs/bindings.md` shows are bindings files that fit the documents it names."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from pyledger.document import gallery, loads
from pyledger.terms.bindings import Bindings, loads_bindings
from pyledger.terms.compile import compile_terms

PAGE = Path(__file__).parents[2] / "docs" / "bindings.md"


def samples() -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_first_sample_binds_the_starter() -> None:
    sample, _ = samples()
    starter = files("pyledger.cli").joinpath("starter.yaml").read_text(encoding="utf-8")
    terms = compile_terms(loads(starter), loads_bindings(sample))
    assert [party.bond for party in terms.parties] == [50_000 * 10**6, 100_000 * 10**6]


def test_the_second_sample_binds_a_document_with_a_court() -> None:
    _, sample = samples()
    bindings = loads_bindings(sample)
    terms = compile_terms(loads(gallery.read("forest-guyana-norway")), bindings)
    assert terms.arbitrator == bindings.courts["arbitral-court"]
    assert terms.standing == (bindings.standing["villages"],)
    assert terms.predecessor == bindings.predecessor


def test_every_key_of_a_bindings_file_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    explained = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)))
    assert set(explained) == set(Bindings.model_fields)
