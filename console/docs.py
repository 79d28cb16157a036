"""Writes the generated pages of docs/: commands, data dictionary, settings, checkov's list. `make docs` runs it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import typer

from console.main import app
from console.paths import PROJECT
from runtime.schema import CATALOG_TABLES, Column, Table
from runtime.schema.sources.eforms import SOURCES as EFORMS
from runtime.schema.sources.ted_export import SOURCES as TED_EXPORT
from runtime.schema.views import VIEWS, view_statement
from stacks.settings import KEYS, PREFIX, Settings, Stage, read_settings

_HEADER = """# Data dictionary

Written from `runtime/schema` by `make docs`; a test keeps it in step.

Tables of notices are partitioned by `year` (int, from the package's publication date). Money is `decimal(24,4)` beside
a currency column and never converted there. Empty is NULL. A path is given per source format: `F` is the form in the
original language (`/TED_EXPORT/FORM_SECTION/*[@CATEGORY='ORIGINAL']`), `X` the eForms extension, `R` its notice
result, `L` a lot. Columns without a path are derived, as their meaning says. BT and OPT/OPP numbers are those of the
eForms Regulation (EU) 2019/1780 and its SDK.
"""

_VIEWS_HEADER = """
# Views

A view holds nothing: it is asked anew each time, and stands on the tables above.
"""

_SETTINGS_HEADER = """# Settings

Context keys, given as `-c key=value` or kept in an ignored `cdk.context.local.json`. Written from `stacks/settings.py`
by `make docs`; a test keeps it in step.

`initials` (two to eight small letters and digits, the first a letter) is required: `-c initials=nfr`, or
`CCA_TED_INITIALS`. `stage` is `dev` (the default, destroyed without leftovers), `test` or `prod` (keeps its data, is
protected from termination). All faults are reported together, and an unknown `ted:` key is one. To destroy the data of
`prod`, two keys must agree: `ted:keep_data=false` and `ted:destroy_data=nfr-cca-ted-prod`.
"""

_COMMANDS_HEADER = """# Commands

What `ted --help` and the help of each command say, written by `make docs`; a test keeps it in step. Every command ends
with 0 when all is well, with 1 when it found something wanting, and with 2 when it could not do its work. Those that
list something take `--json`. `ted --install-completion` makes the shell complete commands, options, tables and saved
queries.
"""

_CHECKOV_HEADER = """# What checkov finds, and why it stays

Written from `tests/infra/checkov.json` by `make docs`; a test keeps it in step. `make lint` runs checkov over the
templates of dev and prod and fails for a finding that is not listed here, and for an entry that is no longer found.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _row(table: Table, column: Column) -> str:
    paths = [f"`{path}`" if (path := source.get((table.name, column.name))) else "" for source in (TED_EXPORT, EFORMS)]
    cells = [f"`{column.name}`", column.glue_type, column.meaning, column.term, *paths]
    return f"| {' | '.join(map(_cell, cells))} |"


def data_dictionary() -> str:
    """The page as Markdown."""
    parts = [_HEADER]
    for table in CATALOG_TABLES:
        partition = "".join(f"; partition: {column.name}" for column in table.partitions)
        keys = f"Key: {', '.join(table.key)}{partition}."
        parts.append(f"\n## {table.name}\n\nOne row per {table.rows_per}. {keys}\n")
        parts.append("| column | type | meaning | term | TED_EXPORT | eForms |\n|---|---|---|---|---|---|")
        parts += [_row(table, column) for column in table]
    parts.append(_VIEWS_HEADER)
    for view in VIEWS:
        statement = view_statement(view)
        parts.append(
            f"\n## {view.name}\n\nOne row per {view.rows_per}. Key: {', '.join(view.key)}.\n\n{statement.description}\n"
        )
        parts.append("| column | type | meaning |\n|---|---|---|")
        parts += [f"| `{column.name}` | {column.glue_type} | {_cell(column.meaning)} |" for column in view]
    return "\n".join(parts) + "\n"


def settings() -> str:
    """The page of context keys as Markdown."""
    lines = [_SETTINGS_HEADER, "| key | expected | dev | test | prod | what it is |", "|---|---|---|---|---|---|"]
    meanings = _meanings(Settings.__doc__ or "")
    stages = [
        read_settings({"initials": "nfr", "stage": stage, "ted:contact": "https://example.org"}, environment={})
        for stage in get_args(Stage)
    ]
    for key, (name, parse) in KEYS.items():
        if name not in meanings:
            continue
        expected = _expected(parse)
        defaults = ["" if name == "contact" else _typed(getattr(of, name), expected) for of in stages]
        cells = [f"`{PREFIX}{key}`", expected, *defaults, meanings[name]]
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def _expected(parse: Callable[[str], Any]) -> str:
    try:
        parse("")
    except ValueError as error:
        return str(error)
    raise AssertionError("a parser that takes nothing says nothing of what it expects")


def _typed(value: object, expected: str) -> str:
    """A default as it would be typed."""
    if isinstance(value, bool):
        true, _, false = expected.partition(" or ")
        value = true if value else false
    return "" if value in (None, "") else f"`{value}`"


def _meanings(docstring: str) -> dict[str, str]:
    """Meaning by field, out of a docstring's Parameters; a line may name several fields."""
    found = {}
    for names, meaning in re.findall(r"^    (\w[\w, ]*) : (.+(?:\n        .+)*)", docstring, re.MULTILINE):
        found.update(dict.fromkeys(names.split(", "), " ".join(meaning.split())))
    return found


def checkov() -> str:
    """The page of failed checks that stay, as Markdown."""
    listed = json.loads((PROJECT / "tests" / "infra" / "checkov.json").read_text(encoding="utf-8"))
    parts = [_CHECKOV_HEADER]
    for check, entry in listed.items():
        resources = ", ".join(f"`{resource}`" for resource in entry["resources"])
        parts.append(f"## {check}: {entry['title']}\n\n{entry['reason']}\n\n{resources}.\n")
    return "\n".join(parts)


def walk(command: Any = None, path: tuple[str, ...] = ("ted",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that it is typed with, groups before what is in them."""
    command = command or typer.main.get_command(app)
    command = command.load() if hasattr(command, "load") else command
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, (*path, name))


def commands() -> str:
    """The page of all commands with their options, as Markdown."""
    parts = [_COMMANDS_HEADER]
    for path, command in walk():
        context = typer.Context(command, info_name=" ".join(path), terminal_width=100)
        parts.append(f"\n## {' '.join(path)}\n\n```text\n{command.get_help(context).strip()}\n```")
    return "\n".join(parts) + "\n"


PAGES = {"commands.md": commands, "checkov.md": checkov, "data-dictionary.md": data_dictionary, "settings.md": settings}


def main(folder: Path = PROJECT / "docs") -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (folder / name).write_text(page())
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
