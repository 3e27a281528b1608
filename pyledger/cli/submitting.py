"""Signed records as files: writing them, and relaying what others have signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar, cast

import click

from pyledger.chain.acceptances import SignedAcceptance
from pyledger.chain.attestations import SignedAttestation, group_attestations, seat_of
from pyledger.chain.connect import Connection
from pyledger.chain.consents import Consent, SignedDissolution, SignedExtension
from pyledger.chain.keys import Signer
from pyledger.chain.records import Record, dump_records, read_records
from pyledger.chain.rulings import SignedRuling
from pyledger.chain.transactions import Receipt
from pyledger.cli.act import report
from pyledger.cli.attesting import said_before
from pyledger.cli.bundled import bundled
from pyledger.cli.consenting import done_already, require_current
from pyledger.cli.deals import Deal, connected
from pyledger.cli.lookup import find_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen
from pyledger.cli.overtaken import attested_before
from pyledger.cli.ruling import ruled_already
from pyledger.cli.signers import any_signer
from pyledger.cli.writing import write
from pyledger.errors import PyledgerError, SignatureError, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.state import State

__all__ = ["submit_files", "write_records"]

_Signed = SignedAttestation | SignedAcceptance | SignedDissolution | SignedExtension | SignedRuling
_KINDS: Final[tuple[type[Record], ...]] = (
    SignedAttestation,
    SignedAcceptance,
    SignedDissolution,
    SignedExtension,
    SignedRuling,
)
_R = TypeVar("_R", bound=Record)


def write_records(records: Sequence[Record], out: Path | None, screen: Screen, *, then: str = "submit") -> None:
    """Signed records to a file, or to standard output; `then` is the command that takes them further."""
    text = dump_records(records)
    if out is None:
        click.echo(text, nl=False)
        return
    write(out, text.encode(), force=True)
    screen.data({"file": str(out), "records": len(records)})
    many = f"{len(records)} signed records" if len(records) > 1 else "a signed record"
    screen.say(f"wrote {many} to {out}")
    if then == "submit":
        screen.say(f"anybody can relay it: pyledger submit {out}")
    else:
        screen.say(f"the next to agree: pyledger {then} {out} --as MEMBER; when all have: pyledger submit {out}")


def submit_files(files: Sequence[Path], named: str | None, role: str | None, where: Where, screen: Screen) -> None:
    """Relay everything in some files; what belongs together goes in one transaction."""
    records: list[_Signed] = []
    for file in files:
        bundle = bundled(file)
        records += bundle.signatures if bundle else cast(tuple[_Signed, ...], read_records(file, *_KINDS))
    if not records:
        raise SignatureError("nobody has signed the bundle yet", hint="see who is to sign: `pyledger verify BUNDLE`")
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
        state = deal.agreement.state()
        heard = {record: words for record in records if (words := _heard(deal, record, state))}
        receipts: list[Receipt] = []
        unheard = [record for record in records if record not in heard]
        already = list(dict.fromkeys(heard.values()))
        with deal.speaking():
            try:
                for some in _send(deal, signer, unheard, already):
                    receipts += some
            except PyledgerError as error:
                if receipts:
                    before = f"what came before it was submitted ({len(receipts)} transactions)"
                    error.hint = f"{error.hint}; {before}" if error.hint else before
                raise
        report(screen, deal, receipts, already=already)


def _send(deal: Deal, signer: Signer, records: Sequence[Record], already: list[str]) -> Iterator[Sequence[Receipt]]:
    """Sends it step by step, in an order in which it can be; adds to `already` what somebody else was faster with."""
    for acceptance in _of(SignedAcceptance, records):
        yield [deal.agreement.accept(signer, acceptance=acceptance)]
    if attestations := _of(SignedAttestation, records):
        receipts = deal.agreement.attest(signer, attestations)
        already += attested_before(deal, group_attestations(attestations), receipts)
        yield receipts
    rulings = _of(SignedRuling, records)
    for dispute in dict.fromkeys(record.dispute for record in rulings):
        same = [record for record in rulings if record.dispute == dispute]
        yield [deal.agreement.court().rule(signer, same)]
    extensions = _of(SignedExtension, records)
    for said in dict.fromkeys(record.said for record in extensions):
        require_current(deal, deal.agreement.state(), said)
        yield [deal.agreement.extend(signer, said, [record for record in extensions if record.said == said])]
    if dissolutions := _of(SignedDissolution, records):
        require_current(deal, deal.agreement.state(), dissolutions[0].said)
        yield [deal.agreement.dissolve(signer, dissolutions[0].said, dissolutions)]


def _of(kind: type[_R], records: Iterable[Record]) -> list[_R]:
    return [record for record in records if isinstance(record, kind)]


def _heard(deal: Deal, record: _Signed, state: State) -> str | None:
    """What to say of a record that the agreement has had before; None of one that it has not, or that is not for it."""
    if record.agreement != deal.agreement.address:
        return None
    if isinstance(record, SignedAcceptance):
        joined = {deal.terms.parties[index].account for index in state.members | state.joining}
        return f"{deal.reader.who(record.account)} has accepted already" if record.account in joined else None
    if isinstance(record, Consent):
        return done_already(deal, state, record.said)
    if isinstance(record, SignedRuling):
        return ruled_already(deal, record)
    try:
        seat = seat_of(deal.terms, record.phase, record.obligation, record.verifier)
    except SignatureError:
        return None
    said = said_before(deal, record.phase, record.obligation).get(seat)
    same = said == (record.motion.verdict, record.value)
    return f"{deal.reader.who(record.verifier)} has attested that already" if same else None


def _require_chain(record: _Signed, connection: Connection) -> None:
    if record.chain_id != connection.chain_id:
        raise SignatureError(
            f"it was signed for chain {record.chain_id}, and this is chain {connection.chain_id}",
            where=connection.network.place,
            hint="choose the network with --network",
        )
