"""Files that commands write: what is there already is left as it is, unless `--force` says otherwise."""

from __future__ import annotations

from pathlib import Path

from pyledger.errors import UsageError

__all__ = ["refuse_there", "write"]


def refuse_there(*paths: Path | None, force: bool) -> None:
    """UsageError if one of the files is there, before anything is worked out or written."""
    for path in paths:
        if path is not None and path.exists() and not force:
            raise _there(path)


def write(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file that is not there yet, or with `force` in any case; UsageError where it cannot be."""
    try:
        with path.open("wb" if force else "xb") as stream:
            stream.write(content)
    except FileExistsError:
        raise _there(path) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="choose another place") from None


def _there(path: Path) -> UsageError:
    return UsageError(
        f"{path} is there already, and was left as it is", hint="choose another name, or add --force to overwrite it"
    )
