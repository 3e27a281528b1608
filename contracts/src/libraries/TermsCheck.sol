// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementFactory} from "../interfaces/IAgreementFactory.sol";
import {Obligation, Panel, Party, Payment, Phase, Share, Terms, Verdict} from "../interfaces/IAgreement.sol";

/// @title What terms must fulfil to be opened
/// @notice A flaw is named by the field that has it, with the index of the item; no flaw is the zero word.
library TermsCheck {
    uint256 internal constant BPS = 10_000;
    uint8 internal constant OUTSIDE = type(uint8).max;
    uint256 internal constant MAX_PARTIES = 16;
    uint256 internal constant MAX_PANELS = 8;
    uint256 internal constant MAX_SEATS = 32;
    uint256 internal constant MAX_CHAMBERS = 8;
    uint256 internal constant MAX_OBLIGATIONS = 32;
    uint256 internal constant MAX_PAYMENTS = 32;
    uint256 internal constant MAX_SHARES = 8;
    uint256 internal constant MAX_PHASES = 255;
    uint256 private constant VERDICT_BITS = 0xe;

    /// @notice Refuses what the terms may one day say but these contracts do not do, naming the field.
    function requireSupported(Terms calldata terms) internal pure {
        if (terms.predecessor != address(0)) revert IAgreementFactory.NotSupported("predecessor");
        if (terms.minParties != terms.parties.length) revert IAgreementFactory.NotSupported("minParties");
        if (terms.accession) revert IAgreementFactory.NotSupported("accession");
        if (terms.challengeWindow != 0) revert IAgreementFactory.NotSupported("challengeWindow");
        if (terms.rulingWindow != 0) revert IAgreementFactory.NotSupported("rulingWindow");
        if (terms.arbitrator != address(0)) revert IAgreementFactory.NotSupported("arbitrator");
        if (terms.arbitratorData.length != 0) revert IAgreementFactory.NotSupported("arbitratorData");
        if (terms.standing.length != 0) revert IAgreementFactory.NotSupported("standing");
    }

    /// @notice First flaw of the header.
    function flaw(Terms calldata terms, uint256 phases) internal view returns (bytes32, uint256) {
        if (terms.joinBy < block.timestamp) return ("joinBy", 0);
        if (terms.longStop <= terms.joinBy) return ("longStop", 0);
        if (uint256(terms.longStop) + terms.topUpWithin > type(uint40).max) return ("topUpWithin", 0);
        if (terms.defaultForfeitBps > BPS) return ("defaultForfeitBps", 0);
        if (phases == 0 || phases > MAX_PHASES) return ("phases", phases);
        Party[] calldata parties = terms.parties;
        if (parties.length == 0 || parties.length > MAX_PARTIES) return ("parties", parties.length);
        for (uint256 i; i < parties.length; ++i) {
            bytes32 field = _partyFlaw(parties, i);
            if (field != 0) return (field, i);
        }
        if (terms.panels.length > MAX_PANELS) return ("panels", terms.panels.length);
        for (uint256 i; i < terms.panels.length; ++i) {
            bytes32 field = _panelFlaw(terms.panels[i]);
            if (field != 0) return (field, i);
        }
        return (0, 0);
    }

    /// @notice First flaw of a phase under its header.
    function flaw(Phase calldata phase, Terms calldata terms) internal pure returns (bytes32, uint256) {
        uint256 bonds = phase.bonds.length;
        if (bonds != 0 && bonds != terms.parties.length) return ("bonds", bonds);
        for (uint256 i; i < bonds; ++i) {
            if (phase.bonds[i] != 0 && terms.parties[i].forfeiture.length == 0) return ("bonds", i);
        }
        uint256 parties = terms.parties.length;
        Obligation[] calldata obligations = phase.obligations;
        if (obligations.length == 0 || obligations.length > MAX_OBLIGATIONS) {
            return ("obligations", obligations.length);
        }
        for (uint256 i; i < obligations.length; ++i) {
            bytes32 field = _obligationFlaw(obligations[i], parties, terms.panels.length);
            if (field != 0) return (field, i);
        }
        Payment[] calldata payments = phase.payments;
        if (payments.length > MAX_PAYMENTS) return ("payments", payments.length);
        for (uint256 i; i < payments.length; ++i) {
            bytes32 field = _paymentFlaw(payments[i], obligations, parties);
            if (field != 0) return (field, i);
        }
        return (0, 0);
    }

    function _partyFlaw(Party[] calldata parties, uint256 i) private pure returns (bytes32) {
        Party calldata party = parties[i];
        if (party.account == address(0)) return "account";
        for (uint256 j; j < i; ++j) {
            if (parties[j].account == party.account) return "account";
        }
        if (party.asset == party.account) return "asset";
        if (party.bond == 0 && party.forfeiture.length == 0) return 0;
        return _sharesAreWhole(party.forfeiture) ? bytes32(0) : bytes32("forfeiture");
    }

    function _panelFlaw(Panel calldata panel) private pure returns (bytes32) {
        uint256 seats = panel.seats.length;
        uint256 chambers = panel.quotas.length;
        if (seats == 0 || seats > MAX_SEATS) return "seats";
        if (panel.threshold == 0 || panel.threshold > seats) return "threshold";
        if (chambers > MAX_CHAMBERS) return "quotas";
        uint256[] memory sizes = new uint256[](chambers == 0 ? 1 : chambers);
        for (uint256 i; i < seats; ++i) {
            if (panel.seats[i].verifier == address(0)) return "verifier";
            for (uint256 j; j < i; ++j) {
                if (panel.seats[j].verifier == panel.seats[i].verifier) return "verifier";
            }
            if (panel.seats[i].chamber >= sizes.length) return "chamber";
            ++sizes[panel.seats[i].chamber];
        }
        for (uint256 i; i < chambers; ++i) {
            if (panel.quotas[i] > sizes[i]) return "quotas";
        }
        return 0;
    }

    function _obligationFlaw(Obligation calldata obligation, uint256 parties, uint256 panels)
        private
        pure
        returns (bytes32)
    {
        if (obligation.obligor == OUTSIDE) {
            if (obligation.forfeitBps != 0) return "forfeitBps";
        } else if (obligation.obligor >= parties) {
            return "obligor";
        }
        if (obligation.panel >= panels) return "panel";
        if (obligation.presumption == 0 || obligation.presumption > uint8(Verdict.Lapsed)) return "presumption";
        if (obligation.forfeitBps > BPS) return "forfeitBps";
        return 0;
    }

    function _paymentFlaw(Payment calldata payment, Obligation[] calldata obligations, uint256 parties)
        private
        pure
        returns (bytes32)
    {
        if (payment.payer >= parties) return "payer";
        if (payment.obligation >= obligations.length) return "obligation";
        if (payment.on == 0 || payment.on & ~VERDICT_BITS != 0) return "on";
        if (payment.amount == 0) return "amount";
        Obligation calldata obligation = obligations[payment.obligation];
        if (payment.due > uint256(obligation.within) + obligation.grace) return "due";
        if (!_sharesAreWhole(payment.payees)) return "payees";
        if (payment.tiers.length != 0) return "tiers";
        return 0;
    }

    function _sharesAreWhole(Share[] calldata shares) private pure returns (bool) {
        if (shares.length == 0 || shares.length > MAX_SHARES) return false;
        uint256 sum;
        for (uint256 i; i < shares.length; ++i) {
            if (shares[i].to == address(0) || shares[i].bps == 0) return false;
            sum += shares[i].bps;
        }
        return sum == BPS;
    }
}
