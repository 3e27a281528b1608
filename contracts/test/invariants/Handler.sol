// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Status} from "../../src/interfaces/Types.sol";
import {Deal} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {more} from "../hostile/Cheats.sol";
import {Dice} from "./Dice.sol";
import {Liquidation} from "./Liquidation.sol";

/// @dev Every kind of move, drawn by chance. What cannot be done now is drawn again; what was refused as it should be reverts,
/// so that forge counts it. After the end of a deal another begins.
contract Handler is Liquidation {
    using Dice for uint256;

    enum Kind {
        Join,
        Enter,
        Void,
        Fund,
        TopUp,
        Attest,
        Concede,
        Challenge,
        Rule,
        Release,
        Settle,
        Unwind,
        Dissolve,
        Extend,
        Comment,
        Withdraw,
        Deliver,
        Moods,
        Give,
        Stranger,
        Wait,
        BothOrders,
        Liquidate,
        Renew
    }

    uint256 public constant KINDS = uint256(type(Kind).max) + 1;
    uint256 private constant DRAWS = 256;
    mapping(uint256 kind => uint256) private _made;

    constructor() {
        setUp();
        settleDown();
    }

    /// @dev Whether there was such a move to make.
    function play(Kind kind, uint256 seed) public returns (bool) {
        if (!begun) begin(seed);
        return isTimely(kind, seed) && play(atHand(), kind, seed);
    }

    function play(Deal memory d, Kind kind, uint256 seed) private returns (bool) {
        if (kind <= Kind.TopUp) return playEarly(d, kind, seed);
        if (kind <= Kind.Rule) return playVerdict(d, kind, seed);
        if (kind <= Kind.Comment) return playEnding(d, kind, seed);
        if (kind == Kind.Withdraw) return tryWithdraw(d, seed);
        if (kind == Kind.Deliver) return tryDeliver(d, seed);
        if (kind == Kind.Moods) return changeMoods(seed);
        if (kind == Kind.Give) return giveUnasked(d, seed);
        if (kind == Kind.Stranger) return tryAsStranger(d, seed);
        if (kind == Kind.Wait) return passTime(d, seed);
        if (kind == Kind.BothOrders) return tryBothOrders(d, seed);
        if (kind == Kind.Liquidate) return foresee(d);
        begin(seed);
        return true;
    }

    /// @dev Tells most moves apart that cannot be made now, without looking at the deal; and what can always be done is done
    /// less often.
    function isTimely(Kind kind, uint256 seed) private view returns (bool) {
        if (kind == Kind.Comment || kind == Kind.Give) return seed.once(90, 24);
        if (kind == Kind.Stranger || kind == Kind.Moods) return seed.once(91, 10);
        if (kind == Kind.Concede && !seed.once(97, 3)) return false;
        if (kind == Kind.Renew) return hasEnded();
        if (kind == Kind.BothOrders || kind == Kind.Extend) return seed.once(93, 4);
        if (kind == Kind.Liquidate) return seed.once(95, 12);
        if (kind == Kind.Wait) return !hasEnded() && seed.once(92, 3);
        if (kind == Kind.Deliver && !someCredit) return seed.once(94, 50);
        if (kind == Kind.Withdraw) return someCredit;
        if (isWild(seed)) return true;
        if (kind == Kind.Enter || kind == Kind.Void) return ghost.status == Status.Open;
        if (kind == Kind.Join) return !hasEnded();
        if (kind == Kind.TopUp) return someShort != 0;
        return ghost.status == Status.InForce;
    }

    function playEarly(Deal memory d, Kind kind, uint256 seed) private returns (bool) {
        if (kind == Kind.Join) return tryJoin(d, seed);
        if (kind == Kind.Enter) return tryEnter(d, seed);
        if (kind == Kind.Void) return tryVoid(d, seed);
        if (kind == Kind.Fund) return tryFund(d, seed);
        return tryTopUp(d, seed);
    }

    function playVerdict(Deal memory d, Kind kind, uint256 seed) private returns (bool) {
        if (kind == Kind.Attest) return tryAttest(d, seed);
        if (kind == Kind.Concede) return tryConcede(d, seed);
        if (kind == Kind.Challenge) return tryChallenge(d, seed);
        return tryRule(d, seed);
    }

    function playEnding(Deal memory d, Kind kind, uint256 seed) private returns (bool) {
        if (kind == Kind.Release) return tryRelease(d, seed);
        if (kind == Kind.Settle) return trySettle(d, seed);
        if (kind == Kind.Unwind) return tryUnwind(d, seed);
        if (kind == Kind.Dissolve) return tryDissolve(d, seed);
        if (kind == Kind.Extend) return tryExtend(d, seed);
        return tryComment(d, seed);
    }

    /// @dev That it can be emptied from here; then it goes on as if nothing had been.
    function foresee(Deal memory d) private returns (bool) {
        uint256 id = vm.snapshotState();
        liquidate(d);
        string memory seen = trouble;
        more.revertToStateAndDelete(id);
        if (bytes(seen).length != 0) complain(seen);
        return true;
    }

    /// @dev Goes on to the end and empties it. For tests that draw a history of their own.
    function finish() external returns (string memory) {
        if (begun) liquidate(atHand());
        return trouble;
    }

    /// @dev Draws until there is such a move to make, and makes it. For forge, which would need ten calls to find one.
    function move(uint256 seed) external {
        if (!begun) begin(seed);
        Deal memory d = atHand();
        for (uint256 i; i < DRAWS; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, i)));
            Kind kind = Kind(drawn % KINDS);
            if (isTimely(kind, drawn) && play(d, kind, drawn)) {
                ++_made[uint256(kind)];
                return;
            }
        }
        more.assume(false);
    }

    /// @dev How many moves of each kind were made and not refused, a number each.
    function tally() external view returns (string memory told) {
        for (uint256 i; i < KINDS; ++i) {
            told = string.concat(told, i == 0 ? "" : " ", vm.toString(_made[i]));
        }
    }
}
