"""How the commands of `ted` hang together: groups that list them, modules that are loaded when they are asked for."""

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class Group(TyperGroup):
    """Commands, each listed with its whole first sentence, which typer would cut off."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of a help page."""
        listed = [(name, first_sentence(each.help or "")) for name, each in self.commands.items() if not each.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(listed)


class Deferred(TyperCommand):
    """A command whose module is loaded when it is run, or asked for its own help.

    Parameters
    ----------
    name : of the command, and of the function or group in the module
    module : where it is
    help : its first sentence, for the list
    """

    def __init__(self, name: str, module: str, help: str) -> None:  # noqa: A002 typer's name
        super().__init__(name, help=help)
        self._module = module

    def load(self) -> Any:
        """The command itself."""
        found = getattr(importlib.import_module(self._module), (self.name or "").replace("-", "_"))
        if not isinstance(found, typer.Typer):
            alone = group(no_args_is_help=False)
            alone.command(self.name)(found)
            found = alone
        return typer.main.get_command(found)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Hand over to the command itself."""
        return self.load().make_context(info_name, args, parent, **extra)


def group(**options: Any) -> typer.Typer:
    """A group of commands in the look of `ted`: plain text, whole sentences."""
    look = {"cls": Group, "rich_markup_mode": None, "add_completion": False, "pretty_exceptions_enable": False}
    return typer.Typer(**{**look, "no_args_is_help": True, **options})


def first_sentence(text: str) -> str:
    """The first sentence of a help text, on one line."""
    return " ".join(text.split("\n\n", 1)[0].split()).split(". ", 1)[0].rstrip(".") + "."
