"""`ted failures`, `ted redrive`, `ted purge`: what was given up is found, explained, moved back or removed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner, Result

from console import dead_letters, target
from console.main import app
from runtime.archive import BadArchive
from runtime.buckets import Bucket
from runtime.failures import Failure, record_failure
from runtime.http import SourceTrouble
from runtime.keys import PackageId
from stacks.names import Names
from tests.unit.deployed import deploy_storage, with_stacks

NAMES = Names("me", "dev")
FIRST, SECOND, THIRD = (PackageId.parse(text) for text in ("20190301_2019043", "20190304_2019044", "20200102_2020001"))
AT = "2026-03-02T12:00:00+00:00"


class Redrive:
    """SQS's own redrive, which moto lacks, over moto's queues; `ends` is how it ends, or what it answers."""

    def __init__(self, client: Any) -> None:
        self.client, self.ends, self.started = client, "COMPLETED", 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def start_message_move_task(self, *, SourceArn: str, DestinationArn: str) -> dict[str, str]:  # noqa: N803
        if self.ends == "AccessDenied":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "StartMessageMoveTask")
        assert SourceArn == f"{DestinationArn}_dlq"
        self.started += 1
        return {"TaskHandle": "any"}

    def list_message_move_tasks(self, **_: Any) -> dict[str, Any]:
        why = {} if self.ends == "COMPLETED" else {"FailureReason": "AccessDenied"}
        return {"Results": [{"Status": self.ends, "ApproximateNumberOfMessagesMoved": 3, **why}]}


@dataclass
class World:
    """An instance in moto with its queues."""

    raw: Bucket
    extracted: Bucket
    sqs: Redrive

    def url(self, name: str) -> str:
        work, _, dead = name.partition("_")
        whole = f"{NAMES.queue(work)}_{dead}".rstrip("_")
        return str(self.sqs.get_queue_url(QueueName=whole)["QueueUrl"])

    def send(self, name: str, *bodies: Any) -> None:
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self.sqs.send_message(QueueUrl=self.url(name), MessageBody=text)

    def bodies(self, name: str) -> list[str]:
        """Bodies of all messages that wait, which stay visible."""
        found: list[str] = []
        held: list[str] = []
        while messages := self.sqs.receive_message(QueueUrl=self.url(name), MaxNumberOfMessages=10).get("Messages"):
            found += [message["Body"] for message in messages]
            held += [message["ReceiptHandle"] for message in messages]
        for receipt in held:
            self.sqs.change_message_visibility(QueueUrl=self.url(name), ReceiptHandle=receipt, VisibilityTimeout=0)
        return sorted(found)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with mock_aws():
        session = with_stacks(boto3.Session(region_name="eu-west-1"))
        sqs = Redrive(session.client("sqs"))
        for work in dead_letters.Work:
            for name in (NAMES.queue(work), f"{NAMES.queue(work)}_dlq"):
                sqs.create_queue(QueueName=name)
        client = session.client
        monkeypatch.setattr(session, "client", lambda name, **more: sqs if name == "sqs" else client(name, **more))
        monkeypatch.setattr(target, "find_target", lambda *_: target.Target(session, NAMES, "a test"))
        yield World(*deploy_storage(session, NAMES), sqs)


def ted(*arguments: str, code: int = 0, answer: str = "") -> Result:
    result = CliRunner().invoke(app, arguments, input=answer)
    assert result.exit_code == code, result.output
    return result


def message(package: PackageId) -> dict[str, Any]:
    return {"package_id": str(package), "refresh": False}


def event(package: PackageId) -> dict[str, Any]:
    return {"Records": [{"s3": {"object": {"key": package.raw_key}}}]}


def test_nothing_given_up_ends_well(world: World) -> None:
    assert "me-cca-ted-dev (a test): nothing was given up" in ted("failures").stdout
    assert json.loads(ted("failures", "--json").stdout) == []


def test_what_was_given_up_is_named_with_step_reason_attempts_time_and_a_way_out(world: World) -> None:
    record_failure(world.raw, Failure(str(FIRST), "transfer", SourceTrouble.__name__, "503", 5, AT))
    record_failure(world.raw, Failure(str(SECOND), "transfer", BadArchive.__name__, "no gzip", 1, AT))
    record_failure(world.extracted, Failure(str(THIRD), "extract", "MemoryError", "", 5, AT))
    world.send("transfers_dlq", message(FIRST), message(SECOND), "poison")
    world.send("extractions_dlq", event(FIRST))
    before = world.bodies("transfers_dlq")
    found = json.loads(ted("failures", "--json", code=1).stdout)
    assert [
        (each["step"], each["package_id"], each["error"], each["attempts"], each["is_waiting"]) for each in found
    ] == [
        ("transfer", str(FIRST), "SourceTrouble", 5, True),
        ("transfer", str(SECOND), "BadArchive", 1, True),
        ("transfer", None, "ConfigError", None, True),
        ("extract", str(FIRST), "", None, True),
        ("extract", str(THIRD), "MemoryError", 5, False),
    ]
    advice = [each["advice"] for each in found]
    assert f"ted redrive transfers --package {FIRST}" in advice[0]
    assert f"until TED replaces it; then: ted run {SECOND} --refresh" in advice[1]
    assert "ted purge transfers --unreadable" in advice[2]
    assert f"ted logs process-extractions; then: ted redrive extractions --package {FIRST}" in advice[3]
    assert f"ted logs process-extractions; when the fault is mended: ted run {THIRD}" in advice[4]
    assert found[0]["since"] == AT
    text = ted("failures", code=1).stdout
    for words in ("given up after 5 attempts, 2026-03-02 12:00 UTC", "BadArchive: no gzip", "got 'poison'"):
        assert words in text
    assert world.bodies("transfers_dlq") == before


def test_a_message_that_waits_though_it_may_pass_no_more_is_started_anew(world: World) -> None:
    record_failure(world.raw, Failure(str(FIRST), "transfer", SourceTrouble.__name__, "503", 5, AT))
    (found,) = json.loads(ted("failures", "--json", code=1).stdout)
    assert (found["is_waiting"], found["advice"]) == (False, f"it may pass: ted run {FIRST}")


def test_everything_is_moved_by_sqs_itself_and_counted(world: World) -> None:
    world.send("transfers_dlq", *map(message, (FIRST, SECOND, THIRD)))
    result = ted("redrive", "transfers")
    name = NAMES.queue("transfers")
    assert f"3 messages moved from {name}_dlq back to {name}" in result.stdout
    assert world.sqs.started == 1


def test_an_empty_queue_starts_no_redrive(world: World) -> None:
    assert json.loads(ted("redrive", "extractions", "--json").stdout)["moved"] == 0
    assert world.sqs.started == 0


def test_a_redrive_that_sqs_gives_up_is_told(world: World) -> None:
    world.send("transfers_dlq", message(FIRST))
    world.sqs.ends = "FAILED"
    stderr = ted("redrive", "transfers", code=2).stderr
    assert "failed after 3 messages: AccessDenied" in stderr


def test_a_redrive_that_sqs_refuses_is_told_and_takes_nothing(world: World) -> None:
    world.send("transfers_dlq", message(FIRST))
    world.sqs.ends = "AccessDenied"
    assert "AccessDenied" in ted("redrive", "transfers", code=2).stderr
    assert world.bodies("transfers_dlq") == [json.dumps(message(FIRST))]


def test_named_packages_alone_are_moved(world: World) -> None:
    world.send("extractions_dlq", event(FIRST), message(SECOND), "poison", *[message(THIRD)] * 20)
    found = json.loads(ted("redrive", "extractions", "--package", str(FIRST), "--json").stdout)
    assert found == {"queue": NAMES.queue("extractions"), "moved": 1, "absent": []}
    assert world.bodies("extractions") == [json.dumps(event(FIRST))]
    assert len(world.bodies("extractions_dlq")) == 22


def test_a_package_without_a_message_is_said_and_how_to_start_it_anew(world: World) -> None:
    result = ted("redrive", "transfers", "--package", str(FIRST), code=1)
    assert f"no message of {FIRST} is there; start it anew: " in result.stderr
    assert "expected date_yearissue" in ted("redrive", "transfers", "--package", "march", code=2).stderr


def test_purging_asks_first_and_names_what_goes(world: World) -> None:
    world.send("transfers_dlq", message(FIRST), "poison")
    refused = ted("purge", "transfers", code=2, answer="n\n")
    assert (
        f"Remove 2 messages from {NAMES.queue('transfers')}_dlq of me-cca-ted-dev (a test) for good?" in refused.output
    )
    assert str(FIRST) in refused.output
    assert "nothing was removed" in refused.output
    assert len(world.bodies("transfers_dlq")) == 2
    assert "2 messages removed" in ted("purge", "transfers", answer="y\n").output
    assert world.bodies("transfers_dlq") == []


def test_what_nobody_can_work_on_is_removed_alone(world: World) -> None:
    world.send("extractions_dlq", message(FIRST), "poison", {"package_id": "march"})
    ted("purge", "extractions", "--json", "--unreadable", code=2)
    assert json.loads(ted("purge", "extractions", "--unreadable", "--yes", "--json").stdout)["removed"] == 2
    assert world.bodies("extractions_dlq") == [json.dumps(message(FIRST))]


def test_an_instance_without_queues_is_told_in_a_sentence(world: World) -> None:
    world.sqs.delete_queue(QueueUrl=world.url("transfers_dlq"))
    result = ted("failures", code=2)
    assert result.stderr.startswith("failed: find queue me_cca_ted_transfers_dev_dlq")
    assert "Traceback" not in result.output
