"""Writes tables to S3 as Athena lays them out: a Parquet file for each partition and bucket."""

import datetime as dt
import re
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from console.aws.athena import types
from console.aws.athena.failure import QueryFailed

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""What stands in a partition's key for NULL."""
MAXIMUM_WRITERS = 100
_UNSAFE = re.compile(r'[\x00-\x1f"#%\'*/:=?\\{\[\]^\x7f]')
_KEYS = frozenset(("boolean", *types.INTEGERS, "varchar", "date"))
_CODECS = {"gzip": "gzip", "snappy": "snappy", "zstd": "zstd", "lz4": "lz4", "none": "none", "uncompressed": "none"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is spread: `keys` are the partition's, the last columns of the table."""

    location: str
    keys: list[str] = field(default_factory=list)
    compression: str = "gzip"
    bucketed_by: list[str] = field(default_factory=list)
    bucket_count: int = 0
    places: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Where the partitions are that there are already."""


@dataclass(frozen=True, slots=True)
class Written:
    """Addresses of the files, and of the partitions by the values of their keys."""

    files: list[str]
    partitions: dict[tuple[str, ...], str]


def codec(name: str) -> str:
    """Arrow's name of a compression that Athena gives Parquet.

    Raises
    ------
    QueryFailed
        There is no such one for Parquet.
    """
    found = _CODECS.get(name.lower())
    if found is None:
        raise QueryFailed(
            f"INVALID_TABLE_PROPERTY: compression {name.upper()}: expected for Parquet one of "
            f"{', '.join(sorted(map(str.upper, _CODECS)))}"
        )
    return found


def parts_of(table: pa.Table, kinds: Sequence[str], layout: Layout) -> dict[tuple[str, ...], str]:
    """The partitions that a table falls into, with their places.

    Parameters
    ----------
    kinds : Trino's types of its columns

    Raises
    ------
    QueryFailed
        There are too many, or a key is of a type that none can have.
    """
    first = table.num_columns - len(layout.keys)
    for name, kind in zip(layout.keys, kinds[first:], strict=True):
        if kind not in _KEYS and not types.decimal(kind):
            raise QueryFailed(f"NOT_SUPPORTED: Unsupported type [{kind}] for partition: {name}")
    found = {values: layout.places.get(values) or place(layout.location, layout.keys, values)
             for values, _ in _split(table, first)} if layout.keys else {}  # fmt: skip
    if len(found) * max(layout.bucket_count, 1) > MAXIMUM_WRITERS:
        raise QueryFailed(
            f"HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of {MAXIMUM_WRITERS} open writers for partitions/buckets"
        )
    return found


def place(location: str, keys: Sequence[str], values: Sequence[str]) -> str:
    """Where a partition lies that was given no place of its own."""
    path = "/".join(f"{key}={escaped(value)}" for key, value in zip(keys, values, strict=True))
    return f"{location.rstrip('/')}/{path}"


def write(s3: Any, table: pa.Table, kinds: Sequence[str], layout: Layout, query: str) -> Written:
    """Write a table; where that fails, what was written is taken away.

    Parameters
    ----------
    s3 : boto3 client
    kinds : Trino's types of its columns
    query : number of the query, which the files' names tell

    Raises
    ------
    QueryFailed
        There are too many partitions, or S3 refuses a file.
    """
    partitions = parts_of(table, kinds, layout)
    data_columns = list(range(table.num_columns - len(layout.keys)))
    run = f"{dt.datetime.now(dt.UTC):%Y%m%d_%H%M%S}_00001_{query.replace('-', '')[:5]}"
    written: list[str] = []
    try:
        for values, rows in _split(table, len(data_columns)):
            where = partitions[values] if layout.keys else layout.location
            for bucket, part in _buckets(rows, kinds, layout):
                name = f"{run}_{uuid.uuid4()}" if bucket is None else f"{run}_bucket-{bucket:05d}"
                address = f"{where.rstrip('/')}/{name}"
                _put(s3, part.select(data_columns), address, layout.compression)
                written.append(address)
    except BaseException:
        remove(s3, written)
        raise
    return Written(written, partitions)


def remove(s3: Any, addresses: Sequence[str]) -> None:
    """Delete objects by their s3:// addresses."""
    for address in addresses:
        bucket, key = split_address(address)
        s3.delete_object(Bucket=bucket, Key=key)


def split_address(address: str) -> tuple[str, str]:
    """Bucket and key of an s3:// address."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return bucket, key


def is_empty(s3: Any, location: str) -> bool:
    """Whether there is nothing below an s3:// location."""
    bucket, key = split_address(location)
    try:
        found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{key.rstrip('/')}/" if key else "", MaxKeys=1)
    except s3.exceptions.ClientError as error:
        raise QueryFailed(f"HIVE_FILESYSTEM_ERROR: {location} cannot be listed: {error}") from error
    return not found.get("Contents")


def _put(s3: Any, table: pa.Table, address: str, compression: str) -> None:
    bucket, key = split_address(address)
    with tempfile.TemporaryFile() as body:
        # Hive's times, which Athena writes too.
        pq.write_table(table, body, compression=compression, use_deprecated_int96_timestamps=True)
        body.seek(0)
        try:
            s3.upload_fileobj(body, bucket, key)
        except (s3.exceptions.ClientError, OSError) as error:
            raise QueryFailed(f"HIVE_WRITER_OPEN_ERROR: Error creating file {address}: {error}") from error


def _split(table: pa.Table, first: int) -> Iterator[tuple[tuple[str, ...], pa.Table]]:
    """The rows of each partition with the values of its keys, in the order in which they first appear."""
    if first == table.num_columns:
        if table.num_rows:
            yield (), table
        return
    rows: dict[tuple[str, ...], list[int]] = {}
    keys = [[_key_text(value) for value in table.column(n).to_pylist()] for n in range(first, table.num_columns)]
    for n, values in enumerate(zip(*keys, strict=True)):
        rows.setdefault(values, []).append(n)
    for values, chosen in rows.items():
        yield values, table.take(chosen)


def _key_text(value: Any) -> str:
    if value is None or value == "":
        return NO_VALUE
    return str(value).lower() if isinstance(value, bool) else str(value)


def escaped(value: str) -> str:
    """A partition's value as the name of its folder has it."""
    return _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", value)


def unescaped(value: str) -> str:
    """A partition's value as it stands in the catalog, from the name of its folder."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), value)


def _buckets(table: pa.Table, kinds: Sequence[str], layout: Layout) -> Iterator[tuple[int | None, pa.Table]]:
    if not layout.bucket_count:
        yield None, table
        return
    hashes = [0] * table.num_rows
    for name in layout.bucketed_by:
        position = table.column_names.index(name)
        one = _HASHES.get(kinds[position])
        if one is None:
            raise QueryFailed(f"NOT_SUPPORTED: Table is bucketed on an unsupported type: {kinds[position]}: {name}")
        for n, value in enumerate(table.column(position).to_pylist()):
            hashes[n] = (31 * hashes[n] + (0 if value is None else one(value))) & 0xFFFFFFFF
    rows: dict[int, list[int]] = {}
    for n, found in enumerate(hashes):
        rows.setdefault((found & 0x7FFFFFFF) % layout.bucket_count, []).append(n)
    for bucket in sorted(rows):
        yield bucket, table.take(rows[bucket])


def _hash_of_text(value: str) -> int:
    found = 0
    for byte in value.encode():
        found = (31 * found + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    return found


def _hash_of_long(value: int) -> int:
    bits = value & 0xFFFFFFFFFFFFFFFF
    return (bits >> 32) ^ (bits & 0xFFFFFFFF)


# Hive's first version of bucketing, which Trino reads by. Source: hashes of java.lang's own types, and of Hive's Text.
_HASHES: dict[str, Any] = {
    "boolean": int, "tinyint": int, "smallint": int, "integer": int, "bigint": _hash_of_long, "varchar": _hash_of_text,
    "date": lambda day: (day - dt.date(1970, 1, 1)).days,
}  # fmt: skip
