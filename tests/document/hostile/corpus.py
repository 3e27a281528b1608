"""The corpus: what was written to hurt its reader, and what the reader has to say of it.

Each is text or bytes with the words that one of its findings must hold, and the line of that finding; None where there
is no line, because the file as a whole is not read. What is too large to keep is made here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from pyledger.document import gallery

__all__ = ["CORPUS", "Hostile"]

LIMIT: Final = 256 * 1024
WHOLE: Final = (Path(__file__).parents[1] / "whole.yaml").read_text(encoding="utf-8")
DEAL: Final = (Path(__file__).parents[1] / "deal.yaml").read_text(encoding="utf-8")
HEAD: Final = "pyledger: 1\ntitle: A deal\n"


class Hostile(NamedTuple):
    """What is in the file, the words of a finding, and its line."""

    content: str | bytes
    words: str
    line: int | None


def whole(old: str, new: str) -> str:
    assert old in WHOLE, old
    return WHOLE.replace(old, new, 1)


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def number(written: str) -> Hostile:
    """An amount written in another way than the format knows."""
    text = whole("amount: 500", f"amount: {written}")
    return Hostile(text, "amount", line_of(text, "bond: {amount:"))


JOIN: Final = line_of(WHOLE, "join_within")
BY: Final = line_of(WHOLE, "by: north\n")
LAUGHS = "a0: &a0 [lol, lol]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 20))
OBLIGATION = "{by: outside, what: x, within: 1 day, decided_by: p, if_silent: met}"
MANY = (
    HEAD + "parties: {a: {name: A}}\npanels: {p: {verifiers: [v], threshold: 1}}\n"
    "join_within: 1 day\nlong_stop_after: 9 years\nphases:\n"
)
NAMES = "".join(
    f"- id: ph{n}\n  obligations: {{{', '.join(f'o{n}-{m}: {OBLIGATION}' for m in range(32))}}}\n" for n in range(60)
)

CORPUS: Final[dict[str, Hostile]] = {
    # expansion
    "billion-laughs": Hostile(LAUGHS, "anchors (`&name`) are not read", 1),
    "anchor-on-a-value": Hostile(whole("title: Access", "title: &t Access"), "anchors", 3),
    "alias-to-nothing": Hostile(HEAD + "summary: *nothing\n", "aliases", 3),
    "alias-to-itself": Hostile("a: &a [*a]\n", "anchors", 1),
    "merge-key": Hostile(HEAD + "parties: {<<: {a: {name: A}}}\n", "merge keys", 3),
    "merge-key-of-a-list": Hostile(HEAD + "<<: [{a: 1}, {b: 2}]\n", "merge keys", 3),
    # depth
    "deep-flow-list": Hostile("a: " + "[" * 100_000, "nested deeper than 32 levels", 1),
    "deep-flow-mapping": Hostile("a: " + "{a: " * 50_000, "nested deeper than 32 levels", 1),
    "deep-block": Hostile("".join(f"{' ' * n}a:\n" for n in range(400)), "nested deeper than 32 levels", 34),
    "deep-dashes": Hostile("a:\n  " + "- " * 5_000 + "x\n", "nested deeper than 32 levels", 2),
    "deep-questions": Hostile("? " * 5_000 + "a\n", "cannot be a key", 1),
    "closed-a-thousand-times": Hostile("a: [x" + "]" * 1_000 + "\n", "not YAML", 1),
    # what never ends
    "endless-flow": Hostile(HEAD + "parties: {a: {name: A}, " + "b: {name: B}, " * 5_000, "never closed", 3),
    "endless-double-quote": Hostile(HEAD + 'summary: "' + "x " * 100_000, "never closed", 3),
    "endless-single-quote": Hostile(HEAD + "summary: '" + "''" * 100_000, "never closed", 3),
    "endless-escape": Hostile(HEAD + 'summary: "\\x', "not YAML", 3),
    "endless-comment": Hostile("#" * (LIMIT - 10), "the file is empty", 1),
    "endless-spaces": Hostile(" " * (LIMIT - 10), "the file is empty", 1),
    "endless-blank-lines": Hostile("\n" * (LIMIT - 10), "the file is empty", 1),
    "endless-dashes": Hostile("-" * (LIMIT - 10), "expected keys and values", 1),
    "ten-megabytes-on-a-line": Hostile(HEAD + "summary: " + "x" * 10_000_000, "more than 262,144 bytes", None),
    "ten-megabytes-of-brackets": Hostile("[" * 10_000_000, "more than 262,144 bytes", None),
    "a-line-of-the-largest-size": Hostile(HEAD + "summary: " + "x" * (LIMIT - 100), "characters", 3),
    "a-block-of-the-largest-size": Hostile(HEAD + "summary: |\n" + " x\n" * 80_000, "characters", 3),
    "a-folded-block": Hostile(HEAD + "summary: >-\n" + " x\n" * 80_000, "characters", 3),
    "a-key-of-the-largest-size": Hostile("x" * (LIMIT - 100) + ": 1\n", "not YAML", 1),
    "a-quoted-key-of-the-largest-size": Hostile('"' + "x" * (LIMIT - 100) + '": 1\n', "not YAML", 1),
    # too many
    "many-keys": Hostile(HEAD + "".join(f"k{n}: 1\n" for n in range(15_000)), "unknown key `k0`", 3),
    "one-key-many-times": Hostile(HEAD + "title: B\n" * 15_000, "written twice, first on line 2", 3),
    "many-empty-items": Hostile(HEAD + "notes:\n" + "-\n" * 100_000, "more than 40,000 keys and values", None),
    "many-notes-then-nothing": Hostile(HEAD + "notes:\n" + "- a\n" * 60_000, "more than 40,000 keys and values", None),
    "many-wrong-items": Hostile(HEAD + "notes:\n" + "- 1\n" * 20_000, "expected text", 4),
    "many-wrong-items-in-one-line": Hostile(HEAD + f"notes: [{'1,' * 25_000}]\n", "expected text", 3),
    "many-wrong-mappings": Hostile(HEAD + f"parties: {{{','.join(f'a{n}: {{}}' for n in range(9_000))}}}\n",
                                   "`name` is missing", 3),
    "many-parties": Hostile(HEAD + "parties:\n" + "".join(f"  a{n}: {{name: A}}\n" for n in range(9_000)),
                            "9000 parties, where 1 to 16 are possible", 3),
    "many-phases": Hostile(MANY + "- {id: x, obligations: {}}\n" * 4_000, "phases, where 1 to 255 are possible", 7),
    "many-hidden-characters": Hostile(HEAD + "summary: " + "\u200b" * 80_000, "U+200B", 3),
    "many-unknown-names": Hostile(
        MANY + NAMES + "benefits:\n  b: {what: x, from: a, to: a, cluster: seat, tangibility: status, "
        f"revocability: irrevocable, verified_by: [{', '.join(f'q{n}' for n in range(10_000))}]}}\n",
        "is no obligation", (MANY + NAMES).count("\n") + 2,
    ),
    "many-names-that-are-nearly-known": Hostile(
        MANY + NAMES + "affected_groups:\n  g: {name: G, seats: ["
        + ", ".join(f"verifier-{n}" for n in range(5_000)) + "]}\n",
        "is no verifier", (MANY + NAMES).count("\n") + 2,
    ),
    "long-names-that-are-nearly-known": Hostile(
        whole("by: outside", "by: " + "north-" * 10 + "x").replace("from: north", "from: " + "n" * 60_000),
        "expected a name", line_of(WHOLE, "from: north"),
    ),
    # tags and directives
    "a-tag-that-runs-programs": Hostile(HEAD + "summary: !!python/object/apply:os.system [ls]\n", "tags", 3),
    "a-tag-of-ones-own": Hostile(whole("title: Access", "title: !x Access"), "tags", 3),
    "a-binary-tag": Hostile(HEAD + "summary: !!binary aGVsbG8=\n", "tags", 3),
    "a-tag-on-the-whole": Hostile("--- !!omap\n- a: 1\n", "tags", 1),
    "another-version-of-yaml": Hostile("%YAML 1.1\n---\n" + DEAL, "directives", 1),
    "a-directive-for-tags": Hostile("%TAG ! tag:example.org:\n---\n" + DEAL, "directives", 1),
    "an-unknown-directive": Hostile("# a deal\n%PYTHON import os\n---\n" + DEAL, "directives", 2),
    "two-documents": Hostile(DEAL + "---\n" + DEAL, "a second document begins", DEAL.count("\n") + 1),
    "an-end-and-more": Hostile(DEAL + "...\ntitle: B\n", "", DEAL.count("\n") + 2),
    # keys
    "a-key-twice": Hostile(whole("title: Access", "title: Mine\ntitle: Access"), "written twice", 4),
    "a-key-twice-inside": Hostile(
        whole("{name: North,", "{name: North, name: South,"), "written twice", line_of(WHOLE, "{name: North,")
    ),
    "a-key-twice-in-two-forms": Hostile(whole("title: Access", '"title": Mine\ntitle: Access'), "written twice", 4),
    "a-key-twice-in-two-normal-forms": Hostile(
        whole("{frontier:", "{caf\u00e9: a, cafe\u0301: b, frontier:"), "written twice", 4),
    "a-number-as-key": Hostile(HEAD + "1: x\n", "is not text", 3),
    "nothing-as-key": Hostile(HEAD + ": x\n", "is not text", 3),
    "null-as-key": Hostile(HEAD + "~: x\n", "is not text", 3),
    "a-list-as-key": Hostile(HEAD + "[a, b]: x\n", "cannot be a key", 3),
    "a-key-that-names-a-class": Hostile(HEAD + "__class__: x\nmodel_config: y\n", "unknown key `__class__`", 3),
    # characters
    "a-nul": Hostile(HEAD + "summary: a\0b\n", "a character that YAML does not allow", 3),
    "a-nul-in-quotes": Hostile(whole("title: Access", 'title: "A\\0ccess'.replace("ccess", "") + '" #'), "U+0000", 3),
    "a-bell": Hostile(HEAD + "summary: a\x07b\n", "a character that YAML does not allow", 3),
    "an-escape-for-terminals": Hostile(whole("title: Access for restraint", 'title: "\\e[31mred"'), "U+001B", 3),
    "not-utf-8": Hostile(HEAD.encode() + b"summary: caf\xe9\n", "not UTF-8: byte 0xe9", 3),
    "overlong-utf-8": Hostile(HEAD.encode() + b"summary: \xc0\xaf\n", "not UTF-8: byte 0xc0", 3),
    "half-a-surrogate": Hostile(HEAD.encode() + b"summary: \xed\xa0\x80\n", "not UTF-8", 3),
    "an-escaped-surrogate": Hostile(HEAD + 'summary: "\\ud800"\n', "", 3),
    "beyond-unicode": Hostile(HEAD + 'summary: "\\U00110000"\n', "not YAML", None),
    "utf-16": Hostile(DEAL.encode("utf-16"), "not UTF-8", 1),
    "utf-32": Hostile(DEAL.encode("utf-32"), "not UTF-8", 1),
    "random-bytes": Hostile(bytes(range(256)) * 100, "not UTF-8", 2),
    "an-archive": Hostile(b"PK\x03\x04" + bytes(5_000), "a character that YAML does not allow", 1),
    "reordered-by-bidi": Hostile(whole("title: Access", "title: \u202eAccess"), "U+202E", 3),
    "reordered-in-a-comment": Hostile(WHOLE + "# \u2066amount: 900\u2069\n", "U+2066", WHOLE.count("\n") + 1),
    "reordered-in-a-key": Hostile(whole("title:", "ti\u202etle:"), "U+202E", 3),
    "reordered-by-an-escape": Hostile(whole("title: Access for restraint", 'title: "\\u202eA"'), "U+202E", 3),
    "invisible": Hostile(whole("by: north\n", "by: nor\u200bth\n"), "U+200B", BY),
    "a-byte-order-mark-inside": Hostile(whole("by: north\n", "by: \ufeffnorth\n"), "U+FEFF", BY),
    "tag-characters": Hostile(whole("title: Access", "title: A\U000e0041ccess"), "U+E0041", 3),
    "cyrillic-lookalike": Hostile(whole("by: north\n", "by: n\u043erth\n"), "expected a name", BY),
    "another-line-break": Hostile(HEAD + "summary: a\u2028title: b\n", "", 3),
    "a-tab-for-indentation": Hostile(HEAD + "parties:\n\ta: {name: A}\n", "", 4),
    # numbers
    "infinity": number(".inf"),
    "less-than-nothing": number("-.inf"),
    "no-number": number(".nan"),
    "nan": number("NaN"),
    "scientific": number("1e400"),
    "scientific-and-negative": number("5E-324"),
    "octal": number("0o17"),
    "octal-of-old": number("017"),
    "hexadecimal": number("0x10"),
    "binary": number("0b1"),
    "sexagesimal": number("190:20:30"),
    "sexagesimal-with-point": number("190:20:30.15"),
    "with-a-plus": number("+5"),
    "negative": number("-5"),
    "underscores": number("1__000"),
    "ends-in-an-underscore": number("1_"),
    "full-width-digits": number("\uff15\uff10\uff10"),
    "arabic-digits": number("\u0665\u0660\u0660"),
    "superscript": number("5\u00b2"),
    "a-hundred-thousand-digits": number("9" * 100_000),
    "a-hundred-thousand-decimals": number("0." + "9" * 100_000),
    "thousands-by-comma": number("50,000"),
    "thousands-by-comma-in-quotes": number('"50,000"'),
    "true-as-number": number("true"),
    "a-date-as-number": number("2027-01-31"),
    "a-day-that-is-none": Hostile(whole("join_within: 14 days", "join_by: 2027-02-30"), "no date of the", JOIN),
    "a-time-before-time": Hostile(whole("join_within: 14 days", "join_by: 0000-00-00"), "date", JOIN),
    "a-duration-without-end": Hostile(whole("within: 60 days", "within: 999999999999 years"), "longer than", None),
    "a-duration-of-many-words": Hostile(whole("within: 1 year", "within: " + "1 day " * 20_000), "", None),
    "percent-of-many-digits": Hostile(whole("forfeit: 50%", "forfeit: 0." + "0" * 50_000 + "1%"), "percentage", None),
    "yes-and-no": Hostile(whole("material: true", "material: yes"), "without quotes", line_of(WHOLE, "material: true")),
    # other shapes
    "nothing": Hostile("", "the file is empty", 1),
    "a-byte-order-mark-alone": Hostile(b"\xef\xbb\xbf", "the file is empty", 1),
    "a-list": Hostile("- a\n- b\n", "found a list", 1),
    "a-word": Hostile("hello\n", "found text", 1),
    "null": Hostile("null\n", "the file is empty", 1),
    "keys-without-values": Hostile("pyledger:\ntitle:\nparties:\nphases:\n", "no value is given", 1),
    "lists-for-mappings": Hostile(HEAD + "parties: [a]\npanels: [b]\nphases: {c: d}\n", "expected a mapping", 3),
    "mappings-for-text": Hostile("pyledger: {a: 1}\ntitle: {b: 2}\n", "expected text", 2),
    "json-that-repeats": Hostile('{"pyledger": 1, "title": "a", "title": "b"}', "written twice", 1),
    "a-page-of-markup": Hostile("<!DOCTYPE html><html><body>no deal</body></html>\n", "found text", 1),
}  # fmt: skip


def harmless() -> str:
    """A document that is none of this, to be read first."""
    return gallery.read("lockerbie-2003")
