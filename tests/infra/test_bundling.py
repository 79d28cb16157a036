"""Bundles: same input, same bytes; made once; clear when pip cannot."""

import base64
import hashlib
import threading
import zipfile
from pathlib import Path

import pytest

from stacks import bundling
from stacks.bundling import BundlingError, code_bundle, layer_bundle


def names_in(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("runtime/a.py", "runtime/part/b.sql", "runtime/__pycache__/a.pyc", "runtime/.hidden", "console/c.py"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return root


def test_code_holds_the_package_runtime_and_nothing_else(project: Path, tmp_path: Path) -> None:
    assert names_in(code_bundle(project, tmp_path / "cache").path) == ["runtime/a.py", "runtime/part/b.sql"]


def test_code_has_the_same_bytes_each_time(project: Path, tmp_path: Path) -> None:
    one, two = code_bundle(project, tmp_path / "one"), code_bundle(project, tmp_path / "two")
    assert one.key == two.key
    assert one.path.read_bytes() == two.path.read_bytes()


def test_code_has_another_key_when_a_file_changes(project: Path, tmp_path: Path) -> None:
    before = code_bundle(project, tmp_path)
    (project / "runtime" / "a.py").write_text("changed")
    assert code_bundle(project, tmp_path).key != before.key


def test_two_synths_at_once_do_not_clash(project: Path, tmp_path: Path) -> None:
    cache, made = tmp_path / "cache", []
    threads = [threading.Thread(target=lambda: made.append(code_bundle(project, cache))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert [path.name for path in cache.iterdir()] == [made[0].path.name]
    assert names_in(made[0].path)


def make_wheel(folder: Path, platform: str, files: dict[str, bytes]) -> str:
    """Write a made-up wheel `thing` for CPython 3.14 and return its line in a lock."""
    tag = f"cp314-cp314-{platform}"
    info = "thing-1.0.dist-info"
    content = {
        **files,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')},{len(data)}\n"
        for name, data in content.items()
    )
    path = folder / f"thing-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in {**content, f"{info}/RECORD": f"{record}{info}/RECORD,,\n".encode()}.items():
            wheel.writestr(name, data)
    return f"thing==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip knows."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_layer_is_made_for_the_platform_and_without_what_is_unused(wheels: Path, tmp_path: Path) -> None:
    lock = tmp_path / "layer.txt"
    files = {"thing/__init__.py": b"", "thing/_core.so": b"elf", "pyarrow/tests/test_a.py": b"", "thing/_core.pyx": b""}
    lock.write_text(make_wheel(wheels, "manylinux_2_28_aarch64", files))
    made = layer_bundle(python="3.14", architecture="arm64", lock=lock, cache=tmp_path / "cache")
    names = names_in(made.path)
    assert "python/thing/_core.so" in names
    assert not [name for name in names if name.endswith((".pyx", "test_a.py", "RECORD", ".pyc"))]


def test_layer_is_made_once(wheels: Path, tmp_path: Path) -> None:
    lock = tmp_path / "layer.txt"
    lock.write_text(make_wheel(wheels, "manylinux2014_x86_64", {"thing.py": b""}))
    first = layer_bundle(python="3.14", architecture="x86_64", lock=lock, cache=tmp_path)
    for wheel in wheels.iterdir():
        wheel.unlink()
    assert layer_bundle(python="3.14", architecture="x86_64", lock=lock, cache=tmp_path) == first


def test_layer_has_the_same_bytes_each_time(wheels: Path, tmp_path: Path) -> None:
    lock = tmp_path / "layer.txt"
    lock.write_text(make_wheel(wheels, "manylinux_2_28_x86_64", {"thing.py": b"x = 1"}))
    made = [layer_bundle(python="3.14", architecture="x86_64", lock=lock, cache=tmp_path / name) for name in "ab"]
    assert made[0].key == made[1].key
    assert made[0].path.read_bytes() == made[1].path.read_bytes()


def test_a_missing_wheel_is_told_with_the_platform_and_the_next_step(wheels: Path, tmp_path: Path) -> None:
    lock = tmp_path / "layer.txt"
    lock.write_text(make_wheel(wheels, "manylinux_2_28_x86_64", {"thing.py": b""}))
    with pytest.raises(BundlingError) as caught:
        layer_bundle(python="3.14", architecture="arm64", lock=lock, cache=tmp_path / "cache")
    message = str(caught.value)
    assert "Python 3.14 on aarch64" in message
    assert "thing" in message
    assert "ted:lambda_architecture" in message
    assert not list((tmp_path / "cache").iterdir())


def test_a_layer_that_is_too_large_is_told(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundling, "LAYER_LIMIT_BYTES", 10)
    lock = tmp_path / "layer.txt"
    lock.write_text(make_wheel(wheels, "manylinux_2_28_x86_64", {"thing.py": b"x" * 100}))
    with pytest.raises(BundlingError, match="expected 10 at most"):
        layer_bundle(python="3.14", architecture="x86_64", lock=lock, cache=tmp_path)


def test_real_lock_names_hashes_and_no_addresses() -> None:
    text = bundling.LOCK.read_text(encoding="utf-8")
    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "boto3" not in text
