// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrator} from "../src/arbitration/IArbitrator.sol";
import {IEvidence} from "../src/arbitration/IEvidence.sol";
import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Status, Verdict} from "../src/interfaces/Types.sol";
import {Building, Deal, seatsOf} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

contract CommentTest is RecourseTest {
    using Building for Deal;

    function expectEvidence(Deal memory d, uint256 group, address by, string memory evidence) private {
        vm.expectEmit(address(d.account));
        emit IEvidence.Evidence(IArbitrator(d.terms.arbitrator), group, by, evidence);
    }

    function test_comment_ByMembersSeatsAndWhoHasStanding() public {
        Deal memory d = funded(contestable());
        address[4] memory heard = [payer, performer, verifier, community];
        for (uint256 i; i < heard.length; ++i) {
            expectEvidence(d, 256 + i, heard[i], "ipfs://evidence");
            comment(d, heard[i], 256 + i, "ipfs://evidence");
        }
    }

    function test_comment_BySeatsOfEveryPanel() public {
        Deal memory d = usual();
        address[] memory others = actors("seat", 3);
        d.panel(2, new uint8[](0), seatsOf(others));
        funded(d);
        expectEvidence(d, 0, others[2], "");
        comment(d, others[2], 0, "");
    }

    function test_comment_AboutAnythingWithoutAnArbitrator() public {
        Deal memory d = funded(usual());
        expectEvidence(d, type(uint256).max, performer, "anything");
        comment(d, performer, type(uint256).max, "anything");
    }

    function test_comment_ChangesNothing() public {
        Deal memory d = funded(contestable());
        bytes32 before = keccak256(abi.encode(d.account.state()));
        comment(d, payer, 0, "breached, if you ask me");
        comment(d, payer, 0, "breached, if you ask me");
        assertEq(keccak256(abi.encode(d.account.state())), before, "state");
    }

    function test_comment_AtAnyTime() public {
        for (uint8 i; i <= uint8(Status.Dissolved); ++i) {
            Deal memory d = reached(Status(i));
            expectEvidence(d, 0, verifier, "still here");
            comment(d, verifier, 0, "still here");
        }
    }

    /// @dev The phases from the one at hand on, as they are by now.
    function test_comment_InALaterPhaseThatWasExtended() public {
        Deal memory d = funded(usual(3));
        attest(d, 0, Verdict.Met);
        settle(d);
        extend(d, false, 0, 40 days);
        expectEvidence(d, 256, payer, "later");
        comment(d, payer, 256, "later");
    }

    /// @dev Phases that nobody has disclosed need not be known to say something.
    function test_comment_WithPhasesThatNobodyKnows() public {
        Deal memory d = open(usual(3), 1);
        expectEvidence(d, 0, verifier, "early");
        comment(d, verifier, 0, "early");
    }

    function test_comment_RevertWhen_TheCallerIsAStranger() public {
        Deal memory d = funded(contestable());
        address[3] memory strangers = [anyone, charity, address(court)];
        for (uint256 i; i < strangers.length; ++i) {
            refuseFor(IAgreementEvents.NoStanding.selector, strangers[i]);
            comment(d, strangers[i], 0, "noise");
        }
    }

    function test_comment_RevertWhen_ThePartyIsNoMember() public {
        Deal memory d = open(coalition(2));
        refuseFor(IAgreementEvents.NoStanding.selector, payer);
        comment(d, payer, 0, "not yet");
        accept(d, PAYER);
        comment(d, payer, 0, "joined");

        d.terms.document = "another";
        d = entered(d);
        refuseFor(IAgreementEvents.NoStanding.selector, latecomer);
        comment(d, latecomer, 0, "absent");
        accept(d, LATECOMER);
        refuseFor(IAgreementEvents.NoStanding.selector, latecomer);
        comment(d, latecomer, 0, "joining");
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        settle(d);
        comment(d, latecomer, 0, "bound");
    }

    function test_comment_RevertWhen_TermsOrPhasesAreOthers() public {
        Deal memory d = funded(usual(2));
        d.terms.longStop += 1;
        refuseTerms(d, d.phases[0], later(d, 0));
        comment(d, payer, 0, "");
        d.terms.longStop -= 1;
        d.hashes[1] = "another";
        refuseTerms(d, d.phases[0], later(d, 0));
        comment(d, payer, 0, "");
    }

    /// @dev Somebody who is not in these terms brings terms that it is in.
    function test_comment_RevertWhen_StandingIsInvented() public {
        Deal memory d = funded(contestable());
        d.terms.standing[0] = anyone;
        refuseTerms(d, d.phases[0], 0);
        comment(d, anyone, 0, "");
    }

    function test_comment_RevertWhen_CoinIsSent() public {
        Deal memory d = funded(usual());
        vm.deal(payer, 1);
        vm.prank(payer);
        (bool success,) = address(d.account).call{value: 1}(commenting(d, 0, ""));
        assertTrue(!success, "refused");
    }
}
