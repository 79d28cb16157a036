"""Mend: StartMessageMoveTask and ListMessageMoveTasks, with which SQS moves dead letters back.

Unmended, both are refused as unknown. Here a task is over before it is answered, so there is never one to cancel.

Source: Amazon SQS API reference, StartMessageMoveTask and ListMessageMoveTasks; developer guide, "Learn how to
configure a dead-letter queue redrive".
"""

import json
import time
import uuid
from typing import Any

from console.aws.mends.guard import check, hook

_FASTEST = 500  # messages per second that a task may ask for


def apply() -> None:
    """Put the mend in place."""
    from ministack.services import sqs

    handlers = sqs._HANDLERS
    check("SendMessage" in handlers and "StartMessageMoveTask" not in handlers, "handlers of SQS without message moves")
    tasks = _Tasks(sqs)
    handlers["StartMessageMoveTask"] = tasks.start
    handlers["ListMessageMoveTasks"] = tasks.list


class _Tasks:
    """The operations, and the tasks by the ARN of their source, the newest first."""

    def __init__(self, sqs: Any) -> None:
        for name in ("_Err", "_queues", "_queues_lock", "esm_wake"):
            check(hasattr(sqs, name), f"ministack.services.sqs.{name}")
        self._sqs, self._tasks = sqs, dict[str, list[dict[str, Any]]]()
        self._find = hook(sqs, "_queue_by_arn", "arn")
        self._delay_of = hook(sqs, "queue_delay", "q")
        self._drop_expired = hook(sqs, "_expire_retained", "q")
        self._complete = hook(sqs, "_ensure_msg_fields", "m")

    def start(self, data: dict[str, Any], _: str) -> dict[str, Any]:
        arn, to, pace = data["SourceArn"], data.get("DestinationArn"), data.get("MaxNumberOfMessagesPerSecond")
        source, destination = self._queue(arn), self._queue(to) if to else None
        if not self._takes_dead_letters(arn):
            raise self._sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
        if pace is not None and not 1 <= pace <= _FASTEST:
            raise self._sqs._Err("InvalidParameterValue", f"MaxNumberOfMessagesPerSecond: expected 1 to {_FASTEST}.")
        asked = {"SourceArn": arn, "DestinationArn": to, "MaxNumberOfMessagesPerSecond": pace}
        task = {"StartedTimestamp": round(time.time() * 1000)} | {k: v for k, v in asked.items() if v is not None}
        with self._sqs._queues_lock:
            task |= self._move(source, destination)
        self._tasks.setdefault(arn, []).insert(0, task)
        return {"TaskHandle": str(uuid.uuid4())}

    def list(self, data: dict[str, Any], _: str) -> dict[str, Any]:
        self._queue(data["SourceArn"])
        return {"Results": self._tasks.get(data["SourceArn"], [])[: data.get("MaxResults") or 1]}

    def _queue(self, arn: str) -> dict[str, Any]:
        queue: dict[str, Any] | None = self._find(arn)
        if queue is None:
            raise self._sqs._Err("ResourceNotFoundException", f"The resource {arn} doesn't exist.")
        return queue

    def _takes_dead_letters(self, arn: str) -> bool:
        policies = (queue["attributes"].get("RedrivePolicy") for queue in self._sqs._queues.values())
        return any(json.loads(policy)["deadLetterTargetArn"] == arn for policy in policies if policy)

    def _move(self, source: dict[str, Any], destination: dict[str, Any] | None) -> dict[str, Any]:
        """Move what nobody has in hands; without a destination, each message to where it came from."""
        now, kept, moved, lost = time.time(), [], 0, 0
        self._drop_expired(source)
        for message in source["messages"]:
            self._complete(message)
            target = destination or self._find(message["sys"].get("DeadLetterQueueSourceArn", ""))
            if message["visible_at"] <= now and target is not None:
                target["messages"].append(_anew(message, now, self._delay_of(target)))
                moved += 1
            else:
                lost += message["visible_at"] <= now
                kept.append(message)
        source["messages"] = kept
        self._sqs.esm_wake.set()
        failed = {"Status": "FAILED", "FailureReason": "CouldNotDetermineMessageSource"}
        counts = {"ApproximateNumberOfMessagesMoved": moved, "ApproximateNumberOfMessagesToMove": moved + lost}
        return counts | (failed if lost else {"Status": "COMPLETED"})


def _anew(message: dict[str, Any], now: float, delay: int) -> dict[str, Any]:
    """The message as sent now: it has a new number and a new age, and nobody has received it yet."""
    sent = {name: value for name, value in message["sys"].items() if name != "DeadLetterQueueSourceArn"}
    return message | {
        "id": str(uuid.uuid4()),
        "receipt_handle": None,
        "receive_count": 0,
        "first_receive_at": None,
        "sent_at": now,
        "visible_at": now + delay,
        "sys": sent | {"SentTimestamp": str(round(now * 1000))},
    }
