"""DuckDB beside a Trino server's recorded answers: the same answer, or a refusal; never another value.

tests/trino/answers.jsonl is written by `UPDATE_ANSWERS=1 make trino`.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from console.aws.athena.executor import Executor
from console.aws.athena.failure import QueryFailed
from tests.unit.test_saved_queries import DATABASE, athena  # noqa: F401 a fixture

pytestmark = pytest.mark.long

RECORDED = Path(__file__).parents[1] / "trino" / "answers.jsonl"
ANSWERS: list[dict[str, Any]] = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
NEXT_STEP = "ted local up --sql trino"


def outcome(executor: Executor, recorded: dict[str, Any]) -> str:
    """How DuckDB's answer stands to Trino's: the same, refused, or what is wrong."""
    sql = recorded["sql"]
    try:
        result = executor.run(sql, DATABASE)
    except QueryFailed as failure:
        if "error" in recorded:
            return "both refuse"
        return "refused" if NEXT_STEP in str(failure) else f"refused without the next step: {failure}"
    if "error" in recorded:
        return f"answered {result.rows}, where Trino refuses: {recorded['error']}"
    if [(column.name, column.type) for column in result.columns] != list(
        zip(recorded["columns"], recorded["types"], strict=True)
    ):
        return f"other columns: {result.columns}"
    rows, wanted = result.rows, recorded["rows"]
    if "ORDER BY" not in sql:
        rows, wanted = sorted(rows, key=str), sorted(wanted, key=str)
    return "same" if rows == wanted else f"another value: {result.rows}, Trino has {recorded['rows']}"


@pytest.mark.parametrize("recorded", ANSWERS, ids=lambda recorded: recorded["sql"][:70])
def test_duckdb_answers_as_trino_or_refuses(athena: Executor, recorded: dict[str, Any]) -> None:  # noqa: F811
    assert outcome(athena, recorded) in ("same", "refused", "both refuse")


def test_most_statements_that_trino_answers_are_answered_here(athena: Executor) -> None:  # noqa: F811
    """A refusal is right and of no use: four of five statements that Trino answers are answered."""
    counts = Counter(outcome(athena, each) for each in ANSWERS if "error" not in each)
    assert counts["same"] >= 0.75 * sum(counts.values()), counts
