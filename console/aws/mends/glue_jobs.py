"""Mend: a Glue Spark job runs.

Unmended, a run is reported as SUCCEEDED without having run. Besides: the limit of concurrent runs is kept, a time limit
ends a run, a stopped run ends, and runs come back newest first.
"""

import contextvars
import json
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3

from console.aws.mends.guard import check, hook
from console.aws.mends.iam import role_keys
from console.aws.spark import JobEnd, kill_group, run_job

_ACTIVE = ("STARTING", "RUNNING", "STOPPING", "WAITING")
_CONCURRENCY = "ExecutionProperty"


def apply(folder: Path) -> None:
    """Put the mend in place.

    Parameters
    ----------
    folder : gets a folder per run, with its log
    """
    from ministack.services import glue

    check(hasattr(glue, "_jobs") and hasattr(glue, "_job_runs"), "stores glue._jobs and glue._job_runs")
    for name in ("_start_job_run", "_get_job_run", "_get_job_runs"):
        hook(glue, name, "data")
    runs = _JobRuns(glue, folder, hook(glue, "_batch_stop_job_run", "data"))
    _keep_concurrency(glue)
    glue._start_job_run = runs.start
    glue._get_job_run = runs.read
    glue._get_job_runs = runs.list
    glue._batch_stop_job_run = runs.stop


def _keep_concurrency(glue: Any) -> None:
    # ministack drops ExecutionProperty, which holds MaxConcurrentRuns, from requests and templates alike.
    from ministack.services.cloudformation import provisioners

    create, update = hook(glue, "_create_job", "data"), hook(glue, "_update_job", "data")
    fields = hook(provisioners, "_glue_job_fields", "props")

    def keep(name: str, data: dict[str, Any]) -> None:
        if name in glue._jobs and _CONCURRENCY in data:
            glue._jobs[name][_CONCURRENCY] = data[_CONCURRENCY]

    def create_job(data: dict[str, Any]) -> Any:
        answer = create(data)
        if answer[0] < 400:
            keep(data["Name"], data)
        return answer

    def update_job(data: dict[str, Any]) -> Any:
        answer = update(data)
        if answer[0] < 400:
            keep(data["JobName"], data.get("JobUpdate", {}))
        return answer

    def job_fields(props: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = fields(props)
        return kept | {key: props[key] for key in (_CONCURRENCY,) if key in props}

    glue._create_job = create_job
    glue._update_job = update_job
    provisioners._glue_job_fields = job_fields


class _JobRuns:
    """The operations on runs; the runs themselves are in ministack's own store, by account and region."""

    def __init__(self, glue: Any, folder: Path, stop: Callable[[dict[str, Any]], Any]) -> None:
        from ministack.core.responses import error_response_json, json_response

        self._glue, self._folder, self._mark_stopped = glue, folder, stop
        self._refuse, self._answer = error_response_json, json_response
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._starting = threading.Lock()

    def start(self, data: dict[str, Any]) -> Any:
        name = data.get("JobName", "")
        if name not in self._glue._jobs:
            return self._refuse("EntityNotFoundException", f"Failed to start job run due to missing metadata: {name}")
        wrong = [key for key, value in data.get("Arguments", {}).items() if not isinstance(value, str)]
        if wrong:
            return self._refuse("SerializationException", f"Arguments: expected text for {', '.join(wrong)}")
        job = self._glue._jobs[name]
        with self._starting:
            runs = self._glue._job_runs.setdefault(name, [])
            limit = int((job.get(_CONCURRENCY) or {}).get("MaxConcurrentRuns") or 1)
            if sum(run["JobRunState"] in _ACTIVE for run in runs) >= limit:
                return self._refuse("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {name}")
            run = _new_run(job, name, data)
            runs.append(run)
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._work, job, run), daemon=True).start()
        return self._answer({"JobRunId": run["Id"]})

    def _work(self, job: dict[str, Any], run: dict[str, Any]) -> None:
        run["JobRunState"] = "RUNNING"
        started = time.monotonic()
        arguments = {**job.get("DefaultArguments", {}), "--JOB_NAME": run["JobName"]}
        arguments |= {"--JOB_ID": "j_local", "--JOB_RUN_ID": run["Id"], **run["Arguments"]}
        try:
            keys = role_keys(job.get("Role", ""), f"GlueJobRunnerSession-{run['JobName']}")
            outcome = run_job(
                self._folder / run["JobName"] / run["Id"],
                arguments,
                job.get("Command", {}).get("ScriptLocation", ""),
                lambda address: _fetch(address, keys),
                os.environ["AWS_ENDPOINT_URL"],
                float(run["Timeout"]) * 60,
                keys,
                lambda process: self._processes.__setitem__(run["Id"], process),
            )
        except Exception as error:
            # Whatever happens, the run has to end: a state machine waits for it.
            outcome = JobEnd("FAILED", f"{type(error).__name__}: {error}")
        self._processes.pop(run["Id"], None)
        now = int(time.time())
        run |= {"CompletedOn": now, "LastModifiedOn": now, "ExecutionTime": round(time.monotonic() - started)}
        if run["JobRunState"] != "STOPPED":
            run["ErrorMessage"] = outcome.message
            run["JobRunState"] = outcome.state

    def read(self, data: dict[str, Any]) -> Any:
        for run in self._glue._job_runs.get(data.get("JobName"), []):
            if run["Id"] == data.get("RunId"):
                return self._answer({"JobRun": _shown(run)})
        return self._refuse("EntityNotFoundException", f"Job run {data.get('RunId')} not found.")

    def list(self, data: dict[str, Any]) -> Any:
        name = data.get("JobName")
        if name not in self._glue._jobs:
            return self._refuse("EntityNotFoundException", f"Job {name} not found.")
        newest_first = [_shown(run) for run in reversed(self._glue._job_runs.get(name, []))]
        first = int(data.get("NextToken") or 0)
        after = first + int(data.get("MaxResults") or 1000)
        more = {"NextToken": str(after)} if after < len(newest_first) else {}
        return self._answer({"JobRuns": newest_first[first:after], **more})

    def stop(self, data: dict[str, Any]) -> Any:
        answer = self._mark_stopped(data)
        for stopped in json.loads(answer[2]).get("SuccessfulSubmissions", []):
            process = self._processes.get(stopped["JobRunId"])
            if process:
                kill_group(process)
        return answer


def _new_run(job: dict[str, Any], name: str, data: dict[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    copied = {key: job[key] for key in ("GlueVersion", "WorkerType", "NumberOfWorkers") if job.get(key)}
    return {
        "Id": f"jr_{secrets.token_hex(32)}",
        "Attempt": 0,
        "JobName": name,
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "Arguments": data.get("Arguments", {}),
        "PredecessorRuns": [],
        "Timeout": data.get("Timeout") or job.get("Timeout") or 2880,
        "ExecutionTime": 0,
        "LogGroupName": "/aws-glue/jobs",
        **copied,
    }


def _shown(run: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in run.items() if value not in (None, "")}


def _fetch(address: str, keys: Mapping[str, str]) -> bytes:
    bucket, _, key = address.removeprefix("s3://").partition("/")
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    key_id, secret, token = (keys.get(name) for name in names)
    client = boto3.Session(key_id, secret, token).client("s3")
    try:
        return client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except client.exceptions.ClientError as error:
        raise FileNotFoundError(f"{address}: {error}") from error
