"""Reads a query by Trino's grammar, and by nothing wider.

Source: the grammar of Trino's documentation (SELECT, and the pages of its expressions). What DuckDB or another engine
would also take (`::`, ILIKE, FROM first, backquotes) is a syntax error, as it is in Athena.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from console.aws.athena import tree as t
from console.aws.athena.failure import QueryFailed, not_here, where

# Words that cannot be names without quotes. Source: Trino's page on reserved keywords.
_RESERVED = frozenset(
    """
    alter and as between by case cast constraint create cross cube current_catalog current_date current_path
    current_role current_schema current_time current_timestamp current_user deallocate delete describe distinct
    drop else end escape except execute exists extract false for from full group grouping having in inner insert
    intersect into is join json_array json_exists json_object json_query json_table json_value left like listagg
    localtime localtimestamp natural normalize not null on or order outer prepare recursive right rollup select
    skip table then trim true uescape union unnest using values when where with
    """.split()  # noqa: SIM905 a list of words reads better as words
)
_TOKENS = re.compile(
    r"""(?P<space>\s+|--[^\r\n]*|/\*.*?\*/)
      | (?P<newer>0[xXoObB][0-9A-Fa-f_]+|\d+(?:_\d+)+|[uU]&')
      | (?P<varbinary>[xX]'[^']*')
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<double>(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]?\d+)
      | (?P<decimal>\d+\.\d*|\.\d+)
      | (?P<integer>\d+)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign><>|!=|<=|>=|\|\||->|=>|[-+*/%<>=(),.\[\]?;:])""",
    re.VERBOSE | re.DOTALL,
)
_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_UNITS = ("year", "month", "day", "hour", "minute", "second")
_CURRENT = ("current_date", "current_timestamp", "localtimestamp", "current_time", "localtime", "current_user",
            "current_catalog", "current_schema", "current_role", "current_path")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A word, literal or sign.

    `word` is small, and empty for what is no bare word; `mark` is what rules ask for: a bare word or a sign.
    """

    kind: str
    text: str
    at: int
    word: str = ""
    mark: str = ""


def tokens(sql: str) -> list[Token]:
    """Split a statement; the last token is its end.

    Raises
    ------
    QueryFailed
        A character is none of Trino's.
    """
    found, at = [], 0
    while at < len(sql):
        match = _TOKENS.match(sql, at)
        if match is None:
            raise QueryFailed(f"SYNTAX_ERROR: {where(sql, at)}: mismatched input '{sql[at]}'")
        kind = str(match.lastgroup)
        if kind == "newer":
            not_here(sql, at, f"the literal {match[0]}")
        following = _TOKENS.match(sql, match.end()) if kind in ("integer", "decimal", "double") else None
        if following and following.lastgroup == "word":
            raise QueryFailed(f"SYNTAX_ERROR: {where(sql, at)}: identifiers must not start with a digit; surround the "
                              "identifier with double quotes")  # fmt: skip
        if kind != "space":
            text = match[0]
            word = text.lower() if kind == "word" else ""
            found.append(Token(kind, text, at, word, text if kind == "sign" else word))
        at = match.end()
    return [*found, Token("end", "<EOF>", len(sql))]


def parse_query(sql: str) -> t.Query:
    """Read a query.

    Raises
    ------
    QueryFailed
        It is not one in Trino's grammar, or uses a part of it that is not run here.
    """
    parser = _Parser(sql)
    if parser.sees("explain"):
        not_here(sql, 0, "EXPLAIN")
    query = parser.query()
    if parser.take(";") and parser.here.kind != "end":
        statements = sum(each.text == ";" for each in parser.found[:-2]) + 1
        raise QueryFailed(f"SYNTAX_ERROR: Only one sql statement is allowed. Got: {statements}")
    if parser.here.kind != "end":
        parser.fail()
    return query


def parse_literal(sql: str) -> t.Node:
    """Read an expression that stands for a parameter."""
    parser = _Parser(sql)
    value = parser.expression()
    if parser.here.kind != "end":
        parser.fail()
    return value


class _Parser:
    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.found = tokens(sql)
        self.position = 0

    # Tokens

    @property
    def here(self) -> Token:
        return self.found[self.position]

    def ahead(self, count: int = 1) -> Token:
        return self.found[min(self.position + count, len(self.found) - 1)]

    def next(self) -> Token:
        token = self.here
        self.position = min(self.position + 1, len(self.found) - 1)
        return token

    def sees(self, *words: str) -> bool:
        """Whether these words or signs come next."""
        at = self.position
        for word in words:
            if self.found[at].mark != word:  # the end has no mark, so nothing is looked for behind it
                return False
            at += 1
        return True

    def take(self, *words: str) -> bool:
        if self.sees(*words):
            self.position += len(words)
            return True
        return False

    def need(self, *words: str) -> Token:
        first = self.here
        for word in words:
            if not self.take(word):
                self.fail(word.upper())
        return first

    def fail(self, expected: str = "") -> NoReturn:
        token = self.here
        more = f". Expecting: '{expected}'" if expected else ""
        raise QueryFailed(f"SYNTAX_ERROR: {where(self.sql, token.at)}: mismatched input '{token.text}'{more}")

    def name(self) -> str:
        """An identifier."""
        token = self.here
        if token.kind == "quoted":
            self.next()
            if token.text == '""':
                raise QueryFailed(
                    f"SYNTAX_ERROR: {where(self.sql, token.at)}: Zero-length delimited identifier not allowed"
                )
            return token.text[1:-1].replace('""', '"').lower()
        if token.kind == "word" and token.word not in _RESERVED:
            self.next()
            return token.word
        return self.fail("<identifier>")

    def is_name(self) -> bool:
        return self.here.kind == "quoted" or (self.here.kind == "word" and self.here.word not in _RESERVED)

    @staticmethod
    def is_word(token: Token) -> bool:
        return token.kind == "word" and token.word not in _RESERVED

    def names(self) -> list[str]:
        self.need("(")
        found = [self.name()]
        while self.take(","):
            found.append(self.name())
        self.need(")")
        return found

    def expressions(self, end: str) -> list[t.Node]:
        """Expressions up to a closing sign; perhaps none."""
        found: list[t.Node] = []
        if not self.take(end):
            found.append(self.expression())
            while self.take(","):
                found.append(self.expression())
            self.need(end)
        return found

    # Queries

    def query(self) -> t.Query:
        at, commons, recursive = self.here.at, [], False
        if self.take("with"):
            if self.sees("function"):
                not_here(self.sql, at, "WITH FUNCTION")
            recursive = self.take("recursive")
            commons.append(self.common())
            while self.take(","):
                commons.append(self.common())
        query = self.query_without_with()
        query.at, query.commons, query.is_recursive = at, commons, recursive
        return query

    def common(self) -> t.Common:
        at = self.here.at
        name = self.name()
        columns = self.names() if self.sees("(") else []
        self.need("as", "(")
        query = self.query()
        self.need(")")
        return t.Common(at, name, columns, query)

    def query_without_with(self) -> t.Query:
        at = self.here.at
        body = self.union()
        order = self.order_by()
        offset = limit = None
        if self.take("offset"):
            offset = self.row_count()
            self.take("rows") or self.take("row")
        if self.take("limit"):
            limit = None if self.take("all") else self.row_count()
        elif self.sees("fetch"):
            self.need("fetch")
            if not (self.take("first") or self.take("next")):
                self.fail("FIRST")
            limit = t.Literal(at, "integer", "1") if self.sees("row") or self.sees("rows") else self.row_count()
            if not (self.take("rows") or self.take("row")):
                self.fail("ROWS")
            if self.sees("with"):
                not_here(self.sql, self.here.at, "FETCH … WITH TIES")
            self.need("only")
        return t.Query(at, [], False, body, order, offset, limit)

    def row_count(self) -> t.Node:
        token = self.here
        if self.take("?"):
            return t.Parameter(token.at)
        if token.kind != "integer":
            self.fail("<integer>")
        self.next()
        return t.Literal(token.at, "integer", token.text)

    def order_by(self) -> list[t.Order]:
        if not self.take("order", "by"):
            return []
        found = [self.order()]
        while self.take(","):
            found.append(self.order())
        return found

    def order(self) -> t.Order:
        at = self.here.at
        value = self.expression()
        descending = self.take("desc") or (self.take("asc") and False)
        first = False
        if self.take("nulls"):
            first = self.take("first")
            if not first:
                self.need("last")
        return t.Order(at, value, descending, first)

    def union(self) -> t.Node:
        left = self.intersect()
        while self.sees("union") or self.sees("except"):
            left = self.combined(left, self.intersect)
        return left

    def intersect(self) -> t.Node:
        left = self.primary_query()
        while self.sees("intersect"):
            left = self.combined(left, self.primary_query)
        return left

    def combined(self, left: t.Node, operand: Callable[[], t.Node]) -> t.Node:
        token = self.next()
        distinct = not self.take("all")
        if distinct:
            self.take("distinct")
        if self.sees("corresponding"):
            not_here(self.sql, self.here.at, "CORRESPONDING")
        return t.SetOperation(token.at, token.word.upper(), distinct, left, operand())

    def primary_query(self) -> t.Node:
        at = self.here.at
        if self.take("select"):
            return self.select(at)
        if self.take("values"):
            rows = [self.expression()]
            while self.take(","):
                rows.append(self.expression())
            return t.Values(at, rows)
        if self.take("table"):
            table = t.TableName(at, "", [], self.dotted())
            return t.Select(at, False, [t.Star(at, ())], table, None, None, None, [])
        if self.take("("):
            inner = self.query_without_with()
            self.need(")")
            return inner
        return self.fail()

    def select(self, at: int) -> t.Node:
        distinct = self.take("distinct")
        if not distinct:
            self.take("all")
        items = [self.item()]
        while self.take(","):
            items.append(self.item())
        source = None
        if self.take("from"):
            source = self.relation()
            while self.sees(","):
                comma = self.next()
                source = t.Join(comma.at, "CROSS", source, self.relation(), None, [])
        condition = self.expression() if self.take("where") else None
        groups = self.group_by() if self.take("group", "by") else None
        having = self.expression() if self.take("having") else None
        windows = []
        if self.take("window"):
            windows.append(self.named_window())
            while self.take(","):
                windows.append(self.named_window())
        return t.Select(at, distinct, items, source, condition, groups, having, windows)

    def named_window(self) -> t.Window:
        at, name = self.here.at, self.name()
        self.need("as", "(")
        window = self.window(at)
        window.name = name
        return window

    def item(self) -> t.Node:
        at = self.here.at
        if self.take("*"):
            return t.Star(at, ())
        value = self.expression()
        if isinstance(value, t.Name) and self.sees(".", "*"):
            self.need(".", "*")
            return t.Star(at, value.parts)
        alias = self.name() if self.take("as") or self.is_alias() else ""
        return t.Item(at, value, alias)

    def group_by(self) -> list[t.Grouping]:
        if self.take("distinct"):
            not_here(self.sql, self.here.at, "GROUP BY DISTINCT")
        if self.sees("all") and not (self.ahead().kind == "end" or self.ahead().text in (",", ")", ";")):
            self.next()  # and else it is a column of that name
        found = [self.grouping()]
        while self.take(","):
            found.append(self.grouping())
        return found

    def grouping(self) -> t.Grouping:
        at = self.here.at
        for kind in ("rollup", "cube"):
            if self.take(kind):
                self.need("(")
                return t.Grouping(at, kind, [[each] for each in self.expressions(")")])
        if self.take("grouping"):
            self.need("sets", "(")
            sets = [self.grouping_set()]
            while self.take(","):
                sets.append(self.grouping_set())
            self.need(")")
            return t.Grouping(at, "sets", sets)
        if self.take("(", ")"):
            return t.Grouping(at, "sets", [[]])
        value = self.expression()
        parts = value.items if isinstance(value, t.RowOf) else [value]
        return t.Grouping(at, "simple", [parts])

    def grouping_set(self) -> list[t.Node]:
        if self.take("("):
            return self.expressions(")")
        return [self.expression()]

    # Relations

    def relation(self) -> t.Node:
        left = self.sampled()
        while True:
            at = self.here.at
            if self.take("cross", "join"):
                left = t.Join(at, "CROSS", left, self.sampled(), None, [])
                continue
            if self.sees("natural"):
                not_here(self.sql, at, "NATURAL JOIN")
            kind = self.join_kind()
            if not kind:
                return left
            right = self.relation_of_join()
            if self.take("on"):
                left = t.Join(at, kind, left, right, self.expression(), [])
            elif self.take("using"):
                left = t.Join(at, kind, left, right, None, self.names())
            else:
                self.fail("ON")

    def relation_of_join(self) -> t.Node:
        # `a JOIN b JOIN c ON … ON …`: the right side may be a join by itself.
        saved = self.position
        right = self.sampled()
        if self.sees("on") or self.sees("using"):
            return right
        self.position = saved
        return self.relation()

    def join_kind(self) -> str:
        for kind in ("left", "right", "full"):
            if self.sees(kind, "join") or self.sees(kind, "outer", "join"):
                self.next()
                self.take("outer")
                self.need("join")
                return kind.upper()
        return "INNER" if self.take("join") or self.take("inner", "join") else ""

    def sampled(self) -> t.Node:
        found = self.aliased()
        if self.sees("tablesample"):
            not_here(self.sql, self.here.at, "TABLESAMPLE")
        return found

    def aliased(self) -> t.Node:
        found = self.primary_relation()
        if self.sees("match_recognize"):
            not_here(self.sql, self.here.at, "MATCH_RECOGNIZE")
        if self.take("as") or self.is_alias():
            alias = self.name()
            columns = self.names() if self.sees("(") else []
            if not isinstance(found, t.Relation):
                at = found.at
                everything = t.Select(at, False, [t.Star(at, ())], found, None, None, None, [])
                return t.Derived(at, alias, columns, t.Query(at, [], False, everything, [], None, None))
            found.alias, found.columns = alias, columns
        return found

    def is_alias(self) -> bool:
        """Whether a name comes next that does not begin the clause after."""
        clauses = ("tablesample", "window", "limit", "offset", "fetch")
        return self.is_name() and not (self.here.word in clauses and self.starts_a_clause())

    def starts_a_clause(self) -> bool:
        after = self.ahead()
        return {
            "tablesample": after.word in ("bernoulli", "system"),
            "window": self.ahead(2).word == "as",
            "limit": after.kind == "integer" or after.word == "all" or after.text == "?",
            "offset": after.kind == "integer" or after.text == "?",
            "fetch": after.word in ("first", "next"),
        }[self.here.word]

    def primary_relation(self) -> t.Node:
        at = self.here.at
        if self.take("unnest"):
            self.need("(")
            arrays = self.expressions(")")
            return t.Unnest(at, "", [], arrays, self.take("with", "ordinality"))
        if self.sees("lateral", "("):
            not_here(self.sql, at, "LATERAL")
        if self.sees("table", "("):
            not_here(self.sql, at, "a table function")
        if self.sees("json_table"):
            not_here(self.sql, at, "JSON_TABLE")
        if self.take("("):
            # A query, or relations in parentheses.
            saved = self.position
            if self.is_query():
                query = self.query()
                if self.take(")"):
                    return t.Derived(at, "", [], query)
                self.position = saved
            inner = self.relation()
            self.need(")")
            return inner
        return t.TableName(at, "", [], self.dotted())

    def is_query(self) -> bool:
        n = 0
        while self.ahead(n).mark == "(":
            n += 1
        return self.ahead(n).word in ("select", "with", "values", "table")

    def dotted(self) -> tuple[str, ...]:
        parts = [self.name()]
        while self.take("."):
            parts.append(self.name())
        if self.sees("for"):
            not_here(self.sql, self.here.at, "FOR VERSION or TIMESTAMP")
        if self.sees("("):
            raise QueryFailed(f"SYNTAX_ERROR: {where(self.sql, self.here.at)}: mismatched input '('")
        return tuple(parts)

    # Expressions

    def expression(self) -> t.Node:
        left = self.conjunction()
        while self.sees("or"):
            at = self.next().at
            left = t.Logical(at, "OR", left, self.conjunction())
        return left

    def conjunction(self) -> t.Node:
        left = self.negation()
        while self.sees("and"):
            at = self.next().at
            left = t.Logical(at, "AND", left, self.negation())
        return left

    def negation(self) -> t.Node:
        at = self.here.at
        if self.take("not"):
            return t.Not(at, self.negation())
        return self.predicate()

    def predicate(self) -> t.Node:
        left = self.value()
        token = self.here
        if token.text in _COMPARISONS:
            self.next()
            if self.here.word in ("all", "any", "some") and self.ahead().text == "(":
                not_here(self.sql, self.here.at, f"a comparison with {self.here.word.upper()} of a query")
            return t.Comparison(token.at, _COMPARISONS[token.text], left, self.value())
        if self.take("is"):
            inverted = self.take("not")
            found: t.Node
            if self.take("null"):
                found = t.IsNull(token.at, left)
            else:
                self.need("distinct", "from")
                found = t.IsDistinct(token.at, left, self.value())
            return t.Not(token.at, found) if inverted else found
        inverted = self.ahead().word in ("between", "in", "like") and self.take("not")
        if self.take("between"):
            low = self.value()
            self.need("and")
            found = t.Between(token.at, left, low, self.value())
        elif self.take("in"):
            self.need("(")
            if self.is_query():
                saved = self.position
                query = self.query()
                if self.take(")"):
                    found = t.InQuery(token.at, left, query)
                    return t.Not(token.at, found) if inverted else found
                self.position = saved
            items = [self.expression()]
            while self.take(","):
                items.append(self.expression())
            self.need(")")
            found = t.InList(token.at, left, items)
        elif self.take("like"):
            pattern = self.value()
            found = t.Like(token.at, left, pattern, self.value() if self.take("escape") else None)
        else:
            return left
        return t.Not(token.at, found) if inverted else found

    def value(self) -> t.Node:
        left = self.sum()
        while self.sees("||"):
            at = self.next().at
            left = t.Arithmetic(at, "||", left, self.sum())
        return left

    def sum(self) -> t.Node:
        left = self.product()
        while self.here.text in ("+", "-"):
            token = self.next()
            left = t.Arithmetic(token.at, token.text, left, self.product())
        return left

    def product(self) -> t.Node:
        left = self.signed()
        while self.here.text in ("*", "/", "%"):
            token = self.next()
            left = t.Arithmetic(token.at, token.text, left, self.signed())
        return left

    def signed(self) -> t.Node:
        at = self.here.at
        if self.take("-"):
            return t.Negative(at, self.signed())
        if self.take("+"):
            return self.signed()
        found = self.primary()
        if self.sees("at", "time"):
            not_here(self.sql, self.here.at, "AT TIME ZONE")
        return found

    def primary(self) -> t.Node:
        found = self.atom()
        while True:
            at = self.here.at
            if self.take("["):
                found = t.Subscript(at, found, self.value())
                self.need("]")
            elif self.sees(".") and self.ahead().mark != "*":
                self.need(".")
                name = self.name()
                found = (
                    t.Name(found.at, (*found.parts, name)) if isinstance(found, t.Name) else t.Field(at, found, name)
                )
            else:
                return found

    def atom(self) -> t.Node:
        token = self.here
        found = self.literal() or (self.parenthesis(token.at) if self.take("(") else None)
        if found is None and token.word:
            found = self.special(token)
        if found is not None:
            return found
        if token.text == "[":
            not_here(self.sql, token.at, "an array without the word ARRAY")
        if not self.is_name():
            return self.fail()
        name = self.name()
        if self.take("->"):
            return t.Lambda(token.at, [name], self.expression())
        return self.call(token.at, name) if self.sees("(") else t.Name(token.at, (name,))

    def literal(self) -> t.Node | None:
        token = self.here
        if self.take("?"):
            return t.Parameter(token.at)
        kind = {"text": "varchar"}.get(token.kind, token.kind)
        if kind not in ("integer", "decimal", "double", "varchar", "varbinary"):
            return None
        self.next()
        text = {"varchar": _unquoted(token.text), "varbinary": token.text[2:-1]}.get(kind, token.text)
        return t.Literal(token.at, kind, text)

    def special(self, token: Token) -> t.Node | None:
        """What begins with a word that has a grammar of its own; None where it is used as a name."""
        rule = getattr(self, f"word_{token.word}", None)
        if rule:
            return rule(token.at)  # type: ignore[no-any-return]
        if token.word in _CURRENT:
            self.next()
            return t.Call(token.at, token.word, [])
        if token.word.startswith("json_") and token.word in _RESERVED:
            not_here(self.sql, token.at, token.word.upper())
        return None

    def parenthesis(self, at: int) -> t.Node:
        """After an opening parenthesis: a query, a lambda's names, a row, or an expression."""
        saved = self.position
        if self.is_query():
            query = self.query()
            if self.take(")"):
                return t.Scalar(at, query)
            self.position = saved
        n = 0
        while self.ahead(n).kind in ("word", "quoted") or self.ahead(n).mark == ",":
            n += 1
        if self.ahead(n).mark == ")" and self.ahead(n + 1).mark == "->":
            self.position -= 1
            names = [] if self.take("(", ")") else self.names()
            self.need("->")
            return t.Lambda(at, names, self.expression())
        items = [self.expression()]
        while self.take(","):
            items.append(self.expression())
        self.need(")")
        return items[0] if len(items) == 1 else t.RowOf(at, items)

    def word_null(self, at: int) -> t.Node:
        self.next()
        return t.Literal(at, "null", "null")

    def word_true(self, at: int) -> t.Node:
        return t.Literal(at, "boolean", self.next().word)

    word_false = word_true

    def typed(self, at: int) -> t.Node | None:
        if self.ahead().kind != "text":
            return None
        kind = self.next().word
        return t.Literal(at, kind, _unquoted(self.next().text))

    word_date = word_timestamp = word_time = typed

    def other_typed(self, at: int) -> t.Node | None:
        if self.ahead().kind != "text":
            return None
        kind = self.next().word
        if kind == "decimal":
            return t.Literal(at, "decimal", _unquoted(self.next().text))
        return t.Cast(at, t.Literal(at, "varchar", _unquoted(self.next().text)), kind, False)

    word_decimal = word_double = word_bigint = word_integer = word_boolean = word_real = other_typed
    word_smallint = word_tinyint = word_json = word_varchar = other_typed

    def word_interval(self, at: int) -> t.Node | None:
        sign = self.ahead().text if self.ahead().text in ("+", "-") else ""
        text = self.ahead(2 if sign else 1)
        if text.kind != "text":
            return None
        self.position += 3 if sign else 2
        unit = self.next()
        if unit.word not in _UNITS:
            self.position -= 1
            self.fail("DAY")
        if self.sees("to"):
            not_here(self.sql, at, "an interval of two units")
        return t.Interval(at, f"{sign.replace('+', '')}{_unquoted(text.text)}", unit.word)

    def word_case(self, at: int) -> t.Node:
        self.next()
        operand = None if self.sees("when") else self.expression()
        whens = []
        while self.take("when"):
            condition = self.expression()
            self.need("then")
            whens.append((condition, self.expression()))
        if not whens:
            self.fail("WHEN")
        default = self.expression() if self.take("else") else None
        self.need("end")
        return t.Case(at, operand, whens, default)

    def word_cast(self, at: int) -> t.Node:
        return self.cast(at, is_safe=False)

    def word_try_cast(self, at: int) -> t.Node | None:
        return self.cast(at, is_safe=True) if self.ahead().mark == "(" else None

    def cast(self, at: int, *, is_safe: bool) -> t.Node:
        self.next()
        self.need("(")
        operand = self.expression()
        self.need("as")
        kind = self.type_name()
        self.need(")")
        return t.Cast(at, operand, kind, is_safe)

    def type_name(self) -> str:
        """A type as written, in small letters and with single blanks."""
        name = self.name()
        if name == "double":
            self.take("precision")
        if self.take("<"):
            inner = [self.type_name()]
            while self.take(","):
                inner.append(self.type_name())
            self.need(">")
            name += f"({', '.join(inner)})"
        elif self.take("("):
            inner = [self.type_part()]
            while self.take(","):
                inner.append(self.type_part())
            self.need(")")
            name += f"({', '.join(inner)})"
        if name.startswith(("timestamp", "time")):
            if self.take("with", "time", "zone"):
                name += " with time zone"
            elif self.take("without", "time", "zone"):
                pass
        while self.take("array"):
            name = f"array({name})"
        return name

    def type_part(self) -> str:
        if self.here.kind == "integer":
            return self.next().text
        if (
            self.is_name()
            and (self.ahead().kind in ("word", "quoted"))
            and self.ahead().word not in ("with", "precision")
        ):
            return f"{self.name()} {self.type_name()}"
        return self.type_name()

    def word_array(self, at: int) -> t.Node | None:
        if self.ahead().mark != "[":
            return None
        self.next()
        self.need("[")
        return t.ArrayOf(at, self.expressions("]"))

    def word_row(self, at: int) -> t.Node | None:
        if self.ahead().mark != "(":
            return None
        self.next()
        self.need("(")
        return t.RowOf(at, self.expressions(")"))

    def word_exists(self, at: int) -> t.Node:
        self.next()
        self.need("(")
        query = self.query()
        self.need(")")
        return t.Exists(at, query)

    def word_extract(self, at: int) -> t.Node:
        self.next()
        self.need("(")
        field = self.name()
        self.need("from")
        value = self.value()
        self.need(")")
        return t.Call(at, f"extract {field}", [value])

    def word_position(self, at: int) -> t.Node | None:
        if self.ahead().mark != "(":
            return None
        self.next()
        self.need("(")
        wanted = self.value()
        self.need("in")
        text = self.value()
        self.need(")")
        return t.Call(at, "strpos", [text, wanted])

    def word_substring(self, at: int) -> t.Node | None:
        if self.ahead().mark != "(":
            return None
        self.next()
        self.need("(")
        arguments = [self.expression()]
        if self.take("from"):
            arguments.append(self.value())
            if self.take("for"):
                arguments.append(self.value())
        else:
            while self.take(","):
                arguments.append(self.expression())
        self.need(")")
        return t.Call(at, "substr", arguments)

    def word_trim(self, at: int) -> t.Node:
        self.next()
        self.need("(")
        side = next((word for word in ("leading", "trailing", "both") if self.take(word)), "")
        characters = None if self.sees("from") else self.value()
        if side or self.sees("from"):
            self.need("from")
            text = self.value()
        elif self.take(","):
            text, characters = characters or self.value(), self.value()
        else:
            text, characters = characters or self.value(), None
        self.need(")")
        name = {"leading": "ltrim", "trailing": "rtrim"}.get(side, "trim")
        return t.Call(at, name, [text, *([characters] if characters else [])])

    def word_normalize(self, at: int) -> t.Node:
        not_here(self.sql, at, "NORMALIZE")

    def word_listagg(self, at: int) -> t.Node:
        self.next()
        self.need("(")
        distinct = self.take("distinct")
        if not distinct:
            self.take("all")
        arguments = [self.expression()]
        if self.take(","):
            arguments.append(self.expression())
        if self.sees("on"):
            not_here(self.sql, self.here.at, "LISTAGG … ON OVERFLOW")
        self.need(")")
        self.need("within", "group", "(")
        order = self.order_by()
        if not order:
            self.fail("ORDER")
        self.need(")")
        return t.Call(at, "listagg", arguments, False, distinct, order, self.filter())

    def word_grouping(self, at: int) -> t.Node:
        self.next()
        self.need("(")
        return t.Call(at, "grouping", self.expressions(")"))

    def call(self, at: int, name: str) -> t.Node:
        self.need("(")
        made = t.Call(at, name, [])
        if self.take("*"):
            made.is_star = True
            self.need(")")
        else:
            made.is_distinct = self.take("distinct")
            if not made.is_distinct:
                self.take("all")
            if not self.sees(")") and not self.sees("order", "by"):
                made.arguments.append(self.expression())
                while self.take(","):
                    made.arguments.append(self.expression())
            if self.sees("=>"):
                self.fail()
            made.order = self.order_by() or None
            self.need(")")
        made.where = self.filter()
        if self.take("ignore", "nulls"):
            made.ignores_nulls = True
        else:
            self.take("respect", "nulls")
        if self.sees("over") and (
            self.ahead().mark == "(" or self.ahead().kind == "quoted" or self.is_word(self.ahead())
        ):
            self.next()
            start = self.here.at
            if self.take("("):
                made.window = self.window(start)
            else:
                made.window = t.Window(start, self.name(), [], [], "")
        return made

    def filter(self) -> t.Node | None:
        if not self.sees("filter", "("):
            return None
        self.need("filter", "(", "where")
        condition = self.expression()
        self.need(")")
        return condition

    def window(self, at: int) -> t.Window:
        name = ""
        if self.is_name() and not (self.sees("partition", "by") or self.here.word in ("rows", "range", "groups")):
            name = self.name()
        partition: list[t.Node] = []
        if self.take("partition", "by"):
            partition.append(self.expression())
            while self.take(","):
                partition.append(self.expression())
        order = self.order_by()
        frame = ""
        if self.here.word in ("rows", "range", "groups"):
            unit = self.next().word.upper()
            if self.take("between"):
                start = self.bound()
                self.need("and")
                frame = f"{unit} BETWEEN {start} AND {self.bound()}"
            else:
                frame = f"{unit} {self.bound()}"
        self.need(")")
        return t.Window(at, name, partition, order, frame)

    def bound(self) -> str:
        if self.take("unbounded"):
            how = "UNBOUNDED"
        elif self.take("current", "row"):
            return "CURRENT ROW"
        elif self.here.kind == "integer":
            how = self.next().text
        else:
            not_here(self.sql, self.here.at, "a frame of a window that is no number")
        if self.take("preceding"):
            return f"{how} PRECEDING"
        self.need("following")
        return f"{how} FOLLOWING"


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")
