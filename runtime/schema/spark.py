"""The tables as Spark schemas."""

from pyspark.sql import types as t

from runtime.schema.columns import DECIMALS, Kind, Table

SPARK_TYPES: dict[Kind, t.DataType] = {
    "string": t.StringType(),
    "int": t.IntegerType(),
    "long": t.LongType(),
    "boolean": t.BooleanType(),
    "date": t.DateType(),
    "timestamp": t.TimestampType(),
    "list": t.ArrayType(t.StringType()),
    **{kind: t.DecimalType(precision, scale) for kind, (precision, scale) in DECIMALS.items()},
}


def spark_schema(table: Table) -> t.StructType:
    """Schema of a table's Parquet files; the partition column is not in them."""
    return t.StructType([t.StructField(column.name, SPARK_TYPES[column.kind]) for column in table])
