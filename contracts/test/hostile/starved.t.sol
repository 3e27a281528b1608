// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Verdict} from "../../src/interfaces/Types.sol";
import {BREACHED, Building, Deal, MET, all} from "../base/Deal.sol";
import {vm} from "../base/Vm.sol";
import {HostileTest} from "./HostileTest.sol";

/// @dev Takes money if it is given nearly all the gas that a push may use.
contract Needy {
    receive() external payable {
        require(gasleft() > 59_700, "starved");
    }
}

/// @dev Whoever calls chooses the gas, but not so that a push fails for want of it: either the recipient has all that a push may
/// use, or the whole call fails and can be made again.
/// forge-config: default.isolate = true
contract StarvedTest is HostileTest {
    using Building for Deal;

    uint256 private constant STEP = 500;
    uint256 private constant ENOUGH = 20;

    /// @dev A recipient whose code is at another account yet (EIP-7702), which has to be looked up before it runs.
    address private needy = address(0xBEEF01);

    function setUp() public override {
        super.setUp();
        vm.etch(needy, abi.encodePacked(hex"ef0100", address(new Needy())));
    }

    /// @dev A payment to it is decided for, and it is to have the bond that the performer loses.
    function owing() private returns (Deal memory d) {
        d = between(NATIVE);
        d.terms.parties[PERFORMER].forfeiture = all(needy);
        d.phase();
        d.obligation(PERFORMER, Verdict.Breached, false, 6_000);
        d.payment(PAYER, NATIVE, AMOUNT, all(needy), MET | BREACHED);
        funded(d);
        attest(d, 0, Verdict.Breached);
    }

    function assertNeverStarved(Deal memory d, bytes memory data, uint256 whole) private {
        uint256 done;
        uint256 refused;
        for (uint256 gas_ = 60_000; done < ENOUGH; gas_ += STEP) {
            assertTrue(gas_ < 1_000_000, "it does get through");
            uint256 id = vm.snapshotState();
            vm.prank(anyone);
            (bool success,) = address(d.account).call{gas: gas_}(data);
            if (success) {
                ++done;
                assertEq(d.account.credit(needy, NATIVE), 0, "nothing is credited for want of gas");
                assertEq(needy.balance, whole, "paid");
            } else {
                ++refused;
            }
            vm.revertToState(id);
        }
        assertTrue(refused > ENOUGH, "refused with less");
    }

    function test_release_NeverStarvesAPush() public {
        Deal memory d = owing();
        assertNeverStarved(d, releasing(d, 1), AMOUNT);
    }

    function test_settle_NeverStarvesAPush() public {
        Deal memory d = owing();
        assertNeverStarved(d, settling(d), AMOUNT + 600);
    }
}
