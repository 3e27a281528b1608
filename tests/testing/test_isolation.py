"""What each scope does to the chain is undone when pytest leaves it, and nothing else."""

from __future__ import annotations

import pytest

from tests.testing.conftest import Run

HELPERS = """
import pytest

def code(chain, n):
    return chain.request("eth_getCode", f"0x{n:040x}", "latest") == "0x01"

def put(chain, n):
    chain.request("anvil_setCode", f"0x{n:040x}", "0x01")
    chain.request("evm_mine")
"""


def test_every_scope_sees_what_wider_scopes_did_and_nothing_else(run: Run) -> None:
    source = (
        HELPERS
        + """
SESSION, MODULE, CLASS, FUNCTION, TEST = range(1001, 1006)
set_up = []

@pytest.fixture(scope="session")
def of_session(chain):
    set_up.append("session"); put(chain, SESSION)

@pytest.fixture(scope="module")
def of_module(chain):
    set_up.append("module"); put(chain, MODULE)

@pytest.fixture(scope="class")
def of_class(chain):
    set_up.append("class"); put(chain, CLASS)

@pytest.fixture
def of_function(chain):
    set_up.append("function"); put(chain, FUNCTION)

def there(chain):
    return [n for n in range(1001, 1006) if code(chain, n)]

def test_nothing_at_first(chain):
    assert there(chain) == []
    put(chain, TEST)

def test_module(chain, of_module):
    assert there(chain) == [MODULE]
    put(chain, TEST)

class TestClass:
    def test_class(self, chain, of_class, of_function):
        assert there(chain) == [MODULE, CLASS, FUNCTION]
        put(chain, TEST)

    def test_class_again(self, chain, of_class, of_module):
        assert there(chain) == [MODULE, CLASS]

    def test_session_comes_late(self, chain, of_session):
        assert there(chain) == [SESSION, MODULE, CLASS]

def test_class_is_gone(chain):
    assert there(chain) == [MODULE]

def test_session_is_made_anew(chain, of_session, of_module):
    assert there(chain) == [SESSION, MODULE]
    assert set_up == ["module", "class", "function", "session", "session"]
"""
    )
    run(source).assert_outcomes(passed=7)


def test_a_fixture_of_a_wider_scope_that_comes_late_is_made_anew_when_its_state_is_gone(
    run: Run, project: pytest.Pytester
) -> None:
    project.makeconftest(
        HELPERS
        + """
@pytest.fixture(scope="session")
def made():
    return []

@pytest.fixture(scope="session")
def late(chain, made):
    made.append("late"); put(chain, 7)
    yield len(made)
    assert code(chain, 7)

@pytest.fixture(scope="session")
def unrelated(made):
    made.append("unrelated")
"""
    )
    first = (
        HELPERS
        + """
@pytest.fixture(scope="module")
def before(chain):
    put(chain, 8)

def test_before(chain, before): ...

def test_late(chain, late, unrelated):
    assert code(chain, 7)

def test_late_again(chain, late, before):
    assert code(chain, 7) and code(chain, 8) and late == 1
"""
    )
    second = (
        HELPERS
        + """
def test_late_in_another_module(chain, late, unrelated, made):
    assert code(chain, 7) and not code(chain, 8)
    assert made == ["late", "unrelated", "late"]

def test_asked_for_in_the_middle_of_a_test(request, chain, late):
    put(request.getfixturevalue("chain"), 9)

def test_it_is_gone(chain, late):
    assert not code(chain, 9) and code(chain, 7)
"""
    )
    project.makepyfile(test_a=first, test_b=second)
    run("").assert_outcomes(passed=6)


def test_a_chain_asked_for_first_in_the_middle_of_a_test_is_clean_afterwards(run: Run) -> None:
    source = (
        HELPERS
        + """
def test_first(request):
    put(request.getfixturevalue("chain"), 5)

def test_second(request):
    assert not code(request.getfixturevalue("chain"), 5)

def test_third(chain):
    assert not code(chain, 5)
"""
    )
    run(source).assert_outcomes(passed=3)


def test_what_a_snapshot_does_not_hold_is_restored_too(run: Run) -> None:
    source = (
        HELPERS
        + """
FROM, TO = "0x" + "aa" * 20, "0x" + "bb" * 20

def test_changes(chain):
    accounts = chain.request("eth_accounts")
    with chain.impersonating(bytes.fromhex("aa" * 20)) as account:
        chain.request("anvil_setBalance", account, hex(10**18))
        chain.request("eth_sendTransaction", {"from": account, "to": TO, "value": "0x1"})
    chain.request("anvil_autoImpersonateAccount", True)
    chain.request("anvil_setBlockTimestampInterval", 1000)
    chain.request("anvil_setNextBlockBaseFeePerGas", "0x5")
    chain.request("evm_setAutomine", False)
    chain.request("eth_sendTransaction", {"from": accounts[0], "to": TO, "value": "0x1"})
    assert chain.request("txpool_status")["pending"] == "0x1"

def test_nothing_is_left(chain):
    assert chain.request("txpool_status")["pending"] == "0x0"
    assert chain.request("anvil_getAutomine") is True
    now = chain.now
    chain.request("anvil_setBalance", FROM, hex(10**18))
    with pytest.raises(Exception, match="No Signer"):
        chain.request("eth_sendTransaction", {"from": FROM, "to": TO, "value": "0x1"})
    chain.request("evm_mine")
    assert chain.now < now + 900
    assert chain.request("eth_getBlockByNumber", "latest", False)["baseFeePerGas"] == "0x0"
    assert int(chain.request("eth_getBalance", TO, "latest"), 16) == 0

def test_the_clock_goes_back(chain, warp):
    warp("10 years")

def test_it_is_back(chain):
    assert chain.now < 1_800_100_000
"""
    )
    run(source).assert_outcomes(passed=4)


def test_a_failing_set_up_and_a_failing_test_leave_nothing_either(run: Run) -> None:
    source = (
        HELPERS
        + """
@pytest.fixture
def broken(chain):
    put(chain, 3)
    raise RuntimeError

def test_set_up(broken): ...

def test_failing(chain):
    put(chain, 3)
    assert False

def test_clean(chain):
    assert not code(chain, 3)
"""
    )
    run(source).assert_outcomes(passed=1, failed=1, errors=1)


def test_a_snapshot_that_somebody_else_used_up_is_missed(run: Run) -> None:
    source = (
        HELPERS
        + """
def test_meddles(chain):
    assert chain.request("evm_revert", "0x0")
"""
    )
    result = run(source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the node has lost the snapshot*"])
