// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {IAgreementEvents} from "../interfaces/IAgreementEvents.sol";
import {Phase, Terms} from "../interfaces/Types.sol";

/// @title Terms and phases as they travel in calls
/// @notice The fields of a struct in their order, big-endian, each in as many bytes as its type has; before the items of a
/// list, and before the bytes of `arbitratorData`, their number in two bytes. Nothing lies between and nothing after, so a
/// struct can be written in one way only, and the hash of the bytes identifies it. `pyledger/terms/packed.py` is its twin.
/// @dev Reads calldata into structs as Solidity lays them out in memory: one word a field, a list its length and then its
/// items; a field that is a list or bytes, and an item that is a struct, is a word saying where in memory that is. Each
/// reader takes where in calldata its value begins, and returns where the next one does. None watches for the end: what it
/// reads beyond goes into nothing, as the last one then ends where it must not.
library Packed {
    uint256 private constant SHARE = 22;
    uint256 private constant TIER = 66;
    uint256 private constant OBLIGATION = 14;
    uint256 private constant WITHIN = 4;
    uint256 private constant PAYMENT = 43;
    uint256 private constant DUE = 39;
    uint256 private constant BOND = 16;
    uint256 private constant PHASE = 37;
    uint256 private constant COUNT = 2;

    /// @notice What an agreement is committed to: its terms, and the outlook from the phase at hand.
    function commitment(bytes calldata packedTerms, bytes32 ahead) internal pure returns (bytes32) {
        return Hashes.efficientKeccak256(_hash(packedTerms), ahead);
    }

    /// @notice What lies ahead: the phase at hand, and the hash chain of the later ones.
    function outlook(bytes calldata packedPhase, bytes32 later) internal pure returns (bytes32) {
        return Hashes.efficientKeccak256(_hash(packedPhase), later);
    }

    /// @notice The terms that bytes mean.
    function terms(bytes calldata packed) internal pure returns (Terms memory decoded) {
        uint256 head;
        uint256 start;
        uint256 end;
        assembly ("memory-safe") {
            head := decoded
            start := packed.offset
            end := add(start, packed.length)
        }
        start = _header(head, start);
        start = _data(head, 11, start);
        start = _parties(head, 12, start);
        start = _panels(head, 13, start);
        start = _values(head, 14, start, 20);
        uint256 odd;
        assembly ("memory-safe") {
            mstore(add(head, 0x1e0), calldataload(start)) // phases
            start := add(start, 0x20)
            odd := mload(add(head, 0xa0)) // accession
        }
        if (start != end || odd > 1) revert IAgreementEvents.Malpacked();
    }

    /// @notice The phase that bytes mean.
    function phase(bytes calldata packed) internal pure returns (Phase memory decoded) {
        uint256 head;
        uint256 start;
        uint256 end;
        assembly ("memory-safe") {
            head := decoded
            start := packed.offset
            end := add(start, packed.length)
            mstore(head, calldataload(start)) // salt
            mstore(add(head, 0x20), shr(216, calldataload(add(start, 32)))) // notBefore
            start := add(start, PHASE)
        }
        uint256 odd;
        start = _values(head, 2, start, BOND);
        (start, odd) = _obligations(head, 3, start);
        start = _payments(head, 4, start);
        if (start != end || odd > 1) revert IAgreementEvents.Malpacked();
    }

    /// @notice A packed phase with another `due` of a payment, or `within` of an obligation.
    /// @param decoded what the bytes mean
    function withTime(bytes calldata packed, Phase memory decoded, bool payment, uint256 index, uint32 time)
        internal
        pure
        returns (bytes memory changed)
    {
        uint256 start = PHASE + COUNT + BOND * decoded.bonds.length + COUNT;
        if (payment) {
            start += OBLIGATION * decoded.obligations.length + COUNT + DUE;
            for (uint256 i; i < index; ++i) {
                start += PAYMENT + COUNT + SHARE * decoded.payments[i].payees.length;
                start += COUNT + TIER * decoded.payments[i].tiers.length;
            }
        } else {
            start += OBLIGATION * index + WITHIN;
        }
        changed = abi.encodePacked(packed[:start], time, packed[start + 4:]);
    }

    /// @dev Leaves the memory free that it uses: `keccak256` of calldata would keep it, and costs twice as much.
    function _hash(bytes calldata packed) private pure returns (bytes32 hashed) {
        assembly ("memory-safe") {
            let copy := mload(0x40)
            calldatacopy(copy, packed.offset, packed.length)
            hashed := keccak256(copy, packed.length)
        }
    }

    /// @dev The fields of the terms up to `arbitrator`.
    function _header(uint256 head, uint256 start) private pure returns (uint256 next) {
        assembly ("memory-safe") {
            let word := calldataload(add(start, 52))
            mstore(head, calldataload(start)) // document
            mstore(add(head, 0x20), shr(96, calldataload(add(start, 32)))) // predecessor
            mstore(add(head, 0x40), shr(216, word)) // joinBy
            mstore(add(head, 0x60), and(shr(176, word), 0xffffffffff)) // longStop
            mstore(add(head, 0x80), byte(10, word)) // minParties
            mstore(add(head, 0xa0), byte(11, word)) // accession
            mstore(add(head, 0xc0), and(shr(128, word), 0xffffffff)) // challengeWindow
            mstore(add(head, 0xe0), and(shr(96, word), 0xffffffff)) // rulingWindow
            mstore(add(head, 0x100), and(shr(64, word), 0xffffffff)) // topUpWithin
            mstore(add(head, 0x120), and(shr(48, word), 0xffff)) // defaultForfeitBps
            mstore(add(head, 0x140), shr(96, calldataload(add(start, 78)))) // arbitrator
            next := add(start, 98)
        }
    }

    function _parties(uint256 head, uint256 field, uint256 start) private pure returns (uint256 next) {
        (uint256 slot, uint256 item) = _list(head, field, start, 4);
        assembly ("memory-safe") {
            next := add(start, COUNT)
        }
        for (uint256 end = item; slot != end;) {
            assembly ("memory-safe") {
                mstore(slot, item)
                mstore(item, shr(96, calldataload(next))) // account
                mstore(add(item, 0x20), shr(96, calldataload(add(next, 20)))) // asset
                mstore(add(item, 0x40), shr(128, calldataload(add(next, 40)))) // bond
                next := add(next, 56)
            }
            next = _pairs(item, 3, next, 2); // forfeiture
            assembly ("memory-safe") {
                slot := add(slot, 0x20)
                item := add(item, 0x80)
            }
        }
    }

    function _panels(uint256 head, uint256 field, uint256 start) private pure returns (uint256 next) {
        (uint256 slot, uint256 item) = _list(head, field, start, 3);
        assembly ("memory-safe") {
            next := add(start, COUNT)
        }
        for (uint256 end = item; slot != end;) {
            assembly ("memory-safe") {
                mstore(slot, item)
                mstore(item, byte(0, calldataload(next))) // threshold
                next := add(next, 1)
            }
            next = _values(item, 1, next, 1); // quotas
            next = _pairs(item, 2, next, 1); // seats
            assembly ("memory-safe") {
                slot := add(slot, 0x20)
                item := add(item, 0x60)
            }
        }
    }

    /// @return next where the next value begins
    /// @return odd above one if a bool is neither 0 nor 1
    function _obligations(uint256 head, uint256 field, uint256 start) private pure returns (uint256 next, uint256 odd) {
        (uint256 slot, uint256 item) = _list(head, field, start, 7);
        assembly ("memory-safe") {
            next := add(start, COUNT)
            for { let end := item } lt(slot, end) { slot := add(slot, 0x20) } {
                mstore(slot, item)
                let word := calldataload(next)
                mstore(item, byte(0, word)) // obligor
                mstore(add(item, 0x20), byte(1, word)) // panel
                mstore(add(item, 0x40), byte(2, word)) // presumption
                mstore(add(item, 0x60), byte(3, word)) // material
                mstore(add(item, 0x80), and(shr(192, word), 0xffffffff)) // within
                mstore(add(item, 0xa0), and(shr(160, word), 0xffffffff)) // grace
                mstore(add(item, 0xc0), and(shr(144, word), 0xffff)) // forfeitBps
                odd := or(odd, byte(3, word))
                item := add(item, 0xe0)
                next := add(next, OBLIGATION)
            }
        }
    }

    function _payments(uint256 head, uint256 field, uint256 start) private pure returns (uint256 next) {
        (uint256 slot, uint256 item) = _list(head, field, start, 8);
        assembly ("memory-safe") {
            next := add(start, COUNT)
        }
        for (uint256 end = item; slot != end;) {
            assembly ("memory-safe") {
                mstore(slot, item)
                let word := calldataload(next)
                mstore(item, byte(0, word)) // payer
                mstore(add(item, 0x20), byte(1, word)) // obligation
                mstore(add(item, 0x40), byte(2, word)) // on
                mstore(add(item, 0x60), shr(96, shl(24, word))) // asset
                mstore(add(item, 0x80), shr(128, calldataload(add(next, 23)))) // amount
                mstore(add(item, 0xa0), shr(224, calldataload(add(next, DUE))))
                next := add(next, PAYMENT)
            }
            next = _pairs(item, 6, next, 2); // payees
            next = _tiers(item, 7, next);
            assembly ("memory-safe") {
                slot := add(slot, 0x20)
                item := add(item, 0x100)
            }
        }
    }

    function _tiers(uint256 head, uint256 field, uint256 start) private pure returns (uint256 next) {
        (uint256 slot, uint256 item) = _list(head, field, start, 3);
        assembly ("memory-safe") {
            next := add(start, COUNT)
            for { let end := item } lt(slot, end) { slot := add(slot, 0x20) } {
                mstore(slot, item)
                mstore(item, calldataload(next)) // from
                mstore(add(item, 0x20), calldataload(add(next, 0x20))) // base
                mstore(add(item, 0x40), shr(240, calldataload(add(next, 0x40)))) // bps
                item := add(item, 0x60)
                next := add(next, TIER)
            }
        }
    }

    /// @dev Structs of an address and a number of `width` bytes: `Share[]`, `Seat[]`.
    function _pairs(uint256 head, uint256 field, uint256 start, uint256 width) private pure returns (uint256 next) {
        (uint256 slot, uint256 item) = _list(head, field, start, 2);
        assembly ("memory-safe") {
            next := add(start, COUNT)
            for { let end := item } lt(slot, end) { slot := add(slot, 0x20) } {
                mstore(slot, item)
                let word := calldataload(next)
                mstore(item, shr(96, word))
                mstore(add(item, 0x20), shr(sub(256, shl(3, width)), shl(160, word)))
                item := add(item, 0x40)
                next := add(next, add(20, width))
            }
        }
    }

    /// @dev Values of `width` bytes.
    function _values(uint256 head, uint256 field, uint256 start, uint256 width) private pure returns (uint256 next) {
        assembly ("memory-safe") {
            let length := shr(240, calldataload(start))
            let list := mload(0x40)
            let item := add(list, 0x20)
            let end := add(item, shl(5, length))
            mstore(add(head, shl(5, field)), list)
            mstore(list, length)
            mstore(0x40, end)
            next := add(start, COUNT)
            for {} iszero(eq(item, end)) { item := add(item, 0x20) } {
                mstore(item, shr(sub(256, shl(3, width)), calldataload(next)))
                next := add(next, width)
            }
        }
    }

    function _data(uint256 head, uint256 field, uint256 start) private pure returns (uint256 next) {
        assembly ("memory-safe") {
            let length := shr(240, calldataload(start))
            let data := mload(0x40)
            mstore(add(head, shl(5, field)), data)
            mstore(data, length)
            calldatacopy(add(data, 0x20), add(start, COUNT), length)
            mstore(0x40, and(add(add(data, 0x3f), length), not(31)))
            next := add(add(start, COUNT), length)
        }
    }

    /// @dev Room for a list of structs of `words` fields each, which is to be a field of the struct at `head`: words that
    /// say where each item is, from `slot` on, and the items behind them.
    function _list(uint256 head, uint256 field, uint256 start, uint256 words)
        private
        pure
        returns (uint256 slot, uint256 item)
    {
        assembly ("memory-safe") {
            let length := shr(240, calldataload(start))
            let list := mload(0x40)
            slot := add(list, 0x20)
            item := add(slot, shl(5, length))
            mstore(add(head, shl(5, field)), list)
            mstore(list, length)
            mstore(0x40, add(item, shl(5, mul(length, words))))
        }
    }
}
