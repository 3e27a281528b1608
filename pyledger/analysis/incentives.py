"""Whether keeping a promise pays: one party, one phase, one decision.

Notation (all amounts in one unit, all chances between 0 and 1):

    g    temptation: what breaching gains over performing, before any consequence
    B, φ bond at stake, and the share of it that this breach forfeits
    W    withheld: payments that a breach which is found does not bring, or makes to others
    R    reputation: what is lost elsewhere by a breach that is found
    p    chance that a breach is detected, attributed and ruled; f chance that a kept promise is called a breach
    δ    discount factor of one phase; V', X' what the party has next if the deal goes on, and if it has ended

Keeping is worth u + (1−f)δV' + f(δX' − φB − W − R), breaching u + g + (1−p)δV' + p(δX' − φB − W − R). Their
difference is the slack, S = (p − f)·(φB + W + R + δ(V' − X')) − g.

It generalises the deterrence of Becker (1968), the self-enforcing agreement of Telser (1980) and of Klein and Leffler
(1981), and the dynamic enforcement of Levin (2003). Assumed: risk neutrality, numbers that both sides know, one
deviation at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Decision", "discount_threshold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One party's choice in one phase: to perform or to breach."""

    temptation: float
    bond: float = 0.0
    forfeit: float = 1.0
    withheld: float = 0.0
    reputation: float = 0.0
    discount: float = 1.0
    going_on: float = 0.0
    ended: float = 0.0
    detected: float = 1.0
    mistaken: float = 0.0

    @property
    def discriminating_power(self) -> float:
        """Power p − f: how much likelier a breach is found than a kept promise is mistaken for one."""
        return self.detected - self.mistaken

    @property
    def future(self) -> float:
        """δ(V' − X'): what the deal's going on is worth now."""
        return self.discount * (self.going_on - self.ended)

    @property
    def stake(self) -> float:
        """φB + W + R + δ(V' − X'): what is lost by a breach that is found."""
        return self.forfeit * self.bond + self.withheld + self.reputation + self.future

    @property
    def slack(self) -> float:
        """By how much keeping beats breaching; below zero the promise is not credible."""
        return self.discriminating_power * self.stake - self.temptation

    @property
    def smallest_bond(self) -> float | None:
        """Least bond at which keeping pays: max(0, (g/(p−f) − W − R − δ(V'−X'))/φ). None where no bond can do it."""
        if self.with_bond(0.0).slack >= 0:
            return 0.0
        if self.discriminating_power <= 0 or self.forfeit <= 0:
            return None
        needed = self.temptation / self.discriminating_power
        return max(needed - self.withheld - self.reputation - self.future, 0.0) / self.forfeit

    @property
    def required_detection(self) -> float | None:
        """Least chance of detection at which keeping pays: f + g/stake. None where even certainty is too little."""
        if self.temptation <= 0 and self.stake >= 0:
            return self.mistaken
        if self.stake <= 0:
            return None
        needed = self.mistaken + self.temptation / self.stake
        return needed if needed <= 1 else None

    @property
    def largest_temptation(self) -> float:
        """The temptation at which slack is nothing."""
        return self.discriminating_power * self.stake

    def with_bond(self, bond: float) -> Decision:
        """The same choice with another bond at stake."""
        return replace(self, bond=bond)


def discount_threshold(decision: Decision, *, surplus: float) -> float | None:
    """Least discount factor at which a phase repeated for ever is kept: δ* = k/(k + s), or 0 where k ≤ 0.

    k = g/(p−f) − φB − W − R, `surplus` s = what a phase is worth beyond the outside option, which must be above zero.
    With no bond and certain detection it is that of a grim trigger, (T − R)/(T − P). None where no patience does.
    """
    if decision.temptation <= 0:
        return 0.0
    if decision.discriminating_power <= 0:
        return None
    secured = decision.forfeit * decision.bond + decision.withheld + decision.reputation
    unsecured = decision.temptation / decision.discriminating_power - secured
    if unsecured <= 0:
        return 0.0
    return unsecured / (unsecured + surplus) if surplus > 0 else None
