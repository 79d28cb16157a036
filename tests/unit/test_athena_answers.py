"""DuckDB beside a Trino server's recorded answers: the same answer, or a refusal; never another value.

tests/trino/answers.jsonl is written by `UPDATE_ANSWERS=1 make trino`.
"""

import functools
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from console.aws.athena.catalog import Catalog
from console.aws.athena.executor import Executor
from console.aws.athena.failure import QueryFailed
from console.aws.athena.files import ObjectFiles
from tests.unit.test_saved_queries import DATABASE, athena  # noqa: F401 a fixture

pytestmark = pytest.mark.long

RECORDED = Path(__file__).parents[1] / "trino" / "answers.jsonl"
ANSWERS: list[dict[str, Any]] = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
NEXT_STEP = "ted local up --sql trino"


@pytest.fixture(scope="module")
def outcomes(athena: Executor) -> dict[str, str]:  # noqa: F811
    """How DuckDB's answer to each statement stands to Trino's."""
    with pytest.MonkeyPatch.context() as patch:
        # No statement writes, and moto takes most of the time; so each of its answers is asked for once.
        for owner, name in ((Catalog, "table"), (Catalog, "tables"), (Catalog, "databases"), (Catalog, "partitions"),
                            (ObjectFiles, "below")):  # fmt: skip
            patch.setattr(owner, name, functools.cache(getattr(owner, name)))
        return {each["sql"]: outcome(athena, each) for each in ANSWERS}


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
def test_duckdb_answers_as_trino_or_refuses(outcomes: dict[str, str], recorded: dict[str, Any]) -> None:
    assert outcomes[recorded["sql"]] in ("same", "refused", "both refuse")


def test_the_counts_are_those_of_the_documentation(outcomes: dict[str, str]) -> None:
    """A refusal is right and of no use, so they are counted."""
    counts = Counter(outcomes.values())
    said = Path("docs/athena.md").read_text(encoding="utf-8")
    for what, name in (("the same answer", "same"), ("both refuse", "both refuse"),
                       ("refused here, answered by Trino", "refused")):  # fmt: skip
        assert re.search(rf"^\| {what} \| [^|]+ \| {counts[name]} \|$", said, re.MULTILINE), counts
    assert f"has {len(ANSWERS)} statements" in said
