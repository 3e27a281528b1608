"""From what a person names to the scenarios that are meant: files, folders, and those of the gallery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pyledger.analysis.script import Script, is_document, is_scenario, read_script
from pyledger.cli.papers import gallery_names, gallery_text, read_document
from pyledger.document import Document, gallery, loads
from pyledger.document.load import read_file
from pyledger.document.problem import nearest
from pyledger.errors import DocumentError, PyledgerError, UsageError

__all__ = ["Named", "collect", "read_named"]

_GALLERY: Final = "gallery"
_KINDS: Final = (".yaml", ".yml")


class Named(NamedTuple):
    """A scenario that was named: what it is called, its text, and the folder its document is looked for in."""

    name: str
    text: str
    folder: Path | None


def collect(given: Sequence[str]) -> list[Named]:
    """All scenarios that are meant, once each. UsageError for what is not there, DocumentError for no text."""
    found: dict[str, Named] = {}
    for each in given:
        some = list(_of(each))
        if not some:
            raise UsageError(f"there is no scenario in `{each}`", hint="a scenario is YAML with `steps:`")
        found |= {one.name: one for one in some}
    return list(found.values())


def _of(given: str) -> Iterator[Named]:
    path = Path(given)
    if path.is_dir():
        for file in sorted(each for each in path.rglob("*") if each.suffix in _KINDS and each.is_file()):
            text = read_file(file)
            if is_scenario(text):
                yield Named(str(file), text, file.parent)
    elif path.exists():
        text = read_file(path)
        if is_document(text):
            raise UsageError(
                f"{given} is a document, and not a scenario",
                hint=f"play every defection: pyledger run --matrix {given}",
            )
        yield Named(given, text, path.parent)
    else:
        known = gallery.scenarios()
        some = [each for each in known if given in (_GALLERY, each, each.partition("/")[0])]
        if not some:
            near = nearest(given, (_GALLERY, *dict.fromkeys(each.partition("/")[0] for each in known), *known))
            message = f"there is no file `{given}`, and the gallery has no such scenario"
            hint = f"did you mean `{near}`?" if near else "check the path, or see `pyledger run --list`"
            raise UsageError(message, hint=hint)
        yield from (Named(each, gallery.read_scenario(each), None) for each in some)


def read_named(named: Named, otherwise: str | None = None) -> Script:
    """The scenario, held against its document: `otherwise`, if it names none.

    DocumentError with all that is wrong in one of them.
    """

    def document_of(text: str | None) -> Document:
        if text is None:
            if otherwise is None:
                hint = "write `document: FILE`, or a name of the gallery; or give --document"
                raise UsageError("it does not say what is played", hint=hint)
            return read_document(otherwise)
        if named.folder is not None and (file := named.folder / text).is_file():
            return read_document(str(file))
        if text in gallery_names():
            return loads(gallery_text(text), file=f"gallery:{text}")
        raise UsageError(f"there is no document `{text}` beside it, nor in the gallery", hint="check the path")

    try:
        return read_script(named.text, document_of, file=named.name)
    except DocumentError:
        raise
    except PyledgerError as error:
        raise UsageError(f"{named.name}: {error.what}", hint=error.hint) from error
