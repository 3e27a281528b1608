// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @dev Answers being paid, in coin or through a hook token, with a call of its choice, and keeps what came back.
contract Reenterer {
    address private _target;
    bytes private _data;
    bool public called;
    bytes4 public answer;

    function aim(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
        (called, answer) = (false, 0xffffffff); // a slot in use is cheap to write, within what a push gives
    }

    receive() external payable {
        _strike();
    }

    function onReceived() external {
        _strike();
    }

    function _strike() private {
        (bool success, bytes memory answered) = _target.call(_data);
        called = true;
        answer = success ? bytes4(0) : bytes4(answered);
    }
}
