// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Payment, Status, Tier, Verdict} from "../src/interfaces/Types.sol";
import {BREACHED, Building, Deal, LAPSED, MET, all, seatsOf, split} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

contract TiersTest is RecourseTest {
    using Building for Deal;

    /// @dev Nothing below 100; from there 1,000 and half of the excess; from 10,000 on 20,000 and twice the excess.
    function ladder() private pure returns (Tier[] memory tiers) {
        tiers = new Tier[](2);
        tiers[0] = Tier(100, 1_000, 5_000);
        tiers[1] = Tier(10_000, 20_000, 20_000);
    }

    function attestValue(Deal memory d, Verdict verdict, uint256 value, uint32 pay) private {
        attest(d, 0, verdict, value, voices(d, 0, verdict, value, 1), pay);
    }

    /// @dev That the performer has this much of the payment, and the payer the rest, the phase being settled.
    function assertReleased(Tier[] memory tiers, uint256 value, uint256 expected) private {
        uint256 id = vm.snapshotState();
        Deal memory d = funded(tiered(tiers));
        attestValue(d, Verdict.Met, value, 0);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, BOND + expected, "released");
        assertBalance(payer, BOND + AMOUNT - expected, "the rest");
        vm.revertToState(id);
    }

    // By value

    function test_tiers_NoneReleasesAll() public {
        assertReleased(new Tier[](0), 0, AMOUNT);
        assertReleased(new Tier[](0), type(uint256).max, AMOUNT);
    }

    function test_tiers_BelowTheFirstNothing() public {
        assertReleased(ladder(), 0, 0);
        assertReleased(ladder(), 99, 0);
    }

    function test_tiers_BaseAndPartOfTheExcess() public {
        assertReleased(ladder(), 100, 1_000);
        assertReleased(ladder(), 101, 1_000);
        assertReleased(ladder(), 102, 1_001);
        assertReleased(ladder(), 9_999, 1_000 + 4_949);
    }

    function test_tiers_TheHighestReachedCounts() public {
        assertReleased(ladder(), 10_000, 20_000);
        assertReleased(ladder(), 10_001, 20_002);
    }

    function test_tiers_AtMostTheAmount() public {
        assertReleased(ladder(), 24_999, 20_000 + 29_998);
        assertReleased(ladder(), 25_000, AMOUNT);
        assertReleased(ladder(), 25_001, AMOUNT);
        assertReleased(ladder(), type(uint256).max, AMOUNT);
    }

    function test_tiers_ALowerOneThatGaveMoreDoesNotCount() public {
        Tier[] memory tiers = new Tier[](2);
        (tiers[0], tiers[1]) = (Tier(0, AMOUNT, 0), Tier(50, 10, 0));
        assertReleased(tiers, 49, AMOUNT);
        assertReleased(tiers, 50, 10);
    }

    function test_tiers_NumbersThatDoNotFit() public {
        assertReleased(oneTier(0, type(uint256).max, type(uint16).max), 1, AMOUNT);
        assertReleased(oneTier(type(uint256).max, 5, 10_000), type(uint256).max - 1, 0);
        assertReleased(oneTier(type(uint256).max, 5, 10_000), type(uint256).max, 5);
        assertReleased(oneTier(0, 0, type(uint16).max), type(uint256).max, AMOUNT);
        assertReleased(oneTier(0, 0, 1), type(uint256).max, AMOUNT);
        assertReleased(oneTier(0, 0, 1), 9_999, 0);
        assertReleased(oneTier(0, 7, 0), type(uint256).max, 7);
    }

    /// @dev Against the definition, in numbers that fit.
    function testFuzz_tiers_AsDefined(uint16[3] memory steps, uint16[3] memory base, uint16[3] memory bps, uint16 value)
        public
    {
        Tier[] memory tiers = new Tier[](3);
        uint256 from;
        uint256 expected;
        for (uint256 i; i < 3; ++i) {
            from += uint256(steps[i]) / 4 + (i == 0 ? 0 : 1);
            tiers[i] = Tier(from, base[i], bps[i]);
            if (value >= from) expected = base[i] + (value - from) * bps[i] / 10_000;
        }
        assertReleased(tiers, value, expected < AMOUNT ? expected : AMOUNT);
    }

    // Without a value

    function test_tiers_BySilenceAsByZero() public {
        Deal memory d = tiered(oneTier(0, 7, 10_000));
        d.phases[0].obligations[0].presumption = uint8(Verdict.Met);
        funded(d);
        when(deadline(d, 0) + 1);
        settle(d);
        assertBalance(performer, BOND + 7, "performer");

        d = tiered(oneTier(1, 7, 10_000));
        when(START);
        d.phases[0].obligations[0].presumption = uint8(Verdict.Met);
        funded(d);
        when(deadline(d, 0) + 1);
        settle(d);
        assertBalance(performer, BOND + 7, "nothing more: it posted its bond from what it had");
    }

    function test_tiers_ByConcessionAsByZero() public {
        Deal memory d = tiered(oneTier(0, 7, 10_000));
        d.phases[0].payments[0].on = BREACHED;
        d.phases[0].payments[0].payees = all(charity);
        funded(d);
        concede(d, performer, 0);
        release(d, 1);
        assertBalance(charity, 7, "as by zero");
        assertBalance(payer, AMOUNT - 7, "the rest");
    }

    function test_tiers_ByALapseAsByZero() public {
        Deal memory d = tiered(oneTier(0, 7, 10_000));
        d.phases[0].payments[0].on = LAPSED;
        d.phases[0].obligations[0].within = 900 days;
        funded(d);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(performer, BOND + 7, "as by zero");
    }

    /// @dev A value can come with a breach too: how much of it was delivered.
    function test_tiers_ByABreachWithAValue() public {
        Deal memory d = tiered(oneTier(0, 7, 10_000));
        d.phases[0].payments[0].on = MET | BREACHED;
        funded(d);
        attestValue(d, Verdict.Breached, 30, 1);
        assertBalance(performer, 37, "by the value");
    }

    function test_tiers_AVerdictThatDoesNotReleaseReleasesNothing() public {
        Deal memory d = funded(tiered(oneTier(0, 7, 10_000)));
        attestValue(d, Verdict.Lapsed, 30, 1);
        assertBalance(performer, 0, "performer");
        assertBalance(payer, AMOUNT, "payer");
    }

    // In every way

    function test_tiers_TheLastPayeeTakesTheRemainder() public {
        Deal memory d = tiered(ladder());
        d.phases[0].payments[0].payees = split(performer, 3_333, charity);
        funded(d);
        attestValue(d, Verdict.Met, 102, 0);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(performer, address(token), 333, Cause.Payment, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(charity, address(token), 668, Cause.Payment, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, address(token), AMOUNT - 1_001, Cause.Return, 0, false);
        release(d, 1);
    }

    function test_tiers_ByTheDecidingCall() public {
        Deal memory d = funded(tiered(ladder()));
        attestValue(d, Verdict.Met, 102, 1);
        assertBalance(performer, 1_001, "performer");
        assertBalance(payer, AMOUNT - 1_001, "payer");
        assertEq(held(d), 2 * BOND, "held");
    }

    function test_tiers_ByUnwinding() public {
        Deal memory d = funded(tiered(ladder()));
        attestValue(d, Verdict.Met, 102, 0);
        when(d.terms.longStop + 1);
        unwind(d);
        assertBalance(performer, BOND + 1_001, "performer");
    }

    function test_tiers_EachPaymentHasItsOwn() public {
        Deal memory d = tiered(ladder());
        d.payment(Payment(PAYER, 0, MET, address(token), 500, 7 days, all(charity), oneTier(0, 0, 100)));
        d.payment(PAYER, address(token), 40, all(community), MET);
        funded(d);
        attestValue(d, Verdict.Met, 10_000, 7);
        assertBalance(performer, 20_000, "by the ladder");
        assertBalance(charity, 100, "one per cent");
        assertBalance(community, 40, "all");
    }

    /// @dev In the next phase nothing is left of it.
    function test_tiers_AValueIsOfOnePhase() public {
        Deal memory d = usual(2);
        for (uint256 i; i < 2; ++i) {
            d.phases[i].payments[0].tiers = oneTier(0, 7, 10_000);
        }
        funded(d);
        attestValue(d, Verdict.Met, 50, 0);
        settle(d);
        fund(d, 1);
        attestValue(d, Verdict.Met, 0, 1);
        assertBalance(performer, 57 + 7, "each by its own");
        assertEq(d.account.attested(0, 0), 50, "kept of the first");
        assertEq(d.account.attested(1, 0), 0, "of the second");
    }

    function test_tiers_SeatsAgreeOnTheValue() public {
        Deal memory d = tiered(ladder());
        d.terms.panels[0].threshold = 2;
        d.terms.panels[0].seats = seatsOf(actors("seat", 3));
        funded(d);
        attest(d, 0, Verdict.Met, 100, one(voice(d, 0, Verdict.Met, 100, 0)), 0);
        attest(d, 0, Verdict.Met, 101, one(voice(d, 0, Verdict.Met, 101, 1)), 0);
        assertVerdict(d, 0, Verdict.Undecided);
        attest(d, 0, Verdict.Met, 101, one(voice(d, 0, Verdict.Met, 101, 2)), 1);
        assertEq(d.account.attested(0, 0), 101, "what two agreed on");
        assertBalance(performer, 1_000, "released");
    }
}
