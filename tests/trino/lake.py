"""Tables in an embedded AWS without a deployment: databases of the catalog over Parquet files that a test brings."""

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

from runtime.keys import MERGED_PREFIX, merged_prefix, reference_key
from runtime.schema import CATALOG_TABLES, TABLES
from runtime.schema.arrow import arrow_schema
from runtime.schema.tables import EXCHANGE_RATES
from runtime.schema.views import VIEWS, presto_view
from tests.unit.test_saved_queries import exchange_rates, rows_of

BUCKET = "lake-of-the-trino-tests"
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet."
# Of a table: its Parquet files by year.
Files = Mapping[int, Iterable[bytes]]


class Lake:
    """Databases over one bucket.

    Parameters
    ----------
    session : of the embedded AWS
    exists : the bucket is there already
    """

    def __init__(self, session: boto3.Session, *, exists: bool = False) -> None:
        self.glue, self.s3 = session.client("glue"), session.client("s3")
        if not exists:
            self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    def add(self, database: str, tables: Mapping[str, Files]) -> None:
        """Make a database with all tables and views, as the templates declare them."""
        self.glue.create_database(DatabaseInput={"Name": database})
        for table in CATALOG_TABLES:
            storage: Any = {
                "Columns": [{"Name": column.name, "Type": column.glue_type} for column in table],
                "Location": f"s3://{BUCKET}/{database}/{MERGED_PREFIX}{table.name}/",
                "InputFormat": f"{_PARQUET}MapredParquetInputFormat",
                "OutputFormat": f"{_PARQUET}MapredParquetOutputFormat",
                "SerdeInfo": {"SerializationLibrary": f"{_PARQUET}serde.ParquetHiveSerDe"},
            }
            entry: Any = {
                "Name": table.name,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"EXTERNAL": "TRUE"},
                "PartitionKeys": [{"Name": column.name, "Type": column.glue_type} for column in table.partitions],
                "StorageDescriptor": storage,
            }
            self.glue.create_table(DatabaseName=database, TableInput=entry)
            for year, files in tables.get(table.name, {}).items():
                prefix = f"{database}/{merged_prefix(table.name, year, 'r')}"
                for n, body in enumerate(files):
                    self.s3.put_object(Bucket=BUCKET, Key=f"{prefix}part-{n}.parquet", Body=body)
                at: Any = {**storage, "Location": f"s3://{BUCKET}/{prefix}"}
                partition: Any = {"Values": [str(year)], "StorageDescriptor": at}
                self.glue.create_partition(DatabaseName=database, TableName=table.name, PartitionInput=partition)
        rates = f"{database}/{reference_key(EXCHANGE_RATES.name)}"
        self.s3.put_object(Bucket=BUCKET, Key=rates, Body=exchange_rates())
        for view in VIEWS:
            definition: Any = presto_view(view, database)
            self.glue.create_table(DatabaseName=database, TableInput=definition)


def hand_made() -> dict[str, Files]:
    """The year that test_saved_queries works out by hand."""
    return {table.name: {2019: [parquet(table.name, rows_of(table.name))]} for table in TABLES}


def parquet(name: str, rows: list[dict[str, Any]]) -> bytes:
    """Rows of a table as a Parquet file."""
    (table,) = (table for table in TABLES if table.name == name)
    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, arrow_schema(table)), body)
    return body.getvalue()


def extracted(folder: Path) -> dict[str, Files]:
    """What `ted extract` made of packages (tables/year=2019/package.parquet), a file a year as after the merge."""
    found: dict[str, dict[int, list[bytes]]] = defaultdict(dict)
    for table in TABLES:
        for year in sorted((folder / table.name).glob("year=*")):
            parts = [pq.ParquetFile(file).read() for file in sorted(year.glob("*.parquet"))]
            body = io.BytesIO()
            pq.write_table(pa.concat_tables(parts), body)
            found[table.name][int(year.name.removeprefix("year="))] = [body.getvalue()]
    return dict(found)
