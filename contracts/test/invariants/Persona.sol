// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Recipient} from "../actors/Recipient.sol";
import {Wallet} from "../actors/Wallet.sol";

/// @dev A contract account that signs by its owner's key and, when it is paid, does as it is told.
contract Persona is Wallet, Recipient {
    constructor(address owner_) Wallet(owner_) {}
}
