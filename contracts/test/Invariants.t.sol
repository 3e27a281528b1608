// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Assertions} from "./base/Assertions.sol";
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
        bytes4[] memory moves = new bytes4[](24);
        moves[0] = Handler.join_.selector;
        moves[1] = Handler.enter_.selector;
        moves[2] = Handler.void_.selector;
        moves[3] = Handler.fund_.selector;
        moves[4] = Handler.topUp_.selector;
        moves[5] = Handler.attest_.selector;
        moves[6] = Handler.concede_.selector;
        moves[7] = Handler.challenge_.selector;
        moves[8] = Handler.rule_.selector;
        moves[9] = Handler.release_.selector;
        moves[10] = Handler.settle_.selector;
        moves[11] = Handler.unwind_.selector;
        moves[12] = Handler.dissolve_.selector;
        moves[13] = Handler.extend_.selector;
        moves[14] = Handler.comment_.selector;
        moves[15] = Handler.withdraw_.selector;
        moves[16] = Handler.deliver_.selector;
        moves[17] = Handler.moods_.selector;
        moves[18] = Handler.give_.selector;
        moves[19] = Handler.stranger_.selector;
        moves[20] = Handler.wait_.selector;
        moves[21] = Handler.bothOrders_.selector;
        moves[22] = Handler.renew_.selector;
        moves[23] = Handler.liquidate_.selector;
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
}
