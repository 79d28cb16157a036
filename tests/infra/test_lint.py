"""checkov's list: `make lint` runs checkov itself, which lives in an environment of its own."""

import json
from typing import Any

from tests.infra.lint import LISTED, differences
from tests.infra.synthesis import Synthesis

LISTED_CHECKS: dict[str, Any] = json.loads(LISTED.read_text(encoding="utf-8"))
ONE = {"CKV_AWS_1": {"title": "t", "reason": "r", "resources": ["Storage/Raw"]}}


def test_every_listed_check_has_a_reason() -> None:
    assert LISTED_CHECKS
    assert not [check for check, entry in LISTED_CHECKS.items() if len(entry["reason"]) < 40 or not entry["resources"]]


def test_a_finding_without_a_reason_is_a_fault() -> None:
    (fault,) = differences({("CKV_AWS_1", "Storage/Raw"), ("CKV_AWS_1", "Storage/New")}, ONE)
    assert "Storage/New fails CKV_AWS_1" in fault


def test_a_reason_without_a_finding_is_a_fault() -> None:
    (fault,) = differences(set(), ONE)
    assert "Storage/Raw passes CKV_AWS_1 by now" in fault


def test_listed_resources_exist(direct: Synthesis, prod: Synthesis) -> None:
    ids = {f"{made.stack}/{made.logical_id}" for made in (*direct.resources(), *prod.resources())}
    ids |= {resource[:-8] for resource in ids}
    assert not {r for entry in LISTED_CHECKS.values() for r in entry["resources"]} - ids
