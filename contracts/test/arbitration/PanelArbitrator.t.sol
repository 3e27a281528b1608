// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrable} from "../../src/arbitration/IArbitrable.sol";
import {IArbitrator} from "../../src/arbitration/IArbitrator.sol";
import {IPanelArbitrator} from "../../src/arbitration/IPanelArbitrator.sol";
import {Recipient} from "../actors/Recipient.sol";
import {vm} from "../base/Vm.sol";
import {Litigant} from "./Litigant.sol";
import {PanelTest} from "./PanelTest.sol";

/// @dev Is sent fees, and asks for more of them at once.
contract Glutton {
    bytes public answer;

    receive() external payable {
        (, answer) = msg.sender.call(abi.encodeCall(IPanelArbitrator.collect, ()));
    }
}

contract PanelArbitratorTest is PanelTest {
    // When it is created

    function test_constructor_RevertWhen_NoSeatOrTooMany() public {
        bytes4 selector = IPanelArbitrator.WrongNumberOfSeats.selector;
        create(new address[](0), 0, FEE, recipient, abi.encodeWithSelector(selector, 32, 0));
        create(actors("judge", 33), 1, FEE, recipient, abi.encodeWithSelector(selector, 32, 33));
        create(actors("judge", 32), 32, FEE, recipient, "");
    }

    function test_constructor_RevertWhen_ASeatOrTheRecipientIsNobody() public {
        bytes memory refusal = abi.encodeWithSelector(IPanelArbitrator.ZeroAddress.selector);
        create(judges, 2, FEE, address(0), refusal);
        judges[2] = address(0);
        create(judges, 2, FEE, recipient, refusal);
    }

    function test_constructor_RevertWhen_ASeatIsRepeated() public {
        address[] memory panel = actors("judge", 32);
        panel[31] = panel[0];
        create(panel, 2, FEE, recipient, because(IPanelArbitrator.SeatRepeated.selector, 31));
        panel[31] = panel[30];
        create(panel, 2, FEE, recipient, because(IPanelArbitrator.SeatRepeated.selector, 31));
    }

    function test_constructor_RevertWhen_TheThresholdIsOutOfRange() public {
        bytes4 selector = IPanelArbitrator.ThresholdOutOfRange.selector;
        create(judges, 0, FEE, recipient, abi.encodeWithSelector(selector, 3, 0));
        create(judges, 4, FEE, recipient, abi.encodeWithSelector(selector, 3, 4));
        create(judges, 3, FEE, recipient, "");
    }

    function test_constructor_SaysWhatItWasGiven() public view {
        address[] memory panel = court.seats();
        assertEq(panel.length, 3, "seats");
        for (uint256 i; i < 3; ++i) {
            assertEq(panel[i], judges[i], "seat");
        }
        assertEq(court.threshold(), 2, "threshold");
        assertEq(court.fee(), FEE, "fee");
        assertEq(court.feeRecipient(), recipient, "recipient");
        assertEq(court.arbitrationCost(""), FEE, "cost");
        assertEq(court.arbitrationCost("any panel you like"), FEE, "extra data means nothing");
        assertEq(court.disputes(), 0, "disputes");
    }

    // When a dispute is created

    function test_createDispute_WaitsForItsRuling() public {
        vm.expectEmit(address(court));
        emit IArbitrator.DisputeCreation(1, IArbitrable(address(litigant)));
        assertEq(sue(), 1, "number");
        assertWaiting(1);
        IPanelArbitrator.Dispute memory created = court.dispute(1);
        assertEq(address(created.arbitrable), address(litigant), "who asks");
        assertEq(created.choices, CHOICES, "choices");
        assertEq(address(court).balance, FEE, "fee");
    }

    function test_createDispute_EachHasANumberAndALitigant() public {
        Litigant another = new Litigant();
        sue();
        assertEq(another.sue{value: FEE}(court, 7), 2, "number");
        assertEq(court.disputes(), 2, "disputes");
        assertEq(address(court.dispute(1).arbitrable), address(litigant), "the first is the litigant's");
        assertEq(court.dispute(1).choices, CHOICES, "choices of the first");
        assertEq(address(court.dispute(2).arbitrable), address(another), "the second is the other's");
        assertEq(court.dispute(2).choices, 7, "choices of the second");
    }

    function test_createDispute_ByAnyoneForItself() public {
        act(anyone, FEE, abi.encodeCall(IArbitrator.createDispute, (CHOICES, "to panel 2")), "");
        assertEq(address(court.dispute(1).arbitrable), anyone, "who asks");
    }

    function test_createDispute_WithoutAFee() public {
        court = IPanelArbitrator(create(judges, 2, 0, recipient, ""));
        litigant.sue(court, CHOICES);
        rule(1, 2, voices(1, 2, 2), "");
        assertRuled(1, 2);
    }

    function test_createDispute_RevertWhen_TheFeeIsNotExact() public {
        bytes memory data = abi.encodeCall(IArbitrator.createDispute, (CHOICES, ""));
        bytes4 selector = IPanelArbitrator.WrongValue.selector;
        act(anyone, 0, data, abi.encodeWithSelector(selector, FEE, 0));
        act(anyone, FEE - 1, data, abi.encodeWithSelector(selector, FEE, FEE - 1));
        act(anyone, FEE + 1, data, abi.encodeWithSelector(selector, FEE, FEE + 1));
        court = IPanelArbitrator(create(judges, 2, 0, recipient, ""));
        act(anyone, 1, data, abi.encodeWithSelector(selector, 0, 1));
    }

    function test_createDispute_RevertWhen_ThereAreTooManyChoices() public {
        uint256 most = type(uint40).max;
        bytes memory refusal = abi.encodeWithSelector(IPanelArbitrator.TooManyChoices.selector, most, most + 1);
        act(anyone, FEE, abi.encodeCall(IArbitrator.createDispute, (most + 1, "")), refusal);
        litigant.sue{value: FEE}(court, most);
        rule(1, most, voices(1, most, 2), "");
        assertRuled(1, most);
    }

    function test_createDispute_WhoeverTheRecipientIs() public {
        Recipient hostile = new Recipient();
        court = IPanelArbitrator(create(judges, 2, FEE, address(hostile), ""));
        for (uint8 manner; manner <= uint8(type(Recipient.Manner).max); ++manner) {
            hostile.behave(Recipient.Manner(manner));
            uint256 disputeId = sue();
            rule(disputeId, 1, voices(disputeId, 1, 2), "");
            assertRuled(disputeId, 1);
        }
    }

    // When an appeal is asked for

    function test_appeal_RevertWhen_Asked() public {
        sue();
        bytes memory refusal = because(IPanelArbitrator.NoAppeal.selector, 1);
        act(anyone, FEE, abi.encodeCall(IArbitrator.appeal, (1, "")), refusal);
        rule(1, 2, voices(1, 2, 2), "");
        act(anyone, FEE, abi.encodeCall(IArbitrator.appeal, (1, "")), refusal);
        assertEq(court.appealCost(1, ""), type(uint256).max, "cost");
        (uint256 start, uint256 end) = court.appealPeriod(1);
        assertEq(start, 0, "start");
        assertEq(end, 0, "end");
        assertRuled(1, 2);
    }

    // When a dispute is looked up

    function test_dispute_RevertWhen_Unknown() public {
        sue();
        uint256[3] memory unknown = [0, 2, type(uint256).max];
        for (uint256 i; i < unknown.length; ++i) {
            bytes memory refusal = because(IPanelArbitrator.UnknownDispute.selector, unknown[i]);
            act(anyone, 0, abi.encodeCall(IPanelArbitrator.dispute, (unknown[i])), refusal);
            act(anyone, 0, abi.encodeCall(IArbitrator.disputeStatus, (unknown[i])), refusal);
            act(anyone, 0, abi.encodeCall(IArbitrator.currentRuling, (unknown[i])), refusal);
        }
    }

    // When fees are collected

    function collect(bytes memory refusal) private {
        act(anyone, 0, abi.encodeCall(IPanelArbitrator.collect, ()), refusal);
    }

    function test_collect_SendsAllToTheRecipient() public {
        sue();
        sue();
        vm.expectEmit(address(court));
        emit IPanelArbitrator.FeesCollected(recipient, 2 * FEE);
        collect("");
        assertEq(recipient.balance, 2 * FEE, "collected");
        assertEq(address(court).balance, 0, "nothing stays");
        sue();
        collect("");
        assertEq(recipient.balance, 3 * FEE, "collected again");
    }

    function test_collect_RevertWhen_ThereIsNothing() public {
        bytes memory refusal = abi.encodeWithSelector(IPanelArbitrator.NothingToCollect.selector);
        collect(refusal);
        sue();
        collect("");
        collect(refusal);
    }

    function test_collect_RevertWhen_TheRecipientWouldNotHaveThem() public {
        Recipient hostile = new Recipient();
        court = IPanelArbitrator(create(judges, 2, FEE, address(hostile), ""));
        sue();
        hostile.behave(Recipient.Manner.Reverts);
        collect(abi.encodeWithSignature("Error(string)", "no, thank you"));
        assertEq(address(court).balance, FEE, "they stay");
        hostile.behave(Recipient.Manner.NeedsMuchGas);
        collect("");
        assertEq(address(hostile).balance, FEE, "collected later");
    }

    function test_collect_PaysOnceWhoCallsBackIn() public {
        Glutton glutton = new Glutton();
        court = IPanelArbitrator(create(judges, 2, FEE, address(glutton), ""));
        sue();
        collect("");
        assertEq(address(glutton).balance, FEE, "paid once");
        assertEq(bytes32(glutton.answer()), bytes32(IPanelArbitrator.NothingToCollect.selector), "refused");
    }
}
