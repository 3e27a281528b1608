// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Tier} from "../src/interfaces/Types.sol";
import {Amounts} from "../src/libraries/Amounts.sol";

/// @dev False statements, which scripts/prove must see refuted: a way of proving that proves these proves nothing.
contract Canary {
    function check_part_RoundsUp(uint240 amount, uint16 bps) public pure {
        assert(uint256(amount) * bps <= Amounts.part(amount, bps) * 10_000);
    }

    /// @dev Past its bound the product overflows.
    function check_part_HasNoBound(uint256 amount, uint16 bps) public pure {
        Amounts.part(amount, bps);
    }

    function check_tiers_ReleaseNothing(uint128 amount, uint256 value) public view {
        assert(this.tiered(amount, new Tier[](0), value) == 0);
    }

    function check_bond_IsNeverShort(uint256 held, uint256 lost, uint256 level) public pure {
        (,, uint256 left) = Amounts.rebalance(held, lost, level);
        assert(left == level);
    }

    function tiered(uint256 amount, Tier[] calldata tiers, uint256 value) external pure returns (uint256) {
        return Amounts.tiered(amount, tiers, value);
    }
}
