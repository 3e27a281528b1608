"""Steps of a scenario, played one after another: when one is about a later phase, silence decides what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyledger.analysis.acts import (
    Accept,
    Attempt,
    Attest,
    Challenge,
    Concede,
    Deed,
    Dissolve,
    Extend,
    Fund,
    Look,
    Rule,
    Settle,
    apply,
)
from pyledger.analysis.courses import Fail
from pyledger.analysis.desk import Desk, StepFails
from pyledger.analysis.refusals import why
from pyledger.document.problem import did_you_mean
from pyledger.document.units import NotUnderstood, say_time
from pyledger.errors import Refused
from pyledger.terms.facts import Facts
from pyledger.terms.outcome import deadline, releases
from pyledger.terms.state import Status
from pyledger.terms.structs import OUTSIDE, Share, Verdict

if TYPE_CHECKING:
    from pyledger.analysis.scenario import Step
    from pyledger.analysis.stand_ins import Deal

__all__ = ["Stage", "StepFails"]

_WORDS = {"met": Verdict.MET, "breached": Verdict.BREACHED, "lapsed": Verdict.LAPSED}


class Stage(Desk):
    """A desk that plays the steps of scenarios.

    `seen` is how the deal stood at each step that only looks, `begun` how many acts there were before each step.
    """

    def __init__(self, deal: Deal, absent: tuple[str, ...] = ()) -> None:
        self.seen: list[Facts] = []
        self.begun: list[int] = []
        self._refused: str | None = None
        super().__init__(deal, absent)

    def step(self, step: Step) -> None:
        """One step of a scenario. Raises `StepFails`."""
        verb, self._refused = step.verb, step.refused
        self.begun.append(len(self.acts))
        if self.state.status is not Status.IN_FORCE and verb != "expect" and self._refused is None:
            raise StepFails(f"the deal is {self.state.status.name.lower()} by then", "leave the step out", at=(verb,))
        try:
            self._play(verb, step)
        except Refused as error:
            raise StepFails(*why(error, self.now, self.state.opened_at), at=(verb,)) from None

    def _play(self, verb: str, step: Step) -> None:
        plays = {
            "concede": self._concede,
            "default": self._default,
            "join": self._join_later,
            "challenge": self._challenge,
            "ruling": self._ruling,
            "extend": self._extend,
            "dissolve": self._dissolve,
            "settle": self._settle,
            "fund": self._fund,
            "expect": self._look,
        }
        if verb in plays:
            plays[verb](step)
        else:
            self._attest(step, verb, step.met or step.breached or step.lapsed or "")

    def _attest(self, step: Step, word: str, name: str) -> None:
        item, given = self._reach(name, step.phase, word), _WORDS[word]
        phase = self._phase()
        silence = phase.obligations[item].presumption == Verdict.MET and given is not Verdict.BREACHED
        if silence and self._refused is None:
            if given is Verdict.MET:
                return  # nothing is attested: silence says so when its time is up
            message = f"`{name}` is kept by silence: verifiers can only find it breached"
            raise StepFails(message, "leave the step out", at=(word,))
        self._when(step)
        value = self._value(step, word, item, given)
        self._move(Attest(self.now, item, given, value, pays=True, seats=self._seats(step, item)))

    def _seats(self, step: Step, item: int) -> tuple[int, ...]:
        """The seats of those who say it, if it is said who."""
        known = self.names.seats[self._phase().obligations[item].panel]
        for name in step.by:
            if name not in known:
                raise StepFails(f"`{name}` has no seat on the panel", did_you_mean(name, known), at=("by",))
        return tuple(sorted(known.index(name) for name in step.by))

    def _value(self, step: Step, word: str, item: int, given: Verdict) -> int:
        phase, name = self._phase(), self.names.obligations[self.state.phase][item]
        subject = self.deal.document.phases[self.state.phase].obligations[name]
        measure = self.deal.document.measure(subject)
        if step.value is not None:
            if measure is None:
                raise StepFails(f"no value is attested with `{name}`", "leave it out", at=("value",))
            try:
                return measure.integer(step.value)
            except NotUnderstood as error:
                raise StepFails(error.message, error.hint, at=("value",)) from None
        if any(each.obligation == item and each.tiers and releases(each, given) for each in phase.payments):
            hint = "write it as `value: 1_000`, or with --that as NAME=met@1_000"
            raise StepFails(
                f"what is paid follows the value attested with `{name}`, and none is given", hint, at=(word,)
            )
        return 0

    def _concede(self, step: Step) -> None:
        item = self._reach(step.concede or "", step.phase, "concede")
        if self._phase().obligations[item].obligor == OUTSIDE:
            message = f"`{step.concede}` is an outside event: nobody can concede it"
            raise StepFails(message, "write `breached` or `lapsed`, as the panel finds it", at=("concede",))
        self._when(step)
        self._move(Concede(self.now, item))

    def _default(self, step: Step) -> None:
        party = self._party(step.default or "", "default")
        if step.on not in (None, "bond", "payments", "anything"):
            raise StepFails(f"`{step.on}` cannot be left unpaid", "write bond, payments or anything", at=("on",))
        what = "bond" if step.on == "bond" else "payments" if step.on == "payments" else "anything"
        if step.phase is not None:
            self._come_to(self._number(step.phase), f"the phase `{step.phase}`", "default")
            if self._paid_in == self.state.phase:
                message = f"`{step.default}` has paid in by then, in the phase `{step.phase}`"
                raise StepFails(message, "write the default before all else in that phase", at=("default",))
        elif self._paid_in == self.state.phase:
            self._close_for_default()
        while not self._owes(party, what):
            if step.phase is not None or self.state.phase + 1 == len(self.terms.phases):
                raise StepFails(
                    f"`{step.default}` has nothing to pay in the phase `{self.names.phases[self.state.phase]}`",
                    "have the default come in another phase, or leave it out", at=("default",),
                )  # fmt: skip
            self._close_for_default()
        self._fails[party] = Fail(party, what)  # type: ignore[arg-type]

    def _owes(self, party: int, what: str) -> bool:
        """Whether a party has in the phase at hand what it is to leave unpaid."""
        pays = any(payment.payer == party for payment in self._phase().payments)
        return (pays and what != "bond") or (party in self.state.short and what != "payments")

    def _close_for_default(self) -> None:
        self.close()
        if self.state.status is not Status.IN_FORCE:
            raise StepFails("the deal is over by then", "have the default come earlier", at=("default",))

    def _join_later(self, step: Step) -> None:
        party = self._party(step.join or "", "join")
        self._pay_in()
        self._when(step)
        self._move(Accept(self.now, party))

    def _challenge(self, step: Step) -> None:
        item = self._reach(step.challenge or "", None, "challenge")
        silent = deadline(self.state, self._phase().obligations[item])
        if step.at is None and self.state.verdicts[item] is Verdict.UNDECIDED:
            self.now = max(self.now, silent + 1)
        self._when(step)
        if len(step.by) > 1:
            raise StepFails("a verdict is contested by one", "write one name", at=("by",))
        by = step.by[0] if step.by else self.names.parties[min(self.state.members)]
        known = (*self.names.parties, *self.names.standing)
        if by not in known:
            raise StepFails(f"`{by}` may not contest verdicts", did_you_mean(by, known), at=("by",))
        stands = by in self.names.standing
        number = (self.names.standing if stands else self.names.parties).index(by)
        self._move(Challenge(self.now, item, number, stands, len(self.state.hearings) + 1))

    def _ruling(self, step: Step) -> None:
        hearings = {number: each for number, each in self.state.hearings.items() if not each.ruled}
        if step.on is not None:
            item = self._reach(step.on, None, "on")
            hearings = {number: each for number, each in hearings.items() if each.obligation == item}
        if not hearings:
            raise StepFails("nothing has been contested that is not ruled on", "challenge first", at=("ruling",))
        self._when(step)
        self._move(Rule(self.now, min(hearings), _WORDS[step.ruling or ""]))

    def _extend(self, step: Step) -> None:
        name, phase = step.extend or "", self.state.phase
        payment = name in self.names.payments[phase]
        items = self.names.payments[phase] if payment else self.names.obligations[phase]
        if name not in items:
            both = (*self.names.obligations[phase], *self.names.payments[phase])
            message = f"`{name}` is no obligation or payment of the phase at hand"
            raise StepFails(message, did_you_mean(name, both), at=("extend",))
        if step.to is None:
            raise StepFails("`to` is missing", 'write for example `to: "60 days"` from the phase\'s opening')
        self._pay_in()
        self._when(step)
        self._move(Extend(self.now, payment, items.index(name), step.to))

    def _dissolve(self, step: Step) -> None:
        splits = []
        self._pay_in()
        for asset, shares in (step.dissolve or {}).items():
            for name in (asset, *shares):
                known = self.names.assets if name == asset else self.names.accounts
                if name not in known:
                    message = f"`{name}` is no {'asset' if name == asset else 'party or recipient'}"
                    raise StepFails(message, did_you_mean(name, known), at=("dissolve", asset))
            parts = tuple(Share(self.names.accounts[name], points) for name, points in shares.items())
            splits.append((self.names.assets[asset], parts))
        self._when(step)
        self._move(Dissolve(self.now, tuple(sorted(splits))))

    def _settle(self, step: Step) -> None:
        self._when(step)
        if self._refused is None:
            self.close()
        else:
            self._pay_in()
            self._move(Settle(self.now))

    def _fund(self, step: Step) -> None:
        party = self._party(step.fund or "", "fund")
        self._pay_in()
        owed = [
            index
            for index, payment in enumerate(self._phase().payments)
            if payment.payer == party and index not in self.state.funded
        ]
        if not owed:
            raise StepFails(f"`{step.fund}` has paid in all it owes", "write its default before", at=("fund",))
        self._when(step)
        self._move(Fund(self.now, tuple(owed)))

    def _look(self, step: Step) -> None:
        if self.state.status is Status.IN_FORCE:
            self._pay_in()
        self._when(step)
        self._do(Look(self.now, len(self.seen)))
        self.seen.append(self.facts())

    def _move(self, deed: Deed) -> None:
        """What a step does; or, where it says that this is refused, tries."""
        if self._refused is None:
            self._do(deed)
            return
        try:
            apply(self.state, self.terms, deed)
        except Refused as error:
            if error.name != self._refused:
                raise StepFails(
                    f"it is refused, but by {error.name}: {why(error, self.now, self.state.opened_at)[0]}",
                    f"write `refused: {error.name}`",
                    at=("refused",),
                ) from None
            self._do(Attempt(self.now, deed, error.name))
            return
        raise StepFails("it is not refused", "leave `refused` out", at=("refused",))

    # parts of steps

    def _party(self, name: str, key: str) -> int:
        if name not in self.names.parties:
            raise StepFails(f"`{name}` is no party", did_you_mean(name, self.names.parties), at=(key,))
        return self.names.parties.index(name)

    def _reach(self, name: str, phase: str | None, key: str) -> int:
        """The number of an obligation, in the phase at hand; phases before its own are closed."""
        here = [index for index, names in enumerate(self.names.obligations) if name in names]
        if phase is not None:
            only = self._number(phase)
            here = [index for index in here if index == only]
        if not here:
            known = [each for names in self.names.obligations for each in names]
            raise StepFails(f"there is no obligation `{name}`", did_you_mean(name, known), at=(key,))
        index = next((index for index in here if index >= self.state.phase), here[-1])
        self._come_to(index, f"the phase of `{name}`", key)
        self._pay_in()
        return self.names.obligations[index].index(name)

    def _number(self, phase: str) -> int:
        if phase not in self.names.phases:
            raise StepFails(f"there is no phase `{phase}`", did_you_mean(phase, self.names.phases), at=("phase",))
        return self.names.phases.index(phase)

    def _come_to(self, index: int, what: str, key: str) -> None:
        """Closes the phases before one that is called `what`."""
        if index < self.state.phase:
            raise StepFails(f"{what} is closed by then", "write the step earlier", at=(key,))
        while self.state.phase < index:
            self.close()
            if self.state.status is not Status.IN_FORCE:
                was = self.state.status.name.lower()
                raise StepFails(f"the deal is {was} before {what} opens", "leave the step out", at=(key,))

    def _when(self, step: Step) -> None:
        if step.at is None:
            return
        kind, moment = step.at
        moment += self.state.opened_at if kind == "after" else 0
        if moment < self.now:
            message = f"{say_time(moment)} is before what happened last, at {say_time(self.now)}"
            raise StepFails(message, "write the steps in the order in which they happen", at=("at",))
        self.now = moment
