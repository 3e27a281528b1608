"""From words to terms: a document and its bindings become the typed data that is signed and hashed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pyledger.document import OUTSIDE as OUTSIDE_WORD, Document, document_hash, model
from pyledger.document.limits import MAX_TIME
from pyledger.document.units import say_time, to_smallest
from pyledger.errors import TermsError
from pyledger.terms.bindings import Bindings, check_bindings
from pyledger.terms.names import Names
from pyledger.terms.structs import (
    NATIVE,
    OUTSIDE,
    Obligation,
    Panel,
    Party,
    Payment,
    Phase,
    Seat,
    Share,
    Terms,
    Tier,
    Verdict,
)

__all__ = ["compile_terms"]

_VERDICTS: Final[Mapping[str, Verdict]] = {
    "met": Verdict.MET,
    "breached": Verdict.BREACHED,
    "lapsed": Verdict.LAPSED,
}

_NO_SALT: Final = bytes(32)
"""A phase that is disclosed at opening needs no salt to keep it from being guessed."""

_NOBODY: Final = bytes(20)
"""Where the terms have an address and the document names nobody."""


def compile_terms(document: Document, bindings: Bindings) -> Terms:
    """The terms of a document on one network.

    Raises `BindingsError` when the bindings do not fit the document, and `TermsError` when its times, now that their
    start is known, contradict each other: at the latest, joining ends at its date, and each phase opens when the one
    before it could have been decided by silence and, where there is a court, contested and ruled on.
    """
    check_bindings(document, bindings)
    names = Names.of(document, bindings)
    join_by = _moment(document.join_by, document.join_within, bindings.start)
    long_stop = _moment(document.long_stop, document.long_stop_after, bindings.start)
    _check_times(document, join_by, long_stop)
    court = document.arbitration
    return Terms(
        document=document_hash(document),
        predecessor=bindings.predecessor or _NOBODY,
        joinBy=join_by,
        longStop=long_stop,
        minParties=document.needed_parties,
        accession=document.accession,
        challengeWindow=court.challenge_within if court else 0,
        rulingWindow=court.ruling_within if court else 0,
        topUpWithin=document.top_up_within,
        defaultForfeitBps=document.default_forfeits,
        arbitrator=names.account(court.court) if court else _NOBODY,
        arbitratorData=(court.data if court else None) or b"",
        parties=tuple(_party(name, document, names) for name in document.parties),
        panels=tuple(_panel(panel, names) for panel in document.panels.values()),
        standing=tuple(names.account(name) for name in document.standing),
        phases=tuple(_phase(index, document, names) for index in range(len(document.phases))),
    )


def _party(name: str, document: Document, names: Names) -> Party:
    party = document.parties[name]
    if party.bond is None:
        return Party(names.account(name), NATIVE, 0, ())
    asset, bond = names.asset(party.bond.asset), _smallest(party.bond.amount, party.bond.asset, document)
    return Party(names.account(name), asset, bond, _shares(party.forfeits_to or {}, names))


def _panel(panel: model.Panel, names: Names) -> Panel:
    seats = tuple(Seat(names.account(verifier), chamber) for verifier, chamber in panel.seats)
    return Panel(panel.needed, panel.quotas, seats)


def _phase(index: int, document: Document, names: Names) -> Phase:
    phase = document.phases[index]
    return Phase(
        salt=_salt(index, document),
        notBefore=phase.not_before or 0,
        bonds=tuple(_level(name, phase, document) for name in document.parties) if phase.bonds else (),
        obligations=tuple(_obligation(obligation, names) for obligation in phase.obligations.values()),
        payments=tuple(_payment(payment, phase, document, names) for payment in phase.payments.values()),
    )


def _salt(index: int, document: Document) -> bytes:
    """Nothing that is published tells the salt of a phase that is not: each is a hash of the seal (32 bytes) anew."""
    if document.confidential is None or index < document.open_phases:
        return _NO_SALT
    from eth_hash.auto import keccak  # loaded only where a document is sealed

    return keccak(document.confidential.seal + index.to_bytes(32, "big"))


def _level(name: str, phase: model.Phase, document: Document) -> int:
    bond = document.parties[name].bond
    return _smallest(document.bond_level(name, phase), bond.asset, document) if bond else 0


def _obligation(obligation: model.Obligation, names: Names) -> Obligation:
    return Obligation(
        obligor=OUTSIDE if obligation.by == OUTSIDE_WORD else names.party(obligation.by),
        panel=names.panel(obligation.decided_by),
        presumption=_VERDICTS[obligation.if_silent],
        material=obligation.material,
        within=obligation.within,
        grace=obligation.grace,
        forfeitBps=obligation.forfeit or 0,
    )


def _payment(payment: model.Payment, phase: model.Phase, document: Document, names: Names) -> Payment:
    return Payment(
        payer=names.party(payment.from_),
        obligation=names.obligation(phase.id, payment.obligation),
        on=sum(1 << _VERDICTS[word] for word in payment.on),
        asset=names.asset(payment.asset),
        amount=_smallest(payment.amount, payment.asset, document),
        due=payment.fund_within,
        payees=_shares(payment.to, names),
        tiers=_tiers(payment, phase, document),
    )


def _tiers(payment: model.Payment, phase: model.Phase, document: Document) -> tuple[Tier, ...]:
    if payment.tiers is None:
        return ()
    measure = document.measure(phase.obligations[payment.obligation])
    assert measure is not None, "a document has no tiers without a value"
    return tuple(
        Tier(measure.integer(tier.from_), _smallest(tier.pays, payment.asset, document), tier.then)
        for tier in payment.tiers
    )


def _shares(shares: Mapping[str, int], names: Names) -> tuple[Share, ...]:
    return tuple(Share(names.account(name), points) for name, points in shares.items())


def _smallest(amount: Decimal, asset: str, document: Document) -> int:
    return to_smallest(amount, document.assets[asset].decimals)


def _moment(date: int | None, duration: int | None, start: int | None) -> int:
    """A date, or a duration after the start; the document gives one, and `check_bindings` saw to the start."""
    return date if date is not None else (start or 0) + (duration or 0)


def _check_times(document: Document, join_by: int, long_stop: int) -> None:
    if long_stop > MAX_TIME:
        raise TermsError(
            f"the long stop, {long_stop} Unix seconds, is beyond what the terms can hold",
            where="long_stop",
            hint="move the long stop, or the start in the bindings",
        )
    if join_by >= long_stop:
        what = f"joining ends at {say_time(join_by)}, not before the long stop at {say_time(long_stop)}"
        raise TermsError(what, where="long_stop", hint="move the long stop, or the start in the bindings")
    latest = join_by
    for phase in document.phases:
        latest = max(latest, phase.not_before or 0)
        for name, obligation in phase.obligations.items():
            if latest + obligation.deadline > long_stop:
                what = f"the deadline of `{name}` can come after the long stop at {say_time(long_stop)}"
                where = f"phases.{phase.id}.obligations.{name}"
                raise TermsError(what, where=where, hint="shorten it or what comes before it, or move the long stop")
        latest += max(obligation.deadline for obligation in phase.obligations.values()) + document.contest_time
