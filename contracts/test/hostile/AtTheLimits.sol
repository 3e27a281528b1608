// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    Obligation,
    Panel,
    Party,
    Payment,
    Phase,
    Seat,
    Share,
    Terms,
    Tier,
    Verdict
} from "../../src/interfaces/Types.sol";
import {Recipient} from "../actors/Recipient.sol";
import {BREACHED, Deal, MET} from "../base/Deal.sol";
import {RecourseTest} from "../base/RecourseTest.sol";
import {vm} from "../base/Vm.sol";
import {more} from "./Cheats.sol";

/// @dev Terms of which nothing could be larger: every list is as long as it may be, words have few zero bytes, every
/// recipient is another account and burns what gas it is given.
abstract contract AtTheLimits is RecourseTest {
    /// @dev Most gas one transaction may use (EIP-7825).
    uint256 internal constant TRANSACTION_CAP = 1 << 24;
    uint128 internal constant LARGE = 0x0123456789abcdef0123456789abcde0;
    uint128 internal constant SMALL = 0x0123456789abcdef0123456789abcd00;
    /// @dev Bond parts of a settlement: 128 shares of what is forfeited, and what sixteen parties get back.
    uint256 internal constant PUSHES = 144;

    /// @dev The one event that forge prints (`-vv`).
    event log_named_uint(string key, uint256 value);

    bytes internal burner;

    function setUp() public virtual override {
        super.setUp();
        Recipient recipient = new Recipient();
        burner = address(recipient).code;
    }

    // Terms

    function largest(uint256 phases) internal returns (Deal memory d) {
        d.terms = header(new Party[](16));
        for (uint256 i; i < 16; ++i) {
            address account = actor(string.concat("party ", vm.toString(i)));
            d.terms.parties[i] = Party(account, NATIVE, LARGE, burners("forfeiture", i));
        }
        d.phases = new Phase[](phases);
        for (uint256 i; i < phases; ++i) {
            d.phases[i] = largestPhase(i);
        }
    }

    function header(Party[] memory parties) internal returns (Terms memory terms) {
        terms.document = keccak256("document");
        (terms.joinBy, terms.longStop) = (uint40(START + 14 days), uint40(START + 720 days));
        (terms.challengeWindow, terms.rulingWindow) = (CHALLENGE_WINDOW, RULING_WINDOW);
        (terms.topUpWithin, terms.defaultForfeitBps) = (7 days, 5_000);
        (terms.arbitrator, terms.arbitratorData) = (address(court), dense(1_024));
        (terms.parties, terms.minParties) = (parties, uint8(parties.length));
        terms.panels = new Panel[](8);
        for (uint256 i; i < 8; ++i) {
            Seat[] memory seats = new Seat[](32);
            for (uint256 j; j < 32; ++j) {
                seats[j] = Seat(actor(string.concat("seat ", vm.toString(i), " ", vm.toString(j))), uint8(j % 8));
            }
            terms.panels[i] = Panel(32, new uint8[](8), seats);
            for (uint256 j; j < 8; ++j) {
                terms.panels[i].quotas[j] = 4;
            }
        }
        terms.standing = actors("neighbour", 32);
        terms.standing[31] = community;
    }

    function dense(uint256 length) internal pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i; i < length; ++i) {
            data[i] = 0xab;
        }
    }

    function largestPhase(uint256 index) internal returns (Phase memory phase) {
        phase.salt = keccak256(abi.encode(index));
        phase.notBefore = uint40(START);
        phase.bonds = new uint128[](16);
        phase.obligations = new Obligation[](32);
        phase.payments = new Payment[](32);
        for (uint8 i; i < 32; ++i) {
            phase.bonds[i % 16] = index == 0 ? LARGE : SMALL;
            phase.obligations[i] =
                Obligation(i % 16, i % 8, uint8(Verdict.Breached), false, 30 days + i, 3 days + i, 4_001);
            Share[] memory payees = burners("payees", 32 * index + i);
            phase.payments[i] = Payment(0, i, MET | BREACHED, NATIVE, LARGE, 20 days + i, payees, tiers(i));
        }
    }

    /// @dev No value reaches the first of them, so that finding out takes looking at all.
    function tiers(uint256 seed) internal pure returns (Tier[] memory list_) {
        list_ = new Tier[](16);
        for (uint256 i; i < 16; ++i) {
            uint256 dense = uint256(keccak256(abi.encode(seed, i)));
            list_[i] = Tier((1 + i) << 248 | dense >> 8, dense, uint16(dense));
        }
    }

    function burners(string memory what, uint256 index) internal returns (Share[] memory shares) {
        shares = new Share[](8);
        for (uint256 i; i < 8; ++i) {
            address to = address(uint160(uint256(keccak256(abi.encode(what, index, i)))));
            burn(to);
            shares[i] = Share(to, i == 7 ? 1_257 : 1_249);
        }
    }

    /// @dev From now on the account burns what gas it is given. It has its code from another account (EIP-7702), each from one
    /// of its own, which has to be looked up besides.
    function burn(address account) internal {
        address code = address(uint160(uint256(keccak256(abi.encode("code of", account)))));
        vm.etch(code, burner);
        vm.etch(account, abi.encodePacked(hex"ef0100", code));
        Recipient(payable(account)).behave(Recipient.Manner.BurnsGas);
    }

    function burnParties(Deal memory d) internal {
        for (uint256 i; i < d.terms.parties.length; ++i) {
            burn(d.terms.parties[i].account);
        }
    }

    // Measures

    /// @dev The call fits into a transaction: it is given the gas of one, no more, so that what must stay behind of it (EIP-150) is
    /// counted too. How much it used is told. The tests run with `isolate`, so that every call of theirs is a transaction: what
    /// it used has its calldata in it, and everything is yet to be touched.
    function measured(string memory what, address caller, address target, uint256 value, bytes memory data) internal {
        if (caller.balance < value) vm.deal(caller, value);
        vm.prank(caller);
        (bool success, bytes memory answer) = target.call{value: value, gas: TRANSACTION_CAP}(data);
        uint256 used = more.lastCallGas().gasTotalUsed;
        emit log_named_uint(what, used);
        if (!success) bubble(answer);
        assertTrue(used > 21_000 + 4 * data.length, "a transaction of its own");
        if (used > TRANSACTION_CAP) revert NotEqual(used, TRANSACTION_CAP, what);
    }

    function measured(string memory what, Deal memory d, address caller, uint256 value, bytes memory data) internal {
        measured(what, caller, address(d.account), value, data);
    }
}
