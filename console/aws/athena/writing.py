"""CREATE TABLE AS, INSERT and UNLOAD: the engine answers the query, and what it answers is written here.

So both engines write the same files and entries of the catalog. The query is answered whole before anything is written,
and what is written is taken away where a later step fails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from console.aws.athena import arrow, parquet, types
from console.aws.athena import statements as st
from console.aws.athena.catalog import CATALOG, Catalog, is_view
from console.aws.athena.csv_files import CSV
from console.aws.athena.definitions import no_iceberg, storage
from console.aws.athena.engine import Engine, Selection
from console.aws.athena.failure import QueryFailed
from console.aws.athena.own import refuse_entry, refuse_location

# Source: Amazon Athena User Guide, "CREATE TABLE AS", CTAS table properties; "UNLOAD", synopsis.
_OF_TABLES: Mapping[str, type] = {
    "table_type": str, "is_external": bool, "external_location": str, "format": str, "write_compression": str,
    "parquet_compression": str, "compression_level": int, "partitioned_by": list, "bucketed_by": list,
    "bucket_count": int, "field_delimiter": str, "orc_compression": str,
}  # fmt: skip
_OF_ICEBERG = ("location", "partitioning", "vacuum_min_snapshots_to_keep", "vacuum_max_snapshot_age_seconds",
               "optimize_rewrite_data_file_threshold", "optimize_rewrite_delete_file_threshold")  # fmt: skip
_OF_UNLOAD: Mapping[str, type] = {
    "format": str, "compression": str, "compression_level": int, "partitioned_by": list, "field_delimiter": str,
}  # fmt: skip
_IN_TRINO = {str: "varchar", bool: "boolean", int: "integer", list: "array(varchar)"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a query's results go: the s3:// address of its workgroup or client, and the query's number."""

    location: str
    query: str

    @property
    def table(self) -> str:
        """Where a table lies that was given no place of its own."""
        return f"{self.location.rstrip('/')}/tables/{self.query}"

    def manifest(self, is_table: bool) -> str:
        """Where the list of the files that the query wrote lies."""
        whole = self.table if is_table else f"{self.location.rstrip('/')}/{self.query}"
        return f"{whole}-manifest.csv"


@dataclass(frozen=True, slots=True)
class Asked:
    """What comes with a statement."""

    database: str
    parameters: Sequence[str]
    scan_limit_bytes: int | None
    place: Place


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many rows were written, where the list of their files lies, and how many bytes were read for them."""

    rows: int
    manifest: str | None
    scanned_bytes: int


class Writing:
    """Writes what queries give.

    Parameters
    ----------
    catalog : gets the tables and partitions
    engine : answers the queries
    s3 : boto3 client
    """

    def __init__(self, catalog: Catalog, engine: Engine, s3: Any) -> None:
        self._catalog = catalog
        self._engine = engine
        self._s3 = s3

    def create_table(self, made: st.CreateTableAs, asked: Asked) -> Outcome:
        """CREATE TABLE AS.

        Raises
        ------
        QueryFailed
            The query is wrong, a property is, the name is taken, or the place is not empty.
        """
        layout = _layout(made, made.properties.get("external_location") or f"{asked.place.table}/")
        self._check_target(made.name)
        refuse_location(layout.location, "write to")
        if self._catalog.table(made.name.database, made.name.table):
            if made.if_not_exists:
                return Outcome(0, None, 0)
            raise QueryFailed(
                f"TABLE_ALREADY_EXISTS: line 1:1: Destination table '{CATALOG}.{made.name}' already exists"
            )
        selected = self._selected(made.query if made.has_data else without_rows(made.query), asked)
        _check_keys(selected.names, layout.keys)
        _check_buckets(selected.names, layout)
        self._need_empty(layout.location, str(made.name))
        data = len(selected.names) - len(layout.keys)
        columns = [{"Name": name, "Type": types.to_hive(kind)}
                   for name, kind in zip(selected.names, selected.kinds, strict=True)]  # fmt: skip
        compression = made.properties.get("write_compression") or made.properties.get("parquet_compression") or "GZIP"
        entry = {
            "Name": made.name.table,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {
                "EXTERNAL": "TRUE", "has_encrypted_data": "false", "parquet.compression": str(compression).upper(),
                **({"comment": made.comment} if made.comment else {}),
            },
            "PartitionKeys": columns[data:],
            "StorageDescriptor": storage(
                columns[:data], layout.location, bucketed_by=layout.bucketed_by, bucket_count=layout.bucket_count
            ),
        }  # fmt: skip

        def keep(written: parquet.Written) -> None:
            self._catalog.create(made.name.database, entry)
            at = {**entry, "DatabaseName": made.name.database}
            try:
                self._catalog.add_partitions(at, written.partitions)
            except BaseException:
                self._catalog.drop(at)
                raise

        return self._written(selected, layout, asked, keep, is_table=True)

    def insert(self, inserted: st.Insert, asked: Asked) -> Outcome:
        """INSERT INTO.

        Raises
        ------
        QueryFailed
            The query is wrong or does not fit the table, or the table is none that can be written.
        """
        name = inserted.name
        self._check_target(name)
        entry = self._catalog.table(name.database, name.table)
        if entry is None:
            raise QueryFailed(f"TABLE_NOT_FOUND: line 1:1: Table '{CATALOG}.{name}' does not exist")
        refuse_entry(self._catalog, entry, "insert into")
        _check_writable(name, entry)
        held = entry["StorageDescriptor"]
        keys = entry.get("PartitionKeys") or []
        columns = {each["Name"].lower(): each["Type"] for each in (*held["Columns"], *keys)}
        selected = _fitted(self._selected(inserted.query, asked, needs_names=False), columns, inserted.columns)
        there = self._catalog.partitions(name.database, name.table) if keys else []
        layout = parquet.Layout(
            held["Location"],
            [each["Name"].lower() for each in keys],
            parquet.codec((entry.get("Parameters") or {}).get("parquet.compression", "gzip")),
            places={tuple(each["Values"]): each["StorageDescriptor"]["Location"] for each in there},
        )

        def keep(written: parquet.Written) -> None:
            new = {values: place for values, place in written.partitions.items() if values not in layout.places}
            self._catalog.add_partitions(entry, new)

        return self._written(selected, layout, asked, keep, is_table=False)

    def unload(self, unloaded: st.Unload, asked: Asked) -> Outcome:
        """UNLOAD.

        Raises
        ------
        QueryFailed
            The query is wrong, a property is, or the place is not empty.
        """
        properties = unloaded.properties
        unknown = sorted(set(properties) - set(_OF_UNLOAD))
        if unknown:
            raise QueryFailed(f"INVALID_UNLOAD_PROPERTY: line 1:1: UNLOAD property '{unknown[0]}' does not exist")
        _check_types("INVALID_UNLOAD_PROPERTY: line 1:1: Invalid value for UNLOAD property", properties, _OF_UNLOAD)
        _need_parquet("UNLOAD", properties.get("format", ""))
        _need_address(unloaded.location)
        refuse_location(unloaded.location, "write to")
        selected = self._selected(unloaded.query, asked)
        keys = [key.lower() for key in properties.get("partitioned_by", [])]
        _check_keys(selected.names, keys)
        self._need_empty(unloaded.location, "UNLOAD")
        layout = parquet.Layout(unloaded.location, keys, parquet.codec(properties.get("compression", "gzip")))
        return self._written(selected, layout, asked, lambda _: None, is_table=False)

    def _check_target(self, name: st.Name) -> None:
        if name.database not in self._catalog.databases():
            raise QueryFailed(f"SCHEMA_NOT_FOUND: line 1:1: Schema '{name.database}' does not exist")

    def _need_empty(self, location: str, table: str) -> None:
        if not parquet.is_empty(self._s3, location):
            raise QueryFailed(
                f"HIVE_PATH_ALREADY_EXISTS: Target directory for table '{table}' already exists: {location}. You may "
                "need to manually clean the data at this location before retrying. Athena will not delete data in your "
                "account"
            )

    def _selected(self, query: str, asked: Asked, needs_names: bool = True) -> Selection:
        selected = self._engine.select(query, asked.database, asked.parameters, asked.scan_limit_bytes)
        if needs_names:
            check_columns(selected.names, selected.kinds)
            for kind in selected.kinds:
                arrow.of(kind)
        return selected

    def _written(self, selected: Selection, layout: parquet.Layout, asked: Asked, keep: Any, is_table: bool) -> Outcome:
        """Write files, keep them in the catalog, and list them."""
        arrays = [
            arrow.column(values, arrow.of(kind))
            for values, kind in zip(selected.table.columns, selected.kinds, strict=True)
        ]
        table = pa.table(arrays, names=selected.names)
        for place in parquet.parts_of(table, selected.kinds, layout).values():
            refuse_location(place, "write to")
        written = parquet.write(self._s3, table, selected.kinds, layout, asked.place.query)
        manifest = asked.place.manifest(is_table)
        try:
            keep(written)
            bucket, key = parquet.split_address(manifest)
            self._s3.put_object(Bucket=bucket, Key=key, Body="".join(f"{each}\n" for each in written.files).encode())
        except BaseException:
            parquet.remove(self._s3, written.files)
            raise
        return Outcome(table.num_rows, manifest, selected.scanned_bytes)


def without_rows(query: str) -> str:
    """A query that gives the columns of another and no row of it.

    Its beginning takes the place of blanks, where there are any, so that the places in errors stay what they are.
    """
    head = "SELECT * FROM ("
    is_blank = query.startswith(" " * len(head))
    return f"{head}{query[len(head) :] if is_blank else query}\n) LIMIT 0"


def check_columns(names: Sequence[str], kinds: Sequence[str]) -> None:
    """Refuse what cannot be the columns of a table or view.

    Raises
    ------
    QueryFailed
        One has no name, two have the same, or a type is not known.
    """
    for n, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        if name == f"_col{n}":
            raise QueryFailed(f"MISSING_COLUMN_NAME: line 1:1: Column name not specified at position {n + 1}")
        if name in names[:n]:
            raise QueryFailed(f"DUPLICATE_COLUMN_NAME: line 1:1: Column name '{name}' specified more than once")
        if kind == "unknown":
            raise QueryFailed(f"COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown at position {n + 1}")


def _layout(made: st.CreateTableAs, location: str) -> parquet.Layout:
    properties = made.properties
    if str(properties.get("table_type", "hive")).lower() == "iceberg":
        raise QueryFailed(no_iceberg(f"CREATE TABLE {made.name}"))
    unknown = sorted(set(properties) - set(_OF_TABLES))
    if unknown:
        hint = " for tables of Hive's form" if unknown[0] in _OF_ICEBERG else ""
        raise QueryFailed(
            f"INVALID_TABLE_PROPERTY: line 1:1: Catalog '{CATALOG}' table property '{unknown[0]}' does not exist{hint}"
        )
    told = f"INVALID_TABLE_PROPERTY: line 1:1: Invalid value for catalog '{CATALOG}' table property"
    _check_types(told, properties, _OF_TABLES)
    _need_parquet(f"CREATE TABLE {made.name}", properties.get("format", "PARQUET"))
    if properties.get("is_external", True) is not True:
        raise QueryFailed("INVALID_TABLE_PROPERTY: line 1:1: is_external: expected true for a table of Hive's form")
    for only in ("field_delimiter", "orc_compression"):
        if only in properties:
            raise QueryFailed(f"INVALID_TABLE_PROPERTY: line 1:1: {only} is not for the format PARQUET")
    _need_address(location)
    buckets = properties.get("bucketed_by", []), properties.get("bucket_count", 0)
    if buckets[1] < 0:
        raise QueryFailed("INVALID_TABLE_PROPERTY: line 1:1: bucket_count must be greater than zero")
    if bool(buckets[0]) != bool(buckets[1]):
        raise QueryFailed("INVALID_TABLE_PROPERTY: line 1:1: bucketed_by and bucket_count go together")
    compression = properties.get("write_compression") or properties.get("parquet_compression") or "gzip"
    return parquet.Layout(
        location,
        [key.lower() for key in properties.get("partitioned_by", [])],
        parquet.codec(compression),
        [each.lower() for each in buckets[0]],
        buckets[1],
    )


def _check_types(refused: str, properties: Mapping[str, Any], known: Mapping[str, type]) -> None:
    for name, value in properties.items():
        items = value if isinstance(value, list) else []
        # A truth value is a number to Python.
        if type(value) is not known[name] or not all(isinstance(each, str) for each in items):
            raise QueryFailed(f"{refused} '{name}': Cannot convert [{value}] to {_IN_TRINO[known[name]]}")


def _need_parquet(what: str, wanted: str) -> None:
    if wanted.lower() != "parquet":
        got = f"got {wanted.upper()}" if wanted else "got no format"
        raise QueryFailed(
            f"NOT_SUPPORTED: {what}: the embedded Athena writes format = 'PARQUET'; {got}. Run this statement in a "
            "real AWS account."
        )


def _need_address(location: str) -> None:
    if not location.startswith("s3://") or not parquet.split_address(location)[0]:
        raise QueryFailed(
            f"INVALID_TABLE_PROPERTY: line 1:1: expected an address as in s3://bucket/folder/, got {location}"
        )


def _check_keys(names: Sequence[str], keys: Sequence[str]) -> None:
    missing = [key for key in keys if key not in names]
    if missing:
        raise QueryFailed(
            f"INVALID_TABLE_PROPERTY: line 1:1: Partition columns {missing} not present in schema ({', '.join(names)})"
        )
    if keys and len(keys) == len(names):
        raise QueryFailed("INVALID_TABLE_PROPERTY: line 1:1: Table contains only partition columns")
    if list(names[len(names) - len(keys) :]) != list(keys):
        raise QueryFailed(
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the same order as "
            f"the table properties: [{', '.join(keys)}]"
        )


def _check_buckets(names: Sequence[str], layout: parquet.Layout) -> None:
    missing = [each for each in layout.bucketed_by if each not in names or each in layout.keys]
    if missing:
        raise QueryFailed(
            f"INVALID_TABLE_PROPERTY: line 1:1: Bucketing columns {missing} not present in schema "
            f"({', '.join(names[: len(names) - len(layout.keys)])})"
        )


def _check_writable(name: st.Name, entry: dict[str, Any]) -> None:
    if is_view(entry):
        raise QueryFailed("NOT_SUPPORTED: line 1:1: Inserting into views is not supported")
    held = entry["StorageDescriptor"]
    if "parquet" not in held.get("InputFormat", "").lower():
        form = "CSV" if (held.get("SerdeInfo") or {}).get("SerializationLibrary") == CSV else held.get("InputFormat")
        raise QueryFailed(
            f"NOT_SUPPORTED: line 1:1: INSERT INTO {name}: expected a table of Parquet, got one of {form}"
        )
    if (held.get("NumberOfBuckets") or 0) > 0 and held.get("BucketColumns"):
        raise QueryFailed(f"NOT_SUPPORTED: line 1:1: INSERT INTO {name}: Athena does not insert into bucketed tables")


def _fitted(selected: Selection, columns: dict[str, str], named: list[str] | None) -> Selection:
    """What a query gives as the rows of a table: its columns in their order and types, NULL where nothing is said.

    Parameters
    ----------
    columns : of the table, names and types in the catalog
    named : those that the query gives; None is all
    """
    wanted = list(columns) if named is None else named
    for n, name in enumerate(wanted):
        if name not in columns:
            raise QueryFailed(f"COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: {name}")
        if name in wanted[:n]:
            raise QueryFailed(
                f"DUPLICATE_COLUMN_NAME: line 1:1: Insert column name is specified more than once: {name}"
            )
    targets = [types.of_hive(columns[name]) for name in wanted]
    fits = len(wanted) == len(selected.kinds) and all(
        types.can_become(kind, target) if target else types.to_hive(kind) == columns[name].replace(" ", "")
        for kind, target, name in zip(selected.kinds, targets, wanted, strict=True)
    )
    if not fits:
        shown = ", ".join(target or columns[name] for target, name in zip(targets, wanted, strict=True))
        raise QueryFailed(
            f"TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [{shown}], Query: "
            f"[{', '.join(selected.kinds)}]"
        )
    given = {
        name: (target or kind, values)
        for name, target, kind, values in zip(wanted, targets, selected.kinds, selected.table.columns, strict=True)
    }
    kinds, arrays = [], []
    for name, hive in columns.items():
        kind, values = given.get(name) or (types.of_hive(hive) or "boolean", None)
        nothing = pa.chunked_array([pa.nulls(selected.table.num_rows, arrow.of(kind))])
        kinds.append(kind)
        arrays.append(nothing if values is None else arrow.column(values, arrow.of(kind)))
    return Selection(list(columns), kinds, pa.table(arrays, names=list(columns)), selected.scanned_bytes)
