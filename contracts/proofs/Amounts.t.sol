// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Tier} from "../src/interfaces/Types.sol";
import {Amounts} from "../src/libraries/Amounts.sol";

// Run by scripts/prove: halmos executes each `check_` function with symbols for arguments, and a solver looks for values
// that make an assertion fail or the arithmetic overflow. Where it says that there are none, there are none: these are
// statements about all 2^128 amounts, not about samples. A `return` states what is assumed.
//
// Inequalities are put so that nothing is subtracted: `p + q <= a` and not `q <= a - p`. It is the same statement, and
// the one that the solver decides at once.

uint256 constant BPS = 10_000;

contract SharesProof {
    function check_part_IsTheExactShareRoundedDown(uint240 amount, uint16 bps) public pure {
        uint256 part = Amounts.part(amount, bps);
        assert(part * BPS <= uint256(amount) * bps);
        assert(uint256(amount) * bps < part * BPS + BPS);
    }

    function check_part_OfTheWholeIsTheWhole(uint240 amount) public pure {
        assert(Amounts.part(amount, 10_000) == amount);
        assert(Amounts.part(amount, 0) == 0);
    }

    function check_part_GrowsWithTheAmount(uint240 less, uint240 more, uint16 bps) public pure {
        if (less > more) return;
        assert(Amounts.part(less, bps) <= Amounts.part(more, bps));
    }

    function check_part_GrowsWithTheBps(uint240 amount, uint16 fewer, uint16 more) public pure {
        if (fewer > more) return;
        assert(Amounts.part(amount, fewer) <= Amounts.part(amount, more));
    }

    // A list of shares gives each but the last its part, and the last what the others leave. By induction over the list:
    // before any, nothing is given; each keeps what is given within the bps of those served; so enough is left.

    function check_shares_EachKeepsWithinItsBps(uint128 amount, uint128 given, uint16 served, uint16 bps) public pure {
        if (uint256(served) + bps > BPS) return;
        uint256 part = Amounts.part(amount, bps);
        unchecked {
            if (given * BPS > uint256(amount) * served) return;
            assert((given + part) * BPS <= uint256(amount) * (uint256(served) + bps));
        }
    }

    /// @dev All is given, since the last takes the rest: there is that much left, and it is at least its own share; more by
    /// less than one unit for each of the others, which is what rounding down leaves of them.
    function check_shares_LeaveTheLastItsOwn(uint128 amount, uint128 given, uint16 served, uint16 last) public pure {
        if (uint256(served) + last != BPS) return;
        unchecked {
            if (given * BPS > uint256(amount) * served) return;
            assert(given <= amount);
            assert(given * BPS + uint256(amount) * last <= amount * BPS);
        }
    }
}

/// @dev Values are put as `from + excess`, for the same reason.
contract TiersProof {
    function check_tiers_NoneReleaseAll(uint128 amount, uint256 value) public view {
        assert(this.tiered(amount, new Tier[](0), value) == amount);
    }

    function check_tiers_ReleaseNothingBelowTheFirst(uint128 amount, Tier calldata tier, uint256 value) public view {
        if (value >= tier.from) return;
        assert(this.tiered(amount, only(tier), value) == 0);
    }

    // The formula, min(amount, base + excess * bps / 10,000), in four statements that leave no case out. That nothing
    // overflows is part of each.

    function check_tiers_FollowTheFormula(uint128 amount, Tier calldata tier, uint256 excess) public view {
        if (tier.base > amount || excess > uint256(amount) * BPS) return;
        if (excess > type(uint256).max - tier.from) return;
        uint256 released = tier.base + excess * tier.bps / BPS;
        assert(this.tiered(amount, only(tier), tier.from + excess) == (released < amount ? released : amount));
    }

    function check_tiers_ReleaseAllForAWholeBase(uint128 amount, Tier calldata tier, uint256 excess) public view {
        if (tier.base < amount) return;
        if (excess > type(uint256).max - tier.from) return;
        assert(this.tiered(amount, only(tier), tier.from + excess) == amount);
    }

    function check_tiers_GreatExcessIsWorthTheAmount(uint128 amount, uint16 bps) public pure {
        if (bps == 0) return;
        uint256 worth = uint256(amount) * bps;
        assert(worth >= amount);
        assert(Amounts.part(uint256(amount) * BPS, bps) == worth);
    }

    /// @dev Assumes what the statement above proves.
    function check_tiers_ReleaseAllForAGreatExcess(uint128 amount, Tier calldata tier, uint256 excess) public view {
        if (excess < uint256(amount) * BPS || Amounts.part(uint256(amount) * BPS, tier.bps) < amount) return;
        if (excess > type(uint256).max - tier.from) return;
        assert(this.tiered(amount, only(tier), tier.from + excess) == amount);
    }

    function check_tiers_ReleaseTheBaseAtNoRate(uint128 amount, uint256 from, uint256 base, uint256 excess)
        public
        view
    {
        if (base > amount || excess > type(uint256).max - from) return;
        Tier[] memory tiers = new Tier[](1);
        tiers[0] = Tier({from: from, base: base, bps: 0});
        assert(this.tiered(amount, tiers, from + excess) == base);
    }

    /// @dev Of several tiers the highest one reached decides, whatever they release: here each releases its own rank.
    function check_tiers_HighestReachedDecides(uint256[16] calldata from, uint256 value) public view {
        Tier[] memory tiers = new Tier[](16);
        for (uint256 i; i < 16; ++i) {
            if (i != 0 && from[i] <= from[i - 1]) return;
            tiers[i] = Tier({from: from[i], base: i + 1, bps: 0});
        }
        uint256 rank = this.tiered(16, tiers, value);
        assert(rank == 0 || from[rank - 1] <= value);
        assert(rank == 16 || value < from[rank]);
    }

    /// @dev Within a tier, more value never releases less. Over several tiers it follows, if what is released does not
    /// fall where one takes over from the one below.
    function check_tiers_GrowWithTheValue(uint128 amount, Tier calldata tier, uint256 less, uint256 more) public view {
        if (less > more || more > type(uint256).max - tier.from) return;
        assert(this.tiered(amount, only(tier), tier.from + less) <= this.tiered(amount, only(tier), tier.from + more));
    }

    function tiered(uint256 amount, Tier[] calldata tiers, uint256 value) external pure returns (uint256) {
        return Amounts.tiered(amount, tiers, value);
    }

    function only(Tier calldata tier) private pure returns (Tier[] memory tiers) {
        tiers = new Tier[](1);
        tiers[0] = tier;
    }
}

contract BondsProof {
    function check_bond_IsConserved(uint256 held, uint256 lost, uint256 level) public pure {
        (uint256 taken, uint256 freed, uint256 left) = Amounts.rebalance(held, lost, level);
        assert(taken <= held && freed <= held && left <= held);
        assert(taken + freed + left == held);
    }

    function check_bond_LosesWhatIsForfeitedAtMostAllOfIt(uint256 held, uint256 lost, uint256 level) public pure {
        (uint256 taken,,) = Amounts.rebalance(held, lost, level);
        assert(taken == (lost < held ? lost : held));
    }

    /// @dev Nothing is given back of a bond that is short, and nothing above the level is kept.
    function check_bond_StaysAtMostAtItsLevel(uint256 held, uint256 lost, uint256 level) public pure {
        (, uint256 freed, uint256 left) = Amounts.rebalance(held, lost, level);
        assert(left <= level);
        assert(left == level || freed == 0);
    }

    /// @dev Who loses nothing and keeps its level gets exactly the surplus back.
    function check_bond_WithoutLossIsReturnedAboveItsLevel(uint256 held, uint256 level) public pure {
        if (held < level) return;
        (uint256 taken, uint256 freed, uint256 left) = Amounts.rebalance(held, 0, level);
        assert(taken == 0 && left == level && freed + level == held);
    }

    /// @dev A breach forfeits basis points of the level of the phase: a graver one takes no less and leaves no more.
    function check_bond_LosesMoreForMoreBps(uint128 held, uint128 base, uint128 level, uint16 fewer, uint16 more)
        public
        pure
    {
        if (fewer > more) return;
        (uint256 less,, uint256 leftByFewer) = Amounts.rebalance(held, Amounts.part(base, fewer), level);
        (uint256 greater,, uint256 leftByMore) = Amounts.rebalance(held, Amounts.part(base, more), level);
        assert(less <= greater);
        assert(leftByMore <= leftByFewer);
    }

    /// @dev One whole breach of a bond that is at its level takes no more than that level.
    function check_bond_AtItsLevelCoversAnyOneBreach(uint128 base, uint16 bps) public pure {
        if (bps > BPS) return;
        assert(Amounts.part(base, bps) <= base);
    }
}
