"""`ted tables` and `ted describe`: what there is to ask for, out of the schema; no instance is asked."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from console.paths import PROJECT
from console.phrases import as_typed, counted, indented
from console.target import told
from runtime.errors import ConfigError
from runtime.schema import CATALOG_TABLES, LEDGER_TABLES, REFERENCE_TABLES, Column, Table
from runtime.schema.sources.eforms import SOURCES as EFORMS
from runtime.schema.sources.ted_export import SOURCES as TED_EXPORT
from runtime.schema.views import VIEWS

_PAGE = PROJECT / "docs" / "fill-rates.md"
_SOURCES = {"TED_EXPORT": TED_EXPORT, "eForms": EFORMS}
_STANDARD_FORM = re.compile(r"[FT]\d\d|other")  # of TED_EXPORT; the page names eForms by their type


@dataclass(frozen=True, slots=True)
class Filled:
    """How often a column is filled, per cent of a form's rows, and how many rows the form has."""

    by_form: Mapping[str, tuple[float, int]]

    def of(self, source: str) -> float | None:
        """Share over all forms of a source format, per cent; None where none of them has a row."""
        chosen = [
            each for form, each in self.by_form.items() if bool(_STANDARD_FORM.fullmatch(form)) == (source != "eForms")
        ]
        rows = sum(count for _, count in chosen)
        return sum(share * count for share, count in chosen) / rows if rows else None


def tables(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the tables and views: what a row is, how many columns, which columns are unique together.

    \b
    Examples:
      ted tables
      ted describe notices
    """
    listed = [(table, _kind(table)) for table in (*CATALOG_TABLES, *VIEWS)]
    if as_json:
        found = [
            {"name": t.name, "kind": kind, "rows_per": t.rows_per, "columns": len(t.columns), "key": list(t.key)}
            for t, kind in listed
        ]
        typer.echo(json.dumps(found, indent=1))
        return
    console = Console(highlight=False, markup=False)
    width = max(len(table.name) for table, _ in listed)
    for table, kind in listed:
        console.print(Text(table.name.ljust(width), style="bold"), f" a row per {table.rows_per}", soft_wrap=True)
        about = f"{kind}, {counted(len(table.columns), 'column')}; key {', '.join(table.key)}"
        console.print(Text(f"  {about}", style="dim"), soft_wrap=True)
    hint = as_typed(f"Columns: ted describe {CATALOG_TABLES[0].name}. How they join: docs/questions.md")
    Console(stderr=True).print(hint, style="dim", highlight=False, soft_wrap=True)


def _kind(table: Table) -> str:
    kinds = {"view": VIEWS, "ledger": LEDGER_TABLES, "reference": REFERENCE_TABLES}
    return next((kind for kind, of in kinds.items() if table in of), "table")


def _names_like(start: str) -> Iterator[tuple[str, str]]:
    return (
        (table.name, f"a row per {table.rows_per}")
        for table in (*CATALOG_TABLES, *VIEWS)
        if table.name.startswith(start)
    )


def describe(
    table: Annotated[str, typer.Argument(help="Table or view.", show_default=False, autocompletion=_names_like)],
    columns: Annotated[
        list[str] | None, typer.Argument(help="Columns, told with their fill rate by form.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell the columns of a table: type, meaning, Business Term, source paths, how often they are filled.

    \b
    Examples:
      ted describe notices
      ted describe contracts value award_date
      ted describe lots --json

    Fill rates are those of docs/fill-rates.md, over the real notices that the tests read; docs/data-dictionary.md
    explains the short forms of the paths.
    """
    with told():
        found = _find(table)
        chosen = _chosen(found, columns or ())
    filled = fill_rates().get(found.name, {})
    described = [_described(found, column, filled.get(column.name), by_form=bool(columns)) for column in chosen]
    if as_json:
        about = {"table": found.name, "rows_per": found.rows_per, "key": list(found.key), "columns": described}
        typer.echo(json.dumps(about, indent=1, ensure_ascii=False))
        return
    console = Console(highlight=False, markup=False)
    partition = "".join(f", partition {column.name}" for column in found.partitions)
    console.print(Text(found.name, style="bold"), f"a row per {found.rows_per}; key {', '.join(found.key)}{partition}")
    for each in described:
        _show(each, console)


def _find(name: str) -> Table:
    known = {table.name: table for table in (*CATALOG_TABLES, *VIEWS)}
    if name not in known:
        raise ConfigError(f"there is no table {name!r}; there are: {', '.join(known)}. See them: ted tables")
    return known[name]


def _chosen(table: Table, names: list[str] | tuple[str, ...]) -> list[Column]:
    known = {column.name: column for column in table.readable}
    if wrong := [name for name in names if name not in known]:
        raise ConfigError(f"{table.name} has no column {', '.join(wrong)}. See its columns: ted describe {table.name}")
    return [known[name] for name in names] if names else list(known.values())


def _described(table: Table, column: Column, filled: Filled | None, *, by_form: bool) -> dict[str, Any]:
    rates = {source: filled.of(source) if filled else None for source in _SOURCES}
    described: dict[str, Any] = {
        "name": column.name,
        "type": column.glue_type,
        "meaning": column.meaning,
        "term": column.term,
        "paths": {source: path for source, of in _SOURCES.items() if (path := of.get((table.name, column.name)))},
        "filled_percent": {source: round(rate, 1) for source, rate in rates.items() if rate is not None},
    }
    if by_form and filled:
        described["filled_percent_by_form"] = {form: share for form, (share, _) in filled.by_form.items()}
    return described


def _show(described: dict[str, Any], console: Console) -> None:
    rates = [f"{source} {_percent(rate)}" for source, rate in described["filled_percent"].items()]
    parts = [described["type"], described["term"], f"filled: {', '.join(rates)}" if rates else ""]
    console.print()
    console.print(Text(described["name"], style="bold") + Text("  " + ", ".join(filter(None, parts)), style="dim"))
    console.print(indented(described["meaning"], console.width), soft_wrap=True)
    more = [f"{source}: {path}" for source, path in described["paths"].items()]
    if forms := described.get("filled_percent_by_form"):
        more.append("by form: " + ", ".join(f"{form} {_percent(share)}" for form, share in forms.items()))
    for line in more:
        console.print(indented(line, console.width), style="dim", soft_wrap=True)


def _percent(share: float) -> str:
    return "never" if not share else "<1%" if share < 1 else f"{share:.0f}%"


@cache
def fill_rates() -> dict[str, dict[str, Filled]]:
    """The fill rates of docs/fill-rates.md, by table and column; a share below one counts as a half."""
    found: dict[str, dict[str, Filled]] = {}
    for section in _PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        name, *lines = section.splitlines()
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
        (_, *forms), (_, *counts), *columns = rows
        sizes = [int(count.replace(",", "")) for count in counts]
        found[name] = {
            column.strip("`"): Filled(
                {form: (_share(cell), size) for form, cell, size in zip(forms, cells, sizes, strict=True)}
            )
            for column, *cells in columns
        }
    return found


def _share(cell: str) -> float:
    return {"·": 0.0, "<1": 0.5}[cell] if cell in ("·", "<1") else float(cell)
