"""JUnit's XML, as continuous integration reads it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple
from xml.etree import ElementTree as ET

from pyledger.cli.output import shown
from pyledger.cli.writing import write

__all__ = ["Case", "write_junit"]


class Case(NamedTuple):
    """One test case: what it is `of`, what it is called, from which file, and the seconds it took.

    `said` is what was wrong, the first line of which is its message: a `failure`, or an `error` where it could not be
    found out.
    """

    of: str
    name: str
    file: str
    seconds: float
    said: Sequence[str] = ()
    kind: Literal["failure", "error"] = "failure"


def write_junit(path: Path, cases: Sequence[Case], seconds: float) -> None:
    """Writes the report of some cases, which took so many seconds together, over one that is there.

    UsageError where it cannot be written. Folders that are not there yet are made.
    """
    with suppress(OSError):  # writing says it better
        path.parent.mkdir(parents=True, exist_ok=True)
    write(path, _xml(cases, seconds), force=True)


def _xml(cases: Sequence[Case], seconds: float) -> bytes:
    bad = [each.kind for each in cases if each.said]
    counts = {"tests": len(cases), "failures": bad.count("failure"), "errors": bad.count("error"), "skipped": 0}
    written = {key: str(count) for key, count in counts.items()}
    suite = ET.Element("testsuite", {"name": "pyledger", **written, "time": f"{seconds:.3f}"})
    for each in cases:
        known = {"classname": shown(each.of), "name": shown(each.name), "file": shown(each.file)}
        case = ET.SubElement(suite, "testcase", {**known, "time": f"{each.seconds:.3f}"})
        if each.said:
            ET.SubElement(case, each.kind, {"message": shown(each.said[0])}).text = shown("\n".join(each.said))
    top = ET.Element("testsuites")
    top.append(suite)
    ET.indent(top)
    content: bytes = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return content + b"\n"
