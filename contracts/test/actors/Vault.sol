// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

interface IBorrower {
    function onReceived() external;
}

/// @dev Takes coin, but not while it is calling out to somebody, as its lock against reentrancy forbids. It has no way to
/// call anything else: not `withdraw` either.
contract Vault {
    bool private _locked;

    modifier locking() {
        require(!_locked, "locked");
        _locked = true;
        _;
        _locked = false;
    }

    receive() external payable locking {}

    function lend(IBorrower borrower) external locking {
        borrower.onReceived();
    }
}
