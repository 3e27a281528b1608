// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Verdict} from "../src/interfaces/Types.sol";
import {InPhaseTest} from "./base/InPhaseTest.sol";
import {Building, Deal, OUTSIDE} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";

contract ConcedeTest is InPhaseTest {
    using Building for Deal;

    function enter(Deal memory d) internal override {
        concede(d, performer, 0);
    }

    function test_concede_TheObligorAdmitsABreach() public {
        Deal memory d = funded(usual());
        when(START + 1 days);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Decided(0, 0, Verdict.Breached, 0, true);
        concede(d, performer, 0);
        assertVerdict(d, 0, Verdict.Breached);
        assertEq(d.account.state().cutOff, 1 days + 1, "cut-off");
    }

    function test_concede_AnImmaterialBreachIsNoCutOff() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].material = false;
        funded(d);
        concede(d, performer, 0);
        assertEq(d.account.state().cutOff, 0, "no cut-off");
    }

    function test_concede_APromiseNotToAct() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].presumption = uint8(Verdict.Met);
        funded(d);
        concede(d, performer, 0);
        assertVerdict(d, 0, Verdict.Breached);
    }

    function test_concede_RevertWhen_NotTheObligor() public {
        Deal memory d = funded(usual());
        refuse(abi.encodeWithSelector(IAgreementEvents.NotCaller.selector, performer));
        concede(d, payer, 0);
    }

    function test_concede_RevertWhen_AnOutsideEvent() public {
        Deal memory d = usual();
        d.obligation(OUTSIDE, Verdict.Lapsed, false, 0);
        funded(d);
        refuse(abi.encodeWithSelector(IAgreementEvents.VerdictNotAllowed.selector, 1, Verdict.Breached));
        concede(d, performer, 1);
    }

    function test_concede_RevertWhen_NoSuchObligation() public {
        Deal memory d = funded(usual());
        refuse(IAgreementEvents.UnknownObligation.selector, 1);
        concede(d, performer, 1);
    }

    function test_concede_RevertWhen_AlreadyDecided() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Met);
        refuse(abi.encodeWithSelector(IAgreementEvents.AlreadyDecided.selector, 0, Verdict.Met));
        concede(d, performer, 0);
    }

    function test_concede_RevertWhen_ThePhaseHasNotOpened() public {
        Deal memory d = usual();
        d.phases[0].notBefore = uint40(START + 90 days);
        funded(d);
        refuse(IAgreementEvents.TooEarly.selector, START + 90 days);
        concede(d, performer, 0);
    }

    function test_concede_RevertWhen_TheDeadlineIsOver() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].material = false;
        funded(d);
        when(START + 33 days + 1);
        refuse(IAgreementEvents.TooLate.selector, START + 33 days);
        concede(d, performer, 0);
        when(START + 33 days);
        concede(d, performer, 0);
    }

    function test_concede_RevertWhen_CutOff() public {
        Deal memory d = usual();
        d.obligation(PERFORMER, Verdict.Lapsed, false, 0);
        funded(d);
        concede(d, performer, 0);
        when(START + 1);
        refuse(IAgreementEvents.PastCutOff.selector, START);
        concede(d, performer, 1);
    }
}
