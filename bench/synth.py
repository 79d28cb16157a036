"""Synth of the project beside that of an empty CDK app, both by the pinned cdk tool, in turn.

Prints medians in seconds and their ratio as JSON. The bundles are made before the first round, for that needs pip.
Fails where two synths of the project differ in a byte, or where the ratio exceeds the promise.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from console.cdk import cdk_command, tool_environment
from console.paths import PROJECT

PROMISED = 1.5
EMPTY = """\
import aws_cdk as cdk
app = cdk.App()
cdk.Stack(app, "Empty")
app.synth()
"""


def main() -> int:
    """Measure; 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="bench-synth-") as scratch:
        folder = Path(scratch)
        (folder / "empty.py").write_text(EMPTY, encoding="utf-8")
        apps = {"empty": folder / "empty.py", "project": PROJECT / "app.py"}
        synth(apps["project"], folder / "first")
        seconds: dict[str, list[float]] = {name: [] for name in apps}
        for _ in range(rounds):
            for name, app in apps.items():
                began = time.perf_counter()
                synth(app, folder / name)
                seconds[name].append(time.perf_counter() - began)
        differing = different(folder / "first", folder / "project")
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    ratio = medians["project"] / medians["empty"]
    figures = {f"{name}_seconds": round(median, 2) for name, median in medians.items()}
    print(json.dumps({**figures, "ratio": round(ratio, 2), "promised": PROMISED, "differing_files": differing}))
    return int(ratio > PROMISED or bool(differing))


def synth(app: Path, output: Path) -> None:
    """Synthesise one app as `make synth` does."""
    command = [*cdk_command(), "synth", "--quiet", "--no-notices", "--app", f"{sys.executable} -O {app}"]
    command += ["--output", str(output), "-c", "initials=demo"]
    subprocess.run(command, cwd=PROJECT, env=tool_environment(os.environ), check=True, capture_output=True)


def different(one: Path, other: Path) -> list[str]:
    """Files that are missing in one of two folders or have other bytes."""
    files = [
        {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()} for folder in (one, other)
    ]
    return sorted(
        str(name)
        for name in files[0].keys() | files[1].keys()
        if name not in files[0] or name not in files[1] or files[0][name].read_bytes() != files[1][name].read_bytes()
    )


if __name__ == "__main__":
    sys.exit(main())
