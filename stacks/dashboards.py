"""QuickSight: the charts of the report as a dashboard, for an account that has subscribed to it.

A person subscribes once and names who is to own it; docs/quicksight.md says how.
"""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_quicksight as quicksight
from constructs import Construct

from runtime.schema.charts import CHARTS
from stacks.asking import allow_asking
from stacks.names import Names
from stacks.settings import Settings
from stacks.storage import Storage
from stacks.visuals import THIS_YEAR, YEAR, YEARS, columns_of, data_set_sql, definition, years_sql

# What QuickSight itself writes down for an owner; less than all of them is nobody that its console knows.
# Source: answers of DescribeDashboardPermissions and its like that others published; AWS lists them in no one place.
_DATA_SOURCE = (
    "DescribeDataSource", "DescribeDataSourcePermissions", "PassDataSource", "UpdateDataSource", "DeleteDataSource",
    "UpdateDataSourcePermissions",
)  # fmt: skip
_DATA_SET = (
    "DescribeDataSet", "DescribeDataSetPermissions", "PassDataSet", "DescribeIngestion", "ListIngestions",
    "UpdateDataSet", "DeleteDataSet", "CreateIngestion", "CancelIngestion", "UpdateDataSetPermissions",
)  # fmt: skip
_DASHBOARD = (
    "DescribeDashboard", "ListDashboardVersions", "QueryDashboard", "UpdateDashboard", "DeleteDashboard",
    "DescribeDashboardPermissions", "UpdateDashboardPermissions", "UpdateDashboardPublishedVersion",
)  # fmt: skip


def data_set_ids(names: Names) -> dict[str, str]:
    """Ids of the data sets by the names of the charts, and by `YEARS`."""
    return {name: names.of(name.replace("_", "-")) for name in (*(chart.name for chart in CHARTS), YEARS)}


class Dashboards(cdk.Stack):
    """A data source with a role of its own, a data set for each chart, and the dashboard over them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        principal: str,
        storage: Storage,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        self._names = settings.names
        self._principal = principal
        self._has_spice = settings.has_spice
        source = self._data_source(settings, storage).attr_arn
        database = settings.names.database
        arns = {
            chart.name: self._data_set(
                chart.name,
                chart.title,
                data_set_sql(chart, database, is_bound=not self._has_spice),
                columns_of(chart),
                source,
                takes_year=not self._has_spice,
            )
            for chart in CHARTS
        }
        arns[YEARS] = self._data_set(YEARS, "Years", years_sql(database), {"year": "STRING"}, source, takes_year=False)
        self._dashboard(arns)

    def _data_source(self, settings: Settings, storage: Storage) -> quicksight.CfnDataSource:
        """Ask Athena in a role of its own: QuickSight's service role does not reach the workgroup's bucket."""
        role = iam.Role(
            self,
            "DataSourceRole",
            assumed_by=iam.ServicePrincipal(
                "quicksight.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": self.account}}
            ),
            description=f"Asks {settings.names.database} for QuickSight, as {settings.names.of('analyst')} does",
        )
        allow_asking(role, settings=settings, storage=storage)
        made = quicksight.CfnDataSource(
            self,
            "DataSource",
            aws_account_id=self.account,
            data_source_id=settings.names.instance,
            name=settings.names.instance,
            type="ATHENA",
            data_source_parameters=quicksight.CfnDataSource.DataSourceParametersProperty(
                athena_parameters=quicksight.CfnDataSource.AthenaParametersProperty(
                    work_group=settings.names.workgroup, role_arn=role.role_arn
                )
            ),
            permissions=[
                quicksight.CfnDataSource.ResourcePermissionProperty(
                    principal=self._principal, actions=_actions(_DATA_SOURCE)
                )
            ],
        )
        made.node.add_dependency(role)  # with its policy: QuickSight tries the connection when it makes the source
        return made

    def _data_set(
        self, name: str, title: str, sql: str, columns: dict[str, str], source: str, *, takes_year: bool
    ) -> str:
        """Make a data set of custom SQL and answer with its ARN."""
        table = {
            "Name": name,
            "DataSourceArn": source,
            "SqlQuery": sql,
            "Columns": [
                # Only what SPICE holds has the sub type.
                {"Name": column, "Type": kind} | ({"SubType": "FLOAT"} if self._has_spice and kind == "DECIMAL" else {})
                for column, kind in columns.items()
            ],
        }
        properties: dict[str, Any] = {
            "AwsAccountId": self.account,
            "DataSetId": data_set_ids(self._names)[name],
            "Name": f"{self._names.instance}: {title}",
            "ImportMode": "SPICE" if self._has_spice else "DIRECT_QUERY",
            "PhysicalTableMap": {"athena": {"CustomSql": table}},
            "Permissions": [{"Principal": self._principal, "Actions": _actions(_DATA_SET)}],
        }
        if self._has_spice:
            properties["IngestionWaitPolicy"] = {"WaitForSpiceIngestion": False}
            properties["DataSetRefreshProperties"] = {
                "FailureConfiguration": {"EmailAlert": {"AlertStatus": "ENABLED"}}
            }
        if takes_year:
            parameter = {"Id": "year", "Name": YEAR, "ValueType": "SINGLE_VALUED"}
            default = {"DefaultValues": {"StaticValues": [THIS_YEAR]}}
            properties["DatasetParameters"] = [{"StringDatasetParameter": parameter | default}]
        construct_id = f"{name.title().replace('_', '')}DataSet"
        made = cdk.CfnResource(self, construct_id, type="AWS::QuickSight::DataSet", properties=properties)
        return made.get_att("Arn").to_string()

    def _dashboard(self, arns: dict[str, str]) -> None:
        names = self._names
        cdk.CfnResource(
            self,
            "Dashboard",
            type="AWS::QuickSight::Dashboard",
            properties={
                "AwsAccountId": self.account,
                "DashboardId": names.instance,
                "Name": names.instance,
                "Definition": definition(CHARTS, arns, is_bound=not self._has_spice),
                "ValidationStrategy": {"Mode": "STRICT"},
                "Permissions": [{"Principal": self._principal, "Actions": _actions(_DASHBOARD)}],
            },
        )
        cdk.CfnOutput(
            self,
            "DashboardUrl",
            value=f"https://{self.region}.quicksight.aws.amazon.com/sn/dashboards/{names.instance}",
        )


def _actions(names: tuple[str, ...]) -> list[str]:
    return [f"quicksight:{name}" for name in names]
