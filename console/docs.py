"""Writes the generated pages of docs/: the data dictionary from the schema. `make docs` runs it."""

from pathlib import Path

from console.paths import PROJECT
from runtime.schema import PARTITION, TABLES, Column, Table
from runtime.schema.sources.eforms import SOURCES as EFORMS
from runtime.schema.sources.ted_export import SOURCES as TED_EXPORT

_HEADER = """# Data dictionary

Written from `runtime/schema` by `make docs`; a test keeps it in step.

Every table is partitioned by `year` (int, from the package's publication date). Money is `decimal(24,4)` beside a
currency column and never converted. Empty is NULL. A path is given per source format: `F` is the form in the original
language (`/TED_EXPORT/FORM_SECTION/*[@CATEGORY='ORIGINAL']`), `X` the eForms extension, `R` its notice result, `L` a
lot. Columns without a path are derived, as their meaning says. BT and OPT/OPP numbers are those of the eForms
Regulation (EU) 2019/1780 and its SDK.
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
    for table in TABLES:
        keys = f"Key: {', '.join(table.key)}; partition: {PARTITION.name}."
        parts.append(f"\n## {table.name}\n\nOne row per {table.rows_per}. {keys}\n")
        parts.append("| column | type | meaning | term | TED_EXPORT | eForms |\n|---|---|---|---|---|---|")
        parts += [_row(table, column) for column in table]
    return "\n".join(parts) + "\n"


PAGES = {"data-dictionary.md": data_dictionary}


def main(folder: Path = PROJECT / "docs") -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (folder / name).write_text(page())
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
