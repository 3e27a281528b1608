"""The settlement model against the contracts on a node: the same histories, to the last unit.

After every move of a random history everything that the contract stores, every balance and every refusal must be what
the model says. `PYLEDGER_HISTORIES` sets how many histories are played, `PYLEDGER_RANDOM` that they differ each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from random import Random
from typing import Final

from hypothesis import HealthCheck, given, settings, strategies as st

from pyledger.chain.anvil import Anvil
from pyledger.terms import outcome
from pyledger.terms.state import Split, Status
from pyledger.terms.structs import NATIVE, Share, Verdict
from tests.terms.dealing import PUBLIC_FUND, VALUES, VERDICTS, Cast, deal, shares
from tests.terms.history import ALL, History, played
from tests.terms.player import NEVER, STANDING, STRANGER, WALL, Player

HISTORIES: Final = int(os.environ.get("PYLEDGER_HISTORIES", "120"))
STEPS: Final = 40
SEED: Final = 3
"""Bytes that the details of a move are thrown from."""
AFTERWARDS: Final = 2
"""How many moves are tried once an agreement has ended, before the next one begins."""

MOVES: Final = (
    "accept", "attest", "challenge", "comment", "concede", "dissolve", "enter", "extend", "fund", "launch", "release",
    "rule", "settle", "topUp", "unwind", "void", "withdraw",
)  # fmt: skip
"""Everything that can be done; a run of many histories has done all of it."""

Chance = Callable[[History, Random], None]
"""A move whose details are thrown."""


def some(dice: Random, items: Sequence[int], most: int) -> set[int]:
    return set(dice.sample(items, dice.randint(0, min(most, len(items)))))


# joining


def start(play: History, dice: Random) -> None:
    """The agreement is opened, alone or by `launch`; all join, or some, or that is left to chance."""
    everybody = range(len(play.terms.parties))
    launched = False
    if dice.choice([False, False, True]):
        payments = dice.choice([set(), some(dice, range(len(play.phase.payments) + 1), 2)])
        launched = play.launch(dice.choice([*everybody, *everybody, len(everybody)]), payments, dice.choice([0, 5]))
    if not launched:
        play.open()
    enough = dice.sample(everybody, dice.randint(play.terms.minParties, len(everybody)))
    for party in dice.choice([everybody, enough, enough, some(dice, everybody, 5)]):
        if party not in play.state.members:
            play.accept(party)
    if play.state.status is Status.OPEN and dice.choice([True, False]):
        play.now = max(play.now, play.terms.joinBy + dice.choice([1, 1, 1, 0]))
        play.enter()


def accept(play: History, dice: Random) -> None:
    play.accept(dice.randint(0, len(play.terms.parties)))


def accede(play: History, dice: Random) -> None:
    missing = set(range(len(play.terms.parties))) - play.state.members - play.state.joining
    play.accept(dice.choice(sorted(missing) or [0]))


def enter(play: History, dice: Random) -> None:
    play.enter()


def void(play: History, dice: Random) -> None:
    play.void()


# paying in


def fund(play: History, dice: Random) -> None:
    anything = range(len(play.phase.payments) + 1)
    play.fund(some(dice, dice.choice([sorted(play.unfunded()), sorted(play.unfunded()), anything]), 4), surplus(dice))


def fund_everything(play: History, dice: Random) -> None:
    payers = {index: payment.payer for index, payment in enumerate(play.phase.payments)}
    play.fund({index for index in play.unfunded() if payers[index] in play.state.members})


def top_up(play: History, dice: Random) -> None:
    play.top_up(dice.choice(sorted(play.state.short) or range(len(play.terms.parties) + 1)), surplus(dice))


def surplus(dice: Random) -> int:
    """Coin that is more than is due."""
    return dice.choice([0, 0, 3])


# deciding


def attest(play: History, dice: Random) -> None:
    """Anything by anybody, well formed or not."""
    obligation = dice.randint(0, len(play.phase.obligations))
    verdict = dice.choice((*VERDICTS, Verdict.UNDECIDED))
    seats = dice.sample(range(len(play.seats(obligation)) + 1), dice.randint(0, len(play.seats(obligation))))
    pay = dice.choice([set(), play.hanging_on(obligation)])
    play.attest(obligation, verdict, dice.choice([0, 0, 7]), seats, pay)


def attest_again(play: History, dice: Random) -> None:
    """What has been decided, or what a seat has said, once more; payments may be left to pay."""
    decided = [index for index, given in enumerate(play.state.verdicts) if given is not Verdict.UNDECIDED]
    voiced = sorted(voice for voice in play.state.voices if voice.phase == play.state.phase)
    if voiced and (not decided or dice.choice([True, False])):
        voice = dice.choice(voiced)
        play.attest(voice.obligation, voice.verdict, voice.value, [voice.seat], set())
    elif decided:
        index = dice.choice(decided)
        value = dice.choice([play.state.attested.get(index, 0)] * 3 + [*VALUES])
        pay = dice.choice([set(), play.hanging_on(index)])
        play.attest(index, play.state.verdicts[index], value, dice.choice([[], [0]]), pay)


def attest_by_few(play: History, dice: Random) -> None:
    """One more seat is heard, on one of two motions."""
    obligation = dice.choice(undecided(play) or [0])
    seat = dice.choice(play.seats(obligation))
    verdict = dice.choice([Verdict.BREACHED, Verdict.BREACHED, Verdict.LAPSED])
    play.attest(obligation, verdict, 7, [seat], set())


def attest_by_all(play: History, dice: Random) -> None:
    play.now = max(play.now, dice.choice([0, play.state.opened_at, play.state.opened_at]))
    _attest(play, dice, dice.choice(undecided(play) or [0]), dice.choice(VERDICTS))


def _attest(play: History, dice: Random, obligation: int, verdict: Verdict) -> None:
    pay = dice.choice([set(), set(), play.hanging_on(obligation)])
    play.attest(obligation, verdict, dice.choice(VALUES), play.seats(obligation), pay)


def undecided(play: History) -> list[int]:
    obligations = range(len(play.phase.obligations))
    return [i for i in obligations if outcome.given(play.state, play.terms, i).verdict is Verdict.UNDECIDED]


def decide_against_a_payment(play: History, dice: Random) -> None:
    """A verdict against what is not funded yet, whose window ends in the second in which that is due, or beside it."""
    pending = undecided(play)
    owed = [each for i, each in enumerate(play.phase.payments) if i in play.unfunded() and each.obligation in pending]
    if owed:
        payment = dice.choice(owed)
        against = [verdict for verdict in VERDICTS if not outcome.releases(payment, verdict)]
        due = play.state.opened_at + payment.due
        play.now = max(play.now, due - play.terms.challengeWindow + dice.choice([0, 0, 0, 1]))
        _attest(play, dice, payment.obligation, dice.choice(against or [*VERDICTS]))
        play.now = max(play.now, due + dice.randint(0, 1))


def decide_at_the_long_stop(play: History, dice: Random) -> None:
    """What is due by then is paid, what is open is decided in the last second; later dues mean nothing."""
    last, payments = play.terms.longStop, play.phase.payments
    for party in sorted(play.state.short):
        play.top_up(party)
    play.fund({index for index in play.unfunded() if play.state.opened_at + payments[index].due <= last})
    play.now = max(play.now, last + dice.choice([0, 0, 0, 1]))
    verdict = dice.choice([Verdict.BREACHED, Verdict.BREACHED, Verdict.MET])
    for index in undecided(play):
        if outcome.deadline(play.state, play.phase.obligations[index]) >= play.now:
            _attest(play, dice, index, verdict)
    settle_as_soon_as_possible(play, dice)


def concede(play: History, dice: Random) -> None:
    play.concede(dice.randint(0, len(play.phase.obligations)))


def play_the_phase(play: History, dice: Random) -> None:
    """Everybody pays, and every obligation is decided or left to silence."""
    play.now = max(play.now, play.state.opened_at)
    for party in sorted(play.state.short):
        play.top_up(party)
    fund_everything(play, dice)
    for index in undecided(play):
        options = [Verdict.UNDECIDED, Verdict.BREACHED]
        if play.phase.obligations[index].presumption != Verdict.MET:
            options += [Verdict.MET, Verdict.MET, Verdict.MET, Verdict.LAPSED]
        verdict = dice.choice(options)
        if verdict is not Verdict.UNDECIDED:
            _attest(play, dice, index, verdict)


# contesting


def challenge(play: History, dice: Random) -> None:
    """Somebody contests a verdict, at any time or in the last second of its window."""
    state, terms = play.state, play.terms
    beyond = len(play.phase.obligations)
    obligation = dice.choice([*play.contestable() * 6, *range(beyond + 1)])
    accounts = [party.account for party in terms.parties]
    others = [*terms.standing * 2, *STANDING, STRANGER, terms.panels[0].seats[0].verifier]
    by = dice.choice([*accounts * 6, *others])
    dispute = dice.choice([*[len(state.hearings)] * 5, 0])
    last = _last_moment(play, obligation) if obligation < beyond else 0
    if last > play.now and dice.choice([True, False]):
        play.now = last + dice.choice([0, 0, 1])
    play.challenge(obligation, by, dispute, dice.choice([0, 4]))


def _last_moment(play: History, obligation: int) -> int:
    cut = outcome.cut_off(play.state, play.terms, play.now)
    return outcome.judgement(play.state, play.terms, obligation, play.now, cut).final_at


def rule(play: History, dice: Random) -> None:
    """The court rules, at any time or in the last second it has."""
    dispute = dice.choice([*play.pending() * 6, *play.state.hearings, len(play.state.hearings)])
    until = play.state.hearings[dispute].until if dispute in play.state.hearings else 0
    if until > play.now and dice.choice([True, False]):
        play.now = until + dice.choice([0, 0, 1])
    play.rule(dispute, dice.randint(0, 4))


def comment(play: History, dice: Random) -> None:
    seats = [seat.verifier for panel in play.terms.panels for seat in panel.seats]
    play.comment(dice.choice([play.terms.parties[-1].account, *STANDING, STRANGER, *seats[:2]]))


# closing


def release(play: History, dice: Random) -> None:
    escrow = sorted(play.state.funded - play.state.paid)
    play.release(some(dice, dice.choice([escrow, escrow, range(len(play.phase.payments) + 1)]), 3))


def settle(play: History, dice: Random) -> None:
    play.settle()


def settle_as_soon_as_possible(play: History, dice: Random) -> None:
    """Nobody does anything until the phase can be settled; or somebody tries it a second before, or at any moment."""
    ahead = [play.now, *play.moments()]
    if dice.choice([True, False, False]):  # the model is not asked when
        ahead = [dice.choice(ahead)]
    play.now = max(play.now, next(filter(play.settles, ahead), ahead[-1]) + dice.choice([0, 0, 0, -1]))
    play.settle()


def unwind(play: History, dice: Random) -> None:
    if play.now > play.terms.longStop or dice.choice([True, False, False]):
        play.now = max(play.now, outcome.end(play.terms) + dice.randint(0, 1))
    play.unwind()


def dissolve(play: History, dice: Random) -> None:
    """Seldom well formed, complete and in time, as that ends it."""
    to = [PUBLIC_FUND, play.terms.parties[0].account, play.terms.parties[-1].account]
    assets = sorted({NATIVE, *play.player.tokens})
    flaw = dice.choice(["", "assets", "shares", "expiry", "itself"])
    if flaw == "itself":
        to = [play.game.address]
    if flaw == "assets":
        assets = dice.sample(assets, dice.randint(0, 2))
    splits = [Split(asset, shares(dice, to)) for asset in assets]
    if flaw == "shares":
        broken = dice.choice([(), (Share(to[0], 9_999),), (Share(bytes(20), 10_000),)])
        splits[0] = splits[0]._replace(shares=broken)
    play.dissolve(splits, play.now - 1 if flaw == "expiry" else dice.choice([NEVER, play.now]))


def extend(play: History, dice: Random) -> None:
    payment = dice.choice([True, False])
    phase = play.phase
    times = [each.due for each in phase.payments] if payment else [each.within for each in phase.obligations]
    index = dice.randint(0, len(times))
    more = dice.choice([10, 10, 10, 1, 0, 2**31])
    expiry = dice.choice([NEVER, NEVER, play.now, play.now - 1])
    to = min((times[index] if index < len(times) else 0) + more, 2**32 - 1)
    play.extend(payment, index, to, expiry)


def act_out_of_turn(play: History, dice: Random) -> None:
    """What asks for an agreement that is open, or in force, is refused where it is not."""
    account = play.terms.parties[0].account
    moves: list[Callable[[], None]] = [lambda: play.withdraw_nothing(account)]
    if play.state.status is not Status.OPEN:
        moves += [play.void, play.enter, lambda: play.accept(0)]
    if play.state.status is not Status.IN_FORCE:
        moves += [
            play.settle, play.unwind, lambda: play.fund(()), lambda: play.top_up(0), lambda: play.release({0}),
            lambda: play.challenge(0, account, 99, 0), lambda: play.dissolve([]), lambda: play.extend(False, 0, 10),
            lambda: play.concede(0), lambda: play.rule(0, 1), lambda: play.attest(0, Verdict.MET, 0, [0], set()),
        ]  # fmt: skip
    dice.choice(moves)()


def withdraw(play: History, dice: Random) -> None:
    credited = play.state.credits[WALL, NATIVE]
    amount = dice.choice([ALL, credited, max(1, credited // 2), credited + 1])
    play.withdraw(delivered=dice.choice([True, False, False]), amount=amount)


# time


def wait(play: History, dice: Random) -> None:
    play.now += dice.randint(1, 8)


def wait_for_a_moment(play: History, dice: Random) -> None:
    ahead = play.moments()
    if ahead:
        play.now = dice.choice(ahead[:4] if play.state.status is Status.IN_FORCE else ahead[:2])


def chances(play: History) -> dict[Chance, int]:
    """What may come next, each with its weight."""
    state, terms = play.state, play.terms
    if state.status is Status.OPEN:
        return _while_open(late=play.now > terms.joinBy)
    if state.status is not Status.IN_FORCE:
        return {act_out_of_turn: 10, comment: 2, withdraw: 10 if state.credits else 0}
    closing: dict[Chance, int] = {
        challenge: 60 if outcome.has_court(terms) and play.contestable() else 1,
        rule: 60 if play.pending() else 1,
        release: 8 if state.funded - state.paid else 2,
        settle: 4,
        settle_as_soon_as_possible: 12,
        unwind: 15 if play.now > terms.longStop else 1,
        dissolve: 2,
        withdraw: 10 if state.credits else 0,
        wait: 6,
        wait_for_a_moment: 8,
        act_out_of_turn: 2,
        comment: 1,
    }
    if outcome.cut_off(state, terms, play.now) is not None:
        return closing | {fund: 2, top_up: 2, attest_by_all: 2, concede: 1, extend: 1, accept: 1}
    return closing | _while_running(play, pending=bool(undecided(play)), unfunded=bool(play.unfunded()))


def _while_open(*, late: bool) -> dict[Chance, int]:
    return {
        enter: 20 if late else 3,
        accept: 3 if late else 20,
        void: 8 if late else 2,
        wait_for_a_moment: 10,
        act_out_of_turn: 2,
        wait: 2,
        comment: 1,
    }


def _while_running(play: History, *, pending: bool, unfunded: bool) -> dict[Chance, int]:
    state, terms = play.state, play.terms
    absent = len(state.members | state.joining) < len(terms.parties)
    return {
        fund: 8 if unfunded else 1,
        fund_everything: 25 if unfunded else 0,
        top_up: 25 if state.short else 1,
        attest: 4,
        attest_again: 4,
        attest_by_few: 12 if pending else 1,
        attest_by_all: 20 if pending else 1,
        decide_against_a_payment: 15 if pending and unfunded and outcome.has_court(terms) else 0,
        decide_at_the_long_stop: 80 if play.now < terms.longStop < play.now + 150 else 0,
        concede: 5 if pending else 1,
        extend: 8 if pending else 2,
        play_the_phase: 12 if pending and unfunded else 1,
        accept: 1,
        accede: 15 if terms.accession and absent else 0,
    }


def run(player: Player, thrown: bytes) -> None:
    """Plays one agreement after the other, a move for every few bytes.

    A move of zeros is left out: so a failure shrinks to few moves.
    """
    cast = Cast(player.start, player.tokens, [key.address for key in player.parties], [s.address for s in player.seats])
    play: History | None = None
    over = 0
    for seed in (thrown[at : at + SEED] for at in range(0, len(thrown), SEED)):
        dice = Random(seed)
        if play is None or over == AFTERWARDS:
            play, over = History(player, deal(dice, cast), dice.choice([0, 1, 1, 3])), 0
            start(play, dice)
        elif any(seed):
            over += play.state.status not in (Status.OPEN, Status.IN_FORCE)
            moves = chances(play)
            (move,) = dice.choices([*moves], [*moves.values()])
            move(play, dice)


def test_model_and_contract_agree() -> None:
    with Anvil(timestamp=1_800_000_000) as node, closing(Player(node.url)) as player:

        @settings(max_examples=HISTORIES, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
        @given(thrown=st.binary(min_size=SEED * STEPS, max_size=SEED * STEPS))
        def histories(thrown: bytes) -> None:
            run(player, thrown)

        histories()
    if HISTORIES >= 100:
        assert played.keys() >= {f"{name} " for name in MOVES}, "some moves never succeeded"
