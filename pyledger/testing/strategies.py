"""What Hypothesis makes up: documents, and histories of a document to be played on a chain.

    @settings(PLAYED, max_examples=20)
    @given(history=histories("deal.yaml"))
    def test_money_is_conserved(chain, agreement, history):
        with chain.undone():
            deal = agreement("deal.yaml")
            history.play(deal)
            assert_conserved(deal)

Needs Hypothesis (`pip install 'pyledger[testing]'`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyledger.document import OUTSIDE, Document, loads
from pyledger.document.model import Phase
from pyledger.testing.documents import read_document

try:
    from hypothesis import Phase as Stage, currently_in_test_context, note, settings, strategies as st
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "pyledger.testing.strategies needs Hypothesis: pip install 'pyledger[testing]'", name=error.name
    ) from None

if TYPE_CHECKING:
    from pathlib import Path

    from pyledger.chain.named import NamedAgreement

__all__ = ["PLAYED", "History", "PhaseHistory", "documents", "histories"]

PLAYED: Final = settings(
    deadline=None, report_multiple_bugs=False, phases=[each for each in Stage if each is not Stage.explain]
)
"""Settings for tests that play examples on a chain, to be given others on top: `@settings(PLAYED, max_examples=20)`.

An example takes as long as it takes; one that fails is told, with what was played; and it is not played a hundred times
more, every line traced, to say which lines fail with it.
"""

SILENT: Final = "silent"
_NAMES: Final = ("east", "north", "south", "west")
_VERIFIERS: Final = ("auditor", "registrar", "surveyor", "observer")
_BASIS: Final = 10_000


class PhaseHistory(NamedTuple):
    """What happens in a phase: who pays nothing in, and what becomes of each obligation, in this order.

    Words are `met`, `breached`, `lapsed` (by a quorum), `concede` (by the obligor), `silent`.
    """

    defaults: tuple[str, ...]
    words: tuple[tuple[str, str], ...]


class History(NamedTuple):
    """What happens phase by phase, for as many as there will be."""

    phases: tuple[PhaseHistory, ...]

    def play(self, deal: NamedAgreement) -> None:
        """Plays it in an agreement in force, from its first phase to its end. Raises what the agreement's verbs do."""
        for happens in self.phases:
            if deal.status != "in force":
                return
            self._play(happens, deal)

    def _play(self, happens: PhaseHistory, deal: NamedAgreement) -> None:
        paying = [name for name in deal.names.parties if name not in happens.defaults]
        short = {deal.names.parties[index] for index in deal.state.short}
        deal.top_up(*(name for name in paying if name in short)) if short & set(paying) else None
        for name in paying:
            deal.fund(by=name)
        found = deal.document.phase(deal.phase).obligations
        for obligation, word in happens.words:
            if word == "concede":
                deal.concede(obligation)
            elif word != SILENT:
                deal.attest(obligation, word)
            if word in ("concede", "breached") and found[obligation].material and not deal.document.arbitration:
                break  # nothing is decided after that
        deal.close()


def histories(document: Document | str | Path) -> st.SearchStrategy[History]:
    """Histories of a document whose parties all join: promises kept and broken, silence, payments not made.

    They shrink to everything being met. Values are not attested. The document may be a file, or of the gallery.
    """
    return _histories(read_document(document))


@st.composite
def _histories(draw: st.DrawFn, document: Document) -> History:
    return History(tuple(draw(_of_phase(phase)) for phase in document.phases))


def _of_phase(phase: Phase) -> st.SearchStrategy[PhaseHistory]:
    payers = sorted({payment.from_ for payment in phase.payments.values()})
    defaults = st.just(()) if not payers else st.sampled_from([(), (), (), *((each,) for each in payers)])
    words = st.tuples(*(_of_obligation(name, each.by, each.if_silent) for name, each in phase.obligations.items()))
    return st.builds(PhaseHistory, defaults, words)


def _of_obligation(name: str, by: str, silence: str) -> st.SearchStrategy[tuple[str, str]]:
    """Where silence means that a promise was kept, only a breach can be attested."""
    words = [SILENT, "breached"] if silence == "met" else ["met", "breached", "lapsed", SILENT]
    return st.sampled_from([*words, *(() if by == OUTSIDE else ("concede",))]).map(lambda word: (name, word))


@st.composite
def documents(draw: st.DrawFn, *, phases: int = 2, parties: int = 3) -> Document:
    """Small documents that are well formed: up to so many phases and parties, one panel, one token.

    Bonds, shares, what silence means, what is material and who pays whom are made up; court, values, tiers are not.
    A failing test says the document as it would be in a file.
    """
    names = _NAMES[: draw(st.integers(2, parties))]
    verifiers = _VERIFIERS[: draw(st.integers(1, len(_VERIFIERS)))]
    found = {
        "pyledger": 1,
        "title": "A deal made up",
        "assets": {"usd": {"symbol": "USDX", "decimals": 6}},
        "parties": {name: draw(_party(name, names)) for name in names},
        "panels": {"panel": {"verifiers": verifiers, "threshold": draw(st.integers(1, len(verifiers)))}},
        "join_within": "14 days",
        "long_stop_after": "5 years",
        "phases": [draw(_phase(index, names)) for index in range(draw(st.integers(1, phases)))],
    }
    text = "".join(f"{key}: {_yaml(each)}\n" for key, each in found.items())
    if currently_in_test_context():
        note(f"the document that was made up:\n{text}")
    return loads(text, file="<made up>")


@st.composite
def _party(draw: st.DrawFn, name: str, names: tuple[str, ...]) -> dict[str, Any]:
    bond = draw(st.integers(1, 1_000))
    others = [each for each in names if each != name]
    return {"name": name.title(), "bond": {"amount": bond, "asset": "usd"}, "forfeits_to": draw(_shares(others))}


@st.composite
def _shares(draw: st.DrawFn, names: list[str]) -> dict[str, str]:
    """Percentages with two decimals that sum to the whole."""
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=len(names), unique=True))
    cuts = sorted(draw(st.sets(st.integers(1, _BASIS - 1), min_size=len(chosen) - 1, max_size=len(chosen) - 1)))
    edges = [0, *cuts, _BASIS]
    sizes = [high - low for low, high in pairwise(edges)]
    return {name: f"{size // 100}.{size % 100:02d}%" for name, size in zip(chosen, sizes, strict=True)}


@st.composite
def _phase(draw: st.DrawFn, index: int, names: tuple[str, ...]) -> dict[str, Any]:
    obligations = [f"duty-{index}-{each}" for each in range(draw(st.integers(1, 2)))]
    payments = [f"payment-{index}-{each}" for each in range(draw(st.integers(0, 2)))]
    return {
        "id": f"phase-{index}",
        "obligations": {name: draw(_obligation(names)) for name in obligations},
        "payments": {name: draw(_payment(names, obligations)) for name in payments},
    }


@st.composite
def _obligation(draw: st.DrawFn, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "by": draw(st.sampled_from(names)),
        "what": "Something is done",
        "within": f"{draw(st.integers(20, 90))} days",
        "decided_by": "panel",
        "if_silent": draw(st.sampled_from(["lapse", "breach", "met"])),
        "material": "true" if draw(st.booleans()) else "false",
        "forfeit": f"{draw(st.integers(0, 100))}%",
    }


@st.composite
def _payment(draw: st.DrawFn, names: tuple[str, ...], obligations: list[str]) -> dict[str, Any]:
    payer = draw(st.sampled_from(names))
    return {
        "from": payer,
        "to": draw(_shares([each for each in names if each != payer])),
        "amount": draw(st.integers(1, 100_000)),
        "asset": "usd",
        "when": {draw(st.sampled_from(obligations)): draw(st.sampled_from(["met", "breached", "lapsed"]))},
        "fund_within": f"{draw(st.integers(1, 14))} days",
    }


def _yaml(value: object) -> str:
    """A value in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    return str(value)
