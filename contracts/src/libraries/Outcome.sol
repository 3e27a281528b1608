// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Obligation, Party, Payment, Phase, State, Terms, Verdict} from "../interfaces/Types.sol";
import {TermsCheck} from "./TermsCheck.sol";

/// @title What state and terms say without the clock
library Outcome {
    /// @dev A time that never comes.
    uint256 internal constant NEVER = type(uint256).max;
    /// @dev Mark of a state: what the agreement is committed to is in storage, no longer in the code of the clone.
    uint8 internal constant COMMITTED = 1;
    /// @dev Mark of a state: some tally of the phase at hand is in storage.
    uint8 internal constant POLLED = 2;

    /// @notice Past this time nothing can be done any more but to send everything back.
    function end(Terms memory terms) internal pure returns (uint256) {
        return uint256(terms.longStop) + terms.challengeWindow + terms.rulingWindow;
    }

    /// @notice When silence decides an obligation.
    function deadline(State memory s, Obligation memory obligation) internal pure returns (uint256) {
        return uint256(s.openedAt) + obligation.within + obligation.grace;
    }

    /// @notice Verdict given by quorum, concession or ruling; silence not counted.
    function recorded(State memory s, uint256 obligation) internal pure returns (Verdict) {
        return Verdict((s.verdicts >> (2 * obligation)) & 3);
    }

    function record(State memory s, uint256 obligation, Verdict verdict) internal pure {
        uint256 cleared = s.verdicts & ~(uint256(3) << (2 * obligation));
        s.verdicts = uint64(cleared | (uint256(verdict) << (2 * obligation)));
    }

    function marked(State memory s, uint8 mark) internal pure returns (bool) {
        return s.marks & mark != 0;
    }

    /// @notice Whether an obligation is that of a party which has not joined.
    function absent(State memory s, uint256 obligor) internal pure returns (bool) {
        return obligor != TermsCheck.OUTSIDE && !contains(s.members, obligor);
    }

    function contains(uint256 set, uint256 index) internal pure returns (bool) {
        return (set >> index) & 1 == 1;
    }

    function count(uint256 set) internal pure returns (uint256 members) {
        for (; set != 0; set &= set - 1) {
            ++members;
        }
    }

    /// @notice Whether a verdict releases a payment to its payees.
    function releases(Payment memory payment, Verdict verdict) internal pure returns (bool) {
        return contains(payment.on, uint256(verdict));
    }

    /// @notice The bond a party must hold in a phase.
    function level(Party memory party, Phase memory phase, uint256 index) internal pure returns (uint256) {
        return phase.bonds.length == 0 ? party.bond : phase.bonds[index];
    }

    /// @notice One number for one obligation of one phase.
    function key(uint256 phase, uint256 obligation) internal pure returns (uint256) {
        return (phase << 8) | obligation;
    }
}
