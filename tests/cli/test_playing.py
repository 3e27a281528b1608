"""What is checked of every scenario, whatever it expects: money is neither lost nor made, and model and chain agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pyledger.analysis.script import Script, read_script
from pyledger.analysis.stage import Stage
from pyledger.chain.abi import Contract
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.deployments import places
from pyledger.chain.facts import read_story
from pyledger.chain.local import operator
from pyledger.chain.named import NamedAgreement
from pyledger.chain.transactions import transact
from pyledger.cli import playing
from pyledger.cli.papers import read_document
from pyledger.cli.playing import play_script
from pyledger.cli.replay import Playhouse, playhouse
from pyledger.document import gallery, loads
from pyledger.terms.facts import Facts
from pyledger.terms.state import Status


@pytest.fixture(scope="module")
def house() -> Iterator[Playhouse]:
    with playhouse() as made:
        yield made


def script(steps: str, *, of: str = "lockerbie-2003", more: str = "") -> Script:
    return read_script(f"document: {of}\nsteps: [{steps}]\n{more}", lambda name: read_document(name or ""), file="s")


def test_money_that_is_sent_besides_or_gone_is_missed(house: Playhouse) -> None:
    document = loads(gallery.read("lockerbie-2003"))
    with house.staging(document, start=1_800_000_000) as stage:
        deal = NamedAgreement.locally(stage.connection, places(), document)
        deal.open()
        deal.accept()
        deal.fund()
        held = 2_700 * 10**12
        assert read_story(deal.client, deal.names).losses() == {}
        token, account = deal.names.asset("usd"), "0x" + deal.client.address.hex()
        abi, mint = Contract(load_artifact("TestToken").abi), operator(stage.connection)
        transact(stage.connection, mint, token, abi.encode("mint", deal.client.address, 7))
        assert read_story(deal.client, deal.names).losses() == {"usd": (held, held + 7)}
        gone = abi.encode("transfer", mint.address, 10)
        stage.connection.request("anvil_impersonateAccount", account)
        stage.connection.request("anvil_setBalance", account, hex(10**18))
        sent = {"from": account, "to": "0x" + token.hex(), "data": "0x" + gone.hex()}
        stage.connection.request("eth_sendTransaction", sent)
        assert read_story(deal.client, deal.names).losses() == {"usd": (held, held - 3)}


def test_a_chain_that_does_otherwise_than_the_model_fails_every_scenario(
    house: Playhouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong(Stage):
        def facts(self) -> Facts:
            return replace(super().facts(), status=Status.VOID)

    plain = script("{met: un-lift}, {expect: {phase: release}}, {met: us-lift}")
    assert play_script(house, plain).problems == ()

    def run(*words: Any) -> Stage:
        stage = Wrong(words[0])
        for step in words[1].steps:
            stage.step(step)
        stage.finish()
        return stage

    monkeypatch.setattr(playing, "run", run)
    problems = play_script(house, plain).problems
    assert [each.what.partition(",")[0] for each in problems] == ["`status` on the chain"] * 2


def test_one_chain_serves_deals_of_different_times(house: Playhouse) -> None:
    for start in ("2003-08-22", "1981-01-19", "2027-01-01"):
        played = play_script(house, script("{met: un-lift}", more=f"start: {start}\nexpect: {{state: completed}}"))
        assert played.problems == ()
    assert house.connection.latest_time() < 10_000


def test_who_pays_in_too_late_is_refused_and_who_is_in_time_is_not(house: Playhouse) -> None:
    late = script("{default: libya, on: payments}, {fund: libya, at: 400 days, refused: PastCutOff}, "
                  "{expect: {held: {usd: 0}}}", more="expect: {in_default: libya, gains: {}}")  # fmt: skip
    assert play_script(house, late).problems == ()
    paid = script("{default: libya, on: payments}, {fund: libya, at: 9 days}, {met: un-lift, at: 10 days}",
                  more="expect: {in_default: [], paid: {un-tranche: 1_080_000_000}}")  # fmt: skip
    assert play_script(house, paid).problems == ()


@pytest.mark.parametrize(
    ("days", "rule", "said"),
    [
        (20, "TooLate", "TooLate was expected, and nothing was refused"),
        (600, "TooEarly", "TooEarly was expected, and it is TooLate: "),
    ],
)
def test_a_refusal_that_does_not_come_as_it_should_stops_the_play_at_its_step(
    house: Playhouse, monkeypatch: pytest.MonkeyPatch, days: int, rule: str, said: str
) -> None:
    """The model is made to believe in rules that the contracts do not have."""
    real = script("{met: un-lift}, {met: us-lift, at: 600 days, refused: TooLate}")
    steps = real.scenario.steps
    belief = steps[1].model_copy(update={"at": ("after", days * 86_400), "refused": rule})
    wrong = real._replace(scenario=real.scenario.model_copy(update={"steps": (steps[0], belief)}))
    monkeypatch.setattr(Stage, "_move", believing)
    (problem, *_) = play_script(house, wrong).problems
    assert problem.what.startswith(f"it could not be played: {said}")


def believing(stage: Any, deed: Any) -> None:
    from pyledger.analysis.acts import Attempt

    stage._do(deed if stage._refused is None else Attempt(stage.now, deed, stage._refused))
