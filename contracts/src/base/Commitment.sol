// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IAgreementEvents} from "../interfaces/IAgreementEvents.sol";
import {State} from "../interfaces/Types.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {Packed} from "../libraries/Packed.sol";
import {TermsHash} from "../libraries/TermsHash.sol";
import {Storage} from "./Storage.sol";

/// @title What an agreement is committed to, and who has signed what
abstract contract Commitment is IAgreementEvents, Storage {
    using Outcome for State;

    /// @dev Before a later phase opens or the first is extended, the code of the clone holds the commitment: behind the 45
    /// bytes of the clone, where OpenZeppelin's `fetchCloneArgs` would read it too, for 400 gas more.
    function _committed(State memory s) internal view returns (bytes32 commitment) {
        if (s.marked(Outcome.COMMITTED)) return _commitment;
        assembly ("memory-safe") {
            extcodecopy(address(), 0, 45, 32)
            commitment := mload(0)
        }
    }

    /// @dev These are the terms, and this is the outlook: see `Packed`.
    function _identify(State memory s, bytes calldata packedTerms, bytes32 outlook) internal view {
        bytes32 actual = Packed.commitment(packedTerms, outlook);
        bytes32 expected = _committed(s);
        if (actual != expected) revert TermsMismatch(expected, actual);
    }

    /// @dev Whether an account has signed a struct: by its key, or as ERC-1271 has it; an empty signature says that the
    /// account itself is calling. The key goes first: that spares a look at the code, and an account that has both (by
    /// EIP-7702) may use either.
    function _signed(address account, bytes32 structHash, bytes calldata signature) internal view returns (bool) {
        if (signature.length == 0) return msg.sender == account;
        bytes32 digest = TermsHash.digest(structHash);
        (address signer, ECDSA.RecoverError flaw,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (flaw == ECDSA.RecoverError.NoError && signer == account) return true;
        return SignatureChecker.isValidERC1271SignatureNowCalldata(account, digest, signature);
    }

    function _requireSigned(address account, bytes32 structHash, bytes calldata signature) internal view {
        if (!_signed(account, structHash, signature)) _refuseSignature(account, signature);
    }

    function _refuseSignature(address account, bytes calldata signature) internal pure {
        if (signature.length == 0) revert NotCaller(account);
        revert BadSignature(account);
    }
}
