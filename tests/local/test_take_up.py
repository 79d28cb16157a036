"""An instance on this machine whose processes were killed goes on with its data."""

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from console import local, pipeline
from console.aws import trino_server
from console.aws.launcher import EmbeddedAws, engine, save
from console.instances import LocalInstance
from console.target import embedded
from stacks.names import Names

pytestmark = pytest.mark.timeout(300)

NAMES = Names("me", "dev")
MACHINE = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
ROLE = "arn:aws:iam::000000000000:role/any"


class Deployment:
    """In the place of the cdk tool: as much of an instance as is looked at here."""

    def __init__(self, aws: EmbeddedAws, context: Mapping[str, str], progress: object) -> None:
        self._session = embedded(aws, NAMES, "here").session

    def bootstrap(self) -> None:
        """Nothing."""

    def deploy(self) -> None:
        """Make a bucket with versions, a queue, a table, a job and a state machine that never ends."""
        s3, glue = self._session.client("s3"), self._session.client("glue")
        s3.create_bucket(Bucket=NAMES.raw_bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket=NAMES.raw_bucket, VersioningConfiguration={"Status": "Enabled"})
        self._session.client("sqs").create_queue(QueueName=NAMES.queue("transfers"))
        glue.create_database(DatabaseInput={"Name": NAMES.database})
        glue.create_job(Name=NAMES.merge_job, Role=ROLE, Command={"Name": "glueetl", "ScriptLocation": "s3://a/b.py"})
        self._session.client("stepfunctions").create_state_machine(
            name=NAMES.state_machine, definition=json.dumps(MACHINE), roleArn=ROLE
        )


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalInstance]:
    monkeypatch.setenv("CCA_TED_CACHE", str(tmp_path))
    monkeypatch.setattr(local, "LocalCdk", Deployment)
    monkeypatch.setattr(local, "_SAMPLE_NOTICES", 4)
    yield local.bring_up("mine", NAMES.initials)
    local.take_down("mine")
    assert list((tmp_path / "local").iterdir()) == []


def session_of(instance: LocalInstance) -> boto3.Session:
    return embedded(instance.aws, instance.names, "here").session


def kill(instance: LocalInstance) -> None:
    for pid in (instance.pid, instance.publisher_pid):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def versions(instance: LocalInstance) -> list[tuple[str, bytes, dict[str, str]]]:
    """Versions of the one object: id, bytes, metadata."""
    s3: Any = session_of(instance).client("s3")
    place = {"Bucket": NAMES.raw_bucket, "Key": "2019/a"}
    found = s3.list_object_versions(Bucket=NAMES.raw_bucket, Prefix=place["Key"])["Versions"]
    answers = [(each["VersionId"], s3.get_object(**place, VersionId=each["VersionId"])) for each in found]
    return [(number, answer["Body"].read(), answer["Metadata"]) for number, answer in answers]


def test_a_killed_instance_is_taken_up_with_its_data_and_its_names(instance: LocalInstance) -> None:
    s3, client = session_of(instance).client("s3"), session_of(instance).client("stepfunctions")
    for data in (b"first", b"second"):
        s3.put_object(Bucket=NAMES.raw_bucket, Key="2019/a", Body=data, Metadata={"sha256": data.decode()})
    before = versions(instance)
    assert [data for _, data, _ in before] == [b"second", b"first"]
    pipeline.start(client, NAMES, {"year": 2019})
    save(instance.aws)  # as it does by itself every few seconds
    kill(instance)
    assert not instance.aws.alive()

    again = local.take_up(instance)

    assert again.aws.alive()
    assert LocalInstance.read("mine") == again
    assert (again.endpoint, again.publisher_url) == (instance.endpoint, instance.publisher_url)
    assert versions(again) == before
    session = session_of(again)
    assert session.client("glue").get_job(JobName=NAMES.merge_job)["Job"]["Name"] == NAMES.merge_job
    assert session.client("sqs").get_queue_url(QueueName=NAMES.queue("transfers"))["QueueUrl"]
    assert [run.state for run in pipeline.list_runs(session.client("stepfunctions"), NAMES, 10)] == ["failed"]


def answer(instance: LocalInstance, sql: str) -> str:
    """What Athena says to a query: its first value, or why it failed."""
    athena: Any = session_of(instance).client("athena")
    place = {"OutputLocation": f"s3://{NAMES.raw_bucket}/results/"}
    number = athena.start_query_execution(QueryString=sql, ResultConfiguration=place)["QueryExecutionId"]
    while (status := athena.get_query_execution(QueryExecutionId=number)["QueryExecution"]["Status"])["State"] in (
        "QUEUED",
        "RUNNING",
    ):
        time.sleep(0.2)
    if status["State"] == "FAILED":
        return str(status["StateChangeReason"])
    return str(athena.get_query_results(QueryExecutionId=number)["ResultSet"]["Rows"][1]["Data"][0]["VarCharValue"])


@pytest.mark.skipif(engine(None) != "trino", reason="DuckDB, the engine of this run, is no process of its own")
def test_a_lost_trino_is_told_by_a_query_and_comes_back_with_the_data_as_it_is(instance: LocalInstance) -> None:
    session_of(instance).client("s3").put_object(Bucket=NAMES.raw_bucket, Key="2019/a", Body=b"kept")
    before = versions(instance)
    assert answer(instance, "SELECT 1 + 1") == "2"
    server = trino_server.process_of(Path(instance.folder))
    assert server
    server.kill()
    assert "TRINO_IS_GONE: the Trino server of this instance does not answer" in answer(instance, "SELECT 1 + 1")
    assert versions(instance) == before

    assert local.take_up(instance) == instance

    assert answer(instance, "SELECT 1 + 1") == "2"
    assert versions(instance) == before
