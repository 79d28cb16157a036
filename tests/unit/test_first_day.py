"""`ted first-day`: what each check says where something is not as it should be."""

import json
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from console import first_day
from console.athena import Answer, QueryFailed
from console.checks import Finding, look
from console.target import Target
from runtime.merge.publish import SWAP_ORDER
from runtime.schema import TABLES
from runtime.schema.views import VIEWS, saved_queries
from stacks.names import Names

NAMES = Names("me", "dev")
DATABASE, GROUP, PREFIX = NAMES.database, NAMES.workgroup, f"{NAMES.instance}-"


class Redrive:
    """SQS's own redrive, which moto lacks, over moto's queues; `ends` is how a task ends."""

    def __init__(self, client: Any, ends: str = "COMPLETED") -> None:
        self._client, self._ends, self.moved = client, ends, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def _url(self, arn: str) -> str:
        return str(self._client.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"])

    def start_message_move_task(self, *, SourceArn: str, DestinationArn: str) -> dict[str, str]:  # noqa: N803
        if self._ends == "COMPLETED":
            (message,) = self._client.receive_message(QueueUrl=self._url(SourceArn))["Messages"]
            self._client.send_message(QueueUrl=self._url(DestinationArn), MessageBody=message["Body"])
            self._client.delete_message(QueueUrl=self._url(SourceArn), ReceiptHandle=message["ReceiptHandle"])
            self.moved = 1
        if self._ends == "refused":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "StartMessageMoveTask")
        return {"TaskHandle": "any"}

    def list_message_move_tasks(self, *, SourceArn: str, MaxResults: int) -> dict[str, Any]:  # noqa: N803
        why = {} if self.moved else {"FailureReason": "QueueDoesNotExist"}
        return {"Results": [{"Status": self._ends, "ApproximateNumberOfMessagesMoved": self.moved, **why}]}


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with mock_aws():
        yield boto3.Session(region_name="eu-west-1")


@pytest.fixture
def asked(session: boto3.Session) -> Target:
    return Target(session, NAMES, "a test")


def instead(session: boto3.Session, service: str, made: Any) -> None:
    """Let a session give this client for a service."""
    client: Callable[..., Any] = session.client
    chosen: Any = lambda name, **more: made if name == service else client(name, **more)  # noqa: E731
    session.client = chosen  # type: ignore[method-assign]


def states(found: Iterator[Finding]) -> dict[str, tuple[str, str]]:
    return {each.what: (each.state, each.seen) for each in found}


def test_a_log_group_without_lines_is_wrong(session: boto3.Session, asked: Target) -> None:
    client = session.client("logs")
    for stream in ("error", "output"):
        client.create_log_group(logGroupName=f"/aws-glue/jobs/{NAMES.merge_job}/{stream}")
    output = f"/aws-glue/jobs/{NAMES.merge_job}/output"
    client.create_log_stream(logGroupName=output, logStreamName="jr_1")
    now = round(time.time() * 1000)
    client.put_log_events(logGroupName=output, logStreamName="jr_1", logEvents=[{"timestamp": now, "message": "2019"}])
    found = states(first_day.logs(asked))
    assert found[f"log group {output}"][0] == "ok"
    assert found[f"log group /aws-glue/jobs/{NAMES.merge_job}/error"] == ("wrong", "no line")


def make_partitions(session: boto3.Session, runs: dict[str, str]) -> None:
    glue = session.client("glue")
    glue.create_database(DatabaseInput={"Name": DATABASE})
    for table in SWAP_ORDER:
        entry: Any = {"Name": table.name, "PartitionKeys": [{"Name": "year", "Type": "int"}], "StorageDescriptor": {}}
        glue.create_table(DatabaseName=DATABASE, TableInput=entry)
        if run := runs.get(table.name, runs.get("all")):
            place = {"Location": f"s3://b/merged/{table.name}/year=2019/run={run}/"}
            partition: Any = {"Values": ["2019"], "StorageDescriptor": place}
            glue.create_partition(DatabaseName=DATABASE, TableName=table.name, PartitionInput=partition)


@pytest.mark.parametrize(
    ("runs", "state", "seen"),
    [
        ({}, "wrong", "packages has none"),
        ({"all": "jr_1"}, "ok", f"year 2019 of all {len(TABLES)} tables is run jr_1"),
        ({"all": "jr_1", "lots": "jr_0"}, "wrong", "lots jr_0"),
        ({"packages": "jr_1"}, "wrong", "lots no run"),
    ],
)
def test_a_year_is_published_as_one_run(
    session: boto3.Session, asked: Target, runs: dict[str, str], state: str, seen: str
) -> None:
    make_partitions(session, runs)
    found = states(first_day.partitions(asked))["first partition"]
    assert found[0] == state
    assert seen in found[1]


def test_a_view_or_query_that_does_not_answer_is_wrong_with_its_reason(
    session: boto3.Session, asked: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_partitions(session, {"all": "jr_1"})
    athena = session.client("athena")
    athena.create_work_group(Name=GROUP, Configuration={})
    first, second, *rest = saved_queries()
    for query in (first, *rest):
        athena.create_named_query(Name=query.title, Database=DATABASE, QueryString=query.sql, WorkGroup=GROUP)

    def answer(_: Any, names: Names, sql: str) -> Answer:
        if sql == first.sql or "contract_awards" in sql:
            raise QueryFailed("the query failed: TABLE_NOT_FOUND")
        return Answer(("a",), [("1",)], 10)

    monkeypatch.setattr(first_day, "ask", answer)
    seen = states(first_day.views(asked))
    assert seen["view contract_awards"] == ("wrong", "the query failed: TABLE_NOT_FOUND")
    assert [state for state, _ in seen.values()].count("ok") == len(VIEWS) - 1
    found = states(first_day.queries(asked))
    assert found[f"query {first.title}"][0] == "wrong"
    assert found[f"query {second.title}"] == ("wrong", f"workgroup {GROUP} does not have it")
    assert len(found) == len(saved_queries())


def test_alarms_that_are_raised_or_not_judged_are_named(session: boto3.Session, asked: Target) -> None:
    assert states(first_day.alarms(asked)) == {"alarms": ("wrong", "there are none")}
    client: Any = session.client("cloudwatch")
    for name, state in (("a", "OK"), ("b", "ALARM"), ("c", "INSUFFICIENT_DATA")):
        client.put_metric_alarm(
            AlarmName=PREFIX + name, MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1,
            ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
        )  # fmt: skip
        client.set_alarm_state(AlarmName=PREFIX + name, StateValue=state, StateReason="test")
    assert states(first_day.alarms(asked)) == {
        "alarms": ("ok", "1 of 3 are in OK"), "alarms raised": ("wrong", "b"), "alarms not judged": ("wrong", "c"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("subscribed", "state", "seen"),
    [
        ([], "wrong", "nobody is told of runs and alarms"),
        ([("a@b.eu", "PendingConfirmation")], "wrong", "a@b.eu is not confirmed"),
        ([("a@b.eu", "arn:aws:sns:eu-west-1:123456789012:t:1")], "ok", "a@b.eu is confirmed"),
    ],
)
def test_a_mail_that_nobody_confirmed_is_wrong(
    session: boto3.Session, asked: Target, subscribed: list[tuple[str, str]], state: str, seen: str
) -> None:
    pages = [{"Subscriptions": [{"Endpoint": to, "SubscriptionArn": arn} for to, arn in subscribed]}]
    stack = {"Outputs": [{"OutputKey": "TopicArn", "OutputValue": "arn:t"}]}
    instead(session, "sns", SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: pages)))
    instead(session, "cloudformation", SimpleNamespace(describe_stacks=lambda **_: {"Stacks": [stack]}))
    assert states(first_day.mail(asked)) == {"mail of the topic": (state, seen)}


class TestDeadLetter:
    NAME = NAMES.queue("extractions")

    @pytest.fixture
    def urls(self, session: boto3.Session) -> list[str]:
        client = session.client("sqs")
        return [client.create_queue(QueueName=name)["QueueUrl"] for name in (f"{self.NAME}_dlq", self.NAME)]

    def bodies(self, session: boto3.Session, url: str) -> list[str]:
        found = session.client("sqs").receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages", [])
        return [message["Body"] for message in found]

    def test_comes_back_to_its_queue_and_is_harmless(
        self, session: boto3.Session, asked: Target, urls: list[str]
    ) -> None:
        instead(session, "sqs", Redrive(session.client("sqs")))
        assert states(first_day.dead_letter(asked))["dead letter"][0] == "ok"
        assert self.bodies(session, urls[0]) == []
        (body,) = self.bodies(session, urls[1])
        assert json.loads(body)["Event"] == "s3:TestEvent"

    def test_is_not_sent_where_others_wait(self, session: boto3.Session, asked: Target, urls: list[str]) -> None:
        session.client("sqs").send_message(QueueUrl=urls[0], MessageBody="lost")
        state, seen = states(first_day.dead_letter(asked))["dead letter"]
        assert (state, seen) == ("wrong", f"1 already wait in {self.NAME}_dlq")
        assert self.bodies(session, urls[0]) == ["lost"]

    def test_that_does_not_come_back_is_wrong(self, session: boto3.Session, asked: Target, urls: list[str]) -> None:
        instead(session, "sqs", Redrive(session.client("sqs"), "FAILED"))
        (found,) = look(asked, [("dead letter", lambda: first_day.dead_letter(asked))])
        assert found.state == "wrong"
        assert found.seen.endswith("failed after 0 messages: QueueDoesNotExist")
        assert self.bodies(session, urls[0]) == []

    def test_is_taken_away_where_it_may_not_be_moved_and_the_other_checks_go_on(
        self, session: boto3.Session, asked: Target, urls: list[str]
    ) -> None:
        instead(session, "sqs", Redrive(session.client("sqs"), "refused"))
        after = Finding("after", "ok", "")
        refused, last = look(asked, [("dead letter", lambda: first_day.dead_letter(asked)), ("after", lambda: [after])])
        assert (refused.what, refused.state, last) == ("dead letter", "wrong", after)
        assert self.bodies(session, urls[0]) == []
