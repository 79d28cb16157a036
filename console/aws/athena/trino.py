"""Trino as the engine: a server of Athena's own kind reads the catalog and the objects as they are."""

import base64
import re
from collections.abc import Sequence
from typing import Any

import requests
import trino

from console.aws.athena import arrow, types
from console.aws.athena.catalog import CATALOG, plain_type
from console.aws.athena.duck import DuckEngine, check_limit
from console.aws.athena.engine import Answer, Selection
from console.aws.athena.failure import QueryFailed
from console.aws.athena.values import column, double_text
from console.aws.athena.words import Words

KEY_ID = "cca-ted-trino"
"""Of the keys that the server has for the Glue catalog, which knows by it who asks."""
_ANSWER_SECONDS = 60


class TrinoEngine:
    """Answers every query as a Trino server does.

    Parameters
    ----------
    port : where the server listens, on loopback
    duck : counts what a query reads, so that a limit is the same on both engines
    """

    name = "trino"

    def __init__(self, port: int, duck: DuckEngine) -> None:
        self._port = port
        self._duck = duck

    def answer(
        self, sql: str, database: str, parameters: Sequence[str] = (), scan_limit_bytes: int | None = None
    ) -> Answer:
        """Answer a query: see `Engine`."""
        names, kinds, rows, scanned = self._asked(sql, database, parameters, scan_limit_bytes)
        return Answer(
            [column(name, kind) for name, kind in zip(names, kinds, strict=True)],
            kinds,
            [[shown(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in rows],
            scanned,
        )

    def select(
        self, sql: str, database: str, parameters: Sequence[str] = (), scan_limit_bytes: int | None = None
    ) -> Selection:
        """Answer a query with a table: see `Engine`."""
        names, kinds, rows, scanned = self._asked(sql, database, parameters, scan_limit_bytes)
        return Selection(names, kinds, arrow.table(rows, kinds), scanned)

    def _asked(
        self, sql: str, database: str, parameters: Sequence[str], scan_limit_bytes: int | None
    ) -> tuple[list[str], list[str], list[list[Any]], int]:
        """Names and types of the columns, rows as the protocol has them, and how much was read."""
        written, _ = Words(sql).rest()
        scanned = self._scanned_bytes(written, database, parameters)
        check_limit(scanned, scan_limit_bytes)
        if parameters:
            text = written.replace("'", "''")
            written = f"EXECUTE IMMEDIATE '{text}' USING {', '.join(parameters)}"
        described, rows = ask(written, self._port, database)
        names = [name.lower() for name, _ in described]
        return names, [plain_type(kind.lower()) for _, kind in described], rows, scanned

    def _scanned_bytes(self, sql: str, database: str, parameters: Sequence[str]) -> int:
        """Our own count; 0 for what DuckDB does not understand, as Athena bills no failed statement."""
        try:
            return self._duck.scanned_bytes(sql, database, parameters)
        except QueryFailed:
            return 0


def ask(sql: str, port: int, database: str | None = None) -> tuple[list[tuple[str, str]], list[list[Any]]]:
    """Ask the server on a port: names and types of the columns, rows as the protocol has them.

    Raises
    ------
    QueryFailed
        The server refuses the query, with its own name of the error and its place; or there is no server.
    """
    connection = trino.dbapi.connect(  # type: ignore[no-untyped-call]
        host="127.0.0.1",
        port=port,
        user="athena",
        catalog=CATALOG,
        schema=database,
        timezone="UTC",
        source="embedded-athena",
        # Decimals, dates and times as the server writes them.
        legacy_primitive_types=True,
        request_timeout=_ANSWER_SECONDS,
        max_attempts=1,
    )
    try:
        cursor = connection.cursor()
        cursor.execute(sql)
        rows = cursor.fetchall()
        return [(str(each[0]), str(each[1])) for each in cursor.description or []], rows
    except trino.exceptions.TrinoQueryError as error:
        raise QueryFailed(f"{error.error_name}: {error.message}") from error
    except (trino.exceptions.Error, trino.exceptions.HttpError, requests.RequestException) as error:
        raise QueryFailed(
            "TRINO_IS_GONE: the Trino server of this instance does not answer any more, the rest of it does. "
            "Next: ted local up (and the instance's --name, if it has one) starts it again; no data is lost"
        ) from error
    finally:
        connection.close()


def shown(value: Any, kind: str) -> str | None:
    """A value of Trino's protocol as Athena shows it; None for NULL.

    Parameters
    ----------
    value : as JSON has it
    kind : Trino's type, as in `array(decimal(24,4))`
    """
    return None if value is None else _shown(value, kind)


def _shown(value: Any, kind: str) -> str:
    name, inner = types.parts(kind)
    if value is None:
        return "null"
    if name == "array":
        return f"[{', '.join(_shown(each, inner[0]) for each in value)}]"
    if name == "map":
        return "{" + ", ".join(f"{_shown(key, inner[0])}={_shown(item, inner[1])}" for key, item in value.items()) + "}"
    if name == "row":
        # Athena numbers the fields that have no name.
        fields = [(label or f"field{n}", of) for n, (label, of) in enumerate(map(types.named, inner))]
        shown = [f"{label}={_shown(item, of)}" for (label, of), item in zip(fields, value, strict=True)]
        return f"{{{', '.join(shown)}}}"
    if name in ("double", "real"):
        return value if isinstance(value, str) else double_text(float(value))
    if name == "boolean":
        return str(value).lower()
    if name == "varbinary":
        return base64.b64decode(value).hex(" ")
    if name.startswith("timestamp"):
        return _with_millis(value)
    return str(value)


def _with_millis(text: str) -> str:
    """A time with at least three digits of its second, as Athena has them."""
    match = re.fullmatch(r"(.*:\d\d)(?:\.(\d+))?( .*)?", text)
    return f"{match[1]}.{match[2] or '':0<3}{match[3] or ''}" if match else text
