"""`ted doctor`: names that are taken, by whom, and what helps."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import ClientCreator
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from typer.testing import CliRunner

from console import doctor, machine, target
from console.main import app
from console.sample.server import Publisher, Shelf
from runtime.errors import ConfigError
from stacks.names import Names
from tests.unit.deployed import ACCOUNT, deploy_storage, with_stacks

NAMES = Names("me", "dev")
RAW, EXTRACTED = NAMES.raw_bucket, NAMES.extracted_bucket
REGIONAL = ("-c", "ted:bucket_names=account-regional")


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    assert DEFAULT_ACCOUNT_ID == ACCOUNT
    with mock_aws():
        made = with_stacks(boto3.Session(region_name="eu-west-1"))
        monkeypatch.setattr(target, "find_target", lambda *_: target.Target(made, NAMES, "a test"))
        monkeypatch.setattr(doctor, "MACHINE", ())
        monkeypatch.setattr(doctor, "CHECKS", (("bucket names", doctor.bucket_names),))
        yield made


def ask(*arguments: str, code: int = 1) -> dict[str, dict[str, str]]:
    result = CliRunner().invoke(app, ["doctor", "--json", *arguments])
    assert result.exit_code == code, result.output
    return {each["what"]: each for each in json.loads(result.stdout)["findings"]}


def make(session: boto3.Session, name: str, region: str = "eu-west-1") -> None:
    session.client("s3", region_name=region).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": region}
    )


def make_a_strangers(session: boto3.Session, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto lets everybody look at a bucket; S3 does not."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999988887777")
    make(session, name)
    monkeypatch.delenv("MOTO_ACCOUNT_ID")


def test_free_names_are_well(session: boto3.Session) -> None:
    found = ask(code=0)
    assert [each["state"] for each in found.values()] == ["ok"] * 4
    assert found[f"bucket {RAW}"]["seen"] == f"{RAW} is free"


def test_a_name_of_another_account_is_told_with_the_setting(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_a_strangers(session, RAW, monkeypatch)
    found = ask()[f"bucket {RAW}"]
    assert (found["state"], found["seen"]) == ("wrong", f"{RAW} is taken by another account")
    assert "ted:bucket_names=account-regional" in found["advice"]
    assert ask()[f"bucket {EXTRACTED}"]["state"] == "ok"


def test_a_name_of_ones_own_other_region_is_told_with_the_setting(session: boto3.Session) -> None:
    make(session, EXTRACTED, "eu-central-1")
    found = ask()[f"bucket {EXTRACTED}"]
    assert (found["state"], found["seen"]) == ("wrong", f"{EXTRACTED} is taken by yourself, in eu-central-1")
    assert "ted:bucket_names=account-regional" in found["advice"]


def test_what_an_instance_left_is_told_with_the_way_back(session: boto3.Session) -> None:
    make(session, RAW)
    found = ask()[f"bucket {RAW}"]
    assert (found["state"], "docs/recovery.md" in found["advice"]) == ("wrong", True)


def test_with_account_regional_names_nobody_stands_in_the_way(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_a_strangers(session, RAW, monkeypatch)
    make(session, EXTRACTED, "eu-central-1")
    found = ask(*REGIONAL, code=0)
    assert found[f"bucket {RAW}"]["seen"] == f"{RAW}-{ACCOUNT}-eu-west-1-an is free"


@pytest.mark.parametrize("bucket_names", ["short", "account-regional"])
def test_a_deployed_instance_is_well_and_shown_with_its_whole_names(session: boto3.Session, bucket_names: str) -> None:
    raw, _ = deploy_storage(session, NAMES, bucket_names)
    found = ask("-c", f"ted:bucket_names={bucket_names}", code=0)
    assert found[f"bucket {RAW}"]["seen"] == f"{raw.name}, deployed"


def test_another_setting_than_deployed_is_told_with_the_way_to_move(session: boto3.Session) -> None:
    deploy_storage(session, NAMES)
    found = ask(*REGIONAL)["bucket names"]
    assert found["seen"] == "deployed with ted:bucket_names=short, and account-regional is asked for"
    assert "docs/bucket-names.md" in found["advice"]


def test_a_bucket_that_somebody_took_over_is_told(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy_storage(session, NAMES)
    session.client("s3").delete_bucket(Bucket=RAW)
    assert ask()[f"bucket {RAW}"]["seen"] == f"{RAW} is gone"
    make_a_strangers(session, RAW, monkeypatch)
    assert ask()[f"bucket {RAW}"]["seen"] == f"{RAW} is another account's by now"


def test_a_table_can_be_pasted_and_the_advice_is_below(session: boto3.Session) -> None:
    make(session, RAW)
    result = CliRunner().invoke(app, ["doctor"])
    lines = result.stdout.splitlines()
    assert [line.count("|") for line in lines if line.startswith("|")] == [4] * 6
    assert lines[-1].startswith(f"bucket {RAW}: take it up again")


@pytest.mark.parametrize("wrong", ["ted:bucket_names", "ted:bucket_names=global"])
def test_wrong_context_is_told(session: boto3.Session, wrong: str) -> None:
    result = CliRunner().invoke(app, ["doctor", "-c", wrong])
    assert result.exit_code == target.COULD_NOT
    assert "ted:bucket_names" in result.stderr


STACK = "CDKToolkit"


def bootstrapped(session: boto3.Session, version: str | None) -> None:
    made: Any = session.client("cloudformation")
    outputs = [{"OutputKey": "BootstrapVersion", "OutputValue": version}] if version else []
    made.stack = {"StackName": STACK, "Outputs": outputs}


@pytest.mark.parametrize(
    ("version", "state", "seen"),
    [("28", "ok", "version 28"), ("5", "wrong", "version 5, expected 6 or newer"), (None, "wrong", "version 0,")],
)
def test_a_bootstrap_that_is_too_old_is_told_with_the_command(
    version: str | None, state: str, seen: str, session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrapped(session, version)
    monkeypatch.setattr(doctor, "CHECKS", (("bootstrap", doctor.bootstrap),))
    found = ask(code=0 if state == "ok" else 1)["bootstrap"]
    assert (found["state"], found["seen"].startswith(seen)) == (state, True)
    assert (found["advice"] == "npx cdk bootstrap -c initials=me") == (state == "wrong")


def test_an_account_that_was_never_bootstrapped_is_told(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (("bootstrap", doctor.bootstrap),))
    found = ask()["bootstrap"]
    assert found["seen"] == "eu-west-1 of the account was never made ready for cdk"
    assert found["advice"] == "npx cdk bootstrap -c initials=me"


def test_whose_credentials_and_which_region(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (("credentials", doctor.credentials), ("region", doctor.region)))
    found = ask(code=0)
    assert found["credentials"]["seen"].endswith(f"in account {ACCOUNT}")
    assert found["region"]["seen"] == "eu-west-1"
    found = ask("-c", "ted:account=111122223333", "-c", "ted:region=eu-north-1")
    assert found["credentials"]["seen"].endswith(", and ted:account is 111122223333")
    assert found["region"]["advice"].startswith("AWS_REGION=eu-north-1")


def test_a_region_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    made = boto3.Session(region_name="eu-wset-1")
    monkeypatch.setattr(target, "find_target", lambda *_: target.Target(made, NAMES, "a test"))
    monkeypatch.setattr(doctor, "MACHINE", ())
    monkeypatch.setattr(doctor, "CHECKS", (("region", doctor.region),))
    assert ask()["region"]["seen"] == "eu-wset-1 is no region that is known"


def test_the_source_is_asked_once_and_politely(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (("source", doctor.source),))
    year = dt.datetime.now(dt.UTC).year
    with Publisher(Shelf({}, {year: b"OJS,Publication date\n"})) as publisher:
        found = ask("-c", f"ted:source_url={publisher.url}", code=0)["source"]
        assert found["seen"].endswith(f"/{year} answers")
        assert len(publisher.requests) == 1
    found = ask("-c", f"ted:source_url={publisher.url}")["source"]
    assert "s3://" in found["advice"]
    make(session, "packages")
    assert ask("-c", "ted:source_url=s3://packages", code=0)["source"]["seen"] == "s3://packages may be read"


def test_tools_that_lack_are_told_with_their_mend(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise ConfigError("expected Node 22 or newer, got none. Install Node, or run: make setup")

    monkeypatch.setattr(machine, "find_node", none)
    monkeypatch.setattr(machine, "PROJECT", Path("/nowhere"))
    monkeypatch.setattr(machine, "LEAST_BYTES", 1 << 60)
    monkeypatch.setattr(doctor, "MACHINE", (machine.tools, machine.disk))
    found = ask()
    assert (found["Python"]["state"], found["Node"]["state"], found["cdk"]["state"]) == ("ok", "wrong", "wrong")
    assert (found["Node"]["advice"], found["Node"]["seen"]) == ("make setup", "expected Node 22 or newer, got none")
    assert (found["disk"]["state"], "CCA_TED_CACHE" in found["disk"]["advice"]) == ("wrong", True)


def test_without_an_instance_the_machine_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CCA_TED_CACHE", str(tmp_path))
    monkeypatch.delenv("CCA_TED_INITIALS", raising=False)
    monkeypatch.setattr(doctor, "MACHINE", (machine.disk,))
    found = ask(code=0)
    assert found["account"]["advice"] == "ted doctor --aws --initials nfr"
    assert found["disk"]["state"] == "ok"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("AWS_PROFILE", "wrok", "there is no AWS profile 'wrok'"),
        ("AWS_DEFAULT_REGION", None, "no AWS region is set"),
        ("AWS_ACCESS_KEY_ID", None, "there are no AWS credentials"),
    ],
)
def test_what_cdk_would_say_worse_is_a_finding_with_its_mend(
    variable: str, value: str | None, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CCA_TED_CACHE", str(tmp_path))
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv(variable, value) if value else monkeypatch.delenv(variable)
    monkeypatch.setattr(doctor, "MACHINE", (machine.disk,))
    found = ask("--aws", "--initials", "me")
    assert found["account"]["seen"].startswith(said)
    assert found["account"]["state"] == "wrong"
    assert found["account"]["advice"]
    assert found["disk"]["state"] == "ok"


OWNER = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:user/default/Admin/jane"


@pytest.fixture
def subscription(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What QuickSight says of the account, which moto does not know; it does know users."""
    said = {"AccountSubscriptionStatus": "ACCOUNT_CREATED", "Edition": "ENTERPRISE"}
    asked = ClientCreator.create_client

    def create(self: ClientCreator, service_name: str, region_name: str, *args: Any, **kwargs: Any) -> Any:
        client: Any = asked(self, service_name, region_name, *args, **kwargs)
        if service_name == "quicksight":
            assert region_name == "us-east-1"  # where the owner is, not the instance
            client.describe_account_subscription = lambda **_: answered(said)
        return client

    def answered(info: dict[str, str]) -> dict[str, Any]:
        if not info:
            error: Any = {"Error": {"Code": "ResourceNotFoundException", "Message": "no such account"}}
            raise ClientError(error, "DescribeAccountSubscription")
        return {"AccountInfo": info}

    monkeypatch.setattr(ClientCreator, "create_client", create)
    monkeypatch.setattr(doctor, "CHECKS", (("QuickSight", doctor.quicksight),))
    return said


def test_quicksight_is_looked_at_where_it_is_asked_for(subscription: dict[str, str]) -> None:
    assert ask(code=0) == {}
    found = ask("-c", f"ted:quicksight_principal={OWNER}")
    assert found["QuickSight"]["seen"] == f"ENTERPRISE in account {ACCOUNT}"
    assert found["QuickSight's owner"]["seen"] == "there is no user Admin/jane in namespace default"
    assert (
        f"list-users --aws-account-id {ACCOUNT} --namespace default --region us-east-1"
        in (found["QuickSight's owner"]["advice"])
    )


def test_the_owner_of_the_dashboard_is_found(subscription: dict[str, str], session: boto3.Session) -> None:
    client = session.client("quicksight", region_name="us-east-1")
    client.create_group(AwsAccountId=ACCOUNT, Namespace="default", GroupName="buyers")
    group = OWNER.replace("user/default/Admin/jane", "group/default/buyers")
    assert ask("-c", f"ted:quicksight_principal={group}", code=0)["QuickSight's owner"]["seen"] == "group buyers"


def test_an_account_without_quicksight_is_told(subscription: dict[str, str]) -> None:
    subscription.clear()
    (found,) = ask("-c", f"ted:quicksight_principal={OWNER}").values()
    assert (found["state"], found["seen"]) == ("wrong", f"no subscription in account {ACCOUNT}")
    assert "docs/quicksight.md" in found["advice"]
    subscription["AccountSubscriptionStatus"] = "UNSUBSCRIBED"
    assert ask("-c", f"ted:quicksight_principal={OWNER}")["QuickSight"]["seen"].startswith("UNSUBSCRIBED")
