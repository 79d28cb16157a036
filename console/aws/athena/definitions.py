"""CREATE EXTERNAL TABLE, DROP, ALTER and MSCK: statements that change the catalog and no file."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from console.aws.athena import parquet, types
from console.aws.athena import statements as st
from console.aws.athena.catalog import Catalog, is_view
from console.aws.athena.csv_files import CSV
from console.aws.athena.failure import QueryFailed
from console.aws.athena.own import refuse_entry, refuse_location

_FAILED = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask."
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet."
_PARQUET_SERDE = f"{_PARQUET}serde.ParquetHiveSerDe"
_PARQUET_INPUT = f"{_PARQUET}MapredParquetInputFormat"
_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_OUTPUTS = {
    _PARQUET_INPUT: f"{_PARQUET}MapredParquetOutputFormat",
    _TEXT_INPUT: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
}


def storage(
    columns: list[st.Column],
    location: str,
    serde: str = _PARQUET_SERDE,
    serde_properties: dict[str, str] | None = None,
    bucketed_by: Sequence[str] = (),
    bucket_count: int = 0,
) -> dict[str, Any]:
    """A storage descriptor of the catalog: Parquet, or CSV where that is the serde."""
    read_by = _TEXT_INPUT if serde == CSV else _PARQUET_INPUT
    return {
        "Columns": columns,
        "Location": location,
        "InputFormat": read_by,
        "OutputFormat": _OUTPUTS[read_by],
        "Compressed": False,
        "NumberOfBuckets": bucket_count,
        "SerdeInfo": {
            "SerializationLibrary": serde,
            "Parameters": serde_properties or {"serialization.format": "1"},
        },
        "BucketColumns": list(bucketed_by),
        "SortColumns": [],
        "StoredAsSubDirectories": False,
    }


class Definitions:
    """Changes the catalog as statements ask.

    Parameters
    ----------
    catalog : is changed
    s3 : boto3 client; MSCK looks for folders
    """

    def __init__(self, catalog: Catalog, s3: Any) -> None:
        self._catalog = catalog
        self._s3 = s3

    def run(self, statement: st.Definition) -> list[str]:
        """Do what a statement says: lines that it prints.

        Raises
        ------
        QueryFailed
            It cannot be done, or would change the lake's own tables.
        """
        rules: dict[type, Callable[[Any], list[str] | None]] = {
            st.CreateTable: self._create_table,
            st.DropTable: self._drop_table,
            st.DropView: self._drop_view,
            st.CreateDatabase: self._create_database,
            st.DropDatabase: self._drop_database,
            st.AddPartitions: self._add_partitions,
            st.DropPartitions: self._drop_partitions,
            st.SetProperties: self._set_properties,
            st.SetColumns: self._set_columns,
            st.Repair: self._repair,
        }
        return rules[type(statement)](statement) or []

    def _create_table(self, made: st.CreateTable) -> None:
        serde = _serde(made)
        if not made.is_external:
            raise QueryFailed(f"FAILED: ParseException: CREATE TABLE {made.name}: expected CREATE EXTERNAL TABLE")
        _need_address(f"CREATE EXTERNAL TABLE {made.name}", made.location)
        _check_columns(made)
        if serde == CSV:
            _check_csv(made)
        refuse_location(made.location, "declare a table at")
        if made.if_not_exists and self._catalog.table(made.name.database, made.name.table):
            return
        entry = {
            "Name": made.name.table,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE"} | ({"comment": made.comment} if made.comment else {}) | made.properties,
            "PartitionKeys": made.keys,
            "StorageDescriptor": storage(
                made.columns, made.location, serde, made.serde_properties, made.bucketed_by, made.bucket_count
            ),
        }
        self._catalog.create(made.name.database, entry)

    def _drop_table(self, dropped: st.DropTable) -> None:
        entry = self._catalog.table(dropped.name.database, dropped.name.table)
        if entry is None and dropped.if_exists:
            return
        entry = self._catalog.existing(dropped.name.database, dropped.name.table)
        if is_view(entry):
            raise QueryFailed("FAILED: SemanticException [Error 10132]: Cannot drop a view with DROP TABLE")
        refuse_entry(self._catalog, entry, "drop")
        self._catalog.drop(entry)

    def _drop_view(self, dropped: st.DropView) -> None:
        entry = self._catalog.table(dropped.name.database, dropped.name.table)
        if entry:
            refuse_entry(self._catalog, entry, "drop")
        self._catalog.drop_view(dropped.name.database, dropped.name.table, dropped.if_exists)

    def _create_database(self, made: st.CreateDatabase) -> None:
        if made.database not in self._catalog.databases():
            self._catalog.create_database(made.database, made.comment, made.location)
        elif not made.if_not_exists:
            raise QueryFailed(f"{_FAILED} AlreadyExistsException(message:Database {made.database} already exists)")

    def _drop_database(self, dropped: st.DropDatabase) -> None:
        if dropped.database not in self._catalog.databases():
            if dropped.if_exists:
                return
            raise QueryFailed(f"FAILED: SemanticException [Error 10072]: Database does not exist: {dropped.database}")
        tables = self._catalog.tables(dropped.database)
        for entry in tables:
            refuse_entry(self._catalog, entry, "drop")
        if tables and not dropped.cascade:
            raise QueryFailed(
                f"{_FAILED} InvalidOperationException(message:Database {dropped.database} is not empty. One or more "
                "tables exist.)"
            )
        for entry in tables:
            self._catalog.drop(entry)
        self._catalog.drop_database(dropped.database)

    def _add_partitions(self, added: st.AddPartitions) -> None:
        entry = self._own_table(added.name, "add a partition to")
        held = {tuple(each["Values"]) for each in self._catalog.partitions(added.name.database, added.name.table)}
        location, names = entry["StorageDescriptor"]["Location"], _keys(entry)
        places = {}
        for spec, where in added.partitions:
            values = _values(entry, spec)
            if values in held or values in places:
                if not added.if_not_exists:
                    raise QueryFailed(
                        f"{_FAILED} AlreadyExistsException(message:Partition already exists: {list(values)})"
                    )
                continue
            if where:
                _need_address(f"ALTER TABLE {added.name} ADD PARTITION", where)
            places[values] = where or parquet.place(location, names, values)
        self._catalog.add_partitions(entry, places)

    def _drop_partitions(self, dropped: st.DropPartitions) -> None:
        entry = self._own_table(dropped.name, "drop a partition of")
        held = {tuple(each["Values"]) for each in self._catalog.partitions(dropped.name.database, dropped.name.table)}
        wanted = [_values(entry, spec) for spec in dropped.partitions]
        missing = [values for values in wanted if values not in held]
        if missing and not dropped.if_exists:
            raise QueryFailed(f"FAILED: SemanticException [Error 10006]: Partition not found {list(missing[0])}")
        for values in wanted:
            if values in held:
                self._catalog.drop_partition(entry, list(values))

    def _set_properties(self, changed: st.SetProperties) -> None:
        entry = self._own_table(changed.name, "alter")
        self._catalog.change(entry, Parameters=(entry.get("Parameters") or {}) | changed.properties)

    def _set_columns(self, changed: st.SetColumns) -> None:
        entry = self._own_table(changed.name, "alter")
        held = entry["StorageDescriptor"]
        columns = changed.columns if changed.replaces else [*held["Columns"], *changed.columns]
        _check_names([each["Name"] for each in columns] + _keys(entry))
        _check_types(changed.columns)
        self._catalog.change(entry, StorageDescriptor={**held, "Columns": columns})

    def _repair(self, repaired: st.Repair) -> list[str]:
        entry = self._own_table(repaired.name, "repair")
        keys = _keys(entry)
        if not keys:
            raise QueryFailed(f"FAILED: SemanticException: Table {repaired.name} is not a partitioned table")
        held = {tuple(each["Values"]) for each in self._catalog.partitions(repaired.name.database, repaired.name.table)}
        location = entry["StorageDescriptor"]["Location"]
        found = {
            values: f"{location.rstrip('/')}/{path}"
            for path, values in self._folders(location, keys)
            if values not in held
        }
        self._catalog.add_partitions(entry, found)
        named = [place.removeprefix(location.rstrip("/") + "/") for place in found.values()]
        listed = [f"{repaired.name.table}:{path}" for path in named]
        lines = [f"Repair: Added partition to metastore {each}" for each in listed]
        return ["\t".join(["Partitions not in metastore:", *listed]), *lines] if listed else []

    def _folders(self, location: str, keys: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Folders below a location that are named as partitions are, each with its values."""
        bucket, prefix = parquet.split_address(location)
        prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        seen = set()
        for listed in (each for page in pages for each in page.get("Contents", [])):
            folders = listed["Key"][len(prefix) :].split("/")[:-1][: len(keys)]
            named = [folder.partition("=") for folder in folders]
            if [name.lower() for name, _, _ in named] == list(keys) and "/".join(folders) not in seen:
                seen.add("/".join(folders))
                yield "/".join(folders), tuple(parquet.unescaped(value) for _, _, value in named)

    def _own_table(self, name: st.Name, doing: str) -> dict[str, Any]:
        """The entry of a table that may be changed."""
        entry = self._catalog.existing(name.database, name.table)
        refuse_entry(self._catalog, entry, doing)
        if is_view(entry):
            raise QueryFailed(f"FAILED: SemanticException [Error 10131]: cannot {doing} {name}: it is a view")
        return entry


def _keys(entry: dict[str, Any]) -> list[str]:
    return [key["Name"].lower() for key in entry.get("PartitionKeys") or []]


def _values(entry: dict[str, Any], spec: st.Spec) -> tuple[str, ...]:
    keys = _keys(entry)
    if sorted(spec) != sorted(keys):
        raise QueryFailed(
            f"FAILED: SemanticException: partition spec {spec} does not name the keys of {entry['Name']}: expected "
            f"({', '.join(keys) or 'none, for it is not partitioned'})"
        )
    return tuple(spec[key] for key in keys)


def _serde(made: st.CreateTable) -> str:
    """How a table's files are read: Parquet or CSV; any other form is refused by its name."""
    if "iceberg" in (made.properties.get("table_type", "").lower(), made.format):
        raise QueryFailed(no_iceberg(f"CREATE TABLE {made.name}"))
    if made.serde == CSV and made.format in ("", "textfile") and made.input_format in ("", _TEXT_INPUT):
        return CSV
    is_parquet = made.format == "parquet" or made.input_format == _PARQUET_INPUT
    if is_parquet and made.serde in ("", _PARQUET_SERDE):
        return _PARQUET_SERDE
    got = made.serde or made.input_format or made.format.upper()
    if made.is_delimited or not got:
        got = "text files of Hive's own form, which is the default"
    raise QueryFailed(
        f"NOT_SUPPORTED: CREATE EXTERNAL TABLE {made.name}: the embedded Athena reads Parquet (STORED AS PARQUET) and "
        f"CSV (ROW FORMAT SERDE '{CSV}'); got {got}"
    )


def _need_address(what: str, location: str) -> None:
    if not location.startswith("s3://"):
        raise QueryFailed(f"FAILED: {what}: expected LOCATION 's3://bucket/folder/', got {location or 'none'}")


def _check_columns(made: st.CreateTable) -> None:
    _check_names([each["Name"] for each in made.columns])
    names = {each["Name"] for each in made.columns}
    repeated = [each["Name"] for each in made.keys if each["Name"] in names]
    if repeated:
        raise QueryFailed(
            f"FAILED: SemanticException [Error 10035]: Column repeated in partitioning columns: {repeated[0]}"
        )
    _check_names([each["Name"] for each in made.keys])
    unknown = [name for name in made.bucketed_by if name not in names]
    if unknown:
        raise QueryFailed(f"FAILED: SemanticException [Error 10002]: Invalid column reference: {unknown[0]}")
    _check_types([*made.columns, *made.keys])


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise QueryFailed(f"{_FAILED} Duplicate column name: {name}")


def _check_types(columns: Sequence[st.Column]) -> None:
    for each in columns:
        if unknown := types.unknown_to_hive(each["Type"]):
            raise QueryFailed(f"FAILED: ParseException: column {each['Name']}: no type of Hive's: {unknown}")


def _check_csv(made: st.CreateTable) -> None:
    others = [f"{each['Name']} {each['Type']}" for each in made.columns if each["Type"] != "string"]
    if others:
        raise QueryFailed(
            f"NOT_SUPPORTED: CREATE EXTERNAL TABLE {made.name}: columns of CSV are read as text here: expected the "
            f"type string, and a CAST where the table is read; got {', '.join(others)}"
        )


def no_iceberg(what: str) -> str:
    """Why an Iceberg table is refused."""
    return (
        f"NOT_SUPPORTED: {what}: Iceberg tables are not run on this machine. Use a table of Hive's form "
        "(table_type = 'HIVE', which dbt calls hive), or run this in a real AWS account"
    )
