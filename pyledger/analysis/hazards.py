"""Who gains by quarrel: disagreement that costs one side, verifiers who judge in their own cause, and bounties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Final, Literal

from pyledger.analysis.disputes import Wager, accuser_bond, burn_extortion, wager
from pyledger.analysis.figures import Key
from pyledger.analysis.game import Game, Standing
from pyledger.document import OUTSIDE
from pyledger.document.risks.views import Act, acts, contingent, forfeited, linked, quorum_within

__all__ = ["Bet", "Bounty", "Demand", "bet_of", "bounties", "demands"]

LARGE_SHARE: Final = 5_000
"""Basis points of a forfeit from which on its receiver counts as one who is paid to accuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Somebody can cost a party money by saying, or not saying, something, and could therefore ask a price for it.

    `why`: nobody but the sides decides (`sides`), a verifier that decides alone belongs to another side (`affiliated`)
    or gains by the forfeit (`paid`). `at_stake` is what the party would lose by it, `conceding` what it would rather
    give.
    """

    why: Literal["sides", "affiliated", "paid"]
    who: str
    party: str
    phase: str
    obligation: str
    at_stake: float
    conceding: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounty:
    """A member that would receive a large share of another's forfeit, and what it would have to post as accuser.

    `bond` C ≥ qσF/(1−q) − k, with q the chance that a kept promise is found breached and k the future that the accuser
    would lose with the deal; infinite where false accusations always succeed.
    """

    accuser: str
    accused: str
    phase: str
    share: float
    forfeit: float
    bond: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bet:
    """What both sides would have to bet before an arbiter who errs with chance `error` over the largest dispute."""

    party: str
    phase: str
    price: float
    error: float
    wager: Wager


def demands(game: Game, standings: Mapping[tuple[str, int], Standing]) -> tuple[Demand, ...]:
    """Every place where the terms invite extortion; none where a court can be asked (`arbitration`)."""
    if game.document.arbitration is not None:
        return ()
    return tuple(each for act in acts(game.document) for each in _demands(game, act, standings))


def _demands(game: Game, act: Act, standings: Mapping[tuple[str, int], Standing]) -> Iterator[Demand]:
    document = game.document
    if act.duty.by == OUTSIDE or not (forfeited(document, act) or contingent(act)):
        return
    standing = standings[act.duty.by, act.step]
    risk = burn_extortion(price=max(float(standing.withheld), 0.0), own_deposit=float(standing.forfeited))
    at_stake, conceding = -risk.refusing, -risk.conceding
    seats = [seat for seat, _ in document.panels[act.duty.decided_by].seats]
    for why, who in (*_only_sides(game, act, seats), *_alone(game, act, seats)):
        yield Demand(
            why=why,
            who=who,
            party=act.duty.by,
            phase=act.phase.id,
            obligation=act.name,
            at_stake=at_stake,
            conceding=conceding,
        )


def _only_sides(game: Game, act: Act, seats: list[str]) -> Iterator[tuple[Literal["sides"], str]]:
    """Silence is a breach, all seats belong to parties, and the obligor's own are not enough."""
    document = game.document
    sides = {seat: [party for party in game.parties if linked(document, seat, party)] for seat in seats}
    if act.duty.if_silent != "breached" or not all(sides.values()):
        return
    own = frozenset(seat for seat in seats if act.duty.by in sides[seat])
    if not quorum_within(document.panels[act.duty.decided_by], own):
        others = dict.fromkeys(party for seat in seats for party in sides[seat] if party != act.duty.by)
        yield "sides", ", ".join(others)


def _alone(game: Game, act: Act, seats: list[str]) -> Iterator[tuple[Literal["affiliated", "paid"], str]]:
    """A seat that can decide by itself, and is another side's or gains by the forfeit."""
    document = game.document
    receives = set(document.parties[act.duty.by].forfeits_to or {})
    for seat in seats:
        if not quorum_within(document.panels[act.duty.decided_by], frozenset({seat})):
            continue
        known = document.verifiers.get(seat)
        near = {seat, *(known.affiliated_with if known else ()), *(known.paid_by if known else ())}
        if any(linked(document, seat, party) for party in game.parties if party != act.duty.by):
            yield "affiliated", seat
        elif forfeited(document, act) and ((known and known.paid_from_forfeits) or receives & near):
            yield "paid", seat


def bounties(game: Game, standings: Mapping[tuple[str, int], Standing]) -> tuple[Bounty, ...]:
    """Every member that would receive half or more of what another one forfeits, phase by phase."""
    return tuple(_bounties(game, standings))


def _bounties(game: Game, standings: Mapping[tuple[str, int], Standing]) -> Iterator[Bounty]:
    for (accused, index), standing in sorted(standings.items(), key=lambda each: each[0][1]):
        forfeit = float(standing.forfeited)
        shares = game.document.parties[accused].forfeits_to or {}
        for accuser, points in shares.items():
            if accuser not in game.parties or points < LARGE_SHARE or forfeit <= 0:
                continue
            lost = standings[accuser, index]
            future = float(lost.discount) * (float(lost.going_on) - float(lost.ended_next))
            cost = max(future, 0.0) if standing.situation.material else 0.0
            bond = accuser_bond(succeeds=float(standing.mistaken), share=points / 10_000, forfeit=forfeit, cost=cost)
            yield Bounty(
                accuser=accuser,
                accused=accused,
                phase=standing.situation.phase_id,
                share=points / 10_000,
                forfeit=forfeit,
                bond=bond,
            )


def bet_of(game: Game, standings: Mapping[tuple[str, int], Standing]) -> Bet | None:
    """The bet over the largest sum that a ruling can move; None without a court or without an estimate of `ruling`.

    The arbiter's chance to err is what is missing in `ruling`, that of the panel whose verdict is contested.
    """
    if game.document.arbitration is None:
        return None
    found = []
    for standing in standings.values():
        at = standing.situation
        price = float(standing.forfeited) + float(standing.withheld)
        given = [Key("ruling", panel) for panel in at.panels if Key("ruling", panel) in game.figures.given]
        if at.promises and price > 0 and given:
            error = 1 - min(map(game.likely, given))
            found.append(
                Bet(party=at.party, phase=at.phase_id, price=price, error=error, wager=wager(price=price, error=error))
            )
    return max(found, key=lambda bet: (bet.wager.lowest if bet.wager.lowest != inf else -1, bet.price), default=None)
