"""cfn-lint and checkov over the templates of prod, and of dev with QuickSight; `make lint` runs `-m tests.infra.lint`.

checkov's findings are compared with checkov.json: one that is not listed there fails, and so does an entry that
nothing fails any more. docs/checkov.md is written from the same file.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from stacks.bundling import ROOT
from stacks.instance import build
from stacks.settings import read_settings
from tests.infra.conftest import CASES
from tests.infra.synthesis import tiny_bundles

LISTED = Path(__file__).with_name("checkov.json")
CHECKOV = ROOT / ".cache" / "checkov" / "bin" / "checkov"
# CDK writes a dependency beside each reference that implies it.
NOISE = ("W3005",)
Finding = tuple[str, str]


def main() -> int:
    """Print what is wrong; the number of faults is the exit code."""
    faults: list[str] = []
    found: set[Finding] = set()
    with tempfile.TemporaryDirectory() as scratch:
        for case in ("direct", "prod"):  # the first is dev, with more
            templates = templates_of(Path(scratch) / case, CASES[case])
            faults += [f"cfn-lint, {case}: {line}" for line in cfn_lint(templates)]
            found |= set(checkov(templates[0].parent))
    listed = json.loads(LISTED.read_text(encoding="utf-8"))
    faults += differences(found, listed)
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"templates: cfn-lint finds nothing, checkov only {len(found)} findings, explained in docs/checkov.md")
    return min(len(faults), 100)


def templates_of(folder: Path, context: dict[str, str]) -> list[Path]:
    """Synthesise one instance with tiny bundles."""
    folder.mkdir(parents=True)
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=flags, outdir=str(folder / "out"))
    build(app, read_settings(context, environment={}, local_file=folder / "none.json"), tiny_bundles(folder))
    app.synth()
    return sorted((folder / "out").glob("*.template.json"))


def cfn_lint(templates: Iterable[Path]) -> list[str]:
    """Errors and warnings beyond CDK's noise, a line each."""
    tool = str(Path(sys.executable).with_name("cfn-lint"))
    command = [tool, "--format", "parseable", "--regions", "eu-west-1", "--ignore-checks", *NOISE, "--"]
    run = subprocess.run([*command, *map(str, templates)], capture_output=True, text=True, check=False)
    lines = run.stdout.splitlines()
    return lines or ([run.stderr] if run.returncode else [])


def checkov(folder: Path) -> Iterator[Finding]:
    """Failed checks as (check, stack/logical id without its hash). Asks no server."""
    options = ["--framework", "cloudformation", "--skip-download", "--compact", "--quiet", "--output", "json"]
    run = subprocess.run([str(CHECKOV), "-d", str(folder), *options], capture_output=True, text=True, check=False)
    report = json.loads(run.stdout)
    if report["summary"]["parsing_errors"] or not report["summary"]["passed"]:
        raise RuntimeError(f"checkov could not read the templates in {folder}: {report['summary']}")
    for failed in report["results"]["failed_checks"]:
        logical_id = re.sub("[0-9A-F]{8}$", "", failed["resource"].rpartition(".")[2])
        yield failed["check_id"], f"{Path(failed['file_path']).name.partition('.')[0]}/{logical_id}"


def differences(found: set[Finding], listed: Mapping[str, Any]) -> list[str]:
    """What checkov finds and nobody explained, and what is explained and not found."""
    explained = {(check, resource) for check, entry in listed.items() for resource in entry["resources"]}
    new = [f"checkov: {resource} fails {check}. Mend it, or list it with its reason in {LISTED.relative_to(ROOT)}"
           for check, resource in sorted(found - explained)]  # fmt: skip
    old = [f"checkov: {resource} passes {check} by now. Take it off {LISTED.relative_to(ROOT)}, then: make docs"
           for check, resource in sorted(explained - found)]  # fmt: skip
    return new + old


if __name__ == "__main__":
    sys.exit(main())
