// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @dev A contract that is paid: it takes the coin, or makes trouble.
contract Recipient {
    enum Manner {
        Takes,
        Reverts,
        BurnsGas,
        ReturnsBomb
    }

    Manner public manner;

    function behave(Manner manner_) external {
        manner = manner_;
    }

    receive() external payable {
        if (manner == Manner.Reverts) revert("no, thank you");
        if (manner == Manner.BurnsGas) {
            while (true) {}
        }
        if (manner == Manner.ReturnsBomb) {
            assembly {
                revert(0, 100000)
            }
        }
    }
}
