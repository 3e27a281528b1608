"""Commands of those who say what happened: verifiers attest, anybody relays, obligors concede."""

from __future__ import annotations

from pathlib import Path

import click

from pyledger.cli.options import (
    Where,
    answers,
    as_option,
    deal_argument,
    key_options,
    network_options,
    obligation_argument,
    output_option,
)
from pyledger.cli.output import Screen

__all__ = ["attest", "concede", "submit"]


@click.command()
@deal_argument
@obligation_argument
@click.argument("verdict", type=click.Choice(["met", "breached", "lapsed"]))
@as_option(required=True, multiple=True, help="The verifier that attests; can be repeated.")
@click.option(
    "--evidence", metavar="FILE|HASH", help="What the verdict rests on: a file, whose hash is kept, or a hash."
)
@click.option("--value", metavar="N", help="What was measured, in the unit that the document says, such as 0.176.")
@click.option(
    "--expires", metavar="TIME", help='"7 days" or a date; after it nobody can submit it (default: the long stop).'
)
@click.option(
    "--offline", is_flag=True, help="Only sign, asking no node: print attestations that anybody can `submit`."
)
@output_option("With --offline: write to FILE.")
@network_options
@key_options
@answers
def attest(
    deal: str,
    obligation: str,
    verdict: str,
    roles: tuple[str, ...],
    evidence: str | None,
    value: str | None,
    expires: str | None,
    offline: bool,
    output: Path | None,
    where: Where,
    screen: Screen,
) -> None:
    """Say as a verifier that OBLIGATION was met, was breached, or lapsed.

    When a panel's quorum agrees the verdict is final and releases the payments that hang on it. Attesting the same
    twice changes nothing.
    """
    from pyledger.cli.attesting import Statement, attest_now, attest_offline
    from pyledger.cli.submitting import write_records

    statement = Statement(obligation, verdict, value, evidence, expires)
    if offline:
        write_records(attest_offline(deal, statement, roles, where), output, screen)
    else:
        attest_now(deal, statement, roles, where, screen)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--deal", metavar="DEAL", help="The document or address they are for (default: what they say).")
@as_option(help="Who sends them and pays the gas, and the bond of an acceptance (anyone may).")
@network_options
@key_options
@answers
def submit(files: tuple[Path, ...], deal: str | None, role: str | None, where: Where, screen: Screen) -> None:
    """Relay any number of signed records: attestations, acceptances, rulings, extensions and dissolutions.

    What does not fit is refused, with the reason, before anything is sent.
    """
    from pyledger.cli.submitting import submit_files

    submit_files(files, deal, role, where, screen)


@click.command()
@deal_argument
@obligation_argument
@as_option(required=True, help="The obligor that admits the breach.")
@network_options
@key_options
@answers
def concede(deal: str, obligation: str, role: str, where: Where, screen: Screen) -> None:
    """Admit that you breached OBLIGATION: the verdict is final at once. Admitting it twice changes nothing."""
    from pyledger.cli.act import report
    from pyledger.cli.attesting import decided_in
    from pyledger.cli.deals import connected
    from pyledger.cli.lookup import find_deal
    from pyledger.cli.signers import role_signer
    from pyledger.terms.structs import Verdict

    with connected(where, deal) as connection:
        found = find_deal(deal, where, connection)
        state = found.agreement.state()
        place = found.settled(found.names.obligations, obligation, state)
        breached_then = place is not None and decided_in(found, place) is Verdict.BREACHED
        index = place[1] if place and breached_then else found.obligation(obligation, state)
        if breached_then or state.verdicts[index] is Verdict.BREACHED:
            report(screen, found, (), already=[f"{obligation} is breached already"])
            return
        signer = role_signer(role, found.reader, connection.chain_id, where)
        with found.speaking():
            receipt = found.agreement.concede(signer, index)
        report(screen, found, [receipt])
