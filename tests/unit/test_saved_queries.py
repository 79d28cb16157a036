"""The saved queries and the views on a year that was worked out by hand, in the embedded Athena."""

import base64
import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from moto import mock_aws
from sqlglot import exp

from console.aws.athena.duck import DuckEngine
from console.aws.athena.executor import Executor
from console.sample.server import ecb_history
from runtime.keys import PackageId, merged_prefix, reference_key
from runtime.rates.days import as_parquet as rates_as_parquet
from runtime.rates.history import read_history
from runtime.schema import CATALOG_TABLES, NOTICE_TABLES, TABLES, Table
from runtime.schema.arrow import arrow_schema
from runtime.schema.tables import EXCHANGE_RATES, PACKAGES
from runtime.schema.views import VIEWS, Statement, presto_view, saved_queries, view_statement
from tests.spark.folder import Year, notice

DATABASE = "nfr_cca_ted_dev"
BUCKET = "nfr-cca-ted-extracted-dev"
NONE: dict[str, Any] = {"lots": [], "lot_results": [], "tenders": [], "contracts": [], "parties": [], "criteria": []}
DEADLINE = dt.date(2019, 2, 1)

# A call, its corrigendum and its award; a direct award; a call and the eForms change notice that replaces it.
MADE: list[tuple[str, dict[str, list[dict[str, Any]]]]] = [
    (
        "20190110_2019007",
        notice(
            1, format="ted-export", form_type="competition", procedure_id="P1", cpv_main="45000000",
            submission_deadline_date=DEADLINE, **NONE,
        ),
    ),
    (
        "20190121_2019014",
        notice(
            2, format="ted-export", form_type="change", notice_type="corr", **NONE,
            changes=[
                {"kind": "corrigendum", "changed_notice_id": "1-2019", "section": "IV.2.2", "value_type": "date",
                 "old_value": "2019-02-01", "new_value": "2019-02-15 12:00"},
                {"kind": "corrigendum", "changed_notice_id": "1-2019", "section": "II.1.2", "value_type": "cpv_main",
                 "new_value": "45221100"},
            ],
        ),
    ),
    (
        "20190311_2019049",
        notice(
            3, procedure_id="P1", previous_notices=["1-2019"],
            lots=[{"lot_id": "LOT-0001", "title": "Pfeiler"}, {"lot_id": "LOT-0002", "title": "Fahrbahn"}],
            lot_results=[
                {"status": "selec-w", "tenders_received": 1, "lot_ids": ["LOT-0001"]},
                {"status": "clos-nw", "non_award_reason": "no-rece", "lot_ids": ["LOT-0002"]},
            ],
            tenders=[{"result_ordinal": 1}, {"result_ordinal": 1}],
            contracts=[
                {"result_ordinal": 1, "tender_ordinal": 1, "lot_ids": ["LOT-0001"], "value": Decimal(100),
                 "value_currency": "EUR", "is_awarded_to_group": True},
                {"result_ordinal": 1, "tender_ordinal": 2, "value": Decimal(1), "value_currency": "EUR",
                 "is_value_token": True},
            ],
            parties=[
                {"role": "buyer", "name": "Stadt Musterstadt", "country": "DEU"},
                {"role": "winner", "name": "A", "country": "DEU", "size": "small", "tender_ordinal": 1},
                {"role": "winner", "name": "B", "country": "AUT", "size": "large", "tender_ordinal": 1},
                {"role": "winner", "name": "C", "country": "DEU", "tender_ordinal": 2},
                {"role": "tenderer", "name": "E", "country": "ITA", "size": "micro"},
            ],
        ),
    ),
    (
        "20190401_2019064",
        notice(
            4, procedure_type="neg-wo-call", buyer_name="Ville", buyer_country="FRA", cpv_main="72000000",
            cpv_names=[{"code": "45221100", "name": "Bridges"}, {"code": "72000000", "name": "IT services: b"}],
            lots=[{"lot_id": "LOT-0001"}],
            lot_results=[{"status": "selec-w", "tenders_received": 4}],
            tenders=[{"result_ordinal": 1}],
            contracts=[{"result_ordinal": 1, "tender_ordinal": 1, "value": Decimal(250), "value_currency": "EUR"}],
            parties=[{"role": "winner", "name": "D", "country": "FRA", "size": "micro", "tender_ordinal": 1}],
        ),
    ),
    (
        "20190502_2019084",
        notice(
            5, form_type="competition", notice_uuid="u", notice_version="01", buyer_name="Ville", buyer_country="FRA",
            title="first", **NONE, cpv_names=[{"code": "72000000", "name": "IT services: a"}],
        ),
    ),
    (
        "20190506_2019086",
        notice(
            6, form_type="competition", notice_uuid="u", notice_version="02", buyer_name="Ville", buyer_country="FRA",
            title="second", **NONE, changes=[{"kind": "corrigendum", "changed_notice_ref": "u-01"}],
        ),
    ),
]  # fmt: skip


@cache
def exchange_rates() -> bytes:
    """The table of exchange rates, of the ECB's real history."""
    return rates_as_parquet(read_history(ecb_history()))


@contextmanager
def lake(folder: Path, parts: Mapping[tuple[str, int], bytes]) -> Iterator[Executor]:
    """The embedded Athena over tables whose years are published as these Parquet files, by table and year."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        glue, s3 = boto3.client("glue"), boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        glue.create_database(DatabaseInput={"Name": DATABASE})
        for table in CATALOG_TABLES:
            storage: Any = {
                "Columns": [{"Name": column.name, "Type": column.glue_type} for column in table],
                "Location": f"s3://{BUCKET}/merged/{table.name}/",
                "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
            }
            keys = [{"Name": column.name, "Type": column.glue_type} for column in table.partitions]
            entry: Any = {"Name": table.name, "StorageDescriptor": storage, "PartitionKeys": keys}
            glue.create_table(DatabaseName=DATABASE, TableInput={**entry, "TableType": "EXTERNAL_TABLE"})
        s3.put_object(Bucket=BUCKET, Key=reference_key(EXCHANGE_RATES.name), Body=exchange_rates())
        for (name, year), data in parts.items():
            prefix = merged_prefix(name, year, "r")
            s3.put_object(Bucket=BUCKET, Key=f"{prefix}part-0.parquet", Body=data)
            storage = glue.get_table(DatabaseName=DATABASE, Name=name)["Table"]["StorageDescriptor"]
            glue.create_partition(
                DatabaseName=DATABASE,
                TableName=name,
                PartitionInput={
                    "Values": [str(year)],
                    "StorageDescriptor": storage | {"Location": f"s3://{BUCKET}/{prefix}"},
                },
            )
        for view in VIEWS:
            glue.create_table(DatabaseName=DATABASE, TableInput=presto_view(view, DATABASE))  # type: ignore[arg-type]
        yield Executor(glue, s3, DuckEngine(glue, s3, folder))


@pytest.fixture(scope="module")
def athena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    parts = {(table.name, 2019): as_parquet(table, rows_of(table.name)) for table in TABLES}
    with lake(Path(tmp_path_factory.mktemp("athena")), parts) as made:
        yield made


def as_parquet(table: Table, rows: list[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, arrow_schema(table)), out)
    return out.getvalue()


def rows_of(name: str) -> list[dict[str, Any]]:
    if name == "rejects":
        return []
    if name == "packages":
        packages = [PackageId.parse(package) for package, _ in MADE]
        counts = {
            "member_count": 2,
            "notice_count": 1,
            "quarantined_count": 1,
            "skipped_count": 0,
            "duplicate_count": 0,
        }
        return [
            {
                **dict.fromkeys(PACKAGES.column_names), **counts, "package_id": str(package),
                "publication_date": package.date, "ojs_issue": package.issue,
            }
            for package in packages
        ]  # fmt: skip
    (table,) = (table for table in NOTICE_TABLES if table.name == name)
    return [row for package, made in MADE for row in Year._rows(table, made, PackageId.parse(package))]


def answer(athena: Executor, name: str) -> list[list[str | None]]:
    (query,) = (query for query in saved_queries() if query.name == name)
    return athena.run(query.sql, DATABASE).rows


IT_SERVICES = "IT services: consulting, software development, Internet and support"
BOARD = "Single Market Scoreboard 2024"
BOARD_AT = "single-market-scoreboard.ec.europa.eu/business-framework-conditions/public-procurement_en"
COURT = "European Court of Auditors, special report 28/2023"
COURT_AT = "www.eca.europa.eu, special report 28/2023 (Public procurement in the EU)"
PUBLISHED = [
    ("cross_border", "pooled", "2011", "2.0", COURT, COURT_AT),
    ("cross_border", "pooled", "2021", "5.0", COURT, COURT_AT),
    ("in_lots", "median", "2024", "32.0", BOARD, BOARD_AT),
    ("lowest_price", "median", "2024", "54.0", BOARD, BOARD_AT),
    ("no_call", "pooled", "2021", "15.8", COURT, COURT_AT),
    ("no_call", "median", "2024", "5.0", BOARD, BOARD_AT),
    ("single_bid", "pooled", "2011", "23.5", COURT, COURT_AT),
    ("single_bid", "pooled", "2021", "41.8", COURT, COURT_AT),
    ("single_bid", "median", "2024", "28.0", BOARD, BOARD_AT),
    ("sme", "median", "2024", "71.0", BOARD, BOARD_AT),
]
# What each query must answer, by hand from MADE.
ANSWERS: dict[str, list[list[str | None]]] = {
    # The token value of 1 euro is left out.
    "spend_by_country_and_division": [
        ["2019", "FRA", "72", "1", "250.00", "0"],
        ["2019", "DEU", "45", "1", "100.00", "0"],
    ],
    "top_buyers_and_suppliers": [
        ["2019", "buyer", "1", "Stadt Musterstadt", "DEU", "2", "100.0000"],
        ["2019", "buyer", "2", "Ville", "FRA", "1", "250.0000"],
        ["2019", "supplier", "1", "A", "DEU", "1", "100.0000"],
        ["2019", "supplier", "2", "B", "AUT", "1", "100.0000"],
        ["2019", "supplier", "3", "C", "DEU", "1", None],
        ["2019", "supplier", "4", "D", "FRA", "1", "250.0000"],
    ],
    "single_bid_rate": [["2019", "DEU", "1", "1", "100.0"], ["2019", "FRA", "1", "0", "0.0"]],
    # From 10 January to 11 March.
    "notice_to_award": [["2019", "DEU", "1", "60.0", "60", "60"]],
    # One of Germany's two contracts has an Austrian winner.
    "cross_border_awards": [["2019", "DEU", "AUT", "1", "2", "50.0"]],
    "sme_share": [
        ["2019", "AUT", "1", "0", "0.0"],
        ["2019", "DEU", "1", "1", "100.0"],
        ["2019", "FRA", "1", "1", "100.0"],
    ],
    "direct_awards": [["2019", "FRA", "1", "1", "100.0"], ["2019", "DEU", "1", "0", "0.0"]],
    "cancelled_procedures": [["2019", "DEU", "no-rece", "1", "2", "50.0"]],
    "corrections_per_buyer": [
        ["2019", "Stadt Musterstadt", "DEU", "2", "1", "50.0"],
        ["2019", "Ville", "FRA", "2", "1", "50.0"],
    ],
    # Three contracts, one of them a token, and the estimate of each of the six notices.
    "values_in_euro": [["2019", "EUR", "9", "1", "8", "0", "0", "100.0"]],
    "awards_in_words": [
        ["2019", "France", "Negotiated without prior call for competition", IT_SERVICES, "1", "250.00"],
        ["2019", "Germany", "Open", "Construction work", "2", "100.00"],
    ],
    # Four packages of three months are no whole year, and none of 2019 was published.
    "indicators_beside_published": [
        [indicator, scope, year, value, None, None, "false", "0", edition, source]
        for indicator, scope, year, value, edition, source in PUBLISHED
    ],
    "completeness_of_the_mirror": [
        ["2019", "5", "2", "1", "4", "2", "2", "0", "0", "2"],
        ["2019", "4", "1", "0", "2", "1", "1", "0", "0", "1"],
        ["2019", "3", "1", "0", "2", "1", "1", "0", "0", "1"],
        ["2019", "1", "2", "6", "4", "2", "2", "0", "0", "2"],
    ],
}


def test_every_saved_query_has_an_answer_here() -> None:
    assert {query.name for query in saved_queries()} == set(ANSWERS)
    assert all(query.title and query.description and ";" not in query.sql for query in saved_queries())


STATEMENTS = [*saved_queries(), *(view_statement(view) for view in VIEWS)]


def joins_without_hash(sql: str) -> list[str]:
    """Conditions of joins that Trino compares row by row: without an equality, or with OR or IN over columns."""
    found = []
    for join in sqlglot.parse_one(sql, dialect="athena").find_all(exp.Join):
        condition = join.args.get("on")
        if condition is None:
            if not join.args.get("using") and not isinstance(join.this, exp.Unnest):
                found.append(join.sql())
            continue
        parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
        equal = [part for part in parts if isinstance(part, exp.EQ) and len(tables_of(part)) == 2]
        either = list(condition.find_all(exp.Or))
        lists = [each for each in condition.find_all(exp.In) if any(e.find(exp.Column) for e in each.expressions)]
        if not equal or either or lists:
            found.append(condition.sql())
    return found


def tables_of(part: exp.Expression) -> set[str]:
    return {column.table for column in part.find_all(exp.Column)}


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.name)
def test_every_join_is_by_equal_columns(statement: Statement) -> None:
    """A join on OR or IN over columns is a nested loop in Trino, over every pair of rows of all years."""
    assert joins_without_hash(statement.sql) == []


@pytest.mark.parametrize(
    ("condition", "is_right"),
    [
        ("a.x = b.x", True),
        ("a.x = b.x AND a.y > b.y AND b.kind IN ('lot', 'part')", True),
        ("a.x IN (b.x, b.y)", False),
        ("a.x = b.x AND a.y IN (b.y, b.z)", False),
        ("a.x = b.x OR a.y = b.y", False),
        ("a.x = b.x AND (a.y = b.y OR a.z = b.z)", False),
        ("a.x > b.x", False),
        ("a.x = 1", False),
    ],
)
def test_joins_that_loop_are_told_from_those_that_do_not(condition: str, is_right: bool) -> None:
    assert (joins_without_hash(f"SELECT 1 FROM a JOIN b ON {condition}") == []) is is_right  # noqa: S608


def test_a_comma_is_no_join() -> None:
    assert joins_without_hash("SELECT 1 FROM a, b WHERE a.x = b.x")
    assert joins_without_hash("SELECT 1 FROM a CROSS JOIN UNNEST(a.list) AS t (x)") == []


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_saved_query_gives_the_answer_worked_out_by_hand(athena: Executor, name: str) -> None:
    assert [[plain(cell) for cell in row] for row in answer(athena, name)] == [
        [plain(cell) for cell in row] for row in ANSWERS[name]
    ]


def test_an_award_without_procedure_finds_its_call_by_either_number_and_only_its_first_award_counts(
    athena: Executor,
) -> None:
    rows = [
        # notice, procedure, day, type, number in the journal, names as earlier
        "('1-2019', NULL, DATE '2019-01-01', 'competition', '2019/S 001-000001', NULL)",
        "('2-2019', NULL, DATE '2019-01-01', 'competition', '2019/S 001-000002', NULL)",
        "('3-2019', 'P3', DATE '2019-01-01', 'competition', '2019/S 001-000003', NULL)",
        "('11-2019', NULL, DATE '2019-01-11', 'result', NULL, ARRAY['2019/S 001-000001'])",  # 10 days
        "('12-2019', NULL, DATE '2019-01-31', 'result', NULL, ARRAY['2-2019'])",  # 30 days
        "('13-2019', 'P3', DATE '2019-02-20', 'result', NULL, ARRAY['1-2019'])",  # 50 days, by its procedure alone
        "('14-2019', NULL, DATE '2019-02-21', 'result', NULL, ARRAY['2-2019'])",  # a second award
        "('15-2019', NULL, DATE '2019-02-22', 'result', NULL, ARRAY['9-2019'])",
        "('16-2019', NULL, DATE '2019-02-22', 'result', NULL, NULL)",
    ]
    (query,) = (query for query in saved_queries() if query.name == "notice_to_award")
    columns = "notice_id, procedure_id, publication_date, form_type, ojs_number, previous_notices"
    made = f"SELECT 2019 AS year, 'DEU' AS buyer_country, t.* FROM (VALUES {', '.join(rows)}) AS t ({columns})"  # noqa: S608
    sql = query.sql.replace("WITH calls AS (", f"WITH notices AS ({made}), calls AS (", 1)
    assert athena.run(sql, DATABASE).rows == [["2019", "DEU", "3", "30.0", "10", "50"]]


def plain(cell: str | None) -> Any:
    """A number as a number: how many zeros follow the point is the engine's affair."""
    try:
        return Decimal(cell or "")
    except ArithmeticError:
        return cell


def test_contract_awards_has_a_row_per_contract_and_winner(athena: Executor) -> None:
    winner = "winner_ordinal, winner_count, winner_name, winner_country"
    columns = f"notice_id, contract_ordinal, {winner}, lot_title, tenders_received"
    rows = athena.run(
        f"SELECT {columns} FROM contract_awards ORDER BY notice_id, contract_ordinal, winner_ordinal",  # noqa: S608
        DATABASE,
    ).rows
    assert rows == [
        ["3-2019", "1", "1", "2", "A", "DEU", "Pfeiler", "1"],
        ["3-2019", "1", "2", "2", "B", "AUT", "Pfeiler", "1"],
        ["3-2019", "2", "1", "1", "C", "DEU", None, "1"],
        ["4-2019", "1", "1", "1", "D", "FRA", None, "4"],
    ]
    total = athena.run("SELECT sum(value) FROM contract_awards WHERE year = 2019 AND winner_ordinal = 1", DATABASE)
    assert [[plain(cell) for cell in row] for row in total.rows] == [[Decimal(351)]]


def test_current_notices_have_their_corrections_folded_in(athena: Executor) -> None:
    columns = (
        "notice_id, submission_deadline_date, published_deadline_date, cpv_main, correction_count, last_correction_id, "
        "replaces_notice_id"
    )
    rows = athena.run(f"SELECT {columns} FROM current_notices ORDER BY notice_id", DATABASE).rows  # noqa: S608
    assert rows == [
        ["1-2019", "2019-02-15", "2019-02-01", "45221100", "1", "2-2019", None],
        ["3-2019", None, None, "45221100", "0", None, None],
        ["4-2019", None, None, "72000000", "0", None, None],
        ["6-2019", None, None, "45221100", "0", None, "5-2019"],
    ]


def test_a_cpv_code_has_the_name_that_most_packages_give_it_and_of_two_the_first(athena: Executor) -> None:
    question = "SELECT code, label FROM codes WHERE list = 'cpv' ORDER BY code"
    assert athena.run(question, DATABASE).rows == [
        ["45221100", "Construction work for bridges"],
        ["72000000", "IT services: a"],
    ]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_view_has_the_columns_that_the_catalog_says_and_each_key_once(athena: Executor, view: Any) -> None:
    answer = athena.run(f"SELECT * FROM {view.name}", DATABASE)  # noqa: S608
    definition = presto_view(view, DATABASE)["ViewOriginalText"]
    declared = json.loads(base64.b64decode(definition.removeprefix("/* Presto View: ").removesuffix(" */")))["columns"]
    types = {"array(varchar)": "array"}
    assert [(column.name, column.type.split("(")[0]) for column in answer.columns] == [
        (column["name"], types.get(column["type"], column["type"]).split("(")[0]) for column in declared
    ]
    at = [[column.name for column in answer.columns].index(name) for name in view.key]
    keys = Counter(tuple(row[n] for n in at) for row in answer.rows)
    assert [key for key, count in keys.items() if count > 1] == []
