"""The `ted` command as a whole: what it lists, what it loads, and what its pages say."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import typer
from botocore import xform_name
from typer.testing import CliRunner

from console.commands import first_sentence
from console.docs import walk
from console.main import COMMANDS, app
from console.paths import PROJECT
from console.run import selection_of
from runtime.errors import ConfigError
from stacks.settings import KEYS, PREFIX

# What a person wrote; docs/commands.md is made of what the commands say of themselves.
PAGES = [
    PROJECT / "README.md",
    *sorted(path for path in (PROJECT / "docs").rglob("*.md") if path.name != "commands.md"),
]
HEAVY = ("boto3", "botocore", "pyarrow", "numpy", "pyspark", "duckdb", "lxml", "aws_cdk", "cryptography", "rich.table")


def loaded_by(*arguments: str) -> set[str]:
    """Modules that a command loads, in an interpreter of its own."""
    program = (
        "import sys; from console.main import app\n"
        f"sys.argv = ['ted', *{arguments!r}]\n"
        "try: app()\n"
        "except SystemExit: print('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ()], ids=lambda each: " ".join(each) or "nothing")
def test_the_list_of_commands_loads_no_library_and_no_command(arguments: tuple[Any, ...]) -> None:
    loaded = loaded_by(*arguments)
    assert loaded.isdisjoint(HEAVY)
    assert loaded.isdisjoint(module for module, _, _ in COMMANDS)


def test_a_command_loads_its_own_module_and_no_other() -> None:
    loaded = loaded_by("query", "--help")
    assert "console.query" in loaded
    assert loaded.isdisjoint({module for module, _, _ in COMMANDS} - {"console.query"})


@pytest.mark.parametrize(("name", "purpose"), [(name, purpose) for _, name, purpose in COMMANDS])
def test_the_list_says_of_a_command_what_its_own_page_begins_with(name: str, purpose: str) -> None:
    page = CliRunner().invoke(app, [name, "--help"]).stdout.split("\n\n", 1)[1]
    assert first_sentence(page) == purpose


@pytest.mark.parametrize("columns", ["40", "60", "80", "120"])
@pytest.mark.parametrize("arguments", [["--help"], ["local", "--help"]], ids=" ".join)
def test_no_sentence_of_a_list_is_cut_off(arguments: list[str], columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    page = CliRunner().invoke(app, arguments)
    assert page.exit_code == 0
    assert "..." not in page.stdout.split("Commands:")[1]


def test_a_typing_error_is_answered_with_what_was_meant() -> None:
    result = CliRunner().invoke(app, ["queyr"])
    assert result.exit_code == 2
    assert "Did you mean 'query'?" in result.output


def test_says_its_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("ted ")


def texts() -> Iterator[tuple[str, str]]:
    """All that the code says to people and all that the pages tell them to type: where it stands, and the text."""
    for path in sorted(
        [*PROJECT.glob("console/**/*.py"), *PROJECT.glob("runtime/**/*.py"), *PROJECT.glob("stacks/*.py")]
    ):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = [each.value if isinstance(each, ast.Constant) else " X " for each in node.values]
                yield path.name, "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path.name, node.value
    for path in PAGES:
        yield path.name, path.read_text()


def commands_in(text: str) -> list[str]:
    """Commands of `ted` in a text, each to the end of its line, or to the next one."""
    return [
        match.strip() for match in re.findall(r"(?<![\w./-])(?:\.venv/bin/)?ted ([a-z](?:(?!\bted )[^\n`#;|])*)", text)
    ]


def test_every_command_that_is_printed_or_written_down_can_be_typed() -> None:
    tree: Any = typer.main.get_command(app)
    known = {name: command.load() for name, command in tree.commands.items()}
    faults, seen = [], set()
    for place, text in texts():
        for line in commands_in(text):
            words = line.split()
            name = words[0].strip(".\"'),:")
            command = known.get(name)
            if command is not None and hasattr(command, "commands") and len(words) > 1:
                command = command.commands.get(words[1].strip(".\"'),:"))
            options = {
                option
                for parameter in getattr(command, "params", ())
                for option in (*parameter.opts, *parameter.secondary_opts)
            }
            unknown = set(re.findall(r"(?<=\s)--[a-z][a-z-]*", line)) - options - {"--help"}
            seen.add(name)
            if command is None or unknown:
                faults.append(f"{place}: ted {line}")
    assert faults == []
    assert seen >= {"local", "run", "runs", "status", "query"}  # it finds what there is to find


def test_every_run_that_a_page_tells_to_type_says_what_to_bring_in() -> None:
    tree: Any = typer.main.get_command(app)
    seen, faults = 0, []
    for place, text in texts():
        for line in (
            re.findall(r"^ *(?:\.venv/bin/)?ted run ([^\n#]*)", text, re.MULTILINE) if place[-3:] == ".md" else ()
        ):
            given = tree.commands["run"].load().make_context("run", line.split()).params
            named = {"year": given["year"], "month": given["month"], "packages": given["package"]}
            seen += 1
            try:
                selection_of(given["what"] or (), {k: v for k, v in named.items() if v}, is_due=given["due"])
            except ConfigError as error:
                faults.append(f"{place}: ted run {line}: {error.message}")
    assert faults == []
    assert seen > 3


EVERY = [(" ".join(path), command) for path, command in walk() if not hasattr(command, "commands")]


@pytest.mark.parametrize(("name", "command"), EVERY, ids=[name for name, _ in EVERY])
def test_every_command_and_option_is_documented_with_examples(name: str, command: Any) -> None:
    page = (PROJECT / "docs/commands.md").read_text().split(f"## {name}\n")[1].split("\n## ")[0]
    for parameter in command.params:
        assert parameter.help, f"{name}: {parameter.name}"
        assert all(option in page for option in parameter.opts if option.startswith("-"))
    assert "Examples:" in page
    assert f"{name} " in page.split("Examples:")[1] or f"{name}\n" in page.split("Examples:")[1]


def test_every_command_that_tells_something_tells_it_as_json() -> None:
    silent = {name for name, command in EVERY if "--json" not in {o for p in command.params for o in p.opts}}
    assert silent == {"ted local up", "ted local down"}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ted de", {"demo", "describe"}),
        ("ted local u", {"up"}),
        ("ted query --sa", {"--saved"}),
        ("ted query --saved si", {"single_bid_rate"}),
        ("ted describe no", {"notices"}),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes(shell: str, typed: str, offered: set[str]) -> None:
    environment = {
        "_TED_COMPLETE": f"complete_{shell}", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1),
        "_TYPER_COMPLETE_ARGS": typed, "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }  # fmt: skip
    said = CliRunner().invoke(app, [], prog_name="ted", env=environment).stdout
    words = set(re.findall(r"[\w-]+", said))
    assert offered <= words


GLOBAL = {"--query", "--output", "--region", "--profile", "--endpoint-url", "--no-cli-pager"}
CDK = ("bootstrap", "deploy", "destroy", "diff", "import", "synth")
# Of aws s3, which stands for no operation of the service.
OF_S3 = {"ls": {"--recursive"}, "sync": {"--exclude", "--include", "--dryrun", "--delete"}, "cp": {"--recursive"}}
OF_S3 |= {"rm": {"--recursive"}}


def typed_on(page: Path, program: str) -> list[str]:
    """Commands of a program on a page, in code, each whole: a backslash goes on in the next line."""
    text = re.sub(r"\\\n\s*", "", page.read_text())
    code = re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(r"(?:(?<=\n\n)|(?<=\n))(    .+)", text)
    lines = [line for block in code for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", text)
    return [found for line in lines for found in re.findall(rf"(?:^|\$\(|\s){program} (.+?)(?=\$\(|$)", line)]


def faults_of_aws(command: str) -> list[str]:
    """What the AWS CLI would not know of a command."""
    words = command.split()
    service, operation, options = (
        words[0],
        words[1] if len(words) > 1 else "",
        set(re.findall(r"(?<=\s)--[a-z][a-z-]*", command)),
    )
    if service in ("configure", "sso"):
        return []
    if service == "s3":
        return sorted(options - GLOBAL - OF_S3[operation])
    model = botocore.session.get_session().get_service_model("s3" if service == "s3api" else service)
    known = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in known:
        return [operation]
    members = model.operation_model(known[operation]).input_shape.members
    return sorted(options - GLOBAL - {f"--{xform_name(name, '-')}" for name in members})


def test_every_aws_command_on_a_page_is_one() -> None:
    found = [(page.name, command) for page in PAGES for command in typed_on(page, "aws")]
    assert [(page, command, faults) for page, command in found if (faults := faults_of_aws(command))] == []
    assert len(found) > 10
    assert faults_of_aws("lambda invoke --function-name x --cli-format raw") == ["--cli-format"]
    assert faults_of_aws("sqs get-queue --queue-name x") == ["get-queue"]


def test_every_cdk_command_on_a_page_is_one_with_settings_that_there_are() -> None:
    found = [(page.name, command) for page in PAGES for command in typed_on(page, "cdk")]
    keys = {"initials", "stage", *(f"{PREFIX}{key}" for key in KEYS)}
    faults = []
    for page, command in found:
        unknown = set(re.findall(r"-c ([\w:]+)=", command)) - keys
        if unknown or command.split()[0] not in CDK:
            faults.append(f"{page}: cdk {command}")
    assert faults == []
    assert len(found) > 5


def test_every_make_target_on_a_page_is_one() -> None:
    targets = set(re.findall(r"^(\w+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    found = {command.split()[0] for page in PAGES for command in typed_on(page, "make")}
    assert found - targets == set()
    assert found >= {"demo", "test", "setup"}
