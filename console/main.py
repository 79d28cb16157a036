"""The `ted` command: what it can do, each in a module that is loaded when it is asked for."""

from importlib.metadata import version
from typing import Annotated, Any

import typer

from console.commands import Deferred, Group, group

# Module, name in it, and what it is for: the first sentence of its help.
COMMANDS = (
    ("console.demo", "demo", "Run the whole system on this machine: deploy, bring in packages, merge, ask."),
    ("console.local", "local", "An instance on this machine: up, down, status."),
    ("console.run", "run", "Start the pipeline, and watch it: planned, transferred, extracted, merged."),
    ("console.run", "runs", "List the pipeline's runs of the last 90 days, newest first, with what became of them."),
    ("console.status", "status", "Compare the release calendar with what is held, extracted and published."),
    ("console.jobs", "transfer", "Start the transfer job: queue the due packages that the raw bucket lacks."),
    (
        "console.jobs",
        "extract-again",
        "Start the extract job: queue held packages to be read again, and their files and manifests replaced.",
    ),
    ("console.jobs", "merge", "Start the merge job for a year, and wait until it is published."),
    ("console.jobs", "rates", "Bring the newest exchange rates of the ECB, and make their table."),
    (
        "console.dead_letters",
        "failures",
        "List what was given up: packages and messages, at which step, why, after how many attempts, and what to do.",
    ),
    ("console.dead_letters", "redrive", "Move dead letters back to their queue, where they are tried again."),
    ("console.dead_letters", "purge", "Remove dead letters for good, after a question."),
    ("console.rejects", "rejects", "List the members of packages that could not be read: member, reason, message."),
    ("console.logs", "logs", "Show what functions, merges and runs logged, oldest first."),
    (
        "console.doctor",
        "doctor",
        "Look whether this machine and an account are fit for an instance, before it is deployed and after.",
    ),
    ("console.config", "config", "Show the settings in force and where each comes from."),
    (
        "console.open",
        "open",
        "Print where the parts of an instance are in the AWS console, or open one in the browser.",
    ),
    ("console.query", "query", "Ask the lake, in Athena's SQL."),
    ("console.query", "saved", "List the saved queries, which the workgroup has, too, or print the SQL of one."),
    (
        "console.tables",
        "tables",
        "List the tables and views: what a row is, how many columns, which columns are unique together.",
    ),
    (
        "console.tables",
        "describe",
        "Tell the columns of a table: type, meaning, Business Term, source paths, how often they are filled.",
    ),
    (
        "console.export",
        "export",
        "Write a year of awards or calls as the TED CSV that DG GROW published until 2023.",
    ),
    (
        "console.lake_copy",
        "duckdb",
        "Make a DuckDB file with views over the published tables, and open DuckDB's shell with it.",
    ),
    ("console.dbt.command", "dbt", "The lake for those who work in dbt: init."),
    (
        "console.report.command",
        "report",
        "Write a page of pictures: is the mirror whole, who buys what from whom, and how much is known.",
    ),
    (
        "console.first_day",
        "first-day",
        "Look at an instance after its first month: logs, views, queries, alarms, mail, dead letters.",
    ),
    ("console.republish", "republish", "Point the tables at the published years again, as the merges recorded them."),
    ("console.extract", "extract", "Extract packages on this machine to Parquet files, without AWS."),
)


class Commands(Group):
    """All commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: Deferred(name, module, purpose) for module, name, purpose in COMMANDS}


app = group(cls=Commands, add_completion=True)


def _say_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"ted {version('cca-ted')}")
        raise typer.Exit


@app.callback()
def ted(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """CCA-TED: a data lake of public tenders, on this machine or in AWS."""
