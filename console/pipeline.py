"""Starts an instance's pipeline and follows it: what a person watches while a run is under way."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.errors import TerminalError
from stacks.names import Names

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

ENDED = frozenset(("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"))
MERGED = frozenset(("Merge a year", "Note the fault"))  # states of the machine that end a year's merge


class RunFailed(TerminalError):
    """The pipeline ended red; the message is its cause."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A look at a run: the state that it is in, what the last progress check said, years merged so far."""

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
        raise TerminalError(f"there is no state machine {names.state_machine}: deploy the stacks first")
    answer = client.start_execution(
        stateMachineArn=found[0], name=f"run-{uuid.uuid4().hex[:12]}", input=json.dumps(selection)
    )
    return answer["executionArn"]


def follow(
    client: "SFNClient", execution: str, seconds: float = 1.0, pause: Callable[[float], None] = time.sleep
) -> Iterator[Glance]:
    """Look at a run every so many seconds until it ends; the last glance has its final status."""
    while True:
        status = client.describe_execution(executionArn=execution)["status"]
        yield glance(client, execution, status)
        if status in ENDED:
            return
        pause(seconds)


def glance(client: "SFNClient", execution: str, status: str) -> Glance:
    """Read a run's history."""
    state, checked, merged = "", {}, 0
    pages = client.get_paginator("get_execution_history").paginate(executionArn=execution)
    for event in (event for page in pages for event in page["events"]):
        entered, exited = event.get("stateEnteredEventDetails"), event.get("stateExitedEventDetails")
        if entered:
            state = entered["name"]
        if exited and (output := _json(exited.get("output"))):
            found = output.get("progress")
            if isinstance(found, dict) and "extracted" in found:
                checked = found
        if exited and exited["name"] in MERGED:
            merged += 1
    return Glance(status, state, checked, merged)


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
