from __future__ import annotations

from pathlib import Path

import pytest

from pyledger.chain.anvil import Anvil
from pyledger.chain.arbitration import Court
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection, connect
from pyledger.chain.deployments import Places
from pyledger.chain.local import local_bindings, local_signer, needs
from pyledger.chain.networks import Network
from pyledger.chain.tokens import token_balance
from pyledger.document import Document, gallery, load, loads
from pyledger.errors import BindingsError, SignatureError, UsageError
from pyledger.terms.bindings import load_bindings
from pyledger.terms.compile import compile_terms
from pyledger.terms.names import Names
from pyledger.terms.structs import NATIVE
from tests.chain.deals import OPERATOR

DEAL = Path(__file__).parents[1] / "document" / "deal.yaml"


@pytest.fixture(scope="module")
def document() -> Document:
    return load(DEAL)


def test_local_bindings_make_a_document_ready_to_open(
    clean: None, connection: Connection, places: Places, document: Document, tmp_path: Path
) -> None:
    made = local_bindings(connection, document, folder=tmp_path)
    assert (made.made, made.restarted) == (True, False)
    assert made.bindings.start is not None
    assert load_bindings(made.file) == made.bindings
    accounts = [*made.bindings.parties.values(), *made.bindings.recipients.values(), *made.bindings.verifiers.values()]
    assert len(set(accounts)) == len(accounts)
    assert OPERATOR.address not in accounts
    terms = compile_terms(document, made.bindings)
    for (account, asset), amount in needs(terms).items():
        assert token_balance(connection, asset, account) >= amount
    agreement = Agreement(connection, terms, places, names=Names.of(document, made.bindings))
    agreement.open(OPERATOR)
    for party in document.parties:
        agreement.accept(local_signer(made.bindings, party, chain_id=31337))
    agreement.fund(local_signer(made.bindings, "payer", chain_id=31337), [0])


def test_local_bindings_stay_the_same_from_command_to_command(
    clean: None, connection: Connection, document: Document, tmp_path: Path
) -> None:
    made = local_bindings(connection, document, folder=tmp_path)
    before = connection.block_number()
    again = local_bindings(connection, document, folder=tmp_path)
    assert (again.bindings, again.made) == (made.bindings, False)
    assert connection.block_number() == before


@pytest.mark.parametrize("started", [1_900_000_000, 1_900_000_001])
def test_local_bindings_are_made_anew_when_the_node_was_restarted(
    document: Document, tmp_path: Path, started: int
) -> None:
    with Anvil(timestamp=1_900_000_000) as chain, connect(Network("local", chain.url)) as connection:
        first = local_bindings(connection, document, folder=tmp_path)
    with Anvil(timestamp=started) as chain, connect(Network("local", chain.url)) as connection:
        second = local_bindings(connection, document, folder=tmp_path)
        assert (second.made, second.restarted) == (True, True)
        assert second.bindings.assets == first.bindings.assets, "a token's address follows from what it is"
        assert connection.code(second.bindings.assets["usd"])


def test_local_bindings_give_each_document_its_own_money(
    clean: None, connection: Connection, document: Document, tmp_path: Path
) -> None:
    one = local_bindings(connection, document, folder=tmp_path)
    other = loads(DEAL.read_text().replace("A small deal", "Another small deal"))
    two = local_bindings(connection, other, folder=tmp_path)
    assert one.file != two.file
    assert one.bindings.assets == two.bindings.assets
    payer, usd = one.bindings.parties["payer"], one.bindings.assets["usd"]
    both = needs(compile_terms(document, one.bindings))[payer, usd] * 2
    assert token_balance(connection, usd, payer) >= 2 * both


def test_local_bindings_serve_more_roles_than_anvil_has_accounts(
    clean: None, connection: Connection, tmp_path: Path
) -> None:
    jurors = ", ".join(f"juror-{index}" for index in range(20))
    text = DEAL.read_text().replace("juror-a, juror-b, juror-c", jurors)
    made = local_bindings(connection, loads(text), folder=tmp_path)
    last = local_signer(made.bindings, "juror-19", chain_id=31337)
    assert last.address == made.bindings.verifiers["juror-19"]
    assert connection.balance(last.address) > 0


def test_local_bindings_give_coin_where_the_deal_asks_for_much_of_it(
    clean: None, connection: Connection, tmp_path: Path
) -> None:
    text = (
        DEAL.read_text().replace("asset: usd\n        when", "asset: coin\n        when").replace("1_000.50", "90_000")
    )
    document = loads(text)
    made = local_bindings(connection, document, folder=tmp_path)
    assert needs(compile_terms(document, made.bindings))[made.bindings.parties["payer"], NATIVE] == 90_000 * 10**18
    assert connection.balance(made.bindings.parties["payer"]) > 90_000 * 10**18


def test_local_bindings_refuse_when_the_file_was_damaged(
    clean: None, connection: Connection, document: Document, tmp_path: Path
) -> None:
    made = local_bindings(connection, document, folder=tmp_path)
    made.file.write_text("chain_id: 31337\n")
    with pytest.raises(BindingsError):
        local_bindings(connection, document, folder=tmp_path)


def test_local_bindings_refuse_when_the_chain_is_not_local(document: Document, tmp_path: Path) -> None:
    with Anvil(chain_id=4242) as chain, connect(Network("other", chain.url)) as connection:
        with pytest.raises(UsageError, match="this is chain 4242"):
            local_bindings(connection, document, folder=tmp_path)
        assert list(tmp_path.iterdir()) == []


def test_local_signer_refuses_when_name_is_nobody_or_not_a_development_account(
    clean: None, connection: Connection, document: Document, tmp_path: Path
) -> None:
    bindings = local_bindings(connection, document, folder=tmp_path).bindings
    with pytest.raises(UsageError, match="`nobody` is nobody"):
        local_signer(bindings, "nobody", chain_id=31337)
    foreign = bindings.model_copy(update={"parties": {**bindings.parties, "payer": b"\x01" * 20}})
    with pytest.raises(UsageError, match="not bound to a development account"):
        local_signer(foreign, "payer", chain_id=31337)
    with pytest.raises(SignatureError, match="chain 31337 only"):
        local_signer(bindings, "payer", chain_id=1)


@pytest.mark.parametrize("name", gallery.names())
def test_local_bindings_open_every_document_of_the_gallery(
    clean: None, connection: Connection, places: Places, tmp_path: Path, name: str
) -> None:
    document = loads(gallery.read(name))
    made = local_bindings(connection, document, folder=tmp_path)
    Agreement(connection, compile_terms(document, made.bindings), places).open(OPERATOR)


def test_local_bindings_give_a_court_its_only_judge(clean: None, connection: Connection, tmp_path: Path) -> None:
    document = loads(gallery.read("forest-guyana-norway"))
    made = local_bindings(connection, document, folder=tmp_path)
    assert document.arbitration is not None
    name = document.arbitration.court
    court = Court(connection, made.bindings.courts[name])
    judge = local_signer(made.bindings, name, chain_id=31337)
    assert (court.panel(), court.threshold()) == ((judge.address,), 1)
    assert connection.balance(judge.address) > 0
    assert local_bindings(connection, document, folder=tmp_path).bindings == made.bindings
    for standing in document.standing:
        assert local_signer(made.bindings, standing, chain_id=31337).address == made.bindings.standing[standing]
