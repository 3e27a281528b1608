// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @dev A contract account that is asked for its signature and makes trouble instead.
contract Trickster is IERC1271 {
    enum Manner {
        BurnsGas,
        Reverts,
        AnswersTooLittle,
        AnswersSomethingElse,
        CallsBack
    }

    Manner private _manner;
    address private _target;
    bytes private _data;

    function behave(Manner manner) external {
        _manner = manner;
    }

    /// @dev Stands by every signature if the call goes through.
    function aim(address target, bytes calldata data) external {
        (_manner, _target, _data) = (Manner.CallsBack, target, data);
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        if (_manner == Manner.BurnsGas) {
            while (true) {}
        }
        if (_manner == Manner.Reverts) revert("no, thank you");
        if (_manner == Manner.AnswersTooLittle) {
            bytes4 little = IERC1271.isValidSignature.selector;
            assembly {
                mstore(0, little)
                return(0, 4)
            }
        }
        if (_manner == Manner.AnswersSomethingElse) return 0xffffffff;
        (bool success,) = _target.staticcall(_data);
        return success ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
