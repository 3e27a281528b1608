"""Documents to learn from and to test with, made of real agreements and of deals like them.

Each can stand wherever a command wants a DEAL: `pyledger explain algiers-1981`, `pyledger new deal.yaml --from
six-party-2007`. Its comments say what to look at; `notes` which figures are published, which derived, which unconfirmed
and which invented; `beyond` what the real agreement has that terms cannot express, and what stands in for it; `waivers`
which risk findings are simply how it was. Figures that were published, or follow from published ones, are tests, and
every document is played on a node from opening to completion. Under `scenarios` is what became of each, and what
becomes of it when somebody defects: `pyledger run` plays them.

They are models of agreements, to be changed and played with, and not the agreements: a date, a panel or a court that
the sources do not have is said to be of the example.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from pyledger.errors import UsageError

__all__ = ["SHELVES", "in_order", "names", "read", "read_scenario", "scenarios", "shelf", "shows"]

SHELVES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "Settlements and arms control": {
            "lockerbie-2003": "escrow released by the acts of others; a deadline and a smaller payment instead",
            "algiers-1981": "assets for hostages; a security account with a floor and a top-up, as a bond",
            "agreed-framework-1994": "oil every year against a freeze; the decisive step before the key delivery",
            "cwc-destruction-order-1997": "two stocks that shrink at one rate, with bonds that fall with them",
            "six-party-2007": "fuel in steps of 5 and 95 percent, and no bond",
            "jcpoa-2015": "long clocks; a complaint that silence confirms",
        },
        "Climate, environment and health": {
            "smcra-bond-release": "a bond that comes back as land is restored; notice, standing, hearing",
            "montreal-fund-png-2003": "tranches against ceilings that fall to nothing",
            "forest-guyana-norway": "a payment that follows a measured value in steps; a court",
            "pneumococcal-amc-2009": "six donors, two firms, a top-up for each dose until a share is used up",
        },
        "Public money": {
            "eu-rrf-lithuania-2023": "paid in part, suspended, cured by half, reduced",
        },
        "Sharing the benefits of artificial intelligence": {
            "model-access-three-steps": "access against a pause, with bonds that grow step by step",
            "monitored-model-access": "one generation behind, watched and throttled; grounds for revocation",
            "safe-development-coalition": "three of four begin, the fourth may join; two groups decide together",
            "windfall-coalition": "laboratories share extreme profits, as auditors attest them",
            "windfall-pledge": "one party binds itself, by brackets of its profit",
        },
    }
)
"""The gallery by subject: each document's name, and in a few words what it shows."""

_ELSE: Final = "Others"


def names() -> tuple[str, ...]:
    """The names of all documents in the gallery, sorted."""
    return tuple(
        sorted(entry.name.removesuffix(".yaml") for entry in files(__name__).iterdir() if _is_document(entry.name))
    )


def in_order() -> tuple[str, ...]:
    """The same names by subject, in the order in which they are best read."""
    listed = [name for documents in SHELVES.values() for name in documents]
    return (*(name for name in listed if name in names()), *(name for name in names() if name not in listed))


def read(name: str) -> str:
    """The YAML of one document; `UsageError` when there is none of that name."""
    if name not in names():
        raise UsageError(f"the gallery has no `{name}`", hint=f"it has: {', '.join(names())}")
    return files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def scenarios() -> tuple[str, ...]:
    """Histories of the documents, as `DOCUMENT/SCENARIO`, in the order of `in_order`: what `pyledger run` plays."""
    found = []
    for name in in_order():
        folder = files(__name__).joinpath("scenarios", name)
        if folder.is_dir():
            told = sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if _is_document(entry.name))
            found += [f"{name}/{each}" for each in told]
    return tuple(found)


def read_scenario(name: str) -> str:
    """The YAML of one scenario, `DOCUMENT/SCENARIO`; `UsageError` when there is none of that name."""
    if name not in scenarios():
        raise UsageError(f"the gallery has no scenario `{name}`", hint="see them all: `pyledger run --list`")
    return files(__name__).joinpath("scenarios", f"{name}.yaml").read_text(encoding="utf-8")


def shelf(name: str) -> str:
    """The subject a document is listed under."""
    return next((subject for subject, documents in SHELVES.items() if name in documents), _ELSE)


def shows(name: str) -> str:
    """What a document shows, in a few words; empty where nothing is said of it."""
    return SHELVES.get(shelf(name), {}).get(name, "")


def _is_document(file: str) -> bool:
    return file.endswith(".yaml")
