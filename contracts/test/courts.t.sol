// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IArbitrable} from "../src/arbitration/IArbitrable.sol";
import {IArbitrator} from "../src/arbitration/IArbitrator.sol";
import {IEvidence} from "../src/arbitration/IEvidence.sol";
import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Status, Verdict} from "../src/interfaces/Types.sol";
import {
    NeverRules,
    RaisesFee,
    Reentrant,
    ReusesIds,
    RevertingCost,
    RulesInsideCreate,
    RulesTwice,
    RulesUnasked
} from "./arbitration/HostileArbitrators.sol";
import {StubCourt} from "./actors/StubCourt.sol";
import {Building, Deal} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

/// @dev Whatever the court does, nobody loses more than the ruling it was asked for can cost.
contract CourtsTest is RecourseTest {
    using Building for Deal;

    uint256 private constant FEE = 0.01 ether;

    /// @dev In coin, with two verdicts given: for the performer, and for the payer.
    function decidedUnder(address arbitrator) private returns (Deal memory d) {
        d = between(NATIVE);
        addPhase(d, NATIVE);
        d.obligation(PAYER, Verdict.Breached, true, 2_500);
        funded(under(arbitrator, d));
        attest(d, 0, Verdict.Met);
        attest(d, 1, Verdict.Met);
    }

    /// @dev Nothing has happened but for the fee: each has what it would have had anyway, once all is final.
    function assertSettlesAsDecided(Deal memory d, uint256 obligation, uint256 finalAt) private {
        vm.deal(payer, 0);
        vm.deal(performer, 0);
        when(finalAt);
        refuseNotFinal(obligation, finalAt);
        settle(d);
        when(finalAt + 1);
        settle(d);
        assertAsDecided(d, Status.Completed);
    }

    function assertAsDecided(Deal memory d, Status status) private view {
        assertStatus(d, status);
        assertEq(performer.balance, AMOUNT + BOND, "performer");
        assertEq(payer.balance, BOND, "payer");
        assertEq(address(d.account).balance, 0, "nothing stays");
    }

    // Silent, talkative, dear

    function test_court_ThatNeverRules() public {
        address silent = address(new NeverRules());
        Deal memory d = decidedUnder(silent);
        challenge(d, payer, 0);
        assertEq(silent.balance, FEE, "it kept the fee");
        assertSettlesAsDecided(d, 0, START + RULING_WINDOW);
    }

    function test_court_ThatNeverRulesAndNobodySettles() public {
        Deal memory d = decidedUnder(address(new NeverRules()));
        challenge(d, payer, 0);
        challenge(d, performer, 1);
        when(end(d) + 1);
        unwind(d);
        assertAsDecided(d, Status.Unwound);
    }

    function test_court_ThatRulesTwice() public {
        RulesTwice twice = new RulesTwice();
        Deal memory d = decidedUnder(address(twice));
        challenge(d, payer, 0);
        twice.rule(1, 1, 2);
        assertTrue(!twice.succeeded(), "refused");
        bytes memory expected = abi.encodeWithSelector(IAgreementEvents.AlreadyRuled.selector, 1);
        assertEq(keccak256(twice.answer()), keccak256(expected), "answer");
        assertSettlesAsDecided(d, 1, START + CHALLENGE_WINDOW);
    }

    function test_court_ThatRulesUnasked() public {
        RulesUnasked eager = new RulesUnasked();
        Deal memory d = decidedUnder(address(eager));
        refuse(IAgreementEvents.UnknownDispute.selector, 1);
        ruleUnasked(eager, d, 1);
        challenge(d, payer, 0);
        refuse(IAgreementEvents.UnknownDispute.selector, 2);
        ruleUnasked(eager, d, 2);
        assertSettlesAsDecided(d, 0, START + RULING_WINDOW);
    }

    function ruleUnasked(RulesUnasked eager, Deal memory d, uint256 disputeId) private {
        act(
            anyone,
            address(eager),
            0,
            abi.encodeCall(RulesUnasked.rule, (IArbitrable(address(d.account)), disputeId, 2))
        );
    }

    function test_court_ThatRaisesItsFee() public {
        RaisesFee dear = new RaisesFee();
        Deal memory d = decidedUnder(address(dear));
        challengeWith(d, payer, 0, FEE);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, 2 * FEE, FEE));
        challengeWith(d, performer, 1, FEE);
        challengeWith(d, performer, 1, 2 * FEE);
        assertEq(address(dear).balance, 3 * FEE, "what it asked for, from those who asked it");
        assertEq(address(d.account).balance, AMOUNT + 2 * BOND, "nothing from the account");
        assertSettlesAsDecided(d, 0, START + RULING_WINDOW);
    }

    // Numbers

    function test_court_ThatRulesBeforeItIsAsked() public {
        RulesInsideCreate hasty = new RulesInsideCreate(2);
        Deal memory d = decidedUnder(address(hasty));
        challenge(d, payer, 0);
        assertTrue(!hasty.succeeded(), "refused");
        bytes memory expected = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        assertEq(keccak256(hasty.answer()), keccak256(expected), "answer");
        assertVerdict(d, 0, Verdict.Met);
        hasty.rule(1, 1);
        refuse(IAgreementEvents.AlreadyRuled.selector, 1);
        act(anyone, address(hasty), 0, ruling(1, 2));
        assertSettlesAsDecided(d, 1, START + CHALLENGE_WINDOW);
    }

    function test_court_ThatReusesANumber() public {
        uint256[2] memory numbers = [uint256(0), type(uint256).max];
        for (uint256 i; i < 2; ++i) {
            uint256 id = vm.snapshotState();
            ReusesIds careless = new ReusesIds(numbers[i]);
            Deal memory d = decidedUnder(address(careless));
            challenge(d, payer, 0);
            refuse(IAgreementEvents.DisputeRepeated.selector, numbers[i]);
            challenge(d, performer, 1);
            assertContest(d, 1, START, 0, 0);
            careless.rule(IArbitrable(address(d.account)), 2);
            assertVerdict(d, 0, Verdict.Breached);
            assertVerdict(d, 1, Verdict.Met);
            refuse(IAgreementEvents.DisputeRepeated.selector, numbers[i]);
            challenge(d, performer, 1);
            vm.revertToState(id);
        }
    }

    /// @dev In the next phase too, long after the first dispute is over.
    function test_court_ThatReusesANumberOfThePhaseBefore() public {
        ReusesIds careless = new ReusesIds(5);
        Deal memory d = funded(under(address(careless), usual(2)));
        attest(d, 0, Verdict.Met);
        challenge(d, payer, 0);
        when(START + RULING_WINDOW + 1);
        settle(d);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        refuse(IAgreementEvents.DisputeRepeated.selector, 5);
        challenge(d, payer, 0);
        when(START + RULING_WINDOW + 1 + CHALLENGE_WINDOW + 1);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, 2 * AMOUNT + BOND, "performer");
    }

    // Calling back in

    function test_court_ThatCallsBackIntoAnything() public {
        Reentrant caller = new Reentrant();
        Deal memory d = under(address(caller), between(NATIVE));
        addPhase(d, NATIVE);
        d.terms.standing[0] = address(caller);
        funded(d);
        attest(d, 0, Verdict.Met);
        bytes[] memory calls = everyCall(d);
        bytes32 expected =
            keccak256(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        for (uint256 i; i < calls.length; ++i) {
            uint256 id = vm.snapshotState();
            caller.aim(address(d.account), calls[i], false);
            challenge(d, payer, 0);
            assertTrue(caller.called() && !caller.succeeded(), "it was refused");
            assertEq(keccak256(caller.answer()), expected, vm.toString(i));
            assertEq(address(d.account).balance, AMOUNT + 2 * BOND, "nothing is missing");
            assertEq(address(caller).balance, FEE, "it has its fee");
            vm.revertToState(id);
        }
    }

    /// @dev With the fee it was just paid.
    function test_court_ThatCallsBackWithCoin() public {
        Reentrant caller = new Reentrant();
        Deal memory d = under(address(caller), between(NATIVE));
        addPhase(d, NATIVE);
        d.terms.standing[0] = address(caller);
        inForce(d);
        attest(d, 0, Verdict.Met);
        bytes[] memory calls = list(challenging(d, 0), funding(d, 1), accepting(d, 0, ""));
        bytes32 expected =
            keccak256(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        for (uint256 i; i < calls.length; ++i) {
            uint256 id = vm.snapshotState();
            caller.aim(address(d.account), calls[i], true);
            challenge(d, payer, 0);
            assertEq(keccak256(caller.answer()), expected, vm.toString(i));
            assertEq(address(d.account).balance, 2 * BOND, "nothing came");
            vm.revertToState(id);
        }
    }

    function test_court_ThatCommentsWhileItIsAsked() public {
        Reentrant caller = new Reentrant();
        Deal memory d = under(address(caller), usual());
        d.terms.standing[0] = address(caller);
        funded(d);
        attest(d, 0, Verdict.Met);
        caller.aim(address(d.account), commenting(d, 0, "well"), false);
        vm.expectEmit(address(d.account));
        emit IEvidence.Evidence(IArbitrator(address(caller)), 0, address(caller), "well");
        challenge(d, payer, 0);
        assertTrue(caller.succeeded(), "it said so");
        caller.rule(1, 2);
        assertVerdict(d, 0, Verdict.Breached);
    }

    // Failing

    function test_court_ThatDoesNotSayWhatItCosts() public {
        Deal memory d = decidedUnder(address(new RevertingCost()));
        refuse(abi.encodeWithSelector(RevertingCost.NoPrice.selector));
        challenge(d, payer, 0);
        assertContest(d, 0, START, 0, 0);
        assertSettlesAsDecided(d, 0, START + CHALLENGE_WINDOW);
    }

    function test_court_ThatRefusesTheDispute() public {
        RefusesDisputes closed = new RefusesDisputes();
        Deal memory d = decidedUnder(address(closed));
        refuse(abi.encodeWithSelector(RefusesDisputes.Closed.selector));
        challenge(d, payer, 0);
        assertSettlesAsDecided(d, 0, START + CHALLENGE_WINDOW);
    }

    function test_court_ThatIsGone() public {
        StubCourt mortal = new StubCourt();
        Deal memory d = decidedUnder(address(mortal));
        vm.etch(address(mortal), "");
        vm.deal(payer, FEE);
        vm.prank(payer);
        (bool success,) = address(d.account).call{value: FEE}(challenging(d, 0));
        assertTrue(!success, "refused");
        assertSettlesAsDecided(d, 0, START + CHALLENGE_WINDOW);
    }

    /// @dev Nobody but who contests pays for a court that burns what it is given.
    function test_court_ThatBurnsGas() public {
        StubCourt burner = new StubCourt();
        Deal memory d = decidedUnder(address(burner));
        vm.etch(address(burner), hex"5b5f56"); // loops for ever
        vm.deal(payer, FEE);
        vm.prank(payer);
        (bool success,) = address(d.account).call{value: FEE, gas: 1_000_000}(challenging(d, 0));
        assertTrue(!success, "refused");
        assertSettlesAsDecided(d, 0, START + CHALLENGE_WINDOW);
    }

    // Somebody else's

    /// @dev A court of one agreement says nothing to another that has its own.
    function test_court_OfAnotherAgreement() public {
        RulesUnasked eager = new RulesUnasked();
        Deal memory d = decidedUnder(address(court));
        challenge(d, payer, 0);
        refuseFor(IAgreementEvents.NotCaller.selector, address(court));
        ruleUnasked(eager, d, 1);
    }
}

/// @dev Says what it costs and takes no dispute.
contract RefusesDisputes is NeverRules {
    error Closed();

    function createDispute(uint256, bytes calldata) external payable override returns (uint256) {
        revert Closed();
    }
}
