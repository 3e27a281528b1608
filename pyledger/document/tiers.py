"""Whether the values that verifiers attest, and the tiers of payments that follow them, hold together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pyledger.document import limits
from pyledger.document.measure import Measure
from pyledger.document.problem import Declared, Location, Problem
from pyledger.document.rules import amount, count, known
from pyledger.document.units import NotUnderstood, say_amount

if TYPE_CHECKING:
    from pyledger.document.model import Document, Obligation, Payment, Tier, Value

__all__ = ["tiers", "value"]

_DECLARE: Final = "write at the obligation for example `value: {asset: usd}` or `value: {unit: tonnes, decimals: 3}`"


def value(at: Location, found: Value, document: Document, declared: Declared) -> Iterator[Problem]:
    """A value that is not counted in exactly one thing, or a target that it cannot have."""
    if (found.asset is None) == (found.unit is None):
        both = found.asset is not None
        message = "`asset` and `unit` are both given" if both else "neither `asset` nor `unit` is given"
        yield Problem((*at, "unit") if both else at, message, "say in one of the two what is counted", at_key=True)
    elif found.asset is not None:
        yield from known((*at, "asset"), found.asset, declared.assets, "asset")
        if "decimals" in found.model_fields_set:
            yield Problem((*at, "decimals"), "the decimals are those of the asset", "leave them out", at_key=True)
    elif found.decimals > limits.MAX_DECIMALS:
        message = f"{found.decimals} decimals, at most {limits.MAX_DECIMALS} are possible"
        yield Problem((*at, "decimals"), message, f"write a number from 0 to {limits.MAX_DECIMALS}")
    if found.target is not None and (found.asset is None or found.asset in document.assets):
        yield from _exact((*at, "target"), found.target, found.measure(document.assets))


def _exact(at: Location, level: Decimal, measure: Measure) -> Iterator[Problem]:
    try:
        measure.integer(level)
    except NotUnderstood as error:
        yield Problem(at, error.message, error.hint)


def tiers(at: Location, payment: Payment, document: Document, obligation: Obligation | None) -> Iterator[Problem]:
    """Tiers out of order, beyond the payment, or without a value to follow; of no obligation something else is told."""
    steps = payment.tiers
    if steps is None:
        return
    at = (*at, "tiers")
    if wrong := tuple(count(at, len(steps), 1, limits.MAX_TIERS, "tiers")):
        yield from wrong
        return
    for index, step in enumerate(steps):
        yield from _pays((*at, index, "pays"), step, payment, document)
    for index, (lower, upper) in enumerate(pairwise(steps), start=1):
        if lower.from_ >= upper.from_:
            message = f"not above the tier before it, which begins at {say_amount(lower.from_)}"
            yield Problem((*at, index, "from"), message, "write the tiers from the lowest value to the highest")
    if not any(step.pays or step.then for step in steps):
        hint = "give one an amount above zero, or leave the payment out"
        yield Problem(at, "no tier pays anything", hint, at_key=True)
    if obligation is not None and obligation.value is None:
        yield Problem(at, f"no value is attested with `{payment.obligation}`", _DECLARE, at_key=True)
    elif obligation is not None and obligation.value is not None:
        yield from _reached(at, payment, obligation)
        yield from _counted(at, steps, payment, document, obligation.value)


def _pays(at: Location, step: Tier, payment: Payment, document: Document) -> Iterator[Problem]:
    if wrong := tuple(amount(at, step.pays, payment.asset, document)):
        yield from wrong
    elif step.pays > payment.amount:
        message = f"the tier pays more than there is: the amount is {say_amount(payment.amount)}"
        yield Problem(at, message, "lower the tier, or raise `amount`")


def _reached(at: Location, payment: Payment, obligation: Obligation) -> Iterator[Problem]:
    """Silence and lapses have no value, and a promise that silence keeps can only be attested as broken."""
    with_value = {"breached"} if obligation.if_silent == "met" else {"met", "breached"}
    if payment.on and not with_value.intersection(payment.on):
        message = f"no value can be attested when `{payment.obligation}` is {' or '.join(payment.on)}"
        yield Problem(at, message, "change `when`, or leave the tiers out", at_key=True)


def _counted(
    at: Location, steps: tuple[Tier, ...], payment: Payment, document: Document, counted: Value
) -> Iterator[Problem]:
    in_doubt = counted.asset not in document.assets if counted.asset else counted.unit is None
    if in_doubt or payment.asset not in document.assets:
        return
    measure = counted.measure(document.assets)
    for index, step in enumerate(steps):
        if step.then and counted.asset != payment.asset:
            message = (
                f"a share needs the value of `{payment.obligation}` counted in `{payment.asset}`, like the payment"
            )
            hint = f"write `value: {{asset: {payment.asset}}}` there, or pay by steps without `then`"
            yield Problem((*at, index, "then"), message, hint, at_key=True)
        yield from _exact((*at, index, "from"), step.from_, measure)
