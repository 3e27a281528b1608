"""One agreement's account in the words of its document: names for things, units of assets, the chain's clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from pyledger.chain.abi import token_abi
from pyledger.chain.account import Account
from pyledger.chain.clock import move_clock
from pyledger.chain.connect import message
from pyledger.chain.events import Event
from pyledger.chain.tokens import token_balance
from pyledger.document import Document
from pyledger.document.problem import did_you_mean
from pyledger.document.units import NotUnderstood, parse_amount, to_smallest
from pyledger.errors import UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import Bindings
from pyledger.terms.names import Names
from pyledger.terms.outcome import bonds, deadline
from pyledger.terms.state import State
from pyledger.terms.structs import NATIVE, Verdict

__all__ = ["Amount", "NamedAccount", "index_in"]

Amount = Decimal | int | str
"""In units of the asset, as people write it: `"400_000"`, `12`, `Decimal("0.5")`."""

_VERDICTS = {"met": Verdict.MET, "breached": Verdict.BREACHED, "lapsed": Verdict.LAPSED}


class NamedAccount:
    """An agreement on a chain whose names and amounts are those of its document.

    Reading raises what `Account` raises. A name that the document does not have is a UsageError.
    """

    def __init__(self, account: Account, document: Document, bindings: Bindings) -> None:
        self.account, self.document, self.bindings = account, document, bindings
        self.connection, self.terms = account.connection, account.terms
        self.names = Names.of(document, bindings)
        self.before: Mapping[tuple[str, str], int] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.document.title!r}, {checksum(self.account.address)})"

    # where it stands

    @property
    def state(self) -> State:
        """What the contract stores."""
        return self.account.state()

    @property
    def status(self) -> str:
        """`open`, `in force`, `completed`, `terminated`, `void`, `unwound` or `dissolved`."""
        return self.state.status.name.lower().replace("_", " ")

    @property
    def phase(self) -> str:
        """The phase at hand, or the last."""
        return self.names.phases[self.state.phase]

    @property
    def events(self) -> Sequence[Event]:
        """All that the contracts have said of it."""
        return self.account.events()

    def balance(self, who: str, asset: str) -> Decimal:
        """What somebody's account has, in units of the asset."""
        return self.units(asset, token_balance(self.connection, self.names.asset(asset), self.names.account(who)))

    def change(self, who: str, asset: str) -> Decimal:
        """What somebody has more than before it was opened here (less: negative), gas included if it is the coin."""
        return self.balance(who, asset) - self.units(asset, self.before.get((who, asset), 0))

    def held(self, asset: str) -> Decimal:
        """What the agreement's account has."""
        return self.units(asset, token_balance(self.connection, self.names.asset(asset), self.account.address))

    def bond(self, party: str) -> Decimal:
        """What is held of a party's bond, in units of its asset."""
        index = self.names.party(party)
        asset = self.names.what(self.terms.parties[index].asset)
        return Decimal(0) if asset is None else self.units(asset, bonds(self.state, self.terms)[index])

    def credit(self, who: str, asset: str) -> Decimal:
        """What waits for somebody to withdraw it."""
        return self.units(asset, self.account.credit(self.names.account(who), self.names.asset(asset)))

    def balances(self) -> dict[tuple[str, str], int]:
        """What every role has of every asset, in smallest units, by the names of both."""
        places = [(who, asset) for who in self.names.accounts for asset in self.names.assets]
        answers = self.connection.batch([self._asking(who, asset) for who, asset in places])
        return {place: self.connection.number("eth_call", each) for place, each in zip(places, answers, strict=True)}

    def _asking(self, who: str, asset: str) -> tuple[str, tuple[object, ...]]:
        account, token = self.names.accounts[who], self.names.assets[asset]
        if token == NATIVE:
            return "eth_getBalance", ("0x" + account.hex(), "latest")
        return "eth_call", (message(token, token_abi().encode("balanceOf", account)), "latest")

    # the clock

    def now(self) -> int:
        """Time of the latest block, Unix seconds."""
        return self.connection.latest_time()

    def warp(self, time: str | int) -> None:
        """Moves a development node's clock by "3 days", to "2027-01-31 12:00", or to Unix seconds.

        UsageError if it is no time, or over.
        """
        move_clock(self.connection, time)

    def warp_past(self, name: str) -> None:
        """Moves the clock one second past when an obligation or a payment of the phase at hand is due.

        If that is over, the clock stands still.
        """
        phase, state = self.account.at_hand()
        if name in (payments := self.names.payments[state.phase]):
            moment = state.opened_at + phase.payments[payments.index(name)].due
        else:
            moment = deadline(state, phase.obligations[self.obligation(name, state)])
        if moment >= self.now():
            self.warp(moment + 1)

    # names and numbers

    def obligation(self, name: str, state: State) -> int:
        """Index of an obligation of the phase at hand."""
        return index_in(
            name, self.names.obligations[state.phase], f"obligation of the phase `{self.names.phases[state.phase]}`"
        )

    def verdict_of(self, word: str) -> Verdict:
        """The verdict that a word means."""
        if word not in _VERDICTS:
            raise UsageError(f"`{word}` is no verdict", hint=f"write one of: {', '.join(_VERDICTS)}")
        return _VERDICTS[word]

    def value_of(self, obligation: str, value: Amount | None, state: State) -> int:
        """The number that verifiers sign for a value as people write it; 0 for none."""
        measure = self.document.measure(self.document.phases[state.phase].obligations[obligation])
        if value is None:
            return 0
        if measure is None:
            raise UsageError(f"no value is attested with `{obligation}`", hint="leave it out")
        try:
            return measure.integer(value)
        except NotUnderstood as error:
            raise UsageError(error.message, hint=error.hint) from None

    def units(self, asset: str, smallest: int) -> Decimal:
        """An amount in smallest units as people write it."""
        return Decimal(smallest).scaleb(-self._decimals(asset))

    def smallest(self, asset: str, amount: Amount) -> int:
        """An amount as people write it in smallest units. UsageError if it is none, or finer than the asset."""
        decimals = self._decimals(asset)
        try:
            return to_smallest(parse_amount(amount), decimals, of=asset)
        except NotUnderstood as error:
            raise UsageError(error.message, hint=error.hint) from None

    def _decimals(self, asset: str) -> int:
        self.names.asset(asset)
        return self.document.assets[asset].decimals


def index_in(name: str, known: Sequence[str], what: str) -> int:
    """The place of a name among those known. UsageError if it is none of them."""
    if name not in known:
        raise UsageError(f"`{name}` is no {what}", hint=did_you_mean(name, known))
    return known.index(name)
