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
    Terms,
    Tier,
    Verdict
} from "../interfaces/IAgreement.sol";

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

    function hash(Terms calldata terms) internal pure returns (bytes32) {
        uint256 head;
        assembly ("memory-safe") {
            head := terms
        }
        bytes memory encoded = _encode(TERMS_TYPEHASH, head, 16);
        _replace(encoded, 11, keccak256(terms.arbitratorData));
        _replace(encoded, 12, _hash(terms.parties));
        _replace(encoded, 13, _hash(terms.panels));
        _replace(encoded, 14, keccak256(abi.encodePacked(terms.standing)));
        return keccak256(encoded);
    }

    function hash(Phase calldata phase) internal pure returns (bytes32) {
        uint256 head;
        assembly ("memory-safe") {
            head := phase
        }
        bytes memory encoded = _encode(PHASE_TYPEHASH, head, 5);
        _replace(encoded, 2, keccak256(abi.encodePacked(phase.bonds)));
        _replace(encoded, 3, _hash(phase.obligations));
        _replace(encoded, 4, _hash(phase.payments));
        return keccak256(encoded);
    }

    function attestation(uint8 phase, uint8 obligation, Verdict verdict, uint256 value, bytes32 evidence, uint40 expiry)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(ATTESTATION_TYPEHASH, phase, obligation, uint8(verdict), value, evidence, expiry));
    }

    function _hash(Party[] calldata parties) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](parties.length);
        for (uint256 i; i < words.length; ++i) {
            Party calldata party = parties[i];
            uint256 head;
            assembly ("memory-safe") {
                head := party
            }
            bytes memory encoded = _encode(PARTY_TYPEHASH, head, 4);
            _replace(encoded, 3, _hash(party.forfeiture));
            words[i] = keccak256(encoded);
        }
        return _keccak(words);
    }

    function _hash(Panel[] calldata panels) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](panels.length);
        for (uint256 i; i < words.length; ++i) {
            Panel calldata panel = panels[i];
            uint256 head;
            assembly ("memory-safe") {
                head := panel
            }
            bytes memory encoded = _encode(PANEL_TYPEHASH, head, 3);
            _replace(encoded, 1, keccak256(abi.encodePacked(panel.quotas)));
            _replace(encoded, 2, _hash(panel.seats));
            words[i] = keccak256(encoded);
        }
        return _keccak(words);
    }

    function _hash(Payment[] calldata payments) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](payments.length);
        for (uint256 i; i < words.length; ++i) {
            Payment calldata payment = payments[i];
            uint256 head;
            assembly ("memory-safe") {
                head := payment
            }
            bytes memory encoded = _encode(PAYMENT_TYPEHASH, head, 8);
            _replace(encoded, 6, _hash(payment.payees));
            _replace(encoded, 7, _hash(payment.tiers));
            words[i] = keccak256(encoded);
        }
        return _keccak(words);
    }

    function _hash(Obligation[] calldata obligations) private pure returns (bytes32) {
        uint256 start;
        assembly ("memory-safe") {
            start := obligations.offset
        }
        return _hashStatic(OBLIGATION_TYPEHASH, start, obligations.length, 7);
    }

    function _hash(Seat[] calldata seats) private pure returns (bytes32) {
        uint256 start;
        assembly ("memory-safe") {
            start := seats.offset
        }
        return _hashStatic(SEAT_TYPEHASH, start, seats.length, 2);
    }

    function _hash(Share[] calldata shares) private pure returns (bytes32) {
        uint256 start;
        assembly ("memory-safe") {
            start := shares.offset
        }
        return _hashStatic(SHARE_TYPEHASH, start, shares.length, 2);
    }

    function _hash(Tier[] calldata tiers) private pure returns (bytes32) {
        uint256 start;
        assembly ("memory-safe") {
            start := tiers.offset
        }
        return _hashStatic(TIER_TYPEHASH, start, tiers.length, 3);
    }

    // A struct's head lies in calldata as one word a field, just as EIP-712's encodeData wants it, but for the fields of
    // dynamic types, which have an offset there. So the head is copied whole and those words are replaced, which costs
    // a fifth of encoding field by field. A word with dirty high bits hashes to something nobody signs.

    /// @dev The typehash, then `count` words from calldata.
    function _encode(bytes32 typehash, uint256 start, uint256 count) private pure returns (bytes memory encoded) {
        assembly ("memory-safe") {
            encoded := mload(0x40)
            let size := shl(5, count)
            mstore(encoded, add(size, 0x20))
            mstore(add(encoded, 0x20), typehash)
            calldatacopy(add(encoded, 0x40), start, size)
            mstore(0x40, add(encoded, add(size, 0x40)))
        }
    }

    /// @dev Overwrites the word of field `index`, counted from zero, in what `_encode` returned.
    function _replace(bytes memory encoded, uint256 index, bytes32 word) private pure {
        assembly ("memory-safe") {
            mstore(add(encoded, add(0x40, shl(5, index))), word)
        }
    }

    /// @dev Hash of an array of structs whose `width` fields are all of static types, so that it lies in one piece.
    function _hashStatic(bytes32 typehash, uint256 start, uint256 length, uint256 width)
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
                calldatacopy(add(item, 0x20), add(start, mul(i, size)), size)
                mstore(add(list, shl(5, i)), keccak256(item, add(size, 0x20)))
            }
            hashed := keccak256(list, shl(5, length))
        }
    }

    function _keccak(bytes32[] memory words) private pure returns (bytes32 hashed) {
        assembly ("memory-safe") {
            hashed := keccak256(add(words, 0x20), shl(5, mload(words)))
        }
    }
}
