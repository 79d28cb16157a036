"""`ted config` and `ted open`: what is in force and where it comes from; where an instance is in the console."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from console import config, target
from console.aws.launcher import EmbeddedAws
from console.instances import LocalInstance
from console.main import app
from console.open import addresses
from stacks.names import Names
from stacks.settings import KEYS, PREFIX, Settings
from tests.unit.deployed import ACCOUNT, deploy_storage, with_stacks

NAMES = Names("me", "dev")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without anybody's own settings, and no instance on this machine."""
    monkeypatch.setattr(config, "PROJECT", tmp_path)
    monkeypatch.setenv("CCA_TED_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CCA_TED_INITIALS", raising=False)
    (tmp_path / "cdk.json").write_text('{"context": {"ted:glue_minutes": "60"}}')
    return tmp_path


def ted(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code, result.output
    return result


def settings(*arguments: str) -> dict[str, tuple[Any, str]]:
    told = json.loads(ted("config", "--json", *arguments).stdout)["settings"]
    return {each["key"]: (each["value"], each["origin"]) for each in told}


def test_each_setting_is_told_with_the_place_that_it_comes_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "cdk.context.local.json").write_text(
        '{"initials": "nfr", "ted:budget_usd": "7", "ted:contact": "a@b.eu"}'
    )
    found = settings("--stage", "prod", "-c", "ted:schedule=off", "-c", "ted:contact=c@d.eu")
    assert found["initials"] == ("nfr", "cdk.context.local.json")
    assert found["stage"] == ("prod", "--stage")
    assert found["ted:schedule"] == (False, "--context")
    assert found["ted:contact"] == ("c@d.eu", "--context")
    assert found["ted:budget_usd"] == (7, "cdk.context.local.json")
    assert found["ted:glue_minutes"] == (60, "cdk.json")
    assert found["ted:glue_workers"] == (4, "default of prod")
    assert found["ted:start_year"] == (2011, "default")
    monkeypatch.setenv("CCA_TED_INITIALS", "abc")
    assert settings()["initials"] == ("abc", "CCA_TED_INITIALS")
    assert settings("--initials", "xyz")["initials"] == ("xyz", "--initials")


def test_every_setting_is_told() -> None:
    fields = {name for name, _ in KEYS.values()} & set(Settings.__dataclass_fields__)
    assert len(settings("--initials", "me")) == len(fields) + 2
    page = ted("config", "--initials", "me").stdout
    assert [key for key, (name, _) in KEYS.items() if name in fields and f"{PREFIX}{key} " not in page] == []


def test_an_instance_on_this_machine_is_told_as_it_was_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    here = LocalInstance("mine", "local", "dev", "http://127.0.0.1:9", 1, "/x", "http://127.0.0.1:8", 2, [2019], "/p")
    monkeypatch.setattr(config, "find_instance", lambda *_: here)
    found = settings()
    assert found["initials"] == ("local", "instance mine")
    assert found["ted:source_url"] == ("http://127.0.0.1:8", "ted local up")
    assert found["ted:poll_seconds"] == (2, "ted local up")


def test_where_the_region_comes_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "aws-config"
    file.write_text("[profile work]\nregion = eu-north-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    for variable, region, origin in (
        ("", "eu-north-1", "profile work"),
        ("AWS_DEFAULT_REGION", "eu-west-1", "AWS_DEFAULT_REGION"),
        ("AWS_REGION", "eu-central-1", "AWS_REGION"),
    ):
        if variable:
            monkeypatch.setenv(variable, region)
        told = {each["key"]: each for each in json.loads(ted("config", "--initials", "me", "--json").stdout)["machine"]}
        assert (told["AWS region"]["value"], told["AWS region"]["origin"]) == (region, origin)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no initials were given. Name one: "),
        (("--initials", "N.F"), "initials is 'N.F'"),
        (("--local", "mine"), "no instance is called 'mine'"),
        (("--initials", "me", "-c", "ted:stage=prod"), "ted:stage is no key"),
        (("--initials", "me", "-c", "ted:schedule"), "expected key=value"),
    ],
)
def test_what_cannot_be_is_told_with_the_next_step(arguments: tuple[str, ...], said: str) -> None:
    assert said in ted("config", *arguments, code=target.COULD_NOT).stderr


def test_a_spoilt_file_is_named(folder: Path) -> None:
    (folder / "cdk.context.local.json").write_text("{")
    said = ted("config", "--initials", "me", code=target.COULD_NOT).stderr
    assert "cdk.context.local.json cannot be read" in said


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Any:
    with mock_aws():
        made = with_stacks(boto3.Session(region_name="eu-west-1"))
        monkeypatch.setattr(target, "find_target", lambda *_: target.Target(made, NAMES, "a test"))
        yield made


def test_the_parts_of_an_instance_have_addresses_in_the_console(session: boto3.Session) -> None:
    raw, _ = deploy_storage(session, NAMES, "account-regional")
    found = json.loads(ted("open", "--json").stdout)
    assert found["raw"] == f"https://eu-west-1.console.aws.amazon.com/s3/buckets/{raw.name}?region=eu-west-1"
    machine = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:me-cca-ted-pipeline-dev"
    assert found["pipeline"].endswith(f"/states/home?region=eu-west-1#/statemachines/view/{machine}")
    assert found["dead-transfers"].endswith("me_cca_ted_transfers_dev_dlq")
    page = ted("open").stdout
    assert [name for name, address in found.items() if not (name in page and address in page)] == []


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-central-1", "eu-central-1.console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_a_partition_has_a_console_of_its_own(partition: str, region: str, host: str) -> None:
    found = addresses(NAMES, region, ACCOUNT, partition, "raw", "extracted")
    assert {urlsplit(address).hostname for address in found.values()} == {host}


def test_one_part_is_opened_in_the_browser(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy_storage(session, NAMES)
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", lambda address: opened.append(address) or 1)  # type: ignore[func-returns-value]
    result = ted("open", "athena")
    assert opened == [result.stdout.split()[1]]
    assert "no browser was found" in result.stderr
    assert "there is no part 'glue'; there are: pipeline," in ted("open", "glue", code=target.COULD_NOT).stderr


def test_what_is_not_deployed_cannot_be_opened(session: boto3.Session) -> None:
    assert "there is no instance me-cca-ted-dev (a test)" in ted("open", code=target.COULD_NOT).stderr


def test_an_instance_on_this_machine_is_where_its_aws_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    aws = EmbeddedAws("http://127.0.0.1:9", 1, tmp_path)
    monkeypatch.setattr(target, "find_target", lambda *_: target.embedded(aws, NAMES, "here"))
    assert json.loads(ted("open", "--json").stdout)["endpoint"] == aws.endpoint
