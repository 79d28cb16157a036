"""Starts and stops the embedded AWS.

`with embedded_aws(folder) as aws:` runs one for the block; `start` and `stop` run one that outlives its starter.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, cast, get_args

import psutil
import typer

from console.aws import trino_server
from console.aws.certificate import Certificate, make_certificate
from console.aws.server import SAVED
from console.paths import PROJECT
from console.tools import find_node
from runtime.errors import ConfigError, TransientError

Sql = Literal["duckdb", "trino"]
SqlOption = Annotated[
    Sql | None,
    typer.Option(help="Engine of Athena's SQL: duckdb (starts at once) or trino (Athena's own kind; 821 MB once)."),
]
ACCOUNT = "000000000000"
REGION = "eu-west-1"
_START_SECONDS = 60
_GRACE_SECONDS = 5
_PORT_TRIES = 5


@dataclass(frozen=True)
class EmbeddedAws:
    """A running embedded AWS."""

    endpoint: str
    pid: int
    folder: Path
    certificate: Certificate | None = None
    """Of one that speaks TLS."""

    @property
    def calls(self) -> Path:
        """Calls of roles with what their policies say, one JSON object a line, where they are enforced."""
        return self.folder / "iam-calls.jsonl"

    @property
    def log(self) -> Path:
        """Log of the emulator."""
        return self.folder / "aws.log"

    def environment(self) -> dict[str, str]:
        """Variables that point boto3 and the cdk tool here, and at no real account."""
        return local_environment(self.endpoint) | (self.certificate.trust() if self.certificate else {})

    def alive(self) -> bool:
        """Whether the process is there and answers."""
        return psutil.pid_exists(self.pid) and _healthy(self)


def local_environment(endpoint: str) -> dict[str, str]:
    """Variables for a process that uses the embedded AWS: its address, made-up keys, and no way to real ones."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        # A name of its own: the cdk tool remembers the account of each key id.
        "AWS_ACCESS_KEY_ID": "cca-ted-local",
        "AWS_SECRET_ACCESS_KEY": "cca-ted-local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
    }


def without_aws(environment: dict[str, str]) -> dict[str, str]:
    """The environment without anything that names a real account, region, profile or endpoint."""
    return {name: value for name, value in environment.items() if not name.startswith(("AWS_", "CDK_"))}


@contextlib.contextmanager
def embedded_aws(folder: Path, *, enforces_iam: bool = False, sql: Sql | None = None) -> Iterator[EmbeddedAws]:
    """Run an embedded AWS for a block; it and all that it started ends with the block, or with this process.

    Parameters
    ----------
    folder : holds its state, scratch files and logs
    enforces_iam : it speaks TLS, checks signatures, and refuses a role what its policies do not allow
    sql : Athena's engine; None is the one that CCA_TED_SQL names, else DuckDB

    Raises
    ------
    TransientError
        It did not start.
    """
    aws = start(folder, detached=False, enforces_iam=enforces_iam, sql=sql)
    try:
        yield aws
    finally:
        stop(aws)


def start(
    folder: Path, *, detached: bool, enforces_iam: bool = False, port: int | None = None, sql: Sql | None = None
) -> EmbeddedAws:
    """Start an embedded AWS and wait until it serves.

    Parameters
    ----------
    folder : holds its state, scratch files and logs; a detached one goes on with what it finds there
    detached : it outlives this process, and what it holds outlives its own
    enforces_iam : it speaks TLS, checks signatures, and refuses a role what its policies do not allow
    port : the first one to try; None is any free one
    sql : Athena's engine; None is the one that CCA_TED_SQL names, else DuckDB. Where roles are enforced it is DuckDB

    Raises
    ------
    TransientError
        It did not start; the message ends with its log.
    ConfigError
        Trino is wanted, and this machine cannot run it.
    """
    has_trino = engine(sql) == "trino" and not enforces_iam
    if has_trino:
        trino_server.prepare(lambda line: print(line, file=sys.stderr))
    folder = folder.resolve()
    for part in ("tmp", "s3", "state"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    certificate = make_certificate(folder / "tls") if enforces_iam else None
    for attempt in range(1, _PORT_TRIES + 1):
        chosen = port if port and attempt == 1 else free_port()
        endpoint = f"{'https' if certificate else 'http'}://127.0.0.1:{chosen}"
        trino_port = free_port() if has_trino else None
        process = _spawn(folder, endpoint, 0 if detached else os.getpid(), certificate, trino_port)
        aws = EmbeddedAws(endpoint, process.pid, folder, certificate)
        try:
            _wait_until_healthy(aws, process)
            if trino_port:
                trino_server.wait_until_it_answers(folder, trino_port)
            return aws
        except BaseException as error:
            stop(aws)
            # Another program can take the port between the choice and the start.
            taken = "already in use" in _tail(aws.log) or "port was taken" in str(error)
            if not (taken and isinstance(error, TransientError)) or attempt == _PORT_TRIES:
                raise
    raise AssertionError("unreachable")


def save(aws: EmbeddedAws) -> None:
    """Let a detached embedded AWS save all that it holds, and wait for it.

    Raises
    ------
    TransientError
        It did not.
    """
    (aws.folder / SAVED).unlink(missing_ok=True)
    os.kill(aws.pid, signal.SIGUSR1)
    deadline = time.monotonic() + _START_SECONDS
    while not (aws.folder / SAVED).exists():
        if time.monotonic() > deadline or not psutil.pid_exists(aws.pid):
            raise TransientError(f"the embedded AWS did not save what it holds. Its log:\n{_tail(aws.log)}")
        time.sleep(0.1)


def stop(aws: EmbeddedAws) -> None:
    """End the embedded AWS and all that it started: function workers, Spark jobs.

    It is asked first, then killed: it may ignore the request while something inside it waits.
    """
    trino_server.stop(aws.folder)
    try:
        server = psutil.Process(aws.pid)
        if "console.aws.server" not in server.cmdline():
            return  # another program has the number by now
        family = [server, *server.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        server.terminate()
    _, left = psutil.wait_procs([server], timeout=_GRACE_SECONDS)
    if left:
        with contextlib.suppress(psutil.NoSuchProcess):
            family += server.children(recursive=True)
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=_GRACE_SECONDS)
    shutil.rmtree(aws.folder / "tmp", ignore_errors=True)


def free_port() -> int:
    """A port on 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def engine(sql: str | None) -> Sql:
    """Athena's engine by its name: the one given, else the one that CCA_TED_SQL names, else DuckDB.

    Raises
    ------
    ConfigError
        There is no such engine.
    """
    found = sql or os.environ.get("CCA_TED_SQL") or "duckdb"
    if found not in get_args(Sql):
        raise ConfigError(f"--sql or CCA_TED_SQL is {found!r}: expected {' or '.join(get_args(Sql))}")
    return cast(Sql, found)


def _spawn(
    folder: Path, endpoint: str, parent: int, certificate: Certificate | None, trino_port: int | None
) -> subprocess.Popen[bytes]:
    environment = without_aws(dict(os.environ)) | local_environment(endpoint)
    environment |= {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": endpoint.rsplit(":", 1)[1],
        "MINISTACK_HOST": "127.0.0.1",
        # A free text that its health report repeats: tells this one from another.
        "MINISTACK_EDITION": str(folder),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        # Of one that outlives its starter: objects as they are written, the rest every few seconds (server.py).
        "S3_PERSIST": "0" if parent else "1",
        "PERSIST_STATE": "0" if parent else "1",
        "TMPDIR": str(folder / "tmp"),
        # No Docker, also where there is one: functions and jobs run the same way on every machine.
        "DOCKER_HOST": f"unix://{folder}/no-docker",
        "NODE_PATH": str(PROJECT / "node_modules"),
        "PATH": os.pathsep.join([str(find_node().parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(PROJECT),
        "PYTHONUNBUFFERED": "1",
    }
    if trino_port:
        environment |= trino_server.environment_of(trino_port)
    if certificate:
        environment |= certificate.trust() | {
            "AUTH": "true",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(certificate.path),
            "MINISTACK_SSL_KEY": str(certificate.key),
            "EMBEDDED_AWS_JAVA_TRUST": str(certificate.java_store),
        }
    with (folder / "aws.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "console.aws.server", str(folder), str(parent)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_until_healthy(aws: EmbeddedAws, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise TransientError(f"the embedded AWS ended with code {process.returncode}:\n{_tail(aws.log)}")
        if _healthy(aws):
            return
        time.sleep(0.1)
    raise TransientError(f"the embedded AWS did not answer within {_START_SECONDS} s. Its log:\n{_tail(aws.log)}")


def _healthy(aws: EmbeddedAws) -> bool:
    """Whether this very one answers, and not another that has taken the port in between."""
    context = ssl.create_default_context(cafile=str(aws.certificate.path)) if aws.certificate else None
    url = f"{aws.endpoint}/_ministack/health"
    try:
        with urllib.request.urlopen(url, timeout=5, context=context) as answer:  # noqa: S310 loopback
            return bool(json.load(answer)["edition"] == str(aws.folder))
    except (OSError, ValueError, KeyError):
        return False


def _tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
