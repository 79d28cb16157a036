"""An instance's runs: starts one, watches one, finds those that were."""

import datetime as dt
import getpass
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from console.phrases import counted
from runtime.buckets import aws_errors
from runtime.errors import TerminalError, TransientError
from stacks.names import Names

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

AWS_SECONDS, LOCAL_SECONDS = 5.0, 1.0  # between two looks at a run: in AWS, which counts calls, and here
_SLOW_SECONDS, _FAULTS = 10.0, 60
_THROTTLED = ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "429")
ENDED = frozenset(("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"))
UNDER_WAY = frozenset(("STARTING", "RUNNING", "STOPPING", "WAITING"))
WAITING, MERGING, MERGED, FAILED = "waiting", "merging", "merged", "failed"
_CHECK, _MERGES = "Check progress", "Merge the years"  # states: the last look at the packages, a merge for each year
_OURS = re.compile(r"ted-(.+)-\d{8}T\d{6}-[0-9a-f]{4}")  # names of the runs that `ted` starts


class RunFailed(TerminalError):
    """The pipeline ended red; the message is its cause."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A look at a run: the state that it is in, what the last progress check said, how far the merge of each year is.

    `merges` is empty until the merges begin.
    """

    status: str
    state: str
    checked: Mapping[str, Any]
    merges: Mapping[int, str] = field(default_factory=dict)

    @property
    def merged(self) -> int:
        """Merges that have ended, one way or the other."""
        return sum(how in (MERGED, FAILED) for how in self.merges.values())


@dataclass(frozen=True, slots=True)
class Run:
    """A run for a list. `counts` are those of its last progress check, `years` those that it merged or set out to."""

    id: str
    started_by: str
    state: str
    asked_for: str
    started_at: str
    ended_at: str | None
    counts: Mapping[str, int]
    years: list[int]
    cause: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def start(client: "SFNClient", names: Names, selection: Mapping[str, Any]) -> str:
    """Start the pipeline on a selection, as in {"year": 2019, "month": 3}; returns the execution's ARN."""
    machine = _machine(client, names)
    with aws_errors(f"start {names.state_machine}"):
        answer = client.start_execution(stateMachineArn=machine, name=_new_name(), input=json.dumps(selection))
    return answer["executionArn"]


def find(client: "SFNClient", names: Names, run: str | None = None) -> str:
    """Find a run; returns the execution's ARN.

    Parameters
    ----------
    run : its id; None is the newest one that is under way, or else the newest

    Raises
    ------
    TerminalError
        There is no such run, or none at all.
    """
    machine = _machine(client, names)
    if run is not None:
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{run}"
        try:
            with aws_errors(f"look at run {run}"):
                client.describe_execution(executionArn=arn)
        except TerminalError as error:
            if error.attributes.get("code") in ("ExecutionDoesNotExist", "InvalidArn"):
                raise TerminalError(f"no run is called {run!r}. See which there are: ted runs") from error
            raise
        return arn
    with aws_errors(f"list runs of {names.state_machine}"):
        under_way = client.list_executions(stateMachineArn=machine, statusFilter="RUNNING", maxResults=1)["executions"]
        found = under_way or client.list_executions(stateMachineArn=machine, maxResults=1)["executions"]
    if not found:
        raise TerminalError(f"{names.state_machine} has not run in the last 90 days. Start it: ted run --due")
    return found[0]["executionArn"]


def list_runs(client: "SFNClient", names: Names, limit: int) -> list[Run]:
    """The newest runs, newest first; two or three calls each."""
    machine = _machine(client, names)
    with aws_errors(f"list runs of {names.state_machine}"):
        found = client.list_executions(stateMachineArn=machine, maxResults=limit)["executions"]
        return [_run_of(client, execution["executionArn"]) for execution in found]


def _run_of(client: "SFNClient", execution: str) -> Run:
    about = client.describe_execution(executionArn=execution)
    asked = _json(about.get("input")) or {}
    output = _json(about.get("output")) or {}
    checked = output.get("progress") or _read_history(client, execution).checked
    counts = {name: checked[name] for name in ("planned", "transferred", "extracted", "dead_count") if name in checked}
    published = output.get("report", {}).get("totals", {}).get("published")
    ended = about.get("stopDate")
    return Run(
        id=about.get("name", execution),
        started_by=_starter(about.get("name", ""), asked),
        state=about["status"].lower().replace("_", " "),
        asked_for=in_words(asked),
        started_at=about["startDate"].astimezone(dt.UTC).isoformat(timespec="seconds"),
        ended_at=ended.astimezone(dt.UTC).isoformat(timespec="seconds") if ended else None,
        counts=counts if published is None else {**counts, "published_notices": published},
        years=checked.get("years", []),
        cause="" if about["status"] in ("RUNNING", "SUCCEEDED") else _cause(about),
    )


def in_words(selection: Mapping[str, Any]) -> str:
    """What a run was asked for, as in 2019-03 or 3 packages."""
    year, month, packages = (selection.get(key) for key in ("year", "month", "packages"))
    if packages:
        what = str(packages[0]) if len(packages) == 1 else counted(len(packages), "package")
    elif year:
        what = f"{year}-{month:02d}" if isinstance(month, int) else str(year)
    else:
        what = "current" if selection.get("scope") == "current" else "all due"
    return f"{what}, refreshed" if selection.get("refresh") else what


def _starter(name: str, selection: Mapping[str, Any]) -> str:
    """By whom or what a run was started: Step Functions does not say, names and inputs do."""
    if ours := _OURS.fullmatch(name):
        return f"ted run, {ours[1]}"
    return "schedule" if selection.get("scope") == "current" else "Step Functions, by hand"


def _new_name() -> str:
    try:
        user = re.sub(r"[^A-Za-z0-9_-]+", "-", getpass.getuser())[:30]
    except (KeyError, OSError):  # a container without a user's name
        user = "someone"
    return f"ted-{user}-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:4]}"


def _machine(client: "SFNClient", names: Names) -> str:
    with aws_errors("list state machines"):
        pages = client.get_paginator("list_state_machines").paginate()
        machines = (machine for page in pages for machine in page["stateMachines"])
        found = next((m["stateMachineArn"] for m in machines if m["name"] == names.state_machine), None)
    if found is None:
        code = "StateMachineDoesNotExist"  # as AWS calls it
        raise TerminalError(f"there is no state machine {names.state_machine}: deploy the stacks first", code=code)
    return found


def follow(
    client: "SFNClient",
    glue: "GlueClient",
    names: Names,
    execution: str,
    *,
    seconds: float = AWS_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Glance]:
    """Look at a run every so many seconds until it ends; the last glance has its final status.

    While AWS throttles, it looks less often, for as long as that lasts; other trouble on the way may last ten minutes.

    Raises
    ------
    TransientError
        AWS was not reached for so long. The run goes on.
    """
    faults, merges = 0, dict[int, str]()
    while True:
        try:
            with aws_errors(f"look at run {execution.rsplit(':', 1)[-1]}"):
                status = client.describe_execution(executionArn=execution)["status"]
                history = _read_history(client, execution)
                found = _merges(glue, names.merge_job, history) if history.merging_since else {}
        except TransientError as error:
            faults += error.attributes.get("code") not in _THROTTLED
            if faults > _FAULTS:
                raise
            pause(_SLOW_SECONDS)
            continue
        faults = 0
        # The history learns of a merge's end a moment after Glue.
        merges = {y: MERGING if (how, merges.get(y)) == (WAITING, MERGING) else how for y, how in found.items()}
        yield Glance(status, history.state, history.checked, merges)
        if status in ENDED:
            return
        pause(seconds)


@dataclass(slots=True)
class _History:
    """What the newest events of a run tell: its state, the last progress check, and the merges since."""

    state: str = ""
    checked: Mapping[str, Any] = field(default_factory=dict)
    merging_since: dt.datetime | None = None
    has_merged: bool = False
    outcomes: dict[int, str] = field(default_factory=dict)


def _read_history(client: "SFNClient", execution: str) -> _History:
    """Read the events from the newest back to the last answer of check_progress: a backfill has thousands."""
    found = _History()
    pages = client.get_paginator("get_execution_history").paginate(executionArn=execution, reverseOrder=True)
    for event in (event for page in pages for event in page["events"]):
        entered, exited = event.get("stateEnteredEventDetails"), event.get("stateExitedEventDetails")
        if entered:
            found.state = found.state or entered["name"]
            if entered["name"] == _MERGES:
                found.merging_since = event["timestamp"]
        if exited and exited["name"] == _MERGES:
            found.has_merged = True
        # A merge that succeeded tells its job run as output, one that failed as cause; a run that was refused, neither.
        told = (
            (MERGED, event.get("taskSucceededEventDetails", {}).get("output")),
            (FAILED, event.get("taskFailedEventDetails", {}).get("cause")),
        )
        for how, text in told:
            year = ((_json(text) or {}).get("Arguments") or {}).get("--YEAR")
            if year is not None:
                found.outcomes.setdefault(int(year), how)
        if exited and exited["name"] == _CHECK:
            found.checked = (_json(exited.get("output")) or {}).get("progress", {})
            break
    return found


def _merges(glue: "GlueClient", job: str, history: _History) -> dict[int, str]:
    """How far the merge of each of the run's years is. Another run's merges count for none of them."""
    runs = glue.get_job_runs(JobName=job, MaxResults=100)["JobRuns"]
    under_way = {run.get("Arguments", {}).get("--YEAR") for run in runs if run["JobRunState"] in UNDER_WAY}
    return {
        year: history.outcomes.get(
            year, FAILED if history.has_merged else MERGING if str(year) in under_way else WAITING
        )
        for year in history.checked.get("years", [])
    }


def result(client: "SFNClient", execution: str) -> dict[str, Any]:
    """Read what a run ended with.

    Raises
    ------
    RunFailed
        It ended red.
    """
    with aws_errors(f"look at run {execution.rsplit(':', 1)[-1]}"):
        answer = client.describe_execution(executionArn=execution)
    if answer["status"] != "SUCCEEDED":
        raise RunFailed(f"the pipeline {answer['status'].lower().replace('_', ' ')}: {_cause(answer)}")
    return _json(answer.get("output")) or {}


def _cause(about: "DescribeExecutionOutputTypeDef") -> str:
    error, cause = about.get("error", "no error"), about.get("cause", "no cause")
    value = _json(cause)
    if value and "errorMessage" in value:  # of a Lambda function, with a trace that helps nobody here
        cause = f"{value.get('errorType', '')}: {value['errorMessage']}"
    elif value:
        cause = json.dumps(value, indent=1, ensure_ascii=False)
    return f"{error}\n{cause}"


def _json(text: str | None) -> dict[str, Any] | None:
    try:
        value = json.loads(text or "")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
