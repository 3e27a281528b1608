// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {
    Obligation,
    Panel,
    Party,
    Payment,
    Phase,
    Seat,
    Share,
    Split,
    Terms,
    Tier,
    Verdict
} from "../interfaces/Types.sol";

/// @title EIP-712 hashes of the terms and of attestations
/// @notice All typed-data hashing of the agreement, and nothing else. `pyledger/terms/typed_data.py` is its twin.
library TermsHash {
    bytes32 internal constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 internal constant NAME_HASH = keccak256("pyledger");
    bytes32 internal constant VERSION_HASH = keccak256("1");

    bytes32 internal constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(uint8 phase,uint8 obligation,uint8 verdict,uint256 value,bytes32 evidence,uint40 expiry)"
    );
    bytes32 internal constant DISSOLUTION_TYPEHASH = keccak256(
        "Dissolution(uint8 phase,Split[] splits,uint40 expiry)Share(address to,uint16 bps)Split(address asset,Share[] shares)"
    );
    bytes32 internal constant SPLIT_TYPEHASH =
        keccak256("Split(address asset,Share[] shares)Share(address to,uint16 bps)");
    bytes32 internal constant EXTENSION_TYPEHASH =
        keccak256("Extension(uint8 phase,bool payment,uint8 index,uint32 from,uint32 to,uint40 expiry)");
    bytes32 internal constant SHARE_TYPEHASH = keccak256("Share(address to,uint16 bps)");
    bytes32 internal constant SEAT_TYPEHASH = keccak256("Seat(address verifier,uint8 chamber)");
    bytes32 internal constant TIER_TYPEHASH = keccak256("Tier(uint256 from,uint256 base,uint16 bps)");
    bytes32 internal constant PARTY_TYPEHASH =
        keccak256("Party(address account,address asset,uint128 bond,Share[] forfeiture)Share(address to,uint16 bps)");
    bytes32 internal constant PANEL_TYPEHASH =
        keccak256("Panel(uint8 threshold,uint8[] quotas,Seat[] seats)Seat(address verifier,uint8 chamber)");
    bytes32 internal constant OBLIGATION_TYPEHASH = keccak256(
        "Obligation(uint8 obligor,uint8 panel,uint8 presumption,bool material,uint32 within,uint32 grace,uint16 forfeitBps)"
    );
    bytes32 internal constant PAYMENT_TYPEHASH = keccak256(
        "Payment(uint8 payer,uint8 obligation,uint8 on,address asset,uint128 amount,uint32 due,Share[] payees,Tier[] tiers)Share(address to,uint16 bps)Tier(uint256 from,uint256 base,uint16 bps)"
    );
    bytes32 internal constant PHASE_TYPEHASH = keccak256(
        "Phase(bytes32 salt,uint40 notBefore,uint128[] bonds,Obligation[] obligations,Payment[] payments)Obligation(uint8 obligor,uint8 panel,uint8 presumption,bool material,uint32 within,uint32 grace,uint16 forfeitBps)Payment(uint8 payer,uint8 obligation,uint8 on,address asset,uint128 amount,uint32 due,Share[] payees,Tier[] tiers)Share(address to,uint16 bps)Tier(uint256 from,uint256 base,uint16 bps)"
    );
    bytes32 internal constant TERMS_TYPEHASH = keccak256(
        "Terms(bytes32 document,address predecessor,uint40 joinBy,uint40 longStop,uint8 minParties,bool accession,uint32 challengeWindow,uint32 rulingWindow,uint32 topUpWithin,uint16 defaultForfeitBps,address arbitrator,bytes arbitratorData,Party[] parties,Panel[] panels,address[] standing,Phase[] phases)Obligation(uint8 obligor,uint8 panel,uint8 presumption,bool material,uint32 within,uint32 grace,uint16 forfeitBps)Panel(uint8 threshold,uint8[] quotas,Seat[] seats)Party(address account,address asset,uint128 bond,Share[] forfeiture)Payment(uint8 payer,uint8 obligation,uint8 on,address asset,uint128 amount,uint32 due,Share[] payees,Tier[] tiers)Phase(bytes32 salt,uint40 notBefore,uint128[] bonds,Obligation[] obligations,Payment[] payments)Seat(address verifier,uint8 chamber)Share(address to,uint16 bps)Tier(uint256 from,uint256 base,uint16 bps)"
    );

    /// @notice EIP-712 domain separator of the contract that runs this code.
    function domainSeparator() internal view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
    }

    /// @notice What is signed, given a struct hash.
    function digest(bytes32 structHash) internal view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domainSeparator(), structHash);
    }

    /// @notice Hash chain of phases: the hash of one phase, then the chain of those after it.
    function chain(bytes32 phase, bytes32 later) internal pure returns (bytes32) {
        return Hashes.efficientKeccak256(phase, later);
    }

    function hash(Terms memory terms) internal pure returns (bytes32) {
        uint256 head;
        assembly ("memory-safe") {
            head := terms
        }
        uint256 encoded = _encode(TERMS_TYPEHASH, head, 16);
        _replace(encoded, 11, keccak256(terms.arbitratorData));
        _replace(encoded, 12, _hashParties(head, 12));
        _replace(encoded, 13, _hashPanels(head, 13));
        _replace(encoded, 14, _hashWords(head, 14));
        return _keccak(encoded, 17);
    }

    function hash(Phase memory phase) internal pure returns (bytes32) {
        uint256 head;
        assembly ("memory-safe") {
            head := phase
        }
        uint256 encoded = _encode(PHASE_TYPEHASH, head, 5);
        _replace(encoded, 2, _hashWords(head, 2));
        _replace(encoded, 3, _hashStatic(OBLIGATION_TYPEHASH, head, 3, 7));
        _replace(encoded, 4, _hashPayments(head, 4));
        return _keccak(encoded, 6);
    }

    function attestation(uint8 phase, uint8 obligation, Verdict verdict, uint256 value, bytes32 evidence, uint40 expiry)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(ATTESTATION_TYPEHASH, phase, obligation, uint8(verdict), value, evidence, expiry));
    }

    function dissolution(uint8 phase, Split[] memory splits, uint40 expiry) internal pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](splits.length);
        for (uint256 i; i < words.length; ++i) {
            words[i] = keccak256(abi.encode(SPLIT_TYPEHASH, splits[i].asset, _hashShares(splits[i].shares)));
        }
        return keccak256(abi.encode(DISSOLUTION_TYPEHASH, phase, keccak256(abi.encodePacked(words)), expiry));
    }

    function extension(uint8 phase, bool payment, uint8 index, uint32 from, uint32 to, uint40 expiry)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(EXTENSION_TYPEHASH, phase, payment, index, from, to, expiry));
    }

    function _hashShares(Share[] memory shares) private pure returns (bytes32 hashed) {
        uint256 start;
        assembly ("memory-safe") {
            start := add(shares, 0x20)
        }
        return _hashItems(SHARE_TYPEHASH, start, shares.length, 2);
    }

    // A struct lies in memory as one word a field, just as EIP-712's encodeData wants it, but for the fields of dynamic
    // types, which have an address there. So it is copied whole and those words are replaced, which costs a fifth of
    // encoding field by field.

    function _hashParties(uint256 head, uint256 field) private pure returns (bytes32) {
        (uint256 start, uint256 length) = _list(head, field);
        uint256 words = _allocate(length);
        for (uint256 i; i < length; ++i) {
            uint256 party = _item(start, i);
            uint256 encoded = _encode(PARTY_TYPEHASH, party, 4);
            _replace(encoded, 3, _hashStatic(SHARE_TYPEHASH, party, 3, 2));
            _put(words, i, _keccak(encoded, 5));
        }
        return _keccak(words, length);
    }

    function _hashPanels(uint256 head, uint256 field) private pure returns (bytes32) {
        (uint256 start, uint256 length) = _list(head, field);
        uint256 words = _allocate(length);
        for (uint256 i; i < length; ++i) {
            uint256 panel = _item(start, i);
            uint256 encoded = _encode(PANEL_TYPEHASH, panel, 3);
            _replace(encoded, 1, _hashWords(panel, 1));
            _replace(encoded, 2, _hashStatic(SEAT_TYPEHASH, panel, 2, 2));
            _put(words, i, _keccak(encoded, 4));
        }
        return _keccak(words, length);
    }

    function _hashPayments(uint256 head, uint256 field) private pure returns (bytes32) {
        (uint256 start, uint256 length) = _list(head, field);
        uint256 words = _allocate(length);
        for (uint256 i; i < length; ++i) {
            uint256 payment = _item(start, i);
            uint256 encoded = _encode(PAYMENT_TYPEHASH, payment, 8);
            _replace(encoded, 6, _hashStatic(SHARE_TYPEHASH, payment, 6, 2));
            _replace(encoded, 7, _hashStatic(TIER_TYPEHASH, payment, 7, 3));
            _put(words, i, _keccak(encoded, 9));
        }
        return _keccak(words, length);
    }

    /// @dev Hash of an array of values that fill a word each.
    function _hashWords(uint256 head, uint256 field) private pure returns (bytes32 hashed) {
        (uint256 start, uint256 length) = _list(head, field);
        assembly ("memory-safe") {
            hashed := keccak256(start, shl(5, length))
        }
    }

    /// @dev Hash of an array of structs whose `width` fields are all of static types.
    function _hashStatic(bytes32 typehash, uint256 head, uint256 field, uint256 width) private pure returns (bytes32) {
        (uint256 start, uint256 length) = _list(head, field);
        return _hashItems(typehash, start, length, width);
    }

    function _hashItems(bytes32 typehash, uint256 start, uint256 length, uint256 width)
        private
        pure
        returns (bytes32 hashed)
    {
        assembly ("memory-safe") {
            let list := mload(0x40)
            let item := add(list, shl(5, length))
            let size := shl(5, width)
            mstore(item, typehash)
            for { let i := 0 } lt(i, length) { i := add(i, 1) } {
                mcopy(add(item, 0x20), mload(add(start, shl(5, i))), size)
                mstore(add(list, shl(5, i)), keccak256(item, add(size, 0x20)))
            }
            hashed := keccak256(list, shl(5, length))
        }
    }

    /// @dev Where the items of a struct's dynamic field begin, and how many there are.
    function _list(uint256 head, uint256 field) private pure returns (uint256 start, uint256 length) {
        assembly ("memory-safe") {
            let at := mload(add(head, shl(5, field)))
            start := add(at, 0x20)
            length := mload(at)
        }
    }

    /// @dev Where item `index` begins in a list of dynamic structs.
    function _item(uint256 start, uint256 index) private pure returns (uint256 item) {
        assembly ("memory-safe") {
            item := mload(add(start, shl(5, index)))
        }
    }

    /// @dev Room for `length` words.
    function _allocate(uint256 length) private pure returns (uint256 words) {
        assembly ("memory-safe") {
            words := mload(0x40)
            mstore(0x40, add(words, shl(5, length)))
        }
    }

    /// @dev The typehash, then a copy of `count` words.
    function _encode(bytes32 typehash, uint256 start, uint256 count) private pure returns (uint256 encoded) {
        encoded = _allocate(count + 1);
        assembly ("memory-safe") {
            mstore(encoded, typehash)
            mcopy(add(encoded, 0x20), start, shl(5, count))
        }
    }

    /// @dev Overwrites the word of field `index`, counted from zero, in what `_encode` returned.
    function _replace(uint256 encoded, uint256 index, bytes32 word) private pure {
        _put(encoded, index + 1, word);
    }

    function _put(uint256 words, uint256 index, bytes32 word) private pure {
        assembly ("memory-safe") {
            mstore(add(words, shl(5, index)), word)
        }
    }

    function _keccak(uint256 words, uint256 count) private pure returns (bytes32 hashed) {
        assembly ("memory-safe") {
            hashed := keccak256(words, shl(5, count))
        }
    }
}
