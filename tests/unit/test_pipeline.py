"""The state machine's helpers: how far a plan has come, and whether anything was lost."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from console.sample.server import calendar_csv
from runtime.buckets import Bucket
from runtime.errors import ConfigError, TerminalError
from runtime.failures import Failure, record_failure
from runtime.keys import PackageId, calendar_key, merged_prefix
from runtime.ledger import Plan, read_ledger, settle
from runtime.manifest import EXTRACTOR_VERSION, Manifest
from runtime.merge.published import Published, PublishedPackage, write_record
from runtime.pipeline import handlers
from runtime.pipeline.completeness import YearCompleteness
from runtime.pipeline.completeness import check_completeness as check_ledger
from runtime.pipeline.progress import IDLE_CHECKS, Progress, check_progress
from runtime.pipeline.reconciliation import Report, merge_error, reconcile
from runtime.queues import Queue
from runtime.schema import TABLES
from tests.unit.test_access import manifest as a_manifest
from tests.unit.transfer_world import Context

FIRST, SECOND = PackageId.parse("20190301_2019043"), PackageId.parse("20190304_2019044")
NOON = dt.datetime(2020, 1, 2, 12, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def manifest(package: PackageId, **changes: Any) -> Manifest:
    return a_manifest(package, extractor_version=EXTRACTOR_VERSION, **changes)


@pytest.fixture
def buckets() -> Iterator[tuple[Bucket, Bucket]]:
    with mock_aws():
        client = boto3.client("s3", region_name="eu-west-1")
        for name in ("raw", "extracted"):
            client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield Bucket(client, "raw"), Bucket(client, "extracted")


def progress(
    buckets: tuple[Bucket, Bucket],
    *packages: PackageId,
    waiting: int = 1,
    hidden: int | None = None,
    idle: int = 0,
    planned_at: dt.datetime = LONG_AGO,
    again: tuple[PackageId, ...] = (),
) -> Progress:
    raw, extracted = buckets
    plan = Plan(packages, planned_at, again)
    extractions = waiting if hidden is None else hidden
    return check_progress(
        plan, raw=raw, extracted=extracted, transfers=lambda: waiting, extractions=lambda: extractions, idle=idle
    )


def hold(buckets: tuple[Bucket, Bucket], package: PackageId, **changes: Any) -> None:
    raw, extracted = buckets
    raw.put(package.raw_key, b"package", metadata={"sha256": manifest(package).sha256})
    if changes.pop("extracted", True):
        extracted.put(package.manifest_key, manifest(package, **changes).to_json())
        assert settle(package, raw, extracted)


def check_completeness(
    buckets: tuple[Bucket, Bucket], years: Sequence[int], now: dt.datetime = NOON
) -> list[YearCompleteness]:
    raw, extracted = buckets
    return check_ledger(raw, read_ledger(raw, extracted, years), years, now)


def test_reads_the_plan_that_the_transfer_job_wrote(buckets: tuple[Bucket, Bucket]) -> None:
    raw, _ = buckets
    raw.put_json(
        "plans/r1.json", {"packages": [str(FIRST)], "planned_at": "2019-03-01T10:00:00+00:00", "years": [2019]}
    )
    plan = Plan.read(raw, "plans/r1.json")
    assert (plan.packages, plan.years, plan.planned_at.hour) == ((FIRST,), [2019], 10)


def test_says_which_object_is_no_plan(buckets: tuple[Bucket, Bucket]) -> None:
    raw, _ = buckets
    raw.put_json("plans/r1.json", {"packages": 3})
    with pytest.raises(ConfigError, match=r"s3://raw/plans/r1\.json is no plan"):
        Plan.read(raw, "plans/r1.json")


def test_waits_while_packages_are_under_way(buckets: tuple[Bucket, Bucket]) -> None:
    hold(buckets, FIRST)
    hold(buckets, SECOND, extracted=False)
    result = progress(buckets, FIRST, SECOND)
    assert (result.planned, result.transferred, result.extracted, result.pending) == (2, 2, 1, 1)
    assert not result.done


def test_is_done_when_every_package_is_extracted(buckets: tuple[Bucket, Bucket]) -> None:
    hold(buckets, FIRST)
    result = progress(buckets, FIRST)
    assert result.done
    assert result.as_dict() == {
        "planned": 1, "transferred": 1, "extracted": 1, "pending": 0, "dead_count": 0, "dead": [], "years": [2019],
        "idle": 0, "done": True,
    }  # fmt: skip


def test_waits_for_packages_that_an_older_extractor_read(buckets: tuple[Bucket, Bucket]) -> None:
    hold(buckets, FIRST)
    _, extracted = buckets
    extracted.put(FIRST.manifest_key, a_manifest(FIRST, extractor_version=EXTRACTOR_VERSION - 1).to_json())
    assert progress(buckets, FIRST).pending == 1


def test_a_failure_since_the_plan_makes_a_package_dead_and_an_older_one_does_not(
    buckets: tuple[Bucket, Bucket],
) -> None:
    raw, _ = buckets
    at = dt.datetime(2019, 3, 1, 10, tzinfo=dt.UTC)
    record_failure(raw, Failure.of(FIRST, "transfer", TerminalError("404 for it"), 5, at))
    dead = progress(buckets, FIRST, planned_at=at)
    assert dead.dead == {FIRST: "transfer: TerminalError: 404 for it"}
    assert dead.done
    assert progress(buckets, FIRST, planned_at=at + dt.timedelta(seconds=1)).pending == 1


def test_empty_queues_for_several_checks_mean_that_what_is_pending_is_lost(buckets: tuple[Bucket, Bucket]) -> None:
    result = progress(buckets, FIRST, waiting=0, idle=IDLE_CHECKS - 2)
    assert (result.idle, result.done) == (IDLE_CHECKS - 1, False)
    result = progress(buckets, FIRST, waiting=0, idle=result.idle)
    assert result.done
    assert "dead-letter" in result.dead[FIRST]
    assert progress(buckets, FIRST, waiting=1, idle=IDLE_CHECKS - 1).idle == 0


def test_waits_for_the_answer_to_what_is_held_and_asked_for_again(buckets: tuple[Bucket, Bucket]) -> None:
    """Its old rows are current until other bytes come, so nothing but the queues tells that none do."""
    hold(buckets, FIRST)
    hold(buckets, SECOND)
    result = progress(buckets, FIRST, SECOND, again=(FIRST,))
    assert (result.extracted, result.pending, result.done) == (1, 1, False)
    result = progress(buckets, FIRST, SECOND, waiting=0, idle=IDLE_CHECKS - 2, again=(FIRST,))
    assert (result.pending, result.idle) == (1, IDLE_CHECKS - 1)
    result = progress(buckets, FIRST, SECOND, waiting=0, idle=result.idle, again=(FIRST,))
    assert (result.extracted, result.dead, result.done) == (2, {}, True)


def test_what_is_asked_for_again_does_not_wait_for_the_extraction_of_others(buckets: tuple[Bucket, Bucket]) -> None:
    """A message that failed hides for an hour before it is tried again."""
    hold(buckets, FIRST)
    result = progress(buckets, FIRST, waiting=0, hidden=2, idle=IDLE_CHECKS - 1, again=(FIRST,))
    assert (result.extracted, result.done) == (1, True)
    result = progress(buckets, FIRST, SECOND, waiting=0, hidden=2, idle=IDLE_CHECKS - 1, again=(FIRST,))
    assert (result.pending, result.idle) == (2, 0)  # the second is not extracted yet


def test_a_package_that_the_source_does_not_give_again_is_dead_and_a_problem(buckets: tuple[Bucket, Bucket]) -> None:
    raw, extracted = buckets
    hold(buckets, FIRST)
    write_record(extracted, published(manifest(FIRST)))
    at = dt.datetime(2019, 3, 1, 10, tzinfo=dt.UTC)
    record_failure(raw, Failure.of(FIRST, "transfer", TerminalError("cut short"), 5, at))
    result = progress(buckets, FIRST, planned_at=at, again=(FIRST,))
    assert (result.dead, result.done) == ({FIRST: "transfer: TerminalError: cut short"}, True)
    assert result.years == [2019]  # what is held of it is merged
    dead = {str(package): reason for package, reason in result.dead.items()}
    assert report(buckets, FIRST, dead=dead, again=(FIRST,)).problems == [f"{FIRST}: {result.dead[FIRST]}"]
    assert report(buckets, FIRST, dead=dead).problems == []  # it came after the last check


def test_a_plan_of_any_size_fits_into_a_state_machine(buckets: tuple[Bucket, Bucket]) -> None:
    packages = [PackageId(dt.date(2019, 1, 1), issue) for issue in range(1, 4001)]
    answer = progress(buckets, *packages, waiting=0, idle=IDLE_CHECKS).as_dict()
    assert answer["dead_count"] == 4000
    assert len(json.dumps(answer)) < 32 << 10


def published(*manifests: Manifest, run: str = "r1", **changes: Any) -> Published:
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


def report(
    buckets: tuple[Bucket, Bucket],
    *packages: PackageId,
    run: str = "r1",
    dead: dict[str, str] | None = None,
    failed: dict[int, str] | None = None,
    completeness: Any = (),
    again: tuple[PackageId, ...] = (),
    rates: Any = MappingProxyType({}),
    stale: Any = MappingProxyType({}),
) -> Report:
    raw, extracted = buckets
    plan = Plan(packages, LONG_AGO, again)
    return reconcile(
        plan,
        ledger=read_ledger(raw, extracted, plan.years),
        extracted=extracted,
        located=lambda table, year: f"s3://extracted/{merged_prefix(table, year, run)}",
        dead=dead or {},
        failed_merges=failed or {},
        completeness=completeness,
        rates=rates,
        stale=stale,
    )


def test_a_complete_run_has_no_problem_and_says_its_sums(buckets: tuple[Bucket, Bucket]) -> None:
    hold(buckets, FIRST)
    write_record(buckets[1], published(manifest(FIRST)))
    result = report(buckets, FIRST)
    assert result.problems == []
    assert result.attention == ["20190301_2019043: 1 quarantined (not-xml)"]
    assert result.as_dict()["summary"] == (
        "complete: 1 of 1 planned packages extracted; 3 members = 2 notices + 1 quarantined + 0 skipped; "
        "2 notices published (0 duplicates left out)"
    )


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ({"status": "stored", "reason": "", "last_rate_date": "2026-10-30"}, None),
        ({"status": "held", "reason": "", "last_rate_date": "2026-10-30"}, None),
        ({}, None),  # of an execution that began before there were rates
        (
            {"status": "refused", "reason": "half a zip", "last_rate_date": "2026-10-30"},
            "what is held stays, the newest of 2026-10-30; try again with: ted rates. half a zip",
        ),
        ({"status": "refused", "reason": "half a zip", "last_rate_date": None}, "none are held"),
        (
            {"Error": "Sandbox.Timedout", "Cause": '{"errorMessage": "Task timed out"}'},
            "Sandbox.Timedout: Task timed out",
        ),
        ({"Error": "Lambda.TooManyRequestsException", "Cause": "Rate Exceeded."}, "Exception: Rate Exceeded."),
    ],
)
def test_a_run_without_newer_rates_is_whole_and_says_so(
    buckets: tuple[Bucket, Bucket], rates: dict[str, Any], said: str | None
) -> None:
    hold(buckets, FIRST)
    write_record(buckets[1], published(manifest(FIRST)))
    result = report(buckets, FIRST, rates=rates)
    assert result.problems == []
    lines = [line for line in result.as_dict()["attention"] if "exchange rates" in line]
    assert [said in line for line in lines] == ([True] if said else [])


def test_a_run_whose_charts_stay_old_is_whole_and_says_so(buckets: tuple[Bucket, Bucket]) -> None:
    hold(buckets, FIRST)
    write_record(buckets[1], published(manifest(FIRST)))
    stale = {"nfr-cca-ted-years-dev": "QuickSight.ResourceNotFoundException: no data set"}
    result = report(buckets, FIRST, stale=stale)
    assert result.problems == []
    (line,) = [line for line in result.as_dict()["attention"] if "QuickSight" in line]
    assert line.startswith("QuickSight does not read nfr-cca-ted-years-dev again")
    assert "no data set" in line
    assert "Refresh now" in line


def test_names_every_package_that_did_not_arrive(buckets: tuple[Bucket, Bucket]) -> None:
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
def test_names_what_differs_between_manifests_and_the_published_year(
    buckets: tuple[Bucket, Bucket], record: Published | None, problem: str
) -> None:
    hold(buckets, FIRST)
    if record:
        write_record(buckets[1], record)
    assert any(problem in text for text in report(buckets, FIRST).problems)


def test_a_table_that_is_younger_than_the_published_run_is_no_difference(buckets: tuple[Bucket, Bucket]) -> None:
    hold(buckets, FIRST)
    record = published(manifest(FIRST))
    write_record(buckets[1], replace(record, tables={n: r for n, r in record.tables.items() if n != "cpv_names"}))
    assert report(buckets, FIRST).problems == []


def test_what_the_year_lacks_besides_the_plan_is_told_and_no_problem_of_the_run(buckets: tuple[Bucket, Bucket]) -> None:
    raw, extracted = buckets
    third = PackageId.parse("20190305_2019045")
    stray = PackageId.parse("20190306_2019046")
    hold(buckets, FIRST)
    hold(buckets, stray)
    write_record(extracted, published(manifest(FIRST), manifest(stray)))
    raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND, third]))
    result = report(buckets, FIRST, completeness=check_completeness(buckets, [2019]))
    assert (result.problems, result.missing) == ([], [])
    assert result.attention[:2] == [
        f"year 2019: 2 besides this run due and missing; bring them with: ted run 2019: {SECOND}, {third}",
        f"year 2019: 1 besides this run held, but not in the release calendar; was it changed?: {stray}",
    ]
    assert result.as_dict()["completeness"] == [
        {
            "year": 2019, "has_calendar": True, "due": 3, "transferred": 2, "extracted": 2, "stale": 0, "missing": 2,
            "first_missing": [str(SECOND), str(third)], "not_in_calendar": 1,
        }
    ]  # fmt: skip
    assert result.as_dict()["pictures"] == "ted report --year 2019"


def test_what_the_calendar_says_is_due_and_was_planned_is_a_problem_of_the_run(buckets: tuple[Bucket, Bucket]) -> None:
    raw, _extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND]))
    result = report(buckets, FIRST, SECOND, completeness=check_completeness(buckets, [2019]))
    assert result.missing == [FIRST, SECOND]
    assert len(result.problems) == 2
    assert result.attention == []


def test_a_year_without_calendar_is_told(buckets: tuple[Bucket, Bucket]) -> None:
    _raw, extracted = buckets
    hold(buckets, FIRST)
    write_record(extracted, published(manifest(FIRST)))
    result = report(buckets, FIRST, completeness=check_completeness(buckets, [2019]))
    assert result.problems == []
    assert result.attention[0].startswith("year 2019: no calendar is kept")


def test_the_report_of_a_backfill_fits_into_a_state_machine(buckets: tuple[Bucket, Bucket]) -> None:
    raw, _extracted = buckets
    days = [dt.date(2011, 1, 1) + dt.timedelta(days=n) for n in range(16 * 365)]
    packages = [PackageId(day, day.timetuple().tm_yday) for day in days]
    for year in range(2011, 2027):
        raw.put(calendar_key(year), calendar_csv([p for p in packages if p.year == year]))
    years = check_completeness(buckets, range(2011, 2027), dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    answer = report(buckets, *packages[:300], completeness=years).as_dict()
    assert sum(year["missing"] for year in answer["completeness"]) > 5000
    assert len(json.dumps(answer)) < 64 << 10


@pytest.fixture
def queue(buckets: tuple[Bucket, Bucket], monkeypatch: pytest.MonkeyPatch) -> Queue:
    """One queue in place of both, and the environment of the handlers."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    sqs = boto3.client("sqs", region_name="eu-west-1")
    url = sqs.create_queue(QueueName="both")["QueueUrl"]
    for name, value in {
        "RAW_BUCKET": "raw", "EXTRACTED_BUCKET": "extracted", "TRANSFERS_QUEUE_URL": url, "EXTRACTIONS_QUEUE_URL": url,
        "GLUE_DATABASE": "me", "BUCKET_OWNER": "123456789012",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    return Queue(sqs, url)


def test_the_handler_carries_on_from_one_check_to_the_next(buckets: tuple[Bucket, Bucket], queue: Queue) -> None:
    raw, _ = buckets
    hold(buckets, FIRST)
    packages = [str(FIRST), str(SECOND)]
    raw.put_json("plans/r1.json", {"packages": packages, "planned_at": LONG_AGO.isoformat(), "years": [2019]})
    queue.send([{"package_id": str(SECOND)}])
    answer = handlers.check_progress({"plan_key": "plans/r1.json"}, Context())
    assert (answer["extracted"], answer["pending"], answer["idle"], answer["done"]) == (1, 1, 0, False)
    queue.client.purge_queue(QueueUrl=queue.url)
    for idle in range(1, IDLE_CHECKS + 1):
        answer = handlers.check_progress(answer, Context())
        assert answer["idle"] == idle
    assert (answer["plan_key"], answer["done"], answer["dead_count"]) == ("plans/r1.json", True, 1)


def test_the_handler_reports_and_counts_what_is_missing(
    buckets: tuple[Bucket, Bucket], queue: Queue, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, _ = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND]))
    raw.put_json("plans/r1.json", {"packages": [str(FIRST)], "planned_at": LONG_AGO.isoformat(), "years": [2019]})
    answer = handlers.reconcile({"plan_key": "plans/r1.json", "dead": [], "merges": []}, Context())
    assert answer["ok"] is False
    assert answer["completeness"][0]["first_missing"] == [str(FIRST), str(SECOND)]
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "PackagesMissing" in line]
    assert [line["PackagesMissing"] for line in logged] == [[1.0]]


def test_a_failed_merge_is_a_problem(buckets: tuple[Bucket, Bucket]) -> None:
    hold(buckets, FIRST)
    assert report(buckets, FIRST, failed={2019: "MergeRefused: …"}).problems == [
        "merge of 2019 failed: MergeRefused: …"
    ]


def test_a_failed_merge_says_what_its_run_says() -> None:
    run = json.dumps(
        {"JobRunState": "FAILED", "Arguments": {"--YEAR": "2019"}, "ErrorMessage": "MergeRefused: no manifests"}
    )
    assert merge_error(f"States.TaskFailed: {run}") == "MergeRefused: no manifests"
    assert merge_error("States.Timeout: no run") == "States.Timeout: no run"
