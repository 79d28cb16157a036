"""Functions of a query: which of Trino's is meant, and what it is in DuckDB."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from console.aws.athena import functions, types
from console.aws.athena import tree as t
from console.aws.athena.failure import not_here
from console.aws.athena.scopes import Scope, Value, aggregates, cast

if TYPE_CHECKING:
    from console.aws.athena.translation import Translator

# What the grammar or the planner knows beside the functions of SHOW FUNCTIONS.
_BUILT_IN = frozenset(("coalesce", "nullif", "if", "try", "grouping", "row_number", "concat"))
_PARTS = ("year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy",
          "year_of_week", "yow")  # fmt: skip
_DIGESTS = ("md5", "sha1", "sha256")
_CLOCK = ("hour", "minute", "second", "millisecond")
# Letters of date_format and date_parse, and of format_datetime, that mean the same to DuckDB's strftime.
# Source: Trino's page on dates and times.
_MYSQL = {"Y": "%Y", "y": "%y", "m": "%m", "d": "%d", "H": "%H", "h": "%I", "I": "%I", "i": "%M", "s": "%S", "S": "%S",
          "j": "%j", "M": "%B", "b": "%b", "W": "%A", "a": "%a", "p": "%p", "T": "%H:%M:%S", "e": "%-d", "c": "%-m",
          "%": "%%"}  # fmt: skip
_JODA = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "SSS": "%g",
         "MMMM": "%B", "MMM": "%b", "EEEE": "%A", "EEE": "%a", "DDD": "%j"}  # fmt: skip
# A pattern that means the same to both engines' regular expressions: no look-around, no back-reference, no names.
_PATTERN = re.compile(r"(?:\\[dDwWsSbB.\\^$*+?()\[\]{}|/-]|\[(?:\\[dDwWsS.\\^$*+?()\[\]{}|/-]|[^\\\[\]&])+\]"
                      r"|\((?:\?:)?|[^\\\[\](]|\)"
                      r"|[*+?][?]?)*")  # fmt: skip


def of_call(translator: "Translator", node: t.Call, scope: Scope) -> Value:
    """Translate a call.

    Raises
    ------
    QueryFailed
        There is no such function, its arguments do not fit, or DuckDB has none that is known to do the same.
    """
    return _Calling(translator, node, scope).value()


class _Calling:
    def __init__(self, translator: "Translator", node: t.Call, scope: Scope) -> None:
        self.translator, self.node, self.scope = translator, node, scope

    def value(self) -> Value:
        name = self.node.name
        special = getattr(self, f"on_{name.replace(' ', '_')}", None)
        is_plain = not (
            self.node.is_star or self.node.is_distinct or self.node.order or self.node.where or self.node.window
        )
        if special and (is_plain or name == "count"):
            return special()  # type: ignore[no-any-return]
        if name.startswith("extract "):
            return self.extract(name.removeprefix("extract "))
        if name in functions.AGGREGATES or name in functions.WINDOWS or name in ("sum", "avg"):
            return self.aggregate()
        if not is_plain and name in functions.SCALARS:
            self.fail("FUNCTION_NOT_AGGREGATE", f"'{name}' is no aggregation or window function")
        if name in functions.SCALARS:
            return self.scalar()
        if name in functions.NEWER:
            self.fail(
                "FUNCTION_NOT_FOUND",
                f"Function '{name}' came with Trino {functions.NEWER[name]}, and Athena is not known to have it. "
                "Trino itself has: ted local up --sql trino",
            )
        if name not in functions.names() and name not in _BUILT_IN:
            self.fail("FUNCTION_NOT_FOUND", f"Function '{name}' not registered")
        return self.refuse(f"the function {name}")

    def fail(self, kind: str, message: str) -> NoReturn:
        self.translator.fail(kind, self.node, message)

    def refuse(self, what: str) -> NoReturn:
        not_here(self.translator.sql, self.node.at, what)

    def made(self, sql: str, kind: str) -> Value:
        return Value(sql, kind)

    def arguments(self) -> list[Value]:
        return [self.translator.value(each, self.scope) for each in self.node.arguments]

    def texts(self, count: int) -> list[str]:
        """The arguments as text, of which there have to be so many."""
        return [cast(value.sql, value.kind, "varchar") for value in self.exactly(count, "varchar")]

    def exactly(self, count: int, *kinds: str) -> list[Value]:
        values = self.arguments()
        if len(values) != count or any(
            not types.can_become(value.kind, kind) for value, kind in zip(values, kinds, strict=False)
        ):
            self.unexpected(values)
        return values

    def unexpected(self, values: list[Value]) -> NoReturn:
        given = ", ".join(value.kind for value in values)
        known = functions.SCALARS.get(self.node.name, []) + functions.AGGREGATES.get(self.node.name, [])
        here = "; ".join(f"{each.name}({', '.join(each.takes)})" for each in known)
        self.fail(
            "FUNCTION_NOT_FOUND",
            f"Unexpected parameters ({given}) for function {self.node.name}"
            + (f". DuckDB answers {here}" if here else "")
            + ". What else Trino has: ted local up --sql trino",
        )

    def chosen(
        self, table: dict[str, list[functions.Signature]], values: list[Value]
    ) -> "tuple[functions.Signature, list[str], str]":
        """The signature that fits best, with what the arguments become."""
        kinds = [value.kind for value in values]
        fitting = []
        for signature in table.get(self.node.name, []):
            bound = signature.bind(kinds)
            if bound:
                fitting.append((sum(a != b for a, b in zip(kinds, bound[0], strict=True)), signature, *bound))
        if not fitting:
            return self.unexpected(values)
        _, signature, takes, gives = min(fitting, key=lambda each: each[0])
        return signature, [cast(value.sql, value.kind, kind) for value, kind in zip(values, takes, strict=True)], gives

    def scalar(self) -> Value:
        values = self.arguments()
        name, kinds = self.node.name, [value.kind for value in values]
        if "unknown" in kinds:
            return self.refuse(f"{name} of a NULL without a type")
        digits = types.decimal(kinds[0]) if kinds and kinds[0].startswith("decimal") else None
        if digits and name in ("abs", "round", "floor", "ceil", "ceiling", "sign", "mod", "truncate", "sqrt"):
            return self.of_decimal(values, *digits)
        if name == "mod" and any(kind.startswith("decimal") for kind in kinds):
            return self.translator.arithmetic(self.node, "%", *self.exactly(2))
        if name in ("round",) and len(values) == 2 and not _is_count(self.node.arguments[1]):
            return self.refuse("round to a number of digits that is not written out")
        signature, texts, gives = self.chosen(functions.SCALARS, values)
        if name == "json_extract_scalar":
            self.plain_path()
        return self.made(f"({signature.expression.format(*texts)})", gives)

    def of_decimal(self, values: list[Value], precision: int, scale: int) -> Value:
        name, text = self.node.name, values[0].sql
        if name == "mod":
            return self.translator.arithmetic(self.node, "%", *self.exactly(2))
        if name == "sqrt":
            return self.refuse("sqrt of a decimal")
        if name == "round" and len(values) == 2:
            count = self.node.arguments[1]
            if not _is_count(count):
                return self.refuse("round to a number of digits that is not written out")
            kind = f"decimal({min(types.MAXIMUM, precision + 1)},{scale})"
            wanted = min(int(count.text), scale)  # type: ignore[attr-defined]
            wide = f"DECIMAL({min(types.MAXIMUM, precision + 1)},{scale})"
            return self.made(f"CAST(round(CAST({text} AS {wide}), {wanted}) AS {types.duckdb(kind)})", kind)
        if len(values) != 1:
            return self.unexpected(values)
        if name == "abs":
            return self.made(f"abs({text})", values[0].kind)
        if name == "sign":
            return self.made(f"CAST(sign({text}) AS DECIMAL(1,0))", "decimal(1,0)")
        if name == "truncate":
            return self.refuse("truncate of a decimal")
        kind = f"decimal({precision - scale + min(1, scale)},0)"
        function = {"round": "round({0}, 0)", "floor": "floor({0})"}.get(name, "ceil({0})")
        return self.made(f"CAST({function.format(text)} AS {types.duckdb(kind)})", kind)

    def plain_path(self) -> None:
        path = self.node.arguments[1]
        if not isinstance(path, t.Literal) or functions.json_path(path.text) is None:
            self.refuse("a JSON path other than names and positions")

    # Aggregates and windows

    def aggregate(self) -> Value:
        node = self.node
        name = node.name
        if node.window is None and name in functions.WINDOWS:
            return self.fail("MISSING_OVER", f"Window function {name} requires an OVER clause")
        if node.is_star and name != "count":
            return self.fail("SYNTAX_ERROR", f"{name}(*) is not understood")
        inner = [*node.arguments, *([node.where] if node.where else []), *(each.value for each in node.order or [])]
        if node.window is None:
            for each in inner:
                if list(aggregates(each)):
                    self.fail("NESTED_AGGREGATION", f"Cannot nest aggregations inside aggregation '{name}'")
        values = self.arguments()
        order = self.checked_order(values)
        nulls = " IGNORE NULLS" if node.ignores_nulls else ""
        if nulls and name not in functions.WINDOWS:
            self.refuse(f"{name} with IGNORE NULLS")
        distinct = "DISTINCT " if node.is_distinct else ""
        return self.around(values, {"distinct": distinct, "order": order, "nulls": nulls})

    def checked_order(self, values: list[Value]) -> str:
        """The ORDER BY inside an aggregate's parentheses; what DuckDB does otherwise there is refused."""
        node, name = self.node, self.node.name
        if name != "count" and any(value.kind == "unknown" for value in values[:1]):
            self.refuse(f"{name} of a NULL without a type")
        if values and types.element(values[0].kind) and name in ("min", "max", "min_by", "max_by"):
            self.refuse(f"{name} of arrays")
        order = ""
        if node.order:
            if name not in ("array_agg", "listagg"):
                self.refuse(f"{name} with ORDER BY")
            order = self.translator.order_by(node.order, self.scope, [])
        if node.is_distinct and name not in ("count", "sum", "avg", "array_agg", "listagg", "min", "max"):
            self.refuse(f"{name} of DISTINCT")
        if node.is_distinct and name in ("array_agg", "listagg") and order:
            self.refuse(f"{name} of DISTINCT with ORDER BY")
        return order

    def around(self, values: list[Value], more: dict[str, str]) -> Value:
        """The call with its FILTER and OVER."""
        node = self.node
        tail = self.tail()
        if node.name == "count" and not values:
            return self.made(f"count(*){tail}", "bigint")
        digits = types.decimal(values[0].kind) if values and values[0].kind.startswith("decimal") else None
        if digits and node.name in ("sum", "avg"):
            if len(values) != 1:
                self.unexpected(values)
            scale = digits[1]
            total = f"sum({more['distinct']}CAST({values[0].sql} AS DECIMAL(38,{scale}))){tail}"
            if node.name == "sum":
                return self.made(total, f"decimal(38,{scale})")
            count = f"count({more['distinct']}{values[0].sql}){tail}"
            number = f"CAST(nullif({count}, 0) AS DECIMAL(38,0))"
            return self.made(f"py_divide_{digits[0]}_{scale}_{scale}_0({total}, {number})", values[0].kind)
        if node.name == "count":
            if len(values) != 1:
                self.unexpected(values)
            return self.made(f"count({more['distinct']}{values[0].sql}){tail}", "bigint")
        table = functions.WINDOWS if node.name in functions.WINDOWS else functions.AGGREGATES
        signature, texts, gives = self.chosen(table, values)
        written = signature.expression.format(*texts, **more)
        if written.startswith("CAST("):  # FILTER and OVER belong to the call inside
            return self.made(re.sub(r"( AS \w+\))$", lambda end: tail + end[0], written), gives)
        return self.made(f"{written}{tail}", gives)

    def tail(self) -> str:
        node, translator = self.node, self.translator
        found = ""
        if node.where:
            condition = translator.value(node.where, self.scope)
            if condition.kind not in ("boolean", "unknown"):
                translator.mismatch(
                    node.where, f"Filter expression must evaluate to a boolean: actual type {condition.kind}"
                )
            found += f" FILTER (WHERE {condition.sql})"
        if node.window:
            found += f" OVER ({self.window(node.window)})"
        return found

    def window(self, window: t.Window) -> str:
        translator = self.translator
        if window.name:
            named = [each for each in self.scope.windows if each.name == window.name]
            if not named:
                translator.fail("INVALID_WINDOW_REFERENCE", window, f"Cannot resolve WINDOW name {window.name}")
            if window is not named[0]:
                base = named[0]
                window = t.Window(window.at, "", base.partition, window.order or base.order, window.frame or base.frame)
        parts = []
        if window.partition:
            parts.append(
                "PARTITION BY " + ", ".join(translator.value(each, self.scope).sql for each in window.partition)
            )
        if window.order:
            # A constant says nothing of the order, and DuckDB would take a number for a position.
            said = [each for each in window.order if not isinstance(each.value, t.Literal)]
            parts.append(translator.order_by(said, self.scope, []).strip() if said else "ORDER BY 0 + 0")
        if window.frame:
            if window.frame.startswith("RANGE") and re.search(r"\d", window.frame):
                not_here(translator.sql, window.at, "a RANGE frame with a number")
            parts.append(window.frame)
        return " ".join(parts)

    # Functions that are no plain call

    def on_count(self) -> Value:
        return self.aggregate()

    def on_coalesce(self) -> Value:
        values = self.arguments()
        if len(values) < 2:
            return self.fail("SYNTAX_ERROR", "The 'coalesce' function must have at least two arguments")
        kind = self.translator.together(self.node, values, "All COALESCE operands")
        return self.made(f"coalesce({', '.join(cast(value.sql, value.kind, kind) for value in values)})", kind)

    def on_nullif(self) -> Value:
        if len(self.node.arguments) != 2:
            return self.fail("SYNTAX_ERROR", "Invalid number of arguments for 'nullif' function")
        one, _ = self.arguments()
        equal = self.translator.value(t.Comparison(self.node.at, "=", *self.node.arguments), self.scope)
        return self.made(f"CASE WHEN {equal.sql} THEN NULL ELSE {one.sql} END", one.kind)

    def on_if(self) -> Value:
        if len(self.node.arguments) not in (2, 3):
            return self.fail("SYNTAX_ERROR", "Invalid number of arguments for 'if' function")
        condition, result, *default = self.node.arguments
        otherwise = default[0] if default else None
        return self.translator.value(t.Case(self.node.at, None, [(condition, result)], otherwise), self.scope)

    def on_greatest(self) -> Value:
        values = self.arguments()
        kind = "unknown"
        for value in values:
            kind = types.common(kind, value.kind) or self.unexpected(values)
        if types.element(kind) or kind in ("double", "real", "boolean"):
            return self.refuse(f"{self.node.name} of {kind}")
        texts = [cast(value.sql, value.kind, kind) for value in values]
        absent = " OR ".join(f"{text} IS NULL" for text in texts)
        return self.made(f"CASE WHEN {absent} THEN NULL ELSE {self.node.name}({', '.join(texts)}) END", kind)

    on_least = on_greatest

    def on_concat(self) -> Value:
        values = self.arguments()
        if len(values) < 2:
            return self.fail("INVALID_FUNCTION_ARGUMENT", "There must be two or more concatenation arguments")
        if any(types.element(value.kind) for value in values):
            signature, texts, gives = self.chosen(functions.SCALARS, values)
            return self.made(f"({signature.expression.format(*texts)})", gives)
        if not all(types.can_become(value.kind, "varchar") for value in values):
            return self.unexpected(values)
        return self.made(f"({' || '.join(cast(value.sql, value.kind, 'varchar') for value in values)})", "varchar")

    def on_concat_ws(self) -> Value:
        values = self.arguments()
        if len(values) < 2 or not all(types.can_become(value.kind, "varchar") for value in values):
            return self.unexpected(values)
        return self.made(
            f"concat_ws({', '.join(cast(value.sql, value.kind, 'varchar') for value in values)})", "varchar"
        )

    def on_typeof(self) -> Value:
        (value,) = self.exactly(1)
        if "varchar" in value.kind:
            return self.refuse("typeof of text, whose type has its length,")
        return self.made(f"'{value.kind}'", "varchar")

    def on_to_hex(self) -> Value:
        """A digest of text, as dbt makes its keys and snapshots; other bytes are not read here."""
        match self.node.arguments:
            case [t.Call(name=digest, arguments=[t.Call(name="to_utf8", arguments=[text])])] if digest in _DIGESTS:
                value = self.translator.value(text, self.scope)
            case _:
                return self.refuse("to_hex of other bytes than a digest of to_utf8")
        if not types.can_become(value.kind, "varchar"):
            return self.unexpected([value])
        return self.made(f"upper({digest}({cast(value.sql, value.kind, 'varchar')}))", "varchar")

    def on_grouping(self) -> Value:
        values = self.arguments()
        return self.made(f"CAST(GROUPING({', '.join(value.sql for value in values)}) AS INTEGER)", "integer")

    def on_lpad(self) -> Value:
        values = self.exactly(3, "varchar", "bigint", "varchar")
        filling = self.node.arguments[2]
        if not _is_count(self.node.arguments[1]) or not isinstance(filling, t.Literal) or not filling.text:
            return self.refuse(f"{self.node.name} with a length or filling that is not written out")
        texts = (cast(values[0].sql, values[0].kind, "varchar"), f"CAST({values[1].sql} AS INTEGER)", values[2].sql)
        return self.made(f"{self.node.name}({', '.join(texts)})", "varchar")

    on_rpad = on_lpad

    def on_current_date(self) -> Value:
        return self.made("CAST(current_date AS DATE)", "date")

    def on_current_timestamp(self) -> Value:
        return self.made("date_trunc('millisecond', now())", "timestamp(3) with time zone")

    on_now = on_current_timestamp

    def on_localtimestamp(self) -> Value:
        return self.made("CAST(date_trunc('millisecond', now()) AS TIMESTAMP)", "timestamp(3)")

    # Dates and times

    def extract(self, part: str) -> Value:
        if part in _CLOCK:
            self.node = replace(self.node, name=part)
            return self.clock()
        if part not in _PARTS:
            if part.startswith("timezone"):
                return self.refuse(f"EXTRACT of {part}")
            return self.fail("SYNTAX_ERROR", f"Invalid EXTRACT field: {part}")
        self.node = replace(self.node, name=part)
        return self.scalar()

    def clock(self) -> Value:
        (value,) = self.exactly(1)
        if not types.is_time(value.kind):
            return self.unexpected([value])
        if value.kind.endswith("zone"):
            return self.refuse(f"{self.node.name} of {value.kind}")
        text = (
            f"{self.node.name}({value.sql})" if self.node.name != "millisecond" else f"millisecond({value.sql}) % 1000"
        )
        return self.made(f"CAST({text} AS BIGINT)", "bigint")

    on_hour = on_minute = on_second = on_millisecond = clock

    def unit(self) -> str:
        """The unit that a date function begins with."""
        first = self.node.arguments[0] if self.node.arguments else None
        if not isinstance(first, t.Literal) or first.kind != "varchar":
            return self.refuse(f"{self.node.name} with a unit that is not written out")
        unit = first.text.lower()
        if unit not in ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"):
            self.fail("INVALID_FUNCTION_ARGUMENT", f"'{unit}' is not a valid DATE field")
        return unit

    def time(self, value: Value, unit: str) -> Value:
        if not (value.kind == "date" or types.is_time(value.kind)):
            self.unexpected([value])
        if value.kind.endswith("zone"):
            self.refuse(f"{self.node.name} of {value.kind}")
        if value.kind == "date" and unit in ("millisecond", "second", "minute", "hour"):
            self.fail("INVALID_FUNCTION_ARGUMENT", f"'{unit}' is not a valid DATE field")
        return value

    def on_date_trunc(self) -> Value:
        values, unit = self.exactly(2), self.unit()
        value = self.time(values[1], unit)
        return self.made(f"CAST(date_trunc('{unit}', {value.sql}) AS {types.duckdb(value.kind)})", value.kind)

    def on_date_add(self) -> Value:
        values, unit = self.exactly(3, "varchar", "bigint"), self.unit()
        value = self.time(values[2], unit)
        count = f"CAST({values[1].sql} AS BIGINT)"
        moved = (
            f"{value.sql} + {count} * INTERVAL 1 {unit}"
            if unit != "quarter"
            else f"{value.sql} + {count} * INTERVAL 3 month"
        )
        kind = (
            value.kind if value.kind == "date" or unit != "millisecond" else f"timestamp({max(int(value.kind[10]), 3)})"
        )
        return self.made(f"CAST({moved} AS {types.duckdb(value.kind)})", kind)

    def on_date_diff(self) -> Value:
        values, unit = self.exactly(3), self.unit()
        one, other = (self.time(value, unit) for value in values[1:])
        if (one.kind == "date") != (other.kind == "date"):
            one, other = (self.made(f"CAST({value.sql} AS TIMESTAMP)", "timestamp(3)") for value in (one, other))
        if unit in ("month", "quarter"):
            months = f"py_months(CAST({one.sql} AS TIMESTAMP), CAST({other.sql} AS TIMESTAMP))"
            return self.made(months if unit == "month" else f"({months} // 3)", "bigint")
        if unit == "year":
            return self.refuse("date_diff in years")
        if one.kind == "date":
            days = f"CAST({other.sql} - {one.sql} AS BIGINT)"
            return self.made(days if unit == "day" else f"({days} // 7)", "bigint")
        millis = {
            "millisecond": 1,
            "second": 1000,
            "minute": 60_000,
            "hour": 3_600_000,
            "day": 86_400_000,
            "week": 604_800_000,
        }
        span = f"(epoch_ms({other.sql}) - epoch_ms({one.sql}))"
        return self.made(f"({span} // {millis[unit]})", "bigint")

    def on_date_format(self) -> Value:
        return self.formatted(r"%(.)|([^%])", lambda match: _MYSQL.get(match[1]) if match[1] else match[2])

    def on_format_datetime(self) -> Value:
        return self.formatted(
            r"([A-Za-z])\1*|'([^']*)'|([^A-Za-z'])",
            lambda match: _JODA.get(match[0]) if match[1] else (match[2] or match[3] or "'").replace("%", "%%"),
        )

    def formatted(self, parts: str, replace: "object") -> Value:
        values = self.exactly(2)
        form = self.node.arguments[1]
        if not isinstance(form, t.Literal) or form.kind != "varchar":
            return self.refuse(f"{self.node.name} with a format that is not written out")
        value = self.time(values[0], "day")
        pieces = [replace(match) for match in re.finditer(parts, form.text)]  # type: ignore[operator]
        if None in pieces or not form.text or re.sub(parts, "", form.text):
            return self.refuse(f"{self.node.name} with the format '{form.text}'")
        pattern = "".join(pieces).replace("'", "''")
        return self.made(f"strftime(CAST({value.sql} AS TIMESTAMP), '{pattern}')", "varchar")

    # Regular expressions

    def pattern(self) -> str:
        node = self.node.arguments[1] if len(self.node.arguments) > 1 else None
        if not isinstance(node, t.Literal) or node.kind != "varchar" or not _PATTERN.fullmatch(node.text):
            return self.refuse(f"{self.node.name} with a pattern that may mean something else to it")
        return node.text

    def on_regexp_like(self) -> Value:
        value, pattern = self.texts(2)
        self.pattern()
        return self.made(f"regexp_matches({value}, {pattern})", "boolean")

    def on_regexp_replace(self) -> Value:
        if len(self.node.arguments) == 2:
            self.node.arguments.append(t.Literal(self.node.at, "varchar", ""))
        value, pattern, _ = self.texts(3)
        by = self.node.arguments[2]
        if not isinstance(by, t.Literal) or "\\" in by.text or re.search(r"\$(?!\d(?!\d))", by.text):
            return self.refuse("regexp_replace with this replacement")
        if re.compile(self.pattern()).match(""):
            return self.refuse("regexp_replace with a pattern that fits no text at all")
        written = re.sub(r"\$(\d)", r"\\\1", by.text).replace("'", "''")
        return self.made(f"regexp_replace({value}, {pattern}, '{written}', 'g')", "varchar")

    def on_regexp_extract(self) -> Value:
        values = self.arguments()
        if len(values) not in (2, 3) or not all(types.can_become(value.kind, "varchar") for value in values[:2]):
            return self.unexpected(values)
        group, written = "0", self.pattern()
        if len(values) == 3:
            if not _is_count(self.node.arguments[2]) or re.search(r"[|?*]|\{0", written):
                return self.refuse("regexp_extract of a group that may not be there")
            group = self.node.arguments[2].text  # type: ignore[attr-defined]
            if int(group) > re.compile(written).groups:
                return self.fail(
                    "INVALID_FUNCTION_ARGUMENT",
                    f"Pattern has {re.compile(written).groups} groups. Cannot access group {group}",
                )
        text, pattern = (cast(value.sql, value.kind, "varchar") for value in values[:2])
        found = f"regexp_extract({text}, {pattern}, {group})"
        return self.made(f"CASE WHEN regexp_matches({text}, {pattern}) THEN {found} END", "varchar")

    # Functions of functions

    def on_transform(self) -> Value:
        array, text, body, inner = self.each_element()
        return (
            self.made(f"list_transform({array}, lambda {text}: {body.sql})", f"array({body.kind})") if inner else body
        )

    def on_filter(self) -> Value:
        array, text, body, inner = self.each_element()
        if body.kind != "boolean":
            return self.unexpected([body])
        return self.made(f"list_filter({array}, lambda {text}: {body.sql})", f"array({inner})")

    def each_element(self) -> "tuple[str, str, Value, str]":
        if len(self.node.arguments) != 2 or not isinstance(self.node.arguments[1], t.Lambda):
            return self.unexpected([])
        array, function = self.translator.value(self.node.arguments[0], self.scope), self.node.arguments[1]
        inner = types.element(array.kind)
        if inner is None or len(function.names) != 1:
            self.unexpected([array])
        name = self.translator.state.key()
        variables = {**self.scope.variables, function.names[0]: self.made(name, inner or "unknown")}
        scope = Scope(self.scope.columns, self.scope.outer, self.scope.outputs, self.scope.windows, variables)
        return array.sql, name, self.translator.value(function.body, scope), inner or "unknown"


def _is_count(node: t.Node) -> bool:
    return isinstance(node, t.Literal) and node.kind == "integer"
