// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @dev Asked whether it has signed, it burns what gas there is.
contract Arsonist is IERC1271 {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        while (true) {}
    }
}

/// @dev Asked whether it has signed, it calls somebody, and says yes only if that came off.
contract Intruder is IERC1271 {
    /// @dev Whoever asks does so by a static call, so that nothing can be changed from there on.
    address private _target;
    bytes private _data;

    function aim(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        (bool done,) = _target.staticcall(_data);
        return done ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
