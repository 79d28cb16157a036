"""`ted logs`: lines of functions, merges and runs, in order, in short for people and whole for machines."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from console import logs, target
from console.aws.launcher import EmbeddedAws
from console.main import app
from stacks.names import Names
from tests.unit.test_runs import States, done, entered

NAMES = Names("me", "dev")
GROUP = "/aws/lambda/me-cca-ted-process-transfers-dev"
OTHER = "/aws/lambda/me-cca-ted-reconcile-dev"
FAILED = {
    "level": "WARNING", "location": "_failed:104", "message": "transfer failed", "service": "x", "attempt": 5,
    "package_id": "20190301_2019043", "timestamp": "any", "function_request_id": "1",
}  # fmt: skip


class Logs:
    """CloudWatch Logs: events by group, a page an event; a group that was never written to is not there."""

    def __init__(self) -> None:
        self.groups: dict[str, list[dict[str, Any]]] = {}

    def add(self, group: str, seconds_ago: float, message: str) -> None:
        at = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds_ago)
        event = {"timestamp": round(at.timestamp() * 1000), "message": message, "eventId": f"{group}{seconds_ago}"}
        self.groups.setdefault(group, []).append(event)

    def get_paginator(self, operation: str) -> "Logs":
        assert operation == "filter_log_events"
        return self

    def paginate(self, *, logGroupName: str, startTime: int) -> Any:  # noqa: N803 boto3's name
        if logGroupName not in self.groups:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "FilterLogEvents")
        return [{"events": [e]} for e in self.groups[logGroupName] if e["timestamp"] >= startTime]


class History(States):
    """Runs whose histories are read from the oldest event."""

    def get_paginator(self, operation: str) -> Any:
        if operation != "get_execution_history":
            return super().get_paginator(operation)
        outer = self

        class Pages:
            def paginate(self, executionArn: str) -> Any:  # noqa: N803 boto3's name
                yield {"events": [{"id": n, "type": "X", **e} for n, e in enumerate(outer.events[executionArn], 1)]}

        return Pages()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Logs:
    made = Logs()
    look_at(monkeypatch, {"logs": made})
    return made


def look_at(monkeypatch: pytest.MonkeyPatch, clients: dict[str, Any], aws: EmbeddedAws | None = None) -> None:
    class Session:
        def client(self, service: str) -> Any:
            return clients[service]

    session: Any = Session()
    monkeypatch.setattr(target, "find_target", lambda *_: target.Target(session, NAMES, "a test", aws))


def ted(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["logs", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_lines_of_a_function_are_short_for_people_and_its_platforms_are_left_out(kept: Logs) -> None:
    kept.add(GROUP, 60, "START RequestId: 1 Version: $LATEST\n")
    kept.add(GROUP, 50, json.dumps(FAILED))
    kept.add(GROUP, 40, json.dumps({"_aws": {"Timestamp": 1}, "TransferFailures": [1.0]}))
    kept.add(GROUP, 30, "2026-03-02T12:00:00Z 1 Task timed out after 900.00 seconds\n\n")
    kept.add(OTHER, 20, json.dumps({"level": "INFO", "message": "of another"}))
    lines = ted("process-transfers").stdout.splitlines()
    assert [line[20:] for line in lines] == [
        "process-transfers  WARNING transfer failed attempt=5 package_id=20190301_2019043",
        "process-transfers  2026-03-02T12:00:00Z 1 Task timed out after 900.00 seconds",
    ]
    whole = [json.loads(line) for line in ted("process-transfers", "--json").stdout.splitlines()]
    assert len(whole) == 5
    assert FAILED in [each["line"] for each in whole]


def test_all_functions_are_put_in_the_order_of_their_times(kept: Logs) -> None:
    kept.add(OTHER, 10, "third")
    kept.add(GROUP, 30, "first")
    kept.add(GROUP, 5, "fourth")
    kept.add(OTHER, 20, "second")
    assert [line.split()[-1] for line in ted().stdout.splitlines()] == ["first", "second", "third", "fourth"]


def test_older_lines_are_left_out_and_the_way_to_them_said(kept: Logs) -> None:
    kept.add(GROUP, 7200, "two hours ago")
    result = ted("process-transfers")
    assert result.stdout == ""
    assert "no line in the last 1h; look further back: " in result.stderr
    assert "ted logs process-transfers --since 7d" in result.stderr
    assert "two hours ago" in ted("process-transfers", "--since", "3h").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "nothing that logs is called 'nobody': expected one of start-transfer-job, "),
        (["reconcile", "run"], "got 'reconcile run'"),
        (["--since", "yesterday"], "--since is 'yesterday': expected a number with s, m, h or d, as in --since 2h"),
    ],
    ids=" ".join,
)
def test_a_wrong_name_or_time_is_told(arguments: list[str], said: str, kept: Logs) -> None:
    assert said in ted(*arguments, code=2).stderr


def test_following_shows_what_comes_once_until_interrupted(kept: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.add(GROUP, 10, "first")
    pauses = []

    def pause(_: float) -> None:
        pauses.append(1)
        if len(pauses) == 1:
            kept.add(GROUP, 15, "late")
        if len(pauses) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(logs.time, "sleep", pause)
    result = ted("process-transfers", "--follow", code=130)
    assert [line.split()[-1] for line in result.stdout.splitlines()] == ["first", "late"]


def test_merges_write_to_two_groups_in_aws(kept: Logs) -> None:
    kept.add("/aws-glue/jobs/me-cca-ted-merge-dev/output", 20, "2019: 240 packages")
    kept.add("/aws-glue/jobs/me-cca-ted-merge-dev/error", 10, "MergeRefused: 2019 is not merged")
    assert [line[20:] for line in ted("glue").stdout.splitlines()] == [
        "output  2019: 240 packages",
        "error  MergeRefused: 2019 is not merged",
    ]


def test_merges_on_this_machine_write_to_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look_at(monkeypatch, {}, EmbeddedAws("http://127.0.0.1:9", 1, tmp_path))
    folder = tmp_path / "glue" / NAMES.merge_job / "jr_1"
    folder.mkdir(parents=True)
    (folder / "output.log").write_text("2019: 240 packages\nRuntimeError: no space\n")
    assert [line[20:] for line in ted("glue").stdout.splitlines()] == [
        "jr_1  2019: 240 packages",
        "jr_1  RuntimeError: no space",
    ]


def test_a_run_is_told_by_its_states_and_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    states = History()
    look_at(monkeypatch, {"stepfunctions": states})
    details = {"error": "E", "cause": "no space"}
    broken = entered("x") | {"type": "TaskFailed", "taskFailedEventDetails": details}
    del broken["stateEnteredEventDetails"]
    states.add("old", "SUCCEEDED", {}, entered("Plan and queue transfers"), output=done())
    states.add("red", "FAILED", {}, entered("Merge the years"), broken)
    assert [line[20:] for line in ted("run").stdout.splitlines()] == [
        "red  Merge the years",
        "red  TaskFailed: E: no space",
    ]
    assert "old  Plan and queue transfers" in ted("run", "old").stdout
    assert "no run is called 'none'" in ted("run", "none", code=2).stderr
