"""What is mended in the embedded AWS, and that each mend refuses a package that it does not fit."""

import importlib.metadata
import io
import json
import os
import time
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from console.aws import spark_classes
from console.aws.launcher import EmbeddedAws
from console.aws.mends import guard
from console.aws.spark import JobEnd, error_of, run_job, script_arguments, shared_classes
from runtime.errors import ConfigError

pytestmark = pytest.mark.timeout(300)

PARQUET = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
SMALLEST_LIMIT = 10_000_000  # that Athena takes
ROWS = 1_300_000  # of 8 bytes that do not compress
ROLE = "arn:aws:iam::000000000000:role/any"


def name() -> str:
    return f"t-{uuid.uuid4().hex[:10]}"


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            archive.writestr(path.replace("__", "."), content)
    return buffer.getvalue()


def bucket_with(session: boto3.Session, **objects: bytes) -> str:
    bucket = name()
    where: Any = {"LocationConstraint": session.region_name}
    session.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    for key, body in objects.items():
        session.client("s3").put_object(Bucket=bucket, Key=key.replace("__", "."), Body=body)
    return bucket


def glue_job(session: boto3.Session, script: str, concurrent: int = 1, **arguments: str) -> str:
    job = name()
    bucket = bucket_with(
        session, script__py=script.encode(), library__zip=zipped(library__py="def twice(n): return 2 * n")
    )
    session.client("glue").create_job(
        Name=job,
        Role=ROLE,
        Command={"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/script.py", "PythonVersion": "3"},
        DefaultArguments={"--extra-py-files": f"s3://{bucket}/library.zip", "--BUCKET": bucket, **arguments},
        GlueVersion="5.0",
        ExecutionProperty={"MaxConcurrentRuns": concurrent},
        Timeout=5,
    )
    return job


def run_machine(session: boto3.Session, states: dict[str, Any]) -> dict[str, Any]:
    client = session.client("stepfunctions")
    machine = client.create_state_machine(
        name=name(), roleArn=ROLE, definition=json.dumps({"StartAt": next(iter(states)), "States": states})
    )
    execution = client.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")["executionArn"]
    return until(lambda: client.describe_execution(executionArn=execution), lambda d: d["status"] != "RUNNING")


def until(look: Callable[[], Any], done: Callable[[Any], bool], seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while not done(found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {found}"
        time.sleep(0.3)
    return found


def job_run(session: boto3.Session, job: str, run: str) -> dict[str, Any]:
    return until(
        lambda: session.client("glue").get_job_run(JobName=job, RunId=run)["JobRun"],
        lambda found: found["JobRunState"] not in ("STARTING", "RUNNING"),
    )


def sync_job(job: str, **arguments: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": job, "Arguments": arguments},
        "End": True,
    }


def test_catches_a_functions_error_by_the_name_of_its_class(session: boto3.Session) -> None:
    code = """
class TransientError(Exception): pass
class TerminalError(Exception): pass
calls = 0
def handler(event, context):
    global calls
    calls += 1
    if calls < 3: raise TransientError(f"call {calls}")
    raise TerminalError(f"call {calls}")
"""
    function = session.client("lambda").create_function(
        FunctionName=name(), Runtime="python3.11", Role=ROLE, Handler="h.handler", Code={"ZipFile": zipped(h__py=code)}
    )["FunctionArn"]

    ended = run_machine(
        session,
        {
            "Call": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": function, "Payload": {}},
                "Retry": [{"ErrorEquals": ["TransientError"], "IntervalSeconds": 1, "MaxAttempts": 5}],
                "Catch": [{"ErrorEquals": ["TerminalError"], "Next": "Caught"}],
                "End": True,
            },
            "Caught": {"Type": "Pass", "End": True},
        },
    )

    assert ended["status"] == "SUCCEEDED"
    caught = json.loads(ended["output"])
    # The third call: the process, and what it remembers, outlives an error.
    assert (caught["Error"], json.loads(caught["Cause"])["errorMessage"]) == ("TerminalError", "call 3")


def test_runs_a_spark_job_with_its_library_arguments_and_s3(session: boto3.Session) -> None:
    script = """
import sys
from library import twice
from pyspark.sql import SparkSession
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert "--extra-py-files" not in arguments and arguments["--JOB_RUN_ID"].startswith("jr_")
spark = SparkSession.builder.getOrCreate()
numbers = spark.range(10).rdd.map(lambda row: (twice(row.id),)).toDF(["n"])
numbers.coalesce(1).write.parquet(f"s3://{arguments['--BUCKET']}/out/year={arguments['--YEAR']}")
"""
    job = glue_job(session, script)

    ended = run_machine(session, {"Merge": sync_job(job, **{"--YEAR": "2019"})})

    assert ended["status"] == "SUCCEEDED", ended
    run = json.loads(ended["output"])
    assert (run["JobRunState"], run["Arguments"]) == ("SUCCEEDED", {"--YEAR": "2019"})
    s3, bucket = (
        session.client("s3"),
        session.client("glue").get_job(JobName=job)["Job"]["DefaultArguments"]["--BUCKET"],
    )
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket, Prefix="out/year=2019/")["Contents"]]
    [data] = [key for key in keys if key.endswith(".parquet")]
    table = pq.read_table(io.BytesIO(s3.get_object(Bucket=bucket, Key=data)["Body"].read()))
    assert sorted(table["n"].to_pylist()) == list(range(0, 20, 2))


def test_a_run_of_spark_begins_with_the_classes_that_setup_kept(
    tmp_path: Path, bare_aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in bare_aws.environment().items():
        monkeypatch.setenv(key, value)
    if not shared_classes().exists():
        spark_classes.prepare()
    conf = {"--conf": f"spark.driver.defaultJavaOptions=-Xlog:class+load:file={tmp_path}/loaded.txt"}
    script = b"""
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
java = spark.sparkContext._jvm
java.org.apache.hadoop.fs.Path("s3://b/").getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
assert spark.range(9).count() == 9
"""

    outcome = run_job(tmp_path, conf, "s3://b/s.py", lambda _: script, bare_aws.endpoint, 120)

    assert outcome == JobEnd("SUCCEEDED")
    loaded = (tmp_path / "loaded.txt").read_text().splitlines()
    for package in ("org.apache.spark.", "org.apache.hadoop.fs.s3a.", "com.amazonaws."):
        of_it = [line for line in loaded if f" {package}" in line and "/0x" not in line]
        assert len([line for line in of_it if "shared objects file" in line]) > 0.8 * len(of_it) > 20


def test_fails_the_state_machine_when_the_script_fails(session: boto3.Session) -> None:
    job = glue_job(session, "raise ValueError('packages 20190301_2019043 are stale')")

    ended = run_machine(session, {"Merge": sync_job(job, **{"--YEAR": "2019"})})

    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    run = json.loads(ended["cause"])
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == "ValueError: packages 20190301_2019043 are stale"


def test_fails_a_run_whose_script_is_not_there(session: boto3.Session) -> None:
    job = glue_job(session, "")
    glue = session.client("glue")
    bucket = glue.get_job(JobName=job)["Job"]["DefaultArguments"]["--BUCKET"]
    session.client("s3").delete_object(Bucket=bucket, Key="script.py")

    run = job_run(session, job, glue.start_job_run(JobName=job)["JobRunId"])

    assert run["JobRunState"] == "FAILED"
    assert f"s3://{bucket}/script.py" in run["ErrorMessage"]


def test_keeps_the_limit_of_runs_and_stops_one(session: boto3.Session) -> None:
    glue = session.client("glue")
    job = glue_job(session, "import time; time.sleep(60)", concurrent=2)
    first, second = (glue.start_job_run(JobName=job, Arguments={"--YEAR": y})["JobRunId"] for y in ("2019", "2020"))

    with pytest.raises(glue.exceptions.ConcurrentRunsExceededException):
        glue.start_job_run(JobName=job)
    runs = glue.get_job_runs(JobName=job)["JobRuns"]
    assert [(run["Id"], run["Arguments"]["--YEAR"]) for run in runs] == [(second, "2020"), (first, "2019")]
    glue.batch_stop_job_run(JobName=job, JobRunIds=[first, second])
    assert [job_run(session, job, run)["JobRunState"] for run in (first, second)] == ["STOPPED", "STOPPED"]


def test_ends_a_run_at_its_time_limit(tmp_path: Path, bare_aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in bare_aws.environment().items():
        monkeypatch.setenv(key, value)
    started = time.monotonic()

    outcome = run_job(tmp_path, {}, "s3://b/s.py", lambda _: b"import time; time.sleep(60)", bare_aws.endpoint, 2)

    assert outcome.state == "TIMEOUT"
    assert time.monotonic() - started < 30


def test_tells_the_error_apart_from_what_spark_logs() -> None:
    log = """Traceback (most recent call last):
  File "s.py", line 3, in <module>
runtime.errors.TerminalError: two faults:
  - one
  - two
26/11/23 11:48:58 WARN SparkContext: stopping
"""
    assert error_of(log, 1) == "runtime.errors.TerminalError: two faults:\n  - one\n  - two"
    assert error_of("", 137) == "Exit code 137"
    assert script_arguments({"--YEAR": "2019", "--conf": "a=b", "--enable-metrics": "true"}) == ["--YEAR", "2019"]
    assert JobEnd("SUCCEEDED").message == ""


def test_waits_for_a_query_and_fails_with_it(session: boto3.Session) -> None:
    bucket = bucket_with(session)
    group = name()
    session.client("athena").create_work_group(
        Name=group, Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{bucket}/results/"}}
    )

    def query(sql: str) -> dict[str, Any]:
        parameters = {"QueryString": sql, "WorkGroup": group}
        task = {"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync", "End": True}
        return run_machine(session, {"Ask": {**task, "Parameters": parameters}})

    good, bad = query("SELECT 1 AS one"), query("SELECT * FROM nowhere")

    assert good["status"] == "SUCCEEDED"
    execution = json.loads(good["output"])["QueryExecution"]
    key = execution["ResultConfiguration"]["OutputLocation"].removeprefix(f"s3://{bucket}/")
    assert session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b'"one"\n"1"\n'
    assert (bad["status"], bad["error"]) == ("FAILED", "States.TaskFailed")
    assert "SCHEMA_NOT_FOUND: line 1:15: Schema 'default'" in bad["cause"]  # Athena's where none is named


def test_keeps_the_rules_of_the_workgroup(session: boto3.Session) -> None:
    athena, glue = session.client("athena"), session.client("glue")
    numbers = pa.Array.from_buffers(pa.int64(), ROWS, [None, pa.py_buffer(os.urandom(8 * ROWS))])
    body = io.BytesIO()
    pq.write_table(pa.table({"n": numbers}), body, use_dictionary=False)
    bucket = bucket_with(session, **{"t/part.parquet": body.getvalue()})
    database, group = name().replace("-", "_"), name()
    columns = [{"Name": "n", "Type": "bigint"}]
    glue.create_database(DatabaseInput={"Name": database})
    storage: Any = {
        "Columns": columns,
        "Location": f"s3://{bucket}/t/",
        "InputFormat": PARQUET,
        "OutputFormat": PARQUET.replace("Input", "Output"),
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
    }
    glue.create_table(DatabaseName=database, TableInput={"Name": "t", "StorageDescriptor": storage})
    athena.create_work_group(
        Name=group,
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "BytesScannedCutoffPerQuery": SMALLEST_LIMIT,
            "ResultConfiguration": {"OutputLocation": f"s3://{bucket}/results/"},
        },
    )

    def run(sql: str, *parameters: str) -> Any:
        given: dict[str, Any] = {"ExecutionParameters": list(parameters)} if parameters else {}
        number = athena.start_query_execution(
            QueryString=sql,
            WorkGroup=group,
            QueryExecutionContext={"Database": database},
            ResultConfiguration={"OutputLocation": "s3://elsewhere/"},
            **given,
        )["QueryExecutionId"]
        return until(
            lambda: athena.get_query_execution(QueryExecutionId=number)["QueryExecution"],
            lambda found: found["Status"]["State"] not in ("QUEUED", "RUNNING"),
        )

    counted, dear = run("SELECT count(*) FROM t WHERE ? = 1", "1"), run("SELECT n FROM t")

    assert counted["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{bucket}/results/")
    rows = athena.get_query_results(QueryExecutionId=counted["QueryExecutionId"])["ResultSet"]["Rows"]
    assert [row["Data"][0]["VarCharValue"] for row in rows] == ["_col0", str(ROWS)]
    assert dear["Status"]["State"] == "CANCELLED"
    assert "Bytes scanned limit was exceeded" in dear["Status"]["StateChangeReason"]
    with pytest.raises(athena.exceptions.InvalidRequestException, match="is not found"):
        athena.start_query_execution(QueryString="SELECT 1", WorkGroup="nobody-has-this")


def test_a_table_without_description_has_none(session: boto3.Session) -> None:
    glue = session.client("glue")
    database = name().replace("-", "_")
    glue.create_database(DatabaseInput={"Name": database})
    tables: Any = {"Name": "silent"}, {"Name": "told", "Description": "One row per notice"}
    for table in tables:
        glue.create_table(DatabaseName=database, TableInput=table | {"StorageDescriptor": {"Columns": []}})

    assert "Description" not in glue.get_table(DatabaseName=database, Name="silent")["Table"]
    listed = {found["Name"]: found.get("Description") for found in glue.get_tables(DatabaseName=database)["TableList"]}
    assert listed == {"silent": None, "told": "One row per notice"}


def test_finds_partitions_by_an_expression(session: boto3.Session) -> None:
    glue = session.client("glue")
    database = name().replace("-", "_")
    glue.create_database(DatabaseInput={"Name": database})
    table: Any = {"Name": "t", "PartitionKeys": [{"Name": "year", "Type": "int"}], "StorageDescriptor": {"Columns": []}}
    glue.create_table(DatabaseName=database, TableInput=table)
    where: Any = {"DatabaseName": database, "TableName": "t"}
    for year in ("2019", "2024"):
        glue.create_partition(**where, PartitionInput={"Values": [year], "StorageDescriptor": {"Location": "s3://a/"}})
    moved: Any = {"Values": ["2019"], "StorageDescriptor": {"Location": "s3://b/"}}
    glue.update_partition(**where, PartitionValueList=["2019"], PartitionInput=moved)

    found = glue.get_partitions(**where, Expression="year < 2020")["Partitions"]

    assert [(part["Values"], part["StorageDescriptor"]["Location"]) for part in found] == [(["2019"], "s3://b/")]
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.create_partition(DatabaseName=database, TableName="nothing", PartitionInput={"Values": ["2019"]})


def test_gives_a_bucket_the_tags_of_its_template(session: boto3.Session) -> None:
    stack, bucket = name(), name()
    properties = {"BucketName": bucket, "Tags": [{"Key": "k", "Value": "v"}]}
    resources = {"B": {"Type": "AWS::S3::Bucket", "Properties": properties}}
    cloudformation = session.client("cloudformation")

    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": resources}))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})

    tags = session.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]
    assert {"Key": "k", "Value": "v"} in tags


def test_puts_a_bucket_into_the_namespace_of_account_and_region(session: boto3.Session) -> None:
    stack, prefix = name(), name()
    cloudformation = session.client("cloudformation")
    whole = f"{prefix}-000000000000-eu-west-1-an"

    def template(**properties: str) -> str:
        bucket = {"Type": "AWS::S3::Bucket", "Properties": properties}
        return json.dumps({"Resources": {"B": bucket}, "Outputs": {"Name": {"Value": {"Ref": "B"}}}})

    def made(**properties: str) -> dict[str, Any]:
        cloudformation.create_stack(StackName=(other := name()), TemplateBody=template(**properties))
        return until(
            lambda: cloudformation.describe_stacks(StackName=other)["Stacks"][0],
            lambda found: not found["StackStatus"].endswith("IN_PROGRESS"),
        )

    regional = {"BucketNamePrefix": prefix, "BucketNamespace": "account-regional"}
    cloudformation.create_stack(StackName=stack, TemplateBody=template(**regional))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    assert cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"][0]["OutputValue"] == whole
    session.client("s3").put_object(Bucket=whole, Key="k", Body=b"kept")
    tagged = json.loads(template(**regional))
    tagged["Resources"]["B"]["Properties"]["Tags"] = [{"Key": "k", "Value": "v"}]
    cloudformation.update_stack(StackName=stack, TemplateBody=json.dumps(tagged))
    cloudformation.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    assert session.client("s3").get_object(Bucket=whole, Key="k")["Body"].read() == b"kept"

    long = {"BucketNamePrefix": "p" * 38, "BucketNamespace": "account-regional"}
    for wrong in ({"BucketNamePrefix": prefix}, {**regional, "BucketName": name()}, long):
        assert made(**wrong)["StackStatus"] == "ROLLBACK_COMPLETE", wrong


def test_refuses_a_bucket_of_another_account_than_expected(session: boto3.Session) -> None:
    stranger = boto3.client("s3", aws_access_key_id="111122223333", aws_secret_access_key="any")
    bucket = name()
    where: Any = {"LocationConstraint": session.region_name}
    stranger.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{bucket}/*"]}
    stranger.delete_public_access_block(Bucket=bucket)
    stranger.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))
    ours = session.client("s3")

    ours.put_object(Bucket=bucket, Key="k", Body=b"given away")
    with pytest.raises(ours.exceptions.ClientError, match="AccessDenied"):
        ours.put_object(Bucket=bucket, Key="k", Body=b"kept", ExpectedBucketOwner="000000000000")
    ours.put_object(Bucket=bucket, Key="k", Body=b"as agreed", ExpectedBucketOwner="111122223333")
    own = bucket_with(session)
    ours.put_object(Bucket=own, Key="k", Body=b"own", ExpectedBucketOwner="000000000000")


def test_moves_dead_letters_back_to_their_queue(session: boto3.Session) -> None:
    sqs, queue = session.client("sqs"), name()

    def made(queue: str, **attributes: str) -> tuple[str, str]:
        asked: Any = {"VisibilityTimeout": "0", **attributes}
        url = sqs.create_queue(QueueName=queue, Attributes=asked)["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def received(url: str) -> list[Any]:
        return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", [])

    def moved(**more: Any) -> tuple[Any, ...]:
        sqs.start_message_move_task(SourceArn=dead_arn, **more)
        (task,) = sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"]
        return task["Status"], task["ApproximateNumberOfMessagesMoved"], task.get("FailureReason")

    dead, dead_arn = made(f"{queue}_dlq")
    url, arn = made(queue, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1}))
    sqs.send_message(QueueUrl=url, MessageBody="tried once")
    (first,) = received(url)
    assert received(url) == []  # looking again is what makes it a dead letter

    assert moved() == ("COMPLETED", 1, None)
    (again,) = received(url)
    assert (again["Body"], again["Attributes"]["ApproximateReceiveCount"]) == ("tried once", "1")
    assert again["MessageId"] != first["MessageId"]
    assert received(dead) == []

    sqs.purge_queue(QueueUrl=url)
    sqs.send_message(QueueUrl=dead, MessageBody="of unknown origin")
    assert moved() == ("FAILED", 0, "CouldNotDetermineMessageSource")
    assert moved(DestinationArn=arn) == ("COMPLETED", 1, None)
    assert [message["Body"] for message in received(url)] == ["of unknown origin"]
    assert len(sqs.list_message_move_tasks(SourceArn=dead_arn, MaxResults=10)["Results"]) == 3

    with pytest.raises(sqs.exceptions.ClientError, match="must be configured as a Dead Letter Queue"):
        sqs.start_message_move_task(SourceArn=arn, DestinationArn=dead_arn)
    with pytest.raises(sqs.exceptions.ResourceNotFoundException):
        sqs.start_message_move_task(SourceArn=f"{dead_arn}x")


def test_refuses_another_version_of_ministack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "1.6.0")

    with pytest.raises(ConfigError, match=r"expected version 1.5.33, got 1.6.0.*make setup"):
        guard.check_version()


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (SimpleNamespace(__name__="m"), r"expected a function m\.start"),
        (SimpleNamespace(__name__="m", start=lambda data, more: None), r"m\.start\(data\), got \(data more\)"),
    ],
)
def test_refuses_a_hook_that_is_not_what_it_was(module: Any, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        guard.hook(module, "start", "data")


def test_every_mend_refuses_a_package_without_its_hook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from ministack.core import lambda_runtime
    from ministack.services import athena as athena_service
    from ministack.services import glue, s3, sqs, stepfunctions
    from ministack.services.cloudformation import provisioners

    from console.aws.mends import (
        athena,
        athena_catalog,
        bucket_names,
        bucket_owner,
        bucket_tags,
        glue_catalog,
        glue_jobs,
        glue_versions,
        lambda_errors,
        lambda_layers,
        redrive,
        resource_types,
        step_functions,
    )

    cases: list[tuple[Any, str, Any, Callable[[], None]]] = [
        (lambda_runtime, "_PYTHON_WORKER_SCRIPT", "run()", lambda_errors.apply),
        (lambda_runtime, "_PYTHON_WORKER_SCRIPT", "run()", lambda: lambda_layers.apply(tmp_path)),
        (glue, "_start_job_run", None, lambda: glue_jobs.apply(tmp_path)),
        (glue, "_get_partitions", lambda data, page: None, glue_catalog.apply),
        (glue, "_update_table", lambda data, archive: None, glue_versions.apply),
        (glue, "_ALL_STATE", {}, glue_versions.apply),
        (athena_service, "_glue_table_to_metadata", None, athena_catalog.apply),
        (stepfunctions, "_SERVICE_DISPATCH", {}, step_functions.apply),
        (provisioners, "_s3_apply_configurations", lambda name: None, bucket_tags.apply),
        (provisioners, "_s3_update", lambda name: None, bucket_names.apply),
        (s3, "_dispatch", lambda request: None, bucket_owner.apply),
        (sqs, "_HANDLERS", {"SendMessage": None, "StartMessageMoveTask": None}, redrive.apply),
        (sqs, "queue_delay", lambda: 0, redrive.apply),
        (provisioners, "_RESOURCE_HANDLERS", {"AWS::Athena::WorkGroup": {}}, resource_types.apply),
        (athena_service, "_start_query_execution", None, lambda: athena.apply(tmp_path)),
    ]
    for module, attribute, other, apply in cases:
        with monkeypatch.context() as patch:
            patch.setattr(module, attribute, other)
            with pytest.raises(ConfigError, match=r"ministack: expected .* install that version"):
                apply()
