"""Which network is meant: a name or an address, from flag, environment, project file or user file.

A file names networks like this::

    network = "sepolia"

    [networks.sepolia]
    url = "https://rpc.example"
    chain_id = 11155111
    confirmations = 2

Precedence: flag, then `PYLEDGER_NETWORK` and `PYLEDGER_RPC_URL`, then the project's file, then the user's.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import platformdirs

from pyledger.errors import UsageError

__all__ = [
    "LOCAL",
    "LOCAL_CHAIN_ID",
    "PROJECT_FILE",
    "Network",
    "known_networks",
    "resolve_network",
    "user_file",
]

LOCAL_CHAIN_ID: Final = 31337
"""The chain id that development nodes use, and no public chain."""

PROJECT_FILE: Final = "pyledger.toml"


@dataclass(frozen=True, slots=True)
class Network:
    """A node to talk to: `url` is http(s) or the path of an IPC socket.

    `chain_id` is what the node must answer for (None: whatever it says); `confirmations` is how many blocks, its own
    included, a transaction needs before it counts.
    """

    name: str
    url: str
    chain_id: int | None = None
    confirmations: int = 1

    @property
    def place(self) -> str:
        """The address without what might be secret in it: the path of a node's URL is often its password."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https"):
            return self.url
        port = f":{parts.port}" if parts.port else ""
        path = "/…" if parts.path.strip("/") or parts.query else ""
        return f"{parts.scheme}://{parts.hostname}{port}{path}"


LOCAL: Final = Network("local", "http://127.0.0.1:8545", LOCAL_CHAIN_ID)
"""What `pyledger chain start` starts."""


def user_file() -> Path:
    """Where the user's own networks are written down."""
    return platformdirs.user_config_path("pyledger") / "config.toml"


def _read(file: Path | None) -> dict[str, Any]:
    if file is None or not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not a TOML file: {error}", hint="mend it there, or move it away") from error


def _network(name: str, entry: object, file: Path) -> Network:
    def refuse(what: str) -> UsageError:
        return UsageError(
            f"network {name}: {what}",
            where=str(file),
            hint=f'write [networks.{name}] with url = "https://…", and if you like chain_id and confirmations',
        )

    if not isinstance(entry, dict):
        raise refuse("expected a table")
    unknown = sorted(set(entry) - {"url", "chain_id", "confirmations"})
    if unknown:
        raise refuse(f"unknown key {unknown[0]!r}")
    url, chain_id, confirmations = entry.get("url"), entry.get("chain_id"), entry.get("confirmations", 1)
    if not isinstance(url, str) or not url:
        raise refuse("`url` is missing")
    for key, value in (("chain_id", chain_id), ("confirmations", confirmations)):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise refuse(f"`{key}` must be a whole number from 1 on")
    return Network(name, url, chain_id, confirmations)


def known_networks(*, project: Path | None = None, user: Path | None = None) -> dict[str, Network]:
    """All networks by name; the project's file overrides the user's. UsageError where a file is malformed."""
    found = {LOCAL.name: LOCAL}
    for file in (user, project):
        entries = _read(file).get("networks", {})
        if file is not None and isinstance(entries, dict):
            found |= {name: _network(name, entry, file) for name, entry in entries.items()}
    return found


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://", "ws://", "wss://", "/", "./", "~")) or text.endswith(".ipc")


def resolve_network(
    network: str | None = None,
    *,
    rpc_url: str | None = None,
    environ: Mapping[str, str] | None = None,
    project: Path | None = None,
    user: Path | None = None,
) -> Network:
    """The network meant; `network` is a name or an address, `rpc_url` replaces the address of a named one.

    `project` and `user` are files that need not exist. Raises UsageError for a name nobody wrote down.
    """
    env = os.environ if environ is None else environ
    if network is None and rpc_url is None:
        network, rpc_url = env.get("PYLEDGER_NETWORK"), env.get("PYLEDGER_RPC_URL")
    known = known_networks(project=project, user=user)
    for file in (project, user):
        if not network and not rpc_url:
            chosen = _read(file).get("network")
            network = chosen if isinstance(chosen, str) else None
    if not network:
        return Network("custom", rpc_url) if rpc_url else known[LOCAL.name]
    if network in known:
        found = known[network]
        return Network(found.name, rpc_url, found.chain_id, found.confirmations) if rpc_url else found
    if _is_address(network):
        return Network("custom", network)
    raise UsageError(
        f"no network is called {network!r}",
        hint=f"known: {', '.join(sorted(known))}; add [networks.{network}] with its url to {PROJECT_FILE}",
    )
