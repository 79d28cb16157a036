"""The system as it is deployed: the real cdk tool, an embedded AWS, packages from a publisher, answers from Athena."""

import datetime as dt
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from console import pipeline, target
from console.athena import ask
from console.aws.launcher import EmbeddedAws, embedded_aws
from console.buckets import find_buckets
from console.cdk import LocalCdk
from console.local import local_context
from console.main import app
from console.sample.faults import FaultKind
from console.sample.notices import SampleNotice, corrupt_notice, make_notice
from console.sample.packages import make_package, package_id
from console.sample.server import RATES, Publisher, Shelf, calendar_csv, ecb_history
from console.status import read_status
from runtime.buckets import Bucket
from runtime.keys import RATES_KEY, RATES_NOTE_KEY, PackageId, daily_prefix, merged_prefix, reference_key, run_key
from runtime.manifest import read_manifests
from runtime.merge.catalog import Catalog
from runtime.queues import Queue
from runtime.schema.tables import NOTICES
from runtime.schema.views import VIEWS
from stacks.names import Names
from tests.local.scan import names_of_everything

pytestmark = pytest.mark.timeout(900)

DAY = dt.date(2019, 3, 1)
PACKAGE: PackageId = package_id(DAY)
FORMS = (("F03", "R2.0.9.S03"), ("F02", "R2.0.9.S02"), ("F14", "R2.0.9.S03"), ("F06", "R2.0.9.S01"))


def a_day() -> tuple[list[SampleNotice], SampleNotice]:
    """Four notices and a corrupt member."""
    notices = [
        make_notice(number=100 + n, date=DAY, issue=PACKAGE.issue, form=form, schema=schema)
        for n, (form, schema) in enumerate(FORMS)
    ]
    return notices, corrupt_notice(number=200, date=DAY, issue=PACKAGE.issue)


@dataclass(frozen=True)
class World:
    """A publisher, an embedded AWS, and the instances deployed into it."""

    aws: EmbeddedAws
    publisher: Publisher
    session: boto3.Session

    def cdk(self, initials: str, source: str | None = None) -> LocalCdk:
        """Deploys an instance that takes its packages from the publisher, or from `source`."""
        url = source or self.publisher.url
        more = {"ted:start_year": "2019", "ted:rates_url": self.publisher.rates_url}
        return LocalCdk(self.aws, local_context(initials, url, more))

    def bucket(self, name: str) -> Bucket:
        return Bucket(self.session.client("s3"), name)

    def invoke(self, function: str, selection: dict[str, Any]) -> dict[str, Any]:
        """Call a function of an instance; its answer."""
        answer = self.session.client("lambda").invoke(FunctionName=function, Payload=json.dumps(selection))
        return json.load(answer["Payload"])

    def wait(self, what: str, is_so: Callable[[], bool]) -> None:
        """Wait for something to become so, three minutes at most."""
        deadline = time.monotonic() + 180
        while not is_so():
            assert time.monotonic() < deadline, f"expected {what}"
            time.sleep(0.2)

    def waiting(self, initials: str) -> int:
        """Messages in an instance's two queues."""
        sqs, names = self.session.client("sqs"), Names(initials, "dev")
        urls = [sqs.get_queue_url(QueueName=names.queue(name))["QueueUrl"] for name in ("transfers", "extractions")]
        return sum(Queue(sqs, url).depth() for url in urls)

    def logged(self, function: str, message: str) -> list[dict[str, Any]]:
        """What a function logged under a message."""
        pages = self.session.client("logs").get_paginator("filter_log_events")
        events = [e for page in pages.paginate(logGroupName=f"/aws/lambda/{function}") for e in page["events"]]
        lines = [line for event in events for line in event["message"].splitlines() if line.startswith("{")]
        return [found for line in lines if (found := json.loads(line)).get("message") == message]

    def run(self, initials: str, selection: dict[str, Any]) -> dict[str, Any]:
        """Run an instance's pipeline to its end; the report, or RunFailed."""
        client, names = self.session.client("stepfunctions"), Names(initials, "dev")
        execution = pipeline.start(client, names, selection)
        for _ in pipeline.follow(client, self.session.client("glue"), names, execution, seconds=1):
            pass
        return pipeline.result(client, execution)["report"]

    def names_of_everything(self) -> str:
        """Names of all that exists in the account, as text to search in."""
        return names_of_everything(self.session)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("aws")
    notices, corrupt = a_day()
    shelf = Shelf.of_packages({PACKAGE: make_package(PACKAGE, [*notices, corrupt])})
    with pytest.MonkeyPatch.context() as patch, Publisher(shelf) as publisher, embedded_aws(folder) as aws:
        variables = aws.environment()
        patch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
        session = boto3.Session(
            variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], region_name=variables["AWS_REGION"]
        )
        made = World(aws, publisher, session)
        made.cdk("aa").bootstrap()
        made.cdk("aa").deploy()
        yield made


def test_a_day_with_a_corrupt_notice_is_merged_and_the_corrupt_one_is_findable(world: World) -> None:
    notices, corrupt = a_day()
    report = world.run("aa", {"year": 2019, "month": 3})
    assert report["problems"] == []
    assert report["totals"]["members"] == 5
    assert report["totals"]["notices"] == 4
    assert report["attention"] == [f"{PACKAGE}: 1 quarantined (not-xml)"]
    names = Names("aa", "dev")
    answer = ask(world.session, names, "SELECT notice_id, title FROM notices WHERE year = 2019 ORDER BY notice_id")
    assert answer.rows == [(notice.notice_id, notice.facts["title"]) for notice in notices]
    rejects = ask(world.session, names, "SELECT member_name, reason, quarantine_key FROM rejects").rows
    assert [row[:2] for row in rejects] == [(corrupt.member_name, "not-xml")]
    extracted = find_buckets(world.session, names).extracted
    assert extracted.get(str(rejects[0][2])) == corrupt.xml


def test_every_view_answers_as_it_is_deployed(world: World) -> None:
    for view in VIEWS:
        answer = ask(world.session, Names("aa", "dev"), f"SELECT * FROM {view.name} LIMIT 1")  # noqa: S608
        assert tuple(answer.columns) == view.column_names


def test_rates_came_with_the_run_and_nothing_worse_replaces_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table and the views in euro are there; a source at fault is told, and the tables stay as they are."""
    names = Names("aa", "dev")
    monkeypatch.setattr(target, "find_target", lambda *_: target.embedded(world.aws, names, "a test"))
    raw, table = world.bucket(names.raw_bucket), reference_key("exchange_rates")
    assert raw.get(RATES_KEY) == ecb_history()
    sql = "SELECT units_per_eur, method FROM exchange_rates WHERE currency = 'HRK' AND rate_date = DATE '2023-01-01'"
    assert ask(world.session, names, sql).rows == [("7.53450000", "irrevocable")]
    euro = ask(
        world.session, names, "SELECT count(value), count(value_eur) FROM contract_awards WHERE winner_ordinal = 1"
    )
    assert euro.rows[0][0] == euro.rows[0][1] != "0"
    extracted = world.bucket(names.extracted_bucket)
    before = raw.head(RATES_KEY), extracted.head(table)
    night = Night(world, 2019)
    faults: dict[FaultKind, str] = {"error": "500", "web-page": "web page", "too-short": "whole zip"}
    for fault, words in faults.items():
        world.publisher.spoil(RATES, fault, times=1)
        answer = night.ted("rates", code=1)
        assert answer["status"] == "refused"
        assert words in answer["reason"]
    # The next run asks no more today; one that is to ask says that it could not, and is green.
    raw.put(RATES_NOTE_KEY, b"{}")
    world.publisher.spoil(RATES, "error", times=1)
    report = world.run("aa", {"year": 2019, "month": 3})
    assert report["problems"] == []
    assert "no newer exchange rates came, what is held stays" in report["attention"][0]
    assert (raw.head(RATES_KEY), extracted.head(table)) == before
    assert night.ted("rates")["status"] == "unchanged"


def test_the_same_run_again_changes_nothing(world: World) -> None:
    raw = world.session.client("s3")
    before = raw.list_object_versions(Bucket="aa-cca-ted-raw-dev", Prefix="2019/")["Versions"]
    report = world.run("aa", {"year": 2019, "month": 3})
    assert (report["problems"], report["totals"]["published"]) == ([], 4)
    assert raw.list_object_versions(Bucket="aa-cca-ted-raw-dev", Prefix="2019/")["Versions"] == before


def test_bytes_that_are_put_again_end_green(world: World) -> None:
    """As a restore or a sync does it: a new version, a new time, another ETag, the same bytes."""
    raw = world.bucket("aa-cca-ted-raw-dev")
    data, known = raw.get(PACKAGE.raw_key), raw.head(PACKAGE.raw_key)
    assert known is not None
    with raw.in_parts(PACKAGE.raw_key, metadata=known.metadata) as send:
        send(data)
    report = world.run("aa", {"year": 2019, "month": 3})
    assert (report["problems"], report["totals"]["published"]) == ([], 4)


def test_a_package_that_never_comes_makes_the_run_red_and_is_named(world: World) -> None:
    missing = replace(PACKAGE, date=dt.date(2019, 3, 4), issue=PACKAGE.issue + 1)
    with pytest.raises(pipeline.RunFailed, match=str(missing)):
        world.run("aa", {"packages": [str(PACKAGE), str(missing)]})
    assert ask(world.session, Names("aa", "dev"), "SELECT count(*) FROM notices").rows == [("4",)]


def test_a_wrong_input_is_refused_with_every_fault_and_a_right_one(world: World) -> None:
    with pytest.raises(pipeline.RunFailed) as caught:
        world.run("aa", {"year": "soon", "months": 3})
    for words in (
        "ConfigError",
        "year is 'soon'",
        "unknown key 'months'",
        '{"year": 2019, "month": 3}'.replace('"', ""),
    ):
        assert words in str(caught.value).replace("\\", "").replace('"', "")


@contextmanager
def broken_merge(world: World) -> Iterator[None]:
    """Let the merges of an instance fail for a block."""
    job = world.session.client("glue").get_job(JobName="aa-cca-ted-merge-dev")["Job"]
    bucket, key = job["Command"]["ScriptLocation"].removeprefix("s3://").split("/", 1)
    scripts = Bucket(world.session.client("s3"), bucket)
    script = scripts.get(key)
    scripts.put(key, b"raise RuntimeError('the disk is full')")
    try:
        yield
    finally:
        scripts.put(key, script)


def test_a_glue_script_that_fails_fails_the_pipeline_and_leaves_the_year_as_it_was(world: World) -> None:
    with broken_merge(world), pytest.raises(pipeline.RunFailed, match="the disk is full"):
        world.run("aa", {"year": 2019, "month": 3})
    assert ask(world.session, Names("aa", "dev"), "SELECT count(*) FROM notices").rows == [("4",)]


def test_two_jobs_at_once_store_and_extract_each_package_once(world: World) -> None:
    days = [dt.date(2020, 1, day) for day in (2, 3, 6, 7)]
    packages = [package_id(day) for day in days]
    for number, package in enumerate(packages, 1):
        notice = make_notice(number=number, date=package.date, issue=package.issue, form="F03", schema="R2.0.9.S03")
        world.publisher.replace(package, make_package(package, [notice]))
    world.publisher.shelf.calendars[2020] = calendar_csv(packages)
    raw, extracted = world.bucket("aa-cca-ted-raw-dev"), world.bucket("aa-cca-ted-extracted-dev")
    january = {"year": 2020, "month": 1}
    with ThreadPoolExecutor(2) as pool:
        plans = list(pool.map(world.invoke, ["aa-cca-ted-start-transfer-job-dev"] * 2, [january] * 2))
        assert [plan["planned"] for plan in plans] == [4, 4]
        list(pool.map(world.invoke, ["aa-cca-ted-start-extract-job-dev"] * 2, [january] * 2))
    world.wait("all extracted", lambda: len(read_manifests(extracted, 2020)) == 4)
    world.wait("empty queues", lambda: not world.waiting("aa"))
    versions = raw.client.list_object_versions(Bucket=raw.name, Prefix="2020/")["Versions"]
    assert [version["Key"] for version in versions] == [package.raw_key for package in packages]
    done = Counter(line["package_id"] for line in world.logged("aa-cca-ted-process-extractions-dev", "extracted"))
    assert {done[str(package)] for package in packages} <= {1, 2}
    assert world.publisher.most_at_once <= 3


def test_a_second_instance_fills_itself_from_the_first_and_goes_without_a_trace(world: World) -> None:
    """They stand side by side; TED is asked by the first alone."""
    theirs = world.bucket("aa-cca-ted-raw-dev")
    world.invoke("aa-cca-ted-start-transfer-job-dev", {"year": 2019, "month": 3})
    world.wait("the package", lambda: theirs.head(PACKAGE.raw_key) is not None)
    before, asked = world.names_of_everything(), len(world.publisher.requests_for(PACKAGE))
    bb = world.cdk("bb", "s3://aa-cca-ted-raw-dev")
    bb.deploy()
    both = world.names_of_everything()
    assert all(
        name in both for name in ("aa-cca-ted-raw-dev", "bb-cca-ted-raw-dev", "aa_cca_ted_dev", "bb_cca_ted_dev")
    )
    names = Names("bb", "dev")
    assert world.run("bb", {"year": 2019, "month": 3})["totals"]["published"] == 4
    assert len(world.publisher.requests_for(PACKAGE)) == asked
    ours = world.bucket(names.raw_bucket)
    data = ours.get(PACKAGE.raw_key)
    sha256 = hashlib.sha256(data).hexdigest()
    assert [listed.key for listed in ours.keys("2019/")] == [listed.key for listed in theirs.keys("2019/")]
    assert (theirs.get(PACKAGE.raw_key), theirs.head(PACKAGE.raw_key).metadata["sha256"]) == (data, sha256)
    assert ours.head(PACKAGE.raw_key).metadata["sha256"] == sha256
    (year,) = read_status(ours, world.bucket(names.extracted_bucket), [2019], dt.datetime.now(dt.UTC))
    assert (year.completeness.due, year.completeness.extracted, year.is_known_complete) == (1, 1, True)
    assert (year.quarantined, year.published.tables["notices"]) == (1, 4)

    bb.destroy()
    left = world.names_of_everything()
    assert "bb-cca-ted" not in left
    assert "bb_cca_ted" not in left
    assert left.count("aa-cca-ted") == before.count("aa-cca-ted")
    assert world.run("aa", {"year": 2019})["problems"] == []


@dataclass
class Night:
    """An instance, asked about a year as whoever is on call asks it: with `ted` alone."""

    world: World
    year: int

    def ted(self, *arguments: str, code: int = 0) -> Any:
        """What a command says as JSON."""
        result = CliRunner().invoke(app, [*arguments, "--json"])
        assert result.exit_code == code, f"ted {' '.join(arguments)}: {result.output}"
        return json.loads(result.stdout)

    def say(self, *arguments: str, code: int = 0) -> str:
        """What a command says to people."""
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == code, result.output
        return result.output

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command says as a JSON object a line."""
        result = CliRunner().invoke(app, [*arguments, "--json"])
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def failures(self) -> list[dict[str, Any]]:
        """What was given up of the year, or names no package."""
        result = CliRunner().invoke(app, ["failures", "--json"])
        found = json.loads(result.stdout)
        assert result.exit_code == (1 if found else 0), result.output
        return [each for each in found if (each["package_id"] or f"{self.year}").startswith(f"{self.year}")]

    def status(self, *, code: int = 0) -> dict[str, Any]:
        (year,) = self.ted("status", f"{self.year}", code=code)["years"]
        return dict(year)

    def waits_for(self, package: PackageId) -> None:
        """Wait until the status has the package as extracted anew, and not yet published."""
        self.world.wait("its rows", lambda: str(package) in self.status(code=1)["unpublished"])


def test_a_bad_night_is_found_explained_mended_and_verified(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/runbook.md played through: spoilt and wrong packages, a poisoned message, a failed merge, a lost year."""
    names = Names("aa", "dev")
    monkeypatch.setattr(target, "find_target", lambda *_: target.embedded(world.aws, names, "a test"))
    night = Night(world, 2021)
    whole, truncated, mixed_up = packages = [package_id(dt.date(2021, 1, day)) for day in (4, 5, 6)]
    sound = {
        package: make_package(
            package, [make_notice(number=n, date=package.date, issue=package.issue, form="F03", schema="R2.0.9.S03")]
        )
        for n, package in enumerate(packages, 1)
    }
    cut = sound[truncated][:-100]
    for package, data in {whole: sound[whole], truncated: cut, mixed_up: sound[whole]}.items():
        world.publisher.replace(package, data)
    world.publisher.shelf.calendars[2021] = calendar_csv(packages)
    world.bucket(names.raw_bucket).put(truncated.raw_key, cut)  # as an older copy came by another way
    sqs = world.session.client("sqs")
    url = sqs.get_queue_url(QueueName=names.queue("transfers"))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody='{"package": "soon"}')

    # The run is red. What is missing, what was given up, and why?
    assert night.ted("transfer", "2021", "--dry-run", code=1)["not_known"] != []
    with pytest.raises(pipeline.RunFailed, match=str(truncated)):
        world.run("aa", {"year": 2021})
    found = night.status(code=1)
    assert (found["not_transferred"], found["not_extracted"]) == ([str(mixed_up)], [str(truncated)])
    assert {each["package_id"] for each in found["failures"]} == {str(mixed_up), str(truncated)}
    assert found["notices_published"] == 1
    world.wait("two dead letters", lambda: sum(each["is_waiting"] for each in night.failures()) == 2)
    wrong, message, spoilt = night.failures()
    assert (wrong["package_id"], wrong["step"], wrong["error"]) == (str(mixed_up), "transfer", "WrongPackage")
    assert (message["package_id"], "soon" in message["reason"]) == (None, True)
    assert (spoilt["package_id"], spoilt["step"], spoilt["error"]) == (str(truncated), "extract", "TruncatedArchive")
    assert f"ted run {truncated} --refresh" in spoilt["advice"]
    logged = [each["line"] for each in night.lines("logs", "process-transfers") if isinstance(each["line"], dict)]
    assert {line["error"] for line in logged if line.get("package_id") == str(mixed_up)} == {"WrongPackage"}

    # The message is of no use to anybody; the one package is tried again once TED has put it right.
    assert night.ted("purge", "transfers", "--unreadable", "--yes")["removed"] == 1
    world.publisher.replace(mixed_up, sound[mixed_up])
    assert night.ted("redrive", "transfers", "--package", str(mixed_up))["moved"] == 1
    world.wait("its rows", lambda: night.status(code=1)["extracted"] == 2)
    assert night.status(code=1)["unpublished"] == [str(mixed_up)]

    # The merge fails, and what is published stays as it is.
    with broken_merge(world):
        assert "the disk is full" in night.ted("merge", "2021", code=1)["error"]
        assert any("the disk is full" in str(each["line"]) for each in night.lines("logs", "glue"))
    assert night.status(code=1)["notices_published"] == 1
    assert night.ted("merge", "2021", "--dry-run")["changed"] == [str(mixed_up)]
    assert night.ted("merge", "2021")["published"]["notices"] == 2

    # The other package is fetched again once TED has replaced it.
    world.publisher.replace(truncated, sound[truncated])
    assert night.ted("run", str(truncated), "--refresh")["problems"] == []
    assert night.failures() == []
    assert night.status()["notices_published"] == 3

    # The catalog loses a year of a table.
    glue = world.session.client("glue")
    glue.delete_partition(DatabaseName=names.database, TableName="notices", PartitionValues=["2021"])
    assert night.status(code=1)["lost"] == ["notices"]
    assert night.ted("republish", "--year", "2021")["years"][0]["mended"] == ["notices"]
    assert night.status()["lost"] == []
    assert ask(world.session, names, "SELECT count(*) FROM notices WHERE year = 2021").rows == [("3",)]


def test_what_else_may_happen_is_found_mended_and_verified(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runbook's other half: an upgrade, spoilt files, a half-published year, deleted files, an emptied bucket."""
    names = Names("aa", "dev")
    monkeypatch.setattr(target, "find_target", lambda *_: target.embedded(world.aws, names, "a test"))
    night, raw, extracted = Night(world, 2022), world.bucket(names.raw_bucket), world.bucket(names.extracted_bucket)
    first, second = packages = [package_id(dt.date(2022, 1, day)) for day in (3, 4)]
    for n, package in enumerate(packages, 1):
        notice = make_notice(number=n, date=package.date, issue=package.issue, form="F03", schema="R2.0.9.S03")
        world.publisher.replace(package, make_package(package, [notice]))
    world.publisher.shelf.calendars[2022] = calendar_csv(packages)
    assert night.ted("run", "2022")["problems"] == []
    assert night.status()["notices_published"] == 2

    # An upgrade in the middle of a year: one package is of the extractor before.
    older = extracted.get_json(first.manifest_key)
    extracted.put_json(first.manifest_key, {**older, "extractor_version": older["extractor_version"] - 1})
    assert night.status(code=1)["stale"] == [str(first)]
    (fault,) = night.ted("merge", "2022", "--dry-run", code=1)["faults"]
    assert "ted extract-again 2022 --due --initials aa" in fault
    assert night.ted("extract-again", "2022", "--due", "--dry-run")["would_extract"] == [str(first)]
    assert night.ted("run", "2022")["problems"] == []
    assert night.status()["stale"] == []

    # Parquet files whose bytes are spoilt, of the published year and of a package. Queries tell; a status cannot.
    def spoil(prefix: str) -> None:
        key = next(listed.key for listed in extracted.keys(prefix) if listed.key.endswith(".parquet"))
        data = extracted.get(key)
        extracted.put(key, data[:4] + b"\0" * (len(data) - 4))

    published = night.status()["published_run"]
    spoil(merged_prefix("notices", 2022, published))
    asked = night.say("query", "SELECT max(title) FROM notices WHERE year = 2022", code=2)
    assert re.search("HIVE_BAD_DATA: .*Parquet file", asked)
    spoil(daily_prefix("notices", 2022))
    assert f"{first}.parquet" in night.ted("merge", "2022", code=1)["error"]
    assert night.status()["published_run"] == published
    night.ted("extract-again", str(first))
    night.waits_for(first)
    assert night.ted("merge", "2022")["published"]["notices"] == 2
    assert night.say("query", "SELECT count(title) FROM notices WHERE year = 2022").splitlines()[-1] == "2"

    # A merge that was stopped while it pointed the tables at its run: one still has the run before.
    run = night.status()["published_run"]
    record = extracted.get_json(run_key(2022, run))
    extracted.put_json(run_key(2022, run), {**record, "published_at": ""})
    catalog = Catalog(world.session.client("glue"), names.database)
    before = f"s3://{extracted.name}/{merged_prefix('notices', 2022, published)}"
    catalog.point("notices", 2022, catalog.storage(NOTICES), before, 2, is_new=False)
    half = night.status(code=1)
    assert (half["published_run"], "lots" in half["lost"], "notices" in half["lost"]) == (published, True, False)
    assert night.ted("republish", "--year", "2022")["years"][0]["mended"] == ["notices"]
    assert night.status()["published_run"] == run

    # A package is deleted, and fetched again; then all that was made of the year goes, and is made again from the raw.
    raw.delete([second.raw_key])
    assert night.status(code=1)["not_transferred"] == [str(second)]
    assert night.ted("transfer", str(second))["sent"] == 1
    world.wait("the package", lambda: raw.head(second.raw_key) is not None)
    # The queues are not empty by then: what was replaced while it was read in the night before is tried in an hour.
    function = names.of("process-extractions")
    world.wait(
        "its extraction",
        lambda: any(line["package_id"] == str(second) for line in world.logged(function, "current already")),
    )
    assert night.status()["published_run"] == run  # the same bytes need no merge
    extracted.delete([each.key for each in extracted.keys("") if "year=2022/" in each.key])
    assert night.status(code=1)["not_extracted"] == list(map(str, packages))
    assert night.ted("extract-again", "2022")["sent"] == 2
    for package in packages:
        night.waits_for(package)
    assert night.ted("merge", "2022")["published"]["notices"] == 2
    assert (night.status()["lost"], night.failures()) == ([], [])
    assert ask(world.session, names, "SELECT count(*) FROM notices WHERE year = 2022").rows == [("2",)]
