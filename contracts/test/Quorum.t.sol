// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Panel, Seat} from "../src/interfaces/Types.sol";
import {Quorum} from "../src/libraries/Quorum.sol";
import {Assertions} from "./base/Assertions.sol";

contract QuorumTest is Assertions {
    function reached(Panel calldata panel, uint256 seats) external pure returns (bool) {
        return Quorum.reached(panel, seats);
    }

    function testFuzz_reached_CountsHeads(uint8 threshold, uint256 size, uint256 present) public view {
        size = 1 + size % 32;
        present &= (1 << size) - 1;
        Panel memory panel = Panel(uint8(1 + threshold % size), new uint8[](0), new Seat[](size));
        assertTrue(this.reached(panel, present) == (heads(present) >= panel.threshold), "threshold");
    }

    function testFuzz_reached_CountsChambers(
        uint8 threshold,
        uint8[8] memory quotas,
        uint8[32] memory chambers,
        uint256 size,
        uint256 present
    ) public view {
        size = 1 + size % 32;
        uint256 count = 1 + quotas[0] % 8;
        present &= (1 << size) - 1;
        Panel memory panel = Panel(uint8(1 + threshold % size), new uint8[](count), new Seat[](size));
        for (uint256 c; c < count; ++c) {
            panel.quotas[c] = quotas[c] % 5;
        }
        for (uint256 i; i < size; ++i) {
            panel.seats[i].chamber = uint8(chambers[i] % count);
        }
        bool expected = heads(present) >= panel.threshold;
        for (uint256 c; c < count; ++c) {
            uint256 sitting;
            for (uint256 i; i < size; ++i) {
                if ((present >> i) & 1 == 1 && panel.seats[i].chamber == c) ++sitting;
            }
            if (sitting < panel.quotas[c]) expected = false;
        }
        assertTrue(this.reached(panel, present) == expected, "threshold and quotas");
    }

    /// @dev Another voice never undoes a quorum.
    function testFuzz_reached_MoreVoicesNeverHurt(uint8 threshold, uint8[8] memory quotas, uint256 present, uint8 more)
        public
        view
    {
        Panel memory panel = Panel(uint8(1 + threshold % 32), new uint8[](8), new Seat[](32));
        for (uint8 i; i < 32; ++i) {
            panel.seats[i].chamber = i % 8;
            panel.quotas[i % 8] = quotas[i % 8] % 5;
        }
        present &= type(uint32).max;
        if (this.reached(panel, present)) {
            assertTrue(this.reached(panel, present | (1 << (more % 32))), "one voice more");
        }
    }

    function heads(uint256 set) private pure returns (uint256 count) {
        for (; set != 0; set &= set - 1) {
            ++count;
        }
    }
}
