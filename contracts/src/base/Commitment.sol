// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IAgreementEvents} from "../interfaces/IAgreementEvents.sol";
import {State, Terms} from "../interfaces/Types.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {TermsHash} from "../libraries/TermsHash.sol";
import {Storage} from "./Storage.sol";

/// @title What an agreement is committed to, and who has signed what
abstract contract Commitment is IAgreementEvents, Storage {
    using Outcome for State;

    /// @dev Before a later phase opens or the first is extended, the code of the clone holds the commitment.
    function _committed(State memory s) internal view returns (bytes32) {
        return s.marked(Outcome.COMMITTED) ? _commitment : bytes32(Clones.fetchCloneArgs(address(this)));
    }

    /// @dev These terms, with these phases from the one at hand on.
    function _identify(State memory s, Terms calldata terms, bytes32 agenda) internal view returns (bytes32 termsHash) {
        termsHash = TermsHash.hash(terms);
        bytes32 actual = TermsHash.chain(termsHash, agenda);
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
