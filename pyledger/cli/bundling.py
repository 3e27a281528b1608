"""Signing the terms away from any chain, and all that was agreed in one file: the work behind the commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pyledger.chain.acceptances import (
    SignedAcceptance,
    check_acceptance,
    request_acceptance,
    sign_acceptance,
    take_signature,
)
from pyledger.chain.bundles import Step, check_bundle, dump_bundle, make_bundle, read_bundle
from pyledger.chain.records import dump_records, read_records
from pyledger.cli.bundled import bundled, is_bundle
from pyledger.cli.lookup import options_of
from pyledger.cli.offline import OfflineDeal, offline_deal
from pyledger.cli.options import Where
from pyledger.cli.output import Screen
from pyledger.cli.papers import as_address, document_text
from pyledger.cli.sealing import HOLDS_THE_SEAL
from pyledger.cli.writing import write
from pyledger.errors import PyledgerError, SignatureError, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import loads_bindings
from pyledger.terms.typed_data import terms_digest, terms_hash

__all__ = ["bundle_up", "request_signature", "sign_here", "take_back", "verify_bundle"]

_MOST_TEXT: Final = 64 * 1024
"""Longest signature that is read, in characters: a contract's may be long."""


def sign_here(named: str, role: str, where: Where, out: Path | None, screen: Screen) -> None:
    """Sign with a key that is here."""
    from pyledger.cli.signers import role_signer

    _keep(out, named, where=where)
    deal = offline_deal(named, where)
    deal.names.party(role)
    signer = role_signer(role, deal.reader, deal.chain_id, where)
    record = sign_acceptance(signer, deal.terms, chain_id=deal.chain_id, agreement=deal.address, names=deal.names)
    _signed(record, deal, out, screen)


def request_signature(named: str, role: str, where: Where, file: Path, screen: Screen) -> None:
    """Write what a wallet elsewhere is to sign."""
    _keep(file, named, where=where)
    deal = offline_deal(named, where)
    party = deal.names.party(role)
    request = request_acceptance(deal.terms, party, chain_id=deal.chain_id, agreement=deal.address, names=deal.names)
    write(file, dump_records([request]).encode(), force=True)
    screen.data({"file": str(file), **_facts(deal), "account": checksum(request.account)})
    screen.say(f"wrote {file}: what the wallet of {role}, {checksum(request.account)}, is to sign", "green")
    _show(deal, screen)
    screen.say()
    again = " ".join((named, "--as", role, *options_of(where)))
    screen.say("the wallet signs its `typed_data` (eth_signTypedData_v4), whose digest is the one above")
    screen.say(f"then: pyledger sign {again} --signature 0x… --output {role}.json")


def take_back(
    named: str, role: str, where: Where, signature: str, *, by_contract: bool, out: Path | None, screen: Screen
) -> None:
    """Take in what a wallet has signed, if it is the party's."""
    _keep(out, named, where=where)
    deal = offline_deal(named, where)
    record = take_signature(
        deal.terms,
        deal.names.party(role),
        _octets(signature),
        chain_id=deal.chain_id,
        agreement=deal.address,
        names=deal.names,
        by_contract=by_contract,
    )
    _signed(record, deal, out, screen)
    if by_contract and out is not None:
        screen.say(f"{checksum(record.account)} is a contract: only a chain can check what it signed", "yellow")


def bundle_up(
    named: str, files: Sequence[Path], contracts: Sequence[str], where: Where, out: Path, screen: Screen
) -> None:
    """Put document, bindings, terms and signatures into one file. SignatureError for a signature that does not fit."""
    if as_address(named):
        raise UsageError(f"{named} is an address, and a bundle holds the document", hint="give the document")
    _keep(out, *(() if is_bundle(named) else (named,)), *(each for each in files if not is_bundle(each)), where=where)
    deal = offline_deal(named, where)
    document = deal.reader.document
    assert document is not None
    for role in contracts:
        deal.names.party(role)
    records = _records([Path(named), *files] if is_bundle(named) else files)
    for record in records:
        by_contract = 0 <= record.party < len(deal.names.parties) and deal.names.parties[record.party] in contracts
        check_acceptance(record, deal.terms, chain_id=deal.chain_id, agreement=deal.address, by_contract=by_contract)
    made = make_bundle(document_text(named), document, deal.bindings, records)
    write(out, dump_bundle(made).encode(), force=True, private=document.confidential is not None)
    signed = [deal.names.parties[record.party] for record in made.signatures]
    missing = [name for name in deal.names.parties if name not in signed]
    screen.data({"file": str(out), **_facts(deal), "signed": signed, "missing": missing})
    screen.say(
        f"wrote {out}: document, bindings, terms and {len(signed)} signature{'' if len(signed) == 1 else 's'}", "green"
    )
    _show(deal, screen)
    _who(signed, missing, screen)
    if document.confidential is not None:
        screen.say(HOLDS_THE_SEAL, "yellow")
    screen.say()
    screen.say(f"anybody can check it, away from any chain: pyledger verify {out}")
    screen.say(f"once it is open (pyledger open {out}), whoever pays the bonds can relay them: pyledger submit {out}")


def verify_bundle(file: Path, where: Where, contracts: Sequence[str], screen: Screen) -> bool:
    """Compute all of a bundle anew and tell step by step; whether nothing was found to differ."""
    bundle = read_bundle(file)
    steps = list(check_bundle(bundle, contracts=contracts))
    if (at := where.address) is not None:
        same = at == bundle.agreement
        steps.append(Step("address", "it is the address given with --at", same, checksum(at)))
    if where.bindings is not None:
        steps.append(_same_bindings(where.bindings, bundle.bindings))
    holds = all(step.holds is not False for step in steps)
    signed, missing = _parties(steps, bundle.bindings)
    screen.data(
        {
            "bundle": str(file),
            "ok": holds,
            "agreement": checksum(bundle.agreement),
            "chain_id": bundle.chain_id,
            "checks": [step._asdict() for step in steps],
            "signed": signed,
            "missing": missing,
        }
    )
    screen.say(f"{checksum(bundle.agreement)} on chain {bundle.chain_id}, as {file} says", "bold")
    for step in steps:
        mark, style = _MARKS[step.holds]
        screen.say(f"  {mark}  {step.what}", style)
        screen.say(step.found, "dim", indent=7)
    _who(signed, missing, screen)
    screen.say()
    if not holds:
        wrong = ", ".join(dict.fromkeys(step.part for step in steps if step.holds is False))
        screen.say(f"the bundle is not what it says it is ({wrong}): do not sign or open it", "bold red")
    else:
        screen.say("all of it was computed anew, without asking any chain, and is as the bundle says", "bold green")
    return holds


_MARKS: Final = {True: ("yes", "green"), False: ("NO ", "bold red"), None: ("?  ", "yellow")}


def _same_bindings(file: Path, text: str) -> Step:
    from pyledger.terms.bindings import load_bindings

    what, given = "the bindings are those given with --bindings", load_bindings(file)
    try:
        return Step("bindings", what, loads_bindings(text) == given, str(file))
    except PyledgerError:
        return Step("bindings", what, False, str(file))


def _parties(steps: Sequence[Step], bindings: str) -> tuple[list[str], list[str]]:
    """Who has signed and who has not, of a bundle whose bindings can be read."""
    try:
        parties = list(loads_bindings(bindings).parties)
    except PyledgerError:
        return [], []
    signed = [
        name
        for name in parties
        if any(step.what == f"{name} has signed them" and step.holds is not False for step in steps)
    ]
    return signed, [name for name in parties if name not in signed]


def _who(signed: Sequence[str], missing: Sequence[str], screen: Screen) -> None:
    if signed:
        screen.say(f"signed: {', '.join(signed)}")
    if missing:
        screen.say(f"still to sign: {', '.join(missing)}", "yellow")


def _records(files: Sequence[Path]) -> list[SignedAcceptance]:
    """The signatures in some files, of which some may be bundles themselves."""
    found: list[SignedAcceptance] = []
    for file in files:
        bundle = bundled(file)
        found += bundle.signatures if bundle else read_records(file, SignedAcceptance)
    return found


def _octets(text: str) -> bytes:
    """The bytes of a signature as it was typed, or as it stands in the file that `@` names."""
    if text.startswith("@"):
        try:
            with Path(text[1:]).open(encoding="utf-8", errors="replace") as stream:
                text = stream.read(_MOST_TEXT + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise UsageError(f"{text[1:]} cannot be read: {reason}", hint="check the path") from None
    written = text.strip().strip('"')
    try:
        if len(written) > _MOST_TEXT or not written.startswith("0x"):
            raise ValueError
        return bytes.fromhex(written[2:])
    except ValueError:
        raise SignatureError(
            "that is no signature",
            hint="give it as the wallet does: 0x and hexadecimal digits, or @FILE that holds them",
        ) from None


def _signed(record: SignedAcceptance, deal: OfflineDeal, out: Path | None, screen: Screen) -> None:
    text = dump_records([record])
    if out is None:
        import click

        click.echo(text, nl=False)
        return
    write(out, text.encode(), force=True)
    screen.data({"file": str(out), **_facts(deal), "party": record.party_name, "account": checksum(record.account)})
    screen.say(f"wrote {out}: {record.party_name}, {checksum(record.account)}, accepts these terms", "green")
    _show(deal, screen)
    screen.say()
    screen.say(f"put it with the others: pyledger bundle DEAL --output FILE {out}")


def _facts(deal: OfflineDeal) -> dict[str, Any]:
    return {
        "agreement": checksum(deal.address),
        "chain_id": deal.chain_id,
        "document": "0x" + deal.terms.document.hex(),
        "terms": "0x" + terms_hash(deal.terms).hex(),
        "digest": "0x" + terms_digest(deal.terms, chain_id=deal.chain_id, agreement=deal.address).hex(),
    }


def _show(deal: OfflineDeal, screen: Screen) -> None:
    screen.table(
        [(name.replace("_", " "), str(value)) for name, value in _facts(deal).items()], styles={0: "dim"}, fold=(1,)
    )


def _keep(out: Path | None, *read: str | Path, where: Where) -> None:
    """Refuse to write where something stands that is read here; a bundle may grow in its place."""
    inputs = [Path(each) for each in (*read, where.bindings) if each is not None]
    if out is not None and out.resolve() in [each.resolve() for each in inputs]:
        raise UsageError(f"{out} is read here, and was left as it is", hint="choose another name to write to")
