"""`ted saved`: the questions that come with the lake."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console

from console.phrases import as_typed, indented
from console.target import told
from runtime.errors import ConfigError
from runtime.schema.views import Statement, saved_queries


def names_like(start: str) -> Iterator[tuple[str, str]]:
    """Names of saved queries that begin so, with their titles, for the shell's completion."""
    return ((each.name, each.title) for each in saved_queries() if each.name.startswith(start))


def find_saved(name: str) -> Statement:
    """The saved query of that name.

    Raises
    ------
    ConfigError
        There is none.
    """
    known = {each.name: each for each in saved_queries()}
    if name not in known:
        raise ConfigError(f"there is no saved query {name!r}; there are: {', '.join(known)}. See them: ted saved")
    return known[name]


def saved(
    name: Annotated[
        str | None,
        typer.Argument(help="Print the SQL of this one.", show_default=False, autocompletion=names_like),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, the SQL too.")] = False,
) -> None:
    """List the saved queries, which the workgroup has, too, or print the SQL of one.

    \b
    Examples:
      ted saved
      ted query --saved single_bid_rate
      ted saved single_bid_rate > mine.sql
      ted query - < mine.sql
    """
    with told():
        found = [find_saved(name)] if name else list(saved_queries())
    if as_json:
        listed = [
            {"name": each.name, "title": each.title, "description": each.description, "sql": each.sql} for each in found
        ]
        typer.echo(json.dumps(listed, indent=1))
    elif name:
        typer.echo(found[0].sql)
    else:
        console = Console(highlight=False, markup=False)
        for each in found:
            console.print(each.name, style="bold")
            console.print(indented(f"{each.title}: {each.description}", console.width), soft_wrap=True)
        Console(stderr=True).print(
            as_typed(f"Ask one: ted query --saved {found[0].name}"), style="dim", highlight=False, soft_wrap=True
        )
