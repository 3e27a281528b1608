// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {IAgreementFactory} from "../src/interfaces/IAgreementFactory.sol";
import {Verdict} from "../src/interfaces/Types.sol";
import {Building, Deal, all} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";

/// @dev Flaws of what terms say about courts, coalitions, standing and predecessors: the rest of `open.tree`.
contract OpenRecourseTest is RecourseTest {
    using Building for Deal;

    function refuseHeader(Deal memory d, bytes32 flaw, uint256 index) private {
        refuse(abi.encodeWithSelector(IAgreementFactory.TermsMalformed.selector, flaw, index));
        open(d);
    }

    // Courts

    function test_open_RevertWhen_ThereAreWindowsWithoutACourt() public {
        Deal memory d = usual();
        d.terms.challengeWindow = 1;
        refuseHeader(d, "challengeWindow", 0);
        d.terms.challengeWindow = 0;
        d.terms.rulingWindow = 1;
        refuseHeader(d, "rulingWindow", 0);
    }

    function test_open_RevertWhen_ThereIsACourtWithoutWindows() public {
        Deal memory d = contestable();
        d.terms.challengeWindow = 0;
        refuseHeader(d, "challengeWindow", 0);
        d.terms.challengeWindow = 1;
        d.terms.rulingWindow = 0;
        refuseHeader(d, "rulingWindow", 0);
        d.terms.rulingWindow = 1;
        open(d);
    }

    function test_open_RevertWhen_TheCourtIsNoContract() public {
        refuseHeader(under(anyone, usual()), "arbitrator", 0);
    }

    /// @dev The account itself is not there yet, so nobody can make it its own court.
    function test_open_RevertWhen_TheCourtIsTheAccountItself() public {
        Deal memory d = addressed(contestable());
        refuseHeader(under(address(d.account), usual()), "arbitrator", 0);
    }

    function test_open_RevertWhen_ThereIsDataForNoCourt() public {
        Deal memory d = usual();
        d.terms.arbitratorData = hex"00";
        refuseHeader(d, "arbitratorData", 0);
        d = contestable();
        d.terms.arbitratorData = hex"00";
        open(d);
        d.terms.arbitratorData = new bytes(1_025);
        refuseHeader(d, "arbitratorData", 0);
        d.terms.arbitratorData = new bytes(1_024);
        open(d);
    }

    function test_open_RevertWhen_TheWindowsEndPastAllTime() public {
        Deal memory d = contestable();
        d.terms.topUpWithin = 0;
        d.terms.longStop = type(uint40).max - CHALLENGE_WINDOW - RULING_WINDOW + 1;
        refuseHeader(d, "longStop", 0);
        d.terms.longStop -= 1;
        open(d);
    }

    function test_open_TheLongestWindows() public {
        Deal memory d = contestable();
        (d.terms.challengeWindow, d.terms.rulingWindow) = (type(uint32).max, type(uint32).max);
        funded(d);
        attest(d, 0, Verdict.Met);
        when(START + type(uint32).max);
        challenge(d, payer, 0);
        when(START + 2 * uint256(type(uint32).max));
        refuseNotFinal(0, START + 2 * uint256(type(uint32).max));
        settle(d);
        rule(1, 1);
        when(START + 2 * uint256(type(uint32).max) + 1);
        settle(d);
        assertBalance(performer, AMOUNT + BOND, "performer");
    }

    // Coalitions

    function test_open_RevertWhen_MorePartiesAreNeededThanThereAre() public {
        Deal memory d = usual();
        d.terms.minParties = 3;
        refuseHeader(d, "minParties", 3);
        d.terms.minParties = 0;
        refuseHeader(d, "minParties", 0);
        d.terms.minParties = 1;
        open(d);
    }

    function test_open_RevertWhen_NobodyCouldJoinLater() public {
        Deal memory d = usual();
        d.terms.accession = true;
        refuseHeader(d, "accession", 0);
        d = usual(2);
        d.terms.accession = true;
        open(d);
    }

    // Standing and predecessors

    function test_open_RevertWhen_StandingIsNobodysOrTooMany() public {
        Deal memory d = usual();
        d.terms.standing = actors("neighbour", 33);
        refuseHeader(d, "standing", 33);
        d.terms.standing = actors("neighbour", 32);
        d.terms.standing[31] = address(0);
        refuseHeader(d, "standing", 31);
        d.terms.standing[31] = community;
        funded(d);
        comment(d, community, 0, "the last of them");
    }

    function test_open_RevertWhen_ThePredecessorIsNotThere() public {
        Deal memory d = usual();
        d.terms.predecessor = anyone;
        refuseHeader(d, "predecessor", 0);
        Deal memory before = reachedEnd();
        d.terms.predecessor = address(before.account);
        open(d);
    }

    /// @dev What a successor may follow.
    function reachedEnd() private returns (Deal memory d) {
        d = usual();
        d.terms.document = "before";
        inForce(d);
        dissolve(d, splitOf(address(token), all(charity)));
    }

    // Time

    /// @dev A cut-off is kept in 32 bits of seconds.
    function test_open_RevertWhen_AnObligationLastsTooLong() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].within = type(uint32).max - 3 days;
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseFlawed.selector, 0, bytes32("within"), 0));
        open(d);
        d.phases[0].obligations[0].within -= 1;
        open(d);
    }

    /// @dev Conceded in the last second there can be.
    function test_open_ACutOffInTheLastSecond() public {
        Deal memory d = usual();
        d.terms.longStop = uint40(START + 200 * 365 days);
        d.phases[0].obligations[0].within = type(uint32).max - 1 - 3 days;
        funded(d);
        uint256 last = START + type(uint32).max - 1;
        when(last);
        concede(d, performer, 0);
        refuse(IAgreementEvents.TooEarly.selector, last + 1);
        settle(d);
        when(last + 1);
        settle(d);
        assertBalance(performer, BOND * 4 / 10, "performer");
    }
}
