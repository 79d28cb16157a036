"""Columns, tables and codes: the one place where they are written down."""

from runtime.schema.columns import GLUE_TYPES, Column, Kind, Table
from runtime.schema.tables import LEDGER_TABLES, NOTICE_TABLES, PARTITION, TABLES, table

__all__ = ["GLUE_TYPES", "LEDGER_TABLES", "NOTICE_TABLES", "PARTITION", "TABLES", "Column", "Kind", "Table", "table"]
