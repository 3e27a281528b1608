// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Verdict} from "../../src/interfaces/Types.sol";
import {IAnonymousBallot} from "../../src/panels/IAnonymousBallot.sol";
import {IBallot} from "../../src/panels/IBallot.sol";
import {ISealedBallot} from "../../src/panels/ISealedBallot.sol";
import {vm} from "../base/Vm.sol";
import {BallotTest} from "./BallotTest.sol";
import {StubVerifier} from "./StubVerifier.sol";

contract AnonymousBallotTest is BallotTest {
    uint256 private constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant ROOT = 77;
    uint256[8] private _points = [uint256(1), 2, 3, 4, 5, 6, 7, 8];

    StubVerifier private _verifier;
    IAnonymousBallot private _ballot;

    function setUp() public override {
        super.setUp();
        _verifier = new StubVerifier();
        _ballot = IAnonymousBallot(make(group(5), 3, ""));
        ballot = ISealedBallot(address(_ballot));
        vm.warp(START);
        round = _ballot.open(address(agreement), PHASE, OBLIGATION);
        vm.warp(FROM);
    }

    function group(uint256 count) private pure returns (uint256[] memory members) {
        members = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            members[i] = 100 + i;
        }
    }

    function make(uint256[] memory members, uint256 quorum, bytes memory refusal) private returns (address) {
        bytes memory arguments = abi.encode(members, ROOT, _verifier, asked(), quorum);
        return createWith("AnonymousBallot.sol:AnonymousBallot", arguments, refusal);
    }

    function hashed(uint256 message) private pure returns (uint256) {
        return uint256(keccak256(abi.encodePacked(message))) >> 8;
    }

    /// @dev The one proof that the verifier takes.
    function prove(uint256 nullifier, bytes32 commitment, uint256 scope) private {
        _verifier.accept([ROOT, nullifier, hashed(uint256(commitment)), hashed(scope)], _points, 3);
    }

    function hidden(uint256 nullifier, Verdict verdict) private view returns (bytes32) {
        return _ballot.commitmentOf(round, bytes32(nullifier), verdict, 0, saltOf(nullifier));
    }

    function commitAs(uint256 nullifier, bytes32 commitment, bytes memory refusal) private {
        act(anyone, 0, abi.encodeCall(IAnonymousBallot.commit, (round, nullifier, commitment, _points)), refusal);
    }

    function cast(uint256 nullifier, Verdict verdict) private {
        prove(nullifier, hidden(nullifier, verdict), _ballot.scopeOf(round));
        commitAs(nullifier, hidden(nullifier, verdict), "");
    }

    function bad() private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAnonymousBallot.BadProof.selector);
    }

    // Creation

    function test_create_FixesItsRules() public {
        assertEq(_ballot.root(), ROOT, "root");
        assertEq(_ballot.depth(), 3, "depth");
        assertEq(address(_ballot.verifier()), address(_verifier), "verifier");
        assertEq(_ballot.members().length, 5, "members");
        assertEq(_ballot.members()[4], 104, "member");
        assertEq(IAnonymousBallot(make(group(3), 3, "")).depth(), 2, "depth of three");
        assertEq(IAnonymousBallot(make(group(4), 3, "")).depth(), 2, "depth of four");
        assertEq(IAnonymousBallot(make(group(32), 3, "")).depth(), 5, "depth of 32");
    }

    function test_create_RevertWhen_TheGroupIsNotRight() public {
        bytes4 number = IBallot.WrongNumberOfVoters.selector;
        make(group(2), 3, abi.encodeWithSelector(number, 3, 32, 2));
        make(group(33), 3, abi.encodeWithSelector(number, 3, 32, 33));
        uint256[] memory members = group(4);
        members[2] = members[1];
        make(members, 3, because(IAnonymousBallot.MembersUnordered.selector, 2));
        members[0] = 0;
        make(members, 3, because(IAnonymousBallot.MembersUnordered.selector, 0));
        members = group(4);
        members[3] = FIELD;
        make(members, 3, because(IAnonymousBallot.NotAnIdentity.selector, 3));
        make(group(4), 5, abi.encodeWithSelector(IBallot.QuorumOutOfRange.selector, 3, 4, 5));
    }

    // Committing

    function test_commit_TakesTheNextPlaceWhoeverSendsIt() public {
        cast(901, Verdict.Met);
        cast(900, Verdict.Met);
        uint256[] memory seen = _ballot.nullifiers(round);
        assertEq(seen.length, 2, "two");
        assertEq(seen[0], 901, "in the order they came");
        assertEq(_ballot.ballotAt(round, 1), hidden(900, Verdict.Met), "the second");
        assertEq(_ballot.roundAt(round).committed, 3, "places");
    }

    function test_commit_RevertWhen_TheMemberHasVoted() public {
        cast(900, Verdict.Met);
        prove(900, hidden(900, Verdict.Breached), _ballot.scopeOf(round));
        commitAs(900, hidden(900, Verdict.Breached), because(IAnonymousBallot.AlreadyVoted.selector, 900));
    }

    function test_commit_RevertWhen_TheProofIsOfSomethingElse() public {
        bytes32 commitment = hidden(900, Verdict.Met);
        uint256 scope = _ballot.scopeOf(round);
        prove(901, commitment, scope);
        commitAs(900, commitment, bad());
        prove(900, hidden(900, Verdict.Breached), scope);
        commitAs(900, commitment, bad());
        prove(900, commitment, _ballot.scopeOf("another round"));
        commitAs(900, commitment, bad());
        IAnonymousBallot twin = IAnonymousBallot(make(group(5), 4, ""));
        prove(900, commitment, twin.scopeOf(round));
        commitAs(900, commitment, bad());
        prove(900, commitment, scope);
        _points[7] = 9;
        commitAs(900, commitment, bad());
        _points[7] = 8;
        vm.chainId(block.chainid + 1);
        commitAs(900, commitment, bad());
        vm.chainId(block.chainid - 1);
        commitAs(900, commitment, "");
    }

    function test_commit_InTheWindowToTheSecond() public {
        bytes32 commitment = hidden(900, Verdict.Met);
        prove(900, commitment, _ballot.scopeOf(round));
        vm.warp(FROM - 1);
        commitAs(900, commitment, outside(FROM, COMMITTED));
        vm.warp(COMMITTED + 1);
        commitAs(900, commitment, outside(FROM, COMMITTED));
        vm.warp(COMMITTED);
        commitAs(900, commitment, "");
    }

    function test_commit_RevertWhen_TheRoundIsNotOpen() public {
        round = "never";
        commitAs(900, "hidden", abi.encodeWithSelector(IBallot.NotOpened.selector, round));
    }

    // Revealing and counting

    function test_reveal_RevertWhen_ItIsACopy() public {
        cast(900, Verdict.Met);
        prove(901, hidden(900, Verdict.Met), _ballot.scopeOf(round));
        commitAs(901, hidden(900, Verdict.Met), "");
        vm.warp(COMMITTED + 1);
        reveal(0, Verdict.Met, 0, saltOf(900), "");
        reveal(1, Verdict.Met, 0, saltOf(900), because(IBallot.NotThisBallot.selector, 1));
    }

    function test_tally_FindsAndSigns() public {
        for (uint256 i; i < 4; ++i) {
            cast(900 + i, i == 0 ? Verdict.Lapsed : Verdict.Breached);
        }
        vm.warp(COMMITTED + 1);
        for (uint256 i = 4; i != 0; --i) {
            reveal(i - 1, i == 1 ? Verdict.Lapsed : Verdict.Breached, 0, saltOf(899 + i), "");
        }
        tally("");
        assertResult(4, Verdict.Breached, 3, 0, 0);
        (, bytes32 evidence) = ballot.resultOf(round);
        bytes32 digest = attestationOf(PHASE, OBLIGATION, Verdict.Breached, 0, evidence, type(uint40).max);
        assertSigned(digest, true, "what was found");
    }
}
