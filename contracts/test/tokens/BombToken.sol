// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

/// @dev Can be made to answer every transfer with a hundred thousand bytes: after it has moved the money, with the word
/// for `true` in front, or as the reason of a refusal.
contract BombToken is TestToken("Bomb token", "BOMB", 6) {
    enum Fuse {
        Out,
        Answers,
        Reverts
    }

    Fuse public fuse;

    function light(Fuse fuse_) external {
        fuse = fuse_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from == address(0)) return;
        if (fuse == Fuse.Answers) {
            assembly {
                mstore(0, 1)
                return(0, 100000)
            }
        }
        if (fuse == Fuse.Reverts) {
            assembly {
                revert(0, 100000)
            }
        }
    }
}
