"""Assertions that read like the deal, and say in words what happened instead.

Amounts are in units of the asset, as people write them. Money that could not be pushed and waits to be withdrawn counts
as paid: it belongs to its recipient alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from pyledger.document.problem import did_you_mean
from pyledger.errors import Refused, UsageError
from pyledger.terms.state import Cause, Status

if TYPE_CHECKING:
    from pyledger.chain.events import Paid
    from pyledger.chain.named_account import Amount, NamedAccount

__all__ = [
    "assert_breached_by",
    "assert_conserved",
    "assert_gained",
    "assert_paid",
    "assert_returned",
    "assert_state",
    "reverts",
]


def assert_paid(deal: NamedAccount, payment: str, *, to: str | None = None, amount: Amount | None = None) -> None:
    """A payment went to its payees: to one of them, if given, and of so much, if given.

    In several phases with payments of that name, to those of all.
    """
    _assert_flowed(deal, Cause.PAYMENT, payment, to, amount, "paid")


def assert_returned(deal: NamedAccount, payment: str, *, to: str | None = None, amount: Amount | None = None) -> None:
    """A payment went back to its payer, or so much of it."""
    _assert_flowed(deal, Cause.RETURN, payment, to, amount, "returned")


def _assert_flowed(
    deal: NamedAccount, cause: Cause, payment: str, to: str | None, amount: Amount | None, word: str
) -> None:
    from pyledger.testing.telling import flows, money

    if not any(payment in names for names in deal.names.payments):
        known = [name for names in deal.names.payments for name in names]
        raise UsageError(f"`{payment}` is no payment of this document", hint=did_you_mean(payment, known))
    if to is not None:
        deal.names.account(to)
    found = [each for each in flows(deal) if each.cause is cause and each.about == payment and to in (None, each.to)]
    whom = f" to {to}" if to else ""
    if not found:
        _fail(deal, f"{payment} should have been {word}{whom}, and was not")
    asset, actual = found[0].asset, sum(each.amount for each in found)
    if amount is not None and actual != (wanted := deal.smallest(asset, amount)):
        _fail(
            deal,
            f"{money(deal, asset, wanted)} of {payment} should have been {word}{whom}, "
            f"and it was {money(deal, asset, actual)}",
        )


def assert_gained(deal: NamedAccount, who: str, amount: Amount, asset: str) -> None:
    """Somebody has so much more than before the agreement was opened; less, if the amount is negative.

    Gas counts where the asset is the coin; on a node of the tests' own it costs nothing.
    """
    from pyledger.testing.telling import money

    text = str(amount)
    wanted = -deal.smallest(asset, text[1:]) if text.startswith(("-", "−")) else deal.smallest(asset, amount)
    actual = int(deal.change(who, asset).scaleb(deal.document.assets[asset].decimals))
    if actual != wanted:
        _fail(
            deal, f"{who} should have gained {money(deal, asset, wanted)}, and has gained {money(deal, asset, actual)}"
        )


def assert_breached_by(deal: NamedAccount, party: str, obligation: str | None = None) -> None:
    """A party has breached: that obligation, if given, else any, or did not pay in what it owed (`payment`)."""
    from pyledger.testing.telling import PAYMENT, breaches

    deal.names.party(party)
    known = [name for names in deal.names.obligations for name in names]
    if obligation is not None and obligation not in (PAYMENT, *known):
        raise UsageError(f"`{obligation}` is no obligation of this document", hint=did_you_mean(obligation, known))
    found = breaches(deal)
    if any(each.party == party and obligation in (None, each.what) for each in found):
        return
    others = ", ".join(f"{each.what} by {each.party}" for each in found)
    what = f"{obligation} should have been breached by {party}" if obligation else f"{party} should be in breach"
    _fail(deal, f"{what}; breached is {others}" if others else f"{what}; nothing is breached")


def assert_state(deal: NamedAccount, status: str | None = None, *, phase: str | None = None) -> None:
    """The agreement is `open`, `in force`, `completed`, `terminated`, `void`, `unwound` or `dissolved`; in a phase."""
    known = [each.name.lower().replace("_", " ") for each in Status]
    if status is not None and status not in known:
        raise UsageError(f"`{status}` is no state of an agreement", hint=f"write one of: {', '.join(known)}")
    if phase is not None:
        deal.names.phase(phase)
    if status not in (None, deal.status):
        _fail(deal, f"the agreement should be {status}, and is {deal.status}")
    if phase not in (None, deal.phase):
        _fail(deal, f"the phase at hand should be {phase}, and is {deal.phase}")


def assert_conserved(deal: NamedAccount) -> None:
    """Nothing is lost and nothing made: the account holds what it owes, and what was paid in less what went out."""
    from pyledger.chain.reading import assets_of
    from pyledger.terms.outcome import holdings
    from pyledger.testing.telling import money

    snapshot = deal.account.snapshot()
    inflow, outflow = _moved(deal)
    for asset in assets_of(deal.terms):
        name = deal.names.what(asset) or "0x" + asset.hex()
        held = snapshot.balances.get((deal.account.address, asset), 0)
        owed = sum(
            each.bond + each.escrow for (_, what), each in holdings(snapshot.state, deal.terms).items() if what == asset
        )
        owed += sum(amount for (_, what), amount in snapshot.state.credits.items() if what == asset)
        if held < owed:
            _fail(deal, f"the account owes {money(deal, name, owed)}, and holds {money(deal, name, held)}")
        left = inflow.get(asset, 0) - outflow.get(asset, 0)
        if held != left:
            _fail(
                deal,
                f"{money(deal, name, left)} should be left of what was paid in, and there is {money(deal, name, held)}",
            )


def _moved(deal: NamedAccount) -> tuple[Mapping[bytes, int], Mapping[bytes, int]]:
    """What was paid into the account and what left it, by asset, as its events say."""
    from pyledger.chain.events import Accepted, Funded, Paid, ToppedUp, Withdrawn

    inflow: dict[bytes, int] = {}
    outflow: dict[bytes, int] = {}
    parties = deal.terms.parties
    for event in deal.events:
        if isinstance(event, Accepted):
            _add(inflow, parties[event.party].asset, event.bond)
        elif isinstance(event, ToppedUp):
            _add(inflow, parties[event.party].asset, event.amount)
        elif isinstance(event, Funded):
            for index in event.payments:
                payment = deal.terms.phases[event.phase].payments[index]
                _add(inflow, payment.asset, payment.amount)
        elif isinstance(event, Withdrawn) or (isinstance(event, Paid) and _left(event)):
            _add(outflow, event.asset, event.amount)
    return inflow, outflow


def _left(event: Paid) -> bool:
    """Whether it is of what was due, and has left the account."""
    return not event.credited and event.cause is not Cause.SURPLUS


def _add(sums: dict[bytes, int], asset: bytes, amount: int) -> None:
    sums[asset] = sums.get(asset, 0) + amount


class reverts:  # noqa: N801 - it reads as what it says
    """The block is refused by the rule of that name; of its values, those given are as given.

    with reverts("TooLate"):
        deal.accept("builder")
    """

    def __init__(self, name: str, **values: object) -> None:
        self._name, self._values = name, values

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None:
            raise AssertionError(f"{self._name} was expected, and nothing was refused")
        if not isinstance(error, Refused):
            return False
        if error.name != self._name:
            said = f"{self._name} was expected, and it was {error.name}: {error.what}"
            raise AssertionError(said).with_traceback(trace) from None
        if wrong := [*self._wrong(error)]:
            said = f"{error.name} has other values: {'; '.join(wrong)}: {error.what}"
            raise AssertionError(said).with_traceback(trace) from None
        return True

    def _wrong(self, refused: Refused) -> Iterator[str]:
        """What of the values is not as given."""
        for key, wanted in self._values.items():
            if key not in refused.values:
                yield f"there is no {key}, but {', '.join(refused.values) or 'nothing'}"
            elif not _same(refused.values[key], wanted):
                yield f"{key} should be {_say(wanted)} and is {_say(refused.values[key])}"


def _same(actual: object, wanted: object) -> bool:
    """Accounts may be given as whoever signs for them."""
    return actual == getattr(wanted, "address", wanted)


def _say(value: object) -> str:
    value = getattr(value, "address", value)
    return "0x" + value.hex() if isinstance(value, bytes) else repr(value)


def _fail(deal: NamedAccount, what: str) -> NoReturn:
    from pyledger.testing.telling import printable_line, story

    raise AssertionError(f"{printable_line(what)}\n{story(deal)}")
