// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @dev Random choices out of one seed, each drawn by its own name or number.
library Dice {
    function draw(uint256 seed, uint256 what) internal pure returns (uint256 drawn) {
        assembly ("memory-safe") {
            mstore(0x00, seed)
            mstore(0x20, what)
            drawn := keccak256(0x00, 0x40)
        }
    }

    /// @dev From 0 to `n - 1`.
    function below(uint256 seed, uint256 what, uint256 n) internal pure returns (uint256) {
        return draw(seed, what) % n;
    }

    /// @dev True once in `n`.
    function once(uint256 seed, uint256 what, uint256 n) internal pure returns (bool) {
        return draw(seed, what) % n == 0;
    }

    /// @dev One of the members of a set, which must not be empty.
    function oneOf(uint256 seed, uint256 what, uint256 set) internal pure returns (uint8 index) {
        uint256 skip = draw(seed, what) % count(set);
        while (true) {
            if ((set >> index) & 1 == 1) {
                if (skip == 0) return index;
                --skip;
            }
            ++index;
        }
    }

    /// @dev A subset that is not empty, of a set that is not.
    function some(uint256 seed, uint256 what, uint256 set) internal pure returns (uint256 subset) {
        subset = set & draw(seed, what);
        return subset == 0 ? set : subset;
    }

    function count(uint256 set) internal pure returns (uint256 members) {
        for (; set != 0; set &= set - 1) {
            ++members;
        }
    }

    function has(uint256 set, uint256 index) internal pure returns (bool) {
        return (set >> index) & 1 == 1;
    }
}
