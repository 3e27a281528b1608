// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Standing that many share
interface ICommonStanding {
    /// @notice `holder` was heard on an agreement with the standing of this account.
    event Heard(address indexed agreement, address indexed holder, bytes4 selector);

    error ZeroAddress();
    error NotAdmitted(address holder);
    error TooLate(uint256 deadline);
    error NotPermitted(bytes4 selector);
    /// @dev Coin is taken while somebody speaks, and at no other time: nobody could get it out again.
    error NobodySpeaks();

    /// @notice Who admits.
    function body() external view returns (address);

    /// @notice The caller comments, or challenges a verdict, as the account that has standing. Coin is for the court's fee,
    /// and what it does not take comes back.
    /// @param what the call of the agreement: `comment` or `challenge`, and nothing else
    /// @param expiry the last moment at which the caller's credential counts
    /// @param credential the body's signature over `Credential(address holder,uint40 expiry)`; ERC-1271 works too
    function speak(address agreement, bytes calldata what, uint40 expiry, bytes calldata credential)
        external
        payable
        returns (bytes memory answer);
}
