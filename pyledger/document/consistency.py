"""Whether the parts of a document fit each other: names, shares, quotas, times, limits.

Each problem carries its place, so that a reader of YAML can be shown line and column. Names are looked up in what was
`Declared`, which can be more than what could be read: one unreadable party does not make every mention of it an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from pyledger.document import limits
from pyledger.document.horizon import deadline_beyond, joining_beyond, start_beyond, too_early
from pyledger.document.presets import PRESETS
from pyledger.document.problem import Declared, Location, Problem
from pyledger.document.recourse import recourse
from pyledger.document.references import references
from pyledger.document.rules import amount, count, known, positive, shares
from pyledger.document.tiers import tiers, value
from pyledger.document.units import say_duration

if TYPE_CHECKING:
    from pyledger.document.model import Chamber, Document, Obligation, Panel, Payment, Phase

__all__ = ["OUTSIDE", "problems"]

OUTSIDE: Final = "outside"
"""Obligor of an event that is nobody's promise."""

NATIVE_DECIMALS: Final = 18

SEAL_SIZE: Final = 32

MAX_PROBLEMS: Final = 200
"""Most problems that are looked for: each may be compared with all names there are, for the nearest."""


def problems(document: Document, declared: Declared) -> tuple[Problem, ...]:
    """What does not fit, in the order of the document's parts, as far as one reads; of one too large, only that."""
    if too_many := tuple(_counts(declared)):
        return too_many
    found = chain(
        _times(document),
        _coalition(document, declared),
        recourse(document, declared),
        _confidential(document),
        _ladder(document, declared),
        _assets(document),
        _parties(document, declared),
        *(_panel(("panels", name), panel, declared) for name, panel in document.panels.items()),
        *(_phase(document, declared, index) for index in range(len(document.phases))),
        references(document, declared),
    )
    return tuple(islice(found, MAX_PROBLEMS))


def _counts(declared: Declared) -> Iterator[Problem]:
    yield from count(("parties",), len(declared.parties), 1, limits.MAX_PARTIES, "parties")
    yield from count(("assets",), len(declared.assets), 0, limits.MAX_ASSETS, "assets")
    yield from count(("recipients",), len(declared.recipients), 0, limits.MAX_RECIPIENTS, "recipients")
    yield from count(("standing",), len(declared.standing), 0, limits.MAX_STANDING, "with standing")
    yield from count(("panels",), len(declared.panels), 1, limits.MAX_PANELS, "panels")
    yield from count(("phases",), len(declared.obligations), 1, limits.MAX_PHASES, "phases")
    for index, (obligations, payments) in enumerate(zip(declared.obligations, declared.payments, strict=True)):
        at: Location = ("phases", index)
        yield from count((*at, "obligations"), len(obligations), 1, limits.MAX_OBLIGATIONS, "obligations in a phase")
        yield from count((*at, "payments"), len(payments), 0, limits.MAX_PAYMENTS, "payments in a phase")


def _times(document: Document) -> Iterator[Problem]:
    yield from _exactly_one(document, "join_within", "join_by")
    yield from _exactly_one(document, "long_stop_after", "long_stop")
    yield from joining_beyond(document)
    yield from too_early(document)
    for key in ("join_within", "long_stop_after", "top_up_within"):
        yield from positive((key,), getattr(document, key))


def _exactly_one(document: Document, first: str, second: str) -> Iterator[Problem]:
    given = [key for key in (first, second) if getattr(document, key) is not None]
    if len(given) == 2:
        yield Problem((second,), f"`{first}` and `{second}` are both given", "keep one of the two", at_key=True)
    elif not given:
        yield Problem((first,), f"neither `{first}` nor `{second}` is given", f"write for example `{first}: 30 days`")


def _coalition(document: Document, declared: Declared) -> Iterator[Problem]:
    parties, least = len(declared.parties), document.min_parties
    if least is not None and not 1 <= least <= parties:
        message = f"{least} parties to begin with, where 1 to {parties} are possible"
        yield Problem(("min_parties",), message, "leave it out when all must join")
    elif document.accession and len(declared.obligations) == 1:
        message = "who joins late is bound from the next phase, and there is only one"
        yield Problem(("accession",), message, "leave it out, or add a phase", at_key=True)
    elif document.accession and least in (None, parties):
        message = "all parties must join before it begins, so that none can join late"
        hint = "lower `min_parties`" if least else "say with `min_parties` how many are enough"
        yield Problem(("accession",), message, f"{hint}, or leave `accession` out", at_key=True)


def _ladder(document: Document, declared: Declared) -> Iterator[Problem]:
    if (found := document.ladder) is None:
        return
    if len(declared.parties) > 1:
        message = f"a ladder leads from a pledge of one party, and here are {len(declared.parties)}"
        yield Problem(("ladder",), message, "leave it out", at_key=True)
    if found.kept is None and found.makers is None:
        yield Problem(("ladder",), "it is not said after what", "write `kept: 3`, or `makers: 2`, or both", at_key=True)
    for key in ("kept", "makers"):
        if getattr(found, key) == 0:
            yield Problem(("ladder", key), "nothing would have to be kept", "write 1 or more")


def _confidential(document: Document) -> Iterator[Problem]:
    if (found := document.confidential) is None:
        return
    if len(found.seal) != SEAL_SIZE:
        message = f"the seal has {len(found.seal)} bytes, not {SEAL_SIZE}"
        yield Problem(("confidential", "seal"), message, "have one made: `pyledger seal FILE --from PHASE`")
    at: Location = ("confidential", "from")
    phases = tuple(phase.id for phase in document.phases)
    yield from known(at, found.from_, phases, "phase")
    if found.from_ == phases[0]:
        hint = "begin with a later one" if len(phases) > 1 else "leave `confidential` out, or add a phase"
        yield Problem(at, "the first phase opens at once, so that everybody can read it", hint)


def _assets(document: Document) -> Iterator[Problem]:
    for name, asset in document.assets.items():
        at: Location = ("assets", name)
        given = asset.model_fields_set
        if asset.native:
            if asset.decimals != NATIVE_DECIMALS:
                yield Problem((*at, "decimals"), f"the native coin has {NATIVE_DECIMALS} decimals", "leave it out")
            continue
        for key, example in (("symbol", "USDX"), ("decimals", "6")):
            if key not in given:
                yield Problem(
                    (*at, key), f"`{key}` is missing", f"write for example `{key}: {example}`, or native: true"
                )
        if asset.decimals > limits.MAX_DECIMALS:
            message = f"{asset.decimals} decimals, at most {limits.MAX_DECIMALS} are possible"
            yield Problem((*at, "decimals"), message, f"write a number from 0 to {limits.MAX_DECIMALS}")


def _parties(document: Document, declared: Declared) -> Iterator[Problem]:
    for kind in ("parties", "recipients", "standing"):
        if OUTSIDE in getattr(declared, kind):
            message = "`outside` means an outside event and can name nobody"
            yield Problem((kind, OUTSIDE), message, "give it another name", at_key=True)
    for name in declared.recipients:
        if name in declared.parties:
            yield Problem(
                ("recipients", name), f"`{name}` is already a party", "a party can receive as it is", at_key=True
            )
    for name, party in document.parties.items():
        at: Location = ("parties", name)
        if party.bond:
            yield from known((*at, "bond", "asset"), party.bond.asset, declared.assets, "asset")
            yield from amount((*at, "bond", "amount"), party.bond.amount, party.bond.asset, document)
        if party.forfeits_to is None:
            highest = max([document.bond_level(name, phase) for phase in document.phases], default=0)
            if party.bond and (party.bond.amount or highest):
                hint = "say who receives what is forfeited, for example `forfeits_to: {…: 60%, …: 40%}`"
                yield Problem((*at, "forfeits_to"), "`forfeits_to` is missing for a party with a bond", hint)
            continue
        if party.bond is None:
            yield Problem(
                (*at, "forfeits_to"), "there is no bond to forfeit", "add `bond`, or leave this out", at_key=True
            )
        yield from shares((*at, "forfeits_to"), party.forfeits_to, declared)
        if name in party.forfeits_to:
            yield Problem(
                (*at, "forfeits_to", name), "a party cannot forfeit to itself", "lower the percentages instead"
            )


def _panel(at: Location, panel: Panel, declared: Declared) -> Iterator[Problem]:
    if (panel.verifiers is None) == (panel.chambers is None):
        both = panel.verifiers is not None
        message = "`verifiers` and `chambers` are both given" if both else "neither `verifiers` nor `chambers` is given"
        yield Problem((*at, "chambers") if both else (*at, "verifiers"), message, "give one of the two", at_key=True)
        return
    seats = panel.seats
    where = (*at, "verifiers") if panel.chambers is None else (*at, "chambers")
    if wrong := tuple(count(where, len(seats), 1, limits.MAX_SEATS, "verifiers on a panel")):
        yield from wrong
        return
    if panel.threshold is None and panel.preset is None:
        hint = f"write a number from 1 to {len(seats)}, or a `preset`"
        yield Problem((*at, "threshold"), "`threshold` is missing", hint)
    elif not 1 <= panel.needed <= len(seats):
        message = f"a threshold of {panel.needed} does not fit {_verifiers(len(seats))}"
        yield Problem((*at, "threshold"), message, f"write a number from 1 to {len(seats)}")
    groups: Mapping[Location, tuple[str, ...]] = {(*at, "verifiers"): panel.verifiers or ()}
    yield from _preset(at, panel)
    if panel.chambers is not None:
        yield from count(where, len(panel.chambers), 1, limits.MAX_CHAMBERS, "chambers on a panel")
        groups = {(*where, name, "verifiers"): chamber.verifiers for name, chamber in panel.chambers.items()}
        for name, chamber in panel.chambers.items():
            yield from _quota((*where, name), chamber, panel)
    seen = set[str]()
    for place, verifiers in groups.items():
        for index, name in enumerate(verifiers):
            if name in seen:
                yield Problem((*place, index), f"`{name}` sits on this panel twice", "each verifier has one vote")
            if name in declared.accounts or name == OUTSIDE:
                yield Problem((*place, index), f"`{name}` names somebody else", "give the verifier a name of its own")
            seen.add(name)


def _preset(at: Location, panel: Panel) -> Iterator[Problem]:
    if panel.preset is None:
        return
    chambers = PRESETS[panel.preset].chambers
    if panel.chambers is None or len(panel.chambers) != chambers:
        found = len(panel.chambers or ())
        given = "none is given" if not found else f"{found} {'is' if found == 1 else 'are'} given"
        message = f"the preset {panel.preset} has {chambers} chambers, and {given}"
        yield Problem((*at, "preset"), message, "give `chambers`, each with its verifiers, or leave the preset out")


def _verifiers(count: int) -> str:
    return f"{count} verifier{'' if count == 1 else 's'}"


def _quota(at: Location, chamber: Chamber, panel: Panel) -> Iterator[Problem]:
    size = len(chamber.verifiers)
    if chamber.at_least is None:
        if panel.preset is None:
            yield Problem((*at, "at_least"), "`at_least` is missing", f"write a number from 0 to {size}")
    elif chamber.at_least > size:
        message = f"at least {chamber.at_least} of {_verifiers(size)} cannot be reached"
        yield Problem((*at, "at_least"), message, f"write a number from 0 to {size}")


def _phase(document: Document, declared: Declared, index: int) -> Iterator[Problem]:
    phase, at = document.phases[index], ("phases", index)
    if phase.id in (earlier.id for earlier in document.phases[:index]):
        message = f"`{phase.id}` is already the id of an earlier phase"
        yield Problem((*at, "id"), message, "give each phase an id of its own")
    yield from start_beyond(at, phase, document)
    if wrong := tuple(count((*at, "bonds"), len(phase.bonds), 0, limits.MAX_PARTIES, "bonds in a phase")):
        yield from wrong
        return
    for party, level in phase.bonds.items():
        place = (*at, "bonds", party)
        yield from known(place, party, declared.parties, "party", at_key=True)
        if party in document.parties:
            if bond := document.parties[party].bond:
                yield from amount(place, level, bond.asset, document)
            else:
                yield Problem(place, f"`{party}` has no bond to set a level for", f"add `bond` to parties.{party}")
    for name, obligation in phase.obligations.items():
        yield from _obligation((*at, "obligations", name), obligation, document, declared, phase)
    for name, payment in phase.payments.items():
        yield from _payment((*at, "payments", name), payment, document, declared, index)


def _obligation(
    at: Location, obligation: Obligation, document: Document, declared: Declared, phase: Phase
) -> Iterator[Problem]:
    yield from known((*at, "decided_by"), obligation.decided_by, declared.panels, "panel")
    yield from known((*at, "by"), obligation.by, (*declared.parties, OUTSIDE), "party")
    yield from positive((*at, "within"), obligation.within)
    yield from deadline_beyond(at, obligation, document, phase)
    if obligation.value is not None:
        yield from value((*at, "value"), obligation.value, document, declared)
    if obligation.by == OUTSIDE:
        if obligation.forfeit is not None:
            yield Problem((*at, "forfeit"), "an outside event has no bond to forfeit", "leave it out", at_key=True)
    elif obligation.by in document.parties:
        level = document.bond_level(obligation.by, phase)
        if level and obligation.forfeit is None:
            hint = "write for example `forfeit: 50%`, or `forfeit: 0%` when a breach costs nothing"
            yield Problem((*at, "forfeit"), f"`forfeit` is missing: `{obligation.by}` has a bond in this phase", hint)
        if not level and obligation.forfeit:
            message = f"`{obligation.by}` has no bond to forfeit in this phase"
            yield Problem((*at, "forfeit"), message, "leave it out, or give the party a bond")


def _payment(at: Location, payment: Payment, document: Document, declared: Declared, index: int) -> Iterator[Problem]:
    yield from known((*at, "from"), payment.from_, declared.parties, "party")
    yield from shares((*at, "to"), payment.to, declared)
    if tuple(payment.to) == (payment.from_,):
        yield Problem(
            (*at, "to"), f"`{payment.from_}` would pay itself", "name another payee, or leave the payment out"
        )
    yield from known((*at, "asset"), payment.asset, declared.assets, "asset")
    yield from amount((*at, "amount"), payment.amount, payment.asset, document)
    yield from positive((*at, "fund_within"), payment.fund_within)
    if not payment.amount:
        yield Problem((*at, "amount"), "a payment of nothing", "give an amount above zero, or leave the payment out")
    if len(payment.when) != 1:
        message = f"a payment hangs on exactly one obligation, here on {len(payment.when)}"
        yield Problem((*at, "when"), message, "write for example `when: {un-lift: met}`")
        return
    for name, verdicts in payment.when.items():
        yield from known(
            (*at, "when", name), name, declared.obligations[index], "obligation of this phase", at_key=True
        )
        if not verdicts or len(set(verdicts)) != len(verdicts):
            yield Problem((*at, "when", name), "no verdict, or one verdict twice", "write for example [met, breached]")
        obligation = document.phases[index].obligations.get(name)
        yield from tiers(at, payment, document, obligation)
        if obligation and payment.fund_within > obligation.deadline:
            message = f"funding may come after `{name}` is decided, {say_duration(obligation.deadline)} into the phase"
            yield Problem((*at, "fund_within"), message, "make it no longer than `within` and `grace` together")
