"""What the pages and answers of `pyledger serve` cost, and how soon a new block is told to those who listen."""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import delete, insert, select

from pyledger.chain.anvil import Anvil
from pyledger.chain.rpc import mine
from pyledger.document import gallery
from pyledger.ledger.browse import Place
from pyledger.ledger.store import Store
from pyledger.ledger.tables import AGREEMENT, DOCUMENT, MEMBER
from pyledger.observer.shapes import plain
from pyledger.observer.web import pages
from pyledger.observer.web.settings import Settings
from pyledger.observer.web.window import Window
from pyledger.terms.addresses import checksum
from tests.observer.web.server import serving

LIMIT = 50
DOCUMENTS = 1_000
WORDS = ("forest loss", "bridge traffic", "no such word at all")


def answers(store: Store, factory: bytes, stopwatch: Callable[[Store], Any], times: int) -> None:
    """Milliseconds of each kind of page: of the store's queries, and of everything."""
    settings = Settings("", "bench", None, factory, bytes(20))
    window = Window(store, settings)
    with store.reading() as database:
        every = list(database.scalars(select(AGREEMENT.c.address)))
        parties = list(database.scalars(select(MEMBER.c.account).where(MEMBER.c.role == "party").distinct().limit(500)))
        first = select(AGREEMENT.c.changed, AGREEMENT.c.address).order_by(
            AGREEMENT.c.changed, AGREEMENT.c.address.desc()
        )
        places = [Place(*row) for row in database.execute(first)]
    dice, last = Random(7), places[LIMIT]
    bring_documents(store)

    def any_agreement() -> bytes:
        return dice.choice(every)

    kinds: dict[str, Callable[[], object]] = {
        "an agreement's page": lambda: pages.render_agreement(window.agreement(any_agreement())),
        "an agreement as JSON": lambda: json.dumps(plain(window.agreement(any_agreement()))),
        "its history": lambda: pages.render_history(window.history(any_agreement(), limit=LIMIT)),
        "its verification": lambda: pages.render_verification(window.verification(any_agreement())),
        "the list, its first part": lambda: pages.render_list(window.listing(limit=LIMIT)),
        "its last part": lambda: pages.render_list(window.listing(limit=LIMIT, after=last)),
        "any part of it": lambda: pages.render_list(window.listing(limit=LIMIT, after=dice.choice(places))),
        "any part, by a new worker": lambda: pages.render_list(
            Window(store, settings).listing(limit=LIMIT, after=dice.choice(places))
        ),
        "the list of one status": lambda: pages.render_list(window.listing(limit=LIMIT, status="completed")),
        "the list of one party": lambda: pages.render_list(window.listing(limit=LIMIT, party=dice.choice(parties))),
        "a search for words": lambda: pages.render_list(window.listing(limit=LIMIT, words=dice.choice(WORDS))),
        "a search for an address": lambda: window.find(checksum(any_agreement())),
        "an account and its record": lambda: pages.render_account(window.account(dice.choice(parties), limit=LIMIT)),
        "how fresh it is": window.standpoint,
    }
    print(f"{len(every):,} agreements; milliseconds, median of {times} (95 of 100 are below)")
    print(f"  {'':<28}{'queries, by the clock':>24}{'queries, CPU':>20}{'everything, CPU':>20}")
    for name, make in kinds.items():
        make()
        queries, busy, spent = [], [], []
        for _ in range(times):
            with stopwatch(store) as watch:
                make()
                watch.lap("all")
            queries.append(watch.clock["queries"])
            busy.append(watch.cpu["queries"])
            spent.append(watch.cpu["all"])
        print(f"  {name:<28}{_told(queries):>24}{_told(busy):>20}{_told(spent):>20}")


def bring_documents(store: Store) -> None:
    """Texts to be searched, of hashes that agreements name as far as there are so many."""
    names = gallery.names()
    with store.writing() as database:
        known = list(database.scalars(select(AGREEMENT.c.document).distinct().limit(DOCUMENTS)))
        hashes = known + [number.to_bytes(32) for number in range(1, DOCUMENTS + 1 - len(known))]
        rows = [
            {"hash": each, "text": gallery.read(names[at % len(names)]), "bindings": None, "added_at": at}
            for at, each in enumerate(hashes)
        ]
        database.execute(delete(DOCUMENT))
        database.execute(insert(DOCUMENT), rows)


def latency(times: int) -> None:
    """Seconds from a new block to the event that tells of it, over real sockets: node, sync, store, stream."""
    found = []
    with (
        Anvil() as chain,
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), chain.url, "--workers", "2") as server,
    ):
        server.node_until(lambda node: node["reading"] == "live")
        with server.listening() as stream:
            head = stream.event()[1]["node"]["read"]
            for _ in range(times):
                head += 1
                began = time.perf_counter()
                mine(chain.url)
                stream.until(lambda told, head=head: told["node"]["read"] >= head)
                found.append(time.perf_counter() - began)
                time.sleep(Random(head).random())
    print(f"seconds from a new block to its event, of {times}:", end=" ")
    print(f"median {statistics.median(found):.2f}, longest {max(found):.2f}")


def _told(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.2f} ({statistics.quantiles(seconds, n=20)[-1] * 1000:.2f})"
