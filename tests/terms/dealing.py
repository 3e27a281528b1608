"""Throws terms to play histories of: on short time scales, so that these meet windows, deadlines, long stop and end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, pairwise
from random import Random
from typing import Final, NamedTuple

from eth_hash.auto import keccak

from pyledger.terms.structs import (
    NATIVE,
    OUTSIDE,
    Obligation,
    Panel,
    Party,
    Payment,
    Phase,
    Seat,
    Share,
    Terms,
    Tier,
    Verdict,
)
from tests.terms.player import COURT, STANDING, WALL

PUBLIC_FUND: Final = bytes.fromhex("00000000000000000000000000000000000fe3d5")
VERDICTS: Final = (Verdict.MET, Verdict.BREACHED, Verdict.LAPSED)
VALUES: Final = (0, 7, 100, 101, 250, 2**256 - 1)
"""What seats attest; tiers begin at or beside these."""

_serial = count()


class Cast(NamedTuple):
    """Who may take part, in which tokens, and from when on (Unix seconds)."""

    start: int
    tokens: Sequence[bytes]
    accounts: Sequence[bytes]
    verifiers: Sequence[bytes]


def shares(dice: Random, recipients: Sequence[bytes]) -> tuple[Share, ...]:
    cuts = sorted(dice.sample(range(1, 10_000), dice.randint(0, 3)))
    sizes = [high - low for low, high in pairwise([0, *cuts, 10_000])]
    return tuple(Share(dice.choice(recipients), size) for size in sizes)


def panel(dice: Random, verifiers: Sequence[bytes]) -> Panel:
    chambers = dice.randint(0, 2)
    sitting = dice.sample(verifiers, dice.randint(1, 4))
    seats = tuple(Seat(verifier, dice.randrange(max(chambers, 1))) for verifier in sitting)
    sizes = [sum(seat.chamber == chamber for seat in seats) for chamber in range(chambers)]
    return Panel(dice.randint(1, len(seats)), tuple(dice.randint(0, size) for size in sizes), seats)


def tiers(dice: Random) -> tuple[Tier, ...]:
    starts = sorted(dice.sample([0, 7, 8, 100, 102, 250], dice.randint(0, 3)))
    return tuple(
        Tier(start, dice.choice([0, 10, 400, 2_000]), dice.choice([0, 1, 3_333, 10_000, 65_535])) for start in starts
    )


def obligation(dice: Random, parties: int, panels: int) -> Obligation:
    obligor = dice.choice([*range(parties), OUTSIDE])
    return Obligation(
        obligor=obligor,
        panel=dice.randrange(panels),
        presumption=dice.choice(VERDICTS),
        material=dice.choice([False, False, True]),
        within=dice.choice([60, 75, 90, 120, 150, 0]),
        grace=dice.randint(0, 20),
        forfeitBps=0 if obligor == OUTSIDE else dice.choice([0, 1, 3_333, 5_000, 10_000]),
    )


def payment(
    dice: Random, parties: int, obligations: Sequence[Obligation], assets: Sequence[bytes], to: Sequence[bytes]
) -> Payment:
    on = dice.randrange(len(obligations))
    return Payment(
        payer=dice.randrange(parties),
        obligation=on,
        on=dice.choice([2, 2, 4, 8, 6, 10, 14]),
        asset=dice.choice(assets),
        amount=dice.randint(1, 1_000),
        due=dice.randint(1, 3) * (obligations[on].within + obligations[on].grace) // 3,
        payees=shares(dice, to),
        tiers=dice.choice([(), tiers(dice)]),
    )


def phase(
    dice: Random, parties: int, panels: int, *, start: int, assets: Sequence[bytes], to: Sequence[bytes]
) -> Phase:
    obligations = tuple(obligation(dice, parties, panels) for _ in range(dice.randint(1, 3)))
    return Phase(
        salt=bytes(32),
        notBefore=dice.choice([0, 0, 0, start + 90]),
        bonds=dice.choice([(), tuple(dice.randint(0, 1_500) for _ in range(parties))]),
        obligations=obligations,
        payments=tuple(payment(dice, parties, obligations, assets, to) for _ in range(dice.randint(0, 3))),
    )


def deal(dice: Random, cast: Cast) -> Terms:
    start, assets = cast.start, [NATIVE, *cast.tokens]
    accounts = cast.accounts[: dice.randint(1, 5)]
    to = [*accounts, WALL, PUBLIC_FUND]
    panels = tuple(panel(dice, cast.verifiers) for _ in range(dice.randint(1, 2)))
    court = dice.choice([True, True, False])
    phases = dice.choice([1, 2, 3, 4, 4])
    return Terms(
        document=keccak(str(next(_serial)).encode()),
        predecessor=dice.choice([bytes(20), WALL]),
        joinBy=start + 30,
        longStop=start + dice.choice([dice.randint(40, 80), dice.randint(40, 500), 2_000, 2_000]),
        minParties=dice.randint(1, len(accounts)),
        accession=phases > 1 and dice.choice([True, False]),
        challengeWindow=dice.choice([1, 15, 40, 90]) if court else 0,
        rulingWindow=dice.choice([1, 15, 40, 90]) if court else 0,
        topUpWithin=dice.choice([0, 20, 60]),
        defaultForfeitBps=dice.choice([0, 2_500, 10_000]),
        arbitrator=COURT if court else bytes(20),
        arbitratorData=dice.choice([b"", b"first chamber"]) if court else b"",
        parties=tuple(
            Party(account, dice.choice(assets), dice.randint(0, 1_000), shares(dice, to)) for account in accounts
        ),
        panels=panels,
        standing=tuple(dice.sample(STANDING, dice.randint(0, 2))),
        phases=tuple(phase(dice, len(accounts), len(panels), start=start, assets=assets, to=to) for _ in range(phases)),
    )
