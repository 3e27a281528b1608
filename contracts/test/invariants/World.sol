// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Obligation, Payment, Phase, Seat, Share, Tier, Verdict} from "../../src/interfaces/Types.sol";
import {Building, Deal, OUTSIDE, WHOLE} from "../base/Deal.sol";
import {RecourseTest} from "../base/RecourseTest.sol";
import {vm} from "../base/Vm.sol";
import {MoodyToken} from "../tokens/MoodyToken.sol";
import {Dice} from "./Dice.sol";
import {Persona} from "./Persona.sol";

/// @dev People, money, and any deal between them: drawn from a seed, every kind of clause in it that the terms know.
abstract contract World is RecourseTest {
    using Building for Deal;
    using Dice for uint256;

    uint256 internal constant PARTIES = 4;
    uint256 internal constant ASSETS = 3;
    uint256 internal constant FORTUNE = 1e30;
    /// @dev Most durations are so many of these, so that deadlines fall into the same second.
    uint256 internal constant UNIT = 1 days;

    /// @dev The parties of any deal are the first of these; then who may be paid; then who does what no party has to.
    address[] internal people;
    address[ASSETS] internal assets;
    MoodyToken internal moody;
    address[3] internal seats;

    /// @dev Where the deal at hand is kept: as code, which is read at once.
    address private constant SHELF = address(uint160(uint256(keccak256("shelf"))));

    function settleDown() internal {
        moody = new MoodyToken();
        assets = [NATIVE, address(token), address(moody)];
        seats = [actor("first seat"), actor("second seat"), actor("third seat")];
        people.push(payer);
        people.push(persona("wallet of the second party"));
        people.push(latecomer);
        people.push(persona("wallet of the fourth party"));
        people.push(charity);
        people.push(persona("wallet of nobody"));
        people.push(community);
        people.push(anyone);
        people.push(address(court));
        for (uint256 i; i < people.length; ++i) {
            token.mint(people[i], FORTUNE);
            moody.mint(people[i], FORTUNE);
            vm.deal(people[i], FORTUNE);
        }
    }

    function persona(string memory role) private returns (address account) {
        address owner = actor(role);
        account = walletOf(owner);
        vm.etch(account, address(new Persona(owner)).code);
    }

    // The deal at hand

    function keep(Deal memory d) internal {
        vm.etch(SHELF, abi.encode(d));
    }

    function atHand() internal view returns (Deal memory) {
        return abi.decode(SHELF.code, (Deal));
    }

    // A deal out of a seed

    function anyDeal(uint256 seed) internal view returns (Deal memory d) {
        uint256 now_ = vm.getBlockTimestamp();
        d.terms.document = bytes32(seed);
        d.terms.joinBy = uint40(now_ + (1 + seed.below(1, 10)) * UNIT);
        d.terms.longStop = uint40(now_ + (11 + seed.below(2, seed.once(3, 2) ? 20 : 200)) * UNIT + seed.below(16, 3));
        d.terms.topUpWithin = uint32(seed.below(4, 8) * UNIT);
        d.terms.defaultForfeitBps = bps(seed.draw(5));
        uint256 count = 1 + seed.below(6, PARTIES);
        for (uint256 i; i < count; ++i) {
            uint256 each = seed.draw(100 + i);
            d.party(people[i], assets[each.below(1, ASSETS)], uint128(each.below(2, 10_000)), shares(each.draw(3)));
        }
        d.terms.minParties = uint8(1 + seed.below(7, count));
        if (seed.once(8, 2)) {
            under(address(court), d);
            d.terms.challengeWindow = uint32(seed.once(9, 4) ? 1 : (1 + seed.below(13, 4)) * UNIT);
            d.terms.rulingWindow = uint32(seed.once(14, 4) ? 1 : (1 + seed.below(15, 8)) * UNIT);
        }
        addPanels(d);
        uint256 phases = 1 + seed.below(10, 3);
        d.terms.accession = phases > 1 && seed.once(11, 2);
        for (uint256 i; i < phases; ++i) {
            addAnyPhase(d, seed.draw(200 + i), i);
        }
        if (phases > 1 && seed.once(12, 8)) d.last().obligations[0].panel = 77;
    }

    /// @dev One who decides; two of three; two of three with one voice from each of two chambers.
    function addPanels(Deal memory d) private view {
        Seat[] memory all_ = new Seat[](3);
        for (uint256 i; i < 3; ++i) {
            all_[i] = Seat(seats[i], 0);
        }
        d.judge(seats[0]);
        d.panel(2, new uint8[](0), all_);
        Seat[] memory chambers = new Seat[](3);
        for (uint8 i; i < 3; ++i) {
            chambers[i] = Seat(seats[i], i / 2);
        }
        uint8[] memory quotas = new uint8[](2);
        (quotas[0], quotas[1]) = (1, 1);
        d.panel(2, quotas, chambers);
    }

    function addAnyPhase(Deal memory d, uint256 seed, uint256 index) private view {
        d.phase();
        Phase memory phase = d.last();
        phase.salt = bytes32(seed);
        if (seed.once(1, 4)) phase.notBefore = uint40(vm.getBlockTimestamp() + seed.below(2, (1 + index) * 20) * UNIT);
        uint256 parties = d.terms.parties.length;
        if (seed.once(3, 2)) {
            phase.bonds = new uint128[](parties);
            for (uint256 i; i < parties; ++i) {
                phase.bonds[i] = uint128(d.terms.parties[i].bond * seed.below(10 + i, 4) / 2);
            }
        }
        uint256 count = 1 + seed.below(4, 3);
        for (uint256 i; i < count; ++i) {
            d.obligation(anyObligation(seed.draw(20 + i), parties));
        }
        count = seed.below(5, 4);
        for (uint256 i; i < count; ++i) {
            d.payment(anyPayment(seed.draw(30 + i), parties, phase.obligations));
        }
    }

    function anyObligation(uint256 seed, uint256 parties) private pure returns (Obligation memory o) {
        bool outside = seed.once(1, 5);
        o.obligor = outside ? OUTSIDE : uint8(seed.below(2, parties));
        o.panel = uint8(seed.below(3, 3));
        o.presumption = uint8(1 + seed.below(4, 3));
        o.material = seed.once(5, 3);
        o.within = uint32(seed.below(6, 16) * UNIT);
        o.grace = uint32(seed.once(7, 2) ? 0 : seed.below(8, 4) * UNIT);
        o.forfeitBps = outside ? 0 : bps(seed.draw(9));
    }

    function anyPayment(uint256 seed, uint256 parties, Obligation[] memory obligations)
        private
        view
        returns (Payment memory p)
    {
        p.payer = uint8(seed.below(1, parties));
        p.obligation = uint8(seed.below(2, obligations.length));
        p.on = uint8((1 + seed.below(3, 7)) << 1);
        p.asset = assets[seed.below(4, ASSETS)];
        p.amount = uint128(1 + seed.below(5, 100_000));
        uint256 most = uint256(obligations[p.obligation].within) + obligations[p.obligation].grace;
        p.due = uint32(seed.once(6, 3) ? most : seed.below(7, most / UNIT + 1) * UNIT);
        p.payees = shares(seed.draw(8));
        p.tiers = new Tier[](seed.once(9, 2) ? 0 : seed.below(10, 3));
        for (uint256 i; i < p.tiers.length; ++i) {
            p.tiers[i] = Tier(i * 1_000 + seed.below(11 + i, 1_000), seed.below(13 + i, 60_000), bps(seed.draw(15 + i)));
        }
    }

    /// @dev Whole, among one to three of the people.
    function shares(uint256 seed) internal view returns (Share[] memory list_) {
        list_ = new Share[](1 + seed.below(1, 3));
        uint16 left = WHOLE;
        for (uint256 i; i < list_.length; ++i) {
            bool last = i + 1 == list_.length;
            uint16 part = last ? left : uint16(1 + seed.below(10 + i, left / 2));
            list_[i] = Share(people[seed.below(20 + i, 7)], part);
            left -= part;
        }
    }

    function bps(uint256 seed) private pure returns (uint16) {
        if (seed.once(1, 4)) return 0;
        if (seed.once(2, 4)) return WHOLE;
        return uint16(seed.below(3, WHOLE));
    }
}
