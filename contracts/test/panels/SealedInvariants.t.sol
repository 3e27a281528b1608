// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Verdict} from "../../src/interfaces/Types.sol";
import {IBallot} from "../../src/panels/IBallot.sol";
import {ISealedBallot} from "../../src/panels/ISealedBallot.sol";
import {vm} from "../base/Vm.sol";
import {BallotTest} from "./BallotTest.sol";

/// @dev Random histories of two rounds of one seat: peers and a stranger commit, reveal, count, take back and send on, in and
/// out of time, twice, and for each other. After each move the books are held against the seat.
contract SealedInvariantsTest is BallotTest {
    uint256 private constant MOVES = 100;

    bytes32[2] private _rounds;
    uint256 private _paidIn;
    uint256 private _back;
    uint256 private _lost;
    mapping(bytes32 round => mapping(uint256 place => bytes32)) private _said;
    mapping(bytes32 round => bytes32) private _results;
    /// @dev How often each kind of move was made, and not refused.
    uint256[5] private _made;
    uint256 private _drawn;

    function setUp() public override {
        super.setUp();
        IBallot.Question[] memory list = new IBallot.Question[](2);
        (list[0], list[1]) = (asked()[0], asked()[0]);
        (list[1].obligation, list[1].from) = (0, 9 days);
        ballot = ISealedBallot(create(peers, list, 3, DEPOSIT, charity, ""));
        _rounds[0] = ballot.open(address(agreement), PHASE, OBLIGATION);
        _rounds[1] = ballot.open(address(agreement), PHASE, 0);
        vm.warp(FROM - 1 days - 6 hours);
    }

    function draw(uint256 below) private returns (uint256) {
        _drawn = uint256(keccak256(abi.encode(_drawn)));
        return _drawn % below;
    }

    /// @dev Deposits are conserved; nobody votes twice, or shows what it did not commit; what was counted is counted for good;
    /// and in the end everything goes to whom it is due.
    function testFuzz_AnyHistory(uint256 seed) public {
        play(seed);
        vm.warp(REVEALED + 1);
        for (uint256 i; i < 2; ++i) {
            round = _rounds[i];
            for (uint256 place; place < 5; ++place) {
                attempt(4, peers[place], 0, abi.encodeCall(ISealedBallot.withdraw, (round, uint8(place), anyone)));
            }
            attempt(4, anyone, 0, abi.encodeCall(ISealedBallot.forfeit, (round)));
        }
        assertEq(address(ballot).balance, 0, "nothing is left");
    }

    function test_HistoriesHaveEveryKindOfMove() public {
        uint256[5] memory made;
        for (uint256 seed; seed < 12; ++seed) {
            uint256 before = vm.snapshotState();
            play(seed);
            for (uint256 kind; kind < 5; ++kind) {
                made[kind] += _made[kind];
            }
            vm.revertToState(before);
        }
        for (uint256 kind; kind < 5; ++kind) {
            assertTrue(made[kind] != 0, vm.toString(kind));
        }
    }

    function play(uint256 seed) private {
        _drawn = seed;
        for (uint256 i; i < MOVES; ++i) {
            move();
            inspect();
        }
    }

    function move() private {
        round = _rounds[draw(2)];
        uint256 place = draw(6);
        address caller = place < 5 && draw(8) != 0 ? peers[place] : anyone;
        uint256 kind = draw(5);
        Verdict verdict = Verdict(1 + draw(2));
        if (kind == 0) {
            bytes32 hidden = sealedBy(place % 5, verdict, 0);
            if (attempt(0, caller, DEPOSIT, abi.encodeCall(ISealedBallot.commit, (round, uint8(place), hidden)))) {
                assertEq(_said[round][place], bytes32(0), "one vote each");
                _said[round][place] = hidden;
                _paidIn += DEPOSIT;
            }
        } else if (kind == 1) {
            bytes memory data = abi.encodeCall(IBallot.reveal, (round, uint8(place), verdict, 0, saltOf(place)));
            if (attempt(1, caller, 0, data)) {
                assertEq(_said[round][place], sealedBy(place, verdict, 0), "as committed");
            }
        } else if (kind == 2) {
            if (attempt(2, caller, 0, abi.encodeCall(IBallot.tally, (round)))) _results[round] = counted();
        } else if (kind == 3) {
            uint256 before = anyone.balance;
            attempt(3, caller, 0, abi.encodeCall(ISealedBallot.withdraw, (round, uint8(place), anyone)));
            _back += anyone.balance - before;
        } else {
            uint256 before = charity.balance;
            attempt(4, caller, 0, abi.encodeCall(ISealedBallot.forfeit, (round)));
            _lost += charity.balance - before;
        }
        if (draw(3) == 0) vm.warp(vm.getBlockTimestamp() + draw(6 hours));
    }

    function attempt(uint256 kind, address caller, uint256 value, bytes memory data) private returns (bool success) {
        if (caller.balance < value) vm.deal(caller, 1 ether);
        uint256 before = caller.balance;
        vm.prank(caller);
        (success,) = address(ballot).call{value: value}(data);
        if (success) ++_made[kind];
        if (!success) assertEq(caller.balance, before, "nothing taken");
    }

    function counted() private view returns (bytes32) {
        (IBallot.Result memory r,) = ballot.resultOf(round);
        return keccak256(abi.encode(r));
    }

    function inspect() private {
        assertEq(address(ballot).balance + _back + _lost, _paidIn, "deposits");
        for (uint256 i; i < 2; ++i) {
            round = _rounds[i];
            IBallot.Round memory r = ballot.roundAt(round);
            assertEq(r.revealed & ~r.committed, 0, "revealed but not committed");
            assertEq(r.settled & ~r.committed, 0, "settled but not committed");
            if (r.tallied) assertEq(_results[round], counted(), "counted for good");
        }
    }
}
