"""What tests of transfer share: made-up packages, and a world of a real publisher, S3, SQS, the real handlers."""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3

from console.sample.server import Publisher
from runtime.buckets import Bucket
from runtime.failures import read_failures
from runtime.keys import PackageId
from runtime.queues import Queue
from runtime.transfer import handlers

RAW, EXTRACTED = "me-cca-ted-raw-test", "me-cca-ted-extracted-test"
FIRST, SECOND, THIRD = (PackageId.parse(text) for text in ("20190301_2019043", "20190304_2019044", "20200102_2020001"))


def tar_of(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def folder_of(package: PackageId) -> str:
    return f"{package.date:%Y%m%d}_{package.issue:03d}"


def package_bytes(package: PackageId, notices: int = 3, word: str = "works", folder: str | None = None) -> bytes:
    """A made-up package; `word` changes its bytes."""
    name = folder or folder_of(package)
    members = {
        f"{name}/{number:06d}_{package.year}.xml": f"<NOTICE>{word} {number}</NOTICE>".encode() * 50
        for number in range(1, notices + 1)
    }
    return gzip.compress(tar_of(members), mtime=0)


@dataclass
class Context:
    """A Lambda context."""

    seconds: float = 60.0
    function_name: str = "test"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:000000000000:function:test"
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass
class World:
    """One instance's raw bucket and queue with dead letters, and a publisher."""

    publisher: Publisher
    raw: Bucket
    queue: Queue
    dead: Queue
    pauses: list[float] = field(default_factory=list)

    def job(self, **event: Any) -> dict[str, Any]:
        return handlers.start_transfer_job(event, Context())

    def receive(self, count: int = 10) -> list[dict[str, Any]]:
        answer: Any = self.queue.client.receive_message(
            QueueUrl=self.queue.url, MaxNumberOfMessages=count, AttributeNames=["All"], VisibilityTimeout=300
        )
        return answer.get("Messages", [])

    def process(self, messages: list[dict[str, Any]], seconds: float = 60.0) -> set[str]:
        """Hand messages to the handler, as the event source does; delete those that succeeded, return the others."""
        result = handlers.process_transfers(sqs_event(messages), Context(seconds))
        failed = {entry["itemIdentifier"] for entry in result["batchItemFailures"]}
        for message in messages:
            if message["MessageId"] not in failed:
                self.queue.client.delete_message(QueueUrl=self.queue.url, ReceiptHandle=message["ReceiptHandle"])
        return failed

    def pump(self, seconds: float = 60.0) -> None:
        """Work until the queue is empty."""
        while self.queue.depth():
            if messages := self.receive():
                self.process(messages, seconds)

    def packages(self) -> dict[str, bytes]:
        return {e.key: self.raw.get(e.key) for e in self.raw.keys("2") if e.key.endswith(".tar.gz")}

    def versions(self, package: PackageId) -> int:
        answer = self.raw.client.list_object_versions(Bucket=self.raw.name, Prefix=package.raw_key)
        return len(answer.get("Versions", []))

    def failures(self) -> dict[PackageId, Any]:
        return read_failures(self.raw, [2019, 2020])

    def dead_letters(self) -> list[str]:
        answer = self.dead.client.receive_message(QueueUrl=self.dead.url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"])["package_id"] for message in answer.get("Messages", [])]


def sqs_event(messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:transfers",
                "awsRegion": "eu-west-1",
            }
            for message in messages
        ]
    }


def make_bucket(s3: Any, name: str) -> Bucket:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return Bucket(s3, name)


def make_world(publisher: Publisher, name: str = RAW) -> World:
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    dead = sqs.create_queue(QueueName=f"{name}_dlq")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    url = sqs.create_queue(QueueName=f"{name}_transfers", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    return World(publisher, make_bucket(s3, name), Queue(sqs, url), Queue(sqs, dead))
