"""Documents to learn from and to test with, made of real agreements and of deals like them."""

from __future__ import annotations

from importlib.resources import files

from pyledger.errors import UsageError

__all__ = ["names", "read"]


def names() -> tuple[str, ...]:
    """The names of all documents in the gallery, sorted."""
    return tuple(
        sorted(entry.name.removesuffix(".yaml") for entry in files(__name__).iterdir() if _is_document(entry.name))
    )


def read(name: str) -> str:
    """The YAML of one document; `UsageError` when there is none of that name."""
    if name not in names():
        raise UsageError(f"the gallery has no `{name}`", hint=f"it has: {', '.join(names())}")
    return files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def _is_document(file: str) -> bool:
    return file.endswith(".yaml")
