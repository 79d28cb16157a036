"""Types and values as Athena shows them."""

import datetime as dt
import decimal
import math
import re
from dataclasses import dataclass
from typing import Any

# Source: ColumnInfo of GetQueryResults on AWS.
_PRECISIONS = {
    "varchar": 2147483647, "string": 0, "tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "double": 17,
    "float": 17, "timestamp": 3, "timestamp with time zone": 3,
}  # fmt: skip


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result: name and type as Athena reports them."""

    name: str
    type: str = "string"
    precision: int = 0
    scale: int = 0


def column(name: str, kind: str) -> ResultColumn:
    """Describe a column of an answer by its type in Trino, as in `decimal(24,4)`."""
    digits = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", kind)
    if digits:
        return ResultColumn(name, "decimal", int(digits[1]), int(digits[2]))
    plain = re.sub(r"\(\d+\)", "", kind.lower())
    shown = {"real": "float"}.get(plain, plain.split("(")[0])
    return ResultColumn(name, shown, _PRECISIONS.get(shown, 0))


def text(value: Any) -> str | None:
    """A value as GetQueryResults shows it; None for NULL."""
    return None if value is None else _text(value)


def _text(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float():
            return double_text(value)
        case decimal.Decimal():
            return f"{value:f}"
        case dt.datetime():
            zone = " UTC" if value.tzinfo else ""
            return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03d}{zone}"
        case list() | tuple():
            return f"[{', '.join(_text(item) for item in value)}]"
        case dict():
            return f"{{{', '.join(f'{_text(key)}={_text(item)}' for key, item in value.items())}}}"
        case bytes():
            return value.hex(" ")
        case _:
            return str(value)


def double_text(value: float) -> str:
    """A double as Athena shows it."""
    # As Java prints a double: scientific below 0.001 and from ten million on.
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = decimal.Decimal(repr(value)).as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) - 1 + int(exponent)
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{power}"
