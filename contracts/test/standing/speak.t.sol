// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IArbitrator} from "../../src/arbitration/IArbitrator.sol";
import {IEvidence} from "../../src/arbitration/IEvidence.sol";
import {IAgreement} from "../../src/interfaces/IAgreement.sol";
import {IAgreementEvents} from "../../src/interfaces/IAgreementEvents.sol";
import {IRecourse} from "../../src/interfaces/IRecourse.sol";
import {Verdict} from "../../src/interfaces/Types.sol";
import {ICommonStanding} from "../../src/standing/ICommonStanding.sol";
import {Recipient} from "../actors/Recipient.sol";
import {Building, Deal} from "../base/Deal.sol";
import {RecourseTest} from "../base/RecourseTest.sol";
import {vm} from "../base/Vm.sol";

/// @dev Many who are heard with the standing of one account.
contract SpeakTest is RecourseTest {
    using Building for Deal;

    uint40 private constant EXPIRY = uint40(START + 30 days);

    address private union = actor("union");
    address private worker = actor("worker");

    function standing(address body) private returns (ICommonStanding) {
        return ICommonStanding(vm.deployCode("CommonStanding.sol:CommonStanding", abi.encode(body)));
    }

    /// @dev Decided for the performer; what has standing is that contract.
    function decided(ICommonStanding place) private returns (Deal memory d) {
        d = contestable();
        d.terms.standing[0] = address(place);
        funded(d);
        attest(d, 0, Verdict.Met);
    }

    /// @dev EIP-712 written out, apart from the library that the contract uses.
    function admission(ICommonStanding place, address holder, uint40 expiry, uint256 chainId)
        private
        view
        returns (bytes memory)
    {
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 domain =
            keccak256(abi.encode(domainType, keccak256("pyledger standing"), keccak256("1"), chainId, address(place)));
        bytes32 said = keccak256(abi.encode(keccak256("Credential(address holder,uint40 expiry)"), holder, expiry));
        return sign(union, keccak256(abi.encodePacked("\x19\x01", domain, said)));
    }

    function admission(ICommonStanding place) private view returns (bytes memory) {
        return admission(place, worker, EXPIRY, block.chainid);
    }

    function speak(ICommonStanding place, Deal memory d, uint256 value, bytes memory what, bytes memory credential)
        private
    {
        act(
            worker,
            address(place),
            value,
            abi.encodeCall(ICommonStanding.speak, (address(d.account), what, EXPIRY, credential))
        );
    }

    function test_speak_CommentsWithItsStanding() public {
        ICommonStanding place = standing(union);
        Deal memory d = decided(place);
        vm.expectEmit(address(place));
        emit ICommonStanding.Heard(address(d.account), worker, IRecourse.comment.selector);
        vm.expectEmit(address(d.account));
        emit IEvidence.Evidence(IArbitrator(d.terms.arbitrator), 0, address(place), "the shifts were longer");
        speak(place, d, 0, commenting(d, 0, "the shifts were longer"), admission(place));
    }

    function test_speak_ChallengesAndGivesTheChangeBack() public {
        ICommonStanding place = standing(union);
        Deal memory d = decided(place);
        vm.deal(worker, 1 ether);
        speak(place, d, 1 ether, challenging(d, 0), admission(place));
        assertEq(court.disputes(), 1, "disputes");
        assertEq(worker.balance, 1 ether - court.fee(), "the fee alone");
        assertEq(address(place).balance, 0, "nothing is kept");
    }

    function test_speak_CoinThatLiesThereIsNobodys() public {
        ICommonStanding place = standing(union);
        Deal memory d = decided(place);
        vm.deal(address(place), 5 ether);
        vm.deal(worker, 1 ether);
        speak(place, d, 1 ether, challenging(d, 0), admission(place));
        assertEq(address(place).balance, 5 ether, "it stays");
    }

    function test_speak_ABodyCanBeAContract() public {
        ICommonStanding place = standing(walletOf(union));
        Deal memory d = decided(place);
        speak(place, d, 0, commenting(d, 0, "heard"), admission(place));
        vm.expectEmit(address(d.account));
        emit IEvidence.Evidence(IArbitrator(d.terms.arbitrator), 0, address(place), "again");
        speak(place, d, 0, commenting(d, 0, "again"), admission(place));
    }

    /// @dev By EIP-7702, to code that signs nothing.
    function test_speak_WhomABodyAdmittedBeforeItGotCode() public {
        ICommonStanding place = standing(union);
        Deal memory d = decided(place);
        vm.etch(union, abi.encodePacked(hex"ef0100", address(new Recipient())));
        vm.expectEmit(address(d.account));
        emit IEvidence.Evidence(IArbitrator(d.terms.arbitrator), 0, address(place), "heard");
        speak(place, d, 0, commenting(d, 0, "heard"), admission(place));
    }

    function test_speak_RevertWhen_SomebodyIsSpeaking() public {
        ICommonStanding place = standing(union);
        Deal memory d = decided(place);
        d.account = IAgreement(address(new Echo()));
        refuse(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        speak(place, d, 0, abi.encodeWithSelector(IRecourse.comment.selector), admission(place));
    }

    function test_receive_RevertWhen_NobodySpeaks() public {
        ICommonStanding place = standing(union);
        refuse(abi.encodeWithSelector(ICommonStanding.NobodySpeaks.selector));
        act(anyone, address(place), 1 ether, "");
    }

    function test_speak_RevertWhen_ItWouldDoAnythingElse() public {
        ICommonStanding place = standing(union);
        Deal memory d = decided(place);
        bytes[3] memory others = [entering(d), abi.encodeCall(IRecourse.withdraw, (NATIVE, worker, 1)), bytes("")];
        for (uint256 i; i < others.length; ++i) {
            refuse(abi.encodeWithSelector(ICommonStanding.NotPermitted.selector, bytes4(others[i])));
            speak(place, d, 0, others[i], admission(place));
        }
    }

    function test_speak_RevertWhen_NotAdmitted() public {
        ICommonStanding place = standing(union);
        Deal memory d = decided(place);
        bytes[5] memory none = [
            bytes(""),
            admission(place, payer, EXPIRY, block.chainid),
            admission(place, worker, EXPIRY + 1, block.chainid),
            admission(standing(union), worker, EXPIRY, block.chainid),
            admission(place, worker, EXPIRY, block.chainid + 1)
        ];
        bytes memory what = commenting(d, 0, "heard");
        for (uint256 i; i < none.length; ++i) {
            refuse(abi.encodeWithSelector(ICommonStanding.NotAdmitted.selector, worker));
            speak(place, d, 0, what, none[i]);
        }
        ICommonStanding another = standing(payer);
        refuse(abi.encodeWithSelector(ICommonStanding.NotAdmitted.selector, worker));
        speak(another, d, 0, what, admission(another));
    }

    function test_speak_UntilTheSecondOfTheExpiry() public {
        ICommonStanding place = standing(union);
        Deal memory d = decided(place);
        bytes memory what = commenting(d, 0, "heard");
        when(EXPIRY);
        speak(place, d, 0, what, admission(place));
        when(EXPIRY + 1);
        refuse(ICommonStanding.TooLate.selector, EXPIRY);
        speak(place, d, 0, what, admission(place));
    }

    function test_speak_RevertWhen_TheTermsDoNotHearIt() public {
        ICommonStanding place = standing(union);
        Deal memory d = decided(standing(union));
        refuse(abi.encodeWithSelector(IAgreementEvents.NoStanding.selector, address(place)));
        speak(place, d, 0, commenting(d, 0, "heard"), admission(place));
    }

    function test_new_RevertWhen_NobodyAdmits() public {
        bytes memory code = abi.encodePacked(vm.getCode("CommonStanding.sol:CommonStanding"), abi.encode(address(0)));
        address made;
        bytes memory reason = new bytes(4);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
            returndatacopy(add(reason, 32), 0, 4)
        }
        assertEq(made, address(0), "created");
        assertEq(bytes32(bytes4(reason)), bytes32(ICommonStanding.ZeroAddress.selector), "why");
    }
}

/// @dev No agreement: it speaks back to whoever speaks to it.
contract Echo {
    fallback() external {
        bytes memory nothing;
        ICommonStanding(msg.sender).speak(address(this), nothing, 0, nothing);
    }
}
