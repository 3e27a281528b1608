// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {Status, Verdict, Voice} from "../../src/interfaces/Types.sol";
import {IBallot} from "../../src/panels/IBallot.sol";
import {ISealedBallot} from "../../src/panels/ISealedBallot.sol";
import {AgreementTest} from "../base/AgreementTest.sol";
import {Building, Deal, MET, all} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";

/// @dev A real agreement whose only verifier is a ballot of five peers.
contract BallotSeatTest is AgreementTest {
    using Building for Deal;

    ISealedBallot private _ballot;
    address[] private _peers;

    function setUp() public override {
        super.setUp();
        _peers = actors("peer", 5);
        IBallot.Question[] memory asked = new IBallot.Question[](2);
        asked[0] = IBallot.Question(0, 0, 20 days, 5 days, 5 days);
        asked[1] = IBallot.Question(1, 0, 20 days, 5 days, 5 days);
        bytes memory arguments = abi.encode(_peers, asked, 3, 0, charity);
        _ballot = ISealedBallot(vm.deployCode("SealedBallot.sol:SealedBallot", arguments));
    }

    function decidedByPeers() private returns (Deal memory d) {
        d = blank();
        d.party(payer, address(token), BOND, all(performer));
        d.party(performer, address(token), BOND, all(payer));
        d.judge(address(_ballot));
        addPhase(d, address(token));
        addPhase(d, address(token));
        funded(d);
    }

    function voteOn(Deal memory d, Verdict verdict, uint256 count) private returns (bytes32 round) {
        uint8 phase = d.account.state().phase;
        uint256 opened = d.account.state().openedAt;
        round = _ballot.open(address(d.account), phase, 0);
        when(opened + 20 days);
        for (uint8 i; i < count; ++i) {
            bytes32 voter = bytes32(uint256(uint160(_peers[i])));
            bytes32 hidden = _ballot.commitmentOf(round, voter, verdict, 0, bytes32(uint256(i)));
            vm.prank(_peers[i]);
            _ballot.commit(round, i, hidden);
        }
        when(opened + 25 days);
        for (uint8 i; i < count; ++i) {
            _ballot.reveal(round, i, verdict, 0, bytes32(uint256(i)));
        }
        _ballot.tally(round);
    }

    function voiceOf(Deal memory d, bytes32 round) private view returns (Voice[] memory) {
        (, bytes32 evidence) = _ballot.resultOf(round);
        bytes memory signed = abi.encode(address(d.account), d.account.state().phase, uint8(0));
        return one(Voice(0, evidence, type(uint40).max, signed));
    }

    function test_attest_WhatThePeersFound() public {
        Deal memory d = decidedByPeers();
        bytes32 round = voteOn(d, Verdict.Met, 3);
        attest(d, 0, Verdict.Met, 0, voiceOf(d, round), 1);
        assertVerdict(d, 0, Verdict.Met);
        assertBalance(performer, AMOUNT, "paid");
        settle(d);
        fund(d, 1);
        round = voteOn(d, Verdict.Breached, 5);
        attest(d, 0, Verdict.Breached, 0, voiceOf(d, round), 0);
        when(vm.getBlockTimestamp() + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
    }

    function test_attest_RevertWhen_ThePeersFoundSomethingElse() public {
        Deal memory d = decidedByPeers();
        bytes32 round = voteOn(d, Verdict.Met, 3);
        refuse(abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, address(_ballot)));
        attest(d, 0, Verdict.Breached, 0, voiceOf(d, round), 0);
        refuse(abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, address(_ballot)));
        attest(d, 0, Verdict.Met, 1, voiceOf(d, round), 0);
    }

    /// @dev Two of five vote: nothing is found, and the deadline decides as the terms say.
    function test_settle_WithTooFewSilenceDecides() public {
        Deal memory d = decidedByPeers();
        bytes32 round = voteOn(d, Verdict.Met, 2);
        refuse(abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, address(_ballot)));
        attest(d, 0, Verdict.Met, 0, voiceOf(d, round), 0);
        when(START + 33 days + 2);
        settle(d);
        assertStatus(d, Status.Terminated);
        assertBalance(performer, 400, "what its bond has left");
    }
}
