// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Obligation, Party, Payment, Phase, State, Terms, Verdict} from "../interfaces/IAgreement.sol";
import {TermsCheck} from "./TermsCheck.sol";

/// @title What the phase at hand has come to: verdicts, cut-off, defaults, forfeitures
/// @notice Pure judgement over the packed state, the terms and the time; it moves nothing.
/// `pyledger/terms/settlement.py` is its twin.
library Outcome {
    /// @dev A time that never comes.
    uint256 internal constant NEVER = type(uint256).max;

    /// @notice Past this time nothing can be done any more but to send everything back.
    function end(Terms calldata terms) internal pure returns (uint256) {
        return uint256(terms.longStop) + terms.challengeWindow + terms.rulingWindow;
    }

    /// @notice When silence decides an obligation.
    function deadline(State memory s, Obligation calldata obligation) internal pure returns (uint256) {
        return uint256(s.openedAt) + obligation.within + obligation.grace;
    }

    /// @notice Verdict given by quorum or concession; silence not counted.
    function recorded(State memory s, uint256 obligation) internal pure returns (Verdict) {
        return Verdict((s.verdicts >> (2 * obligation)) & 3);
    }

    function record(State memory s, uint256 obligation, Verdict verdict) internal pure {
        s.verdicts |= uint64(uint256(verdict) << (2 * obligation));
    }

    function contains(uint256 set, uint256 index) internal pure returns (bool) {
        return (set >> index) & 1 == 1;
    }

    /// @notice Whether a verdict releases a payment to its payees.
    function releases(Payment calldata payment, Verdict verdict) internal pure returns (bool) {
        return contains(payment.on, uint256(verdict));
    }

    /// @notice The bond a party must hold in a phase.
    function level(Party calldata party, Phase calldata phase, uint256 index) internal pure returns (uint256) {
        return phase.bonds.length == 0 ? party.bond : phase.bonds[index];
    }

    /// @notice The earliest past moment of a material breach or financial default; `NEVER` if there is none.
    /// @dev Moments after the long-stop date do not count: there, what is undecided lapses.
    function cut(State memory s, Terms calldata terms, Phase calldata phase) internal view returns (uint256 moment) {
        moment = s.cutOff == 0 ? NEVER : s.cutOff;
        if (s.short != 0) moment = _min(moment, uint256(s.openedAt) + terms.topUpWithin);
        Obligation[] calldata obligations = phase.obligations;
        for (uint256 i; i < obligations.length; ++i) {
            Obligation calldata obligation = obligations[i];
            if (recorded(s, i) != Verdict.Undecided || !obligation.material) continue;
            if (obligation.presumption == uint8(Verdict.Breached)) moment = _min(moment, deadline(s, obligation));
        }
        Payment[] calldata payments = phase.payments;
        for (uint256 i; i < payments.length; ++i) {
            if (_owed(s, payments[i], i)) moment = _min(moment, uint256(s.openedAt) + payments[i].due);
        }
        if (moment >= block.timestamp || moment > terms.longStop) return NEVER;
    }

    /// @notice Verdict on an obligation now, silence counted. `cutOff` is what `cut` returned.
    function judge(State memory s, Terms calldata terms, Obligation calldata obligation, uint256 index, uint256 cutOff)
        internal
        view
        returns (Verdict)
    {
        Verdict given = recorded(s, index);
        if (given != Verdict.Undecided) return given;
        uint256 silent = deadline(s, obligation);
        uint256 last = cutOff == NEVER ? terms.longStop : cutOff;
        if (silent <= last) return silent < block.timestamp ? Verdict(obligation.presumption) : Verdict.Undecided;
        return last < block.timestamp ? Verdict.Lapsed : Verdict.Undecided;
    }

    /// @notice The set of parties in financial default at the cut-off.
    function defaults(State memory s, Terms calldata terms, Phase calldata phase, uint256 cutOff)
        internal
        pure
        returns (uint256 set)
    {
        if (cutOff == NEVER) return 0;
        if (uint256(s.openedAt) + terms.topUpWithin <= cutOff) set = s.short;
        Payment[] calldata payments = phase.payments;
        for (uint256 i; i < payments.length; ++i) {
            Payment calldata payment = payments[i];
            if (_owed(s, payment, i) && uint256(s.openedAt) + payment.due <= cutOff) set |= 1 << payment.payer;
        }
    }

    /// @dev Not funded, and not already decided against releasing it.
    function _owed(State memory s, Payment calldata payment, uint256 index) private pure returns (bool) {
        if (contains(s.funded, index)) return false;
        Verdict given = recorded(s, payment.obligation);
        return given == Verdict.Undecided || releases(payment, given);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
