// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Obligation, Party, Phase, Share, Split, Status, Verdict, Voice} from "../src/interfaces/Types.sol";
import {BREACHED, Deal, MET} from "./base/Deal.sol";
import {AtTheLimits} from "./hostile/AtTheLimits.sol";
import {BurnerToken} from "./tokens/BurnerToken.sol";
import {vm} from "./base/Vm.sol";

/// @dev Every call at the limits of the terms fits into a transaction. Payments can be released beforehand, one by one if
/// need be; nothing else can be done in pieces. `forge test -vv --match-path test/limits.t.sol` tells the gas of each.
/// forge-config: default.isolate = true
contract LimitsTest is AtTheLimits {
    // Coming into force

    /// @dev As many phases as can be counted; only the first is disclosed.
    function test_open() public {
        Deal memory d = largest(1);
        Phase memory only = d.phases[0];
        d.phases = new Phase[](255);
        d.phases[0] = only;
        addressed(d);
        measured("open", anyone, address(factory), 0, opening(d, 1));
    }

    /// @dev The last of sixteen to join sends all of them what the first phase does not ask for.
    function test_accept() public {
        Deal memory d = thrifty();
        open(d);
        for (uint8 i; i < 15; ++i) {
            accept(d, i);
        }
        burnParties(d);
        bytes memory data = accepting(d, 15, "");
        measured("accept", d, d.terms.parties[15].account, LARGE, data);
        assertEq(address(d.account).balance, 16 * uint256(LARGE), "all is credited");
    }

    function test_enter() public {
        Deal memory d = thrifty();
        d.terms.minParties = 15;
        open(d);
        for (uint8 i; i < 15; ++i) {
            accept(d, i);
        }
        burnParties(d);
        when(d.terms.joinBy + 1);
        measured("enter", d, anyone, 0, entering(d));
        assertEq(address(d.account).balance, 15 * uint256(LARGE), "all is credited");
    }

    function test_void() public {
        Deal memory d = largest(1);
        open(d);
        for (uint8 i; i < 15; ++i) {
            accept(d, i);
        }
        burnParties(d);
        when(d.terms.joinBy + 1);
        measured("void", d, anyone, 0, voiding(d));
        assertEq(address(d.account).balance, 15 * uint256(LARGE), "all is credited");
    }

    /// @dev A first phase that asks for less than the bonds.
    function thrifty() private returns (Deal memory d) {
        d = largest(1);
        for (uint256 i; i < 16; ++i) {
            d.phases[0].bonds[i] = SMALL;
        }
    }

    // Paying in, each payment in a token of its own

    function test_fund() public {
        Deal memory d = manifold(16);
        inForce(d);
        uint256 coin = provideFor(d, type(uint32).max);
        measured("fund", d, payer, coin, funding(d, type(uint32).max));
        assertEq(d.account.state().funded, type(uint32).max, "funded");
    }

    function test_launch() public {
        Deal memory d = manifold(1);
        addressed(d);
        for (uint256 i; i < 32; ++i) {
            provide(d.terms.parties[0].account, d.phases[0].payments[i].asset, LARGE, d);
        }
        measured("launch", d.terms.parties[0].account, address(factory), LARGE, launching(d, 1, 0, type(uint32).max));
        assertEq(d.account.state().funded, type(uint32).max, "funded");
    }

    function test_topUp() public {
        Deal memory d = largest(1);
        d.phases[0].bonds[15] = 2 * LARGE;
        inForce(d);
        measured("topUp", d, anyone, LARGE, toppingUp(d, 15));
    }

    function manifold(uint256 parties) private returns (Deal memory d) {
        d = largest(1);
        if (parties == 1) alone(d);
        for (uint256 i; i < 32; ++i) {
            d.phases[0].payments[i].asset = tokenAt(i);
        }
    }

    /// @dev The first party only.
    function alone(Deal memory d) private pure {
        Party[] memory parties = new Party[](1);
        parties[0] = d.terms.parties[0];
        (d.terms.parties, d.terms.minParties) = (parties, 1);
        (d.phases[0].bonds, d.phases[0].bonds[0]) = (new uint128[](1), LARGE);
        for (uint256 i; i < 32; ++i) {
            d.phases[0].obligations[i].obligor = 0;
        }
    }

    function tokenAt(uint256 index) private returns (address asset) {
        asset = address(uint160(uint256(keccak256(abi.encode("token", index)))));
        vm.etch(asset, address(token).code);
    }

    // Deciding

    /// @dev All seats but one, kept in a tally; then the last, all of them again, and a payment that hangs on it.
    function test_attest() public {
        Deal memory d = funded(largest(1));
        Voice[] memory said = voices(d, 31, Verdict.Breached, type(uint256).max, 31);
        bytes memory data = attesting(d, 31, Verdict.Breached, type(uint256).max, said, 0);
        measured("attest, short of the quorum", d, anyone, 0, data);
        said = voices(d, 31, Verdict.Breached, type(uint256).max, 32);
        data = attesting(d, 31, Verdict.Breached, type(uint256).max, said, 0);
        measured("attest, deciding", d, anyone, 0, data);
        assertVerdict(d, 31, Verdict.Breached);
    }

    function test_attest_AndPay() public {
        Deal memory d = largest(1);
        (d.terms.arbitrator, d.terms.challengeWindow, d.terms.rulingWindow) = (address(0), 0, 0);
        d.terms.arbitratorData = "";
        funded(d);
        Voice[] memory said = voices(d, 31, Verdict.Breached, type(uint256).max, 32);
        bytes memory data = attesting(d, 31, Verdict.Breached, type(uint256).max, said, uint32(1) << 31);
        measured("attest, and pay one payment", d, anyone, 0, data);
        assertEq(d.account.state().paid, uint32(1) << 31, "paid");
    }

    function test_concede() public {
        Deal memory d = inForce(largest(1));
        measured("concede", d, d.terms.parties[15].account, 0, conceding(d, 31));
    }

    /// @dev The last of those with standing contests what the last obligation has come to, everything else being contested.
    function test_challenge() public {
        Deal memory d = funded(largest(1));
        when(START + 33 days + 63);
        for (uint8 i; i < 31; ++i) {
            challenge(d, community, i);
        }
        measured("challenge", d, community, 1 ether, challenging(d, 31));
        measured("rule", anyone, address(court), 0, ruling(32, 1));
        assertVerdict(d, 31, Verdict.Met);
    }

    function test_comment() public {
        Deal memory d = inForce(largest(1));
        address last = d.terms.panels[7].seats[31].verifier;
        measured("comment", d, last, 0, commenting(d, 31, string(new bytes(4_096))));
    }

    // Paying out

    /// @dev The smallest piece there is.
    function test_release_OnePayment() public {
        Deal memory d = breached(1);
        when(START + 60 days);
        measured("release, one payment", d, anyone, 0, releasing(d, uint32(1) << 31));
        assertEq(d.account.state().paid, uint32(1) << 31, "paid");
    }

    /// @dev Sixteen parties lose bond to eight recipients each, get some of it back, and a full phase follows.
    function test_settle() public {
        Deal memory d = breached(2);
        when(START + 60 days);
        release(d, type(uint32).max);
        measured("settle", d, anyone, 0, settling(d));
        assertEq(d.account.state().phase, 1, "phase");
        assertEq(address(d.account).balance, 48 * uint256(LARGE), "all is credited");
    }

    /// @dev Half of the promises are broken, and payments on them never came in, nor were they owed; the other half are material,
    /// and kept, so that each has to be asked for whether it cuts the phase off.
    function test_settle_WhatNeverCameIn() public {
        Deal memory d = halfKept(inForceHalf());
        measured("settle, nothing paid in", d, anyone, 0, settling(d));
        assertEq(d.account.state().phase, 1, "phase");
    }

    function test_unwind_WhatNeverCameIn() public {
        Deal memory d = halfKept(inForceHalf());
        when(end(d) + 1);
        measured("unwind, nothing paid in", d, anyone, 0, unwinding(d));
        assertStatus(d, Status.Unwound);
    }

    /// @dev Fields with fewer zeros still, and payments that hang on what the obligations will not come to.
    function inForceHalf() private returns (Deal memory d) {
        d = largest(3);
        (d.terms.accession, d.terms.predecessor) = (true, address(court));
        for (uint256 p; p < 3; ++p) {
            for (uint8 i; i < 32; ++i) {
                Obligation memory subject = d.phases[p].obligations[i];
                (subject.within, subject.grace, subject.material) = (0x01111111 + i, 0x01111111 + i, i >= 16);
                subject.forfeitBps = i < 16 ? 8_001 : 1;
                d.phases[p].payments[i].due = 0x01111111 + i;
                d.phases[p].payments[i].on = i < 16 ? MET : BREACHED;
            }
        }
        inForce(d);
    }

    function halfKept(Deal memory d) private returns (Deal memory) {
        for (uint8 i; i < 32; ++i) {
            Verdict verdict = i < 16 ? Verdict.Breached : Verdict.Met;
            attest(d, i, verdict, 0, voices(d, i, verdict, 0, 32), 0);
        }
        when(vm.getBlockTimestamp() + CHALLENGE_WINDOW + 1);
        burnParties(d);
        return d;
    }

    /// @dev Past the end nobody can settle any more, and all of it may still be there: it has to fit, or it would stay for
    /// ever.
    function test_unwind() public {
        Deal memory d = breached(1);
        when(end(d) + 1);
        release(d, type(uint32).max);
        measured("unwind", d, anyone, 0, unwinding(d));
        assertStatus(d, Status.Unwound);
        assertEq(address(d.account).balance, 48 * uint256(LARGE), "all is credited");
    }

    /// @dev In force, every payment in escrow, every promise broken by silence, and every verdict contested.
    function breached(uint256 phases) private returns (Deal memory d) {
        d = largest(phases);
        funded(d);
        when(START + 33 days + 63);
        for (uint8 i; i < 32; ++i) {
            challenge(d, community, i);
        }
        burnParties(d);
    }

    // By consent

    /// @dev Sixteen assets more than coin, whose tokens burn gas too; two members, and fourteen who have joined and get
    /// their bonds back.
    function test_dissolve() public {
        Deal memory d = largest(2);
        (d.terms.accession, d.terms.minParties) = (true, 2);
        BurnerToken hot = new BurnerToken();
        address[] memory assets = ascending(17);
        for (uint256 i; i < 17; ++i) {
            vm.etch(assets[i], address(hot).code);
            d.phases[0].payments[i].asset = assets[i];
        }
        joinedLate(d);
        Split[] memory splits = new Split[](18);
        splits[0] = Split(NATIVE, burners("splits", 0));
        for (uint256 i; i < 17; ++i) {
            BurnerToken(assets[i]).burn(true);
            splits[1 + i] = Split(assets[i], burners("splits", 1 + i));
        }
        burnParties(d);
        uint40 expiry = uint40(vm.getBlockTimestamp() + 1 days);
        bytes memory data = dissolving(d, splits, expiry, dissolutionSignatures(d, splits, expiry));
        measured("dissolve", d, anyone, 0, data);
        assertStatus(d, Status.Dissolved);
    }

    /// @dev The first two parties bring it into force and fund it; the others join for the next phase.
    function joinedLate(Deal memory d) private {
        open(d);
        accept(d, 0);
        accept(d, 1);
        when(d.terms.joinBy + 1);
        enterForce(d);
        fund(d, type(uint32).max);
        for (uint8 i = 2; i < 16; ++i) {
            accept(d, i);
        }
    }

    /// @dev Addresses in ascending order, with few zero bytes.
    function ascending(uint256 count) private pure returns (address[] memory list_) {
        list_ = new address[](count);
        for (uint160 i; i < count; ++i) {
            list_[i] = address(((i + 1) << 152) | (type(uint152).max - i));
        }
    }

    function test_extend() public {
        Deal memory d = inForce(largest(1));
        uint40 expiry = uint40(vm.getBlockTimestamp() + 1 days);
        bytes memory data = extending(d, false, 31, 40 days, expiry, extensionSignatures(d, false, 31, 40 days, expiry));
        measured("extend", d, anyone, 0, data);
    }
}
