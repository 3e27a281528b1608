"""Bundles: all that was agreed in one file, which anybody can check away from any chain.

A bundle holds the document as it was written, the bindings, the terms in the bytes in which calls carry them, the
address that follows from them, and the parties' signatures. It is JSON, always in the same bytes for the same content:
no archive that could unpack to more than it is, no paths. Nothing in it is believed: all is computed anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeVar

from pydantic import ValidationError

from pyledger.chain.acceptances import SignedAcceptance, check_acceptance
from pyledger.chain.deployments import places
from pyledger.chain.records import Address, Hash, Octets, Record, flaw, read_json
from pyledger.document import Document, document_hash, loads
from pyledger.errors import PyledgerError, SignatureError
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import Bindings, dump_bindings, loads_bindings
from pyledger.terms.commitment import agreement_address, packed_terms
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.packed import pack_phase, unpack_phase, unpack_terms
from pyledger.terms.structs import Terms
from pyledger.terms.typed_data import terms_hash

__all__ = ["Bundle", "Step", "check_bundle", "dump_bundle", "make_bundle", "opened_bundle", "read_bundle"]

_T = TypeVar("_T")
_TOLD: Final = 3
"""Most differences between terms that are told: one part of a document can change many."""


class Bundle(Record):
    """A document, its bindings (both YAML), the terms packed, header and phases, and who has signed them."""

    kind: Literal["bundle"] = "bundle"
    version: Literal[1] = 1
    chain_id: int
    agreement: Address
    terms_hash: Hash
    document_hash: Hash
    document: str
    bindings: str
    terms: Octets
    phases: list[Octets]
    signatures: list[SignedAcceptance]


class Step(NamedTuple):
    """One thing that was computed anew: what, whether the bundle says the same, and what was found.

    `holds` is None where it cannot be told without a chain.
    """

    part: str
    what: str
    holds: bool | None
    found: str


def make_bundle(text: str, document: Document, bindings: Bindings, signatures: Iterable[SignedAcceptance]) -> Bundle:
    """A bundle of a document (`text` is how it is written) under its bindings; one signature a party, in their order.

    BindingsError or TermsError where the two do not fit.
    """
    terms = compile_terms(document, bindings)
    signed = {record.party: record for record in sorted(signatures, key=lambda each: (each.party, each.signature))}
    return Bundle(
        chain_id=bindings.chain_id,
        agreement=_address(terms),
        terms_hash=terms_hash(terms),
        document_hash=document_hash(document),
        document=text,
        bindings=dump_bindings(bindings),
        terms=packed_terms(terms),
        phases=[pack_phase(phase) for phase in terms.phases],
        signatures=list(signed.values()),
    )


def dump_bundle(bundle: Bundle) -> str:
    """A bundle as the text of a file: the same for the same bundle."""
    return json.dumps(json.loads(bundle.model_dump_json()), indent=2, ensure_ascii=False) + "\n"


def read_bundle(file: Path) -> Bundle:
    """The bundle in a file, only its form checked. UsageError or SignatureError if it is none."""
    content = read_json(file, "bundle")
    try:
        return Bundle.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise SignatureError(
            f"this is no bundle: {flaw(error, 'the file')}",
            where=str(file),
            hint="ask for it as `pyledger bundle` wrote it",
        ) from None


def opened_bundle(file: Path) -> Bundle:
    """The bundle in a file, once all in it but its signatures is found to be as it says.

    SignatureError, with the first difference, if it is not.
    """
    bundle = read_bundle(file)
    for step in check_bundle(bundle):
        if step.holds is False and step.part != "signatures":
            raise SignatureError(
                f"the bundle is not what it says it is: {step.what}: no; {step.found}",
                where=str(file),
                hint=f"do not use it; see all of it: `pyledger verify {file}`",
            )
    return bundle


def check_bundle(bundle: Bundle, *, contracts: Iterable[str] = ()) -> tuple[Step, ...]:
    """All that a bundle says, computed anew, step by step; what cannot be computed ends it.

    `contracts` are the parties whose accounts are contracts (ERC-1271): only a chain can check their signatures.
    """
    document = _tried("document", "the document can be read", lambda: loads(bundle.document, file="document"))
    if isinstance(document, Step):
        return (document,)
    named = _same("document", "the document has this hash", document_hash(document), bundle.document_hash, "0x")
    bindings = _tried("bindings", "the bindings can be read", lambda: loads_bindings(bundle.bindings, file="bindings"))
    if isinstance(bindings, Step):
        return named, bindings
    chain = Step("bindings", "the bindings are for this chain", *_equal(bindings.chain_id, bundle.chain_id))
    terms = _tried("terms", "document and bindings give terms", lambda: compile_terms(document, bindings))
    if isinstance(terms, Step):
        return named, chain, terms
    difference = _difference(terms, bundle)
    signed = _signatures(bundle, terms, Names.of(document, bindings), frozenset(contracts))
    return (
        named,
        chain,
        Step("terms", "document and bindings give these terms", not difference, difference or _size(terms)),
        _same("terms", "the terms have this hash", terms_hash(terms), bundle.terms_hash, "0x"),
        _placed(terms, bundle),
        *signed,
    )


def _placed(terms: Terms, bundle: Bundle) -> Step:
    """Whether the address follows: from terms that hold, contracts of another version lead to another one."""
    step = _same("address", "the address follows from the terms", _address(terms), bundle.agreement)
    if step.holds or terms_hash(terms) != bundle.terms_hash:
        return step
    why = "the terms are the same, so it was changed, or is for the contracts of another version of pyledger"
    return step._replace(found=f"{step.found}: {why}")


def _tried(part: str, what: str, make: Callable[[], _T]) -> _T | Step:
    """What can be made of a part, or the step that says why nothing can."""
    try:
        return make()
    except PyledgerError as error:
        findings = getattr(error, "findings", ())
        said = f"{findings[0].path}: {findings[0].message}" if findings else " ".join(str(error).split())
        return Step(part, what, False, said)


def _signatures(bundle: Bundle, terms: Terms, names: Names, contracts: frozenset[str]) -> Iterator[Step]:
    for record in bundle.signatures:
        yield _signature(record, terms, bundle.chain_id, names, contracts)
    parties = [record.party for record in bundle.signatures]
    if len(set(parties)) < len(parties):
        yield Step("signatures", "each party signs once", False, "one of them is there twice")


def _equal(computed: object, said: object) -> tuple[bool, str]:
    return computed == said, str(computed) if computed == said else f"{computed}, and the bundle says {said}"


def _same(part: str, what: str, computed: bytes, said: bytes, mark: str = "") -> Step:
    found, claim = (f"{mark}{each.hex()}" if mark else checksum(each) for each in (computed, said))
    return Step(part, what, *_equal(found, claim))


def _size(terms: Terms) -> str:
    size = len(packed_terms(terms)) + sum(len(pack_phase(phase)) for phase in terms.phases)
    return f"{len(terms.parties)} parties, {len(terms.phases)} phases, {size:,} bytes"


def _signature(record: SignedAcceptance, terms: Terms, chain_id: int, names: Names, contracts: frozenset[str]) -> Step:
    known = record.party if 0 <= record.party < len(names.parties) else None
    name = names.parties[known] if known is not None else f"party {record.party}"
    what = f"{name} has signed them"
    if record.party_name not in (None, name):
        return Step("signatures", what, False, f"the signature says it is of another: {record.party_name}")
    by_contract = name in contracts
    try:
        check_acceptance(record, terms, chain_id=chain_id, agreement=_address(terms), by_contract=by_contract)
    except SignatureError as error:
        return Step("signatures", what, False, f"{checksum(record.account)}: {error.what}")
    if by_contract:
        return Step("signatures", what, None, f"{checksum(record.account)} is a contract, which only a chain can ask")
    return Step("signatures", what, True, checksum(record.account))


def _address(terms: Terms) -> bytes:
    at = places()
    return agreement_address(factory=at.factory, implementation=at.implementation, terms=terms)


def _difference(terms: Terms, bundle: Bundle) -> str:
    """Where the terms of a bundle differ from those compiled; nothing where they do not."""
    phases = [pack_phase(phase) for phase in terms.phases]
    if packed_terms(terms) == bundle.terms and phases == bundle.phases:
        return ""
    try:
        header, told = unpack_terms(bundle.terms)
        said = header._replace(phases=tuple(unpack_phase(phase) for phase in bundle.phases))
    except ValueError:
        return "the bundle's are no packed terms"
    found = list(islice(_differences(terms, said, "terms"), _TOLD))
    return "; ".join(found) or f"the bundle's header names other phases: 0x{told.hex()}"


def _differences(computed: Any, said: Any, at: str) -> Iterator[str]:
    if not isinstance(computed, tuple) or not isinstance(said, tuple):
        if computed != said:
            yield f"{at} is {_said(computed)}, and the bundle says {_said(said)}"
    elif len(computed) != len(said):
        yield f"{at}: {len(computed)}, and the bundle has {len(said)}"
    else:
        fields: Sequence[str] = getattr(computed, "_fields", ())
        for index, (one, other) in enumerate(zip(computed, said, strict=True)):
            yield from _differences(one, other, f"{at}.{fields[index].rstrip('_')}" if fields else f"{at}[{index}]")


def _said(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(int(value) if isinstance(value, int) else value)
