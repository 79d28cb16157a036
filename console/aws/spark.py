"""A run of a Glue Spark job on this machine: script, libraries, arguments, log, time limit."""

import importlib.util
import itertools
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.aws.certificate import PASSWORD
from console.aws.jars import spark_jars
from console.tools import find_java

# Arguments that Glue itself acts on; the script does not see them.
# Source: AWS Glue developer guide, "Using job parameters in AWS Glue jobs".
_GLUES_OWN = re.compile(
    r"--(additional-python-modules|class|conf|continuous-log-.*|custom-logGroup-prefix|datalake-formats|disable-.*"
    r"|enable-.*|extra-.*|job-language|python-modules-installer-option|scriptLocation|spark-event-logs-path"
    r"|user-jars-first|write-shuffle-.*|auto-scale-.*|executor-cores|library-set)"
)
_MESSAGE_LIMIT = 2000
# S3A's own provider of temporary keys fails where two threads ask at once (Hadoop 3.3.1).
_TEMPORARY_KEYS = "com.amazonaws.auth.EnvironmentVariableCredentialsProvider"
_SPARK_LOG = re.compile(r"\d\d/\d\d/\d\d \d\d:\d\d:\d\d ")
_RUNNER = Path(__file__).with_name("glue_run.py")


@dataclass(frozen=True)
class JobEnd:
    """How a run ended: SUCCEEDED, FAILED, TIMEOUT or STOPPED, and why."""

    state: str
    message: str = ""


def shared_classes() -> Path:
    """The file of what Spark's Java loads, beside Spark; `console.aws.spark_classes` writes it."""
    found = importlib.util.find_spec("pyspark")
    return Path(str(found and found.origin)).with_name("classes.jsa")


def script_arguments(arguments: Mapping[str, str]) -> list[str]:
    """The command line that the script gets: names and values in turn, without those that Glue keeps for itself."""
    return [
        part for name, value in arguments.items() if not _GLUES_OWN.fullmatch(name) for part in (name, value) if part
    ]


def run_job(
    folder: Path,
    arguments: Mapping[str, str],
    script: str,
    fetch: Callable[[str], bytes],
    endpoint: str,
    timeout: float,
    credentials: Mapping[str, str] | None = None,
    started: Callable[[subprocess.Popen[bytes]], Any] = lambda _: None,
) -> JobEnd:
    """Run a script in Spark and wait for it.

    Parameters
    ----------
    folder : of this run; gets the script, the libraries, `output.log` and Spark's scratch files
    arguments : the job's and the run's, merged
    script : its s3:// address
    fetch : reads an s3:// address
    endpoint : of the embedded AWS
    timeout : seconds
    credentials : variables with the keys of the job's role; without, the keys of this process
    started : is given the process
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        program = _copy(script, folder, fetch)
        libraries = [
            _copy(address, folder / "libraries", fetch)
            for address in arguments.get("--extra-py-files", "").split(",")
            if address
        ]
        command = [sys.executable, str(_RUNNER), str(program), *script_arguments(arguments)]
        environment = _environment(folder, libraries, arguments.get("--conf", ""), endpoint, credentials or {})
    except Exception as error:
        return JobEnd("FAILED", f"{type(error).__name__}: {error}"[:_MESSAGE_LIMIT])
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, process_group=0
        )
        started(process)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            kill_group(process)
            return JobEnd("TIMEOUT", f"Job run exceeded its timeout of {timeout / 60:g} minutes. Log: {log}")
        finally:
            kill_group(process)
            shutil.rmtree(folder / "scratch", ignore_errors=True)
    if code == 0:
        return JobEnd("SUCCEEDED")
    return JobEnd("FAILED", error_of(log.read_text(errors="replace"), code)[:_MESSAGE_LIMIT])


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children, such as Spark's Java."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def error_of(log: str, code: int) -> str:
    """The error of the log's last traceback, as Glue reports it; without one the last line, without that the exit code.

    What Spark logs while it stops comes behind the error, and Java's own trace inside it; both are left out.
    """
    _, found, after = log.rpartition("Traceback (most recent call last):\n")
    lines = [line for line in (after if found else log).splitlines() if line.strip()]
    if found:
        message = list(itertools.dropwhile(lambda line: line.startswith((" ", "\t")), lines))
        message = list(itertools.takewhile(lambda line: not _SPARK_LOG.match(line), message))
        lines = [line for line in message if not line.startswith(("\tat ", "\t..."))]
        if lines:
            return "\n".join(lines)
    return f"Exit code {code}: {lines[-1]}" if lines else f"Exit code {code}"


def _copy(address: str, folder: Path, fetch: Callable[[str], bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / address.rsplit("/", 1)[-1]
    target.write_bytes(fetch(address))
    return target


def _environment(
    folder: Path, libraries: list[Path], conf: str, endpoint: str, credentials: Mapping[str, str]
) -> dict[str, str]:
    keys = {**os.environ, **credentials}
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    # This S3A reads the region off the name of the endpoint; the AWS library lets a file say what a name stands for.
    region = {"hostNameRegex": r"127\.0\.0\.1", "regionName": keys["AWS_REGION"]}
    (scratch / "awssdk_config_override.json").write_text(json.dumps({"hostRegexToRegionMappings": [region]}))
    settings = {
        "spark.master": "local[2]",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        # What --jars names is copied for each run, 200 MB, and its classes cannot be shared.
        "spark.driver.extraClassPath": os.pathsep.join(map(str, spark_jars())),
        "spark.driver.extraJavaOptions": f"-Djava.io.tmpdir={scratch} -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": str(endpoint.startswith("https:")).lower(),
        "spark.hadoop.fs.s3a.access.key": keys["AWS_ACCESS_KEY_ID"],
        "spark.hadoop.fs.s3a.secret.key": keys["AWS_SECRET_ACCESS_KEY"],
        "spark.hadoop.fs.s3a.buffer.dir": str(scratch),
        "spark.hadoop.fs.s3a.change.detection.mode": "none",
    }
    if shared_classes().exists():
        # Java says nothing of a file that is of another Java or of other jars, and does without.
        settings["spark.driver.extraJavaOptions"] += (
            f" -XX:SharedArchiveFile={shared_classes()} -Xlog:cds*=off,class+path=off"
        )
    if credentials:
        settings["spark.hadoop.fs.s3a.aws.credentials.provider"] = _TEMPORARY_KEYS
    if store := os.environ.get("EMBEDDED_AWS_JAVA_TRUST"):
        trust = f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword={PASSWORD}"
        settings["spark.driver.extraJavaOptions"] += f" {trust}"
    # Glue takes further settings as one value: "a=1 --conf b=2".
    settings |= dict(pair.strip().split("=", 1) for pair in conf.split("--conf") if "=" in pair)
    options = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    # The AWS library warns about /dev/null, which keeps boto3 from real profiles.
    profiles = scratch / "no-profiles"
    profiles.touch()
    return {
        **keys,
        "JAVA_HOME": str(find_java()),
        "HADOOP_CONF_DIR": str(scratch),  # stands behind the jars, where Java finds what the AWS library looks for
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": shlex.join([*options, "pyspark-shell"]),
        "PYTHONPATH": os.pathsep.join(map(str, libraries)),
        "PYTHONUNBUFFERED": "1",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CONFIG_FILE": str(profiles),
        "AWS_SHARED_CREDENTIALS_FILE": str(profiles),
        "TMPDIR": str(scratch),
    }
