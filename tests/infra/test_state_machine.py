"""The state machine's definition: no green run over lost data."""

import json
from typing import Any

import pytest

from tests.infra.synthesis import Synthesis


def text_of(value: Any) -> str:
    """A definition with its references filled in."""
    if isinstance(value, str):
        return value
    return "".join(part if isinstance(part, str) else "reference" for part in value["Fn::Join"][1])


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
        "Name the run", "Plan and queue transfers", "Queue extractions", "Begin to wait", "Check progress",
        "All extracted or dead?", "Merge the years", "Reconcile", "Tell of the run", "Nothing lost?", "Complete",
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
        if state["Type"] == "Map" or (state["Type"] == "Task" and "sns" not in state["Resource"]):
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name
            tell = states[state["Catch"][-1]["Next"]]
            assert "sns:publish" in tell["Resource"], name
            assert states[tell["Next"]]["Type"] == "Fail", name


def test_transient_errors_of_functions_are_tried_again_with_jitter(states: dict[str, Any]) -> None:
    for name in ("Plan and queue transfers", "Queue extractions", "Check progress", "Reconcile"):
        (retry,) = states[name]["Retry"]
        assert {"TransientError", "Lambda.TooManyRequestsException"} <= set(retry["ErrorEquals"])
        assert (retry["BackoffRate"], retry["JitterStrategy"]) == (2, "FULL")


def test_one_failing_year_is_noted_and_the_others_go_on(states: dict[str, Any]) -> None:
    years = states["Merge the years"]
    assert years["MaxConcurrency"] == 3
    inner = years["ItemProcessor"]["States"]
    merge = inner["Merge a year"]
    assert merge["Resource"].endswith("glue:startJobRun.sync")
    assert merge["Parameters"]["Arguments"] == {"--YEAR.$": "States.Format('{}', $.year)"}
    assert merge["Retry"][0]["ErrorEquals"] == ["Glue.ConcurrentRunsExceededException"]
    note = inner[merge["Catch"][0]["Next"]]
    assert set(note["Parameters"]) == {"year.$", "error.$"}
    assert note["End"] is True


def test_dead_packages_and_failed_merges_reach_the_reconciliation(states: dict[str, Any]) -> None:
    assert states["Reconcile"]["Parameters"] == {
        "plan_key.$": "$.plan.plan_key",
        "dead.$": "$.progress.dead",
        "merges.$": "$.merges",
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
        (schedule,) = instance.resources("AWS::Scheduler::Schedule")
        assert schedule.properties["State"] == state
        assert schedule.properties["ScheduleExpressionTimezone"] == "Europe/Luxembourg"
        assert json.loads(schedule.properties["Target"]["Input"]) == {"scope": "current"}
