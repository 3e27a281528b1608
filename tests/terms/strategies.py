"""Terms to play histories of: short time scales, so that these meet windows, deadlines, long stop and end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count as counting, pairwise
from typing import Final

from eth_hash.auto import keccak
from hypothesis import strategies as st

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
from tests.terms.player import COURT, STANDING, WALL, Player

PUBLIC_FUND: Final = bytes.fromhex("00000000000000000000000000000000000fe3d5")
VERDICTS: Final = (Verdict.MET, Verdict.BREACHED, Verdict.LAPSED)
VALUES: Final = (0, 7, 100, 101, 250, 2**256 - 1)
"""What seats attest; tiers begin at or beside these."""

_serial = counting()


@st.composite
def shares(draw: st.DrawFn, recipients: Sequence[bytes]) -> tuple[Share, ...]:
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=3)))
    bounds = [0, *cuts, 10_000]
    sizes = [high - low for low, high in pairwise(bounds)]
    return tuple(Share(draw(st.sampled_from(recipients)), size) for size in sizes)


@st.composite
def panels(draw: st.DrawFn, verifiers: Sequence[bytes]) -> Panel:
    seats = draw(st.lists(st.sampled_from(verifiers), min_size=1, max_size=4, unique=True))
    chambers = draw(st.integers(0, 2))
    placed = tuple(Seat(seat, draw(st.integers(0, max(chambers - 1, 0)))) for seat in seats)
    sizes = [sum(seat.chamber == chamber for seat in placed) for chamber in range(chambers)]
    quotas = tuple(draw(st.integers(0, size)) for size in sizes)
    return Panel(draw(st.integers(1, len(seats))), quotas, placed)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    starts = sorted(draw(st.sets(st.sampled_from([0, 7, 8, 100, 102, 250]), max_size=3)))
    rates = st.sampled_from([0, 1, 3_333, 10_000, 65_535])
    return tuple(Tier(start, draw(st.sampled_from([0, 10, 400, 2_000])), draw(rates)) for start in starts)


@st.composite
def obligations(draw: st.DrawFn, parties: int, panel_count: int) -> Obligation:
    obligor = draw(st.sampled_from([*range(parties), OUTSIDE]))
    return Obligation(
        obligor=obligor,
        panel=draw(st.integers(0, panel_count - 1)),
        presumption=draw(st.sampled_from(VERDICTS)),
        material=draw(st.sampled_from([False, False, True])),
        within=draw(st.sampled_from([60, 75, 90, 120, 150, 0])),
        grace=draw(st.integers(0, 20)),
        forfeitBps=0 if obligor == OUTSIDE else draw(st.sampled_from([0, 1, 3_333, 5_000, 10_000])),
    )


@st.composite
def phases(
    draw: st.DrawFn, parties: int, panel_count: int, start: int, assets: Sequence[bytes], to: Sequence[bytes]
) -> Phase:
    duties = tuple(draw(obligations(parties, panel_count)) for _ in range(draw(st.integers(1, 3))))

    def payment() -> Payment:
        on = draw(st.integers(0, len(duties) - 1))
        return Payment(
            payer=draw(st.integers(0, parties - 1)),
            obligation=on,
            on=draw(st.sampled_from([2, 2, 4, 8, 6, 10, 14])),
            asset=draw(st.sampled_from(assets)),
            amount=draw(st.integers(1, 1_000)),
            due=draw(st.sampled_from([3, 2, 1])) * (duties[on].within + duties[on].grace) // 3,
            payees=draw(shares(to)),
            tiers=draw(st.one_of(st.just(()), tiers())),
        )

    return Phase(
        salt=bytes(32),
        notBefore=draw(st.sampled_from([0, 0, 0, start + 90])),
        bonds=draw(st.sampled_from([(), tuple(draw(st.integers(0, 1_500)) for _ in range(parties))])),
        obligations=duties,
        payments=tuple(payment() for _ in range(draw(st.integers(0, 3)))),
    )


@st.composite
def deals(draw: st.DrawFn, player: Player) -> Terms:
    start = player.start
    assets = [NATIVE, *player.tokens]
    accounts = [key.address for key in player.parties][: draw(st.integers(1, 5))]
    to = [*accounts, WALL, PUBLIC_FUND]
    panel_list = tuple(draw(panels([key.address for key in player.seats])) for _ in range(draw(st.integers(1, 2))))
    court = draw(st.booleans())
    count = draw(st.integers(1, 4))
    return Terms(
        document=keccak(str(next(_serial)).encode()),
        predecessor=draw(st.sampled_from([bytes(20), WALL])),
        joinBy=start + 30,
        longStop=start + draw(st.sampled_from([100, 250, 400, 2_000, 2_000])),
        minParties=draw(st.integers(1, len(accounts))),
        accession=count > 1 and draw(st.booleans()),
        challengeWindow=draw(st.sampled_from([1, 15, 40])) if court else 0,
        rulingWindow=draw(st.sampled_from([1, 15, 40])) if court else 0,
        topUpWithin=draw(st.sampled_from([0, 20, 60])),
        defaultForfeitBps=draw(st.sampled_from([0, 2_500, 10_000])),
        arbitrator=COURT if court else bytes(20),
        arbitratorData=draw(st.sampled_from([b"", b"first chamber"])) if court else b"",
        parties=tuple(
            Party(account, draw(st.sampled_from(assets)), draw(st.integers(0, 1_000)), draw(shares(to)))
            for account in accounts
        ),
        panels=panel_list,
        standing=tuple(draw(st.lists(st.sampled_from(STANDING), max_size=2, unique=True))),
        phases=tuple(draw(phases(len(accounts), len(panel_list), start, assets, to)) for _ in range(count)),
    )
