// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Obligation, Panel, Party, Payment, Phase, Seat, Share, Terms, Tier} from "../../src/interfaces/Types.sol";

// Terms and phases in the bytes in which calls carry them, written from what `Packed` promises.

function packTerms(Terms memory t) pure returns (bytes memory) {
    bytes memory head = abi.encodePacked(t.document, t.predecessor, t.joinBy, t.longStop, t.minParties, t.accession);
    head = abi.encodePacked(head, t.challengeWindow, t.rulingWindow, t.topUpWithin, t.defaultForfeitBps, t.arbitrator);
    bytes[] memory parties = new bytes[](t.parties.length);
    for (uint256 i; i < parties.length; ++i) {
        Party memory party = t.parties[i];
        parties[i] = abi.encodePacked(party.account, party.asset, party.bond, packShares(party.forfeiture));
    }
    bytes[] memory panels = new bytes[](t.panels.length);
    for (uint256 i; i < panels.length; ++i) {
        panels[i] = packPanel(t.panels[i]);
    }
    bytes[] memory standing = new bytes[](t.standing.length);
    for (uint256 i; i < standing.length; ++i) {
        standing[i] = abi.encodePacked(t.standing[i]);
    }
    head = abi.encodePacked(head, uint16(t.arbitratorData.length), t.arbitratorData);
    return abi.encodePacked(head, listed(parties), listed(panels), listed(standing), t.phases);
}

function packPhase(Phase memory p) pure returns (bytes memory) {
    bytes[] memory bonds = new bytes[](p.bonds.length);
    for (uint256 i; i < bonds.length; ++i) {
        bonds[i] = abi.encodePacked(p.bonds[i]);
    }
    bytes[] memory obligations = new bytes[](p.obligations.length);
    for (uint256 i; i < obligations.length; ++i) {
        Obligation memory o = p.obligations[i];
        obligations[i] =
            abi.encodePacked(o.obligor, o.panel, o.presumption, o.material, o.within, o.grace, o.forfeitBps);
    }
    bytes[] memory payments = new bytes[](p.payments.length);
    for (uint256 i; i < payments.length; ++i) {
        payments[i] = packPayment(p.payments[i]);
    }
    return abi.encodePacked(p.salt, p.notBefore, listed(bonds), listed(obligations), listed(payments));
}

function packPhases(Phase[] memory phases) pure returns (bytes[] memory packed) {
    packed = new bytes[](phases.length);
    for (uint256 i; i < phases.length; ++i) {
        packed[i] = packPhase(phases[i]);
    }
}

function packPanel(Panel memory panel) pure returns (bytes memory) {
    bytes[] memory quotas = new bytes[](panel.quotas.length);
    for (uint256 i; i < quotas.length; ++i) {
        quotas[i] = abi.encodePacked(panel.quotas[i]);
    }
    bytes[] memory seats = new bytes[](panel.seats.length);
    for (uint256 i; i < seats.length; ++i) {
        Seat memory seat = panel.seats[i];
        seats[i] = abi.encodePacked(seat.verifier, seat.chamber);
    }
    return abi.encodePacked(panel.threshold, listed(quotas), listed(seats));
}

function packPayment(Payment memory p) pure returns (bytes memory) {
    bytes[] memory tiers = new bytes[](p.tiers.length);
    for (uint256 i; i < tiers.length; ++i) {
        Tier memory tier = p.tiers[i];
        tiers[i] = abi.encodePacked(tier.from, tier.base, tier.bps);
    }
    bytes memory head = abi.encodePacked(p.payer, p.obligation, p.on, p.asset, p.amount, p.due);
    return abi.encodePacked(head, packShares(p.payees), listed(tiers));
}

function packShares(Share[] memory shares) pure returns (bytes memory) {
    bytes[] memory parts = new bytes[](shares.length);
    for (uint256 i; i < parts.length; ++i) {
        parts[i] = abi.encodePacked(shares[i].to, shares[i].bps);
    }
    return listed(parts);
}

/// @dev The number of items, and then all of them.
function listed(bytes[] memory items) pure returns (bytes memory packed) {
    uint256 size = 2;
    for (uint256 i; i < items.length; ++i) {
        size += items[i].length;
    }
    packed = new bytes(size);
    (packed[0], packed[1]) = (bytes1(uint8(items.length >> 8)), bytes1(uint8(items.length)));
    uint256 end = 2;
    for (uint256 i; i < items.length; ++i) {
        bytes memory item = items[i];
        assembly ("memory-safe") {
            mcopy(add(add(packed, 0x20), end), add(item, 0x20), mload(item))
        }
        end += item.length;
    }
}
