// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

interface IReceiver {
    function onReceived() external;
}

/// @dev Calls the recipient whenever it receives, as an ERC-777 token does.
contract HookToken is TestToken("Hook token", "HOOK", 6) {
    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        if (to.code.length != 0) IReceiver(to).onReceived();
        return true;
    }
}
