"""The state machine's definition: no green run over lost data."""

import datetime as dt
import json
from typing import Any

import pytest

from runtime.merge.plan import FIRST_YEAR
from stacks.settings import LEAST_POLL_SECONDS
from tests.infra.synthesis import Synthesis, text_of

FUNCTIONS = ("Plan and queue transfers", "Queue extractions", "Check progress", "Reconcile")


@pytest.fixture(scope="module")
def definition(dev: Synthesis) -> dict[str, Any]:
    (machine,) = dev.resources("AWS::StepFunctions::StateMachine")
    found: dict[str, Any] = json.loads(text_of(machine.properties["DefinitionString"]))
    return found


@pytest.fixture(scope="module")
def states(definition: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = definition["States"]
    return found


def test_goes_from_plan_to_verdict(definition: dict[str, Any], states: dict[str, Any]) -> None:
    path, name = [], definition["StartAt"]
    while name:
        path.append(name)
        state = states[name]
        name = state["Choices"][0]["Next"] if state["Type"] == "Choice" else state.get("Next")
    assert path == [
        "Name the run", "Plan and queue transfers", "Mirror the rates", "Queue extractions", "Begin to wait",
        "Check progress", "All extracted or dead?", "Merge the years", "Reconcile", "Tell of the run",
        "Nothing lost?", "Complete",
    ]  # fmt: skip


def test_waits_and_looks_again_until_nothing_is_pending(states: dict[str, Any]) -> None:
    choice = states["All extracted or dead?"]
    assert choice["Choices"][0]["Variable"] == "$.progress.done"
    assert states[choice["Default"]] == {"Type": "Wait", "Seconds": 60, "Next": "Check progress"}
    assert states["Check progress"]["Parameters"] == {
        "plan_key.$": "$.plan.plan_key",
        "idle.$": "$.progress.idle",
    }


def test_every_task_that_can_fail_tells_and_fails_the_run(states: dict[str, Any]) -> None:
    for name, state in states.items():
        if name == "Mirror the rates":
            continue
        if state["Type"] == "Map" or (state["Type"] == "Task" and "sns" not in state["Resource"]):
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name
            tell = states[state["Catch"][-1]["Next"]]
            assert "sns:publish" in tell["Resource"], name
            assert states[tell["Next"]]["Type"] == "Fail", name


def test_a_run_goes_on_without_newer_rates_and_tells_the_report(states: dict[str, Any], dev: Synthesis) -> None:
    """It waits no longer than the function may take, and does not try again: the next run does."""
    state = states["Mirror the rates"]
    assert state["Catch"] == [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.rates", "Next": "Queue extractions"}]
    assert state["Next"] == "Queue extractions"
    assert state["ResultPath"] == "$.rates"
    assert "Retry" not in state
    functions = {made.properties["FunctionName"]: made for made in dev.resources("AWS::Lambda::Function")}
    assert functions["nfr-cca-ted-mirror-rates-dev"].properties["Timeout"] == 120


def test_transient_errors_of_functions_are_tried_again_with_jitter(states: dict[str, Any]) -> None:
    for name in FUNCTIONS:
        retry = states[name]["Retry"][0]
        assert {"TransientError", "Lambda.ServiceException"} <= set(retry["ErrorEquals"])
        assert (retry["BackoffRate"], retry["JitterStrategy"]) == (2, "FULL")


def test_a_throttled_function_is_tried_every_minute_for_an_hour(states: dict[str, Any]) -> None:
    """A new account runs ten functions at once, and the workers take them all: the run must not break off over it."""
    for name in FUNCTIONS:
        retries = [each for each in states[name]["Retry"] if "Lambda.TooManyRequestsException" in each["ErrorEquals"]]
        assert retries == [
            {
                "ErrorEquals": ["Lambda.TooManyRequestsException"],
                "IntervalSeconds": 60,
                "MaxAttempts": 60,
                "BackoffRate": 1,
            }
        ]


@pytest.mark.parametrize(
    ("name", "verdict"), [("Tell of the run", "Nothing lost?"), ("Tell of a broken run", "Broken off")]
)
def test_a_lost_mail_changes_nothing_about_how_a_run_ends(states: dict[str, Any], name: str, verdict: str) -> None:
    tell = states[name]
    assert tell["Next"] == verdict
    (retry,) = tell["Retry"]
    assert (retry["ErrorEquals"], retry["MaxAttempts"]) == (["States.ALL"], 4)
    (catch,) = tell["Catch"]
    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], verdict)
    # Beside what the verdict reads, $.report or $.broken.
    assert catch["ResultPath"] == "$.unsaid"


def test_a_start_of_a_merge_is_tried_again_for_glues_faults_and_never_for_the_merges_own(
    states: dict[str, Any],
) -> None:
    merge = states["Merge the years"]["ItemProcessor"]["States"]["Merge a year"]
    attempts = {error: retry["MaxAttempts"] for retry in merge["Retry"] for error in retry["ErrorEquals"]}
    assert {
        "Glue.ThrottlingException", "Glue.InternalServiceException", "Glue.OperationTimeoutException",
        "Glue.ResourceNumberLimitExceededException", "Glue.ConcurrentRunsExceededException",
    } <= attempts.keys()  # fmt: skip
    assert all(error.startswith("Glue.") for error in attempts)  # neither States.Timeout, States.TaskFailed nor ALL
    assert all(attempts.values())
    assert sum(len(retry["ErrorEquals"]) for retry in merge["Retry"]) == len(attempts)


# Events of a state in an execution's history, and of each further attempt of a task.
# Source: AWS Step Functions API reference, HistoryEvent: entered, scheduled, started, (submitted,) succeeded, exited.
EVENTS = {"Wait": 2, "Choice": 2, "Pass": 2, "Task": 5, "Map": 4, "Succeed": 1, "Fail": 1}
EVENTS_OF_ATTEMPT = 3
EVENTS_OF_ITERATION = 2
MOST_EVENTS = 25_000


def events_of(seconds: int, states: dict[str, Any], limit: int) -> int:
    """Events of an execution that waits until its time limit, then merges all years of TED, none at once."""
    loop = ["Check progress", "All extracted or dead?", "Wait"]
    once = sum(EVENTS[state["Type"]] for name, state in states.items() if name not in loop)
    inner = states["Merge the years"]["ItemProcessor"]["States"]
    attempts = sum(retry["MaxAttempts"] for retry in inner["Merge a year"]["Retry"])
    year = sum(EVENTS[s["Type"]] for s in inner.values()) + 1 + EVENTS_OF_ITERATION + attempts * EVENTS_OF_ATTEMPT
    years = dt.datetime.now(dt.UTC).year - FIRST_YEAR + 1
    return once + (limit // seconds + 1) * sum(EVENTS[states[name]["Type"]] for name in loop) + years * year


def test_a_run_of_24_hours_fits_into_its_history(definition: dict[str, Any], states: dict[str, Any]) -> None:
    limit = definition["TimeoutSeconds"]
    assert limit == 24 * 3600
    assert events_of(states["Wait"]["Seconds"], states, limit) < MOST_EVENTS
    assert events_of(LEAST_POLL_SECONDS, states, limit) < MOST_EVENTS
    assert events_of(30, states, limit) > MOST_EVENTS


def test_one_failing_year_is_noted_and_the_others_go_on(states: dict[str, Any]) -> None:
    years = states["Merge the years"]
    assert years["MaxConcurrency"] == 3
    inner = years["ItemProcessor"]["States"]
    merge = inner["Merge a year"]
    assert merge["Resource"].endswith("glue:startJobRun.sync")
    assert merge["Parameters"]["Arguments"] == {
        "--YEAR.$": "States.Format('{}', $.year)",
        "--STARTED_BY.$": "$$.Execution.Name",
    }
    note = inner[merge["Catch"][0]["Next"]]
    assert set(note["Parameters"]) == {"year.$", "error.$"}
    assert note["End"] is True


def test_dead_packages_and_failed_merges_reach_the_reconciliation(states: dict[str, Any]) -> None:
    assert states["Reconcile"]["Parameters"] == {
        "plan_key.$": "$.plan.plan_key",
        "dead.$": "$.progress.dead",
        "merges.$": "$.merges",
        "rates.$": "$.rates",
    }


def test_succeeds_only_when_nothing_was_lost(states: dict[str, Any]) -> None:
    verdict = states["Nothing lost?"]
    assert verdict["Choices"] == [{"Variable": "$.report.ok", "BooleanEquals": True, "Next": "Complete"}]
    assert states[verdict["Default"]] == {"Type": "Fail", "Error": "Incomplete", "CausePath": "$.report.summary"}


def test_is_bounded_in_time_traced_and_logged_without_data(instance: Synthesis) -> None:
    (machine,) = instance.resources("AWS::StepFunctions::StateMachine")
    assert json.loads(text_of(machine.properties["DefinitionString"]))["TimeoutSeconds"] == 86400
    assert machine.properties["TracingConfiguration"] == {"Enabled": True}
    logging = machine.properties["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)


def test_schedule_is_on_where_it_is_set(dev: Synthesis, prod: Synthesis, options: Synthesis) -> None:
    for instance, state in ((dev, "DISABLED"), (prod, "ENABLED"), (options, "ENABLED")):
        schedules = instance.resources("AWS::Scheduler::Schedule")
        (schedule,) = (each for each in schedules if "-daily-" in each.properties["Name"])
        assert schedule.properties["State"] == state
        assert schedule.properties["ScheduleExpressionTimezone"] == "Europe/Luxembourg"
        assert json.loads(schedule.properties["Target"]["Input"]) == {"scope": "current"}
