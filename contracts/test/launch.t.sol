// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {packPhases, packTerms} from "./base/Packing.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {IAgreementFactory} from "../src/interfaces/IAgreementFactory.sol";
import {Cause, Status, Verdict} from "../src/interfaces/Types.sol";
import {Reenterer} from "./actors/Reenterer.sol";
import {Recipient} from "./actors/Recipient.sol";
import {Building, Deal, MET, all} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";
import {FeeToken} from "./tokens/FeeToken.sol";

contract LaunchTest is RecourseTest {
    using Building for Deal;

    /// @dev One party, its bond in one asset and two payments in coin and in the token.
    function pledge(address asset) private view returns (Deal memory d) {
        d = blank();
        d.party(payer, asset, BOND, all(charity));
        d.judge(verifier);
        d.phase();
        d.obligation(0, Verdict.Breached, true, 10_000);
        d.payment(0, NATIVE, 70, all(charity), MET);
        d.payment(0, address(token), 90, all(charity), MET);
    }

    /// @dev The launcher has the tokens, and has approved them to an account that is not there yet.
    function provided(Deal memory d, uint8 party) private returns (Deal memory) {
        addressed(d);
        provide(d.terms.parties[party].account, address(token), BOND + AMOUNT, d);
        return d;
    }

    function assertNotOpen(Deal memory d) private view {
        assertEq(address(d.account).code.length, 0, "nothing is open");
        assertEq(address(factory).balance, 0, "the factory keeps nothing");
    }

    // Alone

    function test_launch_OpensJoinsAndFunds() public {
        Deal memory d = provided(pledge(address(token)), 0);
        bytes memory data = launching(d, 1, 0, 3);
        vm.expectEmit(address(factory));
        emit IAgreementFactory.Opened(
            address(d.account),
            hashing.hashTerms(d.terms),
            d.terms.document,
            packTerms(d.terms),
            d.hashes,
            packPhases(d.phases)
        );
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Accepted(0, payer, BOND);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseOpened(0, uint40(START), 1, 0);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Funded(0, payer, 3);
        launch(d, 0, 3, 70);

        assertStatus(d, Status.InForce);
        assertEq(d.account.state().funded, 3, "funded");
        assertEq(held(d), BOND + 90, "token");
        assertEq(address(d.account).balance, 70, "coin");
    }

    function test_launch_InCoin() public {
        Deal memory d = provided(pledge(NATIVE), 0);
        launch(d, 0, 1, BOND + 70);
        assertEq(address(d.account).balance, BOND + 70, "bond and payment");
        assertEq(d.account.state().funded, 1, "funded");
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1);
        assertEq(charity.balance, 70, "it goes on as any other");
    }

    function test_launch_WithoutPayments() public {
        Deal memory d = provided(pledge(address(token)), 0);
        launch(d, 0, 0, 0);
        assertStatus(d, Status.InForce);
        assertEq(d.account.state().funded, 0, "funded");
    }

    function test_launch_ClocksWaitForNotBefore() public {
        Deal memory d = pledge(address(token));
        d.phases[0].notBefore = uint40(START + 90 days);
        provided(d, 0);
        launch(d, 0, 2, 0);
        assertEq(openedAt(d), START + 90 days, "opened at");
    }

    function test_launch_LaterPhasesAsAgreed() public {
        Deal memory d = pledge(address(token));
        d.phase();
        d.obligation(0, Verdict.Met, true, 10_000);
        provided(d, 0);
        launch(d, 0, 3, 70);
        attest(d, 0, Verdict.Met);
        settle(d);
        assertEq(d.account.state().phase, 1, "phase");
    }

    function test_launch_SurplusOverTheLevelGoesBackAtOnce() public {
        Deal memory d = pledge(NATIVE);
        d.phases[0].bonds = new uint128[](1);
        d.phases[0].bonds[0] = BOND / 4;
        addressed(d);
        launch(d, 0, 1, BOND + 70);
        assertEq(address(d.account).balance, BOND / 4 + 70, "held");
        assertEq(payer.balance, BOND - BOND / 4, "given back");
    }

    function test_launch_ShortOfTheLevelIsFlagged() public {
        Deal memory d = pledge(NATIVE);
        d.phases[0].bonds = new uint128[](1);
        d.phases[0].bonds[0] = BOND + 1;
        addressed(d);
        launch(d, 0, 1, BOND + 70);
        assertEq(d.account.state().short, 1, "short");
        topUp(d, 0);
        assertEq(address(d.account).balance, BOND + 71, "held");
    }

    // Surplus coin

    function test_launch_SurplusCoinGoesBackToTheCaller() public {
        Deal memory d = provided(pledge(NATIVE), 0);
        addressed(d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(payer, NATIVE, 5, Cause.Surplus, 0, false);
        launch(d, 0, 1, BOND + 75);
        assertEq(payer.balance, 5, "surplus");
        assertEq(address(factory).balance, 0, "the factory keeps nothing");
    }

    function test_launch_CoinThatNothingTakesGoesBack() public {
        Deal memory d = provided(pledge(address(token)), 0);
        launch(d, 0, 0, 1 ether);
        assertEq(payer.balance, 1 ether, "all of it");
        assertEq(address(d.account).balance, 0, "none stays");
    }

    function test_launch_SurplusIsCreditedToWhoWouldNotHaveIt() public {
        Recipient surly = new Recipient();
        surly.behave(Recipient.Manner.Reverts);
        Deal memory d = pledge(NATIVE);
        d.terms.parties[0].account = address(surly);
        launch(d, 0, 1, BOND + 75);
        assertEq(d.account.credit(address(surly), NATIVE), 5, "credit");
        assertEq(address(d.account).balance, BOND + 75, "held for it");
    }

    function test_launch_ReenteredThroughSurplusCoin() public {
        Reenterer attacker = new Reenterer();
        Deal memory d = pledge(NATIVE);
        d.terms.parties[0].account = address(attacker);
        addressed(d);
        attacker.aim(address(d.account), abi.encodePacked(launchingIt(d, 0, 0), address(attacker)));
        launch(d, 0, 1, BOND + 75);
        assertTrue(attacker.called(), "it did call back");
        bytes4 expected = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        assertEq(bytes32(attacker.answer()), bytes32(expected), "answer");
        assertEq(address(d.account).balance, BOND + 70, "held");
    }

    // With others

    function test_launch_JoinsAndWaitsForOthers() public {
        Deal memory d = provided(usual(), PERFORMER);
        launch(d, PERFORMER, 0, 0);
        assertStatus(d, Status.Open);
        assertEq(d.account.state().members, 1 << PERFORMER, "members");
        assertEq(held(d), BOND, "held");
        accept(d, PAYER);
        fund(d, 1);
        assertStatus(d, Status.InForce);
        when(START);
        refuseStatus(Status.InForce);
        accept(d, PERFORMER);
    }

    function test_launch_RevertWhen_OthersHaveToJoinBeforePayments() public {
        Deal memory d = provided(usual(), PAYER);
        refuseStatus(Status.Open);
        launch(d, PAYER, 1, 0);
        assertNotOpen(d);
        assertBalance(payer, BOND + AMOUNT, "nothing is taken");
    }

    // What it refuses

    function test_launch_RevertWhen_TheCallerIsNotTheParty() public {
        Deal memory d = provided(usual(), PAYER);
        address[3] memory others = [anyone, performer, verifier];
        for (uint256 i; i < others.length; ++i) {
            refuseFor(IAgreementEvents.NotCaller.selector, payer);
            launchFrom(others[i], d, PAYER, 0, 0);
        }
        assertNotOpen(d);
    }

    /// @dev The factory appends who called it, after whatever that one has appended itself.
    function test_launch_RevertWhen_TheCallerIsForged() public {
        Deal memory d = provided(usual(), PAYER);
        bytes memory forged = abi.encodePacked(launching(d, 1, PAYER, 0), payer);
        refuseFor(IAgreementEvents.NotCaller.selector, payer);
        act(anyone, address(factory), 0, forged);
        forged = abi.encodePacked(launching(d, 1, PAYER, 0), bytes32(uint256(uint160(payer))));
        refuseFor(IAgreementEvents.NotCaller.selector, payer);
        act(anyone, address(factory), 0, forged);
        assertBalance(payer, BOND + AMOUNT, "nothing is taken");
        act(payer, address(factory), 0, abi.encodePacked(launching(d, 1, PAYER, 0), anyone));
        assertEq(d.account.state().members, 1, "its own call, whatever it appends");
    }

    function test_launch_RevertWhen_NobodyButTheFactoryCallsTheAccount() public {
        Deal memory d = provided(usual(), PAYER);
        open(d);
        address[3] memory callers = [anyone, payer, recourse];
        for (uint256 i; i < callers.length; ++i) {
            refuseFor(IAgreementEvents.NotCaller.selector, address(factory));
            act(callers[i], d, 0, launchingIt(d, PAYER, 0));
            refuseFor(IAgreementEvents.NotCaller.selector, address(factory));
            act(callers[i], d, 0, abi.encodePacked(launchingIt(d, PAYER, 0), payer));
            refuseFor(IAgreementEvents.NotCaller.selector, address(factory));
            act(callers[i], d, 0, abi.encodePacked(launchingIt(d, PAYER, 0), address(factory)));
        }
        assertEq(d.account.state().members, 0, "members");
    }

    function test_launch_RevertWhen_ThereIsNoSuchParty() public {
        Deal memory d = provided(pledge(address(token)), 0);
        refuse(IAgreementEvents.UnknownParty.selector, 1);
        launchFrom(payer, d, 1, 0, 0);
        refuse(IAgreementEvents.UnknownParty.selector, 255);
        launchFrom(payer, d, 255, 0, 0);
        assertNotOpen(d);
    }

    function test_launch_RevertWhen_ThereIsNoSuchPayment() public {
        Deal memory d = provided(pledge(address(token)), 0);
        refuse(IAgreementEvents.UnknownPayment.selector, 2);
        launch(d, 0, 4, 70);
        refuse(IAgreementEvents.UnknownPayment.selector, 2);
        launch(d, 0, type(uint32).max, 70);
        assertNotOpen(d);
    }

    function test_launch_RevertWhen_TheCoinIsTooLittle() public {
        Deal memory d = provided(pledge(NATIVE), 0);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, BOND, BOND - 1));
        launch(d, 0, 0, BOND - 1);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, 70, 69));
        launch(d, 0, 1, BOND + 69);
        assertNotOpen(d);
    }

    function test_launch_RevertWhen_NothingIsApproved() public {
        Deal memory d = addressed(pledge(address(token)));
        token.mint(payer, BOND);
        refuse(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(d.account), 0, BOND));
        launch(d, 0, 0, 0);
        assertNotOpen(d);
    }

    function test_launch_RevertWhen_FewerTokensArrive() public {
        FeeToken fee = new FeeToken();
        Deal memory d = addressed(pledge(address(fee)));
        provide(payer, address(fee), BOND, d);
        refuse(abi.encodeWithSelector(IAgreementEvents.DepositMismatch.selector, address(fee), BOND, BOND - BOND / 100));
        launch(d, 0, 0, 0);
        assertNotOpen(d);
    }

    // Opened by somebody else

    /// @dev A stranger opens it first: the party joins and funds all the same.
    function test_launch_WhatIsOpenAlready() public {
        Deal memory d = provided(pledge(address(token)), 0);
        open(d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Accepted(0, payer, BOND);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseOpened(0, uint40(START), 1, 0);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Funded(0, payer, 3);
        launch(d, 0, 3, 75);
        assertEq(d.account.state().funded, 3, "funded");
        assertEq(held(d), BOND + 90, "token");
        assertEq(address(d.account).balance, 70, "coin");
        assertEq(payer.balance, 5, "surplus");
    }

    function test_launch_WhatOthersHaveJoinedAlready() public {
        Deal memory d = provided(usual(), PAYER);
        open(d);
        accept(d, PERFORMER);
        launch(d, PAYER, 1, 0);
        assertEq(d.account.state().members, 3, "members");
        assertEq(d.account.state().funded, 1, "funded");
        assertEq(held(d), 2 * BOND + AMOUNT, "held");
    }

    function test_launch_RevertWhen_ThePartyHasJoined() public {
        Deal memory d = provided(usual(), PAYER);
        launch(d, PAYER, 0, 0);
        refuse(IAgreementEvents.AlreadyAccepted.selector, PAYER);
        launch(d, PAYER, 0, 0);
    }

    function test_launch_RevertWhen_ItIsNoLongerOpenToJoin() public {
        Deal memory d = provided(pledge(address(token)), 0);
        launch(d, 0, 0, 0);
        refuseStatus(Status.InForce);
        launch(d, 0, 3, 70);
        d = provided(usual(), PAYER);
        open(d);
        when(d.terms.joinBy + 1);
        refuse(abi.encodeWithSelector(IAgreementFactory.TermsMalformed.selector, bytes32("joinBy"), 0));
        launch(d, PAYER, 0, 0);
        void(d);
        assertEq(d.account.state().members, 0, "members");
    }

    function test_launch_RevertWhen_TheTermsAreFlawed() public {
        Deal memory d = pledge(address(token));
        d.terms.joinBy = uint40(START - 1);
        provided(d, 0);
        refuse(abi.encodeWithSelector(IAgreementFactory.TermsMalformed.selector, bytes32("joinBy"), 0));
        launch(d, 0, 0, 0);

        d = pledge(address(token));
        d.phases[0].payments[1].amount = 0;
        provided(d, 0);
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseFlawed.selector, 0, bytes32("amount"), 1));
        launch(d, 0, 0, 0);

        d = provided(pledge(address(token)), 0);
        refuse(abi.encodeWithSelector(IAgreementFactory.NothingDisclosed.selector));
        act(payer, address(factory), 0, launching(d, 0, 0, 0));
        assertNotOpen(d);
    }
}
