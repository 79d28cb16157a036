"""The tables as pyarrow schemas."""

import pyarrow as pa

from runtime.schema.columns import Kind, Table

ARROW_TYPES: dict[Kind, pa.DataType] = {
    "string": pa.string(),
    "int": pa.int32(),
    "long": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "money": pa.decimal128(24, 4),
    "number": pa.decimal128(18, 6),
    "list": pa.list_(pa.string()),
}


def arrow_schema(table: Table) -> pa.Schema:
    """Schema of a table's Parquet files; the partition column is not in them."""
    return pa.schema([pa.field(column.name, ARROW_TYPES[column.kind]) for column in table])
