// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Whether an account has signed
library Signatures {
    /// @notice By its key, or as ERC-1271 has it.
    /// @dev The key goes first, where OpenZeppelin's `isValidSignatureNow` looks at the code: that spares the look, and an
    /// account that has both (by EIP-7702) may use either. What a key has signed goes on counting when it gets code.
    /// `Commitment` has the same written out, which spares an agreement 42 gas for each voice.
    function signed(address account, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        (address signer, ECDSA.RecoverError flaw,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (flaw == ECDSA.RecoverError.NoError && signer == account) return true;
        return SignatureChecker.isValidERC1271SignatureNowCalldata(account, digest, signature);
    }
}
