"""From what a person types as a DEAL to a document; and the agreements opened from here, remembered."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyledger.cli.bundled import bindings_of, bundled, signed_kind
from pyledger.cli.home import home, project_file, user_file
from pyledger.cli.lazy import nearest
from pyledger.cli.options import Where
from pyledger.cli.writing import write
from pyledger.document import Document, document_hash, gallery, loads
from pyledger.document.load import Draft, read_draft as parse_draft, read_file
from pyledger.document.problem import nearest as nearest_name
from pyledger.errors import UsageError
from pyledger.terms.addresses import checksum, parse_address

if TYPE_CHECKING:
    from pyledger.terms.bindings import Bindings
    from pyledger.terms.structs import Terms

__all__ = [
    "Kept",
    "Opening",
    "as_address",
    "change_file",
    "document_text",
    "gallery_names",
    "gallery_text",
    "kept",
    "offline_address",
    "openings",
    "read_document",
    "read_draft",
    "remember",
]

STARTER: Final = "starter"
_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""What some editors put before UTF-8: a file that has it keeps it."""
_KEPT: Final = frozenset({"address", "document", "genesis_hash", "since", "at", "named"})
"""What the record of an opening holds; one that holds less is passed over."""

_MOST_BESIDE: Final = 1_000
"""Most files of a folder among which the one that was meant is looked for."""

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


def gallery_names() -> tuple[str, ...]:
    """All documents that come with pyledger: the starter first."""
    return (STARTER, *(name for name in gallery.names() if name != STARTER))


def gallery_text(name: str) -> str:
    """The YAML of one of them, or of one of their scenarios; UsageError when there is none of that name."""
    if name in gallery.scenarios():
        return gallery.read_scenario(name)
    if name not in gallery_names():
        raise UsageError(f"the gallery has no `{name}`", hint=nearest(name, gallery_names()))
    if name in gallery.names():
        return gallery.read(name)
    return files("pyledger.cli").joinpath(f"{STARTER}.yaml").read_text(encoding="utf-8")


def as_address(deal: str) -> bytes | None:
    """The address that a DEAL is, if it is one."""
    return parse_address(deal) if _ADDRESS.fullmatch(deal) else None


def document_text(deal: str) -> str:
    """The YAML that a DEAL names: a file's, a bundle's, or one of the gallery's."""
    path = Path(deal)
    if (bundle := bundled(deal)) is not None:
        return bundle.document
    if path.is_file():
        return path.read_text(encoding="utf-8")
    return gallery_text(deal)


def read_document(deal: str) -> Document:
    """The document that a DEAL names: a file, a bundle, or one of the gallery. DocumentError with all that is wrong."""
    return read_draft(deal).document


def read_draft(deal: str) -> Draft:
    """The same, with its text and where everything stands in it."""
    if as_address(deal):
        raise UsageError(
            f"{deal} is an address, and this wants a document", hint="give the file of the document, or a gallery name"
        )
    if not deal.strip():
        raise UsageError("no document is named", hint="give a file, or a name from the gallery")
    path = Path(deal)
    if (bundle := bundled(deal)) is not None:
        return parse_draft(bundle.document, file=f"{deal}: document")
    if kind := signed_kind(deal):
        raise UsageError(
            f"{deal} holds a signed {kind}, and this wants a document",
            hint="name the document first; a bundle holds both: `pyledger bundle DEAL FILE… --output FILE`",
        )
    if path.exists():
        return parse_draft(read_file(path), file=str(path))
    beside = _beside(path)
    if path.suffix or os.sep in deal:
        near = nearest_name(path.name.casefold(), beside)
        hint = f"did you mean `{beside[near]}`?" if near else "check the path"
        raise UsageError(f"there is no file `{deal}`", hint=hint)
    if deal in gallery_names():
        return parse_draft(gallery_text(deal), file=f"gallery:{deal}")
    near = nearest_name(deal.casefold(), (*beside, *gallery_names()))
    raise UsageError(
        f"there is no file `{deal}`, and the gallery has none of that name",
        hint=f"did you mean `{beside.get(near, near)}`?" if near else nearest(deal, gallery_names()),
    )


def _beside(path: Path) -> dict[str, Path]:
    """The documents in the folder of a file that is not there, by what somebody might call them."""
    try:
        there = sorted(each for each in path.parent.iterdir() if each.suffix in (".yaml", ".yml"))[:_MOST_BESIDE]
    except (OSError, ValueError):
        return {}
    return {called.casefold(): each for each in there for called in (each.name, each.stem)}


def change_file(path: Path, text: str, *, private: bool = False) -> None:
    """Put a changed document in place of the one in a file: read once more, and then whole or not at all.

    A `private` one is its owner's alone to read from then on.
    """
    parse_draft(text, file=str(path))
    target = path.resolve()
    mark = _ORDER_MARK if target.read_bytes().startswith(_ORDER_MARK) else b""
    beside = target.with_name(f".{target.name}.new")
    try:
        beside.touch(0o600)
        beside.write_bytes(mark + text.encode())
        beside.chmod(0o600 if private else target.stat().st_mode)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        hint = "make it writable, or work on a copy"
        raise UsageError(f"{path} cannot be written: {error.strerror}; it is as it was", hint=hint) from None


@dataclass(frozen=True, slots=True)
class Opening:
    """An agreement that was opened from here: its document and bindings, and on which run of which chain.

    `since` is the block it was opened in, `at` its time in Unix seconds; `named` is what the person called it.
    """

    address: bytes
    document: Document
    text: str
    bindings: Bindings
    genesis_hash: str
    since: int
    at: int
    named: str

    @property
    def terms(self) -> Terms:
        """The terms that document and bindings compile to."""
        from pyledger.terms.compile import compile_terms

        return compile_terms(self.document, self.bindings)


def _folder(chain_id: int) -> Path:
    return home() / "agreements" / str(chain_id)


def remember(opening: Opening) -> None:
    """Write an opening down."""
    from pyledger.terms.bindings import dump_bindings

    folder = _folder(opening.bindings.chain_id) / f"{opening.genesis_hash[2:10]}-{opening.address.hex()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made: {error.strerror}",
            hint="have PYLEDGER_HOME name a folder that can be written to; then do it again",
        ) from None
    write(folder / "document.yaml", opening.text.encode(), force=True, private=True)  # it may hold a seal
    (folder / "bindings.yaml").write_text(dump_bindings(opening.bindings), encoding="utf-8")
    record = {
        "address": checksum(opening.address),
        "document": "0x" + document_hash(opening.document).hex(),
        "genesis_hash": opening.genesis_hash,
        "since": opening.since,
        "at": opening.at,
        "named": opening.named,
    }
    (folder / "record.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def openings(
    chain_id: int, *, document: bytes | None = None, address: bytes | None = None, genesis_hash: str | None = None
) -> tuple[Opening, ...]:
    """What was opened from here on a chain, latest first: all, or of one document hash, address or run of the chain."""

    def wanted(record: dict[str, Any]) -> bool:
        return (
            (document is None or record["document"] == "0x" + document.hex())
            and (address is None or record["address"] == checksum(address))
            and (genesis_hash is None or record["genesis_hash"] == genesis_hash)
        )

    found = ((folder, record) for folder, record in _records(chain_id) if wanted(record))
    latest = sorted(found, key=lambda each: (each[1]["at"], each[1]["since"]), reverse=True)
    return tuple(_opening(folder, record) for folder, record in latest)


class Kept(NamedTuple):
    """What is kept of an opening, unread: its address, the hash of its document, and the texts."""

    address: bytes
    document: bytes
    text: str
    bindings: str


def kept(chain_id: int, documents: Collection[bytes]) -> Iterator[Kept]:
    """What was opened from here on a chain with some documents (hashes)."""
    wanted = {"0x" + each.hex(): each for each in documents}
    for folder, record in _records(chain_id):
        if record["document"] in wanted:
            yield Kept(
                address=bytes.fromhex(record["address"][2:]),
                document=wanted[record["document"]],
                text=read_file(folder / "document.yaml"),
                bindings=(folder / "bindings.yaml").read_text(encoding="utf-8"),
            )


def _records(chain_id: int) -> Iterator[tuple[Path, dict[str, Any]]]:
    for file in _folder(chain_id).glob("*/record.json"):
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(record, dict) and record.keys() >= _KEPT:
            yield file.parent, record


def _opening(folder: Path, record: dict[str, Any]) -> Opening:
    from pyledger.terms.bindings import loads_bindings

    text = read_file(folder / "document.yaml")
    return Opening(
        address=bytes.fromhex(record["address"][2:]),
        document=loads(text, file=str(folder / "document.yaml")),
        text=text,
        bindings=loads_bindings(
            (folder / "bindings.yaml").read_text(encoding="utf-8"), file=str(folder / "bindings.yaml")
        ),
        genesis_hash=record["genesis_hash"],
        since=record["since"],
        at=record["at"],
        named=record["named"],
    )


def offline_address(deal: str, where: Where) -> dict[str, Any]:
    """The address of a document's agreement from its bindings, given or remembered."""
    from pyledger.chain.deployments import places
    from pyledger.chain.networks import resolve_network
    from pyledger.terms.commitment import agreement_address
    from pyledger.terms.compile import compile_terms
    from pyledger.terms.typed_data import terms_hash

    document = read_document(deal)
    bindings = bindings_of(deal, where)
    if bindings is None:
        network = resolve_network(where.network, project=project_file(), user=user_file())
        known = openings(network.chain_id, document=document_hash(document)) if network.chain_id else ()
        if not known:
            raise UsageError(
                f"the address of `{deal}` depends on its bindings, and none are known for network {network.name}",
                hint=f"give --bindings FILE, or open it: `pyledger open {deal}`",
            )
        bindings = known[0].bindings
    terms = compile_terms(document, bindings)
    at = places()
    found = agreement_address(factory=at.factory, implementation=at.implementation, terms=terms)
    return {"address": checksum(found), "chain_id": bindings.chain_id, "terms": "0x" + terms_hash(terms).hex()}
