// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Recipient} from "../actors/Recipient.sol";
import {Deal} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {MoodyToken} from "../tokens/MoodyToken.sol";
import {Status} from "../../src/interfaces/Types.sol";
import {Order} from "./Order.sol";

/// @dev One stranger, with nobody's key and nothing but gas, empties the account once the long stop and both windows are past.
abstract contract Liquidation is Order {
    uint256 private constant TRANSACTION_CAP = 1 << 24;
    address private constant STRANGER = address(uint160(uint256(keccak256("somebody who passes by"))));

    /// @dev What it takes, tried from where the deal is now.
    function liquidate(Deal memory d) internal {
        uint256 time = vm.getBlockTimestamp();
        if (time <= lastMoment(d)) when(lastMoment(d) + 1);
        if (ghost.status == Status.Open) passBy(d, voiding(d), "void");
        else if (ghost.status == Status.InForce) passBy(d, unwinding(d), "unwind");
        if (d.account.state().status < Status.Completed) complain("not ended past the end");
        for (uint256 a; a < ASSETS; ++a) {
            uint256 credits = creditsIn(d, assets[a]);
            same(balance(assets[a], address(d.account)), credits + stray[assets[a]], "held past the end");
        }
        deliverAll(d, false);
        for (uint256 i; i < people.length - 1; ++i) {
            moody.setMood(people[i], MoodyToken.Mood.Fine);
            if (people[i].code.length != 0) Recipient(payable(people[i])).behave(Recipient.Manner.Takes);
        }
        deliverAll(d, true);
        for (uint256 a; a < ASSETS; ++a) {
            same(balance(assets[a], address(d.account)), stray[assets[a]], "left when all is delivered");
        }
    }

    /// @dev Delivers every credit; those who would not have it keep it.
    function deliverAll(Deal memory d, bool all_) private {
        for (uint256 i; i < people.length; ++i) {
            for (uint256 a; a < ASSETS; ++a) {
                if (d.account.credit(people[i], assets[a]) == 0) continue;
                if (all_ || accepts(people[i], assets[a])) passBy(d, delivering(people[i], assets[a]), "deliver");
            }
        }
    }

    function passBy(Deal memory d, bytes memory data, string memory what) private {
        uint256 gas = gasleft();
        vm.prank(STRANGER);
        (bool done,) = address(d.account).call{gas: TRANSACTION_CAP - 21_000 - 16 * data.length}(data);
        if (!done) complain(string.concat("past the end, refused: ", what));
        gas -= gasleft();
        if (gas + 21_000 + 16 * data.length > TRANSACTION_CAP) complain("beyond the gas of a transaction");
    }

    function creditsIn(Deal memory d, address asset) private view returns (uint256 sum) {
        for (uint256 i; i < people.length; ++i) {
            sum += d.account.credit(people[i], asset);
        }
    }
}
