"""The calls of Glue and Athena that the tools of analysts make, and what a query tells them afterwards."""

import uuid
from typing import Any

import boto3
import pytest

from tests.local.test_mends import bucket_with, name, until

pytestmark = pytest.mark.timeout(300)


class Analyst:
    """A database, a bucket, and two workgroups: one enforces its place of results."""

    def __init__(self, session: boto3.Session) -> None:
        self.athena, self.glue, self.s3 = session.client("athena"), session.client("glue"), session.client("s3")
        self.bucket, self.database = bucket_with(session), name().replace("-", "_")
        self.glue.create_database(DatabaseInput={"Name": self.database})
        self.enforced, self.free = name(), name()
        results: Any = {"ResultConfiguration": {"OutputLocation": f"s3://{self.bucket}/results/"}}
        self.athena.create_work_group(Name=self.enforced, Configuration=results)
        self.athena.create_work_group(Name=self.free, Configuration={"EnforceWorkGroupConfiguration": False})

    def run(self, sql: str, workgroup: str = "", **more: Any) -> dict[str, Any]:
        number = self.athena.start_query_execution(
            QueryString=sql,
            WorkGroup=workgroup or self.enforced,
            QueryExecutionContext={"Database": f"`{self.database}`", "Catalog": "awsdatacatalog"},
            **more,
        )["QueryExecutionId"]
        return until(
            lambda: self.athena.get_query_execution(QueryExecutionId=number)["QueryExecution"],
            lambda found: found["Status"]["State"] not in ("QUEUED", "RUNNING"),
        )

    def body(self, address: str) -> str:
        key = address.removeprefix(f"s3://{self.bucket}/")
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()

    def results(self, query: dict[str, Any]) -> dict[str, Any]:
        return dict(self.athena.get_query_results(QueryExecutionId=query["QueryExecutionId"]))


@pytest.fixture
def analyst(session: boto3.Session) -> Analyst:
    return Analyst(session)


def test_a_query_that_writes_tells_what_it_wrote_and_where(analyst: Analyst) -> None:
    made = analyst.run("CREATE TABLE t AS SELECT 'a' AS code, 1 AS n")
    added = analyst.run("INSERT INTO t SELECT 'b', 2")
    unloaded = analyst.run(
        f"UNLOAD (SELECT code FROM t) TO 's3://{analyst.bucket}/out/' WITH (format = 'PARQUET')"  # noqa: S608
    )

    number = made["QueryExecutionId"]
    assert (made["StatementType"], made["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    assert made["ResultConfiguration"]["OutputLocation"] == f"s3://{analyst.bucket}/results/tables/{number}"
    for query, count, manifest in (
        (made, 1, f"results/tables/{number}-manifest.csv"),
        (added, 1, f"results/{added['QueryExecutionId']}-manifest.csv"),
        (unloaded, 2, f"results/{unloaded['QueryExecutionId']}-manifest.csv"),
    ):
        assert query["Status"]["State"] == "SUCCEEDED", query
        assert query["Statistics"]["DataManifestLocation"] == f"s3://{analyst.bucket}/{manifest}"
        (file,) = analyst.body(query["Statistics"]["DataManifestLocation"]).splitlines()
        assert analyst.s3.head_object(Bucket=analyst.bucket, Key=file.removeprefix(f"s3://{analyst.bucket}/"))
        found = analyst.results(query)
        assert (found["UpdateCount"], found["ResultSet"]["Rows"]) == (count, [])
        (column,) = found["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        assert (column["Name"], column["Type"]) == ("rows", "bigint")


def test_utility_statements_leave_a_text(analyst: Analyst) -> None:
    analyst.run("CREATE TABLE t AS SELECT 'a' AS code")

    shown = analyst.run("-- what is it?\nDESCRIBE `t`;")

    assert (shown["StatementType"], shown["SubstatementType"]) == ("UTILITY", "DESCRIBE_TABLE")
    assert shown["ResultConfiguration"]["OutputLocation"].endswith(f"results/{shown['QueryExecutionId']}.txt")
    assert (
        analyst.body(shown["ResultConfiguration"]["OutputLocation"])
        == f"code{' ' * 16}\tstring{' ' * 14}\t{' ' * 20}\n"
    )


def test_an_enforced_place_of_results_takes_no_other_for_a_table(analyst: Analyst) -> None:
    sql = f"CREATE TABLE t WITH (external_location = 's3://{analyst.bucket}/own/') AS SELECT 1 AS n"
    where: Any = {"ResultConfiguration": {"OutputLocation": f"s3://{analyst.bucket}/asked/"}}

    with pytest.raises(
        analyst.athena.exceptions.InvalidRequestException, match="enforces a centralized output location"
    ):
        analyst.run(sql)
    free = analyst.run(sql, analyst.free, **where)
    beside = analyst.run("CREATE TABLE u AS SELECT 1 AS n", analyst.free, **where)

    assert free["Status"]["State"] == "SUCCEEDED"
    assert analyst.body(free["Statistics"]["DataManifestLocation"]).startswith(f"s3://{analyst.bucket}/own/")
    number = beside["QueryExecutionId"]
    table = analyst.glue.get_table(DatabaseName=analyst.database, Name="u")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{analyst.bucket}/asked/tables/{number}/"


def test_a_query_is_as_long_as_athena_takes_and_no_longer(analyst: Analyst) -> None:
    longest = "SELECT 1 AS a --".ljust(262_144, "x")

    assert analyst.run(longest)["Status"]["State"] == "SUCCEEDED"
    with pytest.raises(analyst.athena.exceptions.InvalidRequestException, match="maximum query length of 262144 bytes"):
        analyst.run(f"{longest}x")


def test_a_workgroup_has_the_settings_that_it_was_not_given(analyst: Analyst) -> None:
    def enforces(group: str) -> bool:
        found = analyst.athena.get_work_group(WorkGroup=group)["WorkGroup"]["Configuration"]
        return found["EnforceWorkGroupConfiguration"]

    assert (enforces(analyst.enforced), enforces(analyst.free), enforces("primary")) == (True, False, False)


def test_glue_keeps_the_versions_of_a_table(analyst: Analyst) -> None:
    glue = analyst.glue
    table: Any = {"DatabaseName": analyst.database, "TableName": "v"}
    for n in range(3):
        analyst.run(f"CREATE OR REPLACE VIEW v AS SELECT {n} AS n")
    current = glue.get_table(DatabaseName=analyst.database, Name="v")["Table"]
    assert current["StorageDescriptor"]["Location"] == ""

    versions = glue.get_table_versions(**table)["TableVersions"]
    numbers = [int(version["VersionId"]) for version in versions]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 3
    assert versions[0]["Table"]["ViewOriginalText"] == current["ViewOriginalText"]
    assert len({version["Table"]["ViewOriginalText"] for version in versions}) == 3
    glue.delete_table_version(**table, VersionId=str(numbers[2]))
    failed = glue.batch_delete_table_version(**table, VersionIds=[str(numbers[1]), "99"])["Errors"]
    assert [(each["VersionId"], each["ErrorDetail"]["ErrorCode"]) for each in failed] == [
        ("99", "EntityNotFoundException")
    ]
    assert [each["VersionId"] for each in glue.get_table_versions(**table)["TableVersions"]] == [str(numbers[0])]
    assert glue.get_table_version(**table)["TableVersion"]["VersionId"] == str(numbers[0])
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table_versions(DatabaseName=analyst.database, TableName="nothing")
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.delete_table_version(**table, VersionId=str(numbers[0]))
    kept: Any = {"Name": "v", "TableType": "VIRTUAL_VIEW", "StorageDescriptor": {"Columns": []}}
    glue.update_table(DatabaseName=analyst.database, TableInput=kept, SkipArchive=True)
    assert len(glue.get_table_versions(**table)["TableVersions"]) == 1
    glue.delete_table(DatabaseName=analyst.database, Name="v")
    analyst.run("CREATE VIEW v AS SELECT 1 AS n")
    assert len(glue.get_table_versions(**table)["TableVersions"]) == 1


def test_glue_deletes_partitions_in_batches(analyst: Analyst) -> None:
    analyst.run(
        "CREATE TABLE t WITH (partitioned_by = ARRAY['n']) AS SELECT 'a' AS code, n FROM (VALUES 1, 2, 3) AS u(n)"
    )
    table: Any = {"DatabaseName": analyst.database, "TableName": "t"}

    gone: Any = [{"Values": ["1"]}, {"Values": ["3"]}, {"Values": ["9"]}]
    failed = analyst.glue.batch_delete_partition(**table, PartitionsToDelete=gone)["Errors"]

    assert [each["PartitionValues"] for each in failed] == [["9"]]
    assert [each["Values"] for each in analyst.glue.get_partitions(**table)["Partitions"]] == [["2"]]
    with pytest.raises(analyst.glue.exceptions.EntityNotFoundException):
        analyst.glue.batch_delete_partition(DatabaseName=analyst.database, TableName="no", PartitionsToDelete=[])
    with pytest.raises(analyst.glue.exceptions.EntityNotFoundException):
        analyst.glue.get_tables(DatabaseName="nobody_has_this")


def test_athena_tells_of_databases_and_tables(analyst: Analyst) -> None:
    analyst.run("CREATE TABLE t WITH (partitioned_by = ARRAY['n']) AS SELECT 'a' AS code, 1 AS n")
    analyst.run("CREATE VIEW v AS SELECT 1 AS one")
    athena = analyst.athena
    where: Any = {"CatalogName": "awsdatacatalog", "DatabaseName": analyst.database}

    pages = athena.get_paginator("list_databases").paginate(CatalogName="AWSDATACATALOG")
    assert analyst.database in [found["Name"] for page in pages for found in page["DatabaseList"]]
    assert athena.get_data_catalog(Name="awsDataCatalog")["DataCatalog"]["Type"] == "GLUE"
    listed = athena.list_table_metadata(**where, MaxResults=1)
    assert [found["Name"] for found in listed["TableMetadataList"]] == ["t"]
    more = athena.list_table_metadata(**where, MaxResults=1, NextToken=listed["NextToken"])
    assert [(found["Name"], found["TableType"]) for found in more["TableMetadataList"]] == [("v", "VIRTUAL_VIEW")]
    assert "NextToken" not in more
    assert len(athena.list_table_metadata(**where, Expression="^v$")["TableMetadataList"]) == 1
    found = athena.get_table_metadata(**where, TableName="T")["TableMetadata"]
    assert ([each["Name"] for each in found["Columns"]], [each["Name"] for each in found["PartitionKeys"]]) == (
        ["code"],
        ["n"],
    )
    assert found["Parameters"]["location"].startswith(f"s3://{analyst.bucket}/results/tables/")
    assert found["Parameters"]["inputformat"].endswith("MapredParquetInputFormat")
    for wrong in ({"TableName": "nothing"}, {"TableName": "t", "DatabaseName": "nothing"}):
        with pytest.raises(athena.exceptions.MetadataException, match="Error Code: EntityNotFoundException;"):
            athena.get_table_metadata(**where | wrong)
    with pytest.raises(athena.exceptions.MetadataException):
        athena.list_table_metadata(CatalogName="AwsDataCatalog", DatabaseName=f"n{uuid.uuid4().hex}")
    with pytest.raises(athena.exceptions.InvalidRequestException):
        athena.list_table_metadata(CatalogName="other", DatabaseName=analyst.database)
