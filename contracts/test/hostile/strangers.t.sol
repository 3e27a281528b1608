// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {IAgreementFactory} from "../../src/interfaces/IAgreementFactory.sol";
import {Phase, Split, Status, Verdict, Voice} from "../../src/interfaces/Types.sol";
import {Building, Deal, all} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {HostileTest} from "./HostileTest.sol";

/// @dev What takes a party, a seat, all members, those with standing, a court or the factory is refused to a stranger, by the
/// words that say why; what anyone may do is done once. Terms that hide something, or are lost, keep nobody's money.
contract StrangersTest is HostileTest {
    using Building for Deal;

    address private stranger = actor("stranger");

    function contested() private returns (Deal memory d) {
        d = contestable();
        d.phases[0].obligations[0].material = false;
        funded(d);
        token.mint(stranger, WEALTH);
        approve(stranger, address(token), address(d.account));
        vm.deal(stranger, WEALTH);
    }

    function refuseStranger(Deal memory d, bytes memory reason, uint256 value, bytes memory data) private {
        refuse(reason);
        act(stranger, d, value, data);
    }

    // Refused

    function test_accept_ForSomebodyElse() public {
        Deal memory d = open(usual());
        refuseStranger(
            d, abi.encodeWithSelector(IAgreementEvents.NotCaller.selector, payer), 0, accepting(d, PAYER, "")
        );
        bytes memory own = sign(stranger, termsDigest(d));
        refuseStranger(
            d, abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, payer), 0, accepting(d, PAYER, own)
        );
    }

    function test_InForce() public {
        Deal memory d = contested();
        uint40 expiry = uint40(vm.getBlockTimestamp());
        bytes[] memory mine = list(sign(stranger, bytes32(0)), sign(stranger, bytes32(0)));
        bytes memory noSignature = abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, payer);
        bytes memory noStanding = abi.encodeWithSelector(IAgreementEvents.NoStanding.selector, stranger);
        bytes memory notCaller = abi.encodeWithSelector(IAgreementEvents.NotCaller.selector, performer);
        refuseStranger(d, notCaller, 0, conceding(d, 0));
        refuseStranger(d, noStanding, 0, commenting(d, 0, ""));
        Split[] memory splits = splitOf(address(token), all(stranger));
        refuseStranger(d, noSignature, 0, dissolving(d, splits, expiry, mine));
        refuseStranger(d, noSignature, 0, extending(d, false, 0, 40 days, expiry, mine));
        mine = list("", "");
        notCaller = abi.encodeWithSelector(IAgreementEvents.NotCaller.selector, payer);
        refuseStranger(d, notCaller, 0, dissolving(d, splits, expiry, mine));
        refuseStranger(d, notCaller, 0, extending(d, true, 0, 8 days, expiry, mine));
        notCaller = abi.encodeWithSelector(IAgreementEvents.NotCaller.selector, address(factory));
        refuseStranger(d, notCaller, 0, launchingIt(d, PAYER, 0));
        bytes memory nothing =
            abi.encodeWithSelector(IAgreementEvents.NothingToWithdraw.selector, stranger, address(token));
        refuseStranger(d, nothing, 0, withdrawing(address(token), stranger));
    }

    function test_attest_AsASeat() public {
        Deal memory d = contested();
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        said.signature = "";
        bytes memory reason = abi.encodeWithSelector(IAgreementEvents.NotCaller.selector, verifier);
        refuseStranger(d, reason, 0, attesting(d, 0, Verdict.Met, 0, one(said), 0));
        said.signature = sign(stranger, attestationDigest(d, 0, 0, Verdict.Met, 0, said.evidence, said.expiry));
        reason = abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, verifier);
        refuseStranger(d, reason, 0, attesting(d, 0, Verdict.Met, 0, one(said), 0));
    }

    function test_challengeAndRule() public {
        Deal memory d = contested();
        attest(d, 0, Verdict.Met);
        bytes memory reason = abi.encodeWithSelector(IAgreementEvents.NoStanding.selector, stranger);
        refuseStranger(d, reason, court.fee(), challenging(d, 0));
        challenge(d, community, 0);
        reason = abi.encodeWithSelector(IAgreementEvents.NotCaller.selector, address(court));
        refuseStranger(d, reason, 0, ruling(1, 2));
        reason = abi.encodeWithSelector(IAgreementEvents.UnknownDispute.selector, 2);
        refuseStranger(d, reason, 0, ruling(2, 2));
    }

    /// @dev What a stranger may do brings nothing to it, and to the others what is theirs.
    function test_WhatAStrangerMayDo() public {
        Deal memory d = contested();
        mark(address(token));
        uint256 before = token.balanceOf(stranger);
        Voice[] memory said = voices(d, 0, Verdict.Met, 0, 1);
        act(stranger, d, 0, attesting(d, 0, Verdict.Met, 0, said, 0));
        when(vm.getBlockTimestamp() + CHALLENGE_WINDOW + 1);
        act(stranger, d, 0, releasing(d, 1));
        act(stranger, d, 0, settling(d));
        assertStatus(d, Status.Completed);
        assertEq(token.balanceOf(stranger), before, "the stranger");
        assertGot(address(token), performer, AMOUNT + BOND, "performer");
        assertGot(address(token), payer, BOND, "payer");
    }

    // Done twice

    function test_Repeated() public {
        Deal memory d = contested();
        bytes memory data = attesting(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 0);
        act(anyone, d, 0, data);
        act(anyone, d, 0, data);
        assertVerdict(d, 0, Verdict.Met);
        challenge(d, community, 0);
        refuse(IAgreementEvents.AlreadyChallenged.selector, 0);
        challenge(d, community, 0);
        rule(1, 1);
        refuse(IAgreementEvents.AlreadyRuled.selector, 1);
        rule(1, 1);
        when(vm.getBlockTimestamp() + 1);
        data = releasing(d, 1);
        act(anyone, d, 0, data);
        act(anyone, d, 0, data);
        assertBalance(performer, AMOUNT, "paid once");
        data = settling(d);
        act(anyone, d, 0, data);
        refuseStatus(Status.Completed);
        act(anyone, d, 0, data);
        refuseStatus(Status.Completed);
        unwind(d);
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertEq(held(d), 0, "nothing is left");
    }

    /// @dev The same terms make one agreement.
    function test_open_Twice() public {
        Deal memory d = open(usual());
        bytes memory data = opening(d, 1);
        assertTrue(!attempt(anyone, address(factory), 0, data), "opened twice");
        provide(payer, address(token), WEALTH, d);
        assertTrue(!attempt(anyone, address(factory), 0, launching(d, 1, PAYER, 0)), "launched by a stranger");
        assertTrue(attempt(payer, address(factory), 0, launching(d, 1, PAYER, 0)), "launched when open");
        assertTrue(!attempt(payer, address(factory), 0, launching(d, 1, PAYER, 0)), "launched twice");
        assertTrue(!attempt(anyone, address(factory), 0, data), "opened when joined");
        assertEq(d.account.state().members, 1, "members");
    }

    // Phases nobody can know

    /// @dev A confidential phase turns out to bind nobody: the agreement ends when it is told, and all bonds go back.
    function test_settle_TheConfidentialPhaseIsMalformed() public {
        Deal memory d = usual(2);
        d.phases[1].payments[0].payees[0].bps = 9_999;
        open(d, 1);
        accept(d, PAYER);
        accept(d, PERFORMER);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseRejected(1, "payees", 0);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
        assertEq(held(d), 0, "nothing is left");
    }

    /// @dev Nobody knows the next phase any more: nothing but it opens, and past the end all goes where it belongs.
    function test_unwind_TheConfidentialPhaseIsLost() public {
        Deal memory d = usual(2);
        open(d, 1);
        accept(d, PAYER);
        accept(d, PERFORMER);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        Phase memory other = d.phases[0];
        bytes32 lost = later(d, 0);
        refuse(
            abi.encodeWithSelector(
                IAgreementEvents.PhaseMismatch.selector, lost, hashing.chain(hashing.hashPhase(other), 0)
            )
        );
        Phase[] memory guess = new Phase[](1);
        guess[0] = other;
        settleWith(d, guess, 0);
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseMismatch.selector, lost, bytes32(0)));
        settleWith(d, new Phase[](0), 0);
        when(d.terms.longStop + 1);
        act(stranger, d, 0, unwinding(d));
        assertStatus(d, Status.Unwound);
        assertBalance(performer, AMOUNT + BOND, "performer");
        assertBalance(payer, BOND, "payer");
        assertEq(held(d), 0, "nothing is left");
    }
}
