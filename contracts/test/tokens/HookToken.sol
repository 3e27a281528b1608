// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";

interface IReceiver {
    function onReceived() external;
}

/// @dev Calls the recipient after, and whoever asked for it before, every transfer, as an ERC-777 token does.
contract HookToken is TestToken("Hook token", "HOOK", 6) {
    mapping(address sender => bool) public asked;

    /// @dev From now on the caller is told before tokens of its own move.
    function ask() external {
        asked[msg.sender] = true;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        if (to.code.length != 0) IReceiver(to).onReceived();
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (asked[from]) IReceiver(from).onReceived();
        return super.transferFrom(from, to, amount);
    }
}
