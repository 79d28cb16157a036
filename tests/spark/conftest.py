"""A local Spark session, a catalog in moto, and a bucket that is a folder."""

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from moto import mock_aws
from pyspark.sql import SparkSession

from runtime.buckets import Bucket
from runtime.merge.catalog import Catalog
from runtime.merge.published import Published
from runtime.merge.spark import SparkTables, start_session
from runtime.merge.year import merge_year
from runtime.schema import TABLES, table
from tests.spark.folder import FolderS3, Year

DATABASE = "nfr_cca_ted_dev"
LOCAL = {
    "spark.master": "local[2]",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    session = start_session("tests", LOCAL)
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = boto3.client("glue")
        client.create_database(DatabaseInput={"Name": DATABASE})
        for each in TABLES:
            client.create_table(
                DatabaseName=DATABASE,
                TableInput={
                    "Name": each.name,
                    "PartitionKeys": [{"Name": "year", "Type": "int"}],
                    "StorageDescriptor": {
                        "Columns": [],
                        "Location": f"s3://nfr-cca-ted-extracted-dev/merged/{each.name}/",
                        "SerdeInfo": {
                            "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
                        },
                    },
                },
            )
        yield client


@dataclass
class World:
    """A bucket, a catalog and a clock, with short ways to merge a year and to read it as a query does."""

    year: Year
    s3: FolderS3
    glue: Any
    spark: SparkSession
    said: list[str] = field(default_factory=list)
    moment: dt.datetime = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    runs: int = 0

    @property
    def bucket(self) -> Bucket:
        return Bucket(self.s3, self.year.bucket)  # type: ignore[arg-type]

    @property
    def catalog(self) -> Catalog:
        return Catalog(self.glue, DATABASE)

    def now(self) -> dt.datetime:
        self.moment += dt.timedelta(seconds=1)
        return self.moment

    def merge(self, year: int = 2019, run: str = "", **parts: Any) -> Published:
        self.runs += 1
        values: dict[str, Any] = {
            "year": year,
            "run": run or f"run{self.runs}",
            "bucket": self.bucket,
            "catalog": self.catalog,
            "tables": SparkTables(self.spark, lambda key: f"file://{self.year.root / key}"),
            "now": self.now,
            "report": self.said.append,
        }
        return merge_year(**{**values, **parts})

    def folder(self, name: str, year: int = 2019) -> Path:
        location = self.catalog.location(name, year)
        assert location.startswith(f"s3://{self.year.bucket}/merged/{name}/year={year}/run=")
        return self.year.root / location.removeprefix(f"s3://{self.year.bucket}/")

    def files(self, name: str, year: int = 2019) -> list[Path]:
        return sorted(self.folder(name, year).glob("*.parquet"))

    def rows(self, name: str, year: int = 2019) -> list[dict[str, Any]]:
        """Rows of a published table, as they lie in its files."""
        found = [pq.ParquetFile(path).read().to_pylist() for path in self.files(name, year)]
        rows = [row for each in found for row in each]
        assert all(list(row) == list(table(name).column_names) for row in rows)
        return rows


@pytest.fixture
def world(tmp_path: Path, glue: Any, spark: SparkSession) -> World:
    return World(Year(tmp_path), FolderS3(tmp_path), glue, spark)
