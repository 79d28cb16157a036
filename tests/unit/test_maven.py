"""Files by their Maven coordinates: whole and checked, or not there."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jgo.maven import _core

from console import maven
from console.maven import Artifact, fetch
from runtime.errors import ConfigError, TransientError

CONTENT = b"a jar's bytes" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PATH = "/org/example/tool/1.2/tool-1.2.tar.gz"


class Repository:
    """A Maven repository on loopback; `cut` leaves out the end of each answer."""

    def __init__(self) -> None:
        self.cut = 0
        self.asked: list[str] = []


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    made = Repository()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            self.send_response(200 if self.path == PATH else 404)
            self.send_header("Content-Length", str(len(CONTENT) if self.path == PATH else 0))
            self.end_headers()
            if self.path == PATH:
                self.wfile.write(CONTENT[: len(CONTENT) - made.cut])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setitem(_core.DEFAULT_REMOTE_REPOS, "central", f"http://127.0.0.1:{server.server_port}")
    yield made
    server.shutdown()
    server.server_close()


def artifact(digest: str = DIGEST, version: str = "1.2") -> Artifact:
    return Artifact(group="org.example", name="tool", version=version, packaging="tar.gz", sha256=digest)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_an_artifact_is_fetched_once(repository: Repository, tmp_path: Path) -> None:
    found = fetch(artifact(), tmp_path / "new")
    assert (found.name, found.read_bytes()) == ("tool-1.2.tar.gz", CONTENT)
    assert fetch(artifact(), tmp_path / "new") == found
    assert repository.asked.count(PATH) == 1
    assert left(tmp_path / "new") == ["tool-1.2.tar.gz"]


def test_other_bytes_than_the_pinned_ones_are_refused_and_not_kept(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"org\.example:tool:1\.2: expected .* sha256 {'0' * 64}, got {DIGEST}"):
        fetch(artifact("0" * 64), tmp_path)
    assert left(tmp_path) == []


def test_a_broken_download_leaves_nothing_and_can_be_tried_again(repository: Repository, tmp_path: Path) -> None:
    repository.cut = 100
    with pytest.raises(TransientError, match=r"org\.example:tool:1\.2: Maven Central did not give tool-1\.2\.tar\.gz"):
        fetch(artifact(), tmp_path)
    assert left(tmp_path) == []
    repository.cut = 0
    assert fetch(artifact(), tmp_path).read_bytes() == CONTENT


def test_a_fetch_that_is_broken_off_leaves_nothing_and_can_be_started_again(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def broken_off(name: str, size: int) -> Iterator[Callable[[int], None]]:
        def advance(count: int) -> None:
            raise KeyboardInterrupt

        yield advance

    with monkeypatch.context() as patch:
        patch.setattr(maven, "_bar", broken_off)
        with pytest.raises(KeyboardInterrupt):
            fetch(artifact(), tmp_path)
    assert left(tmp_path) == []
    assert fetch(artifact(), tmp_path).read_bytes() == CONTENT


def test_what_a_killed_process_left_does_not_pass_for_the_artifact(repository: Repository, tmp_path: Path) -> None:
    half = tmp_path / ".tool-1.2.tar.gz.part" / "org" / "example" / "tool" / "1.2" / "tool-1.2.tar.gz"
    half.parent.mkdir(parents=True)
    half.write_bytes(CONTENT[:50])
    assert fetch(artifact(), tmp_path).read_bytes() == CONTENT
    assert left(tmp_path) == ["tool-1.2.tar.gz"]


def test_an_artifact_that_is_not_there_names_the_next_step(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(
        TransientError, match=r"org\.example:tool:9 not found|tool-9\.tar\.gz.*\n.*then run the command"
    ):
        fetch(artifact(version="9"), tmp_path)


def test_two_that_want_it_at_once_fetch_it_once(repository: Repository, tmp_path: Path) -> None:
    both = [threading.Thread(target=fetch, args=(artifact(), tmp_path)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert repository.asked.count(PATH) == 1
    assert (tmp_path / "tool-1.2.tar.gz").read_bytes() == CONTENT
