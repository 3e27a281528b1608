// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @dev Takes permits (ERC-2612).
contract PermitToken is ERC20("Permit token", "PERMIT"), ERC20Permit("Permit token") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
