"""The pages of the window as HTML: functions from a view to a whole page. See `views` for what each is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup

from pyledger import __version__
from pyledger.document.units import say_duration, say_percent
from pyledger.observer.entitled import Entitlement
from pyledger.observer.moments import ago
from pyledger.observer.shapes import Money, ShareView
from pyledger.observer.web import markup
from pyledger.observer.web.account_views import AccountPage, Reliability, TallyRow
from pyledger.observer.web.agreement_views import AgreementPage, HistoryLine, HistoryPage, PhaseRow, VerificationPage
from pyledger.observer.web.flow import BROAD, SLIM, draw
from pyledger.observer.web.means import Way, ways_of
from pyledger.observer.web.saying import plainly
from pyledger.observer.web.views import AgreementRow, ListPage, NodeState, Paging, ProblemPage

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = [
    "render_account",
    "render_agreement",
    "render_history",
    "render_list",
    "render_problem",
    "render_verification",
]

_STATES: Final = ("open", "in force", "completed", "terminated", "void", "unwound", "dissolved")
_PICTURES: Final = 6
"""Pictures drawn on a page; the table beside them has every case."""
_TALLIES: Final = ("kept", "late", "breached", "lapsed", "undecided", "disputed", "conceded")


class Picture(NamedTuple):
    """Pictures of one way that things can go: what it is, an SVG for each asset, and whether it is open at once."""

    words: str
    svg: Markup
    shown: bool


def render_list(page: ListPage, *, find: str = "") -> str:
    """All agreements, or those that a search found; `find` is what was searched for."""
    kept = {"find": find, "status": page.status, "party": page.party, "document": page.document}
    return _page(
        "list",
        page.node,
        title="All agreements",
        events="/events",
        page=page,
        here="list",
        find=find,
        states=_STATES,
        total=sum(each.count for each in page.counts),
        **_paths("/", page.paging, **kept),
    )


def render_agreement(page: AgreementPage) -> str:
    """Everything about one agreement."""
    ways = ways_of(page)
    return _page(
        "agreement",
        page.node,
        title=markup.clipped(page.row.title or f"Agreement {page.row.address}"),
        events=f"/agreements/{page.row.address}/events",
        address=page.row.address,
        page=page,
        plainly=plainly,
        ways=ways,
        pictures=_pictures(ways),
        contents=_contents(page, ways),
        heard=_was_heard(page),
        phase_state=_phase_state,
        line_class=_line_class,
        shares=_shares,
    )


def render_history(page: HistoryPage) -> str:
    """What happened to one agreement, from the beginning, with the books of it."""
    path = f"/agreements/{page.row.address}/history"
    title = f"History of {markup.clipped(page.row.title or page.row.address)}"
    return _page("history", page.node, title=title, page=page, **_paths(path, page.paging))


def render_verification(page: VerificationPage) -> str:
    """Whether an agreement's address is its terms, step by step."""
    title = f"Verification of {markup.clipped(page.row.title or page.row.address)}"
    return _page("verification", page.node, title=title, page=page)


def render_account(page: AccountPage) -> str:
    """What an account's agreements show of it, and which they are."""
    record = page.record
    found = None if record is None else record.reliability
    return _page(
        "account",
        page.node,
        title=f"Track record of {page.account}",
        events="/events",
        page=page,
        joined=0 if record is None else sum(each.count for each in record.joined),
        low="" if found is None else _share(found.low),
        high="" if found is None else _share(found.high),
        interval="" if found is None else _interval(found),
        cells=_cells,
        **_paths(f"/accounts/{page.account}", page.paging),
    )


def render_problem(page: ProblemPage) -> str:
    """Something that cannot be shown, and what to do next."""
    return _page("problem", page.node, title=markup.clipped(page.title), page=page)


def _page(template: str, node: NodeState | None, **values: Any) -> str:
    given = {"node": node, "now": _moment(node), "events": "", "address": "", "here": "", **values}
    return _templates().get_template(f"{template}.html.jinja").render(given)


def _moment(node: NodeState | None) -> int:
    """By what time things are judged: that of the last block read, as the chain's clock is what counts."""
    if node is None:
        return 0
    return node.now if node.read_at is None else node.read_at


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        loader=PackageLoader("pyledger.observer.web"),
    )
    found.filters |= {
        "account": markup.account,
        "amount": markup.amount,
        "badge": markup.badge,
        "figure": markup.figure,
        "name": markup.name,
        "plain": markup.seen,
        "prose": markup.prose,
        "sentence": markup.sentence,
        "short": markup.short,
        "signed": _signed,
        "when": markup.when,
    }
    found.globals |= {
        "ago": ago,
        "by_benefit": _by_benefit,
        "by_transaction": _by_transaction,
        "counted": _counted,
        "lasting": say_duration,
        "percent": say_percent,
        "version": __version__,
    }
    return found


def _signed(money: Money) -> Markup:
    """An amount that is gained or lost."""
    sign = "+" if money.amount > 0 else "−" if money.amount < 0 else ""
    return Markup("{}{}").format(sign, markup.amount(replace(money, amount=abs(money.amount))))


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _paths(path: str, paging: Paging, **kept: str | None) -> dict[str, str]:
    """Where a list begins, and where it goes on."""
    asked = {key: value for key, value in kept.items() if value}
    further = asked | {"limit": str(paging.limit)}
    first = f"{path}?{urlencode(asked)}" if asked else path
    return {"first": first, "next": f"{path}?{urlencode(further | {'after': paging.next})}" if paging.next else ""}


def _shares(shares: Sequence[ShareView]) -> Markup:
    if len(shares) == 1:
        return markup.name(shares[0].to, 60)
    return markup.join([Markup("{} {}").format(markup.name(each.to, 60), say_percent(each.bps)) for each in shares])


def _contents(page: AgreementPage, ways: Sequence[Way]) -> list[tuple[str, str]]:
    """The sections of an agreement's page that are there: where, and what they are called."""
    phase = page.status.phase
    found = [
        ("phases", "Phases", True),
        ("obligations", "Obligations", phase is not None),
        ("payments", "Payments", phase is not None and len(phase.payments) > 0),
        ("parties", "Parties", True),
        ("hearing", "Who was heard", _was_heard(page)),
        ("money", "Money", True),
        ("ways", "Where it would go", bool(ways)),
        ("rights", "Benefits", len(page.entitlements) + len(page.undoings) > 0),
        ("next", "What can be done", len(page.status.actions) > 0),
        ("history", "History", True),
        ("books", "Books", True),
        ("proof", "Verification", True),
        ("document", "Document", True),
    ]
    return [(anchor, words) for anchor, words, there in found if there]


def _was_heard(page: AgreementPage) -> bool:
    """Whether there is anything to say of who was heard."""
    told = page.hearing
    return told.open_until is not None or len(told.remarks) + len(told.challenges) > 0


def _phase_state(phase: PhaseRow, row: AgreementRow) -> str:
    if phase.state == "at hand":
        return "under way" if row.state == "in force" else "the last that was open"
    if phase.state == "over" and phase.settled_at is None:
        return f"{row.state} before it was settled"
    return {"over": "settled", "ahead": "to come", "undisclosed": "to come, not disclosed"}.get(
        phase.state, phase.state
    )


def _line_class(phase: PhaseRow, row: AgreementRow) -> str:
    if phase.defaults or any(each.material and each.verdict == "breached" for each in phase.obligations):
        return "failed"
    if phase.state == "over":
        return "done" if phase.settled_at is not None else ""
    return "now" if phase.state == "at hand" and row.state == "in force" else ""


def _pictures(ways: Sequence[Way]) -> list[Picture]:
    """Pictures of the first ways; those open at once show that all goes well, and that the first promise is broken."""
    wanted = [next((way for way in ways if kind in way.kinds), None) for kind in ("met", "breached")]
    shown = [way for way in wanted if way is not None] or ways[:1]
    found = []
    for number, way in enumerate(ways[:_PICTURES]):
        drawn = [
            draw(way, asset, sheet, name=f"way-{number}-{at}-{sheet.name}")
            for at, asset in enumerate(way.assets)
            for sheet in (BROAD, SLIM)
        ]
        found.append(Picture(way.words, Markup("\n".join(drawn)), way in shown))
    return found


def _by_transaction(lines: Sequence[HistoryLine]) -> list[list[HistoryLine]]:
    """What happened in one transaction together, in the order it is given in."""
    return [list(together) for _, together in groupby(lines, key=lambda each: each.transaction)]


def _by_benefit(held: Sequence[Entitlement]) -> list[list[Entitlement]]:
    """One benefit's holders together."""
    return [list(together) for _, together in groupby(held, key=lambda each: each.benefit)]


def _share(share: str) -> str:
    """A share (0 to 1) as a percentage without decimals."""
    return f"{Decimal(share):.0%}"


def _interval(found: Reliability) -> Markup:
    """The interval as a bar from nothing to all, the share itself as a mark."""
    low, high = (float(Decimal(each)) * 400 for each in (found.low, found.high))
    point = found.kept / found.decided * 400 if found.decided else 0
    says = f"{found.kept} of {found.decided} kept: between {_share(found.low)} and {_share(found.high)}"
    return Markup(
        '<svg class="bar" viewBox="-8 0 416 36" role="img" aria-label="{}"><rect class="bar-ground" y="6" width="400" '
        'height="12"/><rect class="bar-range" x="{}" y="6" width="{}" height="12"/><rect class="bar-point" x="{}" y="2"'
        ' width="3" height="20"/><text y="34" font-size="10">0%</text><text x="200" y="34" text-anchor="middle" '
        'font-size="10">50%</text><text x="400" y="34" text-anchor="end" font-size="10">100%</text></svg>'
    ).format(says, f"{low:.1f}", f"{max(high - low, 1):.1f}", f"{point - 1.5:.1f}")


def _cells(row: TallyRow) -> Markup:
    cell = Markup('<td class="right">{}</td>')
    return Markup("").join(cell.format(f"{getattr(row, each):,}") for each in _TALLIES)
