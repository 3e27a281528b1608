"""Verdicts contested before a court, from the challenge to the ruling, on a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyledger.chain.abi import DisputeStatus
from pyledger.chain.anvil import Anvil, warp
from pyledger.chain.arbitration import Court, CourtPlan, create_court
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.crosscheck import contradictions
from pyledger.chain.deployments import Places
from pyledger.chain.events import (
    Challenged,
    Dispute,
    Event,
    Evidence,
    MetaEvidence,
    Paid,
    Ruled,
    Ruling,
)
from pyledger.chain.networks import Network
from pyledger.chain.records import dump_records, read_records
from pyledger.chain.rulings import SignedRuling, Word
from pyledger.chain.tokens import token_balance
from pyledger.errors import MismatchError, NodeError, SignatureError, UsageError
from pyledger.terms.outcome import given
from pyledger.terms.state import Cause, Contest, Hearing, Status
from pyledger.terms.structs import NATIVE, Verdict
from tests.chain.deals import (
    DAY,
    FEE,
    FUND,
    HOUR,
    JUDGES,
    OPERATOR,
    PAYER,
    STRANGER,
    VERIFIERS,
    VILLAGE,
    WAGE,
    WORKER,
    Deal,
    contested,
    refuses,
)

WORK, WEATHER, SILENCE = 0, 1, 2
PRESIDENT, SECOND, THIRD = JUDGES


def attest(deal: Deal, obligation: int, verdict: Verdict, value: int = 0) -> None:
    for verifier in VERIFIERS[:2]:
        deal.agreement.attest_self(verifier, obligation, verdict, value=value)


def only(kind: type[Event], events: tuple[Event, ...]) -> Event:
    (found,) = [each for each in events if isinstance(each, kind)]
    return found


def rulings(deal: Deal, dispute: int, ruling: Word) -> list[SignedRuling]:
    court, stop = deal.agreement.court(), deal.agreement.terms.longStop
    return [court.sign(judge, dispute, ruling, expiry=stop) for judge in (PRESIDENT, THIRD)]


@pytest.fixture
def challenged(disputed: Deal) -> tuple[Deal, int]:
    """The work was found met, at a value of 1,100, and somebody with standing contests it."""
    attest(disputed, WORK, Verdict.MET, 1_100)
    said = only(Challenged, disputed.agreement.challenge(VILLAGE, WORK, max_fee=FEE).events)
    assert isinstance(said, Challenged)
    return disputed, said.dispute_id


# A verdict that stands


def test_a_verdict_under_a_court_waits_for_its_window(disputed: Deal, token: bytes) -> None:
    agreement = disputed.agreement
    attest(disputed, WORK, Verdict.MET, 1_100)
    state = agreement.state()
    assert state.attested == {WORK: 1_100}
    decided_at = agreement.connection.latest_time()
    assert state.contests == {WORK: Contest(decided_at, 0, 0)}
    assert state.paid == frozenset(), "nothing is paid with a verdict that can still be challenged"
    with refuses("NotFinal", match="can still be challenged, or is being heard, until 20"):
        agreement.release(STRANGER, [0])
    disputed.warp(4 * DAY)
    before = token_balance(agreement.connection, token, PAYER.address)
    released = agreement.release(STRANGER, [0]).events
    paid = [(each.cause, each.amount) for each in released if isinstance(each, Paid)]
    assert paid == [(Cause.PAYMENT, 5_000), (Cause.RETURN, 5_000)], "4,000, and one for each above 100"
    assert token_balance(agreement.connection, token, PAYER.address) == before + WAGE - 5_000
    with refuses("TooLate"):
        agreement.challenge(VILLAGE, WORK, max_fee=FEE)


def test_a_conceded_breach_cannot_be_challenged(disputed: Deal) -> None:
    disputed.agreement.concede(WORKER, WORK)
    with refuses("TooLate"):
        disputed.agreement.challenge(PAYER, WORK, max_fee=FEE)


# A challenge, end to end


def test_a_challenge_takes_the_fee_and_is_told_as_the_ercs_have_it(disputed: Deal, court: bytes) -> None:
    agreement, connection = disputed.agreement, disputed.agreement.connection
    attest(disputed, WORK, Verdict.MET, 1_100)
    assert agreement.challenge_cost() == FEE
    held = connection.balance(court)
    receipt = agreement.challenge(VILLAGE, WORK, max_fee=FEE)
    assert connection.balance(court) == held + FEE
    meta, dispute, said = receipt.events
    assert isinstance(meta, MetaEvidence)
    assert isinstance(dispute, Dispute)
    assert isinstance(said, Challenged)
    now = connection.block(receipt.block).time
    assert meta.evidence == "urn:pyledger:0x" + agreement.terms.document.hex()
    assert (dispute.arbitrator, dispute.dispute_id) == (court, said.dispute_id)
    assert meta.meta_evidence_id == dispute.meta_evidence_id == dispute.evidence_group_id == WORK
    assert (said.by, said.verdict, said.until) == (VILLAGE.address, Verdict.MET, now + 5 * DAY)
    assert agreement.hearing(said.dispute_id) == Hearing(0, WORK, now + 5 * DAY, ruled=False)
    assert agreement.hearing(99) is None
    assert agreement.state().contests[WORK].challenged_at == now
    with refuses("AlreadyChallenged", match="challenged already"):
        agreement.challenge(WORKER, WORK, max_fee=FEE)


def test_a_ruling_signed_by_judges_changes_the_verdict(challenged: tuple[Deal, int], tmp_path: Path) -> None:
    deal, dispute = challenged
    agreement, court = deal.agreement, deal.agreement.court()
    file = tmp_path / "rulings.json"
    file.write_text(dump_records(rulings(deal, dispute, "breached")))
    assert court.dispute(dispute).status is DisputeStatus.WAITING
    assert court.disputes() == dispute == 1, "they are numbered from one"
    ruled, plain = court.rule(STRANGER, read_records(file, SignedRuling)).events
    assert isinstance(ruled, Ruling)
    assert isinstance(plain, Ruled)
    assert (ruled.arbitrator, ruled.dispute_id, ruled.ruling) == (court.address, dispute, 2)
    assert (plain.obligation, plain.verdict, plain.dispute_id) == (WORK, Verdict.BREACHED, dispute)
    assert court.dispute(dispute)[2:] == (2, DisputeStatus.SOLVED)
    state = agreement.state()
    assert (state.verdicts[WORK], state.attested) == (Verdict.BREACHED, {})
    assert given(state, agreement.terms, WORK).final_at == agreement.connection.latest_time()
    heard = agreement.hearing(dispute)
    assert heard is not None
    assert heard.ruled
    deal.warp(DAY)
    agreement.settle(STRANGER)
    assert agreement.state().status is Status.TERMINATED


@pytest.mark.parametrize(
    ("word", "verdict"),
    [("met", Verdict.MET), ("breached", Verdict.BREACHED), ("lapsed", Verdict.LAPSED), ("refused", Verdict.LAPSED)],
)
def test_every_ruling_has_its_word(challenged: tuple[Deal, int], word: Word, verdict: Verdict) -> None:
    deal, dispute = challenged
    deal.agreement.court().rule(STRANGER, rulings(deal, dispute, word))
    state = deal.agreement.state()
    assert state.verdicts[WORK] is verdict
    assert state.attested == ({WORK: 1_100} if verdict is Verdict.MET else {})


def test_what_silence_said_can_be_challenged(disputed: Deal) -> None:
    disputed.warp(10 * DAY + 1)
    said = only(Challenged, disputed.agreement.challenge(WORKER, WEATHER, max_fee=FEE).events)
    assert isinstance(said, Challenged)
    assert said.verdict is Verdict.LAPSED
    assert disputed.agreement.state().verdicts[WEATHER] is Verdict.LAPSED
    disputed.agreement.court().rule(STRANGER, rulings(disputed, said.dispute_id, "met"))
    disputed.warp(10 * DAY + HOUR)
    disputed.agreement.release(STRANGER, [1])
    assert disputed.agreement.state().paid == {1}


def test_without_a_ruling_in_time_the_verdict_stands(challenged: tuple[Deal, int]) -> None:
    deal, dispute = challenged
    late = rulings(deal, dispute, "breached")
    deal.warp(9 * DAY)
    with refuses("TooLate", match="this was possible until"):
        deal.agreement.court().rule(STRANGER, late)
    deal.agreement.release(STRANGER, [0])
    assert deal.agreement.state().verdicts[WORK] is Verdict.MET


def test_no_step_of_a_dispute_contradicts_another(disputed: Deal) -> None:
    agreement = disputed.agreement

    def check() -> None:
        assert contradictions(agreement.snapshot(), agreement.events(), agreement.terms) == ()

    attest(disputed, WORK, Verdict.MET, 1_100)
    check()
    said = only(Challenged, agreement.challenge(VILLAGE, WORK, max_fee=FEE).events)
    assert isinstance(said, Challenged)
    check()
    agreement.comment(VILLAGE, "the trees are gone", obligation=WORK)
    agreement.court().rule(STRANGER, rulings(disputed, said.dispute_id, "lapsed"))
    check()
    disputed.warp(5 * DAY + 1)
    agreement.challenge(PAYER, SILENCE, max_fee=FEE)
    check()
    disputed.warp(18 * DAY)
    agreement.settle(STRANGER)
    check()
    assert agreement.state().phase == 1


def test_past_the_long_stop_a_phase_is_settled_and_no_next_one_shown(disputed: Deal) -> None:
    agreement, secret = disputed.agreement, disputed.agreement.terms.phases[1].salt
    attest(disputed, WORK, Verdict.MET, 1_100)
    attest(disputed, WEATHER, Verdict.MET)
    disputed.warp(8 * DAY)
    assert secret in agreement.calls.settle().data
    warp(disputed.url, to=agreement.terms.longStop + 1)
    assert secret not in agreement.calls.settle().data
    agreement.settle(STRANGER)
    assert agreement.state().status is Status.UNWOUND


def test_a_phase_that_was_cut_off_shows_no_next_one(disputed: Deal) -> None:
    agreement, secret = disputed.agreement, disputed.agreement.terms.phases[1].salt
    agreement.concede(WORKER, WORK)
    disputed.warp(DAY)
    assert secret not in agreement.calls.settle().data
    agreement.settle(STRANGER)
    assert agreement.state().status is Status.TERMINATED


# Who may challenge, and what it may cost


def test_challenge_refuses_whom_the_terms_do_not_name(disputed: Deal) -> None:
    attest(disputed, WORK, Verdict.MET)
    for nobody in (STRANGER, VERIFIERS[0]):
        with refuses("NoStanding", match="neither a member nor has standing"):
            disputed.agreement.challenge(nobody, WORK, max_fee=FEE)
    with refuses("NotDecided"):
        disputed.agreement.challenge(PAYER, WEATHER, max_fee=FEE)
    with refuses("UnknownObligation"):
        disputed.agreement.challenge(PAYER, 7, max_fee=FEE)


def test_challenge_refuses_where_there_is_no_court(in_force: Deal) -> None:
    for move in (
        in_force.agreement.challenge_cost,
        in_force.agreement.court,
        lambda: in_force.agreement.challenge(PAYER, WORK, max_fee=FEE),
    ):
        with refuses("NoArbitrator", match="final as it is given"):
            move()


def test_challenge_refuses_a_fee_above_what_may_be_paid(disputed: Deal) -> None:
    attest(disputed, WORK, Verdict.MET)
    nonce = disputed.agreement.connection.nonce(PAYER.address)
    with refuses("FeeTooHigh", match=f"asks for {FEE} wei, and at most {FEE - 1}"):
        disputed.agreement.challenge(PAYER, WORK, max_fee=FEE - 1)
    disputed.agreement.connection.request("anvil_setBalance", "0x" + PAYER.address.hex(), hex(FEE))
    with refuses("InsufficientFunds"):
        disputed.agreement.challenge(PAYER, WORK, max_fee=FEE)
    assert disputed.agreement.connection.nonce(PAYER.address) == nonce


@pytest.mark.parametrize("code", ["0x5f5ffd", "0x", "0x600160005260016000f3"])
def test_challenge_refuses_when_the_arbitrator_does_not_answer(
    disputed: Deal, connection: Connection, court: bytes, code: str
) -> None:
    attest(disputed, WORK, Verdict.MET)
    connection.request("anvil_setCode", "0x" + court.hex(), code)
    with refuses("ArbitratorSilent", match="does not say what it costs"):
        disputed.agreement.challenge(PAYER, WORK, max_fee=FEE)
    with pytest.raises(MismatchError, match="no court of pyledger's kind"):
        disputed.agreement.court().panel()


# Rulings that do not fit


def test_the_court_is_what_its_plan_says(connection: Connection, court: bytes) -> None:
    plan = CourtPlan(tuple(each.address for each in JUDGES), 2, FEE, FUND.address)
    again, receipt = create_court(connection, OPERATOR, plan)
    assert (again.address, receipt) == (court, None)
    assert (again.panel(), again.threshold(), again.fee()) == plan[:3]
    assert again.disputes() == 0


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        (CourtPlan((FUND.address,), 2, 0, FUND.address), "ThresholdOutOfRange"),
        (CourtPlan((), 0, 0, FUND.address), "WrongNumberOfSeats"),
        (CourtPlan((FUND.address, FUND.address), 1, 0, FUND.address), "SeatRepeated"),
        (CourtPlan((FUND.address,), 1, 0, NATIVE), "ZeroAddress"),
    ],
)
def test_create_court_refuses_a_plan_that_is_none(connection: Connection, plan: CourtPlan, name: str) -> None:
    with refuses(name):
        create_court(connection, OPERATOR, plan)


def test_rule_refuses_when_too_few_have_signed(challenged: tuple[Deal, int]) -> None:
    deal, dispute = challenged
    one, other = rulings(deal, dispute, "breached")
    court = deal.agreement.court()
    with pytest.raises(UsageError, match="no ruling"):
        court.rule(STRANGER, [])
    with refuses("NotEnoughVoices", match="1 of the 2 judges that a ruling needs have signed"):
        court.rule(STRANGER, [one])
    with refuses("SeatRepeated"):
        court.rule(STRANGER, [one, one])
    with pytest.raises(SignatureError, match="the rulings differ"):
        court.rule(STRANGER, [one, other.model_copy(update={"ruling": "met"})])
    court.rule(STRANGER, [one, other])
    with refuses("AlreadyRuled", match="ruled on dispute"):
        court.rule(STRANGER, [one, other])


def test_rule_refuses_what_was_signed_for_something_else(challenged: tuple[Deal, int]) -> None:
    deal, dispute = challenged
    one, other = rulings(deal, dispute, "breached")
    court = deal.agreement.court()
    for change, match in (
        ({"chain_id": 1}, "signed for chain 1"),
        ({"court": FUND.address}, "signed for the court"),
        ({"agreement": FUND.address}, "signed for a dispute of"),
        ({"expiry": 7}, "expired"),
        ({"judge": SECOND.address}, "another key signed"),
        ({"judge": STRANGER.address}, "has no seat on this court"),
        ({"expiry": 1 << 40}, "no such ruling can be signed"),
        ({"signature": b""}, "0 bytes instead of 65"),
    ):
        with pytest.raises(SignatureError, match=match):
            court.rule(STRANGER, [one, other.model_copy(update=change)])
    with pytest.raises(SignatureError, match="has no seat"):
        court.sign(STRANGER, dispute, "met", expiry=deal.agreement.terms.longStop)
    with refuses("UnknownDispute", match="there is no dispute 99"):
        court.sign(PRESIDENT, 99, "met", expiry=deal.agreement.terms.longStop)


def test_a_judge_that_is_a_contract_is_asked(challenged: tuple[Deal, int]) -> None:
    """What an ERC-1271 wallet signs nobody can recover: the court asks it."""
    deal, dispute = challenged
    one, other = rulings(deal, dispute, "breached")
    yes = "0x" + "7f" + "1626ba7e" + "00" * 28 + "5f5260205ff3"  # answers the magic word to everything
    deal.agreement.connection.request("anvil_setCode", "0x" + THIRD.address.hex(), yes)
    deal.agreement.court().rule(STRANGER, [one, other.model_copy(update={"signature": b"its own way"})])
    assert deal.agreement.state().verdicts[WORK] is Verdict.BREACHED


def test_fees_go_to_whom_the_plan_names(challenged: tuple[Deal, int], connection: Connection) -> None:
    deal, _ = challenged
    before = connection.balance(FUND.address)
    deal.agreement.court().collect(STRANGER)
    assert connection.balance(FUND.address) == before + FEE
    with refuses("NothingToCollect"):
        deal.agreement.court().collect(STRANGER)


# Comments


def test_whoever_is_heard_comments_on_record(disputed: Deal) -> None:
    agreement = disputed.agreement
    said: list[Event] = []
    words = "the river\nis dry ✓"
    said += agreement.comment(VILLAGE, words, obligation=WEATHER).events
    said += agreement.comment(VERIFIERS[2], words).events
    said += agreement.comment(WORKER, words, group=2**256 - 1).events
    found = [each for each in said if isinstance(each, Evidence)]
    assert [each.party for each in found] == [VILLAGE.address, VERIFIERS[2].address, WORKER.address]
    assert [each.about for each in found] == [(0, WEATHER), (0, None), None]
    assert {each.evidence for each in found} == {"the river\nis dry ✓"}
    with refuses("NoStanding"):
        agreement.comment(STRANGER, "hello")


def test_comments_need_no_court_and_outlive_the_agreement(in_force: Deal) -> None:
    in_force.agreement.concede(WORKER, WORK)
    in_force.warp(DAY)
    in_force.agreement.settle(STRANGER)
    (said,) = in_force.agreement.comment(PAYER, "thank you").events
    assert isinstance(said, Evidence)
    assert said.arbitrator == NATIVE


def test_a_deal_whose_court_is_no_contract_cannot_be_opened(
    clean: None, connection: Connection, places: Places, token: bytes
) -> None:
    terms = contested(connection.latest_time(), token, STRANGER.address)
    with refuses("TermsMalformed", match="their arbitrator"):
        Agreement(connection, terms, places).open(OPERATOR)


def test_court_reads_refuse_where_there_is_none(connection: Connection, token: bytes) -> None:
    for address in (STRANGER.address, token):
        with pytest.raises(MismatchError, match="no court"):
            Court(connection, address).threshold()
        assert Court(connection, address).cost() is None


def test_a_node_that_is_gone_is_not_taken_for_a_court_that_is(court: bytes) -> None:
    with Anvil() as chain, connect(Network("local", chain.url)) as lost:
        found = Court(lost, court)
        chain.stop()
        for ask in (found.panel, found.cost):
            with pytest.raises(NodeError, match="no node answers"):
                ask()
