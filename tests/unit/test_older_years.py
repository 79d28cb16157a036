"""Years that were merged before a column existed stay readable in Athena: the column is NULL there."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from console.aws.athena.duck import DuckEngine
from console.aws.athena.executor import Executor
from runtime.schema import NOTICE_TABLES, Table
from runtime.schema.arrow import arrow_schema

BUCKET = "lake"


@pytest.fixture(scope="module")
def clients() -> Iterator[tuple[Any, Any]]:
    keys: Any = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "eu-west-1"}
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        glue, s3 = boto3.client("glue", **keys), boto3.client("s3", **keys)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        glue.create_database(DatabaseInput={"Name": "db"})
        yield glue, s3


def storage(table: Table, location: str) -> dict[str, Any]:
    return {
        "Columns": [{"Name": column.name, "Type": column.glue_type} for column in table],
        "Location": location,
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    }


def publish(clients: tuple[Any, Any], table: Table, year: int, row: dict[str, Any], columns: set[str]) -> None:
    """Publish a year whose one file has some of the table's columns."""
    glue, s3 = clients
    location = f"s3://{BUCKET}/merged/{table.name}/year={year}/run=a/"
    schema = pa.schema([each for each in arrow_schema(table) if each.name in columns])
    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row], schema), body)
    s3.put_object(Bucket=BUCKET, Key=location.removeprefix(f"s3://{BUCKET}/") + "part-0.parquet", Body=body.getvalue())
    partition = {"Values": [str(year)], "StorageDescriptor": storage(table, location)}
    glue.create_partition(DatabaseName="db", TableName=table.name, PartitionInput=partition)


@pytest.mark.parametrize("table", NOTICE_TABLES, ids=lambda table: table.name)
def test_columns_that_a_years_files_lack_are_null(table: Table, clients: tuple[Any, Any], tmp_path: Path) -> None:
    glue, s3 = clients
    location = f"s3://{BUCKET}/merged/{table.name}/"
    keys = [{"Name": "year", "Type": "int"}]
    glue.create_table(
        DatabaseName="db",
        TableInput={
            "Name": table.name,
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": keys,
            "StorageDescriptor": storage(table, location),
        },
    )
    key = {"notice_id": "1-2019", **dict.fromkeys(table.key[1:], 1)}
    publish(clients, table, 2019, key, set(table.key))  # as an earlier version wrote it, at the least
    publish(clients, table, 2020, key | {"notice_id": "1-2020"}, set(table.column_names))
    executor = Executor(glue, s3, DuckEngine(glue, s3, tmp_path))

    answer = executor.run(f"SELECT * FROM {table.name} ORDER BY year", "db")  # noqa: S608
    assert [column.name for column in answer.columns] == [*table.column_names, "year"]
    for row, year in zip(answer.rows, ("2019", "2020"), strict=True):
        held = {
            name: value for name, value in zip([*table.column_names, "year"], row, strict=True) if value is not None
        }
        assert held == {name: str(value) for name, value in (key | {"notice_id": f"1-{year}", "year": year}).items()}
    lacking = table.column_names[-1]
    count = executor.run(f"SELECT count(*), count({lacking}) FROM {table.name} WHERE {lacking} IS NULL", "db")  # noqa: S608
    assert count.rows == [["2", "0"]]
