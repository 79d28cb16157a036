"""The DataFrame work of a merge. Everything runs in the JVM: no Python function sees a row."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from typing import Any
from urllib.parse import unquote

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

from runtime.keys import DAILY_PREFIX
from runtime.manifest import Manifest
from runtime.merge.checks import Measured, date_bounds
from runtime.merge.plan import Plan
from runtime.schema import LEDGER_TABLES, NOTICE_TABLES, Table
from runtime.schema.spark import spark_schema
from runtime.schema.tables import NOTICES, PACKAGES, REJECTS

# Athena's advice for a file is 128 MB and more; this is the middle of 64 to 256.
FILE_BYTES = 128 << 20
# A row group is what a filter can skip. Parquet's default of 128 MB would make one of most files.
ROW_GROUP_BYTES = 16 << 20
# About what one task can sort without writing to disk.
ROWS_PER_TASK = 2_000_000

SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    # A hundred files of one table are listed by the driver faster than by a job of their own.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "500",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "64",
    "spark.ui.enabled": "false",
}


def start_session(name: str, extra: Mapping[str, str] | None = None) -> SparkSession:
    """Start the Spark session of a merge; what is missing comes from the machine that it runs on."""
    builder: Any = SparkSession.builder
    builder = builder.appName(name)
    for key, value in {**SESSION, **(extra or {})}.items():
        builder = builder.config(key, value)
    session: SparkSession = builder.getOrCreate()
    return session


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

    def read(self, table: Table, keys: Sequence[str]) -> DataFrame:
        """Rows of a table in some files or folders."""
        if not keys:
            return self.spark.createDataFrame([], spark_schema(table))
        return self.spark.read.schema(spark_schema(table)).parquet(*(self.locate(key) for key in keys))

    def count_rows(self, plan: Plan) -> dict[str, int]:
        """Count the rows of every file of a plan, from the files' footers.

        Returns
        -------
        Rows by key; files without rows are missing.
        """
        named = {file.key for table in NOTICE_TABLES for file in plan.files(table.name)}
        paths = [self.locate(key) for key in sorted(named - plan.missing)]
        if not paths:
            return {}
        rows = self.spark.read.schema("notice_id string").parquet(*paths)
        counts = rows.groupBy(f.col("_metadata.file_path").alias("path")).count().collect()
        return {_key(row["path"]): row["count"] for row in counts}

    def replaced(self, plan: Plan) -> DataFrame | None:
        """Find the notices that a newer package holds too.

        Returns
        -------
        One row per notice and older package (`notice_id`, `package_id`), kept in memory; None where there is none.
        """
        # The text form of a package sorts like the package: its date comes first.
        notices = self.read(NOTICES, [file.key for file in plan.files(NOTICES.name)]).select("notice_id", "package_id")
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

    def count_replaced(self, plan: Plan, replaced: DataFrame) -> tuple[dict[str, int], dict[str, int]]:
        """Count what is left out.

        Returns
        -------
        Rows by table of notices; notices by package.
        """

        def rows(table: Table) -> tuple[str, int]:
            files = [file.key for file in plan.files(table.name)]
            found = self.read(table, files).join(f.broadcast(replaced), ["notice_id", "package_id"], "left_semi")
            return table.name, found.count() if files else 0

        with ThreadPoolExecutor(self.threads) as pool:
            by_table = dict(pool.map(rows, NOTICE_TABLES))
        return by_table, {row["package_id"]: row["count"] for row in replaced.groupBy("package_id").count().collect()}

    def write(
        self, plan: Plan, folders: Mapping[str, str], replaced: DataFrame | None, duplicates: Mapping[str, int]
    ) -> dict[str, int]:
        """Write the ten tables of a year, each into a folder of its own.

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
            options = {"compression": "zstd", "parquet.block.size": str(ROW_GROUP_BYTES)}
            frame.write.mode("overwrite").options(**options).parquet(self.locate(folders[name]))
            return name, files

        heaviest = sorted(frames, key=lambda name: -sum(file.bytes for file in plan.files(name)))
        with ThreadPoolExecutor(self.threads) as pool:
            return dict(pool.map(write, heaviest))

    def _notices(self, plan: Plan, table: Table, replaced: DataFrame | None) -> tuple[DataFrame, int]:
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

    def _packages(self, plan: Plan, duplicates: Mapping[str, int]) -> DataFrame:
        rows = [package_row(manifest, duplicates.get(manifest.package_id, 0)) for manifest in plan.manifests]
        return self.spark.createDataFrame(rows, spark_schema(PACKAGES)).coalesce(1)

    def _rejects(self, plan: Plan) -> DataFrame:
        rows = [row for manifest in plan.manifests for row in reject_rows(manifest)]
        return self.spark.createDataFrame(rows, spark_schema(REJECTS)).coalesce(1)

    def measure(self, year: int, folders: Mapping[str, str]) -> tuple[dict[str, Measured], dict[str, int]]:
        """Read the written files back: what `check_year` compares.

        All tables of notices are measured by one job with one exchange, by notice.

        Returns
        -------
        Measured tables of notices; rows of packages and rejects.
        """
        bounds = {table.name: date_bounds(table, year) for table in NOTICE_TABLES}
        rows = reduce(
            DataFrame.unionAll,
            (
                self.read(table, [folders[table.name]]).select(
                    "notice_id",
                    f.lit(number).alias("table"),
                    (f.col(table.key[1]) if len(table.key) > 1 else f.lit(0)).alias("ordinal"),
                    _odd(bounds[table.name]).alias("odd"),
                )
                for number, table in enumerate(NOTICE_TABLES)
            ),
        )
        # Tables and ordinals of one notice meet in one task, so that the three groupings share one exchange.
        by_key = rows.repartition("notice_id").groupBy("notice_id", "table", "ordinal")
        keys = by_key.agg(f.count("*").alias("rows"), *(_sum_bit("odd", bit) for bit in range(_most(bounds))))
        odd = [f"odd{bit}" for bit in range(_most(bounds))]
        notice = f.max(f.col("table") == NOTICE_TABLES.index(NOTICES)).alias("has_notice")
        by_notice = keys.groupBy("notice_id").agg(
            notice,
            *(
                f.sum(f.when(f.col("table") == number, f.col(measure))).alias(f"{measure}_{number}")
                for number in range(len(NOTICE_TABLES))
                for measure in ("rows", *odd)
            ),
            *(
                f.sum(f.when(f.col("table") == number, f.col("rows") - 1)).alias(f"repeated_{number}")
                for number in range(len(NOTICE_TABLES))
            ),
        )
        sums = [
            f.sum(f"{measure}_{number}").alias(f"{measure}_{number}")
            for number in range(len(NOTICE_TABLES))
            for measure in ("rows", "repeated", *odd)
        ]
        orphans = [
            f.sum(f.when(~f.col("has_notice"), f.col(f"rows_{number}"))).alias(f"orphans_{number}")
            for number in range(len(NOTICE_TABLES))
        ]
        total = by_notice.agg(*sums, *orphans).collect()[0]
        measured = {
            table.name: Measured(
                total[f"rows_{number}"] or 0,
                total[f"repeated_{number}"] or 0,
                total[f"orphans_{number}"] or 0,
                {column: total[f"odd{bit}_{number}"] or 0 for bit, column in enumerate(bounds[table.name])},
            )
            for number, table in enumerate(NOTICE_TABLES)
        }
        return measured, {table.name: self.read(table, [folders[table.name]]).count() for table in LEDGER_TABLES}


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


def _most(bounds: Mapping[str, Mapping[str, Any]]) -> int:
    return max(len(columns) for columns in bounds.values())


def _odd(bounds: Mapping[str, tuple[dt.date, dt.date]]) -> Column:
    """A bit for each date column, set where the date is outside its bounds."""
    bits = [
        f.when(~f.col(column).between(f.lit(first), f.lit(last)), f.lit(1 << bit)).otherwise(f.lit(0))
        for bit, (column, (first, last)) in enumerate(bounds.items())
    ]
    return reduce(lambda a, b: a.bitwiseOR(b), bits)


def _sum_bit(column: str, bit: int) -> Column:
    return f.sum(f.shiftright(column, bit).bitwiseAND(f.lit(1))).alias(f"{column}{bit}")
