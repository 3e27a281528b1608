"""Rows of lists: agreements and entries of the journal, with names where a document gives them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Final, NamedTuple

from pyledger.ledger.browse import Database, holdings, opened_terms, times_of
from pyledger.ledger.reading import Listed, Posted, documents
from pyledger.ledger.store import Cursor
from pyledger.observer.deadlines import next_deadline
from pyledger.observer.naming import named
from pyledger.observer.reader import Reader
from pyledger.observer.status import STATES
from pyledger.observer.web.agreement_views import EntryLine, EntryRow
from pyledger.observer.web.views import AgreementRow, NextDeadline, PartyRow
from pyledger.terms.addresses import checksum
from pyledger.terms.names import Names

__all__ = ["Titles", "agreement_rows", "balance_rows", "entry_row", "hexed"]

_KEPT: Final = 4_096


class _Words(NamedTuple):
    """What a list says of an agreement besides its state."""

    title: str | None
    reader: Reader
    bound: bool


class Titles:
    """What agreements are called, remembered: to read a document takes longer than all else that a list needs."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[bytes, bool], _Words] = OrderedDict()
        self._lock = Lock()

    def of(self, database: Database, cursor: Cursor, found: Sequence[Listed]) -> Mapping[bytes, _Words]:
        """The words of some agreements, by their addresses."""
        papers = documents(database, {each.document for each in found})
        keys = {each.address: (each.terms_hash, each.document in papers) for each in found}
        with self._lock:
            words = {address: self._known[key] for address, key in keys.items() if key in self._known}
        missing = [each for each in found if each.address not in words]
        terms = opened_terms(database, cursor.source, [each.address for each in missing])
        for each in missing:
            text, bindings = papers.get(each.document, (None, None))
            said = named(terms[each.address], cursor.chain_id, text, bindings)
            title = said.document.title if said.document else None
            words[each.address] = _Words(title, Reader(said.words, said.names, said.terms), said.bound)
        self._keep({keys[each.address]: words[each.address] for each in missing})
        return words

    def _keep(self, fresh: Mapping[tuple[bytes, bool], _Words]) -> None:
        with self._lock:
            self._known.update(fresh)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)


def agreement_rows(
    database: Database,
    cursor: Cursor,
    titles: Titles,
    found: Sequence[Listed],
    now: int,
    roles: Mapping[bytes, Sequence[str]] | None = None,
) -> tuple[AgreementRow, ...]:
    """Rows for some agreements, judged at `now` (Unix seconds); `roles` are those of the account whose list it is."""
    words = titles.of(database, cursor, found)
    held = holdings(database, cursor.source, [each.address for each in found])
    times = times_of(database, cursor.source, {block for each in found for block in (each.opened, each.changed)})
    return tuple(
        AgreementRow(
            address=checksum(each.address),
            title=words[each.address].title,
            state=STATES[each.status],
            phase=each.phase + 1,
            phases=each.phases,
            parties=_parties(each, words[each.address]),
            document=hexed(each.document),
            held=tuple(
                words[each.address].reader.money(asset, amount)
                for asset, amount in sorted(held.get(each.address, {}).items())
            ),
            next_deadline=_next(each, now, words[each.address].reader.names),
            opened_in=each.opened,
            opened_at=times.get(each.opened),
            changed_in=each.changed,
            changed_at=times.get(each.changed),
            finality=cursor.finality(each.changed),
            roles=tuple((roles or {}).get(each.address, ())),
        )
        for each in found
    )


def _next(each: Listed, now: int, names: Names) -> NextDeadline | None:
    found = next_deadline(each.due, now, each.phase, names)
    return found and NextDeadline(*found)


def _parties(each: Listed, words: _Words) -> tuple[PartyRow, ...]:
    names = words.reader.names.parties if words.bound else (None,) * len(each.parties)
    return tuple(
        PartyRow(checksum(account), name, None if name is None else words.reader.label(name))
        for account, name in zip(each.parties, names, strict=True)
    )


def entry_row(posted: Posted, reader: Reader, cursor: Cursor) -> EntryRow:
    """One entry of the journal, its accounts in words."""
    return EntryRow(
        at=posted.time,
        block=posted.block,
        log=posted.log,
        transaction=hexed(posted.transaction),
        words=posted.words,
        finality=cursor.finality(posted.block),
        lines=tuple(
            EntryLine(line.account, _account(line.account, reader), reader.money(line.asset, line.amount))
            for line in posted.lines
        ),
    )


def balance_rows(posted: Sequence[Posted], reader: Reader) -> tuple[EntryLine, ...]:
    """What every account of some entries comes to; accounts at nothing left out."""
    sums: dict[tuple[str, bytes], int] = {}
    for entry in posted:
        for line in entry.lines:
            sums[line.account, line.asset] = sums.get((line.account, line.asset), 0) + line.amount
    return tuple(
        EntryLine(account, _account(account, reader), reader.money(asset, amount))
        for (account, asset), amount in sums.items()
        if amount
    )


def _account(account: str, reader: Reader) -> str:
    """An account of the books in words: `0xA:bond:1` is the bond of the second party."""
    names, parts = reader.names, account.split(":")
    match parts:
        case ["outside", address]:
            return reader.label(reader.who(bytes.fromhex(address[2:])))
        case [_, "bond", party]:
            return f"bond of {reader.label(names.parties[int(party)])}"
        case [_, "escrow", phase, payment]:
            return f"escrow for {names.payments[int(phase)][int(payment)]}"
        case [_, "credit", address]:
            return f"owed to {reader.label(reader.who(bytes.fromhex(address[2:])))}"
        case [_, "split"]:
            return "what all members share out"
    return account


def hexed(data: bytes) -> str:
    """Bytes as `0x…`."""
    return "0x" + data.hex()
