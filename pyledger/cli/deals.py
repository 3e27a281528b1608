"""One agreement on one chain, found from what a person typed, with its words: what the chain commands work on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pyledger.chain.anvil import background_status
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import places
from pyledger.chain.events import Attested, Decided, Event, Opened, read_events
from pyledger.chain.networks import LOCAL, LOCAL_CHAIN_ID, Network, resolve_network
from pyledger.cli.home import chain_folder, project_file, user_file
from pyledger.cli.options import Where
from pyledger.cli.papers import Opening, as_address, openings, read_document
from pyledger.cli.recover import recover_bindings
from pyledger.document import Document, document_hash
from pyledger.errors import DeploymentError, MismatchError, Refused
from pyledger.observer.reader import Currency, Reader, nameless
from pyledger.observer.shapes import StatusView
from pyledger.observer.status import Observed, view
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import Bindings, load_bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.outcome import cut_off, verdict
from pyledger.terms.state import State, Status, Voice
from pyledger.terms.structs import NATIVE, Terms, Verdict

__all__ = ["Deal", "connected", "deal_of", "find_deal", "meant_network", "refused_words"]


def refused_words(what: str, *, name: str = "NotNow", hint: str | None = None) -> Refused:
    """A refusal that needs no transaction to find out."""
    return Refused(name, {}, what, hint=hint)


@contextmanager
def connected(where: Where) -> Iterator[Connection]:
    """The node that is meant, checked."""
    with connect(meant_network(where)) as connection:
        yield connection


def meant_network(where: Where) -> Network:
    """The network that is meant; the local one is where the chain in the background answers."""
    network = resolve_network(where.network, project=project_file(), user=user_file())
    if network == LOCAL and (running := background_status(chain_folder())):
        return replace(network, url=running.url)
    return network


@dataclass(frozen=True)
class Deal:
    """An agreement with its words, opened in block `since`.

    `named` is what a command calls it, `options` what has to follow for the command to find it.
    """

    named: str
    connection: Connection
    agreement: Agreement
    reader: Reader
    since: int = 0
    options: tuple[str, ...] = ()

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

    def events(self) -> tuple[Event, ...]:
        """All that was ever said about it."""
        return self.agreement.events(start=self.since)

    def status(self) -> StatusView:
        """How it stands, at the time of the next block."""
        found = self.agreement.snapshot()
        events = self.events()
        observed = Observed(
            chain_id=self.connection.chain_id,
            agreement=self.agreement.address,
            block=found.block.number,
            state=found.state,
            voices=frozenset(
                Voice(each.phase, each.obligation, each.seat, each.verdict, each.value)
                for each in events
                if isinstance(each, Attested)
            ),
            given=frozenset((each.phase, each.obligation) for each in events if isinstance(each, Decided)),
            currencies=self.reader.currencies,
        )
        return view(
            self.reader.document, self.names, self.terms, observed, self.now(), reference=(self.named, *self.options)
        )

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

    def require_in_force(self, state: State) -> None:
        """Refused, in words, unless the agreement is in force."""
        if state.status is Status.IN_FORCE:
            return
        if state.status is Status.OPEN:
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
        now = self.now()
        cut = cut_off(state, self.terms, now)
        phase = self.terms.phases[state.phase]
        return [
            index
            for index in sorted(state.funded - state.paid)
            if verdict(state, self.terms, phase.payments[index].obligation, now, cut) is not Verdict.UNDECIDED
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
    agreement = Agreement(connection, terms, places(), names=names)
    return Deal(named, connection, agreement, Reader(document, names, terms), since)


def find_deal(named: str, where: Where, connection: Connection, *, strict: bool = True) -> Deal:
    """As `_find`, with the options that lead there again."""
    found = _find(named, where, connection, strict=strict)
    return replace(found, options=options_of(where))


def options_of(where: Where) -> tuple[str, ...]:
    """What was given to find a deal, to be given again."""
    given = (("--network", where.network), ("--bindings", where.bindings), ("--at", where.at))
    return tuple(word for option, value in given if value is not None for word in (option, str(value)))


def _find(named: str, where: Where, connection: Connection, *, strict: bool) -> Deal:
    """The deal that a person means by a document or an address; `strict` unless whoever calls does the checking.

    Raises UsageError, DocumentError or BindingsError for what cannot be read, DeploymentError where the chain was
    restarted since, MismatchError where nothing is known of it, or --at names another agreement.
    """
    address = as_address(named)
    document = None if address else read_document(named)
    if document is not None and where.bindings is not None:
        found = deal_of(named, connection, document, load_bindings(where.bindings))
        if strict and where.address not in (None, found.agreement.address):
            raise MismatchError(
                f"under these bindings the document is at {checksum(found.agreement.address)}, not at {where.at}",
                hint=f"see why: `pyledger verify {named} --at {where.at}`",
            )
        return found
    if document is not None and where.address is not None:
        return _document_at(named, document, where.address, connection)
    digest = document_hash(document) if document else None
    known = openings(connection.chain_id, document=digest, address=address)
    genesis = "0x" + connection.genesis_hash.hex()
    current = next((each for each in known if each.genesis_hash == genesis), None)
    if current is not None:
        return deal_of(named, connection, current.document, current.bindings, since=current.since)
    if address is not None:
        return _from_chain(address, connection)
    raise _unknown(named, connection, known)


def _document_at(named: str, document: Document, address: bytes, connection: Connection) -> Deal:
    """An agreement that others opened, with the words of its document, if it is its document."""
    found = _from_chain(address, connection)
    bindings = recover_bindings(document, found.terms, connection.chain_id)
    if bindings is None:
        same = document_hash(document) == found.terms.document
        raise MismatchError(
            f"the agreement at {checksum(address)} is not of this document",
            where=f"it names document 0x{found.terms.document.hex()}",
            hint="the document is the one named, but the terms are not what it says: do not rely on them"
            if same
            else f"this one is 0x{document_hash(document).hex()}: ask for the text that was agreed",
        )
    return deal_of(named, connection, document, bindings, since=found.since)


def _unknown(named: str, connection: Connection, known: Sequence[Opening]) -> DeploymentError | MismatchError:
    if known and connection.chain_id == LOCAL_CHAIN_ID:
        return DeploymentError(
            f"the node was restarted since `{named}` was opened, and what was on it is gone",
            where=connection.network.place,
            hint=f"open it again: `pyledger open {named}`",
        )
    genesis = "0x" + connection.genesis_hash.hex()
    before = [each for each in openings(connection.chain_id, genesis_hash=genesis) if each.named == named]
    if before:
        return MismatchError(
            f"`{named}` has changed since it was opened: it is another document now",
            where=f"{checksum(before[0].address)} holds document 0x{before[0].terms.document.hex()}",
            hint="put it back as it was, refer to the agreement by its address, or open the new one",
        )
    return MismatchError(
        f"`{named}` has not been opened from here on chain {connection.chain_id}",
        where=connection.network.place,
        hint=f"open it: `pyledger open {named}`; if others opened it, give --bindings FILE, or its address",
    )


def _from_chain(address: bytes, connection: Connection) -> Deal:
    """An agreement of which only the address is known: its terms are in the event of its opening."""
    at = places()
    opened = [each for each in read_events(connection, [at.factory], agreement=address) if isinstance(each, Opened)]
    text = checksum(address)
    if not opened:
        raise MismatchError(
            f"no agreement was opened at {text} on chain {connection.chain_id}",
            where=connection.network.place,
            hint="check the address and the network; a local chain forgets everything when it is restarted",
        )
    if not opened[0].complete:
        raise MismatchError(
            f"the agreement at {text} keeps {len(opened[0].hashes) - len(opened[0].disclosed)} of its phases "
            "undisclosed",
            hint="give the document, with --bindings FILE",
        )
    terms = opened[0].terms
    reader = Reader(None, nameless(terms), terms, _currencies(connection, terms))
    agreement = Agreement(connection, terms, at, names=reader.names)
    if agreement.address != address:
        raise MismatchError(f"the terms that the node reports lead to {checksum(agreement.address)}, not to {text}")
    return Deal(text, connection, agreement, reader, opened[0].origin.block)


def _currencies(connection: Connection, terms: Terms) -> dict[bytes, Currency]:
    """What tokens say of themselves; those that say nothing sensible are left out."""
    from pyledger.chain.abi import token_abi
    from pyledger.chain.reading import assets_of
    from pyledger.errors import NodeError

    abi, found = token_abi(), {}
    for asset in assets_of(terms):
        if asset == NATIVE:
            continue
        try:
            (symbol,) = abi.decode("symbol", connection.call(asset, abi.encode("symbol")))
            (decimals,) = abi.decode("decimals", connection.call(asset, abi.encode("decimals")))
        except (NodeError, KeyError):
            continue
        if symbol.isprintable() and len(symbol) <= 20:
            found[asset] = Currency(symbol, int(decimals))
    return found
