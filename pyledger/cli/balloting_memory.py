"""What is known here of ballots: that an account is one, and what its voters are called.

The address of a ballot follows from its rules, so that an account which was found to be one stays one, on every chain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from pyledger.cli.home import home
from pyledger.terms.addresses import checksum

__all__ = ["known_ballots", "names_here", "remember_ballot", "remember_names"]


def _file(ballot: bytes) -> Path:
    return home() / "ballots" / f"{checksum(ballot)}.json"


def remember_names(ballot: bytes, names: Mapping[str, bytes]) -> None:
    """Writes down what the voters of a ballot are called here."""
    file = _file(ballot)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({name: checksum(account) for name, account in names.items()}, indent=2) + "\n", "utf-8")


def remember_ballot(ballot: bytes) -> None:
    """Writes down that an account is a ballot, where that can be; nothing depends on it but what is said to be next."""
    if not _file(ballot).exists():
        with suppress(OSError):
            remember_names(ballot, {})


def names_here(ballot: bytes) -> dict[bytes, str]:
    """What the voters of a ballot are called here, where they have a name."""
    try:
        data = json.loads(_file(ballot).read_text(encoding="utf-8"))
        return {bytes.fromhex(str(text)[2:]): str(name) for name, text in data.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def known_ballots(accounts: Iterable[bytes]) -> frozenset[bytes]:
    """Those accounts that have been found to be ballots, asking no node."""
    if not (home() / "ballots").is_dir():
        return frozenset()
    return frozenset(each for each in accounts if _file(each).exists())
