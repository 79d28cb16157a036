"""What one engine's statements write, the other reads: files, partitions, buckets, types, views."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from console.aws.athena.executor import Executor, Result
from console.aws.athena.failure import QueryFailed
from console.aws.athena.writing import Place
from tests.trino.conftest import Engines
from tests.trino.lake import BUCKET

OTHER = {"trino": "duck", "duck": "trino"}
SERDE = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"
EVERY_TYPE = """
SELECT true AS a, CAST(1 AS tinyint) AS b, CAST(-2 AS smallint) AS c, 3 AS d, BIGINT '4' AS e, 1.5e0 AS f,
  DECIMAL '12.3400' AS g, CAST('9' AS decimal(38,10)) AS h, 'é''x' AS i, DATE '2020-02-29' AS j,
  TIMESTAMP '1969-12-31 23:59:59.123' AS k, ARRAY['a', NULL] AS l, ARRAY[DECIMAL '1.50'] AS m,
  ARRAY[DATE '2020-01-01'] AS n, ARRAY[ARRAY[1, 2], ARRAY[]] AS o, CAST(NULL AS varchar) AS p,
  filter(ARRAY['a'], x -> false) AS q
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
"""


@dataclass(frozen=True)
class Box:
    """A database of its own, written by one engine and read by the other."""

    engines: Engines
    maker: Executor
    reader: Executor
    database: str

    def make(self, sql: str) -> Result:
        return self.maker.run(sql, self.database, place=Place(f"s3://{BUCKET}/results/", str(uuid.uuid4())))

    def read(self, sql: str) -> list[list[str | None]]:
        """Rows, which both engines have to see alike."""
        one, other = self.maker.run(sql, self.database), self.reader.run(sql, self.database)
        assert (one.columns, one.rows) == (other.columns, other.rows)
        return one.rows


@pytest.fixture(params=sorted(OTHER))
def box(engines: Engines, request: pytest.FixtureRequest) -> Iterator[Box]:
    database = f"w_{uuid.uuid4().hex[:10]}"
    made = Box(engines, getattr(engines, request.param), getattr(engines, OTHER[request.param]), database)
    made.make(f"CREATE SCHEMA {database}")
    yield made
    made.make(f"DROP SCHEMA {database} CASCADE")


def test_values_of_every_type(box: Box) -> None:
    box.make(f"CREATE TABLE t AS {EVERY_TYPE}")

    rows = box.read("SELECT * FROM t ORDER BY a NULLS LAST")

    assert rows[0] == [
        "true", "1", "-2", "3", "4", "1.5", "12.3400", "9.0000000000", "é'x", "2020-02-29", "1969-12-31 23:59:59.123",
        "[a, null]", "[1.50]", "[2020-01-01]", "[[1, 2], []]", None, "[]",
    ]  # fmt: skip
    assert rows[1] == [None] * 17


def test_types_of_the_catalog_are_the_same_whoever_wrote(box: Box) -> None:
    made = {}
    for name, engine in (("one", box.maker), ("other", box.reader)):
        engine.run(
            f"CREATE TABLE {name} AS {EVERY_TYPE}", box.database, place=Place(f"s3://{BUCKET}/r/", str(uuid.uuid4()))
        )
        entry = box.engines.session.client("glue").get_table(DatabaseName=box.database, Name=name)["Table"]
        made[name] = [(column["Name"], column["Type"]) for column in entry["StorageDescriptor"]["Columns"]]

    assert made["one"] == made["other"]
    assert dict(made["one"])["o"] == "array<array<int>>"


def test_partitions_of_every_kind_of_key(box: Box) -> None:
    keys = "CAST(n AS varchar) AS text, n AS number, DATE '2020-01-01' AS day, n = 1 AS flag, DECIMAL '1.50' AS price"
    box.make(
        "CREATE TABLE t WITH (partitioned_by = ARRAY['text', 'number', 'day', 'flag', 'price']) AS "  # noqa: S608
        f"SELECT n * 10 AS v, {keys} FROM (VALUES 1, 2) AS u(n)"
    )
    box.make("INSERT INTO t SELECT 30, 'a/b c=ü', NULL, NULL, NULL, NULL")
    box.make("INSERT INTO t (v, text, number) VALUES (40, '1', 1)")

    assert box.read("SELECT * FROM t ORDER BY v") == [
        ["10", "1", "1", "2020-01-01", "true", "1.50"],
        ["20", "2", "2", "2020-01-01", "false", "1.50"],
        ["30", "a/b c=ü", None, None, None, None],
        ["40", "1", "1", None, None, None],
    ]
    assert box.read("SELECT v FROM t WHERE number IS NULL") == [["30"]]
    assert box.read("SELECT v FROM t WHERE day = DATE '2020-01-01' AND number = 2") == [["20"]]
    assert box.read("SELECT v FROM t WHERE text = 'a/b c=ü'") == [["30"]]


def test_a_bucket_is_found_by_its_value(box: Box) -> None:
    """Trino reads the one bucket that a value can be in; in a wrong one it would find nothing."""
    box.make(
        "CREATE TABLE t WITH (bucketed_by = ARRAY['code', 'n', 'big', 'day', 'flag'], bucket_count = 7) AS "
        "SELECT chr(CAST(96 + n AS bigint)) || 'é' AS code, n - 10 AS n, (n - 10) * BIGINT '9999999999' AS big, "
        "date_add('day', n - 10, DATE '1970-01-01') AS day, n % 2 = 0 AS flag FROM UNNEST(sequence(1, 20)) AS u(n)"
    )
    for row in box.read("SELECT code, n, big, day, flag FROM t ORDER BY n"):
        code, n, big, day, flag = row
        where = f"code = '{code}' AND n = {n} AND big = BIGINT '{big}' AND day = DATE '{day}' AND flag = {flag}"
        assert box.read(f"SELECT count(*) FROM t WHERE {where}") == [["1"]]  # noqa: S608


def test_csv_is_read_alike(box: Box) -> None:
    s3 = box.engines.session.client("s3")
    body = 'code,text\n1,"say ""hi"", then"\n2,plain\n"3","back\\\\slash, \\"quoted\\""\n4\n5,a\\b\n6,,\n'
    s3.put_object(Bucket=BUCKET, Key=f"{box.database}/csv/a.csv", Body=body.encode())
    box.make(
        f"CREATE EXTERNAL TABLE t (code string, text string) {SERDE} LOCATION 's3://{BUCKET}/{box.database}/csv/' "
        "TBLPROPERTIES ('skip.header.line.count'='1')"
    )

    assert box.read("SELECT * FROM t ORDER BY code")[:3] == [
        ["1", 'say "hi", then'],
        ["2", "plain"],
        ["3", 'back\\slash, "quoted"'],
    ]


def test_an_unload_is_what_was_asked_for(box: Box) -> None:
    place = f"s3://{BUCKET}/{box.database}/out/"
    box.make(f"UNLOAD (SELECT 'a' AS code, 1 AS n) TO '{place}' WITH (format = 'PARQUET', partitioned_by = ARRAY['n'])")
    box.make(f"CREATE EXTERNAL TABLE t (code string) PARTITIONED BY (n int) STORED AS PARQUET LOCATION '{place}'")
    box.make("MSCK REPAIR TABLE t")

    assert box.read("SELECT * FROM t") == [["a", "1"]]


def test_columns_come_and_go_and_old_files_stay_readable(box: Box) -> None:
    box.make("CREATE TABLE t WITH (partitioned_by = ARRAY['n']) AS SELECT 'a' AS code, 1 AS n")
    box.make("ALTER TABLE t ADD COLUMNS (more decimal(10,2))")
    box.make("INSERT INTO t SELECT 'b', 2.5, 2")

    assert box.read("SELECT * FROM t ORDER BY n") == [["a", None, "1"], ["b", "2.50", "2"]]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE t AS SELECT 1 AS a, 2 AS a",
        "CREATE TABLE t AS SELECT NULL AS a",
        "CREATE TABLE t AS SELECT nope FROM hand.notices",
        "CREATE TABLE t AS SELECT current_timestamp AS a",
        "INSERT INTO held SELECT 1",
        "INSERT INTO held SELECT nope FROM hand.notices",
    ],
)
def test_both_engines_refuse_by_the_same_name(box: Box, sql: str) -> None:
    box.make("CREATE TABLE held AS SELECT 'a' AS code")
    named = []
    for engine in (box.maker, box.reader):
        with pytest.raises(QueryFailed) as failure:
            engine.run(sql, box.database)
        named.append(str(failure.value).partition(":")[0])
    assert named[0] == named[1]
    assert box.read("SELECT * FROM held") == [["a"]]


def test_views_over_changed_views_and_over_themselves(box: Box) -> None:
    box.make("CREATE VIEW v AS SELECT 1 AS a; -- a number")
    box.make("CREATE VIEW w AS SELECT a FROM v WHERE a = 1 /* w */")
    assert box.read("SELECT * FROM w; -- done") == [["1"]]
    for source in ("v", "w"):
        with pytest.raises(QueryFailed, match="VIEW_IS_RECURSIVE"):
            box.make(f"CREATE OR REPLACE VIEW v AS SELECT a FROM {source}")  # noqa: S608
        assert box.read("SELECT * FROM w") == [["1"]]

    box.make("CREATE OR REPLACE VIEW v AS SELECT 'x' AS a")
    told = rf"INVALID_VIEW: line 1:15: Failed analyzing stored view 'awsdatacatalog\.{box.database}\.w': line 1:\d+: "
    for engine in (box.maker, box.reader):
        with pytest.raises(QueryFailed, match=f"{told}Cannot apply operator"):
            engine.run("SELECT * FROM w", box.database)


def test_keys_that_are_no_value(box: Box) -> None:
    box.make("CREATE TABLE t WITH (partitioned_by = ARRAY['n']) AS SELECT 1 AS a, CAST(NULL AS integer) AS n")
    assert box.read('SELECT * FROM "t$partitions"') == [[None]]
    box.make("INSERT INTO t SELECT 2, 3")
    place = box.engines.session.client("glue").get_partition(
        DatabaseName=box.database, TableName="t", PartitionValues=["3"]
    )["Partition"]["StorageDescriptor"]["Location"]
    box.make(f"ALTER TABLE t ADD PARTITION (n = 'three') LOCATION '{place}'")
    for engine in (box.maker, box.reader):
        with pytest.raises(
            QueryFailed, match="HIVE_INVALID_PARTITION_VALUE: Invalid partition value 'three' for INTEG"
        ):
            engine.run("SELECT a FROM t WHERE n = 3", box.database)


def test_digests_of_text_and_times_of_the_session(box: Box) -> None:
    digests = ", ".join(f"to_hex({name}(to_utf8('ü|'))) AS {name}" for name in ("md5", "sha1", "sha256"))
    box.make(f"CREATE TABLE t AS SELECT {digests}, cast(now() AS timestamp) AS seen")

    (row,) = box.read("SELECT * FROM t")
    assert [len(str(digest)) for digest in row[:3]] == [32, 40, 64]
    same = f"SELECT count(*) FROM (SELECT {digests}) AS u JOIN t ON t.md5 = u.md5 AND t.sha1 = u.sha1"  # noqa: S608
    assert box.read(f"{same} AND t.sha256 = u.sha256 AND t.seen <= cast(now() AS timestamp)") == [["1"]]


def test_a_view_that_was_given_a_description_stays_a_view(box: Box) -> None:
    """As dbt does with persist_docs, which takes away what makes a view Trino's."""
    box.make("CREATE VIEW v AS SELECT 1 AS one")
    glue = box.engines.session.client("glue")
    entry: Any = glue.get_table(DatabaseName=box.database, Name="v")["Table"]
    kept = {
        key: entry[key] for key in ("Name", "TableType", "StorageDescriptor", "ViewOriginalText", "ViewExpandedText")
    }
    described = {**entry["Parameters"], "comment": "Ones"}
    changed: Any = kept | {"Description": "Ones", "Parameters": described}
    glue.update_table(DatabaseName=box.database, TableInput=changed)

    assert box.read("SELECT one FROM v") == [["1"]]
    found = glue.get_table(DatabaseName=box.database, Name="v")["Table"]
    assert (found["Description"], found["Parameters"]["comment"]) == ("Ones", "Ones")
    assert "Owner" not in json.dumps(found, default=str)


def test_maps_and_rows_are_written_where_trino_answers(engines: Engines) -> None:
    place = Place(f"s3://{BUCKET}/results/", str(uuid.uuid4()))
    engines.trino.run("CREATE SCHEMA IF NOT EXISTS w_nested", "hand")
    engines.trino.run(
        "CREATE TABLE w_nested.t AS SELECT MAP(ARRAY['a'], ARRAY[1]) AS m, "
        "CAST(ROW(1, 'x') AS ROW(n integer, s varchar)) AS r, CAST(1.5 AS real) AS f, X'01ff' AS b",
        "hand",
        place=place,
    )
    glue = engines.session.client("glue")
    held = glue.get_table(DatabaseName="w_nested", Name="t")["Table"]["StorageDescriptor"]["Columns"]
    assert [column["Type"] for column in held] == ["map<string,int>", "struct<n:int,s:string>", "float", "binary"]
    assert engines.trino.run("SELECT m, r, f, b FROM w_nested.t", "hand").rows == [
        ["{a=1}", "{n=1, s=x}", "1.5", "01 ff"]
    ]
    with pytest.raises(QueryFailed, match="Anonymous row type is not supported in Hive"):
        engines.trino.run("CREATE TABLE w_nested.u AS SELECT ROW(1) AS r", "hand", place=place)
    engines.trino.run("DROP SCHEMA w_nested CASCADE", "hand")
