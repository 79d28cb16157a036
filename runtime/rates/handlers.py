"""Entry point of the mirror of exchange rates."""

import datetime as dt
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from runtime.buckets import Bucket
from runtime.http import Http
from runtime.settings import RatesSettings, load

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
tracer = Tracer()
metrics = Metrics(namespace="CcaTed")

SOURCE_SECONDS = 60.0  # for the source's file, of the function's time


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context
@metrics.log_metrics
def mirror_rates(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Bring the newest rates of the ECB, at most once a day unless `again`; `accepts_moves` of a person's own choice.

    A source that fails, or sends what is not to be trusted, is no error: `status` is then `refused`, and what was held
    stays.
    """
    from runtime.rates import service  # brings pyarrow along

    settings = load(RatesSettings)
    s3 = boto3.client("s3")
    raw, extracted = (
        Bucket(s3, name, settings.bucket_owner) for name in (settings.raw_bucket, settings.extracted_bucket)
    )
    http, url = Http(settings.contact), settings.rates_url
    found = service.mirror(
        raw, extracted, lambda: http.read(url, service.MOST_ZIP_BYTES, SOURCE_SECONDS), url, dt.datetime.now(dt.UTC),
        again=event.get("again") is True, accepts_moves=event.get("accepts_moves") is True,
    )  # fmt: skip
    answer = found.as_dict()
    metrics.add_metric(name="RatesRefused", unit=MetricUnit.Count, value=found.status == "refused")
    logger.info("mirrored rates", extra=answer)
    return answer
