"""What the deal is, who takes part, and who decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from pyledger.document.explain.teller import Teller, count, id_, key, listed, pick, share, truth, words
from pyledger.document.explain.tree import Block, Fact, Items, Paragraph, Row, Rows, Section, Sentence, Table, say
from pyledger.document.explain.words import PORTIONS
from pyledger.document.model import Panel
from pyledger.document.presets import PRESETS
from pyledger.document.problem import Location

__all__ = ["panels", "people", "purpose", "shares"]


def purpose(teller: Teller) -> Section:
    """Summary, kind of paper and what it leads to, ratification, publication, what is confidential, amendment."""
    document = teller.document
    blocks: list[Block] = []
    if document.summary:
        blocks.append(Paragraph(say(words(document.summary, ("summary",)))))
    rows = [
        *_instrument(teller),
        *_ladder(teller),
        *_ratification(teller),
        *_publication(teller),
        *_confidential(teller),
        *_amendment(teller),
    ]
    if rows:
        blocks.append(Rows(tuple(rows)))
    blocks.append(
        Paragraph(
            say(
                "The money lies in an account on a public network that nobody controls. The rules below are fixed ",
                "when the parties sign. What they do not give to somebody else goes back to whoever paid it in.",
            )
        )
    )
    return Section("what", say("What this is"), tuple(blocks))


def _instrument(teller: Teller) -> Iterator[Row]:
    if (found := teller.document.instrument) is None:
        return
    name = say(", called “", words(found.name, ("instrument", "name")), "”") if found.name else ()
    yield Row(say("Kind of paper"), say("It is ", pick("level", found.level, ("instrument", "level")), name, "."))


def _ladder(teller: Teller) -> Iterator[Row]:
    if (found := teller.document.ladder) is None:
        return
    after: list[Sentence] = []
    if found.kept is not None:
        after.append(say(count(found.kept, ("ladder", "kept")), " promises are kept"))
    if found.makers is not None:
        after.append(say(count(found.makers, ("ladder", "makers")), " makers have kept one"))
    level = pick("level", found.to, ("ladder", "to"))
    when = say(after[0], " or ", after[1]) if len(after) > 1 else after[0]
    yield Row(say("Where it leads"), say("When ", when, ", a clause is to be drafted for ", level, "."))


def _ratification(teller: Teller) -> Iterator[Row]:
    if (found := teller.document.ratification) is None:
        return
    by = teller.everybody(found.by, ("ratification", "by"))
    gate = id_(found.gate, ("ratification", "gate"))
    yield Row(say("Ratification"), say(by, " must ratify it. The verdict on ", gate, " says whether that is done."))


def _publication(teller: Teller) -> Iterator[Row]:
    if (found := teller.document.publication) is None:
        return
    parts = [say("It becomes public ", pick("published", found.when, ("publication", "when")), ".")]
    if found.open_to:
        parts.append(say(" Its papers are open to ", pick("open_to", found.open_to, ("publication", "open_to")), "."))
    if found.joint_framing:
        parts.append(
            say(" The parties say together: “", words(found.joint_framing, ("publication", "joint_framing")), "”")
        )
    yield Row(say("Publication"), say(*parts))


def _confidential(teller: Teller) -> Iterator[Row]:
    if (found := teller.document.confidential) is None:
        return
    seal = f"0x{found.seal.hex()}"
    yield Row(
        say("Confidential"),
        say(
            "Only the parties know the phases from ", id_(found.from_, ("confidential", "from")), " on. Each is ",
            "published when it opens. Until then others see that it exists, and a hash that tells nothing without the ",
            "seal ", Fact("bytes", seal, seal, ("confidential", "seal")), ". This explanation tells all of them: like ",
            "the document it is for parties and verifiers, and for nobody else.",
        ),
    )  # fmt: skip


def _amendment(teller: Teller) -> Iterator[Row]:
    if (found := teller.document.amendment) is None:
        return
    may = "may change the deal" if found.objective_circumstances else "do not change the deal"
    allowed = truth(may, ("amendment", "objective_circumstances"), value=found.objective_circumstances)
    how = say(" How: ", words(found.how, ("amendment", "how"))) if found.how else ()
    yield Row(say("Changed circumstances"), say("Circumstances that nobody chose ", allowed, ".", how))


# Who takes part


def people(teller: Teller) -> Section:
    """Parties with their bonds, recipients, those with standing, affected groups, and the money."""
    document = teller.document
    blocks: list[Block] = [
        Paragraph(
            say(
                "A party signs. A bond is a party's security deposit: it comes back, unless a breach, or money ",
                "that was not paid in, has cost a part of it or the whole.",
            )
        ),
        Table(
            ("Party", "In the document", "Bond on joining", "What it loses goes to"),
            tuple(_party(teller, name) for name in document.parties),
        ),
    ]
    others = [
        *(_recipient(teller, name) for name in document.recipients),
        *(_standing(teller, name) for name in document.standing),
        *(_group(teller, name) for name in document.affected_groups),
    ]
    if others:
        blocks.append(Paragraph(say("These sign nothing:")))
        blocks.append(Items(tuple(others)))
    sections = (_money(teller),) if document.assets else ()
    return Section("people", say("Who takes part"), tuple(blocks), sections)


def _party(teller: Teller, name: str) -> tuple[Sentence, ...]:
    party, at = teller.document.parties[name], ("parties", name)
    bond: Sentence = say("none")
    if party.bond:
        bond = teller.money(party.bond.amount, (*at, "bond", "amount"), party.bond.asset, (*at, "bond", "asset"))
    goes = shares(teller, party.forfeits_to, (*at, "forfeits_to")) if party.forfeits_to else say("–")
    return say(words(party.name, (*at, "name"))), say(key(name, at)), bond, goes


def shares(teller: Teller, parts: Mapping[str, int], at: Location) -> Sentence:
    """Who receives which share: "all to South", or "60% to South and 40% to Relief fund"."""
    return listed(
        [
            say(share(points, (*at, name), whole="all"), " to ", teller.entry(name, (*at, name)))
            for name, points in parts.items()
        ]
    )


def _named(name: str, full: str, at: Location) -> Sentence:
    return say(words(full, (*at, "name")), " (", key(name, at), ")")


def _recipient(teller: Teller, name: str) -> Sentence:
    at: Location = ("recipients", name)
    return say(_named(name, teller.document.recipients[name].name, at), ": may receive money.")


def _standing(teller: Teller, name: str) -> Sentence:
    at: Location = ("standing", name)
    may = "may contest verdicts and comment" if teller.document.arbitration else "may comment"
    return say(_named(name, teller.document.standing[name].name, at), f": {may}, and receives nothing.")


def _group(teller: Teller, name: str) -> Sentence:
    group, at = teller.document.affected_groups[name], ("affected_groups", name)
    parts: list[Sentence | str] = [_named(name, group.name, at), ": ", say(pick("group", group.kind, (*at, "kind")))]
    parts.append(" that the deal affects")
    if group.across_borders:
        parts.append(say(truth(" across borders", (*at, "across_borders"))))
    heard = []
    if group.standing:
        heard.append(say("through the standing of ", teller.who(group.standing, (*at, "standing"))))
    if group.seats:
        people = "verifier" if len(group.seats) == 1 else "verifiers"
        heard.append(say(f"through the {people} ", teller.everybody(group.seats, (*at, "seats"))))
    voice = say(". It is heard ", listed(heard), ".") if heard else ". It has no voice of its own."
    reserved: Sentence = ()
    if group.reserved:
        mentions = [say(id_(each, (*at, "reserved", index))) for index, each in enumerate(group.reserved)]
        reserved = say(" For it to decide: ", listed(mentions), ".")
    return say(*parts, voice, reserved)


def _money(teller: Teller) -> Section:
    rows = []
    for name, asset in teller.document.assets.items():
        at: Location = ("assets", name)
        symbol = say(words(asset.symbol, (*at, "symbol"))) if asset.symbol else say("–")
        full = say(words(asset.name, (*at, "name"))) if asset.name else ()
        native = say(truth("the network's own coin", (*at, "native"))) if asset.native else ()
        kind = listed([part for part in (full, native) if part], ", ") or say("a token")
        rows.append((symbol, say(key(name, at)), kind, say(count(asset.decimals, (*at, "decimals")))))
    columns = ("Shown as", "In the document", "What it is", "Decimal places")
    return Section("money", say("The money"), (Table(columns, tuple(rows), right=(3,)),))


# Who decides


def panels(teller: Teller) -> Section:
    """Thresholds, chambers with quotas, presets in words, and what is known of the verifiers."""
    intro = say(
        "Panels of verifiers decide whether an obligation was met. Each verifier has one vote and signs what it ",
        "found. A verdict is given once enough of them have signed the same one. A verdict is met, breached or ",
        "lapsed. Lapsed is nobody's fault, and costs no bond.",
    )
    below = tuple(_panel(teller, name, panel) for name, panel in teller.document.panels.items())
    known = [_verifier(teller, name) for name in teller.document.verifiers]
    if known:
        title = say("What is known of the verifiers")
        below = (*below, Section("verifiers", title, (Items(tuple(known)),)))
    return Section("panels", say("Who decides"), (Paragraph(intro),), below)


def _panel(teller: Teller, name: str, panel: Panel) -> Section:
    at: Location = ("panels", name)
    seats = len(panel.seats)
    needed = count(panel.needed, (*at, "threshold"), derived=panel.threshold is None)
    of = say(" of its ", count(seats, at, derived=True), f" verifier{'s' if seats > 1 else ''} agree")
    rule = say("It decides when ", needed, of, "s." if seats == 1 else ".")
    blocks: list[Block] = [Paragraph(rule)]
    if panel.preset:
        blocks.append(Paragraph(_preset(panel, at)))
    if panel.chambers is None:
        members = teller.everybody(panel.verifiers or (), (*at, "verifiers"))
        blocks.append(Paragraph(say("The verifiers are ", members, ".") if seats > 1 else say("It is ", members, ".")))
    else:
        blocks.append(Items(tuple(_chambers(teller, panel, at))))
    return Section(f"panel-{name}", say("Panel ", key(name, at)), tuple(blocks))


def _chambers(teller: Teller, panel: Panel, at: Location) -> Iterator[Sentence]:
    for (name, chamber), quota in zip((panel.chambers or {}).items(), panel.quotas, strict=True):
        place: Location = (*at, "chambers", name)
        least = count(quota, (*place, "at_least"), derived=chamber.at_least is None)
        size = count(len(chamber.verifiers), place, derived=True)
        members = teller.everybody(chamber.verifiers, (*place, "verifiers"))
        yield say(
            "Chamber ", key(name, place), ": at least ", least, " of its ", size, " must be among them: ", members, "."
        )


def _preset(panel: Panel, at: Location) -> Sentence:
    assert panel.preset is not None, "only asked of panels with a preset"
    rule = PRESETS[panel.preset]
    whole = _portion(rule.total, panel, at, more=rule.total_more)
    each = _portion(rule.each, panel, at, more=rule.each_more)
    lost = Fact("words", rule.lost, panel.preset, (*at, "preset"), derived=True)
    return say(
        "It follows the rule of ", pick("preset", panel.preset, (*at, "preset")),
        ": ", whole, " of all votes, and ", each, " of those of each chamber. What the terms cannot express of that ",
        "rule: ",
        lost, ".",
    )  # fmt: skip


def _portion(portion: Fraction, panel: Panel, at: Location, *, more: bool) -> Fact:
    text = f"{'more than' if more else 'at least'} {PORTIONS[portion]}"
    return Fact("words", text, panel.preset or "", (*at, "preset"), derived=True)


def _verifier(teller: Teller, name: str) -> Sentence:
    found, at = teller.document.verifiers[name], ("verifiers", name)
    full = say(words(found.name, (*at, "name")), " (", key(name, at), ")") if found.name else say(key(name, at))
    parts: list[Sentence] = []
    if found.kind:
        parts.append(say(pick("verifier", found.kind, (*at, "kind"))))
    if found.constituency:
        parts.append(say("of the constituency ", id_(found.constituency, (*at, "constituency"))))
    if found.region:
        parts.append(say("from ", pick("region", found.region, (*at, "region"))))
    if found.nominated_by:
        parts.append(say("nominated by ", teller.who(found.nominated_by, (*at, "nominated_by"))))
    if found.affiliated_with:
        parts.append(say("affiliated with ", teller.everybody(found.affiliated_with, (*at, "affiliated_with"))))
    if found.paid_by:
        parts.append(say("paid by ", teller.everybody(found.paid_by, (*at, "paid_by"))))
    if found.paid_from_forfeits:
        parts.append(say(truth("paid from what parties forfeit", (*at, "paid_from_forfeits"))))
    return say(full, ": ", listed(parts, ", ") if parts else "nothing further is said", ".")
