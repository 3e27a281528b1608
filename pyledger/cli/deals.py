"""One agreement on one chain, found from what a person typed, with its words: what the chain commands work on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.crosscheck import contradictions
from pyledger.chain.deployments import places
from pyledger.chain.events import Challenged, Event, Ruled, possible
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.cli.balloting_memory import known_ballots
from pyledger.cli.connecting import connected, meant_network
from pyledger.cli.papers import as_address
from pyledger.document import Document
from pyledger.errors import MismatchError, PyledgerError, Refused, UsageError
from pyledger.ledger.folding import heard
from pyledger.observer.reader import Reader
from pyledger.observer.shapes import StatusView
from pyledger.observer.status import Observed, view
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.outcome import cut_off, has_court, judgement, phase_at_hand
from pyledger.terms.state import Hearing, State, Status
from pyledger.terms.structs import NATIVE, Terms

__all__ = ["Deal", "connected", "deal_of", "hearings", "meant_network", "refused_words"]


def refused_words(what: str, *, name: str = "NotNow", hint: str | None = None) -> Refused:
    """A refusal that needs no transaction to find out."""
    return Refused(name, {}, what, hint=hint)


@dataclass(frozen=True)
class Deal:
    """An agreement with its words, opened in block `since`.

    `named` is what a command calls it, `options` what has to follow for the command to find it; `payer` are the options
    that say who pays for what anybody may send, where that has to be said.
    """

    named: str
    connection: Connection
    agreement: Agreement
    reader: Reader
    since: int = 0
    options: tuple[str, ...] = ()
    payer: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether it is on a development chain, where roles are development accounts."""
        return self.connection.chain_id == LOCAL_CHAIN_ID

    @property
    def terms(self) -> Terms:
        """Its terms."""
        return self.reader.terms

    @property
    def names(self) -> Names:
        """Its names."""
        return self.reader.names

    @property
    def document(self) -> Document:
        """Its document, which alone says what benefits there are. UsageError where only the address is known."""
        if self.reader.document is None:
            raise UsageError(
                "benefits are in the document, not in the terms, and the document is not at hand",
                hint=f"give the document, with --at {self.named}; or bring it to the store: "
                "`pyledger sync --document FILE`",
            )
        return self.reader.document

    def events(self) -> tuple[Event, ...]:
        """All that was ever said about it."""
        return self.agreement.events()

    def status(self) -> StatusView:
        """How it stands, at the time of the next block."""
        found = self.agreement.snapshot()
        events = self.events()
        said = heard(event for event in events if possible(event, self.terms))
        observed = Observed(
            chain_id=self.connection.chain_id,
            agreement=self.agreement.address,
            block=found.block.number,
            state=replace(found.state, hearings=hearings(events)),
            voices=said.voices,
            given=said.given,
            fee=self._fee(found.state),
            challengers=said.challengers,
            ballots=known_ballots(seat.verifier for panel in self.terms.panels for seat in panel.seats),
        )
        seen = view(
            self.reader.document,
            self.names,
            self.terms,
            observed,
            self.now(),
            reference=(self.named, *self.options),
            payer=self.payer,
        )
        failed = (f"{check.what}: no; {check.found}" for check in self.agreement.verify() if not check.holds)
        return replace(seen, warnings=(*failed, *contradictions(found, events, self.terms), *seen.warnings))

    def _fee(self, state: State) -> int | None:
        """What the court asks for, in wei, while it can be asked; None if it does not say."""
        if state.status is not Status.IN_FORCE or not has_court(self.terms):
            return None
        try:
            return self.agreement.challenge_cost()
        except PyledgerError:
            return None

    def now(self) -> int:
        """The time by which the next move is judged, Unix seconds: a development chain's clock runs between blocks."""
        return self.connection.block("pending").time if self.is_local else self.connection.latest_time()

    def party(self, name: str) -> int:
        """Index of a party; UsageError, naming the nearest, if it is none."""
        return self.names.party(name)

    def account(self, who: str) -> bytes:
        """Address of a role, or the address itself."""
        return as_address(who) or self.names.account(who)

    def obligation(self, name: str, state: State) -> int:
        """Index of an obligation of the phase at hand. Refused if it is of another phase, or none is at hand."""
        self.require_in_force(state)
        here = self.names.phases[state.phase]
        for phase, names in enumerate(self.names.obligations):
            if name in names and phase != state.phase and name not in self.names.obligations[state.phase]:
                when = "is over" if phase < state.phase else "has not opened yet"
                raise refused_words(
                    f"`{name}` is of the phase `{self.names.phases[phase]}`, which {when}; "
                    f"the agreement is in `{here}`",
                    hint=f"its obligations: {', '.join(self.names.obligations[state.phase])}",
                )
        return self.names.obligation(here, name)

    @staticmethod
    def settled(names: Sequence[Sequence[str]], name: str, state: State) -> tuple[int, int] | None:
        """Phase and index of what is called so in a phase that is over, unless the phase at hand has it too."""
        over = state.status not in (Status.OPEN, Status.IN_FORCE)
        if not over and name in names[state.phase]:
            return None
        past = reversed(range(state.phase + over))
        return next(((phase, names[phase].index(name)) for phase in past if name in names[phase]), None)

    def require_in_force(self, state: State) -> None:
        """Refused, in words, unless the agreement is in force."""
        if state.status is Status.IN_FORCE:
            return
        if state.status is Status.OPEN:
            if self.now() > self.terms.joinBy:
                begins = len(state.members) >= self.terms.minParties
                raise refused_words(
                    "the agreement is not in force, and the time to join is over",
                    name="WrongStatus",
                    hint=f"what is left is `pyledger {'enter' if begins else 'unwind'} {self.named}`",
                )
            missing = [name for index, name in enumerate(self.names.parties) if index not in state.members]
            raise refused_words(
                "the agreement is not in force yet",
                name="WrongStatus",
                hint=f"still to accept: {', '.join(missing)}",
            )
        raise refused_words(
            f"the agreement is over: it is {state.status.name.lower()}",
            name="WrongStatus",
            hint=f"see `pyledger history {self.named}`",
        )

    def ready(self, state: State) -> list[int]:
        """Payments of the phase at hand that can be paid out now."""
        if state.status is not Status.IN_FORCE:
            return []
        now = self.now()
        cut = cut_off(state, self.terms, now)
        phase = phase_at_hand(state, self.terms)
        return [
            index
            for index in sorted(state.funded - state.paid)
            if judgement(state, self.terms, phase.payments[index].obligation, now, cut).is_final(now)
        ]

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Refusals that carry amounts say them as money."""
        try:
            yield
        except Refused as error:
            raise self._in_money(error) from error

    def _in_money(self, error: Refused) -> Refused:
        token, needed = error.values.get("token"), error.values.get("needed")
        if error.name == "InsufficientFunds":
            token = NATIVE
        held = error.values.get("balance", error.values.get("actual"))
        who = error.values.get("sender", error.values.get("account"))
        if not (isinstance(token, bytes) and isinstance(needed, int) and isinstance(held, int)):
            return error
        name = self.reader.who(who) if isinstance(who, bytes) else "the account"
        what = f"{name} has {self.reader.money(token, held)} and needs {self.reader.money(token, needed)}"
        return Refused(error.name, error.values, what, where=error.where, hint=error.hint)


def hearings(events: Iterable[Event]) -> dict[int, Hearing]:
    """What the court was asked, by the numbers of the disputes, as events tell it."""
    found: dict[int, Hearing] = {}
    for each in events:
        if isinstance(each, Challenged):
            found[each.dispute_id] = Hearing(each.phase, each.obligation, each.until)
        elif isinstance(each, Ruled) and each.dispute_id in found:
            found[each.dispute_id] = found[each.dispute_id]._replace(ruled=True)
    return found


def deal_of(named: str, connection: Connection, document: Document, bindings: Bindings, *, since: int = 0) -> Deal:
    """The deal of a document under its bindings, opened or not."""
    if bindings.chain_id != connection.chain_id:
        raise MismatchError(
            f"the bindings are for chain {bindings.chain_id}, and the node is on chain {connection.chain_id}",
            where=connection.network.place,
            hint="choose the network with --network, or give the bindings of this chain",
        )
    terms = compile_terms(document, bindings)
    names = Names.of(document, bindings)
    agreement = Agreement(connection, terms, places(), names=names, since=since)
    return Deal(named, connection, agreement, Reader(document, names, terms), since)
