"""docs/clients.md: every block of it works as typed."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.paths import PROJECT
from tests.clients.conftest import NAMES, Instance
from tests.clients.test_project import TED, known
from tests.tools import fetched

pytestmark = pytest.mark.timeout(900)

PAGE = PROJECT / "docs" / "clients.md"
# Section -> the environment that its blocks run in; what was not tried is said so on the page.
TOOLS = {
    "dbt": "dbt", "awswrangler": "awswrangler", "A notebook, with a first chart": "awswrangler", "PyAthena": "pyathena",
    "SQLAlchemy, pandas, Superset": "pyathena", "polars": "polars", "DuckDB": None, "AWS CLI": "awscli",
}  # fmt: skip
NOT_TRIED = ("R",)


def blocks() -> Iterator[tuple[str, str, str]]:
    """Section, language and text of each block."""
    for section in PAGE.read_text().split("\n## ")[1:]:
        title = section.splitlines()[0]
        for language, text in re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL):
            yield title, language, text


BLOCKS = [block for block in blocks() if block[0] not in NOT_TRIED]


def test_every_tool_has_a_block_and_every_other_says_that_it_was_not_tried() -> None:
    assert {title for title, _, _ in BLOCKS} == set(TOOLS)
    for title in (*NOT_TRIED, "Metabase, DBeaver"):
        assert "Not tried here" in PAGE.read_text().split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize(("title", "language", "text"), BLOCKS, ids=[f"{b[0]}-{n}" for n, b in enumerate(BLOCKS)])
def test_a_block_works_as_typed(title: str, language: str, text: str, instance: Instance, tmp_path: Path) -> None:
    typed = re.sub(r"\blocal(?=[_-]cca)", NAMES.initials, text).replace('me = "local"', f'me = "{NAMES.initials}"')
    assert typed != text or title in ("dbt", "DuckDB")
    tool = TOOLS[title]
    programs = [str(fetched(tool))] if tool else []
    path = os.pathsep.join([*programs, str(Path(TED).parent), os.environ["PATH"]])
    command = ["python", "-c", typed] if language == "python" else ["bash", "-euc", typed]
    where = known(instance, tmp_path)
    done = instance.typed(command, where, CCA_TED_CACHE=str(where), PATH=path)
    assert done.returncode == 0, f"{typed}\n{done.stdout}\n{done.stderr}"
    assert done.stdout.strip()
