"""`ted dbt init`: the project that it writes builds at once, follows the lake, and cannot build into it."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.athena import ask
from console.instances import LocalInstance
from runtime.schema import CATALOG_TABLES
from runtime.schema.views import VIEWS
from tests.clients.conftest import NAMES, Instance
from tests.tools import fetched

pytestmark = pytest.mark.timeout(900)

TED = str(Path(sys.executable).with_name("ted"))
# A hundred tests, which test_page.py runs once.
WITHOUT_SOURCES = ("--exclude", "source:*")
MODELS = {"spend_by_buyer_and_division", "single_bids_by_country", "corrections_by_buyer"}
SPEND = """
    SELECT c.year, count(*), sum(c.value) FROM contracts c
    JOIN notices n ON n.year = c.year AND n.notice_id = c.notice_id
    WHERE c.value > 0 AND coalesce(c.is_value_withheld, false) = false AND coalesce(c.is_value_token, false) = false
        AND coalesce(c.is_framework, n.is_framework, false) = false
    GROUP BY 1 ORDER BY 1"""


@dataclass(frozen=True)
class Project:
    """The project that `ted dbt init` wrote for an instance."""

    instance: Instance
    folder: Path

    @classmethod
    def begun(cls, instance: Instance, folder: Path) -> "Project":
        """Let `ted` know the instance as one that `ted local up` brought up, and begin a project over it."""
        told = instance.typed([TED, "dbt", "init", "lake"], known(instance, folder), CCA_TED_CACHE=str(folder))
        assert told.returncode == 0, told.stderr
        return cls(instance, folder / "lake")

    def dbt(self, *command: str, code: int = 0, keys: Mapping[str, str] | None = None) -> str:
        """What a command of dbt says."""
        program = [str(fetched("dbt") / "dbt"), "--no-use-colors", *command]
        done = self.instance.typed(program, self.folder, **(keys or {}))
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def statuses(self) -> dict[str, str]:
        """What became of each model and test of the last run, by name."""
        results = json.loads((self.folder / "target" / "run_results.json").read_text())["results"]
        return {each["unique_id"].split(".")[2]: each["status"] for each in results}


def known(instance: Instance, folder: Path) -> Path:
    """A folder in which `ted` finds the instance."""
    made = LocalInstance(
        name="clients", initials=NAMES.initials, stage="dev", endpoint=instance.aws.endpoint, pid=instance.aws.pid,
        folder=str(instance.aws.folder), publisher_url="", publisher_pid=0, years=[], packages="",
    )  # fmt: skip
    (folder / "local").mkdir(parents=True)
    (folder / "local" / "clients.json").write_text(json.dumps(made.__dict__))
    return folder


def rows(instance: Instance, sql: str) -> list[tuple[str | None, ...]]:
    return [tuple(row) for row in ask(instance.session, NAMES, sql).rows]


def places(instance: Instance) -> dict[str, set[str]]:
    """Files of the incremental model, by year."""
    found: dict[str, set[str]] = {}
    glue: Any = instance.session.client("glue")
    s3: Any = instance.session.client("s3")
    table: Any = {"DatabaseName": NAMES.sandbox_database, "TableName": "spend_by_buyer_and_division"}
    for each in glue.get_partitions(**table)["Partitions"]:
        bucket, _, prefix = each["StorageDescriptor"]["Location"].removeprefix("s3://").partition("/")
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        found[each["Values"][0]] = {file["Key"] for file in listed}
    return found


@pytest.fixture(scope="module")
def project(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project over the years of the instance and one of its own."""
    instance.publish(2017, range(700, 708), "p1")
    return Project.begun(instance, tmp_path_factory.mktemp("project"))


def test_builds_at_once_and_follows_new_and_replaced_years(project: Project) -> None:
    instance = project.instance
    made = f"{NAMES.sandbox_database}.spend_by_buyer_and_division"
    spend = f"SELECT year, sum(contract_count), sum(total_value) FROM {made} GROUP BY 1 ORDER BY 1"  # noqa: S608

    project.dbt("build", *WITHOUT_SOURCES)
    assert set(project.statuses().values()) <= {"success", "pass"}
    assert project.statuses().keys() >= MODELS
    first = rows(instance, SPEND)
    assert rows(instance, spend) == first != []
    before = places(instance)

    instance.publish(2017, range(700, 704), "p2")  # replaced: half of its notices are gone
    instance.publish(2018, range(800, 806), "p3")  # new
    project.dbt("build", *WITHOUT_SOURCES)
    assert set(project.statuses().values()) <= {"success", "pass"}
    assert not [name for name in project.statuses() if name.startswith("source_")]
    after = rows(instance, SPEND)
    assert rows(instance, spend) == after
    assert {row for row in first if row[0] != "2017"} < set(after)
    assert {row for row in after if row[0] in ("2017", "2018")}.isdisjoint(first)
    now = places(instance)
    assert {year: files for year, files in now.items() if year not in ("2017", "2018")} == {
        year: files for year, files in before.items() if year != "2017"
    }
    assert now["2017"].isdisjoint(before["2017"])


def test_each_source_table_has_its_words_in_the_docs(project: Project) -> None:
    project.dbt("docs", "generate", "--exclude", "source:*")
    manifest = json.loads((project.folder / "target" / "manifest.json").read_text())
    described = {each["name"]: each for each in manifest["sources"].values()}
    assert described.keys() == {table.name for table in (*CATALOG_TABLES, *VIEWS)}
    assert described["lots"]["columns"]["lot_kind"]["description"] == "lot, part or group"


def test_the_lakes_database_is_refused_on_every_run_that_builds(project: Project) -> None:
    """By the target, and by a model that a person gives the schema of the lake."""
    lake = rows(project.instance, "SELECT count(*) FROM notices")
    assert "its merge alone writes" in project.dbt("run", "--target", "ask", code=2)
    model = project.folder / "models" / "notices.sql"
    named = project.folder / "macros" / "generate_schema_name.sql"
    named.write_text("{% macro generate_schema_name(custom, node) %}{{ custom or target.schema }}{% endmacro %}")
    model.write_text(f"{{{{ config(schema='{NAMES.database}') }}}}\nselect 1 as one")
    try:
        for command in (("run",), ("build", "--select", "corrections_by_buyer")):
            assert "Expected another schema for notices" in project.dbt(*command, code=2)
    finally:
        model.unlink()
        named.unlink()
    assert rows(project.instance, "SELECT count(*) FROM notices") == lake
