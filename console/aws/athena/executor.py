"""Runs one statement: SHOW, DESCRIBE and views are answered from the catalog, queries by an engine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from console.aws.athena.catalog import Catalog
from console.aws.athena.engine import Engine
from console.aws.athena.failure import QueryFailed
from console.aws.athena.statements import run_utility
from console.aws.athena.values import ResultColumn

_NAME = r"(?:[`\"]?(\w+)[`\"]?\.)?[`\"]?(\w+)[`\"]?"
_CREATE_VIEW = re.compile(rf"create\s+(or\s+replace\s+)?view\s+{_NAME}\s+as\b(.+)", re.IGNORECASE | re.DOTALL)
_DROP_VIEW = re.compile(rf"drop\s+view\s+(if\s+exists\s+)?{_NAME}", re.IGNORECASE)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Result:
    """An answer: columns, rows of text (None for NULL), the kind of statement, and how much was read."""

    columns: list[ResultColumn]
    rows: list[list[str | None]]
    statement: str
    scanned_bytes: int = 0


def statement_kind(sql: str) -> str:
    """Athena's kind of a statement: DML, DDL or UTILITY."""
    first = _first_word(sql)
    if first in ("create", "drop", "alter", "msck", "show", "describe", "desc", "explain"):
        return "DDL" if first in ("create", "drop", "alter", "msck") else "UTILITY"
    return "DML"


def _first_word(sql: str) -> str:
    words = _COMMENTS.sub(" ", sql).lower().lstrip(" \n\t\r(").split(maxsplit=1)
    return words[0] if words else ""


class Executor:
    """Runs statements as Athena would.

    Parameters
    ----------
    glue : boto3 client
    engine : answers the queries
    """

    def __init__(self, glue: Any, engine: Engine) -> None:
        self._catalog = Catalog(glue)
        self._engine = engine

    def run(
        self, sql: str, database: str, parameters: Sequence[str] = (), scan_limit_bytes: int | None = None
    ) -> Result:
        """Run a statement.

        Parameters
        ----------
        sql : one statement
        database : of names that have none
        parameters : SQL literals for the question marks, in turn
        scan_limit_bytes : a query that would read more is not run

        Raises
        ------
        QueryFailed
            The statement is wrong, or its data is.
        ScanLimitExceeded
            It would read too much.
        """
        database = database.lower()
        utility = run_utility(sql, database, self._catalog)
        if utility is not None:
            return Result(utility[0], utility[1], statement_kind(sql))
        plain = _COMMENTS.sub(" ", sql).strip().rstrip(";").strip()
        first = _first_word(sql)
        if first == "create" and _CREATE_VIEW.match(plain):
            return self._create_view(sql, database)
        dropped = _DROP_VIEW.fullmatch(plain)
        if dropped:
            self._catalog.drop_view((dropped[2] or database).lower(), dropped[3].lower(), bool(dropped[1]))
            return Result([], [], "DDL")
        if first in ("select", "with", "values", "table", "explain", "from", ""):
            answer = self._engine.answer(sql, database, parameters, scan_limit_bytes)
            return Result(answer.columns, answer.rows, statement_kind(sql), answer.scanned_bytes)
        raise QueryFailed(
            f"NOT_SUPPORTED: line 1:1: the embedded Athena runs SELECT, CREATE VIEW, DROP VIEW, SHOW and DESCRIBE; "
            f"got {first.upper()}. Run this statement in a real AWS account."
        )

    def _create_view(self, sql: str, database: str) -> Result:
        start = re.search(r"create", _blanked(sql), re.IGNORECASE)
        match = _CREATE_VIEW.match(sql, start.start() if start else 0)
        if match is None:
            raise QueryFailed("SYNTAX_ERROR: line 1:1: expected CREATE [OR REPLACE] VIEW name AS query")
        written = match[4].strip().rstrip(";").strip()
        # Planned without rows, for the errors and the columns' types.
        planned = self._engine.answer(f"SELECT * FROM (\n{written}\n) LIMIT 0", database)  # noqa: S608
        for n, column in enumerate(planned.columns):
            if column.name == f"_col{n}":
                raise QueryFailed(f"COLUMN_NAME_NOT_SPECIFIED: line 1:1: Column name not specified at position {n + 1}")
        columns = [(column.name, kind) for column, kind in zip(planned.columns, planned.kinds, strict=True)]
        owner, name = (match[2] or database).lower(), match[3].lower()
        self._catalog.save_view(owner, name, written, columns, bool(match[1]))
        return Result([], [], "DDL")


def _blanked(sql: str) -> str:
    """The statement with blanks in the place of its comments."""
    return _COMMENTS.sub(lambda match: " " * len(match[0]), sql)
