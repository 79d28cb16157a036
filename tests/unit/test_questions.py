"""docs/questions.md: its SQL runs on the made-up notices of `ted local up`, and the answers are as printed."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from console.athena import Answer
from console.extract import extract_files
from console.local import _SAMPLE_NOTICES, _SAMPLE_YEARS
from console.questions import PAGE, answered
from console.sample.packages import make_archive
from runtime.manifest import Manifest
from runtime.schema import NOTICE_TABLES, TABLES
from runtime.schema.arrow import arrow_schema
from runtime.schema.tables import PACKAGES
from runtime.schema.views import saved_queries
from tests.unit.test_saved_queries import DATABASE, as_parquet, lake


def parts_of(tables: Path, year: int) -> dict[tuple[str, int], bytes]:
    """A year as its merge would publish it; no notice of the sample is there twice."""
    found = {}
    for table in NOTICE_TABLES:
        files = sorted((tables / table.name).rglob(f"{year}*.parquet"))
        rows = pa.concat_tables([pq.read_table(file, schema=arrow_schema(table), partitioning=None) for file in files])
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink)
        found[table.name, year] = sink.getvalue().to_pybytes()
    manifests = [Manifest.from_json(path.read_bytes()) for path in tables.rglob(f"{year}*.json")]
    ledger = [
        {
            **dict.fromkeys(PACKAGES.column_names), "package_id": each.package_id, "member_count": each.members,
            "notice_count": each.notices, "quarantined_count": each.quarantined, "duplicate_count": 0,
        }
        for each in manifests
    ]  # fmt: skip
    return {**found, (PACKAGES.name, year): as_parquet(PACKAGES, ledger)}


@pytest.mark.long
def test_each_question_has_the_answer_that_is_printed_and_every_saved_query_has_one(tmp_path: Path) -> None:
    make_archive(tmp_path / "archive", years=_SAMPLE_YEARS, notices=_SAMPLE_NOTICES)
    files = sorted((tmp_path / "archive/packages/daily").iterdir())
    outcomes = list(extract_files(files, tmp_path / "tables", 1))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    parts = {key: data for year in _SAMPLE_YEARS for key, data in parts_of(tmp_path / "tables", year).items()}
    assert {name for name, _ in parts} == {table.name for table in TABLES} - {"rejects"}
    page = PAGE.read_text()
    assert page.count("```sql") == page.count("```text") == 10
    with lake(tmp_path / "athena", parts) as athena:

        def ask(sql: str) -> Answer:
            result = athena.run(sql, DATABASE)
            rows = [tuple(row) for row in result.rows]
            kinds = tuple(column.type for column in result.columns)
            return Answer(tuple(column.name for column in result.columns), rows, 0, kinds)

        again = answered(page, ask)
        assert [query.name for query in saved_queries() if not athena.run(query.sql, DATABASE).rows] == []
    assert again == page, "ted local up, ted run --due, then: python -m console.questions"


@pytest.mark.parametrize("is_answered", [False, True])
def test_an_answer_replaces_the_one_that_was_there(is_answered: bool) -> None:
    old = "\n```text\nn\n─\n1\n```\n" if is_answered else ""
    page = f"# Q\n\n```sql\nSELECT 2 AS n\n```\n{old}\nmore\n"
    asked: list[str] = []
    found = answered(page, lambda sql: (asked.append(sql), Answer(("n",), [("2",)], 0, ("bigint",)))[1])  # type: ignore[func-returns-value]
    assert asked == ["SELECT 2 AS n"]
    assert found == "# Q\n\n```sql\nSELECT 2 AS n\n```\n\n```text\nn\n─\n2\n```\n\nmore\n"
