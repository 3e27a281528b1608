// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Status, Verdict} from "../../src/interfaces/Types.sol";
import {IBallot} from "../../src/panels/IBallot.sol";
import {ISealedBallot} from "../../src/panels/ISealedBallot.sol";
import {Assertions} from "../base/Assertions.sol";
import {vm} from "../base/Vm.sol";
import {StubAgreement} from "./StubAgreement.sol";

/// @dev Five peers, of whom three must reveal, asked about the second obligation of the first phase of an agreement in
/// force: they commit for two days from the tenth, and reveal for one.
abstract contract BallotTest is Assertions {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant FROM = START + 10 days;
    uint256 internal constant COMMITTED = FROM + 2 days - 1;
    uint256 internal constant REVEALED = COMMITTED + 1 days;
    uint256 internal constant DEPOSIT = 0.01 ether;
    uint8 internal constant PHASE = 0;
    uint8 internal constant OBLIGATION = 1;

    address internal anyone = actor("anyone");
    address internal charity = actor("charity");
    address[] internal peers = actors("peer", 5);
    StubAgreement internal agreement;
    ISealedBallot internal ballot;
    bytes32 internal round;

    function setUp() public virtual {
        vm.warp(START);
        agreement = new StubAgreement();
        agreement.set(Status.InForce, PHASE, uint40(START));
        ballot = ballotOf(peers, 3, DEPOSIT);
        round = ballot.open(address(agreement), PHASE, OBLIGATION);
        vm.warp(FROM);
    }

    // Actors

    function actor(string memory role) internal returns (address account) {
        account = vm.addr(uint256(keccak256(bytes(role))));
        vm.label(account, role);
        vm.deal(account, 1 ether);
    }

    function actors(string memory role, uint256 count) internal returns (address[] memory accounts) {
        accounts = new address[](count);
        for (uint256 i; i < count; ++i) {
            accounts[i] = actor(string.concat(role, " ", vm.toString(i)));
        }
    }

    // Ballots

    function asked() internal pure returns (IBallot.Question[] memory list) {
        list = new IBallot.Question[](1);
        list[0] = IBallot.Question(PHASE, OBLIGATION, 10 days, 2 days, 1 days);
    }

    function ballotOf(address[] memory panel, uint256 quorum, uint256 deposit) internal returns (ISealedBallot) {
        return ISealedBallot(create(panel, asked(), quorum, deposit, charity, ""));
    }

    /// @dev Creates what ships, or sees it refused with exactly this.
    function create(
        address[] memory panel,
        IBallot.Question[] memory questions,
        uint256 quorum,
        uint256 deposit,
        address forfeitTo,
        bytes memory refusal
    ) internal returns (address made) {
        bytes memory arguments = abi.encode(panel, questions, quorum, deposit, forfeitTo);
        return createWith("SealedBallot.sol:SealedBallot", arguments, refusal);
    }

    function createWith(string memory name, bytes memory arguments, bytes memory refusal)
        internal
        returns (address made)
    {
        bytes memory code = abi.encodePacked(VmCode(address(vm)).getCode(name), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
        bytes memory answer = new bytes(0);
        if (made == address(0)) {
            assembly ("memory-safe") {
                answer := mload(0x40)
                mstore(answer, returndatasize())
                returndatacopy(add(answer, 0x20), 0, returndatasize())
                mstore(0x40, and(add(add(answer, 0x3f), returndatasize()), not(31)))
            }
        }
        check(made != address(0), answer, refusal);
    }

    function saltOf(uint256 place) internal pure returns (bytes32) {
        return keccak256(abi.encode("salt", place));
    }

    function id(address voter) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(voter)));
    }

    function sealedBy(uint256 place, Verdict verdict, uint128 value) internal view returns (bytes32) {
        return ballot.commitmentOf(round, id(peers[place]), verdict, value, saltOf(place));
    }

    // Entry points, each with the exact error that it should fail with, or none.

    function commit(uint256 place, Verdict verdict, uint128 value) internal {
        put(peers[place], place, sealedBy(place, verdict, value), "");
    }

    function put(address caller, uint256 place, bytes32 commitment, bytes memory refusal) internal {
        uint256 deposit = ballot.deposit();
        act(caller, deposit, abi.encodeCall(ISealedBallot.commit, (round, uint8(place), commitment)), refusal);
    }

    function reveal(uint256 place, Verdict verdict, uint128 value) internal {
        reveal(place, verdict, value, saltOf(place), "");
    }

    function reveal(uint256 place, Verdict verdict, uint128 value, bytes32 salt, bytes memory refusal) internal {
        act(anyone, 0, abi.encodeCall(IBallot.reveal, (round, uint8(place), verdict, value, salt)), refusal);
    }

    function tally(bytes memory refusal) internal {
        act(anyone, 0, abi.encodeCall(IBallot.tally, (round)), refusal);
    }

    function withdraw(address caller, uint256 place, address to, bytes memory refusal) internal {
        act(caller, 0, abi.encodeCall(ISealedBallot.withdraw, (round, uint8(place), to)), refusal);
    }

    function forfeit(bytes memory refusal) internal {
        act(anyone, 0, abi.encodeCall(ISealedBallot.forfeit, (round)), refusal);
    }

    function act(address caller, uint256 value, bytes memory data, bytes memory refusal) internal {
        vm.prank(caller);
        (bool success, bytes memory answer) = address(ballot).call{value: value}(data);
        check(success, answer, refusal);
    }

    function check(bool success, bytes memory answer, bytes memory refusal) internal pure {
        if (refusal.length == 0) {
            if (!success) bubble(answer);
        } else {
            if (success) revert NotRefused(refusal);
            if (keccak256(answer) != keccak256(refusal)) revert RefusedOtherwise(answer, refusal);
        }
    }

    function because(bytes4 selector, uint256 value) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, value);
    }

    function outside(uint256 from, uint256 until) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBallot.OutsideWindow.selector, from, until);
    }

    function early(uint256 from) internal pure returns (bytes memory) {
        return because(IBallot.TooEarly.selector, from);
    }

    // A whole round

    /// @dev Everybody commits and reveals, in the order of the places; then it is counted.
    function vote(Verdict[] memory verdicts, uint128[] memory values) internal {
        for (uint256 i; i < verdicts.length; ++i) {
            commit(i, verdicts[i], values[i]);
        }
        vm.warp(COMMITTED + 1);
        for (uint256 i; i < verdicts.length; ++i) {
            reveal(i, verdicts[i], values[i]);
        }
        tally("");
    }

    // What it signs

    function attestationOf(
        uint8 phase,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        bytes32 evidence,
        uint40 expiry
    ) internal view returns (bytes32) {
        return digestOf(block.chainid, address(agreement), phase, obligation, verdict, value, evidence, expiry);
    }

    /// @dev EIP-712 written out.
    function digestOf(
        uint256 chainId,
        address account,
        uint8 phase,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        bytes32 evidence,
        uint40 expiry
    ) internal pure returns (bytes32) {
        bytes32 kind = keccak256(
            "Attestation(uint8 phase,uint8 obligation,uint8 verdict,uint256 value,bytes32 evidence,uint40 expiry)"
        );
        bytes32 domainKind =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 domain = keccak256(abi.encode(domainKind, keccak256("pyledger"), keccak256("1"), chainId, account));
        bytes32 said = keccak256(abi.encode(kind, phase, obligation, verdict, value, evidence, expiry));
        return keccak256(abi.encodePacked("\x19\x01", domain, said));
    }

    function signature() internal view returns (bytes memory) {
        return abi.encode(address(agreement), PHASE, OBLIGATION);
    }

    function assertSigned(bytes32 digest, bool expected, string memory what) internal view {
        bool is_ = IBallot(ballot).isValidSignature(digest, signature()) == bytes4(0x1626ba7e);
        assertTrue(is_ == expected, what);
    }

    function assertResult(uint256 voted, Verdict verdict, uint256 agreed, uint256 median, uint256 spread)
        internal
        view
    {
        (IBallot.Result memory r, bytes32 evidence) = ballot.resultOf(round);
        assertEq(r.voted, voted, "voted");
        assertEq(uint256(r.verdict), uint256(verdict), "verdict");
        assertEq(r.agreed, agreed, "agreed");
        assertEq(r.median, median, "median");
        assertEq(r.spread, spread, "spread");
        assertEq(evidence, keccak256(abi.encode(round, r)), "evidence");
    }
}

/// @dev Cheatcodes that only these tests use.
interface VmCode {
    function getCode(string calldata artifact) external view returns (bytes memory);
}
