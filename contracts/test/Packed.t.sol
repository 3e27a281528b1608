// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {packPhase, packTerms} from "./base/Packing.sol";
import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {IAgreementFactory} from "../src/interfaces/IAgreementFactory.sol";
import {Obligation, Payment, Phase, Share, Terms, Tier, Verdict} from "../src/interfaces/Types.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal, MET, all, split} from "./base/Deal.sol";

/// @dev Bytes mean one thing, and a thing is written in one way.
contract PackedTest is AgreementTest {
    using Building for Deal;

    function rich(uint256 seed) private view returns (Deal memory d) {
        d = usual();
        d.terms.predecessor = address(uint160(seed));
        d.terms.arbitratorData = new bytes(seed % 70);
        d.terms.standing = new address[](seed % 5);
        d.terms.challengeWindow = uint32(seed >> 8);
        d.terms.accession = seed % 2 == 1;
        d.levels(uint128(seed), uint128(seed >> 128));
        d.obligation(255, Verdict.Lapsed, seed % 3 == 0, 0);
        Payment memory payment = d.phases[0].payments[0];
        payment.payees = split(charity, uint16(seed % 9_999 + 1), performer);
        payment.tiers = new Tier[](seed % 4);
        for (uint256 i; i < payment.tiers.length; ++i) {
            payment.tiers[i] = Tier(seed >> i, ~seed, uint16(seed >> 16));
        }
        d.payment(PAYER, NATIVE, uint128(seed >> 64), all(performer), MET);
    }

    function testFuzz_decode_GivesBackWhatWasPacked(uint256 seed) public view {
        Deal memory d = rich(seed);
        Terms memory terms = factory.decodeTerms(packTerms(d.terms));
        assertEq(keccak256(abi.encode(terms)), keccak256(abi.encode(d.terms)), "terms");
        Phase memory phase = factory.decodePhase(packPhase(d.phases[0]));
        assertEq(keccak256(abi.encode(phase)), keccak256(abi.encode(d.phases[0])), "phase");
    }

    /// @dev Any bytes that decode are the bytes that their meaning is packed to.
    function testFuzz_decode_NothingMeansTheSameInTwoWays(uint256 seed, uint256 at, uint8 flip) public {
        bytes memory packed = packPhase(rich(seed).phases[0]);
        at %= packed.length;
        packed[at] ^= bytes1(flip);
        try factory.decodePhase(packed) returns (Phase memory phase) {
            assertEq(keccak256(packPhase(phase)), keccak256(packed), "one way to write it");
        } catch {}
        packed = packTerms(rich(seed).terms);
        at %= packed.length;
        packed[at] ^= bytes1(flip);
        try factory.decodeTerms(packed) returns (Terms memory terms) {
            assertEq(keccak256(packTerms(terms)), keccak256(packed), "one way to write it");
        } catch {}
    }

    function test_decode_RevertWhen_BytesAreLeftOverOrMissing() public {
        Deal memory d = usual();
        bytes memory terms = packTerms(d.terms);
        bytes memory phase = packPhase(d.phases[0]);
        refuseTerms(bytes.concat(terms, hex"00"));
        refusePhase(bytes.concat(phase, hex"00"));
        refuseTerms(cut(terms, 1));
        refusePhase(cut(phase, 1));
        refuseTerms("");
        refusePhase("");
    }

    function test_decode_RevertWhen_ABoolIsNeither() public {
        Deal memory d = usual();
        bytes memory terms = packTerms(d.terms);
        terms[63] = 0x02;
        refuseTerms(terms);
        bytes memory phase = packPhase(d.phases[0]);
        phase[32 + 5 + 2 + 2 + 3] = 0x02;
        refusePhase(phase);
    }

    function test_open_RevertWhen_Malpacked() public {
        Deal memory d = usual();
        seal(d);
        bytes[] memory shown = new bytes[](1);
        shown[0] = packPhase(d.phases[0]);
        bytes memory terms = bytes.concat(packTerms(d.terms), hex"00");
        refuse(abi.encodeWithSelector(IAgreementEvents.Malpacked.selector));
        act(anyone, address(factory), 0, abi.encodeCall(IAgreementFactory.open, (terms, d.hashes, shown)));
        shown[0] = bytes.concat(shown[0], hex"00");
        terms = packTerms(d.terms);
        refuse(abi.encodeWithSelector(IAgreementEvents.Malpacked.selector));
        act(anyone, address(factory), 0, abi.encodeCall(IAgreementFactory.open, (terms, d.hashes, shown)));
    }

    function cut(bytes memory whole, uint256 bytes_) private pure returns (bytes memory shorter) {
        shorter = new bytes(whole.length - bytes_);
        for (uint256 i; i < shorter.length; ++i) {
            shorter[i] = whole[i];
        }
    }

    function refuseTerms(bytes memory packed) private {
        refuse(abi.encodeWithSelector(IAgreementEvents.Malpacked.selector));
        act(anyone, address(factory), 0, abi.encodeCall(IAgreementFactory.decodeTerms, (packed)));
    }

    function refusePhase(bytes memory packed) private {
        refuse(abi.encodeWithSelector(IAgreementEvents.Malpacked.selector));
        act(anyone, address(factory), 0, abi.encodeCall(IAgreementFactory.decodePhase, (packed)));
    }
}
