"""From days with a rate to all calendar days, so that a join needs no more than equality."""

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from runtime.rates.fixed import EURO, FIRST_DAY, IRREVOCABLE, NEW_UNITS
from runtime.rates.history import HOLIDAYS, History, Quotes
from runtime.schema.arrow import arrow_schema
from runtime.schema.tables import EXCHANGE_RATES

_DAY = dt.timedelta(days=1)
_EPOCH = dt.date(1970, 1, 1).toordinal()  # of Arrow's dates


class Span(NamedTuple):
    """Days in a row on which a currency has one rate; a row of the table for each."""

    currency: str
    first: dt.date
    last: dt.date
    units_per_eur: Decimal
    source: str
    method: str


def spans(history: History) -> Iterator[Span]:
    """Give every currency its rate of each calendar day that it has one for, by currency and day ascending.

    What the clock says does not matter: the ECB's currencies end seven days after their last rate, the euro and what
    was replaced by it at the end of the year after the newest rate of all.
    """
    end = dt.date(history.last.year + 1, 12, 31)
    fixed = {name: (*since, "irrevocable") for name, since in IRREVOCABLE.items()}
    fixed[EURO] = FIRST_DAY, Decimal(1), "identity"
    quotes = _with_old_units(history.quotes)
    for currency in sorted({*quotes, *fixed}):
        since = fixed[currency][0] if currency in fixed else dt.date.max
        yield from _carried(
            currency, {day: rate for day, rate in quotes.get(currency, {}).items() if day < since}, since
        )
        if currency in fixed:
            _, units, method = fixed[currency]
            yield Span(currency, since, end, units, "fixed", method)


def _with_old_units(quotes: Quotes) -> Quotes:
    """Let a currency that got a new unit go on at the rate of the new one: notices name it still."""
    found = dict(quotes)
    for old, (new, since, ratio) in NEW_UNITS.items():
        later = {day: rate * ratio for day, rate in quotes.get(new, {}).items() if day >= since}
        if later:
            found[old] = {day: rate for day, rate in quotes.get(old, {}).items() if day < since} | later
    return found


def _carried(currency: str, quotes: Mapping[dt.date, Decimal], before: dt.date) -> Iterator[Span]:
    """Each rate of one currency on its day, then on the days up to the next one, seven at most, and before a day."""
    for day, following in pairwise([*quotes, before]):
        yield Span(currency, day, day, quotes[day], "ecb", "daily")
        last = min(day + HOLIDAYS, following - _DAY)
        if last > day:
            yield Span(currency, day + _DAY, last, quotes[day], "ecb", "carried")


def as_parquet(history: History) -> bytes:
    """Write the table `exchange_rates`: the same history gives the same bytes."""
    found = list(spans(history))
    days: list[int] = []
    numbers: list[int] = []  # of the span that a day is of
    for number, span in enumerate(found):
        first, last = span.first.toordinal(), span.last.toordinal()
        days += range(first - _EPOCH, last - _EPOCH + 1)
        numbers += [number] * (last - first + 1)
    schema = arrow_schema(EXCHANGE_RATES)
    taken = pa.array(numbers, pa.int32())
    columns = {
        name: pa.array([getattr(span, name) for span in found], schema.field(name).type).take(taken)
        for name in ("currency", "units_per_eur", "source", "method")
    }
    columns["rate_date"] = pa.array(days, pa.int32()).cast(pa.date32())
    out = io.BytesIO()
    table = pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()
