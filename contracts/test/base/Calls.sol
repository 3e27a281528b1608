// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {packPhase, packPhases, packTerms} from "./Packing.sol";
import {IAgreement} from "../../src/interfaces/IAgreement.sol";
import {IAgreementFactory} from "../../src/interfaces/IAgreementFactory.sol";
import {ICourse} from "../../src/interfaces/ICourse.sol";
import {IRecourse} from "../../src/interfaces/IRecourse.sol";
import {Phase, Split, Verdict, Voice} from "../../src/interfaces/Types.sol";
import {Deal} from "./Deal.sol";
import {Hashing} from "./Hashing.sol";

/// @dev Every entry point as the bytes of a call: the one place that says how terms and phases travel. What is called is
/// the deal as it stands: its terms, the phase at hand, the hash chain of those after it.
abstract contract Calls {
    Hashing internal hashing;

    function current(Deal memory d) internal view returns (Phase memory) {
        return d.phases[d.account.state().phase];
    }

    function ahead(Deal memory d) internal view returns (bytes32) {
        return later(d, d.account.state().phase);
    }

    function later(Deal memory d, uint256 phase) internal pure returns (bytes32 chain) {
        for (uint256 i = d.hashes.length; i > phase + 1; --i) {
            chain = keccak256(abi.encode(d.hashes[i - 1], chain));
        }
    }

    /// @dev What lies ahead at the start: the first phase as it is packed, and the hash chain of the others.
    function agenda(Deal memory d) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(packPhase(d.phases[0])), later(d, 0)));
    }

    /// @dev What lies ahead: the phase at hand, with what it has become by extension, and the hash chain of the others.
    function agendaNow(Deal memory d) internal view returns (bytes32) {
        return keccak256(abi.encode(keccak256(packPhase(current(d))), ahead(d)));
    }

    /// @dev The first `count` phases in clear.
    function firstOf(Deal memory d, uint256 count) internal pure returns (Phase[] memory phases) {
        phases = new Phase[](count);
        for (uint256 i; i < count; ++i) {
            phases[i] = d.phases[i];
        }
    }

    /// @dev The phase after the one at hand, alone in its list; an empty list after the last.
    function following(Deal memory d) internal view returns (Phase[] memory next) {
        uint256 index = uint256(d.account.state().phase) + 1;
        next = new Phase[](index < d.phases.length ? 1 : 0);
        if (next.length == 1) next[0] = d.phases[index];
    }

    // The factory

    function opening(Deal memory d, uint256 disclosed) internal pure returns (bytes memory) {
        return opening(d, d.hashes, firstOf(d, disclosed));
    }

    function opening(Deal memory d, bytes32[] memory hashes, Phase[] memory disclosed)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(IAgreementFactory.open, (packTerms(d.terms), hashes, packPhases(disclosed)));
    }

    function disclosing(Deal memory d, bytes32[] memory hashes, Phase[] memory disclosed)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(IAgreementFactory.disclose, (packTerms(d.terms), hashes, packPhases(disclosed)));
    }

    function launching(Deal memory d, uint256 disclosed, uint8 party, uint32 payments)
        internal
        pure
        returns (bytes memory)
    {
        Phase[] memory first = firstOf(d, disclosed);
        return
            abi.encodeCall(IAgreementFactory.launch, (packTerms(d.terms), d.hashes, packPhases(first), party, payments));
    }

    /// @dev What the factory would send to the account, but for the caller's address at its end.
    function launchingIt(Deal memory d, uint8 party, uint32 payments) internal pure returns (bytes memory) {
        return abi.encodeCall(
            ICourse.launch, (packTerms(d.terms), d.hashes, packPhases(firstOf(d, d.phases.length)), party, payments)
        );
    }

    // The ordinary course

    function accepting(Deal memory d, uint8 party, bytes memory signature) internal view returns (bytes memory) {
        return abi.encodeCall(ICourse.accept, (packTerms(d.terms), packPhase(current(d)), ahead(d), party, signature));
    }

    function funding(Deal memory d, uint32 payments) internal view returns (bytes memory) {
        return abi.encodeCall(ICourse.fund, (packTerms(d.terms), packPhase(current(d)), ahead(d), payments));
    }

    function toppingUp(Deal memory d, uint8 party) internal view returns (bytes memory) {
        return abi.encodeCall(ICourse.topUp, (packTerms(d.terms), packPhase(current(d)), ahead(d), party));
    }

    function attesting(Deal memory d, uint8 obligation, Verdict verdict, uint256 value, Voice[] memory said, uint32 pay)
        internal
        view
        returns (bytes memory)
    {
        return abi.encodeCall(
            ICourse.attest, (packTerms(d.terms), packPhase(current(d)), ahead(d), obligation, verdict, value, said, pay)
        );
    }

    function conceding(Deal memory d, uint8 obligation) internal view returns (bytes memory) {
        return abi.encodeCall(ICourse.concede, (packTerms(d.terms), packPhase(current(d)), ahead(d), obligation));
    }

    function releasing(Deal memory d, uint32 payments) internal view returns (bytes memory) {
        return abi.encodeCall(ICourse.release, (packTerms(d.terms), packPhase(current(d)), ahead(d), payments));
    }

    function settling(Deal memory d) internal view returns (bytes memory) {
        return settling(d, following(d), later(d, uint256(d.account.state().phase) + 1));
    }

    function settling(Deal memory d, Phase[] memory next, bytes32 afterNext) internal view returns (bytes memory) {
        return abi.encodeCall(
            ICourse.settle,
            (
                packTerms(d.terms),
                packPhase(current(d)),
                ahead(d),
                next.length == 0 ? bytes("") : packPhase(next[0]),
                afterNext
            )
        );
    }

    function permitting(address asset, uint256 amount, uint256 deadline, bytes memory signature)
        internal
        pure
        returns (bytes memory)
    {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        return abi.encodeCall(ICourse.permit, (asset, amount, deadline, uint8(signature[64]), r, s));
    }

    function multicalling(bytes[] memory calls) internal pure returns (bytes memory) {
        return abi.encodeCall(IAgreement.multicall, (calls));
    }

    // Recourse

    function entering(Deal memory d) internal view returns (bytes memory) {
        return abi.encodeCall(IRecourse.enter, (packTerms(d.terms), packPhase(current(d)), ahead(d)));
    }

    function voiding(Deal memory d) internal pure returns (bytes memory) {
        return abi.encodeCall(IRecourse.void, (packTerms(d.terms), agenda(d)));
    }

    function unwinding(Deal memory d) internal view returns (bytes memory) {
        return abi.encodeCall(IRecourse.unwind, (packTerms(d.terms), packPhase(current(d)), ahead(d)));
    }

    function challenging(Deal memory d, uint8 obligation) internal view returns (bytes memory) {
        return abi.encodeCall(IRecourse.challenge, (packTerms(d.terms), packPhase(current(d)), ahead(d), obligation));
    }

    function ruling(uint256 disputeId, uint256 answer) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(bytes4(keccak256("rule(uint256,uint256)")), disputeId, answer);
    }

    function commenting(Deal memory d, uint256 group, string memory evidence) internal view returns (bytes memory) {
        return abi.encodeCall(IRecourse.comment, (packTerms(d.terms), agendaNow(d), group, evidence));
    }

    function dissolving(Deal memory d, Split[] memory splits, uint40 expiry, bytes[] memory signatures)
        internal
        view
        returns (bytes memory)
    {
        return abi.encodeCall(
            IRecourse.dissolve, (packTerms(d.terms), packPhase(current(d)), ahead(d), splits, expiry, signatures)
        );
    }

    function extending(Deal memory d, bool payment, uint8 index, uint32 to, uint40 expiry, bytes[] memory signatures)
        internal
        view
        returns (bytes memory)
    {
        return abi.encodeCall(
            IRecourse.extend,
            (packTerms(d.terms), packPhase(current(d)), ahead(d), payment, index, to, expiry, signatures)
        );
    }

    function withdrawing(address asset, address to) internal pure returns (bytes memory) {
        return withdrawing(asset, to, type(uint256).max);
    }

    function withdrawing(address asset, address to, uint256 amount) internal pure returns (bytes memory) {
        return abi.encodeCall(IRecourse.withdraw, (asset, to, amount));
    }

    function delivering(address account, address asset) internal pure returns (bytes memory) {
        return abi.encodeCall(IRecourse.deliver, (account, asset));
    }

    /// @dev Every entry point of the account that changes anything, but for `comment`.
    function everyCall(Deal memory d) internal view returns (bytes[] memory calls) {
        calls = new bytes[](19);
        calls[0] = releasing(d, 1);
        calls[1] = settling(d);
        calls[2] = funding(d, 1);
        calls[3] = toppingUp(d, 0);
        calls[4] = conceding(d, 0);
        calls[5] = unwinding(d);
        calls[6] = voiding(d);
        calls[7] = withdrawing(address(0), address(1));
        calls[8] = accepting(d, 0, "");
        calls[9] = attesting(d, 0, Verdict.Met, 0, new Voice[](0), 0);
        calls[10] = delivering(address(1), address(0));
        calls[11] = entering(d);
        calls[12] = challenging(d, 0);
        calls[13] = ruling(1, 2);
        calls[14] = dissolving(d, new Split[](0), 0, new bytes[](0));
        calls[15] = extending(d, false, 0, 1, 0, new bytes[](0));
        calls[16] = permitting(address(d.account), 1, 1, new bytes(65));
        calls[17] = launchingIt(d, 0, 0);
        bytes[] memory inner = new bytes[](1);
        inner[0] = ruling(1, 2);
        calls[18] = multicalling(inner);
    }
}
