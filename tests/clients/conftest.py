"""One deployed instance for the tools that analysts have, each tool in an environment of its own (`make clients`).

Its lake and its sandbox are as the stacks make them; its years are published as a merge publishes them, without Spark.
"""

import datetime as dt
import io
import json
import os
import subprocess
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from console.aws.launcher import EmbeddedAws, embedded_aws, without_aws
from console.cdk import LocalCdk
from console.local import local_context
from console.sample.notices import make_notice
from console.sample.packages import make_package, package_id
from runtime.buckets import Bucket
from runtime.keys import PackageId, merged_prefix
from runtime.merge.catalog import Catalog
from runtime.merge.publish import swap
from runtime.merge.published import Published
from runtime.schema import TABLES, table
from runtime.schema.arrow import arrow_schema
from stacks.names import Names
from tests.tools import fetched
from tests.trino.conftest import tables_of

NAMES = Names("cl", "dev")
_NOW = "2026-01-01T00:00:00+00:00"
_FORMS = (("F03", "R2.0.9.S03"), ("F02", "R2.0.9.S02"))


Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Instance:
    """An instance with a sandbox, and the folder that the tools work in."""

    aws: EmbeddedAws
    session: boto3.Session
    folder: Path

    @property
    def sandbox(self) -> str:
        """Where the sandbox's workgroup keeps results and tables."""
        found = self.session.client("athena").get_work_group(WorkGroup=NAMES.sandbox_workgroup)
        location: str = found["WorkGroup"]["Configuration"]["ResultConfiguration"]["OutputLocation"]
        return location

    @property
    def extracted(self) -> Bucket:
        return Bucket(self.session.client("s3"), NAMES.extracted_bucket)

    def publish(self, year: int, numbers: Sequence[int], run: str) -> None:
        """Publish a year in a new run: a call for tenders and an award in turn for each number."""
        day = dt.date(year, 3, 1)
        package = package_id(day)
        notices = [
            make_notice(number=number, date=day, issue=package.issue, form=form, schema=schema)
            for number, (form, schema) in zip(numbers, _FORMS * len(numbers), strict=False)
        ]
        folder = self.folder / run
        folder.mkdir()
        (folder / f"{package}.tar.gz").write_bytes(make_package(package, notices))
        files = tables_of([folder], folder / "tables")
        bodies = {name: years[year] for name, years in files.items()} | {
            "packages": [_ledger_line(package, len(notices))]
        }
        rows = dict.fromkeys((table.name for table in TABLES), 0)
        for name, parts in bodies.items():
            for n, body in enumerate(parts):
                self.extracted.put(f"{merged_prefix(name, year, run)}part-{n}.parquet", body)
                rows[name] += pq.ParquetFile(io.BytesIO(body)).metadata.num_rows
        record = Published(run, year, 1, rows, dict.fromkeys(rows, 1), {}, {}, {}, "", _NOW, _NOW)
        swap(self.extracted, Catalog(self.session.client("glue"), NAMES.database), record, _NOW)

    def environment(self) -> dict[str, str]:
        """Variables of a tool: those that `ted local up` prints, and no retries."""
        return without_aws(dict(os.environ)) | self.aws.environment() | {"AWS_MAX_ATTEMPTS": "1"}

    def python(self, tool: str, code: str, **variables: str) -> Any:
        """What a piece of a tool's own Python leaves in `found`."""
        names = {
            "DATABASE": NAMES.database, "WORKGROUP": NAMES.workgroup, "SANDBOX": NAMES.sandbox_database,
            "SANDBOX_WORKGROUP": NAMES.sandbox_workgroup, "LOCATION": self.sandbox.rstrip("/"),
            "LAKE": f"s3://{self.extracted.name}/merged", "ENDPOINT": self.aws.endpoint,
        }  # fmt: skip
        given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
        whole = f"{given}{textwrap.dedent(code)}\nimport json\nprint('\\n' + json.dumps(found, default=str))"
        done = self.typed([str(fetched(tool) / "python"), "-c", whole], None, **variables)
        assert done.returncode == 0, f"{code}\n{done.stderr}"
        return json.loads(done.stdout.splitlines()[-1])

    def typed(
        self, command: list[str], folder: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """A command of a tool, run to its end."""
        return subprocess.run(
            command, cwd=folder or self.folder, env=self.environment() | variables, capture_output=True, text=True,
            check=False, timeout=600,
        )  # fmt: skip


def _ledger_line(package: PackageId, count: int) -> bytes:
    """The file of `packages` with what the merge writes of one: when it was extracted, and its notices."""
    schema = arrow_schema(table("packages"))
    known = {
        "package_id": str(package), "publication_date": package.date, "ojs_issue": package.issue,
        "extracted_at": dt.datetime.now(dt.UTC).replace(microsecond=0), "member_count": count, "notice_count": count,
    }  # fmt: skip
    row = {name: [known.get(name)] for name in schema.names}
    file = io.BytesIO()
    pq.write_table(pa.table(row, schema), file)
    return file.getvalue()


def deployed(aws: EmbeddedAws, folder: Path) -> Instance:
    """Deploy an instance, and publish 2019 and 2020."""
    cdk = LocalCdk(aws, local_context(NAMES.initials, "http://127.0.0.1:9"))
    cdk.bootstrap()
    cdk.deploy(stacks=("Storage", "Lake"))
    made = Instance(aws, boto3.Session(), folder)
    made.publish(2019, range(100, 108), "one")
    made.publish(2020, range(200, 206), "two")
    return made


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance with the years 2019 and 2020."""
    folder = tmp_path_factory.mktemp("clients")
    with pytest.MonkeyPatch.context() as patch, embedded_aws(folder / "aws") as aws:
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        yield deployed(aws, folder)
