"""Making attestations and relaying them."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pyledger.chain.attestations import Motion, SignedAttestation, evidence_hash, seat_of, sign_attestation
from pyledger.cli.act import report
from pyledger.cli.balloting_seats import require_no_ballot
from pyledger.cli.deals import Deal, connected, refused_words
from pyledger.cli.lookup import find_deal
from pyledger.cli.offline import OfflineDeal, offline_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen
from pyledger.cli.overtaken import attested_before
from pyledger.cli.signers import role_signer
from pyledger.document.measure import Measure
from pyledger.document.moments import expiry_of
from pyledger.document.units import NotUnderstood
from pyledger.errors import SignatureError, UsageError
from pyledger.observer.reader import Reader
from pyledger.terms.outcome import releases
from pyledger.terms.state import State
from pyledger.terms.structs import Verdict

__all__ = ["Statement", "attest_now", "attest_offline", "decided_in", "said_before"]

_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_DEEPEST: Final = 100
_MOST_BYTES: Final = 4 * 1024 * 1024
"""Largest file of signed records that is read: thousands of them."""


class Statement(NamedTuple):
    """What verifiers say, as it was typed."""

    obligation: str
    verdict: str
    value: str | None
    evidence: str | None
    expires: str | None

    @property
    def given(self) -> Verdict:
        """The verdict."""
        return Verdict[self.verdict.upper()]

    def evidence_hash(self) -> bytes:
        """32 bytes: the hash given, that of the file given, or zero."""
        if self.evidence is None:
            return bytes(32)
        if _HASH.fullmatch(self.evidence):
            return bytes.fromhex(self.evidence[2:])
        try:
            return evidence_hash(Path(self.evidence).read_bytes())
        except OSError as error:
            raise UsageError(
                f"the evidence {self.evidence} cannot be read: {error.strerror}",
                hint="give a file, or 0x and the 64 digits of a hash",
            ) from None

    def number(self, reader: Reader, phase: int, index: int) -> int:
        """The value that is signed for the one given, which is in the unit that the document declares."""
        measure = reader.measure(phase, index)
        if self.value is None:
            if measure is not None and (self.given is Verdict.MET or _follows(reader, phase, index, self.given)):
                raise UsageError(
                    f"the document asks for a value with `{self.obligation}`, and none is given",
                    hint=f"give --value N, in {measure.unit}; 0 if there was none",
                )
            return 0
        if measure is None and reader.document is not None:
            raise UsageError(
                f"the document says of no value that is attested with `{self.obligation}`", hint="leave --value out"
            )
        try:
            return (measure or Measure("", 0)).integer(self.value)
        except NotUnderstood as error:
            raise UsageError(f"--value: {error.message}", hint=error.hint) from None

    def expiry(self, now: int, never: int) -> int:
        """Unix seconds after which nobody may submit it."""
        return never if self.expires is None else expiry_of(self.expires, now)


def _follows(reader: Reader, phase: int, index: int, given: Verdict) -> bool:
    """Whether a payment that this verdict releases follows a value."""
    payments = reader.terms.phases[phase].payments
    return any(each.tiers and each.obligation == index and releases(each, given) for each in payments)


def attest_now(named: str, statement: Statement, roles: Sequence[str], where: Where, screen: Screen) -> None:
    """Sign for each verifier and send everything in one transaction, paid by the first."""
    with connected(where, named) as connection:
        deal = find_deal(named, where, connection)
        state = deal.agreement.state()
        if said_then := _said_then(deal, state, statement, roles):
            report(screen, deal, (), already=said_then)
            return
        index = deal.obligation(statement.obligation, state)
        if state.verdicts[index] is statement.given:
            report(screen, deal, (), already=[f"{statement.obligation} is decided already: {statement.verdict}"])
            return
        value = statement.number(deal.reader, state.phase, index)
        before = said_before(deal, state.phase, index) if state.verdicts[index] is Verdict.UNDECIDED else {}
        for role in roles:
            require_no_ballot(deal, role, statement.obligation)
        signers = {role: role_signer(role, deal.reader, connection.chain_id, where) for role in roles}
        already, records = [], []
        for role, signer in signers.items():
            said = before.get(_seat(deal, role, signer.address, state.phase, index))
            if said == (statement.given, value):
                already.append(f"{role} has attested that already")
                continue
            if said is not None:
                before_now = _said(deal, state.phase, index, said)
                raise refused_words(
                    f"{role} has attested before that {statement.obligation} is {before_now}",
                    name="NoNewVoice",
                    hint="a seat has one voice, and cannot take it back",
                )
            records.append(
                sign_attestation(
                    signer,
                    deal.terms,
                    Motion(state.phase, index, statement.given, value),
                    chain_id=connection.chain_id,
                    agreement=deal.agreement.address,
                    expiry=statement.expiry(deal.now(), deal.terms.longStop),
                    evidence=statement.evidence_hash(),
                    names=deal.names,
                )
            )
        with deal.speaking():
            receipts = deal.agreement.attest(signers[roles[0]], records) if records else ()
        motions = [Motion(state.phase, index, statement.given, value)] if records else []
        already += attested_before(deal, motions, receipts)
        report(screen, deal, receipts, already=already)


def _said_then(deal: Deal, state: State, statement: Statement, roles: Sequence[str]) -> list[str]:
    """What there is no need to do, where a phase that is over heard exactly this; nothing where it did not."""
    place = deal.settled(deal.names.obligations, statement.obligation, state)
    if place is None:
        return []
    if decided_in(deal, place) is statement.given:
        return [f"{statement.obligation} is decided already: {statement.verdict}"]
    heard, value = said_before(deal, *place), statement.number(deal.reader, *place)
    seats = [_seat(deal, role, deal.account(role), *place) for role in roles]
    if any(heard.get(seat) != (statement.given, value) for seat in seats):
        return []
    return [f"{role} has attested that already" for role in roles]


def decided_in(deal: Deal, place: tuple[int, int]) -> Verdict | None:
    """The verdict that a panel or the obligor itself gave on an obligation (phase and index), if they did."""
    from pyledger.chain.events import Decided

    decided = (event for event in deal.events() if isinstance(event, Decided))
    return next((event.verdict for event in decided if (event.phase, event.obligation) == place), None)


def said_before(deal: Deal, phase: int, obligation: int) -> dict[int, tuple[Verdict, int]]:
    """What each seat has attested of an obligation before: verdict and value."""
    from pyledger.chain.events import Attested

    return {
        event.seat: (event.verdict, event.value)
        for event in deal.events()
        if isinstance(event, Attested) and (event.phase, event.obligation) == (phase, obligation)
    }


def _said(deal: Deal, phase: int, index: int, said: tuple[Verdict, int]) -> str:
    counted = said[1] or deal.reader.measure(phase, index)
    value = f", value {deal.reader.measured(phase, index, said[1])}" if counted else ""
    return f"{said[0].name.lower()}{value}"


def _seat(deal: Deal | OfflineDeal, role: str, account: bytes, phase: int, obligation: int) -> int:
    """The verifier's seat; SignatureError in the document's words if it has none."""
    panel = deal.terms.phases[phase].obligations[obligation].panel
    try:
        return seat_of(deal.terms, phase, obligation, account)
    except SignatureError:
        raise SignatureError(
            f"{role} has no seat on the panel `{deal.names.panels[panel]}`, which decides "
            f"`{deal.names.obligations[phase][obligation]}`",
            hint=f"its verifiers: {', '.join(deal.names.seats[panel])}",
        ) from None


def attest_offline(named: str, statement: Statement, roles: Sequence[str], where: Where) -> list[SignedAttestation]:
    """Signed attestations; no node is asked."""
    deal = offline_deal(named, where)
    phase, index = deal.obligation(statement.obligation)
    value = statement.number(deal.reader, phase, index)
    records = []
    for role in dict.fromkeys(roles):
        signer = role_signer(role, deal.reader, deal.chain_id, where)
        _seat(deal, role, signer.address, phase, index)
        records.append(
            sign_attestation(
                signer,
                deal.terms,
                Motion(phase, index, statement.given, value),
                chain_id=deal.chain_id,
                agreement=deal.address,
                expiry=statement.expiry(int(time.time()), deal.terms.longStop),
                evidence=statement.evidence_hash(),
                names=deal.names,
            )
        )
    return records
