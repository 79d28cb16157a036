"""The file of what Spark's Java loads: written by a run of Spark, and no reason for `make setup` to fail."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from console.aws import spark_classes
from console.aws.spark import JobEnd
from runtime.errors import TransientError


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "classes.jsa"
    file.write_bytes(b"of an older Spark")
    monkeypatch.setattr(spark_classes, "shared_classes", lambda: file)
    return file


def test_what_spark_writes_replaces_the_older_file(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(folder: Path, arguments: Mapping[str, str], *_: Any) -> JobEnd:
        Path(arguments["--conf"].rpartition("=")[2]).write_bytes(b"newer")
        return JobEnd("SUCCEEDED")

    monkeypatch.setattr(spark_classes, "run_job", run)
    spark_classes.prepare()
    assert kept.read_bytes() == b"newer"


def test_says_what_is_lacking_where_spark_does_not_end(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_classes, "run_job", lambda *_: JobEnd("TIMEOUT", "exceeded its timeout"))
    with pytest.raises(TransientError, match=r"(?s)each merge takes 5 s longer; make it: python -m .*its timeout"):
        spark_classes.prepare()
    assert not kept.exists()
