"""The same tools where IAM is enforced: with the analyst's policy they ask, with the sandbox's beside it they make."""

from collections.abc import Iterator, Mapping

import pytest

from console.aws.launcher import embedded_aws
from runtime.schema import CATALOG_TABLES
from tests.asker import Asker
from tests.clients.conftest import NAMES, Instance, deployed
from tests.clients.test_project import MODELS, WITHOUT_SOURCES, Project

pytestmark = pytest.mark.timeout(900)

COUNT = "SELECT count(*) AS n FROM notices WHERE year = 2020"


@pytest.fixture(scope="module")
def enforced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance in an embedded AWS that enforces IAM."""
    folder = tmp_path_factory.mktemp("enforced")
    with pytest.MonkeyPatch.context() as patch, embedded_aws(folder / "aws", enforces_iam=True) as aws:
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        yield deployed(aws, folder)


@pytest.fixture(scope="module")
def analyst(enforced: Instance) -> Mapping[str, str]:
    return Asker(NAMES, "asks").attach("analyst").variables()


@pytest.fixture(scope="module")
def maker(enforced: Instance) -> Mapping[str, str]:
    return Asker(NAMES, "makes").attach("analyst", "sandbox").variables()


@pytest.fixture(scope="module")
def project(enforced: Instance, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.begun(enforced, tmp_path_factory.mktemp("enforced-project"))


def test_dbt_builds_with_both_policies(project: Project, maker: Mapping[str, str]) -> None:
    project.dbt("build", *WITHOUT_SOURCES, keys=maker)
    assert set(project.statuses().values()) <= {"success", "pass"}
    assert project.statuses().keys() >= MODELS
    project.dbt("build", *WITHOUT_SOURCES, keys=maker)  # over what is there: versions, partitions, files
    assert set(project.statuses().values()) <= {"success", "pass"}


def test_dbt_tests_the_lake_and_writes_its_docs_with_the_analysts_policy(
    project: Project, analyst: Mapping[str, str]
) -> None:
    chosen = ("--target", "ask", "--select", "source:lake.packages", "source:lake.lot_results")
    project.dbt("test", *chosen, keys=analyst)
    assert set(project.statuses().values()) <= {"pass", "success"}  # the guard succeeds
    project.dbt("docs", "generate", "--target", "ask", keys=analyst)


def test_dbt_builds_nothing_with_the_analysts_policy_alone(project: Project, analyst: Mapping[str, str]) -> None:
    said = project.dbt("run", code=2, keys=analyst)
    assert "not authorized" in said or "AccessDenied" in said


AWSWRANGLER = """
    import awswrangler as wr
    box = {"workgroup": SANDBOX_WORKGROUP, "ctas_parameters": {"database": SANDBOX}}
    try:
        asked = "SELECT notice_id, cpv_additional FROM notices WHERE year = 2020"
        frame = wr.athena.read_sql_query(asked, DATABASE, **box)
        found = {"rows": len(frame)}
    except Exception as error:
        found = {"refused": str(error)}
"""


def test_awswranglers_default_needs_both(
    enforced: Instance, maker: Mapping[str, str], analyst: Mapping[str, str]
) -> None:
    assert enforced.python("awswrangler", AWSWRANGLER, **maker) == {"rows": 6}
    refused = enforced.python("awswrangler", AWSWRANGLER, **analyst)["refused"]
    assert "not authorized" in refused or "AccessDenied" in refused


def test_pyathena_and_sqlalchemy_ask_and_inspect_with_the_analysts_policy(
    enforced: Instance, analyst: Mapping[str, str]
) -> None:
    found = enforced.python(
        "pyathena",
        f"""
        import sqlalchemy as sa, pyathena
        host = "athena.eu-west-1.amazonaws.com:443"
        lake = sa.create_engine("awsathena+rest://@%s/%s?work_group=%s" % (host, DATABASE, WORKGROUP))
        cursor = pyathena.connect(work_group=WORKGROUP, schema_name=DATABASE).cursor()
        found = {{"n": cursor.execute("{COUNT}").fetchone(), "tables": len(sa.inspect(lake).get_table_names()),
                 "views": sa.inspect(lake).get_view_names()}}
        try:
            cursor.execute("DROP VIEW current_notices")
        except Exception as error:
            found["refused"] = str(error)
        """,
        **analyst,
    )
    assert found["n"] == [6]
    assert found["tables"] == len(CATALOG_TABLES)
    assert "current_notices" in found["views"]
    assert "PERMISSION_DENIED" in found["refused"]


def test_polars_reads_merged_files_and_no_others_with_the_analysts_policy(
    enforced: Instance, analyst: Mapping[str, str]
) -> None:
    found = enforced.python(
        "polars",
        """
        import boto3
        glue, s3 = boto3.client("glue"), boto3.client("s3")
        year = glue.get_partition(DatabaseName=DATABASE, TableName="notices", PartitionValues=["2020"])["Partition"]
        bucket, _, prefix = year["StorageDescriptor"]["Location"].removeprefix("s3://").partition("/")
        key = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"][0]["Key"]
        found = {"size": len(s3.get_object(Bucket=bucket, Key=key)["Body"].read())}
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=b"")
        except Exception as error:
            found["refused"] = str(error)
        """,
        **analyst,
    )
    assert found["size"] > 0
    assert "AccessDenied" in found["refused"]
