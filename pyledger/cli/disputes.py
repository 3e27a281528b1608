"""Commands of those who do not agree with a verdict, and of those who decide about that."""

from __future__ import annotations

from pathlib import Path

import click

from pyledger.cli.lazy import Group
from pyledger.cli.options import (
    Where,
    answers,
    as_option,
    deal_argument,
    key_options,
    network_option,
    network_options,
    obligation_argument,
    output_option,
)
from pyledger.cli.output import Screen

__all__ = ["challenge", "comment", "comments", "court", "rule"]

credential_option = click.option(
    "--credential",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Where --as is standing that many share (`pyledger standing`): what admits you to it.",
)


@click.command()
@deal_argument
@obligation_argument
@as_option(required=True, help="The member that contests it, or somebody with standing.")
@click.option("--max-fee", metavar="AMOUNT", help="The most to pay the court, in coins such as 0.05 (default: asks).")
@credential_option
@network_options
@key_options
@answers
def challenge(
    deal: str,
    obligation: str,
    role: str,
    max_fee: str | None,
    credential: Path | None,
    where: Where,
    screen: Screen,
) -> None:
    """Contest what was said of OBLIGATION before the document's court, paying the court's fee.

    Members can, and whoever has standing, from the verdict until the document's time for it is over; once for each
    verdict. Until the court rules, or its time is over, nothing that hangs on it is paid. What the court's answer may
    be: met, breached or lapsed. Contesting it again changes nothing.
    """
    from pyledger.cli.contesting import contest

    contest(deal, obligation, role, max_fee, where, screen, credential=credential)


@click.command()
@deal_argument
@click.argument("text", required=False)
@as_option(required=True, help="The member, the verifier, or somebody with standing.")
@click.option("--about", metavar="OBLIGATION", help="What it is about (default: the phase at hand).")
@click.option(
    "--file", type=click.Path(path_type=Path), metavar="FILE", help="Take the text from a file, or - for input."
)
@click.option("--answers", "answered", type=click.IntRange(1), metavar="N", help="It answers remark N of `comments`.")
@click.option(
    "--submission",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Put the hash of a submission on record instead of its words.",
)
@click.option("--link", metavar="URL", help="With --submission: where it can be read.")
@credential_option
@network_options
@key_options
@answers
def comment(
    deal: str,
    text: str | None,
    role: str,
    about: str | None,
    file: Path | None,
    answered: int | None,
    submission: Path | None,
    link: str | None,
    credential: Path | None,
    where: Where,
    screen: Screen,
) -> None:
    """Say something on record: TEXT, or a link to what you want to say. Nothing else follows from it.

    Members can, verifiers, and whoever has standing. It stays where everybody can read it, for good, in `history`.
    Saying the same again changes nothing. What should not be public for good goes into a submission
    (`pyledger submission`), of which only the hash is on record.
    """
    from pyledger.cli.contesting import say, to_say

    words = to_say(text, file, answered, submission, link)
    say(deal, words, role, about, where, screen, answered=answered, credential=credential)


@click.command()
@deal_argument
@network_options
@answers
def comments(deal: str, where: Where, screen: Screen) -> None:
    """Show who was heard on an agreement, until when remarks are awaited, and which ones were answered, when.

    The document says how long comments are open, from the agreement's opening, and within what time the parties answer
    those who have standing. An answer is a remark of a party that names the number: `comment … --answers N`.
    """
    from pyledger.cli.remarks import show_hearing

    show_hearing(deal, where, screen)


@click.command()
@deal_argument
@obligation_argument
@click.argument("verdict", type=click.Choice(["met", "breached", "lapsed", "refused"]))
@as_option(multiple=True, help="The judge: the court's name if it has one judge, else judge-1, ...; can be repeated.")
@click.option("--opinion", metavar="FILE", help="A file with the reasons, whose hash is kept.")
@click.option("--expires", metavar="TIME", help='"7 days" or a date (default: as long as a ruling counts).')
@click.option("--offline", is_flag=True, help="Only sign: print rulings that anybody can `submit`.")
@output_option("With --offline: write to FILE.")
@click.option(
    "--dispute", type=click.IntRange(min=0), metavar="N", help="With --offline: its number, so that no node is asked."
)
@network_options
@key_options
@answers
def rule(
    deal: str,
    obligation: str,
    verdict: str,
    roles: tuple[str, ...],
    opinion: str | None,
    expires: str | None,
    offline: bool,
    output: Path | None,
    dispute: int | None,
    where: Where,
    screen: Screen,
) -> None:
    """Answer, as judges of the court, what OBLIGATION comes to: the verdict is that, for good.

    To refuse an answer counts as lapsed. For courts that `pyledger court deploy` makes; judges can sign apart with
    --offline, and anybody can `submit` their files together. Ruling the same twice changes nothing.
    """
    from pyledger.cli.ruling import Answer, rule_now, rule_offline
    from pyledger.cli.submitting import write_records

    answer = Answer(verdict, opinion, expires)
    if offline:
        write_records(rule_offline(deal, obligation, answer, roles, dispute, where), output, screen)
    else:
        rule_now(deal, obligation, answer, roles, where, screen)


@click.group(cls=Group)
def court() -> None:
    """Make a court, see who sits on it and what is before it, and send its fees to who gets them."""


@court.command(name="deploy")
@click.option(
    "--judge",
    "judges",
    multiple=True,
    required=True,
    metavar="ADDRESS|KEY",
    help="Who sits on it: an address, or a key of yours; repeat it for each seat.",
)
@click.option(
    "--threshold", type=click.IntRange(min=1), metavar="N", help="How many must sign (default: most of them)."
)
@click.option("--fee", default="0", metavar="AMOUNT", show_default=True, help="What a dispute costs, in coins.")
@click.option("--fees-to", metavar="ADDRESS|KEY", help="Who gets the fees (default: the first judge).")
@network_option
@key_options
@answers
def deploy_court(
    judges: tuple[str, ...], threshold: int | None, fee: str, fees_to: str | None, where: Where, screen: Screen
) -> None:
    """Put a court on a chain, whose ruling is what enough of its judges sign.

    Judges, threshold and fee are fixed for good. Its address follows from them, and goes into the bindings, under the
    name that the document has for it. Deploying the same court again changes nothing.
    """
    from pyledger.cli.contesting import make_court

    make_court(judges, threshold, fee, fees_to, where, screen)


@court.command(name="show")
@deal_argument
@network_options
@answers
def show_court(deal: str, where: Where, screen: Screen) -> None:
    """Show the court of a deal: its judges, what it asks for, and the disputes before it."""
    from pyledger.cli.contesting import show

    show(deal, where, screen)


@court.command(name="collect")
@deal_argument
@as_option(help="Who sends it and pays the gas (anyone may).")
@network_options
@key_options
@answers
def collect(deal: str, role: str | None, where: Where, screen: Screen) -> None:
    """Send the fees that the court of a deal has been paid to who gets them."""
    from pyledger.cli.contesting import collect_fees

    collect_fees(deal, role, where, screen)
