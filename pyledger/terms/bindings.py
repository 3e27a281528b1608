"""Bindings: which address each name of a document has on one network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from pyledger.document import Document
from pyledger.document.fields import Id
from pyledger.document.limits import MAX_TIME
from pyledger.document.load import read_file, read_model
from pyledger.document.problem import Inconsistent, Problem, did_you_mean
from pyledger.document.units import NotUnderstood, describe, parse_time, parse_whole, say_time
from pyledger.errors import BindingsError, DocumentError
from pyledger.terms.addresses import checksum, parse_address
from pyledger.terms.structs import NATIVE

__all__ = ["Bindings", "check_bindings", "dump_bindings", "load_bindings", "loads_bindings"]

_MEND: Final = "mend the bindings; docs/bindings.md says what belongs in them"


def _parse_account(value: object) -> bytes:
    address = parse_address(value)
    if address == NATIVE:
        raise NotUnderstood("the zero address belongs to nobody", "write the account's own address")
    return address


def _parse_start(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        return parse_time(value)
    if parse_whole(value) > MAX_TIME:
        raise NotUnderstood(f"{describe(value)} is after the year 9999", "write Unix seconds, or a date")
    return value


def _parse_chain(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise NotUnderstood(f"expected a chain id, found {describe(value)}", "write for example 31337")
    return value


Account = Annotated[bytes, BeforeValidator(_parse_account)]
Token = Annotated[bytes, BeforeValidator(parse_address)]
Start = Annotated[int, BeforeValidator(_parse_start)]
ChainId = Annotated[int, BeforeValidator(_parse_chain)]


class Bindings(BaseModel):
    """Addresses (20 bytes) by name, on the chain `chain_id`.

    `start` (Unix seconds) is where relative dates begin; `predecessor` is the agreement that this one succeeds;
    `nominators` are the bodies that send verifiers, of which nothing reaches the terms.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    chain_id: ChainId = Field(examples=["31337"])
    start: Start | None = Field(None, examples=["2027-01-31"])
    predecessor: Account | None = Field(None, examples=["0x…"])
    parties: Mapping[Id, Account] = Field(examples=["{libya: 0x…}"])
    recipients: Mapping[Id, Account] = Field({}, examples=["{fund: 0x…}"])
    verifiers: Mapping[Id, Account] = Field({}, examples=["{registrar: 0x…}"])
    standing: Mapping[Id, Account] = Field({}, examples=["{villages: 0x…}"])
    nominators: Mapping[Id, Account] = Field({}, examples=["{unions: 0x…}"])
    courts: Mapping[Id, Account] = Field({}, examples=["{arbitral-court: 0x…}"])
    assets: Mapping[Id, Token] = Field({}, examples=["{usd: 0x…}"])

    @model_validator(mode="after")
    def _one_name_each(self) -> Bindings:
        problems = (
            *_shared((("parties", self.parties), ("recipients", self.recipients), ("courts", self.courts))),
            *_shared((("verifiers", self.verifiers),)),
            *_shared((("standing", self.standing),)),
            *_shared((("nominators", self.nominators),)),
            *_shared((("assets", self.assets),)),
        )
        if problems:
            raise Inconsistent(problems)
        return self


def load_bindings(path: str | Path) -> Bindings:
    """The bindings in a YAML or JSON file, or `BindingsError` with everything wrong in it."""
    try:
        return loads_bindings(read_file(path), file=str(path))
    except DocumentError as error:
        raise BindingsError(str(error), hint=_MEND) from error


def loads_bindings(text: str, *, file: str = "<bindings>") -> Bindings:
    """The bindings in a text; `file` is what errors call it."""
    try:
        return read_model(Bindings, text, file=file)
    except DocumentError as error:
        raise BindingsError(str(error), hint=_MEND) from error


def dump_bindings(bindings: Bindings) -> str:
    """YAML that reads back as the same bindings."""
    data: dict[str, Any] = {"chain_id": bindings.chain_id}
    if bindings.start is not None:
        data["start"] = say_time(bindings.start)
    if bindings.predecessor is not None:
        data["predecessor"] = checksum(bindings.predecessor)
    for kind in ("parties", "recipients", "verifiers", "standing", "nominators", "courts", "assets"):
        if addresses := getattr(bindings, kind):
            data[kind] = {name: checksum(address) for name, address in addresses.items()}
    writer, stream = YAML(typ="rt", pure=True), StringIO()
    writer.dump(data, stream)
    return stream.getvalue()


def check_bindings(document: Document, bindings: Bindings) -> None:
    """Raise `BindingsError` unless every name of the document is bound, and no other."""
    verifiers = {name: None for panel in document.panels.values() for name, _ in panel.seats}
    courts = [document.arbitration.court] if document.arbitration else []
    tokens = [name for name, asset in document.assets.items() if not asset.native]
    wrong = [
        *_compare("parties", document.parties, bindings.parties),
        *_compare("recipients", document.recipients, bindings.recipients),
        *_compare("verifiers", verifiers, bindings.verifiers),
        *_compare("standing", document.standing, bindings.standing),
        *_compare("courts", courts, bindings.courts),
        *_compare("assets", tokens, bindings.assets, optional=document.assets.keys() - tokens),
    ]
    for name, address in bindings.assets.items():
        if name in document.assets and document.assets[name].native != (address == NATIVE):
            wrong.append(
                f"assets.{name}: the zero address stands for the native coin, and for nothing else; the document says "
                "of such an asset `native: true`"
            )
    is_relative = document.join_within is not None or document.long_stop_after is not None
    if is_relative and bindings.start is None:
        wrong.append(
            "start: missing, and the document counts time from it: write a date, like `start: 2027-01-31 12:00 UTC`"
        )
    if wrong:
        lines = "\n".join(f"  {line}" for line in wrong)
        raise BindingsError(
            f"the bindings do not fit the document:\n{lines}",
            hint="give each name of the document an address, and no other name",
        )


def _compare(
    kind: str, needed: Iterable[str], given: Mapping[str, bytes], *, optional: Iterable[str] = ()
) -> Iterator[str]:
    needed, known = tuple(needed), (*needed, *optional)
    for name in needed:
        if name not in given:
            yield f"{kind}.{name}: missing"
    for name in given:
        if name not in known:
            yield f"{kind}.{name}: the document has none of that name ({did_you_mean(name, known)})"


def _shared(kinds: Iterable[tuple[str, Mapping[str, bytes]]]) -> Iterator[Problem]:
    first: dict[bytes, str] = {}
    for kind, addresses in kinds:
        for name, address in addresses.items():
            if address in first:
                yield Problem(
                    (kind, name), f"{checksum(address)} is already {first[address]}", "each has its own address"
                )
            first.setdefault(address, f"{kind}.{name}")
