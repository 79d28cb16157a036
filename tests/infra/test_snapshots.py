"""Snapshots: a pull request shows what it changes in AWS.

`UPDATE_SNAPSHOTS=1 python -m pytest tests/infra/test_snapshots.py` writes them again, all but the list of what holds
data: that takes `UPDATE_SNAPSHOTS=stateful`, so that nobody replaces a bucket in passing.
"""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.infra.synthesis import Synthesis

FOLDER = Path(__file__).with_name("snapshots")
UPDATE = "UPDATE_SNAPSHOTS"
# Properties whose change makes CloudFormation put a new, empty resource in the place of the old one.
IDENTITY = {
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::SQS::Queue": ("QueueName",),
    "AWS::Glue::Database": ("CatalogId", "DatabaseName"),
    "AWS::Glue::Table": ("CatalogId", "DatabaseName", "TableInput.Name"),
    "AWS::KMS::Key": ("KeySpec",),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::Athena::WorkGroup": ("Name",),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::StepFunctions::StateMachine": ("StateMachineName",),
}


def compare(name: str, value: Any, advice: str, asked: str = "1") -> None:
    """Compare a value with its snapshot, hashes of assets masked; write it where the environment says `asked`."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<hash>", text) + "\n"
    path = FOLDER / name
    if os.environ.get(UPDATE) == asked:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if old != text:
        changed = [
            f"-{was.strip()} +{now.strip()}"
            for was, now in zip(old.splitlines(), text.splitlines(), strict=False)
            if was != now
        ]
        first = "\n".join(changed[:5]) or "lines were added or removed at its end"
        pytest.fail(f"{name} is not as its snapshot:\n{first}\n{advice}: {UPDATE}={asked} python -m pytest {__file__}")


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_templates_are_as_reviewed(stage: str, synthesis: Callable[[str], Synthesis]) -> None:
    templates = synthesis(stage).templates
    for stack, template in templates.items():
        compare(f"{stage}/{stack}.json", template, "If the change is meant, write it again")
    assert {path.stem for path in (FOLDER / stage).glob("[A-Z]*.json")} == templates.keys()


@pytest.mark.parametrize(("case", "mode"), [("direct", "direct"), ("options", "spice")])
def test_dashboards_are_as_reviewed(case: str, mode: str, synthesis: Callable[[str], Synthesis]) -> None:
    template = synthesis(case).templates["Dashboards"]
    compare(f"dashboards/{mode}.json", template, "If the change is meant, write it again")


def test_no_stateful_resource_is_replaced(prod: Synthesis) -> None:
    kept = {
        f"{made.stack}/{made.logical_id}": {key: _inner(made.properties, key) for key in IDENTITY[made.type]}
        for made in prod.resources(*IDENTITY)
    }
    advice = "A changed id or name loses what the old resource holds. If that is meant, say so in the changelog"
    compare("prod/stateful.json", kept, advice, "stateful")


def _inner(properties: Any, path: str) -> Any:
    """A property by its path, as in TableInput.Name."""
    for key in path.split("."):
        properties = (properties or {}).get(key)
    return properties
