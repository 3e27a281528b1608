"""What a holder signs for one request, and how it travels: five headers beside the request itself.

The signature is over EIP-712 typed data (`Access`), so that a wallet shows in words what is asked for: which benefit of
which agreement, by whom, of which service (`origin`), the method and the target (path and query) as they stand in the
request, the hash of the body, when it was signed and until when it counts, and 32 random bytes by which it counts once.
The domain names the chain and the agreement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from eth_hash.auto import keccak

from pyledger.errors import SignatureError, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.typed_data import DOMAIN_FIELDS, domain_separator

__all__ = [
    "DOMAIN_NAME",
    "EMPTY_BODY",
    "HEADERS",
    "Access",
    "Signed",
    "access_digest",
    "access_message",
    "body_hash",
    "origin_of",
    "read_headers",
    "target_of",
    "write_headers",
]

DOMAIN_NAME: Final = "pyledger gateway"
DOMAIN_VERSION: Final = "1"

FIELDS: Final = (
    ("address", "holder"),
    ("string", "benefit"),
    ("string", "origin"),
    ("string", "method"),
    ("string", "target"),
    ("bytes32", "body"),
    ("uint40", "issued"),
    ("uint40", "expires"),
    ("bytes32", "nonce"),
)
"""The typed data `Access`, in signing order."""

_TYPEHASH: Final = keccak(f"Access({','.join(f'{kind} {name}' for kind, name in FIELDS)})".encode())

HEADERS: Final = (
    "pyledger-holder",
    "pyledger-body",
    "pyledger-issued",
    "pyledger-expires",
    "pyledger-nonce",
    "pyledger-signature",
)
"""What a signed request carries: an address, a hash, two times in Unix seconds, 32 random bytes, the signature."""

_SHAPES: Final = {
    "pyledger-holder": re.compile(r"0x[0-9a-fA-F]{40}"),
    "pyledger-body": re.compile(r"0x[0-9a-fA-F]{64}"),
    "pyledger-issued": re.compile(r"[0-9]{1,12}"),
    "pyledger-expires": re.compile(r"[0-9]{1,12}"),
    "pyledger-nonce": re.compile(r"0x[0-9a-fA-F]{64}"),
    "pyledger-signature": re.compile(r"0x(?:[0-9a-fA-F]{2}){1,4096}"),
}
_PORTS: Final = {"http": 80, "https": 443}
_LIKE: Final = "write it like https://model.example"


class Access(NamedTuple):
    """One request as it is signed. `target` is path and query as sent; `issued` and `expires` are Unix seconds."""

    holder: bytes
    benefit: str
    origin: str
    method: str
    target: str
    body: bytes
    issued: int
    expires: int
    nonce: bytes


class Signed(NamedTuple):
    """What the headers of a request say; `signature` is 65 bytes, or whatever a contract (ERC-1271) takes."""

    holder: bytes
    body: bytes
    issued: int
    expires: int
    nonce: bytes
    signature: bytes


def body_hash(body: bytes) -> bytes:
    """Keccak-256 of a body: 32 bytes."""
    return keccak(body)


EMPTY_BODY: Final = body_hash(b"")
"""The hash of no body."""


@lru_cache(maxsize=64)
def _known(text: str) -> bytes:
    """The hash of what is the same in many requests."""
    return keccak(text.encode())


@lru_cache(maxsize=16)
def _domain(chain_id: int, agreement: bytes) -> bytes:
    return domain_separator(chain_id, agreement, name=DOMAIN_NAME, version=DOMAIN_VERSION)


def access_digest(access: Access, *, chain_id: int, agreement: bytes) -> bytes:
    """What a holder signs: 32 bytes."""
    fields = (
        bytes(12) + access.holder,
        _known(access.benefit),
        _known(access.origin),
        _known(access.method),
        keccak(access.target.encode()),
        access.body,
        access.issued.to_bytes(32, "big"),
        access.expires.to_bytes(32, "big"),
        access.nonce,
    )
    return keccak(b"\x19\x01" + _domain(chain_id, agreement) + keccak(_TYPEHASH + b"".join(fields)))


def access_message(access: Access, *, chain_id: int, agreement: bytes) -> dict[str, Any]:
    """The typed data of a request, as a wallet takes it (`eth_signTypedData_v4`)."""
    return {
        "types": {
            "EIP712Domain": [{"name": name, "type": kind} for kind, name in DOMAIN_FIELDS],
            "Access": [{"name": name, "type": kind} for kind, name in FIELDS],
        },
        "primaryType": "Access",
        "domain": {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": chain_id,
            "verifyingContract": checksum(agreement),
        },
        "message": {
            name: "0x" + value.hex() if isinstance(value, bytes) else value
            for (_, name), value in zip(FIELDS, access, strict=True)
        },
    }


def origin_of(url: str) -> str:
    """The service a URL is of: scheme, host and port, the port left out where it is the usual one.

    UsageError for what is no http or https address.
    """
    try:
        found = urlsplit(url)
        host, port = found.hostname, found.port
    except ValueError as error:
        raise UsageError(f"{url!r} is no address: {error}", hint=_LIKE) from None
    if found.scheme not in _PORTS or not host:
        raise UsageError(f"{url!r} is no http or https address", hint=_LIKE)
    name = f"[{host}]" if ":" in host else host
    return f"{found.scheme}://{name}" + (f":{port}" if port not in (None, _PORTS[found.scheme]) else "")


def target_of(url: str) -> str:
    """Path and query of a URL whose characters are escaped already, as they stand in a request."""
    found = urlsplit(url)
    return (found.path or "/") + (f"?{found.query}" if found.query else "")


def write_headers(access: Access, signature: bytes) -> dict[str, str]:
    """The headers of a signed request."""
    return {
        "Pyledger-Holder": checksum(access.holder),
        "Pyledger-Body": "0x" + access.body.hex(),
        "Pyledger-Issued": str(access.issued),
        "Pyledger-Expires": str(access.expires),
        "Pyledger-Nonce": "0x" + access.nonce.hex(),
        "Pyledger-Signature": "0x" + signature.hex(),
    }


def read_headers(headers: Mapping[str, str]) -> Signed:
    """What the headers of a request say, by names in lower case. SignatureError if one is missing or malformed."""
    for name in HEADERS:
        if name not in headers:
            raise SignatureError(
                f"the request is not signed: it has no header {name.title()}", hint="sign it: `pyledger request` does"
            )
        if not _SHAPES[name].fullmatch(headers[name]):
            raise SignatureError(f"the header {name.title()} is malformed", hint="`docs/access.md` says what it holds")
    holder, body, issued, expires, nonce, signature = (headers[name] for name in HEADERS)
    return Signed(
        bytes.fromhex(holder[2:]),
        bytes.fromhex(body[2:]),
        int(issued),
        int(expires),
        bytes.fromhex(nonce[2:]),
        bytes.fromhex(signature[2:]),
    )
