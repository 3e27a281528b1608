"""What anybody may do for a ballot: open a round, have it counted, relay what was found, send deposits on."""

from __future__ import annotations

from pathlib import Path

from pyledger.chain.ballots import SealedPlan
from pyledger.chain.transactions import Receipt
from pyledger.cli.act import report
from pyledger.cli.attesting import said_before
from pyledger.cli.balloting_seats import Meant, meant, names_of, owner_of, place_of
from pyledger.cli.balloting_view import result_words
from pyledger.cli.deals import Deal, connected, refused_words
from pyledger.cli.lookup import find_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen, clock
from pyledger.cli.papers import as_address
from pyledger.cli.signers import any_signer
from pyledger.cli.submitting import write_records
from pyledger.errors import UsageError
from pyledger.terms.outcome import cut_off
from pyledger.terms.state import Status
from pyledger.terms.structs import NATIVE, Verdict

__all__ = ["forfeit_deposits", "needless", "open_round", "tally_round", "withdraw_deposit"]


def open_round(named: str, obligation: str, seat: str | None, role: str | None, where: Where, screen: Screen) -> None:
    """Open a round unless it is open."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        found = meant(deal, obligation, seat)
        if found.seen.open:
            report(screen, deal, (), already=[f"the round on {obligation} is open already: {_windows(found)}"])
            return
        deal.obligation(obligation, deal.agreement.state())  # says where it stands, if that is not at hand
        signer = any_signer(role, deal.reader, connection.chain_id, where)
        receipt = found.ballot.open(signer, deal.agreement.address, found.seen.question)
        words = f"the round on {obligation} is open: {_windows(meant(deal, obligation, seat))}"
        report(screen, deal, [receipt], done=[{"event": "Opened", "words": words}])


def _windows(found: Meant) -> str:
    state = found.seen.state
    commit = f"ballots are committed from {clock(state.commit_from)} until {clock(state.commit_until)}"
    return f"{commit}, and revealed until {clock(state.reveal_until)}"


def tally_round(
    named: str, obligation: str, seat: str | None, role: str | None, out: Path | None, where: Where, screen: Screen
) -> None:
    """Have a round counted, and relay its attestation, or write it."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        found = meant(deal, obligation, seat)
        signer = any_signer(role, deal.reader, connection.chain_id, where)
        receipts: list[Receipt] = []
        already: list[str] = []
        if found.seen.state.tallied:
            already.append(f"the votes on {obligation} were counted before")
        else:
            receipts.append(found.ballot.tally(signer, found.seen.round))
            found = meant(deal, obligation, seat)
        result = found.seen.result
        assert result is not None
        done = [{"event": "Tallied", "words": result_words(deal, found, result)}]
        if result.verdict is not Verdict.UNDECIDED:
            record = found.ballot.attestation(found.seen, deal.terms, deal.agreement.address, deal.names)
            if out is not None:
                write_records([record], out, screen)
                return
            if why := needless(deal, found):
                already.append(why)
            else:
                with deal.speaking():
                    receipts += deal.agreement.attest(signer, [record])
        elif out is not None:
            raise UsageError("nothing was found, and so there is nothing to write", hint="silence decides in its time")
        report(screen, deal, receipts, already=already, done=done)


def needless(deal: Deal, found: Meant) -> str | None:
    """Why there is no need to relay what is found: it was, or the obligation is decided or over."""
    phase, index = found.seen.question[:2]
    state = deal.agreement.state()
    panel = deal.terms.phases[phase].obligations[index].panel
    seat = deal.names.seats[panel].index(found.seat)
    if seat in said_before(deal, phase, index):
        return f"{found.seat} has attested that already"
    if state.status is not Status.IN_FORCE or state.phase != phase:
        return f"the phase of {found.obligation} is over"
    if cut_off(state, deal.terms, deal.now()) is not None:
        return f"the phase of {found.obligation} is cut off, and only settlement is left"
    if state.verdicts[index] is not Verdict.UNDECIDED:
        return f"{found.obligation} is decided already: {state.verdicts[index].name.lower()}"
    return None


def withdraw_deposit(
    named: str, obligation: str, role: str, to: str | None, seat: str | None, where: Where, screen: Screen
) -> None:
    """Take back a deposit."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        found = meant(deal, obligation, seat)
        plan = _sealed(found)
        place, account = place_of(found, role)
        target = account if to is None else as_address(to) or names_of(found.ballot).get(to)
        if target is None:
            raise UsageError(f"--to: `{to}` is no address", hint="give 0x and 40 hexadecimal digits")
        if found.seen.has(found.seen.state.settled & found.seen.state.revealed, place):
            report(screen, deal, (), already=[f"{role} has its deposit back already"])
            return
        if not found.seen.has(found.seen.state.revealed, place):
            raise refused_words(
                f"no ballot of {role} on `{obligation}` has been revealed, and until then its deposit stays",
                name="NothingToReturn",
                hint=f"reveal it in time: `pyledger ballot reveal {deal.named} {obligation} --as {role}`",
            )
        owner = owner_of(connection, role, account, where)
        receipt = found.ballot.withdraw(owner.signer, found.seen.round, place, target)
        words = f"{deal.reader.money(NATIVE, plan.deposit)} returned to {role}"
        report(screen, deal, [receipt], done=[{"event": "DepositReturned", "words": words}])


def forfeit_deposits(
    named: str, obligation: str, role: str | None, seat: str | None, where: Where, screen: Screen
) -> None:
    """Send on the deposits of ballots that were not revealed."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        found = meant(deal, obligation, seat)
        plan, state = _sealed(found), found.seen.state
        silent = state.committed & ~state.revealed & ~state.settled
        if not silent and found.seen.open and deal.now() > state.reveal_until:
            report(screen, deal, (), already=[f"no ballot on {obligation} is left unrevealed"])
            return
        signer = any_signer(role, deal.reader, connection.chain_id, where)
        receipt = found.ballot.forfeit(signer, found.seen.round)
        money = deal.reader.money(NATIVE, silent.bit_count() * plan.deposit)
        words = f"{money} forfeited to {deal.reader.who(plan.forfeit_to)}"
        report(screen, deal, [receipt], done=[{"event": "DepositsForfeited", "words": words}])


def _sealed(found: Meant) -> SealedPlan:
    if not isinstance(found.ballot.plan, SealedPlan):
        raise UsageError(f"{found.seat} is an anonymous ballot, which takes no deposits", hint="nothing is left to do")
    if not found.ballot.plan.deposit:
        raise UsageError(f"{found.seat} was made without deposits", hint="nothing is left to do")
    return found.ballot.plan
