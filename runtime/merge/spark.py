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

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as f
from pyspark.sql.types import ArrayType

from runtime.keys import DAILY_PREFIX
from runtime.manifest import Manifest
from runtime.merge.checks import Measured, date_bounds
from runtime.merge.plan import Counted, MergePlan
from runtime.schema import NOTICE_TABLES, TABLES, Table
from runtime.schema.spark import spark_schema
from runtime.schema.tables import NOTICES, PACKAGES, REJECTS

# Athena's advice for a file is 128 MB and more; this is the middle of 64 to 256.
FILE_BYTES = 128 << 20
# A row group is what a filter can skip. Parquet's default of 128 MB would make one of most files.
ROW_GROUP_BYTES = 16 << 20
# A column of more different values than this holds is written plain: text mostly. The usual 1 MiB saves a thousandth of
# the bytes and costs a fifth of the merge.
DICTIONARY_BYTES = 64 << 10
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
    # A hundred files of one table are listed by the driver faster than by a job of their own.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "500",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "64",
    # Without the stage's number in the class's name, equal code of several stages is compiled once.
    "spark.sql.codegen.useIdInClassName": "false",
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


@dataclass(frozen=True, slots=True)
class SparkTables:
    """The tables in the extracted bucket, as Spark reads and writes them.

    Parameters
    ----------
    locate : path of a key, as in `s3://bucket/key`
    """

    spark: SparkSession
    locate: Callable[[str], str]

    def tune(self, plan: MergePlan) -> None:
        """Fit the session to the size of a year."""
        rows = sum(plan.rows(table.name) for table in NOTICE_TABLES)
        self.spark.conf.set("spark.sql.shuffle.partitions", str(max(2, math.ceil(rows / ROWS_PER_TASK))))
        large = str(rows > ROWS_WORTH_COMPILING).lower()
        self.spark.conf.set("spark.sql.codegen.wholeStage", large)
        self.spark.conf.set("spark.sql.adaptive.enabled", large)

    def read(self, table: Table, keys: Sequence[str]) -> DataFrame:
        """Rows of a table in some files or folders."""
        if not keys:
            return self._made(table, [])
        return self.spark.read.schema(spark_schema(table)).parquet(*(self.locate(key) for key in keys))

    def replaced(self, plan: MergePlan) -> DataFrame | None:
        """Find the notices that a newer package holds too.

        Returns
        -------
        One row per notice and older package (`notice_id`, `package_id`), kept in memory; None where there is none.
        """
        keys = [file.key for file in plan.files(NOTICES.name) if file.key not in plan.unfit]
        notices = self.read(NOTICES, keys).select(f.xxhash64("notice_id").alias("id"), "notice_id", "package_id")
        # Eight bytes find the few notices that are looked at; two that share them are told apart there.
        twice = notices.groupBy("id").count().where("count > 1").select("id")
        # The text form of a package sorts like the package: its date comes first.
        newest = f.max("package_id").over(Window.partitionBy("notice_id"))
        older = notices.join(f.broadcast(twice), "id").withColumn("newest", newest).where("package_id < newest")
        # One partition: each table's join collects these rows, with a task for each partition.
        replaced = older.select("notice_id", "package_id").distinct().coalesce(1).persist()
        if replaced.count() == 0:
            replaced.unpersist()
            return None
        return replaced

    def count(self, plan: MergePlan, replaced: DataFrame | None) -> dict[str, Counted]:
        """Count the rows of every file of a plan, in one scan of all tables.

        Returns
        -------
        Counts by key; files without rows are missing.
        """
        named = {file.key for table in NOTICE_TABLES for file in plan.files(table.name)}
        paths = [self.locate(key) for key in sorted(named - plan.unfit)]
        if not paths:
            return {}
        rows = self.spark.read.schema("notice_id string, package_id string").parquet(*paths)
        rows = rows.withColumn("path", f.col("_metadata.file_path"))
        if replaced is None:
            counts = rows.groupBy("path").agg(f.count("*").alias("rows"), f.lit(0).alias("replaced"))
        else:
            marked = rows.join(f.broadcast(replaced.withColumn("mark", f.lit(1))), ["notice_id", "package_id"], "left")
            counts = marked.groupBy("path").agg(f.count("*").alias("rows"), f.count("mark").alias("replaced"))
        return {_key(row["path"]): Counted(row["rows"], row["replaced"]) for row in counts.collect()}

    def write(
        self, plan: MergePlan, folders: Mapping[str, str], replaced: DataFrame | None, duplicates: Mapping[str, int]
    ) -> dict[str, int]:
        """Write the tables of a year, each into a folder of its own.

        Parameters
        ----------
        folders : key of the folder by table
        duplicates : notices by package that `replaced` leaves out

        Returns
        -------
        Number of files by table
        """
        frames: dict[str, Callable[[], tuple[DataFrame, int]]] = {
            PACKAGES.name: lambda: (self._packages(plan, duplicates), 1),
            REJECTS.name: lambda: (self._rejects(plan), 1),
        }
        for table in NOTICE_TABLES:
            frames[table.name] = lambda table=table: self._notices(plan, table, replaced)  # type: ignore[misc]

        def write(name: str) -> tuple[str, int]:
            frame, files = frames[name]()
            options = {
                "compression": "zstd",
                "parquet.block.size": str(ROW_GROUP_BYTES),
                "parquet.dictionary.page.size": str(DICTIONARY_BYTES),
            }
            frame.write.mode("overwrite").options(**options).parquet(self.locate(folders[name]))
            return name, files

        heaviest = sorted(frames, key=lambda name: -sum(file.bytes for file in plan.files(name)))
        # All at once: what the driver does for one overlaps with the tasks of others, and no core waits at the end.
        with ThreadPoolExecutor(len(frames)) as pool:
            return dict(pool.map(write, heaviest))

    def _notices(self, plan: MergePlan, table: Table, replaced: DataFrame | None) -> tuple[DataFrame, int]:
        """Rows of a table of notices; one task reads, sorts and writes each published file, without a shuffle."""
        parts = []
        for keys in plan.parts(table.name, FILE_BYTES) or [[]]:
            rows = self.read(table, keys)
            if replaced is not None:
                rows = rows.join(f.broadcast(replaced), ["notice_id", "package_id"], "left_anti").select(
                    *table.column_names
                )
            parts.append(rows.coalesce(1).sortWithinPartitions(*sort_columns(table)))
        return reduce(DataFrame.unionAll, parts), len(parts)

    def _packages(self, plan: MergePlan, duplicates: Mapping[str, int]) -> DataFrame:
        rows = [package_row(manifest, duplicates.get(manifest.package_id, 0)) for manifest in plan.manifests]
        return self._made(PACKAGES, rows)

    def _rejects(self, plan: MergePlan) -> DataFrame:
        rows = [row for manifest in plan.manifests for row in reject_rows(manifest)]
        return self._made(REJECTS, rows)

    def _made(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> DataFrame:
        """Rows made here, in one partition; as JSON, since `createDataFrame` would start Python workers."""
        lines = [dict(zip(table.column_names, row, strict=True)) for row in rows]
        text = json.dumps(lines, default=lambda moment: moment.isoformat())
        parsed = f.from_json(f.lit(text), ArrayType(spark_schema(table)), {"mode": "FAILFAST"})
        return self.spark.range(0, 1, 1, 1).select(f.inline(parsed))

    def measure(self, year: int, folders: Mapping[str, str]) -> dict[str, Measured]:
        """Read the written files back: what `check_year` compares, for all tables."""
        written = {table.name: self.read(table, [folders[table.name]]) for table in TABLES}
        # A notice that is there twice must not double its rows, or the counts would be wrong too.
        ids = written[NOTICES.name].select(f.xxhash64("notice_id").alias("id")).distinct()
        known = ids.withColumn("known", f.lit(1))
        keys = reduce(DataFrame.unionAll, (_keys(table, written[table.name]) for table in TABLES))
        # Up to 64 ordinals of a notice are one group, each ordinal a bit of it.
        groups = keys.groupBy("table", "id", f.shiftright("ordinal", 6)).agg(
            f.count("*").alias("rows"), f.expr("bit_or(shiftleft(1L, ordinal & 63))").alias("ordinals")
        )
        totals = (
            groups.join(f.broadcast(known), "id", "left")
            .groupBy("table")
            .agg(
                f.sum("rows").alias("rows"),
                f.sum(f.col("rows") - f.bit_count("ordinals")).alias("repeated"),
                f.sum(f.when(f.col("known").isNull(), f.col("rows")).otherwise(0)).alias("orphans"),
            )
        )
        found = {row["table"]: row for row in totals.collect()}
        odd = self._odd_dates(year, written)
        measured = {}
        for number, table in _NUMBERED:
            row = found.get(number) or dict.fromkeys(("rows", "repeated", "orphans"), 0)
            orphans = row["orphans"] if table in NOTICE_TABLES else 0
            measured[table.name] = Measured(row["rows"], row["repeated"], orphans, odd.get(table.name, {}))
        return measured

    def _odd_dates(self, year: int, written: Mapping[str, DataFrame]) -> dict[str, dict[str, int]]:
        """Count by table and date column the rows outside its bounds; statistics leave few row groups to read."""
        found = [
            written[table.name]
            .where(~f.col(column).between(f.lit(first), f.lit(last)))
            .select(f.lit(table.name).alias("table"), f.lit(column).alias("column"))
            for table in NOTICE_TABLES
            for column, (first, last) in date_bounds(table, year).items()
        ]
        odd: dict[str, dict[str, int]] = {}
        for row in reduce(DataFrame.unionAll, found).groupBy("table", "column").count().collect():
            odd.setdefault(row["table"], {})[row["column"]] = row["count"]
        return odd


def _keys(table: Table, rows: DataFrame) -> DataFrame:
    """The key of each row in eight bytes and an ordinal.

    Two notices of a million share the eight bytes in one of forty million merges, which is then refused.
    """
    numbered = table in NOTICE_TABLES and len(table.key) > 1
    names, ordinal = (table.key[:-1], f.col(table.key[-1])) if numbered else (table.key, f.lit(0))
    return rows.select(
        f.lit(TABLES.index(table)).alias("table"),
        f.xxhash64(*names).alias("id"),
        f.coalesce(ordinal, f.lit(0)).alias("ordinal"),
    )


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
