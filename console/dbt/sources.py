"""The lake as dbt's sources: every table and view with its descriptions, and what is known of its rows as tests."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runtime.schema import CATALOG_TABLES, NOTICE_TABLES, PARTITION, Column, Table
from runtime.schema.codes import eforms, places, ted_export
from runtime.schema.views import VIEWS

# Code lists by column: those of eForms, and what older formats' codes become.
_PROCEDURE_TYPES = {*eforms.PROCEDURE_TYPES, *ted_export.PROCEDURE_TYPES.values()}
_COUNTRIES = sorted(set(places.COUNTRIES.values()))
_CODES: Mapping[str, Sequence[str] | set[str] | Mapping[str, str]] = {
    "format": ("eforms", "ted-export"),
    "form_type": eforms.FORM_TYPES,
    "notice_type": {*eforms.NOTICE_TYPES, *(code for code, _ in ted_export.NOTICE_TYPES.values())},
    "procedure_type": {*_PROCEDURE_TYPES, *ted_export.CODED_PROCEDURE_TYPES.values()},
    "legal_basis": {*eforms.LEGAL_BASES, *ted_export.LEGAL_BASES.values()},
    "contract_nature": eforms.CONTRACT_NATURES,
    "legal_type": {*eforms.LEGAL_TYPES, *ted_export.LEGAL_TYPES.values(), *ted_export.CODED_LEGAL_TYPES.values()},
    "non_award_reason": {*eforms.NON_AWARD_REASONS, *ted_export.NON_AWARD_REASONS.values()},
    "reason_code": {*eforms.CHANGE_REASONS, *ted_export.MODIFICATION_REASONS.values()},
    "weight_unit": eforms.WEIGHT_UNITS,
    "duration_unit": ("DAY", "WEEK", "MONTH", "YEAR"),
    "tender_validity_unit": ("DAY", "WEEK", "MONTH", "YEAR"),
    "original_language": {*places.LANGUAGES.values()},
    "submission_languages": {*places.LANGUAGES.values()},
    "size": eforms.SIZES,
    "buyer_country": _COUNTRIES,
    "country": _COUNTRIES,
    "place_countries": _COUNTRIES,
    "origin_countries": _COUNTRIES,
    "owner_nationalities": _COUNTRIES,
    **eforms.LOT_CODES,
}
# Columns whose name means something else in another table.
_CODES_OF_TABLE: Mapping[tuple[str, str], Sequence[str] | Mapping[str, str]] = {
    ("lots", "lot_kind"): ("lot", "part", "group"),
    ("lot_results", "status"): eforms.RESULT_STATUSES,
    ("criteria", "kind"): eforms.CRITERION_KINDS,
    ("changes", "kind"): ("corrigendum", "modification"),
    ("contracts", "value_per"): ("year", "month"),
}
# Child, parent, and the columns by which a row of the one names a row of the other; docs/questions.md draws them.
RELATIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    *((table.name, "notices", ("notice_id",)) for table in NOTICE_TABLES[1:]),
    ("notices", "packages", ("package_id",)),
    ("rejects", "packages", ("package_id",)),
    ("criteria", "lots", ("notice_id", "lot_ordinal")),
    ("tenders", "lot_results", ("notice_id", "result_ordinal")),
    ("contracts", "lot_results", ("notice_id", "result_ordinal")),
    ("contracts", "tenders", ("notice_id", "tender_ordinal")),
    ("parties", "tenders", ("notice_id", "tender_ordinal")),
    ("parties", "contracts", ("notice_id", "contract_ordinal")),
)

# Parts of keys that may be NULL: a lot's number and the lot that an award is of, which a notice need not say, and the
# position of what is the notice's own.
MAY_LACK = frozenset((("ted_can", "id_lot_awarded"), ("ted_cn", "id_lot"), ("value_flags", "ordinal")))


def codes(table: str, column: str) -> list[str]:
    """The code list of a column, ascending; empty where it has none."""
    return sorted(_CODES_OF_TABLE.get((table, column)) or _CODES.get(column) or ())


def sources() -> str:
    """models/lake/sources.yml."""
    lake = {
        "name": "lake",
        "description": "Notices of Tenders Electronic Daily, merged by year; everything is partitioned by year",
        # The sandbox is named after the lake that it belongs to; a project that builds elsewhere names the lake.
        "schema": "{{ var('lake', target.schema | replace('_sandbox', '')) }}",
        "tables": [_source(table) for table in (*CATALOG_TABLES, *VIEWS)],
    }
    return "\n".join(["version: 2", *_yaml({"sources": [lake]})]) + "\n"


def _source(table: Table) -> dict[str, Any]:
    alone = table.key[0] if len(table.key) == 1 else ""
    year = [PARTITION.name] if PARTITION in table.readable else []
    tests: list[Any] = [] if alone else [{"unique_together": {"arguments": {"columns": [*year, *table.key]}}}]
    tests += [
        {"refers_to": {"arguments": {"to": _of(parent), "columns": [*year, *named]}}}
        for child, parent, named in RELATIONS
        if child == table.name and len(named) > 1
    ]
    found = {
        "name": table.name,
        "description": f"One row per {table.rows_per}. Key{' within a year' if year else ''}: {', '.join(table.key)}",
        "columns": [_column(table, column, alone) for column in table.readable],
    }
    return {**found, "data_tests": tests} if tests else found


def _column(table: Table, column: Column, alone: str) -> dict[str, Any]:
    tests: list[Any] = ["unique"] if column.name == alone else []
    tests += ["not_null"] if column.name in table.key and (table.name, column.name) not in MAY_LACK else []
    tests += [
        {"relationships": {"arguments": {"to": _of(parent), "field": column.name}}}
        for child, parent, columns in RELATIONS
        if (child, columns) == (table.name, (column.name,))
    ]
    # The codes of a view are those of its tables, and to read it again for them would cost as much as it does.
    if known := [] if table in VIEWS else codes(table.name, column.name):
        kind = "accepted_items" if column.kind == "list" else "accepted_values"
        # Its own name would have all the codes in it. A code that TED begins to use is kept as published: no fault.
        name = {"name": f"{table.name}_{column.name}_is_a_known_code"}
        tests.append({kind: {**name, "arguments": {"values": known}, "config": {"severity": "warn"}}})
    found = {
        "name": column.name,
        "description": f"{column.meaning} ({column.term})" if column.term else column.meaning,
        "data_type": column.glue_type,
    }
    return {**found, "data_tests": tests} if tests else found


def _of(table: str) -> str:
    return f"source('lake', '{table}')"


def _yaml(value: Any, indent: int = 0) -> Iterator[str]:
    """A value in YAML's block style; texts as JSON has them, which YAML takes."""
    blank = "  " * indent
    for key, item in value.items():
        if isinstance(item, list) and any(isinstance(each, dict) for each in item):
            yield f"{blank}{key}:"
            for each in item:
                lines = list(_yaml(each, indent + 2)) if isinstance(each, dict) else [json.dumps(each)]
                yield f"{blank}  - {lines[0].lstrip()}"
                yield from lines[1:]
        elif isinstance(item, dict):
            yield f"{blank}{key}:"
            yield from _yaml(item, indent + 1)
        else:
            yield f"{blank}{key}: {json.dumps(item, ensure_ascii=False)}"
