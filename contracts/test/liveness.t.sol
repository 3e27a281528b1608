// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Assertions} from "./base/Assertions.sol";
import {Handler} from "./invariants/Handler.sol";

/// @dev From wherever any deal has come, one stranger with nobody's key empties the account for good as soon as the long stop
/// and both windows are past: see `invariants/Liquidation.sol` for what it does, and what must have come of it.
contract LivenessTest is Assertions {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
    }

    function testFuzz_AnyHistoryCanBeBroughtToAnEnd(uint256 seed, uint256 length) public {
        length %= 160;
        for (uint256 i; i < length; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, i)));
            try handler.play(Handler.Kind(drawn % handler.KINDS()), drawn) returns (bool) {} catch {}
        }
        string memory trouble = handler.finish();
        assertTrue(bytes(trouble).length == 0, trouble);
    }
}
