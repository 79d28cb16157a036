"""Made-up notices that show problems reported in public, with the right values; read from beside the project."""

import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.extract.dispatch import read_notice
from runtime.extract.notice import Notice, Row

ROOT = Path(__file__).parents[2]
TRIALS = Path(os.environ.get("CCA_TED_TRIALS", ROOT.parent / "shared" / "trials"))

pytestmark = pytest.mark.skipif(not TRIALS.is_dir(), reason=f"no trials at {TRIALS}; set CCA_TED_TRIALS")


def _read(trial: str) -> Notice:
    (package,) = TRIALS.glob(f"{trial}-*/*.tar.gz")
    with tarfile.open(package) as archive:
        (member,) = [member for member in archive if member.isfile()]
        file = archive.extractfile(member)
        assert file is not None
        return read_notice(file.read())


def _rows(notice: Notice, table: str, **wanted: Any) -> list[Row]:
    rows = notice.children.get(table, [])
    return [row for row in rows if all(row.get(column) == value for column, value in wanted.items())]


def _column(notice: Notice, table: str, *columns: str, **wanted: Any) -> list[Any]:
    rows = _rows(notice, table, **wanted)
    return [row.get(columns[0]) if len(columns) == 1 else tuple(row.get(name) for name in columns) for row in rows]


def _of_notice(*columns: str) -> Callable[[Notice], Any]:
    return lambda notice: tuple(notice.row.get(column) for column in columns)


def _of(table: str, *columns: str, **wanted: Any) -> Callable[[Notice], Any]:
    return lambda notice: _column(notice, table, *columns, **wanted)


def _winners(notice: Notice) -> Any:
    return _column(notice, "parties", "name", role="winner")


RIGHT: list[tuple[str, Callable[[Notice], Any], Any]] = [
    ("01", _of("lot_results", "tenders_received", "tenders_sme"), [(7, 4)]),
    ("02", _of("tenders", "result_ordinal", tender_id="TEN-0006"), [2]),
    ("02", _of("contracts", "lot_ids", "value"), [(["LOT-0003"], "500000"), (["LOT-0004"], "90000")]),
    ("06", _of_notice("framework_max_value", "framework_max_value_currency"), ("400000", "EUR")),
    ("07", lambda notice: [warning for warning in notice.warnings if "ORG-0002" in warning], ["duplicate-id ORG-0002"]),
    ("19", _of_notice("total_value"), ("53125",)),
    ("19", _of("contracts", "value", "estimated_value"), [("53125", "60000")]),
    ("20", _winners, ["Alpha Rail Training", "Beta Signalling"]),
    (
        "20",
        _of("contracts", "contract_number", "contract_title", "award_date"),
        [("1", "Track training lot 1.", "2009-06-01"), ("2", "Track training lot 2.", "2009-06-01")],
    ),
    ("20", _of("lot_results", "tenders_received", "status"), [(22, "selec-w"), (22, "selec-w")]),
    ("20", _of("parties", "main_activity", role="buyer"), ["rail"]),
    ("22", _of_notice("title"), ("Bureaux communaux - concours d'architecture",)),
    ("22", _of("parties", "name", role="prize-winner"), ["Atelier Alpha"]),
    ("22", _of("lot_results", "tenders_received", "status"), [(3, "selec-w")]),
    ("22", _of("contracts", "value", "value_currency"), [("31250.5", "EUR")]),
    ("26", _of("lot_results", "status"), ["selec-w", "clos-nw", "clos-nw"]),
    ("26", lambda notice: len(_winners(notice)), 1),
    (
        "26",
        lambda notice: len([warning for warning in notice.warnings if "infructueux" in warning.casefold()]) > 0,
        True,
    ),
    (
        "27",
        _of("changes", "value_type", "old_value", "new_value"),
        [("cpv_main", "34927100", "14400000 IA01"), ("cpv_additional", None, "14410000 IA01 JA02 14420000")],
    ),
    ("27", _of("changes", "changed_notice_id"), ["159723-2019", "159723-2019"]),
    ("33", _of("contracts", "value", "value_per", "value_periods"), [("25000", "year", 4)]),
    (
        "34",
        _of("lots", "lot_id", "lot_kind", "framework_max_value"),
        [("GLO-0001", "group", "80000"), ("LOT-0001", "lot", "45000"), ("LOT-0002", "lot", "40000")],
    ),
    (
        "35",
        _of("parties", "name", "street", "town", "nuts_code", role="review-body"),
        [("Court of Beta", None, "Beta", None)],
    ),
    ("36", _of("parties", "main_activity", "entity_activity", role="buyer"), [("gen-pub", "water")]),
    ("37", _of("criteria", "kind", "weight_number"), [("price", None)]),
    ("38", _of("tenders", "value", "is_value_withheld"), [(None, True)]),
    ("38", _of("contracts", "value", "is_value_withheld"), [(None, True)]),
    (
        "39",
        _of("contracts", "contract_id", "contract_number", "conclusion_date"),
        [("CON-0001", "K-17", "2024-04-10"), ("CON-0001", "K-17", "2024-04-10")],
    ),
]


@pytest.mark.parametrize(("trial", "asked", "right"), RIGHT, ids=[f"{n}-{case[0]}" for n, case in enumerate(RIGHT)])
def test_a_trial_gives_its_right_values(trial: str, asked: Callable[[Notice], Any], right: Any) -> None:
    assert asked(_read(trial)) == right
