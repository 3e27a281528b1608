// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../interfaces/IAgreementEvents.sol";
import {Obligation, Panel, Party, Payment, Phase, Share, Split, Terms, Tier, Verdict} from "../interfaces/Types.sol";
import {Amounts} from "./Amounts.sol";

/// @title What terms must fulfil to be opened
/// @notice A flaw is named by the field that has it, with the index of the item; no flaw is the zero word.
library TermsCheck {
    uint8 internal constant OUTSIDE = type(uint8).max;
    uint256 internal constant MAX_PARTIES = 16;
    uint256 internal constant MAX_PANELS = 8;
    uint256 internal constant MAX_SEATS = 32;
    uint256 internal constant MAX_CHAMBERS = 8;
    uint256 internal constant MAX_OBLIGATIONS = 32;
    uint256 internal constant MAX_PAYMENTS = 32;
    uint256 internal constant MAX_SHARES = 8;
    uint256 internal constant MAX_TIERS = 16;
    uint256 internal constant MAX_STANDING = 32;
    /// @dev Most bytes for the arbitrator: they travel in every call, and what must fit into a transaction must do so with them.
    uint256 internal constant MAX_DATA = 1_024;
    /// @dev Most shares of all splits of a dissolution: as many as the pushes of the largest settlement.
    uint256 internal constant MAX_SPLIT_SHARES = 144;
    /// @dev Most seconds from a phase's opening to the deadline of an obligation: a cut-off is kept in 32 bits.
    uint256 internal constant MAX_DURATION = type(uint32).max - 1;
    uint256 internal constant MAX_PHASES = 255;
    uint256 private constant VERDICT_BITS = 0xe;

    /// @notice First flaw of the header.
    function flaw(Terms memory terms, uint256 phases) internal view returns (bytes32, uint256) {
        if (terms.joinBy < block.timestamp) return ("joinBy", 0);
        if (terms.longStop <= terms.joinBy) return ("longStop", 0);
        if (uint256(terms.longStop) + terms.topUpWithin > type(uint40).max) return ("topUpWithin", 0);
        if (terms.defaultForfeitBps > Amounts.BPS) return ("defaultForfeitBps", 0);
        if (phases == 0 || phases > MAX_PHASES) return ("phases", phases);
        Party[] memory parties = terms.parties;
        if (parties.length == 0 || parties.length > MAX_PARTIES) return ("parties", parties.length);
        for (uint256 i; i < parties.length; ++i) {
            bytes32 field = _partyFlaw(parties, i);
            if (field != 0) return (field, i);
        }
        if (terms.accession && phases == 1) return ("accession", 0);
        if (terms.predecessor != address(0) && terms.predecessor.code.length == 0) return ("predecessor", 0);
        if (terms.minParties == 0 || terms.minParties > parties.length) return ("minParties", terms.minParties);
        if (terms.standing.length > MAX_STANDING) return ("standing", terms.standing.length);
        for (uint256 i; i < terms.standing.length; ++i) {
            if (terms.standing[i] == address(0)) return ("standing", i);
        }
        if (terms.panels.length > MAX_PANELS) return ("panels", terms.panels.length);
        for (uint256 i; i < terms.panels.length; ++i) {
            bytes32 field = _panelFlaw(terms.panels[i]);
            if (field != 0) return (field, i);
        }
        return (_disputeFlaw(terms), 0);
    }

    /// @notice First flaw of a phase under its header.
    function flaw(Phase memory phase, Terms memory terms) internal pure returns (bytes32, uint256) {
        uint256 bonds = phase.bonds.length;
        if (bonds != 0 && bonds != terms.parties.length) return ("bonds", bonds);
        for (uint256 i; i < bonds; ++i) {
            if (phase.bonds[i] != 0 && terms.parties[i].forfeiture.length == 0) return ("bonds", i);
        }
        uint256 parties = terms.parties.length;
        Obligation[] memory obligations = phase.obligations;
        if (obligations.length == 0 || obligations.length > MAX_OBLIGATIONS) {
            return ("obligations", obligations.length);
        }
        for (uint256 i; i < obligations.length; ++i) {
            bytes32 field = _obligationFlaw(obligations[i], parties, terms.panels.length);
            if (field != 0) return (field, i);
        }
        Payment[] memory payments = phase.payments;
        if (payments.length > MAX_PAYMENTS) return ("payments", payments.length);
        for (uint256 i; i < payments.length; ++i) {
            bytes32 field = _paymentFlaw(payments[i], obligations, parties);
            if (field != 0) return (field, i);
        }
        return (0, 0);
    }

    /// @notice Refuses splits that are not in ascending order of their assets, whose shares are not whole or too many, or of
    /// which the agreement itself, that runs this code, would get a share.
    function requireSplits(Split[] memory splits) internal view {
        uint256 shares;
        for (uint256 i; i < splits.length; ++i) {
            if (i != 0 && splits[i].asset <= splits[i - 1].asset) revert IAgreementEvents.SplitsUnordered(i);
            Share[] memory list = splits[i].shares;
            if (!_sharesAreWhole(list)) revert IAgreementEvents.SharesMalformed(i);
            for (uint256 j; j < list.length; ++j) {
                if (list[j].to == address(this)) revert IAgreementEvents.NotARecipient(address(this));
            }
            shares += list.length;
        }
        if (shares > MAX_SPLIT_SHARES) revert IAgreementEvents.TooManyShares(shares);
    }

    /// @dev An arbitrator and time for it, or neither.
    function _disputeFlaw(Terms memory terms) private view returns (bytes32) {
        bool court = terms.arbitrator != address(0);
        if ((terms.challengeWindow != 0) != court) return "challengeWindow";
        if ((terms.rulingWindow != 0) != court) return "rulingWindow";
        if (court && terms.arbitrator.code.length == 0) return "arbitrator";
        if (terms.arbitratorData.length > (court ? MAX_DATA : 0)) return "arbitratorData";
        uint256 windows = uint256(terms.challengeWindow) + terms.rulingWindow;
        if (terms.longStop + windows > type(uint40).max) return "longStop";
        return 0;
    }

    function _partyFlaw(Party[] memory parties, uint256 i) private pure returns (bytes32) {
        Party memory party = parties[i];
        if (party.account == address(0)) return "account";
        for (uint256 j; j < i; ++j) {
            if (parties[j].account == party.account) return "account";
        }
        if (party.asset == party.account) return "asset";
        if (party.bond == 0 && party.forfeiture.length == 0) return 0;
        return _sharesAreWhole(party.forfeiture) ? bytes32(0) : bytes32("forfeiture");
    }

    function _panelFlaw(Panel memory panel) private pure returns (bytes32) {
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

    function _obligationFlaw(Obligation memory obligation, uint256 parties, uint256 panels)
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
        if (obligation.forfeitBps > Amounts.BPS) return "forfeitBps";
        if (uint256(obligation.within) + obligation.grace > MAX_DURATION) return "within";
        return 0;
    }

    function _paymentFlaw(Payment memory payment, Obligation[] memory obligations, uint256 parties)
        private
        pure
        returns (bytes32)
    {
        if (payment.payer >= parties) return "payer";
        if (payment.obligation >= obligations.length) return "obligation";
        if (payment.on == 0 || payment.on & ~VERDICT_BITS != 0) return "on";
        if (payment.amount == 0) return "amount";
        Obligation memory obligation = obligations[payment.obligation];
        if (payment.due > uint256(obligation.within) + obligation.grace) return "due";
        if (!_sharesAreWhole(payment.payees)) return "payees";
        return _tiersAscend(payment.tiers) ? bytes32(0) : bytes32("tiers");
    }

    function _tiersAscend(Tier[] memory tiers) private pure returns (bool) {
        if (tiers.length > MAX_TIERS) return false;
        for (uint256 i = 1; i < tiers.length; ++i) {
            if (tiers[i].from <= tiers[i - 1].from) return false;
        }
        return true;
    }

    function _sharesAreWhole(Share[] memory shares) private pure returns (bool) {
        if (shares.length == 0 || shares.length > MAX_SHARES) return false;
        uint256 sum;
        for (uint256 i; i < shares.length; ++i) {
            if (shares[i].to == address(0) || shares[i].bps == 0) return false;
            sum += shares[i].bps;
        }
        return sum == Amounts.BPS;
    }
}
