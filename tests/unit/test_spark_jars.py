"""Which jars let the local Spark reach S3, and which way they come."""

from pathlib import Path

import pyspark
import pytest

from console import maven
from console.aws import jars
from runtime.errors import ConfigError, TransientError

OWN = ["aws-java-sdk-bundle-1.12.262.jar", "hadoop-aws-3.3.4.jar"]
OLDER = ["aws-java-sdk-bundle-1.11.901.jar", "hadoop-aws-3.3.1.jar"]


def put(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"jar")


class Registries:
    """Maven Central and PyPI, each up or not; `asked` says who was."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.maven = self.pypi = True
        self.asked: list[str] = []
        monkeypatch.setattr(maven, "fetch", self._from_maven)
        monkeypatch.setattr(jars, "fetch", self._from_pypi)
        monkeypatch.setattr(jars, "extract", lambda archive, folder: put(folder, OLDER))

    def _from_maven(self, artifact: maven.Artifact, folder: Path) -> Path:
        self.asked.append("maven")
        if not self.maven:
            raise TransientError(f"{artifact}: Maven Central did not give it\nCheck the network")
        put(folder, [artifact.file_name])
        return folder / artifact.file_name

    def _from_pypi(self, folder: Path) -> Path:
        self.asked.append("pypi")
        if not self.pypi:
            raise TransientError("Spark's jars: pip could not fetch it")
        return folder


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Registries:
    monkeypatch.setenv("CCA_TED_CACHE", str(tmp_path))
    return Registries(monkeypatch)


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_the_jars_belong_to_the_hadoop_that_spark_brings() -> None:
    (hadoop,) = (a for a in jars.ARTIFACTS if a.name == "hadoop-aws")
    assert (Path(pyspark.__file__).parent / "jars" / f"hadoop-client-api-{hadoop.version}.jar").exists()


def test_come_from_maven_central_where_it_answers(registries: Registries) -> None:
    found, taken = jars.prepare_jars()
    assert names(found) == OWN
    assert taken.startswith("hadoop-aws 3.3.4 from Maven Central")
    assert "pypi" not in registries.asked


def test_come_out_of_a_package_where_only_pypi_answers_and_that_is_said(registries: Registries) -> None:
    registries.maven = False
    found, taken = jars.prepare_jars()
    assert names(found) == OLDER
    assert taken.startswith("hadoop-aws 3.3.1 out of sagemaker-pyspark==1.4.5 from PyPI")
    assert taken.endswith("for com.amazonaws:aws-java-sdk-bundle:1.12.262: Maven Central did not give it")


def test_where_neither_answers_both_are_named(registries: Registries) -> None:
    registries.maven = registries.pypi = False
    with pytest.raises(TransientError, match=r"Maven Central did not give it\n.*pip could not fetch it"):
        jars.prepare_jars()


def test_other_bytes_are_no_reason_to_take_the_older_ones(
    registries: Registries, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forged(artifact: maven.Artifact, folder: Path) -> Path:
        raise ConfigError(f"{artifact}: expected other bytes")

    monkeypatch.setattr(maven, "fetch", forged)
    with pytest.raises(ConfigError):
        jars.prepare_jars()


def test_a_run_asks_nobody_for_jars_that_are_there(registries: Registries, tmp_path: Path) -> None:
    put(tmp_path / "spark-jars", OLDER)
    assert names(jars.spark_jars()) == OLDER
    put(tmp_path / "spark-jars", OWN)
    assert names(jars.spark_jars()) == OWN
    assert registries.asked == []


def test_setup_replaces_older_jars_once_maven_central_answers(registries: Registries, tmp_path: Path) -> None:
    put(tmp_path / "spark-jars", OLDER)
    assert names(jars.prepare_jars()[0]) == OWN
