// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Status} from "../src/interfaces/Types.sol";
import {Building, Deal} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

contract VoidTest is RecourseTest {
    using Building for Deal;

    function test_void_SendsTheBondsBack() public {
        Deal memory d = open(usual());
        accept(d, PERFORMER);
        when(d.terms.joinBy + 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Ended(Status.Void);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(performer, address(token), BOND, Cause.Bond, PERFORMER, false);
        void(d);
        assertStatus(d, Status.Void);
        assertBalance(performer, BOND, "performer");
        assertBalance(payer, 0, "the payer had posted nothing");
    }

    function test_void_WithoutAnyMember() public {
        Deal memory d = open(usual());
        when(d.terms.joinBy + 1);
        void(d);
        assertStatus(d, Status.Void);
    }

    function test_void_WithPhasesThatNobodyKnows() public {
        Deal memory d = open(usual(3), 1);
        accept(d, PAYER);
        when(d.terms.joinBy + 1);
        void(d);
        assertBalance(payer, BOND, "payer");
    }

    function test_void_RevertWhen_JoiningIsNotOver() public {
        Deal memory d = open(usual());
        accept(d, PAYER);
        when(d.terms.joinBy);
        refuse(IAgreementEvents.TooEarly.selector, d.terms.joinBy + 1);
        void(d);
    }

    function test_void_RevertWhen_NotOpen() public {
        for (uint8 i = uint8(Status.InForce); i <= uint8(Status.Dissolved); ++i) {
            Deal memory d = reached(Status(i));
            when(d.terms.joinBy + 1);
            refuseStatus(Status(i));
            void(d);
        }
    }

    // Coalitions

    /// @dev Two of three, and two would do.
    function joinedByTwo() private returns (Deal memory d) {
        d = open(coalition(1));
        accept(d, PAYER);
        accept(d, PERFORMER);
    }

    function test_void_TooFewOfACoalition() public {
        Deal memory d = open(coalition(1));
        accept(d, LATECOMER);
        when(d.terms.joinBy + 1);
        void(d);
        assertStatus(d, Status.Void);
        assertBalance(latecomer, BOND, "latecomer");
        assertEq(held(d), 0, "nothing stays");
    }

    function test_void_EnoughOfACoalitionUpToTheLongStop() public {
        Deal memory d = joinedByTwo();
        uint40[3] memory times = [d.terms.joinBy + 1, d.terms.longStop - 1, d.terms.longStop];
        for (uint256 i; i < times.length; ++i) {
            when(times[i]);
            refuse(IAgreementEvents.TooEarly.selector, d.terms.longStop + 1);
            void(d);
        }
        enterForce(d);
        assertStatus(d, Status.InForce);
    }

    function test_void_EnoughOfACoalitionPastTheLongStop() public {
        Deal memory d = joinedByTwo();
        when(d.terms.longStop + 1);
        void(d);
        assertStatus(d, Status.Void);
        assertBalance(payer, BOND, "payer");
        assertBalance(performer, BOND, "performer");
        assertBalance(latecomer, 0, "the latecomer had posted nothing");
    }

    function test_void_RevertWhen_JoiningIsNotOverForACoalition() public {
        Deal memory d = joinedByTwo();
        when(d.terms.joinBy);
        refuse(IAgreementEvents.TooEarly.selector, d.terms.joinBy + 1);
        void(d);
    }

    function test_void_RevertWhen_Repeated() public {
        Deal memory d = open(coalition(1));
        accept(d, PAYER);
        when(d.terms.joinBy + 1);
        void(d);
        refuseStatus(Status.Void);
        void(d);
        refuseStatus(Status.Void);
        enterForce(d);
    }

    function test_void_RevertWhen_TermsAreOthers() public {
        Deal memory d = open(usual());
        when(d.terms.joinBy + 1);
        d.terms.parties[PAYER].bond += 1;
        refuseTerms(d, d.phases[0], 0);
        void(d);
    }
}
