// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Cause, Panel, Payment, Verdict, Voice} from "../src/interfaces/Types.sol";
import {Turncoat} from "./actors/Turncoat.sol";
import {InPhaseTest} from "./base/InPhaseTest.sol";
import {Building, Deal, LAPSED, MET, OUTSIDE, all, seatsOf, split} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";

contract AttestTest is InPhaseTest {
    using Building for Deal;

    function enter(Deal memory d) internal override {
        attest(d, 0, Verdict.Met);
    }

    /// @dev A panel of `seats`, of whom `threshold` decide.
    function jury(uint8 threshold, uint256 seats) private returns (Deal memory d) {
        d = usual();
        d.terms.panels[0] = Panel(threshold, new uint8[](0), seatsOf(actors("juror", seats)));
    }

    /// @dev Two chambers of three; two of each and five in all decide.
    function chambers() private returns (Deal memory d) {
        d = jury(5, 6);
        uint8[] memory quotas = new uint8[](2);
        (quotas[0], quotas[1]) = (2, 2);
        d.terms.panels[0].quotas = quotas;
        for (uint256 i = 3; i < 6; ++i) {
            d.terms.panels[0].seats[i].chamber = 1;
        }
    }

    // Deciding

    function test_attest_OneOfOneDecides() public {
        Deal memory d = funded(usual());
        Voice[] memory said = voices(d, 0, Verdict.Met, 42, 1);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Attested(0, 0, 0, Verdict.Met, 42, said[0].evidence);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Decided(0, 0, Verdict.Met, 42, false);
        attest(d, 0, Verdict.Met, 42, said, 0);
        assertVerdict(d, 0, Verdict.Met);
        assertEq(d.account.state().cutOff, 0, "no cut-off");
        assertTally(d, Verdict.Met, 42, 0, 0);
    }

    function test_attest_EachVerdict() public {
        for (uint8 verdict = 1; verdict <= 3; ++verdict) {
            Deal memory d = usual();
            d.terms.document = bytes32(uint256(verdict));
            funded(d);
            attest(d, 0, Verdict(verdict));
            assertVerdict(d, 0, Verdict(verdict));
        }
    }

    function test_attest_AMaterialBreachIsTheCutOff() public {
        Deal memory d = funded(usual());
        when(START + 1 days);
        attest(d, 0, Verdict.Breached);
        assertEq(d.account.state().cutOff, 1 days + 1, "cut-off");
    }

    function test_attest_AnImmaterialBreachIsNot() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].material = false;
        funded(d);
        attest(d, 0, Verdict.Breached);
        assertEq(d.account.state().cutOff, 0, "no cut-off");
    }

    function test_attest_ManyOfMany() public {
        Deal memory d = funded(jury(3, 5));
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 3), 0);
        assertVerdict(d, 0, Verdict.Met);
        assertTally(d, Verdict.Met, 0, 0, 0);
    }

    function test_attest_OverSeveralCalls() public {
        Deal memory d = funded(jury(3, 5));
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 4)), 0);
        assertVerdict(d, 0, Verdict.Undecided);
        assertTally(d, Verdict.Met, 0, 1 << 4, 1 << 4);
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 0)), 0);
        assertVerdict(d, 0, Verdict.Undecided);
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 2)), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_SeatsMustAgreeOnVerdictAndValue() public {
        Deal memory d = funded(jury(2, 5));
        attest(d, 0, Verdict.Met, 1, one(voice(d, 0, Verdict.Met, 1, 0)), 0);
        attest(d, 0, Verdict.Met, 2, one(voice(d, 0, Verdict.Met, 2, 1)), 0);
        attest(d, 0, Verdict.Lapsed, 1, one(voice(d, 0, Verdict.Lapsed, 1, 2)), 0);
        assertVerdict(d, 0, Verdict.Undecided);
        assertTally(d, Verdict.Met, 2, 7, 2);
        attest(d, 0, Verdict.Met, 2, one(voice(d, 0, Verdict.Met, 2, 3)), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_EvidenceAndExpiryMayDiffer() public {
        Deal memory d = funded(jury(2, 2));
        Voice memory other = voice(d, 0, Verdict.Met, 0, 1);
        other.evidence = "another finding";
        other.expiry += 1 days;
        resign(d, other, d.terms.panels[0].seats[1].verifier);
        attest(d, 0, Verdict.Met, 0, two(voice(d, 0, Verdict.Met, 0, 0), other), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_AnEquivocatingSeatCountsOnce() public {
        Deal memory d = funded(jury(2, 3));
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 0)), 0);
        refuse(IAgreementEvents.NoNewVoice.selector, 0);
        attest(d, 0, Verdict.Breached, 0, one(voice(d, 0, Verdict.Breached, 0, 0)), 0);
        attest(
            d, 0, Verdict.Breached, 0, two(voice(d, 0, Verdict.Breached, 0, 0), voice(d, 0, Verdict.Breached, 0, 1)), 0
        );
        assertVerdict(d, 0, Verdict.Undecided);
        assertTally(d, Verdict.Breached, 0, 3, 2);
        assertTally(d, Verdict.Met, 0, 3, 1);
    }

    function test_attest_SomeoneRelaysVoicesThatOthersRelayedBefore() public {
        Deal memory d = funded(jury(2, 3));
        Voice[] memory said = voices(d, 0, Verdict.Met, 0, 2);
        attest(d, 0, Verdict.Met, 0, one(said[0]), 0);
        attest(d, 0, Verdict.Met, 0, said, 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_EveryChamberNeedsItsQuota() public {
        Deal memory d = funded(chambers());
        Voice[] memory said = voices(d, 0, Verdict.Met, 0, 4);
        attest(d, 0, Verdict.Met, 0, said, 0);
        assertVerdict(d, 0, Verdict.Undecided);
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 4)), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_AThresholdWithoutAChamberIsNoQuorum() public {
        Deal memory d = chambers();
        d.terms.panels[0].threshold = 3;
        funded(d);
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 3), 0);
        assertVerdict(d, 0, Verdict.Undecided);
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 3)), 0);
        assertVerdict(d, 0, Verdict.Undecided);
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 5)), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_TheLargestPanel() public {
        Deal memory d = funded(jury(32, 32));
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 32), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_EachObligationHasItsPanelAndTally() public {
        Deal memory d = jury(2, 2);
        d.obligation(PERFORMER, Verdict.Breached, false, 0);
        d.judge(verifier);
        d.phases[0].obligations[1].panel = 1;
        funded(d);
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 0)), 0);
        attest(d, 1, Verdict.Lapsed);
        assertVerdict(d, 0, Verdict.Undecided);
        assertVerdict(d, 1, Verdict.Lapsed);
    }

    function test_attest_APhaseStartsWithEmptyTallies() public {
        Deal memory d = jury(2, 2);
        addPhase(d, address(token));
        d.phases[0].obligations[0].presumption = uint8(Verdict.Lapsed);
        funded(d);
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 0)), 0);
        when(START + 33 days + 1);
        settle(d);
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 1)), 0);
        assertVerdict(d, 0, Verdict.Undecided);
    }

    // Who speaks

    function test_attest_ASeatCallsByItself() public {
        Deal memory d = funded(usual());
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        said.signature = "";
        attestFrom(verifier, d, 0, Verdict.Met, 0, one(said), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_AContractAccountHoldsASeat() public {
        Deal memory d = usual();
        d.terms.panels[0].seats[0].verifier = walletOf(verifier);
        funded(d);
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        resign(d, said, verifier);
        attest(d, 0, Verdict.Met, 0, one(said), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    /// @dev By EIP-7702, to code that signs nothing.
    function test_attest_ByTheKeyOfASeatThatGotCode() public {
        Deal memory d = funded(usual());
        vm.etch(verifier, abi.encodePacked(hex"ef0100", address(token)));
        attest(d, 0, Verdict.Met);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_RevertWhen_AContractAccountDidNotSign() public {
        Deal memory d = usual();
        address wallet = walletOf(verifier);
        d.terms.panels[0].seats[0].verifier = wallet;
        funded(d);
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        resign(d, said, anyone);
        refuseSignature(wallet);
        attest(d, 0, Verdict.Met, 0, one(said), 0);
    }

    function test_attest_RevertWhen_TheCallerIsNotTheSeat() public {
        Deal memory d = funded(usual());
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        said.signature = "";
        refuse(abi.encodeWithSelector(IAgreementEvents.NotCaller.selector, verifier));
        attest(d, 0, Verdict.Met, 0, one(said), 0);
    }

    function test_attest_RevertWhen_AnotherSigned() public {
        Deal memory d = funded(usual());
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        resign(d, said, performer);
        refuseSignature(verifier);
        attest(d, 0, Verdict.Met, 0, one(said), 0);
    }

    function test_attest_RevertWhen_SomethingElseWasSigned() public {
        Deal memory d = usual(2);
        d.obligation(PERFORMER, Verdict.Lapsed, false, 0);
        d.phases[0].obligations = d.phases[1].obligations;
        funded(d);
        Voice memory said = voice(d, 0, Verdict.Met, 7, 0);
        Voice[] memory list = one(said);
        refuseSignature(verifier);
        attest(d, 1, Verdict.Met, 7, list, 0);
        refuseSignature(verifier);
        attest(d, 0, Verdict.Breached, 7, list, 0);
        refuseSignature(verifier);
        attest(d, 0, Verdict.Met, 8, list, 0);
        said.evidence = "forged";
        refuseSignature(verifier);
        attest(d, 0, Verdict.Met, 7, list, 0);
        list[0] = voice(d, 0, Verdict.Met, 7, 0);
        list[0].expiry += 1;
        refuseSignature(verifier);
        attest(d, 0, Verdict.Met, 7, list, 0);
        attest(d, 0, Verdict.Met, 7, one(voice(d, 0, Verdict.Met, 7, 0)), 0);
    }

    function test_attest_RevertWhen_SignedForAnotherPhase() public {
        Deal memory d = funded(usual(2));
        Voice[] memory said = voices(d, 0, Verdict.Met, 0, 1);
        attest(d, 0, Verdict.Met, 0, said, 0);
        settle(d);
        refuseSignature(verifier);
        attest(d, 0, Verdict.Met, 0, said, 0);
    }

    function test_attest_RevertWhen_SignedForAnotherAgreement() public {
        Deal memory other = usual();
        other.terms.document = "another";
        funded(other);
        Deal memory d = funded(usual());
        Voice[] memory said = voices(other, 0, Verdict.Met, 0, 1);
        refuseSignature(verifier);
        attest(d, 0, Verdict.Met, 0, said, 0);
    }

    function test_attest_RevertWhen_SignedForAnotherChain() public {
        Deal memory d = funded(usual());
        Voice[] memory said = voices(d, 0, Verdict.Met, 0, 1);
        vm.chainId(block.chainid + 1);
        refuseSignature(verifier);
        attest(d, 0, Verdict.Met, 0, said, 0);
    }

    function test_attest_RevertWhen_SignatureIsMalleated() public {
        Deal memory d = funded(usual());
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        said.signature = mirrored(said.signature);
        refuseSignature(verifier);
        attest(d, 0, Verdict.Met, 0, one(said), 0);
    }

    function test_attest_RevertWhen_SignatureHasAnotherLength() public {
        Deal memory d = funded(usual());
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        said.signature = abi.encodePacked(said.signature, uint8(0));
        refuseSignature(verifier);
        attest(d, 0, Verdict.Met, 0, one(said), 0);
    }

    function test_attest_RevertWhen_Expired() public {
        Deal memory d = funded(usual());
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        when(said.expiry + 1);
        refuse(abi.encodeWithSelector(IAgreementEvents.AttestationExpired.selector, 0, said.expiry));
        attest(d, 0, Verdict.Met, 0, one(said), 0);
        when(said.expiry);
        attest(d, 0, Verdict.Met, 0, one(said), 0);
    }

    function test_attest_RevertWhen_NoSuchSeat() public {
        Deal memory d = funded(usual());
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        said.seat = 1;
        refuse(IAgreementEvents.UnknownSeat.selector, 1);
        attest(d, 0, Verdict.Met, 0, one(said), 0);
    }

    function test_attest_RevertWhen_ASeatIsRepeated() public {
        Deal memory d = funded(jury(2, 3));
        Voice memory said = voice(d, 0, Verdict.Met, 0, 0);
        refuse(IAgreementEvents.SeatRepeated.selector, 0);
        attest(d, 0, Verdict.Met, 0, two(said, said), 0);
    }

    function test_attest_RevertWhen_NobodySpeaks() public {
        Deal memory d = funded(usual());
        refuse(IAgreementEvents.NoNewVoice.selector, 0);
        attest(d, 0, Verdict.Met, 0, new Voice[](0), 0);
    }

    // Voices that do not count

    /// @dev Two of three have signed. The third, whose word is not needed, takes it back just before the last second.
    function test_attest_AVoiceTakenBackDoesNotSpoilAQuorum() public {
        Deal memory d = jury(2, 3);
        Turncoat turncoat = new Turncoat();
        d.terms.panels[0].seats[2].verifier = address(turncoat);
        funded(d);
        when(START + 33 days);
        Voice[] memory said = new Voice[](3);
        (said[0], said[1]) = (voice(d, 0, Verdict.Met, 0, 0), voice(d, 0, Verdict.Met, 0, 1));
        said[2] = Voice(2, "", uint40(START + 40 days), "its word");
        uint256 id = vm.snapshotState();
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Attested(0, 0, 2, Verdict.Met, 0, "");
        attest(d, 0, Verdict.Met, 0, said, 0);
        vm.revertToState(id);
        turncoat.turn();
        attest(d, 0, Verdict.Met, 0, said, 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_WhatDoesNotCountIsPassedOver() public {
        Deal memory d = funded(jury(3, 6));
        Voice[] memory said = voices(d, 0, Verdict.Met, 0, 5);
        resign(d, said[0], anyone);
        said[1].expiry = uint40(START - 1);
        resign(d, said[1], d.terms.panels[0].seats[1].verifier);
        said[3].signature = "";
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 4)), 0);
        attest(d, 0, Verdict.Met, 0, said, 0);
        assertVerdict(d, 0, Verdict.Undecided);
        assertTally(d, Verdict.Met, 0, 1 << 2 | 1 << 4, 1 << 2 | 1 << 4);
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_ASeatPassedOverIsHeardWhenItSigns() public {
        Deal memory d = funded(usual());
        Voice memory forged = voice(d, 0, Verdict.Met, 0, 0);
        resign(d, forged, anyone);
        attest(d, 0, Verdict.Met, 0, two(forged, voice(d, 0, Verdict.Met, 0, 0)), 0);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_RevertWhen_NoVoiceCounts() public {
        Deal memory d = funded(jury(2, 3));
        attest(d, 0, Verdict.Breached, 0, one(voice(d, 0, Verdict.Breached, 0, 0)), 0);
        Voice[] memory said = voices(d, 0, Verdict.Met, 0, 3);
        resign(d, said[1], anyone);
        said[2].expiry = uint40(START - 1);
        refuse(abi.encodeWithSelector(IAgreementEvents.AttestationExpired.selector, 2, START - 1));
        attest(d, 0, Verdict.Met, 0, said, 0);
        refuseSignature(d.terms.panels[0].seats[1].verifier);
        attest(d, 0, Verdict.Met, 0, two(said[0], said[1]), 0);
        said[1].signature = "";
        refuse(abi.encodeWithSelector(IAgreementEvents.NotCaller.selector, d.terms.panels[0].seats[1].verifier));
        attest(d, 0, Verdict.Met, 0, two(said[1], said[0]), 0);
        refuse(IAgreementEvents.NoNewVoice.selector, 0);
        attest(d, 0, Verdict.Met, 0, one(said[0]), 0);
        assertTally(d, Verdict.Met, 0, 1, 0);
    }

    // On what, and when

    function test_attest_RevertWhen_NoSuchObligation() public {
        Deal memory d = funded(usual());
        Voice[] memory said = voices(d, 0, Verdict.Met, 0, 1);
        refuse(IAgreementEvents.UnknownObligation.selector, 1);
        attest(d, 1, Verdict.Met, 0, said, 0);
    }

    function test_attest_RevertWhen_VerdictIsNone() public {
        Deal memory d = funded(usual());
        refuse(abi.encodeWithSelector(IAgreementEvents.VerdictNotAllowed.selector, 0, Verdict.Undecided));
        attest(d, 0, Verdict.Undecided);
    }

    function test_attest_RevertWhen_APromiseNotToActIsSaidToBeKept() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].presumption = uint8(Verdict.Met);
        funded(d);
        refuse(abi.encodeWithSelector(IAgreementEvents.VerdictNotAllowed.selector, 0, Verdict.Met));
        attest(d, 0, Verdict.Met);
        refuse(abi.encodeWithSelector(IAgreementEvents.VerdictNotAllowed.selector, 0, Verdict.Lapsed));
        attest(d, 0, Verdict.Lapsed);
        attest(d, 0, Verdict.Breached);
        assertVerdict(d, 0, Verdict.Breached);
    }

    function test_attest_RevertWhen_AlreadyDecided() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Met);
        refuse(abi.encodeWithSelector(IAgreementEvents.AlreadyDecided.selector, 0, Verdict.Met));
        attest(d, 0, Verdict.Breached);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_RevertWhen_ThePhaseHasNotOpened() public {
        Deal memory d = usual();
        d.phases[0].notBefore = uint40(START + 90 days);
        funded(d);
        when(START + 90 days - 1);
        refuse(IAgreementEvents.TooEarly.selector, START + 90 days);
        attest(d, 0, Verdict.Met);
        when(START + 90 days);
        attest(d, 0, Verdict.Met);
    }

    function test_attest_UntilTheDeadline() public {
        Deal memory d = funded(usual());
        when(openedAt(d) + 33 days);
        attest(d, 0, Verdict.Met);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_RevertWhen_TheDeadlineIsOver() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].material = false;
        funded(d);
        when(openedAt(d) + 33 days + 1);
        refuse(IAgreementEvents.TooLate.selector, openedAt(d) + 33 days);
        attest(d, 0, Verdict.Met);
    }

    function test_attest_UntilTheLongStop() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].within = 800 days;
        funded(d);
        when(d.terms.longStop);
        attest(d, 0, Verdict.Met);
        assertVerdict(d, 0, Verdict.Met);
    }

    function test_attest_RevertWhen_CutOff() public {
        Deal memory d = usual();
        d.obligation(PERFORMER, Verdict.Met, false, 0);
        funded(d);
        attest(d, 0, Verdict.Breached);
        when(START + 1);
        refuse(IAgreementEvents.PastCutOff.selector, START);
        attest(d, 1, Verdict.Breached);
    }

    function test_attest_InTheSecondOfTheCutOff() public {
        Deal memory d = usual();
        d.obligation(PERFORMER, Verdict.Met, false, 0);
        funded(d);
        attest(d, 0, Verdict.Breached);
        attest(d, 1, Verdict.Breached);
        assertVerdict(d, 1, Verdict.Breached);
    }

    function test_attest_RevertWhen_CutOffByADefault() public {
        Deal memory d = inForce(usual());
        when(START + 7 days + 1);
        refuse(IAgreementEvents.PastCutOff.selector, START + 7 days);
        attest(d, 0, Verdict.Met);
    }

    // Paying at once

    function test_attest_PaysWhatItDecides() public {
        Deal memory d = usual();
        d.phases[0].payments[0].payees = split(performer, 3_333, charity);
        funded(d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Decided(0, 0, Verdict.Met, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(performer, address(token), 16_665, Cause.Payment, 0, false);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Paid(charity, address(token), 33_335, Cause.Payment, 0, false);
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1);
        assertEq(d.account.state().paid, 1, "paid");
        assertEq(held(d), 2 * BOND, "held");
    }

    function test_attest_ReturnsWhatItDecidesAgainst() public {
        Deal memory d = funded(usual());
        attest(d, 0, Verdict.Lapsed, 0, voices(d, 0, Verdict.Lapsed, 0, 1), 1);
        assertBalance(payer, AMOUNT, "returned");
    }

    function test_attest_PaysForVerdictsGivenBefore() public {
        Deal memory d = usual();
        d.obligation(OUTSIDE, Verdict.Lapsed, false, 0);
        d.payment(PAYER, address(token), 10, all(charity), LAPSED);
        funded(d);
        attest(d, 0, Verdict.Met);
        attest(d, 1, Verdict.Lapsed, 0, voices(d, 1, Verdict.Lapsed, 0, 1), 3);
        assertBalance(performer, AMOUNT, "first payment");
        assertBalance(charity, 10, "second payment");
    }

    /// @dev The amount is small, so that paying it again would succeed, out of the bonds.
    function test_attest_WhatIsPaidAlreadyIsPassedOver() public {
        Deal memory d = usual();
        d.phases[0].payments[0].amount = 100;
        d.obligation(OUTSIDE, Verdict.Lapsed, false, 0);
        d.payment(PAYER, address(token), 10, all(charity), LAPSED);
        funded(d);
        attest(d, 0, Verdict.Met);
        release(d, 1);
        attest(d, 1, Verdict.Lapsed, 0, voices(d, 1, Verdict.Lapsed, 0, 1), 3);
        assertBalance(performer, 100, "once");
        assertBalance(charity, 10, "the other");
        assertEq(held(d), 2 * BOND, "held");
    }

    function test_attest_PaysNothingBeforeTheQuorum() public {
        Deal memory d = funded(jury(2, 2));
        attest(d, 0, Verdict.Met, 0, one(voice(d, 0, Verdict.Met, 0, 0)), 1);
        assertEq(d.account.state().paid, 0, "not paid");
    }

    function test_attest_RevertWhen_PayingWhatIsNotInEscrow() public {
        Deal memory d = inForce(usual());
        refuse(IAgreementEvents.NotFunded.selector, 0);
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 1);
    }

    function test_attest_RevertWhen_PayingWhatIsUndecided() public {
        Deal memory d = usual();
        d.obligation(OUTSIDE, Verdict.Lapsed, false, 0);
        d.payment(PAYER, address(token), 10, all(charity), MET);
        funded(d);
        refuse(IAgreementEvents.NotDecided.selector, 1);
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 3);
    }

    function test_attest_RevertWhen_PayingWhatDoesNotExist() public {
        Deal memory d = funded(usual());
        refuse(IAgreementEvents.UnknownPayment.selector, 1);
        attest(d, 0, Verdict.Met, 0, voices(d, 0, Verdict.Met, 0, 1), 2);
    }

    // Shorthand

    function assertTally(Deal memory d, Verdict verdict, uint256 value, uint256 voted, uint256 agreed) private view {
        (uint256 all_, uint256 same) = d.account.tally(0, 0, verdict, value);
        assertEq(all_, voted, "voted");
        assertEq(same, agreed, "agreed");
    }

    /// @dev Signs what a voice says now: verdict `Met` without value, on the first obligation.
    function resign(Deal memory d, Voice memory said, address signer) private view {
        said.signature = sign(signer, attestationDigest(d, 0, 0, Verdict.Met, 0, said.evidence, said.expiry));
    }

    function refuseSignature(address signer) private {
        refuse(abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, signer));
    }
}
