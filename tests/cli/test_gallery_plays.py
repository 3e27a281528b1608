"""Every document of the gallery, played on a node from opening to completion: it pays what the model says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from pyledger.chain.anvil import Anvil, warp
from pyledger.chain.attestations import Motion, SignedAttestation, sign_attestation
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import Places, deploy
from pyledger.chain.keys import Signer
from pyledger.chain.local import local_bindings, local_signer, operator
from pyledger.chain.networks import Network
from pyledger.chain.tokens import token_balance
from pyledger.document import Document, gallery, loads
from pyledger.terms.bindings import Bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.state import State, Status
from pyledger.terms.structs import Verdict
from tests.document.course import Course, Word

HAPPENED: Final[Mapping[str, Mapping[str, Word]]] = {
    "lockerbie-2003": {"us-delist": None},
    "algiers-1981": {"award-paid": "breached"},
    "eu-rrf-lithuania-2023": {"milestone-142": ("met", "50")},
    "forest-guyana-norway": {"loss-2012": ("met", "0.196"), "loss-2013": ("met", "0.207")},
    "pneumococcal-amc-2009": {"doses-a": ("met", "225000000"), "doses-b": ("met", "105000000")},
    "cwc-destruction-order-1997": {"b-20": None},
    "windfall-pledge": {"books-1": ("met", "6000000000"), "books-2": ("met", "0")},
    "windfall-coalition": {"east-books-1": ("met", "12000000000"), "south-books-2": ("met", "2000000000")},
    "safe-development-coalition": {"east-restrains": "breached"},
}
"""What is not simply met: as it happened, or so that something of interest happens; None is silence."""


class Played:
    """One agreement on the node; every move is that of a party, of the operator, or of verifiers who sign."""

    def __init__(self, connection: Connection, places: Places, document: Document, bindings: Bindings) -> None:
        self.connection, self.document, self.bindings = connection, document, bindings
        self.names = Names.of(document, bindings)
        self.terms = compile_terms(document, bindings)
        self.agreement = Agreement(connection, self.terms, places, names=self.names)
        self.anyone = operator(connection)
        self.people = {**bindings.parties, **bindings.recipients, "the agreement": self.agreement.address}
        self._before = self._balances()

    def changes(self) -> dict[tuple[str, str], int]:
        """What everybody has gained or lost, by name and asset, in smallest units."""
        return {key: amount - self._before[key] for key, amount in self._balances().items()}

    def play(self, words: Mapping[str, Word]) -> Status:
        """From opening to the end."""
        self.agreement.open(self.anyone)
        for name in self.document.parties:
            self.agreement.accept(self._signer(name))
        state = self.agreement.state()
        while state.status is Status.IN_FORCE:
            self._pay_in(state)
            self._attest(state.phase, words)
            self._settle(state)
            state = self.agreement.state()
        return state.status

    def _pay_in(self, state: State) -> None:
        for party in state.short:
            self.agreement.top_up(self._signer(self.names.parties[party]), party)
        payments = self.terms.phases[state.phase].payments
        for payer in sorted({payment.payer for payment in payments}):
            owed = [index for index, payment in enumerate(payments) if payment.payer == payer]
            self.agreement.fund(self._signer(self.names.parties[payer]), owed)

    def _attest(self, phase: int, words: Mapping[str, Word]) -> None:
        records: list[SignedAttestation] = []
        for index, (name, found) in enumerate(self.document.phases[phase].obligations.items()):
            word = words.get(name, None if found.if_silent == "met" else "met")
            if word is None:
                continue
            verdict, value = (word, "0") if isinstance(word, str) else word
            measure = self.document.measure(found)
            units = measure.integer(Decimal(value)) if measure else 0
            motion = Motion(phase, index, Verdict[verdict.upper()], units)
            records += [self._signed(verifier, motion) for verifier, _ in self.document.panels[found.decided_by].seats]
        if records:
            self.agreement.attest(self.anyone, records)

    def _signed(self, verifier: str, motion: Motion) -> SignedAttestation:
        return sign_attestation(
            self._signer(verifier),
            self.terms,
            motion,
            chain_id=self.connection.chain_id,
            agreement=self.agreement.address,
            expiry=self.terms.longStop,
            names=self.names,
        )

    def _settle(self, state: State) -> None:
        """When silence has decided the last obligation, and nothing can be contested any more."""
        obligations = self.terms.phases[state.phase].obligations
        silence = max(each.within + each.grace for each in obligations) + self.document.contest_time
        warp(self.connection.network.url, to=state.opened_at + silence + 1)
        self.agreement.settle(self.anyone)

    def _signer(self, name: str) -> Signer:
        return local_signer(self.bindings, name, chain_id=self.connection.chain_id)

    def _balances(self) -> dict[tuple[str, str], int]:
        return {
            (who, asset): token_balance(self.connection, token, account)
            for who, account in self.people.items()
            for asset, token in self.bindings.assets.items()
        }


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """A chain for these plays alone: they move its clock by two centuries."""
    with Anvil(timestamp=1_800_000_000) as chain, connect(Network("plays", chain.url, chain.chain_id)) as made:
        yield made


@pytest.fixture(scope="module")
def places(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Places:
    return deploy(connection, operator(connection), directory=tmp_path_factory.mktemp("deployments")).places


@pytest.mark.parametrize("name", gallery.names())
def test_from_opening_to_completed(name: str, connection: Connection, places: Places, tmp_path: Path) -> None:
    document, words = loads(gallery.read(name), file=name), HAPPENED.get(name, {})
    bindings = local_bindings(connection, document, folder=tmp_path).bindings
    played = Played(connection, places, document, bindings)
    assert played.play(words) is Status.COMPLETED
    found, model = played.changes(), Course(document).play(words)
    assert sum(found.values()) == 0
    for (who, asset), change in found.items():
        expected = 0 if who == "the agreement" else model.change(who, asset)
        assert Decimal(change).scaleb(-document.assets[asset].decimals) == expected, f"{who}, {asset}"


def test_money_moves_wherever_there_is_some() -> None:
    """The comparison above is of something: only a deal without assets, or whose bonds all go back, moves nothing."""
    still = set()
    for name in gallery.names():
        document = loads(gallery.read(name), file=name)
        course = Course(document).play(HAPPENED.get(name, {}))
        if not any(course.change(who, asset) for who in document.parties for asset in document.assets):
            still.add(name)
    assert still == {"jcpoa-2015", "smcra-bond-release"}
