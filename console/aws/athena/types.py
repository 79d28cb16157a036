"""Trino's types: which stand in for which, and what comes of arithmetic.

A type is its text, as in `decimal(24,4)` or `array(varchar)`. The length of a varchar is left out: here it is of no
consequence.

Source: Trino's documentation of types and of decimal arithmetic; each rule is held by answers of a server
(tests/trino/answers.jsonl).
"""

import re

INTEGERS = ("tinyint", "smallint", "integer", "bigint")
# Digits that hold every value of an integer type.
_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_LADDER = ("unknown", *INTEGERS, "decimal", "real", "double")
_HIVE = {"string": "varchar", "int": "integer", "timestamp": "timestamp(3)"}
_SAME = frozenset(("boolean", "date", "tinyint", "smallint", "bigint", "double"))
_OF_HIVE = frozenset(
    ("boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "char", "varchar", "string",
     "binary", "date", "timestamp", "array", "map", "struct")
)  # fmt: skip
_DUCKDB = {"real": "FLOAT", "timestamp with time zone": "TIMESTAMPTZ", "unknown": "INTEGER"}
MAXIMUM = 38


def of_hive(hive: str) -> str | None:
    """The type that Trino gives a column of the Glue catalog; None for one that is not read here."""
    kind = hive.lower().replace(" ", "")
    if kind.startswith("array<") and kind.endswith(">"):
        inner = of_hive(kind[6:-1])
        return f"array({inner})" if inner else None
    if kind.startswith("varchar("):
        return "varchar"
    if kind == "decimal":
        return "decimal(10,0)"
    if _DECIMAL.fullmatch(kind):
        return kind
    return _HIVE.get(kind) or (kind if kind in _SAME else None)


def unknown_to_hive(written: str) -> str | None:
    """What of a type by Hive's grammar is no type that Hive has; None where all of it is.

    Source: Amazon Athena User Guide, "Data types in Amazon Athena".
    """
    bare = re.sub(r"(?<=[<,])\w+:", "", written)  # names of a struct's fields
    for name, digits in re.findall(r"(\w+)(?:\(([\d,]+)\))?", bare):
        precision, scale = (*map(int, digits.split(",")), 0, 0)[:2] if digits else (1, 0)
        if name not in _OF_HIVE or (name == "decimal" and not scale <= precision <= MAXIMUM):
            return f"{name}({digits})" if digits else str(name)
    return None


def to_hive(kind: str) -> str:
    """The Glue catalog's name of a type, for the columns of a view or table."""
    name, inner = parts(kind)
    if name == "row":
        fields = [f"{label}:{to_hive(of)}" for label, of in map(named, inner)]
        return f"struct<{','.join(fields)}>"
    if inner:
        return f"{name}<{','.join(map(to_hive, inner))}>"
    return {"integer": "int", "varchar": "string", "real": "float", "varbinary": "binary"}.get(
        kind, kind.split("(")[0] if is_time(kind) else kind
    )


def parts(kind: str) -> tuple[str, list[str]]:
    """The name of an array, map or row and what is in its parentheses; any other type whole."""
    name, _, rest = kind.partition("(")
    if name not in ("array", "map", "row") or not rest:
        return kind, []
    found, depth, start = [], 0, 0
    body = rest[: rest.rindex(")")]
    for n, letter in enumerate(body):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            found.append(body[start:n].strip())
            start = n + 1
    return name, [*found, body[start:].strip()]


def named(field: str) -> tuple[str, str]:
    """Name and type of a row's field; the name is empty where it has none."""
    match = re.fullmatch(r"(\"(?:[^\"]|\"\")+\"|\w+) (?!with time zone|to )(.+)", field)
    return (match[1].strip('"'), match[2]) if match else ("", field)


def duckdb(kind: str) -> str:
    """DuckDB's name of a type."""
    inner = element(kind)
    if inner:
        return f"{duckdb(inner)}[]"
    if kind.startswith("timestamp("):
        return _DUCKDB["timestamp with time zone"] if kind.endswith("zone") else "TIMESTAMP"
    return _DUCKDB.get(kind, kind.upper())


def element(kind: str) -> str | None:
    """The type of an array's elements; None for what is no array."""
    return kind[6:-1] if kind.startswith("array(") else None


def decimal(kind: str) -> tuple[int, int] | None:
    """Precision and scale of a decimal, or of the decimal that holds an integer type; None for others."""
    if kind in _DIGITS:
        return _DIGITS[kind], 0
    match = _DECIMAL.fullmatch(kind)
    return (int(match[1]), int(match[2])) if match else None


def is_number(kind: str) -> bool:
    return _rung(kind) > 0


def is_time(kind: str) -> bool:
    return kind.startswith("timestamp(")


def common(left: str, right: str) -> str | None:
    """The type that values of both can be turned into without being asked to; None where there is none."""
    if left == right or right == "unknown":
        return left
    if left == "unknown":
        return right
    inner = element(left), element(right)
    if inner[0] and inner[1]:
        found = common(inner[0], inner[1])
        return f"array({found})" if found else None
    if is_number(left) and is_number(right):
        return _wider(left, right)
    if {left, right} <= {"date"} or ((is_time(left) or left == "date") and (is_time(right) or right == "date")):
        return _later(left, right)
    return None


def can_become(kind: str, wanted: str) -> bool:
    """Whether a value is turned into another type without being asked to."""
    return common(kind, wanted) == wanted


def _rung(kind: str) -> int:
    name = kind.split("(")[0]
    return _LADDER.index(name) if name in _LADDER else -1


def _wider(left: str, right: str) -> str:
    if max(_rung(left), _rung(right)) != _LADDER.index("decimal"):
        return max(left, right, key=_rung)
    (p1, s1), (p2, s2) = decimal(left) or (0, 0), decimal(right) or (0, 0)
    scale = max(s1, s2)
    return f"decimal({min(MAXIMUM, max(p1 - s1, p2 - s2) + scale)},{scale})"


def _later(left: str, right: str) -> str:
    zone = " with time zone" if "zone" in left + right else ""
    digits = max(int(found[0]) if (found := re.findall(r"\((\d)\)", each)) else 0 for each in (left, right))
    return f"timestamp({digits}){zone}"


def of_arithmetic(sign: str, left: str, right: str) -> str | None:
    """The type of a sum, difference, product, quotient or remainder of numbers; None where one is no number."""
    if not (is_number(left) and is_number(right)):
        return None
    wide = _wider(left, right)
    if not wide.startswith("decimal"):
        return wide
    (p1, s1), (p2, s2) = decimal(left) or (0, 0), decimal(right) or (0, 0)
    precision, scale = {
        "+": (max(p1 - s1, p2 - s2) + max(s1, s2) + 1, max(s1, s2)),
        "*": (p1 + p2, s1 + s2),
        "/": (p1 + s2 + max(s2 - s1, 0), max(s1, s2)),
        "%": (min(p1 - s1, p2 - s2) + max(s1, s2), max(s1, s2)),
    }[sign.replace("-", "+")]
    return f"decimal({min(MAXIMUM, precision)},{scale})" if scale <= MAXIMUM else None
