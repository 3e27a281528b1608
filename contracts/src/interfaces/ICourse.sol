// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {State, Verdict, Voice} from "./Types.sol";

/// @title The ordinary course of an agreement
interface ICourse {
    /// @notice A party joins and posts its bond. The caller pays; the party's signature over the terms may stand in for
    /// the party itself. The last to accept brings the agreement into force and opens the first phase. Where the terms
    /// allow accession, a party can join an agreement in force by its own call, and is bound from the next phase on.
    /// @param packedPhase the first, or the one at hand
    /// @param signature empty if the party itself calls
    function accept(
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        uint8 party,
        bytes calldata signature
    ) external payable;

    /// @notice Puts a set of payments of the phase at hand into escrow. The caller pays for the payers. What is funded
    /// already is passed over, and coin sent for it comes back.
    function fund(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later, uint32 payments)
        external
        payable;

    /// @notice Restores a party's bond to the level of the phase at hand. The caller pays for the party; coin beyond what is
    /// missing, which may be nothing, comes back.
    function topUp(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later, uint8 party) external payable;

    /// @notice Relays seats' attestations of one verdict. Voices that do not count (heard before, expired, not signed by
    /// their seat) are passed over as long as one is left that does, or was heard saying the same. When they reach the quorum of
    /// the panel the verdict is given, and the payments in the set `pay`, all funded and hanging on final verdicts, are
    /// released; so they are when this very verdict has been given before.
    function attest(
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        Voice[] calldata voices,
        uint32 pay
    ) external;

    /// @notice The obligor admits a breach.
    function concede(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later, uint8 obligation) external;

    /// @notice Releases a set of payments whose verdicts are final: to the payees, or back to the payer. What is paid
    /// already is passed over.
    function release(bytes calldata packedTerms, bytes calldata packedPhase, bytes32 later, uint32 payments) external;

    /// @notice Closes the phase at hand: pays, forfeits, returns, and opens the next phase or ends the agreement.
    /// @param packedNext the phase that follows; empty if the agreement ends with this settlement
    /// @param afterNext the hash chain of the phases after that
    function settle(
        bytes calldata packedTerms,
        bytes calldata packedPhase,
        bytes32 later,
        bytes calldata packedNext,
        bytes32 afterNext
    ) external;

    /// @notice What the factory calls on an agreement it has opened: its caller joins, and funds payments.
    /// The address of that caller follows the arguments, as ERC-2771 has it.
    function launch(
        bytes calldata packedTerms,
        bytes32[] calldata hashes,
        bytes[] calldata disclosed,
        uint8 party,
        uint32 payments
    ) external payable;

    /// @notice Hands a token the caller's permit (ERC-2612) for this account. A permit that the token does not take is
    /// passed over, as somebody else may have used it; a deposit that lacks it fails by itself.
    function permit(address asset, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    function state() external view returns (State memory);

    /// @notice What a party still holds of its bond while it is in the state's set `short`. Bonds not in that set are at
    /// the level of the phase at hand, and escrow is what is funded and not paid: both follow from state and terms.
    function shortBond(uint256 party) external view returns (uint256);

    /// @notice The value attested with the verdict on an obligation.
    function attested(uint8 phase, uint8 obligation) external view returns (uint256);

    /// @return voted the set of seats that have attested on the obligation
    /// @return agreed the set of those that attested exactly this verdict and value
    function tally(uint8 phase, uint8 obligation, Verdict verdict, uint256 value)
        external
        view
        returns (uint256 voted, uint256 agreed);

    /// @notice What the agreement is committed to: keccak256(hash of the packed terms, keccak256(hash of the packed phase at
    /// hand, hash chain of the later ones)).
    function commitment() external view returns (bytes32);

    /// @notice EIP-712 domain separator of this agreement.
    function domainSeparator() external view returns (bytes32);
}
