"""`ted query`: what a person sees at any width, what a program gets, and what a file holds."""

import csv
import datetime as dt
import io
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner, Result

from console import query, target
from console.answers import show, write_tabs
from console.athena import Answer, _cells
from console.main import app
from console.target import Target
from runtime.errors import TerminalError
from stacks.names import Names

WIDTHS = (40, 80, 120, 200)
LONG = "Bauleistungen für die Erweiterung des Krankenhauses, Los 3: Sanitär, Heizung und Lüftung"
TYPES = ("varchar", "varchar", "bigint", "decimal(24,4)", "date", "double", "boolean", "array(varchar)")
COLUMNS = ("notice_id", "title", "lot_count", "total_value", "published", "share", "is_eu", "codes")
ROWS = (
    ("1-2019", LONG, "3", "12345678.9000", "2019-03-01", "0.25", "true", "[45000000, 71000000]"),
    ("22-2019", "=cmd|' /C calc'!A0", None, "-7.0000", "1871-01-18", "NaN", "false", None),
    ("333-2019", "Αναβάθμιση\tτου\nδικτύου 東京", "12", None, None, None, None, "[]"),
)
ANSWER = Answer(COLUMNS, ROWS, 1234, TYPES)
WIDE = Answer(
    tuple(f"column_{n:02d}" for n in range(48)), [tuple(f"value {n}" for n in range(48))], 0, ("varchar",) * 48
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """An instance whose Athena gives the answers that are put into the list; the questions come out of it."""
    questions: list[object] = []
    given: dict[str, Any] = {"answer": ANSWER}

    def ask(session: Any, names: Names, sql: str, *, parameters: Any = (), limit: int | None = None) -> Answer | None:
        questions.append((sql, tuple(parameters), limit))
        if isinstance(given["answer"], Exception):
            raise given["answer"]
        return given["answer"]

    monkeypatch.setattr(query, "ask", ask)
    monkeypatch.setattr(target, "find_target", lambda *_: Target(cast(Any, None), Names("me", "dev"), "a test"))
    given["questions"] = questions
    return given


def ted(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(app, ["query", *map(str, arguments)], input=text)


def shown(answer: Answer, width: int, **options: Any) -> list[str]:
    out = io.StringIO()
    show(answer, Console(file=out, width=width, force_terminal=False), **options)
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("is_tall", [False, True])
@pytest.mark.parametrize("answer", [ANSWER, WIDE], ids=["eight", "wide"])
def test_no_line_is_wider_than_the_terminal_and_no_name_is_lost(answer: Answer, is_tall: bool, width: int) -> None:
    lines = shown(answer, width, is_tall=is_tall)
    assert max(map(cell_len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert [name for name in answer.columns if name not in text] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_that_is_too_wide_is_shown_tall_with_all_its_values(width: int) -> None:
    text = "\n".join(shown(WIDE, width))
    assert all(re.search(rf"column_{n:02d}\s+value {n}\b", text) for n in range(48))
    assert "more:" not in text


def test_many_rows_that_are_too_wide_show_what_fits_and_name_the_rest() -> None:
    lines = shown(Answer(WIDE.columns, [*WIDE.rows] * 4, 0, WIDE.types), 80)
    assert lines[0].split() == [f"column_{n:02d}" for n in range(7)]
    assert [line.split("  ")[0] for line in lines[2:6]] == ["value 0"] * 4
    assert lines[6].startswith("+41 more: column_07, column_08, ")


def test_numbers_stand_right_and_null_is_told_from_text() -> None:
    answer = Answer(("name", "n"), [("NULL?", "5"), (None, "12345"), ("", None)], 0, ("varchar", "bigint"))
    assert shown(answer, 80) == ["name       n", "────────────", "NULL?      5", "NULL   12345", "        NULL"]


def test_long_texts_give_way_before_a_column_does_and_are_marked() -> None:
    lines = shown(Answer(COLUMNS[:4], ROWS, 0, TYPES[:4]), 60)
    assert "total_value" in lines[0]
    assert "…" in lines[2]
    assert "12345678.9000" in lines[2]
    assert LONG in " ".join(" ".join(shown(ANSWER, 60, is_tall=True)).split())


def test_a_text_cannot_steer_the_terminal() -> None:
    answer = Answer(("title",), [("\x1b[2Jgone\r\n[red]not markup[/]\x9b",)], 0, ("varchar",))
    for is_tall in (False, True):
        text = "\n".join(shown(answer, 80, is_tall=is_tall))
        assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text) is None
        assert "gone [red]not markup[/]" in text


def test_two_hundred_rows_are_shown_of_the_whole_number(asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked["answer"] = Answer(("n",), [(str(n),) for n in range(1234)], 0, ("bigint",))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert len(shown(asked["answer"], 80)) == 202
    result = ted("SELECT 1", "--vertical")
    assert "200 of 1,234 rows shown (all of them: --csv, --json or --out FILE)" in result.stderr
    assert asked["questions"][-1][2] == 10_001  # a person's screen is no reason to read millions
    asked["answer"] = Answer(("n",), [("1",)] * 10_001, 0, ("bigint",))
    assert "200 of more than 10,000 rows shown" in ted("SELECT 1", "--vertical").stderr


def test_a_pipe_gets_everything_tab_separated(asked: dict[str, Any]) -> None:
    asked["answer"] = Answer(COLUMNS, [*ROWS] * 100, 0, TYPES)
    result = ted("SELECT 1")
    assert result.exit_code == 0
    lines = result.stdout.split("\n")
    assert (len(lines), lines[-1]) == (302, "")
    assert lines[0] == "\t".join(COLUMNS)
    assert lines[1] == "\t".join(ROWS[0])
    assert lines[3].split("\t") == ["333-2019", r"Αναβάθμιση\tτου\nδικτύου 東京", "12", "", "", "", "", "[]"]
    assert "\x1b" not in result.output
    assert asked["questions"] == [("SELECT 1", (), None)]
    assert "300 rows, 0 bytes read" in result.stderr


def test_tabs_can_be_read_back() -> None:
    out = io.StringIO()
    write_tabs(Answer(("a", "b"), [("\\t", "x\ty\r\n")], 0, ("varchar", "varchar")), out)
    row = out.getvalue().splitlines()[1].split("\t")
    assert [cell.encode().decode("unicode_escape") for cell in row] == ["\\t", "x\ty\r\n"]


def test_csv_and_json_are_whole(asked: dict[str, Any]) -> None:
    assert list(csv.reader(io.StringIO(ted("SELECT 1", "--csv").stdout)))[1:] == [[v or "" for v in r] for r in ROWS]
    first, _, third = map(json.loads, ted("SELECT 1", "--json").stdout.splitlines())
    assert first["lot_count"] == 3
    assert first["total_value"] == "12345678.9000"
    assert first["is_eu"] is True
    assert third["total_value"] is None


def test_a_parquet_file_has_the_types_of_the_answer(asked: dict[str, Any], tmp_path: Path) -> None:
    assert ted("SELECT 1", "--out", tmp_path / "r.parquet").exit_code == 0
    table = pq.read_table(tmp_path / "r.parquet")
    kinds = [pa.string(), pa.string(), pa.int64(), pa.decimal128(24, 4), pa.date32(), pa.float64(), pa.bool_()]
    assert table.schema.types == [*kinds, pa.string()]
    assert table["total_value"].to_pylist() == [Decimal("12345678.9000"), Decimal("-7.0000"), None]
    assert table["published"].to_pylist() == [dt.date(2019, 3, 1), dt.date(1871, 1, 18), None]
    assert table["lot_count"].to_pylist() == [3, None, 12]
    assert table["title"].to_pylist() == [row[1] for row in ROWS]


def test_csv_and_json_files_hold_what_is_printed(asked: dict[str, Any], tmp_path: Path) -> None:
    ted("SELECT 1", "--out", tmp_path / "r.csv")
    ted("SELECT 1", "--out", tmp_path / "r.json")
    assert (tmp_path / "r.csv").read_text() == ted("SELECT 1", "--csv").stdout
    lines = ted("SELECT 1", "--json").stdout.splitlines()
    assert json.loads((tmp_path / "r.json").read_text()) == [json.loads(line) for line in lines]
    asked["answer"] = Answer(("n",), [], 0, ("bigint",))
    ted("SELECT 1", "--out", tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text()) == []


def sheet(path: Any) -> dict[str, str]:
    """Cells of a sheet by address: numbers and dates as Excel counts them, text as such."""
    with zipfile.ZipFile(path) as book:
        shared = re.findall(r"<si><t[^>]*>(.*?)</t></si>", book.read("xl/sharedStrings.xml").decode(), re.DOTALL)
        cells = re.findall(
            r'<c r="([A-Z]+\d+)"[^>]*?(?: t="(\w)")?><v>(.*?)</v></c>', book.read("xl/worksheets/sheet1.xml").decode()
        )
    return {place: shared[int(value)] if kind == "s" else value for place, kind, value in cells}


def test_a_sheet_has_numbers_and_days_and_no_formula(asked: dict[str, Any], tmp_path: Path) -> None:
    asked["answer"] = Answer((*COLUMNS, "big"), [(*row, "12345678901234567") for row in ROWS], 0, (*TYPES, "bigint"))
    assert ted("SELECT 1", "--out", tmp_path / "r.xlsx").exit_code == 0
    cells = sheet(tmp_path / "r.xlsx")
    assert [cells[f"{letter}1"] for letter in "ABCDEFGHI"] == [*COLUMNS, "big"]
    assert (cells["C2"], cells["D2"], cells["E2"], cells["F2"], cells["G2"]) == (
        "3",
        "12345678.9",
        "43525",
        "0.25",
        "1",
    )
    assert cells["B3"] == "=cmd|' /C calc'!A0"
    assert cells["E3"] == "1871-01-18"  # before Excel's time
    assert cells["F3"] == "NaN"
    assert cells["I2"] == "12345678901234567"  # more digits than Excel keeps
    assert "C3" not in cells


def test_what_a_sheet_cannot_hold_is_told_and_leaves_no_file(asked: dict[str, Any], tmp_path: Path) -> None:
    asked["answer"] = Answer(("t",), [("x" * 32_768,)], 0, ("varchar",))
    result = ted("SELECT 1", "--out", tmp_path / "r.xlsx")
    assert result.exit_code == 2
    assert "1 text of the answer would not fit: a cell takes 32,767 characters" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("result", "expected a name that ends with one of .parquet, .csv, .json, .xlsx"),
        ("result.pdf", "expected a name that ends with one of .parquet, .csv, .json, .xlsx"),
        ("none/result.csv", "there is no folder {folder}/none. Make it: mkdir -p {folder}/none"),
        ("folder.csv", "{folder}/folder.csv, a folder: expected the name of a file"),
    ],
)
def test_a_file_that_cannot_be_is_told_before_anything_is_asked(
    out: str, said: str, asked: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "folder.csv").mkdir()
    result = ted("SELECT 1", "--out", tmp_path / out)
    assert result.exit_code == 2
    assert said.format(folder=tmp_path) in result.stderr
    assert asked["questions"] == []


@pytest.mark.parametrize("sql", ["", "  \n", ";", "-- only a remark", "/* as\nhere */ ;"])
def test_an_empty_query_is_told_before_anything_is_asked(sql: str, asked: dict[str, Any]) -> None:
    for result in (ted("--", sql), ted("-", text=sql)):
        assert result.exit_code == 2
        assert "the query is empty" in result.stderr
    assert asked["questions"] == []


def test_a_query_comes_from_standard_input_and_with_parameters(asked: dict[str, Any]) -> None:
    assert ted("-", "-p", "'1-2019'", text="SELECT ?\n").exit_code == 0
    assert asked["questions"] == [("SELECT ?\n", ("'1-2019'",), None)]


def test_options_that_exclude_each_other_are_named(asked: dict[str, Any]) -> None:
    result = ted("SELECT 1", "--json", "--csv", "--vertical")
    assert result.exit_code == 2
    assert "expected one of --json, --csv or --vertical, got 3 of them" in result.stderr


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.x.notice' does not exist", "ted tables"),
        ("COLUMN_NOT_FOUND: line 1:8", "ted describe notices"),
        ("Query exhausted: Bytes scanned limit was exceeded", "WHERE year = 2024"),
    ],
)
def test_what_athena_refuses_comes_with_the_next_step_and_ends_with_two(
    reason: str, advice: str, asked: dict[str, Any]
) -> None:
    asked["answer"] = TerminalError(f"the query failed: {reason}")
    result = ted("SELECT 1")
    assert result.exit_code == 2
    assert reason in result.stderr
    assert advice in result.stderr


def test_what_describe_gives_as_one_value_is_split() -> None:
    cells: Any = [{"VarCharValue": "notice_id           \tstring              \t                    "}]
    assert _cells(cells, 3) == ("notice_id", "string", None)
    assert _cells([{"VarCharValue": "a\tb"}], 1) == ("a\tb",)
    assert _cells([{}, {"VarCharValue": "x"}], 2) == (None, "x")
