// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";

import {IAgreement} from "../interfaces/IAgreement.sol";
import {IERC5192} from "./IERC5192.sol";
import {Condition, IEntitlements} from "./IEntitlements.sol";

/// @title Seats at a table, held while an agreement says so
/// @notice A token (ERC-721) for each party that is entitled by the conditions fixed at creation. It belongs to its party and
/// cannot be moved (ERC-5192). Its number is the party's account. `ownerOf` and `balanceOf` are computed from the agreement's
/// state at each call: a seat whose entitlement has ended is not there, whether or not anybody has burned it, and one whose
/// entitlement comes back, as by a ruling, is there again. Nobody owns this contract.
/// @dev What views need of the terms is kept here once anybody has brought it. When the agreement moves on to another phase, or
/// extends this one, no seat is shown until anybody brings the new one: by `publish`, or with the next seat.
interface ISeats is IEntitlements, IERC721Metadata, IERC5192, IERC721Errors {
    event Published(bytes32 indexed commitment);

    error NotEntitled(address account);
    error StillEntitled(address account);
    error AlreadySeated(address account);
    /// @dev A seat is not given, sold or lent.
    error NotTransferable();
    error NoConditions();
    /// @dev What the agreement is committed to now has to be published first.
    error NotPublished(bytes32 commitment);

    /// @notice Brings the terms, and the phase at hand, that the agreement is committed to now. Anyone may.
    function publish(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later) external;

    /// @notice Gives an entitled party its seat. Anyone may. What is published already need not be brought: then `packedTerms` is
    /// empty, and the rest passed over.
    function mint(address account, bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later) external;

    /// @notice Takes away a seat whose entitlement has ended. Anyone may, once what the agreement is committed to is published.
    function burn(address account) external;

    /// @notice The commitment of the agreement for which terms and phase are published: that of now, or seats are not shown.
    function published() external view returns (bytes32);

    /// @notice Whether a party has been given a seat that has not been burned, entitled or not.
    function seated(address account) external view returns (bool);

    /// @notice Until when a seat is sure to stay if nobody does anything: see `IEntitlements.until`. Zero if it is not there.
    function seatedUntil(address account) external view returns (uint256);

    /// @notice The agreement that the seats hang on.
    function agreement() external view returns (IAgreement);

    /// @notice By which a party is entitled.
    function conditions() external view returns (Condition[] memory);
}
