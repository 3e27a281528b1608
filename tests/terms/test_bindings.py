"""Bindings: names to addresses, strictly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyledger.document import gallery, loads
from pyledger.errors import BindingsError
from pyledger.terms.addresses import checksum
from pyledger.terms.bindings import Bindings, check_bindings, dump_bindings, load_bindings, loads_bindings

ACCORD = (Path(__file__).parents[1] / "document" / "accord.yaml").read_text(encoding="utf-8")
LIBYA = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # from ERC-55
FAMILIES = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"  # from ERC-55
TEXT = f"""\
chain_id: 31337
start: 2003-08-22
parties:
  libya: "{LIBYA}"
  families: {FAMILIES}
verifiers:
  registrar: 0x0000000000000000000000000000000000000003
  auditor: 0x0000000000000000000000000000000000000004
  observer: 0x0000000000000000000000000000000000000005
assets:
  usd: 0x0000000000000000000000000000000000000006
"""

ACCORD_TEXT = """\
chain_id: 31337
start: 2027-01-01
predecessor: 0x0000000000000000000000000000000000000010
parties:
  maker: 0x0000000000000000000000000000000000000001
  rival: 0x0000000000000000000000000000000000000002
  later: 0x0000000000000000000000000000000000000003
recipients:
  commons: 0x0000000000000000000000000000000000000004
verifiers:
  auditor-a: 0x0000000000000000000000000000000000000005
  auditor-b: 0x0000000000000000000000000000000000000006
standing:
  fishers: 0x0000000000000000000000000000000000000007
  readers: 0x0000000000000000000000000000000000000008
courts:
  high-court: 0x0000000000000000000000000000000000000009
assets:
  usd: 0x000000000000000000000000000000000000000a
"""


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


def fit(text: str) -> None:
    check_bindings(loads(gallery.read("lockerbie-2003")), loads_bindings(text))


def test_bindings_read_as_bytes_and_seconds() -> None:
    bindings = loads_bindings(TEXT)
    assert bindings.chain_id == 31337
    assert bindings.start == 1_061_510_400
    assert bindings.parties["libya"] == bytes.fromhex(LIBYA[2:])
    assert list(bindings.parties) == ["libya", "families"]
    fit(TEXT)


@pytest.mark.parametrize("start", ["2003-08-22 00:00 UTC", "1061510400", '"2003-08-22T02:00+02:00"'])
def test_the_start_is_a_date_or_unix_seconds(start: str) -> None:
    assert loads_bindings(changed("2003-08-22", start)) == loads_bindings(TEXT)


def test_bindings_written_out_read_back(tmp_path: Path) -> None:
    path = tmp_path / "bindings.yaml"
    bindings = loads_bindings(changed("2003-08-22", "2003-08-22 12:34:56"))
    path.write_text(dump_bindings(bindings), encoding="utf-8")
    assert load_bindings(path) == bindings
    assert LIBYA in path.read_text(encoding="utf-8")


def test_json_is_read_too() -> None:
    form = {
        "chain_id": 1,
        "parties": {"libya": LIBYA},
        "verifiers": {"registrar": LIBYA},
    }
    assert loads_bindings(json.dumps(form, indent=2)).verifiers["registrar"] == bytes.fromhex(LIBYA[2:])


def test_bindings_are_made_in_python_too() -> None:
    bindings = Bindings(chain_id=1, start=0, parties={"a": bytes([1]) * 20}, verifiers={}, assets={"coin": bytes(20)})
    assert loads_bindings(dump_bindings(bindings)) == bindings


@pytest.mark.parametrize("address", [LIBYA, FAMILIES, "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"])
def test_checksums_are_those_of_erc_55(address: str) -> None:
    assert checksum(bytes.fromhex(address[2:])) == address


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        (FAMILIES, FAMILIES[:-1] + "8", "5:13: parties.families", "checksum"),
        (FAMILIES, FAMILIES.replace("fB", "FB"), "5:13: parties.families", "checksum"),
        (FAMILIES, FAMILIES[:-1], "5:13: parties.families", "expected an address"),
        (FAMILIES, FAMILIES[2:], "5:13: parties.families", "expected an address"),
        (FAMILIES, "0x" + "0" * 40, "5:13: parties.families", "the zero address belongs to nobody"),
        (FAMILIES, LIBYA.lower(), "5:13: parties.families", "is already parties.libya"),
        ("observer: 0x0000000000000000000000000000000000000005", "observer: 0x0000000000000000000000000000000000000004",
         "9:13: verifiers.observer", "is already verifiers.auditor"),
        ("chain_id: 31337", "chain_id: 0", "1:11: chain_id", "expected a chain id"),
        ("chain_id: 31337", "# none", "chain_id", "`chain_id` is missing"),
        ("verifiers:", "verifers:", "6:1: verifers", "did you mean `verifiers`?"),
        ("start: 2003-08-22", "start: soon", "2:8: start", "expected a date"),
        ("start: 2003-08-22", "start: -1", "2:8: start", "expected a whole number"),
        ("start: 2003-08-22", "start: 253402300800", "2:8: start", "the year 9999"),
        ("  libya: ", "  libya: &a ", "4:10: parties.libya", "anchors"),
        ("verifiers:", "  libya: x\nverifiers:", "6:3: parties.libya", "written twice, first on line 4"),
        (TEXT, "", "", "the file is empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, place: str, message: str) -> None:
    with pytest.raises(BindingsError) as refused:
        loads_bindings(changed(old, new), file="net.yaml")
    assert place in str(refused.value)
    assert message in str(refused.value)
    assert "net.yaml" in str(refused.value)


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BindingsError, match="No such file"):
        load_bindings(tmp_path / "none.yaml")


def test_every_missing_and_unknown_name_is_listed() -> None:
    text = changed("  families:", "  famlies:").replace("  usd:", "  usb:").replace("  auditor:", "  auditr:")
    with pytest.raises(BindingsError) as refused:
        fit(text)
    assert str(refused.value).splitlines()[1:-1] == [
        "  parties.families: missing",
        "  parties.famlies: the document has none of that name (did you mean `families`?)",
        "  verifiers.auditor: missing",
        "  verifiers.auditr: the document has none of that name (did you mean `auditor`?)",
        "  assets.usd: missing",
        "  assets.usb: the document has none of that name (did you mean `usd`?)",
    ]


def test_a_token_is_not_the_zero_address() -> None:
    with pytest.raises(BindingsError, match=r"assets\.usd: the zero address stands for the native coin"):
        fit(changed("0x0000000000000000000000000000000000000006", "0x" + "0" * 40))


def test_relative_dates_need_a_start() -> None:
    with pytest.raises(BindingsError, match="start: missing"):
        fit(changed("start: 2003-08-22\n", ""))


def test_court_standing_and_predecessor_read_back(tmp_path: Path) -> None:
    bindings = loads_bindings(ACCORD_TEXT)
    check_bindings(loads(ACCORD), bindings)
    assert bindings.predecessor == (16).to_bytes(20)
    assert bindings.courts == {"high-court": (9).to_bytes(20)}
    assert list(bindings.standing) == ["fishers", "readers"]
    path = tmp_path / "bindings.yaml"
    path.write_text(dump_bindings(bindings), encoding="utf-8")
    assert load_bindings(path) == bindings


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("00000010\n", "0000001\n", "3:14: predecessor", "expected an address"),
        ("predecessor: 0x0000000000000000000000000000000000000010", f"predecessor: 0x{'0' * 40}",
         "3:14: predecessor", "the zero address belongs to nobody"),
        ("predecessor:", "predecesor:", "3:1: predecesor", "did you mean `predecessor`?"),
        ("standing:", "standings:", "13:1: standings", "did you mean `standing`?"),
        ("courts:", "court:", "16:1: court", "did you mean `courts`?"),
        ("0000000009", "0000000000", "17:15: courts.high-court", "the zero address belongs to nobody"),
        ("0000000009", "0000000001", "17:15: courts.high-court", "is already parties.maker"),
        ("0000000009", "0000000004", "17:15: courts.high-court", "is already recipients.commons"),
        ("0000000008", "0000000007", "15:12: standing.readers", "is already standing.fishers"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_court_standing_and_predecessor_has_its_place(
    old: str, new: str, place: str, message: str
) -> None:
    assert ACCORD_TEXT.count(old) == 1
    with pytest.raises(BindingsError) as refused:
        loads_bindings(ACCORD_TEXT.replace(old, new), file="net.yaml")
    assert f"net.yaml:{place}" in str(refused.value)
    assert message in str(refused.value)


@pytest.mark.parametrize("other", ["0000000004", "0000000005"])
def test_whoever_has_standing_may_receive_or_verify_under_another_name(other: str) -> None:
    check_bindings(loads(ACCORD), loads_bindings(ACCORD_TEXT.replace("0000000007", other)))


def test_every_missing_court_and_standing_is_listed() -> None:
    text = ACCORD_TEXT.replace("  fishers:", "  fisher:").replace("  high-court:", "  hi-court:")
    with pytest.raises(BindingsError) as refused:
        check_bindings(loads(ACCORD), loads_bindings(text))
    assert str(refused.value).splitlines()[1:-1] == [
        "  standing.fishers: missing",
        "  standing.fisher: the document has none of that name (did you mean `fishers`?)",
        "  courts.high-court: missing",
        "  courts.hi-court: the document has none of that name (did you mean `high-court`?)",
    ]


def test_a_document_without_a_court_binds_none() -> None:
    with pytest.raises(BindingsError, match=r"courts\.high-court: the document has none of that name"):
        fit(f"{TEXT}courts:\n  high-court: 0x{'0' * 39}9\n")
