// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {Seat, Status, Verdict, Voice} from "../../src/interfaces/Types.sol";
import {Turncoat} from "../actors/Turncoat.sol";
import {BREACHED, Building, Deal, MET, all, seatsOf} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {HostileTest} from "./HostileTest.sol";
import {Arsonist, Intruder} from "./Signers.sol";

/// @dev Verifiers who say two things, take back what they said, or are contracts that make trouble when they are asked.
contract VerifiersTest is HostileTest {
    using Building for Deal;

    address[] private seats_ = actors("seat", 5);

    /// @dev Three of five decide on a payment and a bond.
    function judged() private returns (Deal memory d) {
        d = between(address(token));
        d.terms.panels[0].threshold = 3;
        d.terms.panels[0].seats = seatsOf(seats_);
        addPhase(d, address(token));
        funded(d);
    }

    function saying(Deal memory d, Verdict verdict, uint256 value, uint256 set)
        private
        view
        returns (Voice[] memory said)
    {
        uint256 count;
        for (uint256 i; i < 5; ++i) {
            count += (set >> i) & 1;
        }
        said = new Voice[](count);
        for (uint8 i = 5; i > 0; --i) {
            if ((set >> (i - 1)) & 1 == 1) said[--count] = voice(d, 0, verdict, value, i - 1);
        }
    }

    function say(Deal memory d, Verdict verdict, uint256 value, uint256 set) private {
        attest(d, 0, verdict, value, saying(d, verdict, value, set), 0);
    }

    // Two things

    /// @dev A seat's first word counts, whatever it says later; with it the other side is one voice short.
    function test_attest_ASeatThatSaysTwoThingsCountsOnce() public {
        Deal memory d = judged();
        say(d, Verdict.Met, 0, 3);
        refuse(IAgreementEvents.NoNewVoice.selector, 0);
        say(d, Verdict.Breached, 0, 2);
        say(d, Verdict.Breached, 0, 2 | 4 | 8);
        assertVerdict(d, 0, Verdict.Undecided);
        (uint256 voted, uint256 agreed) = d.account.tally(0, 0, Verdict.Breached, 0);
        assertEq(voted, 15, "voted");
        assertEq(agreed, 12, "agreed");
        say(d, Verdict.Met, 0, 16);
        assertVerdict(d, 0, Verdict.Met);
        refuse(abi.encodeWithSelector(IAgreementEvents.AlreadyDecided.selector, 0, Verdict.Met));
        say(d, Verdict.Breached, 0, 31);
    }

    /// @dev Nor can it speak for two values of the same verdict.
    function test_attest_ASeatThatSaysTwoValuesCountsOnce() public {
        Deal memory d = judged();
        say(d, Verdict.Met, 1, 3);
        say(d, Verdict.Met, 2, 2 | 4 | 8);
        assertVerdict(d, 0, Verdict.Undecided);
        say(d, Verdict.Met, 2, 16);
        assertVerdict(d, 0, Verdict.Met);
        assertEq(d.account.attested(0, 0), 2, "value");
    }

    /// @dev When a whole quorum has signed both, the first to be relayed stands, and the other changes nothing.
    function test_attest_TwoQuorums() public {
        Verdict[2] memory verdicts = [Verdict.Met, Verdict.Breached];
        for (uint256 i; i < 2; ++i) {
            uint256 id = vm.snapshotState();
            Deal memory d = judged();
            Voice[] memory other = saying(d, verdicts[1 - i], 0, 7);
            say(d, verdicts[i], 0, 7);
            refuse(abi.encodeWithSelector(IAgreementEvents.AlreadyDecided.selector, 0, verdicts[i]));
            attest(d, 0, verdicts[1 - i], 0, other, 0);
            assertVerdict(d, 0, verdicts[i]);
            when(vm.getBlockTimestamp() + 1);
            settle(d);
            assertStatus(d, i == 0 ? Status.Completed : Status.Terminated);
            vm.revertToState(id);
        }
    }

    // Taken back, or too late

    function test_attest_WhatHasExpiredIsPassedOver() public {
        Deal memory d = judged();
        Voice[] memory early = saying(d, Verdict.Met, 0, 7);
        when(vm.getBlockTimestamp() + 1 days + 1);
        refuse(abi.encodeWithSelector(IAgreementEvents.AttestationExpired.selector, 2, early[2].expiry));
        attest(d, 0, Verdict.Met, 0, early, 0);
        Voice[] memory mixed_ = saying(d, Verdict.Met, 0, 7);
        mixed_[0] = early[0];
        attest(d, 0, Verdict.Met, 0, mixed_, 0);
        assertVerdict(d, 0, Verdict.Undecided);
        say(d, Verdict.Met, 0, 1);
        assertVerdict(d, 0, Verdict.Met);
    }

    /// @dev What a wallet takes back before it is relayed does not count; what was relayed before stands.
    function test_attest_AWalletThatChangesItsMind() public {
        Turncoat turncoat = new Turncoat();
        seats_[1] = address(turncoat);
        Deal memory d = judged();
        Voice[] memory said = saying(d, Verdict.Met, 0, 1 | 4);
        Voice memory wavering = vouched(1);
        uint256 id = vm.snapshotState();
        attest(d, 0, Verdict.Met, 0, one(wavering), 0);
        turncoat.turn();
        attest(d, 0, Verdict.Met, 0, said, 0);
        assertVerdict(d, 0, Verdict.Met);
        vm.revertToState(id);
        turncoat.turn();
        refuse(abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, address(turncoat)));
        attest(d, 0, Verdict.Met, 0, one(wavering), 0);
        attest(d, 0, Verdict.Met, 0, said, 0);
        assertVerdict(d, 0, Verdict.Undecided);
    }

    /// @dev A voice that a contract account is to vouch for.
    function vouched(uint8 seat) private view returns (Voice memory said) {
        said.seat = seat;
        said.expiry = uint40(vm.getBlockTimestamp() + 1 days);
        said.signature = hex"01";
    }

    // Contracts that make trouble when they are asked

    /// @dev Who relays leaves out voices whose wallets burn gas; the others decide.
    function test_attest_WalletsThatBurnGas() public {
        (seats_[1], seats_[2]) = (address(new Arsonist()), address(new Arsonist()));
        Deal memory d = judged();
        Voice[] memory others = saying(d, Verdict.Met, 0, 1 | 8 | 16);
        Voice[] memory said = new Voice[](5);
        (said[0], said[1], said[2], said[3], said[4]) = (vouched(1), vouched(2), others[0], others[1], others[2]);
        assertTrue(!attempt(anyone, d, 0, attesting(d, 0, Verdict.Met, 0, said, 0)), "no gas is left for the others");
        attest(d, 0, Verdict.Met, 0, others, 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    /// @dev It is asked without leave to change anything: what it calls back in fails, as does its voice.
    function test_attest_AWalletThatCallsBackIn() public {
        Intruder intruder = new Intruder();
        seats_[1] = address(intruder);
        Deal memory d = judged();
        intruder.aim(address(d.account), releasing(d, 1));
        Voice[] memory said = new Voice[](4);
        Voice[] memory others = saying(d, Verdict.Met, 0, 1 | 4 | 8);
        (said[0], said[1], said[2], said[3]) = (vouched(1), others[0], others[1], others[2]);
        attest(d, 0, Verdict.Met, 0, said, 0);
        assertVerdict(d, 0, Verdict.Met);
        (uint256 voted,) = d.account.tally(0, 0, Verdict.Met, 0);
        assertEq(voted & 2, 0, "the intruder was not heard");
    }

    /// @dev A party whose wallet burns gas, or has changed its mind, has not signed: nobody joins for it, nothing is dissolved.
    function test_accept_AWalletThatMakesTrouble() public {
        Turncoat turncoat = new Turncoat();
        address[2] memory wallets = [address(new Arsonist()), address(turncoat)];
        turncoat.turn();
        for (uint256 i; i < 2; ++i) {
            Deal memory d = usual();
            d.terms.parties[PERFORMER].account = wallets[i];
            open(d);
            provide(anyone, address(token), BOND, d);
            assertTrue(!attempt(anyone, d, 0, accepting(d, PERFORMER, hex"01")), "it has not signed");
            assertEq(d.account.state().members, 0, "nobody has joined");
            acceptFrom(wallets[i], d, PERFORMER, "");
            accept(d, PAYER);
            uint40 expiry = uint40(vm.getBlockTimestamp() + 1);
            bytes[] memory signed = list(hex"02", hex"01");
            assertTrue(
                !attempt(payer, d, 0, dissolving(d, splitOf(address(token), all(payer)), expiry, signed)),
                "nor agreed to anything"
            );
        }
    }

    // Voices from elsewhere

    /// @dev What was signed for one agreement, phase or obligation says nothing in another.
    function test_attest_RevertWhen_SignedForSomethingElse() public {
        Deal memory d = judged();
        Voice[] memory said = saying(d, Verdict.Met, 0, 7);
        Deal memory twin = usual();
        twin.terms.document = "twin";
        twin.terms.panels[0] = d.terms.panels[0];
        funded(twin);
        refuse(abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, seats_[2]));
        attest(twin, 0, Verdict.Met, 0, said, 0);
        refuse(abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, seats_[2]));
        attest(d, 0, Verdict.Breached, 0, said, 0);
        refuse(abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, seats_[2]));
        attest(d, 0, Verdict.Met, 1, said, 0);
        for (uint8 i; i < 3; ++i) {
            said[i].seat = i + 2;
        }
        refuse(abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, seats_[4]));
        attest(d, 0, Verdict.Met, 0, said, 0);
    }
}
