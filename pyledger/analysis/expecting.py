"""What has become of an agreement, written as what a scenario expects: the way back from facts to a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from typing import Final

from pyledger.document import Document
from pyledger.document.units import say_amount
from pyledger.terms.facts import Facts

__all__ = ["write_expectation"]

_EXACT: Final = Context(prec=100)
_LONGEST: Final = 100


def write_expectation(facts: Facts, document: Document, *, money: bool = True, indent: int = 2) -> list[str]:
    """The lines below `expect:`; without `money`, none of what was gained, forfeited or paid.

    Gains of accounts that the document does not name cannot be said, and are then left out together.
    """
    return [f"{' ' * indent}{line}" for line in _lines(facts, document, money=money)]


def _lines(facts: Facts, document: Document, *, money: bool) -> Iterator[str]:
    yield f"state: {facts.status.name.lower().replace('_', ' ')}"
    yield f"phase: {facts.phase}"
    names = [name for _, name in facts.verdicts]
    several = {name for name in names if names.count(name) > 1}
    said = {
        f"{phase}.{name}" if name in several else name: found.name.lower()
        for (phase, name), found in facts.verdicts.items()
    }
    if said:
        yield from _mapping("verdicts", said)
    broken = {party: what[0] if len(what) == 1 else f"[{', '.join(what)}]" for party, what in facts.breached.items()}
    yield from _mapping("breached", broken)
    yield f"in_default: [{', '.join(facts.in_default)}]"
    if not money:
        return
    if all(asset in document.assets and not who.startswith("0x") for who, asset in facts.gains):
        yield from _mapping("gains", _sums(facts, document, 1))
        yield from _mapping("loses", _sums(facts, document, -1))
    lost = {}
    for party, amount in facts.forfeits.items():
        bond = document.parties[party].bond
        lost[party] = _amount(document, bond.asset, amount) if bond else str(amount)
    yield from _mapping("forfeits", lost)


def _sums(facts: Facts, document: Document, sign: int) -> dict[str, str]:
    """Who gains, or loses, how much: an amount where there is one asset, else amounts by asset."""
    found: dict[str, dict[str, str]] = {}
    for (who, asset), gain in facts.gains.items():
        if gain * sign > 0:
            found.setdefault(who, {})[asset] = _amount(document, asset, gain * sign)
    if len(document.assets) == 1:
        return {who: next(iter(amounts.values())) for who, amounts in found.items()}
    return {
        who: "{" + ", ".join(f"{asset}: {amount}" for asset, amount in amounts.items()) + "}"
        for who, amounts in found.items()
    }


def _amount(document: Document, asset: str, smallest: int) -> str:
    units = Decimal(smallest).scaleb(-document.assets[asset].decimals, _EXACT)
    return say_amount(units).replace(",", "_")


def _mapping(key: str, entries: Mapping[str, str]) -> Iterator[str]:
    """In one line if it is short."""
    one = f"{key}: {{{', '.join(f'{name}: {value}' for name, value in entries.items())}}}"
    if len(one) <= _LONGEST:
        yield one
        return
    yield f"{key}:"
    yield from (f"  {name}: {value}" for name, value in entries.items())
