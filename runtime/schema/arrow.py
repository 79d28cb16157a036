"""The tables as pyarrow schemas."""

import pyarrow as pa

from runtime.schema.columns import DECIMALS, Kind, Table

ARROW_TYPES: dict[Kind, pa.DataType] = {
    "string": pa.string(),
    "int": pa.int32(),
    "long": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "list": pa.list_(pa.string()),
    **{kind: pa.decimal128(precision, scale) for kind, (precision, scale) in DECIMALS.items()},
}


def arrow_schema(table: Table) -> pa.Schema:
    """Schema of a table's Parquet files; the partition column is not in them."""
    return pa.schema([pa.field(column.name, ARROW_TYPES[column.kind]) for column in table])
