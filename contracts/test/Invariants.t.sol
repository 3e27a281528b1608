// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Assertions} from "./base/Assertions.sol";
import {more} from "./hostile/Cheats.sol";
import {Handler} from "./invariants/Handler.sol";

/// @dev Any deal, any move, any time. The handler makes moves and keeps books of its own by rules of its own; whatever the
/// account does otherwise, or holds, or has paid to somebody else, is trouble.
contract InvariantsTest is Assertions {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() public view returns (FuzzSelector[] memory selected) {
        bytes4[] memory moves = new bytes4[](1);
        moves[0] = Handler.move.selector;
        selected = new FuzzSelector[](1);
        selected[0] = FuzzSelector(address(handler), moves);
    }

    /// @dev For every asset: held = owed + what came unasked, paid out + held = paid in, and everybody has what is theirs to
    /// the unit. Nobody decides but seats, obligors and the court. What is final stays. No status follows that cannot. Who
    /// gave no cause lost no bond. Each call is refused exactly when it should be, and never done twice. Two calls of
    /// strangers come to the same in either order.
    /// forge-config: default.invariant.dictionary_weight = 0
    /// forge-config: default.invariant.include_storage = false
    /// forge-config: default.invariant.include_push_bytes = false
    function invariant_TheAccountIsAsTheBooksSay() public view {
        string memory trouble = handler.trouble();
        assertTrue(bytes(trouble).length == 0, trouble);
    }

    /// @dev `scripts/fuzz` names a file, and adds up there what each run has done.
    function afterInvariant() public {
        string memory path = more.envOr("PYLEDGER_TALLY", string(""));
        if (bytes(path).length != 0) more.writeLine(path, handler.tally());
    }
}
