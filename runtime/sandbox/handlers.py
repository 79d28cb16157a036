"""Entry point of the function that clears the sandbox: clock and client in, names out."""

import datetime as dt
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Tracer

from runtime.sandbox.expiry import drop_expired
from runtime.settings import SandboxSettings, load

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
tracer = Tracer()


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context
def expire(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Drop what has had its days; `dropped` names it."""
    settings = load(SandboxSettings)
    dropped = drop_expired(
        boto3.client("glue"), settings.glue_database, days=settings.days, now=dt.datetime.now(dt.UTC)
    )
    logger.info("expired", extra={"dropped": dropped, "days": settings.days})
    return {"dropped": dropped}
