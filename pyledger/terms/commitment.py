"""What an agreement is committed to, and the address that follows from it."""

from __future__ import annotations

from eth_hash.auto import keccak

from pyledger.terms.packed import pack_phase, pack_terms
from pyledger.terms.structs import Phase, Terms
from pyledger.terms.typed_data import agenda, create2_address, phase_hash, phases_hash, terms_hash

__all__ = ["agreement_address", "clone_code", "commitment", "init_code", "outlook", "packed_terms"]


def packed_terms(terms: Terms) -> bytes:
    """The terms as they travel in calls."""
    return pack_terms(terms, phases_hash([phase_hash(phase) for phase in terms.phases]))


def outlook(terms: Terms, phase: int = 0, *, extended: Phase | None = None) -> bytes:
    """What lies ahead in a phase: 32 bytes, keccak(hash of that phase packed, hash chain of the later ones).

    `extended` is that phase with the later times that the members have agreed on.
    """
    later = agenda([phase_hash(each) for each in terms.phases[phase + 1 :]])
    return keccak(keccak(pack_phase(extended or terms.phases[phase])) + later)


def commitment(terms: Terms, phase: int = 0, *, extended: Phase | None = None) -> bytes:
    """What an agreement is committed to from a phase on: 32 bytes, keccak(hash of the terms packed, outlook)."""
    return keccak(keccak(packed_terms(terms)) + outlook(terms, phase, extended=extended))


def clone_code(implementation: bytes, terms: Terms) -> bytes:
    """Runtime code of an agreement: a minimal clone (EIP-1167), then what it is committed to."""
    proxy = bytes.fromhex("363d3d373d3d3d363d73") + implementation + bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
    return proxy + commitment(terms)


def init_code(implementation: bytes, terms: Terms) -> bytes:
    """What creates that clone: code that returns it."""
    code = clone_code(implementation, terms)
    return b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("3d81600a3d39f3") + code


def agreement_address(*, factory: bytes, implementation: bytes, terms: Terms) -> bytes:
    """Where the agreement of these terms lives, opened or not: 20 bytes."""
    return create2_address(factory, terms_hash(terms), init_code(implementation, terms))
