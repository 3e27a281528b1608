// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Status, Verdict, Voice} from "../../src/interfaces/Types.sol";
import {Deal} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {Clock} from "./Clock.sol";
import {Dice} from "./Dice.sol";
import {more} from "../hostile/Cheats.sol";

/// @dev Two calls that anyone may make, in the same second, in one order and in the other, each as often as its caller likes:
/// who has got what, and what may happen next, is the same.
abstract contract Order is Clock {
    using Dice for uint256;

    function tryBothOrders(Deal memory d, uint256 seed) internal returns (bool) {
        bytes[] memory calls = anyonesCalls(d, seed);
        if (calls.length < 2) return false;
        uint256 first = seed.below(1, calls.length);
        uint256 second = (first + 1 + seed.below(2, calls.length - 1)) % calls.length;
        uint256 id = vm.snapshotState();
        bytes32 one_ = outcome(d, calls[first], calls[second]);
        vm.revertToState(id);
        bytes32 other = outcome(d, calls[second], calls[first]);
        more.revertToStateAndDelete(id);
        if (one_ != other) complain("the order of two calls changes who gets what");
        inspect(d);
        return true;
    }

    function outcome(Deal memory d, bytes memory first, bytes memory second) private returns (bytes32 hash) {
        for (uint256 i; i < 2; ++i) {
            attemptCall(d, first);
            attemptCall(d, second);
        }
        hash = keccak256(abi.encode(d.account.state(), d.account.commitment()));
        for (uint256 i; i < people.length; ++i) {
            for (uint256 a; a < ASSETS; ++a) {
                uint256 has = balance(assets[a], people[i]) + d.account.credit(people[i], assets[a]);
                hash = keccak256(abi.encode(hash, has));
            }
        }
    }

    function attemptCall(Deal memory d, bytes memory data) private {
        vm.prank(anyone);
        (bool done,) = address(d.account).call{gas: 3_000_000}(data);
        done;
    }

    /// @dev What a stranger can do now, or could once another has done something.
    function anyonesCalls(Deal memory d, uint256 seed) private view returns (bytes[] memory calls) {
        calls = new bytes[](8);
        uint256 count;
        uint256 time = vm.getBlockTimestamp();
        if (ghost.status == Status.Open) {
            (calls[count++], calls[count++]) = (entering(d), voiding(d));
        } else if (ghost.status == Status.InForce) {
            (calls[count++], calls[count++]) = (settling(d), unwinding(d));
            uint256 unpaid = ghost.funded & ~ghost.paid;
            if (unpaid != 0) calls[count++] = releasing(d, uint32(unpaid));
            if (unpaid != 0) calls[count++] = releasing(d, uint32(seed.some(3, unpaid)));
            uint256 set = undecided(d, time);
            for (uint8 o; o < 3; ++o) {
                if (set.has(o)) calls[count++] = deciding(d, o, seed);
            }
        }
        uint256 place = anyCredit(d, seed);
        if (place != NEVER) calls[count++] = delivering(people[place / ASSETS], assets[place % ASSETS]);
        assembly ("memory-safe") {
            mstore(calls, count)
        }
    }

    /// @dev What those seats have signed that have not spoken; each obligation has met one fate, which is not in question.
    function deciding(Deal memory d, uint8 o, uint256 seed) private view returns (bytes memory) {
        Verdict verdict = seed.once(20 + o, 2) ? Verdict.Breached : Verdict.Met;
        if (d.phases[ghost.phase].obligations[o].presumption == uint8(Verdict.Met)) verdict = Verdict.Breached;
        uint256 count = d.phases[ghost.phase].obligations[o].panel == 0 ? 1 : 3;
        Voice[] memory said = voices(d, o, verdict, 5, count);
        uint256 pay = hasCourt(d) ? 0 : hangingOn(d, o);
        return attesting(d, o, verdict, 5, said, uint32(pay));
    }
}
