"""dbt: a small project of each kind of model. That of `ted dbt init` is in test_project.py."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from console.athena import ask
from tests.clients.conftest import NAMES, Instance
from tests.tools import fetched

pytestmark = pytest.mark.timeout(600)


class Project:
    """The project in a folder of its own, and dbt in it."""

    def __init__(self, instance: Instance, folder: Path) -> None:
        self._instance, self._folder = instance, folder
        shutil.copytree(Path(__file__).with_name("dbt"), folder, dirs_exist_ok=True)

    def dbt(self, *command: str) -> str:
        names = {"DATABASE": NAMES.database, "SANDBOX": NAMES.sandbox_database, "LOCATION": self._instance.sandbox,
                 "SANDBOX_WORKGROUP": NAMES.sandbox_workgroup, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
                 "DBT_PROFILES_DIR": str(self._folder), "DBT_USE_COLORS": "false"}  # fmt: skip
        done = self._instance.typed([str(fetched("dbt") / "dbt"), *command], self._folder, **names)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def written(self, name: str) -> Any:
        return json.loads((self._folder / "target" / name).read_text())

    def statuses(self) -> dict[str, str]:
        results = self.written("run_results.json")["results"]
        return {each["unique_id"].split(".")[2]: each["status"] for each in results}


def rows(instance: Instance, sql: str) -> list[tuple[str | None, ...]]:
    return [tuple(row) for row in ask(instance.session, NAMES, sql).rows]


def test_builds_a_view_tables_an_incremental_model_and_a_seed(instance: Instance, tmp_path: Path) -> None:
    project = Project(instance, tmp_path / "project")
    box = NAMES.sandbox_database
    by_year = f"SELECT year, notices FROM {box}.by_year WHERE year IN (2019, 2020) ORDER BY 1"  # noqa: S608

    assert "All checks passed!" in project.dbt("debug")
    project.dbt("build")
    assert set(project.statuses().values()) == {"success", "pass"}
    assert len(project.statuses()) == 8  # four models, a seed, three tests
    assert rows(instance, by_year) == [("2019", "8"), ("2020", "6")]
    assert rows(instance, f"SELECT count(*), sum(part) FROM {box}.many") == [("120", "7260")]  # noqa: S608
    seeded = f"SELECT country_name, members, member_since FROM {box}.countries WHERE code IN ('DEU', 'NFR') ORDER BY 1"  # noqa: S608
    assert rows(instance, seeded) == [
        ('Germany, or "Deutschland"', "16", "1958-01-01"),
        ("Nowhere", None, None),
    ]
    lake = f"SELECT count(*) FROM {NAMES.database}.contract_awards"  # noqa: S608
    assert rows(instance, f"SELECT count(*) FROM {box}.awards") == rows(instance, lake)  # noqa: S608

    project.dbt("docs", "generate")
    nodes = project.written("catalog.json")["nodes"]
    awards = nodes["model.clients.awards"]
    assert awards["metadata"]["type"] == "view"
    assert awards["metadata"]["comment"] == "Awards with the name of the buyer's country"
    assert awards["columns"]["notice_id"] == {
        "type": "string", "index": 0, "name": "notice_id", "comment": "Number of the notice",
    }  # fmt: skip
    assert nodes["model.clients.by_country"]["columns"]["member_since"]["type"] == "date"
