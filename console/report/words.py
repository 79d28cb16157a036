"""How the report writes numbers and names: 1,234 and 31.2 %, whatever the machine's language."""

import re
import unicodedata
from decimal import Decimal

from console.report.mirror import month_name
from runtime.schema.charts import UNSAID, Field

_NO_BREAK = "\N{NO-BREAK SPACE}"
_SCALES = (("trillion", 10**12), ("billion", 10**9), ("million", 10**6), ("thousand", 10**3))
_SHORT = {"trillion": "tn", "billion": "bn", "million": "m", "thousand": "k"}
# They turn the direction of what follows them, beyond the name that holds them.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
LONGEST = 70  # characters of a name


def in_words(field: Field, cell: str | None) -> str:
    """A cell of Athena's answer as the tables have it."""
    if cell is None:
        return UNSAID if field.kind == "text" else "–"
    if field.kind == "text":
        return field.names.get(cell) or shortened(cell)
    if field.kind == "month":
        return month_name(int(cell))
    if field.kind == "percent":
        return f"{Decimal(cell):,.1f}{_NO_BREAK}%"
    return f"{Decimal(cell):,.1f}" if field.kind == "rate" else f"{Decimal(cell):,.0f}"


def in_short(field: Field, cell: str | None) -> str:
    """A cell as it stands beside a mark and in a sentence: amounts in three digits."""
    if field.kind != "euro" or cell is None:
        return in_words(field, cell)
    return f"€{_NO_BREAK}{_scaled(Decimal(cell), _SHORT)}"


def share(part: int, whole: int) -> str:
    """A part in per cent; a dash of nothing."""
    return f"{100 * part / whole:,.1f}{_NO_BREAK}%" if whole else "–"


def tick(value: int) -> str:
    """A number at an axis."""
    return _scaled(Decimal(value), _SHORT) if value >= 10_000 else f"{value:,}"


def shortened(text: str, longest: int = LONGEST) -> str:
    """A published text on one line, without what a page cannot hold, cut off where it is long."""
    kept = "".join(" " if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") else letter for letter in text)
    line = " ".join(_BIDI.sub("", kept).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _scaled(value: Decimal, short: dict[str, str]) -> str:
    for name, size in _SCALES:
        if value >= size:
            amount = value / size
            digits = 0 if amount >= 100 or amount == int(amount) else 1 if amount >= 10 else 2
            return f"{amount:,.{digits}f}{_NO_BREAK}{short[name]}"
    return f"{value:,.0f}"
