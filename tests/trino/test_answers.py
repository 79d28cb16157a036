"""What a Trino server answers, recorded for the tests of DuckDB that run without one.

`UPDATE_ANSWERS=1 make trino` records anew: answers.jsonl, and console/aws/athena/functions.txt.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from console.aws.athena import functions
from console.aws.athena.executor import Executor
from console.aws.athena.failure import QueryFailed
from tests.trino.conftest import Engines

ANSWERS = Path(__file__).with_name("answers.jsonl")
STATEMENTS = Path(__file__).with_name("statements.json")
FUNCTIONS = Path(functions.__file__).with_name("functions.txt")
_AT_ONCE = 4  # the server lets a client wait for the most part


def recorded(executor: Executor, sql: str) -> dict[str, Any]:
    """One answer: columns, types and rows, or Trino's name of the error."""
    try:
        result = executor.run(sql, "hand")
    except QueryFailed as failure:
        return {"sql": sql, "error": str(failure).partition(":")[0]}
    types = [column.type for column in result.columns]
    return {"sql": sql, "columns": [column.name for column in result.columns], "types": types, "rows": result.rows}


def test_answers_are_those_recorded(engines: Engines, writes: Callable[[Path], bool]) -> None:
    statements = json.loads(STATEMENTS.read_text(encoding="utf-8"))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(partial(recorded, engines.trino), statements))
    if writes(ANSWERS):
        lines = [json.dumps(each, ensure_ascii=False) for each in found]
        ANSWERS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    held = {each["sql"]: each for each in map(json.loads, ANSWERS.read_text(encoding="utf-8").splitlines())}
    assert set(held) == set(statements)
    assert len(statements) >= 100
    for answer in found:
        assert in_any_order(answer) == in_any_order(held[answer["sql"]]), answer["sql"]


def in_any_order(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer whose rows are sorted where the statement does not say how."""
    if "ORDER BY" in answer["sql"] or "rows" not in answer:
        return answer
    return {**answer, "rows": sorted(answer["rows"], key=str)}


def test_functions_are_those_of_the_server(engines: Engines, writes: Callable[[Path], bool]) -> None:
    listed = {str(row[0]) for row in engines.trino._engine.answer("SHOW FUNCTIONS", "hand").rows}
    names = sorted(listed - functions.NEWER.keys())
    if writes(FUNCTIONS):
        FUNCTIONS.write_text("\n".join(names) + "\n", encoding="utf-8")
    assert names == FUNCTIONS.read_text(encoding="utf-8").split()
    assert functions.NEWER.keys() <= listed
    known = {*functions.SCALARS, *functions.AGGREGATES, *functions.WINDOWS}
    assert known - listed - {"row_number"} == set()


def test_virtual_columns_and_plans_are_there(engines: Engines) -> None:
    (row,) = engines.trino.run('SELECT "$path" FROM notices LIMIT 1', "hand").rows
    assert str(row[0]).startswith("s3://lake-of-the-trino-tests/hand/merged/notices/year=2019/")
    assert engines.trino.run('SELECT * FROM "notices$partitions"', "hand").rows == [["2019"]]
    (plan,) = engines.trino.run("EXPLAIN SELECT count(*) FROM notices", "hand").rows
    assert "TableScan" in str(plan[0]) or "ScanProject" in str(plan[0])


def test_an_error_has_its_place(engines: Engines) -> None:
    with pytest.raises(QueryFailed, match=r"COLUMN_NOT_FOUND: line 2:3: Column 'nope' cannot be resolved"):
        engines.trino.run("SELECT\n  nope FROM notices", "hand")
    with pytest.raises(QueryFailed, match="TYPE_MISMATCH: line 1:"):
        engines.trino.run("SELECT count(*) FROM notices WHERE year = ?", "hand", ["'2019'"])


@pytest.mark.parametrize("maker", ["trino", "duck"])
def test_a_view_made_on_one_engine_answers_on_the_other(engines: Engines, maker: str) -> None:
    made: Executor = getattr(engines, maker)
    made.run(
        f"CREATE OR REPLACE VIEW of_{maker} AS SELECT buyer_country, count(*) AS n, avg(total_value) AS mean, "  # noqa: S608
        "array_agg(notice_id ORDER BY notice_id) AS ids FROM notices GROUP BY buyer_country",
        "hand",
    )
    sql = f"SELECT * FROM of_{maker} ORDER BY 1"  # noqa: S608
    one, other = engines.trino.run(sql, "hand"), engines.duck.run(sql, "hand")
    assert (one.columns, one.rows) == (other.columns, other.rows)
    assert len(one.rows) == 2
    made.run(f"DROP VIEW of_{maker}", "hand")


@pytest.mark.parametrize("name", ["schemata", "tables", "columns", "views"])
def test_information_schema_is_the_same_on_both(engines: Engines, name: str) -> None:
    key = "schema_name" if name == "schemata" else "table_schema"
    sql = f"SELECT * FROM information_schema.{name} WHERE {key} = 'hand'"  # noqa: S608
    one, other = engines.trino.run(sql, "hand"), engines.duck.run(sql, "hand")
    assert one.columns == other.columns
    assert sorted(one.rows, key=str) == sorted(other.rows, key=str)
    assert one.rows


def test_a_limit_of_the_workgroup_is_the_same_on_both(engines: Engines) -> None:
    sql = "SELECT title, year FROM notices WHERE year = 2019"
    assert engines.trino.run(sql, "hand").scanned_bytes == engines.duck.run(sql, "hand").scanned_bytes > 0
