// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev A token whose permits are not quite those of ERC-2612: it has no `eip712Domain`, a version of its own, and it
/// checks against any domain that it is told to, or takes no permit at all.
contract OddPermitToken is ERC20 {
    string public version;
    bytes32 public DOMAIN_SEPARATOR;
    bool public takesPermits;
    mapping(address owner => uint256) public nonces;

    constructor(string memory version_, address told, bool takesPermits_) ERC20("Odd dollar", "USDO") {
        version = version_;
        takesPermits = takesPermits_;
        DOMAIN_SEPARATOR = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Odd dollar"),
                keccak256(bytes(version_)),
                block.chainid,
                told == address(0) ? address(this) : told
            )
        );
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
    {
        require(takesPermits && block.timestamp <= deadline);
        bytes32 typehash = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 said = keccak256(abi.encode(typehash, owner, spender, value, nonces[owner]++, deadline));
        require(ecrecover(keccak256(abi.encodePacked("\x19\x01", DOMAIN_SEPARATOR, said)), v, r, s) == owner);
        _approve(owner, spender, value);
    }
}
