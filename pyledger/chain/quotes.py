"""What a transaction costs where it is sent: gas with a margin, fees with room to rise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self

from pyledger.chain.connect import Connection, RpcError

__all__ = ["MARKET", "Market", "most"]

_GAS_MARGIN: Final = 4  # a quarter more than estimated: by the time of the block the state may have moved on
_GAS_CAP: Final = 1 << 24  # most gas that one transaction may use (EIP-7825)
_FALLBACK_TIP: Final = 10**9

MARKET: Final = (("eth_getBlockByNumber", ("latest", False)), ("eth_maxPriorityFeePerGas", ()))
"""What is asked for together to know the market: `Market.read` takes the two answers."""


class Market(NamedTuple):
    """The chain, the most gas that fits in one transaction, and the fees of the moment in wei."""

    chain_id: int
    gas_limit: int
    fees: Mapping[str, int]

    @classmethod
    def read(cls, connection: Connection, block: object, tip: object) -> Self:
        """EIP-1559 fees with room for the base fee to double; the old gas price on chains before it."""
        if isinstance(block, RpcError):
            raise block
        latest = connection.as_block("latest", block)
        if latest.base_fee is None:
            fees = {"gasPrice": connection.as_number("eth_gasPrice", connection.request("eth_gasPrice"))}
        else:
            asked = (
                _FALLBACK_TIP if isinstance(tip, RpcError) else connection.as_number("eth_maxPriorityFeePerGas", tip)
            )
            fees = {"maxFeePerGas": 2 * latest.base_fee + asked, "maxPriorityFeePerGas": asked}
        return cls(connection.chain_id, latest.gas_limit, fees)

    def gas(self, needed: int) -> int:
        """The gas to give for what is estimated to need so much."""
        return min(needed + needed // _GAS_MARGIN, max(needed, _GAS_CAP), self.gas_limit)

    def transaction(self, to: bytes | None, data: bytes, *, value: int, nonce: int, gas: int) -> dict[str, Any]:
        """A transaction to be signed; `value` in wei, `to` None to create a contract."""
        made = {"chainId": self.chain_id, "nonce": nonce, "gas": gas, "value": value, "data": data, **self.fees}
        return made if to is None else {**made, "to": to}


def most(transaction: Mapping[str, Any]) -> int:
    """The most that a transaction can take from its sender, in wei."""
    price = transaction.get("maxFeePerGas", transaction.get("gasPrice", 0))
    return int(transaction["gas"] * price + transaction["value"])
