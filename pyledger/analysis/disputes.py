"""What accusing pays, what an arbiter who errs needs, and what a rule that burns money invites."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

__all__ = ["Extortion", "Wager", "accuser_bond", "burn_extortion", "wager"]


def accuser_bond(*, succeeds: float, share: float, forfeit: float, cost: float = 0.0) -> float:
    """Least bond of an accuser who receives a share of what is forfeited: C ≥ qσF/(1−q) − k, at least 0.

    `succeeds` q: chance that a false accusation does; `cost` k: of accusing, lost continuation included. Infinite where
    false accusations always succeed. After Williamson's (1983) hostages, worth less to the holder than to the poster.
    """
    if succeeds >= 1:
        return inf
    return max(succeeds * share * forfeit / (1 - succeeds) - cost, 0.0)


class Wager(NamedTuple):
    """Least and most that both sides must bet on a dispute, the loser paying; `highest` may be infinite."""

    lowest: float
    highest: float

    @property
    def possible(self) -> bool:
        """Whether any bet does."""
        return self.lowest <= self.highest


def wager(*, price: float, error: float, rebate: float = 1.0, margin: float = 0.0) -> Wager:
    """Bets on an arbiter who errs with chance γ, with share α of the loser's bet to the winner.

    λ ≥ (γx + ε)/((1−γ) − αγ) deters who is in the wrong; λ(γ − α(1−γ)) ≤ (1−γ)x keeps who is in the right at it.
    After the arbiter games of Schwartzbach (2021): secure only if the arbiter errs less than half the time.
    """
    power = (1 - error) - rebate * error
    lowest = (error * price + margin) / power if power > 0 else inf
    burden = error - rebate * (1 - error)
    highest = (1 - error) * price / burden if burden > 0 else inf
    return Wager(lowest, highest)


class Extortion(NamedTuple):
    """What each has under a rule that burns or locks everything unless both agree, once one of them demands."""

    conceding: float
    refusing: float
    extorted: float

    @property
    def works(self) -> bool:
        """Whether whom it is demanded from does better to concede."""
        return self.extorted > 0 and self.conceding > self.refusing


def burn_extortion(*, price: float, own_deposit: float) -> Extortion:
    """A buyer who has paid and deposited, and a seller who ships nothing and demands to be paid all the same.

    Conceding loses the price, refusing the deposit too. That no escrow of things a contract cannot see is free of it
    without somebody trusted was shown by Goharshady (2021).
    """
    return Extortion(conceding=-price, refusing=-price - own_deposit, extorted=price)
