// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @dev A token with permits (ERC-2612) as OpenZeppelin has them.
contract PermitToken is ERC20Permit {
    constructor() ERC20("Permit dollar", "USDP") ERC20Permit("Permit dollar") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
