"""Risk findings: what in a document may go wrong although nothing in it is an error.

    found = review(document, risks(document))     # what stands, and what the parties have waived
    RULES["CRE5"].why                             # every rule explains itself

A rule is a pure function of the document. Findings from elsewhere (the analysis of estimates) are `Risk`s too, and are
handed to `review` beside these.
"""

from __future__ import annotations

from pyledger.document.risks.registry import DRAWN, RULES, merge, risks
from pyledger.document.risks.rule import SEVERITIES, Risk, Rule, Severity
from pyledger.document.risks.waivers import Review, Waived, review

__all__ = [
    "DRAWN",
    "RULES",
    "SEVERITIES",
    "Review",
    "Risk",
    "Rule",
    "Severity",
    "Waived",
    "merge",
    "review",
    "risks",
]
