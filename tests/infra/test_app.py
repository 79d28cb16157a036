"""The app as the cdk tool starts it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks

import app
from stacks import instance
from stacks.bundling import ROOT, BundlingError
from stacks.settings import Settings


def test_faults_are_told_without_a_traceback(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CCA_TED_INITIALS"}
    environment["CDK_CONTEXT_JSON"] = json.dumps({"stage": "live", "ted:x": "1"})
    run = subprocess.run(
        [sys.executable, "-O", str(ROOT / "app.py")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    for fault in ("initials are missing", "stage is 'live'", "ted:x is no key", "cdk deploy --all -c initials=nfr"):
        assert fault in run.stderr


def test_a_layer_that_cannot_be_made_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: Settings) -> None:
        raise BundlingError("pip could not")

    monkeypatch.setenv("CCA_TED_INITIALS", "nfr")
    monkeypatch.setattr(app, "bundles_of", fail)
    assert app.main() == 1
    assert "pip could not" in capsys.readouterr().err


def test_bundles_are_made_for_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, str] = {}
    monkeypatch.setattr(instance, "layer_bundle", lambda **wanted: asked.update(wanted))
    instance.bundles_of(Settings(initials="nfr", lambda_python="3.12", lambda_architecture="x86_64"))
    assert asked == {"python": "3.12", "architecture": "x86_64"}


def test_cdk_json_holds_no_instance() -> None:
    content = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))
    assert not [key for key in content["context"] if not key.startswith("@aws-cdk")]


def test_the_tool_is_pinned_without_addresses() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, version in package["devDependencies"].items():
        assert lock[f"node_modules/{name}"]["version"] == version
    assert not [name for name, entry in lock.items() if "resolved" in entry]
    assert not [name for name, entry in lock.items() if name and "integrity" not in entry]


def test_nag_would_speak_up(tmp_path: Path) -> None:
    plain = cdk.App(outdir=str(tmp_path))
    sqs.Queue(cdk.Stack(plain, "Plain"), "Queue")
    cdk.Validations.of(plain).add_plugins(AwsSolutionsChecks(plain))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        plain.synth()
    assert "AwsSolutions-SQS" in (tmp_path / "validation-report.json").read_text(encoding="utf-8")
