"""What the stacks upload: the project's code and a layer with its dependencies. Neither Docker nor git is needed.

Each bundle is a zip below `.cache/`, named by a hash of what it is made from: same input, same name, made once.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bundles"
LOCK = ROOT / "requirements" / "layer.txt"
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# Platforms of Amazon Linux 2023 (glibc 2.34), newest first. pip takes these tags literally: the newest does not
# imply the older ones.
PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_26", "manylinux_2_24", "manylinux_2_17", "manylinux2014")
LAYER_LIMIT_BYTES = 130_000_000
# Bytecode stays out: it would spare a cold start 0.13 s of processor time (0.67 to 0.54 s, with 3.11) for 4 MB, but it
# belongs to one version of Python, which a machine that synthesises has by chance; the layer would differ by machine.
# What the functions never load; lib.so is linked against substrait, dataset, acero and compute, so these stay.
UNUSED = (
    "bin/*", "*.dist-info/RECORD", "*.pyc", "*.pyx", "*.pxd", "*.pxi", "*.h", "*-stubs/*",
    "pyarrow/include/*", "pyarrow/includes/*", "pyarrow/src/*", "pyarrow/tests/*",
    "pyarrow/*flight*", "pyarrow/libarrow_s3.*", "pyarrow/_s3fs.*", "pyarrow/_gcsfs.*", "pyarrow/_azurefs.*",
    "pyarrow/_hdfs.*", "pyarrow/_orc.*", "pyarrow/_dataset_orc.*", "pyarrow/_pyarrow_cpp_tests.*",
    "pyarrow/_substrait.*", "pyarrow/libarrow_python.so", "pyarrow/libarrow_python.so.*.*.*",
    "pyarrow/libarrow_python_parquet_encryption.so", "pyarrow/libarrow_python_parquet_encryption.so.*.*.*",
    "lxml/includes/*", "lxml/isoschematron/*",
)  # fmt: skip


class BundlingError(RuntimeError):
    """A bundle could not be made; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A zip to upload.

    Parameters
    ----------
    path : the zip
    key : hash of what it was made from, the same on every machine
    """

    path: Path
    key: str


def code_bundle(root: Path = ROOT, cache: Path = CACHE) -> Bundle:
    """Zip the package `runtime`, for the functions and for Glue's --extra-py-files."""
    files = {path.relative_to(root).as_posix(): path for path in _files(root / "runtime")}
    key = _hash([part for name, path in files.items() for part in (name.encode(), path.read_bytes())])
    return _bundle(cache / f"code-{key}.zip", key, lambda target: _write_zip(target, files))


def layer_bundle(*, python: str, architecture: str, lock: Path = LOCK, cache: Path = CACHE) -> Bundle:
    """Zip the locked dependencies for a Lambda runtime, taken by pip as wheels of that platform.

    Raises
    ------
    BundlingError
        pip found no wheel for the platform or could not reach its index, or the layer grew too large.
    """
    recipe = [lock.read_bytes(), python.encode(), architecture.encode(), repr((UNUSED, PLATFORMS)).encode()]
    key = _hash(recipe)

    def build(target: Path) -> None:
        with _scratch(cache) as folder:
            _install(folder / "python", python=python, machine=MACHINES[architecture], lock=lock)
            files = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
            kept = {name: path for name, path in files.items() if not _is_unused(name.removeprefix("python/"))}
            if (size := sum(path.stat().st_size for path in kept.values())) > LAYER_LIMIT_BYTES:
                raise BundlingError(
                    f"the layer has {size} bytes, expected {LAYER_LIMIT_BYTES} at most: "
                    "leave more out (UNUSED in stacks/bundling.py) or fewer packages in requirements/layer.txt"
                )
            _write_zip(target, kept)

    return _bundle(cache / f"layer-{key}.zip", key, build)


def _install(folder: Path, *, python: str, machine: str, lock: Path) -> None:
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--no-compile", "--no-deps",
        "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:", "--implementation", "cp",
        "--python-version", python, "--target", str(folder), "--requirement", str(lock),
    ]  # fmt: skip
    command += [part for platform in PLATFORMS for part in ("--platform", f"{platform}_{machine}")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        errors = [line for line in run.stderr.splitlines() if line.startswith("ERROR")] or [run.stderr.strip()]
        raise BundlingError(
            f"pip could not bring the layer's packages for Python {python} on {machine}:\n  "
            + "\n  ".join(errors)
            + "\nA package without a wheel for it needs another version in pyproject.toml (then: make lock), "
            "or another ted:lambda_python or ted:lambda_architecture; a network fault needs another try."
        )


def _is_unused(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in UNUSED)


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder in a fixed order, without what Python and editors leave there."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and "__pycache__" not in parts and not any(part.startswith(".") for part in parts):
            yield path


def _hash(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _write_zip(target: Path, files: dict[str, Path]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name].read_bytes())


def _bundle(path: Path, key: str, build: Callable[[Path], None]) -> Bundle:
    """Make a bundle unless it is there. Two synths at once may both make it; the move at the end is atomic."""
    if not path.exists():
        with _scratch(path.parent) as folder:
            build(folder / path.name)
            (folder / path.name).replace(path)
    return Bundle(path, key)


@contextmanager
def _scratch(cache: Path) -> Iterator[Path]:
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="making-", dir=cache))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
