"""From the list of charts to what QuickSight draws: the data sets' SQL and the dashboard's definition.

Nothing here knows a single chart: one more in `runtime.schema.charts` is one more data set, drawing and table. The
shapes are those of CloudFormation, which cfn-lint's schemas hold the tests to.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from runtime.schema import CATALOG_TABLES
from runtime.schema.charts import DRAWN, LEAST, UNSAID, Chart, Field, FieldKind
from runtime.schema.views import VIEWS

YEAR = "Year"  # the parameter that a reader sets, of the dashboard and of the data sets
THIS_YEAR = "this year"
YEARS = "years"  # the data set of what there is to choose from
COVERAGE = (Field("covered", "count", "Covered"), Field("total", "count", "Total"))

_TABLES = {table.name for table in (*CATALOG_TABLES, *VIEWS)}
# A double holds cents up to 90 trillion euro, and no sum breaks it off as it would a decimal of 18 digits.
_CASTS = {"STRING": "varchar", "INTEGER": "bigint", "DECIMAL": "double"}
_SHEET = "charts"
_COLUMNS = 36  # of QuickSight's grid
_ROWS = 12  # of a chart
_FIRST = {"NumericalAggregationFunction": {"SimpleNumericalAggregation": "MIN"}}

Shape = dict[str, Any]


def column_type(kind: FieldKind) -> str:
    """QuickSight's type of a kind of field; what is no count is a decimal number."""
    if kind == "text":
        return "STRING"
    return "INTEGER" if kind in ("month", "rank", "count") else "DECIMAL"


def columns_of(chart: Chart) -> dict[str, str]:
    """Columns of a chart's data set with their types, in the order of its SQL."""
    return {"year": "STRING", **{each.name: column_type(each.kind) for each in (*chart.fields, *COVERAGE)}}


def data_set_sql(chart: Chart, database: str, *, is_bound: bool) -> str:
    """What the data set of a chart asks Athena: the rows that the report shows, with its words for codes.

    Parameters
    ----------
    is_bound : of the year alone that the reader chose, so that no other partition is read; else of all years
    """
    shown = f"{chart.least_of} >= {LEAST}" if chart.least_of else f"{chart.value} <> 0"
    bound = f"year = coalesce(try_cast(<<${YEAR}>> AS integer), year(current_date)) AND " if is_bound else ""
    columns = ",\n    ".join(_selected(chart, each) for each in (*chart.fields, *COVERAGE))
    return (
        f"SELECT\n    CASE year WHEN year(current_date) THEN '{THIS_YEAR}' ELSE CAST(year AS varchar) END AS year,\n"
        f"    {columns}\nFROM (\n{_qualified(chart.sql, database)}\n) chart\nWHERE {bound}{shown}"
    )


def years_sql(database: str) -> str:
    """The published years by the words that `data_set_sql` has for them."""
    return (
        f"SELECT '{THIS_YEAR}' AS year\nUNION ALL\nSELECT DISTINCT CAST(year AS varchar) AS year "  # noqa: S608
        f"FROM {database}.packages WHERE year <> year(current_date)"
    )


def definition(charts: Sequence[Chart], arns: Mapping[str, Any], *, is_bound: bool) -> Shape:
    """One sheet, with a drawing and a table for each chart, all of one year.

    Parameters
    ----------
    arns : of the data sets by the names of the charts, and by `YEARS`
    is_bound : the data sets take the year; else it filters what they hold
    """
    mapped = [{"DataSetIdentifier": chart.name, "DataSetParameterName": YEAR} for chart in charts if is_bound]
    year: Shape = {
        "Name": YEAR,
        "ParameterValueType": "SINGLE_VALUED",
        "DefaultValues": {"StaticValues": [THIS_YEAR]},
    }
    return {
        "DataSetIdentifierDeclarations": [
            {"Identifier": identifier, "DataSetArn": arn} for identifier, arn in arns.items()
        ],
        "ParameterDeclarations": [
            {"StringParameterDeclaration": year | ({"MappedDataSetParameters": mapped} if mapped else {})}
        ],
        "FilterGroups": [] if is_bound else [_of_the_year(chart) for chart in charts],
        "Sheets": [_sheet(charts)],
    }


def _selected(chart: Chart, field: Field) -> str:
    """A column in words and of its type; a place is part of the label, or two of one name would be one bar."""
    if field.kind != "text":
        return f"CAST({field.name} AS {_CASTS[column_type(field.kind)]}) AS {field.name}"
    words = " ".join(f"WHEN '{_quoted(code)}' THEN '{_quoted(name)}'" for code, name in field.names.items())
    text = f"CASE {field.name} {words} ELSE {field.name} END" if words else field.name
    text = f"coalesce({text}, '{UNSAID}')"
    if chart.shape == "ranking" and field.name == chart.label:
        text = f"concat(CAST({_place(chart).name} AS varchar), '. ', {text})"
    return f"{text} AS {field.name}"


def _qualified(sql: str, database: str) -> str:
    """The chart's SQL with its tables named in full: a data source has no database that would be meant."""

    def named(found: re.Match[str]) -> str:
        return f"{found[1]}{database}.{found[2]}" if found[2] in _TABLES else found[0]

    return re.sub(r"\b((?:FROM|JOIN)\s+)(\w+)", named, sql)


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _place(chart: Chart) -> Field:
    return next(each for each in chart.fields if each.kind == "rank")


def _sheet(charts: Sequence[Chart]) -> Shape:
    elements = [
        {
            "ElementId": f"{chart.name}-{what}",
            "ElementType": "VISUAL",
            "ColumnIndex": at * _COLUMNS // 2,
            "ColumnSpan": _COLUMNS // 2,
            "RowIndex": number * _ROWS,
            "RowSpan": _ROWS,
        }
        for number, chart in enumerate(charts)
        for at, what in enumerate(("bars", "table"))
    ]
    control: Shape = {
        "ParameterControlId": "year",
        "Title": "Year",
        "SourceParameterName": YEAR,
        "Type": "SINGLE_SELECT",
        "SelectableValues": {"LinkToDataSetColumn": _column(YEARS, "year")},
        "DisplayOptions": {"SelectAllOptions": {"Visibility": "HIDDEN"}},
    }
    placed = {"ElementId": "year", "ElementType": "PARAMETER_CONTROL", "ColumnSpan": 6, "RowSpan": 3}
    return {
        "SheetId": _SHEET,
        "Name": "Charts",
        "Title": "Public procurement as TED publishes it",
        "Description": (
            "All of one year, which you choose above; where this year is empty, take another. Shares of fewer than "
            f"{LEAST} are not shown. Source: Tenders Electronic Daily, Publications Office of the European Union; "
            "exchange rates: European Central Bank, published for information only."
        ),
        "ContentType": "INTERACTIVE",
        "ParameterControls": [{"Dropdown": control}],
        "SheetControlLayouts": [{"Configuration": {"GridLayout": {"Elements": [placed]}}}],
        "Visuals": [visual for chart in charts for visual in (_bars(chart), _table(chart))],
        "Layouts": [{"Configuration": {"GridLayout": {"Elements": elements}}}],
    }


def _bars(chart: Chart) -> Shape:
    visual = f"{chart.name}-bars"
    label, value = chart.field(chart.label), chart.field(chart.value)
    wells = {
        "Category": [_dimension(chart, visual, label)],
        "Values": [
            {
                "NumericalMeasureField": {
                    **_field(chart, visual, value),
                    "AggregationFunction": {"SimpleNumericalAggregation": "SUM"},  # of the one row that a mark has
                    "FormatConfiguration": {"FormatConfiguration": _number(value.kind, is_short=True)},
                }
            }
        ],
        "Colors": [_dimension(chart, visual, chart.field(chart.series))] if chart.series else [],
    }
    sort: Shape = {"CategorySort": [_order(chart, visual)]}
    if chart.shape == "ranking":
        place = {"SortBy": _column(chart.name, _place(chart).name), "Direction": "ASC", "AggregationFunction": _FIRST}
        sort = {"CategorySort": [{"ColumnSort": place}]}
    if chart.shape != "months":
        sort["CategoryItemsLimit"] = {"ItemsLimit": DRAWN, "OtherCategories": "EXCLUDE"}
    return {
        "BarChartVisual": {
            "VisualId": visual,
            "VisualContentAltText": chart.question,
            "Title": _text(chart.title),
            "Subtitle": _text(" ".join(filter(None, (chart.question, chart.note)))),
            "ChartConfiguration": {
                "FieldWells": {"BarChartAggregatedFieldWells": wells},
                "SortConfiguration": sort,
                "Orientation": "VERTICAL" if chart.shape == "months" else "HORIZONTAL",
                "BarsArrangement": "STACKED" if chart.series else "CLUSTERED",
                "CategoryLabelOptions": _axis(chart, visual, label, label.heading),
                "ValueLabelOptions": _axis(chart, visual, value, chart.unit),
                "DataLabels": {"Visibility": "HIDDEN" if chart.series else "VISIBLE"},
            },
        }
    }


def _table(chart: Chart) -> Shape:
    visual = f"{chart.name}-table"
    shown = (*chart.fields, *COVERAGE)
    numbers = {
        each.name: {"NumberFormatConfiguration": {"FormatConfiguration": _number(each.kind)}}
        for each in shown
        if each.kind != "text"
    }
    values = [
        _field(chart, visual, each) | ({"FormatConfiguration": numbers[each.name]} if each.name in numbers else {})
        for each in shown
    ]
    headings = [{"FieldId": _id(visual, each), "CustomLabel": each.heading} for each in shown]
    coverage = chart.coverage.replace(" ({share})", "").format(covered="[Covered]", total="[Total]", share="a share")
    return {
        "TableVisual": {
            "VisualId": visual,
            "VisualContentAltText": f"{chart.question} The numbers, and what they cover.",
            "Title": _text(f"{chart.title}: the numbers"),
            "Subtitle": _text(coverage),
            "ChartConfiguration": {
                "FieldWells": {"TableUnaggregatedFieldWells": {"Values": values}},
                "FieldOptions": {"SelectedFieldOptions": headings},
                "SortConfiguration": {"RowSort": [_order(chart, visual)]},
            },
        }
    }


def _order(chart: Chart, visual: str) -> Shape:
    """Longest first; months and places as they follow each other."""
    if chart.shape == "bars":
        return {"FieldSort": {"FieldId": _id(visual, chart.field(chart.value)), "Direction": "DESC"}}
    first = chart.field(chart.label) if chart.shape == "months" else _place(chart)
    return {"FieldSort": {"FieldId": _id(visual, first), "Direction": "ASC"}}


def _of_the_year(chart: Chart) -> Shape:
    name = f"{chart.name}-year"
    condition = {"MatchOperator": "EQUALS", "ParameterName": YEAR, "NullOption": "NON_NULLS_ONLY"}
    configuration = {"CustomFilterConfiguration": condition}
    by_year = {"FilterId": name, "Column": _column(chart.name, "year"), "Configuration": configuration}
    scope = {"SheetVisualScopingConfigurations": [{"SheetId": _SHEET, "Scope": "ALL_VISUALS"}]}
    return {
        "FilterGroupId": name,
        "Filters": [{"CategoryFilter": by_year}],
        "CrossDataset": "SINGLE_DATASET",
        "ScopeConfiguration": {"SelectedSheets": scope},
        "Status": "ENABLED",
    }


def _dimension(chart: Chart, visual: str, field: Field) -> Shape:
    kind = "Categorical" if field.kind == "text" else "Numerical"
    return {f"{kind}DimensionField": _field(chart, visual, field)}


def _field(chart: Chart, visual: str, field: Field) -> Shape:
    return {"FieldId": _id(visual, field), "Column": _column(chart.name, field.name)}


def _id(visual: str, field: Field) -> str:
    return f"{visual}.{field.name}"


def _column(data_set: str, name: str) -> Shape:
    return {"DataSetIdentifier": data_set, "ColumnName": name}


def _axis(chart: Chart, visual: str, field: Field, label: str) -> Shape:
    """A title of an axis; QuickSight shows none that does not say which field it is of."""
    return {"AxisLabelOptions": [{"CustomLabel": label, "ApplyTo": _field(chart, visual, field)}]}


def _number(kind: FieldKind, *, is_short: bool = False) -> Shape:
    """Written as in the report: 1,234 and 31.2 %; amounts beside bars in short."""
    scale, digits = ("AUTO", 2) if is_short and kind == "euro" else ("NONE", 1 if kind in ("percent", "rate") else 0)
    written: Shape = {
        "DecimalPlacesConfiguration": {"DecimalPlaces": digits},
        "NumberScale": scale,
        "SeparatorConfiguration": {
            "DecimalSeparator": "DOT",
            "ThousandsSeparator": {"Symbol": "COMMA", "Visibility": "VISIBLE"},
        },
    }
    if kind == "euro":
        return {"CurrencyDisplayFormatConfiguration": {**written, "Symbol": "EUR"}}
    return {"NumberDisplayFormatConfiguration": written | ({"Suffix": " %"} if kind == "percent" else {})}


def _text(plain: str) -> Shape:
    return {"Visibility": "VISIBLE", "FormatText": {"PlainText": plain}}
