"""What mkdocs asks while it builds the site: pages made from code, pictures drawn by the program, the navigation."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(ROOT / "scripts"))
sys.path.insert(0, str(ROOT))

from pages import commands, fields, solidity, tables  # noqa: E402
from pyledger.cli.app import run  # noqa: E402
from pyledger.document import gallery, loads  # noqa: E402
from pyledger.document.explain import picture  # noqa: E402

SEAL = ROOT / "pyledger" / "observer" / "web" / "static" / "seal.svg"
BRIGHT = "#b4505f"
"""The seal's colour where the ground may be light or dark."""

REFERENCE: dict[str, Callable[[], str]] = {
    "reference/commands.md": commands.page,
    "reference/document.md": fields.page,
    "reference/findings.md": tables.findings,
    "reference/errors.md": tables.errors,
    "reference/contracts.md": solidity.page,
    "reference/api.md": tables.api,
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Puts pages whose number changes into the navigation."""
    for part in config.nav or []:
        if isinstance(part, dict):
            if "Decisions" in part:
                part["Decisions"] += [f"decisions/{path.name}" for path in sorted((DOCS / "decisions").glob("0*.md"))]
            if "Reference" in part:
                python = [{title: f"reference/python/{name}.md"} for name, (title, _) in tables.PYTHON.items()]
                part["Reference"].append({"Python": python})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that nobody wrote."""
    made = {name: page() for name, page in REFERENCE.items()}
    made |= {f"reference/python/{name}.md": tables.python(name) for name in tables.PYTHON}
    made |= dict(tables.galleries())
    made["decisions/index.md"] = tables.decisions(DOCS / "decisions")
    made["changelog.md"] = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    made["example/index.md"] = _example()
    made["pictures/seal.svg"] = SEAL.read_text(encoding="utf-8").replace("#7c1d2b", BRIGHT)
    made |= _starter()
    for name in gallery.names():
        made[f"pictures/gallery/{name}.svg"] = picture.draw(loads(gallery.read(name), file=name))
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def _starter() -> dict[str, str]:
    """Pictures of the document that the tutorials go through, as its reader has them drawn."""
    wanted = {"phases": ["explain", "starter", "--picture"], "outcomes": ["whatif", "starter", "--json", "--picture"]}
    drawn = {}
    with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        for name, words in wanted.items():
            file = Path(folder) / f"{name}.svg"
            if run([*words, str(file)]):
                raise PluginError(f"pyledger {' '.join(words)} has failed")
            drawn[f"pictures/starter/{name}.svg"] = file.read_text(encoding="utf-8")
    return drawn


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """Pages name each other, and folders, as they lie in the project: here these are links to pages."""

    def linked(found: re.Match[str]) -> str:
        target = os.path.relpath(found[1], Path(page.file.src_uri).parent).replace(os.sep, "/")
        return f"[{found[1].removesuffix('.md')}]({target})"

    named = re.sub(r"`docs/([\w./-]+\.md)`", linked, markdown)
    return re.sub(r"\]\(([\w./-]+/)\)", r"](\1index.md)", named)


def _example() -> str:
    """The example project, file by file."""
    folder = DOCS / "example"
    lines = ["# An example project", ""]
    lines += ["Tests of somebody's own deal, in a repository of its own. Every file of it, as it is run by a test:", ""]
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".toml", ".yaml", ".py", ".md") and path.name != "index.md":
            lines += [
                f"## {path.relative_to(folder)}",
                "",
                f"```{path.suffix[1:]}",
                path.read_text(encoding="utf-8").rstrip(),
                "```",
                "",
            ]
    return "\n".join(lines)
