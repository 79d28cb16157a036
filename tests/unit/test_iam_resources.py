"""By which resources a call of Athena or Glue is judged where IAM is enforced: AWS's, not the emulator's."""

from typing import Any

import pytest

from console.aws.mends.iam_resources import of_athena, of_glue

QUERIES = {"q1": {"WorkGroup": "one"}, "q2": {"WorkGroup": "two"}}
SAVED = {"s1": {"WorkGroup": "one"}}


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("MINISTACK_ACCOUNT_ID", "123456789012")


@pytest.mark.parametrize(
    ("call", "data", "expected"),
    [
        ("StartQueryExecution", {"WorkGroup": "one"}, ["workgroup/one"]),
        ("StartQueryExecution", {}, ["workgroup/primary"]),
        ("GetQueryResults", {"QueryExecutionId": "q2"}, ["workgroup/two"]),
        ("BatchGetQueryExecution", {"QueryExecutionIds": ["q2", "q1"]}, ["workgroup/one", "workgroup/two"]),
        ("GetNamedQuery", {"NamedQueryId": "s1"}, ["workgroup/one"]),
        ("GetQueryExecution", {"QueryExecutionId": "gone"}, ["workgroup/"]),
        ("ListQueryExecutions", {}, ["workgroup/primary"]),
        ("CreateWorkGroup", {"Name": "one"}, ["workgroup/one"]),
        ("GetDataCatalog", {"Name": "AwsDataCatalog"}, ["datacatalog/AwsDataCatalog"]),
        ("ListDatabases", {"CatalogName": "awsdatacatalog"}, ["datacatalog/awsdatacatalog"]),
    ],
)
def test_athena_is_judged_by_workgroup_or_data_catalog(call: str, data: dict[str, Any], expected: list[str]) -> None:
    found = list(of_athena(call, data, QUERIES, SAVED))
    assert found == [f"arn:aws:athena:eu-west-1:123456789012:{end}" for end in expected]


def test_lists_of_the_account_know_no_resource() -> None:
    assert [list(of_athena(call, {}, QUERIES, SAVED)) for call in ("ListWorkGroups", "ListDataCatalogs")] == [["*"]] * 2


@pytest.mark.parametrize(
    ("call", "data", "expected"),
    [
        ("GetDatabases", {}, ["catalog"]),
        ("GetDatabase", {"Name": "Lake"}, ["catalog", "database/lake"]),
        ("CreateDatabase", {"DatabaseInput": {"Name": "lake"}}, ["catalog", "database/lake"]),
        ("GetTables", {"DatabaseName": "lake"}, ["catalog", "database/lake", "table/lake/*"]),
        ("GetTable", {"DatabaseName": "lake", "Name": "lots"}, ["catalog", "database/lake", "table/lake/lots"]),
        (
            "UpdateTable",
            {"DatabaseName": "lake", "TableInput": {"Name": "lots"}},
            ["catalog", "database/lake", "table/lake/lots"],
        ),
        (
            "BatchDeleteTable",
            {"DatabaseName": "lake", "TablesToDelete": ["a", "b"]},
            ["catalog", "database/lake", "table/lake/a", "table/lake/b"],
        ),
        (
            "GetPartitions",
            {"DatabaseName": "lake", "TableName": "lots"},
            ["catalog", "database/lake", "table/lake/lots"],
        ),
    ],
)
def test_glue_is_judged_by_catalog_database_and_table(call: str, data: dict[str, Any], expected: list[str]) -> None:
    assert list(of_glue(call, data)) == [f"arn:aws:glue:eu-west-1:123456789012:{end}" for end in expected]


def test_a_job_of_glue_is_left_to_the_emulator() -> None:
    assert list(of_glue("StartJobRun", {"JobName": "merge"})) == []
