// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBallot} from "./IBallot.sol";

/// @title A ballot of known voters, each with a deposit
interface ISealedBallot is IBallot {
    event DepositReturned(bytes32 indexed round, address indexed voter, address to, uint256 amount);
    event DepositsForfeited(bytes32 indexed round, address indexed to, uint256 amount);

    error ZeroAddress();
    error VoterRepeated(uint256 place);
    error ForfeitToVoter(uint256 place);
    error NotCaller(address required);
    error WrongValue(uint256 expected, uint256 actual);
    error NothingToReturn(uint256 place);
    error NothingToForfeit(bytes32 round);

    /// @notice The voter in a place puts in its ballot, hidden, with the deposit.
    /// @param commitment what `commitmentOf` says of it
    function commit(bytes32 round, uint8 place, bytes32 commitment) external payable;

    /// @notice The voter in a place takes back the deposit of a ballot that it has revealed, to an account of its choice.
    function withdraw(bytes32 round, uint8 place, address to) external;

    /// @notice Sends the deposits of ballots that nobody revealed in time to `forfeitTo`. Anyone may.
    function forfeit(bytes32 round) external returns (uint256 amount);

    function voters() external view returns (address[] memory);

    /// @notice In wei, for each ballot.
    function deposit() external view returns (uint256);

    function forfeitTo() external view returns (address);
}
