"""Which partitions a query can see: the conditions on partition keys that hold for a table of a query."""

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
from sqlglot import exp

from console.aws.athena.files import duckdb_type, quoted


def conditions(query: exp.Expr) -> dict[int, list[exp.Expr]]:
    """Collect, for each table of a query, the conditions that its rows have to meet.

    Returns
    -------
    By the id of the table's node: conditions on its columns, without the table's name. A table that is missing is read
    whole. Conditions pass into a subquery only where it is plain: no groups, windows, limits.
    """
    found: dict[int, list[exp.Expr]] = {}
    inside: dict[int, list[exp.Expr]] = {}
    for select in query.find_all(exp.Select, bfs=True):
        where = select.args.get("where")
        given = [*inside.get(id(select), []), *(_conjuncts(where.this) if where else [])]
        for source in _prunable(select):
            alias = source.alias_or_name.lower()
            alone = len(list(_sources(select))) == 1
            own = [_unnamed(condition) for condition in given if _is_about(condition, alias, alone)]
            if isinstance(source, exp.Table):
                found[id(source)] = own
            elif isinstance(source, exp.Subquery) and isinstance(source.this, exp.Select) and _is_plain(source.this):
                passed = (_renamed(condition, source.this) for condition in own)
                inside[id(source.this)] = [condition for condition in passed if condition is not None]
    return found


def surviving(
    database: duckdb.DuckDBPyConnection,
    keys: Sequence[dict[str, str]],
    partitions: Sequence[dict[str, Any]],
    alternatives: Sequence[list[exp.Expr]],
) -> list[dict[str, Any]]:
    """Keep the partitions that a reference to the table can see.

    Parameters
    ----------
    keys : of the table
    alternatives : the conditions of each reference
    """
    names = {key["Name"].lower() for key in keys}
    wanted = []
    for conditions_of_one in alternatives:
        usable = [
            condition.sql(dialect="duckdb")
            for condition in conditions_of_one
            if {column.name.lower() for column in condition.find_all(exp.Column)} <= names
        ]
        if not usable:
            return list(partitions)
        wanted.append(" AND ".join(f"({condition})" for condition in usable))
    return [partition for partition in partitions if _holds(database, keys, partition["Values"], wanted)]


def _holds(
    database: duckdb.DuckDBPyConnection, keys: Sequence[dict[str, str]], values: Sequence[str], wanted: list[str]
) -> bool:
    columns = ", ".join(
        f"CAST({exp.Literal.string(value).sql()} AS {duckdb_type(key['Type'])}) AS {quoted(key['Name'])}"
        for key, value in zip(keys, values, strict=True)
    )
    try:
        row = database.execute(
            f"SELECT count(*) FROM (SELECT {columns}) WHERE {' OR '.join(f'({one})' for one in wanted)}"  # noqa: S608
        ).fetchone()
    except duckdb.Error:
        return True  # the query itself will tell what is wrong with the condition
    return bool(row and row[0])


def _sources(select: exp.Select) -> Iterator[exp.Expr]:
    start = select.args.get("from_")
    if start:
        yield start.this
    for join in select.args.get("joins") or []:
        yield join.this


def _prunable(select: exp.Select) -> list[exp.Expr]:
    # A condition behind an outer join sees rows that the join has filled with NULL; those sources are read whole.
    sides = {join.side for join in select.args.get("joins") or []}
    sources = list(_sources(select))
    if not sides - {""}:
        return sources
    return sources[:1] if sides <= {"", "LEFT"} else []


def _conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def _is_about(condition: exp.Expr, alias: str, alone: bool) -> bool:
    columns = list(condition.find_all(exp.Column))
    if not columns or condition.find(exp.Query, exp.AggFunc, exp.Window):
        return False
    return all(column.table.lower() == alias or (alone and not column.table) for column in columns)


def _unnamed(condition: exp.Expr) -> exp.Expr:
    copy = condition.copy()
    for column in list(copy.find_all(exp.Column)):
        column.set("table", None)
        column.set("db", None)
    return copy


def _is_plain(select: exp.Select) -> bool:
    blocked = ("group", "having", "windows", "qualify", "distinct", "limit", "offset", "fetch")
    return not any(select.args.get(name) for name in blocked) and not any(
        expression.find(exp.AggFunc, exp.Window) for expression in select.expressions
    )


def _renamed(condition: exp.Expr, select: exp.Select) -> exp.Expr | None:
    """The condition in terms of what the subquery selects from; None where a column is computed."""
    star = any(isinstance(each, exp.Star) for each in select.expressions)
    named = {each.alias_or_name.lower(): each.unalias() for each in select.expressions}
    copy = condition.copy()
    for column in list(copy.find_all(exp.Column)):
        inner = named.get(column.name.lower())
        if isinstance(inner, exp.Column):
            if column is copy:
                copy = inner.copy()
            else:
                column.replace(inner.copy())
        elif inner is not None or not star:
            return None
    return copy
