"""docs/runbook.md: whoever is woken by an alarm finds its section by the alarm's own text."""

import re

from console.paths import PROJECT
from tests.infra.synthesis import Synthesis

RUNBOOK = PROJECT / "docs" / "runbook.md"


def sections() -> dict[str, str]:
    """The runbook's parts by the name that a link has for them."""
    parts = re.split(r"^#{1,2} (.+)$", RUNBOOK.read_text(), flags=re.MULTILINE)[1:]
    return {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-"): text
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    }


def test_every_alarm_leads_to_a_section_of_its_own_and_every_section_is_an_alarms(options: Synthesis) -> None:
    led_to = {}
    for alarm in options.resources("AWS::CloudWatch::Alarm"):
        name = alarm.properties["AlarmName"].removeprefix("nfr-cca-ted-dev-")
        (anchor,) = re.findall(r"docs/runbook\.md#([\w-]+)$", alarm.properties["AlarmDescription"])
        assert anchor == name
        led_to[name] = sections()[anchor]
    assert len(led_to) > 10
    rules = {rule.properties["Name"] for rule in options.resources("AWS::Events::Rule")}
    assert "nfr-cca-ted-merge-trouble-dev" in rules
    alarms = RUNBOOK.read_text().split("# Alarms")[1].split("\n# ")[0]
    assert set(re.findall(r"^## (.+)$", alarms, re.MULTILINE)) == {*led_to, "merge-trouble"}
    assert [name for name, text in led_to.items() if "**Means:**" not in text and "As [" not in text] == []


def test_every_link_of_the_runbook_leads_somewhere() -> None:
    known = sections()
    links = re.findall(r"\]\(([^)]*)\)", RUNBOOK.read_text())
    lost = [link for link in links if link.startswith("#") and link[1:] not in known]
    lost += [link for link in links if not link.startswith("#") and not (RUNBOOK.parent / link).exists()]
    assert links
    assert lost == []
