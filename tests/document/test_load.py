"""What a reader of a document is told: every error with its line, its path and how to mend it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from pyledger.document import Document, load, loads
from pyledger.document.tree import MAX_BYTES
from pyledger.errors import DocumentError, Finding

Refuse = Callable[..., tuple[Finding, ...]]

BOMB = """\
pyledger: 1
a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
e: [*d, *d, *d, *d, *d, *d, *d, *d, *d]
"""


def refuse_text(text: str) -> tuple[Finding, ...]:
    with pytest.raises(DocumentError) as refused:
        loads(text, file="deal.yaml")
    return refused.value.findings


def refuse_file(path: Path) -> Finding:
    with pytest.raises(DocumentError) as refused:
        load(path)
    assert refused.value.file == str(path)
    (finding,) = refused.value.findings
    return finding


def test_a_deal_reads_as_what_it_means(deal: str) -> None:
    document = loads(deal)
    build, upkeep = document.phases
    assert build.payments["wage"].amount == Decimal("1000.50")
    assert build.payments["wage"].to == {"worker": 10_000}
    assert build.payments["wage"].on == ("met",)
    assert build.obligations["delivered"].deadline == 32 * 86_400
    assert document.parties["payer"].forfeits_to == {"worker": 6000, "fund": 4000}
    assert document.bond_level("payer", build) == 100
    assert document.bond_level("payer", upkeep) == 250
    assert document.bond_level("worker", upkeep) == 0
    assert document.panels["board"].seats == (("jurist-a", 0), ("jurist-b", 0), ("engineer", 1))
    assert document.top_up_within == 7 * 86_400
    assert document.default_forfeits == 10_000


def test_an_amount_keeps_the_digits_it_was_written_with(deal: str) -> None:
    document = loads(deal.replace("1_000.50", "0.100000"))
    assert document.phases[0].payments["wage"].amount == Decimal("0.1")


def test_a_document_is_frozen(deal: str) -> None:
    with pytest.raises(ValueError, match="frozen"):
        loads(deal).title = "Another"  # type: ignore[misc]


def test_a_document_made_in_python_meets_the_same_rules() -> None:
    with pytest.raises(ValueError, match="0 parties, where 1 to 16 are possible"):
        Document.model_validate({"pyledger": 1, "title": "None", "parties": {}, "panels": {}, "phases": []})


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "message", "hint"),
    [
        ("pyledger: 1", "pyledger: 2", 1, "pyledger", "format 1, found the number 2", "pyledger: 1"),
        ("title: A", "titel: A", 2, "titel", "unknown key `titel`", "did you mean `title`?"),
        ("title: A small deal", "title: 5", 2, "title", "expected text, found the number 5", "quotes"),
        ("title: A small deal", "title: No", 2, "title", "`No` without quotes", '"No"'),
        ("title: A small deal", 'title: "A \\u202e deal"', 2, "title", "U+202E (RIGHT-TO-LEFT OVERRIDE)", "take"),
        ("title: A small deal", 'title: "A \\e[31m deal"', 2, "title", "U+001B", "take"),
        ("title: A small deal", 'title: "two\\nlines"', 2, "title", "one line of text", "one line"),
        ("title: A small deal", "title:", 2, "title", "no value is given", "write it"),
        ("title: A small deal", "# no title", 1, "title", "`title` is missing", "write for example `title: "),
        ("{native: true}", "{native: yes}", 5, "assets.coin.native", "`yes` without quotes", "write true or false"),
        ("{native: true}", '{native: "true"}', 5, "assets.coin.native", 'found the text "true"', "without quotes"),
        ("decimals: 6", "decimals: 6.0", 4, "assets.usd.decimals", "whole number, found the number 6.0", "digits"),
        (
            "{name: Worker}",
            "Worker",
            8,
            "parties.worker",
            "expected a mapping of keys to values",
            "its keys: name, bond",
        ),
        (
            "by: worker",
            "by: w\u043erker",
            24,
            "phases.build.obligations.delivered.by",
            "with U+043E (CYRILLIC",
            "lowercase",
        ),
        ("wage:", "Wage:", 31, "phases.build.payments.Wage", 'expected a name, found the text "Wage"', "lowercase"),
        ("wage:", "12:", 31, "phases.build.payments.12", "the key `12` is not text", "quotes"),
        (
            "[juror-a, juror-b, juror-c]",
            "juror-a",
            12,
            "panels.jury.verifiers",
            "expected a list, found the text",
            "[reg",
        ),
        ("[juror-a, juror-b, juror-c]", "[juror-a, , juror-c]", 12, "", "not YAML", None),
        ("title: A small deal", "title: “A deal: small”", 2, "", "not YAML", 'straight quotes (")'),
        ("title: A small deal", "title: 'A deal's end'", 2, "", "not YAML", "holds ' between"),
        ("  worker: {", " \u00a0worker: {", 8, "", "not YAML", "beginning of line 8: not all are plain"),
        ("join_within: 14 days", "join_within:14 days", 19, "", "not YAML", "in the line before"),
        ("  worker: {", "   worker: {", 8, "", "not YAML", "in the line before"),
        (
            "join_within: 14 days",
            "join_within: 14",
            18,
            "join_within",
            "expected a duration, found the number 14",
            "days",
        ),
        ("join_within: 14 days", "join_within: 31/12/2027", 18, "join_within", "a duration", "not a date"),
        ("join_within: 14 days", "join_within: 14 Days", 18, "join_within", "a duration", "in small letters"),
        ("join_within: 14 days", "join_within: 1,5 months", 18, "join_within", "a duration", "whole numbers"),
        ("join_within: 14 days", "join_within: “14 days”", 18, "join_within", "“14 days”", 'or write " and "'),
        (
            "forfeit: 50%",
            "forfeit: „50%“",
            48,
            "phases.upkeep.obligations.no-complaint.forfeit",
            "percentage",
            '" and "',
        ),
        ("1_000.50", "“1_000.50”", 34, "phases.build.payments.wage.amount", "an amount", '" and "'),
        ("from: payer", "from: Páyer", 32, "phases.build.payments.wage.from", "expected a name", "for example payer"),
        ("to: worker", "to: payer", 33, "phases.build.payments.wage.to", "`payer` would pay itself", "another payee"),
        ("wage:", "Day_wage:", 31, "phases.build.payments.Day_wage", "expected a name", "for example day-wage"),
        ("join_within: 14 days", "join_by: 2027-02-30", 18, "join_by", "no date of the calendar", "2027-01-31"),
        (
            "decided_by: jury",
            "decided_by: no",
            28,
            "phases.build.obligations.delivered.decided_by",
            "`no` without",
            "no",
        ),
        (
            "if_silent: lapse",
            "if_silent: lapses",
            29,
            "phases.build.obligations.delivered.if_silent",
            "a verdict",
            "lapsed",
        ),
        (
            "if_silent: lapse",
            "if_silent: lapse\n        waivers: []",
            30,
            "phases.build.obligations.delivered.waivers",
            "unknown key `waivers`",
            "known here: by, what",
        ),
        ("1_000.50", "1e3", 34, "phases.build.payments.wage.amount", 'found the text "1e3"', "scientific"),
        ("1_000.50", "-1", 34, "phases.build.payments.wage.amount", "found the number -1", "never negative"),
        ("1_000.50", "1,000", 34, "phases.build.payments.wage.amount", 'found the text "1,000"', "never"),
        ("1_000.50", '"1000.5000001"', 34, "phases.build.payments.wage.amount", "more decimals than the asset", "6"),
        (
            "delivered: met",
            "delivered: [met, done]",
            36,
            "phases.build.payments.wage.when.delivered[1]",
            "done",
            "lapsed",
        ),
        ("forfeit: 50%", "forfeit: 50", 48, "phases.upkeep.obligations.no-complaint.forfeit", "percentage", "50%"),
        ("forfeit: 50%", "forfeit: 0.5", 48, "phases.upkeep.obligations.no-complaint.forfeit", "percentage", "40%"),
        ("forfeit: 50%", "forfeit: 50.005%", 48, "phases.upkeep.obligations.no-complaint.forfeit", "finer than", "40%"),
        (
            "material: true",
            "material: 1",
            47,
            "phases.upkeep.obligations.no-complaint.material",
            "true or false",
            "true",
        ),
        ("  - id: build\n", "  - title: Build\n", 21, "phases[0].id", "`id` is missing", "release"),
    ],
)
def test_one_wrong_line_gives_one_finding(
    refuse: Refuse, old: str, new: str, line: int, path: str, message: str, hint: str | None
) -> None:
    (finding,) = refuse((old, new))
    assert (finding.line, finding.path) == (line, path)
    assert message in finding.message
    assert (hint or "") in (finding.hint or "")


def test_a_misspelt_key_is_known_inside_what_may_be_left_out(refuse: Refuse) -> None:
    (finding,) = refuse(("100, asset: usd", "100, aset: usd"))
    assert (finding.line, finding.path) == (7, "parties.payer.bond.aset")
    assert finding.hint == "did you mean `asset`?"


def test_columns_point_at_the_value(refuse: Refuse) -> None:
    (finding,) = refuse(("decimals: 6}", "decimals: six}"))
    assert (finding.line, finding.column) == (4, 33)


def test_everything_wrong_is_reported_at_once_in_the_order_of_the_text(refuse: Refuse) -> None:
    findings = refuse(
        ("title: A", "titel: A"),
        ("{name: Worker}", "{nam: Worker}"),
        ("threshold: 2}", "threshold: 4}"),
        ("within: 30 days", "within: 30 dayz"),
        ("1_000.50", "1e3"),
        ("bonds: {payer: 250}", "bonds: {payor: 250}"),
        ("decided_by: board", "decided_by: bord"),
    )
    assert [(finding.line, finding.path) for finding in findings] == [
        (2, "titel"),
        (8, "parties.worker.nam"),
        (12, "panels.jury.threshold"),
        (26, "phases.build.obligations.delivered.within"),
        (34, "phases.build.payments.wage.amount"),
        (39, "phases.upkeep.bonds.payor"),
        (45, "phases.upkeep.obligations.no-complaint.decided_by"),
    ]


def test_the_error_prints_file_line_column_path_and_how_to_mend(deal: str) -> None:
    with pytest.raises(DocumentError) as refused:
        loads(deal.replace("to: worker\n", "to: workers\n"), file="deal.yaml")
    assert str(refused.value) == (
        "deal.yaml:33:13: phases.build.payments.wage.to: `workers` is no party or recipient\n"
        "    did you mean `worker`?\n"
        "deal.yaml: 1 error"
    )


def test_a_duplicate_key_names_both_lines(refuse: Refuse) -> None:
    (finding,) = refuse(("  worker: {name: Worker}\n", "  worker: {name: Worker}\n  worker: {name: Other}\n"))
    assert (finding.line, finding.column, finding.path) == (9, 3, "parties.worker")
    assert finding.message == "`worker` is written twice, first on line 8"


def test_a_duplicate_of_an_empty_key_is_reported_too(refuse: Refuse) -> None:
    empty, twice = refuse(("assets:\n", "assets:\nassets:\n"))
    assert (empty.line, twice.line, twice.path) == (3, 4, "assets")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("usd: {", "usd: &money {", 4, "anchors"),
        ("usd: {", "usd: *money #", 4, "aliases"),
        ("usd: {", "usd: !!map {", 4, "tags"),
        ("title: A", "title: !python/object A", 2, "tags"),
        ("assets:\n", "assets:\n  <<: {}\n", 4, "merge keys"),
        ("pyledger: 1\n", "%YAML 1.1\n---\npyledger: 1\n", 1, "directives"),
        ("assets:\n", "---\nassets:\n", 3, "a second document"),
        ("  coin:", "\tcoin:", 5, "a tab where"),
        ("title: A", "? [a]\n: A", 2, "a list or mapping cannot be a key"),
        ("title: A", "? " * 50_000 + "A", 2, "a list or mapping cannot be a key"),
        ("title: A", "title: A: B", 2, "a colon and a space in the middle of a text"),
        ("title: A", "title: @A", 2, "no text begins so"),
        ("title: A", "title A", 2, "a line that gives no key"),
        ("  worker: {", "   worker: {", 8, "a line that belongs to nothing before it"),
        ("title: A small", "title: 'A' small", 2, "a text goes on after its closing quote"),
        ("symbol: USDX, dec", "symbol: USDX dec", 4, "a comma or a closing bracket is missing"),
        ("juror-a, juror-b", "juror-a, , juror-b", 12, "a value is missing"),
        (
            "{symbol: USDX, decimals: 6}",
            "{symbol: USDX, decimals: 6",
            5,
            "not YAML: a comma or a closing bracket is missing",
        ),
        ("title: A", 'title: "A', 2, "not YAML: the file ends too soon"),
        ("title: A", "title: \x07A", 2, "a character that YAML does not allow"),
    ],
)
def test_what_a_document_cannot_hold_stops_the_reading(
    refuse: Refuse, old: str, new: str, line: int, message: str
) -> None:
    (finding,) = refuse((old, new))
    assert message in finding.message
    assert finding.line is not None
    assert abs(finding.line - line) <= 1 if "not YAML" in finding.message else finding.line == line


def test_an_alias_bomb_is_refused_before_it_expands() -> None:
    began = time.process_time()
    (finding,) = refuse_text(BOMB)
    assert (finding.line, finding.path) == (2, "a")
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("text", ["a: " + "[" * 50_000, "a: " + "{a: " * 50_000, "- " * 50_000])
def test_deep_nesting_is_refused_quickly(text: str) -> None:
    began = time.process_time()
    (finding,) = refuse_text(text)
    assert "deeper" in finding.message
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("---\n...\n", "the file is empty"),
        ("null", "the file is empty"),
        ("- a\n- b\n", "found a list"),
        ("just words", "found text"),
        ("5", "found text"),
    ],
)
def test_only_keys_and_values_make_a_document(text: str, message: str) -> None:
    (finding,) = refuse_text(text)
    assert finding.line == 1
    assert message in finding.message


def test_hidden_characters_are_refused_in_comments_too(refuse: Refuse) -> None:
    (finding,) = refuse(("title: A small deal", "title: A small deal # 5\u202e0"))
    assert (finding.line, finding.column) == (2, 24)
    assert "U+202E" in finding.message


def test_a_hidden_character_is_told_once_where_it_stands(refuse: Refuse) -> None:
    (finding,) = refuse(("{name: Worker}", "{name: Wor\u202eker}"))
    assert (finding.line, finding.column) == (8, 21)
    assert "hides or reorders" in finding.message


@pytest.mark.parametrize(
    ("written", "mended"),
    [("50,000", "50_000"), ("1,080,000,000", "1_080_000_000"), ("1,500.50", "1_500.50")],
)
def test_commas_in_braces_tear_numbers_apart(refuse: Refuse, written: str, mended: str) -> None:
    (finding,) = refuse(("bond: {amount: 100, asset", f"bond: {{amount: {written}, asset"))
    assert (finding.line, finding.column, finding.path) == (7, 39, "parties.payer.bond.amount")
    assert f"a comma ends the value: {written} is read as" in finding.message
    assert finding.hint == f"write {mended}"


def test_a_comma_in_a_percentage_in_braces_is_told_once(refuse: Refuse) -> None:
    (finding,) = refuse(("{worker: 60%, fund: 40%}", "{worker: 60,25%, fund: 39.75%}"))
    assert (finding.path, finding.hint) == ("parties.payer.forfeits_to.worker", "write 60.25%")


@pytest.mark.parametrize("name", ["Payer", "páyer", "PAYER"])
def test_a_name_that_cannot_be_one_is_told_once_and_not_at_every_mention(refuse: Refuse, name: str) -> None:
    """Who names a party as it is called is not told that the party, spelt rightly elsewhere, does not exist."""
    (finding,) = refuse(("  payer: {", f"  {name}: {{"))
    assert finding.path == f"parties.{name}"
    assert (finding.hint or "").endswith("for example payer")


def test_words_that_would_be_lost_in_a_comment_are_told(refuse: Refuse) -> None:
    """What is signed must be what a reader saw: the file shows the words, and the document would not have them."""
    (finding,) = refuse(("what: The worker delivers", "what: The worker delivers #2 of the houses"))
    assert (finding.line, finding.path) == (25, "phases.build.obligations.delivered.what")
    assert finding.message == "`#2` begins a comment: it and what follows it are not read"


def test_comments_are_read_as_comments(deal: str) -> None:
    for comment in (" # of the houses", "  ## of the houses", " #", " #!"):
        assert loads(deal.replace("what: The worker delivers", f"what: The worker delivers{comment}")) == loads(deal)
    loads(deal.replace("what: The worker delivers", 'what: "The worker delivers #2"'))


def test_what_is_known_is_listed_once(refuse: Refuse) -> None:
    (finding,) = refuse(
        ("recipients:", "standing: {crowd: {name: Crowd}}\naffected_groups: {crowd: {name: Crowd}}\nrecipients:"),
        ("join_within", "comment: {window: 9 days, notice_to: [zzz]}\njoin_within"),
    )
    assert finding.hint == "known here: payer, worker, fund, crowd"


def test_commas_in_braces_tear_the_last_number_apart_too(refuse: Refuse) -> None:
    (finding,) = refuse(("bonds: {payer: 250}", "bonds: {payer: 1,250}"))
    assert (finding.path, finding.hint) == ("phases.upkeep.bonds.payer", "write 1_250")


def test_keys_cannot_drive_the_terminal() -> None:
    for finding in refuse_text('"a\\e[31m": 1\n'):
        assert "\x1b" not in finding.render("deal.yaml")


def test_a_flood_of_errors_is_cut_short() -> None:
    findings = refuse_text("".join(f"key-{index}: x\n" for index in range(1000)))
    assert len(findings) <= 101
    assert "more findings" in findings[-1].message
    assert len(refuse_text("a: " + "\u202e" * 10_000)) < 50


def test_windows_line_ends_and_a_byte_order_mark_make_no_difference(tmp_path: Path, deal: str) -> None:
    path = tmp_path / "deal.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + deal.replace("\n", "\r\n").encode())
    assert load(path) == loads(deal)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "deal.yaml"
    path.write_bytes(b"pyledger: 1\ntitle: caf\xe9\n")
    finding = refuse_file(path)
    assert (finding.line, finding.column) == (2, 11)
    assert "not UTF-8: byte 0xe9" in finding.message
    assert finding.hint == "save the file as UTF-8"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "deal.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    assert "more than 262,144 bytes" in refuse_file(path).message


def test_a_file_that_is_missing_and_one_that_is_a_directory(tmp_path: Path) -> None:
    assert "No such file" in refuse_file(tmp_path / "deal.yaml").message
    assert "directory" in refuse_file(tmp_path).message


def test_reading_needs_no_chain_library() -> None:
    code = "import pyledger.document, sys; sys.exit(any(name in sys.modules for name in ('web3', 'eth_account')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_told_once_has_no_consequences_told_besides(refuse_accord: Refuse) -> None:
    """A group whose standing is misspelt is still a group: nobody who is told of it is told that it is not there."""
    groups = "affected_groups: {boats: {name: Boats, standing: fisher}}\ncomment: {window: 30 days, notice_to: boats}\n"
    found = refuse_accord(("pyledger: 1\n", f"pyledger: 1\n{groups}"))
    assert [finding.path for finding in found] == ["affected_groups.boats.standing"]
