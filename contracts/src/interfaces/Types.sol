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
    Unwound,
    Dissolved
}

/// @dev Why money left the account: paid on a verdict, returned to its payer, forfeited, bond given back, coin that came
/// with a call beyond what was due, or a share of what a dissolution splits.
enum Cause {
    Payment,
    Return,
    Forfeiture,
    Bond,
    Surplus,
    Split
}

/// @dev Everything about the phase at hand, in one storage slot. Sets of parties (`members`, `short`) and of payments
/// (`funded`, `paid`) have a bit for each index; `verdicts` has two bits for each obligation. `cutOff` says when the
/// first material breach was given that nothing can overrule, in seconds after `openedAt` and one more (zero: none).
/// `marks` says what has to be looked up elsewhere: see `Mark`.
struct State {
    Status status;
    uint8 phase;
    uint8 marks;
    uint16 members;
    uint16 short;
    uint40 openedAt;
    uint32 cutOff;
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

/// @dev When a verdict was given, challenged and ruled on (zero: not). Kept only where there is an arbitrator. A concession
/// is its own ruling.
struct Contest {
    uint40 decidedAt;
    uint40 challengedAt;
    uint40 ruledAt;
}

/// @dev What an arbitrator has been asked, and until when (`until`, inclusive) its ruling counts.
struct Hearing {
    address arbitrator;
    uint8 phase;
    uint8 obligation;
    uint40 until;
    bool ruled;
}

/// @dev All that is held of an asset, by shares.
struct Split {
    address asset;
    Share[] shares;
}
