"""What the fixtures give: a chain with the contracts on it, who is on it, and agreements in force.

The plugin imports this when a fixture asks for a chain, not before.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from pyledger.chain.abi import token_abi
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.clock import move_clock
from pyledger.chain.connect import Connection, RpcError
from pyledger.chain.deployments import Places, check_code, create, factory_code, places
from pyledger.chain.keys import Signer, dev_signer
from pyledger.chain.local import local_token, operator
from pyledger.chain.named import NamedAgreement
from pyledger.chain.networks import LOCAL_CHAIN_ID, Network
from pyledger.chain.recording import recording_of
from pyledger.chain.tokens import token_balance
from pyledger.chain.transactions import transact
from pyledger.document import Asset, Document
from pyledger.document.problem import did_you_mean
from pyledger.errors import PyledgerError, UsageError
from pyledger.testing.documents import read_document
from pyledger.testing.isolation import Isolation

__all__ = ["Accounts", "Chain", "DealMaker", "Token", "Tokens", "open_chain"]

_STRANGERS: Final = 900
"""The development account from which on roles are numbered that no document has bound."""

_MOST_TOLD: Final = 3
_PLENTY: Final = 10_000 * 10**18


class Mark(NamedTuple):
    """A state of the node to go back to, with what a snapshot does not hold."""

    snapshot: str
    automine: bool
    base_fee: str
    made: int


class Made(NamedTuple):
    """An agreement that was made here, and how the file or the example of its document is called, if it has a name."""

    agreement: NamedAgreement
    document: str | None


class Told(NamedTuple):
    """What was played in an agreement as a scenario file, and whether that names its document."""

    text: str
    whole: bool


class Chain:
    """A local chain with pyledger's contracts: `connection` asks it anything, `places` are the contracts' addresses."""

    def __init__(self, connection: Connection, where: Places, url: str, isolation: Isolation) -> None:
        self.connection, self.places, self.url, self.isolation = connection, where, url, isolation
        self.made: list[Made] = []
        self.told: list[Told] = []
        self._impersonated: set[str] = set()

    def __repr__(self) -> str:
        return f"Chain({self.url})"

    @property
    def traffic(self) -> int:
        """How often the node has been asked."""
        return self.connection.requests

    @property
    def now(self) -> int:
        """Time of the latest block, Unix seconds."""
        return self.connection.latest_time()

    def request(self, method: str, *params: object) -> Any:
        """The node's answer to one JSON-RPC request. Raises RpcError if it says no."""
        return self.connection.request(method, *params)

    def warp(self, time: str | int) -> None:
        """Moves the clock by "3 days", to "2027-01-31 12:00", or to Unix seconds. UsageError if that is over."""
        move_clock(self.connection, time)

    @contextmanager
    def impersonating(self, account: bytes) -> Iterator[str]:
        """In the block the node sends transactions of this account (20 bytes) without its key."""
        text = "0x" + account.hex()
        self.request("anvil_impersonateAccount", text)
        self._impersonated.add(text)
        try:
            yield text
        finally:
            self.request("anvil_stopImpersonatingAccount", text)
            self._impersonated.discard(text)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done in the block is undone after it: for each example of a Hypothesis test, for instance."""
        with self.isolation.undone():
            try:
                yield
            except Exception:
                self.told = self.scenarios()
                raise

    def scenarios(self) -> list[Told]:
        """What has been played in the agreements in which something was, the latest first."""
        found = []
        for made in self.made[::-1][:_MOST_TOLD]:
            with suppress(PyledgerError):
                played = recording_of(made.agreement)
                if played.steps or played.absent:
                    found.append(Told(played.text(document=made.document), whole=made.document is not None))
        return found

    @property
    def agreements(self) -> Iterator[NamedAgreement]:
        """Those that there are, the latest first."""
        return (each.agreement for each in reversed(self.made))

    # for `Isolation`

    def remember(self) -> Mark:
        """A snapshot, with the mining and the base fee that go with it."""
        snapshot, automine, node = self._all(("evm_snapshot", ()), ("anvil_getAutomine", ()), ("anvil_nodeInfo", ()))
        return Mark(snapshot, automine is True, node["environment"]["baseFee"], len(self.made))

    def rewind(self, mark: object) -> None:
        """Back to a snapshot, and to what Anvil does not restore with it: mining, impersonation, waiting transactions.

        PyledgerError if the node has lost it, for instance because something else has used it up.
        """
        assert isinstance(mark, Mark)
        if self.request("evm_revert", mark.snapshot) is not True:
            raise PyledgerError(
                f"the node has lost the snapshot {mark.snapshot}: it was restarted, or somebody else reverted it",
                where=self.url,
                hint="let nothing else use the node meanwhile, and revert only to snapshots of your own",
            )
        del self.made[mark.made :]
        self._all(
            ("anvil_dropAllTransactions", ()),
            ("anvil_autoImpersonateAccount", (False,)),
            ("anvil_removeBlockTimestampInterval", ()),
            ("anvil_setNextBlockBaseFeePerGas", (mark.base_fee,)),
            *((("evm_setAutomine", (True,)),) if mark.automine else ()),
            *(("anvil_stopImpersonatingAccount", (each,)) for each in sorted(self._impersonated)),
        )

    def _all(self, *requests: tuple[str, Sequence[object]]) -> list[Any]:
        answers = self.connection.batch(requests)
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        return answers


def open_chain(place: str, url: str, isolation: Isolation) -> Chain:
    """A chain at an address or socket, with the contracts deployed if need be.

    Raises UsageError if it is no local one, else what connecting and deploying raise.
    """
    connection = Connection(Network("tests", place, LOCAL_CHAIN_ID))
    try:
        where, deployer = places(), operator(connection)
        create(connection, deployer, where.recourse, load_artifact("Recourse").bytecode)
        create(connection, deployer, where.factory, factory_code(where.recourse))
        check_code(connection, where)
    except BaseException:
        connection.close()
        raise
    return Chain(connection, where, url, isolation)


class _OnChain:
    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._chain})"


class DealMaker(_OnChain):
    """`agreement(document)`: the agreement of a document, opened and in force."""

    def __call__(
        self, document: Document | str | Path, *, in_force: bool = True, funded: bool = False
    ) -> NamedAgreement:
        """Opens the agreement of a document, a file or an example of the gallery, on accounts and tokens of its own.

        All parties accept, unless not `in_force`; what is due in the first phase is paid in if `funded`.
        """
        found = read_document(document)
        made = NamedAgreement.locally(self._chain.connection, self._chain.places, found)
        if made.client.is_open():  # the same terms in the same second are the same agreement
            made.warp("1 second")
            made = NamedAgreement.locally(self._chain.connection, self._chain.places, found)
        made.open()
        self._chain.made.append(Made(made, None if isinstance(document, Document) else _called(document)))
        if in_force:
            made.accept()
            if funded:
                made.fund()
        return made


def _called(document: str | Path) -> str:
    """How a scenario that is saved where pytest runs can name a document."""
    if not Path(document).is_file():
        return str(document)
    with suppress(ValueError):  # Windows has several roots
        return Path(os.path.relpath(document)).as_posix()
    return str(document)


class Accounts(_OnChain):
    """`accounts["builder"]` signs as the builder of the agreement made last that has one."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self._others: dict[str, int] = {}

    def __getitem__(self, role: str) -> Signer:
        for made in self._chain.agreements:
            if role in made.names.accounts:
                return made.signer(role)
        known = {name for made in self._chain.agreements for name in made.names.accounts}
        raise _unknown(role, known, "is nobody in the agreements made so far", f'accounts.make("{role}")')

    def make(self, role: str) -> Signer:
        """Somebody whom no document has bound, with coin to pay for gas; always the same for the same name."""
        number = self._others.setdefault(role, _STRANGERS + len(self._others))
        signer = dev_signer(number, chain_id=LOCAL_CHAIN_ID)
        if not self._chain.connection.balance(signer.address):
            self._chain.request("anvil_setBalance", "0x" + signer.address.hex(), hex(_PLENTY))
        return signer


class Token(NamedTuple):
    """A test token: anybody gets some of it for the asking; amounts in its smallest unit."""

    chain: Chain
    address: bytes

    def balance(self, account: bytes | Signer) -> int:
        """What an account has."""
        return token_balance(self.chain.connection, self.address, _address(account))

    def mint(self, account: bytes | Signer, amount: int) -> None:
        """Gives an account so much more."""
        data = token_abi().encode("mint", _address(account), amount)
        transact(self.chain.connection, operator(self.chain.connection), self.address, data)


class Tokens(_OnChain):
    """`tokens["usd"]` is the asset of that name of the agreement made last that has one."""

    def __getitem__(self, name: str) -> Token:
        for made in self._chain.agreements:
            if name in made.names.assets:
                return Token(self._chain, made.names.assets[name])
        known = {asset for made in self._chain.agreements for asset in made.names.assets}
        raise _unknown(name, known, "is no asset of the agreements made so far", f'tokens.make("{name}")')

    def make(self, name: str, *, symbol: str | None = None, decimals: int = 18) -> Token:
        """A token of this name, with a symbol and decimals of its own; always the same for the same three."""
        asset = Asset(symbol=symbol or name.upper(), decimals=decimals)
        return Token(self._chain, local_token(self._chain.connection, name, asset))


def _unknown(name: str, known: Collection[str], what: str, otherwise: str) -> UsageError:
    hint = f"{did_you_mean(name, sorted(known))} Or, if it is of none of them: {otherwise}" if known else otherwise
    return UsageError(f"`{name}` {what}", hint=hint)


def _address(account: bytes | Signer) -> bytes:
    if isinstance(account, Signer):
        return account.address
    if len(account) != 20:
        raise UsageError(f"an address has 20 bytes, not {len(account)}", hint="give those 20 bytes, or a signer")
    return account
