"""DuckDB as the engine: it needs no download and starts at once."""

import re
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from console.aws.athena import functions
from console.aws.athena import tree as t
from console.aws.athena.catalog import Catalog, Snapshot
from console.aws.athena.csv_files import CSV, dialect_of
from console.aws.athena.engine import Answer, Selection, fill_in
from console.aws.athena.failure import QueryFailed, ScanLimitExceeded
from console.aws.athena.files import CsvFile, Footers, ObjectFiles, no_rows, projection, surviving
from console.aws.athena.grammar import parse_literal, parse_query
from console.aws.athena.scopes import Scan
from console.aws.athena.translation import Translation, translate
from console.aws.athena.values import column, text

T = TypeVar("T")
_KINDS = {
    "Conversion Error": "INVALID_CAST_ARGUMENT",
    "Out of Range Error": "NUMERIC_VALUE_OUT_OF_RANGE",
}


class DuckEngine:
    """Answers what DuckDB is known to answer as Trino does, and refuses the rest.

    Parameters
    ----------
    glue, s3 : boto3 clients
    folder : keeps copies of objects
    """

    name = "duckdb"

    def __init__(self, glue: Any, s3: Any, folder: Path) -> None:
        self._glue = glue
        self._files = ObjectFiles(s3, folder)
        self._footers = Footers()
        # A database takes 30 ms of a processor to begin; the queries share one, each with a session of its own.
        self._database = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false", "threads": "2"})
        self._installed: set[str] = set()
        self._lock = threading.Lock()

    def answer(
        self, sql: str, database: str, parameters: Sequence[str] = (), scan_limit_bytes: int | None = None
    ) -> Answer:
        """Answer a query: see `Engine`."""

        def read(connection: duckdb.DuckDBPyConnection, translated: str) -> list[list[str | None]]:
            return [[text(value) for value in row] for row in connection.execute(translated).fetchall()]

        translation, rows, scanned = self._asked(sql, database, parameters, scan_limit_bytes, read)
        kinds = [each.kind or "" for each in translation.columns]
        columns = [column(each.name, kind) for each, kind in zip(translation.columns, kinds, strict=True)]
        return Answer(columns, kinds, rows, scanned)

    def select(
        self, sql: str, database: str, parameters: Sequence[str] = (), scan_limit_bytes: int | None = None
    ) -> Selection:
        """Answer a query with a table: see `Engine`."""

        def read(connection: duckdb.DuckDBPyConnection, translated: str) -> pa.Table:
            return connection.sql(translated).to_arrow_table()

        translation, table, scanned = self._asked(sql, database, parameters, scan_limit_bytes, read)
        kinds = [each.kind or "" for each in translation.columns]
        return Selection([each.name for each in translation.columns], kinds, table, scanned)

    def _asked(
        self,
        sql: str,
        database: str,
        parameters: Sequence[str],
        scan_limit_bytes: int | None,
        read: Callable[[duckdb.DuckDBPyConnection, str], T],
    ) -> tuple[Translation, T, int]:
        catalog = Snapshot(self._glue)
        translation = self._translated(sql, database, parameters, catalog)
        with self._connection(translation.sql) as connection:
            translated, scanned = self._bound(connection, translation, catalog)
            check_limit(scanned, scan_limit_bytes)
            try:
                return translation, read(connection, translated), scanned
            except duckdb.Error as error:
                raise QueryFailed(_in_athenas_words(str(error))) from error

    def scanned_bytes(self, sql: str, database: str, parameters: Sequence[str] = ()) -> int:
        """Bytes of the tables that a query reads: the columns that it names, in the partitions that it can see.

        Raises
        ------
        QueryFailed
            The query is not understood here.
        """
        catalog = Snapshot(self._glue)
        translation = self._translated(sql, database, parameters, catalog)
        with self._connection(translation.sql) as connection:
            return self._bound(connection, translation, catalog)[1]

    def _translated(self, sql: str, database: str, parameters: Sequence[str], catalog: Catalog) -> Translation:
        query = parse_query(sql)
        marks = sum(isinstance(node, t.Parameter) for node in query.walk())
        if marks != len(parameters):
            raise QueryFailed(
                f"INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected {marks} but found "
                f"{len(parameters)}"
            )
        fill_in(query, [_literal(each) for each in parameters])
        return translate(query, sql, database, catalog)

    def _connection(self, sql: str) -> duckdb.DuckDBPyConnection:
        with self._lock:
            # Of the database, for a function of Python ends with the session that made it.
            functions.install(self._database, sql, self._installed)
            session = self._database.cursor()
        session.execute("SET TimeZone='UTC'")
        return session

    def _bound(
        self, connection: duckdb.DuckDBPyConnection, translation: Translation, catalog: Catalog
    ) -> tuple[str, int]:
        """The query with the files that each scan reads, and their bytes."""
        sql, scanned = translation.sql, 0
        below = cache(self._files.below)  # all scans of a query see the same files
        for scan in translation.scans:
            files, parts = [], []
            for location, values, of_csv in self._places(connection, scan, catalog):
                held = below(location, of_csv)
                if held:
                    files += held
                    parts.append(projection(connection, self._footers, scan, held, values))
            scanned += self._footers.chunk_bytes(connection, files, scan.used)
            sql = sql.replace(scan.mark, " UNION ALL ".join(parts) or no_rows(scan))
        return sql, scanned

    def _places(
        self, connection: duckdb.DuckDBPyConnection, scan: Scan, catalog: Catalog
    ) -> list[tuple[str, list[str], CsvFile | None]]:
        """Where the files of a scan are: addresses, values of the partition's keys, and how to read CSV."""
        storage = scan.entry["StorageDescriptor"]
        of_csv = None
        serde = (storage.get("SerdeInfo") or {}).get("SerializationLibrary")
        if serde == CSV:
            of_csv = tuple(each["Name"].lower() for each in storage["Columns"]), dialect_of(scan.entry)
        elif "parquet" not in storage.get("InputFormat", "").lower():
            raise QueryFailed(
                f"HIVE_UNSUPPORTED_FORMAT: the embedded Athena reads Parquet, and CSV by {CSV}; table {scan.owner}."
                f"{scan.name} is declared as {storage.get('InputFormat') or 'nothing'} by {serde or 'nothing'}"
            )
        if not scan.entry.get("PartitionKeys"):
            return [(storage["Location"], [], of_csv)]
        registered = surviving(connection, scan, catalog.partitions(scan.owner, scan.name))
        return [(part["StorageDescriptor"]["Location"], part["Values"], of_csv) for part in registered]


def check_limit(scanned: int, limit: int | None) -> None:
    """Refuse a query that reads more than its workgroup allows.

    Raises
    ------
    ScanLimitExceeded
        It does.
    """
    if limit is not None and scanned > limit:
        raise ScanLimitExceeded(
            f"Query cancelled! : Bytes scanned limit was exceeded ({scanned:,} of {limit:,} bytes). "
            "Limit the years or name fewer columns."
        )


def _literal(text: str) -> t.Node:
    try:
        return parse_literal(text)
    except QueryFailed as error:
        raise QueryFailed(
            f"SYNTAX_ERROR: parameter {text!r} is no SQL literal; text needs quotes, as in '''open'''"
        ) from error


def _in_athenas_words(message: str) -> str:
    named = re.search(r"\b([A-Z]+(?:_[A-Z]+)+): (.+)", message)
    if named:
        return f"{named[1]}: {named[2]}"
    if "Division by zero" in message:
        return "DIVISION_BY_ZERO: Division by zero"
    if "More than one row returned by a subquery" in message:
        return "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows"
    if "out of range for the destination type" in message:
        return f"NUMERIC_VALUE_OUT_OF_RANGE: {message.partition(': ')[2]}"
    kind, _, rest = message.splitlines()[0].partition(": ")
    if kind in _KINDS:
        return f"{_KINDS[kind]}: {rest}"
    first = message.splitlines()[0]
    return f"NOT_SUPPORTED: DuckDB does not run this as Trino would ({first}). Trino itself: ted local up --sql trino"
