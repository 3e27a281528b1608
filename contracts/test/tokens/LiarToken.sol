// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

/// @dev Says of balances what it is told to say, whatever it moves.
contract LiarToken is TestToken("Liar token", "LIAR", 6) {
    enum Lie {
        None,
        Nothing,
        Twice,
        Max
    }

    Lie public lie;

    function tell(Lie lie_) external {
        lie = lie_;
    }

    function balanceOf(address account) public view override returns (uint256 actual) {
        actual = super.balanceOf(account);
        if (lie == Lie.Nothing) return 0;
        if (lie == Lie.Twice) return 2 * actual;
        if (lie == Lie.Max) return type(uint256).max;
    }
}
