"""The embedded Athena's executor, over a catalog and objects of moto."""

import datetime as dt
import decimal
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from console.aws.athena.duck import DuckEngine
from console.aws.athena.executor import Executor
from console.aws.athena.failure import QueryFailed, ScanLimitExceeded
from console.aws.athena.statements import kind_of
from console.aws.athena.values import text

COLUMNS = [
    ("notice_id", "string"),
    ("publication_date", "date"),
    ("cpv_additional", "array<string>"),
    ("total_value", "decimal(24,4)"),
    ("lot_count", "int"),
]
SCHEMA = pa.schema(
    [
        ("notice_id", pa.string()),
        ("publication_date", pa.date32()),
        ("cpv_additional", pa.list_(pa.string())),
        ("total_value", pa.decimal128(24, 4)),
        ("lot_count", pa.int32()),
    ]
)


class Lake:
    """A catalog with one table, and an executor over it."""

    def __init__(self, folder: Path, glue: Any, s3: Any) -> None:
        self.glue, self.s3 = glue, s3
        self.s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.glue.create_database(DatabaseInput={"Name": "db"})
        self.glue.create_table(
            DatabaseName="db",
            TableInput={
                "Name": "notices",
                "TableType": "EXTERNAL_TABLE",
                "PartitionKeys": [{"Name": "year", "Type": "int"}],
                "StorageDescriptor": self.storage("s3://lake/merged/notices/"),
            },
        )
        self.executor = Executor(self.glue, self.s3, DuckEngine(self.glue, self.s3, folder))

    @staticmethod
    def storage(location: str) -> dict[str, Any]:
        return {
            "Columns": [{"Name": name, "Type": kind} for name, kind in COLUMNS],
            "Location": location,
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        }

    def write(self, key: str, rows: list[dict[str, Any]], schema: pa.Schema = SCHEMA) -> None:
        body = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows, schema), body)
        self.s3.put_object(Bucket="lake", Key=key, Body=body.getvalue())

    def register(self, year: int, location: str) -> None:
        self.glue.create_partition(
            DatabaseName="db",
            TableName="notices",
            PartitionInput={"Values": [str(year)], "StorageDescriptor": self.storage(location)},
        )

    def ask(self, sql: str, *parameters: str, limit: int | None = None) -> list[list[str | None]]:
        return self.executor.run(sql, "db", parameters, limit).rows

    def names(self, sql: str) -> list[str]:
        return [column.name for column in self.executor.run(sql, "db").columns]


def notice(number: int, year: int, **more: Any) -> dict[str, Any]:
    row = {
        "notice_id": f"{number}-{year}",
        "publication_date": dt.date(year, 3, number),
        "cpv_additional": ["45000000", "71000000"],
        "total_value": decimal.Decimal("10.5"),
        "lot_count": number,
    }
    return row | more


@pytest.fixture(scope="module")
def clients() -> Iterator[tuple[Any, Any]]:
    keys: Any = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "eu-west-1"}
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        yield boto3.client("glue", **keys), boto3.client("s3", **keys)


@pytest.fixture
def lake(tmp_path: Path, clients: tuple[Any, Any]) -> Iterator[Lake]:
    glue, s3 = clients
    made = Lake(tmp_path, glue, s3)
    made.write("merged/notices/year=2019/run=a/part-0.parquet", [notice(1, 2019), notice(2, 2019)])
    made.write("merged/notices/year=2020/run=b/part-0.parquet", [notice(3, 2020), notice(4, 2020, lot_count=None)])
    made.register(2019, "s3://lake/merged/notices/year=2019/run=a/")
    made.register(2020, "s3://lake/merged/notices/year=2020/run=b/")
    yield made
    for held in s3.list_objects_v2(Bucket="lake")["Contents"]:
        s3.delete_object(Bucket="lake", Key=held["Key"])
    s3.delete_bucket(Bucket="lake")
    glue.delete_database(Name="db")


def test_reads_the_registered_partitions_with_their_year(lake: Lake) -> None:
    assert lake.ask("SELECT notice_id, year FROM notices ORDER BY notice_id") == [
        ["1-2019", "2019"],
        ["2-2019", "2019"],
        ["3-2020", "2020"],
        ["4-2020", "2020"],
    ]


def test_does_not_see_files_that_no_partition_points_to(lake: Lake) -> None:
    lake.write("merged/notices/year=2019/run=old/part-0.parquet", [notice(8, 2019)])
    lake.write("merged/notices/year=2021/run=c/part-0.parquet", [notice(9, 2021)])

    assert lake.ask("SELECT count(*) FROM notices") == [["4"]]


def test_does_not_see_hidden_files(lake: Lake) -> None:
    lake.s3.put_object(Bucket="lake", Key="merged/notices/year=2019/run=a/_SUCCESS", Body=b"not parquet")

    assert lake.ask("SELECT count(*) FROM notices WHERE year = 2019") == [["2"]]


def test_reads_only_the_partitions_that_the_query_asks_for(lake: Lake) -> None:
    lake.s3.put_object(Bucket="lake", Key="merged/notices/year=2020/run=b/part-0.parquet", Body=b"broken")

    assert lake.ask("SELECT count(*) FROM notices n WHERE n.year = 2019 AND lot_count > 0") == [["2"]]
    with pytest.raises(QueryFailed, match="HIVE_BAD_DATA"):
        lake.ask("SELECT count(*) FROM notices WHERE year >= 2019")


def test_keeps_all_partitions_behind_an_outer_join(lake: Lake) -> None:
    sql = (
        "SELECT count(*) FROM notices a LEFT JOIN notices b ON a.notice_id = b.notice_id AND b.year = 2019 "
        "WHERE b.year IS NULL"
    )

    assert lake.ask(sql) == [["2"]]


def test_does_not_prune_below_a_window(lake: Lake) -> None:
    sql = "SELECT max(n) FROM (SELECT year, row_number() OVER (ORDER BY notice_id) AS n FROM notices) WHERE year = 2020"

    assert lake.ask(sql) == [["4"]]


def test_prunes_through_a_view(lake: Lake) -> None:
    lake.ask("CREATE VIEW slim AS SELECT notice_id, year AS y FROM notices")
    lake.s3.put_object(Bucket="lake", Key="merged/notices/year=2020/run=b/part-0.parquet", Body=b"broken")

    assert lake.ask("SELECT count(*) FROM slim WHERE y = 2019") == [["2"]]


def test_counts_the_bytes_of_the_columns_that_are_read(lake: Lake) -> None:
    def scanned(sql: str) -> int:
        return lake.executor.run(sql, "db").scanned_bytes

    assert scanned("SELECT count(*) FROM notices") == 0
    one = scanned("SELECT notice_id FROM notices WHERE year = 2019")
    assert 0 < one < scanned("SELECT notice_id FROM notices") < scanned("SELECT * FROM notices")


def test_refuses_a_query_that_reads_more_than_the_limit(lake: Lake) -> None:
    with pytest.raises(ScanLimitExceeded, match=r"Bytes scanned limit was exceeded \(\d[\d,]* of 10 bytes\)"):
        lake.ask("SELECT * FROM notices", limit=10)

    assert lake.ask("SELECT count(*) FROM notices", limit=10) == [["4"]]


def test_what_several_parts_of_a_query_read_is_asked_for_once(lake: Lake) -> None:
    lake.ask("CREATE VIEW firsts AS SELECT notice_id, year FROM notices")
    asked: list[str] = []
    for client in (lake.glue, lake.s3):
        client.meta.events.register("before-call", lambda model, **_: asked.append(model.name), unique_id="asked")
    try:
        found = lake.ask(
            "SELECT count(*) FROM firsts a JOIN firsts b USING (notice_id) JOIN notices c USING (notice_id)"
        )
    finally:
        for client in (lake.glue, lake.s3):
            client.meta.events.unregister("before-call", unique_id="asked")
    assert found == [["4"]]
    # The view and the table, the table's partitions, and the files of each of the two.
    assert {name: asked.count(name) for name in ("GetTable", "GetPartitions", "ListObjectsV2")} == {
        "GetTable": 2, "GetPartitions": 1, "ListObjectsV2": 2
    }  # fmt: skip


def test_queries_at_once_do_not_disturb_each_other(lake: Lake) -> None:
    """They share a database, which each of them gives a function of its own."""
    statements = [f"SELECT CAST(text AS decimal({n},1)) FROM (VALUES '{n}.5') t(text)" for n in range(5, 35)]  # noqa: S608
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lake.ask, statements))
    assert found == [[[f"{n}.5"]] for n in range(5, 35)]


def test_names_columns_as_athena_does(lake: Lake) -> None:
    assert lake.names("SELECT count(*), Notice_ID AS Id, max(year) FROM notices GROUP BY notice_id") == [
        "_col0",
        "id",
        "_col2",
    ]
    assert lake.names("SELECT *, 1 FROM notices")[-2:] == ["year", "_col6"]


def test_tells_the_types_of_columns(lake: Lake) -> None:
    columns = lake.executor.run("SELECT *, count(*) OVER () AS n FROM notices", "db").columns

    assert [(column.type, column.precision, column.scale) for column in columns] == [
        ("varchar", 2147483647, 0),
        ("date", 0, 0),
        ("array", 0, 0),
        ("decimal", 24, 4),
        ("integer", 10, 0),
        ("integer", 10, 0),
        ("bigint", 19, 0),
    ]


def test_shows_values_as_athena_does(lake: Lake) -> None:
    row = lake.ask(
        "SELECT publication_date, cpv_additional, total_value, lot_count FROM notices WHERE lot_count IS NULL"
    )

    assert row == [["2020-03-04", "[45000000, 71000000]", "10.5000", None]]
    assert [text(value) for value in (True, 1.5, 1e7, 12345678.9, 1e-4, float("nan"), {"a": None}, b"\x01\xff")] == [
        "true",
        "1.5",
        "1.0E7",
        "1.23456789E7",
        "1.0E-4",
        "NaN",
        "{a=null}",
        "01 ff",
    ]
    assert text(dt.datetime.fromisoformat("2020-01-02T03:04:05.678901")) == "2020-01-02 03:04:05.678"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 7 / 2", "3"),
        ("SELECT cardinality(cpv_additional) FROM notices LIMIT 1", "2"),
        ("SELECT element_at(cpv_additional, 2) FROM notices LIMIT 1", "71000000"),
        ("SELECT count(*) FROM notices CROSS JOIN UNNEST(cpv_additional) AS t(code)", "8"),
        ("SELECT date_format(publication_date, '%Y-%m') FROM notices WHERE notice_id = '1-2019'", "2019-03"),
        ("SELECT sum(total_value) FROM notices", "42.0000"),
        ("SELECT count(*) FROM notices WHERE regexp_like(notice_id, '^[12]-')", "2"),
        ("SELECT count_if(year = 2019) FROM notices", "2"),
        ("SELECT max_by(notice_id, publication_date) FROM notices", "4-2020"),
        ("SELECT array_join(cpv_additional, '/') FROM notices LIMIT 1", "45000000/71000000"),
        ("SELECT count(*) FROM notices WHERE publication_date >= DATE '2020-01-01'", "2"),
        ("WITH notices AS (SELECT * FROM notices WHERE year = 2019) SELECT count(*) FROM notices", "2"),
        ("SELECT count(*) FROM db.notices JOIN awsdatacatalog.db.notices AS o USING (notice_id)", "4"),
        ("SELECT count(*) FROM (SELECT 1 FROM notices UNION ALL SELECT 2 FROM notices)", "8"),
        ("SELECT concat('a', cast(lot_count AS varchar)) FROM notices WHERE lot_count = 1", "a1"),
    ],
)
def test_speaks_trinos_dialect(lake: Lake, sql: str, expected: str) -> None:
    assert lake.ask(sql) == [[expected]]


def test_puts_parameters_in_the_place_of_question_marks(lake: Lake) -> None:
    sql = "SELECT notice_id FROM notices WHERE year = ? AND notice_id = ?"

    assert lake.ask(sql, "2019", "'1-2019'") == [["1-2019"]]
    assert lake.ask(sql, "2019", "'x'' OR ''1''=''1'") == []
    with pytest.raises(QueryFailed, match="expected 2 but found 1"):
        lake.ask(sql, "2019")


def test_keeps_views_in_the_catalog(lake: Lake) -> None:
    lake.ask("CREATE VIEW big AS SELECT notice_id, lot_count FROM notices WHERE lot_count > 1")
    lake.ask("CREATE OR REPLACE VIEW bigger AS SELECT notice_id FROM big WHERE lot_count > 2")

    assert lake.ask("SELECT b.notice_id FROM bigger b") == [["3-2020"]]
    assert lake.glue.get_table(DatabaseName="db", Name="big")["Table"]["TableType"] == "VIRTUAL_VIEW"
    assert lake.ask("SHOW VIEWS") == [["big"], ["bigger"]]
    with pytest.raises(QueryFailed, match="already exists"):
        lake.ask("CREATE VIEW big AS SELECT 1 AS one")
    lake.ask("DROP VIEW bigger")
    lake.ask("DROP VIEW IF EXISTS bigger")
    assert lake.ask("SHOW TABLES") == [["big"], ["notices"]]
    with pytest.raises(QueryFailed, match="does not exist"):
        lake.ask("DROP VIEW bigger")


def test_refuses_a_view_whose_query_is_wrong(lake: Lake) -> None:
    with pytest.raises(QueryFailed, match="Column 'nope' cannot be resolved"):
        lake.ask("CREATE VIEW v AS SELECT nope FROM notices")
    with pytest.raises(QueryFailed, match="not specified at position 1"):
        lake.ask("CREATE VIEW v AS SELECT count(*) FROM notices")

    assert lake.ask("SHOW VIEWS") == []


def test_answers_show_and_describe_from_the_catalog(lake: Lake) -> None:
    assert lake.ask("SHOW DATABASES") == [["db"]]
    assert lake.ask("show tables in db 'no*'") == [["notices"]]
    assert lake.ask("SHOW PARTITIONS db.notices;") == [["year=2019"], ["year=2020"]]
    assert lake.ask("SHOW COLUMNS IN notices")[0] == ["notice_id"]
    described = [[cell.strip() for cell in str(row[0]).split("\t")] for row in lake.ask("DESCRIBE notices")]
    assert ["total_value", "decimal(24,4)", ""] in described
    with pytest.raises(QueryFailed, match="Known: SHOW DATABASES"):
        lake.ask("SHOW ME THE MONEY")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM missing", r"TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.db.missing' does not exist"),
        ("SELECT nope FROM notices", r"COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"),
        ("SELECT n.nope FROM notices n", r"COLUMN_NOT_FOUND: line 1:8: Column 'n.nope' cannot be resolved"),
        ("SELECT quack(1)", r"FUNCTION_NOT_FOUND: line 1:8: Function 'quack' not registered"),
        ("SELECT sinh(1)", r"FUNCTION_NOT_FOUND: line 1:8: Function 'sinh' came with Trino 411, .*--sql trino"),
        ("SELECT cast('x' AS integer)", "INVALID_CAST_ARGUMENT"),
        ("SELECT FROM WHERE", "SYNTAX_ERROR"),
        ("SELECT 1; SELECT 2", "Only one sql statement"),
        ("SELECT year, notice_id FROM notices GROUP BY year", "EXPRESSION_NOT_AGGREGATE"),
        ("DELETE FROM notices", "NOT_SUPPORTED: line 1:1: .* got DELETE.*real AWS account"),
        ("SELECT * FROM read_csv('/etc/hostname')", r"SYNTAX_ERROR: line 1:23: mismatched input '\('"),
        ("SELECT * FROM other.db.notices", "CATALOG_NOT_FOUND"),
        # A query of WITH has to be right where nobody asks for it, is looked at first, and sees nothing of who asks.
        ("WITH a AS (SELECT nope FROM notices) SELECT 1", r"line 1:19: Column 'nope'"),
        ("WITH a AS (SELECT 1 AS x), b AS (SELECT nope FROM a) SELECT * FROM a", r"line 1:41: Column 'nope'"),
        ("WITH a AS (SELECT nope FROM notices) SELECT also, x FROM a", r"line 1:19: Column 'nope'"),
        (
            "WITH a AS (SELECT nope FROM notices) SELECT (SELECT max(nope) FROM a) FROM (VALUES 1) AS t (nope)",
            r"line 1:19: Column 'nope'",
        ),
    ],
)
def test_says_what_is_wrong_in_athenas_words(lake: Lake, sql: str, message: str) -> None:
    with pytest.raises(QueryFailed, match=message):
        lake.ask(sql)


def test_refuses_files_whose_types_are_not_the_tables(lake: Lake) -> None:
    lake.write(
        "merged/notices/year=2022/run=d/part-0.parquet",
        [{"lot_count": "many"}],
        pa.schema([("lot_count", pa.string())]),
    )
    lake.register(2022, "s3://lake/merged/notices/year=2022/run=d/")

    with pytest.raises(QueryFailed, match=r"HIVE_BAD_DATA: Field lot_count's type VARCHAR .* type int"):
        lake.ask("SELECT * FROM notices")


def test_reads_columns_that_a_file_lacks_as_null(lake: Lake) -> None:
    lake.write(
        "merged/notices/year=2022/run=d/part-0.parquet",
        [{"notice_id": "7-2022"}],
        pa.schema([("notice_id", pa.string())]),
    )
    lake.register(2022, "s3://lake/merged/notices/year=2022/run=d/")

    assert lake.ask("SELECT notice_id, lot_count FROM notices WHERE year = 2022") == [["7-2022", None]]


def test_reads_a_table_without_partitions_as_empty(lake: Lake) -> None:
    lake.glue.delete_partition(DatabaseName="db", TableName="notices", PartitionValues=["2019"])
    lake.glue.delete_partition(DatabaseName="db", TableName="notices", PartitionValues=["2020"])

    assert lake.ask("SELECT * FROM notices") == []


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("-- note\n SELECT 1", "DML"),
        ("(SELECT 1)", "DML"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "DML"),
        ("create view v as select 1", "DDL"),
        ("SHOW TABLES", "UTILITY"),
    ],
)
def test_tells_the_kind_of_statement(sql: str, kind: str) -> None:
    assert kind_of(sql)[0] == kind
