// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrable} from "../../src/arbitration/IArbitrable.sol";
import {IArbitrator} from "../../src/arbitration/IArbitrator.sol";

/// @dev Brings disputes before a court and takes its rulings, refuses them, or answers them with a call of its choice.
contract Litigant is IArbitrable {
    error Refused(uint256 disputeId);

    mapping(uint256 disputeId => uint256) public told;
    mapping(uint256 disputeId => uint256) public ruling;
    /// @dev What the court said, while it was ruling, of the dispute it was ruling on.
    IArbitrator.DisputeStatus public statusSeen;
    uint256 public rulingSeen;
    bool public refuses;

    address private _target;
    bytes private _data;
    uint256 private _value;
    bool public answered;
    bytes public answer;

    function sue(IArbitrator court, uint256 choices) external payable returns (uint256) {
        return court.createDispute{value: msg.value}(choices, "");
    }

    function refuse(bool refuses_) external {
        refuses = refuses_;
    }

    function aim(address target, bytes calldata data) external payable {
        (_target, _data, _value) = (target, data, msg.value);
    }

    function rule(uint256 disputeId, uint256 ruling_) external {
        if (refuses) revert Refused(disputeId);
        ++told[disputeId];
        ruling[disputeId] = ruling_;
        statusSeen = IArbitrator(msg.sender).disputeStatus(disputeId);
        rulingSeen = IArbitrator(msg.sender).currentRuling(disputeId);
        emit Ruling(IArbitrator(msg.sender), disputeId, ruling_);
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        (answered, answer) = target.call{value: _value}(_data);
    }
}
