// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {packPhase, packPhases, packTerms} from "./base/Packing.sol";
import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {IAgreement} from "../src/interfaces/IAgreement.sol";
import {Phase, Status} from "../src/interfaces/Types.sol";
import {IAgreementFactory} from "../src/interfaces/IAgreementFactory.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";

contract DiscloseTest is AgreementTest {
    using Building for Deal;

    function test_disclose_WhatWasNotDisclosedAtOpening() public {
        Deal memory d = open(usual(3), 1);
        for (uint256 count = 1; count <= 3; ++count) {
            expectDisclosed(d, count);
            disclose(d, d.hashes, firstOf(d, count));
        }
    }

    function test_disclose_AtAnyTime() public {
        for (uint8 status; status <= uint8(Status.Unwound); ++status) {
            Deal memory d = reached(Status(status));
            expectDisclosed(d, 1);
            disclose(d, d.hashes, d.phases);
        }
    }

    function test_disclose_RevertWhen_NothingIsDisclosed() public {
        Deal memory d = open(usual());
        refuse(abi.encodeWithSelector(IAgreementFactory.NothingDisclosed.selector));
        disclose(d, d.hashes, firstOf(d, 0));
    }

    function test_disclose_RevertWhen_NotOpen() public {
        Deal memory d = usual();
        seal(d);
        address foretold = factory.addressOf(packTerms(d.terms), d.hashes, packPhase(d.phases[0]));
        refuse(abi.encodeWithSelector(IAgreementFactory.NotOpen.selector, foretold));
        disclose(d, d.hashes, d.phases);
    }

    function test_disclose_RevertWhen_TermsAreOthers() public {
        Deal memory d = open(usual());
        d.terms.topUpWithin += 1;
        address other = factory.addressOf(packTerms(d.terms), d.hashes, packPhase(d.phases[0]));
        refuse(abi.encodeWithSelector(IAgreementFactory.NotOpen.selector, other));
        disclose(d, d.hashes, d.phases);
    }

    function test_disclose_RevertWhen_HashesAreNotOfTheTerms() public {
        Deal memory d = open(usual(2));
        bytes32[] memory fewer = new bytes32[](1);
        fewer[0] = d.hashes[0];
        bytes32 actual = keccak256(abi.encodePacked(fewer));
        refuse(abi.encodeWithSelector(IAgreementFactory.PhasesMismatch.selector, d.terms.phases, actual));
        disclose(d, fewer, firstOf(d, 1));
    }

    function test_disclose_RevertWhen_APhaseIsAnother() public {
        Deal memory d = open(usual(2), 1);
        Phase[] memory shown = firstOf(d, 2);
        shown[1] = shown[0];
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseMismatch.selector, d.hashes[1], d.hashes[0]));
        disclose(d, d.hashes, shown);
    }

    function test_disclose_RevertWhen_MoreIsDisclosedThanThereIs() public {
        Deal memory d = open(usual());
        Phase[] memory shown = new Phase[](2);
        (shown[0], shown[1]) = (d.phases[0], d.phases[0]);
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseMismatch.selector, bytes32(0), d.hashes[0]));
        disclose(d, d.hashes, shown);
    }

    function test_disclose_RevertWhen_APhaseIsFlawed() public {
        Deal memory d = usual(2);
        d.phases[1].payments[0].amount = 0;
        open(d, 1);
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseFlawed.selector, 1, bytes32("amount"), 0));
        disclose(d, d.hashes, d.phases);
    }

    // Shorthand

    function disclose(Deal memory d, bytes32[] memory hashes, Phase[] memory shown) private {
        act(anyone, address(factory), 0, disclosing(d, hashes, shown));
    }

    function expectDisclosed(Deal memory d, uint256 count) private {
        vm.expectEmit(address(factory));
        emit IAgreementFactory.Disclosed(
            address(d.account), hashing.hashTerms(d.terms), packTerms(d.terms), d.hashes, packPhases(firstOf(d, count))
        );
    }
}
