"""Unit tests talk to no network: clients get made-up credentials and a region."""

import functools
import os
from typing import Any

import boto3
import botocore.session
import moto.core.utils
import pytest

# moto forgets the default session after each test, and with it what botocore read of each service: 60 ms a client.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)
# A queue asks for fifteen of its attributes by name whenever one is read.
moto.core.utils.camelcase_to_underscores = functools.cache(moto.core.utils.camelcase_to_underscores)

_made: dict[tuple[object, ...], Any] = {}
_make = boto3.client


def _shared_client(*given: Any, **options: Any) -> Any:
    """A client for all tests that ask for the same one beside the same variables; to make it takes 16 ms."""
    variables = sorted(each for each in os.environ.items() if each[0].startswith("AWS_"))
    key = (given, repr(sorted(options.items())), *variables)
    if key not in _made:
        _made[key] = _make(*given, **options)
    return _made[key]


boto3.client = _shared_client


@pytest.fixture(autouse=True)
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "1")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "CcaTed")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "test")
