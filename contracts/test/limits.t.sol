// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IRecourse} from "../src/interfaces/IRecourse.sol";
import {ICourse} from "../src/interfaces/ICourse.sol";
import {Phase, Share, Status, Verdict} from "../src/interfaces/Types.sol";
import {Recipient} from "./actors/Recipient.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {BREACHED, Building, Deal, MET} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";

contract LimitsTest is AgreementTest {
    using Building for Deal;

    /// @dev Most gas one transaction may use (EIP-7825).
    uint256 private constant TRANSACTION_CAP = 1 << 24;

    /// @dev Sixteen parties lose bond to eight recipients each, get some of it back, and a full phase follows; whoever
    /// receives anything burns all gas it is given. Payments can be released beforehand, one by one if need be; the
    /// rest has to fit into one transaction (EIP-7825).
    function test_settle_AtTheLimitsFitsIntoATransaction() public {
        Deal memory d = atTheLimits(2);
        when(START + 33 days + 1);
        release(d, type(uint32).max);
        Phase[] memory next = new Phase[](1);
        next[0] = d.phases[1];
        bytes memory data = abi.encodeCall(ICourse.settle, (d.terms, d.phases[0], later(d, 0), next, 0));
        actWithinATransaction(d, data);
        assertEq(d.account.state().phase, 1, "phase");
        assertEq(address(d.account).balance, 16 * uint256(BOND) + 32 * 8, "nobody took anything: all is credited");
    }

    /// @dev Past the end nobody can settle any more, and all of it may still be there: payments are released piece by piece
    /// then too, and the rest has to fit into one transaction, or it would stay for ever.
    function test_unwind_AtTheLimitsFitsIntoATransaction() public {
        Deal memory d = atTheLimits(1);
        when(d.terms.longStop + 1);
        release(d, type(uint32).max);
        actWithinATransaction(d, abi.encodeCall(IRecourse.unwind, (d.terms, d.phases[0], 0)));
        assertStatus(d, Status.Unwound);
        assertEq(address(d.account).balance, 16 * uint256(BOND) + 32 * 8, "nobody took anything: all is credited");
    }

    /// @dev Sixteen parties with eight recipients of what they forfeit, thirty-two promises that silence breaks, and a
    /// payment to eight recipients on each; whoever is to receive anything burns gas.
    function atTheLimits(uint256 phases) private returns (Deal memory d) {
        d = blank();
        bytes memory burner = address(burners()[0].to).code;
        uint128[] memory lower = new uint128[](16);
        for (uint256 i; i < 16; ++i) {
            d.party(actor(string.concat("party ", vm.toString(i))), NATIVE, BOND, burners());
            lower[i] = 1;
        }
        d.judge(verifier);
        for (uint256 phase; phase < phases; ++phase) {
            d.phase();
            for (uint8 i; i < 32; ++i) {
                d.obligation(i % 16, Verdict.Breached, false, 4_000);
                d.payment(PAYER, NATIVE, 8, burners(), MET | BREACHED);
            }
        }
        if (phases > 1) d.last().bonds = lower;
        funded(d);
        for (uint256 i; i < 16; ++i) {
            vm.etch(d.terms.parties[i].account, burner);
            Recipient(payable(d.terms.parties[i].account)).behave(Recipient.Manner.BurnsGas);
        }
    }

    function actWithinATransaction(Deal memory d, bytes memory data) private {
        uint256 intrinsic = 21_000;
        for (uint256 i; i < data.length; ++i) {
            intrinsic += data[i] == 0 ? 4 : 16;
        }
        cool(d);
        uint256 before = gasleft();
        act(anyone, d, 0, data);
        uint256 used = intrinsic + before - gasleft();
        if (used > TRANSACTION_CAP) revert NotEqual(used, TRANSACTION_CAP, "gas of one transaction");
    }

    /// @dev As at the start of a transaction, when everything is yet to be touched.
    function cool(Deal memory d) private {
        vm.cool(address(d.account));
        vm.cool(factory.implementation());
        for (uint256 i; i < 16; ++i) {
            vm.cool(d.terms.parties[i].account);
            for (uint256 j; j < 8; ++j) {
                vm.cool(d.terms.parties[i].forfeiture[j].to);
            }
        }
    }

    function burners() private returns (Share[] memory shares) {
        shares = new Share[](8);
        for (uint256 i; i < 8; ++i) {
            Recipient recipient = new Recipient();
            recipient.behave(Recipient.Manner.BurnsGas);
            shares[i] = Share(address(recipient), 1_250);
        }
    }
}
