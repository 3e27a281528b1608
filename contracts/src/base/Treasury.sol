// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAgreementEvents} from "../interfaces/IAgreementEvents.sol";
import {Cause, Party, Payment, Phase, Share, State, Terms} from "../interfaces/Types.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {Push} from "../libraries/Push.sol";
import {Storage} from "./Storage.sol";

/// @title The money of an agreement: what is held for whom, how it comes in, how it goes out
/// @notice What is owed is kept here and never read from a token. Money goes out by a push that may fail for its
/// recipient alone: then it is credited, to be withdrawn.
abstract contract Treasury is IAgreementEvents, Storage, ReentrancyGuardTransient {
    /// @dev What is held of each party's bond, what it loses, and what is free to go back.
    struct Bonds {
        uint256[] held;
        uint256[] lost;
        uint256[] freed;
    }

    /// @dev What is held of each party's bond in the phase at hand. Who has joined since it opened has its own level there.
    function _heldBonds(State memory s, Terms memory terms, Phase memory phase)
        internal
        view
        returns (Bonds memory bonds)
    {
        uint256 joining = terms.accession ? _joining : 0;
        bonds = _bonds(terms);
        for (uint256 i; i < bonds.held.length; ++i) {
            if (Outcome.contains(s.short, i)) bonds.held[i] = _shortBonds[i];
            else if (Outcome.contains(s.members, i)) bonds.held[i] = Outcome.level(terms.parties[i], phase, i);
            else if (Outcome.contains(joining, i)) bonds.held[i] = terms.parties[i].bond;
        }
    }

    /// @dev What each member has posted to join.
    function _promisedBonds(State memory s, Terms memory terms) internal pure returns (Bonds memory bonds) {
        bonds = _bonds(terms);
        for (uint256 i; i < bonds.held.length; ++i) {
            if (Outcome.contains(s.members, i)) bonds.held[i] = terms.parties[i].bond;
        }
    }

    function _bonds(Terms memory terms) private pure returns (Bonds memory bonds) {
        uint256 parties = terms.parties.length;
        bonds = Bonds({held: new uint256[](parties), lost: new uint256[](parties), freed: new uint256[](parties)});
    }

    /// @dev Takes from each bond what is lost, at most what is held, frees what exceeds its new level, and flags those
    /// that fall short of it.
    function _rebalance(State memory s, Bonds memory bonds, uint256[] memory levels) internal {
        s.short = 0;
        for (uint256 i; i < levels.length; ++i) {
            uint256 left;
            (bonds.lost[i], bonds.freed[i], left) = Amounts.rebalance(bonds.held[i], bonds.lost[i], levels[i]);
            if (left == levels[i]) continue;
            s.short |= uint16(1 << i);
            _shortBonds[i] = left;
        }
    }

    /// @dev Pays each payment of a set: what is released to its payees, the rest back to its payer.
    function _payOut(Terms memory terms, Payment[] memory payments, uint256 set, uint256[] memory released) internal {
        for (uint256 i; set >> i != 0; ++i) {
            if (!Outcome.contains(set, i)) continue;
            Payment memory payment = payments[i];
            if (released[i] != 0) _pushShares(payment.asset, payment.payees, released[i], Cause.Payment, i);
            uint256 rest = payment.amount - released[i];
            if (rest != 0) _push(payment.asset, terms.parties[payment.payer].account, rest, Cause.Return, i);
        }
    }

    function _payBonds(Terms memory terms, Bonds memory bonds) internal {
        for (uint256 i; i < bonds.freed.length; ++i) {
            Party memory party = terms.parties[i];
            if (bonds.lost[i] != 0) {
                _pushShares(party.asset, party.forfeiture, bonds.lost[i], Cause.Forfeiture, i);
            }
            _push(party.asset, party.account, bonds.freed[i], Cause.Bond, i);
        }
    }

    function _pushShares(address asset, Share[] memory shares, uint256 amount, Cause cause, uint256 index) internal {
        uint256 left = amount;
        uint256 last = shares.length - 1;
        for (uint256 i; i < last; ++i) {
            uint256 part = Amounts.part(amount, shares[i].bps);
            left -= part;
            _push(asset, shares[i].to, part, cause, index);
        }
        _push(asset, shares[last].to, left, cause, index);
    }

    function _push(address asset, address to, uint256 amount, Cause cause, uint256 index) internal {
        if (amount == 0) return;
        bool sent = Push.tryOut(asset, to, amount);
        if (!sent) _credits[to][asset] += amount;
        emit Paid(to, asset, amount, cause, uint8(index), !sent);
    }

    /// @dev Takes `amount` from an account: exactly that much coin, of which `value` has come, or exactly that many tokens.
    function _collect(address asset, uint256 amount, address from, uint256 value) internal {
        uint256 coin = asset == Push.NATIVE ? amount : 0;
        if (value != coin) revert WrongValue(coin, value);
        if (coin == 0 && amount != 0) Push.pull(asset, from, amount);
    }

    /// @dev As before; what is too much of the coin that has come goes back.
    function _collectAtMost(address asset, uint256 amount, address from, uint256 value) internal {
        uint256 coin = asset == Push.NATIVE ? amount : 0;
        if (value < coin) revert WrongValue(coin, value);
        _collect(asset, amount, from, coin);
        _push(Push.NATIVE, from, value - coin, Cause.Surplus, 0);
    }

    /// @dev Takes a set of payments from an account, with one transfer for neighbours in the same asset; coin beyond that
    /// goes back.
    function _collect(Payment[] memory payments, uint256 set, address from, uint256 value) internal {
        uint256 coin;
        uint256 sum;
        address asset = Push.NATIVE;
        for (uint256 i; set >> i != 0; ++i) {
            if (!Outcome.contains(set, i)) continue;
            Payment memory payment = payments[i];
            if (payment.asset == Push.NATIVE) {
                coin += payment.amount;
                continue;
            }
            if (payment.asset != asset && sum != 0) {
                Push.pull(asset, from, sum);
                sum = 0;
            }
            asset = payment.asset;
            sum += payment.amount;
        }
        if (value < coin) revert WrongValue(coin, value);
        if (sum != 0) Push.pull(asset, from, sum);
        _push(Push.NATIVE, from, value - coin, Cause.Surplus, 0);
    }
}
