// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {IAgreementEvents} from "../interfaces/IAgreementEvents.sol";

/// @title Moving an asset in and out; the zero address is the native coin
/// @notice Money that leaves is pushed with capped gas and without reading more than one word of the answer: a
/// recipient or token that reverts, burns gas or returns a bomb fails for itself alone.
library Push {
    using SafeERC20 for IERC20;

    /// @dev Most gas one push may use. At the limits of the terms a settlement makes 144 pushes that cannot be released
    /// beforehand (16 bonds, and 16 forfeitures by 8 shares); were they all to burn their stipend and be credited, they
    /// still fit into one transaction of 2^24 gas (EIP-7825).
    uint256 internal constant STIPEND = 60_000;
    /// @dev What the call needs besides: EIP-150 keeps back a 64th, and sending value costs 9,000.
    uint256 internal constant RESERVE = 20_000;

    address internal constant NATIVE = address(0);

    /// @notice Tries to send; false if the recipient or the token would not have it.
    function tryOut(address asset, address to, uint256 amount) internal returns (bool success) {
        if (gasleft() < STIPEND + RESERVE) revert IAgreementEvents.NotEnoughGas(STIPEND + RESERVE, gasleft());
        if (asset == NATIVE) return _call(to, amount, "");
        success = _call(asset, 0, abi.encodeCall(IERC20.transfer, (to, amount)));
    }

    /// @notice Sends all that is asked, or reverts.
    function out(address asset, address to, uint256 amount) internal {
        if (asset == NATIVE) Address.sendValue(payable(to), amount);
        else IERC20(asset).safeTransfer(to, amount);
    }

    /// @notice Takes exactly `amount` of a token from an account.
    function pull(address asset, address from, uint256 amount) internal {
        uint256 before = IERC20(asset).balanceOf(address(this));
        IERC20(asset).safeTransferFrom(from, address(this), amount);
        uint256 received = IERC20(asset).balanceOf(address(this)) - before;
        if (received != amount) revert IAgreementEvents.DepositMismatch(asset, amount, received);
    }

    /// @dev OpenZeppelin's LowLevelCall forwards all gas; a cap needs its own call. A token must have code, and answer
    /// nothing or `true`; a recipient of native coin may answer what it likes.
    function _call(address target, uint256 value, bytes memory data) private returns (bool success) {
        assembly ("memory-safe") {
            mstore(0x00, 0)
            success := call(STIPEND, target, value, add(data, 0x20), mload(data), 0x00, 0x20)
            if mload(data) {
                switch returndatasize()
                case 0 { success := and(success, gt(extcodesize(target), 0)) }
                default { success := and(success, and(gt(returndatasize(), 31), eq(mload(0x00), 1))) }
            }
        }
    }
}
