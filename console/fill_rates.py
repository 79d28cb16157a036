"""How often each column is filled, by form: over tables that `ted extract` wrote.

`python -m console.fill_rates TABLES` writes docs/fill-rates.md.
"""

import argparse
from pathlib import Path

import duckdb

from console.paths import PROJECT
from runtime.schema import NOTICE_TABLES, Table

PAGE = PROJECT / "docs" / "fill-rates.md"
_EFORMS_TYPES = ("planning", "competition", "dir-awa-pre", "result", "cont-modif", "change", "bri")
_NOT_MEASURED = frozenset(("notice_id", "publication_date", "package_id"))

_HEADER = """# Fill rates

Share of rows in which a column is filled, per cent, by form, over the real notices that the tests read ({count:,}
notices, chosen for variety, not as a sample). Made by `python -m console.fill_rates TABLES` from what `ted extract`
wrote; a test keeps it in step where the notices are at hand. `·` is never, a blank a form without rows. TED_EXPORT by
standard form, eForms by form type (BT-03).
"""


def fill_rates(tables: Path) -> str:
    """The page as Markdown.

    Parameters
    ----------
    tables : folder with a folder of Parquet files per table
    """
    with duckdb.connect() as db:
        db.execute(f"CREATE VIEW notices AS {_read(tables, 'notices')}")
        db.execute(
            "CREATE TABLE forms AS SELECT notice_id, CASE WHEN format = 'eforms' THEN form_type "
            "ELSE coalesce(form_number, 'other') END AS form FROM notices"
        )
        found = [str(row[0]) for row in db.execute("SELECT DISTINCT form FROM forms WHERE form IS NOT NULL").fetchall()]
        forms = sorted(form for form in found if form not in _EFORMS_TYPES)
        forms += [form for form in _EFORMS_TYPES if form in found]
        count = (db.execute("SELECT count(*) FROM notices").fetchone() or (0,))[0]
        parts = [_HEADER.format(count=count)]
        parts += [_section(db, tables, table, forms) for table in NOTICE_TABLES]
    return "\n".join(parts) + "\n"


def _read(tables: Path, name: str) -> str:
    return f"SELECT * FROM read_parquet('{tables}/{name}/**/*.parquet', hive_partitioning = false)"  # noqa: S608


def _section(db: duckdb.DuckDBPyConnection, tables: Path, table: Table, forms: list[str]) -> str:
    columns = [column for column in table if column.name not in _NOT_MEASURED]
    filled = ", ".join(
        f"count(*) FILTER (len({c.name}) > 0)" if c.kind == "list" else f"count({c.name})" for c in columns
    )
    rows = db.execute(
        f"SELECT form, count(*), {filled} FROM ({_read(tables, table.name)}) JOIN forms USING (notice_id) GROUP BY form"  # noqa: S608
    ).fetchall()
    by_form = {row[0]: row[1:] for row in rows}
    shown = [form for form in forms if form in by_form]
    lines = [f"## {table.name}\n", f"| column | {' | '.join(shown)} |", "|---|" + "--:|" * len(shown)]
    lines.append(f"| *rows* | {' | '.join(f'{by_form[form][0]:,}' for form in shown)} |")
    for position, column in enumerate(columns, 1):
        shares = [_share(by_form[form][position], by_form[form][0]) for form in shown]
        lines.append(f"| `{column.name}` | {' | '.join(shares)} |")
    return "\n".join(lines) + "\n"


def _share(filled: int, rows: int) -> str:
    if not filled:
        return "·"
    return f"{100 * filled / rows:.0f}" if filled * 200 >= rows else "<1"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", type=Path, help="folder that ted extract wrote")
    PAGE.write_text(fill_rates(parser.parse_args().tables))
    print(PAGE.relative_to(PROJECT))


if __name__ == "__main__":
    main()
