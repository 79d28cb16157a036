"""The workflow that looks at every pull request: whose code it runs, and what that code may do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
OWN_ACTION = " ./.github/actions/python"
# The workflow, and the action of its own that its jobs share.
TEXT = "".join(path.read_text(encoding="utf-8") for path in (WORKFLOW, ROOT / OWN_ACTION.strip() / "action.yml"))


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    return found


def test_actions_are_pinned_by_their_whole_hash_and_tell_the_version() -> None:
    uses = re.findall(r"uses:(.*)", TEXT)
    assert uses
    pattern = r" (?:actions|aws-actions)/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
    assert {use for use in uses if not re.fullmatch(pattern, use)} == {OWN_ACTION}


def test_an_action_has_one_version() -> None:
    pins = set(re.findall(r"uses: (\S+)@(\w+) # (\S+)", TEXT))
    assert len({action for action, _, _ in pins}) == len(pins)


def test_the_token_reads_only_but_where_a_comment_is_written(jobs: dict[str, Any]) -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert {name: job["permissions"] for name, job in jobs.items() if "permissions" in job} == {
        "review": {"contents": "read", "id-token": "write", "pull-requests": "write"}
    }


def test_forks_start_no_job_that_may_write(jobs: dict[str, Any]) -> None:
    # YAML reads the key `on` as true.
    assert set(yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))[True]) == {"pull_request", "push"}
    assert "head.repo.full_name == github.repository" in jobs["review"]["if"]


def test_checkouts_leave_no_token_behind(jobs: dict[str, Any]) -> None:
    steps = [step for job in jobs.values() for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert len(steps) == len(jobs)
    assert all(step["with"]["persist-credentials"] is False for step in steps)


def test_aws_is_reached_by_a_role_and_no_secret_is_kept(jobs: dict[str, Any]) -> None:
    text = WORKFLOW.read_text(encoding="utf-8")
    assert "secrets." not in text
    (step,) = [step for step in jobs["review"]["steps"] if "configure-aws-credentials" in step.get("uses", "")]
    assert step["with"]["role-to-assume"] == "${{ vars.AWS_ROLE_ARN }}"
    assert step["if"] == "vars.AWS_ROLE_ARN != ''"


def test_scripts_take_nothing_from_an_expression(jobs: dict[str, Any]) -> None:
    """A branch's name would be run as a command."""
    scripts = [
        step.get("run", "") + step.get("with", {}).get("script", "") for j in jobs.values() for step in j["steps"]
    ]
    assert not [script for script in scripts if "${{" in script]


def test_every_target_that_runs_is_there(jobs: dict[str, Any]) -> None:
    asked = {
        target for job in jobs.values() for step in job["steps"] for target in re.findall(r"make (\w+)", str(step))
    }
    assert asked == {"lint", "test", "unit", "synth", "setup"}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert not [target for target in asked if f"\n{target}:" not in makefile]


def test_every_job_ends(jobs: dict[str, Any]) -> None:
    assert all(job["timeout-minutes"] <= 60 for job in jobs.values())
