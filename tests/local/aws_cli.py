"""Commands of the AWS CLI, typed in a shell."""

import os
import subprocess
from pathlib import Path

from console.aws.launcher import EmbeddedAws, without_aws


def typed(command: str, aws: EmbeddedAws, folder: Path) -> str:
    """What a command of a shell prints, typed against an embedded AWS; it must end well."""
    environment = without_aws(dict(os.environ)) | aws.environment()
    environment |= {"PATH": f"{folder}:{environment['PATH']}"}
    # Version 1 of the CLI, which is the one on PyPI, has an address for SQS that only this option moves.
    whole = f'aws() {{ command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }}; {command}'
    done = subprocess.run(["bash", "-c", whole], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
