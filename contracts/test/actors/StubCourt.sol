// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrable} from "../../src/arbitration/IArbitrable.sol";
import {IArbitrator} from "../../src/arbitration/IArbitrator.sol";

/// @dev A court (ERC-792) that does what courts should: takes exactly its fee, and rules as anybody tells it to. It keeps
/// what it was asked.
contract StubCourt is IArbitrator {
    error WrongFee(uint256 expected, uint256 actual);

    uint256 public fee = 0.01 ether;
    /// @dev How many disputes there are; they are numbered from one.
    uint256 public disputes;
    mapping(uint256 disputeId => IArbitrable) public arbitrables;
    uint256 public choices;
    bytes public extraData;

    function charge(uint256 fee_) external {
        fee = fee_;
    }

    function createDispute(uint256 choices_, bytes calldata extraData_) external payable returns (uint256 disputeId) {
        if (msg.value != fee) revert WrongFee(fee, msg.value);
        disputeId = ++disputes;
        (arbitrables[disputeId], choices, extraData) = (IArbitrable(msg.sender), choices_, extraData_);
        emit DisputeCreation(disputeId, IArbitrable(msg.sender));
    }

    function rule(uint256 disputeId, uint256 ruling) external {
        arbitrables[disputeId].rule(disputeId, ruling);
    }

    /// @dev Rules what it was never asked.
    function ruleOn(IArbitrable arbitrable, uint256 disputeId, uint256 ruling) external {
        arbitrable.rule(disputeId, ruling);
    }

    function arbitrationCost(bytes calldata) external view returns (uint256) {
        return fee;
    }

    function appeal(uint256, bytes calldata) external payable {
        revert("no appeal");
    }

    function appealCost(uint256, bytes calldata) external pure returns (uint256) {
        return type(uint256).max;
    }

    function appealPeriod(uint256) external pure returns (uint256, uint256) {
        return (0, 0);
    }

    function disputeStatus(uint256) external pure returns (DisputeStatus) {
        return DisputeStatus.Waiting;
    }

    function currentRuling(uint256) external pure returns (uint256) {
        return 0;
    }
}
