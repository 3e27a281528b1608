// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Seat, Status, Verdict, Voice} from "../src/interfaces/Types.sol";
import {Recipient} from "./actors/Recipient.sol";
import {Building, Deal} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

/// @dev What is done already is done: the same call once more, or the part of several that a stranger was faster with,
/// fails nobody and moves nothing.
contract RepeatedTest is RecourseTest {
    using Building for Deal;

    /// @dev The call succeeds, tells nothing, and leaves account and caller as they were.
    function idle(address caller, Deal memory d, bytes memory data) private {
        bytes32 before = keccak256(abi.encode(d.account.state()));
        uint256 had = token.balanceOf(caller);
        uint256 was = held(d);
        recorder.recordLogs();
        act(caller, d, 0, data);
        assertEq(recorder.getRecordedLogs().length, 0, "nothing is told");
        assertEq(keccak256(abi.encode(d.account.state())), before, "state");
        assertEq(token.balanceOf(caller), had, "the caller's");
        assertEq(held(d), was, "held");
    }

    /// @dev The call succeeds, and all the coin it brought comes back, and nothing else is told.
    function givenBack(Deal memory d, bytes memory data) private {
        bytes32 before = keccak256(abi.encode(d.account.state()));
        uint256 was = address(d.account).balance;
        vm.deal(anyone, 7);
        recorder.recordLogs();
        act(anyone, d, 7, data);
        Recorder.Log[] memory logs = recorder.getRecordedLogs();
        assertEq(logs.length, 1, "one thing is told");
        assertEq(logs[0].topics[0], IAgreementEvents.Paid.selector, "that money was paid");
        assertEq(keccak256(abi.encode(d.account.state())), before, "state");
        assertEq(address(d.account).balance, was, "coin held");
        assertEq(anyone.balance, 7, "coin");
    }

    /// @dev In the first phase the payer is short of one unit.
    function short(address asset) private view returns (Deal memory d) {
        d = between(asset);
        addPhase(d, asset);
        d.levels(BOND + 1, BOND);
    }

    // By itself

    function test_topUp_WhoIsNotShort() public {
        Deal memory d = inForce(short(address(token)));
        idle(anyone, d, toppingUp(d, PERFORMER));
        topUp(d, PAYER);
        provide(anyone, address(token), 10, d);
        idle(anyone, d, toppingUp(d, PAYER));
        givenBack(d, toppingUp(d, PAYER));
    }

    function test_topUp_WhoIsNotShortInCoin() public {
        Deal memory d = inForce(short(NATIVE));
        topUp(d, PAYER);
        idle(anyone, d, toppingUp(d, PAYER));
        givenBack(d, toppingUp(d, PAYER));
    }

    function test_topUp_CoinIsCreditedToACallerThatTakesNone() public {
        Recipient caller = new Recipient();
        caller.behave(Recipient.Manner.Reverts);
        Deal memory d = inForce(usual());
        vm.deal(address(caller), 3);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(address(caller), NATIVE, 3, Cause.Surplus, 0, true);
        act(address(caller), d, 3, toppingUp(d, PAYER));
        assertEq(d.account.credit(address(caller), NATIVE), 3, "credited");
    }

    function test_fund_WhatIsFunded() public {
        Deal memory d = inForce(usual());
        idle(payer, d, funding(d, 0));
        fund(d, 1);
        provide(payer, address(token), AMOUNT, d);
        idle(payer, d, funding(d, 1));
        idle(payer, d, funding(d, 0));
        givenBack(d, funding(d, 1));
    }

    function test_release_WhatIsPaid() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Met);
        idle(anyone, d, releasing(d, 0));
        release(d, 1);
        idle(anyone, d, releasing(d, 1));
        idle(anyone, d, releasing(d, 0));
    }

    function test_attest_WhatIsDecided() public {
        Deal memory d = funded(usual());
        Voice[] memory said = voices(d, 0, Verdict.Met, 7, 1);
        bytes memory data = attesting(d, 0, Verdict.Met, 7, said, 0);
        act(anyone, d, 0, data);
        idle(anyone, d, data);
        when(deadline(d, 0) + 1);
        idle(anyone, d, data);
        idle(anyone, d, attesting(d, 0, Verdict.Met, 7, new Voice[](0), 0));
    }

    /// @dev The stranger relayed it without having anybody paid.
    function test_attest_WhatIsDecidedIsPaidAllTheSame() public {
        Deal memory d = funded(usual());
        bytes memory data = attesting(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1);
        attest(d, 0, Verdict.Met);
        act(performer, d, 0, data);
        assertBalance(performer, AMOUNT, "paid");
        assertEq(d.account.state().paid, 1, "paid");
        idle(performer, d, data);
    }

    function test_attest_WhatIsDecidedButNotFinalPaysNothing() public {
        Deal memory d = funded(contestable());
        attest(d, 0, Verdict.Met);
        idle(anyone, d, attesting(d, 0, Verdict.Met, 0, new Voice[](0), 0));
        refuseNotFinal(0, START + CHALLENGE_WINDOW);
        attest(d, 0, Verdict.Met, 0, new Voice[](0), 1);
        when(START + CHALLENGE_WINDOW + 1);
        attest(d, 0, Verdict.Met, 0, new Voice[](0), 1);
        assertBalance(performer, AMOUNT, "paid");
    }

    /// @dev What was conceded, ruled, or is nobody's promise, is decided as well.
    function test_attest_HoweverItWasDecided() public {
        Deal memory d = funded(usual());
        concede(d, performer, 0);
        idle(anyone, d, attesting(d, 0, Verdict.Breached, 0, voices(d, 0, Verdict.Breached, 0, 1), 0));
        d = contestable();
        d.terms.document = "ruled";
        funded(d);
        attest(d, 0, Verdict.Met, 7, voices(d, 0, Verdict.Met, 7, 1), 0);
        challenge(d, payer, 0);
        rule(1, 3);
        idle(anyone, d, attesting(d, 0, Verdict.Lapsed, 0, new Voice[](0), 0));
    }

    function test_attest_RevertWhen_DecidedOtherwise() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Met, 7, voices(d, 0, Verdict.Met, 7, 1), 0);
        bytes memory reason = abi.encodeWithSelector(IAgreementEvents.AlreadyDecided.selector, 0, Verdict.Met);
        refuse(reason);
        attest(d, 0, Verdict.Breached);
        refuse(reason);
        attest(d, 0, Verdict.Lapsed, 7, voices(d, 0, Verdict.Lapsed, 7, 1), 1);
        refuse(reason);
        attest(d, 0, Verdict.Met, 8, voices(d, 0, Verdict.Met, 8, 1), 1);
        refuse(reason);
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 0);
        assertEq(d.account.state().paid, 0, "nothing is paid");
    }

    /// @dev A voice that has been heard, short of the quorum, is heard once.
    function test_attest_WhatWasHeard() public {
        Deal memory d = jointly();
        Voice[] memory said = voices(d, 0, Verdict.Met, 0, 2);
        bytes memory first = attesting(d, 0, Verdict.Met, 0, one(said[0]), 1);
        act(anyone, d, 0, first);
        idle(anyone, d, first);
        refuse(IAgreementEvents.NoNewVoice.selector, 0);
        attest(d, 0, Verdict.Breached, 0, one(voice(d, 0, Verdict.Breached, 0, 0)), 0);
        refuse(IAgreementEvents.NoNewVoice.selector, 0);
        attest(d, 0, Verdict.Met, 0, new Voice[](0), 0);
        attest(d, 0, Verdict.Met, 0, said, 1);
        assertBalance(performer, AMOUNT, "decided and paid");
    }

    /// @dev Two of two decide.
    function jointly() private returns (Deal memory d) {
        d = usual();
        d.panel(2, new uint8[](0), two(verifier, charity));
        d.phases[0].obligations[0].panel = 1;
        d.obligation(PERFORMER, Verdict.Breached, true, 6_000);
        funded(d);
    }

    // As a part of several

    /// @dev One unit is missing of the payer's bond. In the last second the other pays it, and would have its bond.
    function test_multicall_TopUpAndFund() public {
        Deal memory d = inForce(short(address(token)));
        provide(payer, address(token), AMOUNT + 1, d);
        provide(performer, address(token), 1, d);
        when(openedAt(d) + 7 days);
        bytes[] memory both = list(toppingUp(d, PAYER), funding(d, 1));
        act(performer, d, 0, both[0]);
        multicall(d, payer, both);
        assertEq(d.account.state().funded, 1, "funded");
        assertBalance(payer, 1, "paid what was missing, no more");
        when(openedAt(d) + 7 days + 1);
        refuse(IAgreementEvents.NotDecided.selector, 0);
        settle(d);
    }

    function test_multicall_FundAndTopUp() public {
        Deal memory d = inForce(short(address(token)));
        provide(payer, address(token), AMOUNT + 1, d);
        provide(performer, address(token), AMOUNT, d);
        bytes[] memory both = list(funding(d, 1), toppingUp(d, PAYER));
        act(performer, d, 0, both[0]);
        multicall(d, payer, both);
        assertEq(d.account.state().short, 0, "nobody is short");
        assertBalance(payer, AMOUNT, "paid what was missing, no more");
    }

    /// @dev In the last second a stranger relays one of two verdicts, and the other would be silence's.
    function test_multicall_Attestations() public {
        Deal memory d = usual();
        d.obligation(PERFORMER, Verdict.Breached, true, 6_000);
        funded(d);
        when(deadline(d, 0));
        bytes[] memory both = list(
            attesting(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1),
            attesting(d, 1, Verdict.Met, 0, voices(d, 1, Verdict.Met, 0, 1), 0)
        );
        act(anyone, d, 0, both[0]);
        multicall(d, performer, both);
        when(deadline(d, 0) + 1);
        settle(d);
        assertStatus(d, Status.Completed);
        assertBalance(performer, AMOUNT + BOND, "performer");
    }

    /// @dev The same, of voices that are short of the quorum by themselves.
    function test_multicall_Voices() public {
        Deal memory d = jointly();
        when(deadline(d, 0));
        bytes[] memory both = list(
            attesting(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 0)), 0),
            attesting(d, 1, Verdict.Met, 0, voices(d, 1, Verdict.Met, 0, 1), 0)
        );
        act(anyone, d, 0, both[0]);
        multicall(d, performer, both);
        assertVerdict(d, 1, Verdict.Met);
    }

    function test_multicall_ReleaseAndSettle() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Met);
        bytes[] memory both = list(releasing(d, 1), settling(d));
        act(anyone, d, 0, both[0]);
        multicall(d, performer, both);
        assertStatus(d, Status.Completed);
        assertBalance(performer, AMOUNT + BOND, "performer");
    }

    function two(address first, address second) private pure returns (Seat[] memory seats) {
        seats = new Seat[](2);
        (seats[0], seats[1]) = (Seat(first, 0), Seat(second, 0));
    }
}

interface Recorder {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

Recorder constant recorder = Recorder(address(uint160(uint256(keccak256("hevm cheat code")))));
