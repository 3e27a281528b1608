"""From a document and its bindings to terms, and between names and numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from pyledger.document import Document, document_hash, gallery, loads
from pyledger.errors import BindingsError, TermsError, UsageError
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.structs import (
    NATIVE,
    OUTSIDE,
    Obligation,
    Panel,
    Party,
    Payment,
    Phase,
    Seat,
    Share,
    Terms,
    Tier,
    Verdict,
)
from pyledger.terms.typed_data import terms_hash
from tests.document.accords import accords

DAY = 86_400
START = 1_800_000_000

DEAL = """\
pyledger: 1
title: A small deal
assets: {usd: {symbol: USDX, decimals: 6}, coin: {native: true}}
parties:
  worker: {name: Worker}
  payer: {name: Payer, bond: {amount: 0.5, asset: coin}, forfeits_to: {worker: 60%, fund: 40%}}
recipients: {fund: {name: Fund}}
panels:
  jury: {verifiers: [juror-a, juror-b], threshold: 1}
  board:
    chambers: {legal: {verifiers: [jurist], at_least: 1}, technical: {verifiers: [juror-b], at_least: 0}}
    threshold: 2
join_within: 14 days
long_stop_after: 2 years
top_up_within: 3 days
default_forfeits: 25%
phases:
  - id: build
    obligations:
      dry: {by: outside, what: It stays dry, within: 9 days, decided_by: jury, if_silent: met}
      delivered:
        {by: worker, what: Deliver, within: 30 days, grace: 2 days, decided_by: board, if_silent: lapse, material: true}
    payments:
      wage:
        from: payer
        to: {worker: 75%, fund: 25%}
        amount: 1_000.50
        asset: usd
        when: {delivered: [breached, met]}
        fund_within: 7 days
  - id: upkeep
    not_before: 2028-01-01
    bonds: {payer: 0.000000000000000001}
    obligations:
      quiet: {by: payer, what: Is quiet, within: 60 days, decided_by: jury, if_silent: breach, forfeit: 12.5%}
"""


def account(number: int) -> bytes:
    return number.to_bytes(20)


BINDINGS = Bindings(
    chain_id=31337,
    start=START,
    parties={"payer": account(1), "worker": account(2)},
    recipients={"fund": account(3)},
    verifiers={"juror-a": account(4), "juror-b": account(5), "jurist": account(6)},
    assets={"usd": account(7)},
)


def test_every_field_of_the_terms() -> None:
    document = loads(DEAL)
    assert compile_terms(document, BINDINGS) == Terms(
        document=document_hash(document),
        predecessor=bytes(20),
        joinBy=START + 14 * DAY,
        longStop=START + 730 * DAY,
        minParties=2,
        accession=False,
        challengeWindow=0,
        rulingWindow=0,
        topUpWithin=3 * DAY,
        defaultForfeitBps=2500,
        arbitrator=bytes(20),
        arbitratorData=b"",
        parties=(
            Party(account(2), NATIVE, 0, ()),
            Party(account(1), NATIVE, 5 * 10**17, (Share(account(2), 6000), Share(account(3), 4000))),
        ),
        panels=(
            Panel(1, (), (Seat(account(4), 0), Seat(account(5), 0))),
            Panel(2, (1, 0), (Seat(account(6), 0), Seat(account(5), 1))),
        ),
        standing=(),
        phases=(
            Phase(
                salt=bytes(32),
                notBefore=0,
                bonds=(),
                obligations=(
                    Obligation(OUTSIDE, 0, Verdict.MET, False, 9 * DAY, 0, 0),
                    Obligation(0, 1, Verdict.LAPSED, True, 30 * DAY, 2 * DAY, 0),
                ),
                payments=(
                    Payment(
                        payer=1,
                        obligation=1,
                        on=(1 << Verdict.MET) | (1 << Verdict.BREACHED),
                        asset=account(7),
                        amount=1_000_500_000,
                        due=7 * DAY,
                        payees=(Share(account(2), 7500), Share(account(3), 2500)),
                        tiers=(),
                    ),
                ),
            ),
            Phase(
                salt=bytes(32),
                notBefore=1_830_297_600,
                bonds=(0, 1),
                obligations=(Obligation(1, 0, Verdict.BREACHED, False, 60 * DAY, 0, 1250),),
                payments=(),
            ),
        ),
    )


ACCORD = (Path(__file__).parents[1] / "document" / "accord.yaml").read_text(encoding="utf-8")

ACCORD_BINDINGS = Bindings(
    chain_id=31337,
    start=START,
    predecessor=account(30),
    parties={"maker": account(1), "rival": account(2), "later": account(3)},
    recipients={"commons": account(4)},
    standing={"readers": account(5), "fishers": account(6)},
    verifiers={"auditor-a": account(7), "auditor-b": account(8)},
    courts={"high-court": account(9)},
    assets={"usd": account(10)},
)


def test_every_field_of_terms_with_court_coalition_standing_and_tiers() -> None:
    document = loads(ACCORD)
    assert compile_terms(document, ACCORD_BINDINGS) == Terms(
        document=document_hash(document),
        predecessor=account(30),
        joinBy=START + 14 * DAY,
        longStop=START + 365 * DAY,
        minParties=2,
        accession=True,
        challengeWindow=7 * DAY,
        rulingWindow=30 * DAY,
        topUpWithin=7 * DAY,
        defaultForfeitBps=10_000,
        arbitrator=account(9),
        arbitratorData=b"\x0a\x0b",
        parties=(
            Party(account(1), account(10), 100_000_000, (Share(account(4), 10_000),)),
            Party(account(2), NATIVE, 0, ()),
            Party(account(3), NATIVE, 0, ()),
        ),
        panels=(Panel(2, (), (Seat(account(7), 0), Seat(account(8), 0))),),
        standing=(account(6), account(5)),
        phases=(
            Phase(
                salt=bytes(32),
                notBefore=0,
                bonds=(),
                obligations=(
                    Obligation(0, 0, Verdict.BREACHED, False, 30 * DAY, 0, 5000),
                    Obligation(OUTSIDE, 0, Verdict.LAPSED, False, 30 * DAY, 0, 0),
                ),
                payments=(
                    Payment(
                        payer=0,
                        obligation=0,
                        on=1 << Verdict.MET,
                        asset=account(10),
                        amount=1_000_000_000,
                        due=7 * DAY,
                        payees=(Share(account(4), 10_000),),
                        tiers=(Tier(0, 0, 0), Tier(1_000_500_000, 100_000_000, 1250)),
                    ),
                    Payment(
                        payer=1,
                        obligation=1,
                        on=(1 << Verdict.MET) | (1 << Verdict.BREACHED),
                        asset=NATIVE,
                        amount=50 * 10**18,
                        due=7 * DAY,
                        payees=(Share(account(4), 10_000),),
                        tiers=(Tier(0, 50 * 10**18, 0), Tier(2_500, 25 * 10**16, 0)),
                    ),
                ),
            ),
            Phase(
                salt=bytes(32),
                notBefore=0,
                bonds=(),
                obligations=(Obligation(1, 0, Verdict.MET, False, 10 * DAY, 0, 0),),
                payments=(),
            ),
        ),
    )


@pytest.mark.parametrize("change", [{"predecessor": None}, {"predecessor": account(31)}])
def test_the_predecessor_is_signed_and_comes_from_the_bindings_alone(change: dict[str, bytes | None]) -> None:
    document = loads(ACCORD)
    terms, other = (compile_terms(document, b) for b in (ACCORD_BINDINGS, ACCORD_BINDINGS.model_copy(update=change)))
    assert terms.document == other.document
    assert terms_hash(terms) != terms_hash(other)
    assert other == terms._replace(predecessor=change["predecessor"] or bytes(20))


def test_a_court_may_be_told_nothing() -> None:
    terms = compile_terms(loads(ACCORD.replace("  data: 0x0A0b\n", "")), ACCORD_BINDINGS)
    assert (terms.arbitrator, terms.arbitratorData) == (account(9), b"")


def test_a_share_of_a_value_counts_what_the_payment_does() -> None:
    """Both in the smallest unit of one asset: released = base + (value - from) * bps / 10,000."""
    tier = compile_terms(loads(ACCORD), ACCORD_BINDINGS).phases[0].payments[0].tiers[1]
    assert tier.base + (2_000_500_000 - tier.from_) * tier.bps // 10_000 == 225_000_000  # 100 and 12.5 % of 1,000


def test_dates_need_no_start() -> None:
    text = DEAL.replace("join_within: 14 days", "join_by: 2027-02-01").replace(
        "long_stop_after: 2 years", "long_stop: 2029-02-01"
    )
    terms = compile_terms(loads(text), BINDINGS.model_copy(update={"start": None}))
    assert (terms.joinBy, terms.longStop) == (1_801_440_000, 1_864_598_400)


def test_a_party_left_out_of_a_phase_keeps_its_level() -> None:
    text = DEAL.replace(
        "worker: {name: Worker}", "worker: {name: W, bond: {amount: 7, asset: usd}, forfeits_to: payer}"
    )
    terms = compile_terms(loads(text.replace("material: true", "forfeit: 1%")), BINDINGS)
    assert terms.phases[1].bonds == (7_000_000, 1)


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ("join_within: 14 days", "join_by: 2029-01-15", "long_stop", "joining ends at 2029-01-15"),
        (
            "join_within: 14 days",
            "join_by: 2029-01-14 08:00",
            "long_stop",
            "not before the long stop at 2029-01-14 08:00",
        ),
        ("2028-01-01", "2028-12-01", "phases.upkeep.obligations.quiet", "can come after the long stop"),
    ],
)
def test_times_that_contradict_each_other_once_the_start_is_known(old: str, new: str, where: str, message: str) -> None:
    with pytest.raises(TermsError, match=message) as refused:
        compile_terms(loads(DEAL.replace(old, new)), BINDINGS)
    assert refused.value.where == where


def test_a_deadline_may_fall_on_the_long_stop() -> None:
    """The long stop is at 2029-01-14 08:00; sixty days before it the last phase may still open."""
    text = DEAL.replace("2028-01-01", "2028-11-15 08:00")
    assert compile_terms(loads(text), BINDINGS).phases[1].notBefore + 60 * DAY == START + 730 * DAY
    with pytest.raises(TermsError, match="quiet"):
        compile_terms(loads(DEAL.replace("2028-01-01", "2028-11-15 08:00:01")), BINDINGS)


def test_phases_that_follow_each_other_past_the_long_stop_are_refused_once_the_start_is_known() -> None:
    """A date to join by and a long stop after the start: neither alone says that the second phase comes too late."""
    text = DEAL.replace("    not_before: 2028-01-01\n", "").replace("join_within: 14 days", "join_by: DATE")
    # 32 and 60 days before the long stop at 2029-01-14 08:00.
    compile_terms(loads(text.replace("DATE", "2028-10-14 08:00")), BINDINGS)
    with pytest.raises(TermsError, match="`quiet` can come after the long stop") as refused:
        compile_terms(loads(text.replace("DATE", "2028-10-14 08:00:01")), BINDINGS)
    assert refused.value.where == "phases.upkeep.obligations.quiet"


def test_a_phase_waits_for_the_court_of_the_one_before() -> None:
    text = ACCORD.replace("join_within: 14 days", "join_by: DATE")
    # 30 days, 37 for the court, and 10 before the long stop at 2028-01-15 08:00.
    compile_terms(loads(text.replace("DATE", "2027-10-30 08:00")), ACCORD_BINDINGS)
    with pytest.raises(TermsError, match="`nets-kept` can come after the long stop"):
        compile_terms(loads(text.replace("DATE", "2027-10-30 08:00:01")), ACCORD_BINDINGS)


def test_a_start_too_late_for_the_terms_is_refused() -> None:
    bindings = BINDINGS.model_copy(update={"start": 253_402_300_799})
    with pytest.raises(TermsError, match="beyond"):
        compile_terms(loads(DEAL), bindings)


def test_bindings_of_another_document_are_refused() -> None:
    with pytest.raises(BindingsError, match=r"parties\.libya: missing"):
        compile_terms(loads(gallery.read("lockerbie-2003")), BINDINGS)


@pytest.mark.parametrize("name", gallery.names())
def test_the_gallery_compiles(name: str) -> None:
    document = loads(gallery.read(name))
    terms = compile_terms(document, bindings_of(document))
    assert len(terms.phases) == len(document.phases)
    assert [sum(share.bps for share in party.forfeiture) for party in terms.parties if party.bond] == [
        10_000 for party in document.parties.values() if party.bond and party.bond.amount
    ]
    opens_on_chain(terms)


@settings(max_examples=100, deadline=None)
@given(accords(ACCORD, wrong=False))
def test_what_a_document_may_say_the_contract_opens(text: str) -> None:
    document = loads(text)
    opens_on_chain(compile_terms(document, bindings_of(document)))


def opens_on_chain(terms: Terms) -> None:
    """The contract's rules at opening for coalition, court, standing and tiers (`TermsCheck.sol`), and typed data."""
    assert 1 <= terms.minParties <= len(terms.parties)
    assert len(terms.standing) <= 32
    assert all(map(any, terms.standing))
    court = terms.arbitrator != bytes(20)
    assert ((terms.challengeWindow > 0), (terms.rulingWindow > 0)) == (court, court)
    assert court or not terms.arbitratorData
    assert terms.longStop + terms.challengeWindow + terms.rulingWindow < 2**40
    for phase in terms.phases:
        assert all(each.within + each.grace <= 2**32 - 2 for each in phase.obligations)
        for payment in phase.payments:
            starts = [tier.from_ for tier in payment.tiers]
            assert starts == sorted(set(starts))
            assert len(starts) <= 16
            assert all(tier.base <= payment.amount and tier.bps <= 10_000 for tier in payment.tiers)
    assert len(terms_hash(terms)) == 32


def bindings_of(document: Document) -> Bindings:
    """An address for every name."""
    verifiers = [verifier for panel in document.panels.values() for verifier, _ in panel.seats]
    court = document.arbitration
    return Bindings(
        chain_id=31337,
        start=START,
        parties={name: account(100 + index) for index, name in enumerate(document.parties)},
        recipients={name: account(200 + index) for index, name in enumerate(document.recipients)},
        verifiers={name: account(300 + index) for index, name in enumerate(verifiers)},
        standing={name: account(500 + index) for index, name in enumerate(document.standing)},
        courts={court.court: account(600)} if court else {},
        assets={
            name: account(400 + index)
            for index, (name, asset) in enumerate(document.assets.items())
            if not asset.native
        },
    )


def test_names_are_indices_and_back() -> None:
    names = Names.of(loads(DEAL), BINDINGS)
    assert names.party("payer") == 1
    assert names.panel("board") == 1
    assert names.seat("board", "juror-b") == 1
    assert names.seat("jury", "juror-b") == 1
    assert names.seat("board", "jurist") == 0
    assert names.phase("upkeep") == 1
    assert names.obligation("build", "delivered") == 1
    assert names.payment("build", "wage") == 0
    assert names.obligations[0][names.obligation("build", "delivered")] == "delivered"
    assert names.account("fund") == account(3)
    assert names.asset("coin") == NATIVE
    assert names.who(account(6)) == "jurist"
    assert names.who(account(99)) is None
    assert (names.what(account(7)), names.what(NATIVE)) == ("usd", "coin")


def test_whoever_may_contest_and_the_court_have_names_too() -> None:
    names = Names.of(loads(ACCORD), ACCORD_BINDINGS)
    assert names.standing == ("fishers", "readers")
    assert names.court == "high-court"
    assert (names.account("fishers"), names.account("high-court")) == (account(6), account(9))
    assert (names.who(account(5)), names.who(account(9))) == ("readers", "high-court")
    assert (Names.of(loads(DEAL), BINDINGS).standing, Names.of(loads(DEAL), BINDINGS).court) == ((), None)


def test_the_first_name_of_an_address_is_its_party() -> None:
    bindings = BINDINGS.model_copy(update={"verifiers": {**BINDINGS.verifiers, "jurist": account(1)}})
    assert Names.of(loads(DEAL), bindings).who(account(1)) == "payer"


def test_an_unknown_name_says_which_was_meant() -> None:
    names = Names.of(loads(DEAL), BINDINGS)
    with pytest.raises(UsageError, match="`deliverd` is no obligation of the phase `build`") as refused:
        names.obligation("build", "deliverd")
    assert refused.value.hint == "did you mean `delivered`?"
    with pytest.raises(UsageError, match="`nobody` is no party, recipient, verifier or court, and has no standing"):
        names.account("nobody")
