// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IRecourse} from "../interfaces/IRecourse.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {ICommonStanding} from "./ICommonStanding.sol";

/// @title CommonStanding
/// @notice An account with standing through which many are heard: whoever holds a credential that one named body has
/// signed. Terms name this contract under `standing`. Nobody owns it, it keeps no money, and it can do nothing to an
/// agreement but comment and challenge.
contract CommonStanding is ICommonStanding, EIP712, ReentrancyGuardTransient {
    bytes32 private constant CREDENTIAL_TYPEHASH = keccak256("Credential(address holder,uint40 expiry)");

    /// @inheritdoc ICommonStanding
    address public immutable body;

    constructor(address body_) EIP712("pyledger standing", "1") {
        if (body_ == address(0)) revert ZeroAddress();
        body = body_;
    }

    /// @dev The court's change comes back here before it goes to the caller. What came at another time would be nobody's.
    receive() external payable {
        if (!_reentrancyGuardEntered()) revert NobodySpeaks();
    }

    /// @inheritdoc ICommonStanding
    /// @dev An agreement that is none can only make this contract call it: nothing is here that could be taken.
    function speak(address agreement, bytes calldata what, uint40 expiry, bytes calldata credential)
        external
        payable
        nonReentrant
        returns (bytes memory answer)
    {
        bytes4 selector = bytes4(what);
        if (selector != IRecourse.comment.selector && selector != IRecourse.challenge.selector) {
            revert NotPermitted(selector);
        }
        if (block.timestamp > expiry) revert TooLate(expiry);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CREDENTIAL_TYPEHASH, msg.sender, expiry)));
        if (!Signatures.signed(body, digest, credential)) revert NotAdmitted(msg.sender);

        emit Heard(agreement, msg.sender, selector);
        uint256 before = address(this).balance - msg.value;
        answer = Address.functionCallWithValue(agreement, what, msg.value);
        uint256 left = address(this).balance - before;
        if (left != 0) Address.sendValue(payable(msg.sender), left);
    }
}
