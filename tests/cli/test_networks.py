"""On a chain that is not local nothing happens by itself: bindings are written, keys are kept, contracts deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil, rpc
from tests.cli.conftest import Program

CHAIN = 4242
ROLES = ("city", "builder", "engineer-a", "engineer-b", "engineer-c")


@pytest.fixture(scope="module")
def foreign() -> Iterator[Anvil]:
    with Anvil(chain_id=CHAIN, timestamp=1_800_000_000) as chain:
        yield chain


@pytest.fixture
def keys(foreign: Anvil, program: Program, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A key for each role, with coin for gas."""
    monkeypatch.setattr("pyledger.cli.signers.keystore", _quick)
    monkeypatch.setenv("PYLEDGER_PASSPHRASE", "a long enough passphrase")
    made = {role: program.json("keys", "new", role)["address"] for role in ROLES}
    for address in made.values():
        rpc(foreign.url, "anvil_setBalance", [address, hex(10**19)])
    return made


def _quick() -> object:
    from pyledger.chain.keys import Keystore
    from pyledger.cli.home import keys_folder

    return Keystore(keys_folder(), work=2)


@pytest.fixture
def native(program: Program) -> str:
    """The starter, paid in the chain's own coin."""
    program.ok("new", "deal.yaml")
    text = Path("deal.yaml").read_text(encoding="utf-8")
    text = text.replace("usd: {symbol: USDX, decimals: 6, name: Dollar token}", "usd: {symbol: COIN, native: true}")
    for amount, small in (("50_000", "0.5"), ("100_000", "1"), ("400_000", "4"), ("600_000", "6")):
        text = text.replace(f"amount: {amount}", f"amount: {small}")
    Path("deal.yaml").write_text(text, encoding="utf-8")
    return "deal.yaml"


def bindings(roles: dict[str, str], *, start: str = "2027-01-15 08:00") -> str:
    lines = [f"chain_id: {CHAIN}", f'start: "{start}"', "parties:"]
    lines += [f'  {role}: "{roles[role]}"' for role in ROLES[:2]]
    lines += ["verifiers:", *(f'  {role}: "{roles[role]}"' for role in ROLES[2:])]
    Path("bindings.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "bindings.yaml"


def test_a_deal_with_keys_and_bindings(foreign: Anvil, keys: dict[str, str], native: str, program: Program) -> None:
    network = ("--network", foreign.url)
    file = bindings(keys)
    assert "run `pyledger deploy`" in program.refused("open", native, *network, "--bindings", file, "--key", "city")
    assert "deployed" in program.ok("deploy", *network, "--key", "city").out
    assert "somebody has to say which account each name" in program.refused("open", native, *network, code=2)
    assert "somebody has to pay" in program.refused("open", native, *network, "--bindings", file, code=2)
    program.ok("open", native, *network, "--bindings", file, "--as", "city")
    # Opened from here: the bindings are remembered.
    err = program.refused("accept", native, *network, "--as", "city", "--key", "builder")
    assert "the key builder is" in err
    assert "but city is bound to" in err
    said = program.ok("accept", native, *network, "--as", "city").out
    assert "city accepted, posting 0.5 COIN" in said
    assert f"pyledger accept deal.yaml --as builder --network {foreign.url}" in said
    program.ok("accept", native, *network, "--as", "builder")
    program.ok("fund", native, *network, "--as", "city")
    program.ok("attest", native, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b", *network)
    found = program.json("status", native, *network)
    assert found["phase"]["payments"][0]["state"] == "released"
    # What anybody may do is suggested with a key that is here, so that it works as typed.
    (settle,) = [each["command"] for each in found["actions"] if each["who"] == []]
    assert " --key " in settle
    program.ok(*settle.split()[1:])
    assert "the clock of chain 4242 cannot be moved" in program.refused("chain", "warp", "1 day", *network, code=2)


def test_a_role_whose_key_is_elsewhere(foreign: Anvil, keys: dict[str, str], native: str, program: Program) -> None:
    network = ("--network", foreign.url)
    program.ok("deploy", *network, "--key", "city")
    file = bindings({**keys, "builder": "0x" + "12" * 20}, start="2027-01-15 07:00")
    program.ok("open", native, *network, "--bindings", file, "--as", "city")
    assert "no key here is that of builder" in program.refused("accept", native, *network, "--as", "builder")


def test_the_wrong_passphrase(
    keys: dict[str, str], foreign: Anvil, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYLEDGER_PASSPHRASE", "another")
    assert "the passphrase does not open" in program.refused("deploy", "--network", foreign.url, "--key", "city")


def test_bindings_that_do_not_fit(foreign: Anvil, keys: dict[str, str], native: str, program: Program) -> None:
    program.ok("deploy", "--network", foreign.url, "--key", "city")
    text = Path(bindings(keys)).read_text(encoding="utf-8").replace("  builder:", "  bilder:")
    Path("bindings.yaml").write_text(text, encoding="utf-8")
    err = program.refused("open", native, "--network", foreign.url, "--bindings", "bindings.yaml", "--as", "city")
    assert "parties.builder: missing" in err
    assert "did you mean `builder`?" in err


def test_the_address_is_known_before_anything_is_sent(keys: dict[str, str], native: str, program: Program) -> None:
    found = program.json("address", native, "--bindings", bindings(keys))
    assert found["chain_id"] == CHAIN
    assert found["address"].startswith("0x")


def test_keys_are_listed_and_never_shown(keys: dict[str, str], program: Program, home: Path) -> None:
    listed = {each["name"]: each["address"] for each in program.json("keys", "list")}
    assert listed == keys
    assert "already a key called" in program.refused("keys", "new", "city", code=2)
    for file in (home / "keys").glob("*.json"):
        assert set(json.loads(file.read_text(encoding="utf-8"))) >= {"address", "crypto"}
        assert file.stat().st_mode & 0o077 == 0


def test_no_passphrase_and_nobody_to_ask(program: Program) -> None:
    assert "the passphrase of 'mine' is missing" in program.refused("keys", "new", "mine")


def test_several_judges_rule_with_their_own_keys(
    foreign: Anvil, keys: dict[str, str], native: str, program: Program
) -> None:
    network = ("--network", foreign.url)
    program.ok("deploy", *network, "--key", "city")
    judges = (keys["engineer-a"], keys["engineer-b"])
    made = program.json(
        "court", "deploy", *(f"--judge={each}" for each in judges), "--threshold", "2", *network, "--key", "city"
    )
    text = Path(native).read_text(encoding="utf-8")
    court = "arbitration: {court: high-court, challenge_within: 7 days, ruling_within: 30 days}\n"
    Path(native).write_text(text.replace("panels:\n", f"{court}panels:\n", 1), encoding="utf-8")
    file = Path(bindings(keys))
    file.write_text(f'{file.read_text(encoding="utf-8")}courts:\n  high-court: "{made["court"]}"\n', encoding="utf-8")
    program.ok("open", native, *network, "--bindings", str(file), "--as", "city")
    for party in ("city", "builder"):
        program.ok("accept", native, *network, "--as", party)
    program.ok("fund", native, *network, "--as", "city")
    program.ok("attest", native, "foundations-laid", "met", "--as", "engineer-a", "--as", "engineer-b", *network)
    program.ok("challenge", native, "foundations-laid", "--as", "city", "--max-fee", "0.01", *network)
    said = program.ok(
        "rule", native, "foundations-laid", "breached", "--as", "judge-1", "--as", "judge-2", *network
    ).out
    assert "breached" in said
