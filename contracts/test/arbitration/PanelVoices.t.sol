// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrable} from "../../src/arbitration/IArbitrable.sol";
import {IPanelArbitrator} from "../../src/arbitration/IPanelArbitrator.sol";
import {Turncoat} from "../actors/Turncoat.sol";
import {vm} from "../base/Vm.sol";
import {Litigant} from "./Litigant.sol";
import {PanelTest} from "./PanelTest.sol";
import {Trickster} from "./Trickster.sol";

contract PanelVoicesTest is PanelTest {
    /// @dev Most gas one transaction may use (EIP-7825).
    uint256 private constant TRANSACTION_CAP = 1 << 24;

    function setUp() public override {
        super.setUp();
        sue();
    }

    /// @dev The second seat becomes a contract account's.
    function seat(address account) private {
        judges[1] = account;
        entrust(account, anyone);
        court = courtOf(judges, 2);
        sue();
    }

    function refuseSignature(IPanelArbitrator.Voice[] memory said) private {
        rule(1, 2, said, because(IPanelArbitrator.BadSignature.selector, judges[1]));
        assertWaiting(1);
    }

    /// @dev The usual two, but the second has signed `hash`.
    function refuseSigned(bytes32 hash) private {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        said[1].signature = sign(judges[1], hash);
        refuseSignature(said);
    }

    // Whose voices

    function test_rule_RevertWhen_NoSuchSeat() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 3);
        said[2].seat = 3;
        rule(1, 2, said, because(IPanelArbitrator.UnknownSeat.selector, 3));
        said[2].seat = 255;
        rule(1, 2, said, because(IPanelArbitrator.UnknownSeat.selector, 255));
    }

    function test_rule_RevertWhen_ASeatIsRepeated() public {
        IPanelArbitrator.Voice memory said = voice(1, 2, 1);
        rule(1, 2, two(said, said), because(IPanelArbitrator.SeatRepeated.selector, 1));
        IPanelArbitrator.Voice memory later = voice(1, 2, 1);
        later.expiry += 1;
        later.signature = sign(judges[1], digest(1, 2, OPINION, later.expiry));
        rule(1, 2, two(said, later), because(IPanelArbitrator.SeatRepeated.selector, 1));
        IPanelArbitrator.Voice[] memory list = voices(1, 2, 3);
        list[2] = voice(1, 2, 0);
        (list[0].signature, list[2].signature) = ("forged", "forged");
        rule(1, 2, list, because(IPanelArbitrator.SeatRepeated.selector, 0));
    }

    function test_rule_RevertWhen_TooFewSpeak() public {
        bytes4 selector = IPanelArbitrator.NotEnoughVoices.selector;
        rule(1, 2, one(voice(1, 2, 1)), abi.encodeWithSelector(selector, 2, 1));
        rule(1, 2, new IPanelArbitrator.Voice[](0), abi.encodeWithSelector(selector, 2, 0));
        assertWaiting(1);
    }

    // Voices that do not count

    function test_rule_PassesOverWhoDoesNotCount() public {
        vm.warp(START + 1 days);
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 3);
        said[0].expiry = uint40(START);
        said[0].signature = sign(judges[0], digest(1, 2, OPINION, said[0].expiry));
        vm.expectEmit(address(court));
        emit IPanelArbitrator.RulingGiven(1, IArbitrable(address(litigant)), 2, OPINION, 6);
        rule(1, 2, said, "");
        assertRuled(1, 2);
    }

    function test_rule_PassesOverForgedVoices() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 3);
        said[1].signature = sign(anyone, digest(1, 2, OPINION, said[1].expiry));
        vm.expectEmit(address(court));
        emit IPanelArbitrator.RulingGiven(1, IArbitrable(address(litigant)), 2, OPINION, 5);
        rule(1, 2, said, "");
        assertRuled(1, 2);
    }

    function test_rule_RevertWhen_Expired() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        vm.warp(said[1].expiry + 1);
        said[0] = voice(1, 2, 0);
        rule(1, 2, said, abi.encodeWithSelector(IPanelArbitrator.RulingExpired.selector, 1, said[1].expiry));
        assertWaiting(1);
        vm.warp(said[1].expiry);
        rule(1, 2, said, "");
        assertRuled(1, 2);
    }

    function test_rule_RevertWhen_ACallingSeatsVoiceHasExpired() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        (said[1].signature, said[1].expiry) = ("", uint40(START - 1));
        bytes memory refusal = abi.encodeWithSelector(IPanelArbitrator.RulingExpired.selector, 1, START - 1);
        ruleFrom(judges[1], 1, 2, said, refusal);
    }

    function test_rule_RevertWhen_TheCallerIsNotTheSeat() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        said[1].signature = "";
        bytes memory refusal = because(IPanelArbitrator.NotCaller.selector, judges[1]);
        rule(1, 2, said, refusal);
        ruleFrom(judges[0], 1, 2, said, refusal);
        ruleFrom(address(litigant), 1, 2, said, refusal);
        assertWaiting(1);
    }

    function test_rule_RevertWhen_ASeatCallsForTwo() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        (said[0].signature, said[1].signature) = ("", "");
        ruleFrom(judges[0], 1, 2, said, because(IPanelArbitrator.NotCaller.selector, judges[1]));
    }

    function test_rule_RevertWhen_ACallingSeatSignedSomethingElse() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        said[1].signature = sign(judges[1], digest(1, 1, OPINION, said[1].expiry));
        ruleFrom(judges[1], 1, 2, said, because(IPanelArbitrator.BadSignature.selector, judges[1]));
    }

    function test_rule_RevertWhen_AnotherSigned() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        said[1].signature = sign(anyone, digest(1, 2, OPINION, said[1].expiry));
        refuseSignature(said);
        said[1].signature = said[0].signature;
        vm.warp(said[1].expiry);
        refuseSignature(said);
    }

    function test_rule_RevertWhen_SomethingElseWasSigned() public {
        uint40 expiry = uint40(START + 1 days);
        refuseSigned(digest(1, 1, OPINION, expiry));
        refuseSigned(digest(2, 2, OPINION, expiry));
        refuseSigned(digest(1, 2, "no reason", expiry));
        refuseSigned(digest(1, 2, OPINION, expiry + 1));
    }

    function test_rule_RevertWhen_SignedForAnotherCourtOrChain() public {
        uint40 expiry = uint40(START + 1 days);
        address twin = address(courtOf(judges, 2));
        refuseSigned(digest(block.chainid, twin, address(litigant), 1, 2, OPINION, expiry));
        refuseSigned(digest(block.chainid + 1, address(court), address(litigant), 1, 2, OPINION, expiry));
    }

    /// @dev What was signed here means nothing on a chain that splits off.
    function test_rule_RevertWhen_TheChainHasSplit() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        vm.chainId(block.chainid + 1);
        rule(1, 2, said, because(IPanelArbitrator.BadSignature.selector, judges[0]));
        rule(1, 2, voices(1, 2, 2), "");
        assertRuled(1, 2);
    }

    /// @dev A reorganisation gives the number of a dispute to somebody else's: what was signed for the one does not
    /// rule the other.
    function test_rule_RevertWhen_SignedForAnotherLitigant() public {
        court = courtOf(judges, 2);
        uint256 before = vm.snapshotState();
        sue();
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        vm.revertToState(before);
        litigant = new Litigant();
        sue();
        rule(1, 2, said, because(IPanelArbitrator.BadSignature.selector, judges[0]));
        assertWaiting(1);
    }

    function test_rule_RevertWhen_TheSignatureIsMalformed() public {
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 2);
        bytes memory good = said[1].signature;
        said[1].signature = abi.encodePacked(good, uint8(0));
        refuseSignature(said);
        (bytes32 r, uint256 s) = abi.decode(good, (bytes32, uint256));
        said[1].signature = abi.encodePacked(r, s);
        refuseSignature(said);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        said[1].signature = abi.encodePacked(r, order - s, good[64] == 0x1b ? uint8(28) : uint8(27));
        refuseSignature(said);
        said[1].signature = new bytes(65);
        refuseSignature(said);
    }

    // Contract accounts

    /// @dev By EIP-7702, to code that signs nothing.
    function test_rule_ByTheKeyOfASeatThatGotCode() public {
        vm.etch(judges[1], abi.encodePacked(hex"ef0100", address(litigant)));
        rule(1, 2, voices(1, 2, 2), "");
        assertRuled(1, 2);
    }

    function test_rule_RevertWhen_AContractAccountChangesItsMind() public {
        Turncoat turncoat = new Turncoat();
        seat(address(turncoat));
        uint256 before = vm.snapshotState();
        rule(1, 2, voices(1, 2, 2), "");
        assertRuled(1, 2);
        turncoat.turn();
        assertRuled(1, 2);
        vm.revertToState(before);
        turncoat.turn();
        refuseSignature(voices(1, 2, 2));
    }

    function test_rule_RevertWhen_AContractAccountMakesTrouble() public {
        Trickster trickster = new Trickster();
        seat(address(trickster));
        trickster.behave(Trickster.Manner.Reverts);
        refuseSignature(voices(1, 2, 2));
        trickster.behave(Trickster.Manner.AnswersTooLittle);
        refuseSignature(voices(1, 2, 2));
        trickster.behave(Trickster.Manner.AnswersSomethingElse);
        refuseSignature(voices(1, 2, 2));
    }

    function test_rule_RevertWhen_AContractAccountCallsBackIn() public {
        Trickster trickster = new Trickster();
        seat(address(trickster));
        IPanelArbitrator.Voice[] memory said = two(voice(1, 3, 0), voice(1, 3, 2));
        trickster.aim(address(court), abi.encodeCall(IPanelArbitrator.rule, (1, 3, OPINION, said)));
        refuseSignature(voices(1, 2, 2));
        trickster.aim(address(court), abi.encodeCall(IPanelArbitrator.collect, ()));
        refuseSignature(voices(1, 2, 2));
        trickster.aim(address(court), abi.encodeCall(IPanelArbitrator.dispute, (1)));
        rule(1, 2, voices(1, 2, 2), "");
        assertRuled(1, 2);
    }

    function test_rule_AContractAccountBurnsGas() public {
        Trickster trickster = new Trickster();
        seat(address(trickster));
        trickster.behave(Trickster.Manner.BurnsGas);
        IPanelArbitrator.Voice[] memory said = voices(1, 2, 3);
        uint256 before = vm.snapshotState();
        rule(1, 2, two(said[0], said[2]), "");
        assertRuled(1, 2);
        vm.revertToState(before);
        vm.expectEmit(address(court));
        emit IPanelArbitrator.RulingGiven(1, IArbitrable(address(litigant)), 2, OPINION, 5);
        court.rule{gas: TRANSACTION_CAP - 50_000}(1, 2, OPINION, said);
        assertRuled(1, 2);
    }
}
