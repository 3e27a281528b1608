"""Files that commands write: what is there already is left as it is, unless `--force` says otherwise."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from pyledger.errors import UsageError

__all__ = ["FORMS", "form_of", "refuse_picture", "refuse_there", "write"]

FORMS: Final = ("text", "markdown", "html", "pdf")
"""How a text for people can be set."""
_ENDINGS: Final = {"": "text", ".txt": "text", ".md": "markdown", ".html": "html", ".htm": "html", ".pdf": "pdf"}


def form_of(path: Path | None) -> str:
    """How the text in a file is set, by the file's ending; UsageError where that says something else."""
    ending = path.suffix.lower() if path else ""
    if ending not in _ENDINGS:
        known = ", ".join(filter(None, _ENDINGS))
        raise UsageError(f"nothing is written as `{ending}`", hint=f"end its name in {known}, or give --format")
    return _ENDINGS[ending]


def refuse_picture(path: Path | None) -> None:
    """UsageError where a picture's name ends as that of a file which it would not be: pictures are SVG."""
    if path is not None and path.suffix.lower() not in ("", ".svg"):
        raise UsageError(
            f"no picture is written as `{path.suffix}`",
            hint="end its name in .svg: browsers open it, and print it to other formats",
        )


def refuse_there(*paths: Path | None, force: bool) -> None:
    """UsageError if one of the files is there, before anything is worked out or written."""
    for path in paths:
        if path is not None and path.exists() and not force:
            raise _there(path)


def write(path: Path, content: bytes, *, force: bool, private: bool = False) -> None:
    """Write a file that is not there yet, or with `force` in any case; UsageError where it cannot be.

    A `private` one is readable by its owner alone, also where it was there before.
    """
    try:
        with open(path, "wb" if force else "xb", opener=_private if private else None) as stream:
            stream.write(content)
    except FileExistsError:
        raise _there(path) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="choose another place") from None


def _private(path: str, flags: int) -> int:
    file = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(file).st_mode):
        os.fchmod(file, 0o600)
    return file


def _there(path: Path) -> UsageError:
    return UsageError(
        f"{path} is there already, and was left as it is", hint="choose another name, or add --force to overwrite it"
    )
