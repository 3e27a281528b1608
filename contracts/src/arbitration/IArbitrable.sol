// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IArbitrator} from "./IArbitrator.sol";

/// @title What a court rules on (ERC-792)
interface IArbitrable {
    event Ruling(IArbitrator indexed _arbitrator, uint256 indexed _disputeID, uint256 _ruling);

    /// @notice The arbitrator gives its ruling on a dispute.
    function rule(uint256 _disputeID, uint256 _ruling) external;
}
