"""Ballots on a node: what makes one believable, real proofs of membership, and what voters keep."""

from __future__ import annotations

import json
import stat
import struct
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from pyledger.chain.anvil import Anvil, revert, snapshot
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.attestations import check_attestation
from pyledger.chain.ballots import AnonymousPlan, Ballot, Proof, SealedPlan, Seen, create_ballot, find_ballot, verifier
from pyledger.chain.ballots_kept import Identities, KeptBallot, KeptBallots, new_secret
from pyledger.chain.ballots_prover import Prover
from pyledger.chain.client import Agreement
from pyledger.chain.connect import Connection
from pyledger.chain.deployments import DEPLOYER, Places
from pyledger.chain.transactions import transact
from pyledger.errors import MismatchError, SignatureError, ToolError, UsageError
from pyledger.terms.ballots import MIN_VOTERS, Question, Result, Vote, count_votes, round_of
from pyledger.terms.poseidon import FIELD, poseidon, tree_depth, tree_root
from pyledger.terms.structs import Panel, Seat, Verdict
from pyledger.terms.typed_data import create2_address
from tests.chain.deals import DAY, OPERATOR, PAYER, STRANGER, WORKER, Deal, dev, refuses, two_phases
from tests.prover import installed_prover

PEERS: Final = (dev(3), dev(4), dev(5))
SECRETS: Final = tuple(keccak(b"member %d" % number) for number in range(4))
DEPOSIT: Final = 10**15
ANONYMOUS_LIMIT: Final = 450_000
"""Most gas of an anonymous commitment: the proof takes half of it."""
QUESTION: Final = Question(0, 0, DAY, DAY, DAY)
SALT: Final = b"\x5a" * 32
MET: Final = Vote(Verdict.MET)
_MEMBERS: Final = 6
"""The storage slot of a group's members."""


@dataclass(frozen=True)
class Voted:
    """An agreement in force that has a ballot for its only verifier, at the first second of the first window."""

    deal: Deal
    ballot: Ballot

    @property
    def seen(self) -> Seen:
        return self.ballot.see(self.deal.agreement.address, QUESTION)

    def hidden(self, voter: bytes, vote: Vote = MET, salt: bytes = SALT) -> bytes:
        return self.ballot.hidden(self.seen.round, voter, vote, salt)

    def reveal_all(self, votes: list[Vote]) -> None:
        self.deal.warp(2 * DAY)
        for place, vote in enumerate(votes):
            self.ballot.reveal(STRANGER, self.seen.round, place, vote, SALT)


@pytest.fixture(scope="session")
def sealed(connection: Connection) -> Ballot:
    plan = SealedPlan(tuple(each.address for each in PEERS), (QUESTION,), 3, DEPOSIT, OPERATOR.address)
    return create_ballot(connection, OPERATOR, plan)[0]


@pytest.fixture(scope="session")
def prover() -> Prover:
    return installed_prover()


@pytest.fixture(scope="session")
def members(prover: Prover) -> dict[int, bytes]:
    """Secrets by their commitments; the fourth is no member."""
    return dict(sorted((prover.commitment(secret), secret) for secret in SECRETS[:3]))


@pytest.fixture(scope="session")
def anonymous(connection: Connection, members: dict[int, bytes]) -> Ballot:
    return create_ballot(connection, OPERATOR, AnonymousPlan(tuple(members), (QUESTION,), 3))[0]


def stage(ballot: Ballot, places: Places, token: bytes, anvil: Anvil) -> Voted:
    terms = two_phases(ballot.connection.latest_time(), token)
    panel = Panel(1, (), (Seat(ballot.address, 0),))
    agreement = Agreement(ballot.connection, terms._replace(panels=(panel,)), places)
    agreement.open(OPERATOR)
    agreement.accept(PAYER)
    agreement.accept(WORKER)
    agreement.fund(PAYER, [0, 1])
    ballot.open(STRANGER, agreement.address, QUESTION)
    deal = Deal(agreement, anvil.url)
    deal.warp(DAY)
    return Voted(deal, ballot)


@pytest.fixture
def undone(anvil: Anvil, token: bytes, sealed: Ballot, anonymous: Ballot) -> Iterator[None]:
    """What the test does to the chain is undone."""
    name = snapshot(anvil.url)
    yield
    revert(anvil.url, name)


@pytest.fixture
def voted(undone: None, sealed: Ballot, places: Places, token: bytes, anvil: Anvil) -> Voted:
    return stage(sealed, places, token, anvil)


@pytest.fixture
def hidden(undone: None, anonymous: Ballot, places: Places, token: bytes, anvil: Anvil) -> Voted:
    return stage(anonymous, places, token, anvil)


# What makes one believable


def test_a_ballot_is_known_by_its_rules(connection: Connection, sealed: Ballot, anonymous: Ballot) -> None:
    for made in (sealed, anonymous):
        found = find_ballot(connection, made.address)
        assert found is not None
        assert found.plan == made.plan
        assert create_ballot(connection, OPERATOR, made.plan)[1] is None, "twice is once"
    assert find_ballot(connection, PAYER.address) is None
    assert find_ballot(connection, verifier()) is None


def test_a_contract_that_only_says_that_it_is_a_ballot_is_refused(connection: Connection, sealed: Ballot) -> None:
    """The same code in another place: there its rules may have been set by other code that ran first."""
    salt = b"\x01".rjust(32, b"\0")
    transact(connection, OPERATOR, DEPLOYER, salt + sealed.plan.code)
    with pytest.raises(MismatchError, match="none of pyledger's"):
        find_ballot(connection, create2_address(DEPLOYER, salt, sealed.plan.code))


def test_a_group_whose_root_is_not_that_of_its_members_is_refused(connection: Connection, anonymous: Ballot) -> None:
    plan = anonymous.plan
    assert isinstance(plan, AnonymousPlan)
    kinds = ["uint256[]", "uint256", "address", "(uint8,uint8,uint32,uint32,uint32)[]", "uint256"]
    arguments = encode(kinds, [plan.members, plan.root + 1, verifier(), plan.questions, plan.quorum])
    code = load_artifact("AnonymousBallot").bytecode + arguments
    transact(connection, OPERATOR, DEPLOYER, bytes(32) + code)
    with pytest.raises(MismatchError, match="none of pyledger's"):
        find_ballot(connection, create2_address(DEPLOYER, bytes(32), code))


@pytest.mark.parametrize(("count", "last"), [(3, FIELD), (2, 1), (33, 1), (0, 1)])
def test_a_group_that_no_tree_can_be_made_of_is_no_ballot(
    undone: None, connection: Connection, anonymous: Ballot, count: int, last: int
) -> None:
    """Whoever writes a contract has it answer what they like, and can name it as a verifier."""
    first = int.from_bytes(keccak(_MEMBERS.to_bytes(32, "big")), "big")
    for slot, word in ((_MEMBERS, count), (first + 2, last)):
        where = ["0x" + anonymous.address.hex(), f"0x{slot:064x}", f"0x{word:064x}"]
        connection.request("anvil_setStorageAt", *where)
    with pytest.raises(MismatchError, match="none of pyledger's") if count else nullcontext():
        assert find_ballot(connection, anonymous.address) is None


def test_rules_that_cannot_be_are_refused_before_anything_is_sent(connection: Connection) -> None:
    few = SealedPlan(tuple(each.address for each in PEERS[:2]), (QUESTION,), 3, 0, OPERATOR.address)
    with refuses("WrongNumberOfVoters", match="3 to 32 voters, not 2"):
        create_ballot(connection, OPERATOR, few)
    voter_gains = few._replace(voters=(*few.voters, OPERATOR.address))
    with refuses("ForfeitToVoter", match="place 2 would gain"):
        create_ballot(connection, OPERATOR, voter_gains)


# A sealed ballot


def test_what_peers_find_is_what_the_agreement_is_told(voted: Voted) -> None:
    agreement, ballot = voted.deal.agreement, voted.ballot
    for place, peer in enumerate(PEERS):
        ballot.commit(peer, voted.seen.round, place, voted.hidden(peer.address))
    voted.reveal_all([MET] * 3)
    ballot.tally(STRANGER, voted.seen.round)
    assert voted.seen.result == count_votes([MET] * 3, MIN_VOTERS) == Result(3, Verdict.MET, 3, 0, 0)
    record = ballot.attestation(voted.seen, agreement.terms, agreement.address)
    now = agreement.connection.latest_time()
    where = {"chain_id": 31337, "agreement": agreement.address, "now": now, "by_contract": True}
    assert check_attestation(record, agreement.terms, **where).signature == record.signature  # type: ignore[arg-type]
    agreement.attest(STRANGER, [record], pay=())
    assert agreement.state().verdicts[0] is Verdict.MET


def test_a_ballot_that_found_nothing_signs_nothing(voted: Voted) -> None:
    voted.ballot.commit(PEERS[0], voted.seen.round, 0, voted.hidden(PEERS[0].address))
    voted.reveal_all([MET])
    voted.ballot.tally(STRANGER, voted.seen.round)
    with pytest.raises(SignatureError, match="found nothing"):
        voted.ballot.attestation(voted.seen, voted.deal.agreement.terms, voted.deal.agreement.address)


def test_refusals_arrive_by_their_names(voted: Voted) -> None:
    ballot, round_, peer = voted.ballot, voted.seen.round, PEERS[0]
    with refuses("NotCaller"):
        ballot.commit(STRANGER, round_, 0, SALT)
    with refuses("AlreadyOpened"):
        ballot.open(STRANGER, voted.deal.agreement.address, QUESTION)
    with refuses("OutsideWindow", match="until 20.* UTC"):
        ballot.reveal(STRANGER, round_, 0, MET, SALT)
    ballot.commit(peer, round_, 0, voted.hidden(peer.address))
    with refuses("AlreadyCommitted", match="in place 0 already"):
        ballot.commit(peer, round_, 0, SALT)
    voted.deal.warp(2 * DAY)
    with refuses("NotThisBallot"):
        ballot.reveal(STRANGER, round_, 0, MET, bytes(32))
    with refuses("TooEarly"):
        ballot.tally(STRANGER, round_)


# An anonymous ballot, with real proofs


def test_members_vote_once_each_and_no_account_of_theirs_is_seen(
    hidden: Voted, members: dict[int, bytes], prover: Prover
) -> None:
    ballot, round_ = hidden.ballot, hidden.seen.round
    scope, group = ballot.scope(round_), list(members)
    votes = [Vote(Verdict.MET, 7), Vote(Verdict.MET, 9), Vote(Verdict.BREACHED)]
    made: list[tuple[bytes, Proof]] = []
    for secret, vote in zip(members.values(), votes, strict=True):
        nullifier = prover.prove(secret, group, 0, scope).nullifier
        commitment = hidden.hidden(nullifier.to_bytes(32, "big"), vote)
        made.append((commitment, prover.prove(secret, group, int.from_bytes(commitment, "big"), scope)))
        assert made[-1][1].nullifier == nullifier, "it is the same whatever is said"
        receipt = ballot.commit_proved(STRANGER, round_, *made[-1])
        assert receipt.gas_used < ANONYMOUS_LIMIT
    with refuses("AlreadyVoted"):
        ballot.commit_proved(STRANGER, round_, *made[-1])
    hidden.reveal_all(votes)
    ballot.tally(STRANGER, round_)
    assert hidden.seen.result == count_votes(votes, MIN_VOTERS) == Result(3, Verdict.MET, 2, 8, 2)


def test_a_proof_is_good_for_one_ballot_alone(
    hidden: Voted, members: dict[int, bytes], prover: Prover, connection: Connection
) -> None:
    ballot, round_ = hidden.ballot, hidden.seen.round
    secret, group, message = next(iter(members.values())), list(members), int.from_bytes(SALT, "big")
    good = prover.prove(secret, group, message, ballot.scope(round_))
    changed = good.points[0] + 1, *good.points[1:]
    elsewhere = prover.prove(secret, group, message, ballot.scope(round_) + 1)
    stranger = prover.commitment(SECRETS[3])
    outsider = prover.prove(SECRETS[3], sorted([*group[:2], stranger]), message, ballot.scope(round_))
    for bad, said in (
        (good, bytes(32)),
        (good._replace(nullifier=good.nullifier + 1), SALT),
        (good._replace(nullifier=good.nullifier + FIELD), SALT),
        (good._replace(points=changed), SALT),
        (elsewhere, SALT),
        (outsider, SALT),
        (Proof(1, (0,) * 8), SALT),
    ):
        with refuses("BadProof"):
            ballot.commit_proved(STRANGER, round_, said, bad)
    ballot.commit_proved(STRANGER, round_, SALT, good)


def test_the_prover_has_to_be_installed(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="not installed"):
        Prover(tmp_path).commitment(SECRETS[0])


def test_the_tree_of_members_is_semaphores(prover: Prover, members: dict[int, bytes]) -> None:
    """The prover refuses where the two differ."""
    secret, group = next(iter(members.values())), list(members)
    for more in range(3):
        prover.prove(secret, [*group, *range(1, 1 + more)], 1, 1)
    assert [tree_depth(count) for count in (3, 4, 5, 8, 9, 32)] == [2, 2, 3, 3, 4, 5]
    assert tree_root([1]) == 1
    assert tree_root([1, 2, 3]) == poseidon(poseidon(1, 2), 3)
    published = 7853200120776062878684798364095072458815029376092732009249414926327459813530
    assert poseidon(1, 2) == published, "the value that circomlib's tests have"
    with pytest.raises(ValueError, match="not a number of the field"):
        poseidon(FIELD, 0)


def booleans(key: bytes) -> int:
    """How many numbers of a circuit its proving key (snarkjs' format) holds to be zero or one: x * (x - 1) = 0."""
    sections, at = {}, 12
    for _ in range(struct.unpack_from("<I", key, 8)[0]):
        kind, length = struct.unpack_from("<IQ", key, at)
        sections[kind] = at + 12
        at += 12 + length
    start, unit = sections[4], pow(1 << 256, -2, FIELD)  # coefficients are written multiplied by 2^512
    rows: dict[int, tuple[dict[int, int], dict[int, int]]] = {}
    for index in range(struct.unpack_from("<I", key, start)[0]):
        place = start + 4 + 44 * index
        side, row, signal = struct.unpack_from("<III", key, place)
        factor = int.from_bytes(key[place + 12 : place + 44], "little") * unit % FIELD
        rows.setdefault(row, ({}, {}))[side][signal] = factor
    found = set()
    for left, right in rows.values():
        one, other = sorted((left, right), key=len)
        (signal, *rest) = one or {0: 0}
        if signal and not rest and set(other) == {0, signal} and (other[0] + other[signal]) % FIELD == 0:
            found.add(signal)
    return len(found)


def test_the_proving_keys_are_those_that_hold_every_turn_in_the_tree_to_left_or_right(prover: Prover) -> None:
    """Those of Semaphore 4.0 did not: an outsider could have proved membership. See docs/decisions/0017-ballots.md."""
    folder = prover.folder / "node_modules" / "@zk-kit" / "semaphore-artifacts"
    found = [booleans((folder / f"semaphore-{depth}.zkey").read_bytes()) for depth in (2, 3, 4, 5)]
    assert found == [503, 504, 505, 506], "one more for each level; in those of 4.0 it is 502 whatever the depth"


# What voters keep


def kept(file: Path = Path()) -> KeptBallot:
    return KeptBallot(31337, b"\x0b" * 20, b"\x0a" * 20, round_of(b"\x0a" * 20, 0, 0), b"\x01" * 20, SALT, "me", file)


def test_a_ballot_is_kept_sealed_and_only_for_its_owner(tmp_path: Path) -> None:
    store, salt, vote = KeptBallots(tmp_path, work=2), new_secret(), Vote(Verdict.BREACHED, 715)
    file = store.keep(kept(), vote, salt, "words")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    text = file.read_text(encoding="utf-8")
    plain = int(vote.verdict).to_bytes(1, "big") + vote.value.to_bytes(16, "big")
    assert salt.hex() not in text
    assert plain.hex() not in text
    (found,) = store.list()
    assert found == kept(file)
    assert store.find(SALT) == found
    assert KeptBallots.read(found, lambda _: "words") == (vote, salt)
    with pytest.raises(SignatureError, match="does not open"):
        KeptBallots.read(found, lambda _: "other words")


def test_a_ballot_that_is_kept_is_not_written_over(tmp_path: Path) -> None:
    store = KeptBallots(tmp_path)
    file = store.keep(kept(), MET, SALT, None)
    with pytest.raises(UsageError, match="not written over"):
        store.keep(kept(), Vote(Verdict.LAPSED), bytes(32), None)
    assert KeptBallots.read(kept(file), lambda _: "") == (MET, SALT)


def test_files_that_are_no_ballots_are_left_out_or_refused(tmp_path: Path) -> None:
    store = KeptBallots(tmp_path)
    file = store.keep(kept(), MET, SALT, None)
    (store.folder / "other.json").write_text("[1]", encoding="utf-8")
    assert [each.file for each in store.list()] == [file]
    data = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(data | {"vote": "zz"}), encoding="utf-8")
    with pytest.raises(SignatureError, match="cannot be read"):
        KeptBallots.read(kept(file), lambda _: "")


def test_an_identity_is_kept_sealed(tmp_path: Path) -> None:
    store, secret = Identities(tmp_path, work=2), new_secret()
    file = store.create("member-1", 77, secret, "words")
    assert secret.hex() not in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert store.list() == {"member-1": 77}
    assert store.load("member-1", lambda _: "words") == secret
    with pytest.raises(UsageError, match="already"):
        store.create("member-1", 77, secret, "words")
    with pytest.raises(UsageError, match="cannot name"):
        store.create("../member", 77, secret, "words")
    with pytest.raises(SignatureError, match="empty"):
        store.create("member-2", 77, secret, "")
    with pytest.raises(UsageError, match="known: member-1"):
        store.load("member-3", lambda _: "words")


def test_salts_are_random(tmp_path: Path) -> None:
    assert len({new_secret() for _ in range(1_000)}) == 1_000


def test_equal_ballots_have_nothing_in_common(sealed: Ballot) -> None:
    """A thousand ballots that say the same, of the same voter: no two alike, nor any byte of them more likely."""
    found = [sealed.hidden(SALT, PEERS[0].address, MET, new_secret()) for _ in range(1_000)]
    assert len(set(found)) == 1_000
    assert all(len({each[place] for each in found}) > 200 for place in range(32))
