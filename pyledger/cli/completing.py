"""What shells complete: documents, names of the gallery, roles and obligations of a deal, keys, networks.

It answers while somebody is typing, so nothing here imports the model of documents or anything that speaks to a chain:
names are read from files as they are, and what cannot be read has no names. Only plain names are offered, as shells
expand what they are given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

__all__ = ["deals", "documents", "gallery", "keys", "networks", "obligations", "roles"]

_PLAIN: Final = re.compile(r"[\w.][\w./~+@=-]*", re.ASCII)
_ENDINGS: Final = (".yaml", ".yml", ".json")
_LARGEST: Final = 1 << 20  # bytes; a longer file is no document that anybody negotiates
_DEALS: Final = ("deal", "deals", "old", "new")
"""What commands call the argument that is a document."""


Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]


def _offering(names: Callable[[click.Context, str], Iterable[str]], *, paths: bool = False) -> Complete:
    """Those of the names that are plain and begin with what is typed; none if anything fails.

    With `paths` the shell completes files by itself where there are none.
    """

    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        try:
            found = [*names(ctx, incomplete)]
        except Exception:  # noqa: BLE001 - a prompt is no place for what is wrong with a file
            found = []
        offered = [each for each in dict.fromkeys(found) if each.startswith(incomplete) and _PLAIN.fullmatch(each)]
        if paths and not offered:
            return [CompletionItem(incomplete, type="file")]
        return [CompletionItem(each) for each in offered]

    return complete


def _gallery() -> Iterator[str]:
    yield "starter"
    within = files("pyledger").joinpath("document", "gallery")
    yield from sorted(each.name.removesuffix(".yaml") for each in within.iterdir() if each.name.endswith(".yaml"))


def _files(incomplete: str) -> Iterator[str]:
    """Files of the folder that may be documents or bundles."""
    folder, slash, _ = incomplete.rpartition("/")
    for each in sorted(Path(f"{folder}{slash}" or ".").expanduser().iterdir()):
        if each.suffix in _ENDINGS and not each.name.startswith("."):
            yield f"{folder}{slash}{each.name}"


def _keys() -> Iterator[str]:
    from pyledger.cli.home import keys_folder

    return (each.stem for each in sorted(keys_folder().glob("*.json")))


def _networks() -> Iterable[str]:
    from pyledger.chain.networks import known_networks
    from pyledger.cli.home import project_file, user_file

    return known_networks(project=project_file(), user=user_file())


def _parsed(ctx: click.Context) -> Mapping[str, Any]:
    """The document that was typed before, as YAML alone: of the gallery, a file, or within a bundle."""
    # Click has not yet told apart the arguments before an option that still lacks its value.
    named = next((str(ctx.params[name]) for name in _DEALS if ctx.params.get(name)), None) or ctx.args[0]
    if named in _gallery():
        place = ("cli", "starter.yaml") if named == "starter" else ("document", "gallery", f"{named}.yaml")
        return _yaml(files("pyledger").joinpath(*place).read_text(encoding="utf-8"))
    path = Path(named).expanduser()
    if path.stat().st_size > _LARGEST:
        return {}
    found = _yaml(path.read_text(encoding="utf-8"))
    inner = found.get("document")
    return _yaml(inner) if isinstance(inner, str) else inner if isinstance(inner, dict) else found


def _yaml(text: str) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    found = YAML(typ="safe", pure=True).load(text)
    return found if isinstance(found, dict) else {}


def _roles(ctx: click.Context) -> Iterator[str]:
    """Parties, whoever has standing, and verifiers, in that order."""
    document = _parsed(ctx)
    for part in ("parties", "standing"):
        yield from map(str, document.get(part) or ())
    for panel in (document.get("panels") or {}).values():
        for chamber in (panel, *(panel.get("chambers") or {}).values()):
            yield from map(str, chamber.get("verifiers") or ())


def _obligations(ctx: click.Context) -> Iterator[str]:
    for phase in _parsed(ctx).get("phases") or ():
        yield from map(str, phase.get("obligations") or ())


gallery = _offering(lambda _, __: _gallery())
documents = _offering(lambda _, incomplete: _files(incomplete), paths=True)
deals = _offering(lambda _, incomplete: [*_files(incomplete), *_gallery()], paths=True)
keys = _offering(lambda _, __: _keys())
networks = _offering(lambda _, __: _networks())
roles = _offering(lambda ctx, _: _roles(ctx))
obligations = _offering(lambda ctx, _: _obligations(ctx))
