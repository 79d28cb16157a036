"""A Trino server beside an embedded AWS, and the same tables asked through both engines.

Skipped, with the reason, only where the registry that the server comes from cannot be reached.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from console.aws import trino_server
from console.aws.athena.duck import DuckEngine
from console.aws.athena.executor import Executor, Result
from console.aws.athena.trino import TrinoEngine
from console.aws.launcher import embedded_aws
from console.extract import extract_files, find_packages
from console.sample.packages import make_archive
from runtime.errors import TransientError
from tests.trino.lake import Files, Lake, extracted, hand_made

CORPUS = Path(__file__).parents[3] / "shared" / "ted" / "corpus" / "packages" / "daily"
REAL_YEARS = ("2016", "2019", "2024")
AT_ONCE = 2  # a query may take half of the server's memory


@dataclass(frozen=True)
class Engines:
    """Both engines over one catalog; `databases` are those that there are."""

    trino: Executor
    duck: Executor
    session: boto3.Session
    databases: list[str]


@dataclass(frozen=True)
class Question:
    """A query that both engines are asked; Trino alone, where it is how a query is meant to be run."""

    sql: str
    database: str

    def answered(self, engines: Engines) -> list[Result]:
        """The answers, Trino's first."""
        if self.database not in engines.databases:
            pytest.skip("../shared/ted/corpus is absent")
        asked = [engines.trino] if self.sql.startswith("EXPLAIN") else [engines.trino, engines.duck]
        return [engine.run(self.sql, self.database) for engine in asked]


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    try:
        trino_server.prepare()
    except TransientError as error:
        pytest.skip(f"the registry that Trino comes from cannot be reached: {error}")
    folder = tmp_path_factory.mktemp("trino")
    with pytest.MonkeyPatch.context() as patch, embedded_aws(folder / "aws", sql="trino") as aws:
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        session = boto3.Session()
        lake = Lake(session)
        lake.add("hand", hand_made())
        make_archive(folder / "demo", bad=True)
        lake.add("demo", tables_of([folder / "demo"], folder / "demo-tables"))
        databases = ["hand", "demo"]
        real = [file for year in REAL_YEARS for file in sorted(CORPUS.glob(f"{year}*.tar.gz"))]
        if real:
            lake.add("real", tables_of(real, folder / "real-tables"))
            databases.append("real")
        glue, s3 = session.client("glue"), session.client("s3")
        duck = DuckEngine(glue, s3, folder / "objects")
        port = trino_server.port_of(aws.folder)
        yield Engines(Executor(glue, s3, TrinoEngine(port, duck)), Executor(glue, s3, duck), session, databases)


def tables_of(packages: list[Path], out: Path) -> dict[str, Files]:
    outcomes = list(extract_files(find_packages(packages), out, os.cpu_count() or 1))
    assert not [each.error for each in outcomes if each.error]
    return extracted(out)


Answers = Callable[[Question], list[Result]]


@pytest.fixture(scope="session")
def answers(engines: Engines, request: pytest.FixtureRequest) -> Iterator[Answers]:
    """The engines' answers to a question of a test's parameters; all are asked ahead, some at once, each once."""
    tests = [item for item in request.session.items if isinstance(item, pytest.Function) and hasattr(item, "callspec")]
    parameters = [each.callspec.params.get("question") for each in tests]
    ahead = dict.fromkeys(each for each in parameters if isinstance(each, Question))
    pool = ThreadPoolExecutor(AT_ONCE)
    asked: dict[Question, Future[list[Result]]] = {each: pool.submit(each.answered, engines) for each in ahead}
    yield lambda question: asked[question].result()
    pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def writes() -> Callable[[Path], bool]:
    """Whether the recorded answers are to be written anew."""
    return lambda path: bool(os.environ.get("UPDATE_ANSWERS")) or not path.exists()
