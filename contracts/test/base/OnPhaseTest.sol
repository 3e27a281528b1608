// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreement} from "../../src/interfaces/IAgreement.sol";
import {Status, Verdict} from "../../src/interfaces/Types.sol";
import {Deal} from "./Deal.sol";
import {RecourseTest} from "./RecourseTest.sol";

/// @dev What every call on the phase at hand refuses before it looks at anything else, at any time.
abstract contract OnPhaseTest is RecourseTest {
    /// @dev The entry point under test, called in a way that the usual deal, funded, would allow or refuse later on.
    function enter(Deal memory d) internal virtual;

    function test_RevertWhen_TermsAreOthers() public {
        Deal memory d = funded(usual());
        d.terms.topUpWithin += 1;
        refuseTerms(d, d.phases[0], 0);
        enter(d);
    }

    function test_RevertWhen_PhaseIsAnother() public {
        Deal memory d = funded(usual());
        d.phases[0].payments[0].amount += 1;
        refuseTerms(d, d.phases[0], 0);
        enter(d);
    }

    function test_RevertWhen_LaterPhasesAreOthers() public {
        Deal memory d = funded(usual(2));
        d.hashes[1] = "another";
        refuseTerms(d, d.phases[0], later(d, 0));
        enter(d);
    }

    function test_RevertWhen_PhaseIsOver() public {
        Deal memory d = funded(usual(2));
        attest(d, 0, Verdict.Met);
        settle(d);
        d.phases[1] = d.phases[0];
        refuseTerms(d, d.phases[0], 0);
        enter(d);
    }

    function test_RevertWhen_NotInForce() public {
        for (uint8 i; i <= uint8(Status.Dissolved); ++i) {
            if (Status(i) == Status.InForce) continue;
            Deal memory d = reached(Status(i));
            refuseStatus(Status(i));
            enter(d);
        }
    }
}
