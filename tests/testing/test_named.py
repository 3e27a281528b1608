"""Deals spoken to by their names, through everything that can happen; told again as scenarios that the model plays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pyledger.chain.named import NamedAgreement
from pyledger.chain.recording import scenario_of
from pyledger.document import Document
from pyledger.errors import UsageError
from pyledger.testing import (
    Chain,
    DealMaker,
    assert_breached_by,
    assert_conserved,
    assert_gained,
    assert_paid,
    assert_returned,
    assert_state,
    reverts,
)
from tests.testing.replaying import gained, replayed

FOREST = "forest-guyana-norway"
COALITION = "windfall-coalition"


def told(deal: NamedAgreement) -> str:
    return scenario_of(deal).partition("steps:\n")[2]


@pytest.fixture(scope="module")
def bridge_deal(agreement: DealMaker, bridge: Document) -> NamedAgreement:
    return agreement(bridge, funded=True)


def test_a_deal_kept_to_the_end(bridge_deal: NamedAgreement) -> None:
    deal = bridge_deal
    deal.attest("foundations-laid", "met")
    deal.close()
    deal.fund("second-half")
    deal.attest("bridge-open", "met")
    deal.close()
    assert_state(deal, "completed", phase="bridge")
    assert_gained(deal, "builder", 1_000_000, "usd")
    assert_gained(deal, "city", "-1_000_000", "usd")
    assert deal.held("usd") == deal.credit("city", "usd") == 0
    assert_conserved(deal)
    assert replayed(deal) == gained(deal)


def test_one_verifier_may_be_named_alone(bridge_deal: NamedAgreement) -> None:
    bridge_deal.attest("foundations-laid", "met", by="engineer-b")
    bridge_deal.warp("2 days")
    bridge_deal.attest("foundations-laid", "met", by="engineer-c")
    assert_paid(bridge_deal, "first-half", to="builder")
    first, second = told(bridge_deal).splitlines()
    assert "{met: foundations-laid, by: engineer-b, at: " in first
    assert "{met: foundations-laid, by: engineer-c, at: " in second
    bridge_deal.close()
    bridge_deal.concede("bridge-open")
    bridge_deal.close()
    assert_state(bridge_deal, "completed")
    assert replayed(bridge_deal) == gained(bridge_deal)


def test_a_conceded_breach(bridge_deal: NamedAgreement) -> None:
    bridge_deal.concede("foundations-laid")
    bridge_deal.close()
    assert_breached_by(bridge_deal, "builder", "foundations-laid")
    assert_returned(bridge_deal, "first-half", to="city", amount=400_000)
    assert bridge_deal.bond("builder") == 50_000
    assert "{concede: foundations-laid, at: " in told(bridge_deal)


def test_a_dispute_about_a_value(agreement: DealMaker) -> None:
    deal = agreement(FOREST, funded=True)
    deal.attest("loss-2012", "met", value="0.176")
    deal.comment("The east was not counted", by="villages", about="loss-2012")
    deal.challenge("loss-2012", by="villages")
    deal.rule("lapsed")
    deal.close()
    assert_conserved(deal)
    lines = told(deal).splitlines()
    assert [line.partition(":")[0].strip(" -{") for line in lines[:4]] == ["met", "challenge", "ruling", "settle"]
    assert "value: 0.176" in lines[0]
    assert "by: villages" in lines[1]


def test_those_who_join_late_and_those_who_never_do(agreement: DealMaker) -> None:
    deal = agreement(COALITION, in_force=False)
    with reverts("TooEarly"):
        deal.enter()
    deal.accept("lab-east", "lab-north")
    deal.warp("91 days")
    deal.enter()
    deal.accept("lab-south")
    assert_state(deal, "in force")
    scenario = scenario_of(deal)
    assert "absent: [lab-south]" in scenario
    assert "{join: lab-south, at: " in scenario


def test_consent_gives_more_time_and_an_end(bridge_deal: NamedAgreement) -> None:
    deal = bridge_deal
    deal.extend("foundations-laid", to="90 days")
    deal.warp("80 days")
    assert_state(deal, "in force", phase="foundations")
    with pytest.raises(UsageError, match="nothing is said of usd"):
        deal.dissolve({})
    deal.dissolve({"usd": {"city": "75%", "builder": "25%"}})
    assert_state(deal, "dissolved")
    assert_gained(deal, "builder", 37_500, "usd")
    assert replayed(deal) == gained(deal)
    assert "{extend: foundations-laid, to: 90 days, at: " in told(deal)
    assert "{dissolve: {usd: {" in told(deal)


def test_defaults_come_first_in_their_phase(agreement: DealMaker, bridge: Document) -> None:
    deal = agreement(bridge)
    deal.warp_past("first-half")
    deal.close()
    assert_breached_by(deal, "city")
    assert_conserved(deal)
    assert told(deal) == "  - {default: city, on: payments}\n  - {settle: true}\n"
    assert replayed(deal) == gained(deal)


def test_joining_that_fails_gives_the_bonds_back(agreement: DealMaker, bridge: Document) -> None:
    deal = agreement(bridge, in_force=False)
    deal.accept("city")
    deal.warp("15 days")
    deal.void()
    assert_state(deal, "void")
    assert gained(deal) == {}
    assert_conserved(deal)


def test_past_the_long_stop_everything_can_be_unwound(bridge_deal: NamedAgreement) -> None:
    bridge_deal.warp("3 years")
    bridge_deal.unwind()
    assert_state(bridge_deal, "unwound")
    assert_breached_by(bridge_deal, "builder", "foundations-laid")  # silence said so in time
    assert_gained(bridge_deal, "city", 50_000, "usd")


def test_a_payment_is_released_before_the_phase_is_settled(agreement: DealMaker) -> None:
    deal = agreement(FOREST, funded=True)
    deal.attest("loss-2012", "met", value="0.05")
    deal.warp_past("loss-2012")
    deal.warp("90 days")
    deal.release(*deal.names.payments[0][:1])
    assert_returned(deal, deal.names.payments[0][0], to="norway")


def test_names_that_there_are_not_are_refused(bridge_deal: NamedAgreement) -> None:
    deal = bridge_deal
    wrongs: list[tuple[Callable[[], object], str]] = [
        (lambda: deal.attest("foundation-laid", "met"), "no obligation of the phase `foundations`"),
        (lambda: deal.attest("foundations-laid", "kept"), "`kept` is no verdict"),
        (lambda: deal.attest("foundations-laid", "met", value=1), "no value is attested"),
        (lambda: deal.attest("foundations-laid", "met", by=["city-clerk"]), "`city-clerk` is no verifier"),
        (lambda: deal.attest("foundations-laid", "met", by="builder"), "no verifier on the panel `engineers`"),
        (lambda: deal.accept("bilder"), "did you mean `builder`"),
        (lambda: deal.fund("third-half"), "no payment"),
        (lambda: deal.fund(by="citty"), "did you mean `city`"),
        (lambda: deal.fund("first-half", by="builder"), "`first-half` is not paid by builder\n  next:  it is by city"),
        (lambda: deal.balance("city", "euro"), "`euro` is no asset"),
        (lambda: deal.warp("soon"), "neither a duration nor a date"),
        (lambda: deal.warp("2020-01-01"), "cannot go back"),
        (lambda: assert_paid(deal, "third-half"), "no payment of this document"),
        (lambda: assert_state(deal, "finished"), "no state of an agreement"),
        (lambda: assert_gained(deal, "city", "0.0000001", "usd"), "more decimals"),
        (lambda: assert_gained(deal, "city", 2.5, "usd"), "expected an amount, found the number 2.5"),  # type: ignore[arg-type]
        (lambda: assert_gained(deal, "city", 1, "eur"), "`eur` is no asset"),
        (lambda: assert_breached_by(deal, "builder", "bridge-opn"), "did you mean `bridge-open`"),
    ]
    for wrong, said in wrongs:
        with pytest.raises(UsageError, match=said):
            wrong()


def test_assertions_say_what_happened_instead(bridge_deal: NamedAgreement) -> None:
    deal = bridge_deal
    deal.attest("foundations-laid", "breached")
    wrongs: list[tuple[Callable[[], None], str]] = [
        (
            lambda: assert_paid(deal, "first-half", to="builder"),
            "first-half should have been paid to builder, and was not",
        ),
        (lambda: assert_returned(deal, "first-half", amount=1), "1 usd of first-half should have been returned"),
        (lambda: assert_breached_by(deal, "city"), "city should be in breach; breached is foundations-laid by builder"),
        (lambda: assert_state(deal, "completed"), "should be completed, and is in force"),
        (lambda: assert_state(deal, phase="bridge"), "should be bridge, and is foundations"),
        (lambda: assert_gained(deal, "city", 7, "usd"), "city should have gained 7 usd, and has gained -50,000 usd"),
    ]
    for wrong, said in wrongs:
        with pytest.raises(AssertionError, match=said) as caught:
            wrong()
        assert "  foundations-laid was found breached" in str(caught.value)
        assert "  400,000 usd returned to city (first-half)" in str(caught.value)


def test_money_that_vanishes_is_noticed(bridge_deal: NamedAgreement, chain: Chain) -> None:
    token, there = "0x" + bridge_deal.names.asset("usd").hex(), "0x" + bridge_deal.account.address.hex()
    chain.request("anvil_dealERC20", there, token, hex(5))
    with pytest.raises(AssertionError, match=r"the account owes 550,000 usd, and holds 0\.000005 usd"):
        assert_conserved(bridge_deal)
    chain.request("anvil_dealERC20", there, token, hex(550_001 * 10**6))
    with pytest.raises(AssertionError, match="550,000 usd should be left of what was paid in, and there is 550,001"):
        assert_conserved(bridge_deal)


def test_reverts_insists_on_name_and_values(bridge_deal: NamedAgreement) -> None:
    with pytest.raises(AssertionError, match="TooLate was expected, and it was AlreadyOpen:"), reverts("TooLate"):
        bridge_deal.client.open(bridge_deal.relay)
    city, account = bridge_deal.signer("city"), bridge_deal.account.address
    other = f"AlreadyOpen has other values: agreement should be 0x{city.address.hex()} and is 0x{account.hex()}: "
    with pytest.raises(AssertionError, match=other), reverts("AlreadyOpen", agreement=city):
        bridge_deal.client.open(bridge_deal.relay)
    unknown = "AlreadyOpen has other values: there is no party, but agreement"
    with pytest.raises(AssertionError, match=unknown), reverts("AlreadyOpen", party=0):
        bridge_deal.client.open(bridge_deal.relay)
    with pytest.raises(ZeroDivisionError), reverts("AlreadyOpen"):
        _ = 1 / 0
    with pytest.raises(AssertionError, match="nothing was refused"), reverts("AlreadyOpen"):
        pass
    with reverts("AlreadyOpen", agreement=bridge_deal.account.address):
        bridge_deal.client.open(bridge_deal.relay)
