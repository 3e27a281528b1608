"""A document in plain English: complete, and nothing that it does not say.

    explanation = explain(document)     # a tree of sections whose every fact knows its place in the document
    text.render(explanation, width=80)  # likewise markdown, page (HTML) and paper (PDF); picture draws the phases

Nothing here is imported with `pyledger.document`.
"""

from __future__ import annotations

from pyledger.document.explain.around import about, beyond, estimates, glossary, hearing, notes, risks
from pyledger.document.explain.course import beginning, phases
from pyledger.document.explain.ends import contesting, ending, wrong
from pyledger.document.explain.frame import panels, people, purpose
from pyledger.document.explain.gains import benefits, undoing
from pyledger.document.explain.teller import Teller, words
from pyledger.document.explain.tree import Explanation, Fact, Section, as_json, facts, plain, say
from pyledger.document.model import Document

__all__ = ["Explanation", "Fact", "Section", "as_json", "explain", "facts", "plain"]


def explain(document: Document) -> Explanation:
    """The explanation of a document."""
    teller = Teller(document)
    parts = (
        purpose, people, panels, beginning, phases, wrong, contesting, ending, benefits, undoing, hearing, beyond,
        risks, estimates, glossary, notes, about,
    )  # fmt: skip
    sections = (part(teller) for part in parts)
    return Explanation(say(words(document.title, ("title",))), tuple(section for section in sections if section))
