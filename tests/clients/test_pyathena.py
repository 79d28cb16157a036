"""PyAthena, SQLAlchemy on it (as Superset and other BI tools use it), and pandas on both."""

import pytest

from runtime.schema import CATALOG_TABLES
from runtime.schema.views import VIEWS
from tests.clients.conftest import NAMES, Instance

pytestmark = pytest.mark.timeout(300)


def test_cursors_have_rows_types_and_counts(instance: Instance) -> None:
    found = instance.python(
        "pyathena",
        """
        import pyathena
        from pyathena.pandas.cursor import PandasCursor
        lake = pyathena.connect(work_group=WORKGROUP, schema_name=DATABASE, poll_interval=0.1)
        box = pyathena.connect(work_group=SANDBOX_WORKGROUP, schema_name=SANDBOX, poll_interval=0.1,
                               s3_staging_dir=LOCATION + "/")
        cursor = lake.cursor()
        sql = "SELECT notice_id, publication_date, total_value FROM notices WHERE year = %(year)d ORDER BY 1 LIMIT 1"
        cursor.execute(sql, {"year": 2020})
        row, kinds = cursor.fetchone(), [each[1] for each in cursor.description]
        count = "SELECT count(*) FROM notices WHERE year = ?"
        asked = lake.cursor().execute(count, ["2020"], paramstyle="qmark").fetchone()
        made = box.cursor()
        made.execute(f"CREATE TABLE of_pyathena AS SELECT notice_id FROM {DATABASE}.notices WHERE year = 2020")
        counts = [made.rowcount]
        made.execute("INSERT INTO of_pyathena VALUES ('x')")
        counts.append(made.rowcount)
        sql = "SELECT notice_id, total_value FROM notices WHERE year = 2020"
        frame = lake.cursor(PandasCursor).execute(sql).as_pandas()
        unloaded = box.cursor(PandasCursor, unload=True).execute("SELECT notice_id FROM of_pyathena").as_pandas()
        found = {
            "row": [type(each).__name__ for each in row], "kinds": kinds, "asked": asked, "counts": counts,
            "frame": frame.shape, "unloaded": unloaded.shape,
            "described": box.cursor().execute("DESCRIBE of_pyathena").fetchall(),
            "statement": box.cursor().execute("SHOW CREATE TABLE of_pyathena").fetchall()[0],
        }
        """,
    )

    assert found["kinds"] == ["varchar", "date", "decimal"]
    assert found["row"][:2] == ["str", "date"]
    assert (found["asked"], found["counts"]) == ([6], [6, 1])
    assert (found["frame"], found["unloaded"]) == ([6, 2], [7, 1])
    assert [cell.split("\t")[0].strip() for (cell,) in found["described"]] == ["notice_id"]
    assert found["statement"] == [f"CREATE EXTERNAL TABLE `{NAMES.sandbox_database}.of_pyathena`("]


def test_sqlalchemy_inspects_what_there_is(instance: Instance) -> None:
    found = instance.python(
        "pyathena",
        """
        import sqlalchemy as sa, pandas as pd
        url = "awsathena+rest://@athena.eu-west-1.amazonaws.com:443/{}?work_group={}&poll_interval=0.1&file_format=PARQUET"
        lake = sa.create_engine(url.format(DATABASE, WORKGROUP))
        box = sa.create_engine(url.format(SANDBOX, SANDBOX_WORKGROUP) + f"&location={LOCATION}/frames/")
        seen = sa.inspect(lake)
        try:
            seen.get_columns("nothing", schema=DATABASE)
        except sa.exc.NoSuchTableError as error:
            missing = type(error).__name__
        notices = sa.Table("notices", sa.MetaData(), autoload_with=lake)
        with lake.connect() as connection:
            counted = connection.execute(sa.select(sa.func.count()).where(notices.c.year == 2020)).scalar()
        pd.DataFrame({"n": [1, 2], "code": ["a", "b"]}).to_sql("of_pandas", box, schema=SANDBOX, index=False,
                                                             if_exists="replace", method="multi")
        found = {
            "schemas": seen.get_schema_names(),
            "tables": seen.get_table_names(schema=DATABASE),
            "views": seen.get_view_names(schema=DATABASE),
            "view": seen.get_view_definition("current_notices", schema=DATABASE),
            "columns": {each["name"]: str(each["type"]) for each in seen.get_columns("notices", schema=DATABASE)},
            "missing": missing, "has": [seen.has_table("notices"), seen.has_table("nothing")],
            "counted": counted,
            "frame": pd.read_sql("SELECT 1 AS one, count(*) AS n FROM notices WHERE year = 2020", lake).values.tolist(),
            "written": pd.read_sql(f"SELECT n, code FROM {SANDBOX}.of_pandas ORDER BY n", lake).values.tolist(),
        }
        """,
    )

    assert {NAMES.database, NAMES.sandbox_database} <= set(found["schemas"])
    assert found["tables"] == sorted(table.name for table in CATALOG_TABLES)
    assert found["views"] == sorted(view.name for view in VIEWS)
    assert found["view"].startswith(f"CREATE VIEW {NAMES.database}.current_notices AS")
    kinds = {name: found["columns"][name] for name in ("notice_id", "publication_date", "total_value", "year")}
    assert kinds == {
        "notice_id": "VARCHAR", "publication_date": "DATE", "total_value": "DECIMAL(24, 4)", "year": "INTEGER",
    }  # fmt: skip
    assert (found["missing"], found["has"], found["counted"]) == ("NoSuchTableError", [True, False], 6)
    assert (found["frame"], found["written"]) == ([[1, 6]], [[1, "a"], [2, "b"]])


def test_its_arrow_cursor_looks_past_the_address_whatever_is_set(instance: Instance) -> None:
    """It makes a client of its own for S3, which takes an address from nobody; docs/clients.md says so."""
    found = instance.python(
        "pyathena",
        """
        import os, pyathena
        from pyathena.arrow.cursor import ArrowCursor
        os.environ["AWS_ENDPOINT_URL_S3"] = ENDPOINT
        lake = pyathena.connect(work_group=WORKGROUP, schema_name=DATABASE, poll_interval=0.1)
        try:
            found = lake.cursor(ArrowCursor, connect_timeout=1).execute("SELECT 1 AS one").as_arrow().num_rows
        except pyathena.error.OperationalError as error:
            found = str(error)
        """,
    )
    assert "amazonaws.com" in str(found)
