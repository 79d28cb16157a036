"""Whether two extractions gave the same tables: every Parquet file, schema and values, row by row.

    python -m tests.compare_tables BEFORE AFTER

BEFORE and AFTER are folders that `ted extract` wrote. The first differences of each file are named; the command ends
with 1 when there is any, with 2 when a folder holds no tables.
"""

import argparse
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SHOWN = 5


def differences(before: Path, after: Path) -> Iterator[str]:
    """Name what differs, file by file: files that one side lacks, then schemas, then values."""
    sides = [{str(path.relative_to(side)) for path in side.rglob("*.parquet")} for side in (before, after)]
    for name in sorted(sides[0] | sides[1]):
        if name not in sides[0] or name not in sides[1]:
            yield f"{name}: only in {before if name in sides[0] else after}"
            continue
        yield from islice(
            _of_file(name, pq.ParquetFile(before / name).read(), pq.ParquetFile(after / name).read()), SHOWN
        )


def _of_file(name: str, before: pa.Table, after: pa.Table) -> Iterator[str]:
    if not before.schema.equals(after.schema, check_metadata=True):
        for field in sorted({*before.schema.names, *after.schema.names}):
            was, now = (each.schema.field(field) if field in each.schema.names else None for each in (before, after))
            if was is None or now is None or not was.equals(now):
                yield f"{name}: column {field} was {was}, is {now}"
        if before.schema.names != after.schema.names:
            yield f"{name}: columns were {before.schema.names}, are {after.schema.names}"
        return
    if before.num_rows != after.num_rows:
        yield f"{name}: had {before.num_rows:,} rows, has {after.num_rows:,}"
    if before.equals(after):
        return
    for number, (was, now) in enumerate(zip(before.to_pylist(), after.to_pylist(), strict=False)):
        for column in before.column_names:
            if was[column] != now[column]:
                yield (
                    f"{name}: row {number} ({was.get('notice_id')}), {column} was {was[column]!r}, is {now[column]!r}"
                )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path, help="folder of tables")
    parser.add_argument("after", type=Path, help="folder of tables")
    args = parser.parse_args()
    files = sum(1 for _ in args.before.rglob("*.parquet"))
    if not files:
        print(f"{args.before}: expected a folder that `ted extract` wrote, got no Parquet file")
        return 2
    found = list(differences(args.before, args.after))
    print(*found[: 10 * SHOWN], sep="\n", end="\n" if found else "")
    print(f"{files:,} files compared, {len(found):,} differences named" if found else f"{files:,} files, all equal")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
