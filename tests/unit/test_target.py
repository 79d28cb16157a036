"""Which instance a command is about, and what is said when it cannot be asked."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import typer
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from moto import mock_aws
from typer.testing import CliRunner

from console import phrases, target
from console.aws.launcher import EmbeddedAws
from console.main import app
from console.target import COULD_NOT, INTERRUPTED, embedded, find_target, told
from runtime.buckets import aws_errors
from runtime.errors import ConfigError
from stacks.names import Names

NAMES = Names("me", "dev")
IN_AWS = ["--aws", "--initials", "me"]
COMMANDS = [["query", "SELECT 1"], ["run", "--year", "2019"], ["status"]]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No instance on this machine, and no profile."""
    monkeypatch.setenv("CCA_TED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("CCA_TED_INITIALS", raising=False)


def ted(*arguments: str) -> str:
    """What a command says on its way to 2, which is one sentence and no traceback."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == COULD_NOT, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert result.stdout == ""
    return result.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each[0])
class TestEveryCommandSays:
    def test_that_no_instance_was_named(self, command: list[str]) -> None:
        said = ted(*command)
        assert "no instance runs on this machine" in said
        assert "ted local up" in said
        assert "--aws --initials nfr" in said

    def test_that_initials_are_missing(self, command: list[str]) -> None:
        assert "--initials nfr" in ted(*command, "--aws")

    def test_that_initials_are_wrong(self, command: list[str]) -> None:
        assert "initials is 'N.F.R': expected 2 to 8 of a-z and 0-9" in ted(*command, "--aws", "--initials", "N.F.R")

    def test_that_there_are_no_credentials(self, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        said = ted(*command, *IN_AWS)
        assert "there are no AWS credentials" in said
        assert "AWS_PROFILE=mine" in said

    def test_that_there_is_no_region(self, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        said = ted(*command, *IN_AWS)
        assert "no AWS region is set" in said
        assert "AWS_REGION=eu-west-1" in said

    def test_that_there_is_no_such_profile_and_which_there_are(
        self, command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "config").write_text("[profile work]\nregion = eu-west-1\n")
        monkeypatch.setenv("AWS_PROFILE", "wrok")
        assert "there is no AWS profile 'wrok'; there: work" in ted(*command, *IN_AWS)

    def test_that_credentials_have_expired(self, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        refuse(monkeypatch, ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "x"}}, "Anything"))
        assert "the AWS credentials have expired. Sign in again: aws sso login" in ted(*command, *IN_AWS)

    def test_that_the_credentials_are_unknown(self, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        refuse(monkeypatch, ClientError({"Error": {"Code": "InvalidClientTokenId", "Message": "x"}}, "Anything"))
        assert "AWS does not know these credentials" in ted(*command, *IN_AWS)

    def test_that_something_is_not_allowed_and_what(self, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        detail: Any = {"Code": "AccessDeniedException", "Message": "not authorized to perform: x:Y"}
        refuse(monkeypatch, ClientError({"Error": detail}, "Anything"))
        said = ted(*command, *IN_AWS)
        assert "not authorized to perform: x:Y" in said
        assert "AWS_PROFILE=mine" in said

    def test_that_the_network_does_not_reach_aws(self, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        refuse(monkeypatch, EndpointConnectionError(endpoint_url="https://x"))
        assert "AWS does not answer. Look at the network" in ted(*command, *IN_AWS)

    def test_that_there_is_no_such_instance_and_how_to_deploy_it(
        self, command: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if command[0] == "query":  # moto knows no missing workgroup
            detail: Any = {"Code": "InvalidRequestException", "Message": "WorkGroup me-cca-ted-dev is not found."}
            refuse(monkeypatch, ClientError({"Error": detail}, "StartQueryExecution"))
        if command[0] == "status":
            detail = {"Code": "ValidationError", "Message": "Stack with id me-cca-ted-storage-dev does not exist"}
            refuse(monkeypatch, ClientError({"Error": detail}, "DescribeStacks"))
        with mock_aws():
            said = ted(*command, *IN_AWS)
        assert "there is no instance me-cca-ted-dev (AWS default, eu-west-1)" in said
        assert "npx cdk deploy --all -c initials=me -c stage=dev" in said

    def test_that_the_emulator_has_ended(self, command: list[str], tmp_path: Path) -> None:
        leave_behind(tmp_path / "cache")
        assert "the embedded AWS of mine has ended. Take it up again: " in ted(*command)
        assert "ted local up --name mine" in ted(*command, "--initials", "me")

    def test_that_the_emulator_does_not_answer_any_more(
        self, command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        gone = embedded(EmbeddedAws("http://127.0.0.1:9", 1, tmp_path), NAMES, "mine, on this machine")
        monkeypatch.setattr(target, "find_target", lambda *_: gone)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        said = ted(*command)
        assert "the embedded AWS of me-cca-ted-dev (mine, on this machine) does not answer" in said
        assert "ted local status" in said


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let every call to AWS fail."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", fail)


def leave_behind(cache: Path, name: str = "mine", pid: int = 2**22 - 1) -> None:
    """The file of an instance whose process has ended."""
    about = {
        "name": name, "initials": "me", "stage": "dev", "endpoint": "http://127.0.0.1:9", "pid": pid,
        "folder": str(cache / "local" / name), "publisher_url": "http://127.0.0.1:9", "publisher_pid": pid,
        "years": [2019], "packages": "",
    }  # fmt: skip
    (cache / "local").mkdir(parents=True, exist_ok=True)
    (cache / "local" / f"{name}.json").write_text(json.dumps(about))


def test_aws_is_asked_when_it_is_named_though_an_instance_has_ended(tmp_path: Path) -> None:
    leave_behind(tmp_path / "cache")
    assert find_target(None, "me", "dev", True).aws is None


def test_a_name_that_no_instance_has_is_told(tmp_path: Path) -> None:
    assert "no instance is called 'none' on this machine" in ted("status", "--local", "none")
    assert "expected --aws or --local, got both" in ted("status", "--local", "none", "--aws")


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({"AWS_REGION": "eu-north-1"}, "eu-north-1"),
        ({"AWS_DEFAULT_REGION": "eu-south-1"}, "eu-south-1"),
        ({"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-south-1"}, "eu-north-1"),
        ({"AWS_PROFILE": "work"}, "eu-west-3"),
        ({"AWS_PROFILE": "work", "AWS_REGION": "eu-north-1"}, "eu-north-1"),
    ],
    ids=str,
)
def test_the_region_is_that_of_either_variable_or_of_the_profile(
    variables: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-3\n")
    (tmp_path / "credentials").write_text("[work]\naws_access_key_id = a\naws_secret_access_key = b\n")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = find_target(None, "me", "dev", True)
    assert found.session.client("s3").meta.region_name == region
    assert region in found.where


def test_an_embedded_aws_is_asked_with_nothing_set_and_whatever_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "none")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://elsewhere.example.org")
    before = dict(os.environ)
    client = embedded(EmbeddedAws("http://127.0.0.1:9", 1, tmp_path), NAMES, "here").session.client("s3")
    assert dict(os.environ) == before
    assert client.meta.endpoint_url == "http://127.0.0.1:9"
    assert client.meta.region_name == "eu-west-1"


def test_an_interrupted_command_says_what_holds(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, told(stopped="the run goes on"):
        raise KeyboardInterrupt
    assert ended.value.exit_code == INTERRUPTED
    assert "the run goes on" in capsys.readouterr().err


def test_a_fault_of_the_program_itself_is_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError), told():
        raise ZeroDivisionError


def test_errors_that_an_access_module_translated_mean_the_same() -> None:
    with pytest.raises(ConfigError) as plain:
        raise ConfigError("x")
    assert target.in_words(plain.value) == "x"
    for error in (NoCredentialsError(), ClientError({"Error": {"Code": "ExpiredToken"}}, "Head")):
        with pytest.raises(Exception) as translated, aws_errors("get it"):  # noqa: PT011 the project's own
            raise error
        assert target.in_words(translated.value) == target.in_words(error)


@pytest.mark.parametrize(
    ("active", "here", "typed"),
    [
        (True, "project", 'try: ted query "SHOW TABLES"'),
        (False, "project", 'try: .venv/bin/ted query "SHOW TABLES"'),
        (False, "elsewhere", 'try: {project}/.venv/bin/ted query "SHOW TABLES"'),
    ],
)
def test_a_command_is_printed_as_it_can_be_typed(
    active: bool, here: str, typed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bin_ = tmp_path / "project" / ".venv" / "bin"
    bin_.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (bin_ / "ted").touch(0o755)
    monkeypatch.setattr(phrases.sys, "executable", str(bin_ / "python"))
    monkeypatch.setenv("PATH", str(bin_) if active else "/usr/bin")
    monkeypatch.chdir(tmp_path / here)
    assert phrases.as_typed('try: ted query "SHOW TABLES"') == typed.format(project=tmp_path / "project")


def test_only_commands_are_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases, "_command", lambda: "/x/ted")
    assert phrases.as_typed("cca-ted stays, as TED does; ted local up") == "cca-ted stays, as TED does; /x/ted local up"


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 KB"), (999_960, "1.0 MB"), (5 * 10**12, "5.0 TB")],
)
def test_sizes(count: int, words: str) -> None:
    assert phrases.size(count) == words


def test_counts() -> None:
    assert [phrases.counted(n, "package") for n in (0, 1, 1234)] == ["0 packages", "1 package", "1,234 packages"]
    assert phrases.counted(2, "query", "queries") == "2 queries"
