"""What the machine brings for the project: tools with their versions, room on the disk."""

import json
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from console.checks import Finding
from console.paths import PROJECT, cache_folder
from console.phrases import size
from console.tools import find_java, find_node
from runtime.errors import ConfigError

LEAST_BYTES = 2_000_000_000  # an instance of the demo with its scratch of Spark
_SETUP = "make setup"


def tools() -> Iterator[Finding]:
    """Whether each tool is there: Python, Node, the cdk tool, Java; the AWS CLI and DuckDB, which can be missed."""
    yield Finding("Python", "ok", platform.python_version())
    yield _tool("Node", lambda: _version([str(find_node()), "--version"]))
    yield _tool("cdk", _cdk_version)
    yield _tool("Java", lambda: _version([str(find_java() / "bin" / "java"), "-version"]))
    for name, command, purpose in (("AWS CLI", "aws", "can be missed"), ("DuckDB shell", "duckdb", "Python has it")):
        try:
            seen = _version([command, "--version"]) if shutil.which(command) else f"none; {purpose}"
        except ConfigError as error:
            seen = f"{error.message}; {purpose}"
        yield Finding(name, "ok", seen)


def _tool(name: str, find: Callable[[], str]) -> Finding:
    try:
        return Finding(name, "ok", find())
    except ConfigError as error:
        return Finding(name, "wrong", error.message.split(". ")[0], _SETUP)


def _cdk_version() -> str:
    try:
        return str(json.loads((PROJECT / "node_modules/aws-cdk/package.json").read_text(encoding="utf-8"))["version"])
    except FileNotFoundError as error:
        raise ConfigError("node_modules has no cdk tool") from error


def _version(command: list[str]) -> str:
    """The first line of what a tool says of itself, and where it is."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"{command[0]} does not run: {error}") from error
    said = (done.stdout + done.stderr).strip()
    if done.returncode or not said:
        raise ConfigError(f"{command[0]} does not run: {said.splitlines()[0] if said else done.returncode}")
    return f"{said.splitlines()[0]} ({shutil.which(command[0]) or command[0]})"


def disk() -> Iterator[Finding]:
    """Whether there is room for an instance on this machine where the project keeps what can be made again."""
    folder: Path = cache_folder()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    seen = f"{size(free)} free in {folder}"
    if free < LEAST_BYTES:
        advice = "make room (ted local down, make clean), or keep it elsewhere: CCA_TED_CACHE=/roomy/place"
        yield Finding("disk", "wrong", f"{seen}, expected {size(LEAST_BYTES)}", advice)
    else:
        yield Finding("disk", "ok", seen)
