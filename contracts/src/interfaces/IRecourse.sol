// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrable} from "../arbitration/IArbitrable.sol";
import {IEvidence} from "../arbitration/IEvidence.sol";
import {Contest, Hearing, Split} from "./Types.sol";

/// @title What else can happen to an agreement: not all join, a verdict is contested, a payment is not taken, time runs
/// out, the parties agree on something else
interface IRecourse is IArbitrable, IEvidence {
    /// @notice Past `joinBy`, brings an agreement that enough parties have joined into force without the others, whose
    /// obligations lapse.
    function enter(bytes calldata packedTerms, bytes calldata packedFirst, bytes32 later) external;

    /// @notice Sends the bonds back past `joinBy` if too few have joined, and past the long-stop date in any case.
    /// @param agenda keccak256(hash of the packed first phase, hash chain of the later ones): no content is needed
    function void(bytes calldata packedTerms, bytes32 agenda) external;

    /// @notice Past the long-stop date (and both windows), closes the agreement for good: what was decided by then goes by
    /// its verdict, what was not lapses, and everything else goes back to who paid it in.
    function unwind(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later) external;

    /// @notice A member, or an account with standing, contests the verdict on an obligation before the terms'
    /// arbitrator. The caller pays the arbitrator's fee; coin beyond it goes back.
    function challenge(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later, uint8 obligation)
        external
        payable
        returns (uint256 disputeId);

    /// @notice A member, a seat or an account with standing says something: an ERC-1497 event, nothing more.
    /// @param agenda keccak256(hash of the packed phase at hand, hash chain of the later ones)
    /// @param group what it is about: phase * 256 + obligation, or any other number
    function comment(bytes calldata packedTerms, bytes32 agenda, uint256 group, string calldata evidence) external;

    /// @notice Ends the agreement by consent of every member, of whom there are at least two: who is alone is bound by its
    /// word. What is held is split as they have signed (`Dissolution`). Credits stay, and who has joined for the next phase only has its bond back.
    /// @param splits for every asset held, in ascending order of their addresses
    /// @param expiry the last moment at which the signatures count
    /// @param signatures of the members, in the order of the parties; an empty one says that this member is calling
    function dissolve(
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        Split[] calldata splits,
        uint40 expiry,
        bytes[] calldata signatures
    ) external;

    /// @notice Gives an obligation or a payment of the phase at hand more time, by consent of every member
    /// (`Extension`). From then on the phase is the one with the new time in it.
    /// @param payment whether `index` is that of a payment
    /// @param to seconds from the phase's opening: `due` of the payment, or `within` of the obligation
    function extend(
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        bool payment,
        uint8 index,
        uint32 to,
        uint40 expiry,
        bytes[] calldata signatures
    ) external;

    /// @notice Takes what is credited to the caller of one asset, to any address but this account. A part of it can be taken while
    /// the account holds less than all of it, as it may of a token that shrinks; the rest stays credited.
    /// @param amount at most so much; what is more than the credit stands for all of it
    function withdraw(address asset, address to, uint256 amount) external;

    /// @notice Sends an account what is credited to it, all of one asset. Anyone may.
    function deliver(address account, address asset) external;

    function credit(address account, address asset) external view returns (uint256);

    /// @notice The set of parties that have joined an agreement in force, and are bound from the next phase on.
    function joining() external view returns (uint16);

    /// @notice When a verdict was given, challenged and ruled on, where there is an arbitrator.
    function contest(uint8 phase, uint8 obligation) external view returns (Contest memory);

    /// @notice What an arbitrator has been asked under a number.
    function hearing(uint256 disputeId) external view returns (Hearing memory);
}
