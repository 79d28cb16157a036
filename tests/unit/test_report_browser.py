"""`ted report` in a real browser: the machine's Chromium. Skipped, with the reason, where there is none."""

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from console.paths import PROJECT
from console.report.mirror import State
from console.report.page import page
from runtime.keys import PackageId
from runtime.schema.charts import CHARTS
from tests.unit.test_report import HOSTILE, NOW, made_up, mirror

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 390, 768, 1280)
# Texts of each drawing of bars that stand on one line: what, from where, to where.
BOXES = """[...document.querySelectorAll('svg.above, svg.beside, svg.codes')].flatMap(svg => {
  const lines = new Map()
  for (const text of svg.querySelectorAll('text')) {
    const y = text.getAttribute('y'), box = text.getBoundingClientRect()
    lines.set(y, [...(lines.get(y) || []), [text.textContent, box.left, box.right]])
  }
  return [...lines.values()]
})"""
STATES: tuple[State, ...] = ("missing", "held", "extracted", "to-come")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        # The sandbox wants rights that containers do not have; the page is the test's own.
        opened = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("report") / "report.html", [2024, 2020, 2019])


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one year, whose tables stand beside their drawings."""
    return write(tmp_path_factory.mktemp("report") / "report.html", [2024])


def write(path: Path, years: list[int]) -> Path:
    """A page with the longest and worst names, and every state of a package."""
    answers = {chart.name: made_up(chart, years, 60, HOSTILE) for chart in CHARTS}
    days = {str(PackageId(dt.date(2024, 5, n + 2), n + 122)): state for n, state in enumerate(STATES)}
    mirrors = [mirror(year, **(days if year == 2024 else {})) for year in years]
    path.write_text(page(f"me {HOSTILE}", mirrors, answers, NOW), encoding="utf-8")
    return path


class Watched:
    """A page with what it says on the console and what it asks for."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page, self.said, self.asked = page, list[str](), list[str]()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(path.as_uri())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["written", "alone"])
def test_fits_its_window_asks_for_nothing_and_complains_of_nothing(
    browser: Browser, request: pytest.FixtureRequest, name: str, width: int
) -> None:
    path = request.getfixturevalue(name)
    opened = Watched(browser.new_page(viewport={"width": width, "height": 800}), path)
    try:
        assert opened.page.evaluate("document.documentElement.scrollWidth") == width
        drawn = opened.page.evaluate(BOXES)
    finally:
        opened.page.close()
    assert opened.said == []
    assert opened.asked == [path.as_uri()]
    assert drawn
    # Nothing that is drawn is cut off at the edge, or lies on what is beside it.
    assert [text for line in drawn for text, _, right in line if right > width + 1] == []
    assert [(left[0], right[0]) for line in drawn for left, right in pairwise(line) if left[2] > right[1]] == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_axe_finds_nothing_wrong(browser: Browser, written: Path, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    try:
        opened = context.new_page()
        opened.set_default_timeout(300_000)
        opened.goto(written.as_uri())
        opened.add_script_tag(path=AXE)
        found = opened.evaluate("axe.run()")
    finally:
        context.close()
    assert len(found["passes"]) > 20
    wrong = [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found["violations"]]
    assert wrong == []


def test_no_script_of_a_name_runs_and_none_is_needed(browser: Browser, written: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        opened = context.new_page()
        opened.goto(written.as_uri())
        assert opened.locator("section").count() == len(CHARTS) + 1
        assert opened.locator("script").count() == 0
        assert opened.locator("table").first.is_visible()
    finally:
        context.close()


def test_is_read_with_the_keyboard_alone(browser: Browser, written: Path) -> None:
    opened = browser.new_page(viewport={"width": 390, "height": 800})
    try:
        opened.goto(written.as_uri())
        opened.keyboard.press("Tab")
        assert opened.evaluate("document.activeElement.textContent") == "To the figures"
        opened.keyboard.press("Enter")
        assert opened.evaluate("location.hash") == "#mirror"
        opened.keyboard.press("Tab")
        assert opened.evaluate("document.activeElement.getAttribute('role')") == "region"
    finally:
        opened.close()


def test_prints_on_a4_with_each_chart_on_a_page_of_its_own(browser: Browser, written: Path) -> None:
    opened = browser.new_page(color_scheme="dark")
    try:
        opened.goto(written.as_uri())
        printed = opened.pdf(prefer_css_page_size=True, print_background=True, tagged=True)
        opened.emulate_media(media="print")
        breaks = "[...document.querySelectorAll('section')].map(s => getComputedStyle(s).breakBefore)"
        assert opened.evaluate(breaks) == ["auto", *["page"] * len(CHARTS)]
        paper = opened.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    finally:
        opened.close()
    assert paper == "rgb(255, 255, 255)"
    boxes = re.findall(rb"/MediaBox \[0 0 (\d+)(?:\.\d+)? (\d+)(?:\.\d+)?\]", printed)
    assert {(595, 841), (594, 841), (595, 842)} >= {(int(width), int(height)) for width, height in boxes}
    assert len(boxes) >= len(CHARTS) + 1
