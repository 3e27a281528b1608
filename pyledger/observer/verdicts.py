"""The obligations of the phase at hand: what was said of them, how far it can still be contested, who said it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from pyledger.observer.reader import Reader, word
from pyledger.observer.shapes import ChamberView, DisputeView, Measured, Money, ObligationView, SeatView, TallyView
from pyledger.terms import outcome
from pyledger.terms.addresses import checksum
from pyledger.terms.outcome import Judgement
from pyledger.terms.state import Contest, Hearing, State, Status, Voice
from pyledger.terms.structs import OUTSIDE, Obligation, Panel, Verdict

__all__ = ["Observed", "hearing_of", "judgements", "obligation_views"]

_NOBODY: Final[Mapping[int, bytes]] = {}


class Observed(NamedTuple):
    """What a node says of one agreement at one block.

    `voices` are all attestations ever heard, `given` the obligations (phase, index) decided by a panel or conceded,
    `challengers` the accounts that brought disputes, by number; `fee` is what the court asks for now, in wei;
    `ballots` are the verifiers known to have voters in place of a key.
    """

    chain_id: int
    agreement: bytes
    block: int
    state: State
    voices: frozenset[Voice] = frozenset()
    given: frozenset[tuple[int, int]] = frozenset()
    challengers: Mapping[int, bytes] = _NOBODY
    fee: int | None = None
    ballots: frozenset[bytes] = frozenset()


def judgements(reader: Reader, state: State, now: int, cut: int | None) -> tuple[Judgement, ...]:
    """The verdict on each obligation as it stands; of an agreement that has ended, as it was left."""
    terms = reader.terms
    count = len(outcome.phase_at_hand(state, terms).obligations)
    if state.status is not Status.IN_FORCE:
        return tuple(Judgement(verdict) for verdict in state.verdicts[:count])
    return tuple(outcome.judgement(state, terms, index, now, cut) for index in range(count))


def hearing_of(state: State, obligation: int) -> tuple[int, Hearing] | None:
    """The dispute about an obligation of the phase at hand, by its number, if there is one."""
    found = (
        (number, each)
        for number, each in state.hearings.items()
        if (each.phase, each.obligation) == (state.phase, obligation)
    )
    return next(found, None)


def obligation_views(
    reader: Reader, observed: Observed, judged: Iterable[Judgement], now: int
) -> tuple[ObligationView, ...]:
    """All obligations of the phase at hand."""
    return tuple(_obligation(reader, observed, index, found, now) for index, found in enumerate(judged))


def _obligation(reader: Reader, observed: Observed, index: int, found: Judgement, now: int) -> ObligationView:
    state, terms, names = observed.state, reader.terms, reader.names
    obligation = outcome.phase_at_hand(state, terms).obligations[index]
    outside = obligation.obligor == OUTSIDE
    by = "outside" if outside else names.parties[obligation.obligor]
    decided = found.verdict is not Verdict.UNDECIDED
    before = terms.phases[state.phase].obligations[index]
    measure, value = reader.measure(state.phase, index), state.attested.get(index)
    silent = decided and not _was_given(observed, index)
    stage = _stage(state, index, found, now)
    return ObligationView(
        name=names.obligations[state.phase][index],
        by=by,
        by_label="outside event" if outside else reader.label(by),
        what=reader.what(state.phase, index),
        within=obligation.within + obligation.grace,
        deadline=outcome.deadline(state, obligation) if state.opened_at else None,
        if_silent=word(obligation.presumption),
        material=obligation.material,
        forfeits=_forfeits(reader, state, obligation),
        verdict=word(found.verdict) if decided else None,
        by_silence=silent,
        conceded=_conceded(state.contests.get(index, Contest())),
        stage=stage,
        final_at=found.final_at or None,
        dispute=_dispute(reader, observed, index),
        absent=_binds_nobody(state, obligation),
        extended_from=outcome.deadline(state, before) if obligation.within != before.within else None,
        value=reader.measured(state.phase, index, value) if value is not None and decided else None,
        counts=_counts(reader, state.phase, index, measure.unit if measure else None),
        tally=_tally(reader, observed, index, obligation.panel),
    )


def _stage(state: State, index: int, found: Judgement, now: int) -> str:
    if found.verdict is Verdict.UNDECIDED:
        return "open"
    if state.status is not Status.IN_FORCE or found.is_final(now):
        return "final"
    contest = state.contests.get(index, Contest())
    if contest.ruled_at:  # final, but for the second in which it was ruled
        return "final"
    return "disputed" if contest.challenged_at else "contestable"


def _conceded(contest: Contest) -> bool:
    return bool(contest.ruled_at and not contest.challenged_at)


def _binds_nobody(state: State, obligation: Obligation) -> bool:
    return state.status is not Status.OPEN and outcome.absent(state, obligation)


def _forfeits(reader: Reader, state: State, obligation: Obligation) -> Money | None:
    terms, party = reader.terms, obligation.obligor
    if not obligation.forfeitBps or party == OUTSIDE or _binds_nobody(state, obligation):
        return None
    stake = outcome.level(terms, outcome.phase_at_hand(state, terms), party) * obligation.forfeitBps // 10_000
    return reader.money(terms.parties[party].asset, stake)


def _counts(reader: Reader, phase: int, index: int, unit: str | None) -> str | None:
    """What the value is a number of: "Avoided loss, in percent of the forest"."""
    if reader.document is None or unit is None:
        return None
    found = reader.document.phases[phase].obligations[reader.names.obligations[phase][index]].value
    return f"{found.what}, in {unit}" if found and found.what else f"in {unit}"


def _dispute(reader: Reader, observed: Observed, index: int) -> DisputeView | None:
    found = hearing_of(observed.state, index)
    if found is None:
        return None
    number, hearing = found
    by = observed.challengers.get(number, b"")
    return DisputeView(
        number=str(number),
        by=reader.who(by) if by else "",
        account=checksum(by) if by else "",
        until=hearing.until,
        ruled=hearing.ruled,
    )


def _was_given(observed: Observed, index: int) -> bool:
    state = observed.state
    if state.status is Status.IN_FORCE:
        # A verdict of silence is written down when it is challenged: that does not make it anybody's.
        written = state.verdicts[index] is not Verdict.UNDECIDED
        return written and (
            (state.phase, index) in observed.given or _ruled(state, index) or not _contested(state, index)
        )
    return (state.phase, index) in observed.given or _ruled(state, index)


def _ruled(state: State, index: int) -> bool:
    found = hearing_of(state, index)
    return found is not None and found[1].ruled


def _contested(state: State, index: int) -> bool:
    return bool(state.contests.get(index, Contest()).challenged_at)


def _tally(reader: Reader, observed: Observed, obligation: int, number: int) -> TallyView:
    panel, phase = reader.terms.panels[number], observed.state.phase
    heard = {voice.seat: voice for voice in observed.voices if (voice.phase, voice.obligation) == (phase, obligation)}
    motions = Counter((voice.verdict, voice.value) for _, voice in sorted(heard.items()))
    leading, count = motions.most_common(1)[0] if motions else (None, 0)
    agreed = [seat for seat, voice in heard.items() if (voice.verdict, voice.value) == leading]

    def value(number: int) -> Measured | None:
        counted = number or reader.measure(phase, obligation)
        return reader.measured(phase, obligation, number) if counted else None

    seats = tuple(
        SeatView(
            verifier=reader.names.seats[number][index],
            account=checksum(seat.verifier),
            chamber=reader.chamber(number, seat.chamber),
            verdict=word(heard[index].verdict) if index in heard else None,
            value=value(heard[index].value) if index in heard else None,
        )
        for index, seat in enumerate(panel.seats)
    )
    return TallyView(
        panel=reader.names.panels[number],
        verdict=None if leading is None else word(leading[0]),
        value=None if leading is None else value(leading[1]),
        heard=count,
        threshold=panel.threshold,
        chambers=tuple(_chambers(reader, number, panel, agreed)),
        seats=seats,
    )


def _chambers(reader: Reader, number: int, panel: Panel, agreed: Iterable[int]) -> Iterator[ChamberView]:
    sitting = [panel.seats[seat].chamber for seat in agreed]
    for index, quota in enumerate(panel.quotas):
        yield ChamberView(reader.chamber(number, index) or "", sitting.count(index), quota)
