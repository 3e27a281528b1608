// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Cause, Holding, IAgreement, Party, Payment, Share, State, Terms} from "../interfaces/IAgreement.sol";
import {Outcome} from "../libraries/Outcome.sol";
import {Push} from "../libraries/Push.sol";
import {TermsCheck} from "../libraries/TermsCheck.sol";

/// @title The money of an agreement: what is held for whom, how it comes in, how it goes out
/// @notice What is owed is kept here and never read from a token. Money goes out by a push that may fail for its
/// recipient alone: then it is credited, to be withdrawn.
abstract contract Treasury is IAgreement, ReentrancyGuardTransient {
    mapping(uint256 party => mapping(address asset => Holding)) internal _holdings;
    mapping(address account => mapping(address asset => uint256)) private _credits;

    /// @dev What one settlement takes from and gives back to each party's bond.
    struct Bonds {
        uint256[] lost;
        uint256[] freed;
    }

    /// @inheritdoc IAgreement
    function withdraw(address asset, address to) external nonReentrant {
        if (to == address(0)) revert ZeroAddress();
        uint256 amount = _credits[msg.sender][asset];
        if (amount == 0) revert NothingToWithdraw(msg.sender, asset);
        _credits[msg.sender][asset] = 0;
        emit Withdrawn(msg.sender, asset, to, amount);
        Push.out(asset, to, amount);
    }

    /// @inheritdoc IAgreement
    function holding(uint256 party, address asset) external view returns (Holding memory) {
        return _holdings[party][asset];
    }

    /// @inheritdoc IAgreement
    function credit(address account, address asset) external view returns (uint256) {
        return _credits[account][asset];
    }

    /// @dev Takes from each bond what is lost, at most what is held, frees what exceeds its new level, and flags those
    /// that fall short of it.
    function _rebalance(State memory s, Terms calldata terms, uint256[] memory levels, uint256[] memory lost)
        internal
        returns (Bonds memory bonds)
    {
        bonds = Bonds({lost: lost, freed: new uint256[](lost.length)});
        s.short = 0;
        for (uint256 i; i < lost.length; ++i) {
            Holding storage held = _holdings[i][terms.parties[i].asset];
            uint256 bond = held.bond;
            uint256 left = bond;
            if (lost[i] > left) lost[i] = left;
            left -= lost[i];
            if (left > levels[i]) {
                bonds.freed[i] = left - levels[i];
                left = levels[i];
            } else if (left < levels[i]) {
                s.short |= uint16(1 << i);
            }
            if (left != bond) held.bond = SafeCast.toUint128(left);
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

    /// @dev Sends a party all that is held for it of one asset: its bond, and its escrow.
    function _return(Party calldata party, uint256 index, address asset) internal {
        Holding memory held = _holdings[index][asset];
        delete _holdings[index][asset];
        _push(asset, party.account, held.bond, Cause.Bond, index);
        _push(asset, party.account, held.escrow, Cause.Return, index);
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

    /// @dev Takes a set of payments from the caller, with one transfer for neighbours in the same asset.
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
        if (msg.value != coin) revert WrongValue(coin, msg.value);
        if (sum != 0) Push.pull(asset, sum);
    }
}
