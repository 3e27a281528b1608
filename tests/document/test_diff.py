"""Two drafts in the language of the deal: nothing goes unsaid, layout is nothing, and who gains and loses is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import ValidationError

from pyledger.document import Document, document_hash, gallery, loads
from pyledger.document.benefits import Benefit
from pyledger.document.diff import Change, compare
from pyledger.document.tree import read_tree

FOLDER = Path(__file__).parent
TEXTS = {name: (FOLDER / f"{name}.yaml").read_text(encoding="utf-8") for name in ("deal", "accord", "whole")}

Path_ = tuple[str | int, ...]


def changed(name: str, *pairs: tuple[str, str]) -> tuple[Change, ...]:
    """What is told of a document in which each `old` is replaced, once, by its `new`."""
    text = TEXTS[name]
    for old, new in pairs:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    return compare(loads(TEXTS[name]), loads(text)).changes


def only(name: str, *pairs: tuple[str, str]) -> Change:
    (found,) = changed(name, *pairs)
    return found


# who gains and who loses


def told(change: Change) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    return change.about, f"{change.what}: {change.words}", change.effect.gains, change.effect.loses


@pytest.mark.parametrize(
    ("name", "old", "new", "about", "words", "gains", "loses"),
    [
        ("deal", "amount: 100,", "amount: 160,", "party payer",
         "bond level: 100 → 160 USDX, 60 more", ("worker", "fund"), ("payer",)),
        ("deal", "amount: 100,", "amount: 40,", "party payer",
         "bond level: 100 → 40 USDX, 60 less", ("payer",), ("worker", "fund")),
        ("deal", "worker: 60%, fund: 40%", "worker: 70%, fund: 30%", "party payer",
         "forfeits to: worker 60%, fund 40% → worker 70%, fund 30%", ("worker",), ("fund",)),
        ("deal", "within: 30 days", "within: 60 days", "obligation delivered (phase build)",
         "deadline: 30 days → 60 days, 30 days later", ("worker",), ()),
        ("deal", "within: 60 days", "within: 90 days", "obligation no-complaint (phase upkeep)",
         "deadline: 60 days → 90 days, 30 days later", ("worker", "fund"), ("payer",)),
        ("deal", "if_silent: lapse", "if_silent: met", "obligation delivered (phase build)",
         "silence counts as: lapsed → met", ("worker",), ("payer",)),
        ("deal", "amount: 1_000.50", "amount: 900", "payment wage (phase build)",
         "amount: 1,000.5 → 900 USDX, 100.5 less", ("payer",), ("worker",)),
        ("deal", "{delivered: met}", "{delivered: [met, lapsed]}", "payment wage (phase build)",
         "released: now when delivered is lapsed or met; before, when delivered is met", ("worker",), ("payer",)),
        ("deal", "fund_within: 7 days", "fund_within: 14 days", "payment wage (phase build)",
         "into escrow within: 7 days → 14 days, 7 days longer", ("payer",), ("worker",)),
        ("deal", "forfeit: 50%", "forfeit: 80%", "obligation no-complaint (phase upkeep)",
         "a breach forfeits: 50% → 80%", ("worker", "fund"), ("payer",)),
        ("deal", "material: true", "material: false", "obligation no-complaint (phase upkeep)",
         "a breach ends the deal: yes → no", ("payer",), ()),
        ("deal", "bonds: {payer: 250}", "bonds: {payer: 300}", "phase upkeep",
         "bond of payer: 250 → 300 USDX", ("worker", "fund"), ("payer",)),
        ("deal", "juror-c], threshold: 2", "juror-c], threshold: 3", "panel jury",
         "threshold: 2 → 3", ("payer",), ("worker",)),
        ("accord", "if_silent: lapse", "if_silent: met", "obligation catch-counted (phase first)",
         "silence counts as: lapsed → met", ("commons",), ("rival",)),
        ("whole", "value: 120\n", "value: 100\n", "benefit model-access",
         "value: 120 → 100 USDX, 20 less", ("north",), ("south", "villages")),
        ("whole", "generation_lag: 1", "generation_lag: 2", "benefit model-access",
         "generation lag: 1 → 2", ("north",), ("south", "villages")),
        ("whole", "revocability: irrevocable", "revocability: degradable", "benefit seat-at-table",
         "revocability: class: irrevocable → degradable", ("north",), ("south",)),
    ],
)  # fmt: skip
def test_who_gains_and_who_loses_is_told_where_money_decides_it(
    name: str, old: str, new: str, about: str, words: str, gains: tuple[str, ...], loses: tuple[str, ...]
) -> None:
    change = only(name, (old, new))
    assert told(change) == (about, words, gains, loses)
    assert change.effect.kind == "shifts"


def sides(change: Change) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return change.effect.gains, change.effect.loses


def test_changes_of_one_sum_are_weighed_each_by_itself() -> None:
    level, to = changed("deal", ("amount: 100,", "amount: 400,"), ("worker: 60%, fund: 40%", "worker: 20%, fund: 80%"))
    assert sides(level) == (("worker", "fund"), ("payer",))
    assert sides(to) == (("fund",), ("worker",))
    *_, here, share = changed("deal", ("bonds: {payer: 250}", "bonds: {payer: 900}"), ("forfeit: 50%", "forfeit: 40%"))
    assert sides(here) == (("worker", "fund"), ("payer",))
    assert (share.what, sides(share)) == ("a breach forfeits", (("payer",), ("worker", "fund")))
    found = changed(
        "deal",
        ("amount: 1_000.50", "amount: 5_000"),
        ("        to: worker\n", "        to: {worker: 40%, fund: 60%}\n"),
    )
    assert {change.what: sides(change) for change in found} == {
        "paid to": (("fund",), ("worker",)),
        "amount": (("worker", "fund"), ("payer",)),
    }


def test_who_pays_if_a_promise_is_kept_and_receives_if_it_is_broken_is_not_forgotten() -> None:
    """More time for the builder is time that the city, which would have its money back and the bond, has lost."""
    starter = (FOLDER.parents[1] / "pyledger" / "cli" / "starter.yaml").read_text(encoding="utf-8")
    (change,) = compare(loads(starter), loads(starter.replace("within: 60 days", "within: 90 days"))).changes
    assert sides(change) == (("builder",), ("city",))


def test_a_waiver_is_told_with_its_own_quotes_alone() -> None:
    waived = 'waivers: [{finding: CRE5, at: phases.build, because: "It is insured"}]\n'
    (new,) = compare(loads(TEXTS["deal"]), loads(TEXTS["deal"] + waived)).changes
    assert new.words == 'new: finding "CRE5"; at "phases.build"; because "It is insured"'
    (other,) = compare(loads(TEXTS["deal"] + waived), loads(TEXTS["deal"] + waived.replace("is", "was"))).changes
    assert other.words == f'{new.words[5:]} → finding "CRE5"; at "phases.build"; because "It was insured"'


@pytest.mark.parametrize(
    ("name", "old", "new", "kind"),
    [
        ("deal", "title: A small deal", "title: A smaller deal", "neutral"),
        ("deal", "{name: Fund}", "{name: The fund}", "open"),
        ("deal", "what: The worker delivers", "what: The worker delivers half", "open"),
        ("accord", "court: high-court", "court: low-court", "open"),
        ("accord", "challenge_within: 7 days", "challenge_within: 8 days", "open"),
        ("whole", "pie: 10", "pie: 12", "neutral"),
        ("whole", "before: delivery", "before: opening", "neutral"),
    ],
)
def test_what_moves_no_money_is_open_or_neutral(name: str, old: str, new: str, kind: str) -> None:
    effect = only(name, (old, new)).effect
    assert (effect.kind, effect.gains, effect.loses) == (kind, (), ())
    assert effect.why


def test_steps_that_pay_more_at_every_value_favour_who_is_paid() -> None:
    change = only("accord", ("pays: 100, then", "pays: 120, then"))
    assert change.new == "(from 0 USDX; pays 0 USDX), (from 1,000.5 USDX; pays 120 USDX; then 12.5%)"
    assert (change.effect.gains, change.effect.loses) == (("commons",), ("maker",))
    less = only("accord", ("then: 12.5%", "then: 5%"))
    assert (less.effect.gains, less.effect.loses) == (("maker",), ("commons",))


def test_steps_that_pay_more_at_some_values_and_less_at_others_are_open() -> None:
    change = only("accord", ("pays: 100, then: 12.5%", "pays: 120, then: 5%"))
    assert change.effect.kind == "open"
    assert "more at some values, less at others" in change.effect.why


# what is new, gone, renamed, moved, or in another order


def test_a_party_under_another_name_is_told_once() -> None:
    text = TEXTS["deal"]
    new = text.replace("worker", "builder").replace("The builder delivers", "The worker delivers")
    (change,) = compare(loads(text), loads(new)).changes
    assert (change.kind, change.words) == ("renamed", "worker is called builder now")


@pytest.mark.parametrize("word", ["delivered", "wage", "build", "jury", "usd", "payer", "fund"])
def test_anything_can_be_renamed(word: str) -> None:
    text = TEXTS["deal"].replace("The payer complains", "Somebody complains")
    new = re.sub(rf"\b{word}\b", f"{word}-renamed", text)
    assert [change.kind for change in compare(loads(text), loads(new)).changes] == ["renamed"]


def test_what_is_renamed_and_changed_is_compared_under_its_new_name() -> None:
    text = TEXTS["deal"].replace("worker: 60%, fund: 40%", "worker: 100%")
    new = text.replace("payer", "client").replace("amount: 100,", "amount: 160,")
    new = new.replace("The client complains", "The payer complains")
    kinds = [(change.kind, change.about) for change in compare(loads(text), loads(new)).changes]
    assert kinds == [("renamed", "party client"), ("changed", "party client")]


def test_a_payment_under_another_name_and_of_another_amount_is_still_the_same_payment() -> None:
    found = changed("deal", ("      wage:", "      fee:"), ("amount: 1_000.50", "amount: 900"))
    assert [(change.kind, change.about) for change in found] == [
        ("renamed", "payment fee"),
        ("changed", "payment fee (phase build)"),
    ]


def test_a_name_that_means_two_things_is_not_renamed_in_both() -> None:
    text = TEXTS["deal"].replace("no-complaint", "delivered")
    new = text.replace("no-complaint", "delivered").replace(
        "      delivered:\n        by: worker", "      done:\n        by: worker"
    )
    new = new.replace("{delivered: met}", "{done: met}")
    found = compare(loads(text), loads(new)).changes
    assert {(change.kind, change.about) for change in found} == {
        ("removed", "obligation delivered (phase build)"),
        ("added", "obligation done (phase build)"),
        ("changed", "payment wage (phase build)"),
    }


def test_two_that_say_the_same_are_not_mixed_up() -> None:
    text = TEXTS["accord"].replace("{name: Fishers of the bay}", "{name: Readers}")
    new = text.replace("  fishers:", "  anglers:").replace("  readers:", "  writers:")
    assert {change.kind for change in compare(loads(text), loads(new)).changes} == {"added", "removed"}


def test_order_is_told_because_things_are_numbered_by_it() -> None:
    lines = TEXTS["deal"].splitlines(keepends=True)
    lines[6], lines[7] = lines[7], lines[6]
    (change,) = compare(loads(TEXTS["deal"]), loads("".join(lines))).changes
    assert (change.kind, change.words) == ("reordered", "now in the order worker, payer; before: payer, worker")
    jury = next(index for index, line in enumerate(lines) if line.startswith("  jury:"))
    turned = "".join([*lines[:jury], *lines[jury + 1 : jury + 6], lines[jury], *lines[jury + 6 :]])
    found = compare(loads("".join(lines)), loads(turned)).changes
    assert [(each.kind, each.about) for each in found] == [("reordered", "the panels")]
    assert only("deal", ("worker: 60%, fund: 40%", "fund: 40%, worker: 60%")).kind == "reordered"
    first, second = TEXTS["accord"].split("  - id: second\n")
    head, body = first.split("  - id: first\n")
    turned = f"{head}  - id: second\n{second}  - id: first\n{body}"
    assert [each.about for each in compare(loads(TEXTS["accord"]), loads(turned)).changes] == ["the phases"]


def test_an_obligation_that_moves_to_another_phase_is_told_as_moved() -> None:
    text = TEXTS["deal"]
    start = text.index("      no-complaint:")
    block = text[start:]
    new = text[:start] + block.replace("no-complaint", "kept").replace("to nobody", "to few")
    new = new.replace("    payments:\n      wage:", f"{block}    payments:\n      wage:")
    moved = next(each for each in compare(loads(text), loads(new)).changes if each.kind == "moved")
    assert (moved.about, moved.words) == (
        "obligation no-complaint (phase build)",
        "from phase upkeep to phase build",
    )


def test_what_is_new_says_all_it_says() -> None:
    block = TEXTS["deal"][TEXTS["deal"].index("    payments:\n      wage:") : TEXTS["deal"].index("  - id: upkeep")]
    (gone,) = compare(loads(TEXTS["deal"]), loads(TEXTS["deal"].replace(block, ""))).changes
    (new,) = compare(loads(TEXTS["deal"].replace(block, "")), loads(TEXTS["deal"])).changes
    said = (
        "paid by payer; paid to worker; amount 1,000.5 USDX; asset usd; released when delivered met; "
        "into escrow within 7 days"
    )
    assert (gone.kind, gone.words, gone.effect.gains) == ("removed", f"gone; it said: {said}", ("payer",))
    assert (new.kind, new.words, new.effect.gains) == ("added", f"new: {said}", ("worker",))


def test_long_words_are_told_by_the_stretches_that_changed() -> None:
    said = "The parties met in March and agreed on a way that neither of them had thought of when the talks began"
    text = TEXTS["deal"].replace("pyledger: 1\n", f"pyledger: 1\nnotes: [{said}, {said} too]\n")
    new = text.replace("March and agreed on a way that neither", "May and agreed on a way that none", 1)
    (change,) = compare(loads(text), loads(new)).changes
    assert change.what == "note 1"
    assert change.words == (
        "… parties met in [March → May] and agreed on …; … a way that [neither → none] of them had …"
    )


def test_what_is_in_quotes_stays_on_one_line() -> None:
    new = TEXTS["deal"].replace("what: The worker delivers\n", 'what: "The worker\\nparty payer: gains"\n')
    (change,) = compare(loads(TEXTS["deal"]), loads(new)).changes
    assert "\n" not in change.words


# completeness


def data_of(text: str) -> dict[str, Any]:
    plain = read_tree(text, "draft")[0].plain()
    assert isinstance(plain, dict)
    return plain


def leaves(value: Any, at: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*at, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*at, index))
    else:
        yield at, value


def others(value: Any) -> list[Any]:
    """Values of the same kind that might stand there instead."""
    words = [word for field in Benefit.model_fields.values() for word in get_args(field.annotation)]
    literal = [other for word in words for other in get_args(word) if value in get_args(word) and other != value]
    found: list[Any] = [str(other) for other in literal]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, str):
        head, _, tail = value.partition(" ")
        found += [f"{int(head) + 1} {tail}"] if head.isdigit() else []
        found += [f"{value} again", "1 day", "3%", "met", "lapsed", "breached", "irreversible", "treaty", "state"]
        found += ["safety", "south", "north", "worker", "maker", "rival", "villages", "village-council", "usd", "coin"]
        found += [
            "public_record",
            "never",
            "parties",
            "fund",
            "commons",
            "jury",
            "board",
            "delivery",
            "halt",
            "another",
        ]
        return [each for each in found if each != value]
    return [value + 1, value - 1, 0, 1]


def put(data: dict[str, Any], at: Path_, value: Any) -> dict[str, Any]:
    made = deepcopy(data)
    inner: Any = made
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return made


def valid(data: dict[str, Any]) -> Document | None:
    try:
        return Document.model_validate(data)
    except ValidationError:
        return None


@cache
def mutations(name: str) -> tuple[tuple[Path_, Any], ...]:
    """For each leaf of a document, the first other value under which it is still a document."""
    data, found = data_of(TEXTS[name]), []
    for at, value in leaves(data):
        for other in others(value):
            made = valid(put(data, at, other))
            if made is not None and document_hash(made) != document_hash(loads(TEXTS[name])):
                found.append((at, other))
                break
    return tuple(found)


FIXED = 40
"""Leaves that cannot be changed alone: the format's number, ids that are referred to, quotas of full chambers."""


@pytest.mark.parametrize("name", TEXTS)
def test_every_field_that_changes_is_mentioned_by_its_path(name: str) -> None:
    data, old = data_of(TEXTS[name]), loads(TEXTS[name])
    tried = mutations(name)
    assert len(tried) >= len(list(leaves(data))) - FIXED
    for at, other in tried:
        mutated = put(data, at, other)
        found = compare(old, Document.model_validate(mutated)).changes
        path = dotted(mutated, at)
        assert any(path.startswith(each.at) or each.at == f"{path}.class" for each in found), (path, other, found)
        assert all("it says something else" not in change.words for change in found), path


def dotted(data: Any, at: Path_) -> str:
    """A path as changes say it: phases by their id, other list entries by number or not at all."""
    words: list[str] = []
    for step in at:
        if isinstance(step, int) and words == ["phases"]:
            words.append(data["phases"][step]["id"])
        elif isinstance(step, int):
            words[-1] += f"[{step}]"
        else:
            words.append(step)
    return ".".join(words)


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_there_are_changes_exactly_where_the_hash_differs(name: str, data: st.DataObject) -> None:
    plain = data_of(TEXTS[name])
    edit = st.lists(st.sampled_from(mutations(name)), max_size=4)
    drafts = []
    for chosen in (data.draw(edit), data.draw(edit)):
        made = plain
        for at, other in chosen:
            made = put(made, at, other)
        drafts.append(valid(made))
    if None not in drafts:
        old, new = drafts
        assert isinstance(old, Document)
        assert isinstance(new, Document)
        found = compare(old, new)
        assert found.same is not bool(found.changes)
        assert bool(found.changes) is (document_hash(old) != document_hash(new))
        assert all("it says something else" not in change.words for change in found.changes)


def test_any_two_documents_can_be_compared_and_each_with_itself() -> None:
    found = [loads(gallery.read(name)) for name in gallery.names()] + [loads(text) for text in TEXTS.values()]
    for old in found:
        for new in found:
            comparison = compare(old, new)
            assert comparison.same is (old is new)
            assert (comparison.to_json()["changes"] == []) is (old is new)
