// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {IAgreement} from "../src/interfaces/IAgreement.sol";
import {Phase, Status} from "../src/interfaces/Types.sol";
import {IAgreementFactory} from "../src/interfaces/IAgreementFactory.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";

contract DiscloseTest is AgreementTest {
    using Building for Deal;

    uint256 private constant WORD = 32;
    /// @dev Where `parties` and `panels` stand among the fields of the terms.
    uint256 private constant PARTIES = 12;
    uint256 private constant PANELS = 13;

    function test_disclose_WhatWasNotDisclosedAtOpening() public {
        Deal memory d = open(usual(3), 1);
        for (uint256 count; count <= 3; ++count) {
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

    /// @dev Somebody was faster to open, with arguments that mean the same but that a strict reader cannot decode.
    function test_disclose_AfterAnOpeningThatNobodyCanRead() public {
        Deal memory d = usual(2);
        seal(d);
        d.account = IAgreement(factory.addressOf(d.terms, d.hashes));
        bytes memory arguments = backwards(abi.encode(d.terms, d.hashes, d.phases));
        vm.expectEmit(address(factory));
        emit IAgreementFactory.Opened(address(d.account), hashing.hashTerms(d.terms), d.terms.document, arguments);
        act(anyone, address(factory), 0, bytes.concat(IAgreementFactory.open.selector, arguments));
        assertStatus(d, Status.Open);
        expectDisclosed(d, 2);
        disclose(d, d.hashes, d.phases);
    }

    function test_disclose_InOneFormWhateverCameIn() public {
        Deal memory d = open(usual(2));
        expectDisclosed(d, 2);
        bytes memory arguments = backwards(abi.encode(d.terms, d.hashes, d.phases));
        act(anyone, address(factory), 0, bytes.concat(IAgreementFactory.disclose.selector, arguments));
    }

    function test_disclose_RevertWhen_NotOpen() public {
        Deal memory d = usual();
        seal(d);
        address foretold = factory.addressOf(d.terms, d.hashes);
        refuse(abi.encodeWithSelector(IAgreementFactory.NotOpen.selector, foretold));
        disclose(d, d.hashes, d.phases);
    }

    function test_disclose_RevertWhen_TermsAreOthers() public {
        Deal memory d = open(usual());
        d.terms.topUpWithin += 1;
        address other = factory.addressOf(d.terms, d.hashes);
        refuse(abi.encodeWithSelector(IAgreementFactory.NotOpen.selector, other));
        disclose(d, d.hashes, d.phases);
    }

    function test_disclose_RevertWhen_HashesAreNotOfTheTerms() public {
        Deal memory d = open(usual(2));
        bytes32[] memory fewer = new bytes32[](1);
        fewer[0] = d.hashes[0];
        bytes32 actual = keccak256(abi.encodePacked(fewer));
        refuse(abi.encodeWithSelector(IAgreementFactory.PhasesMismatch.selector, d.terms.phases, actual));
        disclose(d, fewer, new Phase[](0));
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
        act(anyone, address(factory), 0, abi.encodeCall(IAgreementFactory.disclose, (d.terms, hashes, shown)));
    }

    function expectDisclosed(Deal memory d, uint256 count) private {
        vm.expectEmit(address(factory));
        emit IAgreementFactory.Disclosed(
            address(d.account), hashing.hashTerms(d.terms), d.terms, d.hashes, firstOf(d, count)
        );
    }

    /// @dev The same arguments with the parties placed before the terms that they belong to, at a negative offset.
    function backwards(bytes memory canonical) private pure returns (bytes memory odd) {
        uint256 terms = wordAt(canonical, 0);
        uint256 parties = terms + wordAt(canonical, terms + PARTIES * WORD);
        uint256 length = terms + wordAt(canonical, terms + PANELS * WORD) - parties;
        odd = bytes.concat(piece(canonical, 0, 3 * WORD), piece(canonical, parties, length));
        odd = bytes.concat(odd, piece(canonical, 3 * WORD, canonical.length - 3 * WORD));
        for (uint256 i; i < 3; ++i) {
            put(odd, i * WORD, wordAt(canonical, i * WORD) + length);
        }
        unchecked {
            put(odd, terms + length + PARTIES * WORD, 3 * WORD - terms - length);
        }
    }

    function wordAt(bytes memory data, uint256 at) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), at))
        }
    }

    function put(bytes memory data, uint256 at, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(add(add(data, 0x20), at), word)
        }
    }

    function piece(bytes memory data, uint256 at, uint256 length) private pure returns (bytes memory cut) {
        cut = new bytes(length);
        for (uint256 i; i < length; ++i) {
            cut[i] = data[at + i];
        }
    }
}
