// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {packPhase, packPhases, packTerms} from "./base/Packing.sol";
import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";

import {IAgreement} from "../src/interfaces/IAgreement.sol";
import {Obligation, Party, Payment, Phase, Seat, Share, Status, Tier, Verdict} from "../src/interfaces/Types.sol";
import {IAgreementFactory} from "../src/interfaces/IAgreementFactory.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal, MET, OUTSIDE, all, seatsOf, split} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";

contract OpenTest is AgreementTest {
    using Building for Deal;

    /// @dev Most gas one transaction may use (EIP-7825).
    uint256 private constant TRANSACTION_CAP = 1 << 24;

    function test_open_AtTheAddressOfItsTerms() public {
        Deal memory d = usual(3);
        seal(d);
        IAgreement foretold = IAgreement(factory.addressOf(packTerms(d.terms), d.hashes, packPhase(d.phases[0])));
        expectOpened(foretold, d, d.phases);
        open(d);

        bytes32 commitment = hashing.chain(keccak256(packTerms(d.terms)), agenda(d));
        assertEq(foretold.commitment(), commitment, "commitment");
        assertEq(
            foretold.domainSeparator(), hashing.domainSeparator(block.chainid, address(foretold)), "domain separator"
        );
        assertStatus(d, Status.Open);
    }

    function test_open_DisclosingTheFirstPhaseOnly() public {
        Deal memory d = usual(2);
        seal(d);
        expectOpened(
            IAgreement(factory.addressOf(packTerms(d.terms), d.hashes, packPhase(d.phases[0]))), d, firstOf(d, 1)
        );
        open(d, 1);
        assertStatus(d, Status.Open);
    }

    function test_open_TermsThatDifferInAnythingLiveElsewhere() public {
        Deal memory d = open(usual());
        Deal memory other = usual();
        other.terms.longStop += 1;
        assertTrue(address(open(other).account) != address(d.account), "another address");
    }

    function test_open_RevertWhen_AlreadyOpen() public {
        Deal memory d = open(usual());
        refuse(abi.encodeWithSelector(IAgreementFactory.AlreadyOpen.selector, d.account));
        open(d);
    }

    /// @dev Making it again at the same address would burn what gas there is.
    function test_open_RevertWhen_AlreadyOpen_Cheaply() public {
        Deal memory d = open(usual());
        bytes memory data = opening(d, 1);
        uint256 before = gasleft();
        vm.prank(anyone);
        (bool success,) = address(factory).call{gas: 3_000_000}(data);
        assertTrue(!success && before - gasleft() < 120_000, "refused, and most of the gas is left");
    }

    function test_open_RevertWhen_HashesAreNotOfTheTerms() public {
        Deal memory d = usual(2);
        seal(d);
        bytes32[] memory fewer = new bytes32[](1);
        fewer[0] = d.hashes[0];
        bytes memory reason = abi.encodeWithSelector(
            IAgreementFactory.PhasesMismatch.selector, d.terms.phases, keccak256(abi.encodePacked(fewer))
        );
        refuse(reason);
        openRaw(d, fewer, firstOf(d, 1));
        refuse(reason);
        act(
            anyone,
            address(factory),
            0,
            abi.encodeCall(IAgreementFactory.addressOf, (packTerms(d.terms), fewer, packPhase(d.phases[0])))
        );
    }

    function test_open_RevertWhen_ADisclosedPhaseIsAnother() public {
        Deal memory d = usual(2);
        seal(d);
        Phase[] memory shown = new Phase[](2);
        (shown[0], shown[1]) = (d.phases[0], d.phases[0]);
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseMismatch.selector, d.hashes[1], d.hashes[0]));
        openRaw(d, d.hashes, shown);
    }

    function test_open_RevertWhen_MoreIsDisclosedThanThereIs() public {
        Deal memory d = usual();
        seal(d);
        Phase[] memory shown = new Phase[](2);
        (shown[0], shown[1]) = (d.phases[0], d.phases[0]);
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseMismatch.selector, bytes32(0), d.hashes[0]));
        openRaw(d, d.hashes, shown);
    }

    function test_open_RevertWhen_TheFirstPhaseIsNotDisclosed() public {
        Deal memory d = usual(2);
        refuse(abi.encodeWithSelector(IAgreementFactory.NothingDisclosed.selector));
        open(d, 0);
        open(d, 1);
    }

    // Flaws of the header

    function test_open_RevertWhen_JoiningEndedBefore() public {
        Deal memory d = usual();
        d.terms.joinBy = uint40(START - 1);
        refuseHeader(d, "joinBy", 0);
        d.terms.joinBy = uint40(START);
        open(d);
    }

    function test_open_RevertWhen_TheLongStopIsNotAfterJoining() public {
        Deal memory d = usual();
        d.terms.longStop = d.terms.joinBy;
        refuseHeader(d, "longStop", 0);
        d.terms.longStop = d.terms.joinBy + 1;
        open(d);
    }

    function test_open_RevertWhen_TheTimeToTopUpEndsPastAllTime() public {
        Deal memory d = usual();
        d.terms.longStop = type(uint40).max - d.terms.topUpWithin + 1;
        refuseHeader(d, "topUpWithin", 0);
        d.terms.longStop -= 1;
        open(d);
    }

    function test_open_RevertWhen_ADefaultForfeitsMoreThanAll() public {
        Deal memory d = usual();
        d.terms.defaultForfeitBps = 10_001;
        refuseHeader(d, "defaultForfeitBps", 0);
        d.terms.defaultForfeitBps = 10_000;
        open(d);
    }

    function test_open_RevertWhen_NumberOfPhases() public {
        Deal memory d = usual();
        d.phases = new Phase[](0);
        refuseHeader(d, "phases", 0);
        d = usual();
        seal(d);
        d.hashes = new bytes32[](256);
        refuseHashes(d, "phases", 256);
        d.hashes = new bytes32[](255);
        d.hashes[0] = hashing.hashPhase(d.phases[0]);
        d.terms.phases = keccak256(abi.encodePacked(d.hashes));
        openRaw(d, d.hashes, d.phases);
    }

    function test_open_RevertWhen_NumberOfParties() public {
        Deal memory d = usual();
        d.terms.parties = new Party[](0);
        d.terms.minParties = 0;
        refuseHeader(d, "parties", 0);
        address[] memory accounts = actors("party", 15);
        d = usual();
        for (uint256 i; i < 15; ++i) {
            d.party(accounts[i], NATIVE, 0, new Share[](0));
        }
        refuseHeader(d, "parties", 17);
    }

    function test_open_RevertWhen_APartyIsNobodyOrTwice() public {
        Deal memory d = usual();
        d.terms.parties[1].account = address(0);
        refuseHeader(d, "account", 1);
        d.terms.parties[1].account = payer;
        refuseHeader(d, "account", 1);
    }

    function test_open_RevertWhen_ABondIsInItsOwnPartysName() public {
        Deal memory d = usual();
        d.terms.parties[1].asset = performer;
        refuseHeader(d, "asset", 1);
        d.terms.parties[1].asset = payer;
        open(d);
    }

    function test_open_RevertWhen_ForfeitureIsNotWhole() public {
        Deal memory d = usual();
        Party memory party = d.terms.parties[1];
        party.forfeiture = new Share[](0);
        refuseHeader(d, "forfeiture", 1);
        party.forfeiture = all(address(0));
        refuseHeader(d, "forfeiture", 1);
        party.forfeiture = all(payer);
        party.forfeiture[0].bps = 9_999;
        refuseHeader(d, "forfeiture", 1);
        party.forfeiture = split(payer, 10_000, charity);
        refuseHeader(d, "forfeiture", 1);
        party.forfeiture = even(9);
        refuseHeader(d, "forfeiture", 1);
        party.forfeiture = even(8);
        open(d);
    }

    function test_open_RevertWhen_ForfeitureWithoutBondIsNotWhole() public {
        Deal memory d = usual();
        d.terms.parties[1].bond = 0;
        d.terms.parties[1].forfeiture[0].bps = 1;
        refuseHeader(d, "forfeiture", 1);
        d.terms.parties[1].forfeiture = new Share[](0);
        open(d);
    }

    function test_open_RevertWhen_NumberOfPanels() public {
        Deal memory d = usual();
        for (uint256 i; i < 8; ++i) {
            d.judge(verifier);
        }
        refuseHeader(d, "panels", 9);
    }

    function test_open_RevertWhen_NumberOfSeats() public {
        Deal memory d = usual();
        d.panel(1, new uint8[](0), new Seat[](0));
        refuseHeader(d, "seats", 1);
        d = usual();
        d.panel(1, new uint8[](0), seatsOf(actors("verifier", 33)));
        refuseHeader(d, "seats", 1);
    }

    function test_open_RevertWhen_ThresholdCannotBe() public {
        Deal memory d = usual();
        d.terms.panels[0].threshold = 0;
        refuseHeader(d, "threshold", 0);
        d.terms.panels[0].threshold = 2;
        refuseHeader(d, "threshold", 0);
    }

    function test_open_RevertWhen_AVerifierIsNobodyOrTwice() public {
        Deal memory d = usual();
        d.panel(1, new uint8[](0), seatsOf(actors("verifier", 3)));
        d.terms.panels[1].seats[2].verifier = address(0);
        refuseHeader(d, "verifier", 1);
        d.terms.panels[1].seats[2].verifier = d.terms.panels[1].seats[0].verifier;
        refuseHeader(d, "verifier", 1);
    }

    function test_open_RevertWhen_AChamberDoesNotExist() public {
        Deal memory d = usual();
        d.terms.panels[0].seats[0].chamber = 1;
        refuseHeader(d, "chamber", 0);
        d.terms.panels[0].quotas = new uint8[](2);
        open(d);
    }

    function test_open_RevertWhen_QuotasCannotBe() public {
        Deal memory d = usual();
        d.terms.panels[0].quotas = new uint8[](9);
        refuseHeader(d, "quotas", 0);
        d.terms.panels[0].quotas = new uint8[](2);
        d.terms.panels[0].quotas[1] = 1;
        refuseHeader(d, "quotas", 0);
        d.terms.panels[0].quotas = new uint8[](8);
        d.terms.panels[0].quotas[0] = 1;
        open(d);
    }

    // Flaws of a disclosed phase

    function test_open_RevertWhen_LevelsAreNotOneForEachParty() public {
        Deal memory d = usual();
        d.phases[0].bonds = new uint128[](1);
        refusePhase(d, "bonds", 1);
        d.phases[0].bonds = new uint128[](3);
        refusePhase(d, "bonds", 3);
    }

    function test_open_RevertWhen_ALevelHasNobodyToForfeitTo() public {
        Deal memory d = usual();
        d.terms.parties[1].bond = 0;
        d.terms.parties[1].forfeiture = new Share[](0);
        d.levels(0, 1);
        refusePhase(d, "bonds", 1);
        d.levels(1, 0);
        open(d);
    }

    function test_open_RevertWhen_NumberOfObligations() public {
        Deal memory d = usual();
        d.phases[0].obligations = new Obligation[](0);
        refusePhase(d, "obligations", 0);
        d = usual();
        for (uint256 i; i < 32; ++i) {
            d.obligation(PERFORMER, Verdict.Met, false, 0);
        }
        refusePhase(d, "obligations", 33);
    }

    function test_open_RevertWhen_TheObligorIsNoParty() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].obligor = 2;
        refusePhase(d, "obligor", 0);
        d.phases[0].obligations[0].obligor = 254;
        refusePhase(d, "obligor", 0);
    }

    function test_open_RevertWhen_NobodyWouldForfeit() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].obligor = OUTSIDE;
        refusePhase(d, "forfeitBps", 0);
        d.phases[0].obligations[0].forfeitBps = 0;
        open(d);
    }

    function test_open_RevertWhen_ABreachForfeitsMoreThanAll() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].forfeitBps = 10_001;
        refusePhase(d, "forfeitBps", 0);
        d.phases[0].obligations[0].forfeitBps = 10_000;
        open(d);
    }

    function test_open_RevertWhen_ThePanelDoesNotExist() public {
        Deal memory d = usual();
        d.obligation(Obligation(PAYER, 1, uint8(Verdict.Met), false, 1 days, 0, 0));
        refusePhase(d, "panel", 1);
    }

    function test_open_RevertWhen_SilenceGivesNoVerdict() public {
        Deal memory d = usual();
        d.phases[0].obligations[0].presumption = 0;
        refusePhase(d, "presumption", 0);
        d.phases[0].obligations[0].presumption = 4;
        refusePhase(d, "presumption", 0);
    }

    function test_open_RevertWhen_NumberOfPayments() public {
        Deal memory d = usual();
        for (uint256 i; i < 32; ++i) {
            d.payment(PAYER, address(token), 1, all(performer), MET);
        }
        refusePhase(d, "payments", 33);
    }

    function test_open_RevertWhen_APaymentIsFlawed() public {
        Deal memory d = usual();
        d.phases[0].payments[0].payer = 2;
        refusePhase(d, "payer", 0);
        d = usual();
        d.payment(PAYER, NATIVE, 1, all(performer), MET);
        d.phases[0].payments[1].obligation = 1;
        refusePhase(d, "obligation", 1);
        d = usual();
        d.phases[0].payments[0].amount = 0;
        refusePhase(d, "amount", 0);
        d = usual();
        d.phases[0].payments[0].tiers = new Tier[](17);
        for (uint256 i; i < 17; ++i) {
            d.phases[0].payments[0].tiers[i].from = i;
        }
        refusePhase(d, "tiers", 0);
        d.phases[0].payments[0].tiers = new Tier[](2);
        refusePhase(d, "tiers", 0);
        d.phases[0].payments[0].tiers[1].from = 1;
        open(d);
    }

    function test_open_RevertWhen_NoVerdictOrAnUnknownOneReleases() public {
        Deal memory d = usual();
        uint8[4] memory wrong = [0, 1, 3, 16];
        for (uint256 i; i < wrong.length; ++i) {
            d.phases[0].payments[0].on = wrong[i];
            refusePhase(d, "on", 0);
        }
        d.phases[0].payments[0].on = 2 | 4 | 8;
        open(d);
    }

    function test_open_RevertWhen_APaymentIsDueAfterItsObligation() public {
        Deal memory d = usual();
        d.phases[0].payments[0].due = 33 days + 1;
        refusePhase(d, "due", 0);
        d.phases[0].payments[0].due = 33 days;
        open(d);
    }

    function test_open_RevertWhen_PayeesAreNotWhole() public {
        Deal memory d = usual();
        Payment memory payment = d.phases[0].payments[0];
        payment.payees = new Share[](0);
        refusePhase(d, "payees", 0);
        payment.payees = all(address(0));
        refusePhase(d, "payees", 0);
        payment.payees = split(performer, 10_000, charity);
        refusePhase(d, "payees", 0);
        payment.payees = all(performer);
        payment.payees[0].bps = 10_001;
        refusePhase(d, "payees", 0);
        payment.payees = even(9);
        refusePhase(d, "payees", 0);
        payment.payees = even(8);
        open(d);
    }

    function test_open_RevertWhen_ALaterDisclosedPhaseIsFlawed() public {
        Deal memory d = usual(2);
        d.phases[1].payments[0].amount = 0;
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseFlawed.selector, 1, bytes32("amount"), 0));
        open(d);
        open(d, 1);
    }

    // At the limits

    function test_open_AtTheLimitsOfTheHeader() public {
        Deal memory d = blank();
        address[] memory accounts = actors("party", 16);
        for (uint256 i; i < 16; ++i) {
            d.party(accounts[i], address(token), BOND, even(8));
        }
        Seat[] memory seats = seatsOf(actors("verifier", 32));
        uint8[] memory quotas = new uint8[](8);
        for (uint8 i; i < 32; ++i) {
            seats[i].chamber = i % 8;
            quotas[i % 8] = 4;
        }
        for (uint256 i; i < 8; ++i) {
            d.panel(32, quotas, seats);
        }
        d.phase();
        d.obligation(OUTSIDE, Verdict.Lapsed, false, 0);
        d.hashes = new bytes32[](255);
        d.hashes[0] = hashing.hashPhase(d.phases[0]);
        for (uint256 i = 1; i < 255; ++i) {
            d.hashes[i] = keccak256(abi.encode(i));
        }
        d.terms.phases = keccak256(abi.encodePacked(d.hashes));
        uint256 before = gasleft();
        openRaw(d, d.hashes, d.phases);
        assertTrue(before - gasleft() < TRANSACTION_CAP, "fits into a transaction");
    }

    function test_open_AtTheLimitsOfAPhase() public {
        Deal memory d = between(address(token));
        d.phase();
        for (uint256 i; i < 32; ++i) {
            d.obligation(PERFORMER, Verdict.Breached, true, 10_000);
            d.payment(PAYER, address(token), 1, even(8), MET);
        }
        open(d);
        assertStatus(d, Status.Open);
    }

    // Shorthand

    function expectOpened(IAgreement foretold, Deal memory d, Phase[] memory shown) private {
        vm.expectEmit(address(factory));
        emit IAgreementFactory.Opened(
            address(foretold),
            hashing.hashTerms(d.terms),
            d.terms.document,
            packTerms(d.terms),
            d.hashes,
            packPhases(shown)
        );
    }

    function openRaw(Deal memory d, bytes32[] memory hashes, Phase[] memory shown) private {
        act(anyone, address(factory), 0, opening(d, hashes, shown));
    }

    function refuseHeader(Deal memory d, bytes32 flaw, uint256 index) private {
        refuse(abi.encodeWithSelector(IAgreementFactory.TermsMalformed.selector, flaw, index));
        open(d, 0);
    }

    function refuseHashes(Deal memory d, bytes32 flaw, uint256 index) private {
        d.terms.phases = keccak256(abi.encodePacked(d.hashes));
        refuse(abi.encodeWithSelector(IAgreementFactory.TermsMalformed.selector, flaw, index));
        openRaw(d, d.hashes, new Phase[](0));
    }

    /// @dev Refused as a disclosed phase of an opening.
    function refusePhase(Deal memory d, bytes32 flaw, uint256 index) private {
        refuse(abi.encodeWithSelector(IAgreementEvents.PhaseFlawed.selector, 0, flaw, index));
        open(d);
    }

    function even(uint256 count) private returns (Share[] memory shares) {
        address[] memory recipients = actors("recipient", count);
        shares = new Share[](count);
        for (uint256 i; i < count; ++i) {
            shares[i] = Share(recipients[i], uint16(10_000 / count));
        }
        shares[0].bps += uint16(10_000 % count);
    }
}
