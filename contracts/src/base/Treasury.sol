// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Cause, IAgreement, Party, Payment, Phase, Share, State, Terms} from "../interfaces/IAgreement.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {Push} from "../libraries/Push.sol";
import {TermsCheck} from "../libraries/TermsCheck.sol";

/// @title The money of an agreement: what is held for whom, how it comes in, how it goes out
/// @notice What is owed is kept here and never read from a token. Money goes out by a push that may fail for its
/// recipient alone: then it is credited, to be withdrawn.
abstract contract Treasury is IAgreement, ReentrancyGuardTransient {
    /// @dev What a party still holds of its bond, written only where it falls short of the level of the phase at hand.
    /// A bond that is not short is exactly at its level, so that its amount follows from the terms.
    mapping(uint256 party => uint256 amount) private _shortBonds;
    mapping(address account => mapping(address asset => uint256)) private _credits;

    /// @dev What a settlement takes from each party's bond, and what it gives back.
    struct Bonds {
        uint256[] lost;
        uint256[] freed;
    }

    /// @inheritdoc IAgreement
    function withdraw(address asset, address to) external nonReentrant {
        if (to == address(0)) revert ZeroAddress();
        _withdraw(msg.sender, asset, to);
    }

    /// @inheritdoc IAgreement
    function deliver(address account, address asset) external nonReentrant {
        _withdraw(account, asset, account);
    }

    /// @inheritdoc IAgreement
    function shortBond(uint256 party) public view returns (uint256) {
        return _shortBonds[party];
    }

    /// @inheritdoc IAgreement
    function credit(address account, address asset) external view returns (uint256) {
        return _credits[account][asset];
    }

    function _withdraw(address account, address asset, address to) private {
        uint256 amount = _credits[account][asset];
        if (amount == 0) revert NothingToWithdraw(account, asset);
        _credits[account][asset] = 0;
        emit Withdrawn(account, asset, to, amount);
        Push.out(asset, to, amount);
    }

    /// @dev What is held of each party's bond in the phase at hand.
    function _heldBonds(State memory s, Terms calldata terms, Phase calldata phase)
        internal
        view
        returns (uint256[] memory held)
    {
        held = new uint256[](terms.parties.length);
        for (uint256 i; i < held.length; ++i) {
            bool short = Outcome.contains(s.short, i);
            held[i] = short ? _shortBonds[i] : Outcome.level(terms.parties[i], phase, i);
        }
    }

    /// @dev Takes from each bond what is lost, at most what is held, frees what exceeds its new level, and flags those
    /// that fall short of it.
    function _rebalance(State memory s, uint256[] memory held, uint256[] memory levels, uint256[] memory lost)
        internal
        returns (Bonds memory bonds)
    {
        bonds = Bonds({lost: lost, freed: new uint256[](lost.length)});
        s.short = 0;
        for (uint256 i; i < lost.length; ++i) {
            if (lost[i] > held[i]) lost[i] = held[i];
            uint256 left = held[i] - lost[i];
            if (left >= levels[i]) {
                bonds.freed[i] = left - levels[i];
            } else {
                s.short |= uint16(1 << i);
                _shortBonds[i] = left;
            }
        }
    }

    /// @dev Pays each payment of a set: to its payees if it is released, otherwise back to its payer.
    function _payOut(Terms calldata terms, Payment[] calldata payments, uint256 set, uint256 released) internal {
        for (uint256 i; set >> i != 0; ++i) {
            if (!Outcome.contains(set, i)) continue;
            Payment calldata payment = payments[i];
            if (Outcome.contains(released, i)) {
                _pushShares(payment.asset, payment.payees, payment.amount, Cause.Payment, i);
            } else {
                _push(payment.asset, terms.parties[payment.payer].account, payment.amount, Cause.Return, i);
            }
        }
    }

    function _payBonds(Terms calldata terms, Bonds memory bonds) internal {
        for (uint256 i; i < bonds.freed.length; ++i) {
            Party calldata party = terms.parties[i];
            if (bonds.lost[i] != 0) {
                _pushShares(party.asset, party.forfeiture, bonds.lost[i], Cause.Forfeiture, i);
            }
            _push(party.asset, party.account, bonds.freed[i], Cause.Bond, i);
        }
    }

    function _pushShares(address asset, Share[] calldata shares, uint256 amount, Cause cause, uint256 index) private {
        uint256 left = amount;
        uint256 last = shares.length - 1;
        for (uint256 i; i < last; ++i) {
            uint256 part = amount * shares[i].bps / TermsCheck.BPS;
            left -= part;
            _push(asset, shares[i].to, part, cause, index);
        }
        _push(asset, shares[last].to, left, cause, index);
    }

    function _push(address asset, address to, uint256 amount, Cause cause, uint256 index) private {
        if (amount == 0) return;
        bool sent = Push.tryOut(asset, to, amount);
        if (!sent) _credits[to][asset] += amount;
        emit Paid(to, asset, amount, cause, uint8(index), !sent);
    }

    /// @dev Takes `amount` from the caller: exactly that much coin or exactly that many tokens.
    function _collect(address asset, uint256 amount, uint256 value) internal {
        uint256 coin = asset == Push.NATIVE ? amount : 0;
        if (value != coin) revert WrongValue(coin, value);
        if (coin == 0 && amount != 0) Push.pull(asset, amount);
    }

    /// @dev Takes a set of payments from the caller, with one transfer for neighbours in the same asset; coin sent beyond
    /// that goes back.
    function _collect(Payment[] calldata payments, uint256 set) internal {
        uint256 coin;
        uint256 sum;
        address asset = Push.NATIVE;
        for (uint256 i; set >> i != 0; ++i) {
            if (!Outcome.contains(set, i)) continue;
            Payment calldata payment = payments[i];
            if (payment.asset == Push.NATIVE) {
                coin += payment.amount;
                continue;
            }
            if (payment.asset != asset && sum != 0) {
                Push.pull(asset, sum);
                sum = 0;
            }
            asset = payment.asset;
            sum += payment.amount;
        }
        if (msg.value < coin) revert WrongValue(coin, msg.value);
        if (sum != 0) Push.pull(asset, sum);
        _push(Push.NATIVE, msg.sender, msg.value - coin, Cause.Surplus, 0);
    }
}
