"""Entitlements by the rules that `pyledger.observer.rights` states, on the settlement model: no chain, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pyledger.document import Document, loads
from pyledger.document.units import DAY
from pyledger.ledger.events import Decided, Ended, Event, Origin, PhaseOpened, PhaseSettled
from pyledger.ledger.past import past
from pyledger.observer.rights import Entitlement, Undoing, entitlements, undoings
from pyledger.terms import settlement
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.course import judge
from pyledger.terms.names import Names
from pyledger.terms.outcome import cut_off
from pyledger.terms.settlement import Move
from pyledger.terms.state import State, Status
from pyledger.terms.structs import Verdict

START = 1_800_000_000
YEAR = 365 * DAY
MET, BREACHED = Verdict.MET, Verdict.BREACHED

DEAL = """
pyledger: 1
title: Access for restraint
assets: {usd: {symbol: USDX, decimals: 6}}
parties:
  north: {name: North, bond: {amount: 100, asset: usd}, forfeits_to: south}
  south: {name: South, bond: {amount: 100, asset: usd}, forfeits_to: north}
standing: {villages: {name: Villages}}
affected_groups:
  forest: {name: People of the forest, standing: villages}
  neighbours: {name: Neighbours, kind: state}
panels: {council: {verifiers: [a, b, c], threshold: 2}}
arbitration: {court: court, challenge_within: 7 days, ruling_within: 30 days}
benefits:
  api:
    what: Queries to the model
    from: north
    to: [south, forest, neighbours]
    cluster: frontier_ai
    kind: api_access
    phase: access
    verified_by: opened
    tangibility: metered_access
    revocability: {class: revocable_with_notice, by: council, notice: 14 days, grounds: Misuse that is found}
    generality: broad
    generation_lag: 1
    restriction: output_filter
    monitoring: realtime
    delivery: api
    compute_use: inference_only
    hem: false
    input: none
    throttle: {requests_per_second: 50, parallel: 8, speed: 50%}
    meta_info: model_card
    dual_use: low
    offence_defence: neutral
    onward_transfer: forbidden
  seat:
    what: A seat in the working group
    from: north
    to: south
    cluster: seat
    verified_by: [secured]
    tangibility: status
    revocability: irrevocable
    vote_share: 25%
  sight:
    what: The logs
    from: south
    to: north
    cluster: seat
    verified_by: [use-kept]
    tangibility: service
    revocability: {class: degradable, by: south}
join_within: 10 days
long_stop_after: 3 years
phases:
  - id: secure
    obligations:
      secured:
        by: south
        what: The labs are secured
        within: 30 days
        decided_by: council
        if_silent: breach
        material: true
        forfeit: 10%
        reversibility: {class: reversible, restored_within: 3 months, undone_by: Controls are switched off}
  - id: access
    obligations:
      opened:
        by: north
        what: The interface is opened
        within: 30 days
        decided_by: council
        if_silent: breach
        forfeit: 10%
        reversibility: {class: partly_reversible, restored_within: 1 day, recovers: 80%, undone_by: It is closed}
      use-kept:
        by: south
        what: The model is not misused
        within: 1 year
        decided_by: council
        if_silent: met
        forfeit: 60%
        reversibility: irreversible
      never-sold:
        by: north
        what: The logs are not sold
        within: 1 year
        decided_by: council
        if_silent: met
        material: true
        forfeit: 60%
        reversibility: reversible
"""


def address(number: int) -> bytes:
    return number.to_bytes(20, "big")


class Play:
    """An agreement in the model, with the events that an account would emit of it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        bindings = Bindings(
            chain_id=31337,
            start=START,
            parties={"north": address(1), "south": address(2)},
            verifiers={"a": address(11), "b": address(12), "c": address(13)},
            standing={"villages": address(21)},
            courts={"court": address(31)},
            assets={"usd": address(99)},
        )
        self.terms = compile_terms(document, bindings)
        self.names = Names.of(document, bindings)
        self.state, self.now = State(), START
        self.events: list[Event] = []

    def at(self, day: float) -> Play:
        self.now = START + int(day * DAY)
        return self

    def join(self) -> Play:
        for party in (0, 1):
            self._moved(settlement.accept(self.state, self.terms, party=party, now=self.now))
        return self._say(
            PhaseOpened, phase=0, opened_at=self.state.opened_at, members=self.state.members, short=frozenset()
        )

    def decide(self, name: str, verdict: Verdict) -> Play:
        index = self.names.obligations[self.state.phase].index(name)
        self._moved(
            settlement.attest(self.state, self.terms, obligation=index, given=verdict, seats=[0, 1], now=self.now)
        )
        return self._say(Decided, phase=self.state.phase, obligation=index, verdict=verdict, value=0, conceded=False)

    def settle(self) -> Play:
        before, cut = self.state, cut_off(self.state, self.terms, self.now)
        self._moved(settlement.settle(self.state, self.terms, now=self.now))
        verdicts, _ = judge(before, self.terms, self.now, cut)
        found = sum(each << 2 * index for index, each in enumerate(verdicts))
        self._say(PhaseSettled, phase=before.phase, verdicts=found, defaults=frozenset(), cut_off=cut or 0)
        if self.state.status is Status.IN_FORCE:
            members, opened = self.state.members, self.state.opened_at
            return self._say(PhaseOpened, phase=self.state.phase, opened_at=opened, members=members, short=frozenset())
        return self._say(Ended, status=self.state.status)

    def rights(self, *, of: str) -> dict[str, Entitlement]:
        times = {event.origin.block: event.origin.block for event in self.events}
        found = entitlements(self.document, self.names, self.terms, self.state, past(self.events, times), self.now)
        return {each.holder: each for each in found if each.benefit == of}

    def undone(self) -> Sequence[Undoing]:
        times = {event.origin.block: event.origin.block for event in self.events}
        return undoings(self.document, self.names, self.terms, self.state, past(self.events, times))

    def _moved(self, move: Move) -> None:
        self.state = move.state

    def _say(self, kind: type[Event], **values: object) -> Play:
        self.events.append(kind(Origin(self.now, len(self.events), b"", b"", b""), **values))
        return self


@pytest.fixture(scope="module")
def document() -> Document:
    return loads(DEAL)


@pytest.fixture
def play(document: Document) -> Play:
    return Play(document)


@pytest.fixture
def access(play: Play) -> Play:
    """In the second phase, which opened on day 20."""
    return play.join().at(10).decide("secured", MET).at(20).settle()


def test_nothing_holds_before_the_agreement_is_in_force(play: Play) -> None:
    for benefit in ("api", "seat", "sight"):
        for each in play.rights(of=benefit).values():
            assert (each.stands, each.why, each.since) == ("not yet", "the agreement is not in force", None)


def test_a_benefit_holds_while_its_phase_is_at_hand(access: Play) -> None:
    before = Play(access.document).join()
    assert before.rights(of="api")["south"].why == "phase access has not opened"
    held = access.at(21).rights(of="api")["south"]
    assert (held.stands, held.since) == ("holds", START + 20 * DAY)
    assert held.account == checksum(address(2))
    assert (held.confirmed, held.confirmations[0].verdict) == (False, None)
    assert access.at(22).decide("opened", MET).rights(of="api")["south"].confirmed
    over = access.at(20 + 365 + 8).settle().rights(of="api")["south"]
    assert (over.stands, over.why, over.until) == ("over", "the agreement is completed", access.now)


def test_those_who_sign_nothing_hold_it_by_the_account_of_their_standing(access: Play) -> None:
    held = access.at(21).rights(of="api")
    assert held["forest"].account == checksum(address(21))
    assert held["neighbours"].account is None
    assert all(each.holds for each in held.values())


def test_the_document_says_how_far_it_goes_and_who_may_take_it_back(access: Play) -> None:
    held = access.rights(of="api")["south"]
    levers, rule = held.levers, held.revocation
    assert (levers.requests_per_second, levers.parallel, levers.speed) == (50, 8, 5_000)
    assert (levers.delivery, levers.monitoring, levers.hem) == ("api", "realtime", False)
    assert (rule.class_, rule.by, rule.notice) == ("revocable_with_notice", "council", 14 * DAY)
    assert access.rights(of="seat")["south"].levers.vote_share == 2_500


def test_a_breach_of_the_holder_ends_it_at_once_and_that_of_another_does_not(access: Play) -> None:
    access.at(40).decide("use-kept", BREACHED)
    held = access.rights(of="api")
    assert (held["south"].stands, held["south"].why) == ("over", "use-kept is breached")
    assert held["south"].until == START + 40 * DAY
    assert held["forest"].holds
    assert access.rights(of="sight")["north"].holds


def test_what_the_court_overrules_comes_back(access: Play) -> None:
    access.at(40).decide("use-kept", BREACHED)
    access.state = settlement.challenge(
        access.state, access.terms, obligation=1, by=address(2), dispute=5, now=access.now
    ).state
    assert not access.rights(of="api")["south"].holds
    access.at(50).state = settlement.rule(access.state, dispute=5, ruling=1, now=access.now).state
    assert access.rights(of="api")["south"].holds


def test_a_cut_off_ends_it_before_anybody_settles(access: Play) -> None:
    access.at(40).decide("never-sold", BREACHED)
    assert access.at(46.9).rights(of="api")["south"].holds
    assert access.rights(of="api")["south"].until == START + 47 * DAY
    ended = access.at(48).rights(of="api")["south"]
    assert (ended.stands, ended.why, ended.until) == ("over", "the phase is cut off", START + 47 * DAY)
    access.at(60).settle()
    assert access.state.status is Status.TERMINATED
    assert access.rights(of="api")["south"] == ended


def test_silence_about_what_the_holder_owes_ends_it(play: Play) -> None:
    """A benefit without a phase, in the first: silence says on day 30 that its holder has breached."""
    seat = play.join().at(1).rights(of="seat")["south"]
    assert (seat.stands, seat.since, seat.until) == ("holds", START, START + 30 * DAY)
    over = play.at(31).rights(of="seat")["south"]
    assert (over.why, over.until) == ("secured is breached", START + 30 * DAY)


def test_it_ends_with_its_phase_while_the_agreement_goes_on(play: Play) -> None:
    first = play.document.benefits["api"].model_copy(update={"phase": "secure"})
    play.document = play.document.model_copy(update={"benefits": {"api": first}})
    play.join().at(10).decide("secured", MET)
    assert play.rights(of="api")["south"].holds
    over = play.at(20).settle().rights(of="api")["south"]
    assert (over.stands, over.why, over.until) == ("over", "phase secure is over", START + 20 * DAY)


def test_a_phase_that_waits_for_its_date_gives_nothing_before(play: Play) -> None:
    phase = play.terms.phases[0]._replace(notBefore=START + 5 * DAY)
    play.terms = play.terms._replace(phases=(phase, *play.terms.phases[1:]))
    early = play.join().at(1).rights(of="seat")["south"]
    assert (early.stands, early.since) == ("not yet", START + 5 * DAY)
    assert play.at(5).rights(of="seat")["south"].holds


@pytest.mark.parametrize(("benefit", "absent"), [("api", "north"), ("sight", "south")])
def test_who_is_no_member_gives_nothing_and_has_nothing(access: Play, benefit: str, absent: str) -> None:
    party = access.names.party(absent)
    access.events = [
        replace(event, members=event.members - {party}) if isinstance(event, PhaseOpened) else event
        for event in access.events
    ]
    found = access.rights(of=benefit)
    assert {each.why for each in found.values()} == {f"{absent} is no member, and bound to nothing"}
    assert {each.stands for each in access.rights(of="seat").values()} == {"not yet"}


def test_it_ends_with_the_long_stop(play: Play) -> None:
    play.join().at(10).decide("secured", MET)
    held = play.at(11).rights(of="sight")["north"]
    assert (held.stands, held.until) == ("holds", play.terms.longStop)
    assert play.at(3 * 365 + 1).rights(of="sight")["north"].why == "the long stop has passed"


def test_what_cannot_be_taken_back_and_was_given_stays_given(access: Play) -> None:
    seat = access.rights(of="seat")["south"]
    assert (seat.stands, seat.until, seat.confirmed) == ("holds", None, True)
    access.at(40).decide("use-kept", BREACHED).decide("never-sold", BREACHED).at(60).settle()
    assert access.rights(of="seat")["south"].why == "it was given, and cannot be taken back"


def test_after_a_termination_what_was_done_may_be_undone_by_who_did_it(access: Play) -> None:
    assert access.at(30).decide("opened", MET).undone() == ()
    access.at(40).decide("never-sold", BREACHED).at(60)
    assert access.undone() == ()  # cut off, and not settled yet
    access.settle()
    secured, opened = access.undone()
    assert (secured.obligation, secured.by, secured.class_) == ("secured", "south", "reversible")
    assert (secured.restored_within, secured.since) == (90 * DAY, START + 60 * DAY)
    assert (opened.by, opened.recovers, opened.undone_by) == ("north", 8_000, "It is closed")
    assert opened.account == checksum(address(1))


def test_after_completion_nothing_is_to_be_undone(access: Play) -> None:
    access.at(30).decide("opened", MET).at(20 + 365 + 8).settle()
    assert access.state.status is Status.COMPLETED
    assert access.undone() == ()
