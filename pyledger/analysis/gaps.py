"""What was not estimated: what counts as nothing or as certain for it, and what could be shown with it."""

from __future__ import annotations

from collections.abc import Iterator

from pyledger.analysis.figures import Key
from pyledger.analysis.game import Game, Situation

__all__ = ["missing", "unshown"]


def missing(game: Game) -> list[str]:
    """What was not estimated and therefore counts as nothing, or as certain."""
    found = []
    if game.document.estimates is None:
        return ["estimates"]
    for (party, _), at in game.situations.items():
        if at.promises and game.temptation_key(at) is None:
            key = Key("cost", party, at.phase_id)
            if game.figures.key("cost", party, at.phase_id) not in game.figures.given:
                found.append(f"{key.path} or {key._replace(what='temptation').path}")
    found += [
        Key("detection", panel).path
        for panel in game.document.panels
        if Key("detection", panel) not in game.figures.given
    ]
    own = game.document.estimates.asset
    found += [
        Key("price", asset).path
        for asset in game.document.assets
        if asset != own and Key("price", asset) not in game.figures.given
    ]
    return found


def unshown(game: Game) -> Iterator[tuple[str, str]]:
    """What more could be said, and which estimate it takes."""
    if game.document.estimates is None:
        return
    given = game.figures.given
    tempted = [party for party in game.parties if any(at.promises for at in _of(game, party))]
    still = [party for party in tempted if not {Key("temptation_growth", party), Key("immunity", party)} & given.keys()]
    if still:
        others = f", and of {', '.join(still[1:])}" if len(still) > 1 else ""
        path = Key("temptation_growth", still[0]).path
        yield f"{path} or immunity{others}", "until when it can be believed, and which bond survives an advantage"
    if game.document.arbitration and not any(key.what == "ruling" for key in given):
        yield f"{Key('ruling', next(iter(game.document.panels))).path}", "what both sides would have to bet in court"
    if len(game.document.phases) > 1 and (Key("pie") not in given or not any(key.what == "power" for key in given)):
        yield "estimates.pie, and power in two phases", "whether a shift of power can be bargained over"
    if len(game.parties) > 2 and game.document.estimates.public_good is None:
        yield "estimates.public_good", "how large a coalition holds by itself"


def _of(game: Game, party: str) -> list[Situation]:
    return [at for (who, _), at in game.situations.items() if who == party]
