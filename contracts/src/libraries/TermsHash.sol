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
    bytes32 internal constant PARTY_TYPEHASH = keccak256(
        "Party(address account,address asset,uint128 bond,Share[] forfeiture)Share(address to,uint16 bps)"
    );
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
        // Encoded in two parts that are joined, as the stack cannot hold all fields at once.
        bytes memory head = abi.encode(
            TERMS_TYPEHASH,
            terms.document,
            terms.predecessor,
            terms.joinBy,
            terms.longStop,
            terms.minParties,
            terms.accession,
            terms.challengeWindow,
            terms.rulingWindow
        );
        bytes memory tail = abi.encode(
            terms.topUpWithin,
            terms.defaultForfeitBps,
            terms.arbitrator,
            keccak256(terms.arbitratorData),
            _hash(terms.parties),
            _hash(terms.panels),
            keccak256(abi.encodePacked(terms.standing)),
            terms.phases
        );
        return keccak256(bytes.concat(head, tail));
    }

    function hash(Phase calldata phase) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                PHASE_TYPEHASH,
                phase.salt,
                phase.notBefore,
                keccak256(abi.encodePacked(phase.bonds)),
                _hash(phase.obligations),
                _hash(phase.payments)
            )
        );
    }

    function attestation(
        uint8 phase,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        bytes32 evidence,
        uint40 expiry
    ) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(ATTESTATION_TYPEHASH, phase, obligation, uint8(verdict), value, evidence, expiry)
        );
    }

    function _hash(Party[] calldata parties) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](parties.length);
        for (uint256 i; i < words.length; ++i) {
            Party calldata party = parties[i];
            words[i] = keccak256(
                abi.encode(PARTY_TYPEHASH, party.account, party.asset, party.bond, _hash(party.forfeiture))
            );
        }
        return keccak256(abi.encodePacked(words));
    }

    function _hash(Panel[] calldata panels) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](panels.length);
        for (uint256 i; i < words.length; ++i) {
            Panel calldata panel = panels[i];
            words[i] = keccak256(
                abi.encode(
                    PANEL_TYPEHASH, panel.threshold, keccak256(abi.encodePacked(panel.quotas)), _hash(panel.seats)
                )
            );
        }
        return keccak256(abi.encodePacked(words));
    }

    function _hash(Seat[] calldata seats) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](seats.length);
        for (uint256 i; i < words.length; ++i) {
            words[i] = keccak256(abi.encode(SEAT_TYPEHASH, seats[i].verifier, seats[i].chamber));
        }
        return keccak256(abi.encodePacked(words));
    }

    function _hash(Share[] calldata shares) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](shares.length);
        for (uint256 i; i < words.length; ++i) {
            words[i] = keccak256(abi.encode(SHARE_TYPEHASH, shares[i].to, shares[i].bps));
        }
        return keccak256(abi.encodePacked(words));
    }

    function _hash(Tier[] calldata tiers) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](tiers.length);
        for (uint256 i; i < words.length; ++i) {
            words[i] = keccak256(abi.encode(TIER_TYPEHASH, tiers[i].from, tiers[i].base, tiers[i].bps));
        }
        return keccak256(abi.encodePacked(words));
    }

    function _hash(Obligation[] calldata obligations) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](obligations.length);
        for (uint256 i; i < words.length; ++i) {
            // All members are of static types, so the struct's ABI encoding is its encodeData.
            words[i] = keccak256(abi.encode(OBLIGATION_TYPEHASH, obligations[i]));
        }
        return keccak256(abi.encodePacked(words));
    }

    function _hash(Payment[] calldata payments) private pure returns (bytes32) {
        bytes32[] memory words = new bytes32[](payments.length);
        for (uint256 i; i < words.length; ++i) {
            Payment calldata payment = payments[i];
            words[i] = keccak256(
                abi.encode(
                    PAYMENT_TYPEHASH,
                    payment.payer,
                    payment.obligation,
                    payment.on,
                    payment.asset,
                    payment.amount,
                    payment.due,
                    _hash(payment.payees),
                    _hash(payment.tiers)
                )
            );
        }
        return keccak256(abi.encodePacked(words));
    }
}
