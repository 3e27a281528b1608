"""What people call things, and the numbers and addresses by which the terms know them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyledger.document import Document
from pyledger.document.problem import did_you_mean
from pyledger.errors import UsageError
from pyledger.terms.bindings import Bindings
from pyledger.terms.structs import NATIVE

__all__ = ["Names"]


@dataclass(frozen=True, slots=True)
class Names:
    """Names in the order of the terms, so that a name's position is its index, and addresses by name.

    Looking up a name that there is not raises `UsageError` with the nearest one. The tuples serve the way back:
    `names.obligations[phase][obligation]`.
    """

    parties: tuple[str, ...]
    panels: tuple[str, ...]
    seats: tuple[tuple[str, ...], ...]
    phases: tuple[str, ...]
    obligations: tuple[tuple[str, ...], ...]
    payments: tuple[tuple[str, ...], ...]
    accounts: Mapping[str, bytes]
    assets: Mapping[str, bytes]
    standing: tuple[str, ...] = ()
    court: str | None = None

    @classmethod
    def of(cls, document: Document, bindings: Bindings) -> Names:
        """The names of a document whose bindings fit it (`check_bindings`)."""
        native = {name: NATIVE for name, asset in document.assets.items() if asset.native}
        return cls(
            parties=tuple(document.parties),
            panels=tuple(document.panels),
            seats=tuple(tuple(verifier for verifier, _ in panel.seats) for panel in document.panels.values()),
            phases=tuple(phase.id for phase in document.phases),
            obligations=tuple(tuple(phase.obligations) for phase in document.phases),
            payments=tuple(tuple(phase.payments) for phase in document.phases),
            accounts={
                **bindings.parties,
                **bindings.recipients,
                **bindings.verifiers,
                **bindings.standing,
                **bindings.courts,
            },
            assets={**bindings.assets, **native},
            standing=tuple(document.standing),
            court=document.arbitration.court if document.arbitration else None,
        )

    def party(self, name: str) -> int:
        """Index of a party."""
        return _index(name, self.parties, "party")

    def panel(self, name: str) -> int:
        """Index of a panel."""
        return _index(name, self.panels, "panel")

    def seat(self, panel: str, verifier: str) -> int:
        """Index of a verifier's seat on a panel."""
        return _index(verifier, self.seats[self.panel(panel)], f"verifier on the panel `{panel}`")

    def phase(self, name: str) -> int:
        """Index of a phase."""
        return _index(name, self.phases, "phase")

    def obligation(self, phase: str, name: str) -> int:
        """Index of an obligation within its phase."""
        return _index(name, self.obligations[self.phase(phase)], f"obligation of the phase `{phase}`")

    def payment(self, phase: str, name: str) -> int:
        """Index of a payment within its phase."""
        return _index(name, self.payments[self.phase(phase)], f"payment of the phase `{phase}`")

    def account(self, name: str) -> bytes:
        """Address of a party, recipient or verifier, of somebody with standing, or of the court."""
        return _address(name, self.accounts, "party, recipient, verifier or court, and has no standing")

    def asset(self, name: str) -> bytes:
        """Address of an asset, zero for the native coin."""
        return _address(name, self.assets, "asset")

    def who(self, address: bytes) -> str | None:
        """The first name of an address: of a party, a recipient, a verifier, somebody with standing, the court."""
        return next((name for name, known in self.accounts.items() if known == address), None)

    def what(self, asset: bytes) -> str | None:
        """The name of an asset's address."""
        return next((name for name, known in self.assets.items() if known == asset), None)


def _index(name: str, names: tuple[str, ...], what: str) -> int:
    if name not in names:
        raise _unknown(name, names, what)
    return names.index(name)


def _address(name: str, addresses: Mapping[str, bytes], what: str) -> bytes:
    if name not in addresses:
        raise _unknown(name, addresses, what)
    return addresses[name]


def _unknown(name: str, names: Iterable[str], what: str) -> UsageError:
    return UsageError(f"`{name}` is no {what}", hint=did_you_mean(name, names))
