// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Contest, Party, State, Status, Verdict} from "../../src/interfaces/Types.sol";
import {Deal} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {Books} from "./Books.sol";
import {Dice} from "./Dice.sol";

/// @dev Holds the account against the ghost's books. The first thing that differs is kept, for the invariant to tell.
abstract contract Inspection is Books {
    using Dice for uint256;

    string public trouble;

    /// @dev Whether anybody has a credit, and who is short, when last looked at.
    bool internal someCredit;
    uint256 internal someShort;

    /// @dev Verdicts that nothing can change any more, as they were first seen, in the phase at hand.
    uint256 private _finals;
    uint256 private _finalsPhase;

    function complain(string memory what) internal {
        if (bytes(trouble).length == 0) trouble = what;
    }

    function same(uint256 actual, uint256 expected, string memory what) internal {
        if (actual == expected) return;
        complain(string.concat(what, ": ", vm.toString(actual), ", not ", vm.toString(expected)));
    }

    function inspect(Deal memory d) internal {
        inspectTalk(d);
        someCredit = false;
        for (uint256 a; a < ASSETS; ++a) {
            inspectMoney(d, assets[a]);
        }
        same(losers & ~culprits, 0, "lost bond without a cause");
    }

    /// @dev All but the money.
    function inspectTalk(Deal memory d) internal {
        inspectState(d);
        if (ghost.status == Status.InForce) inspectVerdicts(d);
    }

    function inspectState(Deal memory d) private {
        State memory s = d.account.state();
        same(uint256(s.status), uint256(ghost.status), "status");
        same(s.phase, ghost.phase, "phase");
        same(s.members, ghost.members, "members");
        if (ghost.status == Status.Open || ghost.status == Status.Void) return;
        same(s.funded, ghost.funded, "funded");
        same(s.paid, ghost.paid, "paid");
        same(s.openedAt, ghost.openedAt, "opened at");
        someShort = shortOf(d);
        same(s.short, someShort, "short");
        same(s.verdicts, ghost.status == Status.InForce ? givenVerdicts() : lastVerdicts, "verdicts");
        if (ghost.status != Status.InForce) return;
        same(d.account.joining(), ghost.joining, "joining");
        for (uint256 i; s.short >> i != 0; ++i) {
            if (uint256(s.short).has(i)) same(d.account.shortBond(i), ghost.bonds[i], "bond that is short");
        }
    }

    function inspectVerdicts(Deal memory d) private {
        uint256 time = vm.getBlockTimestamp();
        if (_finalsPhase != ghost.phase) (_finals, _finalsPhase) = (0, ghost.phase);
        uint256 cut = cutOffAt(d, time);
        for (uint8 o; o < d.phases[ghost.phase].obligations.length; ++o) {
            same(d.account.attested(uint8(ghost.phase), o), facts[o].value, "value");
            if (hasCourt(d)) inspectContest(d, o);
            (Verdict verdict, bool final_) = verdictAt(d, o, time, cut);
            uint256 seen = (_finals >> (2 * o)) & 3;
            if (seen != 0) same(uint256(verdict), seen, "a verdict that was final");
            else if (final_) _finals |= uint256(verdict) << (2 * o);
        }
    }

    function inspectContest(Deal memory d, uint8 o) private {
        Contest memory c = d.account.contest(uint8(ghost.phase), o);
        same(c.decidedAt, facts[o].decidedAt, "decided at");
        same(c.challengedAt, facts[o].challengedAt, "challenged at");
        same(c.ruledAt, facts[o].conceded ? facts[o].decidedAt : facts[o].ruledAt, "ruled at");
    }

    /// @dev Held is what is owed and what came unasked; everybody has, or is credited, what they had, less what they paid, and
    /// what they are owed.
    function inspectMoney(Deal memory d, address asset) private {
        uint256 credits;
        for (uint256 i; i < people.length; ++i) {
            address person = people[i];
            uint256 credit = d.account.credit(person, asset);
            credits += credit;
            uint256 has = balance(asset, person) + credit;
            uint256 should = start[person][asset] + owed[person][asset] - spent[person][asset];
            if (has != should) same(has, should, string.concat("money of ", vm.toString(i)));
        }
        if (credits != 0) someCredit = true;
        uint256 liabilities = bondsOf(d, asset) + escrowOf(d, asset) + credits;
        same(balance(asset, address(d.account)), liabilities + stray[asset], "held and owed");
        same(paidOut[asset] - credits + liabilities, paidIn[asset], "paid out, and in");
    }

    function newFinals() internal {
        (_finals, _finalsPhase) = (0, 0);
    }
}
