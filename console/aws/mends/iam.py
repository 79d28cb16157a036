"""Mend: what services do in the name of a role is judged, too, and every role's calls are kept in a file.

Only where IAM is enforced. Unmended, calls that come in over the network are judged, but not those that a service makes
inside: a state machine's tasks, a queue's messages for a function, a function's log; and Glue jobs have the account's
own keys.
"""

import contextvars
import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Any

import boto3

from console.aws.mends.guard import hook

# IAM knows no action for a batch: it asks for that of one message.
# Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SQS".
_ACTIONS = {f"sqs:{name}Batch": f"sqs:{name}" for name in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")}
_role: contextvars.ContextVar[str] = contextvars.ContextVar("role", default="")


def enforced() -> bool:
    """Whether this process was started to enforce IAM."""
    return os.environ.get("AUTH", "").lower() == "true"


def role_keys(role: str, session: str) -> dict[str, str]:
    """Keys of a session of a role, as variables; none where IAM is not enforced."""
    if not enforced():
        return {}
    from ministack.services import sts

    register = hook(sts, "register_session", "access_key session")
    account, name = role.split(":")[4], role.rsplit("/", 1)[-1]
    digest = hashlib.sha256(f"{role}/{session}".encode()).hexdigest()
    keys = {
        "AWS_ACCESS_KEY_ID": f"ASIA{digest[:16].upper()}",
        "AWS_SECRET_ACCESS_KEY": digest[16:56],
        "AWS_SESSION_TOKEN": digest,
    }
    made = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session[:64]}",
        "UserId": f"{name}:{session}",
        "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
        "SessionToken": keys["AWS_SESSION_TOKEN"],
    }
    register(keys["AWS_ACCESS_KEY_ID"], made)
    return keys


def caller() -> boto3.Session | None:
    """A session with the keys of whoever made the request that is being answered; None for the account's own.

    What a service does for somebody it does in their name: Athena reads and writes with the rights of who asks.
    """
    if not enforced():
        return None
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_account_id

    key = iam_evaluator._verified_key.get()
    if not key:
        return None  # the account's root, whose signature is not checked
    resolve = hook(iam_evaluator, "resolve_credential", "access_key_id account_id session_token")
    found = resolve(key, get_account_id())
    return boto3.Session(found.access_key_id, found.secret_access_key, found.session_token)


def refusal(action: str, *resources: str) -> str:
    """Why whoever made the request that is being answered may not do so to one of these; empty where they may."""
    if not enforced():
        return ""
    from ministack.core import iam_evaluator

    key = iam_evaluator._verified_key.get()
    if not key:
        return ""  # the account's root
    for resource in resources:
        service = action.split(":")[0]
        denied = iam_evaluator.enforce(key, action, service, os.environ["AWS_REGION"], resource_arn=resource)
        if denied:
            who = getattr(denied, "principal_arn", key)
            return (
                f"User: {who} is not authorized to perform: {action} on resource: {resource} because no identity-based "
                f"policy allows the {action} action"
            )
    return ""


def apply(calls: Path) -> None:
    """Put the mend in place.

    Parameters
    ----------
    calls : file that gets one JSON object per judged call of a role
    """
    if not enforced():
        return
    from ministack import app

    hook(app, "_port_is_bindable", "host port")
    app._port_is_bindable = lambda host, port: False  # one port is enough; 443 is another's
    judge = _Judge(calls)
    _keep_calls(judge)
    _judge_state_machines(judge)
    _judge_queues(judge)
    _judge_logs(judge)


class _Judge:
    """Says what a role's policies say of a call, and writes it down."""

    def __init__(self, calls: Path) -> None:
        from ministack.core import iam_evaluator

        self._iam, self._calls, self._lock = iam_evaluator, calls, threading.Lock()
        hook(iam_evaluator, "evaluate", "ctx policies limits")
        hook(iam_evaluator, "_gather_role_policies", "role_name account_id")

    def keep(self, role: str, action: str, resource: str, allowed: bool, by: str) -> None:
        line = {"role": role, "action": action, "resource": resource, "allowed": allowed, "by": by}
        with self._lock, self._calls.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def allows(self, role: str, action: str, resource: str, by: str) -> bool:
        """Whether a role (its ARN) may; `by` is the service that acts for it."""
        account, name = role.split(":")[4], role.rsplit("/", 1)[-1]
        arn = f"arn:aws:sts::{account}:assumed-role/{name}/{by}"
        asked = self._iam.EvalContext(arn, "AssumedRole", account, action, resource, os.environ["AWS_REGION"])
        decision = self._iam.evaluate(asked, self._iam._gather_role_policies(name, account)).decision
        self.keep(name, action, resource, decision == "Allow", by)
        return bool(decision == "Allow")


def _keep_calls(judge: _Judge) -> None:
    from ministack.core import iam_evaluator

    enforce = hook(iam_evaluator, "enforce", "access_key_id iam_action service region resource_arn service_context")
    resolve = hook(iam_evaluator, "resolve_principal", "access_key_id account_id credential")

    def mended(
        access_key_id: str, iam_action: str, service: str, region: str, resource_arn: str = "*", **more: Any
    ) -> Any:
        from ministack.core.responses import get_account_id

        iam_action = _ACTIONS.get(iam_action, iam_action)
        denied = enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn, **more)
        who = resolve(access_key_id or "", get_account_id())
        if getattr(who, "type", "") == "AssumedRole":
            judge.keep(who.arn.split("/")[1], iam_action, resource_arn, denied is None, "itself")
        return denied

    iam_evaluator.enforce = mended


def _judge_state_machines(judge: _Judge) -> None:
    from ministack.services import stepfunctions

    execute = hook(stepfunctions, "_execute_task", "state_def raw_input execution ctx")
    invoke = hook(stepfunctions, "_invoke_resource", "resource input_data")

    def mended_execute(state: Any, raw: Any, execution: dict[str, Any], ctx: Any) -> Any:
        token = _role.set(stepfunctions._state_machines[execution["stateMachineArn"]]["roleArn"])
        try:
            return execute(state, raw, execution, ctx)
        finally:
            _role.reset(token)

    def mended_invoke(resource: str, request: dict[str, Any]) -> Any:
        for action, target in _needed(resource, request):
            if not judge.allows(_role.get(), action, target, "states"):
                raise stepfunctions._ExecutionError(
                    "States.TaskFailed", f"{_role.get()} is not authorized to perform: {action} on resource: {target}"
                )
        return invoke(resource, request)

    stepfunctions._execute_task = mended_execute
    stepfunctions._invoke_resource = mended_invoke


def _needed(resource: str, request: dict[str, Any]) -> list[tuple[str, str]]:
    """Actions that a task asks for, with their resources."""
    place = f"{os.environ['AWS_REGION']}:{os.environ['MINISTACK_ACCOUNT_ID']}"
    if ":lambda:" in resource:
        name = str(request.get("FunctionName", resource))
        return [
            ("lambda:InvokeFunction", name if name.startswith("arn:") else f"arn:aws:lambda:{place}:function:{name}")
        ]
    if ":glue:startJobRun" in resource:
        job = f"arn:aws:glue:{place}:job/{request['JobName']}"
        waits = [("glue:GetJobRun", job)] if resource.endswith(".sync") else []
        return [("glue:StartJobRun", job), *waits]
    if ":sns:publish" in resource:
        return [("sns:Publish", request["TopicArn"])]
    return [("unknown:unknown", resource)]  # which no policy allows


def _judge_queues(judge: _Judge) -> None:
    from ministack.services import lambda_svc

    run = hook(lambda_svc, "_run_sqs_batch", "esm func_rec event batch queue_url queue_name")

    def mended(esm: dict[str, Any], function: dict[str, Any], *more: Any) -> Any:
        # Source: AWS Lambda developer guide, "Using Lambda with Amazon SQS", permissions of the execution role.
        actions = ("sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:DeleteMessage")
        role, queue = function["config"]["Role"], esm["EventSourceArn"]
        answers = [judge.allows(role, action, queue, "lambda") for action in actions]
        if not all(answers):
            raise PermissionError(f"{role} may not read {queue}")
        return run(esm, function, *more)

    lambda_svc._run_sqs_batch = mended


def _judge_logs(judge: _Judge) -> None:
    from ministack.services import lambda_svc

    emit = lambda_svc._emit_lambda_logs

    def mended(function: dict[str, Any], *more: Any, **named: Any) -> Any:
        found = function.get("config", function)
        group = (found.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{found['FunctionName']}"
        place = f"{os.environ['AWS_REGION']}:{os.environ['MINISTACK_ACCOUNT_ID']}"
        stream = f"arn:aws:logs:{place}:log-group:{group}:log-stream:any"
        actions = ("logs:CreateLogStream", "logs:PutLogEvents")
        answers = [judge.allows(found["Role"], action, stream, "lambda") for action in actions]
        if all(answers):
            return emit(function, *more, **named)
        return None

    lambda_svc._emit_lambda_logs = mended
