"""The books against the chain: what each agreement should hold, and what the node says it holds, at one block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from pyledger.chain.connect import Connection, RpcError
from pyledger.errors import MismatchError
from pyledger.ledger.journal import held_by
from pyledger.ledger.reading import agreements, balances
from pyledger.ledger.store import Cursor, Store
from pyledger.terms.structs import NATIVE

__all__ = ["Difference", "reconcile"]

_BALANCE_OF: Final = bytes.fromhex("70a08231")


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


def reconcile(
    store: Store,
    connection: Connection,
    cursor: Cursor,
    *,
    agreement: bytes | None = None,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> list[Difference]:
    """Every difference, at the last block that was read.

    Raises NodeError where the node does not answer, MismatchError where it has another block there than was read.
    """
    at = cursor.next - 1
    with store.reading() as database:
        listed = agreements(database, cursor.source)
        owned = balances(database, cursor.source, agreement=agreement)
        kept = dict(store.blocks(database, cursor.source)).get(at)
    if kept is not None and connection.block(at).hash != kept:
        raise MismatchError(
            f"block {at} is no longer the one that was read", hint="run `pyledger sync`, then reconcile again"
        )
    wanted = [each.address for each in listed if agreement in (None, each.address)]
    found = []
    for number, address in enumerate(wanted):
        found += list(_differences(connection, address, _held(owned, address), at))
        progress(number + 1, len(wanted))
    return found


def _held(owned: dict[tuple[str, bytes], int], agreement: bytes) -> dict[bytes, int]:
    name = "0x" + agreement.hex()
    return held_by({key: amount for key, amount in owned.items() if key[0].startswith(name)})


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
