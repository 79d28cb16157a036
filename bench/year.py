"""A made-up year in the shape of a real one: rows per notice, filled shares, lengths, repetition, codes.

    python -m bench.year --shape TABLES > bench/shape.tsv     measure the shape of what `ted extract` wrote to TABLES
    python -m bench.year --folder DIR --notices 870000        make a year below a folder

`bench/shape.tsv` is of the 740 eForms notices among 3,014 real ones (2022 to 2026, Publications Office of the European
Union). It holds shares, lengths and codes, no text of a notice. Made-up text is of words drawn as often as in prose, so
that it is as long and packs about as well as published text.
"""

import argparse
import csv
import datetime as dt
import itertools
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from runtime.extract.columns import TableFiles
from runtime.keys import PackageId
from runtime.manifest import EXTRACTOR_VERSION, Manifest, TableFile
from runtime.schema import NOTICE_TABLES, Column, Table
from runtime.schema.arrow import ARROW_TYPES, arrow_schema
from runtime.schema.tables import KEY, NOTICES

YEAR = 2025
PACKAGES = 250
BUCKET = "bench-cca-ted-extracted-dev"
SHAPE = Path(__file__).with_name("shape.tsv")
# Of a thousand notices, one is in the package before, too.
REPEATED = 1000
# A column is of codes, drawn as often as in real notices, where it has at most this many short values.
MOST_CODES, LONGEST_CODE = 45, 14
# Texts from this mean length on are prose; shorter ones are names, drawn from this many.
PROSE, NAMES = 55, 150_000


@dataclass(frozen=True, slots=True)
class Shape:
    """How a column is filled.

    Parameters
    ----------
    filled : share of rows with a value
    length : mean characters of a text, or of an element of a list
    items : mean elements of a list
    distinct : share of the filled rows whose value is new
    codes : shares of the values, for a column of codes
    """

    filled: float
    length: float
    items: float
    distinct: float
    codes: dict[str, float]


def measure_shape(tables: Path) -> Iterator[list[str]]:
    """Lines of `bench/shape.tsv`: a table's rows per notice, then its columns."""
    database = duckdb.connect()
    database.execute(
        f"CREATE TABLE eforms AS SELECT notice_id FROM read_parquet('{tables}/notices/**/*.parquet') "  # noqa: S608
        "WHERE format = 'eforms'"
    )

    def ask(query: str) -> list[Any]:
        return database.execute(query).fetchall()

    ((notices,),) = ask("SELECT count(*) FROM eforms")
    for table in NOTICE_TABLES:
        database.execute(
            f"CREATE TABLE {table.name} AS SELECT * FROM read_parquet('{tables}/{table.name}/**/*.parquet', "  # noqa: S608
            "hive_partitioning = false) SEMI JOIN eforms USING (notice_id)"
        )
        ((rows,),) = ask(f"SELECT count(*) FROM {table.name}")  # noqa: S608
        yield [table.name, "", f"{rows / notices:.3f}", "", "", "", ""]
        for column in table.columns[len(KEY) :]:
            value = f"unnest({column.name})" if column.kind == "list" else column.name
            ((filled, elements, length, distinct),) = ask(
                f"""WITH given AS (SELECT {value}::VARCHAR AS v FROM {table.name} WHERE {column.name} IS NOT NULL)
                SELECT (SELECT count({column.name}) FROM {table.name}), count(v), avg(length(v)), count(DISTINCT v)
                FROM given"""  # noqa: S608
            )
            codes: dict[str, float] = {}
            if column.kind == "string" and 0 < distinct <= MOST_CODES and length <= LONGEST_CODE:
                codes = {
                    code: round(count / filled, 4)
                    for code, count in ask(
                        f"SELECT {column.name}, count(*) FROM {table.name} WHERE {column.name} IS NOT NULL "  # noqa: S608
                        "GROUP BY 1 ORDER BY 2 DESC, 1"
                    )
                }
            figures = [filled / max(rows, 1), length or 0, elements / max(filled, 1), distinct / max(elements, 1)]
            yield [table.name, column.name, *(f"{figure:.3f}" for figure in figures), json.dumps(codes)]


@cache
def read_shape() -> tuple[dict[str, float], dict[tuple[str, str], Shape]]:
    """Rows per notice by table; shapes by table and column."""
    per_notice, shapes = {}, {}
    with SHAPE.open(encoding="utf-8", newline="") as lines:
        for table, column, *figures, codes in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if column:
                filled, length, items, distinct = map(float, figures)
                shapes[table, column] = Shape(filled, length, items, distinct, json.loads(codes))
            else:
                per_notice[table] = float(figures[0])
    return per_notice, shapes


@cache
def words() -> pa.Array:
    """65,536 words, each as often as its rank calls for: the n-th of 4,000 a share of 1/n."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "en", "er", "an")]
    random = np.random.default_rng(1)
    made = ["".join(random.choice(syllables, size=random.integers(1, 5))) for _ in range(4000)]
    shares = 1 / np.arange(1, 4001)
    counts = np.maximum(1, np.round(shares / shares.sum() * 61_000)).astype(int)
    return pa.array(np.resize(np.repeat(made, counts), 65_536), pa.string())


def prose(random: np.random.Generator, count: int, length: float) -> pa.Array:
    """Texts of a mean length; most are shorter, few are much longer."""
    sizes = np.maximum(1, random.exponential(length / 5.6, count)).astype(np.int32)
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int32())
    drawn = words().take(pa.array(random.integers(0, 65_536, int(sizes.sum()), np.uint16)))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, drawn), " ")


@cache
def names(length: int) -> pa.Array:
    """Names, towns, numbers: short texts of one length, of which some come up often."""
    made = prose(np.random.default_rng(length), NAMES, max(length * 1.5, 8))
    numbered = pc.binary_join_element_wise(made, pa.array(np.arange(NAMES)).cast(pa.string()), " ")
    return pc.utf8_slice_codeunits(pc.utf8_lpad(numbered, length, "x"), -length)


@cache
def cpv_codes() -> pa.Array:
    """Numbers of eight digits, in 45 divisions like CPV codes."""
    random = np.random.default_rng(2)
    divisions, rest = random.permutation(np.repeat(np.arange(3, 93, 2), 100)), random.integers(0, 10**6, 4500)
    return pc.utf8_lpad(pa.array(divisions * 10**6 + rest).cast(pa.string()), 8, "0")


def made_up(random: np.random.Generator, column: Column, shape: Shape, rows: int) -> pa.Array:
    """Values of a column for all rows, before some become NULL."""
    if column.name == "cpv_main":
        return cpv_codes().take(_often(random, rows, len(cpv_codes())))
    if column.kind == "string":
        return _texts(random, shape, rows)
    if column.kind == "list":
        sizes = np.maximum(1, random.poisson(max(shape.items - 0.5, 0.6), rows))
        offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int32())
        return pa.ListArray.from_arrays(offsets, names(round(shape.length)).take(_often(random, int(sizes.sum()))))
    if column.kind == "date":
        days = np.datetime64(f"{YEAR}-01-01") + random.integers(-40, 320, rows)
        return pa.array(days.astype("datetime64[D]"))
    if column.kind == "boolean":
        return pa.array(random.random(rows) < 0.3)
    if column.kind in ("int", "number"):
        return pa.array(random.geometric(0.25 if column.kind == "int" else 0.03, rows).astype(np.int32))
    return pa.array(np.exp(random.normal(11, 2.5, rows)).astype(np.int64))  # money


def _texts(random: np.random.Generator, shape: Shape, rows: int) -> pa.Array:
    if shape.codes:
        shares = np.array(list(shape.codes.values()))
        drawn = random.choice(len(shares), rows, p=shares / shares.sum())
        return pa.array(list(shape.codes)).take(pa.array(drawn))
    if shape.length >= PROSE or shape.distinct == 0:
        # Rows of one notice repeat each other's text: neighbours share it as often as the shape says.
        made = prose(random, max(1, round(rows * shape.distinct)), shape.length)
        return made.take(pa.array((np.arange(rows) * len(made) // max(rows, 1)).astype(np.int32)))
    if shape.distinct > 0.95 and shape.length >= 30:
        return _digits(random, rows, round(shape.length))
    return names(max(1, round(shape.length))).take(_often(random, rows))


def _digits(random: np.random.Generator, rows: int, length: int) -> pa.Array:
    """Hexadecimal digits, as in identifiers and hashes: they do not pack."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)[random.integers(0, 16, (rows, length), np.uint8)]
    return pa.array(digits.view(f"S{length}").ravel().astype(str))


def _often(random: np.random.Generator, rows: int, choices: int = NAMES) -> pa.Array:
    """Positions among some choices, of which the first come up most."""
    return pa.array((random.random(rows) ** 3 * choices).astype(np.int32))


def made_up_table(random: np.random.Generator, table: Table, package: PackageId, first: int, last: int) -> pa.Table:
    """Rows of a package's notices, which are numbered from `first` to before `last`."""
    per_notice, shapes = read_shape()
    mean, notices = per_notice[table.name], last - first
    counts = np.ones(notices, np.int64) if table is NOTICES else _row_counts(random, mean, notices)
    rows = int(counts.sum())
    owners = np.repeat(np.arange(first, last), counts)
    ordinals = np.arange(rows) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    made = {
        "notice_id": pc.binary_join_element_wise(pa.array(owners + 1).cast(pa.string()), str(YEAR), "-"),
        "publication_date": pa.repeat(package.date, rows),
        "package_id": pa.repeat(str(package), rows),
    }
    if table is not NOTICES:
        made[table.key[1]] = pa.array(ordinals.astype(np.int32))
    for column in table.columns:
        if column.name in made:
            continue
        shape = shapes[table.name, column.name]
        if shape.filled == 0:
            made[column.name] = pa.nulls(rows, ARROW_TYPES[column.kind])
        elif column.name.endswith("_ordinal"):
            made[column.name] = pa.array(np.minimum(ordinals, 9).astype(np.int32))
        else:
            values = made_up(random, column, shape, rows)
            kept = pa.array(random.random(rows) < shape.filled)
            made[column.name] = pc.if_else(kept, values, pa.scalar(None, values.type))
    arrays = [made[column.name].cast(ARROW_TYPES[column.kind]) for column in table]
    schema = arrow_schema(table).append(pa.field("_order", pa.int64()))
    return pa.Table.from_arrays([*arrays, pa.array(owners)], schema=schema)


def _row_counts(random: np.random.Generator, mean: float, notices: int) -> np.ndarray[Any, Any]:
    # Few notices have many rows: a geometric distribution from 1 on, or from 0 where the mean is below 1.
    return random.geometric(1 / mean, notices) if mean >= 1 else random.geometric(1 / (1 + mean), notices) - 1


def package_of(number: int) -> PackageId:
    """The n-th package of the year."""
    return PackageId(dt.date(YEAR, 1, 2) + dt.timedelta(days=round(number * 362 / PACKAGES)), number + 1)


def make_package(folder: Path, number: int, first: int, last: int) -> None:
    """Write the files and the manifest of a package the way extraction does."""
    package = package_of(number)
    random = np.random.default_rng(number)
    scratch = folder / "scratch" / str(package)
    scratch.mkdir(parents=True, exist_ok=True)
    writing = TableFiles(scratch)
    tables = {table.name: made_up_table(random, table, package, first, last) for table in NOTICE_TABLES}
    writing.add({name: rows for name, rows in tables.items() if rows.num_rows})
    files = {}
    for name, written in writing.close().items():
        path = folder / BUCKET / package.daily_key(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        written.path.replace(path)
        files[name] = TableFile(package.daily_key(name), written.rows, path.stat().st_size)
    record = Manifest(
        package_id=str(package), publication_date=package.date.isoformat(), ojs_issue=package.issue, source_url="",
        raw_key=package.raw_key, raw_version_id="v", sha256="0" * 64, size_bytes=1,
        fetched_at="2025-01-01T00:00:00Z", extracted_at="2025-01-01T00:00:00Z",
        extractor_version=EXTRACTOR_VERSION, members=last - first, notices=last - first, quarantined=0, skipped=0,
        rows={name: rows.num_rows for name, rows in tables.items()}, files=files, formats={}, first_notice_id=None,
        last_notice_id=None,
    )  # fmt: skip
    path = folder / BUCKET / package.manifest_key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(record.to_json())


def make_year(folder: Path, notices: int) -> None:
    """Write a year's packages below a folder, laid out as the extracted bucket."""
    per = max(1, notices // PACKAGES)
    # A package begins with the last notices of the one before.
    firsts = [number * per - (max(1, per // REPEATED) if number else 0) for number in range(PACKAGES)]
    lasts = [(number + 1) * per for number in range(PACKAGES)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(make_package, itertools.repeat(folder), range(PACKAGES), firsts, lasts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", type=Path, metavar="TABLES", help="measure these tables and print their shape")
    parser.add_argument("--folder", type=Path, default=Path("year"))
    parser.add_argument("--notices", type=int, default=870_000)
    arguments = parser.parse_args()
    if arguments.shape:
        csv.writer(sys.stdout, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n").writerows(
            measure_shape(arguments.shape)
        )
    else:
        make_year(arguments.folder, arguments.notices)


if __name__ == "__main__":
    main()
