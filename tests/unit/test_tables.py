"""`ted tables`, `ted describe`, `ted saved`: what there is to ask for, told without asking anybody."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console import query, target
from console.athena import Answer
from console.main import app
from console.tables import fill_rates
from runtime.schema import CATALOG_TABLES, NOTICE_TABLES
from runtime.schema.views import VIEWS, saved_queries
from stacks.names import Names


def ted(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code, result.output
    return result


def test_every_table_and_view_is_listed_with_its_key() -> None:
    listed = {each["name"]: each for each in json.loads(ted("tables", "--json").stdout)}
    assert listed.keys() == {table.name for table in (*CATALOG_TABLES, *VIEWS)}
    assert listed["lots"]["key"] == ["notice_id", "lot_ordinal"]
    page = ted("tables").stdout
    assert [table.name for table in (*CATALOG_TABLES, *VIEWS) if f"{table.name} " not in page] == []


@pytest.mark.parametrize("table", [*CATALOG_TABLES, *VIEWS], ids=lambda each: each.name)
def test_every_column_is_told_with_its_meaning(table: Any) -> None:
    told = json.loads(ted("describe", table.name, "--json").stdout)["columns"]
    assert {each["name"]: each["meaning"] for each in told} == {c.name: c.meaning for c in table.readable}
    page = " ".join(ted("describe", table.name).stdout.split())
    assert [c.name for c in table if c.meaning not in page] == []


def test_a_column_has_term_paths_and_fill_rates() -> None:
    (told,) = json.loads(ted("describe", "notices", "procedure_id", "--json").stdout)["columns"]
    assert told["term"] == "BT-04"
    assert told["paths"] == {"eForms": "/*/cbc:ContractFolderID"}
    assert told["filled_percent"]["TED_EXPORT"] == 0
    assert told["filled_percent_by_form"]["competition"] == 100
    assert 50 < told["filled_percent"]["eForms"] <= 100
    assert "filled: TED_EXPORT never, eForms" in ted("describe", "notices", "procedure_id").stdout


def test_the_fill_rates_are_those_of_the_page() -> None:
    assert fill_rates().keys() == {table.name for table in NOTICE_TABLES}
    for table in NOTICE_TABLES:
        assert fill_rates()[table.name].keys() <= set(table.column_names)
    rate = fill_rates()["notices"]["estimated_value"]
    assert 0 < (rate.of("TED_EXPORT") or 0) < 100


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_no_line_is_wider_than_the_terminal_but_for_a_path(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for page in (ted("saved").stdout, ted("describe", "packages").stdout):
        assert [line for line in page.splitlines() if len(line) > int(columns) and " " in line.strip()] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("describe", "notice"), "there is no table 'notice'; there are: notices, lots,"),
        (("describe", "notices", "titel"), "notices has no column titel. See its columns: "),
        (("saved", "bids"), "there is no saved query 'bids'; there are: awards_in_words, cancelled_procedures,"),
        (("query", "--saved", "bids"), "there is no saved query 'bids'"),
        (("query",), "or --saved NAME (ted saved), got neither"),
        (("query", "SELECT 1", "--saved", "single_bid_rate"), "got both"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "find_target", lambda *_: target.Target(None, Names("me", "dev"), "a test"))  # type: ignore[arg-type]
    monkeypatch.setattr("console.phrases._command", lambda: "ted")
    assert said in ted(*arguments, code=target.COULD_NOT).stderr


def test_the_saved_queries_are_listed_and_each_can_be_printed_and_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = json.loads(ted("saved", "--json").stdout)
    assert [(each["name"], each["sql"]) for each in listed] == [(each.name, each.sql) for each in saved_queries()]
    page = " ".join(ted("saved").stdout.split())
    assert [each.name for each in saved_queries() if f"{each.title}: {each.description}" not in page] == []
    assert ted("saved", "sme_share").stdout.strip() == next(q.sql for q in saved_queries() if q.name == "sme_share")
    asked = []

    def ask(_: object, names: object, sql: str, **options: object) -> Answer:
        asked.append(sql)
        return Answer(("n",), [("1",)], 0, ("bigint",))

    monkeypatch.setattr(query, "ask", ask)
    monkeypatch.setattr(target, "find_target", lambda *_: target.Target(None, Names("me", "dev"), "a test"))  # type: ignore[arg-type]
    ted("query", "--saved", "single_bid_rate")
    assert asked == [next(each.sql for each in saved_queries() if each.name == "single_bid_rate")]
