"""A local chain without ceremony: development accounts for a document's names, test tokens for its assets, a court.

Made once for a document and kept as an ordinary bindings file, so that every command after the first finds the same
agreement. A node that was restarted has lost accounts' money and agreements alike: then all is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eth_abi.abi import encode
from eth_hash.auto import keccak

from pyledger.chain.abi import token_abi
from pyledger.chain.arbitration import CourtPlan, create_court
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.bulk import Message, transact_all
from pyledger.chain.connect import Connection, RpcError
from pyledger.chain.deployments import DEPLOYER
from pyledger.chain.keys import Signer, dev_signer
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.chain.transactions import transact
from pyledger.document import Asset, Document, document_hash
from pyledger.errors import DeploymentError, UsageError
from pyledger.terms.bindings import Bindings, dump_bindings, load_bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.structs import NATIVE, Terms
from pyledger.terms.typed_data import create2_address

__all__ = ["LocalBindings", "bind_locally", "local_bindings", "local_signer", "local_token", "needs", "operator"]

_FIRST_ROLE: Final = 1  # account 0 deploys, mints and relays, so that no party pays for it
_MOST_ROLES: Final = 1_000
_MARGIN: Final = 2  # what a party gets, as a multiple of what the deal can ask of it
_COIN: Final = 10_000 * 10**18  # wei: what Anvil gives its own accounts
_GAS_COIN: Final = 10 * 10**18  # wei: plenty for any number of transactions
_COURT_FEE: Final = 10**16  # wei: enough to be seen


@dataclass(frozen=True, slots=True)
class LocalBindings:
    """Bindings of a document on a local chain, and the file they are kept in.

    `made` says that they are new; `restarted`, that there were some, for a node that has since been restarted.
    """

    bindings: Bindings
    file: Path
    made: bool
    restarted: bool


def operator(connection: Connection) -> Signer:
    """The development account that deploys, mints and relays. SignatureError on any chain but a local one."""
    return dev_signer(0, chain_id=connection.chain_id)


def local_bindings(connection: Connection, document: Document, *, folder: Path) -> LocalBindings:
    """The document's bindings on a local chain, made if need be: accounts, tokens, balances, and `start`.

    `folder` is the state folder. Raises UsageError on any chain but a local one, besides what the node may raise.
    """
    _require_local(connection)
    hash_ = document_hash(document).hex()
    file, mark = folder / f"{hash_[:16]}.bindings.yaml", folder / f"{hash_[:16]}.chain.json"
    genesis = "0x" + connection.genesis_hash.hex()
    known = _genesis(mark) if file.is_file() else None
    if known == genesis:
        bindings = load_bindings(file)
        if _stands(connection, bindings):
            return LocalBindings(bindings, file, made=False, restarted=False)
    bindings = bind_locally(connection, document)
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(f"# {document.title}: development accounts\n{dump_bindings(bindings)}", encoding="utf-8")
    mark.write_text(json.dumps({"chain_id": connection.chain_id, "genesis_hash": genesis}) + "\n", encoding="utf-8")
    return LocalBindings(bindings, file, made=True, restarted=known is not None)


def bind_locally(connection: Connection, document: Document) -> Bindings:
    """New bindings of a document to development accounts, test tokens and a court, with what the deal needs; no file.

    `start` is the time of the latest block. Raises UsageError on any chain but a local one.
    """
    _require_local(connection)
    bindings = Bindings(
        chain_id=connection.chain_id,
        start=connection.latest_time(),
        assets={
            name: local_token(connection, name, asset) for name, asset in document.assets.items() if not asset.native
        },
        **_accounts(document, connection.chain_id),
    )
    for name in bindings.courts:
        judge = local_signer(bindings, name, chain_id=connection.chain_id).address
        create_court(connection, operator(connection), _court(judge))
    _give(connection, bindings, compile_terms(document, bindings))
    return bindings


def _require_local(connection: Connection) -> None:
    if connection.chain_id != LOCAL_CHAIN_ID:
        raise UsageError(
            f"this is chain {connection.chain_id}: names are bound to development accounts on a local chain only",
            hint="write a bindings file and give it with --bindings",
        )


def local_signer(bindings: Bindings, name: str, *, chain_id: int) -> Signer:
    """The development account that a name is bound to; of a court, its only judge. UsageError if there is none."""
    people = {**bindings.standing, **bindings.verifiers, **bindings.recipients, **bindings.parties}
    bound = {**bindings.courts, **people}
    if name not in bound:
        raise UsageError(f"`{name}` is nobody in this document", hint=f"known: {', '.join(bound)}")
    for index in range(_FIRST_ROLE + len(bound)):
        signer = dev_signer(index, chain_id=chain_id)
        if bound[name] == (signer.address if name in people else _court(signer.address).address):
            return signer
    raise UsageError(f"`{name}` is not bound to a development account", hint="give its key with --key")


def needs(terms: Terms) -> dict[tuple[bytes, bytes], int]:
    """The most that each party can have to pay in, by account and asset: all bonds and all payments of all phases."""
    sums: dict[tuple[bytes, bytes], int] = {}
    for account, asset, amount in _dues(terms):
        sums[account, asset] = sums.get((account, asset), 0) + amount
    return sums


def _dues(terms: Terms) -> Iterator[tuple[bytes, bytes, int]]:
    for index, party in enumerate(terms.parties):
        yield party.account, party.asset, party.bond
        for phase in terms.phases:
            yield party.account, party.asset, phase.bonds[index] if phase.bonds else party.bond
    for phase in terms.phases:
        for payment in phase.payments:
            yield terms.parties[payment.payer].account, payment.asset, payment.amount


def _accounts(document: Document, chain_id: int) -> dict[str, Any]:
    """Accounts in the order of the document; a name that appears twice is the same account twice."""
    verifiers = [name for panel in document.panels.values() for name, _ in panel.seats]
    courts = [document.arbitration.court] if document.arbitration else []
    names = list(dict.fromkeys((*document.parties, *document.recipients, *verifiers, *document.standing, *courts)))
    if len(names) > _MOST_ROLES:
        raise UsageError(
            f"{len(names)} roles are too many for a local chain",
            hint=f"it makes accounts for {_MOST_ROLES}: write a bindings file, and give it with --bindings",
        )
    account = {name: dev_signer(_FIRST_ROLE + i, chain_id=chain_id).address for i, name in enumerate(names)}
    return {
        "parties": {name: account[name] for name in document.parties},
        "recipients": {name: account[name] for name in document.recipients},
        "verifiers": {name: account[name] for name in verifiers},
        "standing": {name: account[name] for name in document.standing},
        "courts": {name: _court(account[name]).address for name in courts},
    }


def _court(judge: bytes) -> CourtPlan:
    """The court of a local chain: one judge, who also gets the fees."""
    return CourtPlan((judge,), 1, _COURT_FEE, judge)


def local_token(connection: Connection, name: str, asset: Asset) -> bytes:
    """A test token for an asset, at an address that its name, symbol and decimals determine; deployed if need be."""
    symbol = asset.symbol or name.upper()
    arguments = encode(["string", "string", "uint8"], [asset.name or symbol, symbol, asset.decimals])
    code, salt = load_artifact("TestToken").bytecode + arguments, keccak(name.encode())
    address = create2_address(DEPLOYER, salt, code)
    if not connection.code(address):
        if not connection.code(DEPLOYER):
            raise DeploymentError("this node has no deterministic deployer", hint="use Anvil: `pyledger chain start`")
        transact(connection, operator(connection), DEPLOYER, salt + code)
    return address


def _give(connection: Connection, bindings: Bindings, terms: Terms) -> None:
    """Coin for gas to every account, and to every party what the deal can ask of it, with a margin."""
    needed = {key: amount * _MARGIN for key, amount in needs(terms).items()}
    judges = {name: local_signer(bindings, name, chain_id=LOCAL_CHAIN_ID).address for name in bindings.courts}
    people = {**bindings.parties, **bindings.recipients, **bindings.verifiers, **bindings.standing, **judges}
    accounts = list(dict.fromkeys(people.values()))
    held = connection.batch([("eth_getBalance", ("0x" + each.hex(), "latest")) for each in accounts])
    gifts = []
    for account, answer in zip(accounts, held, strict=True):
        has, coin = connection.number("eth_getBalance", answer), needed.get((account, NATIVE), 0)
        if coin or has < _GAS_COIN:  # on top of what is there: other documents may count on that
            gifts.append(("anvil_setBalance", ("0x" + account.hex(), hex(max(has, _COIN) + coin))))
    for refused in connection.batch(gifts):
        if isinstance(refused, RpcError):
            raise refused
    mint = operator(connection)
    transact_all(
        connection,
        [
            Message(mint, asset, token_abi().encode("mint", account, amount))
            for (account, asset), amount in needed.items()
            if asset != NATIVE and amount
        ],
    )


def _stands(connection: Connection, bindings: Bindings) -> bool:
    """Whether the chain still has what was made: nodes started at the same moment have the same genesis."""
    tokens = (asset for asset in bindings.assets.values() if asset != NATIVE)
    began = bindings.start is None or bindings.start <= connection.latest_time()
    return began and all(connection.code(each) for each in (*tokens, *bindings.courts.values()))


def _genesis(mark: Path) -> str:
    """Which run of the node the bindings were made for; nonsense counts as another run."""
    try:
        return str(json.loads(mark.read_text(encoding="utf-8"))["genesis_hash"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
