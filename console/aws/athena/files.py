"""Local copies of the Parquet files that a query reads."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import sqlglot

from console.aws.athena.failure import QueryFailed

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")


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

    def below(self, location: str) -> list[Path]:
        """Copies of the objects below an s3:// location, without hidden ones (`_name`, `.name`)."""
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        try:
            pages = list(self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))
        except self._s3.exceptions.NoSuchBucket as error:
            raise QueryFailed(f"HIVE_CANNOT_OPEN_SPLIT: The bucket of {location} does not exist") from error
        return [
            self._copy(bucket, listed["Key"], listed["ETag"])
            for page in pages
            for listed in page.get("Contents", [])
            if listed["Size"] and not any(part[:1] in "_." for part in listed["Key"][len(prefix) :].split("/"))
        ]

    def _copy(self, bucket: str, key: str, tag: str) -> Path:
        path = self._folder / f"{hashlib.sha256(f'{bucket}/{key}/{tag}'.encode()).hexdigest()}.parquet"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as part:
                self._s3.download_fileobj(bucket, key, part)
            Path(part.name).replace(path)
        return path


def duckdb_type(hive_type: str) -> str:
    """DuckDB's name of a type of the Glue catalog, as in `array<string>`."""
    return sqlglot.exp.DataType.build(hive_type, dialect="hive").sql(dialect="duckdb").replace("TEXT", "VARCHAR")


def projection(
    database: duckdb.DuckDBPyConnection, entry: dict[str, Any], files: Sequence[Path], values: Sequence[str]
) -> str:
    """SQL that reads the files of one partition as the catalog declares the table.

    Parameters
    ----------
    entry : of the table
    files : of the partition
    values : of the partition's keys

    Raises
    ------
    QueryFailed
        A file's column is not of the declared type.
    """
    source = f"read_parquet({[str(file) for file in files]}, union_by_name=true, hive_partitioning=false)"
    try:
        rows = database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
    except duckdb.Error as error:
        raise QueryFailed(f"HIVE_BAD_DATA: {entry['Name']}: not a Parquet file: {error}") from error
    held = {str(row[0]).lower(): (str(row[0]), str(row[1])) for row in rows}
    selected = []
    for declared in entry["StorageDescriptor"]["Columns"]:
        name, wanted = declared["Name"], duckdb_type(declared["Type"])
        if name.lower() not in held:
            selected.append(f"CAST(NULL AS {wanted}) AS {quoted(name)}")
            continue
        in_file, found = held[name.lower()]
        if not _compatible(found, wanted):
            raise QueryFailed(
                f"HIVE_BAD_DATA: Field {name}'s type {found} in parquet file is incompatible with type "
                f"{declared['Type']} defined in table schema of {entry['Name']}, partition {list(values)}"
            )
        selected.append(f"CAST({quoted(in_file)} AS {wanted}) AS {quoted(name)}")
    for key, value in zip(entry.get("PartitionKeys") or [], values, strict=True):
        literal = sqlglot.exp.Literal.string(value).sql()
        selected.append(f"CAST({literal} AS {duckdb_type(key['Type'])}) AS {quoted(key['Name'])}")
    return f"SELECT {', '.join(selected)} FROM {source}"  # noqa: S608


def no_rows(entry: dict[str, Any]) -> str:
    """SQL of the table without any rows."""
    columns = [*entry["StorageDescriptor"]["Columns"], *(entry.get("PartitionKeys") or [])]
    nulls = ", ".join(f"CAST(NULL AS {duckdb_type(column['Type'])}) AS {quoted(column['Name'])}" for column in columns)
    return f"SELECT {nulls} WHERE false"


def chunk_bytes(database: duckdb.DuckDBPyConnection, files: Sequence[Path], columns: set[str]) -> int:
    """Compressed bytes of the columns' chunks in the files: what a reader that skips other columns reads."""
    if not files or not columns:
        return 0
    row = database.execute(
        "SELECT sum(total_compressed_size) FROM parquet_metadata(?) "
        "WHERE list_contains(?, lower(trim(string_split(path_in_schema, ',')[1])))",
        [[str(file) for file in files], sorted(columns)],
    ).fetchone()
    return int((row and row[0]) or 0)


def quoted(name: str) -> str:
    """A name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def _compatible(found: str, wanted: str) -> bool:
    if found in _INTEGERS and wanted in ("TINYINT", "SMALLINT", "INT", *_INTEGERS):
        wanted = "INTEGER" if wanted == "INT" else wanted
        return _INTEGERS.index(found) <= _INTEGERS.index(wanted)
    return _family(found) == _family(wanted)


def _family(kind: str) -> str:
    if kind.endswith("[]"):
        return "list"
    return kind.split("(")[0].split("_")[0].split(" WITH")[0].replace("FLOAT", "DOUBLE").replace("REAL", "DOUBLE")
