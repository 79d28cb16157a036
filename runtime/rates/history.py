"""The history of the ECB's euro reference rates: how its file is read, and when it is not to be trusted.

Source: ECB, "Euro foreign exchange reference rates", eurofxref-hist.zip: one CSV with a row per working day, newest
first, a column per currency, units of it for one euro, and `N/A` where there is none. Its lines end with a comma.
"""

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from runtime.errors import TerminalError

MEMBER = "eurofxref-hist.csv"
MOST_CSV_BYTES = 20 << 20  # that of October 2026, after 27 years, has 1.9 MB
NO_RATE = ("N/A", "")

# The largest moves from one day to the next in 27 years: TRL by 68 % when it was set free in 2001, ISK by 35 % in 2008,
# TRY by 27 % in 2021. A slip of a digit moves a rate by 90 % or by 900 %.
MOST_MOVED = Decimal("0.4")
# Of a rate that is held already: the ECB corrects by hundredths, if at all.
MOST_REVISED = Decimal("0.05")
# The longest gap in the file is of five days (Easter, Christmas): what lasts longer than this is a hole, no holiday.
HOLIDAYS = dt.timedelta(days=7)

Quotes = Mapping[str, Mapping[dt.date, Decimal]]

_CURRENCY = re.compile(r"[A-Z]{3}")
_RATE = re.compile(r"\d{1,10}(\.\d{1,8})?", re.ASCII)
_NAMED = 5  # rates that an error names


class BadRates(TerminalError):
    """The bytes are not the file that the ECB publishes."""


class WorseRates(TerminalError):
    """The file is a good one, but lacks rates that the copy before has, or says something quite different."""


@dataclass(frozen=True, slots=True)
class History:
    """Rates by currency, then by day, days ascending: units of the currency for one euro. No day is without a rate."""

    quotes: Quotes

    @property
    def last(self) -> dt.date:
        """Newest day with a rate."""
        return max(max(days) for days in self.quotes.values())


def read_history(data: bytes) -> History:
    """Read the ECB's zip file.

    Raises
    ------
    BadRates
        It is no such file: no zip, cut off, another header, days out of order, something that is no rate.
    """
    rows = csv.reader(io.StringIO(_text_of(data)))
    header = next(rows, [])
    names = header[1:-1]
    if header[:1] != ["Date"] or header[-1:] != [""] or not names or not all(map(_CURRENCY.fullmatch, names)):
        raise BadRates(
            f"expected a header as in 'Date,USD,JPY,', with a comma at its end, got {','.join(header)[:80]!r}"
        )
    if len(set(names)) < len(names):
        raise BadRates(f"a currency stands twice in the header: {', '.join(names)}")
    newest_first = [_row(row, names, line) for line, row in enumerate(rows, 2) if row]
    for (newer, _), (older, _) in pairwise(newest_first):
        if newer <= older:
            raise BadRates(f"expected each day once and the newest first, got {older} below {newer}")
    quotes: dict[str, dict[dt.date, Decimal]] = {name: {} for name in names}
    for day, values in reversed(newest_first):
        for name, value in zip(names, values, strict=True):
            if value is not None:
                quotes[name][day] = value
    found = {name: days for name, days in quotes.items() if days}
    if not found:
        raise BadRates("expected rates, got a file without any")
    return History(found)


def check_against(new: History, old: History | None, *, accepts_moves: bool = False) -> None:
    """Refuse a file that is worse than the copy before: it lacks rates, or moves one by more than is plausible.

    Parameters
    ----------
    old : the copy before; without one, any good file will do
    accepts_moves : a person looked at the moves and found them right

    Raises
    ------
    WorseRates
        Up to five rates are named.
    """
    if old is None:
        return
    lost = [
        f"{name} of {day}" for name, days in old.quotes.items() for day in days if day not in new.quotes.get(name, {})
    ]
    if lost:
        raise WorseRates(f"{len(lost)} rates of the copy before are missing: {_named(lost)}")
    if not accepts_moves and (moved := list(_moves(new, old))):
        raise WorseRates(
            f"{len(moved)} rates moved by more than {MOST_REVISED:.0%} (held ones) or {MOST_MOVED:.0%} (new ones): "
            f"{_named(moved)}. If the ECB says the same on its site: ted rates --accept-moves"
        )


def _moves(new: History, old: History) -> Iterator[str]:
    """Rates that moved too far: held ones against themselves, new ones against those of the working day before."""
    for name, days in new.quotes.items():
        held = old.quotes.get(name, {})
        for before, day in pairwise([dt.date.min, *days]):
            rate = days[day]
            if day in held:
                base, most = held[day], MOST_REVISED
            elif day - before <= HOLIDAYS:
                base, most = days[before], MOST_MOVED
            else:
                continue
            if abs(rate - base) > base * most:
                yield f"{name} of {day} is {rate}, expected about {base}"


def _text_of(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.namelist() != [MEMBER]:
                raise BadRates(f"expected a zip with {MEMBER} alone, got {', '.join(archive.namelist()[:_NAMED])!r}")
            size = archive.getinfo(MEMBER).file_size
            if size > MOST_CSV_BYTES:
                raise BadRates(f"{MEMBER} has {size:,} bytes, more than the {MOST_CSV_BYTES:,} that make sense")
            return archive.read(MEMBER).decode("ascii")
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError, RuntimeError) as error:
        raise BadRates(
            f"expected a whole zip file, got {len(data):,} bytes that begin with {data[:16]!r}: {error}"
        ) from error


def _row(row: list[str], names: list[str], line: int) -> tuple[dt.date, list[Decimal | None]]:
    if len(row) != len(names) + 2 or row[-1]:
        raise BadRates(
            f"line {line}: expected a day and {len(names)} rates, with a comma at the end, got {len(row)} cells"
        )
    try:
        day = dt.date.fromisoformat(row[0])
    except ValueError as error:
        raise BadRates(f"line {line}: expected a day as in 2026-10-30, got {row[0]!r}") from error
    return day, [_rate(text, name, day) for name, text in zip(names, row[1:-1], strict=True)]


def _rate(text: str, name: str, day: dt.date) -> Decimal | None:
    if text in NO_RATE:
        return None
    if not _RATE.fullmatch(text) or not (value := Decimal(text)):
        raise BadRates(f"{name} of {day}: expected a rate above zero or N/A, got {text!r}")
    return value


def _named(faults: list[str]) -> str:
    return "; ".join(faults[:_NAMED]) + (", …" if len(faults) > _NAMED else "")
