"""The mirror of the ECB's rates: asked once a day, proved, kept, and turned into the table."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from runtime.buckets import Bucket, MissingObject
from runtime.errors import CcaTedError, TerminalError
from runtime.keys import LUXEMBOURG, RATES_KEY, RATES_NOTE_KEY, reference_key
from runtime.rates.days import as_parquet
from runtime.rates.history import BadRates, History, check_against, read_history
from runtime.schema.tables import EXCHANGE_RATES

MOST_ZIP_BYTES = 8 << 20  # that of October 2026 has 0.64 MB


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What became of a look at the source.

    `status` is `stored` (a new file came), `unchanged` (the source has the same), `held` (it was asked today already),
    or `refused` (it was not reached, or what came is not to be trusted: `reason` says why, and what was held stays).
    `last_rate_date` is the newest day with a rate of what is held now, None where nothing is. `is_published` says that
    the table was written, which it is whenever it differs from what is held.
    """

    status: Literal["stored", "unchanged", "held", "refused"]
    reason: str
    last_rate_date: dt.date | None
    is_published: bool

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "status": self.status,
            "reason": self.reason,
            "last_rate_date": self.last_rate_date.isoformat() if self.last_rate_date else None,
            "is_published": self.is_published,
        }


def mirror(
    raw: Bucket,
    extracted: Bucket,
    fetch: Callable[[], bytes],
    url: str,
    now: dt.datetime,
    *,
    again: bool = False,
    accepts_moves: bool = False,
) -> Mirrored:
    """Look whether the source has newer rates, keep them where they are good, and bring the table up to what is held.

    The raw file and the table are one object each, written in one go: whoever reads sees the old one or the new one.

    Parameters
    ----------
    fetch : reads the source's file
    url : where from, for the metadata
    again : ask also where the source gave a good file today (in Luxembourg)
    accepts_moves : see `check_against`

    Raises
    ------
    TransientError, TerminalError
        A bucket could not be read or written. What is the matter with the source is told by the answer.
    """
    data, history = _held(raw)
    if history is not None and not again and _looked_on(raw) == _day(now):
        return Mirrored("held", "", history.last, _publish(extracted, history))
    try:
        came = fetch()
        newer = read_history(came)
        check_against(newer, history, accepts_moves=accepts_moves)
    except CcaTedError as error:
        kept = history.last if history else None
        return Mirrored("refused", error.message, kept, history is not None and _publish(extracted, history))
    if came != data:
        raw.put(RATES_KEY, came, metadata=_about(came, url, now), content_type="application/zip")
    raw.put_json(RATES_NOTE_KEY, {"looked_at": now.isoformat(timespec="seconds")})
    return Mirrored("unchanged" if came == data else "stored", "", newer.last, _publish(extracted, newer))


def _held(raw: Bucket) -> tuple[bytes, History | None]:
    """The file that is held; one that is missing or that somebody spoilt is as good as none."""
    try:
        data = raw.get(RATES_KEY)
        return data, read_history(data)
    except (MissingObject, BadRates):
        return b"", None


def _looked_on(raw: Bucket) -> dt.date | None:
    """Day of the last look that found a good file; a note that somebody spoilt is as good as none."""
    try:
        return _day(dt.datetime.fromisoformat(raw.get_json(RATES_NOTE_KEY)["looked_at"]))
    except (TerminalError, KeyError, TypeError, ValueError):
        return None


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(LUXEMBOURG).date()


def _about(data: bytes, url: str, now: dt.datetime) -> dict[str, str]:
    sha256 = hashlib.sha256(data).hexdigest()
    return {"sha256": sha256, "source-url": url, "fetched-at": now.isoformat(timespec="seconds")}


def _publish(extracted: Bucket, history: History) -> bool:
    """Write the table if it is not of these rates, or was made by other code; whether it was written."""
    key, data = reference_key(EXCHANGE_RATES.name), as_parquet(history)
    sha256 = hashlib.sha256(data).hexdigest()
    head = extracted.head(key)
    if head is not None and head.metadata.get("sha256") == sha256:
        return False
    extracted.put(key, data, metadata={"sha256": sha256}, content_type="application/vnd.apache.parquet")
    return True
