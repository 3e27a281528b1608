// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @dev A contract account that stands by every signature, until it takes all of them back.
contract Turncoat is IERC1271 {
    bool private _turned;

    function turn() external {
        _turned = true;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return _turned ? bytes4(0) : IERC1271.isValidSignature.selector;
    }
}
