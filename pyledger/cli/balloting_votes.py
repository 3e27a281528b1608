"""Voting: a ballot is made and kept before it is sent, and shown later; by its voter, or by whoever relays it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pyledger.chain.ballots import AnonymousPlan, Proof, find_ballot
from pyledger.chain.ballots_kept import KeptBallot, KeptBallots, new_secret
from pyledger.chain.keys import Signer
from pyledger.chain.networks import LOCAL_CHAIN_ID
from pyledger.chain.records import read_json
from pyledger.chain.transactions import Receipt
from pyledger.cli.act import report
from pyledger.cli.balloting_asking import asked
from pyledger.cli.balloting_identities import prover
from pyledger.cli.balloting_rounds import needless
from pyledger.cli.balloting_seats import Meant, identities, kept_ballots, meant, owner_of, place_of
from pyledger.cli.balloting_view import vote_words
from pyledger.cli.deals import Deal, connected, refused_words
from pyledger.cli.lookup import find_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen, clock
from pyledger.cli.papers import as_address
from pyledger.cli.signers import any_signer, passphrase
from pyledger.cli.writing import write
from pyledger.errors import Refused, SignatureError, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.ballots import Vote
from pyledger.terms.state import Status
from pyledger.terms.structs import Verdict

__all__ = ["commit_vote", "relay_paper", "reveal_vote"]


def commit_vote(
    named: str,
    obligation: str,
    role: str,
    file: Path | None,
    out: Path | None,
    seat: str | None,
    where: Where,
    screen: Screen,
) -> None:
    """Commit a ballot, hidden."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        found = meant(deal, obligation, seat)
        if isinstance(found.ballot.plan, AnonymousPlan):
            _commit_unknown(deal, found, role, file, out, where, screen)
            return
        if out is not None:
            raise UsageError("a sealed ballot is sent by its voter, with the deposit", hint="leave --output away")
        place, account = place_of(found, role)
        if found.seen.has(found.seen.state.committed, place):
            _committed_before(deal, found, role, file, where, screen)
            return
        owner = owner_of(connection, role, account, where)
        _require_window(deal, found, committing=True)
        vote, salt = asked(deal, found, file), new_secret()
        receipts = [] if found.seen.open else [_open(deal, found, owner.signer)]
        found = meant(deal, obligation, seat)
        hidden = found.ballot.hidden(found.seen.round, account, vote, salt)
        kept = _keep(deal, found, account, hidden, owner.name)
        kept_ballots().keep(kept, vote, salt, owner.words)
        receipts.append(found.ballot.commit(owner.signer, found.seen.round, place, hidden))
        _committed(deal, found, role, receipts, screen)


def _commit_unknown(
    deal: Deal, found: Meant, role: str, file: Path | None, out: Path | None, where: Where, screen: Screen
) -> None:
    """The same for a member of a group, with a proof; whoever pays is seen, and need not be the member."""
    receipts: list[Receipt] = []
    if not found.seen.open:
        _require_window(deal, found, committing=True)
        if out is not None:
            raise refused_words(
                "this round has not been opened",
                name="NotOpened",
                hint=f"`pyledger ballot open {deal.named} {found.obligation}` does it",
            )
        receipts.append(_open(deal, found, _relayer(deal, where)))
        found = meant(deal, found.obligation, found.seat)
    plan = found.ballot.plan
    assert isinstance(plan, AnonymousPlan)
    known = identities().list()
    if role in known and known[role] not in plan.members:
        raise SignatureError(
            f"{role} is no member of {found.seat}", hint=f"its members are fixed: `pyledger ballot show {deal.named}`"
        )
    words = passphrase(where._replace(key=None))(role)
    secret = identities().load(role, lambda _: words)
    scope, members = found.ballot.scope(found.seen.round), plan.members
    voter = prover().prove(secret, members, 0, scope).nullifier.to_bytes(32, "big")
    if voter in found.seen.places:
        _committed_before(deal, found, role, file, where, screen)
        return
    _require_window(deal, found, committing=True)
    vote, salt = asked(deal, found, file), new_secret()
    hidden = found.ballot.hidden(found.seen.round, voter, vote, salt)
    kept_ballots().keep(_keep(deal, found, voter, hidden, role), vote, salt, words)
    proof = prover().prove(secret, members, int.from_bytes(hidden, "big"), scope)
    if out is not None:
        _paper(deal, found, out, {"act": "commit", "commitment": hidden.hex(), **_proof(proof)}, screen)
        return
    receipts.append(found.ballot.commit_proved(_relayer(deal, where), found.seen.round, hidden, proof))
    _committed(deal, found, role, receipts, screen)


def _committed_before(deal: Deal, found: Meant, role: str, file: Path | None, where: Where, screen: Screen) -> None:
    """Nothing is to be done for a ballot that is in, and nothing can be for another one."""
    if file is not None and (kept := _kept(found, role)):
        words = passphrase(where._replace(key=None) if isinstance(found.ballot.plan, AnonymousPlan) else where)
        if KeptBallots.read(kept[0], words)[0] != asked(deal, found, file):
            raise refused_words(
                f"{role} has committed another ballot, which cannot be changed",
                name="AlreadyCommitted",
                hint=f"what was committed is what counts: `pyledger ballot show {deal.named}`",
            )
    report(screen, deal, (), already=[f"{role} has committed a ballot, which cannot be changed"])


def reveal_vote(
    named: str, obligation: str, role: str, out: Path | None, seat: str | None, where: Where, screen: Screen
) -> None:
    """Reveal a ballot that was kept here."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        found = meant(deal, obligation, seat)
        kept, place = _mine(found, role)
        if found.seen.has(found.seen.state.revealed, place):
            report(screen, deal, (), already=[f"the ballot of {role} was revealed before"])
            return
        _require_window(deal, found, committing=False)
        vote, salt = KeptBallots.read(kept, passphrase(where))
        if found.ballot.hidden(found.seen.round, found.seen.places[place], vote, salt) != kept.commitment:
            hint = "put the file back from a copy, or reveal it where it was committed"
            raise SignatureError("what was kept is not what was committed", where=str(kept.file), hint=hint)
        if out is not None:
            opened = {"act": "reveal", "place": place, "verdict": vote.verdict, "value": str(vote.value)}
            _paper(deal, found, out, opened | {"salt": salt.hex()}, screen)
            return
        anonymous = isinstance(found.ballot.plan, AnonymousPlan)
        payer = _relayer(deal, where) if anonymous else owner_of(connection, role, kept.voter, where).signer
        receipt = found.ballot.reveal(payer, found.seen.round, place, vote, salt)
        words = f"{role} votes that {found.obligation} is {vote_words(deal, found, vote)}"
        report(screen, deal, [receipt], done=[{"event": "Revealed", "words": words}])


def relay_paper(file: Path, where: Where, screen: Screen) -> None:
    """Send what a voter wrote: whoever sends it, it says the same."""
    data = read_json(file, "a ballot to relay")
    with connected(where) as connection:
        try:
            if not isinstance(data, dict) or data["kind"] != "ballot-paper":
                raise ValueError("it is of another kind")
            if data["chain_id"] != connection.chain_id:
                raise ValueError(f"it is for chain {data['chain_id']}, and this is chain {connection.chain_id}")
            if data["act"] not in ("commit", "reveal"):
                raise ValueError(f"it neither commits nor reveals: {data['act']!r}")
            address = as_address(str(data["ballot"]))
            ballot = find_ballot(connection, address) if address else None
            round_ = bytes.fromhex(data["round"])
            if ballot is None:
                raise ValueError("there is no ballot at its address")
            signer = any_signer(None, None, connection.chain_id, where)
            if data["act"] == "commit":
                points = tuple(int(each) for each in data["points"])
                proof, hidden = Proof(int(data["nullifier"]), points), bytes.fromhex(data["commitment"])
                receipt = ballot.commit_proved(signer, round_, hidden, proof)
            else:
                vote, salt = Vote(Verdict(data["verdict"]), int(data["value"])), bytes.fromhex(data["salt"])
                receipt = ballot.reveal(signer, round_, int(data["place"]), vote, salt)
        except Refused as error:
            if error.name != "AlreadyRevealed":
                raise
            screen.data({"act": data["act"], "transaction": None, "gas": 0})
            screen.say("the ballot was revealed before", "yellow")
            return
        except (KeyError, TypeError, ValueError) as error:
            why = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
            raise UsageError(f"{file} is no ballot to relay: {why}", hint="ask the voter for it again") from None
    screen.data({"act": data["act"], "transaction": receipt.hash_text, "gas": receipt.gas_used})
    screen.say(f"sent: {data['act']}; gas {receipt.gas_used:,}, block {receipt.block}")


def _open(deal: Deal, found: Meant, signer: Signer) -> Receipt:
    deal.require_in_force(deal.agreement.state())
    return found.ballot.open(signer, deal.agreement.address, found.seen.question)


def _require_window(deal: Deal, found: Meant, *, committing: bool) -> None:
    """Refused, in words, outside the window: of a round that is to be opened first, before anything is sent.

    Where nothing can come of a vote, none is taken, nor its deposit; one that is in can still be revealed.
    """
    state, now = found.seen.state, deal.now()
    start, end = state.commit_from, state.commit_until
    if not committing:
        start, end = state.commit_until + 1, state.reveal_until
    if committing and not found.seen.open:
        question, at_hand = found.seen.question, deal.agreement.state()
        if at_hand.phase != question.phase or at_hand.status is not Status.IN_FORCE:
            return  # to open it says why not
        start = at_hand.opened_at + question.start
        end = start + question.commit_for - 1
    elif not found.seen.open:
        hint = f"`pyledger ballot open {deal.named} {found.obligation}` does it"
        raise refused_words("this round has not been opened", name="NotOpened", hint=hint)
    if start <= now <= end:
        if committing and (why := needless(deal, found)):
            raise refused_words(
                f"a vote on `{found.obligation}` would decide nothing: {why}",
                name="Needless",
                hint=f"see how it stands: `pyledger status {deal.named}`",
            )
        return
    what = "ballots can be committed" if committing else "ballots can be revealed"
    when = "it is too early: " if now < start else "it is too late: "
    raise refused_words(
        f"{when}{what} from {clock(start)} until {clock(end)}",
        name="OutsideWindow",
        hint=f"see how it stands: `pyledger ballot show {deal.named}`",
    )


def _keep(deal: Deal, found: Meant, voter: bytes, hidden: bytes, owner: str) -> KeptBallot:
    ballot, agreement = found.ballot.address, deal.agreement.address
    return KeptBallot(deal.connection.chain_id, ballot, agreement, found.seen.round, voter, hidden, owner, Path())


def _kept(found: Meant, role: str) -> tuple[KeptBallot, int] | None:
    """The ballot of a voter that was kept here and is the one on the chain, and its place."""
    anonymous = isinstance(found.ballot.plan, AnonymousPlan)
    account = b"" if anonymous else place_of(found, role)[1]
    for each in kept_ballots().list():
        if (each.ballot, each.round) != (found.ballot.address, found.seen.round) or each.voter not in found.seen.places:
            continue
        if (each.owner == role) if anonymous else (each.voter == account):
            place = found.seen.places.index(each.voter)
            revealed = found.seen.has(found.seen.state.revealed, place)
            if revealed or found.ballot.held(found.seen.round, place) == each.commitment:
                return each, place
    return None


def _mine(found: Meant, role: str) -> tuple[KeptBallot, int]:
    """The same, which has to be there."""
    if kept := _kept(found, role):
        return kept
    raise refused_words(
        f"no ballot of {role} on `{found.obligation}` was committed from here",
        name="NotCommitted",
        hint="reveal it where it was committed: its salt is with the keys there",
    )


def _relayer(deal: Deal, where: Where) -> Signer:
    """Who sends what must not be seen to come from its voter: never a key that nobody has named."""
    if where.key is None and deal.connection.chain_id != LOCAL_CHAIN_ID:
        raise UsageError(
            "whoever sends it is seen, and nobody is named",
            hint="give --key NAME, which is nothing of the voter's; or --output FILE, for anybody to relay",
        )
    return any_signer(None, None, deal.connection.chain_id, where)


def _proof(proof: Proof) -> dict[str, Any]:
    return {"nullifier": str(proof.nullifier), "points": [str(each) for each in proof.points]}


def _paper(deal: Deal, found: Meant, out: Path, what: dict[str, Any], screen: Screen) -> None:
    """Write what somebody else is to send."""
    data = {
        "kind": "ballot-paper",
        "version": 1,
        "chain_id": deal.connection.chain_id,
        "ballot": checksum(found.ballot.address),
        "round": found.seen.round.hex(),
        **what,
    }
    write(out, (json.dumps(data, indent=2) + "\n").encode(), force=True, private=True)
    screen.data({"file": str(out)})
    screen.say(f"{out} can be sent by anybody: `pyledger ballot relay {out}`")


def _committed(deal: Deal, found: Meant, role: str, receipts: list[Receipt], screen: Screen) -> None:
    until = clock(found.seen.state.reveal_until)
    words = f"{role} has committed a ballot on {found.obligation}; reveal it before {until}"
    report(screen, deal, receipts, done=[{"event": "Committed", "words": words}])
