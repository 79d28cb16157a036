"""Messages become extractions: one bad message never sinks its batch, and what fails for good is on record."""

import datetime as dt
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from runtime import ledger
from runtime.buckets import Bucket, MissingObject, Stored
from runtime.errors import ConfigError, TransientError
from runtime.extract import service
from runtime.extract.handlers import process_extractions, start_extract_job
from runtime.extract.jobs import packages_to_extract, read_message
from runtime.failures import read_failures
from runtime.job_input import JobInput
from runtime.keys import PackageId
from runtime.ledger import Plan
from runtime.manifest import find_manifest
from tests.unit.made_up_packages import members, package, ted_notice

ONE, TWO, THREE = (PackageId(dt.date(2019, month, 2), issue) for month, issue in ((1, 1), (1, 2), (2, 23)))
LACKING = PackageId(dt.date(2019, 3, 1), 43)
NOW = dt.datetime(2019, 3, 1, 12, tzinfo=dt.UTC)
CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1769, invoked_function_arn="arn", aws_request_id="1",
    get_remaining_time_in_millis=lambda: 900_000,
)  # fmt: skip


@pytest.fixture
def aws(monkeypatch: Any) -> Iterator[SimpleNamespace]:
    with mock_aws():
        s3 = boto3.client("s3")
        for name in ("raw", "extracted"):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
        sqs = boto3.client("sqs")
        url = sqs.create_queue(QueueName="extractions")["QueueUrl"]
        for name, value in {
            "RAW_BUCKET": "raw", "EXTRACTED_BUCKET": "extracted", "EXTRACTIONS_QUEUE_URL": url, "START_YEAR": "2011",
            "MAX_RECEIVE_COUNT": "5", "BUCKET_OWNER": "123456789012",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        yield SimpleNamespace(raw=Bucket(s3, "raw"), extracted=Bucket(s3, "extracted"), sqs=sqs, url=url, s3=s3)


def keep(aws: SimpleNamespace, package_id: PackageId, data: bytes | None = None) -> str:
    data = package(members([1, 2])) if data is None else data
    known = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "source-url": f"https://example.org/{package_id}",
        "fetched-at": "2019-01-02T10:00:00+00:00",
    }
    return aws.raw.put(package_id.raw_key, data, metadata=known)


def messages(*bodies: object, received: int = 1) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": str(received)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:extractions",
                "awsRegion": "eu-west-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def s3_event(*keys: str) -> dict[str, Any]:
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key}}} for key in keys]}


def failed(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def sent(aws: SimpleNamespace) -> list[str]:
    found = []
    while batch := aws.sqs.receive_message(QueueUrl=aws.url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"])["package_id"] for message in batch]
    return sorted(found)


def test_extracts_what_an_s3_event_or_a_job_names(aws: SimpleNamespace) -> None:
    version = keep(aws, ONE)
    keep(aws, THREE)

    answer = process_extractions(messages(s3_event(ONE.raw_key), {"package_id": str(THREE)}), CONTEXT)

    assert failed(answer) == []
    manifest = find_manifest(aws.extracted, ONE)[0]
    assert manifest is not None
    assert (manifest.members, manifest.notices, manifest.raw_version_id) == (2, 2, version)
    assert (manifest.raw_key, manifest.source_url) == (ONE.raw_key, f"https://example.org/{ONE}")
    assert manifest.fetched_at == "2019-01-02T10:00:00+00:00"
    rows = pq.read_table(io.BytesIO(aws.extracted.get(THREE.daily_key("notices")))).to_pylist()
    assert [row["notice_id"] for row in rows] == ["1-2019", "2-2019"]


def test_bad_messages_fail_alone_and_the_others_are_done(aws: SimpleNamespace) -> None:
    keep(aws, ONE)
    bad = ("no json", {"else": 1}, {"package_id": "x"}, s3_event("calendar/2019.csv"))
    answer = process_extractions(messages(*bad, {"package_id": str(ONE)}, "[]"), CONTEXT)
    assert failed(answer) == ["m0", "m1", "m2", "m3", "m5"]
    assert find_manifest(aws.extracted, ONE)[0] is not None


def test_a_batch_that_fails_as_a_whole_is_reported_message_by_message(aws: SimpleNamespace) -> None:
    assert failed(process_extractions(messages("no json", "nor this"), CONTEXT)) == ["m0", "m1"]


def test_the_test_event_of_s3_is_done_with(aws: SimpleNamespace) -> None:
    assert failed(process_extractions(messages({"Service": "Amazon S3", "Event": "s3:TestEvent"}), CONTEXT)) == []


def test_a_package_that_is_current_is_left_alone(aws: SimpleNamespace) -> None:
    keep(aws, ONE)
    process_extractions(messages({"package_id": str(ONE)}), CONTEXT)
    before = {listed.key: listed.last_modified for listed in aws.extracted.keys("")}
    aws.extracted.delete([ONE.daily_key("notices")])

    process_extractions(messages(s3_event(ONE.raw_key)), CONTEXT)

    assert {listed.key for listed in aws.extracted.keys("")} == set(before) - {ONE.daily_key("notices")}


def test_reissued_bytes_are_extracted_again_and_the_same_bytes_are_not(aws: SimpleNamespace) -> None:
    first = keep(aws, ONE)
    process_extractions(messages({"package_id": str(ONE)}), CONTEXT)
    keep(aws, ONE)
    process_extractions(messages({"package_id": str(ONE)}), CONTEXT)
    held = find_manifest(aws.extracted, ONE)[0]
    assert held is not None
    assert held.raw_version_id == first

    second = keep(aws, ONE, package(members([1, 2, 3])))
    process_extractions(messages({"package_id": str(ONE)}), CONTEXT)
    manifest = find_manifest(aws.extracted, ONE)[0]
    assert manifest is not None
    assert (manifest.notices, manifest.raw_version_id, manifest.previous_raw_version_id) == (3, second, first)


def test_a_damaged_package_is_recorded_and_fails_then_mended_and_forgotten(aws: SimpleNamespace) -> None:
    keep(aws, ONE, package(members([1]))[:-9])
    keep(aws, TWO)

    answer = process_extractions(messages({"package_id": str(ONE)}, {"package_id": str(TWO)}), CONTEXT)

    assert failed(answer) == ["m0"]
    (failure,) = read_failures(aws.extracted, [2019]).values()
    assert (failure.package_id, failure.stage, failure.error) == (str(ONE), "extract", "TruncatedArchive")
    assert "truncated" in failure.message
    assert find_manifest(aws.extracted, ONE)[0] is None
    assert find_manifest(aws.extracted, TWO)[0] is not None

    keep(aws, ONE)
    assert failed(process_extractions(messages({"package_id": str(ONE)}), CONTEXT)) == []
    assert read_failures(aws.extracted, [2019]) == {}


def test_a_package_that_is_not_there_is_recorded(aws: SimpleNamespace) -> None:
    assert failed(process_extractions(messages({"package_id": str(ONE)}), CONTEXT)) == ["m0"]
    failure = read_failures(aws.extracted, [2019])[ONE]
    assert failure.error == "MissingObject"
    assert "run start_transfer_job" in failure.message


@pytest.mark.parametrize("error", [TransientError("throttled"), MemoryError("no memory")])
def test_what_may_pass_is_recorded_at_the_last_attempt_only(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, error: MemoryError | TransientError
) -> None:
    keep(aws, ONE)

    def refuse(*arguments: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(service, "extract_package", refuse)
    assert failed(process_extractions(messages({"package_id": str(ONE)}, received=4), CONTEXT)) == ["m0"]
    assert read_failures(aws.extracted, [2019]) == {}
    assert failed(process_extractions(messages({"package_id": str(ONE)}, received=5), CONTEXT)) == ["m0"]
    assert read_failures(aws.extracted, [2019])[ONE].attempts == 5


def test_a_quarantined_member_does_not_fail_the_message(aws: SimpleNamespace) -> None:
    keep(aws, ONE, package({**members([1]), "bad.xml": ted_notice(2)[:-20]}))
    assert failed(process_extractions(messages({"package_id": str(ONE)}), CONTEXT)) == []
    manifest = find_manifest(aws.extracted, ONE)[0]
    assert manifest is not None
    assert aws.extracted.get(manifest.rejects[0].quarantine_key) == ted_notice(2)[:-20]


def test_a_connection_that_breaks_is_no_truncated_package(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(aws, ONE)
    real = Bucket.open

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            from botocore.exceptions import ReadTimeoutError

            raise ReadTimeoutError(endpoint_url="https://s3")

    def broken(self: Bucket, key: str) -> Stored:
        stored = real(self, key)
        return Stored(cast(Any, Broken()), stored.version_id, stored.size, stored.metadata)

    monkeypatch.setattr(Bucket, "open", broken)
    with pytest.raises(TransientError, match="Read timeout"):
        service.extract_stored(ONE, aws.raw, aws.extracted)


def test_a_job_asks_for_what_lacks_a_current_extraction(aws: SimpleNamespace) -> None:
    keep(aws, ONE)
    keep(aws, TWO)
    keep(aws, THREE)
    aws.raw.put("2019/01/notes.txt", b"")
    process_extractions(messages({"package_id": str(ONE)}, {"package_id": str(TWO)}), CONTEXT)
    keep(aws, TWO, package(members([5])))

    assert start_extract_job({"year": 2019}, CONTEXT) == {
        "sent": 2, "due_for_merge": [2019], "not_held": []
    }  # fmt: skip
    assert sent(aws) == [str(TWO), str(THREE)]


@pytest.mark.parametrize(
    ("event", "expected", "absent"),
    [
        ({}, [ONE, TWO, THREE], []),
        ({"year": 2019, "month": 1}, [ONE, TWO], []),
        ({"year": 2018}, [], []),
        ({"scope": "current"}, [ONE, TWO, THREE], []),
        ({"packages": [str(THREE), str(LACKING)]}, [THREE], [LACKING]),
        ({"plan_key": "plans/p.json"}, [TWO], []),
        ({"plan_key": "plans/empty.json"}, [], []),
    ],
)
def test_a_selection_is_of_packages_that_are_there(
    aws: SimpleNamespace, event: dict[str, Any], expected: list[PackageId], absent: list[PackageId]
) -> None:
    for each in (ONE, TWO, THREE):
        keep(aws, each)
    Plan((TWO, LACKING), NOW).write(aws.raw, "p")
    Plan((), NOW).write(aws.raw, "empty")
    asked = JobInput.parse(event, NOW, besides="plan_key")
    assert packages_to_extract(aws.raw, aws.extracted, asked) == (expected, absent)


def test_an_older_extractor_s_work_is_done_again(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(aws, ONE)
    process_extractions(messages({"package_id": str(ONE)}), CONTEXT)
    year, refresh = (JobInput.parse({"year": 2019, "refresh": again}, NOW) for again in (False, True))
    assert packages_to_extract(aws.raw, aws.extracted, year) == ([], [])
    assert packages_to_extract(aws.raw, aws.extracted, refresh) == ([ONE], [])
    monkeypatch.setattr(ledger, "EXTRACTOR_VERSION", 99)
    assert packages_to_extract(aws.raw, aws.extracted, year) == ([ONE], [])


def test_keys_in_s3_events_are_decoded() -> None:
    assert read_message(s3_event("2019%2F01%2F20190102_2019001.tar.gz")) == ([ONE], False)


def test_settings_that_are_missing_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAW_BUCKET", "EXTRACTED_BUCKET", "EXTRACTIONS_QUEUE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigError, match="EXTRACTED_BUCKET"):
        process_extractions(messages(), CONTEXT)


def test_missing_objects_are_terminal() -> None:
    from runtime.errors import TerminalError

    assert issubclass(MissingObject, TerminalError)


def test_importing_the_handlers_loads_neither_lxml_nor_pyarrow() -> None:
    code = "import sys, runtime.extract.handlers; print(sorted({'lxml', 'pyarrow', 'isal'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
