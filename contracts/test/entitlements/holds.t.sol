// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Condition, IEntitlements} from "../../src/entitlements/IEntitlements.sol";
import {IAgreement} from "../../src/interfaces/IAgreement.sol";
import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {Phase, State, Status, Verdict} from "../../src/interfaces/Types.sol";
import {Building, Deal, MET, all} from "../base/Deal.sol";
import {packPhase, packTerms} from "../base/Packing.sol";
import {vm} from "../base/Vm.sol";
import {EntitledTest} from "./EntitledTest.sol";

contract HoldsTest is EntitledTest {
    using Building for Deal;

    // Whose terms

    function test_holds_RevertWhen_TermsAreOthers() public {
        Deal memory d = inForce(access(2));
        d.terms.longStop += 1;
        refuseAll(d, mismatch(d, d.phases[0], later(d, 0)));
        d.terms.longStop -= 1;
        d.phases[0].obligations[USE_KEPT].presumption = uint8(Verdict.Lapsed);
        refuseAll(d, mismatch(d, d.phases[0], later(d, 0)));
    }

    function test_holds_RevertWhen_LaterPhasesAreOthers() public {
        Deal memory d = inForce(access(2));
        d.hashes[1] = "another";
        refuseAll(d, mismatch(d, d.phases[0], later(d, 0)));
    }

    /// @dev Whoever calls has to know the agreement: nothing here tells what only says that it is one.
    function test_holds_AsWhateverIsAskedSays() public {
        Deal memory d = addressed(access(1));
        address real = address(d.account);
        bytes32 outlook = hashing.chain(keccak256(packPhase(d.phases[0])), later(d, 0));
        d.account = IAgreement(address(new Impostor(hashing.chain(keccak256(packTerms(d.terms)), outlook))));
        assertTrue(holds(d, performer, own()), "it says so");
        assertTrue(real != address(d.account), "and the factory says otherwise");
    }

    // Status, phase, party

    function test_holds_InForceAlone() public {
        for (uint8 i; i <= uint8(Status.Dissolved); ++i) {
            Deal memory d = reached(Status(i));
            assertTrue(holds(d, performer, own()) == (Status(i) == Status.InForce), "in force alone");
        }
    }

    function test_holds_FromTheOpeningOfThePhase() public {
        Deal memory d = access(1);
        d.phases[0].notBefore = uint40(START + 90 days);
        inForce(d);
        assertEnded(d, own());
        when(START + 90 days - 1);
        assertEnded(d, own());
        when(START + 90 days);
        assertHoldsUntil(d, own(), d.terms.longStop);
    }

    function test_holds_InItsPhaseAlone() public {
        Deal memory d = inForce(access(2));
        Condition[] memory second = own();
        second[0].phase = 1;
        assertEnded(d, second);
        attest(d, ACCESS_OPENED, Verdict.Met);
        when(SILENT + 1);
        settle(d);
        assertEnded(d, own());
        assertHoldsUntil(d, second, d.terms.longStop);
        assertHoldsUntil(d, both(own(), second), d.terms.longStop);
    }

    function test_holds_ForThePartiesThatAConditionNames() public {
        Deal memory d = inForce(access(1));
        assertTrue(holds(d, performer, own()), "the host");
        assertTrue(!holds(d, payer, own()), "the provider");
        assertTrue(!holds(d, anyone, own()), "a stranger");
        assertTrue(!holds(d, address(0), own()), "nobody");
        assertTrue(!holds(d, verifier, own()), "a verifier");
        Condition[] memory list = own();
        list[0].parties = HOST | 1;
        assertTrue(holds(d, payer, list), "the provider, named");
    }

    function test_holds_ForMembersAlone() public {
        Deal memory d = coalition(2);
        entered(d);
        Condition[] memory list = own();
        list[0].parties = 7;
        list[0].own = false;
        assertTrue(holds(d, performer, list), "a member");
        assertTrue(!holds(d, latecomer, list), "who has not joined");
        accept(d, LATECOMER);
        assertTrue(!holds(d, latecomer, list), "who is bound from the next phase on");
    }

    function test_holders_InTheOrderOfTheTerms() public {
        Deal memory d = inForce(access(1));
        Condition[] memory list = own();
        list[0].parties = type(uint16).max;
        address[] memory found = holders(d, list);
        assertEq(found.length, 2, "both");
        assertEq(found[0], payer, "the provider");
        assertEq(found[1], performer, "the host");
        concede(d, performer, USE_KEPT);
        found = holders(d, list);
        assertEq(found.length, 1, "one is left");
        assertEq(found[0], payer, "until the cut-off bites");
        when(START + 1);
        assertEq(holders(d, list).length, 0, "none");
    }

    // Breach

    function test_holds_UntilABreachIsFound() public {
        Deal memory d = inForce(access(1));
        when(START + 10 days);
        assertHoldsUntil(d, own(), d.terms.longStop);
        attest(d, USE_KEPT, Verdict.Breached);
        assertEnded(d, own());
    }

    function test_holds_UntilABreachIsAdmitted() public {
        Deal memory d = inForce(access(1));
        concede(d, performer, USE_KEPT);
        assertEnded(d, own());
    }

    function test_holds_UntilSilenceFindsABreach() public {
        Deal memory d = access(1);
        d.phases[0].obligations[USE_KEPT].presumption = uint8(Verdict.Breached);
        inForce(d);
        assertHoldsUntil(d, own(), SILENT);
    }

    function test_holds_WhateverElseIsBreached() public {
        Deal memory d = inForce(access(1));
        attest(d, ACCESS_OPENED, Verdict.Breached);
        assertHoldsUntil(d, own(), d.terms.longStop);
        Condition[] memory list = own();
        list[0].kept = OPENED;
        assertEnded(d, list);
    }

    function test_holds_AgainOnceACourtHasOverruled() public {
        Deal memory d = under(address(court), access(1));
        inForce(d);
        attest(d, USE_KEPT, Verdict.Breached);
        assertEnded(d, own());
        challenge(d, performer, USE_KEPT);
        assertEnded(d, own());
        rule(1, uint256(Verdict.Met));
        assertHoldsUntil(d, own(), d.terms.longStop);
    }

    // What has to be met

    function test_holds_OnceItIsMet() public {
        Deal memory d = inForce(access(1));
        Condition[] memory list = own();
        list[0].met = OPENED;
        assertEnded(d, list);
        attest(d, ACCESS_OPENED, Verdict.Met);
        assertHoldsUntil(d, list, d.terms.longStop);
    }

    function test_holds_NotWhenItLapsed() public {
        Deal memory d = inForce(access(1));
        Condition[] memory list = own();
        list[0].met = OPENED;
        attest(d, ACCESS_OPENED, Verdict.Lapsed);
        assertEnded(d, list);
    }

    function test_holds_OnceSilenceHasMetIt() public {
        Deal memory d = inForce(access(1));
        Condition[] memory list = own();
        list[0].met = KEPT;
        when(SILENT);
        assertEnded(d, list);
        when(SILENT + 1);
        assertHoldsUntil(d, list, d.terms.longStop);
    }

    function test_holds_NotByWhatOnlySilenceAfterTheLongStopWouldMeet() public {
        Deal memory d = access(1);
        d.phases[0].obligations[ACCESS_KEPT].within = 800 days;
        inForce(d);
        Condition[] memory list = own();
        list[0].met = KEPT;
        when(d.terms.longStop + 1);
        assertEnded(d, list);
        when(START + 803 days + 1);
        assertEnded(d, list);
    }

    function test_holds_NotByAPromiseOfSomebodyAbsent() public {
        Deal memory d = coalition(2);
        d.obligation(LATECOMER, Verdict.Breached, true, 0);
        d.phases[0].obligations[0].obligor = LATECOMER;
        entered(d);
        Condition[] memory list = own();
        list[0].kept = 1;
        fund(d, 1);
        assertTrue(holds(d, performer, list), "what lapsed is not breached");
        list[0].met = 1;
        assertTrue(!holds(d, performer, list), "nor met");
    }

    // Cut-off and long stop

    function test_holds_UntilTheSecondOfSomebodyElsesBreach() public {
        Deal memory d = inForce(access(1));
        when(START + 10 days);
        concede(d, payer, ACCESS_KEPT);
        assertHoldsUntil(d, own(), START + 10 days);
    }

    function test_holds_UntilABreachIsFinal() public {
        Deal memory d = under(address(court), access(1));
        inForce(d);
        when(START + 10 days);
        attest(d, ACCESS_KEPT, Verdict.Breached);
        assertHoldsUntil(d, own(), START + 10 days + CHALLENGE_WINDOW);
        when(START + 12 days);
        challenge(d, payer, ACCESS_KEPT);
        assertHoldsUntil(d, own(), START + 12 days + RULING_WINDOW);
        when(START + 13 days);
        rule(1, uint256(Verdict.Breached));
        assertHoldsUntil(d, own(), START + 13 days);
    }

    function test_holds_UntilSilenceOfSomebodyElseIsFinal() public {
        Deal memory d = under(address(court), access(1));
        d.phases[0].obligations[ACCESS_KEPT].presumption = uint8(Verdict.Breached);
        inForce(d);
        assertHoldsUntil(d, own(), SILENT + CHALLENGE_WINDOW);
    }

    function test_holds_UntilAPaymentIsOverdue() public {
        Deal memory d = access(1);
        d.payment(PAYER, address(token), AMOUNT, all(performer), MET);
        inForce(d);
        assertHoldsUntil(d, own(), START + 7 days);
        fund(d, 1);
        assertHoldsUntil(d, own(), d.terms.longStop);
    }

    /// @dev A verdict against a payment spares its payer only if it is final by when the payment is due.
    function test_holds_UntilAPaymentIsOverdueThatAVerdictMaySpare() public {
        Deal memory d = under(address(court), access(1));
        d.phases[0].obligations[ACCESS_KEPT].material = false;
        d.payment(PAYER, address(token), AMOUNT, all(performer), MET);
        d.phases[0].payments[0].obligation = ACCESS_OPENED;
        inForce(d);
        when(START + 2 days - 1);
        attest(d, ACCESS_OPENED, Verdict.Breached);
        assertHoldsUntil(d, own(), d.terms.longStop);
        when(START + 2 days);
        challenge(d, payer, ACCESS_OPENED);
        assertHoldsUntil(d, own(), START + 7 days);
    }

    function test_holds_UntilABondIsOverdue() public {
        Deal memory d = access(2);
        d.levels(BOND, 2 * BOND);
        Condition[] memory second = own();
        second[0].phase = 1;
        inForce(d);
        attest(d, ACCESS_OPENED, Verdict.Met);
        when(SILENT + 1);
        settle(d);
        assertHoldsUntil(d, second, SILENT + 1 + d.terms.topUpWithin);
        topUp(d, PERFORMER);
        assertHoldsUntil(d, second, d.terms.longStop);
    }

    function test_holds_SoMuchLongerAsTimeIsExtended() public {
        Deal memory d = access(1);
        d.phases[0].obligations[USE_KEPT].presumption = uint8(Verdict.Breached);
        inForce(d);
        extend(d, false, USE_KEPT, 60 days);
        assertHoldsUntil(d, own(), START + 63 days);
    }

    // Afterwards

    function test_holds_ForGoodOnceCompleted() public {
        Deal memory d = inForce(access(1));
        Condition[] memory afterwards = own();
        afterwards[0].completed = true;
        afterwards[0].met = KEPT;
        assertEnded(d, afterwards);
        when(SILENT + 1);
        assertEnded(d, afterwards);
        settle(d);
        assertHoldsUntil(d, afterwards, type(uint256).max);
        when(d.terms.longStop + 10_000 days);
        assertTrue(holds(d, performer, afterwards), "for good");
        assertEnded(d, own());
        afterwards[0].met = OPENED;
        assertEnded(d, afterwards);
    }

    function test_holds_NeverByAnObligationThatIsNotThere() public {
        Deal memory d = inForce(access(1));
        Condition[] memory list = own();
        list[0].kept = 1 << 3;
        assertEnded(d, list);
        (list[0].kept, list[0].met) = (0, 1 << 3);
        assertEnded(d, list);
        assertEnded(d, new Condition[](0));
    }

    // Helpers

    function holders(Deal memory d, Condition[] memory list) private view returns (address[] memory) {
        return entitlements.holders(d.account, packTerms(d.terms), packPhase(current(d)), ahead(d), list);
    }

    function mismatch(Deal memory d, Phase memory phase, bytes32 chain) private view returns (bytes memory) {
        bytes32 actual = hashing.chain(keccak256(packTerms(d.terms)), hashing.chain(keccak256(packPhase(phase)), chain));
        return abi.encodeWithSelector(IAgreementEvents.TermsMismatch.selector, d.account.commitment(), actual);
    }

    /// @dev All three views refuse with exactly this.
    function refuseAll(Deal memory d, bytes memory reason) private {
        (bytes memory terms, bytes memory phase) = (packTerms(d.terms), packPhase(current(d)));
        Condition[] memory list = own();
        bytes32 chain = ahead(d);
        refuse(reason);
        act(
            anyone,
            address(entitlements),
            0,
            abi.encodeCall(IEntitlements.holds, (d.account, terms, phase, chain, performer, list))
        );
        refuse(reason);
        act(
            anyone,
            address(entitlements),
            0,
            abi.encodeCall(IEntitlements.until, (d.account, terms, phase, chain, performer, list))
        );
        refuse(reason);
        act(
            anyone,
            address(entitlements),
            0,
            abi.encodeCall(IEntitlements.holders, (d.account, terms, phase, chain, list))
        );
    }
}

/// @dev No agreement, and says that it is one, in force since this second.
contract Impostor {
    bytes32 public immutable commitment;
    uint40 private immutable _openedAt = uint40(block.timestamp);

    constructor(bytes32 commitment_) {
        commitment = commitment_;
    }

    function state() external view returns (State memory s) {
        (s.status, s.members, s.openedAt) = (Status.InForce, 3, _openedAt);
    }
}
