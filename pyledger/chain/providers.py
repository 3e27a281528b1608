"""What carries requests to a node, once each: nothing here sends anything twice.

A node on this machine is spoken to directly, over its socket or over HTTP: web3 takes longer to import than most
commands take altogether. Any other goes through web3's provider, which knows proxies and certificates, without its
retries.
"""

from __future__ import annotations

import http.client
import json
import select
import socket
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast
from urllib.parse import SplitResult, unquote, urlsplit

from pyledger.chain.networks import Network
from pyledger.errors import NodeError, UsageError

if TYPE_CHECKING:
    from web3.providers.rpc import HTTPProvider

__all__ = ["Carrier", "HttpStatus", "carrier_for"]

_PIECE: Final = 1 << 20
_ENDS: Final = (b"}", b"]")

Asked = Sequence[tuple[str, Sequence[object]]]
"""Methods with their parameters."""


class HttpStatus(Exception):
    """The node's server answered, but with another status than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP status {status}")
        self.status = status


class Carrier(Protocol):
    """Takes requests to a node and brings back what it says, as JSON, with the id of the last request.

    Raises OSError (TimeoutError among them), HttpStatus, or ValueError for what is not JSON.
    """

    def ask(self, method: str, params: Sequence[object], *, timeout: float | None = None) -> tuple[object, int]:
        """One request; `timeout`, in seconds, if another than usual."""

    def ask_all(self, asked: Asked) -> tuple[object, int]:
        """Many requests together; the answers in the order of their ids, if they have any."""

    def close(self) -> None:
        """Lets the socket go; the next request opens another."""


def carrier_for(network: Network, timeout: float) -> Carrier:
    """What carries the bytes to a network's node; `timeout` in seconds an answer.

    Raises UsageError for a WebSocket, NodeError for a socket that is not there.
    """
    if network.url.startswith(("ws://", "wss://")):
        raise UsageError(
            f"network {network.name}: WebSocket addresses are not supported",
            hint="use the node's http(s) address or its IPC path",
        )
    if network.url.startswith(("http://", "https://")):
        parts = urlsplit(network.url)
        near = parts.scheme == "http" and _is_loopback(parts)
        return _Http(parts, timeout) if near else _Web3(network.url, timeout)
    path = Path(network.url).expanduser()
    if not path.exists():
        raise NodeError(f"no node answers at {network.place}", hint="check the path of its IPC socket")
    return _Ipc(path, timeout)


class _Direct:
    """JSON-RPC without anybody in between."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._ids = count(1)

    def ask(self, method: str, params: Sequence[object], *, timeout: float | None = None) -> tuple[object, int]:
        id_ = next(self._ids)
        return self._safely(_request(id_, method, params), timeout), id_

    def ask_all(self, asked: Asked) -> tuple[object, int]:
        requests = [_request(next(self._ids), method, params) for method, params in asked]
        answers = self._safely(requests, None)
        if isinstance(answers, list):
            answers.sort(key=_place)
        return answers, requests[-1]["id"]

    def close(self) -> None:
        raise NotImplementedError

    def _exchange(self, body: bytes, timeout: float) -> object:
        raise NotImplementedError

    def _safely(self, asked: object, timeout: float | None) -> object:
        """What has gone wrong once may have left half an answer behind: the next request gets a new socket."""
        body = json.dumps(asked, separators=(",", ":")).encode()
        try:
            return self._exchange(body, self._timeout if timeout is None else timeout)
        except BaseException:
            self.close()
            raise


class _Ipc(_Direct):
    """A Unix socket, on which requests and answers are JSON texts one after another."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__(timeout)
        self._path = str(path)
        self._socket: socket.socket | None = None

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, body: bytes, timeout: float) -> object:
        line = self._socket
        if line is None:
            line = self._socket = socket.socket(socket.AF_UNIX)
            line.settimeout(timeout)
            line.connect(self._path)
        elif line.gettimeout() != timeout:
            line.settimeout(timeout)
        line.sendall(body)
        said = b""
        while piece := line.recv(_PIECE):
            said += piece
            if said.rstrip()[-1:] in _ENDS:
                try:
                    return json.loads(said)
                except UnicodeDecodeError:
                    raise
                except ValueError:
                    continue  # the end of something inside
        raise ConnectionResetError("the node has closed its socket")


class _Http(_Direct):
    """HTTP to a server on this machine, over one connection for as long as the server keeps it."""

    def __init__(self, parts: SplitResult, timeout: float) -> None:
        super().__init__(timeout)
        self._server = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._headers = {"Content-Type": "application/json"}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()

    def close(self) -> None:
        self._server.close()

    def _exchange(self, body: bytes, timeout: float) -> object:
        line = self._server.sock
        if line is not None and select.select([line], [], [], 0)[0]:
            self._server.close()  # the server has let go of it; what is sent there would be lost
        self._server.timeout = timeout
        if self._server.sock is not None:
            self._server.sock.settimeout(timeout)
        try:
            self._server.request("POST", self._target, body, self._headers)
            with self._server.getresponse() as response:
                said = response.read()
                if response.status != 200:
                    raise HttpStatus(response.status)
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        return json.loads(said)


class _Web3:
    """web3's own provider, whose exceptions become those of a carrier."""

    def __init__(self, url: str, timeout: float) -> None:
        import requests
        from web3.providers.rpc import HTTPProvider

        self._session = requests.Session()
        # A proxy in the environment is for other machines.
        self._session.trust_env = not _is_loopback(urlsplit(url))
        self._provider: HTTPProvider = HTTPProvider(
            url, request_kwargs={"timeout": timeout}, session=self._session, exception_retry_configuration=None
        )
        self._ids = _Counter()
        self._provider.request_counter = self._ids  # type: ignore[assignment]

    def ask(self, method: str, params: Sequence[object], *, timeout: float | None = None) -> tuple[object, int]:
        return self._safely(lambda: self._provider.make_request(cast("Any", method), list(params)))

    def ask_all(self, asked: Asked) -> tuple[object, int]:
        asking = [(method, list(params)) for method, params in asked]
        return self._safely(lambda: self._provider.make_batch_request(cast("Any", asking)))

    def close(self) -> None:
        self._session.close()

    def _safely(self, send: Any) -> tuple[object, int]:
        import requests
        from web3._utils.threads import Timeout
        from web3.exceptions import Web3Exception

        try:
            return send(), self._ids.last
        except (requests.Timeout, Timeout) as error:
            raise TimeoutError(str(error)) from error
        except requests.HTTPError as error:
            raise HttpStatus(0 if error.response is None else error.response.status_code) from error
        except requests.RequestException as error:
            raise ConnectionError(str(error)) from error
        except (TypeError, KeyError, AttributeError, Web3Exception) as error:
            raise ValueError(str(error)) from error


class _Counter(Iterator[int]):
    """Request ids that can be looked at afterwards, so that an answer to another request is noticed."""

    def __init__(self) -> None:
        self.last = 0

    def __next__(self) -> int:
        self.last += 1
        return self.last


def _request(id_: int, method: str, params: Sequence[object]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}


def _place(answer: object) -> int:
    id_ = answer.get("id") if isinstance(answer, Mapping) else None
    return id_ if isinstance(id_, int) else -1


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
