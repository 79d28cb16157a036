"""The `ted` command as a whole: what it lists, what it loads, and what its pages say."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from console.commands import first_sentence
from console.main import COMMANDS, app
from console.paths import PROJECT
from console.run import selection_of
from runtime.errors import ConfigError

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
    assert "Did you mean 'query'" in result.output


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
    for path in [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]:
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
