"""Columns, tables and codes: the one place where they are written down."""

from runtime.schema.columns import GLUE_TYPES, Column, Kind, Table
from runtime.schema.tables import (
    CATALOG_TABLES,
    LEDGER_TABLES,
    NOTICE_TABLES,
    PARTITION,
    REFERENCE_TABLES,
    TABLES,
    table,
)

__all__ = [
    "CATALOG_TABLES", "GLUE_TYPES", "LEDGER_TABLES", "NOTICE_TABLES", "PARTITION", "REFERENCE_TABLES", "TABLES",
    "Column", "Kind", "Table", "table",
]  # fmt: skip
