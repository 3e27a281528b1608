// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

/// @dev Can be made to burn all the gas that a transfer brings.
contract BurnerToken is TestToken("Burner token", "BURN", 6) {
    bool public burning;

    function burn(bool burning_) external {
        burning = burning_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (burning) {
            while (true) {}
        }
        super._update(from, to, amount);
    }
}
