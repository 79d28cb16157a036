"""Tools whose pins conflict with the project's, each in an environment of its own that `make` brings about."""

import subprocess
from functools import cache
from pathlib import Path

import pytest

from console.paths import PROJECT

_NO_NETWORK = ("dns error", "error sending request", "Could not connect", "Network is unreachable", "timed out")


@cache
def fetched(tool: str) -> Path:
    """Folder with a tool's programs; made once, and skipped with the reason where PyPI cannot be reached."""
    made = subprocess.run(
        ["make", "--no-print-directory", f".cache/{tool}/.ready"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = made.stdout + made.stderr
    if made.returncode and any(words in said for words in _NO_NETWORK):
        pytest.skip(f"PyPI, which brings {tool}, cannot be reached: {said.strip().splitlines()[-1]}")
    assert made.returncode == 0, said
    return PROJECT / ".cache" / tool / "bin"
