"""Roles may do what they do, and nothing else: a whole run with IAM enforced, and its calls against the policies.

What the emulator cannot judge is named, action by action, in iam_unused.json.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from console.athena import ask
from console.aws.launcher import embedded_aws
from console.sample.packages import make_package
from console.sample.server import Publisher, Shelf
from stacks.names import Names
from tests.local.conftest import ON_DUCKDB_ALONE
from tests.local.test_system import PACKAGE, World, a_day

pytestmark = [pytest.mark.timeout(900), ON_DUCKDB_ALONE]

INITIALS = "aa"
UNUSED = Path(__file__).with_name("iam_unused.json")
Calls = list[dict[str, object]]


def short(role: str) -> str:
    """Name of a role as the stacks spell it, without what CDK and CloudFormation add."""
    found = re.match(rf"{INITIALS}-cca-ted-\w+-dev-(\w+?)(Role[0-9A-F]{{8}}|Cus)", role)
    return found[1] if found else role


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    notices, corrupt = a_day()
    shelf = Shelf.of_packages({PACKAGE: make_package(PACKAGE, [*notices, corrupt])})
    folder = tmp_path_factory.mktemp("iam")
    with (
        pytest.MonkeyPatch.context() as patch,
        Publisher(shelf) as publisher,
        embedded_aws(folder, enforces_iam=True) as aws,
    ):
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        made = World(aws, publisher, boto3.Session())
        made.cdk(INITIALS).bootstrap()
        made.cdk(INITIALS).deploy()
        yield made


@pytest.fixture(scope="module")
def report(world: World) -> dict[str, object]:
    report = world.run(INITIALS, {"year": 2019, "month": 3})
    assert world.invoke(Names(INITIALS, "dev").of("expire-sandbox"), {}) == {"dropped": []}
    return dict(report)


@pytest.fixture(scope="module")
def calls(world: World, report: dict[str, object]) -> Calls:
    """Calls of the instance's roles, from its deployment to the end of a run."""
    lines = [json.loads(line) for line in world.aws.calls.read_text().splitlines()]
    return [line for line in lines if line["role"].startswith(f"{INITIALS}-cca-ted-")]


@pytest.fixture(scope="module")
def granted(world: World) -> dict[str, set[str]]:
    """Actions that each role's policies allow, as they are deployed."""
    iam = world.session.client("iam")
    made = [role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith(f"{INITIALS}-")]
    found: dict[str, set[str]] = {}
    for role in made:
        actions = found.setdefault(short(role), set())
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            for statement in document["Statement"]:
                listed = statement["Action"]
                actions.update([listed] if isinstance(listed, str) else listed)
    return found


def test_a_run_with_iam_enforced_publishes_the_day(world: World, report: dict[str, object]) -> None:
    notices, _ = a_day()
    assert report["problems"] == []
    answer = ask(world.session, Names(INITIALS, "dev"), "SELECT notice_id FROM notices ORDER BY notice_id")
    assert answer.rows == [(notice.notice_id,) for notice in notices]


def test_every_call_of_a_role_is_allowed_by_its_policies(calls: Calls) -> None:
    assert [call for call in calls if not call["allowed"]] == []
    callers = {short(str(call["role"])) for call in calls}
    assert callers >= {
        "StartTransferJob", "ProcessTransfers", "StartExtractJob", "ProcessExtractions", "CheckProgress", "Reconcile",
        "Merge", "StateMachine", "Notifier", "ExpireSandbox",
    }  # fmt: skip


def test_every_action_that_a_policy_allows_is_used_or_has_a_reason(calls: Calls, granted: dict[str, set[str]]) -> None:
    used: dict[str, set[str]] = {}
    for call in calls:
        used.setdefault(short(str(call["role"])), set()).add(str(call["action"]))
    unused = {f"{role} {action}" for role, actions in granted.items() for action in actions - used.get(role, set())}
    entries = json.loads(UNUSED.read_text())

    def spelled(perhaps_used: bool) -> set[str]:
        chosen = [entry for entry in entries if entry.get("perhaps_used", False) == perhaps_used]
        return {f"{role} {action}" for entry in chosen for role in entry["roles"] for action in entry["actions"]}

    assert unused - spelled(True) == spelled(False)


def test_a_role_is_refused_what_its_policies_do_not_allow(world: World) -> None:
    """The enforcement itself: without it the rest of this file would prove nothing."""
    iam = world.session.client("iam")
    (role,) = [r["RoleName"] for r in iam.list_roles()["Roles"] if short(r["RoleName"]) == "CheckProgress"]
    policy = iam.list_role_policies(RoleName=role)["PolicyNames"][0]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    less = [statement for statement in document["Statement"] if statement["Sid"] != "ReadPlans"]
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps({**document, "Statement": less}))
    plan = {"plan_key": "plans/any.json", "idle": 0}
    try:
        answer = world.invoke(Names(INITIALS, "dev").of("check-progress"), plan)
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
    assert "AccessDenied" in answer["errorMessage"]
    assert "s3:GetObject" in answer["errorMessage"]
