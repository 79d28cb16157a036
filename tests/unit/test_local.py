"""`ted local`: what is checked before anything starts, what a failure leaves, and when an instance is taken up."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console import local
from console.aws.launcher import EmbeddedAws
from console.instances import LocalInstance, home
from console.main import app
from console.target import COULD_NOT
from runtime.errors import TransientError


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("CCA_TED_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def ted(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["local", *arguments])


def never(*_: object, **__: object) -> Any:
    raise AssertionError("nothing was to be started")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--initials", "N.F.R"], "--initials is 'N.F.R': expected 2 to 8 of a-z and 0-9, a letter first"),
        (["--name", "Mine"], "--name is 'Mine': expected a letter"),
        (["--packages", "."], "expected a folder with packages/daily/ and release-calendar/2019.csv"),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else "",
)
def test_what_is_wrong_is_told_before_anything_starts(
    arguments: list[str], said: str, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("start", "make_archive", "_start_publisher"):
        monkeypatch.setattr(local, name, never)
    monkeypatch.chdir(tmp_path)
    result = ted("up", *arguments)
    assert result.exit_code == COULD_NOT
    assert said in result.stderr
    assert not cache.exists()


def test_all_that_is_wrong_is_told_at_once(cache: Path) -> None:
    said = ted("up", "--initials", "N.F.R", "--name", "Mine").stderr
    assert "--initials" in said
    assert "--name" in said


def fail(*_: object, **__: object) -> Any:
    raise TransientError("the port is taken")


def interrupt(*_: object, **__: object) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("how", "code"), [(fail, COULD_NOT), (interrupt, 130)])
def test_a_failed_start_leaves_no_folder_and_no_process(
    how: Callable[..., Any], code: int, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids: list[int] = []
    begin = local._start_publisher

    def start_publisher(*arguments: Any) -> tuple[str, int]:
        url, pid = begin(*arguments)
        pids.append(pid)
        return url, pid

    monkeypatch.setattr(local, "_SAMPLE_NOTICES", 4)
    monkeypatch.setattr(local, "_start_publisher", start_publisher)
    monkeypatch.setattr(local, "start", how)
    result = ted("up")
    assert result.exit_code == code
    assert "Traceback" not in result.output
    assert list(home().iterdir()) == []
    (pid,) = pids
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def held(cache: Path, **more: Any) -> LocalInstance:
    about: dict[str, Any] = {
        "name": "mine", "initials": "me", "stage": "dev", "endpoint": "http://127.0.0.1:9", "pid": 2**22 - 1,
        "folder": str(cache / "local" / "mine"), "publisher_url": "http://127.0.0.1:9", "publisher_pid": 2**22 - 1,
        "years": [2019], "packages": str(cache / "packages"),
    }  # fmt: skip
    instance = LocalInstance(**{**about, **more})
    home().mkdir(parents=True, exist_ok=True)
    instance.write()
    return instance


def test_an_instance_that_runs_is_not_started_twice(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held(cache)
    monkeypatch.setattr(EmbeddedAws, "alive", lambda _: True)
    monkeypatch.setattr(local, "start", never)
    result = ted("up", "--name", "mine")
    assert result.exit_code == COULD_NOT
    assert "mine is up already, at http://127.0.0.1:9. Take it down first: " in result.stderr
    assert "ted local down --name mine" in result.stderr


def test_a_running_instance_that_has_lost_its_trino_gets_it_back_with_its_data(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = held(cache, sql="trino")
    started: list[Path] = []
    monkeypatch.setattr(EmbeddedAws, "alive", lambda self: True)
    monkeypatch.setattr(local, "start", never)
    monkeypatch.setattr(local.trino_server, "start_again", lambda folder, environment: started.append(folder))
    assert ted("up", "--name", "mine").exit_code == 0
    assert started == [Path(instance.folder)]
    assert LocalInstance.read("mine") == instance


def test_a_trino_that_outlived_its_embedded_aws_ends_before_another_starts(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = held(cache, sql="trino")
    stopped: list[Path] = []
    monkeypatch.setattr(EmbeddedAws, "alive", lambda self: False)
    monkeypatch.setattr(local.trino_server, "stop", stopped.append)
    monkeypatch.setattr(local, "_start_publisher", fail)
    assert ted("up", "--name", "mine").exit_code == COULD_NOT
    assert stopped == [Path(instance.folder)]


@pytest.mark.parametrize(("option", "asked"), [("--initials", "other"), ("--packages", "elsewhere")])
def test_an_instance_is_not_taken_up_as_another(
    option: str, asked: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(cache)
    monkeypatch.setattr(local, "start", never)
    result = ted("up", "--name", "mine", option, asked)
    assert result.exit_code == COULD_NOT
    assert f"mine was brought up with {option} " in result.stderr


def test_status_says_of_one_that_has_ended_how_to_take_it_up(cache: Path) -> None:
    assert "no instance on this machine; start one with: " in ted("status").stdout
    held(cache)
    said = ted("status").stdout
    assert "mine  http://127.0.0.1:9  me  SQL by DuckDB  ended; take it up again: " in said
    assert "ted local up --name mine" in said


def test_one_that_is_not_there_cannot_be_taken_down(cache: Path) -> None:
    held(cache)
    result = ted("down", "--name", "other")
    assert result.exit_code == COULD_NOT
    assert "no instance is called 'other'; there: mine" in result.stderr


def test_taking_down_what_has_ended_leaves_nothing(cache: Path) -> None:
    folder = Path(held(cache).folder)
    folder.mkdir()
    assert ted("down", "--name", "mine").exit_code == 0
    assert list(home().iterdir()) == []
