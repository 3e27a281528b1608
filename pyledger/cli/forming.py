"""Forming panels: constituencies nominate, whoever is on a side steps aside, the bindings get their verifiers."""

from __future__ import annotations

from pathlib import Path

import click

from pyledger.cli.lazy import Group
from pyledger.cli.options import Where, answers, deal_argument, given_address, key_options, output_option
from pyledger.cli.output import Screen
from pyledger.cli.writing import refuse_there, write

__all__ = ["panel"]

_file = click.Path(path_type=Path, dir_okay=False)
_bindings = click.option(
    "--bindings",
    "bindings_file",
    required=True,
    type=_file,
    metavar="FILE",
    help="Who is who: parties and `nominators`; verifiers that are nominated can be missing.",
)


@click.group(cls=Group)
def panel() -> None:
    """Fill the seats of panels: constituencies nominate, conflicts are recused, and the bindings are written."""


@panel.command()
@deal_argument
@click.argument("seat")
@click.argument("holder", metavar="ADDRESS")
@click.option("--conflict", "conflicts", multiple=True, metavar="PARTY", help="A party on whose side the nominee is.")
@click.option("--rank", type=click.IntRange(1, 255), default=1, show_default=True, help="1 is first choice; then 2, …")
@output_option("Write the signed nomination to FILE (default: print it).")
@_bindings
@key_options
@answers
def nominate(
    deal: str,
    seat: str,
    holder: str,
    conflicts: tuple[str, ...],
    rank: int,
    output: Path | None,
    bindings_file: Path,
    where: Where,
    screen: Screen,
) -> None:
    """Sign, as the constituency that the document names for SEAT, whom it sends; asking no node."""
    from pyledger.chain.nominations import sign_nomination
    from pyledger.chain.records import dump_records
    from pyledger.cli.papers import read_document
    from pyledger.cli.signers import account_signer
    from pyledger.document import document_hash
    from pyledger.document.problem import did_you_mean
    from pyledger.errors import UsageError
    from pyledger.terms.bindings import load_bindings
    from pyledger.terms.formation import nominated_seats
    from pyledger.terms.typed_data import Nomination

    document, bindings = read_document(deal), load_bindings(bindings_file)
    seats = nominated_seats(document)
    if seat not in seats:
        raise UsageError(f"nobody nominates for a seat `{seat}`", hint=did_you_mean(seat, seats))
    for party in conflicts:
        if party not in document.parties:
            raise UsageError(f"there is no party `{party}`", hint=did_you_mean(party, document.parties))
    body = seats[seat]
    if body not in bindings.nominators:
        raise UsageError(
            f"{bindings_file} does not say which account `{body}` is",
            hint=f"write it there: `nominators: {{{body}: 0x…}}`",
        )
    sent = given_address(holder, "ADDRESS")
    if not any(sent):
        raise UsageError("ADDRESS: the zero address belongs to nobody", hint="write the nominee's own address")
    nomination = Nomination(document_hash(document), seat, sent, conflicts, rank)
    signer = account_signer(bindings.nominators[body], body, bindings.chain_id, where)
    signed = dump_records([sign_nomination(signer, nomination, chain_id=bindings.chain_id)])
    if output is None:
        click.echo(signed, nl=False)
        return
    write(output, signed.encode(), force=True)
    screen.data({"file": str(output)})
    screen.say(f"wrote {output}: {body} sends {holder} to {seat}")


@panel.command()
@deal_argument
@click.argument("files", nargs=-1, required=True, type=_file, metavar="NOMINATION...")
@output_option("The bindings with the verifiers in them.", required=True)
@click.option("--force", is_flag=True, help="Overwrite the output if it is there.")
@_bindings
@answers
def form(deal: str, files: tuple[Path, ...], output: Path, force: bool, bindings_file: Path, screen: Screen) -> int:
    """Fill the seats from nominations: signatures are checked, who is on a side steps aside, alternates move up.

    Writes the bindings with who sits where, which open the agreement. Exits with 1, and writes nothing, where a seat
    stays empty.
    """
    from pyledger.chain.nominations import SignedNomination, check_nomination
    from pyledger.chain.records import read_records
    from pyledger.cli.papers import read_document
    from pyledger.terms.addresses import checksum
    from pyledger.terms.bindings import dump_bindings, load_bindings
    from pyledger.terms.formation import form as fill, nominated_seats

    refuse_there(output, force=force)
    document, bindings = read_document(deal), load_bindings(bindings_file)
    said = [
        check_nomination(each, document, bindings, file=file)
        for file in files
        for each in read_records(file, SignedNomination)
    ]
    open_seats = nominated_seats(document)
    taken = {name: account for name, account in bindings.verifiers.items() if name not in open_seats}
    formed = fill(document, said, bindings.parties, taken)
    screen.data(
        {
            "file": None if formed.vacant else str(output),
            "seats": {seat: checksum(holder) for seat, holder in formed.holders.items()},
            "recused": [each._asdict() | {"holder": checksum(each.holder)} for each in formed.recused],
            "vacant": list(formed.vacant),
        }
    )
    rows = [(seat, checksum(holder), open_seats.get(seat, "as bound")) for seat, holder in formed.holders.items()]
    screen.table(rows, columns=("seat", "holder", "sent by"), styles={0: "cyan"})
    for each in formed.recused:
        words = (
            f"{checksum(each.holder)} steps aside from {each.seat}: panel {each.panel} decides what {each.party} owes"
        )
        screen.say(words, "yellow")
    for seat in formed.vacant:
        screen.say(f"{seat} is empty: {open_seats[seat]} has nobody left, and nominates another", "bold red")
    if formed.vacant:
        return 1
    filled = bindings.model_copy(update={"verifiers": dict(formed.holders)})
    write(output, dump_bindings(filled).encode(), force=force)
    screen.say(f"wrote {output}")
    screen.say(f"next: pyledger open {deal} --bindings {output}", "dim")
    return 0
