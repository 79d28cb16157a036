"""`ted duckdb`: the published tables in DuckDB, for those who would rather work there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.config import Config
from rich.console import Console

from console.buckets import find_buckets
from console.phrases import as_typed, counted, size
from console.target import Initials, Local, Real, Stage, Target, asking
from runtime.buckets import Bucket, Listed
from runtime.errors import ConfigError
from runtime.keys import MERGED_PREFIX, merged_prefix, reference_key
from runtime.merge.published import merged_years, read_published
from runtime.schema import CATALOG_TABLES, REFERENCE_TABLES, TABLES, Table
from runtime.schema.views import VIEWS, view_statement

_THREADS = 8
_SPARE_BYTES = 200_000_000  # that are left free on the disk

Published = dict[str, list[Listed]]


def duckdb(
    file: Annotated[
        Path | None, typer.Argument(help="DuckDB file to make, instead of one named as the instance is.")
    ] = None,
    year: Annotated[
        list[int] | None, typer.Option(help="Year to take, repeatable; none is all.", show_default=False)
    ] = None,
    remote: Annotated[
        bool, typer.Option("--remote", help="Copy nothing: write SQL that makes views over S3 itself.")
    ] = False,
    shell: Annotated[bool, typer.Option(help="Open DuckDB's shell, where the machine has one.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, open no shell.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Make a DuckDB file with views over the published tables, and open DuckDB's shell with it.

    \b
    Examples:
      ted duckdb
      ted duckdb lake.duckdb --year 2024 --no-shell
      python -c "import duckdb; duckdb.connect('lake.duckdb').sql('FROM notices LIMIT 5').show()"
      AWS_PROFILE=mine ted duckdb --aws --initials nfr --remote

    The Parquet files are copied into a folder beside the file; run it again after a merge, and only what is new is
    copied. With --remote DuckDB reads S3 with your own credentials; it fetches its extensions httpfs and aws for that.
    """
    with asking(local, initials, stage, real, stopped="stopped; what was copied is kept for the next time") as target:
        place = (file or Path(f"{target.names.instance}{'.sql' if remote else '.duckdb'}")).absolute()
        _refuse(place)
        extracted = find_buckets(target.session, target.names, Config(max_pool_connections=_THREADS)).extracted
        published = _published(extracted, year or ())
        if remote:
            paths = {name: [f"s3://{extracted.name}/{each.key}" for each in files] for name, files in published.items()}
            place.write_text(";\n".join([*_reading_s3(target), *view_sql(paths)]) + ";\n", encoding="utf-8")
        else:
            with Console(stderr=True).status(f"copying the published tables of {target.title}"):
                paths = _copied(extracted, published, place.with_suffix(""))
            _write_database(place, paths)
    size_bytes = sum(each.size for files in published.values() for each in files)
    counts = {name: len(files) for name, files in published.items()}
    if as_json:
        typer.echo(
            json.dumps({"file": str(place), "remote": remote, "size_bytes": size_bytes, "files": counts}, indent=1)
        )
        return
    count = counted(sum(counts.values()), "Parquet file")
    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    console.print(
        f"{os.path.relpath(place)}: {len(CATALOG_TABLES) + len(VIEWS)} views over {count}, {size(size_bytes)}"
    )
    _open(place, console, remote=remote, wants_shell=shell)


def _refuse(place: Path) -> None:
    if place.is_dir():
        raise ConfigError(f"{place} is a folder: expected the name of a file, as in ted duckdb lake.duckdb")
    if not place.parent.is_dir():
        raise ConfigError(f"there is no folder {place.parent}. Make it: mkdir -p {place.parent}")
    if place.suffix not in (".duckdb", ".db", ".sql"):
        raise ConfigError(f"{place.name}: expected a name that ends with .duckdb, or .sql with --remote")


def _published(extracted: Bucket, years: Sequence[int]) -> Published:
    """The Parquet files of each table: of all years or some as the records of the merges name their runs, and those of
    no year.

    Raises
    ------
    ConfigError
        Nothing is published of a year, or at all.
    """
    there = merged_years(extracted)
    records = [record for year in years or there if (record := read_published(extracted, year))]
    missing = sorted(set(years) - {record.year for record in records})
    if missing or not records:
        what = f"of {', '.join(map(str, missing))} " if missing else ""
        raise ConfigError(f"nothing {what}is published yet. Bring it in: ted run {missing[0] if missing else '--due'}")
    prefixes = {
        (table.name, record.year): merged_prefix(table.name, record.year, record.run_id)
        for table in TABLES
        for record in records
        if record.tables.get(table.name)
    }
    found: Published = {table.name: [] for table in TABLES}
    found |= {table.name: list(extracted.keys(reference_key(table.name))) for table in REFERENCE_TABLES}
    with ThreadPoolExecutor(_THREADS) as pool:
        listings = pool.map(lambda prefix: list(extracted.keys(prefix)), prefixes.values())
        for (name, _), files in zip(prefixes, listings, strict=True):
            found[name] += [each for each in files if each.key.endswith(".parquet")]
    return found


def _copied(extracted: Bucket, published: Published, folder: Path) -> dict[str, list[str]]:
    """Copy what the folder lacks, remove what is no longer published; paths by table."""
    places = {each.key: folder / each.key.removeprefix(MERGED_PREFIX) for files in published.values() for each in files}
    sizes = {each.key: each.size for files in published.values() for each in files}
    lacking = [each.key for files in published.values() for each in files if not _is_copy(places[each.key], each)]
    needed = sum(sizes[key] for key in lacking)
    free = shutil.disk_usage(folder.parent).free
    if needed + _SPARE_BYTES > free:
        raise ConfigError(
            f"{size(needed)} are to be copied to {folder}, where {size(free)} are free. Take "
            "fewer years (--year 2024), another place (ted duckdb /elsewhere/lake.duckdb), or copy nothing (--remote)"
        )

    def fetch(key: str) -> None:
        path = places[key]
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        with extracted.open(key).body as body, part.open("wb") as out:
            shutil.copyfileobj(body, out, 1 << 20)
        part.replace(path)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(fetch, lacking))
    kept = set(places.values())
    for path in folder.rglob("*.parquet") if folder.exists() else ():
        if path not in kept:
            path.unlink()
    return {name: [str(places[each.key]) for each in files] for name, files in published.items()}


def _is_copy(path: Path, listed: Listed) -> bool:
    if not path.exists():
        return False
    copied = path.stat()
    return copied.st_size == listed.size and copied.st_mtime >= listed.last_modified.timestamp()


def view_sql(paths: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Statements of DuckDB that make a view for each table and view of the lake.

    Parameters
    ----------
    paths : of Parquet files, by table; a table without files gets a view without rows
    """
    import sqlglot

    for table in CATALOG_TABLES:
        yield f"CREATE OR REPLACE VIEW {table.name} AS {_rows_of(table, paths.get(table.name, ()))}"
    for view in VIEWS:
        query = sqlglot.parse_one(view_statement(view).sql, dialect="trino").transform(_side_by_side)
        yield f"CREATE OR REPLACE VIEW {view.name} AS {query.sql(dialect='duckdb')}"


def _side_by_side(node: Any) -> Any:
    """UNNEST of several arrays, which DuckDB has in a SELECT only."""
    from sqlglot import exp

    if not isinstance(node, exp.Unnest) or len(node.expressions) < 2:
        return node
    named = node.args["alias"]
    pairs = zip(node.expressions, named.columns, strict=True)
    select = exp.select(*[exp.alias_(exp.Explode(this=array), name.name) for array, name in pairs])
    return exp.Lateral(this=select.subquery(), alias=exp.TableAlias(this=named.this))


def _rows_of(table: Table, files: Sequence[str]) -> str:
    columns = table.readable
    if not files:
        empty = ", ".join(f"CAST(NULL AS {_duck_type(each.glue_type)}) AS {each.name}" for each in columns)
        return f"SELECT {empty} WHERE false"
    # A year that an older schema wrote lacks columns, and its files say nothing of their year.
    names = ", ".join(each.name for each in columns)
    listed = ", ".join(_text(path) for path in files)
    options = "union_by_name = true, hive_partitioning = false"
    if table.partitions:
        options = "union_by_name = true, hive_partitioning = true, hive_types = {'year': INTEGER, 'run': VARCHAR}"
    return f"SELECT {names} FROM read_parquet([{listed}], {options})"  # noqa: S608 our own names


def _duck_type(glue: str) -> str:
    return {"string": "VARCHAR", "array<string>": "VARCHAR[]"}.get(glue, glue.upper())


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _reading_s3(target: Target) -> list[str]:
    """Statements that let DuckDB read the bucket: in AWS with the credentials that it finds, as the AWS CLI does."""
    region = _text(str(target.session.region_name))
    if target.aws is None:
        secret = f"TYPE s3, PROVIDER credential_chain, REGION {region}"
        return ["INSTALL httpfs", "INSTALL aws", "LOAD httpfs", "LOAD aws", f"CREATE OR REPLACE SECRET ({secret})"]
    given = target.aws.environment()
    key, secret = (_text(given[name]) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    scheme, _, host = target.aws.endpoint.partition("://")
    parts = [
        "TYPE s3", f"KEY_ID {key}", f"SECRET {secret}", f"REGION {region}", f"ENDPOINT {_text(host)}",
        "URL_STYLE 'path'", f"USE_SSL {str(scheme == 'https').lower()}",
    ]  # fmt: skip
    return ["INSTALL httpfs", "LOAD httpfs", f"CREATE OR REPLACE SECRET ({', '.join(parts)})"]


def _write_database(place: Path, paths: Mapping[str, Sequence[str]]) -> None:
    """Make the file anew; it appears whole or not at all."""
    import duckdb as engine

    part = place.with_name(f"{place.name}.part")
    part.unlink(missing_ok=True)
    with engine.connect(str(part)) as database:
        for statement in view_sql(paths):
            database.execute(statement)
    part.replace(place)


def _open(place: Path, console: Console, *, remote: bool, wants_shell: bool) -> None:
    """Open DuckDB's shell; where there is none, or nobody sits in front of it, say how to go on."""
    arguments = ["-init", str(place)] if remote else [str(place)]
    program = shutil.which("duckdb")
    if program and wants_shell and sys.stdin.isatty() and sys.stdout.isatty():
        raise typer.Exit(subprocess.run([program, *arguments], check=False).returncode)
    beside = os.path.relpath(place)
    made = (
        f"import duckdb; d = duckdb.connect(); d.execute(open('{beside}').read())"
        if remote
        else f"import duckdb; d = duckdb.connect('{beside}')"
    )
    console.print(f"With DuckDB's shell:  duckdb {'-init ' if remote else ''}{beside}")
    console.print(f"With Python:          {sys.executable} -c \"{made}; d.sql('FROM notices LIMIT 5').show()\"")
    console.print(as_typed("After the next merge, again: ted duckdb"))
