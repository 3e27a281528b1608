// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Obligation, Party, Payment, Phase, Share, Split, State, Status, Verdict} from "../../src/interfaces/Types.sol";
import {Deal, OUTSIDE} from "../base/Deal.sol";
import {Dice} from "./Dice.sol";
import {Rules} from "./Rules.sol";

/// @dev The ghost's accounts: who has paid in what, who is owed what, and how both change as phases open and close. What is
/// owed to somebody either has come or is credited: the books do not care which.
abstract contract Books is Rules {
    using Dice for uint256;

    mapping(address person => mapping(address asset => uint256)) internal start;
    mapping(address person => mapping(address asset => uint256)) internal spent;
    mapping(address person => mapping(address asset => uint256)) internal owed;
    mapping(address asset => uint256) internal paidIn;
    mapping(address asset => uint256) internal paidOut;
    /// @dev Came unasked: by a selfdestruct, or sent by mistake.
    mapping(address asset => uint256) internal stray;
    /// @dev Verdicts of the phase at which the agreement ended.
    uint256 internal lastVerdicts;
    /// @dev The parties that lost bond so far, and those that had given cause.
    uint256 internal losers;
    uint256 internal culprits;

    function openBooks() internal {
        for (uint256 a; a < ASSETS; ++a) {
            address asset = assets[a];
            (paidIn[asset], paidOut[asset], stray[asset]) = (0, 0, 0);
            for (uint256 i; i < people.length; ++i) {
                start[people[i]][asset] = balance(asset, people[i]);
                (spent[people[i]][asset], owed[people[i]][asset]) = (0, 0);
            }
        }
        delete ghost;
        (lastVerdicts, losers, culprits) = (0, 0, 0);
        forget();
    }

    function forget() private {
        for (uint256 o; o < 3; ++o) {
            delete facts[o];
        }
    }

    function comesIn(address person, address asset, uint256 amount) internal {
        spent[person][asset] += amount;
        paidIn[asset] += amount;
    }

    function goesOut(address person, address asset, uint256 amount) internal {
        owed[person][asset] += amount;
        paidOut[asset] += amount;
    }

    function goesOut(Share[] memory shares_, address asset, uint256 amount) internal {
        uint256 left = amount;
        for (uint256 i; i < shares_.length; ++i) {
            uint256 part = i + 1 == shares_.length ? left : amount * shares_[i].bps / 10_000;
            goesOut(shares_[i].to, asset, part);
            left -= part;
        }
    }

    // How phases open

    /// @dev Who has joined is a member; each bond moves to the level of the phase, as far as it goes.
    function phaseOpens(Deal memory d, uint256 phase, uint256 time) internal {
        ghost.status = Status.InForce;
        (ghost.phase, ghost.funded, ghost.paid) = (phase, 0, 0);
        ghost.members |= ghost.joining;
        ghost.joining = 0;
        uint256 notBefore = d.phases[phase].notBefore;
        ghost.openedAt = notBefore > time ? notBefore : time;
        forget();
        for (uint256 i; i < d.terms.parties.length; ++i) {
            if (!ghost.members.has(i)) continue;
            uint256 level_ = levelOf(d, i);
            if (ghost.bonds[i] <= level_) continue;
            goesOut(d.terms.parties[i].account, d.terms.parties[i].asset, ghost.bonds[i] - level_);
            ghost.bonds[i] = level_;
        }
    }

    // How phases close

    function phaseCloses(Deal memory d, uint256 time, uint256 cut) internal {
        takeForfeits(d, losses(d, time, cut));
        releasePayments(d, ghost.funded & ~ghost.paid, time, cut);
    }

    function releasePayments(Deal memory d, uint256 set, uint256 time, uint256 cut) internal {
        for (uint256 p; set >> p != 0; ++p) {
            if (!set.has(p)) continue;
            Payment memory payment = d.phases[ghost.phase].payments[p];
            (Verdict verdict,) = verdictAt(d, payment.obligation, time, cut);
            uint256 due = releases(payment, verdict) ? released(payment, facts[payment.obligation].value) : 0;
            if (due != 0) goesOut(payment.payees, payment.asset, due);
            if (due != payment.amount) {
                goesOut(d.terms.parties[payment.payer].account, payment.asset, payment.amount - due);
            }
        }
        ghost.paid |= set;
    }

    /// @dev What each party forfeits by what became of its promises, and by not paying in.
    function losses(Deal memory d, uint256 time, uint256 cut) private returns (uint256[] memory lost) {
        Phase memory phase = d.phases[ghost.phase];
        lost = new uint256[](d.terms.parties.length);
        lastVerdicts = 0;
        for (uint256 o; o < phase.obligations.length; ++o) {
            Obligation memory subject = phase.obligations[o];
            (Verdict verdict,) = verdictAt(d, o, time, cut);
            lastVerdicts |= uint256(verdict) << (2 * o);
            if (verdict != Verdict.Breached || subject.obligor == OUTSIDE) continue;
            lost[subject.obligor] += levelOf(d, subject.obligor) * subject.forfeitBps / 10_000;
            culprits |= 1 << subject.obligor;
        }
        uint256 defaulters = cut == NEVER ? 0 : defaultersAt(d, cut);
        for (uint256 i; i < lost.length; ++i) {
            if (defaulters.has(i)) lost[i] += levelOf(d, i) * d.terms.defaultForfeitBps / 10_000;
        }
        culprits |= defaulters;
    }

    /// @dev Members that by the cut-off should have paid something in and had not.
    function defaultersAt(Deal memory d, uint256 cut) private view returns (uint256 set) {
        uint256 limit = cut < d.terms.longStop ? cut : d.terms.longStop;
        if (ghost.openedAt + d.terms.topUpWithin <= limit) set = shortOf(d);
        Payment[] memory payments = d.phases[ghost.phase].payments;
        for (uint256 p; p < payments.length; ++p) {
            if (ghost.funded.has(p) || isExcused(d, p) || dueAt(d, p) > limit) continue;
            set |= 1 << payments[p].payer;
        }
    }

    function takeForfeits(Deal memory d, uint256[] memory lost) private {
        for (uint256 i; i < lost.length; ++i) {
            uint256 taken = lost[i] < ghost.bonds[i] ? lost[i] : ghost.bonds[i];
            if (taken == 0) continue;
            goesOut(d.terms.parties[i].forfeiture, d.terms.parties[i].asset, taken);
            ghost.bonds[i] -= taken;
            losers |= 1 << i;
        }
    }

    /// @dev Everybody's bond goes back.
    function ends(Deal memory d, Status status) internal {
        for (uint256 i; i < d.terms.parties.length; ++i) {
            Party memory party = d.terms.parties[i];
            if (ghost.bonds[i] != 0) goesOut(party.account, party.asset, ghost.bonds[i]);
            ghost.bonds[i] = 0;
        }
        ghost.joining = 0;
        ghost.status = status;
    }

    function splitUp(Deal memory d, Split[] memory splits) internal {
        for (uint256 i; i < splits.length; ++i) {
            uint256 sum = escrowOf(d, splits[i].asset);
            for (uint256 j; j < d.terms.parties.length; ++j) {
                if (!ghost.members.has(j) || d.terms.parties[j].asset != splits[i].asset) continue;
                sum += ghost.bonds[j];
                ghost.bonds[j] = 0;
            }
            if (sum != 0) goesOut(splits[i].shares, splits[i].asset, sum);
        }
        lastVerdicts = givenVerdicts();
        ghost.paid = ghost.funded;
    }

    // What the agreement must hold

    function bondsOf(Deal memory d, address asset) internal view returns (uint256 sum) {
        for (uint256 i; i < d.terms.parties.length; ++i) {
            if (d.terms.parties[i].asset == asset) sum += ghost.bonds[i];
        }
    }

    function escrowOf(Deal memory d, address asset) internal view returns (uint256 sum) {
        if (ghost.status != Status.InForce) return 0;
        uint256 unpaid = ghost.funded & ~ghost.paid;
        for (uint256 p; unpaid >> p != 0; ++p) {
            Payment memory payment = d.phases[ghost.phase].payments[p];
            if (unpaid.has(p) && payment.asset == asset) sum += payment.amount;
        }
    }

    function givenVerdicts() internal view returns (uint256 verdicts) {
        for (uint256 o; o < 3; ++o) {
            verdicts |= uint256(facts[o].verdict) << (2 * o);
        }
    }
}
