"""What reading one notice yields: plain values, the same for every source format."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.schema.tables import NOTICE_TABLES, NOTICES

# Dates are ISO text (2019-03-01), money and numbers plain decimal text (1250.5): pyarrow turns whole columns at once.
Value = str | int | bool | list[str] | None
Row = dict[str, Value]

_PUBLICATION_NUMBER = re.compile(r"\s*0*([1-9][0-9]{0,8})-((?:19|20)[0-9]{2})\s*")
# Column that numbers the rows of a table within a notice: the last of its key.
_ORDINALS = {table.name: table.key[-1] for table in NOTICE_TABLES if table is not NOTICES}


def notice_id(published: str | None) -> str | None:
    """A publication number (`000001-2019`) as notice_id (`1-2019`); None where the text is none."""
    match = _PUBLICATION_NUMBER.fullmatch(published) if published else None
    return f"{match[1]}-{match[2]}" if match else None


def notice_order(identifier: str) -> int:
    """Place of a notice among all: by year, then number.

    >>> notice_order("566194-2026")
    2026000566194
    """
    number, _, year = identifier.partition("-")
    return int(year) * 10**9 + int(number)


def as_list(value: Value) -> list[str]:
    """The values of a list column, none where nothing is said."""
    return value if isinstance(value, list) else []


@dataclass(slots=True)
class Notice:
    """The rows of one notice.

    Attributes
    ----------
    row : the row of the table `notices`, without package_id and what is known of the member
    children : rows by table, in published order, without notice_id, publication_date and package_id;
        a column that is absent is NULL
    warnings : a code and its detail each, as in `unknown-code procedure_type=Q`
    unknown_codes : (column, published code) each
    """

    row: Row = field(default_factory=dict)
    children: dict[str, list[Row]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    unknown_codes: list[tuple[str, str]] = field(default_factory=list)

    def add(self, table: str, row: Row) -> int:
        """Append a row to a table of the notice, under the next ordinal, which is returned."""
        rows = self.children.setdefault(table, [])
        rows.append(row)
        ordinal = row[_ORDINALS[table]] = len(rows)
        return ordinal

    def rows(self, table: str) -> list[Row]:
        """Rows of a table so far."""
        return self.children.get(table, [])

    def check(self, row: Row, expected: Mapping[str, Mapping[str, str]]) -> None:
        """Name and count the codes of a row that their column's list does not hold; they stay as published."""
        for column in row.keys() & expected.keys():
            value = row[column]
            for code in value if isinstance(value, list) else [value]:
                if isinstance(code, str):
                    self.code(column, code, expected[column])

    def code(self, column: str, published: str | None, codes: Mapping[str, str]) -> str | None:
        """Turn a published code into the EU code.

        An unknown code stays as published, is counted and named in the warnings.
        """
        if not published:
            return None
        known = codes.get(published)
        if known is None:
            self.unknown_codes.append((column, published))
            self.warnings.append(f"unknown-code {column}={published}")
            return published
        return known
