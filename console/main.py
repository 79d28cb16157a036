"""The `ted` command."""

import importlib
from typing import Any

import typer

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
    help="CCA-TED: a data lake of public tenders, on this machine or in AWS.",
)


def _register() -> None:
    for name in ("demo", "run", "status", "query", "extract"):
        app.command(name)(_command(f"console.{name}", name))
    app.add_typer(_command("console.local", "app"), name="local")


def _command(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


_register()
