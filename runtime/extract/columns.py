"""Rows of notices to Parquet files, a file per table, with memory bounded whatever the package's size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from runtime.extract.notice import Notice, Row, notice_order
from runtime.schema.arrow import ARROW_TYPES, arrow_schema
from runtime.schema.columns import Kind, Table
from runtime.schema.tables import KEY, NOTICE_TABLES, NOTICES

# Text that pyarrow turns into the column's type, a whole column at once.
_FROM_TEXT: tuple[Kind, ...] = ("date", "money", "number")
# A row group is written when this much waits; a day's table waits whole, so that its file is one sorted row group.
ROW_GROUP_BYTES = 48 * 1024 * 1024
_ORDER = pa.field("_order", pa.int64())

# What a value that does not fit its column raises.
MISFITS = (pa.ArrowException, ValueError, TypeError, OverflowError)


def to_tables(notices: Sequence[Notice]) -> dict[str, pa.Table]:
    """Turn notices into columns, a table per kind of row that they have.

    Parameters
    ----------
    notices : complete ones, whose row holds notice_id, publication_date and package_id; they are put in order

    Returns
    -------
    tables with a last column `_order`, rows by notice, then as the reader gave them

    Raises
    ------
    one of MISFITS
        A value does not fit its column; the notices are to be tried one by one.
    """
    ordered = sorted((notice_order(str(notice.row["notice_id"])), n) for n, notice in enumerate(notices))
    ranked = [(order, notices[n]) for order, n in ordered]
    tables: dict[str, pa.Table] = {}
    for table in NOTICE_TABLES:
        owners: list[tuple[int, Row]] = []
        rows: list[Row] = []
        for order, notice in ranked:
            children = [notice.row] if table is NOTICES else notice.children.get(table.name)
            if children:
                rows += children
                owners += [(order, notice.row)] * len(children)
        if rows:
            tables[table.name] = _to_table(table, rows, owners)
    return tables


def _to_table(table: Table, rows: list[Row], owners: list[tuple[int, Row]]) -> pa.Table:
    keys = len(KEY)
    said = set().union(*rows)  # of most rows most columns are NULL, and of many tables whole columns
    arrays = [_to_array([owner[column.name] for _, owner in owners], column.kind) for column in table.columns[:keys]]
    for column in table.columns[keys:]:
        if column.name in said:
            arrays.append(_to_array([row.get(column.name) for row in rows], column.kind))
        else:
            arrays.append(pa.nulls(len(rows), ARROW_TYPES[column.kind]))
    arrays.append(pa.array([order for order, _ in owners], _ORDER.type))
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table).append(_ORDER))


def _to_array(values: list[object], kind: Kind) -> pa.Array:
    kept = ARROW_TYPES[kind]
    if kind in _FROM_TEXT:
        return pa.array(values, pa.string()).cast(kept)
    return pa.array(values, kept)


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file of one table."""

    path: Path
    rows: int


class TableFiles:
    """Parquet files being written, one per table that has rows.

    The bytes depend on the rows alone: rows are sorted by notice within a row group, and nothing tells the time.

    Parameters
    ----------
    folder : an empty folder for the files
    row_group_bytes : how much of a table is gathered, and sorted, before it is written
    """

    def __init__(self, folder: Path, row_group_bytes: int = ROW_GROUP_BYTES) -> None:
        self._folder = folder
        self._row_group_bytes = row_group_bytes
        self._waiting: dict[str, list[pa.Table]] = {}
        self._bytes: dict[str, int] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._rows: dict[str, int] = {}

    def add(self, tables: dict[str, pa.Table]) -> None:
        """Take what `to_tables` made of some notices."""
        for name, rows in tables.items():
            self._waiting.setdefault(name, []).append(rows)
            self._bytes[name] = self._bytes.get(name, 0) + rows.nbytes
            if self._bytes[name] >= self._row_group_bytes:
                self._write(name)

    def close(self) -> dict[str, Written]:
        """Write what waits and finish the files."""
        for name in list(self._waiting):
            self._write(name)
        for writer in self._writers.values():
            writer.close()
        return {name: Written(self._path(name), rows) for name, rows in sorted(self._rows.items())}

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.parquet"

    def _write(self, name: str) -> None:
        rows = _sorted(self._waiting.pop(name))
        self._bytes[name] = 0
        if name not in self._writers:
            self._writers[name] = _writer(self._path(name), rows.schema)
        self._writers[name].write_table(rows, row_group_size=max(rows.num_rows, 1))
        self._rows[name] = self._rows.get(name, 0) + rows.num_rows


def _sorted(parts: Iterable[pa.Table]) -> pa.Table:
    """Join parts, rows by notice; the rows of one notice keep their order."""
    rows = pa.concat_tables(parts)
    order = rows[_ORDER.name].combine_chunks()
    if not pc.all(pc.greater_equal(order[1:], order[:-1])).as_py():
        rows = rows.take(pc.sort_indices(order))  # stable
    return rows.drop_columns([_ORDER.name])


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    # zstd makes of repeated values what dictionaries would save; without them, writing and merging take less time.
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=3, use_dictionary=False)
