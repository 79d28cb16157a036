"""The state machine's helpers: how far a plan has come, and whether anything was lost."""

import datetime as dt
import json

import boto3
import pytest
from moto import mock_aws

from runtime.buckets import Bucket
from runtime.errors import ConfigError, TerminalError
from runtime.failures import Failure, record_failure
from runtime.keys import PackageId, merged_prefix
from runtime.manifest import EXTRACTOR_VERSION
from runtime.merge.published import Published, PublishedPackage, write_record
from runtime.pipeline.progress import IDLE_CHECKS, Plan, check_progress
from runtime.pipeline.reconciliation import merge_error, reconcile
from runtime.schema import TABLES
from tests.unit.test_access import manifest as a_manifest

FIRST, SECOND = PackageId.parse("20190301_2019043"), PackageId.parse("20190304_2019044")
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def manifest(package, **changes):
    return a_manifest(package, extractor_version=EXTRACTOR_VERSION, **changes)


@pytest.fixture
def buckets():
    with mock_aws():
        client = boto3.client("s3", region_name="eu-west-1")
        for name in ("raw", "extracted"):
            client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield Bucket(client, "raw"), Bucket(client, "extracted")


def progress(buckets, *packages, waiting=1, idle=0, planned_at=LONG_AGO):
    raw, extracted = buckets
    plan = Plan(packages, planned_at)
    return check_progress(plan, raw=raw, extracted=extracted, waiting=lambda: waiting, idle=idle)


def hold(buckets, package, **changes):
    raw, extracted = buckets
    raw.put(package.raw_key, b"package")
    if changes.pop("extracted", True):
        extracted.put(package.manifest_key, manifest(package, **changes).to_json())


def test_reads_the_plan_that_the_transfer_job_wrote(buckets):
    raw, _ = buckets
    raw.put_json(
        "plans/r1.json", {"packages": [str(FIRST)], "planned_at": "2019-03-01T10:00:00+00:00", "years": [2019]}
    )
    plan = Plan.read(raw, "plans/r1.json")
    assert (plan.packages, plan.years, plan.planned_at.hour) == ((FIRST,), [2019], 10)


def test_says_which_object_is_no_plan(buckets):
    raw, _ = buckets
    raw.put_json("plans/r1.json", {"packages": 3})
    with pytest.raises(ConfigError, match="s3://raw/plans/r1.json is no plan"):
        Plan.read(raw, "plans/r1.json")


def test_waits_while_packages_are_under_way(buckets):
    hold(buckets, FIRST)
    hold(buckets, SECOND, extracted=False)
    result = progress(buckets, FIRST, SECOND)
    assert (result.planned, result.transferred, result.extracted, result.pending) == (2, 2, 1, 1)
    assert not result.done


def test_is_done_when_every_package_is_extracted(buckets):
    hold(buckets, FIRST)
    result = progress(buckets, FIRST)
    assert result.done
    assert result.as_dict() == {
        "planned": 1, "transferred": 1, "extracted": 1, "pending": 0, "dead_count": 0, "dead": [], "years": [2019],
        "idle": 0, "done": True,
    }  # fmt: skip


def test_waits_for_packages_that_an_older_extractor_read(buckets):
    hold(buckets, FIRST)
    _, extracted = buckets
    extracted.put(FIRST.manifest_key, a_manifest(FIRST, extractor_version=EXTRACTOR_VERSION - 1).to_json())
    assert progress(buckets, FIRST).pending == 1


def test_a_failure_since_the_plan_makes_a_package_dead_and_an_older_one_does_not(buckets):
    raw, _ = buckets
    at = dt.datetime(2019, 3, 1, 10, tzinfo=dt.UTC)
    record_failure(raw, Failure.of(FIRST, "transfer", TerminalError("404 for it"), 5, at))
    dead = progress(buckets, FIRST, planned_at=at)
    assert dead.dead == {FIRST: "transfer: TerminalError: 404 for it"}
    assert dead.done
    assert progress(buckets, FIRST, planned_at=at + dt.timedelta(seconds=1)).pending == 1


def test_empty_queues_for_several_checks_mean_that_what_is_pending_is_lost(buckets):
    result = progress(buckets, FIRST, waiting=0, idle=IDLE_CHECKS - 2)
    assert (result.idle, result.done) == (IDLE_CHECKS - 1, False)
    result = progress(buckets, FIRST, waiting=0, idle=result.idle)
    assert result.done
    assert "dead-letter" in result.dead[FIRST]
    assert progress(buckets, FIRST, waiting=1, idle=IDLE_CHECKS - 1).idle == 0


def test_a_plan_of_any_size_fits_into_a_state_machine(buckets):
    packages = [PackageId(dt.date(2019, 1, 1), issue) for issue in range(1, 4001)]
    answer = progress(buckets, *packages, waiting=0, idle=IDLE_CHECKS).as_dict()
    assert answer["dead_count"] == 4000
    assert len(json.dumps(answer)) < 32 << 10


def published(*manifests, run="r1", **changes):
    values = {
        "run_id": run,
        "year": 2019,
        "extractor_version": EXTRACTOR_VERSION,
        "tables": {t.name: sum(m.rows.get(t.name, 0) for m in manifests) for t in TABLES},
        "files": {},
        "duplicates": {},
        "packages": {m.package_id: PublishedPackage("v1", "ab", m.extracted_at, m.notices, 0) for m in manifests},
        "checks": {},
        "previous_run_id": "",
        "started_at": "",
        "checked_at": "2019-03-01T10:00:00+00:00",
        "published_at": "2019-03-01T10:00:00+00:00",
    }
    return Published(**{**values, **changes})


def report(buckets, *packages, run="r1", dead=None, failed=None):
    raw, extracted = buckets
    return reconcile(
        Plan(packages, LONG_AGO),
        raw=raw,
        extracted=extracted,
        located=lambda table, year: f"s3://extracted/{merged_prefix(table, year, run)}",
        dead=dead or {},
        failed_merges=failed or {},
    )


def test_a_complete_run_has_no_problem_and_says_its_sums(buckets):
    hold(buckets, FIRST)
    write_record(buckets[1], published(manifest(FIRST)))
    result = report(buckets, FIRST)
    assert result.problems == []
    assert result.attention == ["20190301_2019043: 1 quarantined (not-xml)"]
    assert result.as_dict()["summary"] == (
        "complete: 1 of 1 planned packages extracted; 3 members = 2 notices + 1 quarantined + 0 skipped; "
        "2 notices published (0 duplicates left out)"
    )


def test_names_every_package_that_did_not_arrive(buckets):
    hold(buckets, FIRST, extracted=False)
    result = report(buckets, FIRST, SECOND, dead={str(SECOND): "transfer: 404"})
    assert result.missing == [FIRST, SECOND]
    assert "transferred but not extracted" in result.problems[0]
    assert result.problems[1] == "20190304_2019044: transfer: 404"


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (None, "extracted but never published"),
        (published(), "published without 1 package"),
        (published(manifest(FIRST), tables={t.name: 1 for t in TABLES}), "notices has 1 rows, its manifests say 2"),
        (published(manifest(FIRST), run="r2"), "the catalog does not point at run r2"),
    ],
)
def test_names_what_differs_between_manifests_and_the_published_year(buckets, record, problem):
    hold(buckets, FIRST)
    if record:
        write_record(buckets[1], record)
    assert any(problem in text for text in report(buckets, FIRST).problems)


def test_a_failed_merge_is_a_problem(buckets):
    hold(buckets, FIRST)
    assert report(buckets, FIRST, failed={2019: "MergeRefused: …"}).problems == [
        "merge of 2019 failed: MergeRefused: …"
    ]


def test_a_failed_merge_says_what_its_run_says():
    run = json.dumps(
        {"JobRunState": "FAILED", "Arguments": {"--YEAR": "2019"}, "ErrorMessage": "MergeRefused: no manifests"}
    )
    assert merge_error(f"States.TaskFailed: {run}") == "MergeRefused: no manifests"
    assert merge_error("States.Timeout: no run") == "States.Timeout: no run"
