// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

struct Gas {
    uint64 gasLimit;
    uint64 gasTotalUsed;
    uint64 gasMemoryUsed;
    int64 gasRefunded;
    uint64 gasRemaining;
}

/// @dev The cheatcodes of forge that only these tests use.
interface More {
    function assume(bool condition) external pure;
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function envOr(string calldata name, uint256 otherwise) external view returns (uint256);
    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);
    function getNonce(address account) external view returns (uint64);
    function revertToStateAndDelete(uint256 id) external returns (bool);
    function lastCallGas() external view returns (Gas memory);
    function writeLine(string calldata path, string calldata line) external;
}

More constant more = More(address(uint160(uint256(keccak256("hevm cheat code")))));
