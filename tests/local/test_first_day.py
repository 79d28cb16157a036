"""An instance with account-regional bucket names: filled, looked at, robbed of its catalog, destroyed."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console import target
from console.athena import ask
from console.aws.launcher import EmbeddedAws, embedded_aws
from console.cdk import CdkFailed, LocalCdk
from console.local import local_context
from console.main import app
from console.sample.packages import make_package
from console.sample.server import Publisher, Shelf
from runtime.schema import TABLES
from runtime.schema.views import saved_queries
from stacks.names import Names
from tests.local.scan import names_of_everything
from tests.local.test_system import PACKAGE, World, a_day

pytestmark = pytest.mark.timeout(1800)

NAMES = Names("rn", "dev")
MORE = {"ted:start_year": "2019", "ted:alarm_email": "ops@example.org", "ted:bucket_names": "account-regional"}


@dataclass(frozen=True)
class Day:
    """The instance, and the world that it is in."""

    world: World
    asked: target.Target

    def cdk(self, **other: str) -> LocalCdk:
        settings = MORE | {f"ted:{name}": value for name, value in other.items()}
        return LocalCdk(self.world.aws, local_context("rn", self.world.publisher.url, settings))

    def ted(self, *arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--json"])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    def notices(self) -> list[tuple[str | None, ...]]:
        return list(ask(self.asked.session, NAMES, "SELECT notice_id FROM contract_awards WHERE year = 2019").rows)


def environment_of(aws: EmbeddedAws, patch: pytest.MonkeyPatch) -> target.Target:
    asked = target.embedded(aws, NAMES, "a test")
    patch.setattr(target, "find_target", lambda *_: asked)
    return asked


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder: Path = tmp_path_factory.mktemp("first-day")
    notices, corrupt = a_day()
    shelf = Shelf.of_packages({PACKAGE: make_package(PACKAGE, [*notices, corrupt])})
    with pytest.MonkeyPatch.context() as patch, Publisher(shelf) as publisher, embedded_aws(folder) as aws:
        asked = environment_of(aws, patch)
        made = Day(World(aws, publisher, asked.session), asked)
        made.cdk().bootstrap()
        made.cdk().deploy()
        made.world.run("rn", {"year": 2019, "month": 3})
        yield made


def test_its_buckets_are_in_the_namespace_of_account_and_region(day: Day) -> None:
    kept = {bucket["Name"] for bucket in day.asked.session.client("s3").list_buckets()["Buckets"]}
    assert {name for name in kept if name.startswith("rn-")} == {
        f"rn-cca-ted-{name}-dev-000000000000-eu-west-1-an" for name in ("raw", "extracted", "athena", "logs")
    }
    (year,) = day.ted("status")["years"]
    assert (year["extracted"], year["notices_published"]) == (1, 4)


def test_the_first_day_is_looked_at(day: Day) -> None:
    found = {each["what"]: each for each in day.ted("first-day")["findings"]}
    states = {what: each["state"] for what, each in found.items()}
    unknown = {what for what, state in states.items() if state != "ok"}
    assert unknown == {
        *(f"log group /aws-glue/jobs/rn-cca-ted-merge-dev/{stream}" for stream in ("error", "output")),
        "alarms not judged",
    }, found
    assert {states[what] for what in unknown} == {"not known here"}
    assert found["dead letter"]["seen"].startswith("1 moved from "), found
    assert sum(what.startswith("query ") for what in found) == len(saved_queries())
    assert f"year 2019 of all {len(TABLES)} tables is run " in found["first partition"]["seen"]


def test_a_lost_catalog_is_back_without_a_merge(day: Day) -> None:
    glue, before = day.asked.session.client("glue"), day.notices()
    assert before
    runs = glue.get_job_runs(JobName=NAMES.merge_job)["JobRuns"]
    for table in TABLES:
        glue.delete_partition(DatabaseName=NAMES.database, TableName=table.name, PartitionValues=["2019"])
    assert day.notices() == []
    found = {each["what"]: each["state"] for each in day.ted("first-day", code=1)["findings"]}
    assert found["first partition"] == "wrong"

    (year,) = day.ted("republish")["years"]
    assert sorted(year["mended"]) == sorted(table.name for table in TABLES)
    assert day.notices() == before
    assert glue.get_job_runs(JobName=NAMES.merge_job)["JobRuns"] == runs


def test_other_bucket_names_are_refused_before_anything_is_touched(day: Day) -> None:
    with pytest.raises(CdkFailed, match=r"deployed with another ted:bucket_names than short.*docs/bucket-names\.md"):
        day.cdk(bucket_names="short").deploy()
    assert day.ted("doctor", "-c", "ted:bucket_names=account-regional")["ok"] is True
    (found,) = [each for each in day.ted("doctor", code=1)["findings"] if each["what"] == "bucket names"]
    assert found["advice"].endswith("docs/bucket-names.md says")
    assert day.notices()


def test_destroy_leaves_nothing(day: Day) -> None:
    day.cdk().destroy()
    assert not re.findall(r"rn[-_]cca[-_]ted[-_\w]*", names_of_everything(day.asked.session))
