// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

/// @dev Keeps one percent of every transfer, or, waived at first, begins to once money is held.
contract FeeToken is TestToken("Fee token", "FEE", 6) {
    bool public waived;

    function waive(bool waived_) external {
        waived = waived_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (!waived && from != address(0) && to != address(0)) {
            super._update(from, address(0), amount / 100);
            amount -= amount / 100;
        }
        super._update(from, to, amount);
    }
}
