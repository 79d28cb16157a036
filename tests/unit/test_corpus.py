"""Real notices, read from a folder beside the project: nothing lost, and right by answers that others recorded."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from console.extract import Outcome, extract_files, find_packages
from console.fill_rates import PAGE, fill_rates

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("CCA_TED_CORPUS", ROOT.parent / "shared" / "ted" / "corpus"))
NOTICES = 3014
Extracted = tuple[Path, list[Outcome]]

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no real notices at {CORPUS}; set CCA_TED_CORPUS"),
]


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Extracted:
    out = tmp_path_factory.mktemp("tables")
    return out, list(extract_files(find_packages([CORPUS]), out, jobs=2))


def test_every_member_of_every_package_is_a_notice_and_none_is_quarantined(extracted: Extracted) -> None:
    _, outcomes = extracted
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert [outcome.file for outcome in outcomes if outcome.members != outcome.notices] == []
    assert sum(outcome.notices for outcome in outcomes) == NOTICES
    assert sum(outcome.quarantined + outcome.skipped for outcome in outcomes) == 0


def test_the_tables_agree_with_answers_that_others_recorded(extracted: Extracted) -> None:
    out, _ = extracted
    scorer = CORPUS.parent / "score.py"
    if not scorer.exists():
        pytest.skip(f"no recorded answers beside {CORPUS}")
    done = subprocess.run([sys.executable, scorer, out], capture_output=True, text=True, check=True)
    total = re.search(r"answers (\d+) agree ([\d.]+)% as sets ([\d.]+)%", done.stdout)
    assert total, done.stdout
    assert int(total[1]) > 30_000
    assert float(total[2]) >= 97
    assert float(total[3]) >= 99


def test_the_page_of_fill_rates_is_in_step(extracted: Extracted) -> None:
    out, _ = extracted
    assert PAGE.read_text() == fill_rates(out), "run: python -m console.fill_rates TABLES"
