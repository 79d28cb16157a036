"""What a function is told by its environment: typed, checked once at the start, all faults together.

`bucket_owner` is the account that the buckets must belong to.
"""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from runtime.errors import ConfigError

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class TransferSettings:
    """Environment of start_transfer_job and process_transfers."""

    raw_bucket: str
    transfers_queue_url: str
    contact: str
    source_url: str
    package_path: str
    calendar_path: str
    requests_per_minute: int
    start_year: int
    max_receive_count: int
    bucket_owner: str


@dataclass(frozen=True, slots=True)
class ExtractSettings:
    """Environment of start_extract_job and process_extractions."""

    raw_bucket: str
    extracted_bucket: str
    extractions_queue_url: str
    start_year: int
    max_receive_count: int
    bucket_owner: str


@dataclass(frozen=True, slots=True)
class RatesSettings:
    """Environment of mirror_rates."""

    raw_bucket: str
    extracted_bucket: str
    rates_url: str
    contact: str
    bucket_owner: str


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """Environment of the state machine's helpers."""

    raw_bucket: str
    extracted_bucket: str
    transfers_queue_url: str
    extractions_queue_url: str
    glue_database: str
    bucket_owner: str


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """Environment of the function that clears the sandbox."""

    glue_database: str
    days: int


def load(kind: type[S], environment: Mapping[str, str] = os.environ) -> S:
    """Read a settings class from the environment: the field `raw_bucket` from RAW_BUCKET, and so on.

    Raises
    ------
    ConfigError
        Variables are missing, or no numbers where numbers are due; all are named.
    """
    values: dict[str, str | int] = {}
    faults: list[str] = []
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        text = environment.get(field.name.upper(), "")
        if text and field.type is int:
            if text.isdigit():
                values[field.name] = int(text)
            else:
                faults.append(f"{field.name.upper()} is {text!r}: expected a whole number")
        elif text:
            values[field.name] = text
        else:
            faults.append(f"{field.name.upper()} is not set")
    if faults:
        raise ConfigError.of(faults, "the stacks set these variables: deploy again")
    return kind(**values)
