"""The documents are in step with the code."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.docs import PAGES
from console.main import app
from runtime.schema import NOTICE_TABLES
from runtime.schema.sources.eforms import SOURCES as EFORMS
from runtime.schema.sources.ted_export import SOURCES as TED_EXPORT

ROOT = Path(__file__).parents[2]
FIRST_PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PROSE = [*FIRST_PAGES, *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_generated_pages_are_in_step(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == PAGES[name](), "run: make docs"


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    targets = [t.split("#")[0] for t in re.findall(r"\]\(([^)\s]+)\)", page.read_text()) if "://" not in t]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


def test_sources_name_columns_that_exist() -> None:
    columns = {(table.name, column.name) for table in NOTICE_TABLES for column in table}
    assert {*EFORMS, *TED_EXPORT} - columns == set()


def test_commands_of_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text()
    used = set(re.findall(r"\.venv/bin/ted ([\w-]+)(?: (up|down|status)\b)?", text))
    assert used
    for command, sub in used:
        done = CliRunner().invoke(app, [command, *([sub] if sub else []), "--help"])
        assert done.exit_code == 0, command


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_make_targets_of_a_page_exist(page: Path) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = re.findall(r"(?:`|^|\t)make ([a-z]+(?: [a-z]+\b)*)(?=`|\s|$)", page.read_text(), re.MULTILINE)
    assert {target for each in used for target in each.split()} <= targets


def test_files_that_the_walks_name_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("## Walks")[2]
    named = re.findall(r"`((?:runtime|stacks|console|tests|docs)/[\w./]*)`", text)
    assert len(named) > 20
    assert [name for name in named if "NAME" not in name and not (ROOT / name).exists()] == []
