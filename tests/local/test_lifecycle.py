"""An instance from its first deployment to its end, with the real cdk tool."""

import re
from collections.abc import Iterator

import boto3
import pytest

from console.aws.launcher import EmbeddedAws, embedded_aws
from console.cdk import LocalCdk
from console.local import local_context
from tests.local.scan import keys, names_of_everything

pytestmark = pytest.mark.timeout(900)

SETTINGS = {"ted:start_year": "2019", "ted:poll_seconds": "2"}
CHANGED = SETTINGS | {"ted:poll_seconds": "7"}
CHANGE_MARK = re.compile(r"^\s*[│├└─ ]*\[([-+~])\] (.+)$", re.MULTILINE)
DIFFERENT_STACKS = re.compile(r"Number of stacks with differences: (\d+)")


def cdk(aws: EmbeddedAws, settings: dict[str, str]) -> LocalCdk:
    return LocalCdk(aws, local_context("zq", "http://127.0.0.1:9", settings))


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with embedded_aws(tmp_path_factory.mktemp("lifecycle")) as started:
        cdk(started, SETTINGS).bootstrap()
        yield started


def session_of(aws: EmbeddedAws, patch: pytest.MonkeyPatch) -> boto3.Session:
    for name, value in aws.environment().items():
        patch.setenv(name, value)
    return boto3.Session()


def test_a_changed_setting_is_all_that_changes_and_nothing_outlives_the_instance(
    aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(aws, monkeypatch)
    before, keys_before = names_of_everything(session), keys(session)
    assert "zq" not in re.findall("zq(?=[-_]cca)", before)

    cdk(aws, SETTINGS).deploy()
    deployed = names_of_everything(session)
    assert deployed.count("zq-cca-ted") > 20  # the scan sees what there is to see
    assert DIFFERENT_STACKS.findall(cdk(aws, SETTINGS).diff()) == ["0"]

    shown = cdk(aws, CHANGED).diff()
    assert DIFFERENT_STACKS.findall(shown) == ["1"], shown
    changed = [(mark, what) for mark, what in CHANGE_MARK.findall(shown) if "AWS::" in what]
    assert [(mark, what.split()[0]) for mark, what in changed] == [("~", "AWS::StepFunctions::StateMachine")], shown
    removed, added = (set(re.findall(rf'\[{sign}\].*?"Seconds\\?":(\d+)', shown)) for sign in ("-", r"\+"))
    assert (removed - added, added - removed) == ({"2"}, {"7"}), shown

    cdk(aws, CHANGED).deploy()
    machines = session.client("stepfunctions")
    (machine,) = machines.list_state_machines()["stateMachines"]
    definition = machines.describe_state_machine(stateMachineArn=machine["stateMachineArn"])["definition"]
    assert '"Seconds":7' in definition
    assert names_of_everything(session).count("zq-cca-ted") == deployed.count("zq-cca-ted")
    assert DIFFERENT_STACKS.findall(cdk(aws, CHANGED).diff()) == ["0"]

    cdk(aws, CHANGED).destroy()
    left = names_of_everything(session)
    assert not re.findall(r"zq[-_]cca[-_]ted[-_\w]*", left)
    # AWS deletes no key at once: that of the topic waits, and is of no use to anyone meanwhile.
    after = keys(session)
    assert {state for key, state in after.items() if key not in keys_before} <= {"PendingDeletion"}
    assert {key: after[key] for key in keys_before} == keys_before
