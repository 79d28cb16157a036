"""Buckets, queues, manifests, failures and settings, on moto."""

import dataclasses
import datetime as dt
import io
import json
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from runtime.buckets import Bucket, MissingObject, aws_errors
from runtime.errors import CcaTedError, ConfigError, TerminalError, TransientError
from runtime.failures import Failure, clear_failure, read_failures, record_failure
from runtime.keys import PackageId
from runtime.manifest import Manifest, Reject, TableFile, find_manifest, list_manifests, read_manifests
from runtime.queues import Queue
from runtime.settings import ExtractSettings, TransferSettings, load

PACKAGE = PackageId.parse("20190301_2019043")


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with mock_aws():
        client = boto3.client("s3", region_name="eu-west-1")
        client.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
        yield Bucket(client, "lake")


def manifest(package: PackageId = PACKAGE, **changes: Any) -> Manifest:
    values = {
        "package_id": str(package),
        "publication_date": package.date.isoformat(),
        "ojs_issue": package.issue,
        "source_url": "http://127.0.0.1/packages/daily/201900043",
        "raw_key": package.raw_key,
        "raw_version_id": "v1",
        "sha256": "ab",
        "size_bytes": 10,
        "fetched_at": "2019-03-01T09:40:00+00:00",
        "extracted_at": "2019-03-01T09:41:00+00:00",
        "extractor_version": 1,
        "members": 3,
        "notices": 2,
        "quarantined": 1,
        "skipped": 0,
        "rows": {"notices": 2, "lots": 0},
        "files": {"notices": TableFile(package.daily_key("notices"), 2, 100)},
        "formats": {"R2.0.9.S03": 2},
        "first_notice_id": "1-2019",
        "last_notice_id": "2-2019",
        "rejects": [Reject("a.xml", "not-xml", "no XML", "quarantine/a.xml", "cd", 3)],
    }
    return Manifest(**{**values, **changes})


def test_objects_come_back_as_they_went(bucket: Bucket) -> None:
    version = bucket.put("a/b", b"data", metadata={"sha256": "x"})
    head = bucket.head("a/b")
    assert (head.version_id, head.size, head.metadata) == (version, 4, {"sha256": "x"})
    bucket.put("a/b", b"newer")
    assert bucket.get("a/b") == b"newer"
    assert [listed.key for listed in bucket.keys("a/")] == ["a/b"]


def test_a_file_of_several_parts_comes_back_whole(bucket: Bucket) -> None:
    data = bytes(range(256)) * (50 << 10)
    bucket.upload("big", io.BytesIO(data), metadata={"sha256": "y"}, part_bytes=5 << 20)
    assert bucket.get("big") == data
    assert bucket.head("big").metadata == {"sha256": "y"}


ACCOUNT, STRANGER = "123456789012", "210987654321"


def use_every_way(bucket: Bucket) -> Any:
    """Each public method of a bucket once, by its name."""

    def in_parts() -> None:
        with bucket.in_parts("parts") as send:
            send(b"part")

    return {
        "put": lambda: bucket.put("k", b"data"),
        "put_json": lambda: bucket.put_json("j", {}),
        "upload": lambda: bucket.upload("u", io.BytesIO(bytes(6 << 20)), part_bytes=5 << 20),
        "in_parts": in_parts,
        "head": lambda: bucket.head("k"),
        "open": lambda: bucket.open("k").body.read(),
        "get": lambda: bucket.get("k"),
        "get_json": lambda: bucket.get_json("j"),
        "keys": lambda: list(bucket.keys()),
        "folders": lambda: bucket.folders(),
        "delete": lambda: bucket.delete(["k"]),
    }


def test_every_call_names_the_owner_and_a_stranger_is_refused(bucket: Bucket) -> None:
    """moto takes any owner; here S3's rule is kept in front of it."""

    def keep_rule(params: Any, **_: Any) -> None:
        asked.append(params["headers"].get("x-amz-expected-bucket-owner"))
        if asked[-1] not in (None, ACCOUNT):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "any")

    bucket.client.meta.events.register("before-call.s3", keep_rule)
    asked: list[str | None] = []
    ways = use_every_way(Bucket(bucket.client, "lake", ACCOUNT))
    assert ways.keys() == {name for name, made in vars(Bucket).items() if name[0] != "_" and callable(made)}
    for use in ways.values():
        use()
    assert set(asked) == {ACCOUNT}

    kept = [listed.key for listed in bucket.keys("")]
    for use in use_every_way(Bucket(bucket.client, "lake", STRANGER)).values():
        with pytest.raises(TerminalError, match=f"s3://lake/.*, expected of account {STRANGER}: AccessDenied"):
            use()
    assert [listed.key for listed in bucket.keys("")] == kept


def test_missing_objects_are_told_apart(bucket: Bucket) -> None:
    assert bucket.head("nothing") is None
    with pytest.raises(MissingObject, match="s3://lake/nothing"):
        bucket.get("nothing")
    bucket.delete(["nothing"])


def test_names_the_object_that_is_no_json(bucket: Bucket) -> None:
    bucket.put("x.json", b"{")
    with pytest.raises(TerminalError, match=r"s3://lake/x\.json is no JSON"):
        bucket.get_json("x.json")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("SlowDown", 503, TransientError),
        ("Throttling", 400, TransientError),
        ("InternalError", 500, TransientError),
        ("AccessDenied", 403, TerminalError),
        ("NoSuchKey", 404, MissingObject),
    ],
)
def test_sorts_the_errors_of_aws_by_what_helps(code: str, status: int, kind: type[CcaTedError]) -> None:
    answer: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(kind, match=f"get it: {code}: m") as caught, aws_errors("get it", key="k"):
        raise ClientError(answer, "GetObject")
    assert caught.value.attributes == {"code": code, "key": "k"}


def test_a_service_that_cannot_be_reached_is_worth_another_try() -> None:
    with pytest.raises(TransientError), aws_errors("get it"):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")


def test_sends_any_number_of_messages_and_counts_them() -> None:
    with mock_aws():
        client = boto3.client("sqs", region_name="eu-west-1")
        queue = Queue(client, client.create_queue(QueueName="q")["QueueUrl"])
        assert queue.send([{"package_id": str(n)} for n in range(23)]) == 23
        assert queue.depth() == 23


class Refusing:
    """An SQS client that refuses the named bodies a few times, as SQS does when it throttles."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.taken: list[int] = []

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        refused = [e for e in Entries if json.loads(e["MessageBody"])["n"] == 1 and self.times > 0]
        self.times -= bool(refused)
        self.taken += [json.loads(e["MessageBody"])["n"] for e in Entries if e not in refused]
        return {"Failed": [{"Id": e["Id"], "Code": "Throttled"} for e in refused]}


def test_sends_again_only_what_was_refused() -> None:
    client: Any = Refusing(2)
    Queue(client, "u").send([{"n": n} for n in range(3)], pause=lambda _: None)
    assert client.taken == [0, 2, 1]


def test_says_how_many_were_refused_to_the_end() -> None:
    with pytest.raises(TransientError, match="refused 1 messages: Throttled"):
        Queue(cast(Any, Refusing(9)), "u").send([{"n": 1}], pause=lambda _: None)


def test_manifests_come_back_as_they_went(bucket: Bucket) -> None:
    other = PackageId.parse("20190304_2019044")
    for package in (other, PACKAGE):
        bucket.put(package.manifest_key, manifest(package).to_json())
    assert find_manifest(bucket, PACKAGE) == (manifest(), bucket.head(PACKAGE.manifest_key).etag)
    assert read_manifests(bucket, 2019) == [manifest(PACKAGE), manifest(other)]
    assert set(list_manifests(bucket, [2018, 2019])) == {PACKAGE, other}
    assert find_manifest(bucket, PackageId.parse("20190305_2019045")) == (None, "")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"files": {}, "rejects": [], "x": 1}'])
def test_names_the_manifest_that_is_none(data: bytes) -> None:
    with pytest.raises(TerminalError, match=r"manifests/x\.json is no manifest"):
        Manifest.from_json(data, "manifests/x.json")


def test_failures_are_kept_until_a_success(bucket: Bucket) -> None:
    now = dt.datetime(2019, 3, 1, 10, tzinfo=dt.UTC)
    failure = Failure.of(PACKAGE, "extract", TerminalError("cut short"), 5, now)
    record_failure(bucket, failure)
    assert read_failures(bucket, [2019, 2018]) == {PACKAGE: failure}
    assert (failure.error, failure.message, failure.failed_at) == ("TerminalError", "cut short", now.isoformat())
    clear_failure(bucket, PACKAGE)
    assert read_failures(bucket, [2019]) == {}


def test_settings_are_read_and_typed() -> None:
    texts = {field.name.upper(): field.name for field in dataclasses.fields(TransferSettings)}
    numbers = {"START_YEAR": "2015", "REQUESTS_PER_MINUTE": "7", "MAX_RECEIVE_COUNT": "5"}
    settings = load(TransferSettings, {**texts, **numbers})
    assert (settings.raw_bucket, settings.start_year, settings.source_url) == ("raw_bucket", 2015, "source_url")


def test_settings_name_every_fault_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load(ExtractSettings, {"START_YEAR": "soon"})
    for word in ("RAW_BUCKET is not set", "EXTRACTED_BUCKET is not set", "START_YEAR is 'soon'"):
        assert word in str(caught.value)
