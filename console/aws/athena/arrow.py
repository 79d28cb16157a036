"""Arrow's types and values for Trino's: what a table's files are written from."""

import base64
import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from console.aws.athena import types
from console.aws.athena.failure import QueryFailed

_PLAIN = {
    "boolean": pa.bool_(), "tinyint": pa.int8(), "smallint": pa.int16(), "integer": pa.int32(), "bigint": pa.int64(),
    "real": pa.float32(), "double": pa.float64(), "varchar": pa.string(), "varbinary": pa.binary(), "date": pa.date32(),
}  # fmt: skip


def of(kind: str) -> pa.DataType:
    """The type of a column whose type in Trino is given.

    Raises
    ------
    QueryFailed
        Athena writes none such to a table.
    """
    name, inner = types.parts(kind)
    if name in _PLAIN:
        return _PLAIN[name]
    digits = types.decimal(kind)
    if digits:
        return pa.decimal128(*digits)
    if name == "array":
        return pa.list_(of(inner[0]))
    if name == "map":
        return pa.map_(of(inner[0]), of(inner[1]))
    if name == "row":
        fields = [types.named(each) for each in inner]
        if all(label for label, _ in fields):
            return pa.struct([pa.field(str(label), of(each)) for label, each in fields])
        raise QueryFailed(
            f"NOT_SUPPORTED: Anonymous row type is not supported in Hive. Please give each field a name: {kind}"
        )
    if name.startswith(("varchar(", "char(")):
        return pa.string()
    if types.is_time(kind) and not kind.endswith("zone"):
        # A table's times have milliseconds, whatever those of the query have.
        return pa.timestamp("ms")
    more = " You can use CAST to TIMESTAMP" if kind.endswith("with time zone") else ""
    raise QueryFailed(f"NOT_SUPPORTED: Unsupported Hive type: {kind}.{more}")


def column(values: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    """Values as another type that holds them."""
    if values.null_count == len(values):  # NULL alone is of no type, whatever the engine makes of it
        return pa.chunked_array([pa.nulls(len(values), wanted)])
    if pa.types.is_timestamp(wanted) and pa.types.is_timestamp(values.type):
        values = pc.round_temporal(values, unit="millisecond")
    return values.cast(wanted)


def table(rows: list[list[Any]], kinds: list[str]) -> pa.Table:
    """Rows of Trino's protocol as a table; its columns are numbered."""
    wanted = [of("boolean" if kind == "unknown" else kind) for kind in kinds]
    columns = [
        pa.array([_value(row[n], kind) for row in rows], of_column)
        for n, (kind, of_column) in enumerate(zip(kinds, wanted, strict=True))
    ]
    return pa.table(columns, names=[str(n) for n in range(len(kinds))])


def _value(value: Any, kind: str) -> Any:
    """A value of Trino's protocol, as JSON has it."""
    name, inner = types.parts(kind)
    if value is None:
        return None
    if name == "array":
        return [_value(each, inner[0]) for each in value]
    if name == "map":
        return [(_value(_key(key, inner[0]), inner[0]), _value(each, inner[1])) for key, each in value.items()]
    if name == "row":
        return {types.named(of)[0]: _value(each, types.named(of)[1]) for of, each in zip(inner, value, strict=True)}
    if name in ("double", "real"):
        return float(value)  # it writes NaN and Infinity as texts
    if kind.startswith("decimal"):
        return Decimal(value)
    if name == "date":
        return dt.date.fromisoformat(value)
    if name == "varbinary":
        return base64.b64decode(value)
    return dt.datetime.fromisoformat(_micros(value)) if types.is_time(kind) else value


def _key(text: str, kind: str) -> Any:
    """A key of a map, which JSON has as text whatever it is."""
    if kind in types.INTEGERS:
        return int(text)
    return text == "true" if kind == "boolean" else text


def _micros(text: str) -> str:
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction[:6]:0<6}"
