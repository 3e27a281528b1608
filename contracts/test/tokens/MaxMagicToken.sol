// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

/// @dev Takes the largest amount of some width for "all there is".
contract MaxMagicToken is TestToken("Max token", "MAX", 6) {
    uint256 public magic = type(uint256).max;

    function setMagic(uint256 magic_) external {
        magic = magic_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from != address(0) && amount == magic) amount = balanceOf(from);
        super._update(from, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (amount != magic) return super.transferFrom(from, to, amount);
        _transfer(from, to, amount);
        return true;
    }
}
