"""`ted export`: what old scripts read, from Athena's answer to the file."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from console import athena, export, target
from console.athena import QueryFailed, Stream
from console.main import app
from console.target import Target
from runtime.schema.ted_csv import TED_CAN, TED_CN
from stacks.names import Names
from tests.unit.test_ted_csv import CAN, CN

NAMES = Names("me", "dev")
ROW = {
    "id_notice_can": "20243", "year": "2024", "dt_dispatch": "2024-01-31", "dt_award": "1999-12-31", "cancelled": "0",
    "win_name": 'Bau "Süd", GmbH---Straßen\nund Wege', "cpv": "03000000", "award_value_euro": "1500.00",
}  # fmt: skip


def line(**values: str) -> list[str]:
    return [values.get(column.name, "") for column in TED_CAN]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """An instance whose Athena has these rows by year; what it is asked comes out of it."""
    given: dict[str, Any] = {"rows": {2024: [line(**ROW)]}, "questions": []}

    def stream(session: Any, names: Names, sql: str) -> Stream:
        given["questions"].append(sql)
        rows = given["rows"].get(int(sql.partition("year = ")[2].split()[0]), [])
        if isinstance(rows, Exception):
            raise rows
        return Stream(TED_CAN.column_names, iter(rows), 1000)

    monkeypatch.setattr(export, "stream", stream)
    monkeypatch.setattr(target, "find_target", lambda *_: Target(cast(Any, None), NAMES, "a test"))
    return given


def ted(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_the_file_is_what_old_scripts_read(asked: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "can.csv"
    assert ted("can", "--year", 2024, "--out", out).exit_code == 0
    data = out.read_bytes()
    assert data.startswith(b"ID_NOTICE_CAN,TED_NOTICE_URL,YEAR,"), "no byte order mark, commas, capitals"
    (header, first) = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    assert header == CAN.split()
    row = dict(zip(header, first, strict=True))
    assert (row["DT_DISPATCH"], row["DT_AWARD"]) == ("31/01/24", "31/12/99")
    assert row["WIN_NAME"] == ROW["win_name"]
    assert (row["CPV"], row["AWARD_VALUE_EURO"], row["CANCELLED"], row["EU_INST_CODE"]) == (
        "03000000", "1500.00", "0", ""
    )  # fmt: skip
    assert asked["questions"] == ["SELECT * FROM ted_can WHERE year = 2024 ORDER BY id_award, id_lot_awarded"]


def test_calls_have_months_without_zeros() -> None:
    row = ["24.000000" if column.name == "duration" else "" for column in TED_CN]
    (made,) = export.as_in_the_csv(TED_CN, iter([row]))
    assert dict(zip(CN.split(), made, strict=True))["DURATION"] == "24"
    assert [export._number(each) for each in ("1.500000", "100.000000", "100", "")] == ["1.5", "100", "100", ""]


def test_several_years_have_one_header_and_come_in_turn(asked: dict[str, Any], tmp_path: Path) -> None:
    asked["rows"][2023] = [line(id_notice_can="20231", year="2023")]
    out = tmp_path / "can.csv"
    said = ted("can", "--year", 2024, "--year", 2023, "--out", out, "--json")
    assert json.loads(said.stdout) | {"seconds": 0} == {
        "file": str(out), "years": [2023, 2024], "rows": 2, "scanned_bytes": 2000, "seconds": 0
    }  # fmt: skip
    assert [row["ID_NOTICE_CAN"] for row in csv.DictReader(out.open(encoding="utf-8", newline=""))] == [
        "20231", "20243"
    ]  # fmt: skip


def test_standard_output_gets_the_file_alone(asked: dict[str, Any]) -> None:
    said = ted("can", "--year", 2024, "--out", "-")
    assert said.exit_code == 0
    assert len(list(csv.reader(io.StringIO(said.stdout)))) == 2
    assert "1 row, 1.0 KB read" in said.stderr


def test_a_year_that_is_not_there_says_what_to_do_and_leaves_no_file(asked: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "can.csv"
    out.write_text("the one of yesterday")
    said = ted("can", "--year", 2024, "--year", 2025, "--out", out)
    assert said.exit_code == 2
    assert "me_cca_ted_dev has no rows of ted_can for 2025" in said.stderr
    assert "run 2025" in said.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["can.csv"]
    assert out.read_text() == "the one of yesterday"


def test_what_athena_refuses_comes_with_advice(asked: dict[str, Any], tmp_path: Path) -> None:
    asked["rows"][2024] = QueryFailed("the query cancelled: Bytes scanned limit was exceeded")
    said = ted("can", "--year", 2024, "--out", tmp_path / "can.csv")
    assert said.exit_code == 2
    assert "ted:athena_scan_limit_gib" in said.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("can", "--year", 2024, "--out", "{folder}"), "a folder: expected the name of a file"),
        (("can", "--year", 2024, "--out", "{folder}/no/can.csv"), "mkdir -p"),
        (("can", "--year", 2024, "--out", "-", "--json"), "expected --json or --out -, got both"),
        (("awards", "--year", 2024, "--out", "can.csv"), "'awards' is not one of 'can', 'cn'"),
        (("can", "--year", 24, "--out", "can.csv"), "1993"),
        (("can", "--out", "can.csv"), "Missing option '--year'"),
    ],
)
def test_a_wrong_wish_is_refused_before_anything_is_asked(
    asked: dict[str, Any], tmp_path: Path, arguments: tuple[object, ...], expected: str
) -> None:
    said = ted(*(str(each).format(folder=tmp_path) for each in arguments))
    assert said.exit_code == 2
    assert expected in " ".join(said.stderr.split())
    assert asked["questions"] == []


def test_a_long_answer_is_never_held(asked: dict[str, Any], tmp_path: Path) -> None:
    count = 30_000

    def rows() -> Iterator[list[str]]:
        for number in range(count):
            yield line(**{**ROW, "id_notice_can": f"2024{number}"})

    asked["rows"][2024] = rows()
    written = 0
    tracemalloc.start()
    try:
        with (tmp_path / "can.csv").open("w", newline="") as out:
            written = export.write(Target(cast(Any, None), NAMES, "a test"), TED_CAN, [2024], out).rows
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert written == count
    assert (tmp_path / "can.csv").stat().st_size > 4_000_000
    assert peak < 1_000_000


class Asked:
    """Athena, which has written its answer already."""

    def __init__(self, state: str = "SUCCEEDED") -> None:
        self.state = state

    def start_query_execution(self, **asked: Any) -> dict[str, str]:
        assert asked["WorkGroup"] == NAMES.workgroup
        return {"QueryExecutionId": "q"}

    def get_query_execution(self, **_: Any) -> dict[str, Any]:
        return {
            "QueryExecution": {
                "Status": {"State": self.state, "StateChangeReason": "a reason"},
                "ResultConfiguration": {"OutputLocation": "s3://results/of/q.csv"},
                "Statistics": {"DataScannedInBytes": 7},
            }
        }


@pytest.fixture
def results() -> Iterator[boto3.Session]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        session = boto3.Session("test", "test", region_name="us-east-1")
        s3 = session.client("s3")
        s3.create_bucket(Bucket="results")
        long = "x" * 200_000
        body = f'"a","b"\n"Bau ""Süd"", GmbH","two\nlines and a \u2028 line"\n,"{long}"\n'
        s3.put_object(Bucket="results", Key="of/q.csv", Body=body.encode())
        yield session


def test_an_answer_is_read_out_of_athenas_own_file(results: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        results, "client", lambda name, real=results.client: Asked() if name == "athena" else real(name)
    )
    found = athena.stream(results, NAMES, "SELECT 1")
    assert (found.columns, found.scanned_bytes) == (("a", "b"), 7)
    first, second = found.rows
    assert first == ['Bau "Süd", GmbH', "two\nlines and a \u2028 line"]
    assert (second[0], len(second[1])) == ("", 200_000)


def test_a_query_that_failed_says_why(results: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "client", lambda name: Asked("FAILED"))
    with pytest.raises(QueryFailed, match="the query failed: a reason"):
        athena.stream(results, NAMES, "SELECT 1")
