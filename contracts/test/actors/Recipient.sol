// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @dev A contract that is paid: it takes the coin, or makes trouble.
contract Recipient {
    enum Manner {
        Takes,
        Reverts,
        BurnsGas,
        ReturnsBomb,
        NeedsMuchGas
    }

    Manner public manner;
    uint256[8] private _ledger;

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
        if (manner == Manner.NeedsMuchGas) {
            for (uint256 i; i < 8; ++i) {
                _ledger[i] += msg.value;
            }
        }
    }
}
