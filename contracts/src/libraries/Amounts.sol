// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Tier} from "../interfaces/Types.sol";

/// @title How amounts are divided: by shares, by tiers, and a bond between loss, return and what stays
/// @notice Arithmetic alone: no state, no time, no terms. `contracts/proofs` proves what is claimed here.
library Amounts {
    /// @dev Basis points in a whole.
    uint256 internal constant BPS = 10_000;

    /// @notice `bps` basis points of an amount, rounded down.
    /// @dev Amounts are below 2^240, so that the product fits: those of the terms are below 2^128.
    function part(uint256 amount, uint16 bps) internal pure returns (uint256) {
        return amount * bps / BPS;
    }

    /// @notice What an attested value releases of an amount: by the highest tier it reaches, nothing below the first, all
    /// where there are no tiers.
    /// @dev Tiers ascend by `from`; the amount is below 2^128; value and base may be anything. More excess than
    /// `amount * BPS`, or more base than the amount, releases no more than that much does, so both are cut down to it and
    /// nothing overflows.
    function tiered(uint256 amount, Tier[] memory tiers, uint256 value) internal pure returns (uint256) {
        if (tiers.length == 0) return amount;
        for (uint256 i = tiers.length; i > 0; --i) {
            Tier memory tier = tiers[i - 1];
            if (value < tier.from) continue;
            uint256 excess = min(value - tier.from, amount * BPS);
            return min(min(tier.base, amount) + part(excess, tier.bps), amount);
        }
        return 0;
    }

    /// @notice Takes from a held bond what is lost, at most all of it, frees what then exceeds the level, and leaves the
    /// rest: `taken + freed + left == held`. Where `left` is below the level, the bond is short.
    function rebalance(uint256 held, uint256 lost, uint256 level)
        internal
        pure
        returns (uint256 taken, uint256 freed, uint256 left)
    {
        taken = min(lost, held);
        left = min(held - taken, level);
        freed = held - taken - left;
    }

    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }
}
