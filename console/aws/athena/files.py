"""Local copies, in Parquet, of the files that a query reads."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from console.aws.athena import csv_files, types
from console.aws.athena.failure import QueryFailed
from console.aws.athena.parquet import NO_VALUE
from console.aws.athena.scopes import Scan, text_literal

CsvFile = tuple[tuple[str, ...], csv_files.Dialect]
"""Names of the columns of a CSV file, and its dialect."""
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_INTEGER = r"[+-]?\d+"
_FORMS = {"date": r"\d{4}-\d\d-\d\d", "boolean": "(?i:true|false)"}
"""How the values of partitions are written that are not of any form."""


class ObjectFiles:
    """Copies objects into a folder, each version once: the catalog's files never change in place.

    Parameters
    ----------
    s3 : boto3 client
    folder : keeps the copies
    """

    def __init__(self, s3: Any, folder: Path) -> None:
        self._s3 = s3
        self._folder = folder

    def below(self, location: str, of_csv: CsvFile | None = None) -> list[Path]:
        """Copies of the objects below an s3:// location, without hidden ones (`_name`, `.name`).

        Parameters
        ----------
        of_csv : how to read them where they are CSV; their copies are Parquet then
        """
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        try:
            pages = list(self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))
        except self._s3.exceptions.NoSuchBucket as error:
            raise QueryFailed(f"HIVE_CANNOT_OPEN_SPLIT: The bucket of {location} does not exist") from error
        return [
            self._copy(bucket, listed["Key"], listed["ETag"], of_csv)
            for page in pages
            for listed in page.get("Contents", [])
            if listed["Size"] and not any(part[:1] in "_." for part in listed["Key"][len(prefix) :].split("/"))
        ]

    def _copy(self, bucket: str, key: str, tag: str, of_csv: CsvFile | None) -> Path:
        named = f"{bucket}/{key}/{tag}/{of_csv or ''}"
        path = self._folder / f"{hashlib.sha256(named.encode()).hexdigest()}.parquet"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as part:
                if of_csv:
                    body = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                    pq.write_table(csv_files.read(body, *of_csv), part)
                else:
                    self._s3.download_fileobj(bucket, key, part)
            Path(part.name).replace(path)
        return path


class Footers:
    """What files say of their columns, read once for each file, since copies of objects never change."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[Path, ...], dict[str, tuple[str, str]]] = {}
        self._bytes: dict[Path, dict[str, int]] = {}

    def kinds(self, connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> dict[str, tuple[str, str]]:
        """The columns of files that are read together, by their small names: name and type in DuckDB."""
        key = tuple(files)
        if key not in self._kinds:
            rows = connection.execute(f"DESCRIBE SELECT * FROM {_source(files)}").fetchall()  # noqa: S608
            self._kinds[key] = {str(row[0]).lower(): (str(row[0]), str(row[1])) for row in rows}
        return self._kinds[key]

    def chunk_bytes(self, connection: duckdb.DuckDBPyConnection, files: Sequence[Path], columns: set[str]) -> int:
        """Compressed bytes of the columns' chunks in the files: what a reader that skips other columns reads."""
        unread = [str(file) for file in files if file not in self._bytes]
        if unread and columns:
            rows = connection.execute(
                "SELECT file_name, lower(trim(string_split(path_in_schema, ',')[1])), "
                "sum(total_compressed_size)::BIGINT FROM parquet_metadata(?) GROUP BY ALL",
                [unread],
            ).fetchall()
            read: dict[Path, dict[str, int]] = {Path(file): {} for file in unread}
            for file, column, size in rows:
                read[Path(file)][column] = size
            self._bytes |= read
        return sum(size for file in files for column, size in self._bytes.get(file, {}).items() if column in columns)


def _source(files: Sequence[Path]) -> str:
    return f"read_parquet({[str(file) for file in files]}, union_by_name=true, hive_partitioning=false)"


def projection(
    connection: duckdb.DuckDBPyConnection, footers: Footers, scan: Scan, files: Sequence[Path], values: Sequence[str]
) -> str:
    """SQL that reads the files of one partition as the catalog declares the table: the columns that are asked for.

    Parameters
    ----------
    files : of the partition
    values : of the partition's keys

    Raises
    ------
    QueryFailed
        A file's column is not of the declared type.
    """
    try:
        held = footers.kinds(connection, files)
    except duckdb.Error as error:
        raise QueryFailed(f"HIVE_BAD_DATA: {scan.entry['Name']}: not a Parquet file: {error}") from error
    selected = []
    for name, kind, declared in _used(scan, scan.entry["StorageDescriptor"]["Columns"]):
        wanted = types.duckdb(kind)
        if name not in held:
            selected.append(f"CAST(NULL AS {wanted}) AS {scan.keys[name]}")
            continue
        in_file, found = held[name]
        if not _compatible(found, wanted):
            raise QueryFailed(
                f"HIVE_BAD_DATA: Field {name}'s type {found} in parquet file is incompatible with type "
                f"{declared} defined in table schema of {scan.entry['Name']}, partition {list(values)}"
            )
        selected.append(f"CAST({quoted(in_file)} AS {wanted}) AS {scan.keys[name]}")
    keys = scan.entry.get("PartitionKeys") or []
    given = {key["Name"].lower(): value for key, value in zip(keys, values, strict=True)}
    for name, _, _ in _used(scan, keys):
        selected.append(f"{_key(scan, name, given[name])} AS {scan.keys[name]}")
    return f"SELECT {', '.join(selected) or 'NULL AS nothing'} FROM {_source(files)}"  # noqa: S608


def no_rows(scan: Scan) -> str:
    """SQL of the scan without any rows."""
    nulls = [f"CAST(NULL AS {types.duckdb(scan.kinds[name])}) AS {scan.keys[name]}" for name in sorted(scan.used)]
    return f"SELECT {', '.join(nulls) or 'NULL AS nothing'} WHERE false"


def surviving(
    connection: duckdb.DuckDBPyConnection, scan: Scan, partitions: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Keep the partitions whose keys meet the scan's conditions."""
    if not scan.conditions:
        return list(partitions)
    return [partition for partition in partitions if _holds(connection, scan, partition["Values"])]


def _holds(connection: duckdb.DuckDBPyConnection, scan: Scan, values: Sequence[str]) -> bool:
    keys = [key["Name"].lower() for key in scan.entry.get("PartitionKeys") or []]
    given = dict(zip(keys, values, strict=True))
    for condition, columns in scan.conditions:
        listed = ", ".join(f"{_key(scan, name, given[name])} AS {key}" for key, name in columns.items())
        try:
            (row,) = connection.execute(f"SELECT {condition} FROM (SELECT {listed})").fetchall()  # noqa: S608
        except duckdb.Error:
            continue  # the query itself will tell what is wrong with the condition
        if not row[0]:
            return False
    return True


def _key(scan: Scan, name: str, value: str) -> str:
    """SQL of a partition's value."""
    kind = scan.kinds[name]
    form = _FORMS.get(kind, _INTEGER if kind.upper() in _INTEGERS else "")
    if form and value != NO_VALUE and not re.fullmatch(form, value):
        raise QueryFailed(
            f"HIVE_INVALID_PARTITION_VALUE: Invalid partition value '{value}' for {kind.upper()} partition key: {name}"
        )
    return f"CAST({text_literal(None if value == NO_VALUE else value)} AS {types.duckdb(kind)})"


def _used(scan: Scan, described: Sequence[dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Name, type in Trino and type in the catalog of the columns that the query asks for."""
    for each in described:
        name = each["Name"].lower()
        if name in scan.used:
            yield name, scan.kinds[name], each["Type"]


def quoted(name: str) -> str:
    """A name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def _compatible(found: str, wanted: str) -> bool:
    if found in _INTEGERS and wanted in _INTEGERS:
        return _INTEGERS.index(found) <= _INTEGERS.index(wanted)
    return _family(found) == _family(wanted)


def _family(kind: str) -> str:
    if kind.endswith("[]"):
        return "list"
    return kind.split("(")[0].split("_")[0].split(" WITH")[0].replace("FLOAT", "DOUBLE").replace("REAL", "DOUBLE")
