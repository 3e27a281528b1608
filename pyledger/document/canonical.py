"""The canonical form of a document, and its hash: what the parties sign, however it was laid out.

Comments, quoting, the order of keys within one obligation and "8 months" against "240 days" make no difference. The
order of what the terms number does: parties, those with standing, panels, chambers, phases, obligations, payments,
shares and tiers are lists here. Leaving a key out and writing its default is the same document. What is empty or absent
without a default is absent here too, and so are defaults of keys added since the first version, so that documents
without them keep their hashes.

Amounts are decimal strings without idle zeros, durations seconds, times Unix seconds, percentages basis points. The
bytes are RFC 8785 (JSON Canonicalization Scheme), the hash is SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import rfc8785
from pydantic import BaseModel

from pyledger.document.model import Arbitration, Confidential, Document, Obligation, Panel, Party, Payment, Phase, Value

__all__ = ["canonical", "canonical_bytes", "document_hash"]

Json = dict[str, Any]

_SURROUNDINGS: Final = (
    "beyond", "instrument", "ladder", "ratification", "publication", "amendment", "comment", "affected_groups",
    "verifiers", "benefits", "estimates", "waivers",
)  # fmt: skip
"""Keys of the document of which nothing reaches the terms."""


def document_hash(document: Document) -> bytes:
    """SHA-256 (32 bytes) of the canonical bytes."""
    return hashlib.sha256(canonical_bytes(document)).digest()


def canonical_bytes(document: Document) -> bytes:
    """The canonical form as RFC 8785 bytes."""
    return rfc8785.dumps(canonical(document))


def canonical(document: Document) -> Json:
    """The canonical form as plain JSON values."""
    return _fields(
        document,
        assets={name: _fields(asset) for name, asset in document.assets.items()},
        parties=[{"id": name} | _party(party) for name, party in document.parties.items()],
        recipients={name: _fields(recipient) for name, recipient in document.recipients.items()},
        standing=[{"id": name} | _fields(standing) for name, standing in document.standing.items()],
        panels=[{"id": name} | _panel(panel) for name, panel in document.panels.items()],
        arbitration=_arbitration(document.arbitration) if document.arbitration else None,
        confidential=_confidential(document.confidential) if document.confidential else None,
        min_parties=document.needed_parties if document.needed_parties != len(document.parties) else None,
        accession=document.accession or None,
        phases=[_phase(phase) for phase in document.phases],
        **{key: _plain(getattr(document, key)) for key in _SURROUNDINGS},
    )


def _plain(value: object) -> Any:
    """What surrounds the deal, any of it: nothing is numbered by its order, except lists, which keep theirs."""
    match value:
        case BaseModel():
            found = {f.alias or name: _plain(getattr(value, name)) for name, f in type(value).model_fields.items()}
            return {key: each for key, each in found.items() if each is not None and each not in ([], {})}
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case tuple():
            return [_plain(each) for each in value]
        case Decimal():
            return _amount(value)
    return value


def _arbitration(arbitration: Arbitration) -> Json:
    return _fields(arbitration, data=f"0x{arbitration.data.hex()}" if arbitration.data else None)


def _confidential(confidential: Confidential) -> Json:
    return _fields(confidential, seal=f"0x{confidential.seal.hex()}")


def _party(party: Party) -> Json:
    return _fields(
        party,
        bond=_fields(party.bond) if party.bond else None,
        forfeits_to=_shares(party.forfeits_to) if party.forfeits_to else None,
    )


def _panel(panel: Panel) -> Json:
    chambers = panel.chambers or {}
    return _fields(panel, chambers=[{"id": name} | _fields(chamber) for name, chamber in chambers.items()])


def _phase(phase: Phase) -> Json:
    return _fields(
        phase,
        bonds={party: _amount(level) for party, level in phase.bonds.items()},
        obligations=[{"id": name} | _obligation(obligation) for name, obligation in phase.obligations.items()],
        payments=[{"id": name} | _payment(payment) for name, payment in phase.payments.items()],
    )


def _obligation(obligation: Obligation) -> Json:
    return _fields(
        obligation,
        value=_value(obligation.value) if obligation.value else None,
        reversibility=_plain(obligation.reversibility),
    )


def _value(value: Value) -> Json:
    return _fields(value, decimals=None if value.asset else value.decimals)


def _payment(payment: Payment) -> Json:
    return _fields(
        payment,
        to=_shares(payment.to),
        when={payment.obligation: sorted(payment.on)},
        tiers=[_fields(tier) for tier in payment.tiers or ()],
    )


def _shares(shares: Mapping[str, int]) -> list[Json]:
    return [{"id": name, "bps": points} for name, points in shares.items()]


def _fields(model: BaseModel, **nested: object) -> Json:
    """A model's fields under the names they have in a document; `nested` stands for those that are not plain."""
    found: Json = {}
    for name, field in type(model).model_fields.items():
        value = nested.get(name) if name in nested else getattr(model, name)
        if value is None or value in ((), [], {}):
            continue
        if isinstance(value, Decimal):
            value = _amount(value)
        found[field.alias or name] = list(value) if isinstance(value, tuple) else value
    return found


def _amount(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
