"""`ted dbt init`: a project that says of the lake what the lake says itself, and never touches what a person wrote."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws
from typer.testing import CliRunner, Result

from console.dbt.project import OURS
from console.dbt.sources import MAY_LACK, RELATIONS, codes, sources
from console.main import app
from console.paths import PROJECT
from runtime.schema import CATALOG_TABLES, PARTITION
from runtime.schema.views import VIEWS
from stacks.names import Names

NAMES = Names("nfr", "dev")
OURS_IN_ORDER = ("models/lake/sources.yml", *sorted(set(OURS) - {"models/lake/sources.yml"}))
VALUES = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An account in which the instance nfr has a sandbox, as far as `ted dbt init` asks."""
    for name, value in VALUES.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        athena = boto3.client("athena")
        location: Any = {"ResultConfiguration": {"OutputLocation": f"s3://{NAMES.athena_bucket}/sandbox/"}}
        athena.create_work_group(Name=NAMES.sandbox_workgroup, Configuration=location)
        yield athena


def init(folder: Path, *more: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["dbt", "init", str(folder), "--aws", "--initials", "nfr", *more])
    assert result.exit_code == code, result.output
    return result


@cache
def lake() -> dict[str, Any]:
    (found,) = yaml.safe_load(sources())["sources"]
    return {table["name"]: table for table in found["tables"]}


def checks_of(entry: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Tests of a table or column, with their arguments."""
    listed = [each if isinstance(each, dict) else {each: {}} for each in entry.get("data_tests", ())]
    return [(name, body.get("arguments", {})) for each in listed for name, body in each.items()]


def test_every_table_and_view_is_a_source_with_the_dictionarys_words() -> None:
    found = lake()
    assert found.keys() == {table.name for table in (*CATALOG_TABLES, *VIEWS)}
    for table in (*CATALOG_TABLES, *VIEWS):
        columns = {each["name"]: each for each in found[table.name]["columns"]}
        assert list(columns) == [column.name for column in table.readable]
        assert table.rows_per in found[table.name]["description"]
        for column in table:
            assert columns[column.name]["description"].startswith(column.meaning)
            assert columns[column.name]["data_type"] == column.glue_type


@pytest.mark.parametrize("table", [*CATALOG_TABLES, *VIEWS], ids=lambda each: each.name)
def test_keys_are_unique_and_never_null(table: Any) -> None:
    entry = lake()[table.name]
    columns = {each["name"]: dict(checks_of(each)) for each in entry["columns"]}
    assert {name for name, tests in columns.items() if "not_null" in tests} == {
        name for name in table.key if (table.name, name) not in MAY_LACK
    }
    assert {column.name for column in table if column.name in table.key and "NULL" in column.meaning} <= {
        name for name in table.key if (table.name, name) in MAY_LACK
    }
    unique = [name for name, tests in columns.items() if "unique" in tests]
    together = dict(checks_of(entry)).get("unique_together", {}).get("columns")
    assert (unique, together) == (
        (list(table.key), None)
        if len(table.key) == 1
        else ([], [*(["year"] if PARTITION in table.readable else []), *table.key])
    )


def test_every_relation_that_the_questions_page_draws_is_tested() -> None:
    page = (Path(__file__).parents[2] / "docs" / "questions.md").read_text()
    drawn = {
        (child, parent, tuple(columns.split(", ")))
        for parent, child, columns in re.findall(r'(\w+) \|\|--o\{ (\w+) : "([\w, ]+)"', page)
    }
    assert drawn
    assert drawn - set(RELATIONS) == set()
    found = {
        (name, arguments["to"])
        for name, entry in lake().items()
        for part in (entry, *entry["columns"])
        for test, arguments in checks_of(part)
        if test in ("refers_to", "relationships")
    }
    assert found == {(child, f"source('lake', '{parent}')") for child, parent, _ in RELATIONS}


def test_a_code_list_is_tested_and_lists_by_their_items() -> None:
    columns = {
        (name, each["name"]): dict(checks_of(each)) for name, entry in lake().items() for each in entry["columns"]
    }
    assert columns["lot_results", "status"]["accepted_values"] == {"values": ["clos-nw", "open-nw", "selec-w"]}
    assert columns["lots", "place_regions"]["accepted_items"] == {"values": ["anyw", "anyw-cou", "anyw-eea"]}
    assert "DEU" in columns["notices", "buyer_country"]["accepted_values"]["values"]
    kinds = {(table.name, column.name): column.kind for table in (*CATALOG_TABLES, *VIEWS) for column in table}
    for key, tests in columns.items():
        if key[1] == PARTITION.name or not codes(*key) or key[0] in {view.name for view in VIEWS}:
            assert not {"accepted_values", "accepted_items"} & tests.keys()
        else:
            assert ("accepted_items" in tests) == (kinds[key] == "list")


def test_the_profile_builds_into_the_sandbox_here_and_there(account: Any, tmp_path: Path) -> None:
    init(tmp_path / "lake")
    profile = yaml.safe_load((tmp_path / "lake" / "profiles.yml").read_text())["ted_lake"]
    assert profile["target"] == "aws"
    assert {name: (each["schema"], each["work_group"], each["s3_staging_dir"]) for name, each in
            profile["outputs"].items()} == {
        "local": ("local_cca_ted_dev_sandbox", "local-cca-ted-sandbox-dev", "s3://local-cca-ted-athena-dev/sandbox/"),
        "aws": ("nfr_cca_ted_dev_sandbox", "nfr-cca-ted-sandbox-dev", "s3://nfr-cca-ted-athena-dev/sandbox/"),
        "ask": ("nfr_cca_ted_dev", "nfr-cca-ted-dev", "s3://nfr-cca-ted-athena-dev/results/"),
    }  # fmt: skip
    assert profile["outputs"]["local"]["endpoint_url"] == "{{ env_var('AWS_ENDPOINT_URL') }}"
    assert {name: each.get("num_retries") for name, each in profile["outputs"].items()} == {
        "local": 0, "aws": None, "ask": None,
    }  # fmt: skip
    project = yaml.safe_load((tmp_path / "lake" / "dbt_project.yml").read_text())
    assert "refuse_the_lake()" in project["on-run-start"]


def test_what_a_person_wrote_or_changed_stays_and_the_rest_is_written_anew(account: Any, tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    init(folder)
    first = {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert json.loads(init(folder, "--json").stdout) == {"written": [], "same": [*OURS_IN_ORDER], "kept": []}
    assert {path: path.read_text() for path in folder.rglob("*") if path.is_file()} == first

    mine = folder / "models" / "mine.sql"
    mine.write_text("select 1 as one")
    example = folder / "models" / "examples" / "single_bids_by_country.sql"
    example.unlink()
    project = folder / "dbt_project.yml"
    project.write_text(project.read_text() + "\n# mine\n")
    # As an older version wrote it: ours, since the digest in its first line is that of the rest.
    macro = folder / "macros" / "refuse_the_lake.sql"
    macro.unlink()
    changed = folder / "models" / "lake" / "sources.yml"
    changed.write_text(changed.read_text().replace("version: 2", "version: 2 # mine"))
    told = init(folder, code=1).output
    assert "sources.yml: changed since it was written" in " ".join(told.split())
    assert "version: 2 # mine" in changed.read_text()
    assert mine.read_text() == "select 1 as one"
    assert not example.exists()
    assert project.read_text().endswith("# mine\n")
    assert macro.read_text() == first[macro]


def test_a_project_without_the_guard_is_told(account: Any, tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: mine\nprofile: ted_lake\n")
    told = " ".join(init(tmp_path, code=1).output.split())
    assert 'on-run-start: "{{ refuse_the_lake() }}"' in told
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {*OURS, "dbt_project.yml"}


def test_the_lakes_own_database_is_refused(account: Any, tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    told = " ".join(init(folder, "--database", "NFR_cca_ted_dev", code=2).output.split())
    assert "--database is nfr_cca_ted_dev, the lake's own database" in told
    assert not folder.exists()


def test_another_database_is_built_into_and_the_lake_named(account: Any, tmp_path: Path) -> None:
    init(tmp_path / "lake", "--database", "mine")
    project = yaml.safe_load((tmp_path / "lake" / "dbt_project.yml").read_text())
    assert project["vars"] == {"lake": "nfr_cca_ted_dev"}


def test_an_instance_without_a_sandbox_is_told_how_to_get_one(
    account: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(client: Any, operation: str, _: Any) -> None:
        detail = {"Code": "InvalidRequestException", "Message": "WorkGroup nfr-cca-ted-sandbox-dev is not found."}
        raise client.exceptions.InvalidRequestException({"Error": detail}, operation)

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", refuse)
    told = " ".join(init(tmp_path / "lake", code=2).output.split())
    assert "no sandbox" in told
    assert "-c ted:sandbox=on" in told
    assert not (tmp_path / "lake").exists()


def test_the_dbt_that_is_advised_is_the_one_that_is_tested(account: Any, tmp_path: Path) -> None:
    pins = dict(re.findall(r"^(dbt-core|dbt-athena)==(\S+)", (PROJECT / "requirements" / "dbt.txt").read_text(), re.M))
    page = (PROJECT / "docs" / "clients.md").read_text()
    for advised in (init(tmp_path / "project").stderr, page):
        assert all(f"{name}=={version}" in advised for name, version in pins.items()), pins
