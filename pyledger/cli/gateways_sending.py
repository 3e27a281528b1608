"""Signing a request as a holder of a benefit, and sending it."""

from __future__ import annotations

import sys

from pyledger.chain.connect import Connection
from pyledger.cli.lazy import nearest
from pyledger.cli.lookup import find_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen, shown
from pyledger.cli.signers import role_signer
from pyledger.errors import MismatchError, NodeError, UsageError
from pyledger.gateway.client import Entrance

__all__ = ["send", "signed_headers"]

_PATIENCE = 300.0


def signed_headers(
    deal: str,
    benefit: str,
    role: str,
    method: str,
    url: str,
    body: bytes,
    lifetime: int,
    where: Where,
    connection: Connection,
) -> dict[str, str]:
    """The headers of a request signed by a role. UsageError where the document does not give it that benefit."""
    found = find_deal(deal, where, connection)
    document = found.reader.document
    if document is not None:
        if benefit not in document.benefits:
            raise UsageError(
                f"the document gives no benefit `{benefit}`", hint=nearest(benefit, tuple(document.benefits))
            )
        holders = document.benefits[benefit].to
        if role not in holders:
            raise UsageError(f"`{benefit}` is not for {role}", hint=f"it is for: {', '.join(holders)}")
        group = document.affected_groups.get(role)
        role = group.standing if group is not None and group.standing is not None else role
    signer = role_signer(role, found.reader, connection.chain_id, where)
    entrance = Entrance(signer, connection.chain_id, found.agreement.address, benefit, lifetime=lifetime)
    return entrance.headers(method, _plain(url), body)


def _plain(url: str) -> str:
    """The URL as it will be sent."""
    from requests import Request, RequestException

    try:
        return str(Request("GET", url).prepare().url)
    except RequestException as error:
        raise UsageError(f"{url!r} is no address: {error}", hint="write it like https://model.example/ask") from None


def send(method: str, url: str, body: bytes, headers: dict[str, str], screen: Screen) -> bool:
    """Sends it and prints the answer as it comes; whether its status is below 400. Redirects are not followed."""
    import requests

    try:
        with requests.request(
            method, url, data=body or None, headers=headers, stream=True, timeout=_PATIENCE, allow_redirects=False
        ) as answer:
            if screen.as_json:
                text = answer.content.decode("utf-8", "replace")
                screen.data({"status": answer.status_code, "headers": dict(answer.headers), "body": text})
            else:
                _print(answer)
            return answer.status_code < 400
    except requests.exceptions.ChunkedEncodingError as error:
        raise MismatchError(
            "the answer was broken off before its end", where=url, hint="access may have been cut: ask again to see why"
        ) from error
    except requests.RequestException as error:
        raise NodeError(f"nothing answers at {url}", hint="is the gateway running?") from error


def _print(answer: object) -> None:
    """To a terminal as what it shows, to anything else as it is."""
    import requests

    assert isinstance(answer, requests.Response)
    for chunk in answer.iter_content(None):
        if sys.stdout.isatty():
            sys.stdout.write(shown(chunk.decode("utf-8", "replace")))
            sys.stdout.flush()
        else:
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
