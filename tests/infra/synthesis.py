"""Synthesised instances for the tests: templates and nag findings, with tiny bundles in place of the real ones."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from stacks.bundling import ROOT, Bundle
from stacks.functions import Bundles
from stacks.instance import build
from stacks.settings import read_settings


@dataclass(frozen=True)
class Resource:
    """One resource of a template."""

    stack: str
    logical_id: str
    type: str
    body: dict[str, Any]

    @property
    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body.get("Properties", {})
        return found

    def __str__(self) -> str:
        return f"{self.stack}/{self.logical_id} ({self.type})"


@dataclass(frozen=True)
class Synthesis:
    """What one synth wrote."""

    folder: Path
    findings: tuple[str, ...]

    @property
    def templates(self) -> dict[str, dict[str, Any]]:
        """Templates by stack id."""
        paths = sorted(self.folder.glob("*.template.json"))
        return {path.name.split(".")[0]: json.loads(path.read_text(encoding="utf-8")) for path in paths}

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return found

    def resources(self, *types: str) -> list[Resource]:
        """Resources of some types, or all."""
        return [
            Resource(stack, logical_id, body["Type"], body)
            for stack, template in self.templates.items()
            for logical_id, body in template.get("Resources", {}).items()
            if not types or body["Type"] in types
        ]

    def get(self, kind: str, logical_id: str) -> Resource:
        """The one resource of a type whose logical id begins so."""
        found = [made for made in self.resources(kind) if re.match(f"{logical_id}[0-9A-F]{{0,8}}$", made.logical_id)]
        assert len(found) == 1, [str(made) for made in self.resources(kind)]
        return found[0]

    def statements(self) -> Iterator[tuple[Resource, dict[str, Any]]]:
        """Statements of all identity policies."""
        for made in self.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            for statement in made.properties["PolicyDocument"]["Statement"]:
                yield made, statement
        for made in self.resources("AWS::IAM::Role"):
            for policy in made.properties.get("Policies", ()):
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield made, statement


def tiny_bundles(folder: Path) -> Bundles:
    """Bundles that need no pip; their keys never change, so neither do the templates."""
    for name in ("code.zip", "layer.zip"):
        (folder / name).write_bytes(b"PK\x05\x06" + bytes(18))
    return Bundles(Bundle(folder / "code.zip", "1" * 64), Bundle(folder / "layer.zip", "2" * 64))


def synthesize(folder: Path, context: dict[str, str]) -> Synthesis:
    """Synthesise one instance and check it with cdk-nag."""
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    folder.mkdir(parents=True)
    app = cdk.App(context=flags, outdir=str(folder / "out"))
    settings = read_settings(context, environment={}, local_file=folder / "none.json")
    build(app, settings, tiny_bundles(folder))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    try:
        app.synth()
    except RuntimeError:
        if not (folder / "out" / "validation-report.json").exists():
            raise
    return Synthesis(folder / "out", tuple(_findings(folder / "out" / "validation-report.json")))


def _findings(report: Path) -> Iterator[str]:
    for plugin in json.loads(report.read_text(encoding="utf-8"))["pluginReports"]:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                yield f"{construct['constructPath']}: {violation['ruleName']}"


def flatten(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from flatten(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from flatten(inner)


def text_of(value: Any) -> str:
    """A text with its references filled in."""
    if isinstance(value, str):
        return value
    return "".join(part if isinstance(part, str) else "reference" for part in value["Fn::Join"][1])


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
