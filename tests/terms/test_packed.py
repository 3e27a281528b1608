"""Packed terms and phases: there and back, one way to write each, and nothing else taken."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import assume, example, given, strategies as st

from pyledger.terms import structs
from pyledger.terms.packed import pack_phase, pack_terms, unpack_phase, unpack_terms
from pyledger.terms.structs import Obligation, Payment, Phase, Share, Terms, Tier
from pyledger.terms.typed_data import TYPES

SALT: Final = bytes(range(32))
ITEMS: Final = 3


def values(kind: str) -> st.SearchStrategy[Any]:
    """Anything that a type can hold, lists kept short."""
    if kind.endswith("[]"):
        return st.lists(values(kind[:-2]), max_size=ITEMS).map(tuple)
    if kind in TYPES:
        fields = TYPES[kind][:-1] if kind == "Terms" else TYPES[kind]
        return st.tuples(*(values(inner) for inner, _ in fields)).map(lambda items: _struct(kind, items))
    if kind == "bool":
        return st.booleans()
    if kind == "bytes":
        return st.binary(max_size=40)
    if kind in ("address", "bytes32"):
        size = 20 if kind == "address" else 32
        return st.binary(min_size=size, max_size=size)
    return st.integers(0, (1 << int(kind.removeprefix("uint"))) - 1)


def _struct(kind: str, items: tuple[Any, ...]) -> Any:
    return Terms._make((*items, ())) if kind == "Terms" else getattr(structs, kind)(*items)


TERMS: Final[st.SearchStrategy[Terms]] = values("Terms")
PHASES: Final[st.SearchStrategy[Phase]] = values("Phase")


@given(TERMS, values("bytes32"))
def test_terms_come_back(terms: Terms, phases: bytes) -> None:
    assert unpack_terms(pack_terms(terms, phases)) == (terms, phases)


@given(PHASES)
def test_a_phase_comes_back(phase: Phase) -> None:
    assert unpack_phase(pack_phase(phase)) == phase


@given(PHASES, st.data())
def test_bytes_that_mean_a_phase_are_the_only_ones_that_do(phase: Phase, data: st.DataObject) -> None:
    """Any one byte changed: either no phase any more, or another one, and packed it is these very bytes."""
    packed = bytearray(pack_phase(phase))
    index = data.draw(st.integers(0, len(packed) - 1))
    packed[index] ^= data.draw(st.integers(1, 255))
    try:
        read = unpack_phase(bytes(packed))
    except ValueError:
        assume(False)
    assert read != phase
    assert pack_phase(read) == bytes(packed)


@given(st.binary(max_size=200))
@example(SALT + bytes(5) + bytes(6))
def test_what_is_read_is_written_the_same(packed: bytes) -> None:
    try:
        read = unpack_phase(packed)
    except ValueError:
        return
    assert pack_phase(read) == packed


@given(PHASES, st.binary(min_size=1, max_size=40))
def test_nothing_may_follow(phase: Phase, more: bytes) -> None:
    with pytest.raises(ValueError, match="too many"):
        unpack_phase(pack_phase(phase) + more)


@given(TERMS, st.data())
def test_nothing_may_be_missing(terms: Terms, data: st.DataObject) -> None:
    packed = pack_terms(terms, SALT)
    length = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(ValueError, match=r"ends at byte|too many"):
        unpack_terms(packed[:length])


def test_the_layout_is_the_contract_s() -> None:
    phase = Phase(
        SALT,
        0x0102030405,
        (7,),
        (Obligation(255, 1, 2, True, 3, 4, 5),),
        (Payment(0, 0, 2, b"\xaa" * 20, 9, 6, (Share(b"\xbb" * 20, 10_000),), (Tier(1, 2, 3),)),),
    )
    assert pack_phase(phase).hex() == "".join(
        [
            SALT.hex(),
            "0102030405",
            "0001" + "00000000000000000000000000000007",
            "0001" + "ff010201" + "00000003" + "00000004" + "0005",
            "0001" + "000002" + "aa" * 20 + "00000000000000000000000000000009" + "00000006",
            "0001" + "bb" * 20 + "2710",
            "0001" + f"{1:064x}" + f"{2:064x}" + "0003",
        ]
    )


def test_a_bool_is_one_or_zero() -> None:
    packed = bytearray(pack_phase(Phase(SALT, 0, (), (Obligation(0, 0, 1, True, 0, 0, 0),), ())))
    assert packed[44] == 1
    packed[44] = 2
    with pytest.raises(ValueError, match="no bool"):
        unpack_phase(bytes(packed))


@pytest.mark.parametrize(
    "change",
    [
        {"salt": bytes(31)},
        {"notBefore": 1 << 40},
        {"notBefore": -1},
        {"bonds": (1 << 128,)},
        {"bonds": (0,) * 65_536},
        {"obligations": (Obligation(0, 0, 0, 2, 0, 0, 0),)},  # type: ignore[arg-type]
    ],
)
def test_values_that_do_not_fit_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fit|takes"):
        pack_phase(Phase(SALT, 0, (), (), ())._replace(**change))
