"""What would mend a deal: other bonds, and where no bond can do it another order, smaller steps, or a payment.

    proposal = propose(draft)
    proposal.draft        # the changed draft; every character that no change touches is as it was
    proposal.remaining    # promises that still do not pay, each with why nothing here mends it

Bonds come first, because they leave the deal as it was negotiated. Only for what no bond can hold the phase is
changed, from the last to the first. Each candidate is made, and all is worked out anew. Of those that make all promises
of the phase pay, make nobody leave and bring no new error of `check`, the one is kept that costs least in capital
locked in, bonds and escrow together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from pydantic import ValidationError

from pyledger.analysis.appraisal import players
from pyledger.analysis.candidates import Candidate, order, payment, split, step_counts
from pyledger.analysis.division import Indivisible
from pyledger.analysis.game import read_game
from pyledger.analysis.numbers import Scale, scale_for
from pyledger.analysis.remedies import remedies
from pyledger.analysis.schedule import minimal_bonds
from pyledger.analysis.trial import Open, Trial, tried, worst
from pyledger.document import Document
from pyledger.document.load import Draft
from pyledger.document.problem import Inconsistent
from pyledger.document.risks import review, risks
from pyledger.document.splice import expected, splice
from pyledger.errors import DocumentError, TermsError, UsageError

__all__ = ["Proposal", "Remaining", "propose"]

_KINDS: Final = {"order": "another order", "split": "smaller steps", "payment": "a payment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """A promise that still does not pay: its slack in the estimates' asset, and why nothing here mends it."""

    party: str
    phase: str
    slack: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`levels` in units of each party's bond by phase of the changed draft, None where no bond can hold the party.

    `cost` is what locking these in costs by the likeliest estimates, in units of the estimates' asset; `least` that of
    the program of least bonds for the changed draft, None where it has no solution; `before` that of the present bonds.
    `changes` are those besides bonds; `unlowered` the errors that `check` would find if bonds were lowered too, for
    which they are only raised. `sound` is whether every promise paid, and nobody did better to leave, with the present
    bonds.
    """

    draft: Draft
    levels: Mapping[str, tuple[Decimal | None, ...]]
    cost: float
    least: float | None
    before: float
    sound: bool
    changes: tuple[Candidate, ...]
    unlowered: tuple[str, ...]
    remaining: tuple[Remaining, ...]
    suggestions: tuple[str, ...]


def propose(draft: Draft, *, cautious: bool = False, raise_only: bool = False) -> Proposal:
    """Change a draft so that every promise pays.

    `cautious` takes the worse end of each range instead of the likeliest, `raise_only` leaves alone what is higher than
    it needs to be. Raises `UsageError` where the layout of the document leaves no room for a change of bonds.
    """
    search = _Search(draft, cautious=cautious, raise_only=raise_only)
    search.run()
    trial, draft = search.trial, search.draft
    scale = search.scale
    game = trial.after
    least = minimal_bonds(players(trial.game, trial.game.evaluate(worst(trial.game) if cautious else None)))
    return Proposal(
        draft=splice(draft, trial.edits) if trial.edits else draft,
        levels=trial.levels,
        cost=trial.cost,
        least=least.cost if least else None,
        before=search.before,
        sound=search.sound,
        changes=tuple(search.changes),
        unlowered=trial.unlowered,
        remaining=tuple(_remaining(each, trial, search.refused, scale) for each in trial.open),
        suggestions=tuple(remedies(game, trial.standings)),
    )


class _Search:
    """Changes made one after another, and why others were not."""

    def __init__(self, draft: Draft, *, cautious: bool, raise_only: bool) -> None:
        self.draft = draft
        self.cautious, self.raise_only = cautious, raise_only
        self.changes: list[Candidate] = []
        self.refused: dict[str, list[str]] = {}
        self.known = _errors(draft.document)
        self.trial = self._tried(draft.document, draft.root.plain())
        self.before = self.trial.present
        present = self.trial.game.evaluate(worst(self.trial.game) if cautious else None)
        self.sound = all(each.slack >= 0 and each.staying >= 0 for each in present.values())

    def _tried(self, document: Document, data: Any) -> Trial:
        """The least bonds; if by lowering any `check` would find a new error, bonds that are only raised."""
        game = read_game(document)
        trial = tried(game, data, cautious=self.cautious, raise_only=self.raise_only)
        new = _errors(trial.after.document) - self.known
        if new and not self.raise_only:
            trial = tried(game, data, cautious=self.cautious, raise_only=True)
            return replace(trial, unlowered=tuple(sorted(new)))
        return trial

    @property
    def scale(self) -> Scale:
        """One scale for all amounts that are told."""
        game = self.trial.game
        symbol = (game.document.assets[game.unit].symbol or game.unit) if game.unit else ""
        amounts = [amount for each in self.trial.standings.values() for amount in (each.stake, each.temptation)]
        return scale_for((float(amount) for amount in amounts), symbol)

    def run(self) -> None:
        """Phase by phase from the last, each once."""
        while found := self._next():
            phase = self.trial.game.document.phases[found[0].index].id
            self.refused[phase] = []
            cures = sorted(self._cures(found, phase), key=lambda each: each[1].locked)
            for candidate, trial in cures:
                try:
                    self.draft = splice(self.draft, candidate.edits)
                except (UsageError, DocumentError) as error:
                    self.refused[phase].append(f"{_KINDS[candidate.kind]}: {error}")
                    continue
                self.trial = trial
                self.changes.append(candidate)
                break

    def _next(self) -> list[Open]:
        """The open promises of the last phase that has not been tried."""
        phases = self.trial.game.document.phases
        found = [each for each in self.trial.open if phases[each.index].id not in self.refused]
        return [each for each in found if each.index == found[-1].index]

    def _cures(self, found: Sequence[Open], phase: str) -> Iterator[tuple[Candidate, Trial]]:
        """The candidates that make every promise of the phase pay, each with the draft in which they do."""
        for kind in _KINDS:
            why = ""
            try:
                for candidate in self._candidates(kind, found):
                    outcome = self._outcome(candidate)
                    if isinstance(outcome, Trial):
                        yield candidate, outcome
                        break
                    why = outcome
                else:
                    self.refused[phase].append(f"{_KINDS[kind]}: {why}")
            except Indivisible as error:
                self.refused[phase].append(f"{_KINDS[kind]}: {error}")

    def _candidates(self, kind: str, found: Sequence[Open]) -> Iterator[Candidate]:
        data, scale = self.draft.root.plain(), self.scale
        match kind:
            case "order":
                yield order(self.trial, data, found)
            case "payment":
                yield payment(self.trial, found, scale)
            case _:
                for steps in step_counts(found):
                    yield split(self.trial, data, found, steps, scale)

    def _outcome(self, candidate: Candidate) -> Trial | str:
        """The draft that a candidate leads to, or why it is no cure."""
        data = expected(self.draft.root.plain(), candidate.edits)
        try:
            trial = self._tried(Document.model_validate(data), data)
        except ValidationError as invalid:
            return _first_problem(invalid)
        except TermsError as error:
            return str(error)
        phases = trial.game.document.phases
        still = [each for each in trial.open if phases[each.index].id in candidate.phases]
        if still:
            each = still[0]
            return f"{each.party} could not be held in {phases[each.index].id} even so"
        if leaving := trial.leaving - self.trial.leaving:
            return f"{min(leaving)} would do better to leave"
        if new := _errors(trial.after.document) - self.known:
            return f"`check` would find {min(new)}"
        return trial


def _first_problem(invalid: ValidationError) -> str:
    for error in invalid.errors(include_url=False):
        cause = error.get("ctx", {}).get("error")
        return cause.problems[0].message if isinstance(cause, Inconsistent) else str(cause or error["msg"])
    return str(invalid)


def _errors(document: Document) -> frozenset[str]:
    """The rules of which `check` finds a breach that is an error, besides those that are drawn from estimates."""
    found = review(document, risks(document))
    return frozenset(each.id for each in found.standing if each.severity == "error")


def _remaining(each: Open, trial: Trial, refused: dict[str, list[str]], scale: Scale) -> Remaining:
    phase = trial.game.document.phases[each.index].id
    if each.needed is None:
        bond = "not bondable: its panel finds breaches no more often than it mistakes kept promises for one"
    else:
        has = f"{each.party} can lock in {scale.say(each.wealth)}"
        bond = f"not bondable: it would take {scale.say(each.needed)}, and {has}"
    return Remaining(
        party=each.party,
        phase=phase,
        slack=float(trial.standings[each.party, each.index].slack),
        why=(bond, *refused.get(phase, ())),
    )
