// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreementEvents} from "../src/interfaces/IAgreementEvents.sol";
import {Verdict} from "../src/interfaces/Types.sol";
import {Building, Deal, all} from "./base/Deal.sol";
import {RecourseTest} from "./base/RecourseTest.sol";
import {vm} from "./base/Vm.sol";

/// @dev Consent that is not there: the rest of `extend.tree`.
contract ExtendRefusedTest is RecourseTest {
    using Building for Deal;

    uint40 private constant EXPIRY = uint40(START + 1 hours);

    /// @dev The obligation from 30 to 40 days, on what is said to be the members' signatures.
    function present(Deal memory d, bytes[] memory signed) private {
        extendFrom(anyone, d, false, 0, 40 days, EXPIRY, signed);
    }

    function good(Deal memory d) private view returns (bytes[] memory) {
        return extensionSignatures(d, false, 0, 40 days, EXPIRY);
    }

    function assertDone(Deal memory d) private pure {
        assertEq(d.phases[0].obligations[0].within, 40 days, "extended");
    }

    function test_extend_UntilTheSecondOfTheExpiry() public {
        Deal memory d = inForce(usual());
        bytes[] memory signed = good(d);
        when(EXPIRY + 1);
        refuse(IAgreementEvents.TooLate.selector, EXPIRY);
        present(d, signed);
        when(EXPIRY);
        present(d, signed);
        assertDone(d);
    }

    function test_extend_RevertWhen_ASignatureIsMissingOrTooMany() public {
        Deal memory d = inForce(usual());
        bytes[] memory signed = good(d);
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongNumberOfSignatures.selector, 2, 1));
        present(d, list(signed[0]));
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongNumberOfSignatures.selector, 2, 3));
        present(d, list(signed[0], signed[1], signed[1]));
        refuse(abi.encodeWithSelector(IAgreementEvents.WrongNumberOfSignatures.selector, 2, 0));
        present(d, new bytes[](0));
    }

    function test_extend_RevertWhen_ANonMemberSigns() public {
        Deal memory d = entered(coalition(2));
        uint40 expiry = uint40(d.terms.longStop);
        bytes32 said = hashing.hashExtension(0, false, 0, 30 days, 40 days, expiry);
        bytes32 digest = hashing.digest(block.chainid, address(d.account), said);
        bytes memory late = sign(latecomer, digest);
        for (uint256 i; i < 2; ++i) {
            refuseFor(IAgreementEvents.BadSignature.selector, performer);
            extendFrom(anyone, d, false, 0, 40 days, expiry, list(sign(payer, digest), late));
            refuse(abi.encodeWithSelector(IAgreementEvents.WrongNumberOfSignatures.selector, 2, 3));
            extendFrom(anyone, d, false, 0, 40 days, expiry, list(late, late, late));
            if (i == 0) accept(d, LATECOMER);
        }
        extend(d, false, 0, 40 days);
        assertDone(d);
    }

    function test_extend_RevertWhen_SignaturesAreOutOfOrder() public {
        Deal memory d = inForce(usual());
        bytes[] memory signed = good(d);
        refuseFor(IAgreementEvents.BadSignature.selector, payer);
        present(d, list(signed[1], signed[0]));
        refuseFor(IAgreementEvents.BadSignature.selector, performer);
        present(d, list(signed[0], signed[0]));
    }

    function test_extend_RevertWhen_SomethingElseWasSigned() public {
        Deal memory d = inForce(usual());
        bytes32[] memory others = new bytes32[](6);
        others[0] = hashing.hashExtension(1, false, 0, 30 days, 40 days, EXPIRY);
        others[1] = hashing.hashExtension(0, true, 0, 30 days, 40 days, EXPIRY);
        others[2] = hashing.hashExtension(0, false, 1, 30 days, 40 days, EXPIRY);
        others[3] = hashing.hashExtension(0, false, 0, 29 days, 40 days, EXPIRY);
        others[4] = hashing.hashExtension(0, false, 0, 30 days, 39 days, EXPIRY);
        others[5] = hashing.hashExtension(0, false, 0, 30 days, 40 days, EXPIRY + 1);
        for (uint256 i; i < others.length; ++i) {
            refuseFor(IAgreementEvents.BadSignature.selector, payer);
            present(d, signedByAll(d, others[i]));
        }
    }

    /// @dev The same obligation by its numbers, one phase later.
    function test_extend_RevertWhen_ThePhaseHasMovedOn() public {
        Deal memory d = funded(usual(2));
        bytes[] memory signed = good(d);
        attest(d, 0, Verdict.Met);
        settle(d);
        refuseFor(IAgreementEvents.BadSignature.selector, payer);
        present(d, signed);
    }

    /// @dev What extended it once does not do so twice.
    function test_extend_RevertWhen_Repeated() public {
        Deal memory d = inForce(usual());
        bytes[] memory signed = good(d);
        present(d, signed);
        refuse(abi.encodeWithSelector(IAgreementEvents.NotLater.selector, 40 days, 40 days));
        present(d, signed);
    }

    function test_extend_RevertWhen_SignedForAnotherAgreementOrChain() public {
        Deal memory other = usual();
        other.terms.document = "other";
        inForce(other);
        Deal memory d = inForce(usual());
        refuseFor(IAgreementEvents.BadSignature.selector, payer);
        present(d, good(other));
        bytes[] memory signed = good(d);
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        refuseFor(IAgreementEvents.BadSignature.selector, payer);
        present(d, signed);
        vm.chainId(here);
        present(d, signed);
        assertDone(d);
    }

    function test_extend_RevertWhen_ASignatureIsMalformed() public {
        Deal memory d = inForce(usual());
        bytes[] memory signed = good(d);
        bytes[] memory bad = list(mirrored(signed[1]), abi.encodePacked(signed[1], uint8(0)), hex"00");
        for (uint256 i; i < bad.length; ++i) {
            refuseFor(IAgreementEvents.BadSignature.selector, performer);
            present(d, list(signed[0], bad[i]));
        }
    }

    function test_extend_AMemberThatCallsNeedNotSign() public {
        Deal memory d = inForce(usual());
        bytes[] memory signed = list(good(d)[0], "");
        address[3] memory others = [anyone, payer, verifier];
        for (uint256 i; i < others.length; ++i) {
            refuseFor(IAgreementEvents.NotCaller.selector, performer);
            extendFrom(others[i], d, false, 0, 40 days, EXPIRY, signed);
        }
        extendFrom(performer, d, false, 0, 40 days, EXPIRY, signed);
        assertDone(d);
    }

    function test_extend_AContractAccountSigns() public {
        Deal memory d = usual();
        d.terms.parties[PAYER].account = walletOf(payer);
        inForce(d);
        present(d, good(d));
        assertDone(d);
    }

    function test_extend_RevertWhen_ThereIsNobodyToAgreeWith() public {
        Deal memory d = blank();
        d.party(payer, address(token), BOND, all(charity));
        d.judge(verifier);
        d.phase();
        d.obligation(0, Verdict.Breached, true, 10_000);
        inForce(d);
        refuse(abi.encodeWithSelector(IAgreementEvents.Alone.selector));
        extendFrom(payer, d, false, 0, 40 days, EXPIRY, list(""));
    }
}
