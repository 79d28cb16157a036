"""Entry points of extraction: events in, services called, answers out."""

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from runtime.buckets import Bucket
from runtime.extract import jobs
from runtime.job_input import JobInput
from runtime.queues import Queue
from runtime.settings import ExtractSettings, load

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
tracer = Tracer()
metrics = Metrics(namespace="CcaTed")


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context
@metrics.log_metrics
def start_extract_job(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Send a message for every held package asked for that is not current, or, to refresh them, for every one.

    `due_for_merge` in the answer are the years whose rows may change by it: merge them when the queue is empty.
    `not_held` are packages that were named, but have to be transferred first.
    """
    settings = load(ExtractSettings)
    asked = JobInput.parse(event, dt.datetime.now(dt.UTC), settings.start_year, besides="plan_key")
    s3 = boto3.client("s3")
    raw, extracted = (
        Bucket(s3, name, settings.bucket_owner) for name in (settings.raw_bucket, settings.extracted_bucket)
    )
    packages, not_held = jobs.packages_to_extract(raw, extracted, asked)
    queue = Queue(boto3.client("sqs"), settings.extractions_queue_url)
    sent = queue.send([jobs.message_of(package, refresh=asked.refresh) for package in packages])
    metrics.add_metric(name="ExtractionsRequested", unit=MetricUnit.Count, value=sent)
    answer = {
        "sent": sent,
        "due_for_merge": sorted({package.year for package in packages}),
        "not_held": [str(package) for package in not_held],
    }
    logger.info("extractions requested", extra=answer)
    return answer


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context
@metrics.log_metrics
def process_extractions(event: dict[str, Any], context: "LambdaContext") -> "PartialItemFailureResponse":
    """Extract the packages that the messages name; a message that fails comes again, alone."""
    settings = load(ExtractSettings)
    s3 = boto3.client("s3")
    raw, extracted = (
        Bucket(s3, name, settings.bucket_owner) for name in (settings.raw_bucket, settings.extracted_bucket)
    )
    handle = partial(_extract, raw=raw, extracted=extracted, settings=settings)
    # A whole batch that fails is reported message by message, too.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, handle, processor, context)


def _extract(record: "SQSRecord", *, raw: Bucket, extracted: Bucket, settings: ExtractSettings) -> None:
    """Extract the packages that one message names."""
    from runtime.extract.service import extract_or_record  # brings lxml and pyarrow along

    attempts = int(record.attributes.approximate_receive_count)
    is_last_attempt = attempts >= settings.max_receive_count
    packages, refresh = jobs.read_message(record.json_body)
    for package in packages:
        manifest = extract_or_record(
            package, raw, extracted, refresh=refresh, is_last_attempt=is_last_attempt, attempts=attempts
        )
        if manifest is None:
            logger.info("current already", extra={"package_id": str(package)})
            continue
        counts = {"members": manifest.members, "notices": manifest.notices, "quarantined": manifest.quarantined}
        logger.info("extracted", extra={"package_id": str(package), **counts, "seconds": manifest.duration_seconds})
        metrics.add_metric(name="NoticesExtracted", unit=MetricUnit.Count, value=manifest.notices)
        metrics.add_metric(name="MembersQuarantined", unit=MetricUnit.Count, value=manifest.quarantined)
