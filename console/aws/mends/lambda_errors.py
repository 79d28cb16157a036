"""Mend: the class of an exception in a Lambda function reaches the caller, and the process survives it.

Unmended, every error is a `Runtime.HandlerError`, so no Retry or Catch of a state machine ever matches one by name, and
the process that ran the function is thrown away, although Lambda keeps it.
"""

import threading
from typing import Any

from console.aws.mends.guard import check, hook

_RAISED = (
    '_real_stdout.write(json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()}) + "\\n")'
)
# "ok" keeps the process alive; `raised` turns it into an error again below.
_MENDED = (
    '_real_stdout.write(json.dumps({"status": "ok", "raised": {"errorMessage": str(e), "errorType": type(e).__name__, '
    '"stackTrace": traceback.format_tb(e.__traceback__)}, "trace": traceback.format_exc()}) + "\\n")'
)


def apply() -> None:
    """Put the mend in place."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    check(script.count(_RAISED) == 1, "one place in the Python worker that reports an exception")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(_RAISED, _MENDED)

    invoke = hook(lambda_runtime.Worker, "invoke", "self event request_id trace_id depth durable invoked_function_arn")
    execute = hook(lambda_svc, "_execute_function_warm", "func event request_id")
    raised = threading.local()

    def mended_invoke(*arguments: Any, **named: Any) -> dict[str, Any]:
        response: dict[str, Any] = invoke(*arguments, **named)
        raised.error = response.pop("raised", None)
        if raised.error:
            response |= {"status": "error", "error": raised.error["errorMessage"]}
        return response

    def mended_execute(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        raised.error = None
        result: dict[str, Any] = execute(func, event, request_id)
        if raised.error and result.get("error"):
            result["body"] = raised.error
        return result

    lambda_runtime.Worker.invoke = mended_invoke
    lambda_svc._execute_function_warm = mended_execute
