"""Published text turned into plain values: dates, times, amounts, counts. Nothing is guessed: None is 'not said'."""

import calendar
import re
from functools import lru_cache
from unicodedata import combining, normalize

from runtime.schema.codes.words import NO_WINNERS, NOTHING
from runtime.schema.columns import DECIMALS

# ASCII digits only: other digits would be refused where whole columns of text become dates and numbers.
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d*)?|[+-]?\.\d+", re.ASCII)
_WHOLE = re.compile(r"\d+", re.ASCII)

# Digits before the point that a column holds.
_DIGITS = {kind: precision - scale for kind, (precision, scale) in DECIMALS.items()}

_LONGEST_NOBODY = 60
_FIRST_YEAR = 1900
TOKENS = frozenset(("0", "0.01", "1"))


@lru_cache(maxsize=4096)
def day(text: str | None) -> str | None:
    """The calendar day that is published, as ISO text; an offset is cut off, never applied.

    Takes `2019-03-01`, `2019-03-01+01:00`, `20190301`; anything else, or a day that no calendar has, is None, and so
    is one before 1900 (`0016-06-09`), which is a typing error.
    """
    match = _DAY.match(text.strip()) if text else None
    if match is None:
        return None
    year, month, date = int(match[1]), int(match[2]), int(match[3])
    if not (1 <= month <= 12 and year >= _FIRST_YEAR and 1 <= date <= calendar.monthrange(year, month)[1]):
        return None
    return f"{match[1]}-{match[2]}-{match[3]}"


@lru_cache(maxsize=4096)
def time_of_day(text: str | None) -> str | None:
    """A time of day as HH:MM, with the offset where one is published; None where it is none."""
    match = _TIME.fullmatch(text.strip()) if text else None
    if match is None or int(match[1]) > 24 or int(match[2]) > 59:
        return None
    return f"{int(match[1]):02d}:{match[2]}{match[3] or ''}"


def amount(text: str | None) -> str | None:
    """A plain decimal (`1250.50`) as plain decimal text without needless zeros; None where it is none.

    Amounts keep at most 4 decimals (the published type has 2; more are rounded half up, as money is).
    """
    if not text:
        return None
    text = text.strip()
    if not _PLAIN.fullmatch(text):
        return None
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text.lstrip("+"))
    whole, _, fraction = digits.partition(".")
    if len(fraction) > 4:
        scaled = int(whole + fraction[:4] or "0") + (fraction[4] >= "5")
        padded = f"{scaled:05d}"
        whole, fraction = padded[:-4], padded[-4:]
    whole = whole.lstrip("0") or "0"
    if len(whole) > _DIGITS["money"]:
        return None
    fraction = fraction.rstrip("0")
    value = f"{whole}.{fraction}" if fraction else whole
    return value if value == "0" else sign + value


def number(text: str | None) -> str | None:
    """An amount that a column of numbers holds, such as a duration or a weight; None where it is none."""
    value = amount(text)
    return None if value is None or len(value.lstrip("-").partition(".")[0]) > _DIGITS["number"] else value


def whole(text: str | None) -> int | None:
    """A count; None where the text is no whole number that fits 32 bits."""
    text = text.strip() if text else None
    if not text or not _WHOLE.fullmatch(text):
        return None
    value = int(text)
    return value if value < 2**31 else None


def is_token(value: str | None) -> bool | None:
    """Whether an amount is a token that stands for 'not said'."""
    return None if value is None else value in TOKENS


def is_said(text: str) -> bool:
    """Whether a text says something; some say that there is nothing to say (`n/a`, `keine`)."""
    return text.strip(" .!").casefold() not in NOTHING


def is_nobody(name: object) -> bool:
    """Whether the whole name of a winner says that nothing was awarded (`Lot déclaré infructueux`)."""
    if not isinstance(name, str) or len(name) > _LONGEST_NOBODY:
        return False
    plain = "".join(each for each in normalize("NFD", name.casefold()) if not combining(each)).replace("ł", "l")
    return " ".join("".join(each if each.isalnum() else " " for each in plain).split()) in NO_WINNERS
