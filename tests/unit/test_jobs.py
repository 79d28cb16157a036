"""`ted transfer`, `ted extract-again`, `ted merge`: what is started, and what a dry run says would be."""

import datetime as dt
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from console import target
from console.main import app
from console.sample.server import calendar_csv
from runtime.buckets import Bucket
from runtime.keys import PackageId, calendar_key
from runtime.ledger import settle
from runtime.manifest import EXTRACTOR_VERSION, TableFile
from runtime.merge.published import Published, PublishedPackage, write_record
from runtime.schema import NOTICE_TABLES
from stacks.names import Names
from tests.unit.deployed import deploy_storage, with_stacks
from tests.unit.test_access import manifest

NAMES = Names("me", "dev")
FIRST, SECOND, THIRD = (PackageId.parse(text) for text in ("20190301_2019043", "20190304_2019044", "20190401_2019064"))


@dataclass
class Jobs:
    """Lambda and Glue: fakes that keep what they were asked, for moto runs neither."""

    asked: list[tuple[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    states: list[str] = field(default_factory=lambda: ["RUNNING", "SUCCEEDED"])
    others: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 boto3's name
        self.asked.append((FunctionName, json.loads(Payload)))
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode())}

    def start_job_run(self, *, JobName: str, Arguments: dict[str, str]) -> dict[str, str]:  # noqa: N803
        self.asked.append((JobName, Arguments))
        return {"JobRunId": "jr_1"}

    def get_job_run(self, **_: Any) -> dict[str, Any]:
        return {"JobRun": {"JobRunState": self.states.pop(0), "ErrorMessage": "the disk is full"}}

    def get_job_runs(self, **_: Any) -> dict[str, Any]:
        return {"JobRuns": self.others}


@dataclass
class World:
    raw: Bucket
    extracted: Bucket
    jobs: Jobs

    def hold(self, package: PackageId, *, version: int = EXTRACTOR_VERSION) -> Any:
        """Put a package into both buckets as the workers do."""
        rows = {table.name: 0 for table in NOTICE_TABLES} | {"notices": 1}
        key = package.daily_key("notices")
        files = {"notices": TableFile(key, 1, 4)}
        made = replace(manifest(package, extractor_version=version), rows=rows, files=files)
        self.raw.put(package.raw_key, b"package", metadata={"sha256": made.sha256})
        self.extracted.put(key, b"rows")
        self.extracted.put(package.manifest_key, made.to_json())
        settle(package, self.raw, self.extracted)
        return made

    def keys(self) -> list[str]:
        return [listed.key for bucket in (self.raw, self.extracted) for listed in bucket.keys("")]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with mock_aws():
        session, jobs = with_stacks(boto3.Session(region_name="eu-west-1")), Jobs()
        client = session.client
        monkeypatch.setattr(
            session, "client", lambda name, **more: jobs if name in ("lambda", "glue") else client(name, **more)
        )
        monkeypatch.setattr("console.jobs.time.sleep", lambda _: None)
        monkeypatch.setattr(target, "find_target", lambda *_: target.Target(session, NAMES, "a test"))
        yield World(*deploy_storage(session, NAMES), jobs)


def ted(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["transfer", "2019-03"], ("me-cca-ted-start-transfer-job-dev", {"year": 2019, "month": 3})),
        (["transfer", "2019", "--refresh"], ("me-cca-ted-start-transfer-job-dev", {"year": 2019, "refresh": True})),
        (["transfer", "--due"], ("me-cca-ted-start-transfer-job-dev", {})),
        (["extract-again", "2019"], ("me-cca-ted-start-extract-job-dev", {"year": 2019, "refresh": True})),
        (["extract-again", "2019", "--due"], ("me-cca-ted-start-extract-job-dev", {"year": 2019})),
        (["extract-again", "--due"], ("me-cca-ted-start-extract-job-dev", {})),
        (
            ["extract-again", str(FIRST)],
            ("me-cca-ted-start-extract-job-dev", {"refresh": True, "packages": [str(FIRST)]}),
        ),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_a_job_is_called_by_its_name_with_what_is_meant(world: World, arguments: list[str], asked: Any) -> None:
    world.jobs.answer = {"planned": 3, "held": 1, "sent": 2, "years": [2019], "due_for_merge": [2019], "unchecked": 0,
                         "not_held": []}  # fmt: skip
    result = ted(*arguments)
    assert world.jobs.asked == [asked]
    assert "2" in result.stdout
    assert "ted merge 2019" in result.stderr
    assert json.loads(ted(*arguments, "--json").stdout) == world.jobs.answer


@pytest.mark.parametrize(
    ("status", "is_published", "said"),
    [
        ("stored", True, "newer rates came, the newest of 2026-10-30; the table was written anew\n"),
        ("unchanged", False, "the ECB has nothing newer, the newest of 2026-10-30\n"),
    ],
)
def test_rates_are_asked_for_by_hand_whatever_the_day(world: World, status: str, is_published: bool, said: str) -> None:
    answer = {"status": status, "reason": "", "last_rate_date": "2026-10-30", "is_published": is_published}
    world.jobs.answer = answer
    assert ted("rates").stdout == said
    assert world.jobs.asked == [("me-cca-ted-mirror-rates-dev", {"again": True, "accepts_moves": False})]
    assert json.loads(ted("rates", "--json", "--accept-moves").stdout) == answer
    assert world.jobs.asked[-1][1]["accepts_moves"] is True


@pytest.mark.parametrize(
    ("last", "said"), [("2026-10-30", "the newest rates of 2026-10-30"), (None, "no rates are held")]
)
def test_rates_that_are_refused_are_found_wanting_with_the_reason(world: World, last: str | None, said: str) -> None:
    world.jobs.answer = {"status": "refused", "reason": "half a zip", "last_rate_date": last, "is_published": False}
    result = ted("rates", code=1)
    assert said in result.stdout
    assert "half a zip" in result.stderr
    assert json.loads(ted("rates", "--json", code=1).stdout) == world.jobs.answer


def test_a_package_that_is_named_and_not_held_is_found_wanting(world: World) -> None:
    world.jobs.answer = {"sent": 0, "due_for_merge": [], "not_held": [str(FIRST)]}
    said = ted("extract-again", str(FIRST), code=1).stdout
    assert f"{FIRST} is not held; bring it in with: " in said
    assert f"{FIRST} is not held" in ted("extract-again", str(FIRST), "--dry-run", code=1).stdout


@pytest.mark.parametrize("command", ["transfer", "extract-again"])
def test_nothing_is_started_for_an_input_that_is_wrong_and_the_advice_is_of_this_command(
    world: World, command: str
) -> None:
    assert f"ted {command} 2019-03" in ted(command, code=2).stderr
    wrong = ted(command, "march", code=2).stderr
    assert "Right is, for example: " in wrong
    assert f"ted {command} 2019-03" in wrong
    assert world.jobs.asked == []


def test_a_job_that_breaks_off_is_told_with_its_log(world: World) -> None:
    world.jobs.answer = {"errorType": "UnreadableCalendar", "errorMessage": "2019: it is empty", "stackTrace": ["x"]}
    result = ted("transfer", "2019", code=2)
    assert "start-transfer-job-dev failed: UnreadableCalendar: 2019: it is empty. Its log: " in result.stderr
    assert "ted logs start-transfer-job" in result.stderr


def test_a_dry_transfer_names_what_the_calendar_has_and_the_bucket_lacks(world: World) -> None:
    world.raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND, THIRD]))
    world.hold(FIRST)
    before = world.keys()
    assert json.loads(ted("transfer", "2019-03", "--dry-run", "--json").stdout)["would_fetch"] == [str(SECOND)]
    text = ted("transfer", "2019", "--dry-run").stdout
    assert text.startswith("would fetch 2 packages\n")
    found = json.loads(ted("transfer", "2019-03", "--refresh", "--dry-run", "--json").stdout)["would_fetch"]
    assert found == [str(FIRST), str(SECOND)]
    assert "would fetch 0 packages" in ted("transfer", str(FIRST), "--dry-run").stdout
    assert "2018: no calendar is kept" in ted("transfer", "2018", "--dry-run", code=1).stdout
    assert (world.keys(), world.jobs.asked) == (before, [])


def test_a_dry_extraction_names_what_the_ledger_calls_due(world: World) -> None:
    world.hold(FIRST)
    world.hold(SECOND, version=EXTRACTOR_VERSION - 1)
    world.raw.put(THIRD.raw_key, b"package")
    before = world.keys()
    again = json.loads(ted("extract-again", "2019", "--dry-run", "--json").stdout)["would_extract"]
    assert again == [str(FIRST), str(SECOND), str(THIRD)]
    due = json.loads(ted("extract-again", "2019", "--due", "--dry-run", "--json").stdout)["would_extract"]
    assert due == [str(SECOND), str(THIRD)]
    assert (world.keys(), world.jobs.asked) == (before, [])


def test_a_dry_merge_counts_what_is_new_and_names_what_speaks_against_it(world: World) -> None:
    known = world.hold(FIRST)
    world.hold(SECOND)
    entry = PublishedPackage("", known.sha256, known.extracted_at, 1, 0)
    at = "2019-03-01T10:00:00+00:00"
    packages = {str(FIRST): entry}
    write_record(world.extracted, Published("jr_0", 2019, 1, {"notices": 1}, {}, {}, packages, {}, "", at, at, at))
    found = json.loads(ted("merge", "2019", "--dry-run", "--json").stdout)
    assert (found["packages"], found["notices"], found["changed"]) == (2, 2, [str(SECOND)])
    assert (found["faults"], found["published_run"]) == ([], "jr_0")
    world.extracted.delete([SECOND.daily_key("notices")])
    assert "the file of notices is missing" in ted("merge", "2019", "--dry-run", code=1).stdout
    assert world.jobs.asked == []


def test_a_merge_is_waited_for_and_what_it_published_said(world: World) -> None:
    at = "2019-03-01T10:00:00+00:00"
    write_record(world.extracted, Published("jr_1", 2019, 1, {"notices": 1234}, {}, {}, {}, {}, "", at, at, at))
    assert "2019: 1,234 notices published by run jr_1" in ted("merge", "2019").stdout
    assert world.jobs.asked == [("me-cca-ted-merge-dev", {"--YEAR": "2019"})]
    assert ted("merge", "2019", "--detach").stdout == "jr_1\n"


def test_a_merge_that_fails_ends_with_one_and_its_error(world: World) -> None:
    world.jobs.states = ["RUNNING", "FAILED"]
    result = ted("merge", "2019", code=1)
    assert "the merge of 2019 failed: the disk is full" in result.stderr
    assert "ted logs glue" in result.stderr


def test_a_year_that_is_being_merged_is_left_alone(world: World) -> None:
    started = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    world.jobs.others = [
        {"Id": "jr_9", "Arguments": {"--YEAR": "2019"}, "JobRunState": "RUNNING", "StartedOn": started}
    ]
    assert "2019 is already being merged by run jr_9" in ted("merge", "2019", code=2).stderr
    assert world.jobs.asked == []
