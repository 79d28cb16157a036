"""`ted doctor`: names that are taken, by whom, and what helps."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from typer.testing import CliRunner

from console import doctor, target
from console.main import app
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
