"""The conditions that hold for each table of a query: what a reader that looks at bounds may leave out."""

from collections.abc import Iterator

from sqlglot import exp


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
