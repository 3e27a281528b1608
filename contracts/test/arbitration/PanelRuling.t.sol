// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrable} from "../../src/arbitration/IArbitrable.sol";
import {IArbitrator} from "../../src/arbitration/IArbitrator.sol";
import {IPanelArbitrator} from "../../src/arbitration/IPanelArbitrator.sol";
import {Wallet} from "../actors/Wallet.sol";
import {vm} from "../base/Vm.sol";
import {Litigant} from "./Litigant.sol";
import {PanelTest} from "./PanelTest.sol";

contract PanelRulingTest is PanelTest {
    /// @dev The first two seats, as the event has them.
    uint32 private constant FIRST_TWO = 3;

    function setUp() public override {
        super.setUp();
        sue();
    }

    // When enough seats have spoken

    function test_rule_TellsWhoAsked() public {
        vm.expectEmit(address(court));
        emit IPanelArbitrator.RulingGiven(1, IArbitrable(address(litigant)), 2, OPINION, FIRST_TWO);
        vm.expectEmit(address(litigant));
        emit IArbitrable.Ruling(court, 1, 2);
        rule(1, 2, voices(1, 2, 2), "");
        assertRuled(1, 2);
    }

    function test_rule_IsOnRecordBeforeWhoAskedIsTold() public {
        rule(1, 2, voices(1, 2, 2), "");
        assertEq(uint256(litigant.statusSeen()), uint256(IArbitrator.DisputeStatus.Solved), "status seen");
        assertEq(litigant.rulingSeen(), 2, "ruling seen");
    }

    function test_rule_AnyChoiceAndNone() public {
        for (uint256 ruling; ruling <= CHOICES; ++ruling) {
            uint256 disputeId = sue();
            rule(disputeId, ruling, voices(disputeId, ruling, 2), "");
            assertRuled(disputeId, ruling);
        }
    }

    function test_rule_AnyTwoOfThreeInAnyOrder() public {
        vm.expectEmit(address(court));
        emit IPanelArbitrator.RulingGiven(1, IArbitrable(address(litigant)), 1, OPINION, 5);
        rule(1, 1, two(voice(1, 1, 2), voice(1, 1, 0)), "");
        assertRuled(1, 1);
    }

    function test_rule_AllWhoSpokeAreOnRecord() public {
        vm.expectEmit(address(court));
        emit IPanelArbitrator.RulingGiven(1, IArbitrable(address(litigant)), 1, OPINION, 7);
        rule(1, 1, voices(1, 1, 3), "");
    }

    function test_rule_OneOfOne() public {
        court = courtOf(actors("judge", 1), 1);
        rule(sue(), 3, voices(1, 3, 1), "");
        assertRuled(1, 3);
    }

    function test_rule_TheLargestPanel() public {
        court = courtOf(actors("judge", 32), 32);
        sue();
        vm.expectEmit(address(court));
        emit IPanelArbitrator.RulingGiven(1, IArbitrable(address(litigant)), 1, OPINION, type(uint32).max);
        rule(1, 1, voices(1, 1, 32), "");
        assertRuled(1, 1);
    }

    function test_rule_ASeatCallsByItself() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        said[1].signature = "";
        ruleFrom(judges[1], 1, 2, said, "");
        assertRuled(1, 2);
    }

    function test_rule_AContractAccountHoldsASeat() public {
        address wallet = address(new Wallet(judges[1]));
        entrust(wallet, judges[1]);
        judges[1] = wallet;
        court = courtOf(judges, 2);
        sue();
        rule(1, 2, voices(1, 2, 2), "");
        assertRuled(1, 2);
    }

    /// @dev Any subset of any panel decides if and only if it is large enough, whatever else is relayed.
    function testFuzz_rule_CountsWhoSigned(uint256 size, uint256 threshold, uint32 signed, uint32 expired) public {
        size = 1 + size % 12;
        threshold = 1 + threshold % size;
        court = courtOf(actors("judge", size), threshold);
        sue();
        IPanelArbitrator.Voice[] memory said = voices(1, 2, uint8(size));
        uint256 counted;
        uint32 heard;
        for (uint256 i; i < size; ++i) {
            if ((signed >> i) & 1 == 0) said[i].signature = sign(anyone, "something else");
            if ((expired >> i) & 1 == 1) said[i].expiry = uint40(START - 1);
            if ((signed >> i) & 1 == 0 || (expired >> i) & 1 == 1) continue;
            ++counted;
            heard |= uint32(1 << i);
        }
        if (counted >= threshold) {
            vm.expectEmit(address(court));
            emit IPanelArbitrator.RulingGiven(1, IArbitrable(address(litigant)), 2, OPINION, heard);
        }
        vm.prank(anyone);
        try court.rule(1, 2, OPINION, said) {
            assertTrue(counted >= threshold, "it was enough");
            assertRuled(1, 2);
        } catch {
            assertTrue(counted < threshold, "it was not enough");
            assertWaiting(1);
        }
    }

    function test_rule_TheFirstCompleteOfTwoRulingsStands() public {
        IPanelArbitrator.Voice[] memory one_ = two(voice(1, 1, 0), voice(1, 1, 1));
        IPanelArbitrator.Voice[] memory another = two(voice(1, 2, 0), voice(1, 2, 2));
        rule(1, 2, another, "");
        rule(1, 1, one_, because(IPanelArbitrator.AlreadyRuled.selector, 1));
        assertRuled(1, 2);
    }

    // What it does not rule on

    function test_rule_RevertWhen_TheDisputeIsUnknown() public {
        rule(0, 1, voices(0, 1, 2), because(IPanelArbitrator.UnknownDispute.selector, 0));
        rule(2, 1, voices(2, 1, 2), because(IPanelArbitrator.UnknownDispute.selector, 2));
    }

    function test_rule_RevertWhen_AlreadyRuled() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 3);
        rule(1, 2, said, "");
        bytes memory refusal = because(IPanelArbitrator.AlreadyRuled.selector, 1);
        rule(1, 2, said, refusal);
        rule(1, 3, voices(1, 3, 3), refusal);
        rule(1, 0, new IPanelArbitrator.Voice[](0), refusal);
        rule(sue(), 3, voices(2, 3, 2), "");
        assertRuled(1, 2);
        assertRuled(2, 3);
    }

    function test_rule_RevertWhen_RuledByRefusingToChoose() public {
        rule(1, 0, voices(1, 0, 2), "");
        rule(1, 1, voices(1, 1, 2), because(IPanelArbitrator.AlreadyRuled.selector, 1));
        assertRuled(1, 0);
    }

    function test_rule_RevertWhen_TheRulingIsNoChoice() public {
        uint256[3] memory beyond = [CHOICES + 1, (1 << 40) + 1, type(uint256).max];
        for (uint256 i; i < beyond.length; ++i) {
            rule(1, beyond[i], voices(1, beyond[i], 2), because(IPanelArbitrator.UnknownRuling.selector, beyond[i]));
        }
        assertWaiting(1);
    }

    // When who asked makes trouble

    function test_rule_RevertWhen_WhoAskedDoesNotTakeIt() public {
        litigant.refuse(true);
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        rule(1, 2, said, because(Litigant.Refused.selector, 1));
        assertWaiting(1);
        litigant.refuse(false);
        rule(1, 3, voices(1, 3, 2), "");
        assertRuled(1, 3);
    }

    function test_rule_WhoeverElseDoesNotTakeTheirs() public {
        Litigant stubborn = new Litigant();
        stubborn.sue{value: FEE}(court, CHOICES);
        stubborn.refuse(true);
        (Litigant honest, IPanelArbitrator.Voice[] memory said) = (litigant, voices(1, 2, 2));
        litigant = stubborn;
        rule(2, 2, voices(2, 2, 2), because(Litigant.Refused.selector, 2));
        assertWaiting(2);
        litigant = honest;
        rule(1, 2, said, "");
        assertRuled(1, 2);
        rule(sue(), 1, voices(3, 1, 2), "");
        assertRuled(3, 1);
    }

    function test_rule_RevertWhen_WhoAskedHasNoCode() public {
        act(anyone, FEE, abi.encodeCall(IArbitrator.createDispute, (CHOICES, "")), "");
        litigant = Litigant(anyone);
        IPanelArbitrator.Voice[] memory said = voices(2, 1, 2);
        vm.prank(anyone);
        try court.rule(2, 1, OPINION, said) {
            revert NotRefused("");
        } catch (bytes memory answer) {
            assertEq(answer.length, 0, "no reason");
        }
        assertEq(uint256(court.disputeStatus(2)), uint256(IArbitrator.DisputeStatus.Waiting), "status");
    }

    /// @dev The litigant calls `data` while it is being told.
    function ruleWhoCallsBack(uint256 value, bytes memory data) private {
        litigant.aim{value: value}(address(court), data);
        rule(1, 2, voices(1, 2, 2), "");
        assertRuled(1, 2);
    }

    function test_rule_RefusesWhoAskedTheSameAgain() public {
        bytes memory again = abi.encodeCall(IPanelArbitrator.rule, (1, 3, OPINION, voices(1, 3, 2)));
        ruleWhoCallsBack(0, again);
        assertTrue(!litigant.answered(), "it is refused");
        bytes32 reason = keccak256(because(IPanelArbitrator.AlreadyRuled.selector, 1));
        assertEq(keccak256(litigant.answer()), reason, "as ruled");
    }

    function test_rule_RulesAnotherForWhoAsked() public {
        sue();
        ruleWhoCallsBack(0, abi.encodeCall(IPanelArbitrator.rule, (2, 3, OPINION, voices(2, 3, 2))));
        assertRuled(2, 3);
    }

    function test_rule_WhoAskedAsksAgain() public {
        ruleWhoCallsBack(FEE, abi.encodeCall(IArbitrator.createDispute, (1, "")));
        assertTrue(litigant.answered(), "it is created");
        assertWaiting(2);
        rule(2, 1, voices(2, 1, 2), "");
        assertRuled(2, 1);
    }

    function test_rule_WhoAskedCollectsForTheRecipient() public {
        ruleWhoCallsBack(0, abi.encodeCall(IPanelArbitrator.collect, ()));
        assertEq(recipient.balance, FEE, "the recipient has them");
    }
}
