// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @dev What forge-std would bring, and no more: comparisons that say what they compared.
abstract contract Assertions {
    error NotEqual(uint256 actual, uint256 expected, string what);
    error NotEqualWords(bytes32 actual, bytes32 expected, string what);
    error NotTrue(string what);
    error NotRefused(bytes expected);
    error RefusedOtherwise(bytes actual, bytes expected);

    function assertEq(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) revert NotEqual(actual, expected, what);
    }

    function assertEq(address actual, address expected, string memory what) internal pure {
        assertEq(uint160(actual), uint160(expected), what);
    }

    function assertEq(bytes32 actual, bytes32 expected, string memory what) internal pure {
        if (actual != expected) revert NotEqualWords(actual, expected, what);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    function bubble(bytes memory reason) internal pure {
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
