"""SQS access: the only place that talks to it."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.buckets import aws_errors
from runtime.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

BATCH = 10  # SQS takes ten messages a call
ATTEMPTS = 4
LONGEST_HIDE_SECONDS = 11 * 3600  # SQS refuses more than twelve hours since the message was received

_DEPTH: "Sequence[QueueAttributeNameType]" = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue, reached with a client that was made at the edge."""

    client: "SQSClient"
    url: str

    def send(self, bodies: Sequence[Mapping[str, Any]], pause: Callable[[float], None] = time.sleep) -> int:
        """Send messages as JSON, ten a call; entries that SQS did not take are sent again.

        Returns
        -------
        how many were sent: all of them

        Raises
        ------
        TransientError
            Some were still refused at the fourth attempt; sending all again is safe, for receivers are idempotent.
        """
        for start in range(0, len(bodies), BATCH):
            waiting = {str(n): json.dumps(body) for n, body in enumerate(bodies[start : start + BATCH])}
            for attempt in range(ATTEMPTS):
                with aws_errors(f"send to {self.url}", queue=self.url):
                    answer = self.client.send_message_batch(
                        QueueUrl=self.url, Entries=[{"Id": n, "MessageBody": body} for n, body in waiting.items()]
                    )
                refused = {entry["Id"]: entry for entry in answer.get("Failed", ())}
                waiting = {n: body for n, body in waiting.items() if n in refused}
                if not waiting:
                    break
                pause(0.2 * 2**attempt)
            else:
                codes = ", ".join(sorted({entry.get("Code", "unknown") for entry in refused.values()}))
                raise TransientError(f"{self.url} refused {len(waiting)} messages: {codes}", queue=self.url)
        return len(bodies)

    def hide(self, receipt: str, seconds: float) -> None:
        """Let a message that is in work come again after so many seconds, instead of after the queue's time-out."""
        with aws_errors(f"hide a message of {self.url}", queue=self.url):
            self.client.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=min(int(seconds), LONGEST_HIDE_SECONDS)
            )

    def depth(self) -> int:
        """Messages that wait, are in work, or are delayed; SQS counts them approximately."""
        with aws_errors(f"look at {self.url}", queue=self.url):
            answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=list(_DEPTH))
        return sum(int(answer["Attributes"][name]) for name in _DEPTH)
