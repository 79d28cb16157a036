"""Who asks may ask, and nothing else: a role with the analyst's policy alone, and with that of the sandbox beside it.

Each action of the policies is tried with them, and is refused without it; what the emulator never asks for is named.
"""

# ruff: noqa: S608 the tables are the test's own

import json
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from console.athena import ask
from console.aws.launcher import ACCOUNT, embedded_aws
from console.sample.packages import make_package
from console.sample.server import Publisher, Shelf
from runtime.errors import CcaTedError
from stacks.names import Names
from tests.asker import Asker
from tests.local.conftest import ON_DUCKDB_ALONE
from tests.local.test_system import PACKAGE, World, a_day

pytestmark = [pytest.mark.timeout(900), ON_DUCKDB_ALONE]

NAMES = Names("aa", "dev")
COUNT = "SELECT count(*) FROM notices WHERE year = 2019"
SANDBOX: Any = SimpleNamespace(workgroup=NAMES.sandbox_workgroup, database=NAMES.sandbox_database)
REFUSED = r"AccessDenied|PERMISSION_DENIED|not authorized|Access Denied|Forbidden|Unable to verify/create output bucket"
# What the emulator's Athena and its clients here have no use for, and Athena has.
UNASKED = {
    "athena:GetQueryResultsStream": "Athena's drivers for JDBC and ODBC fetch results so; boto3 has no such call.",
    "athena:ListEngineVersions": "The emulator does not know the call.",
    "glue:BatchGetPartition": "Athena reads many partitions at once so; the embedded one lists them.",
    "s3:ListMultipartUploadParts": "A client that goes on with an upload asks for it; none here does.",
}
UNASKED_IN_SANDBOX = {
    "glue:GetDatabases": "Judged by the catalog alone here, as AWS's refusals name it, and the first policy has that.",
    **{action: UNASKED[action] for action in ("athena:GetQueryResultsStream", "s3:ListMultipartUploadParts")},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An instance in an embedded AWS that enforces IAM, with a day of notices published."""
    shelf = Shelf.of_packages({PACKAGE: make_package(PACKAGE, a_day()[0])})
    with (
        pytest.MonkeyPatch.context() as patch,
        Publisher(shelf) as publisher,
        embedded_aws(tmp_path_factory.mktemp("asking"), enforces_iam=True) as aws,
    ):
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        made = World(aws, publisher, boto3.Session())
        made.cdk(NAMES.initials).bootstrap()
        made.cdk(NAMES.initials).deploy()
        assert made.run(NAMES.initials, {"year": 2019, "month": 3})["problems"] == []
        yield made


def policy(world: World, thing: str) -> dict[str, Any]:
    """The document of a managed policy of the instance, as it is deployed."""
    iam, arn = world.session.client("iam"), f"arn:aws:iam::{ACCOUNT}:policy/{NAMES.of(thing)}"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return dict(document if isinstance(document, dict) else json.loads(document))


def actions(document: dict[str, Any]) -> set[str]:
    listed = [statement["Action"] for statement in document["Statement"]]
    return {action for each in listed for action in ([each] if isinstance(each, str) else each)}


def without(document: dict[str, Any], action: str) -> dict[str, Any]:
    """A policy with one action taken away."""
    statements = []
    for statement in document["Statement"]:
        listed = statement["Action"]
        left = [each for each in ([listed] if isinstance(listed, str) else listed) if each != action]
        statements += [{**statement, "Action": left}] if left else []
    return {**document, "Statement": statements}


@pytest.fixture(scope="module")
def analyst(world: World) -> boto3.Session:
    """A session of a role with the analyst's policy."""
    return Asker(NAMES, "analyst").attach("analyst").session


@pytest.fixture(scope="module")
def stripped(world: World) -> Asker:
    return Asker(NAMES, "stripped")


def bucket(thing: str) -> str:
    return NAMES.of(thing)


def a_query(session: boto3.Session) -> str:
    started = session.client("athena").start_query_execution(
        QueryString="SHOW TABLES", WorkGroup=NAMES.workgroup, QueryExecutionContext={"Database": NAMES.database}
    )
    return started["QueryExecutionId"]


def upload(session: boto3.Session, key: str = "results/large") -> None:
    """Begin an upload in parts, and give it up."""
    s3, name = session.client("s3"), bucket("athena")
    begun = s3.create_multipart_upload(Bucket=name, Key=key)
    s3.abort_multipart_upload(Bucket=name, Key=key, UploadId=begun["UploadId"])


def saved() -> str:
    """Id of a saved query, as the account itself finds it: the list is tried for itself."""
    return boto3.client("athena").list_named_queries(WorkGroup=NAMES.workgroup)["NamedQueryIds"][0]


def merged_key(session: boto3.Session) -> str:
    listed = session.client("s3").list_objects_v2(Bucket=bucket("extracted"), Prefix="merged/notices/")
    return listed["Contents"][0]["Key"]


Use = Callable[[boto3.Session], object]
CATALOG: Any = {"CatalogName": "AwsDataCatalog"}
USES: dict[str, Use] = {
    "athena:StartQueryExecution": lambda s: ask(s, NAMES, COUNT),
    "athena:GetQueryExecution": lambda s: ask(s, NAMES, COUNT),
    "athena:GetQueryResults": lambda s: ask(s, NAMES, COUNT),
    "athena:BatchGetQueryExecution": lambda s: s.client("athena").batch_get_query_execution(
        QueryExecutionIds=[a_query(s)]
    ),
    "athena:StopQueryExecution": lambda s: s.client("athena").stop_query_execution(QueryExecutionId=a_query(s)),
    "athena:ListQueryExecutions": lambda s: s.client("athena").list_query_executions(WorkGroup=NAMES.workgroup),
    "athena:GetWorkGroup": lambda s: s.client("athena").get_work_group(WorkGroup=NAMES.workgroup),
    "athena:ListNamedQueries": lambda s: s.client("athena").list_named_queries(WorkGroup=NAMES.workgroup),
    "athena:GetNamedQuery": lambda s: s.client("athena").get_named_query(NamedQueryId=saved()),
    "athena:BatchGetNamedQuery": lambda s: s.client("athena").batch_get_named_query(NamedQueryIds=[saved()]),
    "athena:GetDataCatalog": lambda s: s.client("athena").get_data_catalog(Name="AwsDataCatalog"),
    "athena:ListDatabases": lambda s: s.client("athena").list_databases(**CATALOG),
    "athena:GetDatabase": lambda s: s.client("athena").get_database(**CATALOG, DatabaseName=NAMES.database),
    "athena:ListTableMetadata": lambda s: s.client("athena").list_table_metadata(
        **CATALOG, DatabaseName=NAMES.database
    ),
    "athena:GetTableMetadata": lambda s: s.client("athena").get_table_metadata(
        **CATALOG, DatabaseName=NAMES.database, TableName="notices"
    ),
    "athena:ListDataCatalogs": lambda s: s.client("athena").list_data_catalogs(),
    "athena:ListWorkGroups": lambda s: s.client("athena").list_work_groups(),
    "glue:GetDatabase": lambda s: ask(s, NAMES, COUNT),
    "glue:GetDatabases": lambda s: ask(s, NAMES, "SHOW DATABASES"),
    "glue:GetTables": lambda s: ask(s, NAMES, "SHOW TABLES"),
    "glue:GetTable": lambda s: ask(s, NAMES, COUNT),
    "glue:GetPartitions": lambda s: ask(s, NAMES, COUNT),
    "glue:GetPartition": lambda s: s.client("glue").get_partition(
        DatabaseName=NAMES.database, TableName="notices", PartitionValues=["2019"]
    ),
    "s3:GetBucketLocation": lambda s: ask(s, NAMES, COUNT),
    "s3:ListBucket": lambda s: ask(s, NAMES, COUNT),
    "s3:GetObject": lambda s: ask(s, NAMES, COUNT),
    "s3:PutObject": lambda s: ask(s, NAMES, COUNT),
    "s3:AbortMultipartUpload": upload,
    "s3:ListBucketMultipartUploads": lambda s: s.client("s3").list_multipart_uploads(Bucket=bucket("athena")),
    "s3:DeleteObject": lambda s: s.client("s3").delete_object(Bucket=bucket("athena"), Key="results/any.csv"),
}


def test_the_analyst_gets_answers(analyst: boto3.Session) -> None:
    assert ask(analyst, NAMES, COUNT).rows == [(str(len(a_day()[0])),)]
    assert ask(analyst, NAMES, "SELECT count(*) FROM contract_awards").rows != []
    assert ("notices",) in ask(analyst, NAMES, "SHOW TABLES").rows
    place = f"results/{uuid.uuid4()}/"
    chosen = "SELECT notice_id FROM notices WHERE year = 2019"
    ask(analyst, NAMES, f"UNLOAD ({chosen}) TO 's3://{bucket('athena')}/{place}' WITH (format = 'PARQUET')")
    assert analyst.client("s3").list_objects_v2(Bucket=bucket("athena"), Prefix=place)["KeyCount"] == 1


def test_every_action_of_the_policy_is_tried_or_has_a_reason(world: World) -> None:
    assert actions(policy(world, "analyst")) == USES.keys() | UNASKED.keys()


@pytest.mark.parametrize("action", USES)
def test_each_action_is_needed(action: str, world: World, analyst: boto3.Session, stripped: Asker) -> None:
    USES[action](analyst)
    stripped.may_only(without(policy(world, "analyst"), action))
    with pytest.raises((CcaTedError, ClientError), match=REFUSED):
        USES[action](stripped.session)


REFUSALS: dict[str, Use] = {
    "reading raw": lambda s: s.client("s3").list_objects_v2(Bucket=bucket("raw")),
    "reading a raw package": lambda s: s.client("s3").get_object(Bucket=bucket("raw"), Key=f"2019/03/{PACKAGE}.tar.gz"),
    "reading rows of a package": lambda s: s.client("s3").get_object(
        Bucket=bucket("extracted"), Key=f"daily/notices/year=2019/{PACKAGE}.parquet"
    ),
    "writing merged/": lambda s: s.client("s3").put_object(Bucket=bucket("extracted"), Key="merged/x", Body=b""),
    "deleting from merged/": lambda s: s.client("s3").delete_object(Bucket=bucket("extracted"), Key=merged_key(s)),
    "writing to the sandbox": lambda s: s.client("s3").put_object(Bucket=bucket("athena"), Key="sandbox/x", Body=b""),
    "starting the pipeline": lambda s: s.client("stepfunctions").start_execution(
        stateMachineArn=f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:{NAMES.state_machine}"
    ),
    "starting a function": lambda s: s.client("lambda").invoke(FunctionName=NAMES.of("start-transfer-job")),
    "starting a merge": lambda s: s.client("glue").start_job_run(JobName=NAMES.merge_job),
    "dropping a table": lambda s: s.client("glue").delete_table(DatabaseName=NAMES.database, Name="notices"),
    "asking in another workgroup": lambda s: s.client("athena").start_query_execution(
        QueryString="SELECT 1", WorkGroup=NAMES.sandbox_workgroup
    ),
    "seeing another's database": lambda s: s.client("glue").get_tables(DatabaseName="someone_elses"),
    "making a view": lambda s: ask(s, NAMES, "CREATE VIEW mine AS SELECT 1 AS one"),
    "dropping a view": lambda s: ask(s, NAMES, "DROP VIEW contract_awards"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_the_analyst_is_refused(what: str, world: World, analyst: boto3.Session) -> None:
    with pytest.raises((CcaTedError, ClientError), match=REFUSED):
        REFUSALS[what](analyst)
    assert ask(world.session, NAMES, COUNT).rows == [(str(len(a_day()[0])),)]
    assert world.session.client("glue").get_table(DatabaseName=NAMES.database, Name="contract_awards")


def test_a_query_is_judged_by_who_asks_not_by_who_asked_before(world: World, analyst: boto3.Session) -> None:
    """What one caller's query fetched is no way around the rights of the next."""
    nobody = Asker(NAMES, "nobody")
    nobody.may_only(without(policy(world, "analyst"), "s3:GetObject"))
    assert ask(analyst, NAMES, COUNT).rows
    with pytest.raises(CcaTedError, match="PERMISSION_DENIED"):
        ask(nobody.session, NAMES, COUNT)


# What both policies together are for. Each use has tables of its own, for it is made several times.


def new_table(session: boto3.Session, of: str = "SELECT 1 AS one, 2019 AS year") -> str:
    """Make a table of one row in the sandbox, with a partition; its name."""
    name = f"t{uuid.uuid4().hex[:12]}"
    ask(session, SANDBOX, f"CREATE TABLE {name} WITH (partitioned_by = ARRAY['year']) AS {of}")
    return name


def in_sandbox(call: str, table: str, **more: Any) -> Use:
    """A call of Glue on a table of the sandbox."""
    return lambda s: getattr(s.client("glue"), call)(DatabaseName=SANDBOX.database, TableName=table, **more)


def root() -> boto3.Session:
    return boto3.Session()


def storage_of(table: str) -> dict[str, Any]:
    found: Any = root().client("glue").get_table(DatabaseName=SANDBOX.database, Name=table)["Table"]
    storage: dict[str, Any] = found["StorageDescriptor"]
    return storage


def partition(table: str, year: int) -> dict[str, Any]:
    return {"Values": [str(year)], "StorageDescriptor": storage_of(table)}


def update_partition(session: boto3.Session) -> None:
    made = new_table(root())
    in_sandbox("update_partition", made, PartitionValueList=["2019"], PartitionInput=partition(made, 2019))(session)


def batch_update_partition(session: boto3.Session) -> None:
    made = new_table(root())
    entry = {"PartitionValueList": ["2019"], "PartitionInput": partition(made, 2019)}
    in_sandbox("batch_update_partition", made, Entries=[entry])(session)


def version_of_two(session: boto3.Session) -> str:
    """A table that was changed once, so that it has two versions."""
    made = new_table(root())
    ask(session, SANDBOX, f"ALTER TABLE {made} SET TBLPROPERTIES ('one' = '1')")
    return made


def athena(call: str, **more: Any) -> Use:
    return lambda s: getattr(s.client("athena"), call)(**more)


def saved_in_sandbox() -> str:
    made = (
        root()
        .client("athena")
        .create_named_query(Name="mine", Database=SANDBOX.database, QueryString="SELECT 1", WorkGroup=SANDBOX.workgroup)
    )
    return made["NamedQueryId"]


def query_in_sandbox(session: boto3.Session) -> str:
    started = session.client("athena").start_query_execution(
        QueryString="SELECT 1", WorkGroup=SANDBOX.workgroup, QueryExecutionContext={"Database": SANDBOX.database}
    )
    return started["QueryExecutionId"]


USES_IN_SANDBOX: dict[str, Use] = {
    "athena:StartQueryExecution": new_table,
    "athena:GetQueryExecution": new_table,
    "athena:GetQueryResults": new_table,
    "athena:BatchGetQueryExecution": lambda s: athena(
        "batch_get_query_execution", QueryExecutionIds=[query_in_sandbox(s)]
    )(s),
    "athena:StopQueryExecution": lambda s: athena("stop_query_execution", QueryExecutionId=query_in_sandbox(s))(s),
    "athena:ListQueryExecutions": athena("list_query_executions", WorkGroup=SANDBOX.workgroup),
    "athena:GetWorkGroup": athena("get_work_group", WorkGroup=SANDBOX.workgroup),
    "athena:ListNamedQueries": athena("list_named_queries", WorkGroup=SANDBOX.workgroup),
    "athena:GetNamedQuery": lambda s: athena("get_named_query", NamedQueryId=saved_in_sandbox())(s),
    "athena:BatchGetNamedQuery": lambda s: athena("batch_get_named_query", NamedQueryIds=[saved_in_sandbox()])(s),
    "glue:GetDatabase": new_table,
    "glue:CreateTable": new_table,
    "glue:GetTable": new_table,
    "glue:BatchCreatePartition": new_table,
    "s3:PutObject": new_table,
    "s3:GetObject": lambda s: ask(s, SANDBOX, f"SELECT * FROM {new_table(root())}"),
    "glue:GetPartitions": lambda s: ask(s, SANDBOX, f"SELECT * FROM {new_table(root())}"),
    "glue:GetTables": lambda s: ask(s, SANDBOX, "SHOW TABLES"),
    "glue:UpdateTable": lambda s: ask(
        s, SANDBOX, f"ALTER TABLE {new_table(root())} SET TBLPROPERTIES ('owner' = 'me')"
    ),
    "glue:DeleteTable": lambda s: ask(s, SANDBOX, f"DROP TABLE {new_table(root())}"),
    "glue:DeletePartition": lambda s: ask(s, SANDBOX, f"ALTER TABLE {new_table(root())} DROP PARTITION (year = 2019)"),
    "glue:BatchDeleteTable": lambda s: s.client("glue").batch_delete_table(
        DatabaseName=SANDBOX.database, TablesToDelete=[new_table(root())]
    ),
    "glue:CreatePartition": lambda s: in_sandbox(
        "create_partition", made := new_table(root()), PartitionInput=partition(made, 2020)
    )(s),
    "glue:UpdatePartition": update_partition,
    "glue:BatchUpdatePartition": batch_update_partition,
    "glue:BatchDeletePartition": lambda s: in_sandbox(
        "batch_delete_partition", new_table(root()), PartitionsToDelete=[{"Values": ["2019"]}]
    )(s),
    "glue:GetPartition": lambda s: in_sandbox("get_partition", new_table(root()), PartitionValues=["2019"])(s),
    "glue:BatchGetPartition": lambda s: in_sandbox(
        "batch_get_partition", new_table(root()), PartitionsToGet=[{"Values": ["2019"]}]
    )(s),
    "glue:GetTableVersions": lambda s: in_sandbox("get_table_versions", new_table(root()))(s),
    "glue:GetTableVersion": lambda s: in_sandbox("get_table_version", version_of_two(root()), VersionId="1")(s),
    "glue:BatchDeleteTableVersion": lambda s: in_sandbox(
        "batch_delete_table_version", version_of_two(root()), VersionIds=["1"]
    )(s),
    "glue:DeleteTableVersion": lambda s: in_sandbox("delete_table_version", version_of_two(root()), VersionId="1")(s),
    "s3:DeleteObject": lambda s: s.client("s3").delete_object(Bucket=bucket("athena"), Key="sandbox/any.csv"),
    "s3:AbortMultipartUpload": lambda s: upload(s, "sandbox/large"),
}


@pytest.fixture(scope="module")
def maker(world: World) -> boto3.Session:
    """A session of a role with both policies."""
    return Asker(NAMES, "maker").attach("analyst", "sandbox").session


@pytest.fixture(scope="module")
def stripped_maker(world: World) -> Asker:
    return Asker(NAMES, "stripped-maker").attach("analyst")


def test_with_both_policies_tables_are_made_filled_changed_and_dropped(maker: boto3.Session) -> None:
    made = new_table(maker, f"SELECT notice_id, year FROM {NAMES.database}.notices")
    count = len(a_day()[0])
    assert ask(maker, SANDBOX, f"SELECT count(*) FROM {made}").rows == [(str(count),)]
    ask(maker, SANDBOX, f"INSERT INTO {made} SELECT 'mine', 2020")
    assert ask(maker, SANDBOX, f"SELECT count(*) FROM {made}").rows == [(str(count + 1),)]
    ask(maker, SANDBOX, f"CREATE OR REPLACE VIEW over_{made} AS SELECT max(year) AS latest FROM {made}")
    assert ask(maker, SANDBOX, f"SELECT latest FROM over_{made}").rows == [("2020",)]
    ask(maker, SANDBOX, f"DROP VIEW over_{made}")
    ask(maker, SANDBOX, f"DROP TABLE {made}")
    assert (made,) not in ask(maker, SANDBOX, "SHOW TABLES").rows


def test_every_action_of_the_sandboxs_policy_is_tried_or_has_a_reason(world: World) -> None:
    assert actions(policy(world, "sandbox")) == USES_IN_SANDBOX.keys() | UNASKED_IN_SANDBOX.keys()


@pytest.mark.parametrize("action", USES_IN_SANDBOX)
def test_each_action_in_the_sandbox_is_needed(
    action: str, world: World, maker: boto3.Session, stripped_maker: Asker
) -> None:
    USES_IN_SANDBOX[action](maker)
    stripped_maker.may_only(without(policy(world, "sandbox"), action))
    with pytest.raises((CcaTedError, ClientError), match=REFUSED):
        USES_IN_SANDBOX[action](stripped_maker.session)


REFUSALS_WITH_BOTH: dict[str, Use] = {
    **{
        what: use
        for what, use in REFUSALS.items()
        if what not in ("writing to the sandbox", "asking in another workgroup")
    },
    "a table beside the lake's": lambda s: ask(s, SANDBOX, f"CREATE TABLE {NAMES.database}.mine AS SELECT 1 AS one"),
    "rows in a table of the lake": lambda s: ask(
        s, SANDBOX, f"INSERT INTO {NAMES.database}.rejects (package_id, year) SELECT 'mine', 2019"
    ),
    "dropping by SQL": lambda s: ask(s, SANDBOX, f"DROP TABLE {NAMES.database}.notices"),
    "a database": lambda s: ask(s, SANDBOX, "CREATE SCHEMA mine"),
    "asking where everybody may": athena("start_query_execution", QueryString="SELECT 1", WorkGroup="primary"),
}


@pytest.mark.parametrize("what", REFUSALS_WITH_BOTH)
def test_with_both_policies_it_is_still_refused(what: str, world: World, maker: boto3.Session) -> None:
    with pytest.raises((CcaTedError, ClientError), match=REFUSED):
        REFUSALS_WITH_BOTH[what](maker)
    assert ask(world.session, NAMES, COUNT).rows == [(str(len(a_day()[0])),)]


def test_a_table_that_cannot_be_declared_leaves_no_file(world: World, analyst: boto3.Session) -> None:
    """Results may be written by who asks only, so its files are: until the catalog refuses the table."""
    with pytest.raises(CcaTedError, match=REFUSED):
        ask(analyst, NAMES, f"CREATE TABLE {NAMES.database}.mine AS SELECT 1 AS one")
    listed = world.session.client("s3").list_objects_v2(Bucket=bucket("athena"), Prefix="results/tables/")
    assert listed["KeyCount"] == 0
