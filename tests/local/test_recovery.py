"""What an instance keeps when it is destroyed, and that the next one does not touch it."""

from pathlib import Path

import boto3
import pytest

from console.aws.launcher import embedded_aws
from console.buckets import find_buckets
from console.cdk import CdkFailed, LocalCdk
from console.local import local_context
from stacks.names import Names

pytestmark = pytest.mark.timeout(1800)

NAMES = Names("kp", "dev")
STACKS = ("Storage", "Lake")


def test_kept_data_outlives_its_stacks_and_a_deployment_that_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded_aws(tmp_path) as aws:
        for name, value in aws.environment().items():
            monkeypatch.setenv(name, value)
        session = boto3.Session()
        cdk = LocalCdk(aws, local_context("kp", "http://127.0.0.1:9", {"ted:keep_data": "true"}))
        cdk.bootstrap()
        cdk.deploy(stacks=STACKS)
        raw = find_buckets(session, NAMES).raw
        raw.put("2019/03/kept", b"kept")
        cdk.destroy()
        assert raw.get("2019/03/kept") == b"kept"
        assert session.client("glue").get_table(DatabaseName=NAMES.database, Name="notices")

        # Four buckets are there already.
        with pytest.raises(CdkFailed, match="Validation failed with 4 error"):
            cdk.deploy(stacks=STACKS)
        assert raw.get("2019/03/kept") == b"kept"
