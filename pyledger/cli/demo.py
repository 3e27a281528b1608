"""The demonstration: real and invented agreements, played on a chain that is gone afterwards."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from pyledger.cli.options import answers
from pyledger.cli.output import Screen

if TYPE_CHECKING:
    from pyledger.cli.plays import Play

__all__ = ["demo"]


@click.command()
@answers
@click.pass_context
def demo(context: click.Context, screen: Screen) -> None:
    """Play the Lockerbie settlement as it happened, then a bonded deal twice: kept, and broken.

    Starts a local chain of its own for each, moves its clock through the real dates, and checks every closing balance
    to the smallest unit. Exits with 1 if one is wrong. Nothing is left behind.
    """
    from pyledger.cli.chains import require_anvil
    from pyledger.cli.plays import PLAYS

    require_anvil()
    began = time.monotonic()
    played = [_play(play, number, screen) for number, play in enumerate(PLAYS)]
    seconds = time.monotonic() - began
    exact = all(each["ok"] for each in played)
    screen.data({"ok": exact, "seconds": round(seconds, 2), "plays": played})
    screen.say()
    if exact:
        screen.say(
            f"All closing balances are exact to the smallest unit. Played in {seconds:.1f} seconds.", "bold green"
        )
        screen.say("Your own: pyledger new deal.yaml, pyledger chain start, pyledger open deal.yaml")
    else:
        screen.say("Something did not go as it must: this is a defect of pyledger, please report it.", "bold red")
        context.exit(1)


def _play(play: Play, number: int, screen: Screen) -> dict[str, Any]:
    from pyledger.cli.balances import balances_json, show_closing
    from pyledger.cli.papers import gallery_text
    from pyledger.cli.theatre import staged
    from pyledger.document import loads
    from pyledger.terms.addresses import checksum

    if number:
        screen.say()
    screen.rule(play.title)
    screen.say(play.lead, "dim")
    screen.say()
    document = loads(gallery_text(play.document), file=play.document)
    with staged(document, date=play.begins, brings=play.brings, screen=screen) as stage:
        play.script(stage)
        closing = stage.close(play.changes)
        ended = stage.agreement.state().status
        screen.say()
        show_closing(closing, screen)
        many = sum(stage.signatures.values())
        whose = ", ".join(f"{who} {count}" for who, count in stage.signatures.items())
        screen.say(f"  {many} signatures counted: {whose}", "dim")
        gas = sum(scene.gas for scene in stage.scenes)
        screen.say(f"  {ended.name.lower()}; {gas:,} gas in all; {checksum(stage.agreement.address)}", "dim")
        ok = ended is play.ends and all(row.exact for row in closing) and not stage.defects
        return {
            "name": play.title,
            "title": stage.reader.title,
            "state": ended.name.lower(),
            "ok": ok,
            "agreement": checksum(stage.agreement.address),
            "scenes": [scene._asdict() for scene in stage.scenes],
            "signatures": dict(stage.signatures),
            "balances": balances_json(closing),
        }
