"""The functions that DuckDB answers as Trino does: their types, and what each is in DuckDB.

A line is `name(types) -> type: DuckDB's expression`; {0} is the first argument. Where DuckDB has no function that does
the same, the expression calls one of Python's below, or a macro. What is not listed is refused, and so is what depends
on the last digit of a float (`stddev`, `exp`) or on a sketch (`approx_distinct`): two engines differ there by right.
"""

import datetime as dt
import json
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from console.aws.athena import types
from console.aws.athena.values import double_text

_EXACT = Context(prec=120)
_SCALARS = r"""
length(varchar) -> bigint: length({0})
lower(varchar) -> varchar: CASE WHEN strlen({0}) = length({0}) THEN lower({0}) ELSE py_lower({0}) END
upper(varchar) -> varchar: CASE WHEN strlen({0}) = length({0}) THEN upper({0}) ELSE py_upper({0}) END
substr(varchar, bigint) -> varchar: trino_substr({0}, {1})
substr(varchar, bigint, bigint) -> varchar: trino_substr_for({0}, {1}, {2})
substring(varchar, bigint) -> varchar: trino_substr({0}, {1})
substring(varchar, bigint, bigint) -> varchar: trino_substr_for({0}, {1}, {2})
strpos(varchar, varchar) -> bigint: strpos({0}, {1})
starts_with(varchar, varchar) -> boolean: starts_with({0}, {1})
replace(varchar, varchar) -> varchar: py_replace({0}, {1}, '')
replace(varchar, varchar, varchar) -> varchar: py_replace({0}, {1}, {2})
reverse(varchar) -> varchar: py_reverse({0})
trim(varchar) -> varchar: py_trim({0})
ltrim(varchar) -> varchar: py_ltrim({0})
rtrim(varchar) -> varchar: py_rtrim({0})
chr(bigint) -> varchar: chr(CAST({0} AS INTEGER))
split(varchar, varchar) -> array(varchar): trino_split({0}, {1})
split_part(varchar, varchar, bigint) -> varchar: trino_split_part({0}, {1}, {2})
levenshtein_distance(varchar, varchar) -> bigint: py_levenshtein({0}, {1})
soundex(varchar) -> varchar: py_soundex({0})
json_extract_scalar(varchar, varchar) -> varchar: py_json_scalar({0}, {1})
abs(tinyint) -> tinyint: abs({0})
abs(smallint) -> smallint: abs({0})
abs(integer) -> integer: abs({0})
abs(bigint) -> bigint: abs({0})
abs(double) -> double: abs({0})
floor(integer) -> integer: {0}
floor(bigint) -> bigint: {0}
floor(double) -> double: floor({0})
ceil(integer) -> integer: {0}
ceil(bigint) -> bigint: {0}
ceil(double) -> double: ceil({0})
ceiling(integer) -> integer: {0}
ceiling(bigint) -> bigint: {0}
ceiling(double) -> double: ceil({0})
round(integer) -> integer: {0}
round(bigint) -> bigint: {0}
round(integer, integer) -> integer: {0}
round(bigint, integer) -> bigint: {0}
round(double) -> double: round({0})
round(double, integer) -> double: round({0}, {1})
sign(integer) -> integer: CAST(sign({0}) AS INTEGER)
sign(bigint) -> bigint: CAST(sign({0}) AS BIGINT)
sign(double) -> double: CAST(sign({0}) AS DOUBLE)
sqrt(double) -> double: CASE WHEN {0} < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt({0}) END
mod(tinyint, tinyint) -> tinyint: {0} % {1}
mod(smallint, smallint) -> smallint: {0} % {1}
mod(integer, integer) -> integer: {0} % {1}
mod(bigint, bigint) -> bigint: {0} % {1}
pi() -> double: pi()
date(varchar) -> date: py_date({0})
date(timestamp(6)) -> date: CAST({0} AS DATE)
year(timestamp(6)) -> bigint: CAST(year({0}) AS BIGINT)
quarter(timestamp(6)) -> bigint: CAST(quarter({0}) AS BIGINT)
month(timestamp(6)) -> bigint: CAST(month({0}) AS BIGINT)
week(timestamp(6)) -> bigint: CAST(week({0}) AS BIGINT)
week_of_year(timestamp(6)) -> bigint: CAST(week({0}) AS BIGINT)
year_of_week(timestamp(6)) -> bigint: CAST(isoyear({0}) AS BIGINT)
yow(timestamp(6)) -> bigint: CAST(isoyear({0}) AS BIGINT)
day(timestamp(6)) -> bigint: CAST(day({0}) AS BIGINT)
day_of_month(timestamp(6)) -> bigint: CAST(day({0}) AS BIGINT)
day_of_week(timestamp(6)) -> bigint: CAST(isodow({0}) AS BIGINT)
dow(timestamp(6)) -> bigint: CAST(isodow({0}) AS BIGINT)
day_of_year(timestamp(6)) -> bigint: CAST(dayofyear({0}) AS BIGINT)
doy(timestamp(6)) -> bigint: CAST(dayofyear({0}) AS BIGINT)
last_day_of_month(timestamp(6)) -> date: CAST(last_day({0}) AS DATE)
from_iso8601_date(varchar) -> date: py_iso_date({0})
from_iso8601_timestamp(varchar) -> timestamp(3) with time zone: py_iso_timestamp({0})
to_iso8601(date) -> varchar: CAST({0} AS VARCHAR)
to_unixtime(timestamp(6)) -> double: CAST(epoch_us({0}) AS DOUBLE) / 1000000
cardinality(array(T)) -> bigint: CAST(len({0}) AS BIGINT)
element_at(array(T), bigint) -> T: trino_element_at({0}, {1})
contains(array(T), T) -> boolean: trino_contains({0}, {1})
array_join(array(varchar), varchar) -> varchar: trino_array_join({0}, {1})
array_max(array(T)) -> T: CASE WHEN len(list_filter({0}, lambda z: z IS NULL)) = 0 THEN list_max({0}) END
array_min(array(T)) -> T: CASE WHEN len(list_filter({0}, lambda z: z IS NULL)) = 0 THEN list_min({0}) END
array_sort(array(T)) -> array(T): list_sort({0}, 'ASC', 'NULLS LAST')
array_position(array(T), T) -> bigint: trino_array_position({0}, {1})
concat(array(T), array(T)) -> array(T): trino_concat_arrays({0}, {1})
sequence(bigint, bigint) -> array(bigint): trino_sequence({0}, {1})
"""
# Of an aggregate, {0} and further are its arguments, and {more} its DISTINCT, ORDER BY and the like.
_AGGREGATES = r"""
count(T) -> bigint: count({distinct}{0})
count_if(boolean) -> bigint: count(CASE WHEN {0} THEN 1 END)
sum(tinyint) -> bigint: CAST(sum({distinct}{0}) AS BIGINT)
sum(smallint) -> bigint: CAST(sum({distinct}{0}) AS BIGINT)
sum(integer) -> bigint: CAST(sum({distinct}{0}) AS BIGINT)
sum(bigint) -> bigint: CAST(sum({distinct}{0}) AS BIGINT)
sum(double) -> double: sum({distinct}{0})
avg(bigint) -> double: avg({distinct}{0})
avg(double) -> double: avg({distinct}{0})
min(T) -> T: min({0})
max(T) -> T: max({0})
min_by(T, U) -> T: arg_min_null({0}, {1})
max_by(T, U) -> T: arg_max_null({0}, {1})
arbitrary(T) -> T: any_value({0})
bool_and(boolean) -> boolean: bool_and({0})
bool_or(boolean) -> boolean: bool_or({0})
every(boolean) -> boolean: bool_and({0})
array_agg(T) -> array(T): array_agg({distinct}{0}{order})
listagg(varchar) -> varchar: string_agg({distinct}{0}, ''{order})
listagg(varchar, varchar) -> varchar: string_agg({distinct}{0}, {1}{order})
"""
_WINDOWS = r"""
row_number() -> bigint: row_number()
rank() -> bigint: rank()
dense_rank() -> bigint: dense_rank()
percent_rank() -> double: percent_rank()
cume_dist() -> double: cume_dist()
ntile(bigint) -> bigint: ntile({0})
first_value(T) -> T: first_value({0}{nulls})
last_value(T) -> T: last_value({0}{nulls})
nth_value(T, bigint) -> T: nth_value({0}, {1}{nulls})
lag(T) -> T: lag({0}{nulls})
lag(T, bigint) -> T: lag({0}, {1}{nulls})
lag(T, bigint, T) -> T: lag({0}, {1}, {2}{nulls})
lead(T) -> T: lead({0}{nulls})
lead(T, bigint) -> T: lead({0}, {1}{nulls})
lead(T, bigint, T) -> T: lead({0}, {1}, {2}{nulls})
"""
_MACROS = """
trino_substr(x, s) AS CASE WHEN s = 0 OR -s > length(x) THEN '' ELSE substr(x, s) END;
trino_substr_for(x, s, n) AS CASE WHEN s IS NULL OR n IS NULL THEN NULL
  WHEN s = 0 OR -s > length(x) OR n <= 0 THEN CASE WHEN x IS NOT NULL THEN '' END
  ELSE substr(x, CASE WHEN s < 0 THEN length(x) + s + 1 ELSE s END, n) END;
trino_split(x, d) AS CASE
  WHEN d = '' THEN error('INVALID_FUNCTION_ARGUMENT: The delimiter may not be the empty string')
  ELSE string_split(x, d) END;
trino_split_part(x, d, n) AS CASE
  WHEN n <= 0 THEN error('INVALID_FUNCTION_ARGUMENT: Index must be greater than zero')
  WHEN d = '' THEN error('INVALID_FUNCTION_ARGUMENT: The delimiter may not be the empty string')
  ELSE string_split(x, d)[n] END;
trino_element_at(a, n) AS CASE
  WHEN n = 0 THEN error('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') ELSE a[n] END;
trino_subscript(a, n) AS CASE WHEN a IS NULL OR n IS NULL THEN NULL
  WHEN n = 0 THEN error('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1')
  WHEN n < 0 THEN error('INVALID_FUNCTION_ARGUMENT: Array subscript is negative: ' || n)
  WHEN n > len(a) THEN error('INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: '
    || n || ' > ' || len(a))
  ELSE a[n] END;
trino_contains(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL WHEN list_contains(a, x) THEN true
  WHEN len(list_filter(a, lambda z: z IS NULL)) > 0 THEN NULL ELSE false END;
trino_array_position(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL ELSE coalesce(list_position(a, x), 0) END;
trino_array_join(a, d) AS CASE WHEN a IS NULL OR d IS NULL THEN NULL
  ELSE coalesce(array_to_string(list_filter(a, lambda z: z IS NOT NULL), d), '') END;
trino_concat_arrays(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE list_concat(a, b) END;
trino_sequence(a, b) AS CASE WHEN a <= b THEN generate_series(a, b) ELSE generate_series(a, b, -1) END
"""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives, and its expression in DuckDB; T and U stand for any type."""

    name: str
    takes: tuple[str, ...]
    gives: str
    expression: str

    def bind(self, kinds: list[str]) -> tuple[list[str], str] | None:
        """What arguments of these types are turned into, and the type of the result; None where they do not fit."""
        if len(kinds) != len(self.takes):
            return None
        bound: dict[str, str] = {}
        for kind, wanted in zip(kinds, self.takes, strict=True):
            variable = types.element(wanted) or wanted
            if variable in ("T", "U"):
                inner = (
                    (types.element(kind) or ("unknown" if kind == "unknown" else None)) if wanted != variable else kind
                )
                found = types.common(bound.get(variable, "unknown"), inner) if inner else None
                if found is None:
                    return None
                bound[variable] = found
            elif not types.can_become(kind, wanted):
                return None
        return [_filled(each, bound) for each in self.takes], _filled(self.gives, bound)


def _filled(kind: str, bound: dict[str, str]) -> str:
    inner = types.element(kind)
    return f"array({_filled(inner, bound)})" if inner else bound.get(kind, kind)


def _read(text: str) -> dict[str, list[Signature]]:
    found: dict[str, list[Signature]] = {}
    for line in text.strip().splitlines():
        match = re.fullmatch(r"(\w+)\((.*?)\) -> ([^:]+): (.*)", line)
        if match is None:
            raise ValueError(line)
        takes = tuple(each for each in match[2].split(", ") if each)
        found.setdefault(match[1], []).append(Signature(match[1], takes, match[3], match[4]))
    return found


# Functions of Trino 476, with the release that brought them, that Athena is not known to have. Athena's page of
# functions (athena/latest/ug/functions-env3.html) names chapters of Trino's documentation, no function and no release;
# engine-versions-reference-0003.html names those that came with the engine in October 2022, before Trino 405, and none
# of these. Source: Trino's release notes, where each name was looked up that an older list of its functions lacks.
NEWER = {
    "any_value": 420, "array_histogram": 419, "bitwise_xor_agg": 447, "cosine_distance": 452, "dot_product": 452,
    "euclidean_distance": 452, "exclude_columns": 412, "quantile_at_value": 411, "sinh": 411, "t_cdf": 451,
    "t_pdf": 451, "timezone": 463,
}  # fmt: skip
SCALARS, AGGREGATES, WINDOWS = _read(_SCALARS), _read(_AGGREGATES), _read(_WINDOWS)


@cache
def names() -> frozenset[str]:
    """Names of the functions that Athena has: those of a Trino server, less what is newer than Athena's pages."""
    return frozenset(Path(__file__).with_name("functions.txt").read_text(encoding="utf-8").split())


# What DuckDB lacks, in Python. Each gets no NULL and gives none unless it says so.


def lower(text: str) -> str:
    """Small letters, letter by letter: a letter whose small form is longer than one stays (Java's rule)."""
    return "".join("i" if each == "İ" else low if len(low := each.lower()) == 1 else each for each in text)


def upper(text: str) -> str:
    """Capitals, letter by letter: ß has none."""
    return "".join(_capital(each) for each in text)


def _capital(letter: str) -> str:
    return next((each for each in (letter.upper(), letter.title()) if len(each) == 1), letter)


# The whitespace that Trino trims: not the no-break spaces.
_BLANKS = "".join(
    chr(code) for code in (*range(9, 14), *range(28, 33), 0x1680, *range(0x2000, 0x2007), *range(0x2008, 0x200B),
                           0x2028, 0x2029, 0x205F, 0x3000)
)  # fmt: skip


def _replaced(text: str, wanted: str, by: str) -> str:
    return text.replace(wanted, by) if wanted else by + "".join(each + by for each in text)


def _levenshtein(left: str, right: str) -> int:
    row = list(range(len(right) + 1))
    for n, a in enumerate(left, 1):
        last, row[0] = row[0], n
        for m, b in enumerate(right, 1):
            last, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, last + (a != b))
    return row[-1]


_SOUNDS = {
    letter: digit for digit, letters in enumerate(("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"), 1) for letter in letters
}


def _soundex(text: str) -> str:
    letters = [each for each in text.upper() if each.isalpha()]
    if any(each not in string.ascii_uppercase for each in letters):
        raise ValueError("INVALID_FUNCTION_ARGUMENT: The character is not mapped")
    if not letters:
        return ""
    code, last = letters[0], _SOUNDS.get(letters[0])
    for letter in letters[1:]:
        sound = _SOUNDS.get(letter)
        if sound and sound != last:
            code += str(sound)
        if letter not in "HW":
            last = sound
    return f"{code[:4]:0<4}"


def _json_scalar(text: str, path: str) -> str | None:
    """May give None: there is no such value, or it is no scalar, or the text is no JSON."""
    steps = json_path(path)
    if steps is None:
        raise ValueError(f"INVALID_FUNCTION_ARGUMENT: Invalid JSON path: '{path}'")
    try:
        value = json.loads(text, parse_float=str, parse_int=str)
        for step in steps:
            if isinstance(step, int) != isinstance(value, list):
                return None
            value = value[step]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else None


def json_path(path: str) -> list[str | int] | None:
    """The steps of a plain JSON path, as in `$.a[0]`; None for any other."""
    if not re.fullmatch(r"\$(\.[A-Za-z_]\w*|\[\d+\]|\[\"[^\"\\]*\"\])*", path):
        return None
    found = re.findall(r"\.(\w+)|\[(\d+)\]|\[\"([^\"]*)\"\]", path)
    return [int(number) if number else name or quoted for name, number, quoted in found]


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\s*[+-]?\d+\s*", text) else None


def _floating(text: str) -> float | None:
    match = re.fullmatch(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?NaN|[+-]?Infinity)[dDfF]?\s*", text)
    return float(match[1]) if match else None


def _decimal_of(precision: int, scale: int) -> Callable[[str], Decimal | None]:
    def read(text: str) -> Decimal | None:
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
            return None
        value = _rounded(Decimal(text), scale)
        return value if abs(value) < Decimal(10) ** (precision - scale) else None

    return read


def _rounded(value: Decimal, scale: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _EXACT)


def _boolean(text: str) -> bool | None:
    return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}.get(text.lower())


def read_date(text: str) -> dt.date | None:
    """A day as CAST reads it; None where it is none."""
    match = re.fullmatch(r"\s*\+?(\d{1,4})-(\d{1,2})-(\d{1,2})\s*", text)
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def read_timestamp(text: str) -> dt.datetime | None:
    """A time as CAST reads it; None where it is none or is not read here."""
    match = re.fullmatch(
        r"(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,3}))?)?)?", text.strip()
    )
    try:
        if match is None:
            return None
        *parts, fraction = match.groups()
        year, month, day, hour, minute, second = (int(each or 0) for each in parts)
        micro = int(f"{fraction or 0:0<6}")
        return dt.datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001 Trino's has no zone
    except ValueError:
        return None


def _iso_date(text: str) -> dt.date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(f"NOT_SUPPORTED: DuckDB does not read the day {text!r} here: ted local up --sql trino")
    return dt.date.fromisoformat(text)


def _iso_timestamp(text: str) -> dt.datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z?)?", text):
        raise ValueError(f"NOT_SUPPORTED: DuckDB does not read the time {text!r} here: ted local up --sql trino")
    return dt.datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=dt.UTC)


def _months_between(earlier: dt.datetime, later: dt.datetime) -> int:
    """Whole months; the last day of a month counts as the end of any other."""
    if later < earlier:
        return -_months_between(later, earlier)
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    last = ((later + dt.timedelta(days=1)).month != later.month) and later.day < earlier.day
    rest_later = (later.day, later.time())
    rest_earlier = (later.day if last else earlier.day, earlier.time())
    return months - (rest_later < rest_earlier)


def _plain_double(value: float) -> str:
    """A double as CAST writes it: always with an exponent."""
    shown = double_text(value)
    if "E" in shown or not shown[-1].isdigit():
        return shown
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    if value == 0:
        return "-0.0E0" if sign else "0.0E0"
    text = "".join(map(str, digits)).rstrip("0") or "0"
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{len(digits) - 1 + int(exponent)}"


def _divided(scale: int) -> Callable[[Decimal, Decimal], Decimal]:
    def divide(left: Decimal, right: Decimal) -> Decimal:
        if right == 0:
            raise ValueError("DIVISION_BY_ZERO: Division by zero")
        return _rounded(_EXACT.divide(left, right), scale)

    return divide


def _remainder(scale: int) -> Callable[[Decimal, Decimal], Decimal]:
    def remain(left: Decimal, right: Decimal) -> Decimal:
        if right == 0:
            raise ValueError("DIVISION_BY_ZERO: Division by zero")
        return _rounded(_EXACT.remainder(left, right), scale)

    return remain


_PYTHON: dict[str, tuple[Callable[..., Any], list[str], str]] = {
    "py_lower": (lower, ["VARCHAR"], "VARCHAR"),
    "py_upper": (upper, ["VARCHAR"], "VARCHAR"),
    "py_replace": (_replaced, ["VARCHAR"] * 3, "VARCHAR"),
    "py_reverse": (lambda text: text[::-1], ["VARCHAR"], "VARCHAR"),
    "py_trim": (lambda text: text.strip(_BLANKS), ["VARCHAR"], "VARCHAR"),
    "py_ltrim": (lambda text: text.lstrip(_BLANKS), ["VARCHAR"], "VARCHAR"),
    "py_rtrim": (lambda text: text.rstrip(_BLANKS), ["VARCHAR"], "VARCHAR"),
    "py_levenshtein": (_levenshtein, ["VARCHAR"] * 2, "BIGINT"),
    "py_soundex": (_soundex, ["VARCHAR"], "VARCHAR"),
    "py_json_scalar": (_json_scalar, ["VARCHAR"] * 2, "VARCHAR"),
    "py_integer": (_integer, ["VARCHAR"], "HUGEINT"),
    "py_double": (_floating, ["VARCHAR"], "DOUBLE"),
    "py_boolean": (_boolean, ["VARCHAR"], "BOOLEAN"),
    "py_date": (read_date, ["VARCHAR"], "DATE"),
    "py_timestamp": (read_timestamp, ["VARCHAR"], "TIMESTAMP"),
    "py_iso_date": (_iso_date, ["VARCHAR"], "DATE"),
    "py_iso_timestamp": (_iso_timestamp, ["VARCHAR"], "TIMESTAMPTZ"),
    "py_months": (_months_between, ["TIMESTAMP"] * 2, "BIGINT"),
    "py_double_text": (_plain_double, ["DOUBLE"], "VARCHAR"),
}


def python_functions(sql: str) -> Iterator[tuple[str, Callable[..., Any], list[str], str]]:
    """The functions of Python that a query in DuckDB's SQL calls: name, function, types, type of the result."""
    called = set(re.findall(r"\bpy_\w+(?=\()", sql))
    for name in sorted(called):
        if name in _PYTHON:
            yield (name, *_PYTHON[name])
            continue
        word, precision, scale, *scales = name.removeprefix("py_").split("_")
        kind = f"DECIMAL({precision},{scale})"
        if word == "decimal":
            yield name, _decimal_of(int(precision), int(scale)), ["VARCHAR"], kind
        else:
            make = _divided if word == "divide" else _remainder
            yield name, make(int(scale)), [f"DECIMAL(38,{each})" for each in scales], kind


def install(connection: duckdb.DuckDBPyConnection, sql: str, installed: set[str]) -> None:
    """Give a database the macros, and the functions of Python, that a query calls.

    Parameters
    ----------
    connection : to the database
    sql : the query
    installed : names of those that the database has; those that it gets are added
    """
    for macro in _MACROS.split(";"):
        name = macro.partition("(")[0].strip()
        if f"{name}(" in sql and name not in installed:
            connection.execute(f"CREATE MACRO {macro}")
            installed.add(name)
    for name, function, takes, gives in python_functions(sql):
        if name in installed:
            continue
        installed.add(name)
        answer = _with_nulls(function, len(takes))
        connection.create_function(name, answer, takes, gives, null_handling="special")  # type: ignore[call-overload]


def _with_nulls(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The function with so many parameters (DuckDB counts them); NULL for NULL."""

    def one(a: Any) -> Any:
        return None if a is None else function(a)

    def two(a: Any, b: Any) -> Any:
        return None if a is None or b is None else function(a, b)

    def three(a: Any, b: Any, c: Any) -> Any:
        return None if a is None or b is None or c is None else function(a, b, c)

    return (one, two, three)[count - 1]
