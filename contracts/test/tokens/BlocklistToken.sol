// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

/// @dev Nothing goes from or to accounts on its list.
contract BlocklistToken is TestToken("Blocklist token", "BLOCK", 6) {
    mapping(address account => bool) public blocked;

    error Blocked(address account);

    function block_(address account, bool blocked_) external {
        blocked[account] = blocked_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (blocked[from]) revert Blocked(from);
        if (blocked[to]) revert Blocked(to);
        super._update(from, to, amount);
    }
}
