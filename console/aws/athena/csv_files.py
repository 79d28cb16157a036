"""Reads CSV as Hive's OpenCSVSerde does: a row a line, every value text."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
"""The name by which the catalog knows such tables."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The signs of a table's files, and how many lines come before the rows."""

    separator: str = ","
    quote: str = '"'
    escape: str = "\\"
    header_lines: int = 0


def dialect_of(entry: dict[str, Any]) -> Dialect:
    """The dialect that the catalog says a table has.

    Source: Amazon Athena User Guide, "Open CSV SerDe for processing CSV".
    """
    given = (entry["StorageDescriptor"].get("SerdeInfo") or {}).get("Parameters") or {}
    return Dialect(
        given.get("separatorChar", ","),
        given.get("quoteChar", '"'),
        given.get("escapeChar", "\\"),
        int((entry.get("Parameters") or {}).get("skip.header.line.count", 0)),
    )


def read(body: bytes, columns: Sequence[str], dialect: Dialect) -> pa.Table:
    """Read a file: a line that has fewer values than there are columns has NULL for the others.

    Parameters
    ----------
    body : of the file; it may be packed by gzip
    """
    text = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode("utf-8", errors="replace")
    rows = [
        list(_values(line.removesuffix("\r"), dialect)) for line in text.split("\n")[dialect.header_lines :] if line
    ]
    return pa.table(
        [pa.array([row[n] if n < len(row) else None for row in rows], pa.string()) for n in range(len(columns))],
        names=list(columns),
    )


def _values(line: str, dialect: Dialect) -> Iterator[str]:
    escaped = {dialect.escape: (dialect.quote, dialect.escape), dialect.quote: (dialect.quote,)}
    value, is_quoted, n = "", False, 0
    while n < len(line):
        letter, following = line[n], line[n + 1 : n + 2]
        if is_quoted and following and following in escaped.get(letter, ()):
            value += following
            n += 1
        elif letter == dialect.quote:
            is_quoted = not is_quoted
        elif letter == dialect.separator and not is_quoted:
            yield value
            value = ""
        elif letter != dialect.escape:
            value += letter
        n += 1
    yield value
