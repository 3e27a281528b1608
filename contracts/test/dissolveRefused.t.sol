// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Share, Split, Verdict} from "../src/interfaces/Types.sol";
import {Turncoat} from "./actors/Turncoat.sol";
import {Building, Deal, all, split} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

/// @dev Splits that are none, and consent that is not there: the rest of `dissolve.tree`.
contract DissolveRefusedTest is RecourseTest {
    using Building for Deal;

    uint40 private constant EXPIRY = uint40(START + 1 hours);

    function toCharity() private view returns (Split[] memory) {
        return splitOf(address(token), all(charity));
    }

    /// @dev Dissolves in favour of charity on what is said to be the members' signatures.
    function present(Deal memory d, bytes[] memory signed) private {
        dissolveFrom(anyone, d, toCharity(), EXPIRY, signed);
    }

    function good(Deal memory d) private view returns (bytes[] memory) {
        return dissolutionSignatures(d, toCharity(), EXPIRY);
    }

    // Company

    function test_dissolve_RevertWhen_ThereIsNobodyToAgreeWith() public {
        Deal memory d = blank();
        d.party(payer, address(token), BOND, all(charity));
        d.judge(verifier);
        d.phase();
        d.obligation(0, Verdict.Breached, true, 10_000);
        inForce(d);
        refuse(abi.encodeWithSelector(IAgreementEvents.Alone.selector));
        dissolveFrom(payer, d, splitOf(address(token), all(payer)), EXPIRY, list(""));
    }

    // Splits

    function test_dissolve_RevertWhen_AnAssetIsMissing() public {
        Deal memory d = usual();
        d.payment(PAYER, NATIVE, 70, all(charity), 2);
        funded(d);
        refuseFor(IAgreementEvents.AssetNotSplit.selector, NATIVE);
        dissolve(d, toCharity());
        refuseFor(IAgreementEvents.AssetNotSplit.selector, address(token));
        dissolve(d, splitOf(NATIVE, all(charity)));
        refuseFor(IAgreementEvents.AssetNotSplit.selector, address(token));
        dissolve(d, new Split[](0));
    }

    function test_dissolve_RevertWhen_SplitsAreUnordered() public {
        Deal memory d = funded(usual());
        refuse(IAgreementEvents.SplitsUnordered.selector, 1);
        dissolve(d, joined(toCharity(), splitOf(NATIVE, all(charity))));
        refuse(IAgreementEvents.SplitsUnordered.selector, 1);
        dissolve(d, joined(toCharity(), toCharity()));
        refuse(IAgreementEvents.SplitsUnordered.selector, 2);
        dissolve(d, joined(splitOf(NATIVE, all(charity)), joined(toCharity(), splitOf(address(1), all(charity)))));
    }

    function test_dissolve_RevertWhen_SharesAreNotWhole() public {
        Deal memory d = funded(usual());
        Share[][] memory bad = new Share[][](6);
        bad[0] = new Share[](0);
        bad[1] = split(charity, 10_000, payer);
        bad[2] = all(address(0));
        bad[3] = split(charity, 5_000, payer);
        bad[3][1].bps = 4_999;
        bad[4] = split(charity, 5_000, payer);
        bad[4][1].bps = 5_001;
        bad[5] = many(9);
        for (uint256 i; i < bad.length; ++i) {
            refuse(IAgreementEvents.SharesMalformed.selector, 0);
            dissolve(d, splitOf(address(token), bad[i]));
            refuse(IAgreementEvents.SharesMalformed.selector, 1);
            dissolve(d, joined(splitOf(NATIVE, all(charity)), splitOf(address(token), bad[i])));
        }
    }

    /// @dev What the agreement would send to itself would be nobody's.
    function test_dissolve_RevertWhen_AShareIsForTheAgreementItself() public {
        Deal memory d = funded(usual());
        refuse(abi.encodeWithSelector(IAgreementEvents.NotARecipient.selector, d.account));
        dissolve(d, splitOf(address(token), all(address(d.account))));
        refuse(abi.encodeWithSelector(IAgreementEvents.NotARecipient.selector, d.account));
        dissolve(d, splitOf(address(token), split(charity, 9_999, address(d.account))));
        assertEq(held(d), 2 * BOND + AMOUNT, "held");
    }

    /// @dev `count` shares that sum to a whole.
    function many(uint256 count) private view returns (Share[] memory shares) {
        shares = new Share[](count);
        for (uint256 i; i < count; ++i) {
            shares[i] = Share(charity, uint16(i == 0 ? 10_000 - (count - 1) : 1));
        }
    }

    function test_dissolve_RevertWhen_ThereAreTooManyShares() public {
        Deal memory d = funded(usual());
        Split[] memory splits = new Split[](19);
        for (uint160 i; i < 18; ++i) {
            splits[i] = Split(address(i), many(8));
        }
        splits[18] = Split(address(token), many(1));
        refuse(IAgreementEvents.TooManyShares.selector, 145);
        dissolve(d, splits);
        splits[0].shares = many(7);
        dissolve(d, splits);
        assertBalance(charity, 2 * BOND + AMOUNT, "144 are not");
    }

    // Time

    function test_dissolve_UntilTheSecondOfTheExpiry() public {
        Deal memory d = funded(usual());
        bytes[] memory signed = good(d);
        when(EXPIRY + 1);
        refuse(IAgreementEvents.TooLate.selector, EXPIRY);
        present(d, signed);
        when(EXPIRY);
        present(d, signed);
        assertEq(held(d), 0, "done");
    }

    // Signatures

    function test_dissolve_RevertWhen_ASignatureIsMissingOrTooMany() public {
        Deal memory d = funded(usual());
        bytes[] memory signed = good(d);
        for (uint256 count; count < 4; ++count) {
            if (count == 2) continue;
            bytes[] memory some = new bytes[](count);
            for (uint256 i; i < count; ++i) {
                some[i] = signed[i % 2];
            }
            refuse(abi.encodeWithSelector(IAgreementEvents.WrongNumberOfSignatures.selector, 2, count));
            present(d, some);
        }
    }

    /// @dev Who is absent or joining cannot stand in for a member, nor be counted beside the members.
    function test_dissolve_RevertWhen_ANonMemberSigns() public {
        Deal memory d = entered(coalition(2));
        bytes32 digest = hashing.digest(
            block.chainid, address(d.account), hashing.hashDissolution(0, toCharity(), uint40(d.terms.longStop))
        );
        for (uint256 i; i < 2; ++i) {
            bytes[] memory three = list(sign(payer, digest), sign(performer, digest), sign(latecomer, digest));
            refuse(abi.encodeWithSelector(IAgreementEvents.WrongNumberOfSignatures.selector, 2, 3));
            dissolveFrom(anyone, d, toCharity(), d.terms.longStop, three);
            bytes[] memory two = list(sign(payer, digest), sign(latecomer, digest));
            refuseFor(IAgreementEvents.BadSignature.selector, performer);
            dissolveFrom(anyone, d, toCharity(), d.terms.longStop, two);
            if (i == 0) accept(d, LATECOMER);
        }
    }

    function test_dissolve_RevertWhen_SignaturesAreOutOfOrder() public {
        Deal memory d = funded(usual());
        bytes[] memory signed = good(d);
        refuseFor(IAgreementEvents.BadSignature.selector, payer);
        present(d, list(signed[1], signed[0]));
        refuseFor(IAgreementEvents.BadSignature.selector, performer);
        present(d, list(signed[0], signed[0]));
    }

    function test_dissolve_RevertWhen_SomethingElseWasSigned() public {
        Deal memory d = funded(usual(2));
        bytes32[] memory others = new bytes32[](4);
        others[0] = hashing.hashDissolution(1, toCharity(), EXPIRY);
        others[1] = hashing.hashDissolution(0, toCharity(), EXPIRY + 1);
        others[2] = hashing.hashDissolution(0, splitOf(address(token), all(payer)), EXPIRY);
        others[3] = hashing.hashDissolution(0, joined(splitOf(NATIVE, all(charity)), toCharity()), EXPIRY);
        for (uint256 i; i < others.length; ++i) {
            refuseFor(IAgreementEvents.BadSignature.selector, payer);
            present(d, signedByAll(d, others[i]));
        }
    }

    /// @dev What was agreed for one phase is not agreed for the next.
    function test_dissolve_RevertWhen_ThePhaseHasMovedOn() public {
        Deal memory d = funded(usual(2));
        bytes[] memory signed = good(d);
        attest(d, 0, Verdict.Met);
        settle(d);
        refuseFor(IAgreementEvents.BadSignature.selector, payer);
        present(d, signed);
        present(d, good(d));
        assertBalance(charity, 2 * BOND, "agreed anew");
    }

    function test_dissolve_RevertWhen_SignedForAnotherAgreementOrChain() public {
        Deal memory other = usual();
        other.terms.document = "other";
        funded(other);
        Deal memory d = funded(usual());
        refuseFor(IAgreementEvents.BadSignature.selector, payer);
        present(d, good(other));
        bytes[] memory signed = good(d);
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        refuseFor(IAgreementEvents.BadSignature.selector, payer);
        present(d, signed);
        vm.chainId(here);
        present(d, signed);
    }

    function test_dissolve_RevertWhen_ASignatureIsMalformed() public {
        Deal memory d = funded(usual());
        bytes[] memory signed = good(d);
        bytes[] memory bad = list(mirrored(signed[1]), abi.encodePacked(signed[1], uint8(0)), hex"00");
        for (uint256 i; i < bad.length; ++i) {
            refuseFor(IAgreementEvents.BadSignature.selector, performer);
            present(d, list(signed[0], bad[i]));
        }
    }

    function test_dissolve_AMemberThatCallsNeedNotSign() public {
        Deal memory d = funded(usual());
        bytes[] memory signed = list(good(d)[0], "");
        address[3] memory others = [anyone, payer, latecomer];
        for (uint256 i; i < others.length; ++i) {
            refuseFor(IAgreementEvents.NotCaller.selector, performer);
            dissolveFrom(others[i], d, toCharity(), EXPIRY, signed);
        }
        refuseFor(IAgreementEvents.NotCaller.selector, payer);
        dissolveFrom(performer, d, toCharity(), EXPIRY, list("", ""));
        dissolveFrom(performer, d, toCharity(), EXPIRY, signed);
        assertBalance(charity, 2 * BOND + AMOUNT, "split");
    }

    function test_dissolve_AContractAccountSigns() public {
        Deal memory d = usual();
        d.terms.parties[PERFORMER].account = walletOf(performer);
        funded(d);
        bytes[] memory signed = good(d);
        refuseFor(IAgreementEvents.BadSignature.selector, d.terms.parties[PERFORMER].account);
        present(d, list(signed[0], signed[0]));
        present(d, signed);
        assertBalance(charity, 2 * BOND + AMOUNT, "split");
    }

    function test_dissolve_RevertWhen_AContractAccountTookItBack() public {
        Turncoat turncoat = new Turncoat();
        Deal memory d = usual();
        d.terms.parties[PERFORMER].account = address(turncoat);
        funded(d);
        bytes[] memory signed = list(sign(payer, digestOf(d)), "whatever");
        turncoat.turn();
        refuseFor(IAgreementEvents.BadSignature.selector, address(turncoat));
        present(d, signed);
    }

    function digestOf(Deal memory d) private view returns (bytes32) {
        bytes32 said = hashing.hashDissolution(0, toCharity(), EXPIRY);
        return hashing.digest(block.chainid, address(d.account), said);
    }
}
