"""The DataFrame work of a merge. Everything runs in the JVM: no Python function sees a row."""

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from typing import Any
from urllib.parse import unquote

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import ArrayType

from runtime.keys import DAILY_PREFIX
from runtime.manifest import Manifest
from runtime.merge.checks import Measured, date_bounds
from runtime.merge.plan import Plan
from runtime.schema import NOTICE_TABLES, TABLES, Table
from runtime.schema.spark import spark_schema
from runtime.schema.tables import NOTICES, PACKAGES, REJECTS

# Athena's advice for a file is 128 MB and more; this is the middle of 64 to 256.
FILE_BYTES = 128 << 20
# A row group is what a filter can skip. Parquet's default of 128 MB would make one of most files.
ROW_GROUP_BYTES = 16 << 20
# Rows that one task of an exchange takes.
ROWS_PER_TASK = 1_000_000
# Below this, compiling a query takes longer than interpreting it, and so does planning it anew after each stage.
ROWS_WORTH_COMPILING = 300_000

SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    # A package's file is small: at the usual cost of 4 MB for opening one, a year becomes hundreds of tiny tasks.
    "spark.sql.files.openCostInBytes": str(128 << 10),
    # Java never compiles a method beyond this size, and a whole stage over a wide table becomes one: such stages then
    # run as Spark's smaller functions.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def start_session(name: str, extra: Mapping[str, str] | None = None) -> SparkSession:
    """Start the Spark session of a merge; what is missing comes from the machine that it runs on."""
    builder: Any = SparkSession.builder
    builder = builder.appName(name)
    for key, value in {**SESSION, **(extra or {})}.items():
        builder = builder.config(key, value)
    session: SparkSession = builder.getOrCreate()
    return session


_NUMBERED = tuple(enumerate(TABLES))
# Tables with one row per notice, package or member; the others number their rows within a notice.
_ONCE = (NOTICES, PACKAGES, REJECTS)
_Frames = list[tuple[DataFrame, Observation | None]]
_Bounds = Mapping[str, tuple[dt.date, dt.date]]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a table: its files, and the rows left out because a newer package holds their notice."""

    files: int
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class Lake:
    """The extracted bucket as Spark sees it.

    Parameters
    ----------
    locate : path of a key, as in `s3://bucket/key`
    threads : tables that are worked on at once; what the driver does for one overlaps with the tasks of another
    """

    spark: SparkSession
    locate: Callable[[str], str]
    threads: int = 4

    def tune(self, plan: Plan) -> None:
        """Fit the session to the size of a year."""
        rows = sum(plan.rows(table.name) for table in NOTICE_TABLES)
        self.spark.conf.set("spark.sql.shuffle.partitions", str(max(2, math.ceil(rows / ROWS_PER_TASK))))
        large = str(rows > ROWS_WORTH_COMPILING).lower()
        self.spark.conf.set("spark.sql.codegen.wholeStage", large)
        self.spark.conf.set("spark.sql.adaptive.enabled", large)

    def read(self, table: Table, folder: str) -> DataFrame:
        """Rows of a table in a folder."""
        return self.spark.read.schema(spark_schema(table)).parquet(self.locate(folder))

    def read_files(self, table: Table, keys: Sequence[str]) -> DataFrame:
        """Rows of a table in some files of one folder.

        The folder is listed at once, which costs less than asking for each file; other files are not opened.
        """
        if not keys:
            return self._made(table, [])
        names = [key.rpartition("/")[2] for key in keys]
        return self.read(table, keys[0].rpartition("/")[0]).where(f.col("_metadata.file_name").isin(names))

    def replaced(self, plan: Plan) -> DataFrame | None:
        """Find the notices that a newer package holds too.

        Returns
        -------
        One row per notice and older package (`notice_id`, `package_id`), kept in memory; None where there is none.
        """
        # The text form of a package sorts like the package: its date comes first.
        notices = self.read_files(NOTICES, plan.found(NOTICES.name)).select("notice_id", "package_id")
        newest = notices.groupBy("notice_id").agg(f.count("*").alias("copies"), f.max("package_id").alias("newest"))
        repeated = newest.where("copies > 1").select("notice_id", "newest").persist()
        if repeated.count() == 0:
            repeated.unpersist()
            return None
        older = notices.join(f.broadcast(repeated), "notice_id").where("package_id < newest")
        replaced = older.select("notice_id", "package_id").distinct().persist()
        replaced.count()
        repeated.unpersist()
        return replaced

    def replaced_notices(self, replaced: DataFrame | None) -> dict[str, int]:
        """Count by package the notices that `replaced` leaves out."""
        rows = replaced.groupBy("package_id").count().collect() if replaced is not None else []
        return {row["package_id"]: row["count"] for row in rows}

    def count(self, plan: Plan) -> dict[str, int]:
        """Count the rows of every file of a plan; no column is read, the files' footers tell.

        Returns
        -------
        Rows by key; files without rows are missing.
        """
        found = [(table, keys) for table in NOTICE_TABLES if (keys := plan.found(table.name))]
        if not found:
            return {}
        paths = [self.read_files(table, keys).select("_metadata.file_path") for table, keys in found]
        counts = reduce(DataFrame.unionAll, paths).groupBy("file_path").count()
        return {_key(row["file_path"]): row["count"] for row in counts.collect()}

    def write(
        self, plan: Plan, folders: Mapping[str, str], replaced: DataFrame | None, duplicates: Mapping[str, int]
    ) -> dict[str, Written]:
        """Write the ten tables of a year, each into a folder of its own.

        Parameters
        ----------
        folders : key of the folder by table
        duplicates : notices by package that `replaced` leaves out
        """
        frames: dict[str, Callable[[], _Frames]] = {
            PACKAGES.name: lambda: [(self._packages(plan, duplicates), None)],
            REJECTS.name: lambda: [(self._rejects(plan), None)],
        }
        for table in NOTICE_TABLES:
            frames[table.name] = lambda table=table: self._notices(plan, table, replaced)  # type: ignore[misc]

        def write(name: str) -> tuple[str, Written]:
            parts = frames[name]()
            rows = reduce(DataFrame.unionAll, [part for part, _ in parts])
            options = {"compression": "zstd", "parquet.block.size": str(ROW_GROUP_BYTES)}
            rows.write.mode("overwrite").options(**options).parquet(self.locate(folders[name]))
            return name, Written(len(parts), sum(left_out.get["rows"] for _, left_out in parts if left_out))

        heaviest = sorted(frames, key=lambda name: -sum(file.bytes for file in plan.files(name)))
        with ThreadPoolExecutor(self.threads) as pool:
            return dict(pool.map(write, heaviest))

    def _notices(self, plan: Plan, table: Table, replaced: DataFrame | None) -> "_Frames":
        """Rows of a table of notices; one task reads, sorts and writes each published file, without a shuffle."""
        parts: _Frames = []
        for keys in plan.parts(table.name, FILE_BYTES) or [[]]:
            rows, left_out = self.read_files(table, keys), None
            if replaced is not None and keys:
                left_out = Observation()
                marked = rows.join(
                    f.broadcast(replaced.withColumn("replaced", f.lit(True))), ["notice_id", "package_id"], "left"
                )
                counted = marked.observe(left_out, f.count("replaced").alias("rows"))
                rows = counted.where(f.col("replaced").isNull()).select(*table.column_names)
            parts.append((rows.coalesce(1).sortWithinPartitions(*sort_columns(table)), left_out))
        return parts

    def _packages(self, plan: Plan, duplicates: Mapping[str, int]) -> DataFrame:
        rows = [package_row(manifest, duplicates.get(manifest.package_id, 0)) for manifest in plan.manifests]
        return self._made(PACKAGES, rows)

    def _rejects(self, plan: Plan) -> DataFrame:
        rows = [row for manifest in plan.manifests for row in reject_rows(manifest)]
        return self._made(REJECTS, rows)

    def _made(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> DataFrame:
        """Rows made here, in one partition; as JSON, since `createDataFrame` would start Python workers."""
        lines = [dict(zip(table.column_names, row, strict=True)) for row in rows]
        text = json.dumps(lines, default=lambda moment: moment.isoformat())
        parsed = f.from_json(f.lit(text), ArrayType(spark_schema(table)), {"mode": "FAILFAST"})
        return self.spark.range(0, 1, 1, 1).select(f.inline(parsed))

    def measure(self, year: int, folders: Mapping[str, str]) -> dict[str, Measured]:
        """Read the written files back, once: what `check_year` compares, for all ten tables.

        A notice is known here by 64 bits of its id. That two of a million share them has odds of 1 to 10^7, and would
        refuse a sound year, not publish a wrong one.
        """
        dates = {table.name: date_bounds(table, year) for table in NOTICE_TABLES}
        columns = list(dict.fromkeys(column for bounds in dates.values() for column in bounds))
        rows = reduce(
            DataFrame.unionAll,
            [
                self.read(table, folders[table.name]).select(
                    f.lit(number).alias("table"),
                    f.xxhash64(*(["notice_id"] if table in NOTICE_TABLES else table.key)).alias("id"),
                    (f.lit(0) if table in _ONCE else f.col(table.key[1])).alias("ordinal"),
                    _odd(columns, dates.get(table.name, {})).alias("odd"),
                )
                for number, table in _NUMBERED
            ],
        )
        # All rows of a notice meet in one task: repeated keys and details without their notice show there.
        by_key = rows.repartition("id").groupBy("id", "table", "ordinal")
        keys = by_key.agg(f.count("*").alias("rows"), f.bit_or("odd").alias("odd"))
        notices = keys.groupBy("id").agg(
            f.bit_or(f.expr("shiftleft(1, `table`)")).alias("tables"),
            f.collect_list(f.struct("table", "ordinal", "rows", "odd")).alias("keys"),
        )
        home = f.col("tables").bitwiseAND(f.lit(1 << TABLES.index(NOTICES)))
        totals = (
            notices.select("id", home.alias("home"), f.inline("keys"))
            .groupBy("table")
            .agg(
                f.sum("rows").alias("rows"),
                f.sum(f.col("rows") - 1).alias("repeated"),
                f.countDistinct(f.when(f.col("home") == 0, f.col("id"))).alias("orphans"),
                *(f.sum(f.shiftright("odd", bit).bitwiseAND(f.lit(1))).alias(name) for bit, name in enumerate(columns)),
            )
        )
        found = {row["table"]: row.asDict() for row in totals.collect()}
        measured = {}
        for number, table in _NUMBERED:
            row = found.get(number, dict.fromkeys(("rows", "repeated", "orphans", *columns), 0))
            odd = {column: int(row[column]) for column in dates.get(table.name, ())}
            orphans = int(row["orphans"]) if table in NOTICE_TABLES else 0
            measured[table.name] = Measured(int(row["rows"]), int(row["repeated"]), orphans, odd)
        return measured


def sort_columns(table: Table) -> list[Column]:
    """Order of the rows in a published file.

    Notices by month, then country and CPV division, then day and number: a month has many row groups, so that a
    filter by month, by country or by division skips most of them. Sorted by day first, every row group would hold
    all countries. Details by day, notice and ordinal: they are filtered by date and joined by notice.
    """
    if table is NOTICES:
        month, division = f.trunc("publication_date", "MM"), f.substring("cpv_main", 1, 2)
        return [month, f.col("buyer_country"), division, f.col("publication_date"), f.col("notice_id")]
    return [f.col("publication_date"), *(f.col(name) for name in table.key)]


def package_row(manifest: Manifest, duplicates: int) -> tuple[Any, ...]:
    """The row of the table packages."""
    return (
        manifest.package_id, dt.date.fromisoformat(manifest.publication_date), manifest.ojs_issue,
        manifest.source_url or None, manifest.raw_version_id or None, manifest.sha256, manifest.size_bytes,
        _moment(manifest.fetched_at), _moment(manifest.extracted_at), manifest.extractor_version, manifest.members,
        manifest.notices, manifest.quarantined, manifest.skipped, duplicates, manifest.first_notice_id,
        manifest.last_notice_id,
    )  # fmt: skip


def reject_rows(manifest: Manifest) -> list[tuple[Any, ...]]:
    """The rows of the table rejects, members ascending."""
    date = dt.date.fromisoformat(manifest.publication_date)
    rejects = sorted(manifest.rejects, key=lambda reject: reject.member_name)
    return [
        (manifest.package_id, date, each.member_name, each.reason, each.message, each.quarantine_key or None,
         each.sha256 or None, each.size_bytes)
        for each in rejects
    ]  # fmt: skip


def _moment(text: str) -> dt.datetime | None:
    moment = dt.datetime.fromisoformat(text) if text else None
    return moment.replace(tzinfo=dt.UTC) if moment and moment.tzinfo is None else moment


def _key(path: str) -> str:
    path = unquote(path)
    return path[path.rindex(f"/{DAILY_PREFIX}") + 1 :]


def _odd(columns: Sequence[str], bounds: _Bounds) -> Column:
    """A bit for each date column, set where a table has the column and its date is outside the table's bounds."""
    bits = [
        f.when(~f.col(column).between(*map(f.lit, bounds[column])), f.lit(1 << columns.index(column))).otherwise(
            f.lit(0)
        )
        for column in bounds
    ]
    return reduce(lambda a, b: a.bitwiseOR(b), bits, f.lit(0))
