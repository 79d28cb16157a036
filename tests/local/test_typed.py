"""Every command that README and docs tell to type is typed, on an instance in the embedded AWS, and ends as told."""

import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
import pytest
from typer.testing import CliRunner

from console import jobs, local, pipeline
from console.athena import ask
from console.aws.launcher import ACCOUNT, without_aws
from console.cdk import LocalCdk, tool_environment
from console.instances import LocalInstance
from console.local import local_context
from console.main import app
from console.paths import PROJECT, cache_folder
from console.sample.packages import calendar_csv, make_package
from console.target import COULD_NOT, Target, embedded
from runtime.merge.catalog import NOT_ENDED, job_runs
from runtime.queues import Queue
from tests.local.test_system import PACKAGE, a_day
from tests.tools import fetched

pytestmark = pytest.mark.timeout(900)

# tests/clients types what docs/clients.md says, with each tool that it is about.
PAGES = (PROJECT / "README.md", *sorted({*(PROJECT / "docs").rglob("*.md")} - {PROJECT / "docs/clients.md"}))
TYPED = re.compile(r"(?:AWS_PROFILE=mine )?(?:ted|aws|npx cdk|python -c) ")
OTHER_PROGRAMS = ("make ", "source ", "export ")  # of a shell block; a test of their own looks at make
UP = "ted local up --packages ../packages --initials nfr"

# What is not typed here, and why.
NOT_TYPED = {
    r"--sql trino": "fetches 821 MB and takes 4 GB of memory; tests/trino asks such a server",
    r"--import-existing-resources|npx cdk import": "the embedded AWS refuses names before it looks what is imported",
    r"aws configure$": "asks for keys at the keyboard",
    r"quicksight_principal|aws quicksight |destroy Dashboards": "the embedded AWS has no QuickSight",
}
# What is typed in the place of what stands on a page, and why; {names} are of the instance's place.
INSTEAD = (
    (r"\b2026(-03)?\b", r"2019\1", "the publisher here has one package of 2019, and nothing else"),
    (r"\b202[34]\b", "2019", "the same"),
    (r"20190304_2019044|20260302_2026042", str(PACKAGE), "the same"),
    (r"(?<![a-z])prod(?![a-z])", "dev", "only functions of dev may be of this interpreter's version"),
    (r"123456789012", ACCOUNT, "the account here"),
    (r"ted:contact=…", "ted:contact=a@example.org", "left out on the page"),
    (r"^ted (local up|demo)$", r"ted \1 --packages ../packages", "few notices, which takes less time"),
    (r"^ted local up --packages ../packages$", UP, "the instance of README's other commands"),
    (r"ted doctor --aws .*", r"\g<0> -c ted:source_url={publisher}", "TED itself is not asked"),
    (r"^((?:AWS\S+ )?)(ted logs.* --follow)", r"\1timeout --signal=INT --preserve-status 9 \2", "it would not end"),
    (r"\baws sqs ", 'aws --endpoint-url "$AWS_ENDPOINT_URL" sqs ', "version 1 of the AWS CLI, as README says"),
    (r"^ted --install-completion", r"HOME=$PWD \g<0> bash", "a shell of its own"),
    (r"^npx cdk (deploy|bootstrap|destroy).*", r"\g<0> {context}", "what LocalCdk adds; nobody is asked"),
    (r"--version-id ID", '--version-id "$({marker})"', "what the command before it prints"),
)  # fmt: skip
MARKER = (
    "aws s3api list-object-versions --bucket nfr-cca-ted-raw-dev --prefix 2019/03/20190301_2019043 "
    '--query "DeleteMarkers[?IsLatest].VersionId" --output text'
)
# Looking comes first, in the order of the pages; then what changes something, the end of the instances at last.
LATER = (
    r"ted (failures|redrive|purge)|receive-message",
    r"ted (transfer|extract-again|republish)|lambda invoke|s3api",
    r"ted (run|merge) |start-execution|start-job-run",
    r"nf2",
    r"ted demo",
    r"glue delete-database",
    r"--name real",
    r"npx cdk destroy",
    r"^ted local down$",
)
# Commands that find something wanting here, or are interrupted; all others end with 0.
ENDS = {
    r"ted failures": 1,  # the dead letters that were put there
    r"ted (rejects|extract) .*2019": 1,  # the corrupt member
    r"ted first-day": 1,  # nobody is told of alarms
    r"ted doctor .*=account-regional": 1,  # it was deployed with other names
    r"ted logs .*--follow": 130,
}
# A word of what is said.
SAYS = {
    r"ted status 2019$": "published by run",
    r"^aws cloudformation describe-stacks": "nfr-cca-ted-raw-dev",
    r"aws s3 ls s3:": f"{PACKAGE}.tar.gz",
    r"aws s3 ls$": "nfr-cca-ted-extracted-dev",
    r"ted transfer 2019-03$": "planned",
    r"invoke .*start-transfer-job": '"planned":',
    r"invoke .*start-extract-job": '"sent":',
    r"ted run 2019-03$": "complete: ",
    r"stepfunctions start-execution": ":execution:nfr-cca-ted-pipeline-dev:",
    r"ted merge 2019$": "4 notices",
    r"glue start-job-run": '"JobRunId":',
    r'ted query "SELECT count\(\*\) FROM notices WHERE year = 2019"': "4\n",
    r"athena start-query-execution": '"QueryExecutionId":',
    r"--out lots.xlsx": "in lots.xlsx",
    r"receive-message": "20190",
    r"ted redrive transfers --package": "1 message",
    r"ted rejects": "not-xml",
    r"ted logs process-extractions": "extracted",
    r"ted failures$": "no note says why",
    r"ted open (?!dashboard)": "pipeline",
    r"ted open dashboard": "nfr-cca-ted-dev",
    r"python -c": "notice_id",
}  # fmt: skip


def lines_of(block: str) -> Iterator[str]:
    """Commands of a block of a shell, each whole: a quotation, or a backslash, goes on in the next line."""
    whole = ""
    for line in re.sub(r"\\\n", " ", block).splitlines():
        whole = f"{whole} {line}".strip()
        try:
            shlex.split(whole, comments=True)
        except ValueError:
            continue
        if whole:
            yield whole
        whole = ""


def commands_of(page: Path) -> Iterator[str]:
    """What a page tells to type: blocks of a shell, indented lines, examples, and code in a sentence.

    In a sentence `ted run` alone names the command; with a word behind it, it is to be typed.
    """
    text = page.read_text()
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        yield from lines_of(block)
    for block in re.findall(r"(?:^ {4}.*\n)+", text, re.MULTILINE):
        if TYPED.match(plain(block)):
            yield from lines_of(block)
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    yield from (
        code for code in re.findall(r"`([^`]+)`", prose) if re.match(r"ted (--|[\w-]+ \S)|aws |npx cdk ", plain(code))
    )


def plain(command: str) -> str:
    """A command without its comment, the path of `ted`, and the page's line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"\s# .*", "", command)).strip().replace(".venv/bin/", "")


def instead(command: str) -> str:
    """What is typed for a command of a page."""
    for pattern, other, _ in INSTEAD:
        command = re.sub(pattern, other, command)
    return command


def rank(command: str) -> int:
    """When a command is typed: later, the more it changes."""
    return max((n for n, pattern in enumerate(LATER, 1) if re.search(pattern, command)), default=0)


ON_PAGES = dict.fromkeys(
    command for page in PAGES for line in commands_of(page) if not (command := plain(line)).startswith(OTHER_PROGRAMS)
)
COMMANDS = sorted(
    dict.fromkeys(instead(each) for each in ON_PAGES if not any(re.search(pattern, each) for pattern in NOT_TYPED)),
    key=rank,
)


def test_every_line_of_a_page_is_of_a_program_that_is_known_and_every_line_of_a_table_here_of_a_page() -> None:
    assert [each for each in ON_PAGES if not TYPED.match(each)] == []
    assert len(COMMANDS) > 100
    unused = [each for each in NOT_TYPED if not any(re.search(each, command) for command in ON_PAGES)]
    unused += [each for each in (*LATER, *ENDS, *SAYS) if not any(re.search(each, command) for command in COMMANDS)]
    left = set(ON_PAGES)
    for pattern, other, _ in INSTEAD:
        changed = {re.sub(pattern, other, command) for command in left}
        unused += [pattern] * (changed == left)
        left = changed
    assert unused == []


class WithoutStacks:
    """In the place of the cdk tool: the second instance's stacks would be the first's once more."""

    def __init__(self, *_: object) -> None: ...

    def bootstrap(self) -> None: ...

    def deploy(self) -> None: ...


@dataclass(frozen=True)
class Desk:
    """Where somebody sits: a folder, an instance of `ted local up`, and what was typed there already."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    said: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def instance(self) -> LocalInstance:
        found = LocalInstance.read("local")
        assert found is not None
        return found

    @cached_property
    def target(self) -> Target:
        return embedded(self.instance.aws, self.instance.names, "")

    def type(self, command: str) -> tuple[int, str]:
        """The code of a command, and all that it says; typed again it would say the same."""
        if command not in self.said:
            filled = command.replace("{marker}", MARKER)
            if "{publisher}" in command:
                filled = filled.replace("{publisher}", self.instance.publisher_url)
            is_plain = re.fullmatch(r"(?:AWS_PROFILE=mine )?ted [^$<>|]*", filled)
            self.said[command] = self._here(filled) if is_plain else self._in_a_shell(filled)
        return self.said[command]

    def _here(self, command: str) -> tuple[int, str]:
        """A command of `ted`, in this process: its libraries are loaded already."""
        with pytest.MonkeyPatch.context() as patch:
            if command.startswith("AWS_PROFILE=mine "):
                patch.setenv("AWS_PROFILE", "mine")
            if "--name real" in command:
                patch.setattr(local, "LocalCdk", WithoutStacks)
            patch.setattr("typer.launch", lambda _: 1)  # as on a machine without a browser
            words = shlex.split(command.removeprefix("AWS_PROFILE=mine "))
            result = CliRunner().invoke(app, words[1:], input="y\n")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    def _in_a_shell(self, command: str) -> tuple[int, str]:
        if "{context}" in command:
            command = f"cd {PROJECT} && {command.replace('{context}', self._context(command))}"
        environment = tool_environment(os.environ) | self.variables
        environment["PATH"] += f"{os.pathsep}{PROJECT / '.cache/awscli/bin'}"
        done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def _context(self, command: str) -> str:
        """What the embedded AWS calls for beside what is typed."""
        given = dict(re.findall(r"-c ([\w:]+)=(\S+)", command))
        made = LocalCdk(self.instance.aws, local_context(given.get("initials", "nfr"), self.instance.publisher_url))
        options = [f"-c {pair}" for pair in made._context[1::2] if pair.partition("=")[0] not in given]
        options += {"deploy": ["--require-approval never"], "destroy": ["--force"]}.get(command.split()[2], [])
        return shlex.join(" ".join([*options, f"--output {self.folder}/cdk.out", "--no-notices"]).split())

    def wait(self) -> None:
        """Wait until nothing is under way any more, three minutes at most."""
        session, names = self.target.session, self.target.names
        sqs, glue, states = session.client("sqs"), session.client("glue"), session.client("stepfunctions")
        work = ("transfers", "extractions")
        urls = [sqs.get_queue_url(QueueName=names.queue(each))["QueueUrl"] for each in work]

        def is_busy() -> bool:
            return (
                any(run.state == "running" for run in pipeline.list_runs(states, names, 5))
                or any(run.state in NOT_ENDED for run in job_runs(glue, names.merge_job))
                or any(Queue(sqs, url).depth() for url in urls)
            )

        deadline = time.monotonic() + 180
        while is_busy():
            assert time.monotonic() < deadline, "expected that all ends"
            time.sleep(0.3)

    def prepare(self, command: str) -> None:
        """Let there be what a command is about: dead letters, a role of one's own, a delete marker."""
        client: Any = self.target.session.client
        if re.search(LATER[0], command):
            for queue in ("transfers", "extractions"):
                url = client("sqs").get_queue_url(QueueName=f"{self.target.names.queue(queue)}_dlq")["QueueUrl"]
                client("sqs").purge_queue(QueueUrl=url)
                client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"package_id": str(PACKAGE)}))
        if "--role-name analysts" in command:
            client("iam").create_role(RoleName="analysts", AssumeRolePolicyDocument="{}")
        if "s3api list" in command:
            client("s3").delete_object(Bucket=self.target.names.raw_bucket, Key=PACKAGE.raw_key)


def publish(folder: Path) -> None:
    """A package, as a publisher has it and as files of other names, and what else the pages take for granted."""
    notices, corrupt = a_day()
    package = make_package(PACKAGE, [*notices, corrupt])
    for name, data in {
        "packages/packages/daily/201900043.tar.gz": package,
        "packages/release-calendar/2019.csv": calendar_csv([PACKAGE]),
        "work/201900043.tar.gz": package,
        f"work/{PACKAGE}.tar.gz": package,
        f"work/packages/2019/{PACKAGE}.tar.gz": package,
        "work/lots.sql": b"SELECT * FROM lots",
        "aws": b"[profile mine]\nregion = eu-west-1\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "corpus").symlink_to(folder / "packages")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    publish(folder)
    (folder / "cache").mkdir()
    for kept in ("spark-jars", "bundles"):
        (folder / "cache" / kept).symlink_to(cache_folder() / kept)
    with pytest.MonkeyPatch.context() as patch:
        for name in {*os.environ} - {*without_aws(dict(os.environ))}:
            patch.delenv(name)
        patch.delenv("CCA_TED_INITIALS", raising=False)
        patch.setenv("CCA_TED_CACHE", str(folder / "cache"))
        patch.setattr(pipeline, "AWS_SECONDS", 1)
        patch.setattr(jobs, "_LOOK_SECONDS", dict.fromkeys(jobs._LOOK_SECONDS, 1))
        patch.chdir(folder / "work")
        made = Desk(folder)
        try:
            assert made.type(UP)[0] == 0, made.said
            for name, value in (made.instance.aws.environment() | {"AWS_CONFIG_FILE": str(folder / "aws")}).items():
                patch.setenv(name, value)
            assert made.type("ted run --due")[0] == 0, made.said
            yield made
        finally:
            for each in local.local_instances():
                local.take_down(each.name)


@pytest.fixture(scope="module")
def cli() -> Path:
    return fetched("awscli")


def test_what_local_up_prints_lets_any_tool_ask(desk: Desk, cli: Path) -> None:
    (printed,) = re.findall(r"any tool of AWS, with: (.+)", desk.type(UP)[1])
    command = ["env", "-i", *shlex.split(printed), str(cli / "aws"), "athena", "list-work-groups"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "nfr-cca-ted-dev" in done.stdout, done.stderr


def test_duckdb_has_the_rows_that_athena_has(desk: Desk) -> None:
    count = "SELECT year, count(*), max(title) FROM notices GROUP BY year"
    told = json.loads(desk.type("ted duckdb mine.duckdb --json")[1])
    with duckdb.connect(told["file"], read_only=True) as database:
        found = database.execute(count).fetchall()
        awards = database.execute("SELECT count(*) FROM contract_awards").fetchall()
    asked = ask(desk.target.session, desk.target.names, count).rows
    assert [tuple(map(str, row)) for row in found] == asked
    assert awards != [(0,)]


def test_config_tells_what_the_instance_was_deployed_with(desk: Desk) -> None:
    told = json.loads(desk.type("ted config --json")[1])
    found = {each["key"]: (each["value"], each["origin"]) for each in told["settings"]}
    assert found["initials"] == ("nfr", "instance local")
    assert found["ted:source_url"] == (desk.instance.publisher_url, "ted local up")
    functions = desk.target.session.client("lambda")
    deployed = functions.get_function_configuration(FunctionName="nfr-cca-ted-process-transfers-dev")
    assert found["ted:source_url"][0] in deployed["Environment"]["Variables"].values()


def test_open_names_parts_that_are_there(desk: Desk) -> None:
    told = json.loads(desk.type("AWS_PROFILE=mine ted open --aws --initials nfr --json")[1])
    names, client = desk.target.names, desk.target.session.client
    machines = client("stepfunctions").list_state_machines()["stateMachines"]
    assert told["pipeline"].rsplit("/", 1)[1] in {each["stateMachineArn"] for each in machines}
    buckets = {each["Name"] for each in client("s3").list_buckets()["Buckets"]}
    assert {urlsplit(told[each]).path.rsplit("/", 1)[1] for each in ("raw", "extracted")} <= buckets
    queues = {each.rsplit("/", 1)[1] for each in client("sqs").list_queues()["QueueUrls"]}
    assert {unquote(told[each]).rsplit("/", 1)[1] for each in ("transfers", "dead-extractions")} <= queues
    assert names.workgroup in told["athena"]
    assert json.loads(desk.type("ted open --json")[1])["endpoint"] == desk.instance.endpoint


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("ted duckdb lake.txt", "expected a name that ends with .duckdb"),
        ("ted duckdb --year 2018", "nothing of 2018 is published yet. Bring it in: "),
        ("ted duckdb --local other", "no instance is called 'other'"),
        ("ted duckdb --aws --initials zz", "there is no instance zz-cca-ted-dev (AWS "),
        ("ted open nowhere", "there is no part 'nowhere'; there are: endpoint, log"),
        ("ted open glue --aws --initials nfr", "there is no part 'glue'; there are: pipeline, "),
        ("ted open --aws --initials zz", "deploy it: npx cdk deploy --all -c initials=zz"),
        ("ted config --local other", "no instance is called 'other'"),
        ("ted config --aws --initials N.F", "initials is 'N.F'"),
        ("ted config -c ted:schedule", "expected key=value, as in "),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(command: str, told: str, desk: Desk) -> None:
    code, said = desk.type(command)
    assert (code, told in said) == (COULD_NOT, True), said


@pytest.mark.parametrize("command", COMMANDS, ids=[each[:90] for each in COMMANDS])
def test_what_a_page_tells_to_type_ends_as_it_says(command: str, desk: Desk, request: pytest.FixtureRequest) -> None:
    if re.match("aws ", command):
        request.getfixturevalue("cli")
    if not command.startswith("ted local down"):
        desk.wait()
        desk.prepare(command)
    code, said = desk.type(command)
    assert code == next((code for pattern, code in ENDS.items() if re.search(pattern, command)), 0), said
    for pattern, word in SAYS.items():
        assert word in said or not re.search(pattern, command), said
