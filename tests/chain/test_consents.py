"""What all members agree on: to dissolve an agreement, and to give more time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pyledger.chain.acceptances import SignedAcceptance
from pyledger.chain.account import Account
from pyledger.chain.consents import (
    Consent,
    SignedDissolution,
    SignedExtension,
    assets_to_split,
    check_consent,
    extension_of,
    gather_consents,
    sign_dissolution,
    sign_extension,
)
from pyledger.chain.crosscheck import contradictions
from pyledger.chain.events import Ended, Extended, Paid
from pyledger.chain.keys import Signer
from pyledger.chain.records import dump_records, read_records
from pyledger.chain.tokens import token_balance
from pyledger.chain.transactions import transact
from pyledger.errors import NodeError, SignatureError
from pyledger.terms.commitment import commitment
from pyledger.terms.names import Names
from pyledger.terms.outcome import phase_at_hand
from pyledger.terms.state import Cause, Split, Status
from pyledger.terms.structs import NATIVE, Share, Verdict
from pyledger.terms.typed_data import Dissolution, Extension
from tests.chain.deals import (
    BOND,
    COIN_BOND,
    DAY,
    FUND,
    PAYER,
    STRANGER,
    TIP,
    VERIFIERS,
    WAGE,
    WORKER,
    Deal,
    put,
    refuses,
    two_phases,
)

NOW = 1_800_000_000
CHAIN = 31337
HERE = b"\xaa" * 20
ALL = (Share(FUND.address, 10_000),)
HALVES = (Share(PAYER.address, 5_000), Share(WORKER.address, 5_000))
TERMS = two_phases(NOW, b"\x11" * 20)
ENDING = Dissolution(0, (Split(NATIVE, ALL), Split(b"\x11" * 20, HALVES)), NOW + DAY)
LATER = Extension(0, True, 0, DAY, 2 * DAY, NOW + DAY)
NAMES = Names(
    parties=("payer", "worker"),
    panels=("jury",),
    seats=(("one", "two", "three"),),
    phases=("build", "upkeep"),
    obligations=(("work", "weather", "silence"), ("silence",)),
    payments=(("wage", "tip"), ()),
    accounts={"payer": PAYER.address},
    assets={},
)


def ending(signer: Signer = PAYER) -> SignedDissolution:
    return sign_dissolution(signer, TERMS, ENDING, chain_id=CHAIN, agreement=HERE, names=NAMES)


def later(signer: Signer = PAYER) -> SignedExtension:
    return sign_extension(signer, TERMS, LATER, chain_id=CHAIN, agreement=HERE, names=NAMES)


def check(record: Consent, **changes: Any) -> int:
    where: dict[str, Any] = {"chain_id": CHAIN, "agreement": HERE, "now": NOW, "names": NAMES} | changes
    return check_consent(record, TERMS, **where)


def gather(*records: Consent, said: Dissolution | Extension = ENDING, **changes: Any) -> tuple[bytes, ...]:
    where: dict[str, Any] = {
        "chain_id": CHAIN,
        "agreement": HERE,
        "now": NOW,
        "caller": STRANGER.address,
        "is_contract": lambda _: False,
        "names": NAMES,
    }
    return gather_consents(records, said, TERMS, {0, 1}, **where | changes)


# Records


def test_consents_survive_being_written_and_read(tmp_path: Path) -> None:
    file, records = tmp_path / "consents.json", (ending(), later(WORKER))
    file.write_text(dump_records(records))
    assert read_records(file, SignedAcceptance, SignedDissolution, SignedExtension) == records
    assert [each.said for each in records] == [ENDING, LATER]
    assert [check(each) for each in records] == [0, 1]
    assert (records[0].phase_name, records[0].party_name, records[1].item_name) == ("build", "payer", "wage")


@pytest.mark.parametrize("make", [ending, later])
def test_check_refuses_a_consent_that_does_not_fit(make: Callable[[], Consent]) -> None:
    good = make()
    for change, match in (
        ({"chain_id": 1}, "signed for chain 1"),
        ({"agreement": b"\xbb" * 20}, "signed for the agreement 0xbB"),
        ({"terms_hash": bytes(32)}, "for terms 0x00"),
        ({"party": 1}, "is party 0, not 1"),
        ({"account": STRANGER.address}, "is no party"),
        ({"account": WORKER.address, "party": 1, "party_name": "worker"}, "another key signed"),
        ({"phase": 1}, "says `build`, but its numbers are those of `upkeep`|has no payment 0"),
        ({"phase": 9}, "no phase 9"),
        ({"phase": -1}, "no phase -1"),
        ({"phase_name": "upkeep"}, "says `upkeep`, but its numbers are those of `build`"),
        ({"party_name": "worker"}, "says `worker`"),
        ({"expiry": NOW + 7}, "something was changed"),
        ({"expiry": 1 << 40}, "can be signed"),
        ({"expiry": NOW - 7}, "it expired at 20"),
        ({"signature": good.signature[:64]}, "64 bytes instead of 65"),
    ):
        with pytest.raises(SignatureError, match=match):
            check(good.model_copy(update=change))
    assert check(good.model_copy(update={"signature": b"its own way"}), by_contract=True) == 0


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"index": 9}, "no payment 9"),
        ({"index": 1}, "says `wage`, but its numbers are those of `tip`"),
        ({"item": "obligation"}, "says `wage`, but its numbers are those of `work`"),
        ({"after": 3 * DAY}, "something was changed"),
        ({"after": 1 << 32}, "no such extension can be signed"),
    ],
)
def test_check_refuses_an_extension_of_something_else(change: dict[str, object], match: str) -> None:
    with pytest.raises(SignatureError, match=match):
        check(later().model_copy(update=change))


def test_sign_refuses_what_nobody_can_have_signed() -> None:
    with pytest.raises(SignatureError, match="is no party"):
        ending(STRANGER)
    for said, match in (
        (LATER._replace(phase=7), "no phase 7"),
        (LATER._replace(item=7), "no payment 7"),
        (LATER._replace(item=3, payment=False), "no obligation 3"),
        (LATER._replace(to=1 << 32), "no such extension can be signed"),
    ):
        with pytest.raises(SignatureError, match=match):
            sign_extension(PAYER, TERMS, said, chain_id=CHAIN, agreement=HERE)


def test_gather_takes_the_signatures_of_all_members_in_their_order() -> None:
    one, other = ending(), ending(WORKER)
    assert gather(other, one) == (one.signature, other.signature)
    assert gather(one, caller=WORKER.address) == (one.signature, b""), "who calls need not sign"
    assert gather(one, other, caller=WORKER.address) == (one.signature, other.signature)


def test_gather_refuses_what_is_not_everybodys() -> None:
    with pytest.raises(SignatureError, match="not every member has signed") as caught:
        gather(ending())
    assert caught.value.hint == "still to sign: worker"
    with pytest.raises(SignatureError, match="payer has signed twice"):
        gather(ending(), ending(), ending(WORKER))
    with pytest.raises(SignatureError, match="payer has signed something else"):
        gather(ending(), ending(WORKER), said=ENDING._replace(expiry=NOW))
    with pytest.raises(SignatureError, match="payer has signed something else"):
        gather(later(), said=ENDING)
    with pytest.raises(SignatureError, match="worker is no member"):
        gather_consents(
            [ending(WORKER)], ENDING, TERMS, {0}, chain_id=CHAIN, agreement=HERE, now=NOW,
            caller=PAYER.address, is_contract=lambda _: False, names=NAMES,
        )  # fmt: skip


# On the chain


def place(deal: Deal) -> dict[str, Any]:
    return {"chain_id": CHAIN, "agreement": deal.agreement.address}


def ending_of(deal: Deal) -> Dissolution:
    agreement = deal.agreement
    assets = assets_to_split(agreement.state(), agreement.terms)
    return Dissolution(0, tuple(Split(each, HALVES) for each in assets), agreement.terms.longStop)


def extension(deal: Deal, *, payment: bool, item: int, to: int) -> Extension:
    agreement = deal.agreement
    expiry = agreement.terms.longStop
    return extension_of(agreement.state(), agreement.terms, payment=payment, item=item, to=to, expiry=expiry)


def extend(deal: Deal, *, payment: bool, item: int, to: int) -> None:
    said = extension(deal, payment=payment, item=item, to=to)
    signed = sign_extension(WORKER, deal.agreement.terms, said, **place(deal))
    deal.agreement.extend(PAYER, said, [signed])


def consistent(deal: Deal) -> bool:
    agreement = deal.agreement
    return contradictions(agreement.snapshot(), agreement.events(), agreement.terms) == ()


def test_members_dissolve_and_split_all_that_is_held(in_force: Deal, token: bytes) -> None:
    agreement = in_force.agreement
    agreement.fund(PAYER, [0, 1])
    said = ending_of(in_force)
    assert [each.asset for each in said.splits] == [NATIVE, token]
    records = [sign_dissolution(each, agreement.terms, said, **place(in_force)) for each in (WORKER, PAYER)]
    held = token_balance(agreement.connection, token, WORKER.address)
    events = agreement.dissolve(STRANGER, said, records).events
    assert [each.status for each in events if isinstance(each, Ended)] == [Status.DISSOLVED]
    paid = [(each.index, each.amount) for each in events if isinstance(each, Paid) and each.cause is Cause.SPLIT]
    half_of_coin, half_of_tokens = (COIN_BOND + TIP) // 2, (BOND + WAGE) // 2
    assert paid == [(0, half_of_coin), (0, half_of_coin), (1, half_of_tokens), (1, half_of_tokens)]
    assert token_balance(agreement.connection, token, WORKER.address) == held + half_of_tokens
    assert agreement.snapshot().holdings == {}
    assert consistent(in_force)
    with refuses("WrongStatus", match="is dissolved"):
        agreement.dissolve(STRANGER, said, records)


def test_dissolve_refuses_splits_that_are_not_of_all_that_is_held(in_force: Deal, token: bytes) -> None:
    agreement, said = in_force.agreement, ending_of(in_force)

    def dissolve(*splits: Split) -> None:
        changed = said._replace(splits=splits)
        records = [sign_dissolution(each, agreement.terms, changed, **place(in_force)) for each in (PAYER, WORKER)]
        agreement.dissolve(STRANGER, changed, records)

    coin, tokens = said.splits
    with refuses("AssetNotSplit", match="holds 0x0000"):
        dissolve(tokens)
    with refuses("SplitsUnordered", match="split 1"):
        dissolve(tokens, coin)
    with refuses("SharesMalformed", match="shares of split 0"):
        dissolve(coin._replace(shares=HALVES[:1]), tokens)
    with refuses("TooManyShares", match="145 shares in all"):
        more = [Split(bytes(19) + bytes([index + 1]), ALL) for index in range(141)]
        dissolve(coin, *more, tokens)
    with refuses("TooLate"):
        send(in_force, agreement.encoder.in_phase("dissolve", 0, said.splits, 1, [b"", b""]))
    with refuses("WrongNumberOfSignatures", match="1 have signed, and the agreement has 2 members"):
        send(in_force, agreement.encoder.in_phase("dissolve", 0, said.splits, said.expiry, [b""]))


def send(deal: Deal, data: bytes) -> None:
    transact(deal.agreement.connection, STRANGER, deal.agreement.address, data)


def test_a_payment_is_given_more_time(in_force: Deal) -> None:
    agreement = in_force.agreement
    in_force.warp(DAY - 60)
    extend(in_force, payment=True, item=0, to=3 * DAY)
    extend(in_force, payment=True, item=1, to=3 * DAY)
    state = agreement.state()
    assert state.extended is not None
    assert [each.due for each in state.extended.payments] == [3 * DAY, 3 * DAY]
    assert agreement.terms.phases[0].payments[0].due == DAY, "the terms stay what they are"
    assert consistent(in_force)
    in_force.warp(2 * DAY)
    agreement.fund(PAYER, [0, 1])
    assert consistent(in_force)


def test_an_obligation_is_given_more_time_and_the_agreement_goes_on(in_force: Deal) -> None:
    agreement = in_force.agreement
    agreement.fund(PAYER, [0, 1])
    extend(in_force, payment=False, item=0, to=20 * DAY)
    in_force.warp(15 * DAY)
    for verifier in VERIFIERS[:2]:
        agreement.attest_self(verifier, 0, Verdict.MET)
    agreement.comment(WORKER, "done at last", obligation=0)
    agreement.settle(STRANGER)
    state = agreement.state()
    assert (state.phase, state.extended) == (1, None)
    assert consistent(in_force)
    extend(in_force, payment=False, item=0, to=30 * DAY)
    assert phase_at_hand(agreement.state(), agreement.terms).obligations[0].within == 30 * DAY
    assert [each.phase for each in agreement.events() if isinstance(each, Extended)] == [0, 1]
    assert consistent(in_force)


def test_an_extended_agreement_can_be_extended_again_dissolved_and_unwound(in_force: Deal) -> None:
    agreement = in_force.agreement
    extend(in_force, payment=True, item=0, to=2 * DAY)
    extend(in_force, payment=True, item=0, to=3 * DAY)
    said = extension(in_force, payment=True, item=0, to=4 * DAY)
    assert said.from_ == 3 * DAY
    agreement.concede(WORKER, 0)
    ending = ending_of(in_force)
    agreement.dissolve(PAYER, ending, [sign_dissolution(WORKER, agreement.terms, ending, **place(in_force))])
    assert agreement.state().extended is not None
    assert consistent(in_force)


def test_extend_refuses_what_the_contract_forbids(in_force: Deal) -> None:
    with refuses("NotLater", match="until 86400 seconds after the phase's opening, and 86400 is not later"):
        extend(in_force, payment=True, item=0, to=DAY)
    with refuses("PhaseFlawed", match="its due"):
        extend(in_force, payment=True, item=0, to=12 * DAY)
    with pytest.raises(SignatureError, match="no payment 9"):
        extension(in_force, payment=True, item=9, to=2 * DAY)
    said = extension(in_force, payment=True, item=0, to=2 * DAY)
    with pytest.raises(SignatureError, match="not every member has signed"):
        in_force.agreement.extend(PAYER, said)
    in_force.agreement.concede(WORKER, 0)
    with refuses("AlreadyDecided"):
        extend(in_force, payment=False, item=0, to=20 * DAY)


def test_a_member_that_is_a_contract_consents_in_its_own_way(in_force: Deal) -> None:
    agreement, connection = in_force.agreement, in_force.agreement.connection
    wallet = put(connection, "test/actors/Wallet.sol", bytes(12) + STRANGER.address)
    code = connection.code(wallet)
    connection.request("anvil_setCode", "0x" + WORKER.address.hex(), "0x" + code.hex())
    said = extension(in_force, payment=True, item=0, to=2 * DAY)
    by_worker = sign_extension(WORKER, agreement.terms, said, **place(in_force))
    owner = STRANGER.sign_digest(by_worker.digest(), chain_id=CHAIN)
    with refuses("BadSignature"):
        agreement.extend(PAYER, said, [by_worker.model_copy(update={"signature": owner[:64] + b"\x00"})])
    agreement.extend(PAYER, said, [by_worker.model_copy(update={"signature": owner})])
    assert agreement.state().extended is not None


def test_a_node_that_keeps_extensions_back_or_alters_them_is_noticed(
    in_force: Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = in_force.agreement
    extend(in_force, payment=True, item=0, to=2 * DAY)
    extend(in_force, payment=False, item=0, to=12 * DAY)
    true = agreement.state().extended
    assert commitment(agreement.terms, 0, extended=true) != commitment(agreement.terms)
    connection, ask = agreement.connection, agreement.connection.request

    def altered(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [log | {"data": log["data"].replace(f"{2 * DAY:x}", f"{3 * DAY:x}")} for log in logs]

    lies: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
        "kept back": lambda _: [],
        "one kept back": lambda logs: logs[1:],
        "altered": altered,
    }
    for lie in lies.values():
        monkeypatch.setattr(
            connection,
            "request",
            lambda method, *rest, lie=lie: lie(ask(method, *rest)) if method == "eth_getLogs" else ask(method, *rest),
        )
        for read in (agreement.state, agreement.snapshot):
            with pytest.raises(NodeError, match="the node contradicts itself: what its events say of extensions"):
                read()
    monkeypatch.undo()
    assert Account(connection, agreement.terms, agreement.places).state().extended == true
