"""Documents as tests name them."""

from __future__ import annotations

from pathlib import Path

from pyledger.document import Document, gallery, load, loads

__all__ = ["read_document"]


def read_document(document: Document | str | Path) -> Document:
    """The document itself, in a file, or of the gallery. DocumentError for a file that is none."""
    if isinstance(document, Document):
        return document
    if not Path(document).is_file() and str(document) in gallery.names():
        return loads(gallery.read(str(document)), file=str(document))
    return load(document)
