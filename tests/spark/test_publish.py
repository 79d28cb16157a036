"""Publishing: what readers see while a year changes, and what a process that dies leaves behind."""

import threading
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest

from runtime.merge.catalog import Catalog
from runtime.merge.publish import SWAP_ORDER, finish_swap, remove_runs, run_of, swap
from runtime.merge.published import read_published, read_records, write_record
from runtime.merge.spark import SparkTables
from runtime.schema import TABLES
from tests.spark.conftest import World
from tests.spark.folder import Killed, notice

MARCH = "20190301_2019043"


def runs(world: World) -> set[str]:
    """Runs that the tables of 2019 point at."""
    return {run_of(world.catalog.location(table.name, 2019)) for table in TABLES}


def folders(world: World) -> set[str]:
    """Runs that have files."""
    return {path.parent.name for path in world.year.root.glob("merged/*/year=2019/run=*/*.parquet")}


def test_swap_order_names_every_table_with_the_ledger_last() -> None:
    assert sorted(table.name for table in SWAP_ORDER) == sorted(table.name for table in TABLES)
    assert SWAP_ORDER[-1].name == "packages"


def test_reader_never_sees_a_mixed_or_empty_year_during_ten_merges(world: World) -> None:
    world.year.add(MARCH, notice(1, title="0"), notice(2, title="0"))
    world.merge()
    seen: list[tuple[str, ...]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                seen.append(tuple(row["title"] for row in world.rows("notices")))
            except FileNotFoundError as error:  # pragma: no cover - the fault that the test looks for
                seen.append((str(error),))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for version in range(1, 11):
            world.year.add(MARCH, *(notice(n, title=str(version)) for n in range(1, 3 + version)))
            world.merge()
    finally:
        done.set()
        reader.join()

    whole = {(str(version),) * (2 + version) for version in range(11)}
    assert set(seen) <= whole
    assert len(set(seen)) > 3
    assert seen[-1] in {("10",) * 12, ("9",) * 11}


def test_previous_run_is_kept_and_older_ones_are_removed(world: World) -> None:
    world.year.add(MARCH, notice(1))
    for run in "abc":
        published = world.merge(run=run)

    assert published.previous_run_id == "b"
    assert folders(world) == {"run=b", "run=c"}
    assert [record.run_id for record in read_records(world.bucket, 2019)] == ["b", "c"]
    assert runs(world) == {"c"}


class DyingCatalog:
    """A Glue client that dies before its n-th change of a partition."""

    def __init__(self, client: Any, changes: int) -> None:
        self.client, self.changes = client, changes

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call: Callable[..., Any] = getattr(self.client, name)
        if name not in ("batch_update_partition", "create_partition"):
            return call

        def change(**values: Any) -> Any:
            if self.changes == 0:
                raise Killed
            self.changes -= 1
            return call(**values)

        return change


@pytest.fixture
def recorded(world: World) -> Callable[[str], Any]:
    """Merges without Spark: each run's record is the first's, its files are copies."""
    world.year.add(MARCH, notice(1))
    first = world.merge(run="first")

    def copy(run: str) -> Any:
        from dataclasses import replace

        for table in TABLES:
            for path in world.files(table.name):
                target = world.year.root / f"merged/{table.name}/year=2019/run={run}" / path.name
                target.parent.mkdir(parents=True)
                target.write_bytes(path.read_bytes())
        return replace(first, run_id=run, checked_at=world.now().isoformat(), published_at="")

    return copy


def test_killed_at_any_step_of_the_swap_the_next_run_finishes_it(world: World, recorded: Callable[[str], Any]) -> None:
    glue = world.catalog.client
    # The second run updates a partition per table: step n dies before the n-th, the last one before the record.
    for step in range(len(TABLES) + 1):
        run = f"run-{step}"
        record = recorded(run)
        dying = Catalog(DyingCatalog(glue, step), world.catalog.database)  # type: ignore[arg-type]
        world.s3.fail_after = 1 if step == len(TABLES) else -1
        with pytest.raises(Killed):
            swap(world.bucket, dying, record, "2026-01-01T00:00:00+00:00")
        world.s3.fail_after = -1
        assert len(runs(world)) == (2 if 0 < step < len(TABLES) else 1)

        finished = finish_swap(world.bucket, world.catalog, 2019, world.now().isoformat())

        assert finished is not None
        assert runs(world) == {run}
        published = read_published(world.bucket, 2019)
        assert published is not None
        assert published.run_id == run
        assert finish_swap(world.bucket, world.catalog, 2019, world.now().isoformat()) is None


@pytest.mark.parametrize("died", ["before writing", "while writing", "before checking"])
def test_killed_while_writing_the_old_year_stays_and_a_rerun_ends_right(
    world: World, monkeypatch: pytest.MonkeyPatch, died: str
) -> None:
    world.year.add(MARCH, notice(1))
    world.merge(run="old")
    world.year.add(MARCH, notice(1), notice(2))
    with monkeypatch.context() as patch:
        if died == "before checking":
            patch.setattr(SparkTables, "measure", _die)
        elif died == "before writing":
            patch.setattr(SparkTables, "write", _die)
        else:
            patch.setattr(SparkTables, "_packages", _die)
        with pytest.raises(Killed):
            world.merge(run="dead")
    assert len(world.rows("notices")) == 1
    assert runs(world) == {"old"}

    world.merge(run="new")

    assert len(world.rows("notices")) == 2
    assert runs(world) == {"new"}
    assert folders(world) == {"run=old", "run=new"}


def test_killed_at_the_write_of_any_table_the_old_year_stays_and_a_rerun_ends_right(world: World) -> None:
    world.year.add(MARCH, notice(1))
    world.merge(run="old")
    old = {table.name: world.rows(table.name) for table in TABLES}
    world.year.add(MARCH, notice(1), notice(2))
    for table in TABLES:

        def locate(key: str, dies_at: str = f"merged/{table.name}/") -> str:
            if key.startswith(dies_at):
                raise Killed
            return f"file://{world.year.root / key}"

        with pytest.raises(Killed):
            world.merge(run=f"dead-{table.name}", tables=SparkTables(world.spark, locate))
        assert {name: world.rows(name) for name in old} == old
    assert len(folders(world)) > 2

    world.merge(run="new")

    assert len(world.rows("notices")) == 2
    assert runs(world) == {"new"}
    assert folders(world) == {"run=old", "run=new"}


def test_killed_at_any_step_of_the_removal_the_next_run_finishes_it(
    world: World, recorded: Callable[[str], Any]
) -> None:
    swap(world.bucket, world.catalog, recorded("second"), "2026-01-01T00:00:00+00:00")
    kept = {table.name: world.rows(table.name) for table in TABLES}
    for step in range(len(TABLES) + 1):
        write_record(world.bucket, recorded(f"third-{step}"))
        world.s3.fail_after = step
        with pytest.raises(Killed):
            remove_runs(world.bucket, 2019, {"first", "second"})
        world.s3.fail_after = -1
        assert {name: world.rows(name) for name in kept} == kept

        remove_runs(world.bucket, 2019, {"first", "second"})

        assert folders(world) == {"run=first", "run=second"}
        assert {record.run_id for record in read_records(world.bucket, 2019)} == {"first", "second"}


def _die(*_: Any, **__: Any) -> Any:
    raise Killed


def test_removed_runs_leave_no_file_of_theirs(world: World) -> None:
    world.year.add(MARCH, notice(1))
    world.merge(run="a")
    stray = world.year.root / "merged/lots/year=2019/run=dead/_temporary/0/part.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"half")

    world.merge(run="b")

    assert not stray.exists()
    assert any("removed dead" in line for line in world.said)
    assert pq.ParquetFile(world.files("lots")[0]).metadata.num_rows == 2
