"""The journal in the formats of others: beancount, hledger, CSV, JSON lines, Parquet.

Amounts are integers in the asset's smallest unit, assets and accounts go by their addresses: the books say what the
chain says, and names are added by whoever reads them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any, Final

from pyledger.errors import ToolError
from pyledger.ledger.journal import Line
from pyledger.ledger.reading import Posted
from pyledger.terms.structs import NATIVE

__all__ = ["TEXT_FORMATS", "beancount", "comma_separated", "hledger", "json_lines", "require_parquet", "write_parquet"]

_COLUMNS: Final = ("time", "block", "log", "transaction", "agreement", "words", "account", "asset", "amount")


def beancount(posted: Iterable[Posted]) -> Iterator[str]:
    """Lines that `bean-check` accepts: every account opened on the day of its first entry.

    Beancount sums with 28 digits: ten billion of a token with 18 decimals, and no more.
    """
    yield 'option "title" "pyledger"\n'
    opened: set[str] = set()
    for entry in posted:
        day = _day(entry.time)
        for line in entry.lines:
            account = _bean_account(line.account)
            if account not in opened:
                opened.add(account)
                yield f"{day} open {account}\n"
        yield f'\n{day} * "{entry.words}"\n'
        yield f'  block: {entry.block}\n  log: {entry.log}\n  transaction: "0x{entry.transaction.hex()}"\n'
        for line in entry.lines:
            yield f"  {_bean_account(line.account)}  {line.amount} {_commodity(line)}\n"


def hledger(posted: Iterable[Posted]) -> Iterator[str]:
    """A journal that hledger reads."""
    for entry in posted:
        yield f"{_day(entry.time)} {entry.words}  ; block:{entry.block}, log:{entry.log}\n"
        for line in entry.lines:
            yield f'    {line.account}  {line.amount} "{_commodity(line)}"\n'
        yield "\n"


def comma_separated(posted: Iterable[Posted]) -> Iterator[str]:
    """One line for each posting, after a line of headings."""
    yield ",".join(_COLUMNS) + "\r\n"
    for row in _rows(posted):
        cell = StringIO()
        csv.writer(cell).writerow([row[name] for name in _COLUMNS])
        yield cell.getvalue()


def json_lines(posted: Iterable[Posted]) -> Iterator[str]:
    """One JSON object for each entry; amounts are text, as they fit no number of JSON."""
    for entry in posted:
        lines = [{"account": line.account, "asset": _asset(line), "amount": str(line.amount)} for line in entry.lines]
        yield json.dumps({**_head(entry), "lines": lines}) + "\n"


def require_parquet() -> None:
    """See that Parquet can be written here. Raises ToolError without pyarrow (extra `parquet`)."""
    if find_spec("pyarrow") is None:
        raise ToolError(
            "Parquet needs pyarrow, which is not installed", hint="install it: pip install 'pyledger[parquet]'"
        )


def write_parquet(posted: Iterable[Posted], file: Path) -> int:
    """One row for each posting, amounts as text; how many. Raises ToolError without pyarrow (extra `parquet`)."""
    require_parquet()
    import pyarrow as pa
    from pyarrow import parquet

    whole = frozenset({"time", "block", "log"})
    fields = [(name, pa.int64() if name in whole else pa.string()) for name in _COLUMNS]
    table = pa.Table.from_pylist(list(_rows(posted)), schema=pa.schema(fields))
    parquet.write_table(table, file)
    return int(table.num_rows)


def _rows(posted: Iterable[Posted]) -> Iterator[dict[str, Any]]:
    for entry in posted:
        for line in entry.lines:
            yield {**_head(entry), "account": line.account, "asset": _asset(line), "amount": str(line.amount)}


def _head(entry: Posted) -> dict[str, Any]:
    return {
        "time": entry.time,
        "block": entry.block,
        "log": entry.log,
        "transaction": "0x" + entry.transaction.hex(),
        "agreement": "0x" + entry.agreement.hex(),
        "words": entry.words,
    }


def _asset(line: Line) -> str:
    return "native" if line.asset == NATIVE else "0x" + line.asset.hex()


def _commodity(line: Line) -> str:
    """A name of a commodity that every format reads: letters and digits, a letter first."""
    return "NATIVE" if line.asset == NATIVE else f"T{line.asset.hex().upper()[:22]}"


def _bean_account(account: str) -> str:
    """`0xab…:bond:1` as `Assets:XAB…:Bond:N1`, `outside:0xab…` as `Equity:Outside:XAB…`."""
    parts = [_bean_part(part) for part in account.split(":")]
    return ":".join(["Equity" if parts[0] == "Outside" else "Assets", *parts])


def _bean_part(part: str) -> str:
    if part.startswith("0x"):
        return "X" + part[2:].upper()
    return f"N{part}" if part.isdigit() else part.capitalize()


def _day(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, tz=UTC):%Y-%m-%d}"


TEXT_FORMATS: Final[Mapping[str, Callable[[Iterable[Posted]], Iterator[str]]]] = {
    "beancount": beancount,
    "hledger": hledger,
    "csv": comma_separated,
    "jsonl": json_lines,
}
"""Those that are text, by the name that the command line has for them."""
