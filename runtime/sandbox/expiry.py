"""Which tables and views of the sandbox have had their days, and their end."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from runtime.buckets import aws_errors
from runtime.errors import TerminalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mypy_boto3_glue import GlueClient

_VIEW = "VIRTUAL_VIEW"


def drop_expired(client: "GlueClient", database: str, *, days: int, now: dt.datetime) -> list[str]:
    """Drop the entries of a database that are older than so many days; the files below them go by the bucket's rule.

    Returns
    -------
    names of what was dropped, ascending

    Raises
    ------
    CcaTedError
        Glue cannot be asked, or refuses.
    """
    with aws_errors(f"list the tables of {database}"):
        pages = client.get_paginator("get_tables").paginate(DatabaseName=database)
        entries = [entry for page in pages for entry in page["TableList"]]
    names = expired(entries, days=days, now=now)
    for name in names:
        _drop(client, database, name)
    return names


def expired(entries: "Iterable[Mapping[str, Any]]", *, days: int, now: dt.datetime) -> list[str]:
    """Names of the entries that have had their days, ascending.

    A table counts from the day it was made: its first files are as old, and are the first that the bucket's rule
    removes. A view has no files, and counts from the day it was last replaced.
    """
    oldest = now - dt.timedelta(days=days)
    since = {
        str(entry["Name"]): entry["UpdateTime" if entry.get("TableType") == _VIEW else "CreateTime"]
        for entry in entries
    }
    return sorted(name for name, made in since.items() if made < oldest)


def _drop(client: "GlueClient", database: str, name: str) -> None:
    try:
        with aws_errors(f"drop {database}.{name}"):
            client.delete_table(DatabaseName=database, Name=name)
    except TerminalError as error:
        if error.attributes.get("code") != "EntityNotFoundException":  # its owner was quicker
            raise
