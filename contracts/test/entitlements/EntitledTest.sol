// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Condition, IEntitlements} from "../../src/entitlements/IEntitlements.sol";
import {Verdict} from "../../src/interfaces/Types.sol";
import {Building, Deal, MET, all} from "../base/Deal.sol";
import {packPhase, packTerms} from "../base/Packing.sol";
import {RecourseTest} from "../base/RecourseTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev A provider gives access, and a host keeps it from misuse: the performer of the usual deal is the host here.
abstract contract EntitledTest is RecourseTest {
    using Building for Deal;

    uint8 internal constant ACCESS_OPENED = 0;
    uint8 internal constant ACCESS_KEPT = 1;
    uint8 internal constant USE_KEPT = 2;
    /// @dev Sets of one.
    uint16 internal constant HOST = 2;
    uint32 internal constant OPENED = 1;
    uint32 internal constant KEPT = 2;
    /// @dev A second after it, silence has decided.
    uint256 internal constant SILENT = START + 33 days;

    IEntitlements internal entitlements;

    function setUp() public virtual override {
        super.setUp();
        entitlements = IEntitlements(vm.deployCode("Entitlements.sol:Entitlements"));
    }

    /// @dev Without an arbitrator. In each phase access is opened by the provider, or not, which is not material; then both
    /// promise something, which silence keeps.
    function access(uint256 phases) internal view returns (Deal memory d) {
        d = between(address(token));
        for (uint256 i; i < phases; ++i) {
            d.phase();
            d.obligation(PAYER, Verdict.Breached, false, 1_000);
            d.obligation(PAYER, Verdict.Met, true, 6_000);
            d.obligation(PERFORMER, Verdict.Met, true, 6_000);
        }
    }

    /// @dev The host is entitled in the first phase as long as it keeps what it has promised itself.
    function own() internal pure returns (Condition[] memory list) {
        list = new Condition[](1);
        list[0] = Condition({parties: HOST, givers: 0, phase: 0, completed: false, own: true, met: 0, kept: 0});
    }

    function both(Condition[] memory first, Condition[] memory second) internal pure returns (Condition[] memory list) {
        list = new Condition[](2);
        (list[0], list[1]) = (first[0], second[0]);
    }

    function holds(Deal memory d, address account, Condition[] memory list) internal view returns (bool) {
        return entitlements.holds(d.account, packTerms(d.terms), packPhase(current(d)), ahead(d), account, list);
    }

    function until(Deal memory d, address account, Condition[] memory list) internal view returns (uint256) {
        return entitlements.until(d.account, packTerms(d.terms), packPhase(current(d)), ahead(d), account, list);
    }

    /// @dev Now and up to that moment, and not a second longer.
    function assertHoldsUntil(Deal memory d, Condition[] memory list, uint256 moment) internal {
        assertTrue(holds(d, performer, list), "holds");
        assertEq(until(d, performer, list), moment, "until");
        if (moment == type(uint256).max) return;
        uint256 now_ = vm.getBlockTimestamp();
        when(moment);
        assertTrue(holds(d, performer, list), "holds in its last second");
        when(moment + 1);
        assertEnded(d, list);
        when(now_);
    }

    function assertEnded(Deal memory d, Condition[] memory list) internal view {
        assertTrue(!holds(d, performer, list), "has ended");
        assertEq(until(d, performer, list), 0, "until");
    }
}
