"""awswrangler: its three ways of reading a query, and its functions for the catalog and for Athena's statements."""

import pytest

from tests.clients.conftest import NAMES, Instance

pytestmark = pytest.mark.timeout(300)


def test_reads_a_query_in_three_ways(instance: Instance) -> None:
    found = instance.python(
        "awswrangler",
        """
        import awswrangler as wr
        wr.config.athena_query_wait_polling_delay = 0.1
        sql = "SELECT notice_id, publication_date, cpv_additional, total_value, lot_count, year FROM notices "
        sql += "WHERE year = 2020 ORDER BY notice_id"
        ways = {
            "default": {"workgroup": SANDBOX_WORKGROUP, "ctas_parameters": {"database": SANDBOX}},
            "unload": {"workgroup": WORKGROUP, "ctas_approach": False, "unload_approach": True,
                       "s3_output": LOCATION + "/unload/"},
            "plain": {"workgroup": WORKGROUP, "ctas_approach": False},
        }
        frames = {name: wr.athena.read_sql_query(sql, database=DATABASE, **way) for name, way in ways.items()}
        none = "SELECT notice_id FROM notices WHERE year = 1900"
        empty = wr.athena.read_sql_query(none, database=DATABASE, **ways["default"])
        found = {
            "rows": {name: frame.astype(str).values.tolist() for name, frame in frames.items()},
            "types": {name: [str(kind) for kind in frame.dtypes] for name, frame in frames.items()},
            "lists": [type(frames[name].cpv_additional[0]).__name__ for name in ways],
            "empty": [list(empty.columns), len(empty)],
            "left": [table["Name"] for table in wr.catalog.get_tables(database=SANDBOX, name_prefix="temp_table")],
        }
        """,
    )

    assert [len(rows) for rows in found["rows"].values()] == [6, 6, 6]
    first = [[str(cell) for cell in row if "[" not in str(cell)] for rows in found["rows"].values() for row in rows[:1]]
    assert first[0] == first[1] == first[2]
    assert found["types"]["default"] == found["types"]["unload"]
    assert found["empty"] == [["notice_id"], 0]
    assert found["left"] == []


def test_parameters_and_the_statements_of_its_own(instance: Instance) -> None:
    found = instance.python(
        "awswrangler",
        """
        import awswrangler as wr, pandas as pd
        wr.config.workgroup, wr.config.athena_query_wait_polling_delay = SANDBOX_WORKGROUP, 0.1
        one = wr.athena.read_sql_query("SELECT count(*) AS n FROM notices WHERE year = :year", params={"year": 2020},
                                       database=DATABASE, ctas_approach=False)
        wr.athena.create_ctas_table("SELECT notice_id, year FROM notices", database=DATABASE, ctas_database=SANDBOX,
                                    ctas_table="of_wrangler", partitioning_info=["year"], wait=True)
        days = pd.DataFrame({"n": [1, 2], "day": ["a", "b"]})
        wr.s3.to_parquet(days, path=LOCATION + "/days/", dataset=True, partition_cols=["day"])
        sql = "CREATE EXTERNAL TABLE days (n bigint) PARTITIONED BY (day string) STORED AS PARQUET "
        wr.athena.start_query_execution(f"{sql} LOCATION '{LOCATION}/days/'", database=SANDBOX, wait=True)
        before = wr.athena.read_sql_query("SELECT * FROM days", database=SANDBOX, ctas_approach=False)
        repaired = wr.athena.repair_table("days", database=SANDBOX)
        after = wr.athena.read_sql_query("SELECT * FROM days ORDER BY n", database=SANDBOX, ctas_approach=False)
        wr.s3.to_parquet(days, path=LOCATION + "/kept/", dataset=True, database=SANDBOX, table="kept", mode="overwrite")
        kept = wr.athena.read_sql_query("SELECT sum(n) AS n FROM kept", database=SANDBOX, ctas_approach=False)
        described = wr.athena.describe_table("notices", database=DATABASE)
        found = {
            "count": int(one.n[0]),
            "types": wr.catalog.get_table_types(SANDBOX, "of_wrangler"),
            "repaired": [repaired, len(before), after.values.tolist()],
            "kept": kept.n.tolist(),
            "described": described[described["Column Name"].isin(["total_value", "year"])].values.tolist(),
            "statement": wr.athena.show_create_table("notices", database=DATABASE),
            "tables": sorted(wr.catalog.tables(database=DATABASE, limit=100)["Table"]),
            "files": wr.s3.read_parquet(LAKE + "/notices/", dataset=True, columns=["notice_id"]).shape[1],
        }
        """,
    )

    assert (found["count"], found["types"]) == (6, {"notice_id": "string", "year": "int"})
    assert found["repaired"] == ["SUCCEEDED", 0, [[1, "a"], [2, "b"]]]
    assert found["kept"] == [3]
    assert [row[:3] for row in found["described"]] == [["total_value", "decimal(24,4)", False], ["year", "int", True]]
    assert found["statement"].startswith(
        f"CREATE EXTERNAL TABLE `{NAMES.database}.notices`( `notice_id` string COMMENT '"
    )
    assert {"notices", "lots", "contract_awards", "current_notices"} <= set(found["tables"])
    assert found["files"] >= 1
