// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreement} from "../interfaces/IAgreement.sol";
import {IAgreementEvents} from "../interfaces/IAgreementEvents.sol";
import {Party} from "../interfaces/Types.sol";
import {Packed} from "../libraries/Packed.sol";
import {Condition, IEntitlements} from "./IEntitlements.sol";
import {Matter, Prospect} from "./Prospect.sol";

/// @title Entitlements
/// @notice Views alone: no owner, no storage, nothing to send or to steal.
contract Entitlements is IEntitlements {
    using Prospect for Matter;

    /// @inheritdoc IEntitlements
    function holds(
        IAgreement agreement,
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        address account,
        Condition[] calldata conditions
    ) external view returns (bool) {
        return _until(_identify(agreement, packedTerms, packedPhase, later), account, conditions) != 0;
    }

    /// @inheritdoc IEntitlements
    function until(
        IAgreement agreement,
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        address account,
        Condition[] calldata conditions
    ) external view returns (uint256) {
        return _until(_identify(agreement, packedTerms, packedPhase, later), account, conditions);
    }

    /// @inheritdoc IEntitlements
    function holders(
        IAgreement agreement,
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        Condition[] calldata conditions
    ) external view returns (address[] memory accounts) {
        Matter memory m = _identify(agreement, packedTerms, packedPhase, later);
        uint256 cutOff = m.cutOff();
        accounts = new address[](m.terms.parties.length);
        uint256 count;
        for (uint256 i; i < m.terms.parties.length; ++i) {
            if (_last(m, i, cutOff, conditions) != 0) accounts[count++] = m.terms.parties[i].account;
        }
        assembly ("memory-safe") {
            mstore(accounts, count)
        }
    }

    /// @dev The agreement as it is now, if these are its terms and its phase at hand.
    function _identify(IAgreement agreement, bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later)
        internal
        view
        returns (Matter memory)
    {
        bytes32 actual = Packed.commitment(packedTerms, Packed.outlook(packedPhase, later));
        bytes32 expected = agreement.commitment();
        if (actual != expected) revert IAgreementEvents.TermsMismatch(expected, actual);
        return Matter(agreement, agreement.state(), Packed.terms(packedTerms), Packed.phase(packedPhase));
    }

    /// @dev Until when an account is entitled that is so now; else zero.
    function _until(Matter memory m, address account, Condition[] calldata conditions) private view returns (uint256) {
        Party[] memory parties = m.terms.parties;
        for (uint256 i; i < parties.length; ++i) {
            if (parties[i].account == account) return _last(m, i, m.cutOff(), conditions);
        }
        return 0;
    }

    function _last(Matter memory m, uint256 party, uint256 cutOff, Condition[] calldata conditions)
        private
        view
        returns (uint256 last)
    {
        for (uint256 i; i < conditions.length; ++i) {
            (uint256 since, uint256 to) = m.span(conditions[i], party, cutOff);
            if (since <= block.timestamp && block.timestamp <= to && to > last) last = to;
        }
    }
}
