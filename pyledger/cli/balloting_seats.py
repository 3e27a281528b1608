"""Which ballot is meant, who its voters are called here, and who signs for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pyledger.chain.ballots import Ballot, SealedPlan, Seen, find_ballot
from pyledger.chain.ballots_kept import Identities, KeptBallots
from pyledger.chain.connect import Connection
from pyledger.chain.keys import Signer
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.cli.balloting_memory import names_here, remember_ballot
from pyledger.cli.deals import Deal, refused_words
from pyledger.cli.home import keys_folder
from pyledger.cli.lazy import nearest
from pyledger.cli.options import Where
from pyledger.cli.papers import as_address
from pyledger.cli.signers import dev_account, keystore, passphrase
from pyledger.errors import SignatureError, UsageError
from pyledger.terms.addresses import checksum

__all__ = [
    "Meant",
    "Owner",
    "ballots_of",
    "identities",
    "kept_ballots",
    "meant",
    "names_of",
    "owner_of",
    "place_of",
    "require_no_ballot",
]


class Meant(NamedTuple):
    """The ballot that decides on an obligation, and the round on it as it stands."""

    seat: str
    ballot: Ballot
    seen: Seen
    obligation: str


class Owner(NamedTuple):
    """A voter here: what it is called, how it signs, and the passphrase of its key (None: everybody knows the key)."""

    name: str
    signer: Signer
    words: str | None


def kept_ballots() -> KeptBallots:
    """The ballots that were made here."""
    return KeptBallots(keys_folder())


def identities() -> Identities:
    """The identities that were made here."""
    return Identities(keys_folder())


def ballots_of(deal: Deal, *, panel: int | None = None, seat: str | None = None) -> Iterator[tuple[str, int, Ballot]]:
    """The ballots among a deal's verifiers, or those of one panel or one name: name of the seat, panel, ballot.

    MismatchError for one among these that only says that it is a ballot.
    """
    found: dict[bytes, Ballot | None] = {}
    for number, each in enumerate(deal.terms.panels):
        for name, sitting in zip(deal.names.seats[number], each.seats, strict=True):
            if panel not in (None, number) or seat not in (None, name):
                continue
            if sitting.verifier not in found:
                found[sitting.verifier] = find_ballot(deal.connection, sitting.verifier)
            if ballot := found[sitting.verifier]:
                remember_ballot(ballot.address)
                yield name, number, ballot


def meant(deal: Deal, obligation: str, seat: str | None) -> Meant:
    """The ballot that is meant by an obligation. UsageError where there is none, or several and none is named."""
    phase, index = _place(deal, obligation)
    panel = deal.terms.phases[phase].obligations[index].panel
    known = {name: each for name, _, each in ballots_of(deal, panel=panel, seat=seat)}
    if seat is not None and seat not in known:
        raise UsageError(
            f"`{seat}` is no ballot on the panel that decides `{obligation}`",
            hint=f"see which there are: `pyledger ballot show {deal.named}`",
        )
    if not known or (seat is None and len(known) > 1):
        what = "several ballots sit" if known else "no ballot sits"
        hint = (
            f"give --seat, one of: {', '.join(known)}"
            if known
            else "its verifiers say it themselves: `pyledger attest`"
        )
        raise UsageError(f"{what} on the panel that decides `{obligation}`", hint=hint)
    name = seat or next(iter(known))
    question = known[name].question(phase, index)
    if question is None:
        raise refused_words(
            f"the ballot {name} was not made to vote on `{obligation}`",
            name="UnknownQuestion",
            hint=f"its rules are fixed; see what it votes on: `pyledger ballot show {deal.named}`",
        )
    return Meant(name, known[name], known[name].see(deal.agreement.address, question), obligation)


def require_no_ballot(deal: Deal, role: str, obligation: str) -> None:
    """Refused where a verifier is a ballot, which has no key: what it says follows from its votes."""
    account = deal.names.accounts.get(role)
    if account is not None and find_ballot(deal.connection, account) is not None:
        raise refused_words(
            f"{role} is a ballot: it attests what its voters find",
            name="NotCaller",
            hint=f"`pyledger ballot tally {deal.named} {obligation}` counts them, once they are in",
        )


def _place(deal: Deal, obligation: str) -> tuple[int, int]:
    """Phase and index of an obligation: of the phase at hand, else of the last that has one of that name."""
    names, at_hand = deal.names.obligations, deal.agreement.state().phase
    order = (at_hand, *(phase for phase in reversed(range(len(names))) if phase != at_hand))
    for phase in order:
        if obligation in names[phase]:
            return phase, names[phase].index(obligation)
    every = tuple(dict.fromkeys(name for phase in names for name in phase))
    raise UsageError(f"`{obligation}` is no obligation of this document", hint=nearest(obligation, every))


def names_of(ballot: Ballot) -> dict[str, bytes]:
    """The voters of a sealed ballot by what they are called here: their address, where they have no name."""
    if not isinstance(ballot.plan, SealedPlan):
        return {}
    known = {file.address: file.name for file in keystore().list()} | names_here(ballot.address)
    return {known.get(account, checksum(account)): account for account in ballot.plan.voters}


def place_of(found: Meant, role: str) -> tuple[int, bytes]:
    """The place of a voter of a sealed ballot, and its account. SignatureError if it has none."""
    names = names_of(found.ballot)
    account = names.get(role) or as_address(role)
    account = account or next((file.address for file in keystore().list() if file.name == role), None)
    if account is None or account not in names.values():
        raise SignatureError(f"{role} does not vote in {found.seat}", hint=f"its voters: {', '.join(names)}")
    return list(names.values()).index(account), account


def owner_of(connection: Connection, role: str, account: bytes, where: Where) -> Owner:
    """Who signs for a voter. SignatureError for a wrong key, or none."""
    if where.key is None and connection.chain_id == LOCAL_CHAIN_ID and (known := dev_account(account, LOCAL_CHAIN_ID)):
        return Owner(role, known, None)
    name = where.key or next((file.name for file in keystore().list() if file.address == account), None)
    if name is None:
        raise SignatureError(
            f"no key here is that of {role}, {checksum(account)}",
            where=str(keys_folder()),
            hint="import it with `pyledger keys import NAME FILE`",
        )
    words = passphrase(where)(name)
    signer = keystore().load(name, lambda _: words)
    if signer.address != account:
        raise SignatureError(
            f"the key {name} is {signer.checksum}, but {role} is {checksum(account)}",
            hint="give the voter's own key with --key, or leave --key out",
        )
    return Owner(name, signer, words)
