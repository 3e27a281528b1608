"""Reading an agreement from a node, all of it at one block; and checking that it is what it should be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from pyledger.chain.abi import StateWord, agreement_abi, token_abi
from pyledger.chain.connect import Block, Connection, RpcError, Tag, message
from pyledger.chain.deployments import Places, check_code
from pyledger.chain.events import Extended, read_events
from pyledger.errors import DeploymentError, MismatchError, NodeError
from pyledger.terms.addresses import checksum
from pyledger.terms.commitment import agreement_address, clone_code, commitment
from pyledger.terms.course import later
from pyledger.terms.outcome import has_court, holdings
from pyledger.terms.state import SLOTS, Contest, Hearing, Holding, State
from pyledger.terms.structs import NATIVE, Phase, Terms, Undisclosed, Verdict

__all__ = [
    "Check",
    "Snapshot",
    "accounts_of",
    "assets_of",
    "extended",
    "is_open",
    "not_open",
    "read_hearing",
    "read_snapshot",
    "read_state",
    "verify",
]

_TRIES: Final = 3
_COMMITTED: Final = 1
"""Mark of a state: what the agreement is committed to is no longer what its code says."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An agreement at one block: what its contract stores, what it holds, what each account has, in smallest units.

    `state.voices` and `state.hearings` are empty: tallies still open, and disputes, are told by the events. `holdings`
    are by party and asset. `balances` are by account and asset, the agreement's own address among the accounts; a token
    that does not answer is missing.
    """

    address: bytes
    block: Block
    state: State
    holdings: Mapping[tuple[int, bytes], Holding]
    balances: Mapping[tuple[bytes, bytes], int]

    @property
    def time(self) -> int:
        """Time of the block, Unix seconds."""
        return self.block.time


class Check(NamedTuple):
    """One step of a verification: what was checked, whether it holds, and what was found."""

    what: str
    holds: bool
    found: str


def assets_of(terms: Terms) -> tuple[bytes, ...]:
    """Every asset of bonds and payments, once each, in the order of the terms."""
    bonds = (party.asset for party in terms.parties if party.bond or any(phase.bonds for phase in terms.phases))
    payments = (payment.asset for phase in terms.phases for payment in phase.payments)
    return tuple(dict.fromkeys((*bonds, *payments)))


def accounts_of(terms: Terms) -> tuple[bytes, ...]:
    """Every account that the terms can send money to: parties, recipients of forfeitures, payees."""
    forfeitures = (share.to for party in terms.parties for share in party.forfeiture)
    payees = (share.to for phase in terms.phases for payment in phase.payments for share in payment.payees)
    return tuple(dict.fromkeys((*(party.account for party in terms.parties), *forfeitures, *payees)))


def is_open(connection: Connection, address: bytes, *, block: Tag = "latest") -> bool:
    """Whether any contract is at the address; `verify` says whether it is the right one."""
    return bool(connection.code(address, block))


def not_open(connection: Connection, address: bytes) -> MismatchError:
    """The error for an address that holds nothing."""
    return MismatchError(
        f"no agreement is open at {checksum(address)} on chain {connection.chain_id}",
        hint="open it with `pyledger open`; or the bindings or the document have changed since it was opened",
    )


def read_state(connection: Connection, address: bytes, terms: Terms, *, block: Tag = "latest", since: int = 0) -> State:
    """The state without credits, voices and hearings, all at one block; `since` is a block before the first event.

    MismatchError if nothing is open there, NodeError if these terms cannot have what the node says.
    """
    at = block if isinstance(block, int) else connection.block(block).number
    data = connection.call(address, agreement_abi().encode("state"), block=at)
    if not data:
        raise not_open(connection, address)
    (word,) = agreement_abi().decode("state", data)
    _require_possible(word, terms, connection)
    decided = [index for index in range(SLOTS) if word.verdicts >> 2 * index & 3]
    short = sorted(_bits(word.short))
    asked: dict[str, list[tuple[int, ...]]] = {
        "shortBond": [(party,) for party in short],
        "commitment": [()] if word.marks & _COMMITTED else [],
        "joining": [()] if terms.accession else [],
        "attested": [(word.phase, index) for index in decided],
        "contest": [(word.phase, index) for index in decided if has_court(terms)],
    }
    found = _answers(connection, address, asked, at)
    (committed,), (joining,) = found["commitment"] or [None], found["joining"] or [0]
    return State(
        status=word.status,
        phase=word.phase,
        members=_bits(word.members),
        short=dict(zip(short, found["shortBond"], strict=True)),
        opened_at=word.opened_at,
        cut_off=word.opened_at + word.cut_off - 1 if word.cut_off else 0,
        verdicts=tuple(Verdict(word.verdicts >> 2 * each & 3) for each in range(SLOTS)),
        funded=_bits(word.funded),
        paid=_bits(word.paid),
        joining=_bits(joining),
        extended=None if committed is None else _extended(connection, address, terms, word.phase, committed, at, since),
        attested={index: value for index, value in zip(decided, found["attested"], strict=True) if value},
        contests={index: each for index, each in zip(decided, found["contest"], strict=False) if each != Contest()},
    )


def read_hearing(connection: Connection, address: bytes, dispute: int, *, block: Tag = "latest") -> Hearing | None:
    """What the arbitrator has been asked under a number; None if nothing, or by another agreement."""
    data = connection.call(address, agreement_abi().encode("hearing", dispute), block=block)
    (found,) = agreement_abi().decode("hearing", data)
    return Hearing(*found[1:]) if any(found.arbitrator) else None


def extended(phase: Phase, said: Iterable[Extended]) -> Phase:
    """A phase with the later times that its extensions give, in their order; what it does not have is passed over."""
    for event in said:
        phase = later(phase, payment=event.payment, index=event.index, to=event.to)
    return phase


def read_snapshot(
    connection: Connection, address: bytes, terms: Terms, *, block: Tag = "latest", since: int = 0
) -> Snapshot:
    """State, holdings, credits and balances, all at one block; `since` is a block before the first event.

    MismatchError if nothing is open there; NodeError if the node fails, or its chain will not stand still.
    """
    for _ in range(_TRIES):
        at = connection.block(block)
        if not is_open(connection, address, block=at.number):
            raise not_open(connection, address)
        found = _read(connection, address, terms, at, since)
        if connection.block(at.number).hash == at.hash:
            return found
    raise NodeError(
        "the chain is being reorganised: no block stays", where=connection.network.place, hint="try again in a moment"
    )


def _read(connection: Connection, address: bytes, terms: Terms, at: Block, since: int) -> Snapshot:
    assets, accounts = assets_of(terms), accounts_of(terms)
    abi, token = agreement_abi(), token_abi()
    credited_to = [(account, asset) for account in accounts for asset in assets]
    owned_by = [(account, asset) for account in (*accounts, address) for asset in assets]

    def call(to: bytes, data: bytes) -> tuple[str, tuple[object, ...]]:
        return "eth_call", (message(to, data), hex(at.number))

    def own(account: bytes, asset: bytes) -> tuple[str, tuple[object, ...]]:
        if asset == NATIVE:
            return "eth_getBalance", ("0x" + account.hex(), hex(at.number))
        return call(asset, token.encode("balanceOf", account))

    answers = iter(
        connection.batch(
            [
                *(call(address, abi.encode("credit", account, asset)) for account, asset in credited_to),
                *(own(account, asset) for account, asset in owned_by),
            ]
        )
    )

    def take(function: str) -> int:
        answer = next(answers)
        if isinstance(answer, RpcError):
            raise answer
        return int(abi.decode(function, connection.as_bytes("eth_call", answer))[0])

    state = read_state(connection, address, terms, block=at.number, since=since)
    state = replace(state, credits={key: owed for key in credited_to if (owed := take("credit"))})
    balances = {key: amount for key in owned_by if (amount := _balance(connection, key[1], next(answers))) is not None}
    return Snapshot(address, at, state, holdings(state, terms), balances)


def verify(connection: Connection, address: bytes, terms: Terms, places: Places) -> tuple[Check, ...]:
    """Whether the account at `address` is the agreement of these terms and can be nothing else, step by step.

    Nothing is raised for what does not hold: each step says what it found. NodeError if the node fails.
    """
    derived = agreement_address(factory=places.factory, implementation=places.implementation, terms=terms)
    checks = [
        _contracts(connection, places),
        Check(
            "the address is the hash of the terms",
            derived == address,
            f"the terms lead to {checksum(derived)}",
        ),
    ]
    code, expected = connection.code(address), clone_code(places.implementation, terms)
    if not code:
        found = "there is no code: the agreement has not been opened on this chain"
    elif code == expected:
        found = f"{len(code)} bytes: a clone of {checksum(places.implementation)} with the terms' hash and its phases'"
    else:
        found = f"{len(code)} bytes of other code"
    checks.append(Check("the code there is a clone that commits to these terms", code == expected, found))
    return tuple(checks)


def _contracts(connection: Connection, places: Places) -> Check:
    what = "the factory and the code behind agreements are those that this pyledger ships"
    try:
        check_code(connection, places)
    except DeploymentError as error:
        return Check(what, False, error.what)
    code = f"agreement code {checksum(places.implementation)} and {checksum(places.recourse)}"
    return Check(what, True, f"factory {checksum(places.factory)}, {code}")


def _answers(
    connection: Connection, address: bytes, asked: Mapping[str, Sequence[tuple[int, ...]]], block: int
) -> dict[str, list[Any]]:
    """What views of one value answer, by function, in the order asked."""
    abi = agreement_abi()
    calls = [(function, abi.encode(function, *values)) for function, some in asked.items() for values in some]
    answers = connection.batch([("eth_call", (message(address, data), hex(block))) for _, data in calls])
    found: dict[str, list[Any]] = {function: [] for function in asked}
    for (function, _), answer in zip(calls, answers, strict=True):
        if isinstance(answer, RpcError):
            raise answer
        found[function].append(abi.decode(function, connection.as_bytes("eth_call", answer))[0])
    return found


def _extended(
    connection: Connection, address: bytes, terms: Terms, phase: int, committed: bytes, block: int, since: int
) -> Phase | None:
    """The phase at hand with later times, if the members have agreed on some: as events tell it, held to its hash."""
    if committed == commitment(terms, phase):
        return None
    said = read_events(connection, [address], start=since, end=block, kind=Extended)
    found = extended(terms.phases[phase], (e for e in said if isinstance(e, Extended) and e.phase == phase))
    if committed != commitment(terms, phase, extended=found):
        raise NodeError(
            "the node contradicts itself: what its events say of extensions is not what the agreement is committed to",
            where=connection.network.place,
            hint="ask another node",
        )
    return found


def _require_possible(word: StateWord, terms: Terms, connection: Connection) -> None:
    """NodeError if a state speaks of parties, phases, obligations or payments that the terms do not have."""
    if word.phase < len(terms.phases):
        phase, parties = terms.phases[word.phase], len(terms.parties)
        if (
            not isinstance(phase, Undisclosed)
            and (word.members | word.short) >> parties == 0
            and word.verdicts >> 2 * len(phase.obligations) == 0
            and word.funded >> len(phase.payments) == 0
            and word.paid & ~word.funded == 0
        ):
            return
    raise connection.nonsense("eth_call", "a state that these terms cannot have")


def _bits(value: int) -> frozenset[int]:
    return frozenset(each for each in range(value.bit_length()) if value >> each & 1)


def _balance(connection: Connection, asset: bytes, answer: object) -> int | None:
    try:
        if asset == NATIVE:
            return connection.as_number("eth_getBalance", answer)
        return int.from_bytes(connection.as_bytes("eth_call", answer, 32), "big")
    except NodeError:
        return None
