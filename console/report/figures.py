"""From a chart's answer to what the page draws: marks in per cent of the room there is, so that nothing is scaled.

A drawing's width is the page's, on a telephone or on paper; letters keep their size. So lengths along it are shares,
and only heights are pixels.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from console.athena import Answer
from console.report.mirror import month_name
from console.report.words import in_short, in_words, share, shortened, tick
from runtime.schema.charts import DRAWN, LEAST, Chart

LISTED = 30  # rows of a table
HEIGHT = 200  # pixels of a drawing of months
_GAP = 0.2  # of a month's width is left free
_LEFT = ("text", "month", "rank")  # kinds that stand to the left in their column

Row = Mapping[str, str | None]
Place = Literal["codes", "beside", "above"]
# Where a label stands, and how many characters it may have there at most.
_PLACES: dict[Place, int] = {"codes": 4, "beside": 16, "above": 32}


@dataclass(frozen=True, slots=True)
class Heading:
    """Above a column of a table."""

    text: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from the left, as long as `percent` of the room."""

    label: str
    value: str
    percent: float


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a month's column: from the left and of a width in per cent, from the top and of a height in pixels.

    `series` is its place in the palette.
    """

    series: int
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across a drawing of months, in pixels from the top."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart of one year.

    Parameters
    ----------
    finding, coverage : sentences
    headings, rows : of the table, as they are written; `more` is how many rows are left out
    hidden : marks that are not shown because they stand on less than `LEAST`
    bars, blocks, ticks : what is drawn
    place : where the labels of the bars stand: to the left where all are codes or short, above them otherwise
    series : what the blocks are of, with its place in the palette
    """

    year: int
    finding: str
    coverage: str = ""
    headings: Sequence[Heading] = ()
    rows: Sequence[Sequence[str]] = ()
    more: int = 0
    hidden: int = 0
    bars: Sequence[Bar] = ()
    place: Place = "codes"
    blocks: Sequence[Block] = ()
    ticks: Sequence[Tick] = ()
    series: Mapping[str, int] = field(default_factory=dict)


def rows_of(answer: Answer) -> list[dict[str, str | None]]:
    """The answer's rows by the names of their columns."""
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def panels(chart: Chart, rows: Sequence[Row], years: Sequence[int]) -> list[Panel]:
    """A panel a year in the order of `years`; all have one scale."""
    top = max((_number(row[chart.value]) for row in _totals(chart, _shown(chart, rows))), default=0.0)
    by_year = {year: [row for row in rows if row["year"] == str(year)] for year in years}
    return [_panel(chart, year, found, top) for year, found in by_year.items()]


def _panel(chart: Chart, year: int, rows: Sequence[Row], top: float) -> Panel:
    if not rows:
        return Panel(year, f"Nothing of {year} is published.")
    covered, total = (int(rows[0][name] or 0) for name in ("covered", "total"))
    coverage = chart.coverage.format(covered=f"{covered:,}", total=f"{total:,}", share=share(covered, total))
    hidden = sum(0 < int(row[chart.least_of] or 0) < LEAST for row in rows) if chart.least_of else 0
    shown = sorted(_shown(chart, rows), key=lambda row: _order(chart, row))
    if not shown:
        return Panel(year, "There is nothing to show.", coverage, hidden=hidden)
    marks = _totals(chart, shown)
    longest = max(
        (row for row in marks if row[chart.label]), key=lambda row: _number(row[chart.value]), default=shown[0]
    )
    said = {each.name: in_short(each, longest.get(each.name)) for each in chart.fields}
    is_any = _number(longest[chart.value]) > 0
    finding = chart.finding.format(**said) if is_any else f"All that are shown are at {said[chart.value]}."
    panel = Panel(year, finding, coverage, hidden=hidden)
    return _with_months(panel, chart, shown, top) if chart.shape == "months" else _with_bars(panel, chart, shown, top)


def _shown(chart: Chart, rows: Sequence[Row]) -> list[Row]:
    """Rows with a mark, without those that stand on too little."""
    if chart.least_of:
        return [row for row in rows if int(row[chart.least_of] or 0) >= LEAST]
    return [row for row in rows if _number(row[chart.value])]


def _order(chart: Chart, row: Row) -> tuple[float, float, str]:
    if chart.shape == "ranking":
        return _number(row["position"]), 0, ""
    if chart.shape == "months":
        return _number(row[chart.label]), _place(chart, str(row[chart.series])), ""
    return -_number(row[chart.value]), -_number(row[chart.least_of or chart.value]), str(row[chart.label])


def _totals(chart: Chart, rows: Sequence[Row]) -> list[Row]:
    """Rows whose value is the whole of a mark: those of a month are added up."""
    if chart.shape != "months":
        return list(rows)
    sums: dict[tuple[str | None, str | None], int] = {}
    for row in rows:
        at = (row["year"], row[chart.label])
        sums[at] = sums.get(at, 0) + int(row[chart.value] or 0)
    return [{"year": year, chart.label: label, chart.value: str(total)} for (year, label), total in sums.items()]


def _with_bars(panel: Panel, chart: Chart, shown: Sequence[Row], top: float) -> Panel:
    label, value = chart.field(chart.label), chart.field(chart.value)
    labels = [in_words(label, row[label.name]) for row in shown[:DRAWN]]
    longest = max(map(len, labels))
    place: Place = next((place for place, most in _PLACES.items() if longest <= most), "above")
    bars = [
        Bar(
            shortened(text, _PLACES[place]),
            in_short(value, row[value.name]),
            round(100 * _number(row[value.name]) / top, 2) if top else 0,
        )
        for text, row in zip(labels, shown, strict=False)
    ]
    return replace(
        panel,
        bars=bars,
        place=place,
        headings=[Heading(each.heading, each.kind not in _LEFT) for each in chart.fields],
        rows=[[in_words(each, row[each.name]) for each in chart.fields] for row in shown[:LISTED]],
        more=max(len(shown) - LISTED, 0),
    )


def _with_months(panel: Panel, chart: Chart, shown: Sequence[Row], top: float) -> Panel:
    """Stacked columns, the first of the series at the bottom; the table has a column for each of the series."""
    step = _step(top)
    ceiling = step * math.ceil(top / step)
    width = 100 / 12
    used = sorted({str(row[chart.series]) for row in shown}, key=lambda code: (_place(chart, code), code))
    counts = {(int(row[chart.label] or 1), str(row[chart.series])): int(row[chart.value] or 0) for row in shown}
    blocks = []
    for month in range(1, 13):
        reached = 0.0
        for code in used:
            height = HEIGHT * counts.get((month, code), 0) / ceiling
            reached += height
            x = (month - 1 + _GAP / 2) * width
            if height:
                at = (x, width * (1 - _GAP), HEIGHT - reached, height)
                blocks.append(Block(_place(chart, code), *(round(each, 2) for each in at)))
    names = {code: in_words(chart.field(chart.series), code) for code in used}
    months = sorted({month for month, _ in counts})
    table = {month: [counts.get((month, code), 0) for code in used] for month in months}
    return replace(
        panel,
        blocks=blocks,
        ticks=[
            Tick(round(HEIGHT * (1 - value / ceiling), 1), tick(value)) for value in range(0, int(ceiling) + 1, step)
        ],
        series={names[code]: _place(chart, code) for code in used},
        headings=[
            Heading(chart.field(chart.label).heading, is_number=False),
            *(Heading(name, is_number=True) for name in names.values()),
            Heading("All", is_number=True),
        ],
        rows=[
            [month_name(month)[:3], *(f"{count:,}" for count in counted), f"{sum(counted):,}"]
            for month, counted in table.items()
        ],
    )


def _place(chart: Chart, code: str) -> int:
    """Place of a series in the palette; what is not known has the last."""
    known = list(chart.field(chart.series).names)
    return known.index(code) if code in known else len(known) - 1


def _step(top: float) -> int:
    """A round distance between ticks, of which three to six fit below the top."""
    rough = max(top / 4, 1)
    power = 10 ** math.floor(math.log10(rough))
    return int(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough))


def _number(cell: str | None) -> float:
    return float(cell or 0)
