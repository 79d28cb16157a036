"""Files of Maven Central, named by their coordinates and known by their bytes.

jgo (pure Python, Unlicense) knows where a coordinate lies; no Java and no Maven is needed for it.
"""

import contextlib
import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
from jgo.maven import MavenContext, PythonResolver
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from runtime.errors import ConfigError, TransientError

_SILENCE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file, as in io.trino:trino-server:476 with packaging tar.gz.

    Parameters
    ----------
    sha256 : of the file's bytes, in hexadecimal
    """

    group: str
    name: str
    version: str
    packaging: str = "jar"
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}.{self.packaging}"

    def __str__(self) -> str:
        return f"{self.group}:{self.name}:{self.version}"


def fetch(artifact: Artifact, folder: Path) -> Path:
    """Put an artifact into a folder, once; a bar shows how far it has come where a person looks on.

    The file appears whole and checked or not at all. Two processes that want it fetch it once, and what an interrupted
    one left behind is removed.

    Raises
    ------
    TransientError
        Maven Central did not give the file.
    ConfigError
        The file's bytes are not the pinned ones.
    """
    target = folder / artifact.file_name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{artifact.file_name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            part = folder / f".{artifact.file_name}.part"
            shutil.rmtree(part, ignore_errors=True)
            try:
                found = _download(artifact, part)
                _check(artifact, found)
                found.replace(target)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return target


def _download(artifact: Artifact, repository: Path) -> Path:
    context = MavenContext(
        PythonResolver(progress_callback=_bar), repo_cache=repository, local_repos=[], timeout=_SILENCE_SECONDS
    )
    component = context.project(artifact.group, artifact.name).at_version(artifact.version)
    try:
        return component.artifact(packaging=artifact.packaging).resolve()
    # jgo's own word for what no repository has is a RuntimeError.
    except (requests.RequestException, OSError, RuntimeError) as error:
        raise TransientError(
            f"{artifact}: Maven Central did not give {artifact.file_name}: {error}\n"
            "Check the network and its proxy (HTTPS_PROXY), then run the command again."
        ) from error


def _check(artifact: Artifact, file: Path) -> None:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != artifact.sha256:
        raise ConfigError(
            f"{artifact}: expected {artifact.file_name} with sha256 {artifact.sha256}, got {digest} "
            f"({file.stat().st_size} bytes). It was not kept: try again, and look at what stands between here and "
            "Maven Central if it stays so."
        )


@contextlib.contextmanager
def _bar(name: str, size: int) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=size)
        yield lambda count: progress.advance(task, count)
