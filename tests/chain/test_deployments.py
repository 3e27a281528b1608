from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_hash.auto import keccak

from pyledger.chain.abi import factory_abi
from pyledger.chain.anvil import Anvil
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import DEPLOYER, deploy, load_deployment, places, record_file
from pyledger.chain.networks import Network
from pyledger.chain.transactions import transact
from pyledger.errors import DeploymentError
from tests.chain.deals import OPERATOR, STRANGER


def test_deploy_puts_the_contracts_at_the_addresses_their_code_determines(tmp_path: Path) -> None:
    with Anvil() as chain, connect(Network("local", chain.url)) as connection:
        made = deploy(connection, OPERATOR, directory=tmp_path, commit="abc")
        assert made.places == places()
        answer = connection.call(made.places.factory, factory_abi().encode("implementation"))
        assert answer[12:] == made.places.implementation
        assert len(set(made.places)) == 3
        record = json.loads(record_file(tmp_path, 31337).read_text())
        assert record["code_hash"] == "0x" + keccak(connection.code(made.places.factory)).hex()
        assert record["genesis_hash"] == "0x" + connection.genesis_hash.hex()
        assert (record["chain_id"], record["block"], record["commit"]) == (31337, 2, "abc")
        assert load_deployment(connection, tmp_path) == made


def test_deploy_again_sends_nothing_and_keeps_what_is_known(tmp_path: Path) -> None:
    with Anvil() as chain, connect(Network("local", chain.url)) as connection:
        made = deploy(connection, OPERATOR, directory=tmp_path)
        assert deploy(connection, OPERATOR, directory=tmp_path) == made
        elsewhere = deploy(connection, OPERATOR, directory=tmp_path / "other")
        assert (elsewhere.address, elsewhere.transaction, elsewhere.block) == (made.address, None, None)
        assert connection.block_number() == 2


@pytest.mark.parametrize("started", [1_900_000_000, 1_900_000_001])
def test_load_refuses_when_the_node_was_restarted(tmp_path: Path, started: int) -> None:
    """Two nodes started at the same moment have the same genesis."""
    with Anvil(timestamp=1_900_000_000) as chain, connect(Network("local", chain.url)) as connection:
        deploy(connection, OPERATOR, directory=tmp_path)
    with Anvil(timestamp=started) as chain, connect(Network("local", chain.url)) as connection:
        with pytest.raises(DeploymentError, match="the node was restarted") as caught:
            load_deployment(connection, tmp_path)
        assert "pyledger deploy" in str(caught.value)
        deploy(connection, OPERATOR, directory=tmp_path)
        load_deployment(connection, tmp_path)


def test_load_refuses_when_nothing_is_recorded(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="no deployment is recorded for chain 31337"):
        load_deployment(connection, tmp_path, tmp_path / "none")


def test_load_takes_the_first_directory_that_has_a_record(clean: None, connection: Connection, tmp_path: Path) -> None:
    made = deploy(connection, OPERATOR, directory=tmp_path)
    assert load_deployment(connection, tmp_path / "none", tmp_path) == made


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda record: record.update(address="0x" + "11" * 20), "of other contracts"),
        (lambda record: record.update(abi_hash="0x00"), "of other contracts"),
        (lambda record: record.update(code_hash="0x00"), "code hash"),
        (lambda record: record.update(chain_id=1), "for chain 1"),
        (lambda record: record.update(address="0x11"), "cannot be read"),
        (lambda record: record.update(recourse="0x11"), "cannot be read"),
        (lambda record: record.update(recourse="0x" + "11" * 20), "of other contracts"),
        (lambda record: record.update(extra=1), "cannot be read"),
        (lambda record: record.pop("genesis_hash"), "cannot be read"),
    ],
)
def test_load_refuses_when_the_record_is_wrong(
    clean: None, connection: Connection, tmp_path: Path, change: Callable[[dict[str, Any]], object], match: str
) -> None:
    deploy(connection, OPERATOR, directory=tmp_path)
    file = record_file(tmp_path, 31337)
    record = json.loads(file.read_text())
    change(record)
    file.write_text(json.dumps(record))
    with pytest.raises(DeploymentError, match=match):
        load_deployment(connection, tmp_path)
    deploy(connection, OPERATOR, directory=tmp_path)
    load_deployment(connection, tmp_path)


def test_load_refuses_when_the_code_is_gone_or_other(clean: None, connection: Connection, tmp_path: Path) -> None:
    where = deploy(connection, OPERATOR, directory=tmp_path).places
    for address in where:
        code = connection.code(address)
        others = [
            ("0x", "there is no (Agreement|Recourse)|the node was restarted"),
            ("0x" + code.hex()[:-2] + "ff", ""),
        ]
        others += [("0x" + code.replace(held, STRANGER.address).hex(), "") for held in where if held in code]
        for other, match in others:
            connection.request("anvil_setCode", "0x" + address.hex(), other)
            with pytest.raises(DeploymentError, match=match or "is not the (Agreement|Recourse)"):
                load_deployment(connection, tmp_path)
        connection.request("anvil_setCode", "0x" + address.hex(), "0x" + code.hex())
    load_deployment(connection, tmp_path)


def test_deploy_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    with Anvil() as chain, connect(Network("local", chain.url)) as connection:
        transact(connection, OPERATOR, DEPLOYER, bytes(32) + load_artifact("Recourse").bytecode)
        assert connection.code(places().recourse)
        made = deploy(connection, OPERATOR, directory=tmp_path)
        assert (made.places, made.block, connection.block_number()) == (places(), 2, 2)
        load_deployment(connection, tmp_path)


def test_load_refuses_a_record_of_before_there_was_recourse(
    clean: None, connection: Connection, tmp_path: Path
) -> None:
    deploy(connection, OPERATOR, directory=tmp_path)
    file = record_file(tmp_path, 31337)
    record = json.loads(file.read_text())
    del record["recourse"]
    file.write_text(json.dumps(record))
    with pytest.raises(DeploymentError, match="of other contracts than those of this pyledger"):
        load_deployment(connection, tmp_path)


def test_deploy_refuses_when_the_chain_has_no_deployer(tmp_path: Path) -> None:
    with Anvil() as chain, connect(Network("local", chain.url)) as connection:
        connection.request("anvil_setCode", "0x" + DEPLOYER.hex(), "0x")
        with pytest.raises(DeploymentError, match="no deterministic deployer") as caught:
            deploy(connection, OPERATOR, directory=tmp_path)
        assert caught.value.hint
        assert not record_file(tmp_path, 31337).exists()
