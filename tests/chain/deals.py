"""Roles, terms and tokens of the tests against a node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from eth_abi.abi import encode

from pyledger.chain.abi import token_abi
from pyledger.chain.anvil import LOCAL_CHAIN_ID, warp
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.keys import Signer, dev_signer
from pyledger.chain.solc import find_contracts, find_solc, standard_json
from pyledger.chain.transactions import transact
from pyledger.errors import Refused
from pyledger.terms.structs import NATIVE, Obligation, Panel, Party, Payment, Phase, Seat, Share, Terms, Tier, Verdict

BOND: Final = 2_500
COIN_BOND: Final = 10**15
WAGE: Final = 10_000
TIP: Final = 500
HOUR: Final = 3_600
DAY: Final = 24 * HOUR


def dev(index: int) -> Signer:
    return dev_signer(index, chain_id=LOCAL_CHAIN_ID)


OPERATOR, PAYER, WORKER = dev(0), dev(1), dev(2)
VERIFIERS: Final = (dev(3), dev(4), dev(5))
FUND: Final = dev(6)
STRANGER: Final = dev(7)
VILLAGE: Final = dev(8)
JUDGES: Final = (dev(9), dev(10), dev(11))
LATECOMER: Final = dev(12)
FEE: Final = 10**16


@dataclass(frozen=True)
class Deal:
    agreement: Agreement
    url: str

    def warp(self, seconds: int) -> None:
        """Moves the chain's clock to so many seconds after the phase at hand opened."""
        warp(self.url, to=self.agreement.state().opened_at + seconds)


@contextmanager
def refuses(name: str, match: str | None = None) -> Iterator[None]:
    """The block is refused by that rule, in words that match."""
    with pytest.raises(Refused, match=match) as caught:
        yield
    assert caught.value.name == name
    assert caught.value.hint


def two_phases(now: int, token: bytes) -> Terms:
    """The payer bonds tokens, the worker coin; 2 of 3 verifiers decide; a wage in tokens, a tip in coin."""
    work = Obligation(1, 0, Verdict.BREACHED, True, 10 * DAY, DAY, 5_000)
    weather = Obligation(255, 0, Verdict.LAPSED, False, 10 * DAY, 0, 0)
    silence = Obligation(0, 0, Verdict.MET, False, 5 * DAY, 0, 2_000)
    to_worker = (Share(WORKER.address, 10_000),)
    wage = Payment(0, 0, 1 << Verdict.MET, token, WAGE, DAY, to_worker, ())
    tip = Payment(0, 1, 1 << Verdict.MET, NATIVE, TIP, DAY, to_worker, ())
    shares = (Share(WORKER.address, 6_000), Share(FUND.address, 4_000))
    return Terms(
        document=b"\x0d" * 32,
        predecessor=NATIVE,
        joinBy=now + 7 * DAY,
        longStop=now + 365 * DAY,
        minParties=2,
        accession=False,
        challengeWindow=0,
        rulingWindow=0,
        topUpWithin=2 * DAY,
        defaultForfeitBps=1_000,
        arbitrator=NATIVE,
        arbitratorData=b"",
        parties=(
            Party(PAYER.address, token, BOND, shares),
            Party(WORKER.address, NATIVE, COIN_BOND, (Share(PAYER.address, 10_000),)),
        ),
        panels=(Panel(2, (), tuple(Seat(each.address, 0) for each in VERIFIERS)),),
        standing=(),
        phases=(
            Phase(bytes(32), 0, (), (work, weather, silence), (wage, tip)),
            Phase(b"\x01" * 32, 0, (2 * BOND, 0), (silence,), ()),
        ),
    )


def contested(now: int, token: bytes, court: bytes) -> Terms:
    """As above, under a court: verdicts can be challenged for two days, it has five to rule, the wage goes by a value.

    A village has standing. Below a value of 100 nothing of the wage is released, then 4,000 and one for each above.
    """
    terms = two_phases(now, token)
    first = terms.phases[0]
    wage = first.payments[0]._replace(tiers=(Tier(100, 4_000, 10_000),))
    return terms._replace(
        arbitrator=court,
        challengeWindow=2 * DAY,
        rulingWindow=5 * DAY,
        standing=(VILLAGE.address,),
        phases=(first._replace(payments=(wage, first.payments[1])), *terms.phases[1:]),
    )


def coalition(now: int, token: bytes) -> Terms:
    """As above, with a third party; two suffice, and the third may join later."""
    terms = two_phases(now, token)
    latecomer = Party(LATECOMER.address, token, BOND, (Share(FUND.address, 10_000),))
    phases = (terms.phases[0], terms.phases[1]._replace(bonds=(BOND, 0, BOND)))
    return terms._replace(minParties=2, accession=True, parties=(*terms.parties, latecomer), phases=phases)


def pledge(now: int, token: bytes) -> Terms:
    """One party, which bonds tokens and puts a payment in coin into escrow."""
    terms = two_phases(now, token)
    silence = terms.phases[0].obligations[2]
    gift = Payment(0, 0, 1 << Verdict.MET, NATIVE, TIP, DAY, (Share(FUND.address, 10_000),), ())
    return terms._replace(
        minParties=1, parties=terms.parties[:1], phases=(Phase(bytes(32), 0, (), (silence,), (gift,)),)
    )


def make_token(connection: Connection) -> bytes:
    arguments = encode(["string", "string", "uint8"], ["Dollar token", "USDX", 6])
    made = transact(connection, OPERATOR, None, load_artifact("TestToken").bytecode + arguments).contract
    assert made is not None
    return made


def mint(connection: Connection, token: bytes, to: Signer, amount: int) -> None:
    transact(connection, OPERATOR, token, token_abi().encode("mint", to.address, amount))


@cache
def compiled(source: str, name: str) -> bytes:
    """Creation code of a contract that only tests use."""
    from solcx import compile_standard

    contracts = find_contracts()
    job = standard_json(source, contracts=contracts)
    job["settings"] |= {"viaIR": False, "outputSelection": {source: {name: ["evm.bytecode.object"]}}}
    units = compile_standard(job, solc_binary=find_solc(contracts))
    return bytes.fromhex(units["contracts"][source][name]["evm"]["bytecode"]["object"])


def put(connection: Connection, source: str, arguments: bytes = b"") -> bytes:
    """Deploys a contract that only tests use, named as its file; `source` is from the contracts' folder on."""
    made = transact(connection, OPERATOR, None, compiled(source, Path(source).stem) + arguments).contract
    assert made is not None
    return made
