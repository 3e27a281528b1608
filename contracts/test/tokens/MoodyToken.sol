// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

/// @dev Transfers to chosen accounts go wrong in a chosen way: a blocklist, and worse.
contract MoodyToken is TestToken("Moody token", "MOODY", 6) {
    enum Mood {
        Fine,
        SaysFalse,
        Reverts,
        BurnsGas,
        AnswersGarbage,
        ReturnsBomb
    }

    mapping(address account => Mood) public moods;

    function setMood(address account, Mood mood) external {
        moods[account] = mood;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        Mood mood = moods[to];
        if (mood == Mood.SaysFalse) return false;
        if (mood == Mood.Reverts) revert("blocked");
        if (mood == Mood.BurnsGas) {
            while (true) {}
        }
        if (mood == Mood.AnswersGarbage) {
            assembly {
                mstore(0, shl(248, 1))
                return(0, 1)
            }
        }
        if (mood == Mood.ReturnsBomb) {
            assembly {
                return(0, 100000)
            }
        }
        return super.transfer(to, amount);
    }
}
