// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @dev `bps` basis points of an amount for `to`. A list of shares sums to 10,000; its last takes the remainder.
struct Share {
    address to;
    uint16 bps;
}

/// @dev A party, the asset (zero address: native coin) and level of its bond, and who receives what it forfeits.
struct Party {
    address account;
    address asset;
    uint128 bond;
    Share[] forfeiture;
}

/// @dev One voice on a panel, sitting in one chamber.
struct Seat {
    address verifier;
    uint8 chamber;
}

/// @dev Decides by `threshold` of its seats, among them at least `quotas[c]` of each chamber `c`.
struct Panel {
    uint8 threshold;
    uint8[] quotas;
    Seat[] seats;
}

/// @dev `obligor` is a party's index, or `OUTSIDE`. `within` and `grace` are seconds from the phase's opening.
struct Obligation {
    uint8 obligor;
    uint8 panel;
    uint8 presumption;
    bool material;
    uint32 within;
    uint32 grace;
    uint16 forfeitBps;
}

/// @dev From an attested value `from` on: released = base + (value - from) * bps / 10,000, at most the amount.
struct Tier {
    uint256 from;
    uint256 base;
    uint16 bps;
}

/// @dev Escrow by `payer`, released when the verdict `v` on `obligation` has bit `1 << v` set in `on`.
struct Payment {
    uint8 payer;
    uint8 obligation;
    uint8 on;
    address asset;
    uint128 amount;
    uint32 due;
    Share[] payees;
    Tier[] tiers;
}

/// @dev One step of exposure. `bonds` is a level for each party; empty: the levels of the parties themselves.
struct Phase {
    bytes32 salt;
    uint40 notBefore;
    uint128[] bonds;
    Obligation[] obligations;
    Payment[] payments;
}

/// @dev The terms as they travel in calls. `phases` is keccak256 of the concatenated struct hashes of the phases, which
/// is EIP-712's own encoding of `Phase[] phases`: the struct hash is that of the nested typed data a wallet shows.
struct Terms {
    bytes32 document;
    address predecessor;
    uint40 joinBy;
    uint40 longStop;
    uint8 minParties;
    bool accession;
    uint32 challengeWindow;
    uint32 rulingWindow;
    uint32 topUpWithin;
    uint16 defaultForfeitBps;
    address arbitrator;
    bytes arbitratorData;
    Party[] parties;
    Panel[] panels;
    address[] standing;
    bytes32 phases;
}

enum Verdict {
    Undecided,
    Met,
    Breached,
    Lapsed
}

enum Status {
    Open,
    InForce,
    Completed,
    Terminated,
    Void,
    Unwound
}

/// @dev Why money left the account: paid on a verdict, returned to its payer, forfeited, bond given back, or coin that
/// came with a deposit beyond what was due.
enum Cause {
    Payment,
    Return,
    Forfeiture,
    Bond,
    Surplus
}

/// @dev Everything about the phase at hand, in one storage slot. Sets of parties (`members`, `short`) and of payments
/// (`funded`, `paid`) have a bit for each index; `verdicts` has two bits for each obligation. `cutOff` is the time of
/// the first material breach decided by quorum or conceded (zero: none).
struct State {
    Status status;
    uint8 phase;
    uint16 members;
    uint16 short;
    uint40 openedAt;
    uint40 cutOff;
    uint64 verdicts;
    uint32 funded;
    uint32 paid;
}

/// @dev One seat's attestation as relayed. An empty signature means that the seat itself is calling.
struct Voice {
    uint8 seat;
    bytes32 evidence;
    uint40 expiry;
    bytes signature;
}

/// @title One agreement between parties, holding their bonds and payments
/// @notice The account's address commits to its terms, which are never stored: every call brings them, and is refused
/// if they do not hash to what the address commits to. `later` is the hash chain of the phases after the one at hand:
/// keccak256(hash of the next phase, hash chain of the phases after that), zero when there is none.
/// Nobody owns, upgrades or pauses it.
interface IAgreement {
    event Accepted(uint8 indexed party, address indexed from, uint256 bond);
    event PhaseOpened(uint8 indexed phase, uint40 openedAt, uint16 short, Phase content);
    event PhaseRejected(uint8 indexed phase, bytes32 flaw, uint256 index);
    event ToppedUp(uint8 indexed party, address indexed from, uint256 amount);
    event Funded(uint8 indexed phase, uint8 indexed payment, address indexed from, uint256 amount);
    event Attested(
        uint8 indexed phase,
        uint8 indexed obligation,
        uint8 indexed seat,
        Verdict verdict,
        uint256 value,
        bytes32 evidence
    );
    event Decided(uint8 indexed phase, uint8 indexed obligation, Verdict verdict, uint256 value, bool conceded);
    event PhaseSettled(uint8 indexed phase, uint64 verdicts, uint16 defaults, uint40 cutOff);
    event Ended(Status status);
    /// @param index the payment (causes `Payment`, `Return`) or the party (causes `Forfeiture`, `Bond`) it comes from
    /// @param credited whether the push failed and `to` has to withdraw it
    event Paid(address indexed to, address indexed asset, uint256 amount, Cause cause, uint8 index, bool credited);
    event Withdrawn(address indexed account, address indexed asset, address to, uint256 amount);

    /// @dev The terms, or the phases from the one at hand on, are not those of this agreement.
    error TermsMismatch(bytes32 expected, bytes32 actual);
    error PhaseMismatch(bytes32 expected, bytes32 actual);
    error PhaseFlawed(uint256 phase, bytes32 flaw, uint256 index);
    error WrongStatus(Status actual);
    error UnknownParty(uint256 party);
    error UnknownObligation(uint256 obligation);
    error UnknownPayment(uint256 payment);
    error UnknownSeat(uint256 seat);
    error AlreadyAccepted(uint256 party);
    error NothingToFund();
    error NothingToRelease();
    error AlreadyDecided(uint256 obligation, Verdict verdict);
    error NotShort(uint256 party);
    error NotToppedUp(uint256 party);
    error NotFunded(uint256 payment);
    error NotDecided(uint256 obligation);
    error VerdictNotAllowed(uint256 obligation, Verdict verdict);
    error SeatRepeated(uint256 seat);
    error NoNewVoice(uint256 obligation);
    error AttestationExpired(uint256 seat, uint256 expiry);
    error BadSignature(address signer);
    error NotCaller(address required);
    error TooEarly(uint256 from);
    error TooLate(uint256 deadline);
    error PastCutOff(uint256 cutOff);
    error WrongValue(uint256 expected, uint256 actual);
    error DepositMismatch(address asset, uint256 expected, uint256 received);
    /// @dev The caller gave too little gas to try a push honestly.
    error NotEnoughGas(uint256 needed, uint256 actual);
    error NothingToWithdraw(address account, address asset);
    error ZeroAddress();

    /// @notice A party joins and posts its bond. The caller pays; the party's signature over the terms may stand in for
    /// the party itself. The last to accept brings the agreement into force and opens the first phase.
    /// @param signature empty if the party itself calls
    function accept(Terms calldata terms, Phase calldata first, bytes32 later, uint8 party, bytes calldata signature)
        external
        payable;

    /// @notice Puts a set of payments of the phase at hand into escrow. The caller pays for the payers. What is funded
    /// already is passed over, and coin sent for it comes back.
    function fund(Terms calldata terms, Phase calldata phase, bytes32 later, uint32 payments) external payable;

    /// @notice Restores a party's bond to the level of the phase at hand. The caller pays for the party.
    function topUp(Terms calldata terms, Phase calldata phase, bytes32 later, uint8 party) external payable;

    /// @notice Relays seats' attestations of one verdict. Voices that do not count (heard before, expired, not signed by
    /// their seat) are passed over as long as one is left that does. When they reach the quorum of the panel the verdict is
    /// final, and the payments in the set `pay`, all funded and hanging on final verdicts, are released.
    function attest(
        Terms calldata terms,
        Phase calldata phase,
        bytes32 later,
        uint8 obligation,
        Verdict verdict,
        uint256 value,
        Voice[] calldata voices,
        uint32 pay
    ) external;

    /// @notice The obligor admits a breach.
    function concede(Terms calldata terms, Phase calldata phase, bytes32 later, uint8 obligation) external;

    /// @notice Releases a set of payments whose verdicts are final: to the payees, or back to the payer. What is paid
    /// already is passed over.
    function release(Terms calldata terms, Phase calldata phase, bytes32 later, uint32 payments) external;

    /// @notice Closes the phase at hand: pays, forfeits, returns, and opens the next phase or ends the agreement.
    /// @param next the phase that follows, alone in its list; empty if the agreement ends with this settlement
    /// @param afterNext the hash chain of the phases after `next`
    function settle(Terms calldata terms, Phase calldata phase, bytes32 later, Phase[] calldata next, bytes32 afterNext)
        external;

    /// @notice Past the long-stop date (and both windows), closes the agreement for good: what was decided by then goes by
    /// its verdict, what was not lapses, and everything else goes back to who paid it in.
    function unwind(Terms calldata terms, Phase calldata phase, bytes32 later) external;

    /// @notice Past `joinBy` without all parties, sends the bonds back.
    /// @param agenda the hash chain of all phases: their content is not needed
    function void(Terms calldata terms, bytes32 agenda) external;

    /// @notice Takes what is credited to the caller, all of one asset, to any address.
    function withdraw(address asset, address to) external;

    /// @notice Sends an account what is credited to it, all of one asset. Anyone may.
    function deliver(address account, address asset) external;

    function state() external view returns (State memory);

    /// @notice What a party still holds of its bond while it is in the state's set `short`. Bonds not in that set are at
    /// the level of the phase at hand, and escrow is what is funded and not paid: both follow from state and terms.
    function shortBond(uint256 party) external view returns (uint256);

    function credit(address account, address asset) external view returns (uint256);

    /// @return voted the set of seats that have attested on the obligation
    /// @return agreed the set of those that attested exactly this verdict and value
    function tally(uint8 phase, uint8 obligation, Verdict verdict, uint256 value)
        external
        view
        returns (uint256 voted, uint256 agreed);

    /// @notice What the agreement is committed to: keccak256(terms hash, hash chain of the phases from the one at hand on).
    function commitment() external view returns (bytes32);

    /// @notice EIP-712 domain separator of this agreement.
    function domainSeparator() external view returns (bytes32);
}
