"""The two jars that let Spark read and write S3, out of a package on PyPI.

sagemaker-pyspark (Apache-2.0) carries Hadoop's S3A file system and the AWS library that it needs. Of the package only
these two files are kept. Source of the names: the archive's own folder deps/jars.
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

from console.paths import cache_folder
from runtime.errors import ConfigError, TransientError

_PACKAGE = "sagemaker-pyspark==1.4.5"
_ARCHIVE = "sagemaker_pyspark-1.4.5"
_SHA256 = "05ca2d5081d7138ce29a8fb0a9cba077f28c825288ed07aed46a82e63c0bf1fb"
_NAMES = ("aws-java-sdk-bundle-1.11.901.jar", "hadoop-aws-3.3.1.jar")


def spark_jars() -> list[Path]:
    """Paths of the jars; fetched when they are not there yet (181 MB, once).

    Raises
    ------
    TransientError
        pip could not fetch the package.
    ConfigError
        The package is not the one that was expected.
    """
    folder = cache_folder() / "spark-jars"
    jars = [folder / name for name in _NAMES]
    if not all(jar.exists() for jar in jars):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="spark-jars-") as scratch:
            extract(fetch(Path(scratch)), folder)
    return jars


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
    spark_jars()
