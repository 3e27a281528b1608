// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {State, Status} from "../../src/interfaces/Types.sol";

/// @dev As much of an agreement as a ballot looks at: in which phase it is, since when.
contract StubAgreement {
    State private _state;

    function set(Status status, uint8 phase, uint40 openedAt) external {
        (_state.status, _state.phase, _state.openedAt) = (status, phase, openedAt);
    }

    function state() external view returns (State memory) {
        return _state;
    }
}
