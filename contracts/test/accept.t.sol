// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Status, Verdict} from "../src/interfaces/Types.sol";
import {AgreementTest} from "./base/AgreementTest.sol";
import {Building, Deal, all} from "./base/Deal.sol";
import {vm} from "./base/Vm.sol";
import {FeeToken} from "./tokens/FeeToken.sol";
import {SilentToken} from "./tokens/SilentToken.sol";

contract AcceptTest is AgreementTest {
    using Building for Deal;

    function test_accept_FirstPostsItsBondAndWaits() public {
        Deal memory d = open(usual());
        provide(payer, address(token), BOND, d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Accepted(PAYER, payer, BOND);
        accept(d, PAYER);

        assertStatus(d, Status.Open);
        assertEq(d.account.state().members, 1, "members");
        assertEq(held(d), BOND, "held");
    }

    function test_accept_LastBringsIntoForce() public {
        Deal memory d = open(usual());
        accept(d, PERFORMER);
        when(START + 1 days);
        provide(payer, address(token), BOND, d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Accepted(PAYER, payer, BOND);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.PhaseOpened(0, uint40(START + 1 days), 3, 0);
        accept(d, PAYER);

        assertStatus(d, Status.InForce);
        assertEq(openedAt(d), START + 1 days, "opened at");
        assertEq(d.account.state().members, 3, "members");
    }

    function test_accept_ClocksWaitForNotBefore() public {
        Deal memory d = usual();
        d.phases[0].notBefore = uint40(START + 90 days);
        inForce(d);
        assertEq(openedAt(d), START + 90 days, "opened at");
    }

    function test_accept_APledgeHasOneParty() public {
        Deal memory d = blank();
        d.party(payer, address(token), BOND, all(charity));
        d.judge(verifier);
        d.phase();
        d.obligation(PAYER, Verdict.Met, true, 10_000);
        open(d);
        accept(d, 0);
        assertStatus(d, Status.InForce);
    }

    function test_accept_NativeBond() public {
        Deal memory d = between(NATIVE);
        addPhase(d, NATIVE);
        inForce(d);
        assertEq(address(d.account).balance, 2 * BOND, "coin held");
    }

    function test_accept_WithoutBondTakesNothing() public {
        Deal memory d = usual();
        d.terms.parties[PAYER].bond = 0;
        open(d);
        accept(d, PAYER);
        assertEq(held(d), 0, "held");
    }

    function test_accept_TokenThatAnswersNothing() public {
        SilentToken silent = new SilentToken();
        Deal memory d = between(address(silent));
        addPhase(d, address(silent));
        funded(d);
        assertEq(silent.balanceOf(address(d.account)), 2 * BOND + AMOUNT, "held");
    }

    function test_accept_SurplusOverTheFirstLevelGoesBackAtOnce() public {
        Deal memory d = usual();
        d.levels(BOND, BOND / 4);
        inForce(d);
        assertEq(bondOf(d, PERFORMER), BOND / 4, "bond");
        assertBalance(performer, BOND - BOND / 4, "given back");
        assertEq(d.account.state().short, 0, "nobody is short");
    }

    function test_accept_ShortOfTheFirstLevelIsFlagged() public {
        Deal memory d = usual();
        d.levels(BOND, BOND + 1);
        inForce(d);
        assertEq(d.account.state().short, 1 << PERFORMER, "short");
    }

    // By signature

    function test_accept_AnyonePaysForAPartyThatSigned() public {
        Deal memory d = open(usual());
        provide(anyone, address(token), BOND, d);
        vm.expectEmit(address(d.account));
        emit IAgreementEvents.Accepted(PAYER, anyone, BOND);
        acceptFrom(anyone, d, PAYER, sign(payer, termsDigest(d)));
        assertBalance(anyone, 0, "paid");
        assertEq(d.account.state().members, 1, "members");
    }

    function test_accept_AContractAccountSigns() public {
        Deal memory d = usual();
        d.terms.parties[PAYER].account = walletOf(payer);
        open(d);
        acceptFrom(anyone, d, PAYER, sign(payer, termsDigest(d)));
        assertEq(d.account.state().members, 1, "members");
    }

    function test_accept_RevertWhen_AContractAccountDoesNotSign() public {
        Deal memory d = usual();
        address wallet = walletOf(payer);
        d.terms.parties[PAYER].account = wallet;
        open(d);
        refuseSignature(wallet);
        acceptFrom(anyone, d, PAYER, sign(performer, termsDigest(d)));
    }

    function test_accept_RevertWhen_NotTheParty() public {
        Deal memory d = open(usual());
        refuse(abi.encodeWithSelector(IAgreementEvents.NotCaller.selector, payer));
        acceptFrom(performer, d, PAYER, "");
    }

    function test_accept_RevertWhen_AnotherSigned() public {
        Deal memory d = open(usual());
        refuseSignature(payer);
        acceptFrom(anyone, d, PAYER, sign(performer, termsDigest(d)));
    }

    function test_accept_RevertWhen_SignedForAnotherAgreement() public {
        Deal memory other = usual();
        other.terms.document = "another";
        open(other);
        Deal memory d = open(usual());
        bytes32 hash = hashing.hashTerms(d.terms);
        refuseSignature(payer);
        acceptFrom(anyone, d, PAYER, sign(payer, hashing.digest(block.chainid, address(other.account), hash)));
    }

    function test_accept_RevertWhen_SignedForAnotherChain() public {
        Deal memory d = open(usual());
        bytes32 hash = hashing.hashTerms(d.terms);
        refuseSignature(payer);
        acceptFrom(anyone, d, PAYER, sign(payer, hashing.digest(block.chainid + 1, address(d.account), hash)));
    }

    function test_accept_RevertWhen_SignatureIsMalleated() public {
        Deal memory d = open(usual());
        bytes memory signature = sign(payer, termsDigest(d));
        refuseSignature(payer);
        acceptFrom(anyone, d, PAYER, mirrored(signature));
        acceptFrom(anyone, d, PAYER, signature);
    }

    function test_accept_RevertWhen_SignatureHasAnotherLength() public {
        Deal memory d = open(usual());
        bytes memory signature = sign(payer, termsDigest(d));
        refuseSignature(payer);
        acceptFrom(anyone, d, PAYER, abi.encodePacked(signature, uint8(0)));
        refuseSignature(payer);
        acceptFrom(anyone, d, PAYER, hex"00");
    }

    // Refusals

    function test_accept_RevertWhen_TermsAreOthers() public {
        Deal memory d = open(usual());
        d.terms.parties[PAYER].bond -= 1;
        refuseTerms(d, d.phases[0], 0);
        accept(d, PAYER);
    }

    function test_accept_RevertWhen_NotOpen() public {
        Status[5] memory others = [Status.InForce, Status.Completed, Status.Terminated, Status.Void, Status.Unwound];
        for (uint256 i; i < others.length; ++i) {
            Deal memory d = reached(others[i]);
            refuseStatus(others[i]);
            accept(d, PAYER);
        }
    }

    function test_accept_RevertWhen_JoiningIsOver() public {
        Deal memory d = open(usual());
        when(d.terms.joinBy);
        accept(d, PAYER);
        when(d.terms.joinBy + 1);
        refuse(IAgreementEvents.TooLate.selector, d.terms.joinBy);
        accept(d, PERFORMER);
    }

    function test_accept_RevertWhen_NoSuchParty() public {
        Deal memory d = open(usual());
        refuse(IAgreementEvents.UnknownParty.selector, 2);
        acceptFrom(anyone, d, 2, "");
    }

    function test_accept_RevertWhen_AlreadyAccepted() public {
        Deal memory d = open(usual());
        accept(d, PAYER);
        refuse(IAgreementEvents.AlreadyAccepted.selector, PAYER);
        accept(d, PAYER);
    }

    function test_accept_RevertWhen_TheFirstPhaseIsAnother() public {
        Deal memory d = open(usual());
        d.phases[0].salt = "another";
        refuseTerms(d, d.phases[0], 0);
        accept(d, PAYER);
    }

    function test_accept_RevertWhen_CoinIsNotExactlyTheBond() public {
        Deal memory d = between(NATIVE);
        addPhase(d, NATIVE);
        open(d);
        for (uint256 value = BOND - 1; value <= BOND + 1; value += 2) {
            vm.deal(payer, value);
            refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, BOND, value));
            acceptWith(d, value);
        }
    }

    function test_accept_RevertWhen_CoinComesWithATokenBond() public {
        Deal memory d = open(usual());
        vm.deal(payer, 1);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongValue.selector, 0, 1));
        acceptWith(d, 1);
    }

    function test_accept_RevertWhen_LessArrivesThanWasSent() public {
        address fee = address(new FeeToken());
        Deal memory d = between(fee);
        addPhase(d, fee);
        open(d);
        refuse(abi.encodeWithSelector(IAgreementEvents.DepositMismatch.selector, fee, BOND, BOND - BOND / 100));
        accept(d, PAYER);
    }

    // Shorthand

    function acceptWith(Deal memory d, uint256 value) private {
        act(payer, d, value, accepting(d, PAYER, ""));
    }

    function refuseSignature(address signer) private {
        refuse(abi.encodeWithSelector(IAgreementEvents.BadSignature.selector, signer));
    }
}
