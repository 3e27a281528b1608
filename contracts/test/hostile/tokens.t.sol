// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";
import {vm} from "../base/Vm.sol";
import {BlocklistToken} from "../tokens/BlocklistToken.sol";
import {BombToken} from "../tokens/BombToken.sol";
import {BurnerToken} from "../tokens/BurnerToken.sol";
import {FalseToken} from "../tokens/FalseToken.sol";
import {FeeToken} from "../tokens/FeeToken.sol";
import {LiarToken} from "../tokens/LiarToken.sol";
import {MaxMagicToken} from "../tokens/MaxMagicToken.sol";
import {NonZeroToken} from "../tokens/NonZeroToken.sol";
import {PausableToken} from "../tokens/PausableToken.sol";
import {SilentToken} from "../tokens/SilentToken.sol";
import {TokenMatrix} from "./TokenMatrix.sol";

/// @dev Answers nothing, never misbehaves.
contract SilentTokenTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new SilentToken());
    }

    function turn(bool) internal override {}
}

contract NonZeroTokenTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new NonZeroToken());
    }

    function turn(bool) internal override {}
}

contract NoDecimalsTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new TestToken("Whole", "WHOLE", 0));
    }

    function turn(bool) internal override {}
}

contract ThirtyDecimalsTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new TestToken("Fine", "FINE", 30));
    }

    function turn(bool) internal override {}
}

/// @dev What means "all there is" is more than any amount here: see `custody.t.sol` for when it is not.
contract MaxMagicTokenTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new MaxMagicToken());
    }

    function turn(bool misbehaves) internal override {
        MaxMagicToken(address(bad)).setMagic(misbehaves ? type(uint128).max : type(uint256).max);
    }
}

contract FalseTokenTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new FalseToken());
    }

    function turn(bool misbehaves) internal override {
        FalseToken(address(bad)).refuse(misbehaves);
    }

    function taken() internal pure override returns (bool) {
        return false;
    }

    function sent() internal pure override returns (bool) {
        return false;
    }
}

/// @dev What arrives is less; what is deposited must not be.
contract FeeTokenTest is TokenMatrix {
    function create() internal override returns (address fee) {
        fee = address(new FeeToken());
        FeeToken(fee).waive(true);
    }

    function turn(bool misbehaves) internal override {
        FeeToken(address(bad)).waive(!misbehaves);
    }

    function taken() internal pure override returns (bool) {
        return false;
    }

    function arriving(uint256 amount) internal pure override returns (uint256) {
        return amount - amount / 100;
    }
}

/// @dev Everybody is on the list, and off it again.
contract BlocklistTokenTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new BlocklistToken());
    }

    function turn(bool misbehaves) internal override {
        address[4] memory accounts = [payer, performer, charity, community];
        for (uint256 i; i < 4; ++i) {
            BlocklistToken(address(bad)).block_(accounts[i], misbehaves);
        }
        BlocklistToken(address(bad)).block_(anyone, misbehaves);
    }

    function taken() internal pure override returns (bool) {
        return false;
    }

    function sent() internal pure override returns (bool) {
        return false;
    }
}

contract PausableTokenTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new PausableToken());
    }

    function turn(bool misbehaves) internal override {
        PausableToken(address(bad)).pause(misbehaves);
    }

    function taken() internal pure override returns (bool) {
        return false;
    }

    function sent() internal pure override returns (bool) {
        return false;
    }
}

/// @dev The money moves, and the answer, which begins as it should, has a hundred thousand bytes.
contract LongAnswerTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new BombToken());
    }

    function turn(bool misbehaves) internal override {
        BombToken(address(bad)).light(misbehaves ? BombToken.Fuse.Answers : BombToken.Fuse.Out);
    }
}

contract LongReasonTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new BombToken());
    }

    function turn(bool misbehaves) internal override {
        BombToken(address(bad)).light(misbehaves ? BombToken.Fuse.Reverts : BombToken.Fuse.Out);
    }

    function taken() internal pure override returns (bool) {
        return false;
    }

    function sent() internal pure override returns (bool) {
        return false;
    }
}

contract BurnerTokenTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new BurnerToken());
    }

    function turn(bool misbehaves) internal override {
        BurnerToken(address(bad)).burn(misbehaves);
    }

    function taken() internal pure override returns (bool) {
        return false;
    }

    function sent() internal pure override returns (bool) {
        return false;
    }
}

/// @dev What a token says of balances matters when money comes in, and never again.
abstract contract LiarTokenTest is TokenMatrix {
    function create() internal override returns (address) {
        return address(new LiarToken());
    }

    function lie() internal pure virtual returns (LiarToken.Lie);

    function turn(bool misbehaves) internal override {
        LiarToken(address(bad)).tell(misbehaves ? lie() : LiarToken.Lie.None);
    }

    function taken() internal pure override returns (bool) {
        return false;
    }
}

contract TellsOfNothingTest is LiarTokenTest {
    function lie() internal pure override returns (LiarToken.Lie) {
        return LiarToken.Lie.Nothing;
    }
}

contract TellsOfTwiceAsMuchTest is LiarTokenTest {
    function lie() internal pure override returns (LiarToken.Lie) {
        return LiarToken.Lie.Twice;
    }
}

contract TellsOfAllThereIsTest is LiarTokenTest {
    function lie() internal pure override returns (LiarToken.Lie) {
        return LiarToken.Lie.Max;
    }
}

/// @dev The token's code is gone for a while, as after a selfdestruct.
contract VanishedTokenTest is TokenMatrix {
    bytes private _code;

    function create() internal override returns (address gone) {
        gone = address(new TestToken("Gone", "GONE", 6));
        _code = gone.code;
    }

    function turn(bool misbehaves) internal override {
        vm.etch(address(bad), misbehaves ? bytes("") : _code);
    }

    function taken() internal pure override returns (bool) {
        return false;
    }

    function sent() internal pure override returns (bool) {
        return false;
    }
}
