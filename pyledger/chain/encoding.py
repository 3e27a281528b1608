"""Calls of an agreement as bytes. Every one brings the terms, and how they travel is said here and nowhere else."""

from __future__ import annotations

from pyledger.chain.abi import agreement_abi, factory_abi, header
from pyledger.terms.structs import Phase, Terms
from pyledger.terms.typed_data import agenda, phase_hash

__all__ = ["Encoder"]


class Encoder:
    """Call data for the agreement of some terms.

    Phases are given by index; `extended` is the one at hand with the later times that the members have agreed on.
    ValueError, or a TypeError of eth_abi, where a value does not fit its type.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.hashes = tuple(phase_hash(phase) for phase in terms.phases)
        self._header = header(terms)

    def opening(self, function: str, disclosed: int | None, *values: object) -> bytes:
        """For the factory: the terms, the hashes of all phases, the first so many in clear (all), and what follows."""
        shown = self.terms.phases[:disclosed]
        return factory_abi().encode(function, self._header, self.hashes, shown, *values)

    def in_phase(self, function: str, phase: int, *values: object, extended: Phase | None = None) -> bytes:
        """The terms, a phase, the hash chain of those after it, and what follows."""
        shown, later = extended or self.terms.phases[phase], agenda(self.hashes, phase + 1)
        return agreement_abi().encode(function, self._header, shown, later, *values)

    def from_phase(self, function: str, phase: int, *values: object, extended: Phase | None = None) -> bytes:
        """The terms, the hash chain of the phases from one on, and what follows."""
        return agreement_abi().encode(function, self._header, self._chain(phase, extended), *values)

    def settle(self, phase: int, *, goes_on: bool, extended: Phase | None = None) -> bytes:
        """For `settle`, which brings the next phase too if the agreement goes on."""
        shown = self.terms.phases[phase + 1 : phase + 2] if goes_on else ()
        return self.in_phase("settle", phase, shown, agenda(self.hashes, phase + 2), extended=extended)

    def _chain(self, phase: int, extended: Phase | None) -> bytes:
        hashes = self.hashes[phase:]
        return agenda(hashes if extended is None else (phase_hash(extended), *hashes[1:]))
