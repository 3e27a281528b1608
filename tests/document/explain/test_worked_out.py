"""What the explanation works out from the document is what the terms and the settlement model say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pyledger.document import Document, document_hash, gallery, load, loads
from pyledger.document.explain import Fact, explain, facts
from pyledger.terms.compile import compile_terms
from pyledger.terms.outcome import forfeitures, split
from pyledger.terms.state import State
from pyledger.terms.structs import BPS, Terms, Verdict
from tests.document.explain.reading import number, written_anew
from tests.document.explain.test_faithful import FOLDER
from tests.terms.test_compile import bindings_of

NAMES = ["whole", "accord", "explain/rest", *gallery.names()]


@pytest.fixture
def document(request: pytest.FixtureRequest) -> Document:
    name: str = request.param
    return loads(gallery.read(name)) if name in gallery.names() else load(FOLDER / f"{name}.yaml")


every_document = pytest.mark.parametrize("document", NAMES, indirect=True)


def smallest(fact: Fact, decimals: int) -> int:
    return int(Decimal(str(number(fact))).scaleb(decimals))


def derived(document: Document, kind: str) -> list[Fact]:
    return [fact for fact in facts(explain(document)) if fact.derived and fact.kind == kind]


def terms_of(document: Document) -> Terms:
    return compile_terms(document, bindings_of(document))


@every_document
def test_the_terms_of_the_explanation_are_the_terms_of_the_document(document: Document) -> None:
    assert terms_of(written_anew(explain(document))) == terms_of(document)


@every_document
def test_every_amount_worked_out_is_the_settlement_models(document: Document) -> None:
    terms = terms_of(document)
    amounts = derived(document, "amount")
    wanted = forfeits(document, terms) | portions(document, terms)
    assert {fact.at for fact in amounts} == wanted.keys()
    for fact in amounts:
        value, decimals = wanted[fact.at]
        assert smallest(fact, decimals) == value, fact


Worked = dict[tuple[str | int, ...], tuple[int, int]]


def forfeits(document: Document, terms: Terms) -> Worked:
    """What a breach of each obligation forfeits where there is a bond, by the model's own rule."""
    found: Worked = {}
    for index, phase in enumerate(document.phases):
        state = State(phase=index, members=frozenset(range(len(terms.parties))))
        for place, (name, obligation) in enumerate(phase.obligations.items()):
            if obligation.forfeit and document.bond_level(obligation.by, phase):
                verdicts = [Verdict.BREACHED if at == place else Verdict.MET for at in range(len(phase.obligations))]
                bond = document.parties[obligation.by].bond
                assert bond is not None
                lost = sum(forfeitures(state, terms, verdicts, ()).values())
                at = ("phases", index, "obligations", name, "forfeit")
                found[at] = (lost, document.assets[bond.asset].decimals)
    return found


def portions(document: Document, terms: Terms) -> Worked:
    """How a payment in full is split among several payees."""
    found: Worked = {}
    for index, phase in enumerate(document.phases):
        for place, (name, payment) in enumerate(phase.payments.items()):
            if len(payment.to) > 1 and not payment.tiers:
                compiled = terms.phases[index].payments[place]
                decimals = document.assets[payment.asset].decimals
                for payee, (_, part) in zip(payment.to, split(compiled.payees, compiled.amount), strict=True):
                    found["phases", index, "payments", name, "to", payee] = (part, decimals)
    return found


@every_document
def test_every_sum_of_times_and_count_is_right(document: Document) -> None:
    for fact in derived(document, "duration"):
        _, index, _, name = fact.at
        assert isinstance(index, int)
        obligation = document.phases[index].obligations[str(name)]
        assert number(fact) == obligation.within + obligation.grace
    for fact in derived(document, "count"):
        assert number(fact) == counted(document, fact.at)
    (digest,) = derived(document, "hash")
    assert digest.text == "0x" + document_hash(document).hex()


def counted(document: Document, at: tuple[str | int, ...]) -> int:
    match at:
        case ("phases", int(index)):
            return index + 1
        case ("parties",):
            return len(document.parties)
        case ("panels", name, *rest):
            panel = document.panels[str(name)]
            match rest:
                case []:
                    return len(panel.seats)
                case ["threshold"]:
                    return panel.needed
                case ["chambers", chamber, *field]:
                    index = list(panel.chambers or {}).index(str(chamber))
                    return panel.quotas[index] if field else len(list((panel.chambers or {}).values())[index].verifiers)
    raise AssertionError(f"nothing is counted at {at}")


def test_nothing_else_is_worked_out() -> None:
    kinds = {
        fact.kind for name in gallery.names() for fact in facts(explain(loads(gallery.read(name)))) if fact.derived
    }
    assert kinds <= {"amount", "duration", "count", "hash", "words"}
    assert BPS == 10_000
