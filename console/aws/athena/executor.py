"""Runs one statement: the catalog answers SHOW and DESCRIBE and keeps definitions, an engine answers queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from console.aws.athena import shows
from console.aws.athena import statements as st
from console.aws.athena.catalog import Catalog
from console.aws.athena.definitions import Definitions
from console.aws.athena.engine import Engine
from console.aws.athena.failure import QueryFailed
from console.aws.athena.own import refuse_entry
from console.aws.athena.values import ResultColumn
from console.aws.athena.writing import Asked, Outcome, Place, Writing, check_columns, without_rows

# What Athena describes where a statement wrote rows.
_ROWS = [ResultColumn("rows", "bigint", 19)]
_NOWHERE = Place("s3://nowhere", "00000000-0000-0000-0000-000000000000")


@dataclass(frozen=True)
class Result:
    """An answer: columns, rows of text (None for NULL), the kind of statement, and how much was read.

    `update_count` are the rows that were written, `manifest` is where their files are listed.
    """

    columns: list[ResultColumn]
    rows: list[list[str | None]]
    statement: str
    scanned_bytes: int = 0
    update_count: int = 0
    manifest: str | None = None

    @property
    def has_header(self) -> bool:
        """Whether the names of the columns come before the rows."""
        return self.statement == "DML" and self.columns is not _ROWS


class Executor:
    """Runs statements as Athena would.

    Parameters
    ----------
    glue, s3 : boto3 clients
    engine : answers the queries
    """

    def __init__(self, glue: Any, s3: Any, engine: Engine) -> None:
        self._catalog = Catalog(glue)
        self._engine = engine
        self._definitions = Definitions(self._catalog, s3)
        self._writing = Writing(self._catalog, engine, s3)

    def run(
        self,
        sql: str,
        database: str,
        parameters: Sequence[str] = (),
        scan_limit_bytes: int | None = None,
        place: Place = _NOWHERE,
    ) -> Result:
        """Run a statement.

        Parameters
        ----------
        sql : one statement
        database : of names that have none
        parameters : SQL literals for the question marks, in turn
        scan_limit_bytes : a query that would read more is not run
        place : of results, and of tables that name none

        Raises
        ------
        QueryFailed
            The statement is wrong, or its data is.
        ScanLimitExceeded
            It would read too much.
        """
        database = database.lower().strip("`")
        statement = st.read(sql, database)
        kind = st.kind_of(sql)[0]
        asked = Asked(database, parameters, scan_limit_bytes, place)
        match statement:
            case st.Query():
                answer = self._engine.answer(sql, database, parameters, scan_limit_bytes)
                return Result(answer.columns, answer.rows, kind, answer.scanned_bytes)
            case st.Show():
                return Result(*shows.answer(statement.sql, database, self._catalog), kind)
            case st.CreateTableAs():
                return _wrote(self._writing.create_table(statement, asked), kind)
            case st.Insert():
                return _wrote(self._writing.insert(statement, asked), kind)
            case st.Unload():
                return _wrote(self._writing.unload(statement, asked), kind)
            case st.CreateView():
                self._create_view(statement, database)
                return Result([], [], kind)
        lines = self._definitions.run(statement)
        return Result([ResultColumn("result")] if lines else [], [[line] for line in lines], kind)

    def _create_view(self, made: st.CreateView, database: str) -> None:
        existing = self._catalog.table(made.name.database, made.name.table)
        if existing:
            refuse_entry(self._catalog, existing, "replace")
        written = made.query.strip()
        # Planned without rows, for the errors and the columns' types.
        planned = self._engine.answer(without_rows(made.query), database)
        names = [column.name for column in planned.columns]
        check_columns(names, planned.kinds)
        columns = list(zip(names, planned.kinds, strict=True))
        self._catalog.save_view(made.name.database, made.name.table, written, database, columns, made.or_replace)
        if existing:
            self._refuse_recursion(existing)

    def _refuse_recursion(self, before: dict[str, Any]) -> None:
        """Refuse a view that now reads itself, perhaps through others; as it was `before`, it stays."""
        database, name = (before[part].replace('"', '""') for part in ("DatabaseName", "Name"))
        try:
            self._engine.answer(f'SELECT * FROM "{database}"."{name}" LIMIT 0', database)  # noqa: S608
        except QueryFailed as error:
            self._catalog.change(before)
            raise QueryFailed("VIEW_IS_RECURSIVE: line 1:1: Statement would create a recursive view") from error


def _wrote(outcome: Outcome, kind: str) -> Result:
    return Result(_ROWS, [], kind, outcome.scanned_bytes, outcome.rows, outcome.manifest)
