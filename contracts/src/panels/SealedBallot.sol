// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {Outcome} from "../libraries/Outcome.sol";
import {Ballot} from "./Ballot.sol";
import {ISealedBallot} from "./ISealedBallot.sol";

/// @title SealedBallot
/// @notice Peers who are known vote in secret, and what each voted is known when they reveal. Who commits and does not
/// reveal loses a deposit, to an account that was fixed beforehand and is no voter's: nobody who votes gains when another
/// does not, and whoever has deposits sent on gains nothing.
contract SealedBallot is ISealedBallot, Ballot {
    /// @inheritdoc ISealedBallot
    uint256 public immutable deposit;
    /// @inheritdoc ISealedBallot
    address public immutable forfeitTo;
    uint256 private immutable _voterCount;

    address[MAX_VOTERS] private _voters;

    /// @param panel three to 32 different accounts
    /// @param quorum_ how many of them must reveal
    /// @param deposit_ in wei, for each ballot; it may be nothing
    constructor(address[] memory panel, Question[] memory asked, uint256 quorum_, uint256 deposit_, address forfeitTo_)
        Ballot(asked, quorum_, panel.length)
    {
        if (forfeitTo_ == address(0)) revert ZeroAddress();
        for (uint256 i; i < panel.length; ++i) {
            if (panel[i] == address(0)) revert ZeroAddress();
            if (panel[i] == forfeitTo_) revert ForfeitToVoter(i);
            for (uint256 j; j < i; ++j) {
                if (panel[j] == panel[i]) revert VoterRepeated(i);
            }
            _voters[i] = panel[i];
        }
        (_voterCount, deposit, forfeitTo) = (panel.length, deposit_, forfeitTo_);
    }

    /// @inheritdoc ISealedBallot
    function commit(bytes32 round, uint8 place, bytes32 commitment) external payable {
        address voter = _requireCaller(place);
        if (msg.value != deposit) revert WrongValue(deposit, msg.value);
        _put(round, _opened(round), place, _id(voter), commitment);
    }

    /// @inheritdoc ISealedBallot
    function withdraw(bytes32 round, uint8 place, address to) external {
        address voter = _requireCaller(place);
        Round memory r = _opened(round);
        if (!Outcome.contains(r.revealed & ~r.settled, place)) revert NothingToReturn(place);
        if (to == address(0)) revert ZeroAddress();
        r.settled |= uint32(1 << place);
        _rounds[round] = r;
        emit DepositReturned(round, voter, to, deposit);
        Address.sendValue(payable(to), deposit);
    }

    /// @inheritdoc ISealedBallot
    function forfeit(bytes32 round) external returns (uint256 amount) {
        Round memory r = _opened(round);
        _requireAfter(r.revealUntil);
        uint32 silent = r.committed & ~r.revealed & ~r.settled;
        if (silent == 0) revert NothingToForfeit(round);
        amount = Outcome.count(silent) * deposit;
        r.settled |= silent;
        _rounds[round] = r;
        emit DepositsForfeited(round, forfeitTo, amount);
        Address.sendValue(payable(forfeitTo), amount);
    }

    /// @inheritdoc ISealedBallot
    function voters() external view returns (address[] memory panel) {
        panel = new address[](_voterCount);
        for (uint256 i; i < panel.length; ++i) {
            panel[i] = _voters[i];
        }
    }

    function _voter(bytes32, uint256 place) internal view override returns (bytes32) {
        return _id(_voters[place]);
    }

    /// @dev Who has a place and calls. A place that is nobody's is that of the zero address, which does not call.
    function _requireCaller(uint8 place) private view returns (address voter) {
        voter = place < MAX_VOTERS ? _voters[place] : address(0);
        if (msg.sender != voter) revert NotCaller(voter);
    }

    function _id(address voter) private pure returns (bytes32) {
        return bytes32(uint256(uint160(voter)));
    }
}
