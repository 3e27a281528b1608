"""The command by which a holder asks a service behind a gateway: it signs one request and sends it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pyledger.cli.options import Where, answers, deal_argument, key_options, network_options
from pyledger.cli.output import Screen

__all__ = ["request"]


@click.command()
@deal_argument
@click.argument("url")
@click.option("--benefit", required=True, metavar="ID", help="The benefit that is claimed.")
@click.option("--as", "role", required=True, metavar="NAME", help="Its holder, whose key signs.")
@click.option("--method", "-X", metavar="METHOD", help="GET, POST, … (default: GET, with a body POST).")
@click.option("--data", "-d", metavar="TEXT|@FILE", help="The body; @FILE for a file's content, @- for standard input.")
@click.option("--header", "-H", "headers", multiple=True, metavar="NAME: VALUE", help="A header more; may be repeated.")
@click.option(
    "--lifetime",
    type=click.IntRange(1, 3600),
    metavar="SECONDS",
    default=30,
    show_default=True,
    help="For which it counts.",
)
@click.option("--dry-run", is_flag=True, help="Send nothing: print the headers, for another program to send in time.")
@network_options
@key_options
@answers
@click.pass_context
def request(
    context: click.Context,
    deal: str,
    url: str,
    benefit: str,
    role: str,
    method: str | None,
    data: str | None,
    headers: tuple[str, ...],
    lifetime: int,
    dry_run: bool,
    where: Where,
    screen: Screen,
) -> None:
    """Sign one request to a service behind a gateway, send it, and print what the service answers.

    The signature covers the URL, the method, the body, the benefit and the agreement, and counts once and not for long.
    Other headers are sent as given, unsigned. Exits with 1 if the answer's status is 400 or above.
    """
    from pyledger.cli.deals import connected
    from pyledger.cli.gateways_sending import send, signed_headers

    body = _body(data)
    verb = (method or ("POST" if data is not None else "GET")).upper()
    with connected(where, deal) as connection:
        said = signed_headers(deal, benefit, role, verb, url, body, lifetime, where, connection)
    if dry_run:
        screen.data({"method": verb, "url": url, "headers": said})
        for name, value in said.items():
            screen.say(f"{name}: {value}")
        return
    if not send(verb, url, body, said | _given(headers), screen):
        context.exit(1)


def _body(data: str | None) -> bytes:
    from pyledger.errors import UsageError

    if data is None or not data.startswith("@"):
        return (data or "").encode()
    if data == "@-":
        return sys.stdin.buffer.read()
    try:
        return Path(data[1:]).read_bytes()
    except OSError as error:
        raise UsageError(f"the body {data[1:]} cannot be read: {error.strerror}", hint="check the path") from None


def _given(headers: tuple[str, ...]) -> dict[str, str]:
    from pyledger.errors import UsageError

    found = {}
    for each in headers:
        name, colon, value = each.partition(":")
        if not colon or not name.strip() or "\n" in each or "\r" in each:
            raise UsageError(f"--header: {each!r} is no header", hint="write it like `Accept: text/plain`")
        found[name.strip()] = value.strip()
    return found
