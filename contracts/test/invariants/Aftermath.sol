// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Split, Verdict, Voice} from "../../src/interfaces/Types.sol";
import {Recipient} from "../actors/Recipient.sol";
import {Deal} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {MoodyToken} from "../tokens/MoodyToken.sol";
import {Consenting} from "./Consenting.sol";
import {Dice} from "./Dice.sol";
import {Move} from "./Player.sol";

/// @dev Money that could not be pushed; people and tokens that change their minds; gifts; and strangers who try what is not
/// theirs to do.
abstract contract Aftermath is Consenting {
    using Dice for uint256;

    /// @dev Someone with a credit: person and asset as one number; `NEVER` if there is none.
    function anyCredit(Deal memory d, uint256 seed) internal view returns (uint256) {
        uint256 all_ = people.length * ASSETS;
        uint256 from = seed.below(1, all_);
        for (uint256 i; i < all_; ++i) {
            uint256 place = (from + i) % all_;
            if (d.account.credit(people[place / ASSETS], assets[place % ASSETS]) != 0) return place;
        }
        return NEVER;
    }

    function tryWithdraw(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 place = anyCredit(d, seed);
        if (place == NEVER) return false;
        address asset = assets[place % ASSETS];
        Move memory m = moveOn(d, "withdraw");
        m.caller = people[place / ASSETS];
        address to = people[seed.below(2, people.length - 1)];
        m.may = accepts(to, asset);
        if (!m.may && !seed.once(4, 8)) return false;
        uint256 credited = d.account.credit(m.caller, asset);
        uint256 amount = seed.once(5, 2) ? 1 + seed.below(6, credited) : credited;
        m.data = withdrawing(asset, to, amount);
        bool made = make(m);
        if (made) {
            owed[m.caller][asset] -= amount;
            owed[to][asset] += amount;
        }
        // What is left of it can be taken by the same call.
        if (made && amount != credited) inspect(d);
        else conclude(d, m, seed);
        return true;
    }

    function tryDeliver(Deal memory d, uint256 seed) internal returns (bool) {
        uint256 place = anyCredit(d, seed);
        if (place == NEVER && !isWild(seed)) return false;
        if (place == NEVER) place = seed.below(3, people.length * ASSETS);
        address account = people[place / ASSETS];
        Move memory m = moveOn(d, "deliver");
        m.caller = anyone;
        if (seed.once(4, 2)) changeMood(account, 0);
        m.may = d.account.credit(account, assets[place % ASSETS]) != 0 && accepts(account, assets[place % ASSETS]);
        if (!m.may && !isWild(seed)) return false;
        m.data = delivering(account, assets[place % ASSETS]);
        make(m);
        conclude(d, m, seed);
        return true;
    }

    /// @dev Whether it takes money, with all the gas there is.
    function accepts(address to, address asset) internal view returns (bool) {
        if (asset == address(moody)) return moody.moods(to) == MoodyToken.Mood.Fine;
        if (asset != NATIVE || to.code.length == 0) return true;
        if (to == address(court)) return false;
        Recipient.Manner manner = Recipient(payable(to)).manner();
        return manner == Recipient.Manner.Takes || manner == Recipient.Manner.NeedsMuchGas;
    }

    // Moods and gifts

    function changeMoods(uint256 seed) internal returns (bool) {
        changeMood(people[seed.below(1, 7)], seed.once(2, 3) ? 0 : seed);
        return true;
    }

    function giveUnasked(Deal memory d, uint256 seed) internal returns (bool) {
        address asset = assets[seed.below(1, ASSETS)];
        uint256 amount = 1 + seed.below(2, 1e6);
        if (asset == NATIVE) vm.deal(address(d.account), address(d.account).balance + amount);
        else MoodyToken(asset).mint(address(d.account), amount);
        stray[asset] += amount;
        inspect(d);
        return true;
    }

    // Strangers

    /// @dev Somebody who is nobody here tries what takes a party, a seat, all members, a court or the factory.
    function tryAsStranger(Deal memory d, uint256 seed) internal returns (bool) {
        Move memory m = moveOn(d, "stranger");
        m.caller = anyone;
        uint256 which = seed.below(1, 11);
        uint256 count = d.phases[ghost.phase].obligations.length;
        uint8 o = uint8(seed.below(2, count));
        uint8 i = uint8(seed.below(3, d.terms.parties.length));
        uint40 expiry = uint40(vm.getBlockTimestamp() + 1);
        if (which < 2) m.data = accepting(d, i, which == 0 ? bytes("") : sign(anyone, termsDigest(d)));
        else if (which == 2) m.data = conceding(d, o);
        else if (which == 3) (m.data, m.value) = (challenging(d, o), court.fee());
        else if (which == 4) m.data = commenting(d, o, "");
        else if (which == 5) m.data = dissolving(d, anySplits(seed), expiry, forged(seed));
        else if (which == 6) m.data = extending(d, false, o, type(uint32).max / 2, expiry, forged(seed));
        else if (which < 9) m.data = attesting(d, o, Verdict.Breached, 0, oneForged(d, o, which == 7), 0);
        else if (which == 9) m.data = ruling(court.disputes(), 1);
        else m.data = launchingIt(d, i, 0);
        if (which < 2 && d.terms.parties[i].asset == NATIVE) m.value = d.terms.parties[i].bond;
        // What has been said or decided can be relayed by anyone once more: nothing comes of it.
        Motion memory same_ = Motion(o, Verdict.Breached, 0, 1, 0, 0, 0);
        m.may = (which == 7 || which == 8) && isRepeated(d, same_, undecided(d, vm.getBlockTimestamp()));
        make(m);
        inspect(d);
        return true;
    }

    /// @dev As many signatures as there are members, but all by the stranger, or empty.
    function forged(uint256 seed) private view returns (bytes[] memory signed) {
        signed = new bytes[](ghost.members.count());
        for (uint256 i; i < signed.length; ++i) {
            if (seed.once(50 + i, 2)) signed[i] = sign(anyone, bytes32(seed));
        }
    }

    /// @dev The voice of one seat in the name of another; or none, as if the stranger were the seat.
    function oneForged(Deal memory d, uint8 o, bool empty) private view returns (Voice[] memory) {
        Voice memory said = voice(d, o, Verdict.Breached, 0, 0);
        said.signature = empty ? bytes("") : sign(seats[1], keccak256(said.signature));
        return one(said);
    }
}
