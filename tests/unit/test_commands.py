"""The `ted` command as a whole: what it lists, what it loads, and what its pages say."""

import subprocess
import sys
from typing import Any

import pytest
from typer.testing import CliRunner

from console.commands import first_sentence
from console.main import COMMANDS, app
from console.paths import PROJECT

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
    result = CliRunner().invoke(app, ["qurey"])
    assert result.exit_code == 2
    assert "Did you mean 'query'?" in result.output


def test_says_its_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("ted ")
