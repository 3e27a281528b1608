"""The report's pictures: slack, exposure, bonds, what a promise turns on, the horizon, steps against bonds.

Each is drawn only where there is something to draw. Needs Matplotlib (extra `analysis`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

from pyledger.analysis.appraisal import Appraisal
from pyledger.analysis.canvas import GROUND, INK, MARKS, SHADES, SOFT, drawn, short
from pyledger.analysis.horizon import stake_under_immunity
from pyledger.analysis.numbers import Scale
from pyledger.analysis.promises import Promise
from pyledger.analysis.study import Study
from pyledger.analysis.words import estimate_name, scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["NAMES", "Chart", "charts"]

NAMES: Final = ("slack", "exposure", "bonds", "tornado", "horizon", "steps")
WIDTH: Final = 7.4
"""Inches; for a phone about half."""

_MOST_BARS: Final = 32
_MOST_LINES: Final = 8
_MOST_ESTIMATES: Final = 8


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture: its name, its title, the section of the report that it belongs to, and the SVG."""

    name: str
    title: str
    section: str
    svg: str


def charts(found: Study, *, width: float = WIDTH, prefix: str = "", outlines: bool = False) -> tuple[Chart, ...]:
    """All charts there is something to draw for. `width` in inches; `prefix` keeps the ids of two sets apart."""
    scale = scale_of(found.appraisal)
    sheets = (_slack, _exposure, _bonds, _tornado, _horizon, _steps)
    return tuple(
        Chart(
            name,
            sheet.title,
            sheet.section,
            drawn(sheet.draw, name=f"{prefix}{name}", alt=sheet.title, size=(width, sheet.height), outlines=outlines),
        )
        for name, make in zip(NAMES, sheets, strict=True)
        if (sheet := make(found, scale, width)) is not None
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    title: str
    section: str
    height: float
    draw: Callable[[Figure], None]


def _slack(found: Study, scale: Scale, _: float) -> _Sheet | None:
    owed = [each for each in found.appraisal.promises if each.promises]
    if not owed:
        return None
    title = "Slack: by how much keeping beats breaching"
    if len(owed) > _MOST_BARS:
        rows = len(found.appraisal.game.parties)
        return _Sheet(title, "verdict", 1.1 + 0.24 * rows, lambda figure: _slack_grid(figure, found.appraisal, scale))
    return _Sheet(title, "verdict", 1.0 + 0.27 * len(owed), lambda figure: _slack_bars(figure, owed, scale))


def _slack_bars(figure: Figure, owed: Sequence[Promise], scale: Scale) -> None:
    axes = figure.subplots()
    values = [each.slack / scale.factor for each in owed]
    for at, (each, value) in enumerate(zip(owed, values, strict=True)):
        good = each.credible
        axes.barh(at, value, color=SHADES[0] if good else SHADES[1], hatch=None if good else "////", height=0.62)
        broad = figure.get_figwidth() >= WIDTH
        text = f"{scale.bare(each.slack)} breaks" if broad and not good else scale.bare(each.slack)
        beyond = value >= 0
        axes.annotate(
            text, (value, at), (4 if beyond else -4, 0), textcoords="offset points", va="center",
            ha="left" if beyond else "right", fontsize=8.5,
        )  # fmt: skip
    axes.set_yticks(range(len(owed)), [f"{short(each.party)}, {short(each.phase)}" for each in owed])
    axes.invert_yaxis()
    axes.axvline(0, color=INK, linewidth=1)
    low, high = min(0.0, *values), max(0.0, *values)
    room = (high - low) or 1.0
    narrow = WIDTH / figure.get_figwidth()  # words take more of a narrow picture
    axes.set_xlim(low - (0.24 * narrow if low < 0 else 0.02) * room, high + 0.16 * narrow * room)
    _label(axes, x=_unit("slack", scale))


def _slack_grid(figure: Figure, found: Appraisal, scale: Scale) -> None:
    """Many promises: a cell each, dark and hatched where breaking pays."""
    axes = figure.subplots()
    phases = [phase.id for phase in found.game.document.phases]
    most = max((abs(each.slack) for each in found.promises), default=1.0) or 1.0
    for each in found.promises:
        if not each.promises:
            continue
        x, y = phases.index(each.phase), found.game.parties.index(each.party)
        strength = 0.15 + 0.6 * min(abs(each.slack) / most, 1.0)
        colour = SHADES[0] if each.credible else SHADES[1]
        axes.bar(
            x, 0.9, 0.9, y - 0.45, color=colour, alpha=strength if each.credible else 1.0,
            hatch=None if each.credible else "////",
        )  # fmt: skip
    step = max(len(phases) // 12, 1)
    axes.set_xticks(range(0, len(phases), step), [short(each) for each in phases[::step]], rotation=35, ha="right")
    axes.set_yticks(range(len(found.game.parties)), [short(each) for each in found.game.parties])
    axes.invert_yaxis()
    _label(axes, x=f"darker: more slack (at most {scale.say(most)}); hatched: breaking pays")


def _exposure(found: Study, scale: Scale, width: float) -> _Sheet | None:
    promises = found.appraisal.promises
    most = {
        party: max(each.exposure.most for each in promises if each.party == party)
        for party in found.appraisal.game.parties
    }
    moving = sorted((party for party in most if _moves(promises, party)), key=lambda party: -most[party])
    if not moving:
        return None
    return _Sheet(
        "Exposure: what each has given for good, less what it has got for good",
        "whole",
        min(3.4, 2.0 + width / 4),
        lambda figure: _exposure_lines(figure, found.appraisal, moving[:_MOST_LINES], scale),
    )


def _moves(promises: Sequence[Promise], party: str) -> bool:
    return any(abs(value) > 0 for each in promises if each.party == party for value in each.exposure.after)


def _exposure_lines(figure: Figure, found: Appraisal, parties: Sequence[str], scale: Scale) -> None:
    axes = figure.subplots()
    phases = [phase.id for phase in found.game.document.phases]
    for number, party in enumerate(parties):
        xs: list[float] = [0.0]
        ys: list[float] = [0.0]
        for index, each in enumerate(p for p in found.promises if p.party == party):
            acts = each.exposure.after[1:]
            xs += [index + (at + 1) / len(acts) for at in range(len(acts))]
            ys += [value / scale.factor for value in acts]
        axes.plot(
            xs, ys, drawstyle="steps-post", marker=MARKS[number], markersize=4, color=SHADES[number],
            linestyle=("-", "--", "-.", ":")[number % 4], linewidth=1.6, label=short(party),
        )  # fmt: skip
    step = max(len(phases) // 8, 1)
    for index in range(1, len(phases)):
        axes.axvline(index, color=SOFT, linewidth=0.5, linestyle=":")
    axes.set_xticks([index + 0.5 for index in range(0, len(phases), step)], [short(each) for each in phases[::step]])
    axes.tick_params(axis="x", length=0)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.legend(loc="best", ncols=2 if len(parties) > 4 else 1, fontsize=8.5)
    _label(axes, y=_unit("exposure", scale))


def _bonds(found: Study, scale: Scale, width: float) -> _Sheet | None:
    least = found.appraisal.schedule
    if least is None:
        return None
    present = {(each.party, each.phase): each.bond for each in found.appraisal.promises}
    phases = [phase.id for phase in found.appraisal.game.document.phases]
    parties = [
        party
        for party in found.appraisal.game.parties
        if any(least.bonds[party]) or any(present[party, phase] for phase in phases)
    ][:_MOST_LINES]
    if not parties:
        return None
    columns = 1 if width < WIDTH else min(len(parties), 2)
    rows = -(-len(parties) // columns)

    def draw(figure: Figure) -> None:
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for axes, party in zip(grid.flat, parties, strict=False):
            own = [present[party, phase] / scale.factor for phase in phases]
            needed = [bond / scale.factor for bond in least.bonds[party]]
            _stairs(axes, phases, own, needed, title=short(party))
        for axes in grid.flat[len(parties) :]:
            axes.set_visible(False)
        grid[0, 0].legend(loc="best", fontsize=8.5)
        for row in grid:
            _label(row[0], y=_unit("bond", scale))

    return _Sheet("Bonds: present, and the least that would do", "bonds", 0.5 + 2.1 * rows, draw)


def _stairs(axes: Axes, phases: Sequence[str], own: Sequence[float], needed: Sequence[float], *, title: str) -> None:
    at = range(len(phases))
    axes.bar(at, needed, 0.8, color=SHADES[1], hatch="////", label="least")
    axes.bar(at, own, 0.8, facecolor="none", edgecolor=INK, linewidth=1.4, label="present")
    step = max(len(phases) // 6, 1)
    axes.set_xticks(list(at)[::step], [short(each) for each in phases[::step]])
    axes.set_title(title)
    axes.margins(y=0.12)


def _tornado(found: Study, scale: Scale, width: float) -> _Sheet | None:
    if not found.turns:
        return None
    promise, moved = found.turns[0]
    shown = moved[:_MOST_ESTIMATES]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for at, each in enumerate(shown):
            low, high = each.at_low / scale.factor, each.at_high / scale.factor
            middle = promise.slack / scale.factor
            axes.barh(
                at, low - middle, 0.6, left=middle, color=SHADES[1], hatch="////", label="low" if not at else None
            )
            axes.barh(at, high - middle, 0.6, left=middle, color=SHADES[0], label="high" if not at else None)
        names = [estimate_name(each.key) for each in shown]
        axes.set_yticks(range(len(shown)), [_wrapped(each, 26 if width < WIDTH else 44) for each in names])
        axes.invert_yaxis()
        axes.axvline(promise.slack / scale.factor, color=INK, linewidth=1)
        if axes.get_xlim()[0] < 0 < axes.get_xlim()[1]:
            axes.axvline(0, color=SHADES[1], linewidth=1.2, linestyle="--")
        axes.legend(loc="lower right", fontsize=8.5, title="estimate at its")
        _label(axes, x=_unit("slack", scale))

    title = f"What {short(promise.party)} in {short(promise.phase)} turns on"
    return _Sheet(title, "turns-0", 1.1 + 0.36 * len(shown), draw)


def _wrapped(path: str, room: int) -> str:
    return path if len(path) <= room else path.replace(".", ".\n", 1) if path.count(".") < 2 else _halved(path)


def _halved(path: str) -> str:
    head, _, tail = path.rpartition(".")
    return f"{head}.\n{tail}"


def _horizon(found: Study, scale: Scale, width: float) -> _Sheet | None:
    told = found.appraisal.outlooks[:4]
    if not told:
        return None
    columns = 1 if width < WIDTH else min(len(told), 2)
    rows = -(-len(told) // columns)

    def draw(figure: Figure) -> None:
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes, outlook in zip(grid.flat, told, strict=False):
            _crossing(axes, found.appraisal, outlook.party, scale)
        for axes in grid.flat[len(told) :]:
            axes.set_visible(False)
        grid[0, 0].legend(loc="best", fontsize=8.5)

    return _Sheet("Horizon: what would be lost against what tempts", "whole", 0.4 + 2.5 * rows, draw)


def _crossing(axes: Axes, found: Appraisal, party: str, scale: Scale) -> None:
    """From a party's first tempted promise on: temptation as it grows, and what its promise has behind it."""
    game = found.game
    own = [standing for (who, _), standing in found.standings.items() if who == party and standing.situation.promises]
    start = max(own, key=lambda each: float(each.temptation) / max(float(each.stake), 1e-9))
    growth, hazard = (game.figures.likely(what, party) for what in ("temptation_growth", "immunity"))
    power = float(start.detected) - float(start.mistaken)
    custodial = float(start.forfeited) + float(start.withheld)
    sovereign = float(start.reputation) + float(start.future)
    periods = range(12)
    tempted = [float(start.temptation) * (1 + growth) ** t / scale.factor for t in periods]
    held = [
        stake_under_immunity(period=t, hazard=hazard, custodial=custodial, sovereign=sovereign, power=power)
        / scale.factor
        for t in periods
    ]
    axes.plot(periods, tempted, color=SHADES[1], linestyle="--", marker="s", markersize=3.5, label="tempts")
    axes.plot(periods, held, color=SHADES[0], marker="o", markersize=3.5, label="would be lost")
    crossed = next((t for t in periods if held[t] < tempted[t]), None)
    if crossed is not None:
        axes.axvline(crossed, color=INK, linewidth=0.9, linestyle=":")
        axes.annotate(f"not credible from {crossed}", (crossed, 0.02), (3, 3), xycoords=("data", "axes fraction"),
                      textcoords="offset points", fontsize=8.5, rotation=90, va="bottom")  # fmt: skip
    axes.set_ylim(0, 1.6 * max(*held, tempted[0]))
    axes.set_title(f"{short(party)}, from {short(start.situation.phase_id)}")
    _label(axes, x="phases later", y=scale.unit)


def _steps(found: Study, scale: Scale, _: float) -> _Sheet | None:
    curve = found.appraisal.curve
    points = [(stake, steps) for stake, steps in curve.points if steps != inf] if curve else []
    if curve is None or not points:
        return None
    from matplotlib.ticker import MaxNLocator

    here = (curve.exchange.deliverer_stake + curve.exchange.payer_stake) / 2

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot(
            [stake / scale.factor for stake, _ in points],
            [steps for _, steps in points],
            color=SHADES[0],
            marker="o",
        )
        for stake, steps in points:
            axes.annotate(
                f"{steps:.0f}", (stake / scale.factor, steps), (0, 6), textcoords="offset points", ha="center"
            )
        if here > 0:
            axes.axvline(here / scale.factor, color=SHADES[1], linestyle="--", label="both at stake now, on average")
            axes.legend(loc="best", fontsize=8.5)
        axes.set_xscale("log")
        axes.set_ylim(0, max(steps for _, steps in points) * 1.25)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        axes.xaxis.set_minor_formatter(lambda *_: "")
        _label(axes, x=_unit("at stake on each side", scale), y="safe steps")

    return _Sheet("Steps against bonds: each extra bond buys fewer phases", "whole", 2.8, draw)


def _unit(what: str, scale: Scale) -> str:
    return f"{what} ({short(scale.unit)})" if scale.unit else what


def _label(axes: Axes, *, x: str = "", y: str = "") -> None:
    """Words at the axes; and large numbers written out, which would else be shortened to a power of ten aside."""
    from matplotlib.ticker import ScalarFormatter

    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_facecolor(GROUND)
    for axis in (axes.xaxis, axes.yaxis):
        if isinstance(axis.get_major_formatter(), ScalarFormatter) and max(map(abs, axis.get_view_interval())) >= 1_000:
            axis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", "−"))
