"""Why a query does not run, in Athena's words."""

from typing import NoReturn

from runtime.errors import TerminalError


class QueryFailed(TerminalError):
    """The query is wrong or its data is; the message starts with Athena's name of the error."""


class ScanLimitExceeded(TerminalError):
    """The query would read more than its workgroup allows."""


def place(sql: str, name: str) -> str:
    """Where a name stands in the query, as in `line 1:8`; its beginning where the name is not found."""
    return where(sql, max(sql.lower().find(name.lower()), 0))


def where(sql: str, position: int) -> str:
    """A position in the query, as in `line 1:8`."""
    before = sql[:position]
    return f"line {before.count(chr(10)) + 1}:{position - before.rfind(chr(10))}"


def not_here(sql: str, position: int, what: str) -> NoReturn:
    """Refuse what DuckDB is not known to answer as Trino does.

    Raises
    ------
    QueryFailed
        Always; it names the way to an answer.
    """
    raise QueryFailed(
        f"NOT_SUPPORTED: {where(sql, position)}: DuckDB is not known to answer {what} as Athena's engine does, so it "
        "does not. Trino itself does: ted local up --sql trino"
    )
