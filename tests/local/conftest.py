"""One embedded AWS for all tests that make their own resources in it."""

from collections.abc import Iterator

import boto3
import pytest

from console.aws.launcher import EmbeddedAws, embedded_aws, engine

ON_DUCKDB_ALONE = pytest.mark.skipif(
    engine(None) != "duckdb", reason="where IAM is enforced DuckDB answers (docs/athena.md): asked without CCA_TED_SQL"
)


@pytest.fixture(scope="session")
def bare_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An embedded AWS without anything deployed."""
    with embedded_aws(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture
def session(bare_aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """Clients of the embedded AWS."""
    for name, value in bare_aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return boto3.Session()
