"""What each page shows, made from the store: the one place that knows both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from pyledger.document.units import NotUnderstood
from pyledger.errors import NodeError
from pyledger.ledger import browse
from pyledger.ledger.browse import Database, Place
from pyledger.ledger.events import Evidence
from pyledger.ledger.reading import Listed, documents, parts
from pyledger.ledger.store import Store
from pyledger.ledger.track import Record, Tally, record, wilson
from pyledger.observer.reader import Reader, uncalled
from pyledger.observer.reading import HistoryLine as Told, Reading, read_agreement
from pyledger.observer.status import STATES
from pyledger.observer.story import money_of, subject
from pyledger.observer.web.account_views import AccountPage, RecordView, Reliability, Stake, TallyRow
from pyledger.observer.web.agreement_views import (
    AgreementPage,
    DocumentInfo,
    HistoryLine,
    HistoryPage,
    Step,
    VerificationPage,
)
from pyledger.observer.web.cases import cases
from pyledger.observer.web.heard import hearing_view, link_in
from pyledger.observer.web.node import Standpoint, standpoint
from pyledger.observer.web.problems import Missing, Unreadable, WrongQuery
from pyledger.observer.web.rows import Titles, agreement_rows, balance_rows, entry_row, hexed
from pyledger.observer.web.settings import Settings
from pyledger.observer.web.timeline import forfeitures, timeline
from pyledger.observer.web.verification import Proofs, commands, sum_up
from pyledger.observer.web.views import AgreementRow, ListPage, Paging, StatusCount
from pyledger.terms.addresses import checksum, parse_address
from pyledger.terms.structs import NATIVE, Undisclosed
from pyledger.terms.typed_data import terms_message

__all__ = ["MOST", "Window", "read_address", "read_hash"]

MOST: Final = 200
"""Most rows of one part of a list."""

LINES: Final = 100
ENTRIES: Final = 50
"""So many of the latest lines of the history and entries of the journal are on an agreement's page."""

_RECORDED: Final = 500
"""An account that is a party to more agreements has a record that a page cannot tell."""


class Window:
    """One open store, shown. Each method is one page; all raise `Problem`, and StoreError where the store fails."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.settings = settings
        self._clock = clock
        self._titles = Titles()
        self._proofs = Proofs(settings.factory, settings.implementation)

    def standpoint(self) -> Standpoint:
        """Where the store stands, and how fresh it is."""
        with self.store.reading() as database:
            return self.stand(database)

    def listing(
        self,
        *,
        limit: int,
        after: Place | None = None,
        status: str | None = None,
        party: bytes | None = None,
        document: bytes | None = None,
        words: str | None = None,
    ) -> ListPage:
        """A part of all agreements, by the filters that are given; `status` is one of STATES' words."""
        wanted = next((each for each, word in STATES.items() if word == status), None)
        with self.store.reading() as database:
            stand = self.stand(database)
            found: list[Listed] = []
            count: Sequence[StatusCount] = ()
            rows: tuple[AgreementRow, ...] = ()
            if stand.cursor is not None:
                source = stand.cursor.source
                found = browse.part(
                    database,
                    source,
                    limit=limit + 1,
                    after=after,
                    status=wanted,
                    document=document,
                    words=words,
                    account=party,
                    role="party",
                )
                count = [StatusCount(STATES[each], many) for each, many in browse.counts(database, source).items()]
                rows = agreement_rows(database, stand.cursor, self._titles, found[:limit], stand.now)
        return ListPage(
            node=stand.node,
            agreements=rows,
            counts=tuple(count),
            status=status,
            party=None if party is None else checksum(party),
            document=None if document is None else hexed(document),
            paging=_paging(found, limit, after),
        )

    def agreement(self, address: bytes) -> AgreementPage:
        """Everything about one agreement."""
        found, stand, row = self._read(address)
        steps, lines = self._verified(found), _lines(found)
        reader = found.reader
        return AgreementPage(
            node=stand.node,
            row=row,
            document=_document(found),
            terms=hexed(found.standing.terms_hash),
            status=found.view,
            phases=timeline(found),
            cases=cases(found),
            forfeitures=forfeitures(found),
            hearing=hearing_view(found),
            history=lines[: -LINES - 1 : -1],
            more_history=max(len(lines) - LINES, 0),
            entries=tuple(entry_row(each, reader, found.cursor) for each in found.entries[: -ENTRIES - 1 : -1]),
            more_entries=max(len(found.entries) - ENTRIES, 0),
            balances=balance_rows(found.entries, reader),
            entitlements=found.entitlements,
            undoings=found.undoings,
            verified=sum_up(steps),
            steps=steps,
            commands=_commands(found),
        )

    def history(self, address: bytes, *, limit: int, after: int = 0) -> HistoryPage:
        """What happened to one agreement, from the line numbered `after` on."""
        found, stand, row = self._read(address)
        every = _lines(found)
        lines = every[after : after + limit]
        shown = {line.transaction for line in lines}
        entries = (entry_row(each, found.reader, found.cursor) for each in found.entries)
        more = after + limit < len(every)
        return HistoryPage(
            node=stand.node,
            row=row,
            history=lines,
            of=len(every),
            entries=tuple(each for each in entries if each.transaction in shown),
            paging=Paging(limit, str(after) if after else None, str(after + limit) if more else None),
        )

    def verification(self, address: bytes) -> VerificationPage:
        """Whether one agreement's address is its terms."""
        found, stand, row = self._read(address)
        steps = self._verified(found)
        return VerificationPage(
            node=stand.node,
            row=row,
            document=_document(found),
            terms=hexed(found.standing.terms_hash),
            verified=sum_up(steps),
            steps=steps,
            commands=_commands(found),
        )

    def typed_data(self, address: bytes) -> dict[str, Any]:
        """The terms as a wallet is shown them (EIP-712), for whoever wants to hash them with other tools."""
        found, stand, _ = self._read(address)
        terms = found.named.terms
        if any(isinstance(each, Undisclosed) for each in terms.phases):
            raise Missing("not every phase of this agreement is published yet", "a phase is published when it opens")
        return terms_message(terms, chain_id=stand.node.chain_id, agreement=address)

    def account(self, address: bytes, *, limit: int, after: Place | None = None) -> AccountPage:
        """One account: its record, and a part of the agreements in which it is anything."""
        with self.store.reading() as database:
            stand = self.stand(database)
            if stand.cursor is None:
                raise Missing("nothing has been read yet, so nothing is known of any account", "come back in a moment")
            source = stand.cursor.source
            found = browse.part(database, source, limit=limit + 1, after=after, account=address)
            shown = found[:limit]
            roles = browse.roles(database, source, address, [each.address for each in shown])
            few = browse.count_of(database, source, address, role="party", most=_RECORDED + 1) <= _RECORDED
            told = record(parts(database, source, address), stand.now) if few else None
            rows = agreement_rows(database, stand.cursor, self._titles, shown, stand.now, roles)
        return AccountPage(
            node=stand.node,
            account=checksum(address),
            record=None if told is None else _record(told),
            agreements=rows,
            paging=_paging(found, limit, after),
        )

    def document(self, digest: bytes) -> str:
        """The text of a document that was brought to the store."""
        with self.store.reading() as database:
            text, _ = documents(database, [digest]).get(digest, (None, None))
        if text is None:
            raise Missing(
                "the document with this hash has not been brought here",
                "ask the parties for it; whoever has it can hold its hash against the agreement's",
            )
        return text

    def find(self, text: str) -> str | None:
        """The path of the page that a search is for: an agreement, an account, or a document's agreements.

        None where it is for words, which a list can be searched for.
        """
        wanted = text.strip()
        if not wanted.lower().startswith("0x"):
            return None
        if len(wanted) == 66 and _is_hex(wanted):
            return f"/?document={wanted.lower()}"
        address = read_address(wanted, "find")
        with self.store.reading() as database:
            stand = self.stand(database)
            if stand.cursor is not None:
                source = stand.cursor.source
                if browse.agreement(database, source, address) is not None:
                    return f"/agreements/{checksum(address)}"
                if browse.count_of(database, source, address, most=1):
                    return f"/accounts/{checksum(address)}"
        raise Missing(f"nothing here has to do with {checksum(address)}", "it may be on another chain")

    def stand(self, database: Database) -> Standpoint:
        """The same, in a view of the store that is open."""
        return standpoint(self.store, database, self.settings, int(self._clock()))

    def _read(self, address: bytes) -> tuple[Reading, Standpoint, AgreementRow]:
        with self.store.reading() as database:
            stand = self.stand(database)
            cursor = stand.cursor
            listed = browse.agreement(database, cursor.source, address) if cursor else None
            if cursor is None or listed is None:
                raise Missing(
                    f"no agreement is known at {checksum(address)}",
                    "check the address; an agreement appears here a moment after it was opened",
                )
            (row,) = agreement_rows(database, cursor, self._titles, [listed], stand.now)
        try:
            found = read_agreement(self.store, cursor.source, address)
        except NodeError as error:
            raise Unreadable(error.what, error.hint) from error
        if found is None:
            raise Missing(f"no agreement is known at {checksum(address)} any more", "its block was reorganised away")
        return found, stand, row

    def _verified(self, found: Reading) -> tuple[Step, ...]:
        return self._proofs.of(found.standing.agreement, found.standing.terms_hash, found.named)


def read_address(text: str, of: str) -> bytes:
    """The address (20 bytes) that a text is; WrongQuery, naming what it was given for, if it is none."""
    try:
        return parse_address(text)
    except NotUnderstood as error:
        raise WrongQuery(f"{of}: {error.message}", error.hint) from None


def read_hash(text: str, of: str) -> bytes:
    """The hash (32 bytes) that a text is; WrongQuery if it is none."""
    if len(text) != 66 or not _is_hex(text):
        raise WrongQuery(f"{of}: expected a hash", "write 0x and 64 hexadecimal digits")
    return bytes.fromhex(text[2:])


def _is_hex(text: str) -> bool:
    return text.startswith("0x") and all(each in "0123456789abcdefABCDEF" for each in text[2:])


def _paging(found: Sequence[Listed], limit: int, after: Place | None) -> Paging:
    """`found` has one more than is shown, if there is one."""
    last = found[limit - 1] if len(found) > limit else None
    return Paging(limit, _place(after), None if last is None else _place(Place(last.changed, last.address)))


def _place(place: Place | None) -> str | None:
    return None if place is None else f"{place.changed}-{hexed(place.address)}"


def _document(found: Reading) -> DocumentInfo:
    digest, document = hexed(found.standing.terms.document), found.named.document
    return DocumentInfo(
        hash=digest,
        known=document is not None,
        bound=found.named.bound,
        title=document.title if document else None,
        text=f"/documents/{digest}.yaml" if document else None,
    )


def _commands(found: Reading) -> tuple[str, ...]:
    return commands(found.standing.agreement, found.standing.terms.document, text=found.named.document is not None)


def _lines(found: Reading) -> tuple[HistoryLine, ...]:
    return tuple(_line(each, found.reader) for each in found.lines)


def _line(told: Told, reader: Reader) -> HistoryLine:
    event = told.event
    text = event.evidence if isinstance(event, Evidence) else None
    return HistoryLine(
        at=told.at,
        block=event.origin.block,
        log=event.origin.log,
        transaction=hexed(event.origin.transaction),
        kind=told.kind,
        words=told.words,
        finality=told.finality,
        money=money_of(event, reader),
        text=text,
        link=link_in(text),
        by=reader.who(event.party) if isinstance(event, Evidence) else None,
        about=subject(event, reader) if isinstance(event, Evidence) else None,
    )


def _record(told: Record) -> RecordView:
    share = wilson(told.whole.kept, told.whole.decided)
    return RecordView(
        named=told.named,
        joined=tuple(StatusCount(STATES[status], count) for status, count in told.joined.items()),
        counterparties=told.counterparties,
        defaults=told.defaults,
        whole=_tally(None, told.whole),
        by_age=tuple(_tally(days, each) for days, each in told.by_age),
        stakes=tuple(
            Stake(*(uncalled(asset, each, _asset(asset)) for each in amounts))
            for asset, amounts in told.by_asset.items()
        ),
        reliability=share and Reliability(told.whole.kept, told.whole.decided, str(share[0]), str(share[1])),
    )


def _tally(days: int | None, told: Tally) -> TallyRow:
    return TallyRow(days, *told)


def _asset(asset: bytes) -> str:
    """How an asset is referred to that many documents may each call something else."""
    return "native" if asset == NATIVE else checksum(asset)
