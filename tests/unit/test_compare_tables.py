from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.compare_tables import differences

ROWS = {"notice_id": ["1-2019", "2-2019"], "title": ["a", None]}


def write(folder: Path, table: pa.Table, name: str = "lots/year=2019/20190301_2019043.parquet") -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / name)
    return folder


def test_equal_tables_differ_in_nothing(tmp_path: Path) -> None:
    sides = [write(tmp_path / side, pa.table(ROWS)) for side in ("before", "after")]
    assert list(differences(*sides)) == []


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (pa.table({**ROWS, "title": ["a", "b"]}), "row 1 (2-2019), title was None, is 'b'"),
        (pa.table({**ROWS, "title": ["a", ""]}), "row 1 (2-2019), title was None, is ''"),
        (pa.table(ROWS).slice(0, 1), "had 2 rows, has 1"),
        (pa.table(ROWS).take([1, 0]), "row 0 (1-2019), notice_id was '1-2019', is '2-2019'"),
        (pa.table(ROWS).select(["title", "notice_id"]), "columns were"),
        (pa.table(ROWS).drop_columns(["title"]), "column title was"),
        (pa.table({**ROWS, "title": pa.array(["a", None], pa.large_string())}), "column title was"),
    ],
    ids=["value", "empty-for-null", "fewer-rows", "order-of-rows", "order-of-columns", "fewer-columns", "type"],
)
def test_any_difference_is_named(tmp_path: Path, after: pa.Table, told: str) -> None:
    sides = write(tmp_path / "before", pa.table(ROWS)), write(tmp_path / "after", after)
    assert any(told in line for line in differences(*sides))


def test_a_file_that_one_side_lacks_is_named(tmp_path: Path) -> None:
    sides = write(tmp_path / "before", pa.table(ROWS)), write(tmp_path / "after", pa.table(ROWS))
    write(sides[1], pa.table(ROWS), "changes/year=2019/20190301_2019043.parquet")
    assert list(differences(*sides)) == [f"changes/year=2019/20190301_2019043.parquet: only in {sides[1]}"]
