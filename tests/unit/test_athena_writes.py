"""What the embedded Athena writes: files, entries of the catalog, and what is left where a statement fails."""

import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from console.aws.athena import parquet
from console.aws.athena.duck import DuckEngine
from console.aws.athena.executor import Executor, Result
from console.aws.athena.failure import QueryFailed
from console.aws.athena.statements import external_location, kind_of
from console.aws.athena.writing import Place
from tests.unit.test_athena import Lake, clients, notice  # noqa: F401 a fixture

PLACE = Place("s3://lake/results/", "0a1b2c3d-0000-0000-0000-000000000000")
SERDE = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"


class Sandbox(Lake):
    """The lake, and a database beside it for what people make."""

    def run(self, sql: str, *parameters: str, database: str = "mine") -> Result:
        return self.executor.run(sql, database, parameters, place=PLACE)

    def keys(self, prefix: str = "") -> list[str]:
        listed = self.s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", [])
        return [each["Key"] for each in listed]

    def table(self, name: str, database: str = "mine") -> dict[str, Any]:
        found: dict[str, Any] = self.glue.get_table(DatabaseName=database, Name=name)["Table"]
        return found

    def partitions(self, name: str) -> dict[str, str]:
        found = self.glue.get_partitions(DatabaseName="mine", TableName=name)["Partitions"]
        return {"/".join(each["Values"]): each["StorageDescriptor"]["Location"] for each in found}

    def rows(self, sql: str) -> list[list[str | None]]:
        return self.run(sql).rows


@pytest.fixture
def box(tmp_path: Path, clients: tuple[Any, Any]) -> Iterator[Sandbox]:  # noqa: F811
    glue, s3 = clients
    made = Sandbox(tmp_path, glue, s3)
    made.write("merged/notices/year=2019/run=a/part-0.parquet", [notice(1, 2019), notice(2, 2019)])
    made.write("merged/notices/year=2020/run=b/part-0.parquet", [notice(3, 2020), notice(4, 2020, lot_count=None)])
    made.register(2019, "s3://lake/merged/notices/year=2019/run=a/")
    made.register(2020, "s3://lake/merged/notices/year=2020/run=b/")
    glue.create_database(DatabaseInput={"Name": "mine"})
    yield made
    for held in s3.list_objects_v2(Bucket="lake")["Contents"]:
        s3.delete_object(Bucket="lake", Key=held["Key"])
    s3.delete_bucket(Bucket="lake")
    for name in [each["Name"] for each in glue.get_databases()["DatabaseList"]]:
        glue.delete_database(Name=name)


def names_and_types(entry: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["Name"], each["Type"]) for each in entry["StorageDescriptor"]["Columns"]]


def test_a_table_of_a_query_has_its_rows_names_and_types(box: Sandbox) -> None:
    made = box.run(
        """/* {"app": "dbt"} */
        create table "awsdatacatalog"."mine"."copy" with (
          table_type='hive', is_external=true, format='parquet', write_compression='SNAPPY'
        ) as
        SELECT notice_id, publication_date AS day, cpv_additional, total_value AS Value, lot_count,
               lot_count > 1 AS is_big, CAST(publication_date AS timestamp) AS seen, CAST(lot_count AS bigint) AS big,
               1.5e0 AS double
        FROM db.notices;
        """
    )

    assert (made.update_count, made.rows, made.statement) == (4, [], "DDL")
    assert [(column.name, column.type) for column in made.columns] == [("rows", "bigint")]
    entry = box.table("copy")
    assert entry["StorageDescriptor"]["Location"] == f"s3://lake/results/tables/{PLACE.query}/"
    assert names_and_types(entry) == [
        ("notice_id", "string"), ("day", "date"), ("cpv_additional", "array<string>"), ("value", "decimal(24,4)"),
        ("lot_count", "int"), ("is_big", "boolean"), ("seen", "timestamp"), ("big", "bigint"), ("double", "double"),
    ]  # fmt: skip
    (key,) = box.keys(f"results/tables/{PLACE.query}/")
    file = pq.ParquetFile(io.BytesIO(box.s3.get_object(Bucket="lake", Key=key)["Body"].read()))
    assert file.metadata.row_group(0).column(0).compression == "SNAPPY"
    assert file.read().slice(0, 1).to_pylist() == [
        {
            "notice_id": "1-2019", "day": dt.date(2019, 3, 1), "cpv_additional": ["45000000", "71000000"],
            "value": Decimal("10.5000"), "lot_count": 1, "is_big": False,
            "seen": dt.datetime.fromisoformat("2019-03-01"), "big": 1, "double": 1.5,
        }
    ]  # fmt: skip
    assert made.manifest == f"s3://lake/results/tables/{PLACE.query}-manifest.csv"
    body = box.s3.get_object(Bucket="lake", Key=made.manifest.removeprefix("s3://lake/"))["Body"].read()
    assert body.decode() == f"s3://lake/{key}\n"
    copied = 'SELECT * FROM "awsdatacatalog"."mine"."copy" ORDER BY 1'
    assert [row[0] for row in box.rows(copied)] == ["1-2019", "2-2019", "3-2020", "4-2020"]
    assert box.rows("SELECT seen, value FROM copy WHERE lot_count = 2") == [["2019-03-02 00:00:00.000", "10.5000"]]


def test_a_table_of_a_query_is_spread_over_partitions(box: Sandbox) -> None:
    box.run(
        "CREATE TABLE spread WITH (format = 'PARQUET', partitioned_by = ARRAY['country', 'year'], "
        "external_location = 's3://lake/own/spread/') AS SELECT notice_id, IF(lot_count > 1, 'D/K') AS country, year "
        "FROM db.notices"
    )

    assert [(each["Name"], each["Type"]) for each in box.table("spread")["PartitionKeys"]] == [
        ("country", "string"),
        ("year", "int"),
    ]
    assert box.partitions("spread") == {
        f"{parquet.NO_VALUE}/2019": f"s3://lake/own/spread/country={parquet.NO_VALUE}/year=2019",
        "D/K/2019": "s3://lake/own/spread/country=D%2FK/year=2019",
        "D/K/2020": "s3://lake/own/spread/country=D%2FK/year=2020",
        f"{parquet.NO_VALUE}/2020": f"s3://lake/own/spread/country={parquet.NO_VALUE}/year=2020",
    }
    assert box.rows("SELECT notice_id, country, year FROM spread ORDER BY 1") == [
        ["1-2019", None, "2019"], ["2-2019", "D/K", "2019"], ["3-2020", "D/K", "2020"], ["4-2020", None, "2020"],
    ]  # fmt: skip
    assert box.rows("SELECT notice_id FROM spread WHERE country IS NULL AND year = 2020") == [["4-2020"]]
    assert ["country=D%2FK/year=2019"] in box.rows("SHOW PARTITIONS spread")


def test_a_table_of_a_query_falls_into_buckets_as_hive_counts_them(box: Sandbox) -> None:
    box.run(
        "CREATE TABLE bucketed WITH (bucketed_by = ARRAY['code', 'n'], bucket_count = 4) AS "
        "SELECT * FROM (VALUES ('a', 1), ('é', 2), (NULL, -3)) AS t(code, n)"
    )

    held = box.table("bucketed")["StorageDescriptor"]
    assert (held["BucketColumns"], held["NumberOfBuckets"]) == (["code", "n"], 4)
    # 'a' is 97, 'é' 31·(0xC3 − 256) + (0xA9 − 256), NULL 0; times 31, and the number added.
    hashes = [31 * 97 + 1, 31 * (31 * (0xC3 - 256) + (0xA9 - 256)) + 2, -3]
    wanted = {f"bucket-{((each & 0xFFFFFFFF) & 0x7FFFFFFF) % 4:05d}" for each in hashes}
    assert {key.rpartition("_")[2] for key in box.keys(f"results/tables/{PLACE.query}/")} == wanted
    assert box.rows("SELECT count(*) FROM bucketed") == [["3"]]


def test_with_no_data_makes_the_columns_alone(box: Sandbox) -> None:
    made = box.run("CREATE TABLE IF NOT EXISTS shape AS SELECT notice_id FROM db.notices WITH NO DATA")

    assert (made.update_count, box.rows("SELECT * FROM shape")) == (0, [])
    assert box.run("CREATE TABLE IF NOT EXISTS shape AS SELECT 2 AS two").manifest is None
    assert names_and_types(box.table("shape")) == [("notice_id", "string")]


@pytest.mark.parametrize(
    ("tail", "count"),
    [
        (" -- with no data", 1),
        (' /* {"app": "dbt"} */', 1),
        ("; -- done", 1),
        (" WITH DATA", 1),
        (" with no\ndata /* done */;\n", 0),
        (", 'with no data' AS b", 1),
    ],
)
def test_what_comes_after_the_last_word_is_no_part_of_the_query(box: Sandbox, tail: str, count: int) -> None:
    made = box.run(f"CREATE TABLE t COMMENT 'it''s' AS SELECT 1 AS a{tail}")

    assert (made.update_count, len(box.rows("SELECT a FROM t"))) == (count, count)
    assert box.table("t")["Parameters"]["comment"] == "it's"
    if tail.strip()[:1] in "-/;":
        box.run(f"INSERT INTO t SELECT 2 AS a{tail}")
        box.run(f"CREATE OR REPLACE VIEW v AS SELECT a FROM t{tail}")  # noqa: S608
        assert box.rows(f"SELECT * FROM v ORDER BY 1{tail}") == [["1"], ["2"]]  # noqa: S608
        assert box.rows(f"SHOW TABLES{tail}") == [["t"], ["v"]]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE TABLE t AS SELECT nope FROM db.notices", r"COLUMN_NOT_FOUND: line 1:26: Column 'nope'"),
        ("CREATE TABLE t AS SELECT 1", r"MISSING_COLUMN_NAME: .*Column name not specified at position 1"),
        ("CREATE TABLE t AS SELECT 1 AS a, 2 AS a", "DUPLICATE_COLUMN_NAME: .*name 'a' specified more than once"),
        ("CREATE TABLE t AS SELECT NULL AS a", "COLUMN_TYPE_UNKNOWN: .*Column type is unknown at position 1"),
        ("CREATE TABLE t AS SELECT CAST('x' AS integer) AS a", "INVALID_CAST_ARGUMENT"),
        ("CREATE TABLE nowhere.t AS SELECT 1 AS a", "SCHEMA_NOT_FOUND: .*'nowhere' does not exist"),
        ("CREATE TABLE t WITH (colour = 'red') AS SELECT 1 AS a", "INVALID_TABLE_PROPERTY: .*'colour' does not exist"),
        ("CREATE TABLE t WITH (location = 's3://a/') AS SELECT 1 AS a", "property 'location' does not exist for"),
        ("CREATE TABLE t WITH (format = 'ORC') AS SELECT 1 AS a", "NOT_SUPPORTED: .* format = 'PARQUET'; got ORC"),
        ("CREATE TABLE t WITH (table_type = 'ICEBERG', is_external = false) AS SELECT 1 AS a",
         "NOT_SUPPORTED: CREATE TABLE mine.t: Iceberg tables are not run on this machine"),
        ("CREATE TABLE t WITH (is_external = false) AS SELECT 1 AS a", "is_external: expected true"),
        ("CREATE TABLE t WITH (field_delimiter = ',') AS SELECT 1 AS a", "field_delimiter is not for the format"),
        ("CREATE TABLE t WITH (write_compression = 'LZO') AS SELECT 1 AS a", "compression LZO: expected for Parquet"),
        ("CREATE TABLE t WITH (bucket_count = 4) AS SELECT 1 AS a", "bucketed_by and bucket_count go together"),
        ("CREATE TABLE t WITH (bucketed_by = ARRAY['a'], bucket_count = -1) AS SELECT 1 AS a", "greater than zero"),
        ("CREATE TABLE t WITH (bucketed_by = ARRAY['a'], bucket_count = '4') AS SELECT 1 AS a",
         r"table property 'bucket_count': Cannot convert \[4\] to integer"),
        ("CREATE TABLE t WITH (bucketed_by = ARRAY['b'], bucket_count = 4) AS SELECT 1 AS a",
         r"Bucketing columns \['b'\] not present in schema \(a\)"),
        ("CREATE TABLE t WITH (partitioned_by=ARRAY['b'], bucketed_by=ARRAY['b'], bucket_count=4) AS SELECT 1 a, 2 b",
         r"Bucketing columns \['b'\] not present in schema \(a\)"),
        ("CREATE TABLE t WITH (partitioned_by = 'b') AS SELECT 1 AS a, 2 AS b", r"Cannot convert \[b\] to array"),
        ("CREATE TABLE t WITH (partitioned_by = ARRAY[2]) AS SELECT 1 AS a, 2 AS b", r"Cannot convert \[\[2\]\] to"),
        ("CREATE TABLE t WITH (format = 3) AS SELECT 1 AS a", r"'format': Cannot convert \[3\] to varchar"),
        ("CREATE TABLE t AS SELECT 1 AS a; SELECT 2", "Only one sql statement is allowed. Got: 2"),
        ("CREATE TABLE t WITH (external_location = 'file:///t') AS SELECT 1 AS a", "expected an address as in s3://"),
        ("CREATE TABLE t WITH (partitioned_by = ARRAY['b']) AS SELECT 1 AS a", "columns .'b'. not present in schema"),
        ("CREATE TABLE t WITH (partitioned_by = ARRAY['a']) AS SELECT 1 AS a", "contains only partition columns"),
        ("CREATE TABLE t WITH (partitioned_by = ARRAY['a']) AS SELECT 1 AS a, 2 AS b",
         "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns"),
        ("CREATE TABLE t WITH (partitioned_by = ARRAY['b']) AS SELECT 1 AS a, 2e0 AS b",
         r"Unsupported type \[double\] for partition: b"),
        ("CREATE TABLE t WITH (format = 'PARQUET', format = 'ORC') AS SELECT 1 AS a", "DUPLICATE_PROPERTY"),
        ("CREATE TABLE t WITH (partitioned_by = ARRAY['n']) AS SELECT 1 AS a, n FROM UNNEST(sequence(1, 101)) AS u(n)",
         "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers"),
        ("CREATE TABLE t WITH (external_location = 's3://lake/taken') AS SELECT 1 AS a",
         "HIVE_PATH_ALREADY_EXISTS: Target directory for table 'mine.t' already exists: s3://lake/taken"),
        ("CREATE TABLE t WITH (external_location = 's3://none-has-this/') AS SELECT 1 AS a", "HIVE_FILESYSTEM_ERROR"),
        ("UNLOAD (SELECT nope FROM db.notices) TO 's3://lake/out/' WITH (format = 'PARQUET')", "1:16: Column 'nope'"),
        ("UNLOAD (SELECT 1) TO 's3://lake/out/' WITH (format = 'PARQUET')", "MISSING_COLUMN_NAME"),
        ("UNLOAD (SELECT 1 AS a) TO 's3://lake/out/' WITH (format = 'JSON')", "NOT_SUPPORTED: UNLOAD: .*got JSON"),
        ("UNLOAD (SELECT 1 AS a) TO 's3://lake/out/'", "NOT_SUPPORTED: UNLOAD: .*got no format"),
        ("UNLOAD (SELECT 1 AS a) TO 's3://lake/out/' WITH (colour = 'red')", "INVALID_UNLOAD_PROPERTY: .*'colour'"),
        ("UNLOAD (SELECT 1 AS a) TO 's3://lake/out/' WITH (format = 3)", r"'format': Cannot convert \[3\] to varchar"),
        ("UNLOAD (SELECT 1 a, n FROM UNNEST(sequence(1, 101)) AS u(n)) TO 's3://lake/out/' WITH (format = 'PARQUET', partitioned_by = ARRAY['n'])",  # noqa: E501
         "HIVE_TOO_MANY_OPEN_PARTITIONS"),
        ("UNLOAD (SELECT 1 AS a) TO 's3://lake/taken/' WITH (format = 'PARQUET')", "HIVE_PATH_ALREADY_EXISTS"),
        ("UNLOAD (SELECT 1 AS a TO 's3://lake/out/'", "SYNTAX_ERROR: line 1:42: mismatched input '<EOF>'"),
    ],
)  # fmt: skip
def test_nothing_is_left_of_what_fails(box: Sandbox, sql: str, message: str) -> None:
    box.s3.put_object(Bucket="lake", Key="taken/file", Body=b"kept")
    before = box.keys()

    with pytest.raises(QueryFailed, match=message):
        box.run(sql)

    assert box.keys() == before
    assert box.rows("SHOW TABLES") == []


def test_nothing_is_left_where_the_catalog_or_the_store_fails(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    before = box.keys()
    sql = "CREATE TABLE t WITH (partitioned_by = ARRAY['year']) AS SELECT notice_id, year FROM db.notices"

    def fails(*_: Any, **__: Any) -> None:
        raise QueryFailed("it is full")

    put = parquet._put
    for target, name, mended in (
        (box.executor._catalog, "add_partitions", fails),
        (box.executor._catalog, "create", fails),
        (parquet, "_put", lambda *given: put(*given) if "2019" in given[2] else fails()),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(target, name, mended)
            with pytest.raises(QueryFailed, match="it is full"):
                box.run(sql)
        assert (box.keys(), box.rows("SHOW TABLES")) == (before, [])


def test_insert_adds_rows_to_partitions_that_are_there_and_new_ones(box: Sandbox) -> None:
    box.run(
        "CREATE TABLE t WITH (partitioned_by = ARRAY['year']) AS "
        "SELECT notice_id, total_value AS value, year FROM db.notices WHERE year = 2019"
    )
    location = box.table("t")["StorageDescriptor"]["Location"]

    made = box.run(
        'insert into "awsdatacatalog"."mine"."t" ("notice_id", "year")\n (\n select notice_id, year from db.notices );'
    )

    assert (made.update_count, made.statement) == (4, "DML")
    assert made.manifest == f"s3://lake/results/{PLACE.query}-manifest.csv"
    assert box.partitions("t") == {str(year): f"{location}year={year}" for year in (2019, 2020)}
    assert box.rows("SELECT year, count(*), count(value) FROM t GROUP BY 1 ORDER BY 1") == [
        ["2019", "4", "2"],
        ["2020", "2", "0"],
    ]
    box.run("INSERT INTO t VALUES ('x', 1, 2019)")
    assert box.rows("SELECT value FROM t WHERE notice_id = 'x'") == [["1.0000"]]
    box.run("INSERT INTO t SELECT ?, CAST(NULL AS decimal(24,4)), 2021", "'asked'")
    assert box.rows("SELECT notice_id FROM t WHERE year = 2021") == [["asked"]]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "INSERT INTO t SELECT 1, 2, 2019",
            r"TYPE_MISMATCH: .*Table: \[varchar, bigint, integer\], Query: \[integer, ",
        ),
        ("INSERT INTO t SELECT 'a', 2", "TYPE_MISMATCH"),
        ("INSERT INTO t (n, nope) SELECT 1, 2", "COLUMN_NOT_FOUND: .*does not exist in target table: nope"),
        ("INSERT INTO t (n, n) SELECT 1, 2", "DUPLICATE_COLUMN_NAME"),
        ("INSERT INTO nothing SELECT 1", "TABLE_NOT_FOUND: .*'awsdatacatalog.mine.nothing' does not exist"),
        ("INSERT INTO v SELECT 1", "NOT_SUPPORTED: .*Inserting into views is not supported"),
        ("INSERT INTO csv SELECT 'a'", "NOT_SUPPORTED: .*expected a table of Parquet, got one of CSV"),
        ("INSERT INTO bucketed SELECT 1", "NOT_SUPPORTED: .*does not insert into bucketed tables"),
        ("INSERT INTO t SELECT nope FROM db.notices", "line 1:22: Column 'nope'"),
        ("INSERT INTO t SELECT 'a', n, CAST(n AS integer) FROM UNNEST(sequence(1, 101)) AS u(n)", "TOO_MANY_OPEN"),
        ("INSERT INTO hive.mine.t SELECT 1", "CATALOG_NOT_FOUND: line 1:13: Catalog 'hive' does not exist"),
    ],
)
def test_an_insert_that_does_not_fit_adds_nothing(box: Sandbox, sql: str, message: str) -> None:
    box.run("CREATE TABLE t WITH (partitioned_by = ARRAY['year'], external_location = 's3://lake/own/t/') AS "
            "SELECT 'a' AS code, BIGINT '1' AS n, 2019 AS year")  # fmt: skip
    box.run("CREATE TABLE bucketed WITH (bucketed_by = ARRAY['n'], bucket_count = 2) AS SELECT 1 AS n")
    box.run("CREATE VIEW v AS SELECT 1 AS one")
    box.run(f"CREATE EXTERNAL TABLE csv (a string) {SERDE} LOCATION 's3://lake/csv/'")
    before = box.keys()

    with pytest.raises(QueryFailed, match=message):
        box.run(sql)

    assert box.keys() == before
    assert box.partitions("t") == {"2019": "s3://lake/own/t/year=2019"}


def test_unload_writes_files_and_no_table(box: Sandbox) -> None:
    made = box.run(
        "UNLOAD (SELECT notice_id, ')' AS sign, year FROM db.notices WHERE notice_id LIKE '%' ESCAPE '\\' -- (\n) "
        "TO 's3://lake/out/' "
        "WITH (format='PARQUET', compression='zstd', partitioned_by=ARRAY['year'])"
    )

    assert (made.update_count, made.statement, box.rows("SHOW TABLES")) == (4, "DML", [])
    manifest = box.s3.get_object(Bucket="lake", Key=f"results/{PLACE.query}-manifest.csv")["Body"].read().decode()
    assert sorted(manifest.splitlines()) == [f"s3://lake/{key}" for key in box.keys("out/")]
    assert [key.split("/")[1] for key in box.keys("out/")] == ["year=2019", "year=2020"]


def test_declares_files_that_are_there(box: Sandbox) -> None:
    box.write("own/files/part-0.parquet", [notice(1, 2019)])
    box.run(
        "-- of my own\nCREATE EXTERNAL TABLE IF NOT EXISTS `mine`.`files` (`notice_id` string COMMENT 'it''s', "
        "total_value decimal(24, 4), cpv_additional array<string>) COMMENT 'mine' STORED AS PARQUET "
        "LOCATION 's3://lake/own/files' TBLPROPERTIES ('classification'='parquet');"
    )

    assert box.rows("SELECT notice_id, total_value FROM files") == [["1-2019", "10.5000"]]
    box.run("CREATE EXTERNAL TABLE IF NOT EXISTS files (a string) STORED AS PARQUET LOCATION 's3://lake/else/'")
    assert names_and_types(box.table("files"))[2] == ("cpv_additional", "array<string>")
    with pytest.raises(QueryFailed, match="already exists"):
        box.run("CREATE EXTERNAL TABLE files (a string) STORED AS PARQUET LOCATION 's3://lake/else/'")
    box.run("DROP TABLE `mine`.`files`")
    assert box.keys("own/files/") == ["own/files/part-0.parquet"]  # Athena leaves the files


def test_reads_csv_as_its_serde_does(box: Sandbox) -> None:
    lines = ['"Code","text"', '"1","say ""hi"", then"', "2,plain", '"3","back\\\\slash, \\"quoted\\""', "4", ""]
    box.s3.put_object(Bucket="lake", Key="csv/seed.csv", Body="\r\n".join(lines).encode())
    box.run(
        f"create external table `mine`.`seed` (`Code` string, `text` string) {SERDE} location 's3://lake/csv' "
        "tblproperties ('skip.header.line.count'='1')"
    )
    box.s3.put_object(Bucket="lake", Key="semi/a.csv", Body=b"a;'b;c'\n")
    box.run(
        f"CREATE EXTERNAL TABLE semi (x string, y string) {SERDE} WITH SERDEPROPERTIES ('separatorChar'=';', "
        "'quoteChar'='\\'') STORED AS TEXTFILE LOCATION 's3://lake/semi/'"
    )

    assert box.rows("SELECT * FROM seed ORDER BY code") == [
        ["1", 'say "hi", then'], ["2", "plain"], ["3", 'back\\slash, "quoted"'], ["4", None],
    ]  # fmt: skip
    assert box.rows("SELECT * FROM semi") == [["a", "b;c"]]
    box.run("CREATE TABLE typed AS SELECT CAST(nullif(code, '') AS integer) AS code FROM seed")
    assert box.rows("SELECT sum(code) FROM typed") == [["10"]]


@pytest.mark.parametrize(
    ("form", "got"),
    [
        ("STORED AS ORC", "got ORC"),
        ("STORED AS AVRO", "got AVRO"),
        ("", "got text files of Hive's own form"),
        (
            "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LINES TERMINATED BY '\\n' STORED AS TEXTFILE",
            "got text files",
        ),
        ("ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'", "got org.openx.data.jsonserde.JsonSerDe"),
        ("STORED AS INPUTFORMAT 'org.a.In' OUTPUTFORMAT 'org.a.Out'", "got org.a.In"),
    ],
)
def test_other_forms_are_refused_by_their_names(box: Sandbox, form: str, got: str) -> None:
    with pytest.raises(QueryFailed, match=rf"NOT_SUPPORTED: .*Parquet \(STORED AS PARQUET\) and CSV.*{got}"):
        box.run(f"CREATE EXTERNAL TABLE t (a string) {form} LOCATION 's3://lake/t/'")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "CREATE TABLE t (a int) LOCATION 's3://lake/t/' TBLPROPERTIES ('table_type'='ICEBERG')",
            "Iceberg tables are not",
        ),
        ("CREATE TABLE t (a int) STORED AS PARQUET LOCATION 's3://lake/t/'", "expected CREATE EXTERNAL TABLE"),
        ("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET", "expected LOCATION 's3://bucket/folder/', got none"),
        (f"CREATE EXTERNAL TABLE t (a int) {SERDE} LOCATION 's3://lake/t/'", "expected the type string, .*got a int"),
        (
            "CREATE EXTERNAL TABLE t (a int, A int) STORED AS PARQUET LOCATION 's3://lake/t/'",
            "Duplicate column name: a",
        ),
        (
            "CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (A int) STORED AS PARQUET LOCATION 's3://lake/t/'",
            "Column repeated in partitioning columns: a",
        ),
        (
            "CREATE EXTERNAL TABLE t (a int) CLUSTERED BY (b) INTO 2 BUCKETS STORED AS PARQUET LOCATION 's3://lake/t/'",
            "Invalid column reference: b",
        ),
        (
            "CREATE EXTERNAL TABLE t (a array<struct<b:text>>) STORED AS PARQUET LOCATION 's3://lake/t/'",
            "column a: no type of Hive's: text",
        ),
        ("CREATE EXTERNAL TABLE t (a decimal(39, 2)) STORED AS PARQUET LOCATION 's3://lake/t/'", r"decimal\(39,2\)"),
        ("CREATE EXTERNAL TABLE t (a) STORED AS PARQUET", "SYNTAX_ERROR: line 1:27: mismatched input '\\)'"),
        ("CREATE EXTERNAL TABLE x.t (a int) STORED AS PARQUET LOCATION 's3://lake/t/'", "Schema 'x' does not exist"),
        ("DROP TABLE nothing", "SemanticException .Error 10001.: Table not found mine.nothing"),
        ("DROP TABLE v", "Cannot drop a view with DROP TABLE"),
        ("DROP VIEW t", "is a table, not a view"),
        ("DROP TABLE t now", "mismatched input 'now'. Expecting: '<EOF>'"),
        ("ALTER TABLE t RENAME TO u", "NOT_SUPPORTED: .*ALTER TABLE mine.t RENAME …: expected ADD PARTITION"),
        ("ALTER TABLE t DROP COLUMN a", "NOT_SUPPORTED: .*ALTER TABLE mine.t DROP …"),
        ("ALTER TABLE t ADD COLUMNS (a string)", "Duplicate column name: a"),
        ("ALTER TABLE t ADD COLUMNS (b text)", "column b: no type of Hive's: text"),
        ("ALTER TABLE t SET LOCATION 's3://lake/u/'", "NOT_SUPPORTED: .*SET …: .*run this statement in a real AWS"),
        ("SHOW COLUMNS nothing", "mismatched input 'nothing'. Expecting: 'FROM'"),
        ("SHOW TABLES IN nothing", "Schema 'nothing' does not exist"),
        ("SHOW GRANTS", "SYNTAX_ERROR: line 1:1: 'SHOW GRANTS' is not understood. Known: SHOW DATABASES, "),
        ("DESCRIBE nothing", "Table not found mine.nothing"),
        ("SHOW PARTITIONS t", "Table mine.t is not a partitioned table"),
        ("ALTER TABLE t ADD PARTITION (year = 2019)", r"does not name the keys of t: expected \(none"),
        ("ALTER TABLE v SET TBLPROPERTIES ('a'='b')", "cannot alter mine.v: it is a view"),
        ("MSCK REPAIR TABLE t", "Table mine.t is not a partitioned table"),
        ("CREATE SCHEMA mine", "Database mine already exists"),
        ("DROP SCHEMA nothing", "Database does not exist: nothing"),
        ("DROP SCHEMA mine", "Database mine is not empty"),
        ("SHOW CREATE TABLE v", "v is a view: use SHOW CREATE VIEW"),
        ("CREATE VIEW t AS SELECT 1 AS one", "'mine.t' is a table, not a view"),
    ],
)
def test_definitions_say_what_is_wrong(box: Sandbox, sql: str, message: str) -> None:
    if not sql.startswith("CREATE EXTERNAL") and not sql.startswith("CREATE TABLE"):
        box.run("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://lake/t/'")
        box.run("CREATE VIEW v AS SELECT 1 AS one")
    tables = box.rows("SHOW TABLES")

    with pytest.raises(QueryFailed, match=message):
        box.run(sql)

    assert box.rows("SHOW TABLES") == tables


def test_partitions_come_and_go(box: Sandbox) -> None:
    box.run("CREATE EXTERNAL TABLE t (notice_id string) PARTITIONED BY (`year` int, country string) STORED AS PARQUET "
            "LOCATION 's3://lake/own/t/'")  # fmt: skip
    box.run(
        "ALTER TABLE t ADD IF NOT EXISTS PARTITION (country = 'DEU', year = 2019) "
        "PARTITION (year = 2020, country = 'FRA') LOCATION 's3://lake/merged/notices/year=2020/run=b/'"
    )

    assert box.partitions("t") == {
        "2019/DEU": "s3://lake/own/t/year=2019/country=DEU",
        "2020/FRA": "s3://lake/merged/notices/year=2020/run=b/",
    }
    assert box.rows("SELECT notice_id, country FROM t ORDER BY 1") == [["3-2020", "FRA"], ["4-2020", "FRA"]]
    with pytest.raises(QueryFailed, match="Partition already exists"):
        box.run("ALTER TABLE t ADD PARTITION (year = 2019, country = 'DEU')")
    with pytest.raises(QueryFailed, match=r"Partition not found \['2021', 'DEU'\]"):
        box.run("ALTER TABLE t DROP PARTITION (year = 2021, country = 'DEU')")
    with pytest.raises(QueryFailed, match="does not name the keys"):
        box.run("ALTER TABLE t ADD PARTITION (year = 2019)")
    with pytest.raises(QueryFailed, match="ADD PARTITION: expected LOCATION 's3://bucket/folder/', got file:///x"):
        box.run("ALTER TABLE t ADD PARTITION (year = 2021, country = 'DEU') LOCATION 'file:///x'")
    with pytest.raises(QueryFailed, match=r"PERMISSION_DENIED: .*write to s3://lake/merged/notices/year=2020/run=b/"):
        box.run("INSERT INTO t SELECT 'a', 2020, 'FRA'")
    box.run(
        "ALTER TABLE `mine`.`t` DROP PARTITION (year = 2019, country = 'DEU'), PARTITION (year = 2020, country='FRA')"
    )
    assert box.partitions("t") == {}


def test_repair_registers_the_folders_that_are_there(box: Sandbox) -> None:
    box.run("CREATE EXTERNAL TABLE t (notice_id string) PARTITIONED BY (day string) STORED AS PARQUET "
            "LOCATION 's3://lake/own/t'")  # fmt: skip
    for name in ("day=2019-01-01", "day=a%3Ab", "other", "_x"):
        box.write(f"own/t/{name}/part-0.parquet", [notice(1, 2019)])
    box.run("ALTER TABLE t ADD PARTITION (day = '2019-01-01')")

    lines = box.run("MSCK REPAIR TABLE `t`;").rows

    assert lines == [
        ["Partitions not in metastore:\tt:day=a%3Ab"],
        ["Repair: Added partition to metastore t:day=a%3Ab"],
    ]
    assert box.partitions("t")["a:b"] == "s3://lake/own/t/day=a%3Ab"
    assert box.rows("SELECT day FROM t ORDER BY 1") == [["2019-01-01"], ["a:b"]]
    assert box.run("MSCK REPAIR TABLE t").rows == []


def test_columns_and_properties_change(box: Sandbox) -> None:
    box.write("own/t/part-0.parquet", [notice(1, 2019)])
    box.run("CREATE EXTERNAL TABLE t (notice_id string) STORED AS PARQUET LOCATION 's3://lake/own/t/'")
    box.run("ALTER TABLE `mine`.`t` SET TBLPROPERTIES ('classification' = 'parquet', 'a'='it''s')")
    box.run("alter table `mine`.`t`\n add columns (`lot_count` int, later string)")

    assert box.rows("SELECT * FROM t") == [["1-2019", "1", None]]
    assert box.rows("SHOW TBLPROPERTIES t") == [["EXTERNAL\tTRUE"], ["a\tit's"], ["classification\tparquet"]]
    assert box.rows("SHOW TBLPROPERTIES mine.t('a')") == [["a\tit's"]]
    box.run("ALTER TABLE t REPLACE COLUMNS (total_value decimal(24,4))")
    assert box.rows("SELECT * FROM t") == [["10.5000"]]


def test_the_statement_that_is_shown_makes_the_table_again(box: Sandbox) -> None:
    box.run(
        "CREATE EXTERNAL TABLE t (a string COMMENT 'it''s \\\\ a', b array<struct<c:int,d:string>>) "
        "PARTITIONED BY (year int) CLUSTERED BY (a) INTO 4 BUCKETS STORED AS PARQUET LOCATION 's3://lake/t/' "
        "TBLPROPERTIES ('k'='v')"
    )
    box.run(f"CREATE EXTERNAL TABLE c (a string) {SERDE} WITH SERDEPROPERTIES ('separatorChar'='\\t') "
            "LOCATION 's3://lake/c/'")  # fmt: skip
    for name in ("t", "c"):
        held = box.table(name)
        shown = box.run(f"SHOW CREATE TABLE `{name}`;")
        box.run(f"DROP TABLE IF EXISTS {name}")
        box.run("\n".join(str(row[0]) for row in shown.rows))
        again = box.table(name)
        assert shown.columns[0].name == "createtab_stmt"
        for part in ("StorageDescriptor", "PartitionKeys", "Parameters", "TableType"):
            assert again[part] == held[part]


def test_a_snapshot_of_dbt_has_its_keys_and_times(box: Sandbox) -> None:
    """dbt's own macros: a digest of text, and the time of the session."""
    box.run(
        "CREATE TABLE snap AS SELECT notice_id, "
        "lower(to_hex(md5(to_utf8(coalesce(cast(notice_id AS varchar), '') || '|ü')))) AS key, "
        "cast(now() AS timestamp) AS seen, cast(current_timestamp AS date) AS day, "
        "coalesce(nullif(cast(now() AS timestamp), cast(now() AS timestamp)), NULL) AS valid_to FROM db.notices"
    )

    assert box.rows("SELECT key, valid_to FROM snap WHERE notice_id = '1-2019'") == [
        [hashlib.md5("1-2019|ü".encode()).hexdigest(), None]  # noqa: S324
    ]
    ((seen, day),) = box.rows("SELECT min(seen), min(day) FROM snap")
    assert abs(dt.datetime.fromisoformat(f"{seen}+00:00") - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert str(seen).startswith(str(day))
    for wrong, told in (("to_hex(X'00')", "NOT_SUPPORTED"), ("to_hex(md5(to_utf8(1)))", "FUNCTION_NOT_FOUND")):
        with pytest.raises(QueryFailed, match=told):
            box.run(f"SELECT {wrong}")


def test_names_in_quotes_may_hold_any_letter(box: Sandbox) -> None:
    box.run('CREATE TABLE "my table" AS SELECT 1 AS "a b", 2 AS "ü", 3 AS "select"')
    box.run('CREATE VIEW "a view" AS SELECT "a b" FROM "my table"')
    box.run("CREATE SCHEMA `other-one`")

    assert box.rows('SELECT "ü", "select" FROM mine."my table"') == [["2", "3"]]
    assert box.rows("SHOW COLUMNS IN `my table` FROM `mine`") == [["a b"], ["ü"], ["select"]]
    assert box.rows("DESCRIBE /* all */ `mine`.`a view`;") == [
        ["a b                 \tint                 \t" + " " * 20]
    ]
    assert box.rows("SHOW CREATE TABLE `my table`")[1] == ["  `a b` int, "]
    assert box.rows('SHOW CREATE VIEW "a view"')[1] == ['SELECT "a b" FROM "my table"']
    assert box.rows("SHOW TBLPROPERTIES `my table`('nope')") == [["Table mine.my table does not have property: nope"]]
    assert box.rows("SHOW TABLES IN `awsdatacatalog`.`mine` LIKE 'my*|none'") == [["my table"]]
    assert box.rows("SHOW TABLES IN `other-one`") == []
    box.run("DROP TABLE `my table`")
    box.run('DROP VIEW "a view"')
    assert box.rows("SHOW TABLES") == []


def test_a_key_that_is_no_value_is_told(box: Sandbox) -> None:
    box.run("CREATE TABLE t WITH (partitioned_by = ARRAY['day']) AS SELECT 1 AS a, CAST(NULL AS date) AS day")
    assert box.rows('SELECT * FROM "t$partitions"') == [[None]]
    box.run("ALTER TABLE t ADD PARTITION (day = 'today')")
    box.write(f"results/tables/{PLACE.query}/day=today/part-0.parquet", [notice(1, 2019)])
    with pytest.raises(
        QueryFailed, match="HIVE_INVALID_PARTITION_VALUE: Invalid partition value 'today' for DATE partition key: day"
    ):
        box.run("SELECT count(*) FROM t WHERE day > DATE '2020-01-01'")


def test_describes_a_row_as_one_value(box: Sandbox) -> None:
    box.run("CREATE EXTERNAL TABLE t (a string COMMENT 'what') PARTITIONED BY (year int) STORED AS PARQUET "
            "LOCATION 's3://lake/t/'")  # fmt: skip

    described = box.run("-- see\nDESCRIBE `mine`.`t`;")

    assert [column.name for column in described.columns] == ["col_name", "data_type", "comment"]
    assert described.rows[0] == ["a                   \tstring              \twhat                "]
    assert [str(row[0]).split("\t")[0].strip() for row in described.rows] == [
        "a", "year", "", "# Partition Information", "# col_name", "year",
    ]  # fmt: skip


def test_databases_come_and_go(box: Sandbox) -> None:
    box.run("create schema if not exists `other`")
    box.run("/* again */ create schema if not exists `awsdatacatalog`.`other`;")
    box.run("CREATE TABLE other.t AS SELECT 1 AS a")
    assert ["other"] in box.rows("SHOW DATABASES")
    box.run("drop schema if exists `other` cascade")
    box.run("drop schema if exists `other` cascade")
    assert ["other"] not in box.rows("SHOW DATABASES")


def test_a_view_keeps_the_database_that_its_names_are_of(box: Sandbox) -> None:
    box.run('create or replace view\n "awsdatacatalog"."mine"."v"\n as\n select notice_id from notices', database="db")

    assert len(box.rows("SELECT * FROM v")) == 4
    box.run('drop view if exists "awsdatacatalog"."mine"."v"')
    assert box.rows("SHOW VIEWS") == []
    with pytest.raises(QueryFailed, match=r"COLUMN_NOT_FOUND: line 1:27: Column 'nope'"):
        box.run("CREATE VIEW bad AS SELECT nope FROM db.notices")


def test_a_view_that_its_tables_have_left_behind_is_told(box: Sandbox) -> None:
    box.run("CREATE VIEW v AS SELECT notice_id, year FROM db.notices")
    box.run("CREATE VIEW w AS SELECT * FROM v WHERE year = 2019")
    box.run("CREATE VIEW x AS SELECT count(*) AS n FROM w")
    assert box.rows("SELECT * FROM x") == [["2"]]

    box.run("CREATE OR REPLACE VIEW v AS SELECT notice_id, CAST(year AS bigint) AS year FROM db.notices")
    with pytest.raises(QueryFailed, match=r"VIEW_IS_STALE: .*'awsdatacatalog.mine.w' is stale .*of type bigint"):
        box.run("SELECT * FROM w")
    box.run("CREATE OR REPLACE VIEW v AS SELECT notice_id, CAST(year AS varchar) AS year FROM db.notices")
    told = (
        r"INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog.mine.x': line 1:27: Failed analyzing "
        r"stored view 'awsdatacatalog.mine.w': line 1:28: Cannot apply operator: varchar = integer"
    )
    with pytest.raises(QueryFailed, match=told):
        box.run("SELECT * FROM x")
    box.run("DROP VIEW v")
    with pytest.raises(QueryFailed, match=r"INVALID_VIEW: .*Table 'awsdatacatalog.mine.v' does not exist"):
        box.run("SELECT * FROM w")


def test_a_view_never_comes_to_read_itself(box: Sandbox) -> None:
    box.run("CREATE VIEW v AS SELECT 1 AS a")
    box.run("CREATE VIEW w AS SELECT * FROM v")
    for source in ("v", "w", "(SELECT a FROM w)"):
        with pytest.raises(QueryFailed, match=r"VIEW_IS_RECURSIVE: .*would create a recursive view"):
            box.run(f"CREATE OR REPLACE VIEW v AS SELECT a FROM {source}")  # noqa: S608
        assert box.rows("SELECT * FROM w") == [["1"]]


REFUSED = (
    "INSERT INTO db.notices SELECT * FROM db.notices",
    "DROP TABLE db.notices",
    "DROP TABLE IF EXISTS `db`.`notices`",
    "DROP SCHEMA db CASCADE",
    "ALTER TABLE db.notices ADD COLUMNS (a int)",
    "ALTER TABLE db.notices REPLACE COLUMNS (a int)",
    "ALTER TABLE db.notices SET TBLPROPERTIES ('a'='b')",
    "ALTER TABLE db.notices ADD PARTITION (year = 2030)",
    "ALTER TABLE db.notices DROP PARTITION (year = 2019)",
    "MSCK REPAIR TABLE db.notices",
    "CREATE OR REPLACE VIEW db.current_notices AS SELECT 1 AS one",
    "DROP VIEW db.current_notices",
    "DROP VIEW IF EXISTS db.current_notices",
    "CREATE EXTERNAL TABLE mine.t (notice_id string) STORED AS PARQUET LOCATION 's3://lake/merged/notices/'",
    "CREATE TABLE mine.t WITH (external_location = 's3://lake/merged/own') AS SELECT 1 AS a",
    "UNLOAD (SELECT 1 AS a) TO 's3://lake/merged/own/' WITH (format = 'PARQUET')",
)


@pytest.mark.parametrize("how", ["", "ANALYZE ", "ANALYZE VERBOSE ", "(TYPE IO, FORMAT JSON) "])
def test_a_plan_is_made_of_queries_alone(box: Sandbox, how: str) -> None:
    """With ANALYZE the statement itself would be run, by the engine and past all rules."""
    with pytest.raises(QueryFailed, match=r"NOT_SUPPORTED: .*EXPLAIN: expected a query, got INSERT"):
        box.run(f"EXPLAIN {how}INSERT INTO db.notices SELECT * FROM db.notices")  # noqa: S608
    for query in ("SELECT 1", "(SELECT 1)", "WITH a AS (SELECT 1 AS b) SELECT b FROM a"):
        assert kind_of(f"EXPLAIN {how}{query}") == ("UTILITY", "EXPLAIN")


@pytest.mark.parametrize("sql", REFUSED)
def test_the_lakes_own_tables_and_views_stay_as_they_are(box: Sandbox, sql: str) -> None:
    box.run("CREATE VIEW db.current_notices AS SELECT notice_id, year FROM db.notices")

    def state() -> tuple[Any, ...]:
        rows = [box.rows(f"SELECT * FROM db.{name} ORDER BY notice_id") for name in ("notices", "current_notices")]  # noqa: S608
        return rows, box.keys(), box.table("notices", "db"), box.table("current_notices", "db"), box.rows("SHOW TABLES")

    before = state()

    with pytest.raises(
        QueryFailed, match=r"PERMISSION_DENIED: Access Denied: Cannot .* own tables are written by its merge"
    ):
        box.run(sql)

    assert state() == before


def test_views_of_ones_own_may_stand_beside_the_lakes(box: Sandbox) -> None:
    box.run("CREATE OR REPLACE VIEW db.of_mine AS SELECT notice_id FROM notices", database="db")
    box.run("DROP VIEW db.of_mine")
    box.run("CREATE VIEW mine.current_notices AS SELECT 1 AS one")
    box.run("DROP VIEW mine.current_notices")


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", ("DML", "SELECT")),
        ("CREATE TABLE a AS SELECT 1 AS b", ("DDL", "CREATE_TABLE_AS_SELECT")),
        ("create external table a (b int) stored as parquet location 's3://a/'", ("DDL", "CREATE_TABLE")),
        ("INSERT INTO a SELECT 1", ("DML", "INSERT")),
        ("UNLOAD (SELECT 1) TO 's3://a/'", ("DML", "UNLOAD")),
        ("MSCK REPAIR TABLE a", ("DDL", "MSCK_REPAIR_TABLE")),
        ("show tables", ("UTILITY", "SHOW_TABLES")),
        ("SHOW", ("UTILITY", "SHOW")),
        ("DESCRIBE a", ("UTILITY", "DESCRIBE_TABLE")),
        ("EXPLAIN SELECT 1", ("UTILITY", "EXPLAIN")),
        ("DROP TABLE", ("DDL", "DROP")),
        ("VACUUM a", ("DML", "VACUUM")),
    ],
)
def test_tells_the_kind_of_a_statement(sql: str, kind: tuple[str, str]) -> None:
    assert kind_of(sql) == kind


def test_finds_the_place_that_a_statement_names() -> None:
    assert external_location("create table t with (external_location='s3://a/b') as select 1 as c") == "s3://a/b"
    assert external_location("CREATE TABLE t AS SELECT 1 AS external_location") is None
    assert external_location("CREATE TABLE") is None


def test_one_executor_writes_what_another_reads(box: Sandbox, tmp_path: Path) -> None:
    box.run("CREATE TABLE t AS SELECT count(*) AS n FROM db.notices")
    other = Executor(box.glue, box.s3, DuckEngine(box.glue, box.s3, tmp_path / "other"))

    assert other.run("SELECT n FROM t", "`mine`").rows == [["4"]]
