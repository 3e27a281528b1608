// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {Deal} from "./Deal.sol";
import {OnPhaseTest} from "./OnPhaseTest.sol";

/// @dev What every call refuses, besides, that can only be made before the end.
abstract contract InPhaseTest is OnPhaseTest {
    function test_RevertWhen_PastTheLongStop() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].within = 800 days;
        d.phases[0].payments[0].due = 800 days;
        inForce(d);
        when(d.terms.longStop + 1);
        refuse(IAgreementEvents.TooLate.selector, d.terms.longStop);
        enter(d);
    }
}
