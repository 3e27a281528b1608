// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Minimal soulbound tokens (ERC-5192)
/// @dev The interface's id is 0xb45a3c0e.
interface IERC5192 {
    event Locked(uint256 tokenId);
    event Unlocked(uint256 tokenId);

    /// @notice Whether a token cannot be transferred. Refused for one that nobody owns.
    function locked(uint256 tokenId) external view returns (bool);
}
