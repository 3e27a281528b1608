"""What compiling contracts takes, with pyledger's build and with others, and what a test run with pyledger compiles."""

import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from bench_figures import compared, in_turn, taken_by
from bench_peers import python_of
from bootstrap import ROOT
from hardening import copy_contracts, environment_with, one_build

__all__ = ["compiling"]

TOKEN = "src/tokens/TestToken.sol"

SHIPPED = "pyledger reads what it ships"
BUILT = "scripts/build compiles, by py-solc-x"
FORGE = "forge compiles"
VYPER = "titanoboa compiles one in Vyper"
EVERYTHING = "scripts/build, by py-solc-x"
FORGE_EVERYTHING = "forge build"

READ = "from pyledger.chain.artifacts import load_artifact; load_artifact('TestToken')"
COMPILE = f"from pyledger.chain.solc import compile_source; compile_source('{TOKEN}')"
COMPILE_ALL = "from pyledger.chain.solc import compile_all; compile_all()"

BY_BOA = """
import sys
from pathlib import Path

import boa
from boa.interpret import disable_cache

disable_cache()
boa.loads(Path("token.vy").read_text(), "Coin", "COIN", 18)
"""

VYPER_TOKEN = """
# pragma version ~=0.4.0

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    amount: uint256

name: public(String[32])
symbol: public(String[8])
decimals: public(immutable(uint8))
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])

@deploy
def __init__(name: String[32], symbol: String[8], digits: uint8):
    self.name = name
    self.symbol = symbol
    decimals = digits

@internal
def _move(sender: address, receiver: address, amount: uint256):
    assert receiver != empty(address)
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, amount=amount)

@external
def transfer(receiver: address, amount: uint256) -> bool:
    self._move(msg.sender, receiver, amount)
    return True

@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    log Approval(owner=msg.sender, spender=spender, amount=amount)
    return True

@external
def transferFrom(sender: address, receiver: address, amount: uint256) -> bool:
    self.allowance[sender][msg.sender] -= amount
    self._move(sender, receiver, amount)
    return True

@external
def mint(receiver: address, amount: uint256):
    self.totalSupply += amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=empty(address), receiver=receiver, amount=amount)
"""
"""What `TestToken.sol` does, in the language that titanoboa is for."""


def compiling(times: int, everything: int, *, alone: bool) -> None:
    """CPU seconds of whole programs, compilers included: one token, and all that pyledger ships."""
    environment = environment_with(None if alone else "titanoboa") | one_build()
    with tempfile.TemporaryDirectory() as folder:
        contracts = copy_contracts(Path(folder) / "copy", ["src"])
        (contracts / "token.vy").write_text(VYPER_TOKEN, encoding="utf-8")
        here = partial(_spent, where=contracts, environment=environment)
        forge = [shutil.which("forge", path=environment["PATH"]) or "forge", "build", "--force"]
        one = {
            SHIPPED: partial(here, [sys.executable, "-c", READ]),
            BUILT: partial(here, [sys.executable, "-c", COMPILE]),
            FORGE: partial(here, [*forge, TOKEN]),
        }
        if not alone:
            one[VYPER] = partial(here, [str(python_of("titanoboa")), "-c", BY_BOA])
        print(f"CPU seconds to have a token's code, from the start of the program; median of {times}")
        compared(in_turn(one, times), "s", 2, ours=SHIPPED)
        print(f"CPU seconds to compile all that pyledger ships, through the IR; median of {everything}")
        whole = {
            EVERYTHING: partial(here, [sys.executable, "-c", COMPILE_ALL]),
            FORGE_EVERYTHING: partial(here, forge),
        }
        compared(in_turn(whole, everything, warm=False), "s", 1, ours=EVERYTHING)
    solc = subprocess.run(
        ["node", str(ROOT / "contracts" / "solc.js"), "--version"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    print(f"all of Solidity by {solc.stdout.strip().splitlines()[-1]}")


def _spent(words: list[str], *, where: Path, environment: dict[str, str]) -> float:
    return taken_by(words, where=where, environment=environment).cpu
