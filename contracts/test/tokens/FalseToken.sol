// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

/// @dev Can be made to move nothing and say so by `false`, not by reverting.
contract FalseToken is TestToken("False token", "FALSE", 6) {
    bool public refusing;

    function refuse(bool refusing_) external {
        refusing = refusing_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !refusing && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !refusing && super.transferFrom(from, to, amount);
    }
}
