"""What a column and a table are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["string", "int", "long", "boolean", "date", "timestamp", "money", "number", "rate", "euro", "list"]

# Digits in all, and after the point, of the kinds that are decimal numbers.
DECIMALS: dict[Kind, tuple[int, int]] = {"money": (24, 4), "number": (18, 6), "rate": (18, 8), "euro": (24, 2)}

GLUE_TYPES: dict[Kind, str] = {
    "string": "string",
    "int": "int",
    "long": "bigint",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "list": "array<string>",
    **{kind: f"decimal({precision},{scale})" for kind, (precision, scale) in DECIMALS.items()},
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one table.

    Parameters
    ----------
    name : snake case, the unit in the name where there is one
    kind : see `GLUE_TYPES`; `money` stands beside a currency column, `rate` is units of a currency for one euro, `euro`
        an amount in euro and cents, `list` is of strings, `timestamp` is UTC
    meaning : one sentence for the data dictionary
    term : eForms Business Term (BT-nnn), empty where there is none
    """

    name: str
    kind: Kind
    meaning: str
    term: str = ""

    @property
    def glue_type(self) -> str:
        """Type in the Glue catalog and in Athena's DDL."""
        return GLUE_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the lake.

    Parameters
    ----------
    name : folder below `daily/` and `merged/`, and the table's name in the Glue catalog
    rows_per : what one row is
    columns : without those of `partitions`
    key : columns that together are unique: in a published year, or in the whole table where it has no years
    partitions : columns that the files of a table do not hold, but its folders do; a view has none
    """

    name: str
    rows_per: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partitions: tuple[Column, ...] = ()

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    @property
    def readable(self) -> tuple[Column, ...]:
        """What a query can name: the columns, then the partitions."""
        return self.columns + self.partitions

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def take(self, *names: str, prefix: str = "") -> list[Column]:
        """Columns for a view that has them as they are, in the order of the names, each with the prefix.

        Raises
        ------
        KeyError
            The table has no such column.
        """
        columns = {column.name: column for column in self.columns}
        return [replace(columns[name], name=prefix + name) for name in names]
