"""What surrounds the terms: comment, what they cannot express, accepted risks, estimates, words and notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from pydantic import BaseModel

from pyledger.document.canonical import document_hash
from pyledger.document.estimates import Chance, Quantity, Rate
from pyledger.document.explain.teller import Teller, duration, id_, key, number, share, words
from pyledger.document.explain.tree import Block, Fact, Items, Paragraph, Row, Rows, Section, Sentence, Table, say
from pyledger.document.explain.words import spaced
from pyledger.document.problem import Location

__all__ = ["about", "beyond", "estimates", "glossary", "hearing", "notes", "risks"]


def hearing(teller: Teller) -> Section | None:
    """Notice and comment."""
    if (found := teller.document.comment) is None:
        return None
    at: Location = ("comment",)
    when = say(" before ", id_(found.before, (*at, "before"))) if found.before else ()
    items = [say("Comments are open for ", duration(found.window, (*at, "window")), when, ".")]
    if found.answered_within is not None:
        items.append(say("They are answered within ", duration(found.answered_within, (*at, "answered_within")), "."))
    else:
        items.append(say("Nobody is bound to answer them."))
    if found.notice_to:
        items.append(say("Notice goes to ", teller.everybody(found.notice_to, (*at, "notice_to")), "."))
    if found.published:
        items.append(say("How it is published: ", words(found.published, (*at, "published")), "."))
    items.append(say("The terms keep comments on record. They give them no other effect."))
    return Section("comment", say("How others are heard"), (Items(tuple(items)),))


def beyond(teller: Teller) -> Section | None:
    """What the terms cannot express."""
    if not teller.document.beyond:
        return None
    items = []
    for index, found in enumerate(teller.document.beyond):
        at: Location = ("beyond", index)
        instead = say(" Instead: ", words(found.instead, (*at, "instead"))) if found.instead else ()
        items.append(say(words(found.what, (*at, "what")), ".", instead))
    intro = Paragraph(say("The parties mean this too. The terms cannot express it, so no money moves by it."))
    return Section("beyond", say("What is beyond the terms"), (intro, Items(tuple(items))))


def risks(teller: Teller) -> Section | None:
    """The findings that the parties have seen and accept."""
    if not teller.document.waivers:
        return None
    rows = []
    for index, found in enumerate(teller.document.waivers):
        at: Location = ("waivers", index)
        place = say(" at ", words(found.at, (*at, "at"))) if found.at else ()
        label = say("Finding ", words(found.finding, (*at, "finding")), place)
        rows.append(Row(label, say(words(found.because, (*at, "because")))))
    intro = Paragraph(
        say("A check of the document warns of these. The parties accept them, for the reasons they give.")
    )
    return Section("risks", say("Risks that the parties accept"), (intro, Rows(tuple(rows))))


def glossary(teller: Teller) -> Section | None:
    """What the document means by its words."""
    found = teller.document.glossary
    if not found:
        return None
    rows = tuple(
        Row(say(Fact("entry", term, term, ("glossary", term))), say(words(means, ("glossary", term))))
        for term, means in found.items()
    )
    return Section("glossary", say("What words mean here"), (Rows(rows),))


def notes(teller: Teller) -> Section | None:
    """Notes, one after another."""
    found = teller.document.notes
    items = tuple(say(words(note, ("notes", index))) for index, note in enumerate(found))
    return Section("notes", say("Notes of the authors"), (Items(items),)) if items else None


def about(teller: Teller) -> Section:
    """From which document this was made."""
    digest = "0x" + document_hash(teller.document).hex()
    version = Fact("count", str(teller.document.pyledger), teller.document.pyledger, ("pyledger",))
    says = say(
        "Made by a program from a document of format ", version, ", whose hash is ",
        Fact("hash", digest, digest, (), derived=True), ". What the parties sign is the terms made from that ",
        "document, not ",
        "this explanation. An amount given beside a share, and a sum of times, is worked out from what the document ",
        "says.",
    )  # fmt: skip
    return Section("about", say("About this explanation"), (Paragraph(says),))


# Estimates

_ENDS = (Quantity, Chance, Rate)
_SINGULAR = {"panels": "panel", "phases": "phase", "values": "value of"}


def estimates(teller: Teller) -> Section | None:
    """What the parties believe, for analysis; nothing of it moves money."""
    if (found := teller.document.estimates) is None:
        return None
    at: Location = ("estimates",)
    asset = Fact("asset", teller.assets[found.asset], found.asset, (*at, "asset"))
    source = say(" Their source: ", words(found.source, (*at, "source")), ".") if found.source else ()
    intro = say(
        "These are estimates. They serve to ask whether the deal is credible, and no money moves by them. Amounts are ",
        "in ",
        asset, ".", source,
    )  # fmt: skip
    rows = tuple(_rows(teller, found, at, ()))
    blocks: list[Block] = [Paragraph(intro)]
    if rows:
        blocks.append(Table(("Of what", "Low", "Likely", "High"), rows, right=(1, 2, 3)))
    return Section("estimates", say("Estimates"), tuple(blocks))


def _rows(teller: Teller, model: BaseModel, at: Location, of: Sentence) -> Iterator[tuple[Sentence, ...]]:
    for name in type(model).model_fields:
        value, place = getattr(model, name), (*at, name)
        match value:
            case Quantity() | Chance() | Rate():
                yield say(of, spaced(name)), *_ends(value, place)
            case BaseModel():
                yield from _rows(teller, value, place, say(of, f"{spaced(name)}, "))
            case Mapping():
                for each, below in value.items():
                    yield from _entries(teller, name, each, below, (*place, each), of)
            case int() if not isinstance(value, bool):
                yield say(of, spaced(name)), say("–"), say(duration(value, place)), say("–")
            case str() if name == "group":
                yield say(of, spaced(name)), say("–"), say(words(value, place)), say("–")
            case _:
                pass


def _entries(
    teller: Teller, name: str, each: str, below: object, at: Location, of: Sentence
) -> Iterator[tuple[Sentence, ...]]:
    """One entry of a mapping: of a panel, a party, an asset, an obligation, or of the parties in a phase."""
    match name:
        case "parties":
            entry: Sentence = say(teller.entry(each, at))
        case "prices":
            entry = say("price of ", Fact("entry", teller.assets[each], each, at))
        case _:
            entry = say(f"{_SINGULAR.get(name, name)} ", key(each, at))
    lead = say(of, entry)
    if isinstance(below, _ENDS):
        yield lead, *_ends(below, at)
    elif isinstance(below, BaseModel):
        yield from _rows(teller, below, at, say(lead, ", "))
    elif isinstance(below, Mapping):
        for party, stake in below.items():
            entry = say(teller.entry(party, (*at, party)))
            yield from _rows(teller, stake, (*at, party), say(lead, ", ", entry, ", "))


def _ends(value: Quantity | Chance | Rate, at: Location) -> tuple[Sentence, ...]:
    return tuple(_number(getattr(value, end), (*at, end)) for end in ("low", "likely", "high"))


def _number(value: Decimal | int, at: Location) -> Sentence:
    if isinstance(value, int):
        return say(share(value, at))
    return say(number(value, at))
