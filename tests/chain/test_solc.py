from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil, rpc
from pyledger.chain.artifacts import NAMES, Artifact, load_artifact
from pyledger.chain.solc import (
    ROOTS,
    compile_source,
    find_contracts,
    find_solc,
    solc_version,
    standard_json,
)
from pyledger.errors import ToolError

TOKEN = "src/tokens/TestToken.sol"
CODE_LIMIT = 24_576
INTERFACES = {"IAgreement"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the contracts' folder at another place, sharing the installed packages."""
    original = find_contracts()
    folder = tmp_path / "elsewhere"
    shutil.copytree(original, folder, ignore=shutil.ignore_patterns("node_modules", "out", "cache", "test"))
    (folder / "node_modules").symlink_to(original / "node_modules")
    return folder


def test_the_token_compiles_to_what_ships(copy: Path) -> None:
    assert compile_source(TOKEN) == (load_artifact("TestToken"),)
    assert compile_source(TOKEN, contracts=copy) == (load_artifact("TestToken"),), "the place makes no difference"


def test_another_source_makes_another_artifact(copy: Path) -> None:
    source = copy / TOKEN
    source.write_text(source.read_text().replace("_mint(to, amount)", "_mint(to, amount + 1)"))
    (changed,) = compile_source(TOKEN, contracts=copy)
    shipped = load_artifact("TestToken")
    assert changed.deployed_bytecode != shipped.deployed_bytecode
    assert changed.source_hash != shipped.source_hash


def test_another_setting_makes_another_source_hash(copy: Path) -> None:
    settings = copy / "foundry.toml"
    settings.write_text(settings.read_text().replace('evm_version = "prague"', 'evm_version = "cancun"'))
    assert standard_json(TOKEN, contracts=copy) != standard_json(TOKEN, contracts=find_contracts())


def test_every_root_is_read_whole_and_under_names_that_hold_no_path() -> None:
    for root in ROOTS:
        names = list(standard_json(root, contracts=find_contracts())["sources"])
        assert root in names
        assert names == sorted(names)
        ours_and_theirs = ("src/", "@openzeppelin/contracts/", "@semaphore-protocol/contracts/")
        assert all(name.startswith(ours_and_theirs) for name in names)


def test_a_source_that_does_not_compile_is_reported_with_its_place(copy: Path) -> None:
    (copy / TOKEN).write_text("pragma solidity ^0.8.28; contract TestToken { uint x = true; }")
    with pytest.raises(ToolError, match="bool is not implicitly convertible") as refusal:
        compile_source(TOKEN, contracts=copy)
    assert TOKEN in str(refusal.value)


def test_a_missing_import_is_reported_by_name(copy: Path) -> None:
    (copy / TOKEN).write_text('import {X} from "../missing/X.sol";')
    with pytest.raises(ToolError, match=r"cannot read the source src/missing/X\.sol"):
        compile_source(TOKEN, contracts=copy)


def test_a_compiler_of_another_version_is_refused(copy: Path, tmp_path: Path) -> None:
    pins = json.loads((copy / "package.json").read_text())
    pins["devDependencies"]["solc"] = "0.8.1"
    (copy / "package.json").write_text(json.dumps(pins))
    with pytest.raises(ToolError, match=r"pinned to 0\.8\.1"):
        compile_source(TOKEN, contracts=copy)


def test_without_node_the_compiler_is_said_to_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SOLCX_BINARY_PATH", str(tmp_path))
    with pytest.raises(ToolError, match=f"solc {solc_version(find_contracts())} is not installed"):
        find_solc(find_contracts())


@pytest.mark.parametrize("name", NAMES)
def test_every_artifact_ships_complete(name: str) -> None:
    artifact = load_artifact(name)
    assert artifact.name == name
    assert artifact.compiler.startswith(solc_version(find_contracts()))
    assert artifact.abi
    assert bool(artifact.deployed_bytecode) == (name not in INTERFACES)
    assert len(artifact.deployed_bytecode) <= CODE_LIMIT, "EIP-170"
    assert len(artifact.bytecode) <= 2 * CODE_LIMIT, "EIP-3860"
    assert Artifact.from_json(artifact.to_json()) == artifact


def test_every_artifact_comes_from_one_root() -> None:
    assert sorted(name for names in ROOTS.values() for name in names) == sorted(NAMES)


def test_what_ships_is_compiled_in_the_same_way_by_forge() -> None:
    settings = tomllib.loads((find_contracts() / "foundry.toml").read_text())["profile"]["default"]
    (profile,) = (each for each in settings["additional_compiler_profiles"] if each["name"] == "shipped")
    assert profile == {"name": "shipped", "via_ir": True, "optimizer": True, "optimizer_runs": 5000}
    through_the_ir = {rule["paths"] for rule in settings["compilation_restrictions"] if rule["via_ir"]}
    apart = {"TestToken", "SemaphoreVerifier", *INTERFACES}  # what the tests in Solidity do not deploy by name
    shipped = (f"{name}.sol" for name in NAMES if name not in apart)
    assert sorted(Path(each).name for each in through_the_ir) == sorted(shipped)


def test_an_unknown_contract_is_said_to_be_unknown() -> None:
    with pytest.raises(ToolError, match="no compiled contract named Nothing"):
        load_artifact("Nothing")


def test_the_shipped_token_runs_on_a_chain(anvil: Anvil) -> None:
    token = load_artifact("TestToken")
    sender = rpc(anvil.url, "eth_accounts")[0]
    words = [b"\x60".rjust(32, b"\0"), b"\xa0".rjust(32, b"\0"), b"\x06".rjust(32, b"\0")]
    strings = [part for text in (b"Dollar", b"USDX") for part in (len(text).to_bytes(32), text.ljust(32, b"\0"))]
    data = token.bytecode + b"".join([*words, *strings])
    receipt = rpc(
        anvil.url, "eth_sendTransactionSync", [{"from": sender, "data": "0x" + data.hex(), "gas": "0x500000"}]
    )
    assert receipt["status"] == "0x1"
    assert rpc(anvil.url, "eth_call", [{"to": receipt["contractAddress"], "data": "0x313ce567"}, "latest"])[-1] == "6"
    code = bytes.fromhex(rpc(anvil.url, "eth_getCode", [receipt["contractAddress"], "latest"])[2:])
    assert len(code) == len(token.deployed_bytecode)
