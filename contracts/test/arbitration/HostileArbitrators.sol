// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrable} from "../../src/arbitration/IArbitrable.sol";
import {IArbitrator} from "../../src/arbitration/IArbitrator.sol";

/// @dev What all these courts share: disputes numbered from one, a fee that is kept, no appeal, and no question asked
/// about who has them rule.
abstract contract HostileArbitrator is IArbitrator {
    uint256 internal constant FEE = 0.01 ether;

    IArbitrable[] public arbitrables;

    function createDispute(uint256, bytes calldata) external payable virtual returns (uint256 disputeId) {
        return _create();
    }

    function arbitrationCost(bytes calldata) public view virtual returns (uint256) {
        return FEE;
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

    function _create() internal returns (uint256 disputeId) {
        arbitrables.push(IArbitrable(msg.sender));
        disputeId = arbitrables.length;
        emit DisputeCreation(disputeId, IArbitrable(msg.sender));
    }
}

/// @dev Takes the fee and is silent.
contract NeverRules is HostileArbitrator {}

/// @dev Rules as it is told, and once more at once. What came of the second ruling is kept.
contract RulesTwice is HostileArbitrator {
    bool public succeeded;
    bytes public answer;

    function rule(uint256 disputeId, uint256 first, uint256 second) external {
        IArbitrable arbitrable = arbitrables[disputeId - 1];
        arbitrable.rule(disputeId, first);
        (succeeded, answer) = address(arbitrable).call(abi.encodeCall(IArbitrable.rule, (disputeId, second)));
    }
}

/// @dev Rules on anything, for anybody, asked or not.
contract RulesUnasked is HostileArbitrator {
    function rule(IArbitrable arbitrable, uint256 disputeId, uint256 ruling) external {
        arbitrable.rule(disputeId, ruling);
    }
}

/// @dev Doubles its fee after each dispute. It takes no less, and keeps what is more.
contract RaisesFee is HostileArbitrator {
    error FeeTooLow(uint256 fee, uint256 actual);

    function createDispute(uint256, bytes calldata data) external payable override returns (uint256) {
        uint256 fee = arbitrationCost(data);
        if (msg.value < fee) revert FeeTooLow(fee, msg.value);
        return _create();
    }

    function arbitrationCost(bytes calldata) public view override returns (uint256) {
        return FEE << arbitrables.length;
    }

    function rule(uint256 disputeId, uint256 ruling) external {
        arbitrables[disputeId - 1].rule(disputeId, ruling);
    }
}

/// @dev Rules before it has even said which number the dispute has. What came of it is kept. It can rule again later.
contract RulesInsideCreate is HostileArbitrator {
    uint256 private immutable _ruling;
    bool public succeeded;
    bytes public answer;

    constructor(uint256 ruling) {
        _ruling = ruling;
    }

    function createDispute(uint256, bytes calldata) external payable override returns (uint256 disputeId) {
        disputeId = _create();
        (succeeded, answer) = msg.sender.call(abi.encodeCall(IArbitrable.rule, (disputeId, _ruling)));
    }

    function rule(uint256 disputeId, uint256 ruling) external {
        arbitrables[disputeId - 1].rule(disputeId, ruling);
    }
}

/// @dev Gives every dispute the same number.
contract ReusesIds is HostileArbitrator {
    uint256 private immutable _disputeId;

    constructor(uint256 disputeId) {
        _disputeId = disputeId;
    }

    function createDispute(uint256, bytes calldata) external payable override returns (uint256) {
        _create();
        return _disputeId;
    }

    function rule(IArbitrable arbitrable, uint256 ruling) external {
        arbitrable.rule(_disputeId, ruling);
    }
}

/// @dev Answers the first dispute with a call of its choice, with the coin it was sent if `pays`, and keeps what came
/// back.
contract Reentrant is HostileArbitrator {
    address private _target;
    bytes private _data;
    bool private _pays;
    bool public called;
    bool public succeeded;
    bytes public answer;

    function aim(address target, bytes calldata data, bool pays) external {
        (_target, _data, _pays, called) = (target, data, pays, false);
    }

    function createDispute(uint256, bytes calldata) external payable override returns (uint256 disputeId) {
        disputeId = _create();
        if (called) return disputeId;
        called = true;
        (succeeded, answer) = _target.call{value: _pays ? msg.value : 0}(_data);
    }

    function rule(uint256 disputeId, uint256 ruling) external {
        arbitrables[disputeId - 1].rule(disputeId, ruling);
    }
}

/// @dev Does not say what a dispute costs.
contract RevertingCost is HostileArbitrator {
    error NoPrice();

    function arbitrationCost(bytes calldata) public pure override returns (uint256) {
        revert NoPrice();
    }
}
