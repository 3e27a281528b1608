// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../src/tokens/TestToken.sol";
import {BREACHED, Building, Deal, MET, all, split} from "../base/Deal.sol";
import {RecourseTest} from "../base/RecourseTest.sol";
import {vm} from "../base/Vm.sol";
import {Verdict} from "../../src/interfaces/Types.sol";

/// @dev A deal in three assets at once, of which one may be bad; calls that may fail; who got what.
abstract contract HostileTest is RecourseTest {
    using Building for Deal;

    /// @dev Most gas a call gets that may burn all of it.
    uint256 private constant ALLOWANCE = 5_000_000;
    uint16 private constant THIRD = 3_333;

    mapping(address asset => mapping(address account => uint256)) private _marked;

    /// @dev The payer has its bond in `asset`, the performer in an honest token, the latecomer in coin. For each asset
    /// there is a payment by the payer on what the performer does; what the payer does may cost it bond.
    function mixed(address asset, uint256 phases) internal view returns (Deal memory d) {
        d = blank();
        d.party(payer, asset, BOND, split(performer, THIRD, charity));
        d.party(performer, address(token), BOND, all(payer));
        d.party(latecomer, NATIVE, BOND, all(charity));
        d.judge(verifier);
        for (uint256 i; i < phases; ++i) {
            d.phase();
            d.obligation(PERFORMER, Verdict.Breached, false, 6_000);
            d.payment(PAYER, asset, AMOUNT, split(performer, THIRD, charity), MET);
            d.payment(PAYER, address(token), AMOUNT, all(performer), MET);
            d.payment(PAYER, NATIVE, AMOUNT, all(charity), MET | BREACHED);
            d.obligation(PAYER, Verdict.Breached, false, 4_000);
        }
    }

    /// @dev Opened, and everybody has what it may take.
    function endowed(Deal memory d, address asset) internal returns (Deal memory) {
        open(d);
        address[4] memory holders = [payer, performer, latecomer, anyone];
        for (uint256 i; i < 4; ++i) {
            vm.deal(holders[i], WEALTH);
            TestToken(asset).mint(holders[i], WEALTH);
            token.mint(holders[i], WEALTH);
            approve(holders[i], asset, address(d.account));
            approve(holders[i], address(token), address(d.account));
        }
        return d;
    }

    function approve(address holder, address asset, address spender) internal {
        vm.prank(holder);
        TestToken(asset).approve(spender, type(uint256).max);
    }

    /// @dev Whether a call succeeds.
    function attempt(address caller, Deal memory d, uint256 value, bytes memory data) internal returns (bool) {
        return attempt(caller, address(d.account), value, data);
    }

    function attempt(address caller, address target, uint256 value, bytes memory data) internal returns (bool success) {
        vm.prank(caller);
        (success,) = target.call{value: value, gas: ALLOWANCE}(data);
    }

    /// @dev From here on `got` counts.
    function mark(address asset, address account) internal {
        _marked[asset][account] = balance(asset, account);
    }

    function mark(address asset) internal {
        address[6] memory accounts = [payer, performer, latecomer, charity, community, anyone];
        for (uint256 i; i < 6; ++i) {
            mark(asset, accounts[i]);
            mark(address(token), accounts[i]);
            mark(NATIVE, accounts[i]);
        }
    }

    /// @dev What an account has more than when it was marked.
    function got(address asset, address account) internal view returns (uint256) {
        return balance(asset, account) - _marked[asset][account];
    }

    function assertGot(address asset, address account, uint256 expected, string memory what) internal view {
        assertEq(got(asset, account), expected, what);
    }

    /// @dev What a share of a third of an amount comes to; the other share takes the rest.
    function third(uint256 amount) internal pure returns (uint256) {
        return amount * THIRD / 10_000;
    }
}
