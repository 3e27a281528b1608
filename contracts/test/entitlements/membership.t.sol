// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Condition} from "../../src/entitlements/IEntitlements.sol";
import {Verdict} from "../../src/interfaces/Types.sol";
import {Building, Deal, all} from "../base/Deal.sol";
import {EntitledTest} from "./EntitledTest.sol";

/// @dev Parties that need not all join: who has not is bound to nothing, gives nothing and is given nothing.
contract MembershipTest is EntitledTest {
    using Building for Deal;

    uint16 private constant PROVIDER_SET = 1;
    uint16 private constant LATECOMER_SET = 4;

    function test_holds_OnlyWhileItsGiverIsAMember() public {
        Deal memory d = coalition(2);
        entered(d);
        Condition[] memory list = given(0, HOST, LATECOMER_SET);
        assertEnded(d, list);
        assertTrue(holds(d, performer, given(0, HOST, PROVIDER_SET)), "of who has joined");
        assertTrue(!holds(d, performer, given(0, HOST, PROVIDER_SET | LATECOMER_SET)), "of both");
        accept(d, LATECOMER);
        assertEnded(d, list);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        settle(d);
        fund(d, 1);
        assertEnded(d, list);
        assertTrue(holds(d, performer, given(1, HOST, LATECOMER_SET)), "bound from the next phase on");
        assertTrue(holds(d, latecomer, given(1, LATECOMER_SET, PROVIDER_SET)), "and owed");
    }

    function test_holds_NeverByAGiverThatIsNotThere() public {
        Deal memory d = inForce(access(1));
        assertTrue(holds(d, performer, given(0, HOST, PROVIDER_SET | HOST)), "both are there");
        for (uint256 i = 2; i < 16; ++i) {
            assertEnded(d, given(0, HOST, uint16(1 << i)));
        }
    }

    /// @dev Completed without the third, who had promised to give something.
    function test_holds_OnceCompletedByItsMembersAlone() public {
        Deal memory d = coalition(1);
        entered(d);
        fund(d, 1);
        attest(d, 0, Verdict.Met);
        settle(d);
        Condition[] memory list = given(0, HOST, PROVIDER_SET);
        list[0].completed = true;
        assertTrue(holds(d, performer, list), "of a member");
        list[0].givers = LATECOMER_SET;
        assertTrue(!holds(d, performer, list), "of nobody");
    }

    /// @dev Whoever joins, when: exactly the members that a condition names are entitled, if all who give are members.
    function testFuzz_holds_ForMembersByMembers(uint256 seed) public {
        uint256 first = 1 + seed % 7;
        Deal memory d = joinable();
        open(d);
        join(d, first);
        if (first != 7) {
            when(d.terms.joinBy + 1);
            enterForce(d);
        }
        uint256 second = (seed >> 8) % 8 & ~first;
        (uint16 parties, uint16 givers) = (uint16(seed >> 16), uint16(seed >> 32) % 16);
        assertEntitled(d, 0, first, parties, givers);
        join(d, second);
        assertEntitled(d, 0, first, parties, givers);
        when(deadline(d, 0) + 1);
        settle(d);
        assertEntitled(d, 1, first | second, parties, givers);
        assertEntitled(d, 0, 0, parties, givers);
    }

    function assertEntitled(Deal memory d, uint8 phase, uint256 members, uint16 parties, uint16 givers) private view {
        Condition[] memory list = given(phase, parties, givers);
        bool all_ = givers | members == members;
        for (uint256 i; i < 3; ++i) {
            bool expected = all_ && (parties & members) >> i & 1 == 1;
            assertTrue(holds(d, d.terms.parties[i].account, list) == expected, "members alone");
        }
    }

    /// @dev Any one party is enough to begin; nobody has to do anything.
    function joinable() private view returns (Deal memory d) {
        d = between(address(token));
        d.party(latecomer, address(token), BOND, all(charity));
        (d.terms.minParties, d.terms.accession) = (1, true);
        for (uint256 i; i < 2; ++i) {
            d.phase();
            d.obligation(PAYER, Verdict.Met, false, 0);
        }
    }

    function join(Deal memory d, uint256 set) private {
        for (uint8 i; i < 3; ++i) {
            if (set >> i & 1 == 1) accept(d, i);
        }
    }

    function given(uint8 phase, uint16 parties, uint16 givers) private pure returns (Condition[] memory list) {
        list = own();
        (list[0].phase, list[0].parties, list[0].givers, list[0].own) = (phase, parties, givers, false);
    }
}
