"""What a function is told by its environment: typed, checked once at the start, all faults together.

`bucket_owner` is the account that the buckets must belong to; empty leaves that unchecked.
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
    source_url: str = "https://ted.europa.eu"
    package_path: str = "/packages/daily/{year}{issue:05d}"
    calendar_path: str = "/en/release-calendar/-/download/file/CSV/{year}"
    requests_per_minute: int = 80
    start_year: int = 2011
    max_receive_count: int = 5
    bucket_owner: str = ""


@dataclass(frozen=True, slots=True)
class ExtractSettings:
    """Environment of start_extract_job and process_extractions.

    What a package may be (`max_member_bytes` and so on) is `runtime.extract.package.Limits`.
    """

    raw_bucket: str
    extracted_bucket: str
    extractions_queue_url: str
    start_year: int = 2011
    max_receive_count: int = 5
    bucket_owner: str = ""
    max_member_bytes: int = 32 * 1024**2
    max_unpacked_bytes: int = 8 * 1024**3
    max_members: int = 200_000
    max_ratio: int = 200
    max_depth: int = 2


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """Environment of the state machine's helpers."""

    raw_bucket: str
    extracted_bucket: str
    transfers_queue_url: str
    extractions_queue_url: str
    glue_database: str
    bucket_owner: str = ""


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
        elif field.default is dataclasses.MISSING:
            faults.append(f"{field.name.upper()} is not set")
    if faults:
        raise ConfigError.of(faults, "the stacks set these variables: deploy again")
    return kind(**values)
