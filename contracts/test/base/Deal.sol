// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAgreement} from "../../src/interfaces/IAgreement.sol";
import {
    Obligation,
    Panel,
    Party,
    Payment,
    Phase,
    Seat,
    Share,
    Terms,
    Tier,
    Verdict
} from "../../src/interfaces/Types.sol";

/// @dev A deal under construction: the header, all its phases in clear and, once opened, the account.
struct Deal {
    Terms terms;
    Phase[] phases;
    bytes32[] hashes;
    IAgreement account;
}

uint8 constant OUTSIDE = 255;
uint16 constant WHOLE = 10_000;
uint8 constant MET = 2;
uint8 constant BREACHED = 4;
uint8 constant LAPSED = 8;

/// @dev All of something for one recipient.
function all(address to) pure returns (Share[] memory shares) {
    shares = new Share[](1);
    shares[0] = Share(to, WHOLE);
}

function split(address first, uint16 bps, address second) pure returns (Share[] memory shares) {
    shares = new Share[](2);
    shares[0] = Share(first, bps);
    shares[1] = Share(second, WHOLE - bps);
}

/// @dev Seats of one chamber.
function seatsOf(address[] memory verifiers) pure returns (Seat[] memory seats) {
    seats = new Seat[](verifiers.length);
    for (uint256 i; i < seats.length; ++i) {
        seats[i] = Seat(verifiers[i], 0);
    }
}

/// @dev Builds deals a line at a time: `d.party(…); d.panel(…); d.phase(); d.obligation(…); d.payment(…);`
library Building {
    function party(Deal memory d, address account, address asset, uint128 bond, Share[] memory forfeiture)
        internal
        pure
    {
        Party[] memory old = d.terms.parties;
        d.terms.parties = new Party[](old.length + 1);
        for (uint256 i; i < old.length; ++i) {
            d.terms.parties[i] = old[i];
        }
        d.terms.parties[old.length] = Party(account, asset, bond, forfeiture);
        d.terms.minParties = uint8(old.length + 1);
    }

    function panel(Deal memory d, uint8 threshold, uint8[] memory quotas, Seat[] memory seats) internal pure {
        Panel[] memory old = d.terms.panels;
        d.terms.panels = new Panel[](old.length + 1);
        for (uint256 i; i < old.length; ++i) {
            d.terms.panels[i] = old[i];
        }
        d.terms.panels[old.length] = Panel(threshold, quotas, seats);
    }

    /// @dev One verifier who decides alone.
    function judge(Deal memory d, address verifier) internal pure {
        Seat[] memory seats = new Seat[](1);
        seats[0] = Seat(verifier, 0);
        panel(d, 1, new uint8[](0), seats);
    }

    /// @dev Starts the next phase; what follows belongs to it.
    function phase(Deal memory d) internal pure {
        Phase[] memory old = d.phases;
        d.phases = new Phase[](old.length + 1);
        for (uint256 i; i < old.length; ++i) {
            d.phases[i] = old[i];
        }
        d.phases[old.length].salt = keccak256(abi.encode("phase", old.length));
    }

    function last(Deal memory d) internal pure returns (Phase memory) {
        return d.phases[d.phases.length - 1];
    }

    /// @dev Levels of the phase's bonds for two parties.
    function levels(Deal memory d, uint128 first, uint128 second) internal pure {
        uint128[] memory bonds = new uint128[](2);
        (bonds[0], bonds[1]) = (first, second);
        last(d).bonds = bonds;
    }

    function obligation(Deal memory d, Obligation memory added) internal pure {
        Obligation[] memory old = last(d).obligations;
        Obligation[] memory more = new Obligation[](old.length + 1);
        for (uint256 i; i < old.length; ++i) {
            more[i] = old[i];
        }
        more[old.length] = added;
        last(d).obligations = more;
    }

    /// @dev A promise due in 30 days and 3 days of grace, decided by panel 0.
    function obligation(Deal memory d, uint8 obligor, Verdict presumption, bool material, uint16 forfeitBps)
        internal
        pure
    {
        obligation(d, Obligation(obligor, 0, uint8(presumption), material, 30 days, 3 days, forfeitBps));
    }

    function payment(Deal memory d, Payment memory added) internal pure {
        Payment[] memory old = last(d).payments;
        Payment[] memory more = new Payment[](old.length + 1);
        for (uint256 i; i < old.length; ++i) {
            more[i] = old[i];
        }
        more[old.length] = added;
        last(d).payments = more;
    }

    /// @dev Escrow due in 7 days for whatever obligation was added last.
    function payment(Deal memory d, uint8 payer, address asset, uint128 amount, Share[] memory payees, uint8 on)
        internal
        pure
    {
        uint8 subject = uint8(last(d).obligations.length - 1);
        payment(d, Payment(payer, subject, on, asset, amount, 7 days, payees, new Tier[](0)));
    }
}
