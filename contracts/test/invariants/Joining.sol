// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Party, Status} from "../../src/interfaces/Types.sol";
import {Deal} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {Dice} from "./Dice.sol";
import {Move, Player} from "./Player.sol";

/// @dev Coming into force, or not.
abstract contract Joining is Player {
    using Dice for uint256;

    function tryJoin(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 outsiders = ((1 << d.terms.parties.length) - 1) & ~(ghost.members | ghost.joining);
        bool wild = isWild(seed);
        if (outsiders == 0 && !wild) return false;
        uint8 i = wild ? uint8(seed.below(1, d.terms.parties.length)) : seed.oneOf(1, outsiders);
        Move memory m = moveOn(d, "accept");
        m.may = outsiders.has(i) && mayJoin(d, vm.getBlockTimestamp());
        if (!m.may && !wild) return false;
        Party memory party = d.terms.parties[i];
        bool relayed = ghost.status == Status.Open && seed.once(2, 3);
        m.caller = relayed ? anyone : party.account;
        m.value = party.asset == NATIVE ? party.bond : 0;
        m.data = accepting(d, i, relayed ? sign(party.account, termsDigest(d)) : bytes(""));
        if (make(m)) joins(d, i, m.caller);
        conclude(d, m, seed);
        return true;
    }

    /// @dev In time, or, where they may come later, while there is a phase to come.
    function mayJoin(Deal memory d, uint256 time) private view returns (bool) {
        if (ghost.status == Status.Open) return time <= d.terms.joinBy;
        return d.terms.accession && isRunning(d, time) && ghost.phase + 1 < d.phases.length;
    }

    function joins(Deal memory d, uint8 i, address from) private {
        Party memory party = d.terms.parties[i];
        comesIn(from, party.asset, party.bond);
        ghost.bonds[i] = party.bond;
        if (ghost.status == Status.InForce) {
            ghost.joining |= 1 << i;
            return;
        }
        ghost.members |= 1 << i;
        if (ghost.members.count() == d.terms.parties.length) phaseOpens(d, 0, vm.getBlockTimestamp());
    }

    function tryEnter(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 time = vm.getBlockTimestamp();
        Move memory m = moveOn(d, "enter");
        m.may = ghost.status == Status.Open && time > d.terms.joinBy && time <= d.terms.longStop
            && ghost.members.count() >= d.terms.minParties;
        if (!m.may && !isWild(seed)) return false;
        (m.caller, m.data) = (anyone, entering(d));
        if (make(m)) phaseOpens(d, 0, time);
        conclude(d, m, seed);
        return true;
    }

    function tryVoid(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 time = vm.getBlockTimestamp();
        Move memory m = moveOn(d, "void");
        m.may = ghost.status == Status.Open && time > d.terms.joinBy
            && (ghost.members.count() < d.terms.minParties || time > d.terms.longStop);
        if (!m.may && !isWild(seed)) return false;
        (m.caller, m.data) = (anyone, voiding(d));
        if (make(m)) ends(d, Status.Void);
        conclude(d, m, seed);
        return true;
    }
}
