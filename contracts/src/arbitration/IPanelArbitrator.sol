// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrable} from "./IArbitrable.sol";
import {IArbitrator} from "./IArbitrator.sol";

/// @title A court that rules as enough of its own panel sign
interface IPanelArbitrator is IArbitrator {
    /// @dev Everything about a dispute, in one storage slot. `ruling` means nothing while `status` is Waiting.
    struct Dispute {
        IArbitrable arbitrable;
        uint40 choices;
        uint40 ruling;
        DisputeStatus status;
    }

    /// @dev One seat's ruling as relayed. An empty signature means that the seat itself is calling.
    struct Voice {
        uint8 seat;
        uint40 expiry;
        bytes signature;
    }

    /// @param opinion hash of the reasons, as signed
    /// @param seats the set of seats whose voices counted
    event RulingGiven(
        uint256 indexed disputeId, IArbitrable indexed arbitrable, uint256 ruling, bytes32 opinion, uint32 seats
    );
    event FeesCollected(address indexed to, uint256 amount);

    error WrongNumberOfSeats(uint256 most, uint256 actual);
    error ThresholdOutOfRange(uint256 seats, uint256 threshold);
    error ZeroAddress();
    error WrongValue(uint256 expected, uint256 actual);
    error TooManyChoices(uint256 most, uint256 actual);
    error UnknownDispute(uint256 disputeId);
    error AlreadyRuled(uint256 disputeId);
    error UnknownRuling(uint256 ruling);
    error UnknownSeat(uint256 seat);
    error SeatRepeated(uint256 seat);
    /// @dev All voices count, and they are too few.
    error NotEnoughVoices(uint256 threshold, uint256 actual);
    error RulingExpired(uint256 seat, uint256 expiry);
    error BadSignature(address signer);
    error NotCaller(address required);
    error NoAppeal(uint256 disputeId);
    error NothingToCollect();

    /// @notice Gives the panel's ruling to the contract that asked. Anyone may relay it; a dispute is ruled once.
    ///
    /// Each voice is a seat's signature over `Ruling`, the same for all of them but for the expiry. Voices that
    /// do not count (expired, not signed by their seat) are passed over as long as enough are left that do. A seat that
    /// signs two rulings counts for either: the first to be complete stands.
    ///
    /// If the contract that asked does not take the ruling, this call fails with its reason, and the dispute waits as
    /// before: no ruling is on record here that has not arrived there. Should it refuse for ever, its dispute waits for
    /// ever, which is nobody else's concern.
    /// @param opinion hash of the panel's reasons; zero if it gives none
    function rule(uint256 disputeId, uint256 ruling, bytes32 opinion, Voice[] calldata voices) external;

    /// @notice Sends all fees paid so far to `feeRecipient`. Anyone may.
    function collect() external returns (uint256 amount);

    /// @notice The panel.
    function seats() external view returns (address[] memory);

    /// @notice How many seats must sign.
    function threshold() external view returns (uint256);

    /// @notice What a dispute costs in wei, paid when it is created and not returned.
    function fee() external view returns (uint256);

    function feeRecipient() external view returns (address);

    /// @notice How many disputes there are; they are numbered from one.
    function disputes() external view returns (uint256);

    function dispute(uint256 disputeId) external view returns (Dispute memory);
}
