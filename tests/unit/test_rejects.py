"""`ted rejects`: members that could not be read are named with their reason, and their bytes brought."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from console import target
from console.main import app
from runtime.buckets import Bucket
from runtime.keys import PackageId
from runtime.manifest import Reject
from stacks.names import Names
from tests.unit.deployed import deploy_storage, with_stacks
from tests.unit.test_access import manifest

FIRST, SECOND = (PackageId.parse(text) for text in ("20190301_2019043", "20190401_2019064"))
NAMES = Names("me", "dev")


@pytest.fixture
def extracted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Two packages, each with a member that is no XML; the second's is a hostile name without bytes."""
    with mock_aws():
        session = with_stacks(boto3.Session(region_name="eu-west-1"))
        monkeypatch.setattr(target, "find_target", lambda *_: target.Target(session, NAMES, "a test"))
        _, made = deploy_storage(session, NAMES)
        key = FIRST.quarantine_key("../043/1.xml")
        rejects = {
            FIRST: Reject("../043/1.xml", "not-xml", "line 1: no start tag", key, "cd", 3),
            SECOND: Reject("big.xml", "too-large", "expected 20 MB at most", "", "", 10**9),
        }
        made.put(key, b"abc")
        for package, reject in rejects.items():
            held = replace(manifest(package), rejects=[reject])
            made.put(package.manifest_key, held.to_json())
        yield made


def ted(*arguments: str, code: int) -> Result:
    result = CliRunner().invoke(app, ["rejects", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_members_are_named_with_package_reason_and_message(extracted: Bucket) -> None:
    text = ted("2019", code=1).stdout
    assert f"{FIRST}  ../043/1.xml  not-xml, 3 bytes\n  line 1: no start tag\n" in text
    assert f"{SECOND}  big.xml  too-large, 1.0 GB\n" in text


@pytest.mark.parametrize("what", ["2019-03", str(FIRST)])
def test_a_month_or_a_package_has_its_own_alone(what: str, extracted: Bucket) -> None:
    (found,) = json.loads(ted(what, "--json", code=1).stdout)
    assert (found["package_id"], found["member_name"], found["saved"]) == (str(FIRST), "../043/1.xml", None)


def test_their_bytes_are_brought_to_a_folder_of_their_own_and_nowhere_else(extracted: Bucket, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    result = ted("2019", "--save", str(folder), code=1)
    assert f"1 file in {folder}" in result.stderr
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [folder / str(FIRST) / "043" / "1.xml"]
    assert files[0].read_bytes() == b"abc"


def test_none_ends_well_and_a_wrong_selection_could_not(extracted: Bucket, tmp_path: Path) -> None:
    assert "every member of these packages was read" in ted("2019-02", code=0).stderr
    assert "ted rejects 2019-03" in ted("march", code=2).stderr
    ted(code=2)
    (tmp_path / "file").write_text("")
    assert "is a file; name a folder" in ted("2019", "--save", str(tmp_path / "file"), code=2).stderr
