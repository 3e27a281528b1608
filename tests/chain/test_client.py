from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from eth_abi.abi import encode

from pyledger.chain.abi import agreement_abi, factory_abi, token_abi
from pyledger.chain.acceptances import sign_acceptance
from pyledger.chain.anvil import Anvil, mine, warp
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import Places
from pyledger.chain.events import (
    Accepted,
    Attested,
    Decided,
    Ended,
    Funded,
    Opened,
    Paid,
    PhaseDisclosed,
    PhaseOpened,
    PhaseSettled,
)
from pyledger.chain.networks import Network
from pyledger.chain.refusals import SENTENCES, explain_revert, labels_of, refused
from pyledger.chain.tokens import token_balance
from pyledger.chain.transactions import transact
from pyledger.errors import MismatchError, SignatureError, TransactionError, UsageError
from pyledger.terms.state import Cause, Holding, Status
from pyledger.terms.structs import NATIVE, Terms, Verdict
from tests.chain.deals import (
    BOND,
    COIN_BOND,
    DAY,
    FUND,
    OPERATOR,
    PAYER,
    STRANGER,
    TIP,
    VERIFIERS,
    WAGE,
    WORKER,
    Deal,
    mint,
    put,
    refuses,
)

FIRST, SECOND, _THIRD = VERIFIERS
WORK, WEATHER, SILENCE = 0, 1, 2
THE_WAGE, THE_TIP = 0, 1


def verdict(deal: Deal, obligation: int, given: Verdict) -> None:
    for verifier in (FIRST, SECOND):
        deal.agreement.attest_self(verifier, obligation, given)


# A whole life


def test_agreement_lives_from_opening_to_completion(deal: Deal, connection: Connection, token: bytes) -> None:
    agreement = deal.agreement
    before = token_balance(connection, token, WORKER.address)
    opened = agreement.open(OPERATOR)
    assert [type(each) for each in opened.events] == [Opened]
    accepted = agreement.accept(PAYER)
    assert accepted.events[0] == Accepted(accepted.events[0].origin, 0, PAYER.address, BOND)
    assert len(accepted.before) == 1, "one allowance, for exactly the bond"
    assert [type(each) for each in agreement.accept(WORKER).events] == [Accepted, PhaseOpened]
    funded = agreement.fund(PAYER, [THE_WAGE, THE_TIP])
    assert [each.payments for each in funded.events if isinstance(each, Funded)] == [{THE_WAGE, THE_TIP}]
    assert agreement.snapshot().holdings == {
        (0, token): Holding(BOND, WAGE),
        (0, NATIVE): Holding(0, TIP),
        (1, NATIVE): Holding(COIN_BOND, 0),
    }
    first = agreement.attest_self(FIRST, WORK, Verdict.MET)
    assert [type(each) for each in first.events] == [Attested]
    last = agreement.attest_self(SECOND, WORK, Verdict.MET)
    assert [type(each) for each in last.events] == [Attested, Decided, Paid]
    assert token_balance(connection, token, WORKER.address) == before + WAGE
    verdict(deal, WEATHER, Verdict.MET)
    deal.warp(6 * DAY)
    settled = agreement.settle(STRANGER)
    assert [type(each) for each in settled.events] == [PhaseSettled, PhaseDisclosed, PhaseOpened, Paid]
    state = agreement.state()
    assert (state.phase, state.short) == (1, {0: BOND})
    assert agreement.top_up(PAYER, 0).before
    assert agreement.state().short == {}
    deal.warp(6 * DAY)
    ended = agreement.settle(STRANGER).events
    assert [each.status for each in ended if isinstance(each, Ended)] == [Status.COMPLETED]
    snapshot = agreement.snapshot()
    assert snapshot.holdings == {}
    assert snapshot.balances[agreement.address, token] == 0
    assert snapshot.time == connection.latest_time()
    history = agreement.events()
    assert [type(each) for each in history[:2]] == [Opened, Accepted]
    assert len(history) == 21


def test_agreement_ends_with_a_conceded_breach(in_force: Deal, token: bytes) -> None:
    agreement = in_force.agreement
    conceded = agreement.concede(WORKER, WORK)
    assert [each.conceded for each in conceded.events if isinstance(each, Decided)] == [True]
    in_force.warp(DAY)
    paid = [each for each in agreement.settle(STRANGER).events if isinstance(each, Paid)]
    assert (
        sum(each.amount for each in paid if each.cause is Cause.FORFEITURE and each.asset == NATIVE) == COIN_BOND // 2
    )
    assert agreement.state().status is Status.TERMINATED


def test_agreement_releases_what_was_not_paid_with_the_verdict(in_force: Deal) -> None:
    in_force.agreement.fund(PAYER, [THE_WAGE])
    in_force.agreement.attest_self(FIRST, WORK, Verdict.MET)
    in_force.agreement.attest_self(SECOND, WORK, Verdict.MET, pay=[])
    with refuses("NotFunded", match="payment 1 is not funded"):
        in_force.agreement.release(STRANGER, [THE_TIP])
    with refuses("NotDecided", match="obligation 1"):
        in_force.agreement.settle(STRANGER)
    paid = in_force.agreement.release(STRANGER, [THE_WAGE]).events
    assert [each.to for each in paid if isinstance(each, Paid)] == [WORKER.address]
    assert in_force.agreement.release(STRANGER, [THE_WAGE]).events == (), "it is paid out already"


def test_agreement_unwinds_when_joining_fails_and_past_the_long_stop(deal: Deal, token: bytes) -> None:
    deal.agreement.open(OPERATOR)
    deal.agreement.accept(PAYER)
    with refuses("TooEarly"):
        deal.agreement.unwind(STRANGER)
    warp(deal.url, to=deal.agreement.terms.joinBy + 1)
    with refuses("TooLate", match="this was possible until"):
        deal.agreement.accept(WORKER)
    ended = deal.agreement.unwind(STRANGER).events
    assert [each.status for each in ended if isinstance(each, Ended)] == [Status.VOID]


def test_agreement_pays_past_the_long_stop_what_was_decided_before(in_force: Deal, token: bytes) -> None:
    in_force.agreement.fund(PAYER, [THE_WAGE, THE_TIP])
    in_force.agreement.attest_self(FIRST, WORK, Verdict.MET, pay=[])
    in_force.agreement.attest_self(SECOND, WORK, Verdict.MET, pay=[])
    warp(in_force.url, to=in_force.agreement.terms.longStop + 1)
    with refuses("TooLate"):
        in_force.agreement.settle(STRANGER)
    paid = [each for each in in_force.agreement.unwind(STRANGER).events if isinstance(each, Paid)]
    by_cause = {each.cause: (each.to, each.amount) for each in paid if each.cause is not Cause.BOND}
    assert by_cause == {Cause.PAYMENT: (WORKER.address, WAGE), Cause.RETURN: (PAYER.address, TIP)}


def test_settlement_waits_for_a_bond_that_is_short(in_force: Deal) -> None:
    agreement = in_force.agreement
    agreement.fund(PAYER, [THE_WAGE])
    verdict(in_force, WORK, Verdict.MET)
    verdict(in_force, WEATHER, Verdict.LAPSED)
    in_force.warp(6 * DAY)
    agreement.settle(STRANGER)
    assert agreement.state().short == {0: BOND}
    for verifier in (FIRST, SECOND):
        agreement.attest_self(verifier, 0, Verdict.BREACHED)
    with refuses("NotToppedUp", match="the bond of party 0 is short"):
        agreement.settle(STRANGER)
    agreement.top_up(PAYER, 0)
    agreement.settle(STRANGER)


def test_fund_and_release_pass_over_what_is_done(in_force: Deal, connection: Connection) -> None:
    agreement = in_force.agreement
    agreement.fund(PAYER, [THE_TIP])
    both = agreement.fund(PAYER, [THE_WAGE, THE_TIP])
    assert [each.payments for each in both.events if isinstance(each, Funded)] == [{THE_WAGE}]
    held = connection.balance(agreement.address)
    assert held == COIN_BOND + TIP
    verdict(in_force, WORK, Verdict.MET)
    agreement.attest_self(FIRST, WEATHER, Verdict.MET)
    agreement.attest_self(SECOND, WEATHER, Verdict.MET, pay=[])
    paid = [each for each in agreement.release(STRANGER, [THE_WAGE, THE_TIP]).events if isinstance(each, Paid)]
    assert [each.amount for each in paid] == [TIP]


def test_agreement_unwinds_past_the_long_stop(in_force: Deal, token: bytes) -> None:
    in_force.agreement.fund(PAYER, [THE_WAGE, THE_TIP])
    with refuses("TooEarly"):
        in_force.agreement.unwind(STRANGER)
    warp(in_force.url, to=in_force.agreement.terms.longStop + 1)
    back = [each for each in in_force.agreement.unwind(STRANGER).events if isinstance(each, Paid)]
    assert sum(each.amount for each in back if each.asset == token) == BOND + WAGE
    assert in_force.agreement.state().status is Status.UNWOUND


def test_acceptance_signed_away_from_the_chain_is_posted_by_another(deal: Deal, connection: Connection) -> None:
    deal.agreement.open(OPERATOR)
    signed = sign_acceptance(
        WORKER, deal.agreement.terms, chain_id=connection.chain_id, agreement=deal.agreement.address
    )
    accepted = deal.agreement.accept(STRANGER, acceptance=signed).events[0]
    assert isinstance(accepted, Accepted)
    assert (accepted.party, accepted.from_) == (1, STRANGER.address)


# What is refused, by name and before anything is sent


def test_open_refuses_when_open_already(in_force: Deal) -> None:
    with refuses("AlreadyOpen", match="open already, at 0x"):
        in_force.agreement.open(OPERATOR)


def test_open_refuses_when_terms_are_malformed(
    clean: None, connection: Connection, terms: Terms, places: Places
) -> None:
    with refuses("TermsMalformed", match="their joinBy"):
        Agreement(connection, terms._replace(joinBy=1), places).open(OPERATOR)
    with refuses("TermsMalformed", match="their challengeWindow"):
        Agreement(connection, terms._replace(arbitrator=b"\x01" * 20), places).open(OPERATOR)
    with refuses("NothingDisclosed", match="no phase is disclosed"):
        Agreement(connection, terms, places).open(OPERATOR, disclosed=0)


def test_moves_refuse_when_agreement_is_not_open(deal: Deal) -> None:
    moves = (
        lambda: deal.agreement.accept(PAYER),
        lambda: deal.agreement.fund(PAYER, [0]),
        lambda: deal.agreement.settle(PAYER),
        lambda: deal.agreement.withdraw(PAYER, NATIVE),
        deal.agreement.state,
        deal.agreement.snapshot,
    )
    assert not deal.agreement.is_open()
    for move in moves:
        with pytest.raises(MismatchError, match="no agreement is open at 0x"):
            move()


def test_accept_refuses_when_key_is_no_party(deal: Deal) -> None:
    deal.agreement.open(OPERATOR)
    with pytest.raises(SignatureError, match="is no party"):
        deal.agreement.accept(STRANGER)


def test_accept_refuses_when_too_late_without_giving_an_allowance(
    deal: Deal, connection: Connection, token: bytes
) -> None:
    deal.agreement.open(OPERATOR)
    warp(deal.url, to=deal.agreement.terms.joinBy + 1)
    nonce = connection.nonce(PAYER.address)
    with refuses("TooLate", match="UTC"):
        deal.agreement.accept(PAYER)
    assert connection.nonce(PAYER.address) == nonce


def test_accept_refuses_when_accepted_already(in_force: Deal) -> None:
    with refuses("WrongStatus", match="is in force"):
        in_force.agreement.accept(PAYER)


def test_fund_refuses_when_balance_is_short(in_force: Deal, connection: Connection) -> None:
    nonce = connection.nonce(STRANGER.address)
    with refuses("ERC20InsufficientBalance", match=f"has 0 of the token and needs {WAGE}"):
        in_force.agreement.fund(STRANGER, [THE_WAGE])
    assert connection.nonce(STRANGER.address) == nonce


def test_fund_refuses_when_coin_is_short(in_force: Deal, connection: Connection) -> None:
    connection.request("anvil_setBalance", "0x" + STRANGER.address.hex(), hex(TIP - 1))
    with refuses("InsufficientFunds", match="needs"):
        in_force.agreement.fund(STRANGER, [THE_TIP])
    connection.request("anvil_setBalance", "0x" + STRANGER.address.hex(), hex(TIP + 1))
    with refuses("InsufficientFunds", match="needs"):
        in_force.agreement.fund(STRANGER, [THE_TIP])


def test_allowance_is_exact_and_given_only_when_short(in_force: Deal, connection: Connection, token: bytes) -> None:
    asked = token_abi().encode("allowance", PAYER.address, in_force.agreement.address)
    assert len(in_force.agreement.fund(PAYER, [THE_WAGE]).before) == 1
    assert int.from_bytes(connection.call(token, asked), "big") == 0


def test_insufficient_allowance_is_named(in_force: Deal, connection: Connection, token: bytes) -> None:
    with refuses("ERC20InsufficientAllowance", match=r"may take 0 of the token and needs 10000"):
        data = in_force.agreement.encoder.in_phase("fund", 0, 1 << THE_WAGE)
        transact(connection, PAYER, in_force.agreement.address, data)


def test_fund_refuses_when_late_funded_or_unknown(in_force: Deal) -> None:
    in_force.agreement.fund(PAYER, [THE_WAGE])
    again = in_force.agreement.fund(PAYER, [THE_WAGE])
    assert (again.events, again.before) == ((), ()), "it is funded already, and nothing is allowed for it"
    with refuses("UnknownPayment"):
        in_force.agreement.fund(PAYER, [9])
    with pytest.raises(UsageError, match="no payment"):
        in_force.agreement.fund(PAYER, [])
    in_force.warp(DAY + 1)
    with refuses("PastCutOff", match="was cut off at"):
        in_force.agreement.fund(PAYER, [THE_TIP])


def test_fund_refuses_when_token_takes_a_fee(
    clean: None, connection: Connection, places: Places, terms: Terms, token: bytes
) -> None:
    fee = put(connection, "test/tokens/FeeToken.sol")
    mint(connection, fee, PAYER, 10 * BOND)
    payer = terms.parties[0]._replace(asset=fee)
    agreement = Agreement(connection, terms._replace(parties=(payer, terms.parties[1])), places)
    agreement.open(OPERATOR)
    with refuses("DepositMismatch", match=f"delivered {BOND * 99 // 100} instead of {BOND}"):
        agreement.accept(PAYER)


def test_accept_refuses_when_asset_is_no_token(
    clean: None, connection: Connection, places: Places, terms: Terms
) -> None:
    payer = terms.parties[0]._replace(asset=STRANGER.address)
    agreement = Agreement(connection, terms._replace(parties=(payer, terms.parties[1])), places)
    agreement.open(OPERATOR)
    with refuses("SafeERC20FailedOperation", match="refused the transfer"):
        agreement.accept(PAYER)
    assert (agreement.address, STRANGER.address) not in agreement.snapshot().balances


def test_concede_refuses_when_caller_is_not_the_obligor(in_force: Deal) -> None:
    with refuses("NotCaller", match="only 0x"):
        in_force.agreement.concede(PAYER, WORK)
    with refuses("VerdictNotAllowed"):
        in_force.agreement.concede(PAYER, WEATHER)
    with refuses("UnknownObligation"):
        in_force.agreement.concede(PAYER, 7)


def test_attest_refuses_when_decided_too_late_or_no_seat(in_force: Deal) -> None:
    with pytest.raises(SignatureError, match="has no seat"):
        in_force.agreement.attest_self(STRANGER, WORK, Verdict.MET)
    in_force.agreement.fund(PAYER, [THE_WAGE, THE_TIP])
    in_force.agreement.attest_self(FIRST, WORK, Verdict.MET)
    assert in_force.agreement.attest_self(FIRST, WORK, Verdict.MET).events == (), "heard already"
    with refuses("NoNewVoice"):
        in_force.agreement.attest_self(FIRST, WORK, Verdict.LAPSED)
    in_force.agreement.attest_self(SECOND, WORK, Verdict.MET)
    assert in_force.agreement.attest_self(FIRST, WORK, Verdict.MET).events == (), "decided already"
    with refuses("AlreadyDecided", match="obligation 0 is decided already: met"):
        in_force.agreement.attest_self(FIRST, WORK, Verdict.LAPSED)
    in_force.warp(10 * DAY + 1)
    with refuses("TooLate"):
        in_force.agreement.attest_self(FIRST, WEATHER, Verdict.MET)


def test_attest_pays_what_somebody_else_has_decided(in_force: Deal) -> None:
    in_force.agreement.fund(PAYER, [THE_WAGE])
    in_force.agreement.attest_self(FIRST, WORK, Verdict.MET)
    in_force.agreement.attest_self(SECOND, WORK, Verdict.MET, pay=[])
    receipt = in_force.agreement.attest_self(SECOND, WORK, Verdict.MET, pay=[THE_WAGE])
    assert [(type(each), getattr(each, "to", None)) for each in receipt.events] == [(Paid, WORKER.address)]


def test_top_up_does_nothing_when_bond_is_not_short(in_force: Deal) -> None:
    assert in_force.agreement.top_up(WORKER, 1).events == ()
    with refuses("UnknownParty"):
        in_force.agreement.top_up(WORKER, 2)


def test_withdraw_takes_what_could_not_be_pushed(in_force: Deal, connection: Connection) -> None:
    wall = "0x" + WORKER.address.hex()
    with refuses("NothingToWithdraw"):
        in_force.agreement.withdraw(WORKER, NATIVE)
    in_force.agreement.fund(PAYER, [THE_TIP])
    connection.request("anvil_setCode", wall, "0x5f5ffd")
    verdict(in_force, WEATHER, Verdict.MET)
    assert in_force.agreement.snapshot().state.credits == {(WORKER.address, NATIVE): TIP}
    connection.request("anvil_setCode", wall, "0x")
    before = connection.balance(FUND.address)
    for nobody in (bytes(20), in_force.agreement.address):
        with refuses("NotARecipient", match="cannot receive money"):
            in_force.agreement.withdraw(WORKER, NATIVE, to=nobody)
    in_force.agreement.withdraw(WORKER, NATIVE, to=FUND.address, amount=1)
    assert in_force.agreement.snapshot().state.credits == {(WORKER.address, NATIVE): TIP - 1}
    with refuses("NothingToWithdraw"):
        in_force.agreement.withdraw(WORKER, NATIVE, amount=0)
    in_force.agreement.withdraw(WORKER, NATIVE, to=FUND.address)
    assert connection.balance(FUND.address) == before + TIP


def test_anyone_delivers_to_an_account_what_is_credited_to_it(in_force: Deal, connection: Connection) -> None:
    wall = "0x" + WORKER.address.hex()
    with refuses("NothingToWithdraw"):
        in_force.agreement.deliver(STRANGER, WORKER.address, NATIVE)
    in_force.agreement.fund(PAYER, [THE_TIP])
    connection.request("anvil_setCode", wall, "0x5f5ffd")
    verdict(in_force, WEATHER, Verdict.MET)
    with refuses("FailedCall", match="refused the money"):
        in_force.agreement.deliver(STRANGER, WORKER.address, NATIVE)
    connection.request("anvil_setCode", wall, "0x")
    assert in_force.agreement.credit(WORKER.address, NATIVE) == TIP
    before = connection.balance(WORKER.address)
    in_force.agreement.deliver(STRANGER, WORKER.address, NATIVE)
    assert connection.balance(WORKER.address) == before + TIP
    assert in_force.agreement.credit(WORKER.address, NATIVE) == 0


def test_disclose_refuses_when_agreement_is_not_open(deal: Deal, connection: Connection) -> None:
    with pytest.raises(MismatchError, match="no agreement is open"):
        deal.agreement.disclose(STRANGER)
    data = deal.agreement.encoder.opening("disclose", 1)
    with refuses("NotOpen", match="no agreement of these terms is open, at 0x"):
        transact(connection, STRANGER, deal.agreement.places.factory, data)


# The right agreement


def test_verify_says_step_by_step_that_the_account_holds_the_terms(in_force: Deal, terms: Terms) -> None:
    checks = in_force.agreement.verify()
    assert [each.holds for each in checks] == [True, True, True]
    other = Agreement(in_force.agreement.connection, terms._replace(document=b"\x0e" * 32), in_force.agreement.places)
    assert [each.holds for each in other.verify()] == [True, True, False]
    assert "has not been opened" in other.verify()[2].found


def test_moves_refuse_when_the_address_has_other_code(in_force: Deal, connection: Connection) -> None:
    connection.request("anvil_setCode", "0x" + in_force.agreement.address.hex(), "0x00")
    assert [each.holds for each in in_force.agreement.verify()] == [True, True, False]
    with pytest.raises(MismatchError, match="is not that of the agreement"):
        in_force.agreement.settle(STRANGER)


def test_calls_refuse_when_terms_are_others(in_force: Deal, terms: Terms, connection: Connection) -> None:
    other = Agreement(connection, terms._replace(longStop=terms.longStop + 1), in_force.agreement.places)
    with refuses("TermsMismatch", match="has other terms"):
        transact(connection, STRANGER, in_force.agreement.address, other.encoder.settle(0, goes_on=False))


# Transactions


def test_transact_names_the_reason_when_it_fails_on_chain(in_force: Deal, connection: Connection) -> None:
    """Between the estimate and the block the time to fund runs out."""
    late = in_force.agreement.state().opened_at + DAY + 1
    connection.request("evm_setAutomine", False)
    with ThreadPoolExecutor() as pool:
        moving = pool.submit(in_force.agreement.fund, PAYER, [THE_TIP])
        while connection.request("txpool_status")["pending"] == "0x0":
            time.sleep(0.005)
        connection.request("evm_setNextBlockTimestamp", late)
        connection.request("evm_mine")
        connection.request("evm_setAutomine", True)
        with refuses("PastCutOff", match="was cut off at"):
            moving.result()


def test_transact_says_how_to_go_on_when_nothing_happens(in_force: Deal, connection: Connection) -> None:
    patient = Agreement(connection, in_force.agreement.terms, in_force.agreement.places, timeout=0.05)
    connection.request("evm_setAutomine", False)
    try:
        with pytest.raises(TransactionError, match=r"transaction 0x[0-9a-f]{64} is still under way") as caught:
            patient.fund(PAYER, [THE_TIP])
    finally:
        connection.request("evm_setAutomine", True)
        connection.request("evm_mine")
    assert "before doing it again" in str(caught.value)


def test_transact_keeps_the_hash_when_the_node_goes_away() -> None:
    with Anvil() as chain, connect(Network("local", chain.url)) as connection, ThreadPoolExecutor() as pool:
        connection.request("evm_setAutomine", False)
        moving = pool.submit(transact, connection, STRANGER, FUND.address, b"", value=1)
        with connect(Network("local", chain.url)) as watching:
            while watching.request("txpool_status")["pending"] == "0x0":
                time.sleep(0.005)
        chain.stop()
        with pytest.raises(TransactionError, match=r"transaction 0x[0-9a-f]{64} is under way, and the node no longer"):
            moving.result()


def test_wait_counts_confirmations(clean: None, connection: Connection, anvil: Anvil) -> None:
    with connect(replace(connection.network, confirmations=3)) as patient, ThreadPoolExecutor() as pool:
        moving = pool.submit(transact, patient, STRANGER, FUND.address, b"", value=1)
        while connection.request("txpool_status")["pending"] != "0x0" or connection.nonce(STRANGER.address) == 0:
            time.sleep(0.005)
        time.sleep(0.1)
        assert not moving.done()
        mine(anvil.url, 2)
        receipt = moving.result()
        assert patient.block_number() == receipt.block + 2


def test_transact_refuses_for_a_chain_the_key_is_not_for(connection: Connection) -> None:
    with pytest.raises(SignatureError, match="never signs for chain 5"):
        PAYER.require_chain(5)


def test_silent_and_unknown_reverts_are_told_apart(clean: None, connection: Connection) -> None:
    silent, loud = bytes.fromhex("5f5ffd"), encode(["string"], ["closed"])
    target = "0x" + bytes(19).hex() + "aa"
    address = bytes.fromhex(target[2:])
    connection.request("anvil_setCode", target, "0x" + silent.hex())
    with refuses("Silent"):
        transact(connection, STRANGER, address, b"")
    assert explain_revert(bytes.fromhex("08c379a0") + loud).what == "the call was refused: closed"
    assert explain_revert(bytes.fromhex("4e487b71") + (17).to_bytes(32, "big")).name == "Panic"
    assert explain_revert(b"\x01\x02\x03\x04").name == "Unnamed"
    assert explain_revert(bytes.fromhex("08c379a0") + b"\xff" * 40).name == "Unnamed"


# Sentences


def test_every_custom_error_has_a_sentence_with_only_its_own_gaps() -> None:
    token = {each["name"] for each in load_artifact("TestToken").abi if each["type"] == "error"}
    entries = [*agreement_abi().errors.values(), *factory_abi().errors.values()]
    assert {each.name for each in entries} | token <= set(SENTENCES)
    for entry in entries:
        values = {each["name"]: 0 for each in entry.inputs}
        assert "?" not in refused(entry.name, values).what, entry.name


def test_sentences_speak_in_labels_where_there_are_some() -> None:
    def label(kind: str, key: int | bytes) -> str | None:
        return {("obligation", 0): "work", ("asset", b"\x01" * 20): "usd"}.get((kind, key))

    assert refused("NotDecided", {"obligation": 0}, label=label).what == "`work` is not decided yet"
    assert refused("NotDecided", {"obligation": 1}, label=label).what == "obligation 1 is not decided yet"
    assert (
        "usd (0x" in refused("DepositMismatch", {"asset": b"\x01" * 20, "expected": 2, "received": 1}, label=label).what
    )
    assert labels_of(None)("party", 0) is None


def test_the_client_is_there_before_web3_is() -> None:
    program = "import sys, pyledger.chain.client, pyledger.chain.local; sys.exit('web3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
