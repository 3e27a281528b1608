"""Making attestations and relaying them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from pydantic import ValidationError

from pyledger.chain.acceptances import SignedAcceptance
from pyledger.chain.attestations import Motion, SignedAttestation, evidence_hash, seat_of, sign_attestation
from pyledger.chain.connect import Connection
from pyledger.chain.records import Record
from pyledger.chain.transactions import Receipt
from pyledger.cli.act import report
from pyledger.cli.deals import Deal, connected, refused_words
from pyledger.cli.lookup import find_deal
from pyledger.cli.moments import moment
from pyledger.cli.offline import OfflineDeal, offline_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen
from pyledger.cli.signers import any_signer, role_signer
from pyledger.errors import SignatureError, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.state import State
from pyledger.terms.structs import Verdict

__all__ = ["Statement", "attest_now", "attest_offline", "decided_in", "submit_files", "write_records"]

_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_DEEPEST: Final = 100
_MOST_BYTES: Final = 4 * 1024 * 1024
"""Largest file of signed records that is read: thousands of them."""


class Statement(NamedTuple):
    """What verifiers say, as it was typed."""

    obligation: str
    verdict: str
    value: int
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

    def expiry(self, now: int, never: int) -> int:
        """Unix seconds after which nobody may submit it."""
        return never if self.expires is None else moment(self.expires, now)


def attest_now(named: str, statement: Statement, roles: Sequence[str], where: Where, screen: Screen) -> None:
    """Sign for each verifier and send everything in one transaction, paid by the first."""
    with connected(where) as connection:
        deal = find_deal(named, where, connection)
        state = deal.agreement.state()
        if said_then := _said_before(deal, state, statement, roles):
            report(screen, deal, (), already=said_then)
            return
        index = deal.obligation(statement.obligation, state)
        if state.verdicts[index] is statement.given:
            report(screen, deal, (), already=[f"{statement.obligation} is decided already: {statement.verdict}"])
            return
        before = _before(deal, state.phase, index) if state.verdicts[index] is Verdict.UNDECIDED else {}
        signers = {role: role_signer(role, deal.reader, connection.chain_id, where) for role in roles}
        already, records = [], []
        for role, signer in signers.items():
            said = before.get(_seat(deal, role, signer.address, state.phase, index))
            if said == (statement.given, statement.value):
                already.append(f"{role} has attested that already")
                continue
            if said is not None:
                raise refused_words(
                    f"{role} has attested before that {statement.obligation} is {said[0].name.lower()}",
                    name="NoNewVoice",
                    hint="a seat has one voice, and cannot take it back",
                )
            records.append(
                sign_attestation(
                    signer,
                    deal.terms,
                    Motion(state.phase, index, statement.given, statement.value),
                    chain_id=connection.chain_id,
                    agreement=deal.agreement.address,
                    expiry=statement.expiry(deal.now(), deal.terms.longStop),
                    evidence=statement.evidence_hash(),
                    names=deal.names,
                )
            )
        with deal.speaking():
            receipts = deal.agreement.attest(signers[roles[0]], records) if records else ()
        report(screen, deal, receipts, already=already)


def _said_before(deal: Deal, state: State, statement: Statement, roles: Sequence[str]) -> list[str]:
    """What there is no need to do, where a phase that is over heard exactly this; nothing where it did not."""
    place = deal.settled(deal.names.obligations, statement.obligation, state)
    if place is None:
        return []
    if decided_in(deal, place) is statement.given:
        return [f"{statement.obligation} is decided already: {statement.verdict}"]
    heard = _before(deal, *place)
    seats = [_seat(deal, role, deal.account(role), *place) for role in roles]
    if any(heard.get(seat) != (statement.given, statement.value) for seat in seats):
        return []
    return [f"{role} has attested that already" for role in roles]


def decided_in(deal: Deal, place: tuple[int, int]) -> Verdict | None:
    """The verdict that a panel or the obligor itself gave on an obligation (phase and index), if they did."""
    from pyledger.chain.events import Decided

    decided = (event for event in deal.events() if isinstance(event, Decided))
    return next((event.verdict for event in decided if (event.phase, event.obligation) == place), None)


def _before(deal: Deal, phase: int, obligation: int) -> dict[int, tuple[Verdict, int]]:
    """What each seat has attested of an obligation before: verdict and value."""
    from pyledger.chain.events import Attested

    return {
        event.seat: (event.verdict, event.value)
        for event in deal.events()
        if isinstance(event, Attested) and (event.phase, event.obligation) == (phase, obligation)
    }


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


def attest_offline(
    named: str, statement: Statement, roles: Sequence[str], where: Where, out: Path | None, screen: Screen
) -> None:
    """Sign without a node, and print or write what was signed."""
    deal = offline_deal(named, where)
    phase, index = deal.obligation(statement.obligation)
    records = []
    for role in dict.fromkeys(roles):
        signer = role_signer(role, deal.reader, deal.chain_id, where)
        _seat(deal, role, signer.address, phase, index)
        records.append(
            sign_attestation(
                signer,
                deal.terms,
                Motion(phase, index, statement.given, statement.value),
                chain_id=deal.chain_id,
                agreement=deal.address,
                expiry=statement.expiry(int(time.time()), deal.terms.longStop),
                evidence=statement.evidence_hash(),
                names=deal.names,
            )
        )
    write_records(records, out, screen)


def write_records(records: Sequence[Record], out: Path | None, screen: Screen) -> None:
    """Signed records to a file, or to standard output; more than one as a list."""
    found = [json.loads(record.model_dump_json()) for record in records]
    text = json.dumps(found[0] if len(found) == 1 else found, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", hint="choose another place") from None
    screen.data({"file": str(out), "records": len(found)})
    many = f"{len(found)} signed records" if len(found) > 1 else "a signed record"
    screen.say(f"wrote {many} to {out}; anybody can relay it: pyledger submit {out}")


def submit_files(files: Sequence[Path], named: str | None, role: str | None, where: Where, screen: Screen) -> None:
    """Relay everything in some files: acceptances one by one, attestations a transaction for each verdict."""
    records = [record for file in files for record in _read(file)]
    agreements = {record.agreement for record in records}
    if named is None and len(agreements) > 1:
        raise UsageError(
            f"the files are for {len(agreements)} different agreements", hint="submit those of one agreement at a time"
        )
    with connected(where) as connection:
        for record in records:
            _require_chain(record, connection)
        deal = find_deal(named or checksum(records[0].agreement), where, connection)
        signer = any_signer(role, deal.reader, connection.chain_id, where)
        heard = {record: words for record in records if (words := _heard(deal, record))}
        new = [record for record in records if record not in heard]
        receipts: list[Receipt] = []
        with deal.speaking():
            receipts += [
                deal.agreement.accept(signer, acceptance=record)
                for record in new
                if isinstance(record, SignedAcceptance)
            ]
            attestations = [record for record in new if isinstance(record, SignedAttestation)]
            if attestations:
                receipts += deal.agreement.attest(signer, attestations)
        report(screen, deal, receipts, already=list(heard.values()))


def _heard(deal: Deal, record: SignedAttestation | SignedAcceptance) -> str | None:
    """What to say of a record that the agreement has had before; None of one that it has not, or that is not for it."""
    if record.agreement != deal.agreement.address:
        return None
    if isinstance(record, SignedAcceptance):
        joined = {deal.terms.parties[index].account for index in deal.agreement.state().members}
        return f"{deal.reader.who(record.account)} has accepted already" if record.account in joined else None
    try:
        seat = seat_of(deal.terms, record.phase, record.obligation, record.verifier)
    except SignatureError:
        return None
    said = _before(deal, record.phase, record.obligation).get(seat)
    same = said == (record.motion.verdict, record.value)
    return f"{deal.reader.who(record.verifier)} has attested that already" if same else None


def _read(file: Path) -> list[SignedAttestation | SignedAcceptance]:
    """The signed records in a file: one, or a list."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise SignatureError(
                f"the file has more than {_MOST_BYTES:,} bytes", where=str(file), hint="is it the one?"
            )
        if _depth(raw) > _DEEPEST:
            raise SignatureError("this is nested too deeply to be a signed record", where=str(file))
        content: Any = json.loads(raw.decode("utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="check the path") from None
    except ValueError as error:
        raise SignatureError(f"this is not JSON: {error}", where=str(file)) from None
    found = content if isinstance(content, list) else [content]
    if not found:
        raise SignatureError("the file holds no signed record", where=str(file))
    return [_record(each, file) for each in found]


def _depth(raw: bytes) -> int:
    """How deeply JSON is nested at most, as its brackets say: Python's own reader may crash on what is too deep."""
    steps = (1 if bracket in b"[{" else -1 for bracket in re.findall(rb"[][{}]", raw))
    return max(accumulate(steps), default=0)


def _record(content: Any, file: Path) -> SignedAttestation | SignedAcceptance:
    kinds: dict[str, type[SignedAttestation | SignedAcceptance]] = {
        "attestation": SignedAttestation,
        "acceptance": SignedAcceptance,
    }
    kind = content.get("kind") if isinstance(content, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise SignatureError(
            "this is no signed attestation or acceptance", where=str(file), hint="`attest --offline` makes them"
        )
    try:
        return kinds[kind].model_validate_json(json.dumps(content))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(each) for each in first["loc"]) or "the record"
        raise SignatureError(
            f"this is not a signed {kind}: {place}: {first['msg']}",
            where=str(file),
            hint="ask for the file as `--offline` wrote it",
        ) from None


def _require_chain(record: SignedAttestation | SignedAcceptance, connection: Connection) -> None:
    if record.chain_id != connection.chain_id:
        raise SignatureError(
            f"it was signed for chain {record.chain_id}, and this is chain {connection.chain_id}",
            where=connection.network.place,
            hint="choose the network with --network",
        )
