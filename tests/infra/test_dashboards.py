"""QuickSight: every chart of the report, over columns that are there, and nobody's but the owner's."""

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from runtime.schema import CATALOG_TABLES
from runtime.schema.charts import CHARTS, Chart
from runtime.schema.views import VIEWS
from stacks.visuals import COVERAGE, YEARS
from tests.infra.conftest import QUICKSIGHT
from tests.infra.synthesis import Resource, Synthesis, as_list, flatten, text_of

MODES = ("direct", "options")


@pytest.fixture(scope="module", params=MODES, ids=("direct", "spice"))
def made(request: pytest.FixtureRequest, synthesis: Callable[[str], Synthesis]) -> Synthesis:
    return synthesis(request.param)


def data_sets(made: Synthesis) -> dict[str, dict[str, Any]]:
    """Properties of the data sets by the identifiers that the dashboard has for them."""
    by_id = {each.logical_id: each.properties for each in made.resources("AWS::QuickSight::DataSet")}
    return {
        each["Identifier"]: by_id[each["DataSetArn"]["Fn::GetAtt"][0]]
        for each in definition(made)["DataSetIdentifierDeclarations"]
    }


def definition(made: Synthesis) -> dict[str, Any]:
    found: dict[str, Any] = made.get("AWS::QuickSight::Dashboard", "Dashboard").properties["Definition"]
    return found


def custom_sql(data_set: Mapping[str, Any]) -> dict[str, Any]:
    (table,) = data_set["PhysicalTableMap"].values()
    found: dict[str, Any] = table["CustomSql"]
    return found


def columns_in(value: Any) -> Iterator[tuple[str, str]]:
    """Every (data set, column) that a definition names, however deep."""
    if isinstance(value, dict):
        if "ColumnName" in value:
            yield value["DataSetIdentifier"], value["ColumnName"]
        for inner in value.values():
            yield from columns_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from columns_in(inner)


def visuals(made: Synthesis) -> dict[str, dict[str, Any]]:
    (sheet,) = definition(made)["Sheets"]
    return {body["VisualId"]: body for visual in sheet["Visuals"] for body in visual.values()}


def test_there_is_none_unless_somebody_owns_it(dev: Synthesis, prod: Synthesis) -> None:
    for instance in (dev, prod):
        assert "Dashboards" not in instance.templates
        assert not [text for text in flatten(instance.templates) if "quicksight" in text.lower()]


def test_every_chart_has_a_drawing_and_its_numbers(made: Synthesis) -> None:
    drawn = visuals(made)
    assert set(drawn) == {f"{chart.name}-{what}" for chart in CHARTS for what in ("bars", "table")}
    for chart in CHARTS:
        bars, table = drawn[f"{chart.name}-bars"], drawn[f"{chart.name}-table"]
        assert bars["Title"]["FormatText"]["PlainText"] == chart.title
        assert chart.question in bars["Subtitle"]["FormatText"]["PlainText"]
        wells = bars["ChartConfiguration"]["FieldWells"]["BarChartAggregatedFieldWells"]
        assert [name for _, name in columns_in(wells)] == [
            each for each in (chart.label, chart.value, chart.series) if each
        ]
        values = table["ChartConfiguration"]["FieldWells"]["TableUnaggregatedFieldWells"]["Values"]
        assert [each["Column"]["ColumnName"] for each in values] == [*chart.columns[1:]]
        headings = {
            each["FieldId"]: each["CustomLabel"]
            for each in table["ChartConfiguration"]["FieldOptions"]["SelectedFieldOptions"]
        }
        assert [headings[each["FieldId"]] for each in values] == [each.heading for each in (*chart.fields, *COVERAGE)]
    (sheet,) = definition(made)["Sheets"]
    placed = sheet["Layouts"][0]["Configuration"]["GridLayout"]["Elements"]
    assert [each["ElementId"] for each in placed] == [*drawn]
    assert len({(each["RowIndex"], each["ColumnIndex"]) for each in placed}) == len(placed)


def test_every_column_that_is_named_is_in_its_data_set(made: Synthesis) -> None:
    there = {
        (identifier, column["Name"])
        for identifier, data_set in data_sets(made).items()
        for column in custom_sql(data_set)["Columns"]
    }
    named = set(columns_in(definition(made)))
    assert named - there == set()
    assert {chart.name for chart in CHARTS} | {YEARS} == {identifier for identifier, _ in named}


def test_data_sets_have_the_columns_of_the_charts_and_no_list(made: Synthesis) -> None:
    is_spice = "options" in made.folder.parts
    found = data_sets(made)
    assert set(found) == {*(chart.name for chart in CHARTS), YEARS}
    for chart in CHARTS:
        columns = {column["Name"]: column for column in custom_sql(found[chart.name])["Columns"]}
        assert tuple(columns) == chart.columns
        assert {column["Type"] for column in columns.values()} <= {"STRING", "INTEGER", "DECIMAL"}
        for column in columns.values():  # what only SPICE knows
            assert column.get("SubType") == ("FLOAT" if is_spice and column["Type"] == "DECIMAL" else None)


def test_custom_sql_names_its_columns_and_its_tables_in_full(made: Synthesis) -> None:
    """A data source has no database: a table named alone would be looked for in `default`."""
    tables = {table.name for table in (*CATALOG_TABLES, *VIEWS)}
    for identifier, data_set in data_sets(made).items():
        sql = custom_sql(data_set)["SqlQuery"]
        assert "*" not in sql.replace("count(*)", "").replace("* count", ""), identifier
        words = sql.replace("\n", " ").split()
        asked = [after for word, after in itertools.pairwise(words) if word in ("FROM", "JOIN")]
        assert any(each.startswith("nfr_cca_ted_dev.") for each in asked), identifier
        assert not [each for each in asked if each in tables], identifier


def test_a_year_is_bound_where_athena_is_asked_each_time(direct: Synthesis) -> None:
    for identifier, data_set in data_sets(direct).items():
        assert data_set["ImportMode"] == "DIRECT_QUERY"
        if identifier == YEARS:
            assert "DatasetParameters" not in data_set
            continue
        assert (
            "WHERE year = coalesce(try_cast(<<$Year>> AS integer), year(current_date)) AND"
            in (custom_sql(data_set)["SqlQuery"])
        )
        assert data_set["DatasetParameters"] == [
            {"StringDatasetParameter": {"Id": "year", "Name": "Year", "ValueType": "SINGLE_VALUED",
                                        "DefaultValues": {"StaticValues": ["this year"]}}}
        ]  # fmt: skip
    (parameter,) = definition(direct)["ParameterDeclarations"]
    mapped = parameter["StringParameterDeclaration"]["MappedDataSetParameters"]
    assert [each["DataSetIdentifier"] for each in mapped] == [chart.name for chart in CHARTS]
    assert {each["DataSetParameterName"] for each in mapped} == {"Year"}
    assert definition(direct)["FilterGroups"] == []


def test_a_year_is_filtered_where_quicksight_keeps_all(options: Synthesis) -> None:
    for identifier, data_set in data_sets(options).items():
        assert data_set["ImportMode"] == "SPICE"
        assert data_set["IngestionWaitPolicy"] == {"WaitForSpiceIngestion": False}
        assert data_set["DataSetRefreshProperties"]["FailureConfiguration"]["EmailAlert"] == {"AlertStatus": "ENABLED"}
        assert "<<$" not in custom_sql(data_set)["SqlQuery"], identifier
    filters = [each["CategoryFilter"] for group in definition(options)["FilterGroups"] for each in group["Filters"]]
    assert [[*columns_in(each)] for each in filters] == [[(chart.name, "year")] for chart in CHARTS]
    assert {each["Configuration"]["CustomFilterConfiguration"]["ParameterName"] for each in filters} == {"Year"}


def test_all_belongs_to_the_one_who_is_named(made: Synthesis) -> None:
    """QuickSight shows a resource without permissions to nobody, not even to whoever deployed it."""
    owned = made.resources("AWS::QuickSight::DataSource", "AWS::QuickSight::DataSet", "AWS::QuickSight::Dashboard")
    assert len(owned) == len(CHARTS) + 3
    needed = {
        "AWS::QuickSight::DataSource": "quicksight:PassDataSource",
        "AWS::QuickSight::DataSet": "quicksight:PassDataSet",
        "AWS::QuickSight::Dashboard": "quicksight:QueryDashboard",
    }
    for each in owned:
        (permission,) = each.properties["Permissions"]
        assert permission["Principal"] == QUICKSIGHT
        assert needed[each.type] in permission["Actions"]
        assert all(action.startswith("quicksight:") and "*" not in action for action in permission["Actions"])


def test_ids_are_those_of_the_instance(made: Synthesis) -> None:
    assert made.get("AWS::QuickSight::DataSource", "DataSource").properties["DataSourceId"] == "nfr-cca-ted-dev"
    board = made.get("AWS::QuickSight::Dashboard", "Dashboard").properties
    assert (board["DashboardId"], board["Name"]) == ("nfr-cca-ted-dev", "nfr-cca-ted-dev")
    assert board["ValidationStrategy"] == {"Mode": "STRICT"}
    ids = {name: data_set["DataSetId"] for name, data_set in data_sets(made).items()}
    assert ids["value_by_country"] == "nfr-cca-ted-value-by-country-dev"
    assert len(set(ids.values())) == len(ids)
    url = made.templates["Dashboards"]["Outputs"]["DashboardUrl"]["Value"]
    assert [*flatten(url)][-1].endswith(".quicksight.aws.amazon.com/sn/dashboards/nfr-cca-ted-dev")


def test_quicksight_asks_as_an_analyst_does_and_for_this_account_alone(made: Synthesis) -> None:
    role = made.get("AWS::IAM::Role", "DataSourceRole")
    (trust,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    account = "123456789012" if "options" in made.folder.parts else {"Ref": "AWS::AccountId"}
    assert trust["Principal"] == {"Service": "quicksight.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": account}}

    def reached(policies: list[Resource]) -> set[tuple[str, str]]:
        return {
            (action, json.dumps(resource).replace("Storage:ExportsOutput", ""))
            for policy in policies
            for statement in policy.properties["PolicyDocument"]["Statement"]
            for action in as_list(statement["Action"])
            for resource in as_list(statement["Resource"])
        }

    theirs = [made for made in made.resources("AWS::IAM::Policy") if made.stack == "Dashboards"]
    analyst = [made.get("AWS::IAM::ManagedPolicy", "Analyst")]
    assert reached(theirs) == reached(analyst)
    assert {"athena:StartQueryExecution", "glue:GetPartition", "glue:GetPartitions", "s3:GetBucketLocation"} <= {
        action for action, _ in reached(theirs)
    }


def test_the_source_waits_for_its_rights_and_reaches_the_workgroup(made: Synthesis) -> None:
    source = made.get("AWS::QuickSight::DataSource", "DataSource")
    role = made.get("AWS::IAM::Role", "DataSourceRole").logical_id
    asked = source.properties["DataSourceParameters"]["AthenaParameters"]
    assert asked == {"WorkGroup": "nfr-cca-ted-dev", "RoleArn": {"Fn::GetAtt": [role, "Arn"]}}
    (policy,) = [each for each in made.resources("AWS::IAM::Policy") if each.stack == "Dashboards"]
    assert {role, policy.logical_id} <= set(source.body["DependsOn"])
    stacks = made.manifest["artifacts"]
    assert "Lake" in stacks["Dashboards"]["dependencies"]


def states(made: Synthesis) -> dict[str, Any]:
    (machine,) = made.resources("AWS::StepFunctions::StateMachine")
    found: dict[str, Any] = json.loads(text_of(machine.properties["DefinitionString"]))["States"]
    return found


def test_a_run_has_quicksight_read_again_what_it_keeps(options: Synthesis, direct: Synthesis) -> None:
    found = states(options)
    assert found["Merge the years"]["Next"] == "Name the data sets"
    assert found["Name the data sets"]["Next"] == "Refresh the data sets"
    assert found["Refresh the data sets"]["Next"] == "Reconcile"
    ids = {data_set["DataSetId"] for data_set in data_sets(options).values()}
    assert set(found["Name the data sets"]["Result"]) == ids
    refresh = found["Refresh the data sets"]["ItemProcessor"]["States"]["Refresh a data set"]
    assert refresh["Resource"].endswith(":states:::aws-sdk:quicksight:createIngestion")
    assert refresh["Parameters"] == {
        "AwsAccountId": "123456789012", "DataSetId.$": "$.data_set", "IngestionId.$": "States.UUID()",
    }  # fmt: skip
    assert refresh["Catch"] == [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.fault", "Next": "Note the refusal"}]
    assert found["Reconcile"]["Parameters"]["data_sets.$"] == "$.data_sets"
    assert "Name the data sets" not in states(direct)
    assert "data_sets.$" not in states(direct)["Reconcile"]["Parameters"]


def test_a_run_may_refresh_its_own_data_sets_and_no_other(options: Synthesis, direct: Synthesis) -> None:
    (granted,) = [each for _, each in options.statements() if each.get("Sid") == "Refresh"]
    assert granted["Action"] == "quicksight:CreateIngestion"
    ids = {data_set["DataSetId"] for data_set in data_sets(options).values()}
    assert {[*flatten(arn)][-1].partition(":dataset/")[2] for arn in granted["Resource"]} == {
        f"{each}/ingestion/*" for each in ids
    }
    assert not [each for _, each in direct.statements() if "quicksight:CreateIngestion" in as_list(each["Action"])]


def test_cfn_lint_would_find_a_definition_that_quicksight_does_not_know(direct: Synthesis, tmp_path: Path) -> None:
    template = direct.templates["Dashboards"]
    (board,) = [each for each in template["Resources"].values() if each["Type"] == "AWS::QuickSight::Dashboard"]
    sheet = board["Properties"]["Definition"]["Sheets"][0]
    sheet["Visuals"][0]["BarChartVisual"]["ChartConfiguration"]["Orientation"] = "DIAGONAL"
    (tmp_path / "broken.json").write_text(json.dumps(template))
    tool = str(Path(sys.executable).with_name("cfn-lint"))
    command = [tool, "--regions", "eu-west-1", "--", str(tmp_path / "broken.json")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "'DIAGONAL' is not one of" in run.stdout


def test_a_new_chart_needs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """One with a kind of field that nobody knew is drawn like the others."""
    from stacks import visuals

    fields = [*CHARTS[1].fields]
    days = type(fields[1])("days_median", "days", "Days")  # type: ignore[arg-type]
    chart = Chart(
        name="days_to_award", title="From call to award", question="How long?", shape="bars", label="buyer_country",
        value="days_median", unit="days", fields=(fields[0], days), finding="", coverage="{covered} of {total}.",
    )  # fmt: skip
    monkeypatch.setattr(Chart, "sql", property(lambda _: "SELECT year, buyer_country, days_median FROM notices"))
    assert visuals.columns_of(chart)["days_median"] == "DECIMAL"
    assert "CAST(days_median AS double)" in visuals.data_set_sql(chart, "db", is_bound=True)
    drawn = visuals.definition([chart], {"days_to_award": "arn", YEARS: "arn"}, is_bound=True)
    assert ("days_to_award", "days_median") in set(columns_in(drawn))
