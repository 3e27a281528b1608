"""CRE, third part: ways out of these terms that their drafters did not mean, learned from attacking them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pyledger.document.consistency import OUTSIDE
from pyledger.document.risks.rule import Hit, Rule, rule
from pyledger.document.risks.views import Act, acts, contingent, escrows, forfeited
from pyledger.document.units import say_amount

if TYPE_CHECKING:
    from pyledger.document.model import Document

__all__ = ["EXITS"]


@rule(
    "CRE15",
    "warning",
    "nothing follows from a breach",
    why="An obligation whose breach forfeits nothing, releases or withholds nothing and ends nothing is a wish. "
    "It may be meant so; then it is better said so.",
    mend="give it a `forfeit`, hang a payment on it, make it `material`, or waive this with the reason",
    source="Deterrence needs a consequence (Becker 1968).",
)
def _cre15(document: Document) -> Iterator[Hit]:
    last = {act.duty.by: act.step for act in acts(document) if forfeited(document, act)}
    for party in document.parties:
        empty = [
            act
            for act in acts(document, by=party)
            if not act.duty.material
            and not contingent(act)
            and not forfeited(document, act)
            and act.step >= last.get(party, 0)
        ]
        if empty:
            names = ", ".join(_named(document, act) for act in empty[:3]) + (", …" if len(empty) > 3 else "")
            yield Hit(empty[0].at, f"a breach by `{party}` of {names} costs it nothing and changes nothing")


def _named(document: Document, act: Act) -> str:
    """An obligation by its id, and by its phase where another phase has one of the same id."""
    alone = sum(act.name in phase.obligations for phase in document.phases) == 1
    return f"`{act.name}`" if alone else f"`{act.name}` in `{act.phase.id}`"


@rule(
    "CRE16",
    "warning",
    "a cheap way out",
    why="A material breach ends the deal, and what is undecided then lapses. A party can concede one that costs "
    "it little, and so escape a dearer one or take back escrow that the other side was about to earn.",
    mend="set `forfeit` of each material obligation no lower than the dearest of that party and than its escrow, "
    "or have the escrow pay on `lapsed` too",
    source="The cheapest exit, in this program's threat model; coordination of cut-off and lapse.",
)
def _cre16(document: Document) -> Iterator[Hit]:
    for index in range(len(document.phases)):
        for party, own in _by_party(document, index).items():
            material = [act for act in own if act.duty.material]
            if not material:
                continue
            cheap = min(material, key=lambda act: forfeited(document, act))
            dear = max(own, key=lambda act: forfeited(document, act))
            costs = forfeited(document, cheap)
            said = say_amount(costs) if costs else "nothing"
            back, asset = _taken_back(document, party, index)
            if back and (not costs or (costs < back and asset == _bond_asset(document, party))):
                message = (
                    f"by conceding `{cheap.name}`, which costs {said}, `{party}` takes back "
                    f"{say_amount(back)} `{asset}` of escrow that others were about to earn"
                )
                yield Hit(cheap.at, message)
            elif forfeited(document, dear) > costs:
                message = (
                    f"by conceding `{cheap.name}`, which costs {said}, `{party}` escapes "
                    f"`{dear.name}`, which would cost {say_amount(forfeited(document, dear))}"
                )
                yield Hit(cheap.at, message)


def _by_party(document: Document, index: int) -> dict[str, list[Act]]:
    found: dict[str, list[Act]] = {}
    for act in acts(document, phase=index):
        if act.duty.by != OUTSIDE:
            found.setdefault(act.duty.by, []).append(act)
    return found


def _taken_back(document: Document, party: str, index: int) -> tuple[Decimal, str]:
    """The most of one asset that a party pays in for others' acts in a phase, and gets back when these lapse."""
    sums: dict[str, Decimal] = {}
    for each in escrows(document, phase=index):
        payment = each.payment
        others = each.phase.obligations[payment.obligation].by != party
        if payment.from_ == party and others and "met" in payment.on and "lapsed" not in payment.on:
            sums[payment.asset] = sums.get(payment.asset, Decimal(0)) + payment.amount
    asset = max(sums, key=lambda name: sums[name], default="")
    return sums.get(asset, Decimal(0)), asset


def _bond_asset(document: Document, party: str) -> str | None:
    bond = document.parties[party].bond
    return bond.asset if bond else None


@rule(
    "CRE17",
    "warning",
    "a joiner can end the deal for all",
    why="A listed party may join at the last moment, posting no more than its first bond. If it then leaves a "
    "higher level short, or breaches something material, the whole deal ends at the price of that bond.",
    mend="make its bond no lower than any later level, and above nothing where it owes material obligations or "
    "payments",
    source="Accession as a kill-switch, in this program's threat model.",
)
def _cre17(document: Document) -> Iterator[Hit]:
    for name, party in document.parties.items() if document.accession else ():
        posts = party.bond.amount if party.bond else Decimal(0)
        highest = max((document.bond_level(name, phase) for phase in document.phases[1:]), default=Decimal(0))
        material = any(act.duty.material and act.step for act in acts(document, by=name))
        pays = any(each.step and each.payment.from_ == name for each in escrows(document))
        at = ("parties", name, "bond") if party.bond else ("parties", name)
        if posts < highest:
            message = f"`{name}` joins with {say_amount(posts)}, and can end the deal by not raising it to "
            yield Hit(at, f"{message}{say_amount(highest)}")
        elif not posts and (material or pays):
            how = "breaching something material" if material else "not paying in what it owes"
            yield Hit(at, f"`{name}` joins with no bond, and can end the deal for all by {how}")


@rule(
    "CRE18",
    "warning",
    "a court cannot mend the value",
    why="The court changes a verdict, not the value attested with it. After a ruling that changes the verdict the "
    "value counts as 0, so that the payment is what the tiers give for 0.",
    mend="let 0 pay what is right after a changed verdict, and have the panel's number decided with care: more "
    "seats, or a draft open for comment before it is signed",
    source="Rulings in this program's terms: 0 lapses, 1 met, 2 breached, 3 lapsed, and no number (ERC-792).",
)
def _cre18(document: Document) -> Iterator[Hit]:
    for each in escrows(document) if document.arbitration else ():
        steps = each.payment.tiers
        if steps:
            none = steps[0].pays if not steps[0].from_ else Decimal(0)
            message = f"if the court changes the verdict, `{each.name}` pays {say_amount(none) if none else 'nothing'}"
            yield Hit((*each.at, "tiers"), f"{message}, whatever the value was")


EXITS: Final[tuple[Rule, ...]] = (_cre15, _cre16, _cre17, _cre18)
