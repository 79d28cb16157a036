"""The embedded AWS starts on a free port, and leaves nothing behind however it ends."""

import itertools
import os
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

import boto3
import psutil
import pytest

from console.aws import launcher, trino_server
from console.aws.athena.trino import ask
from console.aws.certificate import make_certificate
from console.aws.launcher import EmbeddedAws, embedded_aws, start, stop
from console.paths import PROJECT
from runtime.errors import TransientError

HAS_TRINO = launcher.engine(None) == "trino"
# A Trino server takes half a minute to start where other tests run beside it.
pytestmark = pytest.mark.timeout(360 if HAS_TRINO else 120)


def gone(pid: int, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.2)
    return False


def test_two_run_beside_each_other(bare_aws: EmbeddedAws, tmp_path: Path) -> None:
    with embedded_aws(tmp_path) as second:
        assert second.endpoint != bare_aws.endpoint
        assert second.alive()
        assert bare_aws.alive()
        listening = {
            (found.laddr.ip, found.status)
            for found in psutil.Process(second.pid).net_connections("tcp")
            if found.status == psutil.CONN_LISTEN
        }
        assert listening == {("127.0.0.1", psutil.CONN_LISTEN)}
    assert gone(second.pid)


@pytest.mark.parametrize("whose", ["its own", "Trino's"])
def test_takes_another_port_when_one_is_taken(
    whose: str, bare_aws: EmbeddedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if whose == "Trino's" and not HAS_TRINO:
        pytest.skip("DuckDB, the engine of this run, listens on no port")
    taken, free = int(bare_aws.endpoint.rsplit(":", 1)[1]), launcher.free_port
    ports = itertools.chain([taken] if whose == "its own" else [free(), taken], iter(free, None))
    monkeypatch.setattr(launcher, "free_port", lambda: next(ports))

    with embedded_aws(tmp_path) as second:
        assert second.alive()
        assert second.endpoint != bare_aws.endpoint
        if HAS_TRINO:
            assert ask("SELECT 1", trino_server.port_of(second.folder))[1] == [[1]]


def test_kills_one_that_does_not_listen_to_requests(tmp_path: Path) -> None:
    aws = start(tmp_path, detached=True)
    os.kill(aws.pid, signal.SIGSTOP)  # stands for one that hangs: no signal but the last one reaches it

    server = trino_server.process_of(tmp_path)

    stop(aws)

    assert gone(aws.pid)
    assert server is None or gone(server.pid)


def test_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from console.aws.launcher import start; "
        "print(start(Path(sys.argv[1]), detached=False).pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    server = trino_server.process_of(tmp_path)
    assert psutil.pid_exists(pid)
    assert bool(server) == HAS_TRINO

    parent.kill()
    parent.wait()

    assert gone(pid)
    assert server is None or gone(server.pid)


def test_says_why_it_did_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "local_environment", lambda endpoint: {"PYTHONHASHSEED": "not a number"})

    with pytest.raises(TransientError, match=r"(?s)ended with code 1.*PYTHONHASHSEED"):
        start(tmp_path, detached=False)


def test_does_not_show_real_credentials_to_what_runs_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    real = {
        "AWS_PROFILE": "work",
        "AWS_SESSION_TOKEN": "real",
        "CDK_DEFAULT_ACCOUNT": "123456789012",
        "LANG": "C.UTF-8",
    }

    assert launcher.without_aws(real) == {"LANG": "C.UTF-8"}


def test_functions_keys_lead_to_the_embedded_account(session: boto3.Session) -> None:
    assert session.client("sts").get_caller_identity()["Account"] == launcher.ACCOUNT


def test_its_certificate_is_trusted_beside_the_machines_authorities(tmp_path: Path) -> None:
    def authorities(path: str | None) -> int:
        return len(ssl.create_default_context(cafile=path).get_ca_certs())

    made = make_certificate(tmp_path)

    assert set(made.trust().values()) == {str(made.trusted)}
    assert authorities(str(made.trusted)) == authorities(None) + 1
