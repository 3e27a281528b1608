"""Calls of an agreement as bytes. Every one brings the terms, and how they travel is said here and nowhere else."""

from __future__ import annotations

from pyledger.chain.abi import agreement_abi, factory_abi
from pyledger.terms.commitment import outlook, packed_terms
from pyledger.terms.packed import pack_phase
from pyledger.terms.structs import Phase, Terms
from pyledger.terms.typed_data import agenda, phase_hash

__all__ = ["Encoder"]


class Encoder:
    """Call data for the agreement of some terms.

    Phases are given by index; `extended` is the one at hand with the later times that the members have agreed on.
    ValueError where a value does not fit its type.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.hashes = tuple(phase_hash(phase) for phase in terms.phases)
        self._packed = packed_terms(terms)

    def opening(self, function: str, disclosed: int | None, *values: object) -> bytes:
        """For the factory: the terms, the hashes of all phases, the first so many in clear (all), and what follows."""
        shown = [pack_phase(phase) for phase in self.terms.phases[:disclosed]]
        return factory_abi().encode(function, self._packed, self.hashes, shown, *values)

    def in_phase(self, function: str, phase: int, *values: object, extended: Phase | None = None) -> bytes:
        """The terms, a phase, the hash chain of those after it, and what follows."""
        shown = pack_phase(extended or self.terms.phases[phase])
        later = agenda(self.hashes, phase + 1)
        return agreement_abi().encode(function, self._packed, shown, later, *values)

    def from_phase(self, function: str, phase: int, *values: object, extended: Phase | None = None) -> bytes:
        """The terms, the outlook from a phase, and what follows."""
        return agreement_abi().encode(function, self._packed, outlook(self.terms, phase, extended=extended), *values)

    def settle(self, phase: int, *, goes_on: bool, extended: Phase | None = None) -> bytes:
        """For `settle`, which brings the next phase too if the agreement goes on."""
        shown = pack_phase(self.terms.phases[phase + 1]) if goes_on else b""
        return self.in_phase("settle", phase, shown, agenda(self.hashes, phase + 2), extended=extended)
