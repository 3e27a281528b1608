"""Bundles where a DEAL is wanted: found by how they begin, believed only once all in them was computed anew."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyledger.cli.options import Where

if TYPE_CHECKING:
    from pyledger.chain.bundles import Bundle
    from pyledger.terms.bindings import Bindings

__all__ = ["bindings_of", "bundled", "is_bundle"]

_BUNDLE: Final = re.compile(rb'\s*\{\s*"kind"\s*:\s*"bundle"')


def is_bundle(deal: str | Path) -> bool:
    """Whether a file begins as a bundle does, whatever comes after."""
    try:
        with Path(deal).open("rb") as stream:
            return _BUNDLE.match(stream.read(200)) is not None
    except (OSError, ValueError):
        return False


def bundled(deal: str | Path) -> Bundle | None:
    """The bundle that a DEAL is, its signatures apart found to be as it says; None if it is no bundle."""
    if not is_bundle(deal):
        return None
    from pyledger.chain.bundles import opened_bundle

    return opened_bundle(Path(deal))


def bindings_of(deal: str, where: Where) -> Bindings | None:
    """The bindings given with --bindings, or those in the bundle that a DEAL is; None where there are neither."""
    from pyledger.terms.bindings import load_bindings, loads_bindings

    if where.bindings is not None:
        return load_bindings(where.bindings)
    bundle = bundled(deal)
    return loads_bindings(bundle.bindings, file=f"{deal}: bindings") if bundle else None
