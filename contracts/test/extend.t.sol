// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {packPhase, packTerms} from "./base/Packing.sol";
import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Status, Tier, Verdict} from "../src/interfaces/Types.sol";
import {Building, Deal, MET, all, split} from "./base/Deal.sol";
import {InPhaseTest} from "./base/InPhaseTest.sol";
import {vm} from "./base/Vm.sol";

contract ExtendTest is InPhaseTest {
    using Building for Deal;

    bool private constant PAYMENT = true;
    bool private constant OBLIGATION = false;

    function enter(Deal memory d) internal override {
        extend(d, OBLIGATION, 0, 900 days);
    }

    /// @dev Nothing in it ends the phase by being late.
    function lenient(uint256 phases) private view returns (Deal memory d) {
        d = usual(phases);
        for (uint256 i; i < phases; ++i) {
            d.phases[i].obligations[0].material = false;
        }
    }

    // What it does

    function test_extend_CommitsToTheExtendedPhase() public {
        Deal memory d = funded(usual(2));
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Extended(0, OBLIGATION, 0, 40 days);
        extend(d, OBLIGATION, 0, 40 days);
        assertEq(d.phases[0].obligations[0].within, 40 days, "the deal has it");
        bytes32 chain = hashing.chain(keccak256(packPhase(d.phases[0])), later(d, 0));
        assertEq(d.account.commitment(), hashing.chain(keccak256(packTerms(d.terms)), chain), "commitment");
    }

    function test_extend_SeatsAreHeardLonger() public {
        Deal memory d = funded(lenient(1));
        uint256 before = deadline(d, 0);
        extend(d, OBLIGATION, 0, 40 days);
        when(before + 10 days);
        attest(d, 0, Verdict.Met);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_extend_SilenceSpeaksLater() public {
        Deal memory d = funded(usual());
        uint256 before = deadline(d, 0);
        extend(d, OBLIGATION, 0, 40 days);
        when(before + 1);
        refuse(IAgreementEvents.NotDecided.selector, 0);
        settle(d);
        when(before + 10 days);
        refuse(IAgreementEvents.NotDecided.selector, 0);
        settle(d);
        when(before + 10 days + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(performer, BOND * 4 / 10, "performer");
    }

    function test_extend_APaymentCanBeFundedLonger() public {
        Deal memory d = inForce(usual());
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Extended(0, PAYMENT, 0, 9 days);
        extend(d, PAYMENT, 0, 9 days);
        when(START + 9 days);
        fund(d, 1);
        assertEq(d.account.state().funded, 1, "funded");
    }

    function test_extend_APaymentIsOwedByTheNewTime() public {
        Deal memory d = inForce(usual());
        extend(d, PAYMENT, 0, 9 days);
        when(START + 9 days + 1);
        refuse(IAgreementEvents.PastCutOff.selector, START + 9 days);
        fund(d, 1);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(performer, BOND + BOND / 2, "performer has half of the payer's bond");
    }

    function test_extend_APaymentUpToTheExtendedDeadline() public {
        Deal memory d = inForce(usual());
        refusePhase("due", 0);
        extend(d, PAYMENT, 0, 33 days + 1);
        extend(d, OBLIGATION, 0, 40 days);
        refusePhase("due", 0);
        extend(d, PAYMENT, 0, 43 days + 1);
        extend(d, PAYMENT, 0, 43 days);
        when(START + 43 days);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertBalance(performer, AMOUNT + BOND, "performer");
    }

    /// @dev Again, on top of what it has become: who signed for another time has not signed this.
    function test_extend_Again() public {
        Deal memory d = funded(usual());
        uint40 expiry = uint40(START + 1 days);
        bytes[] memory stale = extensionSignatures(d, OBLIGATION, 0, 60 days, expiry);
        extend(d, OBLIGATION, 0, 40 days);
        refuseFor(IAgreementEvents.BadSignature.selector, payer);
        extendFrom(anyone, d, OBLIGATION, 0, 60 days, expiry, stale);
        extend(d, OBLIGATION, 0, 50 days);
        assertEq(d.phases[0].obligations[0].within, 50 days, "within");
        when(START + 53 days);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertStatus(d, Status.Completed);
    }

    function test_extend_OneOfSeveral() public {
        Deal memory d = usual();
        d.obligation(PAYER, Verdict.Met, false, 100);
        d.payment(PERFORMER, address(token), 30, all(charity), MET);
        inForce(d);
        extend(d, PAYMENT, 1, 20 days);
        extend(d, OBLIGATION, 1, 31 days);
        assertEq(d.phases[0].payments[0].due, 7 days, "the other payment");
        assertEq(d.phases[0].obligations[0].within, 30 days, "the other obligation");
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        when(START + 20 days);
        fund(d, 2);
        when(START + 34 days + 1);
        settle(d);
        assertBalance(charity, 30, "paid");
    }

    /// @dev Wherever it stands among levels, obligations, payees and tiers: exactly that time is another, or the calls with
    /// the extended phase would be refused.
    function test_extend_EachOfMany() public {
        Deal memory d = usual();
        d.levels(BOND, BOND / 2);
        d.phases[0].payments[0].payees = split(performer, 5_000, charity);
        for (uint8 i = 1; i < 4; ++i) {
            d.obligation(PAYER, Verdict.Met, i % 2 == 0, i);
            d.payment(PERFORMER, address(token), i, split(charity, i, payer), MET);
            d.phases[0].payments[i].tiers = new Tier[](i);
            for (uint256 j; j < i; ++j) {
                d.phases[0].payments[i].tiers[j] = Tier(j, j, 1);
            }
        }
        inForce(d);
        for (uint8 i; i < 4; ++i) {
            extend(d, PAYMENT, 3 - i, 10 days + i);
            extend(d, OBLIGATION, i, 40 days + i);
            assertEq(d.phases[0].obligations[i].within, 40 days + i, "within");
            assertEq(d.phases[0].payments[3 - i].due, 10 days + i, "due");
        }
        fund(d, 15);
    }

    // Phases

    /// @dev In the first phase what the clone says is replaced, in a later one what is in storage.
    function test_extend_InEachPhaseAndSettleThemAll() public {
        Deal memory d = inForce(usual(3));
        for (uint256 i; i < 3; ++i) {
            assertEq(d.account.state().phase, i, "phase");
            extend(d, PAYMENT, 0, 10 days);
            extend(d, OBLIGATION, 0, 40 days);
            when(openedAt(d) + 10 days);
            fund(d, 1);
            when(openedAt(d) + 43 days);
            attest(d, 0, Verdict.Met);
            settle(d);
        }
        assertStatus(d, Status.Completed);
        assertBalance(performer, 3 * AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
    }

    /// @dev The next phase is what was agreed, not what the one before it became.
    function test_extend_TheNextPhaseIsNotExtended() public {
        Deal memory d = funded(usual(2));
        extend(d, OBLIGATION, 0, 40 days);
        attest(d, 0, Verdict.Met);
        settle(d);
        bytes32 rest = hashing.chain(keccak256(packPhase(d.phases[1])), later(d, 1));
        assertEq(d.account.commitment(), hashing.chain(keccak256(packTerms(d.terms)), rest), "commitment");
        fund(d, 1);
        when(START + 33 days);
        refuse(IAgreementEvents.NotDecided.selector, 0);
        settle(d);
        when(START + 33 days + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
    }

    function test_extend_EveryCallNeedsTheExtendedPhase() public {
        Deal memory d = inForce(usual(2));
        uint256 extended = 40 days;
        extend(d, OBLIGATION, 0, uint32(extended));
        d.phases[0].obligations[0].within = 30 days;
        bytes[] memory stale = everyCall(d);
        uint8[11] memory onPhase = [0, 1, 2, 3, 4, 5, 8, 9, 11, 14, 15];
        for (uint256 i; i < onPhase.length; ++i) {
            refuseTerms(d, d.phases[0], later(d, 0));
            act(payer, d, 0, stale[onPhase[i]]);
        }
        refuseTerms(d, d.phases[0], later(d, 0));
        comment(d, payer, 0, "");
        d.phases[0].obligations[0].within = uint32(extended);
        comment(d, payer, 0, "");
        fund(d, 1);
    }

    /// @dev To be in force longer than the long stop helps nobody.
    function test_extend_BeyondTheLongStopLapsesThere() public {
        Deal memory d = funded(contestable());
        extend(d, OBLIGATION, 0, 800 days);
        when(d.terms.longStop);
        refuse(IAgreementEvents.NotDecided.selector, 0);
        settle(d);
        when(d.terms.longStop + 1);
        settle(d);
        assertStatus(d, Status.Completed);
        assertVerdict(d, 0, Verdict.Lapsed);
        assertBalance(payer, AMOUNT + BOND, "payer");
    }

    // When

    function test_extend_UntilTheSecondOfTheDeadline() public {
        Deal memory d = funded(lenient(1));
        uint256 silent = deadline(d, 0);
        when(silent + 1);
        refuse(IAgreementEvents.TooLate.selector, silent);
        extend(d, OBLIGATION, 0, 40 days);
        when(silent);
        extend(d, OBLIGATION, 0, 30 days + 1);
        when(silent + 1);
        attest(d, 0, Verdict.Met);
    }

    function test_extend_UntilTheSecondOfTheCutOff() public {
        Deal memory d = inForce(usual());
        when(START + 7 days + 1);
        refuse(IAgreementEvents.PastCutOff.selector, START + 7 days);
        extend(d, PAYMENT, 0, 8 days);
        refuse(IAgreementEvents.PastCutOff.selector, START + 7 days);
        extend(d, OBLIGATION, 0, 40 days);
        when(START + 7 days);
        extend(d, PAYMENT, 0, 7 days + 1);
        when(START + 7 days + 1);
        fund(d, 1);
    }

    function test_extend_BeforeTheClocksRun() public {
        Deal memory d = usual();
        d.phases[0].notBefore = uint40(START + 90 days);
        inForce(d);
        extend(d, OBLIGATION, 0, 40 days);
        assertEq(deadline(d, 0), START + 133 days, "deadline");
    }

    // What it refuses

    function test_extend_RevertWhen_ThereIsNoSuchItem() public {
        Deal memory d = usual();
        d.obligation(PAYER, Verdict.Met, false, 100);
        inForce(d);
        refuse(IAgreementEvents.UnknownObligation.selector, 2);
        act(anyone, d, 0, extending(d, OBLIGATION, 2, 40 days, uint40(START), new bytes[](2)));
        refuse(IAgreementEvents.UnknownPayment.selector, 1);
        act(anyone, d, 0, extending(d, PAYMENT, 1, 8 days, uint40(START), new bytes[](2)));
    }

    function test_extend_RevertWhen_ItIsDecided() public {
        Deal memory d = lenient(1);
        d.obligation(PAYER, Verdict.Breached, false, 100);
        funded(d);
        attest(d, 0, Verdict.Met);
        concede(d, payer, 1);
        refuseDecided(0, Verdict.Met);
        extend(d, OBLIGATION, 0, 40 days);
        refuseDecided(1, Verdict.Breached);
        extend(d, OBLIGATION, 1, 40 days);
    }

    function test_extend_RevertWhen_ThePartyIsAbsent() public {
        Deal memory d = coalition(1);
        d.obligation(LATECOMER, Verdict.Met, false, 100);
        entered(d);
        refuseDecided(1, Verdict.Lapsed);
        extend(d, OBLIGATION, 1, 40 days);
    }

    function test_extend_RevertWhen_ItWouldNotBeLater() public {
        Deal memory d = inForce(usual());
        uint32[3] memory sooner = [uint32(30 days), 30 days - 1, 0];
        for (uint256 i; i < sooner.length; ++i) {
            refuse(abi.encodeWithSelector(IAgreementEvents.NotLater.selector, 30 days, sooner[i]));
            extend(d, OBLIGATION, 0, sooner[i]);
        }
        refuse(abi.encodeWithSelector(IAgreementEvents.NotLater.selector, 7 days, 7 days));
        extend(d, PAYMENT, 0, 7 days);
        refuse(abi.encodeWithSelector(IAgreementEvents.NotLater.selector, 7 days, 1));
        extend(d, PAYMENT, 0, 1);
    }

    /// @dev A cut-off is kept in 32 bits of seconds.
    function test_extend_RevertWhen_ItWouldLastTooLong() public {
        Deal memory d = inForce(usual());
        uint32 most = type(uint32).max - 1 - 3 days;
        refusePhase("within", 0);
        extend(d, OBLIGATION, 0, most + 1);
        refusePhase("within", 0);
        extend(d, OBLIGATION, 0, type(uint32).max);
        extend(d, OBLIGATION, 0, most);
        assertEq(d.phases[0].obligations[0].within, most, "within");
    }

    function test_extend_RevertWhen_CoinIsSent() public {
        Deal memory d = inForce(usual());
        uint40 expiry = uint40(START);
        bytes[] memory signed = extensionSignatures(d, OBLIGATION, 0, 40 days, expiry);
        vm.prank(anyone);
        (bool success,) = address(d.account).call{value: 1}(extending(d, OBLIGATION, 0, 40 days, expiry, signed));
        assertTrue(!success, "refused");
    }

    function refusePhase(bytes32 field, uint256 index) private {
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseFlawed.selector, 0, field, index));
    }

    function refuseDecided(uint256 obligation, Verdict verdict) private {
        refuse(abi.encodeWithSelector(IAgreementEvents.AlreadyDecided.selector, obligation, verdict));
    }
}
