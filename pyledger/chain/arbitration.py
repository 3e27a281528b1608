"""A court that rules as enough of its panel sign (`PanelArbitrator`): making one, reading it, bringing it rulings.

An agreement may name any contract that speaks ERC-792 as its arbitrator. This is the one that pyledger ships.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from eth_abi.abi import encode

from pyledger.chain.abi import DisputeStatus, DisputeWord, court_abi
from pyledger.chain.artifacts import load_artifact
from pyledger.chain.connect import Connection, RpcError
from pyledger.chain.deployments import DEPLOYER, SALT, create
from pyledger.chain.keys import Signer
from pyledger.chain.refusals import Label, explain_revert
from pyledger.chain.rulings import Place, SignedRuling, Word, check_ruling, sign_ruling
from pyledger.chain.transactions import Receipt, preflight, transact
from pyledger.errors import MismatchError, NodeError, SignatureError, UsageError
from pyledger.terms.addresses import checksum
from pyledger.terms.typed_data import create2_address

__all__ = ["Court", "CourtPlan", "DisputeStatus", "DisputeWord", "create_court"]


class CourtPlan(NamedTuple):
    """What a court is made of for good: its judges, how many must sign, what a dispute costs in wei, and who gets that.

    Two courts of the same plan are the same court: its address follows from it.
    """

    panel: tuple[bytes, ...]
    threshold: int
    fee: int
    fee_recipient: bytes

    @property
    def code(self) -> bytes:
        """What creates it."""
        arguments = encode(["address[]", "uint256", "uint256", "address"], self)
        return load_artifact("PanelArbitrator").bytecode + arguments

    @property
    def address(self) -> bytes:
        """Where it is, on every chain, created or not: 20 bytes."""
        return create2_address(DEPLOYER, SALT, self.code)


class Court:
    """A court on one chain. Reading raises MismatchError where there is none, NodeError for a node that fails."""

    def __init__(
        self, connection: Connection, address: bytes, *, label: Label | None = None, timeout: float = 120.0
    ) -> None:
        self.connection = connection
        self.address = address
        self.label = label
        self.timeout = timeout

    def panel(self) -> tuple[bytes, ...]:
        """The judges, in the order of their seats."""
        found: tuple[bytes, ...] = self._read("seats")
        return found

    def threshold(self) -> int:
        """How many judges must sign."""
        return int(self._read("threshold"))

    def fee(self) -> int:
        """What a dispute costs, in wei."""
        return int(self._read("fee"))

    def disputes(self) -> int:
        """How many disputes there have been; they are numbered from one."""
        return int(self._read("disputes"))

    def cost(self, data: bytes = b"") -> int | None:
        """What any arbitrator (ERC-792) asks for a dispute with these extra data, in wei; None if it does not say."""
        try:
            answer = self.connection.call(self.address, court_abi().encode("arbitrationCost", data))
        except RpcError:
            return None
        return int.from_bytes(answer, "big") if len(answer) == 32 else None

    def dispute(self, dispute: int) -> DisputeWord:
        """One dispute by its number. Refused if there is none."""
        found: DisputeWord = self._read("dispute", dispute)
        return found

    def sign(
        self, signer: Signer, dispute: int, ruling: Word, *, expiry: int, opinion: bytes = bytes(32)
    ) -> SignedRuling:
        """A judge's ruling on a dispute of this court, signed. SignatureError if the signer has no seat."""
        return self._checked(
            sign_ruling(
                signer,
                dispute,
                ruling,
                chain_id=self.connection.chain_id,
                court=self.address,
                agreement=self.dispute(dispute).arbitrable,
                expiry=expiry,
                opinion=opinion,
            )
        )

    def rule(self, signer: Signer, records: Sequence[SignedRuling]) -> Receipt:
        """Relays judges' rulings on one dispute, all alike; the agreement has the ruling in the same transaction.

        SignatureError for one that does not fit or differs; Refused if they are too few, or the court or the agreement
        does not take it.
        """
        if not records:
            raise UsageError("there is no ruling to relay", hint="give at least one that a judge has signed")
        first = records[0]
        for record in records:
            if (record.dispute, record.ruling, record.opinion) != (first.dispute, first.ruling, first.opinion):
                raise SignatureError(
                    "the rulings differ", hint="relay those of one dispute with the same ruling and opinion together"
                )
        panel, agreement, now = self.panel(), self.dispute(first.dispute).arbitrable, self.connection.latest_time()
        voices = [(self._seat(record, panel, agreement, now), record.expiry, record.signature) for record in records]
        data = court_abi().encode("rule", first.dispute, first.said.ruling, first.opinion, voices)
        return self._send(signer, data)

    def collect(self, signer: Signer) -> Receipt:
        """Sends all fees paid so far to who gets them; the signer may be anybody."""
        return self._send(signer, court_abi().encode("collect"))

    def _checked(self, record: SignedRuling) -> SignedRuling:
        self._seat(record, self.panel(), record.agreement, self.connection.latest_time())
        return record

    def _seat(self, record: SignedRuling, panel: tuple[bytes, ...], agreement: bytes, now: int) -> int:
        place = Place(self.connection.chain_id, self.address, agreement)
        by_contract = bool(self.connection.code(record.judge))
        return check_ruling(record, place, panel, now=now, by_contract=by_contract)

    def _send(self, signer: Signer, data: bytes) -> Receipt:
        where = f"court {checksum(self.address)}"
        return transact(
            self.connection, signer, self.address, data, label=self.label, where=where, timeout=self.timeout
        )

    def _read(self, function: str, *values: object) -> Any:
        try:
            data = self.connection.call(self.address, court_abi().encode(function, *values))
        except RpcError as error:
            if error.data:
                raise explain_revert(error.data, label=self.label) from error
            data = b""
        try:
            (found,) = court_abi().decode(function, data)
        except NodeError as error:
            raise MismatchError(
                f"there is no court of pyledger's kind at {checksum(self.address)} on chain {self.connection.chain_id}",
                hint="other arbitrators (ERC-792) have ways of their own to rule",
            ) from error
        return found


def create_court(connection: Connection, signer: Signer, plan: CourtPlan) -> tuple[Court, Receipt | None]:
    """The court of a plan, created unless it is there: then there is no receipt.

    Refused if no court can be made so; DeploymentError if the chain has no deterministic deployer.
    """
    if not connection.code(plan.address):
        preflight(connection, signer.address, None, plan.code)  # the deployer would not say why it cannot be made
    return Court(connection, plan.address), create(connection, signer, plan.address, plan.code)
