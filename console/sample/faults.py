"""What can go wrong at a publisher, as values: which, how often, how badly."""

from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "challenge",  # the firewall: 202, no body, x-amzn-waf-action
    "missing",  # 404
    "rate-limit",  # 429 with Retry-After
    "error",  # 500, with Retry-After where `retry_after` is set
    "slow",  # the body in `pieces` with `seconds` in between
    "cut",  # the connection ends after `share` of the body
    "too-short",  # Content-Length and body agree, but are `share` of the package
    "wrong-length",  # Content-Length says more than ever comes
    "web-page",  # 200 and HTML
    "empty",  # 200, Content-Length 0
    "not-gzip",  # 200 and bytes that are no archive
    "spoilt",  # the right length, one byte in the middle turned
    "other",  # 200 and the package of `instead`
    "no-length",  # a good answer in chunks, without Content-Length
]


@dataclass(slots=True)
class Fault:
    """One way to misbehave; `times` counts the answers it still spoils, None for all to come."""

    kind: FaultKind
    times: int | None = None
    retry_after: str = ""
    share: float = 0.5
    pieces: int = 20
    seconds: float = 0.01
    instead: bytes = b""
