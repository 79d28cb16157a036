"""Runs one statement: views and tables are looked up in the catalog, DuckDB does the rest."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from console.aws.athena.catalog import Catalog, is_view, view_definition
from console.aws.athena.failure import QueryFailed, ScanLimitExceeded, place
from console.aws.athena.files import ObjectFiles, chunk_bytes, no_rows, projection, quoted
from console.aws.athena.pruning import conditions, surviving
from console.aws.athena.statements import run_utility
from console.aws.athena.values import ResultColumn, column, text

_CATALOGS = ("", "awsdatacatalog")
_VIEW_DEPTH = 20
_UNNAMED = "_unnamed_"


@dataclass(frozen=True)
class Result:
    """An answer: columns, rows of text (None for NULL), the kind of statement, and how much was read."""

    columns: list[ResultColumn]
    rows: list[list[str | None]]
    statement: str
    scanned_bytes: int = 0


def statement_kind(sql: str) -> str:
    """Athena's kind of a statement: DML, DDL or UTILITY."""
    words = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL).lower().lstrip(" \n\t(").split()
    first = words[0] if words else ""
    if first in ("create", "drop", "alter", "msck", "show", "describe", "desc"):
        return "DDL" if first in ("create", "drop", "alter", "msck") else "UTILITY"
    return "DML"


class Executor:
    """Runs statements as Athena would.

    Parameters
    ----------
    glue, s3 : boto3 clients
    folder : keeps copies of objects
    """

    def __init__(self, glue: Any, s3: Any, folder: Path) -> None:
        self._catalog = Catalog(glue)
        self._files = ObjectFiles(s3, folder)

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
        utility = run_utility(sql, database.lower(), self._catalog)
        if utility is not None:
            return Result(utility[0], utility[1], statement_kind(sql))
        tree = _parse(sql)
        _fill_in(tree, list(parameters))
        if isinstance(tree, exp.Query):
            return self._select(tree, sql, database.lower(), scan_limit_bytes)
        if isinstance(tree, exp.Create) and tree.kind == "VIEW" and isinstance(tree.expression, exp.Query):
            return self._create_view(tree, sql, database.lower())
        if isinstance(tree, exp.Drop) and tree.kind == "VIEW":
            view = tree.find(exp.Table)
            name, owner = (view.name.lower(), (view.db or database).lower()) if view else ("", "")
            self._catalog.drop_view(owner, name, bool(tree.args.get("exists")))
            return Result([], [], "DDL")
        raise QueryFailed(
            f"NOT_SUPPORTED: line 1:1: the embedded Athena runs SELECT, CREATE VIEW, DROP VIEW, SHOW and DESCRIBE; "
            f"got {sql.split(maxsplit=1)[0].upper()}. Run this statement in a real AWS account."
        )

    def _create_view(self, tree: exp.Create, sql: str, database: str) -> Result:
        target = tree.this.find(exp.Table) or tree.this
        query: exp.Query = tree.expression
        unnamed = [n for n, each in enumerate(query.selects, 1) if not _is_named(each)]
        if unnamed:
            raise QueryFailed(
                f"COLUMN_NAME_NOT_SPECIFIED: line 1:1: Column name not specified at position {unnamed[0]}"
            )
        written = re.split(r"\bAS\b", sql, maxsplit=1, flags=re.IGNORECASE)[1].strip().rstrip(";").strip()
        # Planned without rows, for the errors and the columns' types.
        planned = self._select(query.copy(), written, database, None, only_plan=True)
        columns = [(each.name, _hive_type(each)) for each in planned.columns]
        self._catalog.save_view(
            (target.db or database).lower(), target.name.lower(), written, columns, bool(tree.args.get("replace"))
        )
        return Result([], [], "DDL")

    def _select(
        self, tree: exp.Query, sql: str, database: str, limit: int | None, *, only_plan: bool = False
    ) -> Result:
        _name_columns(tree)
        entries: dict[tuple[str, str], dict[str, Any]] = {}
        tree = self._with_views(tree, sql, database, entries)
        with duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false", "threads": "2"}) as connection:
            # Athena's sessions are in UTC, and Trino divides integers by integers.
            connection.execute("SET TimeZone='UTC'; SET integer_division=true")
            scanned = self._bind_tables(connection, tree, entries)
            if limit is not None and scanned > limit:
                raise ScanLimitExceeded(
                    f"Query cancelled! : Bytes scanned limit was exceeded ({scanned:,} of {limit:,} bytes). "
                    "Limit the years or name fewer columns."
                )
            translated = tree.sql(dialect="duckdb")
            if only_plan:
                translated = f"SELECT * FROM ({translated}) LIMIT 0"  # noqa: S608
            try:
                answer = connection.execute(translated)
                rows = [[text(value) for value in row] for row in answer.fetchall()]
            except duckdb.Error as error:
                raise QueryFailed(_in_athenas_words(str(error), sql)) from error
            columns = [column(_label(entry[0], n), str(entry[1])) for n, entry in enumerate(answer.description or [])]
        return Result(columns, rows, "DML", scanned)

    def _with_views(
        self,
        tree: exp.Query,
        sql: str,
        database: str,
        entries: dict[tuple[str, str], dict[str, Any]],
        depth: int = 0,
    ) -> exp.Query:
        """Put the query of each view in the place of its name, and the database before each name of a table.

        The tables' entries are put into `entries`.
        """
        if depth > _VIEW_DEPTH:
            raise QueryFailed(f"VIEW_IS_RECURSIVE: line 1:1: views are nested deeper than {_VIEW_DEPTH}")
        for node in list(tree.find_all(exp.Table)):
            if _is_common_table(node):
                continue
            if not isinstance(node.this, exp.Identifier):
                raise QueryFailed(f"FUNCTION_NOT_FOUND: line 1:1: table function {node.this.sql()} is not registered")
            if node.catalog.lower() not in _CATALOGS:
                raise QueryFailed(f"CATALOG_NOT_FOUND: {place(sql, node.catalog)}: Catalog '{node.catalog}' not found")
            owner, name = (node.db or database).lower(), node.name.lower()
            entry = self._catalog.table(owner, name)
            if entry is None:
                raise QueryFailed(
                    f"TABLE_NOT_FOUND: {place(sql, node.name)}: Table 'awsdatacatalog.{owner}.{name}' does not exist"
                )
            alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name, quoted=True))
            if is_view(entry):
                definition, of = view_definition(entry)
                inner = self._with_views(_parse_query(definition), definition, of, entries, depth + 1)
                node.replace(exp.Subquery(this=inner, alias=alias))
            else:
                entries[owner, name] = entry
                node.set("db", exp.to_identifier(owner, quoted=True))
                node.set("this", exp.to_identifier(name, quoted=True))
                node.set("catalog", None)
                node.set("alias", alias)
        for each in tree.find_all(exp.Column):
            if each.db.lower() == database or any(each.db.lower() == owner for owner, _ in entries):
                each.set("db", None)
        return tree

    def _bind_tables(
        self, connection: duckdb.DuckDBPyConnection, tree: exp.Query, entries: dict[tuple[str, str], dict[str, Any]]
    ) -> int:
        """Make each table of the query a view of DuckDB; tell how many bytes it reads."""
        seen = conditions(tree)
        references: dict[tuple[str, str], list[list[exp.Expr]]] = {}
        for node in tree.find_all(exp.Table):
            if not _is_common_table(node):
                references.setdefault((node.db, node.name), []).append(seen.get(id(node), []))
        # Every column of a table that is read with a star counts; count(*) reads none.
        starred = any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star))
        named = {each.name.lower() for each in tree.find_all(exp.Column)}
        named |= {each.name.lower() for each in tree.find_all(exp.Identifier) if isinstance(each.parent, exp.Join)}
        scanned = 0
        for (owner, name), alternatives in references.items():
            entry = entries[owner, name]
            files, parts = self._parts(connection, entry, owner, name, alternatives)
            declared = {each["Name"].lower() for each in entry["StorageDescriptor"]["Columns"]}
            scanned += chunk_bytes(connection, files, declared if starred else declared & named)
            body = " UNION ALL ".join(parts) or no_rows(entry)
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(owner)}")
            connection.execute(f"CREATE VIEW {quoted(owner)}.{quoted(name)} AS {body}")
        return scanned

    def _parts(
        self,
        connection: duckdb.DuckDBPyConnection,
        entry: dict[str, Any],
        owner: str,
        name: str,
        alternatives: list[list[exp.Expr]],
    ) -> tuple[list[Path], list[str]]:
        storage = entry["StorageDescriptor"]
        if "parquet" not in storage.get("InputFormat", "").lower():
            raise QueryFailed(
                f"HIVE_UNSUPPORTED_FORMAT: the embedded Athena reads Parquet; table {owner}.{name} is declared as "
                f"{storage.get('InputFormat') or 'nothing'}"
            )
        keys = entry.get("PartitionKeys") or []
        if keys:
            registered = surviving(connection, keys, self._catalog.partitions(owner, name), alternatives)
            places = [(part["StorageDescriptor"]["Location"], part["Values"]) for part in registered]
        else:
            places = [(storage["Location"], [])]
        files, parts = [], []
        for location, values in places:
            held = self._files.below(location)
            if held:
                files += held
                parts.append(projection(connection, entry, held, values))
        return files, parts


def _parse(sql: str) -> exp.Expr:
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect="athena") if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        first = error.errors[0] if isinstance(error, sqlglot.errors.ParseError) and error.errors else {}
        where = f"line {first['line']}:{first['col']}" if first.get("line") else "line 1:1"
        near = f"mismatched input '{first['highlight']}'" if first.get("highlight") else str(error)
        raise QueryFailed(f"SYNTAX_ERROR: {where}: {near}. {first.get('description', '')}".strip()) from error
    if len(trees) != 1:
        raise QueryFailed(f"SYNTAX_ERROR: Only one sql statement is allowed. Got: {len(trees)}")
    return trees[0]


def _parse_query(sql: str) -> exp.Query:
    tree = _parse(sql)
    if not isinstance(tree, exp.Query):
        raise QueryFailed(f"INVALID_VIEW: line 1:1: a view holds no query: {sql}")
    return tree


def _fill_in(tree: exp.Expr, parameters: list[str]) -> None:
    marks = [mark for mark in tree.dfs() if isinstance(mark, exp.Placeholder)]
    if len(marks) != len(parameters):
        raise QueryFailed(
            f"INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected {len(marks)} "
            f"but found {len(parameters)}"
        )
    for mark, parameter in zip(marks, parameters, strict=True):
        try:
            mark.replace(sqlglot.parse_one(parameter, dialect="athena"))
        except sqlglot.errors.SqlglotError as error:
            raise QueryFailed(
                f"SYNTAX_ERROR: parameter {parameter!r} is no SQL literal; text needs quotes, as in '''open'''"
            ) from error


def _is_common_table(node: exp.Table) -> bool:
    """Whether the name is that of a WITH query that is visible at this place."""
    if node.args.get("db"):
        return False
    name, child, parent = node.name.lower(), node, node.parent
    while parent is not None:
        if isinstance(parent, exp.With):
            # Inside a WITH query only the ones before it are visible.
            before = parent.expressions[: next(n for n, each in enumerate(parent.expressions) if each is child)]
            visible = parent.expressions if parent.args.get("recursive") else before
            if name in {each.alias.lower() for each in visible}:
                return True
            child, parent = parent.parent, parent.parent.parent if parent.parent else None  # type: ignore[assignment]
            continue
        clause = parent.args.get("with_")
        if clause and name in {each.alias.lower() for each in clause.expressions}:
            return True
        child, parent = parent, parent.parent  # type: ignore[assignment]
    return False


def _name_columns(tree: exp.Query) -> None:
    first = tree
    while isinstance(first, (exp.SetOperation, exp.Subquery)):
        first = first.this
    if not isinstance(first, exp.Select):
        return
    for each in list(first.expressions):
        if not _is_named(each):
            each.replace(exp.alias_(each.copy(), _UNNAMED, quoted=True))


def _is_named(projected: exp.Expr) -> bool:
    """Whether Trino has a name for a column: an alias, a column, a field of a row, or a star that stands for many."""
    return isinstance(projected.unnest(), (exp.Alias, exp.Column, exp.Dot, exp.Star))


def _label(name: str, position: int) -> str:
    return f"_col{position}" if name.startswith(_UNNAMED) else name.lower()


def _hive_type(entry: ResultColumn) -> str:
    if entry.type == "decimal":
        return f"decimal({entry.precision},{entry.scale})"
    return {"array": "array<varchar>", "varchar": "varchar"}.get(entry.type, entry.type)


def _in_athenas_words(message: str, sql: str) -> str:
    missing = re.search(r'Referenced column "([^"]+)" (?:not found|was not found)', message)
    missing = missing or re.search(r'does not have a column named "([^"]+)"', message)
    if missing:
        hint = re.search(r"Candidate bindings: (.+)", message)
        near = f". Columns that are there: {hint[1]}" if hint else ""
        return f"COLUMN_NOT_FOUND: {place(sql, missing[1])}: Column '{missing[1]}' cannot be resolved{near}"
    function = re.search(r"Function with name \"?(\w+)\"? does not exist", message)
    if function:
        return f"FUNCTION_NOT_FOUND: {place(sql, function[1])}: Function '{function[1]}' not registered"
    first_line = message.splitlines()[0]
    kinds = {"Conversion Error": "INVALID_CAST_ARGUMENT", "Out of Range Error": "NUMERIC_VALUE_OUT_OF_RANGE"}
    kind, _, rest = first_line.partition(": ")
    if "GROUP BY" in first_line:
        return f"EXPRESSION_NOT_AGGREGATE: line 1:1: {rest}"
    return f"{kinds.get(kind, 'GENERIC_USER_ERROR')}: line 1:1: {rest or kind}"
