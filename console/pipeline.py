"""Starts an instance's pipeline and follows it: what a person watches while a run is under way."""

import datetime as dt
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.errors import TerminalError
from stacks.names import Names

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_stepfunctions import SFNClient

ENDED = frozenset(("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"))
UNDER_WAY = frozenset(("STARTING", "RUNNING", "STOPPING", "WAITING"))


class RunFailed(TerminalError):
    """The pipeline ended red; the message is its cause."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A look at a run: the state that it is in, what the last progress check said, merges that have ended."""

    status: str
    state: str
    checked: Mapping[str, Any]
    merged: int


def start(client: "SFNClient", names: Names, selection: Mapping[str, Any]) -> str:
    """Start the pipeline on a selection, as in {"year": 2019, "month": 3}; returns the execution's ARN."""
    machines = client.get_paginator("list_state_machines").paginate()
    found = [
        m["stateMachineArn"] for page in machines for m in page["stateMachines"] if m["name"] == names.state_machine
    ]
    if not found:
        code = "StateMachineDoesNotExist"  # as AWS calls it
        raise TerminalError(f"there is no state machine {names.state_machine}: deploy the stacks first", code=code)
    answer = client.start_execution(
        stateMachineArn=found[0], name=f"run-{uuid.uuid4().hex[:12]}", input=json.dumps(selection)
    )
    return answer["executionArn"]


def follow(
    client: "SFNClient",
    glue: "GlueClient",
    names: Names,
    execution: str,
    *,
    seconds: float = 1.0,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Glance]:
    """Look at a run every so many seconds until it ends; the last glance has its final status."""
    while True:
        run = client.describe_execution(executionArn=execution)
        state, checked = _read_history(client, execution)
        merged = _merges_ended(glue, names.merge_job, run["startDate"]) if checked.get("done") else 0
        yield Glance(run["status"], state, checked, merged)
        if run["status"] in ENDED:
            return
        pause(seconds)


def _read_history(client: "SFNClient", execution: str) -> tuple[str, dict[str, Any]]:
    """The state that was entered last, and the last answer of check_progress."""
    state, checked = "", {}
    pages = client.get_paginator("get_execution_history").paginate(executionArn=execution)
    for event in (event for page in pages for event in page["events"]):
        if entered := event.get("stateEnteredEventDetails"):
            state = entered["name"]
        exited = event.get("stateExitedEventDetails")
        found = (_json(exited.get("output")) or {}).get("progress") if exited else None
        if isinstance(found, dict) and "extracted" in found:
            checked = found
    return state, checked


def _merges_ended(glue: "GlueClient", job: str, since: dt.datetime) -> int:
    pages = glue.get_paginator("get_job_runs").paginate(JobName=job)
    runs = [run for page in pages for run in page["JobRuns"] if run["StartedOn"] >= since]
    return sum(run["JobRunState"] not in UNDER_WAY for run in runs)


def result(client: "SFNClient", execution: str) -> dict[str, Any]:
    """Read what a run ended with.

    Raises
    ------
    RunFailed
        It ended red.
    """
    answer = client.describe_execution(executionArn=execution)
    if answer["status"] != "SUCCEEDED":
        error, cause = answer.get("error", "no error"), answer.get("cause", "no cause")
        raise RunFailed(f"the pipeline {answer['status'].lower().replace('_', ' ')}: {error}\n{_readable(cause)}")
    return _json(answer.get("output")) or {}


def _json(text: str | None) -> dict[str, Any] | None:
    try:
        value = json.loads(text or "")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _readable(cause: str) -> str:
    value = _json(cause)
    return json.dumps(value, indent=1, ensure_ascii=False) if value else cause
