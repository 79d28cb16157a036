"""Why a query does not run, in Athena's words."""

from runtime.errors import TerminalError


class QueryFailed(TerminalError):
    """The query is wrong or its data is; the message starts with Athena's name of the error."""


class ScanLimitExceeded(TerminalError):
    """The query would read more than its workgroup allows."""


def place(sql: str, name: str) -> str:
    """Where a name stands in the query, as in `line 1:8`; its beginning where the name is not found."""
    position = max(sql.lower().find(name.lower()), 0)
    before = sql[:position]
    return f"line {before.count(chr(10)) + 1}:{position - before.rfind(chr(10))}"
