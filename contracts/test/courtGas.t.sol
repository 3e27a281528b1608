// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrator} from "../src/arbitration/IArbitrator.sol";
import {IPanelArbitrator} from "../src/arbitration/IPanelArbitrator.sol";
import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Status, Verdict} from "../src/interfaces/Types.sol";
import {Building, Deal} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

/// @dev The arbitrator that ships before an agreement: what arrives, and what it costs. The last part of `courts.tree`.
contract CourtGasTest is RecourseTest {
    using Building for Deal;

    uint256 private constant FEE = 0.01 ether;
    uint256 private constant CHALLENGE_CAP = 200_000;
    uint256 private constant PAYOUT_CAP = 140_000;
    /// @dev What sending coin costs a call, and not a transaction, less what comes back of it.
    uint256 private constant SENDING = 6_700;

    event log_named_uint(string key, uint256 val);

    IPanelArbitrator private panel;
    Indifferent private indifferent;

    /// @dev A court that has had disputes before, and one of somebody who takes any ruling and does nothing with it.
    function setUp() public override {
        super.setUp();
        panel = panelCourt(FEE);
        indifferent = new Indifferent();
        indifferent.sue{value: FEE}(panel);
    }

    function decided() private returns (Deal memory d) {
        d = funded(under(address(panel), usual()));
        token.mint(performer, 1); // so that it is no newcomer to the token
        attest(d, 0, Verdict.Met);
    }

    function test_panel_ItsRulingArrives() public {
        Deal memory d = decided();
        challenge(d, payer, 0);
        rulePanel(panel, d, 2, 2);
        assertVerdict(d, 0, Verdict.Breached);
        assertEq(panel.currentRuling(2), 2, "on record");
        when(START + 1);
        settle(d);
        assertStatus(d, Status.Terminated);
    }

    function test_panel_WhatTheAccountRefusesIsNotOnRecord() public {
        Deal memory d = decided();
        challenge(d, payer, 0);
        when(START + RULING_WINDOW + 1);
        refuse(IAgreementEvents.TooLate.selector, START + RULING_WINDOW);
        rulePanel(panel, d, 2, 2);
        assertEq(panel.currentRuling(2), 0, "no ruling");
        settle(d);
        assertBalance(performer, AMOUNT + BOND + 1, "the verdict stands");
    }

    // Gas of whole transactions, everything untouched at their start

    function test_challenge_Gas() public {
        Deal memory d = decided();
        uint256 own = execution(d, address(d.account), address(panel), FEE, creating());
        uint256 whole = transaction(d, payer, address(d.account), FEE, challenging(d, 0));
        emit log_named_uint("challenge", whole);
        emit log_named_uint("of which createDispute", own);
        emit log_named_uint("challenge without it", whole - own);
        assertTrue(whole - own <= CHALLENGE_CAP, "gas of a challenge");
    }

    /// @dev A court overturns or confirms, and the payment goes out: two transactions.
    function test_rule_GasWithPayout() public {
        Deal memory d = decided();
        challenge(d, payer, 0);
        when(START + 1 days);
        uint256 own = transaction(d, anyone, address(panel), 0, answering(address(indifferent), 1, 1));
        for (uint256 answer = 1; answer <= 3; ++answer) {
            uint256 id = vm.snapshotState();
            uint256 whole = transaction(d, anyone, address(panel), 0, answering(address(d.account), 2, answer));
            when(START + 1 days + 1);
            uint256 payout = transaction(d, anyone, address(d.account), 0, releasing(d, 1));
            emit log_named_uint("answer", answer);
            emit log_named_uint("rule", whole);
            emit log_named_uint("of which the court, with its transaction", own);
            emit log_named_uint("release", payout);
            emit log_named_uint("rule and release without the court", whole - own + payout);
            assertTrue(whole - own + payout <= PAYOUT_CAP, "gas of a ruling with its payout");
            vm.revertToState(id);
            when(START + 1 days);
        }
    }

    function creating() private pure returns (bytes memory) {
        return abi.encodeCall(IArbitrator.createDispute, (3, ""));
    }

    function answering(address litigant, uint256 disputeId, uint256 answer) private view returns (bytes memory) {
        return panelRuling(panel, litigant, disputeId, answer);
    }

    /// @dev What a transaction takes that consists of this call, before refunds.
    function transaction(Deal memory d, address caller, address target, uint256 value, bytes memory data)
        private
        returns (uint256 gas)
    {
        gas = 21_000 + execution(d, caller, target, value, data);
        for (uint256 i; i < data.length; ++i) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }

    /// @dev What a call takes that finds its target warm and all else untouched.
    function execution(Deal memory d, address caller, address target, uint256 value, bytes memory data)
        private
        returns (uint256 used)
    {
        if (value != 0) vm.deal(caller, value);
        address[6] memory touched =
            [address(panel), address(d.account), factory.implementation(), address(token), payer, performer];
        for (uint256 i; i < touched.length; ++i) {
            vm.cool(touched[i]);
        }
        vm.cool(recourse);
        assertTrue(target.code.length != 0, "warm");
        uint256 id = target == address(panel) && caller == address(d.account) ? vm.snapshotState() : 0;
        vm.prank(caller);
        uint256 before = gasleft();
        (bool success, bytes memory answer) = target.call{value: value}(data);
        used = before - gasleft() - (value == 0 ? 0 : SENDING);
        if (!success) bubble(answer);
        if (id != 0) vm.revertToState(id);
    }
}

/// @dev Takes any ruling, and does nothing with it.
contract Indifferent {
    function sue(IArbitrator court) external payable {
        court.createDispute{value: msg.value}(3, "");
    }

    function rule(uint256, uint256) external {}
}
