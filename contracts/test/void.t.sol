// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Status} from "../src/interfaces/Types.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";

contract VoidTest is AgreementTest {
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
        Status[5] memory others = [Status.InForce, Status.Completed, Status.Terminated, Status.Void, Status.Unwound];
        for (uint256 i; i < others.length; ++i) {
            Deal memory d = reached(others[i]);
            when(d.terms.joinBy + 1);
            refuseStatus(others[i]);
            void(d);
        }
    }

    function test_void_RevertWhen_TermsAreOthers() public {
        Deal memory d = open(usual());
        when(d.terms.joinBy + 1);
        d.terms.parties[PAYER].bond += 1;
        refuseTerms(d, d.phases[0], 0);
        void(d);
    }
}
