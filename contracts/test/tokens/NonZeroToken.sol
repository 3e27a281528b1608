// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

/// @dev Will not move nothing.
contract NonZeroToken is TestToken("Non-zero token", "NONZERO", 6) {
    error ZeroAmount();

    function _update(address from, address to, uint256 amount) internal override {
        if (amount == 0) revert ZeroAmount();
        super._update(from, to, amount);
    }
}
