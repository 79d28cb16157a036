"""The AWS CLI, in an environment of its own: its pins conflict with the project's."""

import os
import subprocess
from pathlib import Path

import pytest

from console.aws.launcher import EmbeddedAws, without_aws
from console.paths import PROJECT

_READY = ".cache/awscli/.ready"
_NO_NETWORK = ("dns error", "error sending request", "Could not connect", "Network is unreachable", "timed out")


def aws_cli() -> Path:
    """Folder with the program; made once, and skipped with the reason where PyPI cannot be reached."""
    made = subprocess.run(
        ["make", "--no-print-directory", _READY], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    said = made.stdout + made.stderr
    if made.returncode and any(words in said for words in _NO_NETWORK):
        pytest.skip(f"PyPI, which brings the AWS CLI, cannot be reached: {said.strip().splitlines()[-1]}")
    assert made.returncode == 0, said
    return PROJECT / ".cache/awscli/bin"


def typed(command: str, aws: EmbeddedAws, folder: Path) -> str:
    """What a command of a shell prints, typed against an embedded AWS; it must end well."""
    environment = without_aws(dict(os.environ)) | aws.environment()
    environment |= {"PATH": f"{folder}:{environment['PATH']}"}
    # Version 1 of the CLI, which is the one on PyPI, has an address for SQS that only this option moves.
    whole = f'aws() {{ command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }}; {command}'
    done = subprocess.run(["bash", "-c", whole], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
