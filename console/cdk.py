"""Runs the cdk tool that package.json pins; `python -m console.cdk synth -c initials=nfr` does so from a shell."""

import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from console.aws.launcher import ACCOUNT, REGION, EmbeddedAws, without_aws
from console.paths import PROJECT
from console.tools import find_node
from runtime.errors import ConfigError, TerminalError

_SHOWN_LINES = 40
_INTERRUPT_SECONDS = 5
Progress = Callable[[str], None]


class CdkFailed(TerminalError):
    """The cdk tool ended with an error; the message ends with its output."""


def run_cdk(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    progress: Progress = lambda _: None,
    timeout: float = 900,
    folder: Path = PROJECT,
) -> str:
    """Run the cdk tool and wait for its end.

    Parameters
    ----------
    folder : where it runs; the project's holds the app
    progress : is given each line of output as it comes
    timeout : seconds; where a helper function crashes, CloudFormation would wait for an hour

    Returns
    -------
    The output.

    Raises
    ------
    ConfigError
        The tool is not installed.
    CdkFailed
        It ended with an error, or was ended after the time-out.
    """
    process = subprocess.Popen(
        [*cdk_command(), *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        process_group=0,
    )
    late = threading.Event()

    def ring() -> None:
        late.set()
        _end(process)

    alarm = threading.Timer(timeout, ring)
    alarm.start()
    lines: list[str] = []
    try:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            progress(lines[-1])
        code = process.wait()
    except BaseException:
        _end(process)
        raise
    finally:
        alarm.cancel()
    if code:
        reason = f"did not end within {timeout:g} s" if late.is_set() else f"ended with code {code}"
        shown = "\n".join([line for line in lines if line.strip()][-_SHOWN_LINES:])
        raise CdkFailed(f"cdk {' '.join(arguments)} {reason}:\n{shown}", code=code)
    return "\n".join(lines)


def cdk_command() -> list[str]:
    """The command that runs the pinned tool.

    Raises
    ------
    ConfigError
        It is not installed.
    """
    tool = PROJECT / "node_modules" / "aws-cdk" / "bin" / "cdk"
    if not tool.exists():
        raise ConfigError(f"expected the cdk tool at {tool}, which is not there. Run: make setup")
    return [str(find_node()), str(tool)]


def tool_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with this interpreter and Node first on the path, and the tool's chatter off."""
    folders = [str(Path(sys.executable).parent), str(find_node().parent), environment.get("PATH", os.defpath)]
    return {
        **environment,
        "PATH": os.pathsep.join(folders),
        "NODE_PATH": str(PROJECT / "node_modules"),
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "NODE_NO_WARNINGS": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CI": "true",  # progress as lines
        "NO_COLOR": "1",
    }


class LocalCdk:
    """The cdk tool against an embedded AWS.

    Parameters
    ----------
    context : values beside those that an embedded AWS calls for, as in {"initials": "demo"}
    """

    def __init__(self, aws: EmbeddedAws, context: Mapping[str, str], progress: Progress = lambda _: None) -> None:
        self._aws = aws
        self._progress = progress
        # Lambda code runs in this very interpreter, so it has to be built for it.
        built_for = {
            "ted:lambda_python": f"{sys.version_info.major}.{sys.version_info.minor}",
            "ted:lambda_architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64",
        }
        self._context = [
            part for name, value in (built_for | dict(context)).items() for part in ("--context", f"{name}={value}")
        ]
        self._assembly = aws.folder / f"cdk.out-{context.get('initials', 'none')}-{context.get('stage', 'dev')}"

    def bootstrap(self) -> None:
        """Make the embedded account ready for the cdk tool."""
        # Outside the project's folder, so that the app is not synthesised for nothing.
        self._run(["bootstrap", f"aws://{ACCOUNT}/{REGION}"], folder=self._aws.folder)

    def deploy(self, *more: str, stacks: Sequence[str] = ("--all",)) -> None:
        """Synthesise and deploy all stacks, or some by their ids; `more` are options of the tool."""
        options = [*stacks, *more, "--require-approval", "never", "--concurrency", "4", "--progress", "events"]
        self._run(["deploy", *options, *self._app()])

    def diff(self) -> str:
        """Compare the stacks with what is deployed."""
        return self._run(["diff", *self._app()])

    def destroy(self) -> None:
        """Destroy all stacks."""
        # What was deployed is in the assembly: no need to synthesise it again.
        app = ["--app", str(self._assembly)] if self._assembly.exists() else self._app()
        self._run(["destroy", "--all", "--force", *app])

    def _app(self) -> list[str]:
        return ["--app", f"{sys.executable} -O app.py", *self._context, "--output", str(self._assembly)]

    def _run(self, arguments: Sequence[str], folder: Path = PROJECT) -> str:
        environment = tool_environment(without_aws(dict(os.environ)) | self._aws.environment())
        # The tool remembers accounts below its home; another emulator's must not be taken for this one's.
        environment["CDK_HOME"] = str(self._aws.folder / "cdk-home")
        return run_cdk([*arguments, "--no-notices"], environment, self._progress, folder=folder)


def _end(process: subprocess.Popen[str]) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(_INTERRUPT_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def main() -> None:
    """Hand the arguments over to the tool."""
    command = [*cdk_command(), *sys.argv[1:]]
    sys.exit(subprocess.run(command, cwd=PROJECT, env=tool_environment(os.environ), check=False).returncode)


if __name__ == "__main__":
    main()
