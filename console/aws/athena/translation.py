"""A query in Trino's SQL as one in DuckDB's that has the same answer, or a refusal.

Every name is resolved, every expression gets its type in Trino, and only what is known to mean the same is written;
DuckDB's own idea of names and types is not asked. Each column gets a name of its own (k1, k2, …): nothing is ambiguous.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NoReturn

from console.aws.athena import functions, types
from console.aws.athena import tree as t
from console.aws.athena.calls import of_call
from console.aws.athena.catalog import Catalog, is_view, view_definition
from console.aws.athena.failure import QueryFailed, not_here, where
from console.aws.athena.grammar import parse_query
from console.aws.athena.scopes import Column, Rows, Scan, Scope, Value, aggregates, cast, has_window, text_literal

_HIDDEN = ("$path", "$bucket", "$file_size", "$file_modified_time", "$partition")
_CATALOG = "awsdatacatalog"


@dataclass(frozen=True, slots=True)
class Translation:
    """`sql` has a mark for each scan; `columns` are the answer's, of Trino's names and types."""

    sql: str
    columns: list[Column]
    scans: list[Scan]


def translate(query: t.Query, sql: str, database: str, catalog: Catalog) -> Translation:
    """Translate a query.

    Parameters
    ----------
    query : read from `sql`, its parameters filled in
    database : of names that have none

    Raises
    ------
    QueryFailed
        It is wrong, or not known to be answered here as Trino answers it.
    """
    state = _State(catalog)
    rows = Translator(state, sql, database, {}).query(query, None)
    state.link()
    columns = [replace(each, name=each.name or f"_col{n}") for n, each in enumerate(rows.columns)]
    for each in columns:
        if each.kind is None:
            not_here(sql, 0, f"column {each.name} of a type that it does not read")
    return Translation(rows.sql, columns, state.scans)


class _State:
    """What all parts of one query share."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.scans: list[Scan] = []
        # Partition keys that are equal where both rows are seen: (from, to), each a scan's number and its key.
        self.equal: list[tuple[tuple[int, str], tuple[int, str]]] = []
        self.count = 0

    def key(self) -> str:
        self.count += 1
        return f"k{self.count}"

    def condition(self, sql: str, columns: list[Column]) -> None:
        """Keep a condition for the one scan whose partition keys it is about."""
        origins = {each.key: each.origin for each in columns}
        numbers = {origin[0] if origin else None for origin in origins.values()}
        if len(numbers) == 1 and None not in numbers:
            (number,) = numbers
            self.scans[number or 0].conditions.append(
                (sql, {key: origin[1] for key, origin in origins.items() if origin})
            )

    def link(self) -> None:
        """Hand conditions on one partition key to the keys that equal it."""
        changed = True
        while changed:
            changed = False
            for (number, key), (other, other_key) in self.equal:
                for sql, names in self.scans[number].conditions:
                    passed = (sql, dict.fromkeys(names, other_key))
                    if set(names.values()) == {key} and passed not in self.scans[other].conditions:
                        self.scans[other].conditions.append(passed)
                        changed = True


class Translator:
    """Translates the parts of one text: the query, or a view's."""

    def __init__(
        self, state: _State, sql: str, database: str, commons: "dict[str, _Common]", views: tuple[str, ...] = ()
    ) -> None:
        self.state, self.sql, self.database, self.commons, self.views = state, sql, database, commons, views
        self.seen: list[Column] = []

    def fail(self, name: str, node: t.Node, message: str) -> NoReturn:
        raise QueryFailed(f"{name}: {where(self.sql, node.at)}: {message}")

    def mismatch(self, node: t.Node, message: str) -> NoReturn:
        self.fail("TYPE_MISMATCH", node, message)

    # Queries

    def query(self, query: t.Query, outer: Scope | None) -> Rows:
        """A query as `(SELECT …)`."""
        if query.is_recursive:
            not_here(self.sql, query.at, "WITH RECURSIVE")
        if not query.commons:
            return self.ordered(query, outer)
        inner = Translator(self.state, self.sql, self.database, dict(self.commons), self.views)
        inner.seen = self.seen
        made: list[_Common] = []
        try:
            for common in query.commons:
                if common.name in {each.definition.name for each in made}:
                    self.fail(
                        "DUPLICATE_NAMED_QUERY", common, f"WITH query name '{common.name}' specified more than once"
                    )
                made.append(_Common(common, dict(inner.commons), outer))
                inner.commons[common.name] = made[-1]
            rows = inner.ordered(query, outer)
        except QueryFailed:
            for each in made:
                inner.check(each)  # what is wrong in WITH stands first, and is told first
            raise
        for each in made:
            if not each.is_used:
                inner.check(each)
        return rows

    def check(self, common: "_Common") -> None:
        """A query of WITH that nobody asks for has to be right, too."""
        scans, equal = len(self.state.scans), len(self.state.equal)
        self.of_common(common)
        del self.state.scans[scans:], self.state.equal[equal:]

    def of_common(self, common: "_Common") -> Rows:
        common.is_used = True
        inner = Translator(self.state, self.sql, self.database, common.visible, self.views)
        rows = inner.query(common.definition.query, common.outer)
        return Rows(rows.sql, self.renamed(rows.columns, common.definition.columns, common.definition))

    def renamed(self, columns: list[Column], names: list[str], node: t.Node) -> list[Column]:
        if not names:
            return columns
        if len(names) != len(columns):
            self.fail(
                "MISMATCHED_COLUMN_ALIASES",
                node,
                f"Column alias list has {len(names)} entries but relation has {len(columns)} columns",
            )
        return [replace(column, name=name) for column, name in zip(columns, names, strict=True)]

    def ordered(self, query: t.Query, outer: Scope | None) -> Rows:
        tail = ""
        for word, node in (("LIMIT", query.limit), ("OFFSET", query.offset)):
            if node is not None:
                if not isinstance(node, t.Literal) or node.kind != "integer":
                    self.fail("TYPE_MISMATCH", node, f"expected a whole number for {word}")
                tail += f" {word} {int(node.text)}"
        if isinstance(query.body, t.Select):
            return self.select(query.body, query.order, tail, outer)
        rows = self.combined(query.body, outer)
        scope = Scope([], outer, outputs=rows.columns)
        order = self.order_by(query.order, scope, rows.columns)
        cut = rows.columns if not tail else [replace(each, origin=None) for each in rows.columns]
        return Rows(f"(SELECT * FROM {rows.sql}{order}{tail})", cut)

    def combined(self, body: t.Node, outer: Scope | None) -> Rows:
        match body:
            case t.Query():
                return self.ordered(body, outer)
            case t.Select():
                return self.select(body, [], "", outer)
            case t.Values():
                return self.values(body, outer)
            case t.SetOperation():
                return self.united(body, outer)
        raise AssertionError(body)

    def united(self, body: t.SetOperation, outer: Scope | None) -> Rows:
        left, right = self.combined(body.left, outer), self.combined(body.right, outer)
        if len(left.columns) != len(right.columns):
            self.mismatch(
                body, f"{body.word} query has different number of fields: {len(left.columns)}, {len(right.columns)}"
            )
        made, sides = [], (list[str](), list[str]())
        for n, (one, other) in enumerate(zip(left.columns, right.columns, strict=True), 1):
            kind = types.common(one.kind or "", other.kind or "")
            if kind is None:
                self.mismatch(body, f"column {n} in {body.word} query has incompatible types: {one.kind}, {other.kind}")
            made.append(Column(one.name, self.state.key(), kind))
            for side, column in zip(sides, (one, other), strict=True):
                side.append(f"{cast(column.key, column.kind or '', kind)} AS {made[-1].key}")
        word = body.word if body.is_distinct else f"{body.word} ALL"
        first, second = (
            f"SELECT {', '.join(side)} FROM {rows.sql}" for side, rows in zip(sides, (left, right), strict=True)
        )
        return Rows(f"({first} {word} {second})", made)

    def values(self, body: t.Values, outer: Scope | None) -> Rows:
        rows = [
            [self.value(each, Scope([], outer)) for each in (row.items if isinstance(row, t.RowOf) else [row])]
            for row in body.rows
        ]
        kinds = [each.kind for each in rows[0]]
        for row, node in zip(rows, body.rows, strict=True):
            if len(row) != len(kinds):
                self.mismatch(node, f"Values rows have mismatched sizes: {len(kinds)} vs {len(row)}")
            for n, each in enumerate(row):
                kinds[n] = types.common(kinds[n], each.kind) or self.mismatch(
                    node, f"Values rows have mismatched types: {kinds[n]}, {each.kind}"
                )
        columns = [Column("", self.state.key(), kind) for kind in kinds]
        texts = ", ".join(
            "(" + ", ".join(cast(v.sql, v.kind, k) for v, k in zip(row, kinds, strict=True)) + ")" for row in rows
        )
        name = self.state.key()
        listed = ", ".join(each.key for each in columns)
        return Rows(f"(SELECT * FROM (VALUES {texts}) {name}({listed}))", columns)

    def select(self, select: t.Select, order: list[t.Order], tail: str, outer: Scope | None) -> Rows:
        source = self.relation(select.source, outer, None) if select.source else Rows("", [])
        scope = Scope(source.columns, outer, windows=select.windows)
        condition = self.where(select.where, scope) if select.where else ""
        items = list(self.items(select, scope))
        grouped, groups = self.groups(select, items, scope)
        having = ""
        if select.having:
            value = self.value(select.having, scope)
            if value.kind not in ("boolean", "unknown"):
                self.mismatch(select.having, f"HAVING clause must evaluate to a boolean: actual type {value.kind}")
            having = f" HAVING {value.sql}"
        heads = [select.having, *(item.value for item in items), *(each.value for each in order)]
        is_grouped = (
            select.groups is not None
            or any(True for head in heads if head for _ in aggregates(head))
            or select.having is not None
        )
        is_plain = not is_grouped and not tail and not any(has_window(item.value) for item in items)
        made = [self.output(item, scope, is_plain) for item in items]
        order_scope = Scope(scope.columns, outer, outputs=[column for _, column in made], windows=select.windows)
        by = self.order_by(order, order_scope, [column for _, column in made], texts=[value.sql for value, _ in made],
                           is_distinct=select.is_distinct, node=select)  # fmt: skip
        if is_grouped:
            for head in (select.having, *(item.value for item in items)):
                if head:
                    self.check_grouped(head, scope, grouped)
            for each in order:
                if not (isinstance(each.value, t.Literal) and each.value.kind == "integer"):
                    self.check_grouped(each.value, order_scope, grouped)
        listed = ", ".join(f"{value.sql} AS {column.key}" for value, column in made)
        origin = f" FROM {source.sql}" if source.sql else ""
        distinct = "DISTINCT " if select.is_distinct else ""
        return Rows(f"(SELECT {distinct}{listed}{origin}{condition}{groups}{having}{by}{tail})", [c for _, c in made])

    def where(self, node: t.Node, scope: Scope) -> str:
        self.no_aggregates(node, "WHERE")
        value = self.value(node, scope)
        if value.kind not in ("boolean", "unknown"):
            self.mismatch(node, f"WHERE clause must evaluate to a boolean: actual type {value.kind}")
        self.keep_conditions(node, scope)
        return f" WHERE {value.sql}"

    def no_aggregates(self, node: t.Node, clause: str) -> None:
        if list(aggregates(node)) or has_window(node):
            self.fail(
                "EXPRESSION_NOT_SCALAR",
                node,
                f"{clause} clause cannot contain aggregations, window functions or grouping operations",
            )

    def keep_conditions(
        self, node: t.Node, scope: Scope, direction: str = "both", of: list[Column] | None = None
    ) -> None:
        """Note what a condition says of partition keys.

        Parameters
        ----------
        direction : both for an inner join or WHERE, right where the left side's keys hold for the right side's only
        of : the columns whose rows a condition can leave out; None is all
        """
        for part in _conjuncts(node):
            if any(isinstance(each, (t.Query, t.Call)) for each in part.walk()):
                continue
            before, self.seen = self.seen, []
            value = self.value(part, scope)
            seen, self.seen = self.seen, before
            if of is None or all(column in of for column in seen):
                self.state.condition(value.sql, seen)
            origins = [column.origin for column in seen]
            is_equation = isinstance(part, t.Comparison) and part.sign == "=" and len(origins) == 2 and all(origins)
            if is_equation and isinstance(part.left, t.Name) and isinstance(part.right, t.Name):  # type: ignore[attr-defined]
                self.equal(seen[0], seen[1], direction, of)

    def equal(self, one: Column, other: Column, direction: str, right: list[Column] | None) -> None:
        if not one.origin or not other.origin:
            return
        if direction == "both":
            self.state.equal += [(one.origin, other.origin), (other.origin, one.origin)]
        elif right is not None and (one in right) != (other in right):
            self.state.equal.append((other.origin, one.origin) if one in right else (one.origin, other.origin))

    def items(self, select: t.Select, scope: Scope) -> Iterator[t.Item]:
        for item in select.items:
            if not isinstance(item, t.Star):
                yield item  # type: ignore[misc]
                continue
            found = [column for column in scope.columns if not item.table or _qualifies(item.table, column.qualifier)]
            if not found:
                if item.table:
                    self.fail("TABLE_NOT_FOUND", item, f"Unable to resolve reference {'.'.join(item.table)}")
                self.fail("COLUMN_NOT_FOUND", item, "SELECT * not allowed in queries without FROM clause")
            for column in found:
                yield t.Item(item.at, _Resolved(item.at, column), column.name)

    def output(self, item: t.Item, scope: Scope, is_plain: bool) -> tuple[Value, Column]:
        value = self.value(item.value, scope)
        name = item.alias
        if not name:
            match item.value:
                case t.Name(parts=parts):
                    name = parts[-1]
                case t.Field(name=name):
                    pass
        origin = value.column.origin if value.column and is_plain else None
        return value, Column(name, self.state.key(), value.kind, origin=origin)

    def groups(self, select: t.Select, items: list[t.Item], scope: Scope) -> tuple[set[str], str]:
        """The texts of what is grouped by, and the clause."""
        if select.groups is None:
            return set(), ""
        texts, clauses = set[str](), []
        for grouping in select.groups:
            sets = []
            for one in grouping.sets:
                made = [self.group(node, items, scope) for node in one]
                texts.update(made)
                sets.append(f"({', '.join(made)})" if grouping.kind != "simple" else ", ".join(made))
            word = {"simple": "", "rollup": "ROLLUP ", "cube": "CUBE ", "sets": "GROUPING SETS "}[grouping.kind]
            if grouping.kind in ("rollup", "cube"):
                sets = [each[1:-1] for each in sets]
            joined = ", ".join(sets)
            clauses.append(f"{word}({joined})" if word else joined)
        return texts, f" GROUP BY {', '.join(each for each in clauses if each)}" if any(clauses) else ""

    def group(self, node: t.Node, items: list[t.Item], scope: Scope) -> str:
        if isinstance(node, t.Literal) and node.kind == "integer":
            position = int(node.text)
            if not 0 < position <= len(items):
                self.fail("INVALID_COLUMN_REFERENCE", node, f"GROUP BY position {position} is not in select list")
            node = items[position - 1].value
        self.no_aggregates(node, "GROUP BY")
        return self.value(node, scope).sql

    def check_grouped(self, node: t.Node, scope: Scope, grouped: set[str]) -> None:
        if isinstance(node, t.Query):
            return
        if not isinstance(node, (t.Order, t.Window, t.Lambda, t.Interval)) and self.value(node, scope).sql in grouped:
            return
        if (
            isinstance(node, t.Call)
            and node.window is None
            and (node.name in functions.AGGREGATES or node.name == "grouping")
        ):
            return
        if isinstance(node, (t.Name, _Resolved)):
            before, self.seen = self.seen, []
            self.value(node, scope)
            seen, self.seen = self.seen, before
            if seen and seen[0] in scope.columns:
                written = ".".join(node.parts) if isinstance(node, t.Name) else node.column.name
                self.fail("EXPRESSION_NOT_AGGREGATE", node,
                          f"'{written}' must be an aggregate expression or appear in GROUP BY clause")  # fmt: skip
            return
        for child in node.children():
            self.check_grouped(child, scope, grouped)

    def order_by(self, order: list[t.Order], scope: Scope, outputs: list[Column], *, texts: list[str] | None = None,
                 is_distinct: bool = False, node: t.Node | None = None) -> str:  # fmt: skip
        made = []
        for each in order:
            if isinstance(each.value, t.Literal) and each.value.kind == "integer":
                position = int(each.value.text)
                if not 0 < position <= len(outputs):
                    self.fail(
                        "INVALID_COLUMN_REFERENCE", each.value, f"ORDER BY position {position} is not in select list"
                    )
                text, kind = outputs[position - 1].key, outputs[position - 1].kind or ""
            else:
                value = self.value(each.value, scope)
                text, kind = value.sql, value.kind
                if is_distinct and text not in {column.key for column in outputs}:
                    if text not in (texts or []):
                        self.fail("EXPRESSION_NOT_IN_DISTINCT", node or each,
                                  "For SELECT DISTINCT, ORDER BY expressions must appear in select list")  # fmt: skip
                    text = outputs[(texts or []).index(text)].key
            made.append(self.direction(each, text, kind))
        return f" ORDER BY {', '.join(made)}" if made else ""

    def direction(self, order: t.Order, text: str, kind: str) -> str:
        if types.element(kind):
            not_here(self.sql, order.at, "the order of arrays")
        return f"{text} {'DESC' if order.is_descending else 'ASC'} NULLS {'FIRST' if order.nulls_first else 'LAST'}"

    # Relations

    def relation(self, node: t.Node, outer: Scope | None, left: Scope | None) -> Rows:
        match node:
            case t.TableName():
                return self.aliased(self.table(node), node)
            case t.Derived():
                return self.aliased(self.query(node.query, outer), node)
            case t.Unnest():
                return self.aliased(self.unnest(node, left or Scope([], outer)), node)
            case t.Join():
                return self.join(node, outer, left)
        raise AssertionError(node)

    def aliased(self, rows: Rows, node: t.Relation) -> Rows:
        columns = self.renamed(rows.columns, node.columns, node)
        qualifier = (node.alias,) if node.alias else node.parts if isinstance(node, t.TableName) else ()
        label = self.state.key()
        return Rows(f"{rows.sql} {label}", [replace(column, qualifier=qualifier) for column in columns])

    def table(self, node: t.TableName) -> Rows:
        if len(node.parts) == 1 and node.parts[0] in self.commons:
            return self.of_common(self.commons[node.parts[0]])
        if len(node.parts) > 3:
            self.fail("SYNTAX_ERROR", node, f"Too many dots in table name: {'.'.join(node.parts)}")
        catalog, owner, name = ((_CATALOG, self.database), (_CATALOG,), ())[len(node.parts) - 1] + node.parts
        if catalog != _CATALOG:
            self.fail("CATALOG_NOT_FOUND", node, f"Catalog '{catalog}' not found")
        virtual = self.state.catalog.virtual(owner, name)
        if virtual is not None:
            return self.listed(virtual)
        entry = self.state.catalog.table(owner, name)
        if entry is None and owner not in self.state.catalog.databases():
            self.fail("SCHEMA_NOT_FOUND", node, f"Schema '{owner}' does not exist")
        if entry is None:
            self.fail("TABLE_NOT_FOUND", node, f"Table '{_CATALOG}.{owner}.{name}' does not exist")
        return self.view(entry, node) if is_view(entry) else self.scan(owner, name, entry)

    def listed(self, virtual: "tuple[list[tuple[str, str]], list[list[Any]]]") -> Rows:
        """A table of information_schema, or of a table's partitions."""
        described, rows = virtual
        columns = [Column(name, self.state.key(), kind) for name, kind in described]
        cells = [
            ", ".join(
                f"CAST({text_literal(cell)} AS {types.duckdb(kind)})"
                for cell, (_, kind) in zip(row, described, strict=True)
            )
            for row in rows
        ] or [", ".join(f"CAST(NULL AS {types.duckdb(kind)})" for _, kind in described)]
        names = ", ".join(each.key for each in columns)
        where_none = "" if rows else " WHERE false"
        return Rows(f"(SELECT * FROM (VALUES ({'), ('.join(cells)})) {self.state.key()}({names}){where_none})", columns)

    def view(self, entry: dict[str, Any], node: t.TableName) -> Rows:
        name = f"{_CATALOG}.{entry['DatabaseName']}.{entry['Name']}"
        if name in self.views:
            self.fail("VIEW_IS_RECURSIVE", node, "View is recursive")
        definition = view_definition(entry)
        inner = Translator(self.state, definition.sql, definition.database, {}, (*self.views, name))
        try:
            rows = inner.query(_view_query(definition.sql), None)
        except QueryFailed as error:
            kind, _, said = str(error).partition(": ")
            if kind == "NOT_SUPPORTED":
                raise
            self.fail("INVALID_VIEW", node, f"Failed analyzing stored view '{name}': {said}")
        stored = definition.columns
        if len(stored) != len(rows.columns):
            self.fail("VIEW_IS_STALE", node, f"View '{name}' is stale or in invalid state: "
                      f"column count mismatch: {len(stored)} stored, {len(rows.columns)} found")  # fmt: skip
        columns, changed = [], []
        for column, (label, kind) in zip(rows.columns, stored, strict=True):
            if column.name != label.lower() or not types.can_become(column.kind or "", kind):
                self.fail("VIEW_IS_STALE", node, f"View '{name}' is stale or in invalid state: column "
                          f"[{column.name}] of type {column.kind} cannot be coerced to column [{label}] of type {kind} "
                          "stored in view definition")  # fmt: skip
            key = column.key if column.kind == kind else self.state.key()
            changed.append(f"{cast(column.key, column.kind or '', kind)} AS {key}")
            columns.append(replace(column, key=key, kind=kind))
        if [each.key for each in columns] == [each.key for each in rows.columns]:
            return Rows(rows.sql, columns)
        return Rows(f"(SELECT {', '.join(changed)} FROM {rows.sql} {self.state.key()})", columns)

    def scan(self, owner: str, name: str, entry: dict[str, Any]) -> Rows:
        keys = entry.get("PartitionKeys") or []
        described = [*entry["StorageDescriptor"]["Columns"], *keys]
        names = {each["Name"].lower(): self.state.key() for each in described}
        kinds = {each["Name"].lower(): types.of_hive(each["Type"]) for each in described}
        read = {each: kind for each, kind in kinds.items() if kind}
        scan = Scan(len(self.state.scans), owner, name, entry, names, read)
        self.state.scans.append(scan)
        partition = {key["Name"].lower() for key in keys}
        columns = [
            Column(each, names[each], kinds[each], scan=scan, origin=(scan.number, each) if each in partition else None)
            for each in names
        ]
        return Rows(f"({scan.mark})", columns)

    def unnest(self, node: t.Unnest, left: Scope) -> Rows:
        made, columns = [], []
        for each in node.arrays:
            value = self.value(each, left)
            inner = types.element(value.kind)
            if inner is None:
                not_here(self.sql, each.at, f"UNNEST of {value.kind}")
            columns.append(Column("", self.state.key(), inner))
            made.append(f"unnest({value.sql}) AS {columns[-1].key}")
        if node.has_ordinality:
            if len(node.arrays) != 1:
                not_here(self.sql, node.at, "UNNEST of several arrays WITH ORDINALITY")
            columns.append(Column("", self.state.key(), "bigint"))
            made.append(
                f"CAST(generate_subscripts({self.value(node.arrays[0], left).sql}, 1) AS BIGINT) AS {columns[-1].key}"
            )
        return Rows(f"(SELECT {', '.join(made)})", columns)

    def join(self, node: t.Join, outer: Scope | None, around: Scope | None) -> Rows:
        left = self.relation(node.left, outer, around)
        right = self.relation(node.right, outer, Scope(left.columns, outer))
        lateral = "LATERAL " if isinstance(node.right, t.Unnest) else ""
        if lateral and not (node.kind == "CROSS" or (node.kind == "LEFT" and _is_true(node.on))):
            not_here(self.sql, node.at, "a join with UNNEST other than CROSS JOIN and LEFT JOIN … ON TRUE")
        if node.kind == "CROSS":
            return Rows(f"{left.sql} CROSS JOIN {lateral}{right.sql}", [*left.columns, *right.columns])
        if node.using:
            return self.join_using(node, left, right)
        scope = Scope([*left.columns, *right.columns], outer)
        if node.on is None:
            raise AssertionError(node)
        self.no_aggregates(node.on, "JOIN")
        on = self.value(node.on, scope)
        if on.kind not in ("boolean", "unknown"):
            self.mismatch(node.on, f"JOIN ON clause must evaluate to a boolean: actual type {on.kind}")
        if node.kind == "INNER":
            self.keep_conditions(node.on, scope)
        elif node.kind == "LEFT":
            self.keep_conditions(node.on, scope, "right", right.columns)
        elif node.kind == "RIGHT":
            self.keep_conditions(node.on, scope, "right", left.columns)
        columns = self.joined(node, left.columns, right.columns)
        return Rows(f"{left.sql} {node.kind} JOIN {lateral}{right.sql} ON {on.sql}", columns)

    @staticmethod
    def joined(node: t.Join, left: list[Column], right: list[Column]) -> list[Column]:
        """The columns after a join; those of a side that may be filled with NULL are partition keys no more."""
        if node.kind in ("RIGHT", "FULL"):
            left = [replace(each, origin=None) for each in left]
        if node.kind in ("LEFT", "FULL"):
            right = [replace(each, origin=None) for each in right]
        return [*left, *right]

    def join_using(self, node: t.Join, left: Rows, right: Rows) -> Rows:
        shared, conditions, merged = [], [], []
        for name in node.using:
            pair = []
            for side, rows in (("left", left), ("right", right)):
                found = [column for column in rows.columns if column.name == name]
                if len(found) != 1:
                    kind = "AMBIGUOUS_NAME" if found else "COLUMN_NOT_FOUND"
                    self.fail(
                        kind,
                        node,
                        f"Column '{name}' is {'ambiguous' if found else f'missing from {side} side of join'}",
                    )
                pair.append(self.value(_Resolved(node.at, found[0]), Scope(rows.columns)))
            of_both = types.common(pair[0].kind, pair[1].kind)
            if of_both is None:
                self.mismatch(node, f"Column types of '{name}' do not match: {pair[0].kind}, {pair[1].kind}")
            texts = [cast(value.sql, value.kind, of_both) for value in pair]
            conditions.append(f"{texts[0]} = {texts[1]}")
            one, other = pair[0].column, pair[1].column
            if one and other:
                if node.kind == "INNER":
                    self.equal(one, other, "both", None)
                elif node.kind == "LEFT":
                    self.equal(one, other, "right", [other])
                elif node.kind == "RIGHT":
                    self.equal(one, other, "right", [one])
            shared += [column for column in (one, other) if column]
            text = {"LEFT": texts[0], "RIGHT": texts[1], "INNER": texts[0]}.get(
                node.kind, f"coalesce({', '.join(texts)})"
            )
            kept = {"LEFT": one, "RIGHT": other, "INNER": one}.get(node.kind)
            merged.append((text, Column(name, self.state.key(), of_both, origin=kept.origin if kept else None)))
        rest = [
            column
            for column in self.joined(node, left.columns, right.columns)
            if column.key not in {s.key for s in shared}
        ]
        # The merged column must have a name of its own for all that comes after.
        inner = ", ".join([*(f"{text} AS {column.key}" for text, column in merged), "*"])
        both = f"{left.sql} {node.kind} JOIN {right.sql} ON {' AND '.join(conditions)}"
        sql = f"(SELECT {inner} FROM {both}) {self.state.key()}"
        return Rows(sql, [*(column for _, column in merged), *rest])

    # Expressions

    def value(self, node: t.Node, scope: Scope) -> Value:
        rule = f"on_{type(node).__name__.lstrip('_').lower()}"
        return getattr(self, rule)(node, scope)  # type: ignore[no-any-return]

    def on_resolved(self, node: "_Resolved", scope: Scope) -> Value:
        return self.of_column(node.column, node)

    def of_column(self, column: Column, node: t.Node) -> Value:
        if column.kind is None:
            not_here(self.sql, node.at, f"column {column.name}, whose type it does not read")
        if column.scan:
            column.scan.used.add(column.name)
        self.seen.append(column)
        return Value(column.key, column.kind, column)

    def on_name(self, node: t.Name, scope: Scope) -> Value:
        if len(node.parts) == 1 and node.parts[0] in scope.variables:
            return scope.variables[node.parts[0]]
        level: Scope | None = scope
        while level is not None:
            for columns in (level.outputs, level.columns):
                found = [
                    column
                    for column in columns
                    if column.name == node.parts[-1] and _qualifies(node.parts[:-1], column.qualifier)
                ]
                if len({column.key for column in found}) > 1:
                    self.fail("AMBIGUOUS_NAME", node, f"Column '{'.'.join(node.parts)}' is ambiguous")
                if found:
                    return self.of_column(found[0], node)
            scope.touched = scope.touched or level.outer is not None
            level = level.outer
            if level is not None:
                level.touched = True
        base = [column for column in scope.columns if column.name == node.parts[0]] if len(node.parts) > 1 else []
        if any(column.kind is None for column in base):
            not_here(self.sql, node.at, f"a field of {node.parts[0]}, whose type it does not read")
        if base:
            self.mismatch(node, f"Expression {node.parts[0]} is not of type ROW")
        if node.parts[-1] in _HIDDEN and any(column.scan for column in scope.columns):
            not_here(self.sql, node.at, f"the hidden column {node.parts[-1]}")
        return self.fail("COLUMN_NOT_FOUND", node, f"Column '{'.'.join(node.parts)}' cannot be resolved")

    def on_literal(self, node: t.Literal, scope: Scope) -> Value:
        return getattr(self, f"literal_{node.kind}")(node)  # type: ignore[no-any-return]

    def literal_null(self, node: t.Literal) -> Value:
        return Value("CAST(NULL AS INTEGER)", "unknown")

    def literal_boolean(self, node: t.Literal) -> Value:
        return Value(node.text, "boolean")

    def literal_integer(self, node: t.Literal) -> Value:
        number = int(node.text)
        if number >= 2**63:
            self.fail("SYNTAX_ERROR", node, f"Invalid numeric literal: {node.text}")
        kind = "integer" if number < 2**31 else "bigint"
        return Value(f"CAST({number} AS {types.duckdb(kind)})", kind)

    def literal_decimal(self, node: t.Literal) -> Value:
        if not re.fullmatch(r"\d+(\.\d*)?|\.\d+", node.text):
            not_here(self.sql, node.at, f"the literal DECIMAL '{node.text}'")
        whole, _, fraction = node.text.partition(".")
        whole = whole.lstrip("0")
        precision = max(len(whole) + len(fraction), 1)
        if precision > types.MAXIMUM:
            self.fail("INVALID_LITERAL", node, f"'{node.text}' is not a valid DECIMAL literal")
        kind = f"decimal({precision},{len(fraction)})"
        return Value(f"CAST('{whole or 0}.{fraction or 0}' AS {types.duckdb(kind)})", kind)

    def literal_double(self, node: t.Literal) -> Value:
        return Value(f"CAST('{node.text}' AS DOUBLE)", "double")

    def literal_varchar(self, node: t.Literal) -> Value:
        return Value(text_literal(node.text), "varchar")

    def literal_varbinary(self, node: t.Literal) -> Value:
        not_here(self.sql, node.at, "varbinary")

    def literal_time(self, node: t.Literal) -> Value:
        not_here(self.sql, node.at, "the type time")

    def literal_date(self, node: t.Literal) -> Value:
        found = functions.read_date(node.text)
        if found is None:
            self.fail("INVALID_LITERAL", node, f"'{node.text}' is not a valid DATE literal")
        return Value(f"DATE '{found}'", "date")

    def literal_timestamp(self, node: t.Literal) -> Value:
        found = functions.read_timestamp(node.text)
        if found is None:
            not_here(self.sql, node.at, f"the literal TIMESTAMP '{node.text}'")
        digits = len(node.text.strip().partition(".")[2])
        return Value(f"TIMESTAMP '{found:%Y-%m-%d %H:%M:%S.%f}'", f"timestamp({digits})")

    def on_interval(self, node: t.Interval, scope: Scope) -> Value:
        not_here(self.sql, node.at, "an interval that is not added to a date or taken from it")

    def on_parameter(self, node: t.Parameter, scope: Scope) -> Value:
        self.fail("INVALID_PARAMETER_USAGE", node, "Incorrect number of parameters: expected 1 but found 0")

    def on_field(self, node: t.Field, scope: Scope) -> Value:
        not_here(self.sql, node.at, "a field of a row")

    def on_rowof(self, node: t.RowOf, scope: Scope) -> Value:
        not_here(self.sql, node.at, "the type row")

    def on_lambda(self, node: t.Lambda, scope: Scope) -> Value:
        not_here(self.sql, node.at, "this function of a function")

    def on_arrayof(self, node: t.ArrayOf, scope: Scope) -> Value:
        values = [self.value(each, scope) for each in node.items]
        kind = self.together(node, values, "ARRAY elements") if values else "unknown"
        texts = ", ".join(cast(value.sql, value.kind, kind) for value in values)
        return Value(f"CAST([{texts}] AS {types.duckdb(kind)}[])", f"array({kind})")

    def on_subscript(self, node: t.Subscript, scope: Scope) -> Value:
        base, index = self.value(node.base, scope), self.value(node.index, scope)
        inner = types.element(base.kind)
        if inner is None or not types.can_become(index.kind, "bigint"):
            self.mismatch(node, f"Cannot use {index.kind} for subscript of {base.kind}")
        return Value(f"trino_subscript({base.sql}, {index.sql})", inner)

    def on_negative(self, node: t.Negative, scope: Scope) -> Value:
        value = self.value(node.operand, scope)
        if not types.is_number(value.kind):
            self.mismatch(node, f"Cannot negate {value.kind}")
        return Value(f"(-{value.sql})", value.kind)

    def on_arithmetic(self, node: t.Arithmetic, scope: Scope) -> Value:
        if node.sign == "||":
            if "unknown" in (self.value(node.left, scope).kind, self.value(node.right, scope).kind):
                not_here(self.sql, node.at, "|| with NULL")
            return self.on_call(t.Call(node.at, "concat", [node.left, node.right]), scope)
        if isinstance(node.right, t.Interval) and node.sign in ("+", "-"):
            return self.moved(node, self.value(node.left, scope), node.right)
        if isinstance(node.left, t.Interval) and node.sign == "+":
            return self.moved(node, self.value(node.right, scope), node.left)
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        return self.arithmetic(node, node.sign, left, right)

    def arithmetic(self, node: t.Node, sign: str, left: Value, right: Value) -> Value:
        if (
            "unknown" in (left.kind, right.kind)
            or types.is_time(left.kind + right.kind)
            or left.kind == right.kind == "date"
        ):
            not_here(self.sql, node.at, f"{left.kind} {sign} {right.kind}")
        kind = types.of_arithmetic(sign, left.kind, right.kind)
        if kind is None and types.is_number(left.kind) and types.is_number(right.kind):
            self.fail(
                "INVALID_FUNCTION_ARGUMENT", node, f"DECIMAL scale must be in range [0, precision ({types.MAXIMUM})]"
            )
        if kind is None:
            self.mismatch(node, f"Cannot apply operator: {left.kind} {sign} {right.kind}")
        digits = types.decimal(kind) if kind.startswith("decimal") else None
        if digits is None:
            one, other = cast(left.sql, left.kind, kind), cast(right.sql, right.kind, kind)
            if kind in ("double", "real"):
                if sign == "%" or kind == "real":
                    not_here(self.sql, node.at, f"{left.kind} {sign} {right.kind}")
                return Value(f"({one} {sign} {other})", kind)
            return Value(f"({one} {'//' if sign == '/' else sign} {other})", kind)
        (p1, s1), (p2, s2) = types.decimal(left.kind) or (0, 0), types.decimal(right.kind) or (0, 0)
        if sign in "/%":
            word = "divide" if sign == "/" else "remain"
            arguments = f"CAST({left.sql} AS DECIMAL(38,{s1})), CAST({right.sql} AS DECIMAL(38,{s2}))"
            return Value(f"py_{word}_{digits[0]}_{digits[1]}_{s1}_{s2}({arguments})", kind)
        width = types.duckdb(kind)
        if sign == "*":
            one, other = (
                cast(value.sql, value.kind, f"decimal({p},{s})") for value, p, s in ((left, p1, s1), (right, p2, s2))
            )
        else:
            one, other = cast(left.sql, left.kind, kind), cast(right.sql, right.kind, kind)
        return Value(f"CAST({one} {sign} {other} AS {width})", kind)

    def moved(self, node: t.Node, value: Value, interval: t.Interval) -> Value:
        if not re.fullmatch(r"-?\d+", interval.count):
            self.fail("INVALID_LITERAL", interval, f"'{interval.count}' is not a valid interval literal")
        count = int(interval.count) * (-1 if isinstance(node, t.Arithmetic) and node.sign == "-" else 1)
        if value.kind == "date" and interval.unit in ("year", "month", "day"):
            return Value(f"CAST({value.sql} + INTERVAL ({count}) {interval.unit} AS DATE)", "date")
        if value.kind == "date":
            self.fail("INVALID_FUNCTION_ARGUMENT", node, "Cannot add hour, minutes or seconds to a date")
        if types.is_time(value.kind) and not value.kind.endswith("zone"):
            digits = value.kind[10] if interval.unit in ("year", "month") else str(max(int(value.kind[10]), 3))
            return Value(f"({value.sql} + INTERVAL ({count}) {interval.unit})", f"timestamp({digits})")
        if value.kind.endswith("zone"):
            not_here(self.sql, node.at, f"{value.kind} and an interval")
        return self.mismatch(node, f"Cannot apply operator: {value.kind} + interval")

    def on_comparison(self, node: t.Comparison, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        one, other, kind = self.both(node, left, right, node.sign)
        if kind in ("double", "real"):
            # DuckDB has NaN equal to itself and above all others.
            nan = "true" if node.sign == "<>" else "false"
            return Value(
                f"CASE WHEN isnan({one}) OR isnan({other}) THEN {nan} ELSE {one} {node.sign} {other} END", "boolean"
            )
        return Value(f"({one} {node.sign} {other})", "boolean")

    def both(self, node: t.Node, left: Value, right: Value, sign: str) -> tuple[str, str, str]:
        """The two operands of a comparison as one type."""
        kind = types.common(left.kind, right.kind)
        if kind is None:
            self.mismatch(node, f"Cannot apply operator: {left.kind} {sign} {right.kind}")
        if types.element(kind):
            not_here(self.sql, node.at, "the comparison of arrays")
        return cast(left.sql, left.kind, kind), cast(right.sql, right.kind, kind), kind

    def on_logical(self, node: t.Logical, scope: Scope) -> Value:
        texts = []
        for each in (node.left, node.right):
            value = self.value(each, scope)
            if value.kind not in ("boolean", "unknown"):
                self.mismatch(each, f"Logical expression term must evaluate to a boolean (actual: {value.kind})")
            texts.append(cast(value.sql, value.kind, "boolean"))
        return Value(f"({texts[0]} {node.word} {texts[1]})", "boolean")

    def on_not(self, node: t.Not, scope: Scope) -> Value:
        value = self.value(node.operand, scope)
        if value.kind not in ("boolean", "unknown"):
            self.mismatch(
                node.operand, f"Value of logical NOT expression must evaluate to a boolean (actual: {value.kind})"
            )
        return Value(f"(NOT {cast(value.sql, value.kind, 'boolean')})", "boolean")

    def on_isnull(self, node: t.IsNull, scope: Scope) -> Value:
        return Value(f"({self.value(node.operand, scope).sql} IS NULL)", "boolean")

    def on_isdistinct(self, node: t.IsDistinct, scope: Scope) -> Value:
        one, other, kind = self.both(
            node, self.value(node.left, scope), self.value(node.right, scope), "IS DISTINCT FROM"
        )
        if kind in ("double", "real"):
            not_here(self.sql, node.at, "IS DISTINCT FROM of floats")
        return Value(f"({one} IS DISTINCT FROM {other})", "boolean")

    def on_between(self, node: t.Between, scope: Scope) -> Value:
        low = t.Comparison(node.at, ">=", node.operand, node.low)
        return self.value(t.Logical(node.at, "AND", low, t.Comparison(node.at, "<=", node.operand, node.high)), scope)

    def on_inlist(self, node: t.InList, scope: Scope) -> Value:
        values = [self.value(each, scope) for each in (node.operand, *node.items)]
        kind = self.together(node.items[0], values, "IN value and list items")
        if kind in ("double", "real") or types.element(kind):
            not_here(self.sql, node.at, f"IN of {kind}")
        texts = [cast(value.sql, value.kind, kind) for value in values]
        return Value(f"({texts[0]} IN ({', '.join(texts[1:])}))", "boolean")

    def on_inquery(self, node: t.InQuery, scope: Scope) -> Value:
        value = self.value(node.operand, scope)
        rows = self.subquery(node.query, scope, node)
        if len(rows.columns) != 1:
            self.mismatch(
                node.query, f"Multiple columns returned by subquery are not yet supported. Found {len(rows.columns)}"
            )
        column = rows.columns[0]
        kind = types.common(value.kind, column.kind or "")
        if kind is None:
            self.mismatch(
                node,
                f"Value and result of subquery must be of the same type for IN: {value.kind} vs {column.kind}",
            )
        if kind in ("double", "real") or types.element(kind):
            not_here(self.sql, node.at, f"IN of {kind}")
        inner = f"SELECT {cast(column.key, column.kind or '', kind)} FROM {rows.sql} {self.state.key()}"
        return Value(f"({cast(value.sql, value.kind, kind)} IN ({inner}))", "boolean")

    def subquery(self, query: t.Query, scope: Scope, node: t.Node, *, is_exists: bool = False) -> Rows:
        inner = Scope(scope.columns, scope.outer, outputs=scope.outputs)
        rows = self.query(query, inner)
        if inner.touched:
            scope.touched = scope.touched or scope.outer is not None
            body = query.body
            is_simple = (
                isinstance(body, t.Select) and body.groups is None and not body.is_distinct and not query.commons
                and not any(has_window(item) or list(aggregates(item)) for item in body.items)
                and not query.order and query.limit is None and query.offset is None
            )  # fmt: skip
            if not (is_exists and is_simple):
                not_here(self.sql, node.at, "this correlated subquery")
        return rows

    def on_exists(self, node: t.Exists, scope: Scope) -> Value:
        return Value(f"(EXISTS {self.subquery(node.query, scope, node, is_exists=True).sql})", "boolean")

    def on_scalar(self, node: t.Scalar, scope: Scope) -> Value:
        rows = self.subquery(node.query, scope, node)
        if len(rows.columns) != 1:
            not_here(self.sql, node.at, "a subquery of several columns as a value")
        return Value(rows.sql, rows.columns[0].kind or "unknown")

    def on_like(self, node: t.Like, scope: Scope) -> Value:
        value, pattern = self.value(node.operand, scope), self.value(node.pattern, scope)
        if value.kind not in ("varchar", "unknown"):
            self.mismatch(
                node.operand, f"Left side of LIKE expression must evaluate to a varchar (actual: {value.kind})"
            )
        if pattern.kind not in ("varchar", "unknown"):
            self.mismatch(
                node.pattern, f"Pattern for LIKE expression must evaluate to a varchar (actual: {pattern.kind})"
            )
        if node.escape is None:
            return Value(
                f"({cast(value.sql, value.kind, 'varchar')} LIKE {cast(pattern.sql, pattern.kind, 'varchar')})",
                "boolean",
            )
        texts = [
            each.text if isinstance(each, t.Literal) and each.kind == "varchar" else None
            for each in (node.pattern, node.escape)
        ]
        if texts[0] is None or texts[1] is None or len(texts[1]) != 1:
            not_here(self.sql, node.at, "LIKE with this ESCAPE")
        escape = re.escape(texts[1])
        if not re.fullmatch(rf"(?:[^{escape}]|{escape}[%_{escape}])*", texts[0], re.DOTALL):
            self.fail(
                "INVALID_FUNCTION_ARGUMENT",
                node,
                "Escape character must be followed by '%', '_' or the escape character itself",
            )
        return Value(
            f"({cast(value.sql, value.kind, 'varchar')} LIKE {pattern.sql} ESCAPE {text_literal(texts[1])})", "boolean"
        )

    def on_case(self, node: t.Case, scope: Scope) -> Value:
        conditions, results = [], []
        for condition, result in node.whens:
            if node.operand is not None:
                condition = t.Comparison(condition.at, "=", node.operand, condition)
            value = self.value(condition, scope)
            if value.kind not in ("boolean", "unknown"):
                self.mismatch(condition, f"CASE WHEN clause must evaluate to a boolean (actual: {value.kind})")
            conditions.append(cast(value.sql, value.kind, "boolean"))
            results.append(self.value(result, scope))
        default = self.value(node.default, scope) if node.default else Value("CAST(NULL AS INTEGER)", "unknown")
        kind = self.together(node, [*results, default], "All CASE results")
        parts = " ".join(
            f"WHEN {condition} THEN {cast(result.sql, result.kind, kind)}"
            for condition, result in zip(conditions, results, strict=True)
        )
        return Value(f"CASE {parts} ELSE {cast(default.sql, default.kind, kind)} END", kind)

    def together(self, node: t.Node, values: list[Value], what: str) -> str:
        kind = "unknown"
        for value in values:
            found = types.common(kind, value.kind)
            if found is None:
                self.mismatch(
                    node,
                    f"{what} must be the same type or coercible to a common type. "
                    f"Cannot find common type between {kind} and {value.kind}",
                )
            kind = found
        return kind

    def on_cast(self, node: t.Cast, scope: Scope) -> Value:
        value, operand = self.value(node.operand, scope), node.operand
        is_now = isinstance(operand, t.Call) and operand.name in ("now", "current_timestamp")
        if is_now and node.type.startswith(("date", "timestamp")) and "zone" not in node.type:
            # Sessions are in UTC, so this is what its clock shows; of other times the zone may be any.
            value = Value(f"CAST({value.sql} AS TIMESTAMP)", "timestamp(3)")
        return _Casting(self, node).of(value)

    def on_call(self, node: t.Call, scope: Scope) -> Value:
        return of_call(self, node, scope)


@dataclass(slots=True)
class _Common:
    """A query of WITH, the ones that it sees, and what is around it; `is_used`: somebody asks for it."""

    definition: t.Common
    visible: "dict[str, _Common]"
    outer: Scope | None
    is_used: bool = False


@dataclass(eq=False, slots=True)
class _Resolved(t.Node):
    """A column that a star stands for."""

    column: Column

    def children(self) -> Iterator[t.Node]:
        yield from ()


class _Casting:
    """CAST and TRY_CAST of one expression."""

    def __init__(self, translator: Translator, node: t.Cast) -> None:
        self.translator, self.node = translator, node

    def of(self, value: Value) -> Value:
        wanted = self.wanted()
        length = re.fullmatch(r"varchar\((\d+)\)", self.node.type)
        if value.kind == "unknown":
            return Value(f"CAST(NULL AS {types.duckdb(wanted)})", wanted)
        text = self.text(value, wanted)
        if length:
            if value.kind != "varchar":
                not_here(self.translator.sql, self.node.at, f"CAST of {value.kind} to {self.node.type}")
            text = f"left({text}, {length[1]})"
        return Value(text, wanted)

    def wanted(self) -> str:
        written = self.node.type.replace(", ", ",")
        name, _, arguments = written.partition("(")
        kind = {"int": "integer", "decimal": f"decimal({arguments or '38,0)'}", "timestamp": written}.get(name, written)
        if name == "varchar":
            return "varchar"
        if kind in ("timestamp", "timestamp(3)"):
            return "timestamp(3)"
        if re.fullmatch(r"decimal\(\d+\)", kind):
            kind = f"{kind[:-1]},0)"
        if kind in ("boolean", "date", "double", *types.INTEGERS) or kind.startswith("decimal("):
            return kind
        known = (
            "array",
            "map",
            "row",
            "json",
            "varbinary",
            "char",
            "uuid",
            "ipaddress",
            "dec",
            "numeric",
            "real",
            "float",
        )
        if name in known or name.startswith(("time", "interval")):
            not_here(self.translator.sql, self.node.at, f"CAST to {self.node.type}")
        return self.translator.mismatch(self.node, f"Unknown type: {self.node.type}")

    def text(self, value: Value, wanted: str) -> str:
        if value.kind == wanted:
            return value.sql
        if value.kind == "varchar":
            return self.read(value, wanted)
        if wanted == "varchar":
            return self.written(value)
        try_ = "TRY_CAST" if self.node.is_safe else "CAST"
        target = types.duckdb(wanted)
        if {value.kind, wanted} >= {"boolean"} and (types.is_number(wanted) or types.is_number(value.kind)):
            return f"CAST({value.sql} AS {target})" if wanted != "boolean" else f"({value.sql} <> 0)"
        if types.is_number(value.kind) and types.is_number(wanted):
            if value.kind in ("double", "real") and wanted.startswith("decimal"):
                not_here(self.translator.sql, self.node.at, f"CAST of {value.kind} to {wanted}")
            rounded = (
                f"round({value.sql})" if value.kind in ("double", "real") and wanted in types.INTEGERS else value.sql
            )
            return f"{try_}({rounded} AS {target})"
        is_day = {value.kind if value.kind == "date" else value.kind[:9], wanted if wanted == "date" else wanted[:9]}
        if is_day <= {"date", "timestamp"}:
            if value.kind.endswith("zone") or (
                types.is_time(value.kind) and types.is_time(wanted) and value.kind > wanted
            ):
                not_here(self.translator.sql, self.node.at, f"CAST of {value.kind} to {wanted}")
            return f"CAST({value.sql} AS {target})"
        if types.element(value.kind):
            not_here(self.translator.sql, self.node.at, f"CAST of {value.kind} to {wanted}")
        return self.translator.mismatch(self.node, f"Cannot cast {value.kind} to {wanted}")

    def read(self, value: Value, wanted: str) -> str:
        """Text as another type."""
        reader = {
            "boolean": "py_boolean",
            "date": "py_date",
            "timestamp(3)": "py_timestamp",
            "double": "py_double",
        }.get(wanted)
        if wanted in types.INTEGERS:
            text = f"TRY_CAST(py_integer({value.sql}) AS {types.duckdb(wanted)})"
        elif wanted.startswith("decimal"):
            text = f"py_decimal_{'_'.join(wanted[8:-1].split(','))}({value.sql})"
        elif reader:
            text = f"{reader}({value.sql})"
        else:
            not_here(self.translator.sql, self.node.at, f"CAST of varchar to {wanted}")
        if self.node.is_safe:
            return text
        return (
            f"CASE WHEN {value.sql} IS NOT NULL AND {text} IS NULL THEN "
            f"error('INVALID_CAST_ARGUMENT: Cannot cast ''' || {value.sql} || ''' to {wanted}') ELSE {text} END"
        )

    def written(self, value: Value) -> str:
        """Another type as text."""
        if value.kind == "double":
            return f"py_double_text({value.sql})"
        if types.is_time(value.kind):
            digits = value.kind[10]
            if value.kind.endswith("zone") or digits not in "036":
                not_here(self.translator.sql, self.node.at, f"CAST of {value.kind} to varchar")
            pattern = {"0": "%Y-%m-%d %H:%M:%S", "3": "%Y-%m-%d %H:%M:%S.%g", "6": "%Y-%m-%d %H:%M:%S.%f"}[digits]
            return f"strftime({value.sql}, '{pattern}')"
        if value.kind == "real" or types.element(value.kind):
            not_here(self.translator.sql, self.node.at, f"CAST of {value.kind} to varchar")
        return f"CAST({value.sql} AS VARCHAR)"


@lru_cache(maxsize=256)
def _view_query(sql: str) -> t.Query:
    """What a view's SQL says, read once for all who refer to it; nobody changes it."""
    return parse_query(sql)


def _qualifies(parts: tuple[str, ...], qualifier: tuple[str, ...]) -> bool:
    return not parts or qualifier[-len(parts) :] == parts


def _conjuncts(node: t.Node) -> Iterator[t.Node]:
    if isinstance(node, t.Logical) and node.word == "AND":
        yield from _conjuncts(node.left)
        yield from _conjuncts(node.right)
    else:
        yield node


def _is_true(node: t.Node | None) -> bool:
    return isinstance(node, t.Literal) and (node.kind, node.text) == ("boolean", "true")
