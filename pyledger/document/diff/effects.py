"""Who gains and who loses by a change, where the terms decide it: by what each would have after a verdict.

A change is weighed by the money that moves with it: a higher bond binds its party and protects those it forfeits to, a
larger payment favours its payees, another silence favours whoever the new one pays. Where it cuts both ways, or hangs
on what the parties believe, it is open; words and estimates move nothing and are neutral.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from pyledger.document.consistency import OUTSIDE
from pyledger.document.limits import WHOLE
from pyledger.document.model import Document, Obligation, Payment, Phase, Tier, VerdictWord

__all__ = [
    "NEUTRAL",
    "Effect",
    "bond",
    "deadline",
    "forfeiting",
    "funding",
    "joined",
    "open_",
    "owing",
    "paying",
    "shifted",
    "silence",
    "tiers",
    "voting",
]


class Effect(NamedTuple):
    """Who gains and who loses, by the names of the newer draft, and why; `shifts`, or else `open` or `neutral`."""

    kind: Literal["shifts", "open", "neutral"]
    gains: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()
    why: str = ""


NEUTRAL: Final = Effect("neutral", why="nothing that the terms pay, bind or decide hangs on it")

Money = Mapping[tuple[str, str], Fraction]
"""What somebody has more (or less) of an asset, by name and asset."""


def open_(why: str) -> Effect:
    """It may help one or another."""
    return Effect("open", why=why)


def shifted(gains: Iterable[str], loses: Iterable[str], why: str) -> Effect:
    """Some gain, some lose; open if nobody does, and whoever does both is left out."""
    up, down = dict.fromkeys(gains), dict.fromkeys(loses)
    winners = tuple(name for name in up if name not in down)
    losers = tuple(name for name in down if name not in up)
    return Effect("shifts", winners, losers, why) if winners or losers else open_(why)


def _by_money(before: Money, after: Money, why: str) -> Effect:
    """Who has more of some asset and less of none, and the other way round."""
    up, down = dict[str, None](), dict[str, None]()
    for key in (*before, *after):
        change = after.get(key, Fraction(0)) - before.get(key, Fraction(0))
        if change:
            (up if change > 0 else down)[key[0]] = None
    return shifted(up, down, why)


def joined(*parts: Money) -> Money:
    """All of it together."""
    total: dict[tuple[str, str], Fraction] = {}
    for part in parts:
        for key, amount in part.items():
            total[key] = total.get(key, Fraction(0)) + amount
    return total


def _moved(payer: str, to: Mapping[str, int], amount: Decimal | Fraction, asset: str) -> Money:
    paid = Fraction(amount)
    return joined({(payer, asset): -paid}, *({(name, asset): paid * points / WHOLE} for name, points in to.items()))


def _at_stake(document: Document, party: str, level: Decimal | None = None) -> Money:
    found = document.parties.get(party)
    if found is None or found.bond is None:
        return {}
    amount = found.bond.amount if level is None else level
    return _moved(party, found.forfeits_to or {}, amount, found.bond.asset)


def _forfeited(document: Document, phase: Phase, obligation: Obligation) -> Money:
    if obligation.by not in document.parties or not obligation.forfeit:
        return {}
    stake = _at_stake(document, obligation.by, document.bond_level(obligation.by, phase))
    return {key: amount * obligation.forfeit / WHOLE for key, amount in stake.items()}


def _released(payment: Payment) -> Money:
    return _moved(payment.from_, payment.to, payment.amount, payment.asset)


def _after(document: Document, phase: Phase, name: str, verdict: VerdictWord) -> Money:
    """What everybody has of one obligation once it has a verdict: its payments, and what is forfeited."""
    paid = (each for each in phase.payments.values() if each.obligation == name and verdict in each.on)
    lost = _forfeited(document, phase, phase.obligations[name]) if verdict == "breached" else {}
    return joined(*(_released(each) for each in paid), lost)


def _others(document: Document, phase: Phase, name: str) -> tuple[str, ...]:
    """Who can receive something by an obligation's verdict, its obligor left out."""
    obligor = phase.obligations[name].by
    either = (_after(document, phase, name, "met"), _after(document, phase, name, "breached"))
    found = (who for money in either for (who, _), amount in money.items() if amount > 0 and who != obligor)
    return tuple(dict.fromkeys(found))


def bond(old: Document, new: Document, party: str, levels: tuple[Decimal, Decimal] | None = None) -> Effect:
    """A bond of another level, or other recipients of it; `levels` are those of one phase."""
    before, after = (
        _at_stake(document, party, level) for document, level in zip((old, new), levels or (None, None), strict=True)
    )
    return _by_money(before, after, "a bond binds its party, and protects whoever it forfeits to")


def paying(old: Payment | None, new: Payment | None) -> Effect:
    """A payment that is new, gone, or of another amount, payer or payees."""
    before, after = (_released(each) if each else {} for each in (old, new))
    return _by_money(before, after, "once released, it moves that money")


def forfeiting(old: tuple[Document, Phase], new: tuple[Document, Phase], name: str) -> Effect:
    """A breach that costs another share of the bond that there is now, or that there was if there is none now."""
    shares = [phase.obligations[name].forfeit for _, phase in (old, new)]

    def cost(document: Document, phase: Phase, share: int | None) -> Money:
        return _forfeited(document, phase, phase.obligations[name].model_copy(update={"forfeit": share}))

    of = new if cost(*new, WHOLE) else old
    return _by_money(cost(*of, shares[0]), cost(*of, shares[1]), "a breach costs another share of the bond")


def silence(document: Document, phase: Phase, name: str, verdicts: tuple[VerdictWord, VerdictWord]) -> Effect:
    """Another verdict where the panel says nothing."""
    before, after = (_after(document, phase, name, verdict) for verdict in verdicts)
    if before != after:
        return _by_money(before, after, "where the panel says nothing, the money goes another way")
    order = ("breached", "lapsed", "met")
    obligor = phase.obligations[name].by
    better = order.index(verdicts[1]) > order.index(verdicts[0])
    if obligor == OUTSIDE:
        return open_("no money hangs on it; what it says of the event does")
    return shifted((obligor,) if better else (), () if better else (obligor,), "where the panel says nothing")


def deadline(document: Document, phase: Phase, name: str, *, later: bool) -> Effect:
    """More or less time for an obligation; a promise that holds unless it is found broken binds that much longer."""
    obligation = phase.obligations[name]
    lasting = obligation.if_silent == "met"
    if obligation.by == OUTSIDE:
        kept = _after(document, phase, name, obligation.if_silent)
        told = _after(document, phase, name, "breached" if lasting else "met")
        sides = (kept, told) if later else (told, kept)
        return _by_money(*sides, "there is more time for it to happen" if later else "there is less time for it")
    easier = later != lasting
    others = _others(document, phase, name)
    if lasting:
        words = f"the promise binds {'longer' if later else 'for a shorter time'}"
    else:
        words = f"there is {'more' if later else 'less'} time for it"
    return shifted((obligation.by,), others, words) if easier else shifted(others, (obligation.by,), words)


def funding(payment: Payment, *, later: bool) -> Effect:
    """More or less time to put a payment into escrow."""
    payer, payees = (payment.from_,), tuple(payment.to)
    why = "whoever pays has more time, whoever is paid is sure of it later" if later else "it is in escrow sooner"
    return shifted(payer, payees, why) if later else shifted(payees, payer, why)


def owing(document: Document, phase: Phase, name: str, *, added: bool) -> Effect:
    """An obligation that is new, or gone."""
    obligor = phase.obligations[name].by
    if obligor == OUTSIDE:
        return open_("an outside event: what hangs on it says for whom")
    others = _others(document, phase, name)
    why = f"{obligor} is bound to one thing {'more' if added else 'less'}"
    return shifted(others, (obligor,), why) if added else shifted((obligor,), others, why)


def voting(document: Document, panel: str, *, harder: bool) -> Effect:
    """More or fewer voices needed: silence decides more, or less, often."""
    spoken: list[Money] = []
    silent: list[Money] = []
    for phase in document.phases:
        for name, obligation in phase.obligations.items():
            if obligation.decided_by == panel:
                silent.append(_after(document, phase, name, obligation.if_silent))
                other: VerdictWord = "breached" if obligation.if_silent == "met" else "met"
                spoken.append(_after(document, phase, name, other))
    why = f"the panel decides less easily, and silence {'more' if harder else 'less'} often"
    why = why if harder else why.replace("less easily", "more easily")
    up, down = list[str](), list[str]()
    for before, after in zip(spoken, silent, strict=True):
        effect = _by_money(before, after, why) if harder else _by_money(after, before, why)
        up += effect.gains
        down += effect.loses
    return shifted(up, down, why)


def tiers(old: Payment, new: Payment) -> Effect:
    """Other steps: decided where one of the two pays at least as much at every value."""
    why = "what is released follows other steps"
    if old.asset != new.asset or old.to.keys() != new.to.keys():
        return open_(why)
    signs = {sign for sign in _signs(old, new) if sign}
    if len(signs) != 1:
        return open_(f"{why}: more at some values, less at others" if signs else why)
    payees, payer = tuple(new.to), (new.from_,)
    return shifted(payees, payer, why) if signs == {1} else shifted(payer, payees, why)


def _signs(old: Payment, new: Payment) -> Iterable[int]:
    """Where the newer steps pay more (1), less (-1) or the same (0): at each bend, and just before the next."""
    bends = sorted({bend for payment in (old, new) for bend in _bends(payment)})
    for at, after in zip(bends, [*bends[1:], bends[-1] + 1], strict=True):
        for value in (at, after):
            one, other = (_pays(each, value, as_of=at) for each in (old, new))
            yield (other > one) - (other < one)


def _bends(payment: Payment) -> Iterable[Fraction]:
    yield Fraction(0)
    for tier in payment.tiers or ():
        yield Fraction(tier.from_)
        if tier.then:
            yield Fraction(tier.from_) + (Fraction(payment.amount) - Fraction(tier.pays)) * WHOLE / tier.then


def _pays(payment: Payment, value: Fraction, *, as_of: Fraction) -> Fraction:
    """What is paid at a value by the step that holds as of another: released = pays + (value - from)·then."""
    if not payment.tiers:
        return Fraction(payment.amount)
    held: Tier | None = None
    for tier in payment.tiers:
        if Fraction(tier.from_) <= as_of:
            held = tier
    if held is None:
        return Fraction(0)
    grown = Fraction(held.pays) + (value - Fraction(held.from_)) * held.then / WHOLE
    return min(Fraction(payment.amount), grown)
