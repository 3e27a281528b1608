"""Findings as SARIF 2.1.0 (OASIS), which editors and code hosts show beside the lines they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from pyledger.cli.findings import Shown
    from pyledger.document.risks import Rule
    from pyledger.errors import Finding

__all__ = ["Artifact", "sarif"]

_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}

_READING: Final = "DOC1"
"""Id of what keeps a document from being read at all."""


class Artifact(NamedTuple):
    """The file that results are about.

    A document `inside` it, in a bundle, has lines that are not those of the file: the message tells them instead.
    """

    file: str
    inside: bool = False


def sarif(
    file: Artifact, version: str, rules: Mapping[str, Rule], shown: Iterable[Shown], errors: Iterable[Finding] = ()
) -> dict[str, Any]:
    """One log of one run: every rule with its help, every finding with its place, what is waived as suppressed."""
    listed = [_unreadable(), *map(_rule, rules.values())]
    index = {each["id"]: number for number, each in enumerate(listed)}
    results = [_error(file, each) for each in errors] + [_result(file, each, index) for each in shown]
    driver = {"name": "pyledger", "version": version, "rules": listed}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return _described(rule.id, rule.title, rule.why, rule.mend, rule.source, _LEVELS[rule.severity])


def _unreadable() -> dict[str, Any]:
    why = "What is signed must be what was read. A document with an error is not read at all."
    return _described(_READING, "an error in the document", why, "as the finding says", "The document format.", "error")


def _described(name: str, title: str, why: str, mend: str, source: str, level: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in title.replace("'", "").replace(",", "").split()),
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "help": {
            "text": f"{why}\n\nTo mend it: {mend}.\n\nSource: {source}",
            "markdown": f"{why}\n\n**To mend it:** {mend}.\n\n*Source:* {source}",
        },
        "defaultConfiguration": {"level": level},
    }


def _result(file: Artifact, shown: Shown, index: Mapping[str, int]) -> dict[str, Any]:
    risk = shown.risk
    held = [] if shown.waived is None else [{"kind": "inSource", "justification": shown.waived}]
    return {
        "ruleId": risk.id,
        "ruleIndex": index[risk.id],
        "level": _LEVELS[risk.severity],
        "message": {"text": _unlinked(f"{risk.message}{_within(file, *shown.place)}. To mend it: {risk.fix}.")},
        "locations": [_location(file, shown.path, *shown.place)],
        "suppressions": held,
    }


def _error(file: Artifact, finding: Finding) -> dict[str, Any]:
    hint = f". Next: {finding.hint}" if finding.hint else ""
    return {
        "ruleId": _READING,
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": _unlinked(f"{finding.message}{_within(file, finding.line, finding.column)}{hint}.")},
        "locations": [_location(file, finding.path, finding.line, finding.column)],
        "suppressions": [],
    }


def _location(file: Artifact, path: str, line: int | None, column: int | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(file.file)}}
    if line is not None and not file.inside:
        place["region"] = {"startLine": line, "startColumn": column or 1}
    where: dict[str, Any] = {"physicalLocation": place}
    if path:
        where["logicalLocations"] = [{"fullyQualifiedName": path}]
    return where


def _within(file: Artifact, line: int | None, column: int | None) -> str:
    if line is None or not file.inside:
        return ""
    return f" (line {line}, column {column or 1} of the document in the bundle)"


def _unlinked(text: str) -> str:
    """Text in which nothing is a link: what documents hold may look like one."""
    return text.replace("[", "\\[") if "](" in text else text


def _uri(file: str) -> str:
    """A file as SARIF wants it: relative paths as they are, absolute ones as `file:`, all percent-encoded.

    A document of the gallery is no file: `gallery:NAME` is a URI as it is.
    """
    if file.startswith("gallery:"):
        return f"gallery:{quote(file.removeprefix('gallery:'))}"
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
