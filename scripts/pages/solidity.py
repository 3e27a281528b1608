"""What can be called, what is emitted and what is refused, with NatSpec, read from the interfaces of the contracts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pages.markup import anchor, code, prose, table

__all__ = ["Declared", "declarations", "page"]

SOURCES = Path(__file__).resolve().parents[2] / "contracts" / "src"
PLACES = (
    ("The account", ("interfaces/ICourse.sol", "interfaces/IRecourse.sol", "interfaces/IAgreement.sol")),
    ("What it tells, and what it refuses with", ("interfaces/IAgreementEvents.sol",)),
    ("The factory", ("interfaces/IAgreementFactory.sol",)),
    ("Types", ("interfaces/Types.sol",)),
    ("Courts", ("arbitration/IArbitrator.sol", "arbitration/IPanelArbitrator.sol")),
    ("Benefits and seats", ("entitlements/IEntitlements.sol", "entitlements/ISeats.sol")),
    ("Ballots", ("panels/IBallot.sol", "panels/ISealedBallot.sol", "panels/IAnonymousBallot.sol")),
    ("Standing of many", ("standing/ICommonStanding.sol",)),
)
_DECLARED = re.compile(
    r"(?P<doc>(?:^[ \t]*///[^\n]*\n)*)^[ \t]*(?P<kind>function|event|error|struct|enum|interface)\s+(?P<name>\w+)"
    r"(?P<rest>[^;{]*)",
    re.MULTILINE,
)
_TAG = re.compile(r"@(\w+)[ \t]*")


class Declared(NamedTuple):
    """One declaration: its kind, name, text as it stands, and NatSpec as (tag, text) in order."""

    kind: str
    name: str
    text: str
    said: tuple[tuple[str, str], ...]


def declarations(source: str) -> Iterator[Declared]:
    """Everything that an interface declares, itself first."""
    for found in _DECLARED.finditer(source):
        kind = found["kind"]
        text = f"{kind} {found['name']}{found['rest']}".rstrip()
        if kind in ("struct", "enum"):
            text += " " + source[found.end() : source.index("}", found.end()) + 1]
        yield Declared(kind, found["name"], _dedented(text), tuple(_natspec(found["doc"])))


def _dedented(text: str) -> str:
    """Without the indentation of the interface that it stands in."""
    inside = text.splitlines()[-1].startswith("    ")
    return "\n".join(line.removeprefix("    ") if inside else line for line in text.splitlines())


def _natspec(comment: str) -> Iterator[tuple[str, str]]:
    text = " ".join(line.strip().removeprefix("///").strip() for line in comment.splitlines())
    before, *tagged = _TAG.split(text)
    if before.strip():
        yield "notice", before.strip()
    yield from ((tag, said.strip()) for tag, said in zip(tagged[::2], tagged[1::2], strict=True))


def page() -> str:
    """The page of the site."""
    lines = ["# Contracts", ""]
    lines += [
        (
            "Read from the sources: what can be called, what is emitted, and the errors that are refused with. "
            "Terms and "
            "phases travel packed; scripts call them through [the client](python/chain.md), and other "
            "contracts through "
            "these interfaces. What each error means, and what to do: [Errors](errors.md)."
        ),
        "",
    ]
    for title, files in PLACES:
        lines += [f"## {title}", ""]
        for file in files:
            for each in declarations((SOURCES / file).read_text(encoding="utf-8")):
                lines += _told(each, Path(file).stem)
    return "\n".join(lines)


def _told(declared: Declared, file: str) -> list[str]:
    if declared.kind == "interface":
        said = [prose(text) for tag, text in declared.said if tag in ("title", "notice", "dev")]
        return [f"**{code(declared.name)}** {'. '.join(each.rstrip('.') for each in said)}.", ""] if said else []
    where = anchor(f"{file}-{declared.kind}-{declared.name}")
    lines = [f"### {declared.name} {{ #{where} }}", "", "```solidity", declared.text, "```", ""]
    lines += [line for tag, text in declared.said if tag in ("notice", "dev") for line in (prose(text), "")]
    named = [text.partition(" ") for tag, text in declared.said if tag == "param"]
    lines += table(("value", "what it is"), ((code(name), prose(what)) for name, _, what in named))
    lines += [line for tag, text in declared.said if tag == "return" for line in (f"Returns {prose(text)}", "")]
    return lines
