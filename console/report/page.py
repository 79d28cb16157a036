"""The page: one file with its style in it, no script, and nothing fetched."""

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from console.athena import Answer
from console.report import figures, mirror
from console.report.figures import Heading, Panel, panels, rows_of
from console.report.mirror import MirrorYear, month_name
from console.report.words import share
from runtime.schema.charts import CHARTS, LEAST, Chart

FOLDER = Path(__file__).parent
MOST_BYTES = 500_000
NAMED = 20  # packages that are named of those missing

Table = tuple[list[Heading], list[list[str]]]


@dataclass(frozen=True, slots=True)
class Section:
    """A chart with its panels."""

    chart: Chart
    panels: Sequence[Panel]


def page(title: str, years: Sequence[MirrorYear], answers: Mapping[str, Answer], now: dt.datetime) -> str:
    """The report as HTML.

    Parameters
    ----------
    title : of the instance, as in nfr-cca-ted-dev (AWS mine, eu-west-1)
    years : newest first
    answers : to `Chart.of` these years, by the chart's name
    """
    listed = [each.year for each in years]
    sections = [Section(chart, panels(chart, rows_of(answers[chart.name]), listed)) for chart in CHARTS]
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    values: dict[str, Any] = {
        "title": title,
        "years": years,
        "glance": _glance(years, answers),
        "by_month": [_by_month(each) for each in years],
        "sections": sections,
        "written_at": now.astimezone(dt.UTC),
        "style": Markup(style),  # noqa: S704 the project's own
        "digest": digest,
        "least": LEAST,
        "named": NAMED,
        "height": figures.HEIGHT,
        "mirror": mirror,
    }
    return environment.get_template("page.html").render(values)


def _glance(years: Sequence[MirrorYear], answers: Mapping[str, Answer]) -> Table:
    """A line a year: what the mirror and the coverage of the charts say."""
    rows = []
    for year in years:
        (_, notices), (valued, contracts), (rejected, _) = (
            _coverage(answers[name], year.year)
            for name in ("notices_by_month", "value_by_country", "rejects_by_reason")
        )
        due, merged = year.count("merged", "extracted", "held", "missing"), year.count("merged")
        counts = (due, merged, due - merged, notices, contracts)
        rows.append([str(year.year), *map(_count, counts), share(valued, contracts), _count(rejected)])
    named = ("Packages due", "Merged", "Not merged", "Notices", "Contracts", "With a value in euro", "Members rejected")
    return _headings("Year", *named), rows


def _by_month(year: MirrorYear) -> Table:
    """A line a month: published, held, extracted, merged, missing. Each is what came as far, or farther."""
    rows = []
    for month, states in year.months().items():
        merged, extracted, held = (states[state] for state in ("merged", "extracted", "held"))
        steps = (states["missing"] + held + extracted + merged, held + extracted + merged, extracted + merged, merged)
        if any(steps):
            rows.append([month_name(month)[:3], *map(_count, (*steps, states["missing"]))])
    return _headings("Month", "Published", "Held", "Extracted", "Merged", "Missing"), rows


def _headings(first: str, *others: str) -> list[Heading]:
    return [Heading(first, is_number=False), *(Heading(text, is_number=True) for text in others)]


def _count(value: int) -> str:
    return f"{value:,}"


def _coverage(answer: Answer, year: int) -> tuple[int, int]:
    for row in rows_of(answer):
        if row["year"] == str(year):
            return int(row["covered"] or 0), int(row["total"] or 0)
    return 0, 0
