// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Signatures} from "../libraries/Signatures.sol";
import {IArbitrable} from "./IArbitrable.sol";
import {IArbitrator} from "./IArbitrator.sol";
import {IPanelArbitrator} from "./IPanelArbitrator.sol";

/// @title PanelArbitrator
/// @notice A court (ERC-792) whose ruling is what enough seats of its panel sign. Panel, threshold, fee and who gets
/// the fee are fixed when it is created, and nobody owns it. The panel can rule a dispute as it likes, once, or not at
/// all; it can do nothing else. There is no appeal.
contract PanelArbitrator is IPanelArbitrator, EIP712 {
    bytes32 private constant RULING_TYPEHASH =
        keccak256("Ruling(address arbitrable,uint256 dispute,uint256 ruling,bytes32 opinion,uint40 expiry)");
    uint256 private constant MAX_SEATS = 32;
    /// @dev So that a dispute fits into one slot.
    uint256 private constant MAX_CHOICES = type(uint40).max;

    /// @inheritdoc IPanelArbitrator
    uint256 public immutable threshold;
    /// @inheritdoc IPanelArbitrator
    uint256 public immutable fee;
    /// @inheritdoc IPanelArbitrator
    address public immutable feeRecipient;
    uint256 private immutable _seatCount;

    address[MAX_SEATS] private _seats;
    /// @inheritdoc IPanelArbitrator
    uint256 public disputes;
    mapping(uint256 disputeId => Dispute) private _disputes;

    /// @param panel one to 32 different accounts
    /// @param threshold_ how many of them must sign
    /// @param fee_ what a dispute costs, in wei
    constructor(address[] memory panel, uint256 threshold_, uint256 fee_, address feeRecipient_)
        EIP712("pyledger arbitrator", "1")
    {
        if (panel.length == 0 || panel.length > MAX_SEATS) revert WrongNumberOfSeats(MAX_SEATS, panel.length);
        if (threshold_ == 0 || threshold_ > panel.length) revert ThresholdOutOfRange(panel.length, threshold_);
        if (feeRecipient_ == address(0)) revert ZeroAddress();
        for (uint256 i; i < panel.length; ++i) {
            if (panel[i] == address(0)) revert ZeroAddress();
            for (uint256 j; j < i; ++j) {
                if (panel[j] == panel[i]) revert SeatRepeated(i);
            }
            _seats[i] = panel[i];
        }
        (_seatCount, threshold, fee, feeRecipient) = (panel.length, threshold_, fee_, feeRecipient_);
    }

    /// @inheritdoc IArbitrator
    /// @dev Takes exactly the fee. There is one panel for all disputes, so extra data means nothing.
    function createDispute(uint256 choices, bytes calldata) external payable returns (uint256 disputeId) {
        if (msg.value != fee) revert WrongValue(fee, msg.value);
        if (choices > MAX_CHOICES) revert TooManyChoices(MAX_CHOICES, choices);
        IArbitrable arbitrable = IArbitrable(msg.sender);
        disputeId = ++disputes;
        _disputes[disputeId] = Dispute(arbitrable, uint40(choices), 0, DisputeStatus.Waiting);
        emit DisputeCreation(disputeId, arbitrable);
    }

    /// @inheritdoc IPanelArbitrator
    function rule(uint256 disputeId, uint256 ruling, bytes32 opinion, Voice[] calldata voices) external {
        Dispute memory ruled = dispute(disputeId);
        if (ruled.status == DisputeStatus.Solved) revert AlreadyRuled(disputeId);
        if (ruling > ruled.choices) revert UnknownRuling(ruling);
        uint32 heard = _hear(ruled.arbitrable, disputeId, ruling, opinion, voices);

        (ruled.ruling, ruled.status) = (uint40(ruling), DisputeStatus.Solved);
        _disputes[disputeId] = ruled;
        emit RulingGiven(disputeId, ruled.arbitrable, ruling, opinion, heard);

        ruled.arbitrable.rule(disputeId, ruling);
    }

    /// @inheritdoc IPanelArbitrator
    /// @dev Fees are all that this contract holds.
    function collect() external returns (uint256 amount) {
        amount = address(this).balance;
        if (amount == 0) revert NothingToCollect();
        emit FeesCollected(feeRecipient, amount);
        Address.sendValue(payable(feeRecipient), amount);
    }

    /// @inheritdoc IArbitrator
    function appeal(uint256 disputeId, bytes calldata) external payable {
        revert NoAppeal(disputeId);
    }

    /// @inheritdoc IArbitrator
    function arbitrationCost(bytes calldata) external view returns (uint256) {
        return fee;
    }

    /// @inheritdoc IArbitrator
    /// @dev More than anybody can pay, as ERC-792 has it where there is no appeal.
    function appealCost(uint256, bytes calldata) external pure returns (uint256) {
        return type(uint256).max;
    }

    /// @inheritdoc IArbitrator
    /// @dev Never, as ERC-792 has it where there is no appeal.
    function appealPeriod(uint256) external pure returns (uint256 start, uint256 end) {
        return (0, 0);
    }

    /// @inheritdoc IArbitrator
    function disputeStatus(uint256 disputeId) external view returns (DisputeStatus) {
        return dispute(disputeId).status;
    }

    /// @inheritdoc IArbitrator
    /// @dev Zero while the dispute is waiting.
    function currentRuling(uint256 disputeId) external view returns (uint256) {
        return dispute(disputeId).ruling;
    }

    /// @inheritdoc IPanelArbitrator
    function seats() external view returns (address[] memory panel) {
        panel = new address[](_seatCount);
        for (uint256 i; i < panel.length; ++i) {
            panel[i] = _seats[i];
        }
    }

    /// @inheritdoc IPanelArbitrator
    function dispute(uint256 disputeId) public view returns (Dispute memory found) {
        found = _disputes[disputeId];
        if (address(found.arbitrable) == address(0)) revert UnknownDispute(disputeId);
    }

    /// @dev The set of seats whose voices count, at least `threshold` of them.
    function _hear(IArbitrable arbitrable, uint256 disputeId, uint256 ruling, bytes32 opinion, Voice[] calldata voices)
        private
        view
        returns (uint32 heard)
    {
        uint256 named;
        uint256 counted;
        for (uint256 i; i < voices.length; ++i) {
            Voice calldata voice = voices[i];
            if (voice.seat >= _seatCount) revert UnknownSeat(voice.seat);
            uint32 seat = uint32(1 << voice.seat);
            if (named & seat != 0) revert SeatRepeated(voice.seat);
            named |= seat;
            if (block.timestamp > voice.expiry) continue;
            bytes32 said = keccak256(abi.encode(RULING_TYPEHASH, arbitrable, disputeId, ruling, opinion, voice.expiry));
            if (!_signed(_seats[voice.seat], said, voice.signature)) continue;
            heard |= seat;
            ++counted;
        }
        if (counted < threshold) _refuse(voices, heard);
    }

    /// @dev Whether an account has signed a struct; an empty signature says that the account itself is calling.
    function _signed(address account, bytes32 structHash, bytes calldata signature) private view returns (bool) {
        if (signature.length == 0) return msg.sender == account;
        return Signatures.signed(account, _hashTypedDataV4(structHash), signature);
    }

    /// @dev Says why the first voice that does not count does not, or that there are too few.
    function _refuse(Voice[] calldata voices, uint256 heard) private view {
        for (uint256 i; i < voices.length; ++i) {
            Voice calldata voice = voices[i];
            if ((heard >> voice.seat) & 1 == 1) continue;
            if (block.timestamp > voice.expiry) revert RulingExpired(voice.seat, voice.expiry);
            address account = _seats[voice.seat];
            if (voice.signature.length == 0) revert NotCaller(account);
            revert BadSignature(account);
        }
        revert NotEnoughVoices(threshold, voices.length);
    }
}
