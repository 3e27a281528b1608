"""What the tests of the ledger ask of a store and of a chain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from pyledger.chain.connect import Connection
from pyledger.chain.tokens import token_balance
from pyledger.ledger.journal import held_by
from pyledger.ledger.store import Store
from pyledger.ledger.tables import AGREEMENT, BLOCK, CURSOR, ENTRY, LOG, MEMBER, POSTING
from pyledger.terms.structs import NATIVE
from tests.terms.player import Player

MOVES = 40


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a store but when it was made."""
    with store.reading() as database:
        found = {
            table.name: [tuple(row) for row in database.execute(select(table).order_by(*table.primary_key.columns))]
            for table in (BLOCK, LOG, AGREEMENT, MEMBER, ENTRY, POSTING)
        }
        found["cursor"] = [tuple(row)[:-1] for row in database.execute(select(CURSOR))]
    return found


def books(store: Store) -> dict[bytes, dict[bytes, int]]:
    """What each agreement holds by its books."""
    balances: dict[bytes, dict[tuple[str, bytes], int]] = {}
    with store.reading() as database:
        query = select(ENTRY.c.agreement, POSTING).join(
            POSTING,
            (ENTRY.c.source == POSTING.c.source) & (ENTRY.c.block == POSTING.c.block) & (ENTRY.c.log == POSTING.c.log),
        )
        for row in database.execute(query):
            if row.account.startswith("outside:"):
                continue
            own = balances.setdefault(row.agreement, {})
            own[row.account, row.asset] = own.get((row.account, row.asset), 0) + int(row.amount)
        agreements = database.scalars(select(AGREEMENT.c.address)).all()
    assert all(amount >= 0 for own in balances.values() for amount in own.values())
    return {address: held_by(balances.get(address, {})) for address in agreements}


def on_chain(connection: Connection, player: Player, agreement: bytes) -> dict[bytes, int]:
    """What an agreement holds by the chain."""
    found = {token: token_balance(connection, token, agreement) for token in player.tokens}
    found[NATIVE] = connection.balance(agreement)
    return {asset: amount for asset, amount in found.items() if amount}
