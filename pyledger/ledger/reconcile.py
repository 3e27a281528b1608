"""The books against the chain: what each agreement should hold and how it should stand, and what the node says of both.

Balances tell whether money is missing. They do not tell that a node has left out an event, or told one that there was
not: that shows where the state that the stored events lead to is another than the account has, at the same block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from eth_hash.auto import keccak

from pyledger.chain.connect import Connection, RpcError
from pyledger.errors import MismatchError
from pyledger.ledger.journal import held_by
from pyledger.ledger.reading import agreements, balances
from pyledger.ledger.standing import standing
from pyledger.ledger.store import Cursor, Store
from pyledger.terms.state import State
from pyledger.terms.structs import NATIVE

__all__ = ["Astray", "Difference", "Reconciled", "reconcile"]

_BALANCE_OF: Final = bytes.fromhex("70a08231")
_STATE: Final = keccak(b"state()")[:4]
_WORDS: Final = (
    "status", "phase", "marks", "members", "short", "opened_at", "cut_off", "verdicts", "funded", "paid",
)  # fmt: skip
"""The words of the account's state, in their order. What `marks` say, no event does."""

_SAID: Final = {
    "status": "whether it is in force, or how it has ended",
    "phase": "the phase at hand",
    "members": "who is bound",
    "short": "whose bond is short",
    "opened_at": "when the phase opened",
    "cut_off": "whether the phase is cut off",
    "verdicts": "the verdicts",
    "funded": "what was paid into escrow",
    "paid": "what was paid out",
}


class Difference(NamedTuple):
    """Where books and chain differ, in the smallest unit; `held` is None where the token does not answer.

    More than the books say is what strangers have sent. Less is a token that shrinks or takes back, or a lying node.
    """

    agreement: bytes
    asset: bytes
    books: int
    held: int | None

    @property
    def missing(self) -> bool:
        """Whether something is not there that should be."""
        return self.held is None or self.held < self.books


class Astray(NamedTuple):
    """An agreement that does not stand as its stored events say: `on` what, in words.

    A node has left out events, or told some that there were not.
    """

    agreement: bytes
    on: tuple[str, ...]


class Reconciled(NamedTuple):
    """Everything on which books and chain differ."""

    differences: list[Difference]
    astray: list[Astray]

    @property
    def sound(self) -> bool:
        """Whether nothing is missing, and every agreement stands as its events say."""
        return not self.astray and not any(each.missing for each in self.differences)


def reconcile(
    store: Store,
    connection: Connection,
    cursor: Cursor,
    *,
    agreement: bytes | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Reconciled:
    """Every difference, at the last block that was read.

    Raises NodeError where the node does not answer, MismatchError where it has another block there than was read.
    """
    at = cursor.next - 1
    with store.reading() as database:
        listed = agreements(database, cursor.source)
        held = _held(balances(database, cursor.source, agreement=agreement))
        kept = dict(store.blocks(database, cursor.source)).get(at)
    if kept is not None and connection.block(at).hash != kept:
        raise MismatchError(
            f"block {at} is no longer the one that was read", hint="run `pyledger sync`, then reconcile again"
        )
    wanted = [each.address for each in listed if agreement in (None, each.address)]
    differences: list[Difference] = []
    astray: list[Astray] = []
    for number, address in enumerate(wanted):
        differences += _differences(connection, address, held.get("0x" + address.hex(), {}), at)
        astray += _astray(store, connection, cursor.source, address, at)
        progress(number + 1, len(wanted))
    return Reconciled(differences, astray)


def _astray(store: Store, connection: Connection, source: int, agreement: bytes, at: int) -> Iterator[Astray]:
    with store.reading() as database:
        found = standing(database, source, agreement)
    data = connection.call(agreement, _STATE, block=at)
    if found is None or len(data) != 32 * len(_WORDS):
        yield Astray(agreement, ("whether it is open",))
        return
    told = {name: int.from_bytes(data[32 * place :][:32]) for place, name in enumerate(_WORDS)}
    expected = _words_of(found.state)
    on = tuple(_SAID[name] for name, value in expected.items() if told[name] != value)
    if on:
        yield Astray(agreement, on)


def _words_of(state: State) -> dict[str, int]:
    """What an account in some state stores, word by word."""
    return {
        "status": int(state.status),
        "phase": state.phase,
        "members": _bits(state.members),
        "short": _bits(state.short),
        "opened_at": state.opened_at,
        "cut_off": state.cut_off - state.opened_at + 1 if state.cut_off else 0,
        "verdicts": sum(each << 2 * index for index, each in enumerate(state.verdicts)),
        "funded": _bits(state.funded),
        "paid": _bits(state.paid),
    }


def _bits(some: Iterable[int]) -> int:
    return sum(1 << each for each in some)


def _held(owned: dict[tuple[str, bytes], int]) -> dict[str, dict[bytes, int]]:
    """What each agreement holds by its books, by the name that its accounts begin with."""
    own: dict[str, dict[tuple[str, bytes], int]] = {}
    for (account, asset), amount in owned.items():
        own.setdefault(account.partition(":")[0], {})[account, asset] = amount
    return {name: held_by(some) for name, some in own.items()}


def _differences(connection: Connection, agreement: bytes, books: dict[bytes, int], at: int) -> Iterator[Difference]:
    for asset in sorted({*books, NATIVE}):
        held = _balance(connection, asset, agreement, at)
        if held != books.get(asset, 0):
            yield Difference(agreement, asset, books.get(asset, 0), held)


def _balance(connection: Connection, asset: bytes, account: bytes, at: int) -> int | None:
    if asset == NATIVE:
        return connection.balance(account, at)
    try:
        answer = connection.call(asset, _BALANCE_OF + bytes(12) + account, block=at)
    except RpcError:
        return None
    return int.from_bytes(answer) if len(answer) == 32 else None
