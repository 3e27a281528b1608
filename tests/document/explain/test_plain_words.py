"""What the explanation says of every deal is true of each: of those paid for silence, too, and of confidential ones."""

from __future__ import annotations

from pathlib import Path

from pyledger.document import Document, gallery, loads
from pyledger.document.explain import explain, picture, text

STARTER = (Path(__file__).parents[3] / "pyledger" / "cli" / "starter.yaml").read_text(encoding="utf-8")
SEALED = STARTER + f"confidential: {{from: bridge, seal: 0x{'ab' * 32}}}\n"


def told(document: Document) -> str:
    return " ".join(text.render(explain(document)).split())


def test_no_sentence_returns_money_that_a_payment_gives_away() -> None:
    """A payment can hang on a lapse, and silence can count as kept or broken: money does not go back by default."""
    words = told(loads(STARTER.replace("{bridge-open: met}", "{bridge-open: lapsed}")))
    assert "If bridge-open is lapsed. Otherwise it all goes back to The city." in words
    assert "Lapsed is nobody's fault, and costs no bond." in words
    assert "What they do not give to somebody else goes back to whoever paid it in." in words
    assert "own money back" not in words


def test_what_tells_confidential_phases_says_whom_it_is_for() -> None:
    """A page is handed on more easily than the document it was made from."""
    words = told(loads(SEALED))
    assert "This explanation tells all of them: like the document it is for parties and verifiers" in words
    assert "This explanation tells" not in told(loads(STARTER))


def test_a_picture_says_which_phases_only_the_parties_know() -> None:
    drawn = picture.draw(loads(SEALED))
    assert "Opens when the agreement comes into force<" in drawn
    assert "Opens when the phase before is settled; until then known to the parties alone<" in drawn


def test_seats_vote() -> None:
    """In diplomacy who has a voice need not have a vote."""
    assert "Each verifier has one vote" in told(loads(STARTER))
    assert "of all votes" in told(loads(gallery.read("monitored-model-access")))


def test_a_word_that_is_letters_stays_letters() -> None:
    assert "namely API access." in told(loads(gallery.read("monitored-model-access")))
