"""Entry points of transfer: events in, services called, answers out."""

import datetime as dt
import random
import uuid
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from runtime.buckets import Bucket
from runtime.failures import Failure, record_failure
from runtime.http import Http, RefusedByFirewall
from runtime.job_input import JobInput
from runtime.keys import PackageId
from runtime.ledger import Plan
from runtime.queues import Queue
from runtime.settings import TransferSettings, load
from runtime.transfer import service
from runtime.transfer.retries import is_final, pause_seconds
from runtime.transfer.source import Source, source_of

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
tracer = Tracer()
metrics = Metrics(namespace="CcaTed")

SPARE_SECONDS = 20.0  # of a function's time, kept to say what happened
# A job that compares lengths may ask as often as two workers: two jobs beside three workers stay below TED's limit.
JOB_SHARE = 2


@dataclass(frozen=True, slots=True)
class Clients:
    """What both functions reach out with, as their settings say."""

    settings: TransferSettings
    raw: Bucket
    queue: Queue
    source: Source


@cache
def clients_of(settings: TransferSettings, share: int = 1) -> Clients:
    """Make the clients, once per process: with them are kept the pace at the source and the memory of refusals."""
    s3 = boto3.client("s3")
    http = Http(settings.contact, settings.requests_per_minute * share)
    source = source_of(
        settings.source_url, http=http, s3=s3, package_path=settings.package_path, calendar_path=settings.calendar_path
    )
    queue = Queue(boto3.client("sqs"), settings.transfers_queue_url)
    return Clients(settings, Bucket(s3, settings.raw_bucket, settings.bucket_owner), queue, source)


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context
@metrics.log_metrics
def start_transfer_job(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Plan the due packages of a selection, and send those that the raw bucket lacks to the queue."""
    clients = clients_of(load(TransferSettings), JOB_SHARE)
    now = dt.datetime.now(dt.UTC)
    asked = JobInput.parse(event, now, clients.settings.start_year, besides="run")
    found = service.compare(clients.raw, clients.source, asked, now, seconds=_seconds(context))
    messages = found.messages
    service.forget_failures(clients.raw, [PackageId.parse(message["package_id"]) for message in messages])
    plan = Plan(tuple(found.packages), now, tuple(found.again))
    plan_key = plan.write(clients.raw, asked.run or str(uuid.uuid4()))
    sent = clients.queue.send(messages)
    counts = {"planned": len(plan.packages), "held": len(found.held), "sent": sent, "unchecked": found.unchecked}
    for name in ("planned", "held", "sent"):
        metrics.add_metric(name=f"Packages{name.title()}", unit=MetricUnit.Count, value=counts[name])
    if found.unchecked:
        logger.warning("held packages were not compared with the source", extra={"reason": found.refusal, **counts})
    logger.info("planned", extra={"plan_key": plan_key, "years": plan.years, **counts})
    return {"plan_key": plan_key, "years": plan.years, **counts}


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context
@metrics.log_metrics
def process_transfers(event: dict[str, Any], context: "LambdaContext") -> Any:
    """Transfer the packages that the messages name; those that failed are reported one by one."""
    clients = clients_of(load(TransferSettings))
    return process_partial_response(
        event=event,
        record_handler=lambda record: _process(record, clients, _seconds(context)),
        processor=BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False),
        context=context,
    )


def _process(record: "SQSRecord", clients: Clients, seconds: float) -> None:
    package: PackageId | None = None
    try:
        package, refresh = service.read_message(record.body)
        now = dt.datetime.now(dt.UTC)
        outcome = service.transfer(clients.raw, clients.source, package, refresh=refresh, now=now, seconds=seconds)
    except Exception as error:  # whatever it is, it is noted or delayed here, and raised
        _failed(record, clients, package, error)
        raise
    metrics.add_metric(name=f"Packages{outcome.status.title()}", unit=MetricUnit.Count, value=1)
    if outcome.status == "stored":
        metrics.add_metric(name="BytesStored", unit=MetricUnit.Bytes, value=outcome.size_bytes)
    logger.info(
        outcome.status,
        extra={"package_id": str(package), "size_bytes": outcome.size_bytes, "members": outcome.members},
    )


def _failed(record: "SQSRecord", clients: Clients, package: PackageId | None, error: Exception) -> None:
    attempt = int(record.attributes.approximate_receive_count)
    final = is_final(error, attempt, clients.settings.max_receive_count)
    pause = 0.0 if final else pause_seconds(error, attempt, random.random())  # noqa: S311 jitter, no secret
    logger.warning(
        "transfer failed",
        extra={
            "package_id": str(package), "error": type(error).__name__, "reason": str(error), "attempt": attempt,
            "final": final, "pause_seconds": round(pause),
        },
    )  # fmt: skip
    metrics.add_metric(name="TransferFailures", unit=MetricUnit.Count, value=1)
    if isinstance(error, RefusedByFirewall):
        metrics.add_metric(name="FirewallRefusals", unit=MetricUnit.Count, value=1)
    if final and package is not None:
        record_failure(clients.raw, Failure.of(package, "transfer", error, attempt, dt.datetime.now(dt.UTC)))
    clients.queue.hide(record.receipt_handle, pause)


def _seconds(context: "LambdaContext") -> float:
    return context.get_remaining_time_in_millis() / 1000 - SPARE_SECONDS
