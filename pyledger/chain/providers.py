"""What carries requests to a node: web3's providers, without the retries that could send a transaction twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pyledger.chain.networks import Network
from pyledger.errors import NodeError, UsageError

if TYPE_CHECKING:
    from web3.providers.base import JSONBaseProvider

__all__ = ["Counter", "provider_for"]


class Counter(Iterator[int]):
    """Request ids that can be looked at afterwards, so that an answer to another request is noticed."""

    def __init__(self) -> None:
        self.last = 0

    def __next__(self) -> int:
        self.last += 1
        return self.last


def provider_for(network: Network, timeout: float) -> tuple[JSONBaseProvider, Callable[[], None]]:
    """What carries the bytes, and how to let its socket go."""
    if network.url.startswith(("ws://", "wss://")):
        raise UsageError(
            f"network {network.name}: WebSocket addresses are not supported",
            hint="use the node's http(s) address or its IPC path",
        )
    if network.url.startswith(("http://", "https://")):
        import requests
        from web3.providers.rpc import HTTPProvider

        session = requests.Session()
        session.trust_env = not _is_loopback(network.url)  # a proxy in the environment is for other machines
        http = HTTPProvider(
            network.url, request_kwargs={"timeout": timeout}, session=session, exception_retry_configuration=None
        )
        return http, session.close
    if not Path(network.url).expanduser().exists():
        raise NodeError(f"no node answers at {network.place}", hint="check the path of its IPC socket")
    from web3.providers.ipc import IPCProvider

    ipc = IPCProvider(network.url, timeout=int(timeout))

    def release() -> None:
        held: Any = ipc._socket
        if held.sock is not None:
            held.sock.close()
            held.sock = None

    return ipc, release


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
