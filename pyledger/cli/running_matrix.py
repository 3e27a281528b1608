"""Every single defection of a deal, played on throwaway chains, and what must be true of all of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from pyledger.analysis.defections import INVARIANTS, Defection, defections, kept, unsound
from pyledger.analysis.scenario import Scenario
from pyledger.analysis.script import Script, is_document
from pyledger.analysis.stand_ins import Deal, deal_of
from pyledger.analysis.telling import Teller, say_gain
from pyledger.cli.bundled import is_bundle
from pyledger.cli.junit import Case, write_junit
from pyledger.cli.output import Screen
from pyledger.cli.papers import read_document
from pyledger.cli.playing import Played
from pyledger.cli.running import performed
from pyledger.cli.running_files import collect, read_named
from pyledger.document import gallery
from pyledger.document.load import read_file
from pyledger.document.tree import Node, Place
from pyledger.terms.facts import Facts

__all__ = ["matrix"]

_FOLDS: Final = 24
"""Up to how many rows all are shown; of more, the first and those that are not sound."""

_AS_TOLD: Final = "the chain does what the model says"


class _Row(NamedTuple):
    """Defections of one phase that come to the same."""

    phase: str
    ends: str
    gains: tuple[tuple[tuple[str, str], int], ...]
    wrong: tuple[str, ...]
    what: tuple[str, ...]


def matrix(named: str, workers: int | None, junit: Path | None, screen: Screen, *, everything: bool) -> bool:
    """Plays them, shows what they come to, and says whether all are sound; to `junit` as well, if it is given.

    `named` is a document, or a scenario, from whose history each defection departs. Raises what reading and playing do.
    """
    deal, base = _base(named)
    found = defections(deal, base)
    began = time.monotonic()
    scripts = [_script(named, deal, each) for each in found]
    played = performed(scripts, workers, screen)
    seconds = time.monotonic() - began
    offences = [_offences(each) for each in played]
    if junit is not None:
        cases = [case for each in zip(found, played, offences, strict=True) for case in _cases(named, *each)]
        write_junit(junit, cases, seconds)
    wrong = [tuple(said for some in each.values() for said in some) for each in offences]
    screen.data(_data(named, found, played, wrong, seconds))
    if not screen.as_json:
        _show(deal, _rows(found, played, wrong), len(found), seconds, screen, everything=everything)
    return not any(wrong)


def _base(named: str) -> tuple[Deal, Scenario]:
    """The deal, and the history from which defections depart: a scenario's, or one in which everything is met."""
    path = Path(named)
    if named in gallery.scenarios() or (path.is_file() and not is_document(read_file(path)) and not is_bundle(path)):
        (one,) = collect([named])
        script = read_named(one)
        return script.deal, script.scenario
    deal = deal_of(read_document(named))
    return deal, kept(deal)


def _script(named: str, deal: Deal, defection: Defection) -> Script:
    return Script(named, named, defection.scenario, deal, Node(Place(1, 1), {}))


def _offences(played: Played) -> dict[str, list[str]]:
    """What must not be, by what it offends: of the chain itself, and of what the defection came to."""
    said = [
        f"{each.what}{f': {each.actual}, not {each.expected}' if each.expected else ''}" for each in played.problems
    ]
    return ({_AS_TOLD: said} if said else {}) | (unsound(played.end) if played.end else {})


def _cases(named: str, defection: Defection, played: Played, offences: Mapping[str, list[str]]) -> Iterator[Case]:
    """A test case for each thing that must be true of a defection; of most, one that did not end says nothing."""
    of = ": ".join(filter(None, (named, defection.phase, defection.words)))
    yield Case(of, _AS_TOLD, named, played.seconds, offences.get(_AS_TOLD, []))
    for each in INVARIANTS:
        if played.end is None:
            yield Case(of, each, named, 0.0, ["it did not come to its end"], "error")
        else:
            yield Case(of, each, named, 0.0, offences.get(each, []))


def _rows(found: Sequence[Defection], played: Sequence[Played], wrong: Sequence[tuple[str, ...]]) -> list[_Row]:
    rows: dict[tuple[object, ...], _Row] = {}
    for defection, each, bad in zip(found, played, wrong, strict=True):
        gains = tuple(sorted(each.end.gains.items())) if each.end else ()
        row = _Row(defection.phase, _ending(each.end), gains, bad, (defection.words,))
        before = rows.get(row[:4])
        rows[row[:4]] = row if before is None else before._replace(what=(*before.what, defection.words))
    return list(rows.values())


def _ending(end: Facts | None) -> str:
    return end.status.name.lower().replace("_", " ") if end else "not played"


def _show(deal: Deal, rows: Sequence[_Row], many: int, seconds: float, screen: Screen, *, everything: bool) -> None:
    screen.say(deal.document.title, "bold")
    shown = [row for number, row in enumerate(rows) if everything or number < _FOLDS or row.wrong]
    for phase in dict.fromkeys(row.phase for row in shown):
        screen.heading(f"in the phase {phase}" if phase else "before it begins")
        screen.table(
            [
                ("; ".join(row.what), row.ends, _gains(deal, row), "WRONG" if row.wrong else "")
                for row in shown
                if row.phase == phase
            ],
            columns=("what goes otherwise", "ends", "who gains and loses", ""),
            fold=(0, 2),
            styles={0: "cyan", 3: "bold red"},
        )
    if len(shown) < len(rows):
        screen.say()
        screen.say(f"{len(rows) - len(shown)} more that come to something else, all of them sound: --all shows them.")
    bad = [row for row in rows if row.wrong]
    for row in bad:
        screen.heading("; ".join(row.what))
        for each in row.wrong:
            screen.say(each, "red", indent=2)
    screen.say()
    sound = "money is conserved and none stays, and who keeps everything loses no bond"
    screen.say(
        f"{many} defections in {seconds:.1f} seconds: " + (f"{len(bad)} are WRONG" if bad else f"in each, {sound}"),
        "bold red" if bad else "bold green",
    )


def _gains(deal: Deal, row: _Row) -> str:
    teller, assets = Teller(deal), deal.document.assets
    said = []
    order = [*deal.names.accounts]
    for (who, what), gain in sorted(
        row.gains, key=lambda each: order.index(each[0][0]) if each[0][0] in order else len(order)
    ):
        amount = say_gain(teller.units(gain, what)) if what in assets else str(gain)
        said.append(f"{who} {amount}{f' {what}' if len(assets) > 1 else ''}")
    return ", ".join(said) or "nobody"


def _data(
    named: str, found: Sequence[Defection], played: Sequence[Played], wrong: Sequence[tuple[str, ...]], seconds: float
) -> dict[str, Any]:
    return {
        "document": named,
        "sound": not any(wrong),
        "seconds": round(seconds, 3),
        "defections": [
            {
                "phase": defection.phase or None,
                "about": defection.about,
                "kind": defection.kind,
                "ends": _ending(each.end),
                "gains": [
                    {"who": who, "asset": what, "smallest": str(gain)}
                    for (who, what), gain in (each.end.gains.items() if each.end else ())
                ],
                "breached": dict(each.end.breached) if each.end else {},
                "in_default": list(each.end.in_default) if each.end else [],
                "wrong": list(bad),
            }
            for defection, each, bad in zip(found, played, wrong, strict=True)
        ],
    }
