"""`ted run` and `ted runs`: what is started, what is seen of it, and what is known of runs that were."""

import datetime as dt
import inspect
import io
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console
from typer.testing import CliRunner, Result

from console import pipeline, target
from console.main import app
from console.run import selection_of, watch
from console.target import COULD_NOT, FOUND_WANTING, Target
from runtime.errors import ConfigError, TransientError
from stacks.names import Names

NAMES = Names("me", "dev")
MACHINE = f"arn:aws:states:eu-west-1:1:stateMachine:{NAMES.state_machine}"
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
REPORT = {"summary": "complete: all of it", "attention": [], "problems": [], "totals": {"published": 1234}}


class States:
    """Step Functions with some runs: a fake, for no double of it keeps a history."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, Any]] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.started: list[dict[str, Any]] = []
        self.read = 0

    def add(self, name: str, status: str, asked: dict[str, Any], *events: dict[str, Any], **more: Any) -> str:
        arn = f"{MACHINE.replace(':stateMachine:', ':execution:')}:{name}"
        ended = {} if status == "RUNNING" else {"stopDate": NOON + dt.timedelta(minutes=61)}
        about = {"executionArn": arn, "name": name, "status": status, "input": json.dumps(asked), "startDate": NOON}
        self.runs[arn] = {**about, **ended, **more}
        self.events[arn] = list(events)
        return arn

    def get_paginator(self, operation: str) -> Any:
        states = self

        class Pages:
            def paginate(self, **asked: Any) -> Any:
                if operation == "list_state_machines":
                    yield {"stateMachines": [{"name": NAMES.state_machine, "stateMachineArn": MACHINE}]}
                    return
                assert asked["reverseOrder"]
                for event in reversed(states.events[asked["executionArn"]]):
                    states.read += 1
                    yield {"events": [event]}

        return Pages()

    def start_execution(self, **asked: Any) -> dict[str, str]:
        self.started.append(asked)
        return {"executionArn": self.add(asked["name"], "SUCCEEDED", json.loads(asked["input"]), output=done())}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803 boto3's name
        if executionArn not in self.runs:
            detail = {"Code": "ExecutionDoesNotExist", "Message": "Execution Does Not Exist"}
            raise ClientError({"Error": detail}, "DescribeExecution")
        return self.runs[executionArn]

    def list_executions(self, maxResults: int, statusFilter: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
        fit = [run for run in reversed(self.runs.values()) if statusFilter in ("", run["status"])]
        return {"executions": fit[:maxResults]}


class Glue:
    """Glue with some runs of the merge."""

    def __init__(self, *runs: tuple[str, str]) -> None:
        self.runs = [{"Arguments": {"--YEAR": year}, "JobRunState": state} for year, state in runs]

    def get_job_runs(self, **_: Any) -> dict[str, Any]:
        return {"JobRuns": self.runs}


def done(planned: int = 20, dead: int = 0) -> str:
    checked = {"planned": planned, "transferred": planned, "extracted": planned - dead, "dead_count": dead}
    return json.dumps({"progress": {**checked, "years": [2019, 2024], "done": True}, "report": REPORT})


def entered(name: str) -> dict[str, Any]:
    return {"timestamp": NOON, "stateEnteredEventDetails": {"name": name}}


def left(name: str, output: str) -> dict[str, Any]:
    return {"timestamp": NOON, "stateExitedEventDetails": {"name": name, "output": output}}


def checked(extracted: int, *, is_done: bool = False) -> dict[str, Any]:
    found = {"planned": 20, "transferred": 20, "extracted": extracted, "years": [2019, 2024], "done": is_done}
    return left("Check progress", json.dumps({"progress": found}))


def merged(year: int) -> dict[str, Any]:
    run = {"Id": "jr", "Arguments": {"--YEAR": str(year)}, "JobRunState": "SUCCEEDED"}
    return {"timestamp": NOON, "taskSucceededEventDetails": {"output": json.dumps(run)}}


def failed(year: int) -> dict[str, Any]:
    run = {"Id": "jr", "Arguments": {"--YEAR": str(year)}, "JobRunState": "FAILED", "ErrorMessage": "no space"}
    return {"timestamp": NOON, "taskFailedEventDetails": {"error": "States.TaskFailed", "cause": json.dumps(run)}}


REFUSED = {
    "timestamp": NOON,
    "taskFailedEventDetails": {"error": "Glue.ConcurrentRunsExceededException", "cause": "Concurrent runs exceeded"},
}


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> States:
    made, glue = States(), Glue()

    class Session:
        def client(self, service: str) -> Any:
            return {"stepfunctions": made, "glue": glue}[service]

    monkeypatch.setattr(target, "find_target", lambda *_: Target(Session(), NAMES, "a test"))  # type: ignore[arg-type]
    monkeypatch.setattr("console.pipeline.getpass.getuser", lambda: "anna.b c")
    return made


def ted(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["2019-03"], {"year": 2019, "month": 3}),
        (["2019-3"], {"year": 2019, "month": 3}),
        (["2019"], {"year": 2019}),
        (["2019", "--refresh"], {"year": 2019, "refresh": True}),
        (["--due"], {}),
        (["--due", "--refresh"], {"refresh": True}),
        (["20190301_2019043", "20190304_2019044"], {"packages": ["20190301_2019043", "20190304_2019044"]}),
        (["--year", "2019", "--month", "3"], {"year": 2019, "month": 3}),
        (["--package", "20190301_2019043", "20190304_2019044"], {"packages": ["20190301_2019043", "20190304_2019044"]}),
    ],
    ids=" ".join,
)
def test_what_is_named_is_what_is_started(arguments: list[str], asked: dict[str, Any], states: States) -> None:
    result = ted("run", *arguments)
    assert result.exit_code == 0, result.output
    assert [json.loads(each["input"]) for each in states.started] == [asked]
    assert "complete: all of it" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say what is meant: a month"),
        (["--refresh"], "say what is meant: a month"),
        (["1066"], "year is 1066: expected 2011 to"),
        (["2019-13"], "month is 13: expected 1 to 12"),
        (["--month", "3"], "month without year"),
        (["march"], "'march' is no package id: expected date_yearissue as in 20190301_2019043"),
        (["2019", "2020"], "expected one year or month, got '2020' besides"),
        (["2019", "--year", "2020"], "expected one year or month, got '2019' besides"),
        (["2019", "20190301_2019043"], "exclude each other"),
        (["2019", "--due"], "expected --due or year, got both"),
        (["--follow", "--due"], "--follow starts nothing, so leave out: due"),
        (["--follow", "--refresh", "--detach"], "--follow starts nothing, so leave out: refresh, detach"),
        (["--follow", "a", "b"], "expected one run to follow, got 2: a, b"),
    ],
    ids=lambda each: each if isinstance(each, str) else " ".join(each),
)
def test_a_wrong_selection_starts_nothing(arguments: list[str], said: str, states: States) -> None:
    result = ted("run", *arguments)
    assert result.exit_code == COULD_NOT
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert states.started == []


def test_a_selection_says_what_is_right_in_words_of_the_command() -> None:
    with pytest.raises(ConfigError, match="Right is, for example: ted run 2019-03"):
        selection_of(["1066"], {}, is_due=False)


def test_a_detached_run_prints_its_id_and_is_found_again(states: States) -> None:
    started = ted("run", "2019-03", "--detach")
    name = started.stdout.strip()
    assert name.startswith("ted-anna-b-c-")
    assert f"ted run --follow {name}" in started.stderr
    assert json.loads(ted("run", "2019", "--detach", "--json").stdout)["run"] in ted("runs").stdout
    assert "complete: all of it" in ted("run", "--follow", name).output
    assert len(states.started) == 2


def test_following_takes_the_newest_run_that_is_under_way_or_else_the_newest(states: States) -> None:
    client: Any = states
    old = states.add("old", "RUNNING", {})
    newest = states.add("newest", "SUCCEEDED", {}, output=done())
    assert pipeline.find(client, NAMES) == old
    states.runs[old]["status"] = "FAILED"
    assert pipeline.find(client, NAMES) == newest


def test_a_run_that_is_not_there_is_told(states: States) -> None:
    assert "has not run in the last 90 days. Start it: " in ted("run", "--follow").stderr
    states.add("one", "SUCCEEDED", {}, output=done())
    result = ted("run", "--follow", "two")
    assert result.exit_code == COULD_NOT
    assert "no run is called 'two'. See which there are: " in result.stderr


def test_a_red_run_ends_with_one_its_cause_and_the_next_step(states: States) -> None:
    cause = json.dumps({"errorType": "ConfigError", "errorMessage": "year is 1066", "trace": ["x"] * 9})
    states.add("red", "FAILED", {"year": 2019}, error="Lambda", cause=cause)
    result = ted("run", "--follow", "red")
    assert result.exit_code == FOUND_WANTING
    assert "the pipeline failed: Lambda\nConfigError: year is 1066\n" in result.output
    assert "ted status" in result.output
    assert "trace" not in result.output


def test_runs_are_listed_newest_first_with_who_what_counts_and_cause(states: States) -> None:
    states.add("5f0c", "SUCCEEDED", {"scope": "current"}, output=done())
    states.add("by-hand", "FAILED", {"year": 2019, "month": 3}, checked(19), error="Incomplete", cause="1 problem: x")
    states.add("ted-anna-20260302T120000-3f2a", "RUNNING", {"packages": ["20190301_2019043"]}, checked(4))
    found = json.loads(ted("runs", "--json").stdout)
    assert [(each["id"], each["state"], each["started_by"], each["asked_for"]) for each in found] == [
        ("ted-anna-20260302T120000-3f2a", "running", "ted run, anna", "20190301_2019043"),
        ("by-hand", "failed", "Step Functions, by hand", "2019-03"),
        ("5f0c", "succeeded", "schedule", "current"),
    ]
    assert found[0]["counts"] == {"planned": 20, "transferred": 20, "extracted": 4}
    assert found[1]["cause"] == "Incomplete\n1 problem: x"
    assert found[2]["counts"]["published_notices"] == 1234
    assert found[2]["years"] == [2019, 2024]
    text = ted("runs").stdout
    for words in (
        "2026-03-02 12:00 UTC  failed     2019-03, 1:01:00",
        "19 of 20 packages extracted; of 2019, 2024",
        "1,234 notices published",
        "1 problem: x",
    ):
        assert words in text
    assert len(json.loads(ted("runs", "--json", "--limit", "1").stdout)) == 1


def test_an_instance_without_runs_says_how_to_start_one(states: States) -> None:
    result = ted("runs")
    assert result.exit_code == 0
    assert "has not run yet; start it with: " in result.stdout


def looks(states: States, glue: Glue, *events: dict[str, Any], status: str = "SUCCEEDED") -> pipeline.Glance:
    """The last look at a run with these events."""
    client: Any = states
    fake: Any = glue
    execution = states.add("run", status, {}, *events)
    return next(iter(pipeline.follow(client, fake, NAMES, execution)))


def test_merges_are_counted_by_year_and_never_beyond_the_runs_own(states: States) -> None:
    begun = [checked(7), checked(20, is_done=True), entered("Merge the years")]
    # Another run's merges of these and other years have ended and go on meanwhile.
    glue = Glue(("2019", "SUCCEEDED"), ("2019", "SUCCEEDED"), ("2020", "SUCCEEDED"), ("2024", "RUNNING"))
    assert looks(states, glue, *begun).merges == {2019: "waiting", 2024: "merging"}
    assert looks(states, glue, *begun, merged(2019)).merges == {2019: "merged", 2024: "merging"}
    look = looks(states, glue, *begun, REFUSED, merged(2019), failed(2024), left("Merge the years", "{}"))
    assert look.merges == {2019: "merged", 2024: "failed"}
    assert look.merged == 2


def test_a_merge_whose_end_the_history_does_not_know_yet_is_not_waiting_again(states: States) -> None:
    begun = [checked(20, is_done=True), entered("Merge the years")]
    execution = states.add("run", "RUNNING", {}, *begun)
    client: Any = states
    glue: Any = Glue(("2024", "RUNNING"))

    def go_on(_: float) -> None:
        if glue.runs[0]["JobRunState"] == "RUNNING":
            glue.runs[0]["JobRunState"] = "SUCCEEDED"
        else:
            states.events[execution].append(merged(2024))
            states.runs[execution]["status"] = "SUCCEEDED"

    seen = [look.merges[2024] for look in pipeline.follow(client, glue, NAMES, execution, pause=go_on)]
    assert seen == ["merging", "merging", "merged"]


def test_before_the_merges_nothing_is_said_of_them_and_afterwards_all_is_still_known(states: States) -> None:
    before = looks(states, Glue(("2019", "RUNNING")), checked(7), entered("Wait"))
    assert (before.merges, before.state, before.checked["extracted"]) == ({}, "Wait", 7)
    events = [checked(20, is_done=True), entered("Merge the years"), merged(2019), merged(2024)]
    after = [left("Merge the years", done()), entered("Reconcile"), left("Reconcile", done()), left("Tell", done())]
    look = looks(states, Glue(), *events, *after)
    assert look.merges == {2019: "merged", 2024: "merged"}
    assert look.state == "Reconcile"


class Throttled:
    """The fake's run, but that so many looks are refused first, as `code`."""

    def __init__(self, states: States, code: str, times: int) -> None:
        self.states, self.code, self.left = states, code, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self.states, name)

    def describe_execution(self, **asked: Any) -> Any:
        if self.left:
            self.left -= 1
            raise ClientError({"Error": {"Code": self.code, "Message": "slow down"}}, "DescribeExecution")
        return self.states.describe_execution(**asked)


def watched(states: States, code: str, times: int) -> tuple[list[pipeline.Glance], list[float]]:
    """The looks at a run that ends, and the pauses between them."""
    execution = states.add("run", "SUCCEEDED", {}, checked(20, is_done=True))
    client: Any = Throttled(states, code, times)
    glue: Any = Glue()
    pauses: list[float] = []
    return list(pipeline.follow(client, glue, NAMES, execution, pause=pauses.append)), pauses


def test_throttling_does_not_end_the_watching_and_makes_it_slower(states: States) -> None:
    seen, pauses = watched(states, "ThrottlingException", 500)
    assert [look.status for look in seen] == ["SUCCEEDED"]
    assert pauses == [10] * 500


def test_a_run_in_aws_is_looked_at_every_five_to_ten_seconds() -> None:
    assert 5 <= pipeline.AWS_SECONDS <= pipeline._SLOW_SECONDS <= 10
    assert inspect.signature(pipeline.follow).parameters["seconds"].default == pipeline.AWS_SECONDS


def test_trouble_on_the_way_ends_the_watching_only_when_it_lasts(states: States) -> None:
    assert len(watched(states, "ServiceUnavailable", 60)[0]) == 1
    with pytest.raises(TransientError, match="look at run run: ServiceUnavailable"):
        watched(states, "ServiceUnavailable", 61)


def test_of_a_long_history_only_the_newest_events_are_read(states: States) -> None:
    looks(states, Glue(), *[checked(n) for n in range(1000)], entered("Wait"))
    assert states.read == 2


def test_the_states_that_are_looked_for_are_those_of_the_machine() -> None:
    template = (Path(__file__).parents[1] / "infra" / "snapshots" / "dev" / "Pipeline.json").read_text()
    for name in (pipeline._CHECK, pipeline._MERGES):
        assert f'\\"{name}\\":{{\\"' in template


def glances() -> list[pipeline.Glance]:
    counts = {"planned": 20, "transferred": 20, "extracted": 7, "years": [2019, 2024]}
    full = {**counts, "extracted": 20}
    return [
        pipeline.Glance("RUNNING", "Wait", counts),
        pipeline.Glance("RUNNING", "Merge the years", full, {2019: "merging", 2024: "waiting"}),
        pipeline.Glance("FAILED", "Incomplete", full, {2019: "merged", 2024: "failed"}),
    ]


def test_bars_name_the_year_and_how_its_merge_is() -> None:
    out = io.StringIO()
    watch(Console(file=out, width=80, force_terminal=True, color_system=None), glances())
    last = out.getvalue()[-800:]
    for words in ("extracted", "20/20", "merge 2019", "merged", "merge 2024", "failed"):
        assert words in last


def test_without_a_terminal_lines_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.run._LINE_SECONDS", 0)
    out = io.StringIO()
    watch(Console(file=out, width=80), glances())
    assert out.getvalue().splitlines() == [
        "  planned 20/20, transferred 20/20, extracted 7/20",
        "  planned 20/20, transferred 20/20, extracted 20/20, merged 0/2 years (merging 2019)",
        "  planned 20/20, transferred 20/20, extracted 20/20, merged 2/2 years",
    ]
