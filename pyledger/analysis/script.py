"""A scenario file that stands for itself: it names its document, and every part of it knows its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from pyledger.analysis.expectation import Miss, judge
from pyledger.analysis.scenario import Scenario, expectations, loads_scenario
from pyledger.analysis.stand_ins import Deal, deal_of
from pyledger.document import Document
from pyledger.document.places import path_of, place_of
from pyledger.document.problem import Location
from pyledger.document.tree import Node, read_tree
from pyledger.errors import DocumentError, Finding, PyledgerError
from pyledger.terms.facts import Facts

__all__ = ["Script", "Unmet", "is_document", "is_scenario", "read_script", "unmet"]

_STEPS: Final = re.compile("^[\"']?steps[\"']? *:", re.MULTILINE)
_FORMAT: Final = re.compile("^[\"']?pyledger[\"']? *:", re.MULTILINE)


class Script(NamedTuple):
    """A scenario with its deal; `file` is where it was read, `named` what it calls its document."""

    file: str
    named: str
    scenario: Scenario
    deal: Deal
    root: Node

    @property
    def title(self) -> str:
        """What it is called: by itself, or as its document."""
        return self.scenario.title or self.deal.document.title

    def line(self, at: Location) -> int:
        """The line of a part of it."""
        return place_of(self.root, at, at_key=False).line


class Unmet(NamedTuple):
    """Something that is not as expected, with the line of the file that expects it."""

    line: int
    what: str
    expected: str
    actual: str


def read_script(text: str, document_of: Callable[[str | None], Document], *, file: str) -> Script:
    """The script in a text, checked by playing it in the model; `document_of` finds what it names, or nothing.

    Raises DocumentError with the lines of all that is wrong; of the document, what `document_of` raises.
    """
    root, _ = read_tree(text, file)
    given = root.value.get("document") if isinstance(root.value, dict) else None
    named = given.value if given is not None and isinstance(given.value, str) else None
    at = ("document",)
    try:
        document = document_of(named)
    except DocumentError:
        raise
    except PyledgerError as error:
        line, column = place_of(root, at) if given is not None else (None, None)
        finding = Finding(error.what, path_of(root, at) if given is not None else "", line, column, error.hint)
        raise DocumentError(file, (finding,)) from error
    deal = deal_of(document)
    return Script(file, named or document.title, loads_scenario(text, deal, file=file), deal, root)


def is_scenario(text: str) -> bool:
    """Whether a text, well written or not, is meant as a scenario: it has `steps` at its top."""
    return _STEPS.search(text) is not None


def is_document(text: str) -> bool:
    """Whether it is meant as a document."""
    return _FORMAT.search(text) is not None


def unmet(script: Script, seen: list[Facts], end: Facts | None) -> list[Unmet]:
    """What is not as expected, in the order of the file: at each look, and in the end if it came to that."""
    facts = [*seen, *([end] if end is not None else ())]
    pairs = zip(expectations(script.scenario), facts, strict=False)
    return [_placed(script, at, miss) for (at, expect), each in pairs for miss in judge(expect, each, script.deal)]


def _placed(script: Script, at: Location, miss: Miss) -> Unmet:
    return Unmet(script.line((*at, *miss.at)), miss.what, miss.expected, miss.actual)
