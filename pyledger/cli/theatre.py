"""A stage for plays: a throwaway chain, an agreement on it, dated scenes, and a check of the last balances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pyledger.chain.abi import Contract
from pyledger.chain.anvil import Anvil, warp
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.attestations import Motion, sign_attestation
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import deploy, places
from pyledger.chain.events import Accepted, Attested, Decided, Event, Funded
from pyledger.chain.keys import Signer
from pyledger.chain.local import local_bindings, local_signer, operator
from pyledger.chain.networks import LOCAL_CHAIN_ID, Network
from pyledger.chain.tokens import token_balance
from pyledger.chain.transactions import Receipt, transact
from pyledger.cli.balances import Closing
from pyledger.cli.output import Screen, clock, day
from pyledger.document import Document
from pyledger.document.units import parse_time
from pyledger.errors import Refused
from pyledger.observer.reader import Reader, word
from pyledger.observer.story import escrowed, tell
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.structs import Verdict

__all__ = ["Scene", "Stage", "staged"]

_MARK = 11
"""Columns of a date like "30 Sep 2004"."""


class Scene(NamedTuple):
    """What happened on one day: a headline, what the chain said, and gas."""

    at: int
    headline: str
    words: tuple[str, ...]
    gas: int


@dataclass
class Stage:
    """One agreement being played."""

    connection: Connection
    agreement: Agreement
    reader: Reader
    bindings: Bindings
    screen: Screen
    before: Mapping[str, int] = field(default_factory=dict)
    scenes: list[Scene] = field(default_factory=list)
    quiet: bool = False
    defects: list[str] = field(default_factory=list)
    signatures: Counter[str] = field(default_factory=Counter)

    @property
    def names(self) -> Names:
        """The document's names."""
        return self.reader.names

    def signer(self, role: str) -> Signer:
        """The development account of a role."""
        return local_signer(self.bindings, role, chain_id=self.connection.chain_id)

    # scenes

    def scene(
        self,
        date: str,
        headline: str,
        *moves: Receipt | Sequence[Receipt] | Callable[[], Any],
        said: str | None = None,
    ) -> None:
        """Play one day, called `said` where the day itself is not known. Moves are called when the clock is there."""
        self.go_to(parse_time(date))
        receipts: list[Receipt] = []
        words: list[str] = []
        for move in moves:
            made = move() if callable(move) else move
            if isinstance(made, str):
                words.append(made)
            else:
                receipts += [made] if isinstance(made, Receipt) else made
        events = [event for receipt in receipts for event in receipt.events]
        styled = [*self._lines(events), *((each, "yellow") for each in words)]
        gas = sum(one.gas_used for receipt in receipts for one in (*receipt.before, receipt))
        scene = Scene(self.connection.latest_time(), headline, tuple(text for text, _ in styled), gas)
        self.scenes.append(scene)
        if self.quiet:
            return
        self.screen.entry(said or day(scene.at), headline, "bold", width=_MARK)
        for text, style in styled:
            self.screen.entry("", text, style, width=_MARK)

    def go_to(self, moment: int) -> None:
        """Move the chain's clock, unless it is there."""
        if moment > self.connection.latest_time():
            warp(self.connection.network.url, to=moment)

    def _lines(self, events: Sequence[Event]) -> Iterator[tuple[str, str]]:
        """Events in words, one line for those that belong together."""
        phase = next((event.phase for event in events if isinstance(event, Funded | Decided)), 0)
        for kind, group in groupby(events, key=_together):
            some = list(group)
            if kind == "escrow":
                yield self._escrow([event for event in some if isinstance(event, Funded)]), ""
            elif kind == "joining":
                names = [self.names.parties[event.party] for event in some if isinstance(event, Accepted)]
                yield f"{' and '.join(names)} accepted", ""
            elif kind.startswith("verdict"):
                yield from self._signed(some)
            else:
                for line in tell(some, self.reader, phase=phase, clock=clock):
                    yield line.words, line.style

    def _escrow(self, funded: Sequence[Funded]) -> str:
        names = [self.names.payments[event.phase][index] for event in funded for index in sorted(event.payments)]
        money = " and ".join(str(each) for each in escrowed(funded, self.reader))
        return f"{self.reader.who(funded[0].from_)} put {money} into escrow: {', '.join(names)}"

    def _signed(self, events: Sequence[Event]) -> Iterator[tuple[str, str]]:
        heard = [event for event in events if isinstance(event, Attested)]
        decided = [event for event in events if isinstance(event, Decided)]
        number = self.reader.terms.phases[heard[0].phase].obligations[heard[0].obligation].panel
        panel, what = self.reader.terms.panels[number], self.names.obligations[heard[0].phase][heard[0].obligation]
        who = [self.names.seats[number][event.seat] for event in heard]
        self.signatures.update(who)
        count = f"{len(who)} of {len(panel.seats)} signed, {panel.threshold} needed"
        stands = f"{what} is {word(decided[0].verdict)}" if decided else f"{what}: not decided yet"
        breached = decided and decided[0].verdict is Verdict.BREACHED
        yield f"{stands}: {', '.join(who)} ({count})", "bold red" if breached else "bold cyan"

    # moves

    def open(self) -> Receipt:
        """Open it."""
        return self.agreement.open(operator(self.connection))

    def accept(self, *parties: str) -> Callable[[], list[Receipt]]:
        """Parties join."""
        return lambda: [self.agreement.accept(self.signer(party)) for party in parties]

    def top_up(self, *parties: str) -> Callable[[], list[Receipt]]:
        """Parties raise their bonds to the level of the phase."""
        return lambda: [self.agreement.top_up(self.signer(party), self.names.party(party)) for party in parties]

    def fund(self, payer: str, *payments: str) -> Callable[[], Receipt]:
        """A party puts payments into escrow."""

        def move() -> Receipt:
            phase = self.names.phases[self.agreement.state().phase]
            return self.agreement.fund(self.signer(payer), [self.names.payment(phase, name) for name in payments])

        return move

    def attest(self, obligation: str, verdict: Verdict, *verifiers: str) -> Callable[[], list[Receipt]]:
        """Verifiers sign away from the chain; the operator relays all signatures in one transaction."""

        def move() -> list[Receipt]:
            phase = self.agreement.state().phase
            index = self.names.obligation(self.names.phases[phase], obligation)
            records = [
                sign_attestation(
                    self.signer(verifier),
                    self.reader.terms,
                    Motion(phase, index, verdict, 0),
                    chain_id=self.connection.chain_id,
                    agreement=self.agreement.address,
                    expiry=self.reader.terms.longStop,
                    names=self.names,
                )
                for verifier in verifiers
            ]
            return [*self.agreement.attest(operator(self.connection), records)]

        return move

    def settle(self) -> Receipt:
        """Close the phase."""
        return self.agreement.settle(operator(self.connection))

    def refused(self, move: Callable[[], object], words: str) -> Callable[[], str]:
        """A move that must be refused; what the contract says is what is shown."""

        def attempt() -> str:
            try:
                move()
            except Refused as error:
                return f"{words}: {error.what}"
            self.defects.append(f"{words}: this was not refused")
            return self.defects[-1]

        return attempt

    # the end

    def close(self, expected: Mapping[str, int]) -> tuple[Closing, ...]:
        """What everybody has now, against what they should: changes by role, in whole units of the only asset."""
        asset, decimals = self._asset()
        rows = []
        for who in self.before:
            should = self.reader.money(asset, expected.get(who, 0) * 10**decimals)
            before = self.reader.money(asset, self.before[who])
            after = self.reader.money(asset, self._balance(who, asset))
            rows.append(Closing(who, "" if who == _ACCOUNT else self.reader.label(who), before, after, should))
        return tuple(rows)

    def _asset(self) -> tuple[bytes, int]:
        assert self.reader.document is not None
        (name,) = self.reader.document.assets
        return self.names.asset(name), self.reader.document.assets[name].decimals

    def _balance(self, who: str, asset: bytes) -> int:
        account = self.agreement.address if who == _ACCOUNT else self.names.account(who)
        return token_balance(self.connection, asset, account)

    def endow(self, brings: Mapping[str, int]) -> None:
        """Leave parties what they bring to the deal and not more, and remember what everybody has."""
        assert self.reader.document is not None
        asset, decimals = self._asset()
        for party, amount in brings.items():
            surplus = self._balance(party, asset) - amount * 10**decimals
            token = Contract(load_artifact("TestToken").abi)
            give_back = token.encode("transfer", operator(self.connection).address, surplus)
            transact(self.connection, self.signer(party), asset, give_back)
        roles = [*self.reader.document.parties, *self.reader.document.recipients, _ACCOUNT]
        self.before = {who: self._balance(who, asset) for who in roles}


_ACCOUNT = "the agreement"


def _together(event: Event) -> str:
    """Which events make one line: all escrow of a day, parties joining without a bond, voices with their verdict."""
    if isinstance(event, Funded):
        return "escrow"
    if isinstance(event, Attested | Decided):
        return f"verdict {event.phase} {event.obligation}"
    return "joining" if isinstance(event, Accepted) and not event.bond else ""


@contextmanager
def staged(document: Document, *, date: str, brings: Mapping[str, int], screen: Screen) -> Iterator[Stage]:
    """A stage on a chain of its own, whose clock begins at `date`; nothing is left of it.

    `brings` is what parties have to begin with, in whole units of the only asset.
    """
    with (
        TemporaryDirectory(prefix="pyledger-demo-") as folder,
        Anvil(timestamp=parse_time(date)) as anvil,
        connect(Network("demo", anvil.url, LOCAL_CHAIN_ID)) as connection,
    ):
        deploy(connection, operator(connection), directory=Path(folder) / "deployments")
        bindings = local_bindings(connection, document, folder=Path(folder)).bindings
        terms, names = compile_terms(document, bindings), Names.of(document, bindings)
        agreement = Agreement(connection, terms, places(), names=names)
        stage = Stage(connection, agreement, Reader(document, names, terms), bindings, screen)
        stage.endow(brings)
        yield stage
