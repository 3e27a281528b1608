"""Pages that are tables of what the program knows: findings, errors, the API, the gallery, decisions, Python."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pyledger.errors
from pages.markup import anchor, code, prose, table
from pyledger.chain.refusals import SENTENCES
from pyledger.document import gallery, loads
from pyledger.document.explain import explain, markdown
from pyledger.document.risks import RULES
from pyledger.observer.web.schema import openapi

__all__ = ["PYTHON", "api", "decisions", "errors", "findings", "galleries", "python"]

PYTHON = {
    "document": (
        "Documents",
        ("document", "document.load", "document.gallery", "document.units", "document.risks", "errors"),
    ),
    "terms": ("Terms", ("terms.compile", "terms.bindings", "terms.names", "terms.structs", "terms.settlement")),
    "chain": (
        "Chains and agreements",
        (
            "chain.anvil",
            "chain.networks",
            "chain.connect",
            "chain.deployments",
            "chain.local",
            "chain.keys",
            "chain.client",
            "chain.named",
            "chain.tokens",
            "chain.events",
            "chain.entitlements",
            "chain.ballots",
        ),
    ),
    "observer": ("Reading", ("observer", "observer.reading", "observer.rights", "ledger.store", "ledger.sync")),
    "gateway": ("Services behind a gateway", ("gateway.client",)),
    "testing": ("Tests", ("testing", "testing.strategies")),
}
"""Page → its title, and the modules on it: those whose names stay."""


def python(name: str) -> str:
    """A page of the Python API, which mkdocstrings fills in."""
    title, modules = PYTHON[name]
    lines = [f"# Python: {title.lower()}", ""]
    for module in modules:
        offered = getattr(import_module(f"pyledger.{module}"), "__all__", ())
        # Named one by one, as what a package takes from its modules is left out otherwise.
        lines += [f"::: pyledger.{module}", "    options:", f"      members: [{', '.join(offered)}]", ""]
    return "\n".join(lines)


def findings() -> str:
    """Every rule of `pyledger check`."""
    lines = ["# Findings of check", ""]
    lines += [
        (
            "What `pyledger check` says of a document although nothing in it is an error, and what to do about it. "
            "The same "
            "at the terminal: `pyledger check --explain ID`. What the parties accept they waive, with a reason: "
            "`pyledger check FILE --waive ID --because WHY`."
        ),
        "",
    ]
    ids = ((f"[{rule.id}](#{anchor(rule.id)})", rule.severity, prose(rule.title)) for rule in RULES.values())
    lines += table(("id", "severity", "finding"), ids)
    for rule in RULES.values():
        lines += [f"## {rule.id}: {prose(rule.title)} {{ #{anchor(rule.id)} }}", "", prose(rule.why), ""]
        lines += [f"**Mend it.** {prose(rule.mend)}", "", f"*{prose(rule.source)}*", ""]
    return "\n".join(lines)


def errors() -> str:
    """What a program or a contract refuses with."""
    lines = ["# Errors", ""]
    lines += [
        (
            "Every error says what happened, where, and what to do next. Programs get the same by "
            "`--json`, in one object: "
            "`kind`, `what`, `where`, `hint`, and for a refusal of the contracts its `name` and `values`."
        ),
        "",
        "## Kinds, and exit codes",
        "",
        "```text",
        cleandoc((pyledger.errors.__doc__ or "").partition("\n\n")[2].partition("\n\nExit codes")[0]),
        "```",
        "",
        "## Refusals of the contracts",
        "",
        "The name is that of the contract's own error; words in braces are its values.",
        "",
    ]
    told = (
        f'- <a id="{name.lower()}"></a>**{code(name)}**: {prose(what)}. *Next:* {prose(next_)}.'
        for name, (what, next_) in sorted(SENTENCES.items())
    )
    return "\n".join([*lines, *told]) + "\n"


def api() -> str:
    """The JSON API of the window, from its own description."""
    described: dict[str, Any] = openapi()
    lines = ["# The API of the window", "", prose(described["info"].get("description", "")), ""]
    lines += [
        "The description for programs (OpenAPI): [openapi.json](../openapi.json), or `pyledger serve --openapi`.",
        "",
    ]
    for path, methods in described["paths"].items():
        for method, each in methods.items():
            lines += [
                f"## {method.upper()} {code(path)} {{ #{anchor(each['operationId'])} }}",
                "",
                prose(each["summary"]),
                "",
            ]
            lines += table(
                ("parameter", "in", "what it is"),
                (
                    (code(one["name"]), one["in"], prose(one.get("description") or one["schema"].get("type", "")))
                    for one in each["parameters"]
                ),
            )
            lines += table(("status", "answer"), ((code_, _answer(one)) for code_, one in each["responses"].items()))
    lines += ["## What is answered", ""]
    for name, shape in described["components"]["schemas"].items():
        lines += [f"### {name} {{ #{anchor(name)} }}", "", prose(shape.get("description", "")), ""]
        fields = shape.get("properties", {}).items()
        lines += table(("field", "what"), ((code(key), _shape(field)) for key, field in fields))
    return "\n".join(lines)


def _answer(answer: dict[str, Any]) -> str:
    kinds = [_shape(each["schema"]) for each in answer.get("content", {}).values() if "schema" in each]
    return " ".join([prose(answer["description"]), *(f"({kind})" for kind in kinds)])


def _shape(field: dict[str, Any]) -> str:
    if reference := field.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{anchor(name)})"
    if either := field.get("anyOf"):
        return " or ".join(_shape(each) for each in either)
    shape = "null" if field.get("type") == "null" else str(field.get("type", "anything"))
    if field.get("type") == "array":
        shape = f"list of {_shape(field.get('items', {}))}"
    return f"{shape}: {prose(field['description'])}" if "description" in field else shape


def galleries() -> Iterator[tuple[str, str]]:
    """Page → its text: the gallery by subject, then each document as pyledger explains it."""
    lines = ["# The gallery", ""]
    lines += [
        (
            "Documents to learn from, most of them after real agreements. A name can stand wherever a command wants a "
            "DEAL: "
            "`pyledger whatif jcpoa-2015`, `pyledger new deal.yaml --from windfall-pledge`. Each page below is what "
            "`pyledger explain` says of the document; the picture is its `--picture`."
        ),
        "",
    ]
    for shelf, documents in gallery.SHELVES.items():
        lines += [f"## {shelf}", ""]
        rows = []
        for name, shows in documents.items():
            document = loads(gallery.read(name), file=name)
            rows.append((f"[{code(name)}](../gallery/{name}.md)", prose(document.title), prose(shows)))
            said = markdown.render(explain(document))
            title, _, rest = said.partition("\n")
            shown = f"![The phases of {name}, drawn by pyledger explain](../pictures/gallery/{name}.svg)"
            yield f"gallery/{name}.md", f"{title}\n\n{shown}\n{rest}"
        lines += table(("document", "what it is", "what it shows"), rows)
    yield "reference/gallery.md", "\n".join(lines)


def decisions(folder: Path) -> str:
    """The list of decision pages."""
    lines = [
        "# Decisions",
        "",
        "Why things are as they are: a short page for each choice that somebody will ask about.",
        "",
    ]
    for path in sorted(folder.glob("0*.md")):
        title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        lines.append(f"- [{prose(title)}]({path.name})")
    return "\n".join(lines) + "\n"
