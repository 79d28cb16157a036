"""One answer to what is held, extracted and current, whoever asks: jobs, workers, progress, completeness, status."""

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from console.sample.server import calendar_csv
from runtime import ledger
from runtime.buckets import Bucket
from runtime.extract import service
from runtime.extract.handlers import process_extractions, start_extract_job
from runtime.keys import PackageId, calendar_key
from runtime.ledger import Plan, read_ledger
from runtime.manifest import EXTRACTOR_VERSION, Manifest, find_manifest
from runtime.pipeline.completeness import check_completeness
from runtime.pipeline.handlers import check_progress, reconcile
from runtime.pipeline.progress import IDLE_CHECKS
from tests.unit.made_up_packages import members, package
from tests.unit.transfer_world import Context, make_bucket, sqs_event

ONE, TWO = (PackageId(dt.date(2019, 1, day), issue) for day, issue in ((2, 1), (3, 2)))
LATER = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
PLAN = "plans/p.json"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    with mock_aws():
        s3, sqs = boto3.client("s3"), boto3.client("sqs")
        raw, extracted = make_bucket(s3, "raw"), make_bucket(s3, "extracted")
        url = sqs.create_queue(QueueName="extractions")["QueueUrl"]
        for name, value in {
            "RAW_BUCKET": "raw", "EXTRACTED_BUCKET": "extracted", "EXTRACTIONS_QUEUE_URL": url,
            "TRANSFERS_QUEUE_URL": url, "GLUE_DATABASE": "me", "START_YEAR": "2011", "MAX_RECEIVE_COUNT": "5",
            "BUCKET_OWNER": "123456789012",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        packages = [str(ONE), str(TWO)]
        raw.put_json(PLAN, {"packages": packages, "planned_at": "2019-03-01T10:00:00+00:00", "years": [2019]})
        raw.put(calendar_key(2019), calendar_csv([ONE, TWO]))
        yield SimpleNamespace(raw=raw, extracted=extracted, sqs=sqs, url=url, s3=s3)


def held_manifest(aws: SimpleNamespace, which: PackageId) -> Manifest:
    manifest, _ = find_manifest(aws.extracted, which)
    assert manifest is not None
    return manifest


def keep(aws: SimpleNamespace, which: PackageId, data: bytes, **known: str) -> None:
    aws.raw.put(which.raw_key, data, metadata={"sha256": hashlib.sha256(data).hexdigest(), **known})


def work(aws: SimpleNamespace) -> int:
    """Hand all messages of the queue to the worker; how many there were."""
    done = 0
    while messages := aws.sqs.receive_message(QueueUrl=aws.url, MaxNumberOfMessages=10, AttributeNames=["All"]).get(
        "Messages", []
    ):
        assert process_extractions(sqs_event(messages), Context()) == {"batchItemFailures": []}
        for message in messages:
            aws.sqs.delete_message(QueueUrl=aws.url, ReceiptHandle=message["ReceiptHandle"])
        done += len(messages)
    return done


def follow(aws: SimpleNamespace) -> dict[str, Any]:
    """Ask how far the plan is until it is done, working on the queue in between, as a run does."""
    answer = {"plan_key": PLAN, "idle": 0}
    for _ in range(IDLE_CHECKS + 1):
        answer = check_progress(answer, Context())
        if answer["done"]:
            break
        work(aws)
    return answer


def complete(aws: SimpleNamespace) -> bool:
    """What `ted status` and the report say of the year."""
    found = read_ledger(aws.raw, aws.extracted, [2019])
    (year,) = check_completeness(aws.raw, found, [2019], LATER)
    return year.is_complete


@pytest.fixture
def lake(aws: SimpleNamespace) -> SimpleNamespace:
    """Two packages, held and extracted."""
    for which in (ONE, TWO):
        keep(aws, which, package(members([which.issue])))
    start_extract_job({"year": 2019}, Context())
    assert work(aws) == 2
    return aws


def put_in_one_go(aws: SimpleNamespace, data: bytes) -> None:
    keep(aws, ONE, data)


def put_in_parts(aws: SimpleNamespace, data: bytes) -> None:
    """The ETag of an object in parts is another one, as it is wherever a customer key encrypts."""
    with aws.raw.in_parts(ONE.raw_key, metadata={"sha256": hashlib.sha256(data).hexdigest()}) as send:
        send(data)


def put_by_hand(aws: SimpleNamespace, data: bytes) -> None:
    aws.raw.put(ONE.raw_key, data)


@pytest.mark.parametrize("put_again", [put_in_one_go, put_in_parts, put_by_hand])
def test_bytes_that_are_put_again_are_current_for_everybody(
    lake: SimpleNamespace, put_again: Callable[[SimpleNamespace, bytes], None]
) -> None:
    data, before = lake.raw.get(ONE.raw_key), lake.extracted.get(ONE.manifest_key)
    time.sleep(1.01)  # listings tell whole seconds here
    put_again(lake, data)
    start_extract_job({"plan_key": PLAN}, Context())
    answer = follow(lake)
    assert (answer["extracted"], answer["pending"], answer["dead"]) == (2, 0, [])
    assert start_extract_job({"plan_key": PLAN}, Context())["sent"] == 0
    assert complete(lake)
    assert lake.extracted.get(ONE.manifest_key) == before  # nothing was read again
    report = reconcile({"plan_key": PLAN, "dead": answer["dead"], "merges": []}, Context())
    assert report["problems"] == ["year 2019: extracted but never published; run the merge job with --YEAR"]


def test_an_older_extractor_s_rows_are_of_nobody_current(
    lake: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "EXTRACTOR_VERSION", EXTRACTOR_VERSION + 1)
    monkeypatch.setattr(service, "EXTRACTOR_VERSION", EXTRACTOR_VERSION + 1)
    assert check_progress({"plan_key": PLAN}, Context())["pending"] == 2
    assert not complete(lake)
    assert start_extract_job({"year": 2019}, Context())["sent"] == 2
    work(lake)
    assert held_manifest(lake, ONE).extractor_version == EXTRACTOR_VERSION + 1
    assert check_progress({"plan_key": PLAN}, Context())["extracted"] == 2
    assert complete(lake)


def test_bytes_that_are_replaced_while_they_are_read_are_read_again(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest is the newer object, yet of the old bytes."""
    keep(aws, ONE, package(members([1])))
    keep(aws, TWO, package(members([2])))
    extract = service.extract_package

    def replaced_meanwhile(*arguments: Any, **options: Any) -> Manifest:
        keep(aws, ONE, package(members([1, 3])))
        monkeypatch.setattr(service, "extract_package", extract)
        time.sleep(1.01)
        return extract(*arguments, **options)

    monkeypatch.setattr(service, "extract_package", replaced_meanwhile)
    start_extract_job({"packages": [str(ONE)]}, Context())
    work(aws)
    held, written = aws.raw.head(ONE.raw_key), aws.extracted.head(ONE.manifest_key)
    assert written.last_modified > held.last_modified
    assert check_progress({"plan_key": PLAN}, Context())["extracted"] == 0
    assert not complete(aws)
    assert start_extract_job({"year": 2019}, Context())["sent"] == 2
    work(aws)
    assert held_manifest(aws, ONE).notices == 2
    assert check_progress({"plan_key": PLAN}, Context())["extracted"] == 2


@pytest.mark.parametrize("prefix", ["seals/", "manifests/"])
def test_a_worker_that_dies_before_it_is_done_leaves_nothing_that_passes_for_current(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """Dead before the seal it costs a look, dead before the manifest another extraction."""
    for which in (ONE, TWO):
        keep(aws, which, package(members([which.issue])))
    put = Bucket.put

    def dies(bucket: Bucket, key: str, *arguments: Any, **options: Any) -> str:
        if key.startswith(prefix):
            raise SystemExit
        return put(bucket, key, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", dies)
        with pytest.raises(SystemExit):
            service.extract_stored(ONE, aws.raw, aws.extracted)
    assert check_progress({"plan_key": PLAN}, Context())["extracted"] == 0
    again = service.extract_stored(ONE, aws.raw, aws.extracted)
    assert (again is None) == (prefix == "seals/")
    assert check_progress({"plan_key": PLAN}, Context())["extracted"] == 1


def test_a_slow_worker_that_writes_old_rows_last_makes_nothing_current(
    lake: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers on one package: the other one's seal is of a manifest that is no longer there."""
    extract = service.extract_package

    def overtaken(*arguments: Any, **options: Any) -> Manifest:
        monkeypatch.setattr(service, "extract_package", extract)
        keep(lake, ONE, package(members([1, 3])))
        assert service.extract_stored(ONE, lake.raw, lake.extracted) is not None
        assert read_ledger(lake.raw, lake.extracted, [2019]).is_current(ONE)
        return extract(*arguments, **options)

    monkeypatch.setattr(service, "extract_package", overtaken)
    service.extract_stored(ONE, lake.raw, lake.extracted, refresh=True)
    assert held_manifest(lake, ONE).notices == 1
    assert not read_ledger(lake.raw, lake.extracted, [2019]).is_current(ONE)


def test_a_spoilt_manifest_is_replaced(lake: SimpleNamespace) -> None:
    lake.extracted.put(ONE.manifest_key, b"{")
    assert start_extract_job({"year": 2019}, Context()) == {"sent": 1, "due_for_merge": [2019], "not_held": []}
    work(lake)
    assert held_manifest(lake, ONE).notices == 1
    assert complete(lake)


def test_a_package_has_one_seal_however_often_it_is_put(lake: SimpleNamespace) -> None:
    for _ in range(2):
        for put_again in (put_in_parts, put_in_one_go):
            put_again(lake, lake.raw.get(ONE.raw_key))
            start_extract_job({"year": 2019}, Context())
            work(lake)
    assert len(list(lake.extracted.keys("seals/"))) == 2


def test_refresh_reads_every_package_of_a_year_again_and_replaces_its_manifest(lake: SimpleNamespace) -> None:
    before = {which: lake.extracted.head(which.manifest_key) for which in (ONE, TWO)}
    lake.extracted.delete([ONE.daily_key("notices")])
    assert start_extract_job({"year": 2019}, Context()) == {"sent": 0, "due_for_merge": [], "not_held": []}
    answer = start_extract_job({"year": 2019, "refresh": True}, Context())
    assert answer == {"sent": 2, "due_for_merge": [2019], "not_held": []}
    work(lake)
    for which in (ONE, TWO):
        assert lake.extracted.head(which.manifest_key).version_id != before[which].version_id
    assert lake.extracted.head(ONE.daily_key("notices")) is not None
    assert complete(lake)


class CountingS3:
    """Lists as S3 does, 1,000 keys a page, counts the calls, and can do nothing else."""

    def __init__(self, keys: list[str]) -> None:
        self.sorted, self.calls = sorted(keys), 0

    def get_paginator(self, operation: str) -> "CountingS3":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803 as boto3 spells them
        found = [key for key in self.sorted if key.startswith(Prefix)]
        for start in range(0, max(len(found), 1), 1000):
            self.calls += 1
            entries = [{"Key": k, "Size": 1, "LastModified": LATER, "ETag": '"e"'} for k in found[start : start + 1000]]
            yield {"Contents": entries} if entries else {}


@pytest.mark.parametrize("sealed", [True, False])
def test_the_packages_of_sixteen_years_are_judged_with_48_calls(sealed: bool) -> None:
    days = [dt.date(2011, 1, 1) + dt.timedelta(days=n) for n in range(16 * 365)]
    packages = [PackageId(day, day.timetuple().tm_yday) for day in days if day.weekday() < 5][:4132]
    assert len(packages) == 4132
    assert len({which.year for which in packages}) == 16
    raw: Any = CountingS3([which.raw_key for which in packages])
    seals = [f"seals/year={which.year}/{which}/{EXTRACTOR_VERSION}.e.e" for which in packages if sealed]
    extracted: Any = CountingS3([which.manifest_key for which in packages] + seals)
    found = read_ledger(Bucket(raw, "raw"), Bucket(extracted, "extracted"), range(2011, 2027))
    assert [found.is_current(which) for which in packages] == [sealed] * 4132
    assert len(found.due) == (0 if sealed else 4132)
    assert raw.calls + extracted.calls == 48


def test_a_plan_comes_back_as_it_went(aws: SimpleNamespace) -> None:
    plan = Plan((ONE, TWO), LATER, (TWO,))
    key = plan.write(aws.raw, "r1")
    assert (key, Plan.read(aws.raw, key), plan.years) == ("plans/r1.json", plan, [2019])
