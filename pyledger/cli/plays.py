"""The plays of the demonstration: what happened to Lockerbie's escrow, and a bonded deal that is kept, and broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from pyledger.cli.theatre import Stage
from pyledger.terms.state import Status
from pyledger.terms.structs import Verdict

__all__ = ["PLAYS", "Play"]

_MILLION: Final = 10**6


class Play(NamedTuple):
    """A document of the gallery, when its play begins, how it goes, how it ends, and who gains or loses what.

    `brings` and `changes` are in whole units of the asset; whoever is not named has, gains and loses nothing.
    """

    document: str
    title: str
    lead: str
    begins: str
    brings: Mapping[str, int]
    script: Callable[[Stage], None]
    ends: Status
    changes: Mapping[str, int]


def _lockerbie(stage: Stage) -> None:
    """Where sources give the month or the year alone, so does the timeline; the chain needs some day in it."""
    stage.scene("2003-08-13 12:00", "The settlement is signed in London.", stage.open)
    stage.scene(
        "2003-08-22 12:00",
        "Libya's deposit is complete: 10 million for each of 270 victims.",
        stage.accept("libya", "families"),
        stage.fund("libya", "un-tranche", "us-fallback", "us-tranche", "delist-tranche"),
    )
    stage.scene(
        "2003-09-15 12:00",
        "The UN Security Council lifts its sanctions.",
        stage.attest("un-lift", Verdict.MET, "registrar", "auditor"),
        said="Sep 2003",
    )
    stage.scene(
        "2004-09-15 12:00",
        "The United States lift their commercial sanctions.",
        stage.attest("us-lift", Verdict.MET, "registrar", "observer"),
        said="Sep 2004",
    )
    stage.scene(
        "2005-03-02 12:00",
        "The term ended with February; Libya is still on the list.",
        stage.settle,
        said="Mar 2005",
    )
    stage.scene(
        "2006-07-01 12:00",
        "The United States take Libya off the list.",
        stage.refused(stage.attest("us-delist", Verdict.MET, "registrar", "auditor"), "too late for the escrow"),
        said="2006",
    )


_QUORUM: Final = ("inspector-a", "inspector-b", "inspector-c", "envoy-host")


def _first_phase(stage: Stage) -> None:
    stage.scene("2027-01-04 09:00", "North and South agree on three steps.", stage.open)
    stage.scene(
        "2027-01-11 09:00",
        "Both post 20 million and begin.",
        stage.accept("north", "south"),
        stage.fund("north", "declaration-compute"),
    )
    stage.scene(
        "2027-02-08 09:00",
        "Runs are declared, access is open.",
        stage.attest("runs-declared", Verdict.MET, *_QUORUM),
        stage.attest("first-access", Verdict.MET, *_QUORUM),
        stage.settle,
    )
    stage.scene(
        "2027-02-12 09:00",
        "For the second step both raise their bonds to 60 million.",
        stage.top_up("north", "south"),
        stage.fund("north", "pause-compute"),
    )
    stage.scene(
        "2027-03-15 09:00",
        "North opens its second generation.",
        stage.attest("second-access", Verdict.MET, *_QUORUM),
    )


def _kept(stage: Stage) -> None:
    _first_phase(stage)
    stage.scene("2027-08-23 09:00", "Six months, and nobody found a large run: the pause was kept.", stage.settle)
    stage.scene(
        "2027-08-27 09:00",
        "For the third step both raise their bonds to 100 million.",
        stage.top_up("north", "south"),
        stage.fund("north", "inspection-compute"),
    )
    stage.scene(
        "2027-11-15 09:00",
        "The sites were opened, and access lasts.",
        stage.attest("sites-opened", Verdict.MET, *_QUORUM),
        stage.attest("lasting-access", Verdict.MET, *_QUORUM),
        stage.settle,
    )


def _broken(stage: Stage) -> None:
    stage.quiet = True
    _first_phase(stage)
    stage.quiet = False
    stage.scene("2027-03-15 09:01", "Until here as before: the first step is settled, the pause has begun.")
    stage.scene(
        "2027-05-17 09:00",
        "The inspectors find a large run in the South.",
        stage.attest("no-large-run", Verdict.BREACHED, "inspector-a", "inspector-c", "envoy-north", "envoy-host"),
    )
    stage.scene("2027-05-17 10:00", "A material breach ends the deal; anyone can settle.", stage.settle)


PLAYS: Final = (
    Play(
        "lockerbie-2003",
        "Lockerbie, 2003: as it happened",
        "2,700 million in escrow; three events outside, three verifiers, two signatures for a verdict.",
        "2003-08-13",
        {"libya": 2_700 * _MILLION},
        _lockerbie,
        Status.COMPLETED,
        {"libya": -2_160 * _MILLION, "families": 2_160 * _MILLION},
    ),
    Play(
        "model-access-three-steps",
        "Model access against a training pause: kept",
        "Bonds of 20, 60 and 100 million a side; a panel of two chambers, four signatures for a verdict.",
        "2027-01-04",
        {"north": 200 * _MILLION, "south": 100 * _MILLION},
        _kept,
        Status.COMPLETED,
        # 10 + 27 + 48 million to South, 3 + 12 million to the fund that pays for the inspections.
        {"north": -100 * _MILLION, "south": 85 * _MILLION, "monitoring-fund": 15 * _MILLION},
    ),
    Play(
        "model-access-three-steps",
        "The same deal, broken in its second phase",
        "A run that the pause forbids: a material breach, which forfeits 60 % of South's 60 million.",
        "2027-01-04",
        {"north": 200 * _MILLION, "south": 100 * _MILLION},
        _broken,
        Status.TERMINATED,
        # South keeps the 10 million of the first phase and loses 36 million of bond; the second payment goes back.
        {"north": 26 * _MILLION, "south": -26 * _MILLION},
    ),
)
