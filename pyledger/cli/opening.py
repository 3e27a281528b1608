"""Opening an agreement: finding or making its bindings, seeing that the contracts are there, remembering it."""

from __future__ import annotations

from dataclasses import replace

from pyledger.chain.connect import Connection
from pyledger.chain.deployments import deploy, load_deployment
from pyledger.chain.local import local_bindings, needs, operator
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.chain.tokens import token_balance
from pyledger.chain.transactions import Receipt, transact
from pyledger.cli.bundled import bindings_of
from pyledger.cli.deals import Deal, deal_of
from pyledger.cli.home import deployment_folders, home
from pyledger.cli.joining import first_payments
from pyledger.cli.lookup import options_of, payer_of
from pyledger.cli.options import Where
from pyledger.cli.overtaken import opened_before
from pyledger.cli.papers import Opening, document_text, openings, read_document, remember
from pyledger.cli.signers import any_signer
from pyledger.document import Document, document_hash
from pyledger.errors import DeploymentError, Refused, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.outcome import has_court
from pyledger.terms.structs import NATIVE, Terms

__all__ = ["open_deal", "provide", "ready_chain"]


def open_deal(
    named: str,
    role: str | None,
    where: Where,
    connection: Connection,
    *,
    again: bool,
    launches: bool = False,
    pay_in: bool = False,
) -> tuple[Deal, list[Receipt], list[str]]:
    """The deal, the transactions it took to open it, and what there was no need to do.

    With `launches` the role joins in the same transaction, and with `pay_in` funds what it owes if nobody else has to
    join.
    """
    document = read_document(named)
    ready_chain(connection)
    genesis = "0x" + connection.genesis_hash.hex()
    known = openings(connection.chain_id, document=document_hash(document), genesis_hash=genesis)
    if known and bindings_of(named, where) is None and not again:
        deal = deal_of(named, connection, known[0].document, known[0].bindings, since=known[0].since)
        deal = replace(deal, options=options_of(where), payer=payer_of(where, connection))
        if deal.agreement.is_open():  # a local chain started anew at the same time looks like the one before
            return deal, [], ["it is open already; --again opens another agreement of the same document"]
    bindings = _bindings(named, document, where, connection)
    deal = deal_of(named, connection, document, bindings)
    deal = replace(deal, options=options_of(where), payer=payer_of(where, connection))
    while again and deal.agreement.is_open():
        bindings = _later(named, bindings, deal)
        deal = replace(deal_of(named, connection, document, bindings), options=deal.options, payer=deal.payer)
    if deal.agreement.is_open():
        _remember(deal, bindings, genesis, _opened_in(deal))
        return deal, [], ["it is open already, at the address of these terms"]
    if connection.chain_id == LOCAL_CHAIN_ID:
        provide(connection, deal.terms)
    _require_court(deal)
    party = deal.party(role) if launches and role is not None else None
    signer = any_signer(role, deal.reader, connection.chain_id, where)
    with deal.speaking():
        if party is None:
            receipt = deal.agreement.open(signer, disclosed=document.open_phases)
        else:
            alone = pay_in and len(deal.terms.parties) == 1
            payments = first_payments(deal.terms, party) if alone else ()
            receipt = deal.agreement.launch(signer, payments, disclosed=document.open_phases)
    said = opened_before([receipt])
    _remember(deal, bindings, genesis, _opened_in(deal) if said else receipt.block)
    return deal, [receipt], said


def ready_chain(connection: Connection) -> None:
    """The contracts are on the chain: a local one gets them without asking, elsewhere DeploymentError if not."""
    if connection.chain_id != LOCAL_CHAIN_ID:
        load_deployment(connection, *deployment_folders())
        return
    try:
        load_deployment(connection, *deployment_folders())
    except DeploymentError:
        deploy(connection, operator(connection), directory=deployment_folders()[0])


def provide(connection: Connection, terms: Terms) -> None:
    """On a local chain: every party has what the whole deal can ask of it."""
    from pyledger.chain.abi import token_abi

    for (account, asset), amount in needs(terms).items():
        missing = amount - token_balance(connection, asset, account)
        if missing <= 0:
            continue
        if asset == NATIVE:
            balance = connection.balance(account) + amount
            connection.request("anvil_setBalance", "0x" + account.hex(), hex(balance))
        else:
            transact(connection, operator(connection), asset, token_abi().encode("mint", account, missing))


def _bindings(named: str, document: Document, where: Where, connection: Connection) -> Bindings:
    if (given := bindings_of(named, where)) is not None:
        return given
    if connection.chain_id != LOCAL_CHAIN_ID:
        raise UsageError(
            f"on chain {connection.chain_id} somebody has to say which account each name of `{named}` is",
            where=connection.network.place,
            hint="write a bindings file and give it with --bindings FILE",
        )
    found = local_bindings(connection, document, folder=home() / "local").bindings
    # Dates that count from opening count from this opening, however old the accounts and tokens are.
    return found.model_copy(update={"start": connection.latest_time()}) if found.start is not None else found


def _require_court(deal: Deal) -> None:
    """Refused where the bindings name as the court an address at which there is no contract."""
    court = deal.terms.arbitrator
    if has_court(deal.terms) and not deal.connection.code(court):
        raise Refused(
            "TermsMalformed",
            {},
            f"no court is at {checksum(court)} on chain {deal.connection.chain_id}, where the bindings have it",
            hint="make one with `pyledger court deploy`, and put its address under `courts` in the bindings",
        )


def _later(named: str, bindings: Bindings, deal: Deal) -> Bindings:
    """The same bindings, starting a second later: another start makes other terms, and another address."""
    before = deal.terms.joinBy, deal.terms.longStop
    later = bindings.model_copy(update={"start": (bindings.start or 0) + 1})
    assert deal.reader.document is not None
    terms = compile_terms(deal.reader.document, later)
    if (terms.joinBy, terms.longStop) == before:
        raise UsageError(
            f"every date in `{named}` is fixed, so it has one agreement only, and that is open",
            hint="change the document, if only its title",
        )
    return later


def _opened_in(deal: Deal) -> int:
    events = deal.agreement.events()
    return events[0].origin.block if events else 0


def _remember(deal: Deal, bindings: Bindings, genesis: str, block: int) -> None:
    assert deal.reader.document is not None
    opening = Opening(
        address=deal.agreement.address,
        document=deal.reader.document,
        text=document_text(deal.named),
        bindings=bindings,
        genesis_hash=genesis,
        since=block,
        at=deal.connection.block(block).time,
        named=deal.named,
    )
    remember(opening)
