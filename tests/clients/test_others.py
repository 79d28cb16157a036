"""polars on the files of the lake, and the AWS CLI."""

import json

import pytest

from tests.clients.conftest import NAMES, Instance
from tests.tools import fetched

pytestmark = pytest.mark.timeout(300)


def test_polars_reads_the_published_files(instance: Instance) -> None:
    found = instance.python(
        "polars",
        """
        import polars as pl
        notices = pl.scan_parquet(LAKE + "/notices/year=2020/run=two/*.parquet")
        found = notices.select(pl.len(), pl.col("notice_id").min()).collect().rows()
        """,
    )
    assert found == [[6, "200-2020"]]


def test_the_cli_asks_every_service_that_people_look_at(instance: Instance) -> None:
    aws = str(fetched("awscli") / "aws")

    def typed(command: str) -> str:
        done = instance.typed([aws, *command.split()])
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        return done.stdout

    assert "year=2020/" in typed(f"s3 ls s3://{NAMES.extracted_bucket}/merged/notices/")
    tables = json.loads(typed(f"glue get-tables --database-name {NAMES.database} --output json"))["TableList"]
    assert "current_notices" in [table["Name"] for table in tables]
    listed = json.loads(typed("athena list-databases --catalog-name AwsDataCatalog --output json"))["DatabaseList"]
    assert NAMES.sandbox_database in [each["Name"] for each in listed]
    where = f"--work-group {NAMES.workgroup} --query-execution-context Database={NAMES.database} --output json"
    assert "QueryExecutionId" in typed(f"athena start-query-execution --query-string VALUES(1) {where}")
    assert NAMES.of("expire-sandbox") in typed("lambda list-functions --output json")
    assert "logGroups" in typed("logs describe-log-groups --output json")
    assert "stateMachines" in typed("stepfunctions list-state-machines --output json")
    # Version 1 of the CLI, the one on PyPI, takes an address for SQS from this option alone.
    typed(f"sqs list-queues --endpoint-url {instance.aws.endpoint}")
