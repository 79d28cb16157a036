"""Mend: a state machine runs a Glue job or an Athena query and waits for its end.

Unmended, `glue:startJobRun.sync` and `athena:startQueryExecution.sync` are refused as not implemented.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from console.aws.mends.guard import check, hook

_POLL_SECONDS = 0.5
_ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "CANCELLED", "EXPIRED"}
Call = Callable[[dict[str, Any]], Any]


def apply() -> None:
    """Put the mend in place."""
    from ministack.services import athena, glue, stepfunctions

    dispatch = stepfunctions._SERVICE_DISPATCH
    check("arn:aws:states:::sqs:sendMessage" in dispatch, "a table of integrations stepfunctions._SERVICE_DISPATCH")
    hook(stepfunctions, "_invoke_resource", "resource input_data")
    failure = stepfunctions._ExecutionError
    hook(failure, "__init__", "self error cause")

    def call(service: str, function: Call, request: dict[str, Any]) -> dict[str, Any]:
        status, _, body = function(request)
        answer: dict[str, Any] = json.loads(body)
        if status >= 400:
            kind = str(answer.get("__type", "")).rsplit("#", 1)[-1]
            raise failure(f"{service}.{kind}", f"{answer.get('message')} (Service: {service}; Error Code: {kind})")
        return answer

    def wait(read: Callable[[], tuple[str, dict[str, Any]]]) -> dict[str, Any]:
        state, answer = read()
        while state not in _ENDED:
            time.sleep(_POLL_SECONDS)
            state, answer = read()
        if state != "SUCCEEDED":
            raise failure("States.TaskFailed", json.dumps(answer))
        return answer

    def run_job(resource: str, request: dict[str, Any]) -> dict[str, Any]:
        # The module's functions are looked up at each call: another mend replaces them.
        started = call("Glue", glue._start_job_run, request)

        def read() -> tuple[str, dict[str, Any]]:
            wanted = {"JobName": request["JobName"], "RunId": started["JobRunId"]}
            run = call("Glue", glue._get_job_run, wanted)["JobRun"]
            return run["JobRunState"], run

        return wait(read) if resource.endswith(".sync") else started

    def run_query(resource: str, request: dict[str, Any]) -> dict[str, Any]:
        started = call("Athena", athena._start_query_execution, request)

        def read() -> tuple[str, dict[str, Any]]:
            answer = call("Athena", athena._get_query_execution, {"QueryExecutionId": started["QueryExecutionId"]})
            return answer["QueryExecution"]["Status"]["State"], answer

        return wait(read) if resource.endswith(".sync") else started

    def read_results(_: str, request: dict[str, Any]) -> dict[str, Any]:
        return call("Athena", athena._get_query_results, request)

    dispatch["arn:aws:states:::glue:startJobRun"] = run_job
    dispatch["arn:aws:states:::athena:startQueryExecution"] = run_query
    dispatch["arn:aws:states:::athena:getQueryResults"] = read_results
