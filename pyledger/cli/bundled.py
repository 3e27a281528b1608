"""Bundles where a DEAL is wanted: found by how they begin, believed only once all in them was computed anew."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyledger.cli.options import Where

if TYPE_CHECKING:
    from pyledger.chain.bundles import Bundle
    from pyledger.terms.bindings import Bindings

__all__ = ["bindings_of", "bundled", "is_bundle", "signed_kind"]

_BUNDLE: Final = "bundle"
_SIGNED: Final = re.compile(rb'\s*\[?\s*\{\s*"kind"\s*:\s*"([a-z-]{1,40})"')


def is_bundle(deal: str | Path) -> bool:
    """Whether a file begins as a bundle does, whatever comes after."""
    return _begins(deal) == _BUNDLE


def signed_kind(deal: str | Path) -> str | None:
    """What was signed in a file that holds records such as `pyledger sign` writes, and no document with them."""
    kind = _begins(deal)
    return None if kind == _BUNDLE else kind


def _begins(deal: str | Path) -> str | None:
    try:
        with Path(deal).open("rb") as stream:
            found = _SIGNED.match(stream.read(200))
    except (OSError, ValueError):
        return None
    return found[1].decode() if found else None


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
