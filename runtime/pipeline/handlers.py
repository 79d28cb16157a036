"""Entry points of the state machine's helpers: events in, services called, answers out."""

import datetime as dt
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from runtime.buckets import Bucket
from runtime.ledger import Plan, read_ledger
from runtime.merge.catalog import Catalog
from runtime.pipeline import progress, reconciliation
from runtime.pipeline.completeness import check_completeness
from runtime.queues import Queue
from runtime.settings import PipelineSettings, load

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
tracer = Tracer()
metrics = Metrics(namespace="CcaTed")


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context
def check_progress(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer how far the plan `plan_key` has come; `idle` is carried from one check to the next."""
    settings = load(PipelineSettings)
    sqs = boto3.client("sqs")
    s3 = boto3.client("s3")
    raw, extracted = (
        Bucket(s3, name, settings.bucket_owner) for name in (settings.raw_bucket, settings.extracted_bucket)
    )
    result = progress.check_progress(
        Plan.read(raw, event["plan_key"]),
        raw=raw,
        extracted=extracted,
        transfers=Queue(sqs, settings.transfers_queue_url).depth,
        extractions=Queue(sqs, settings.extractions_queue_url).depth,
        idle=int(event.get("idle", 0)),
    )
    answer = {"plan_key": event["plan_key"], **result.as_dict()}
    logger.info("progress", extra={key: value for key, value in answer.items() if key != "dead"})
    return answer


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context
@metrics.log_metrics
def reconcile(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Compare what was planned, kept, extracted and published; `problems` is empty when nothing was lost."""
    settings = load(PipelineSettings)
    s3 = boto3.client("s3")
    raw, extracted = (
        Bucket(s3, name, settings.bucket_owner) for name in (settings.raw_bucket, settings.extracted_bucket)
    )
    plan = Plan.read(raw, event["plan_key"])
    ledger = read_ledger(raw, extracted, plan.years)
    report = reconciliation.reconcile(
        plan,
        ledger=ledger,
        extracted=extracted,
        located=Catalog(boto3.client("glue"), settings.glue_database).location,
        dead={entry["package_id"]: entry["reason"] for entry in event.get("dead", ())},
        failed_merges={
            merge["year"]: reconciliation.merge_error(merge["error"])
            for merge in event.get("merges", ())
            if merge.get("error")
        },
        rates=event.get("rates", {}),
        stale={each["data_set"]: each["error"] for each in event.get("data_sets", ()) if each.get("error")},
        completeness=check_completeness(raw, ledger, plan.years, dt.datetime.now(dt.UTC)),
    )
    metrics.add_metric(name="PackagesMissing", unit=MetricUnit.Count, value=len(report.missing))
    metrics.add_metric(name="MembersQuarantined", unit=MetricUnit.Count, value=report.totals["quarantined"])
    metrics.add_metric(name="NoticesPublished", unit=MetricUnit.Count, value=report.totals["published"])
    logger.info("reconciled", extra={"totals": report.totals, "problems": report.problems})
    return report.as_dict()
