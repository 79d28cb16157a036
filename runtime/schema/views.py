"""The views and saved queries: SQL files beside this module, with what a catalog needs to know of them.

The SQL is Athena's. A file begins with comment lines: `-- title: …`, then `-- description: …`, which may go on over
further comment lines.
"""

import base64
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from runtime.schema.columns import Column, Kind, Table
from runtime.schema.indicators import AWARD_FACTS, INDICATORS, SCOREBOARD_REFERENCE
from runtime.schema.tables import CONTRACTS, KEY, LOT_RESULTS, LOTS, NOTICES, PARTITION
from runtime.schema.ted_csv import TED_CAN, TED_CN, TED_CSV_CODES

# Athena's name of the Glue catalog in the definition of a view.
CATALOG = "awsdatacatalog"

PRESTO_TYPES: dict[Kind, str] = {
    "string": "varchar",
    "int": "integer",
    "long": "bigint",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp(3)",
    "money": "decimal(24,4)",
    "number": "decimal(18,6)",
    "rate": "decimal(18,8)",
    "euro": "decimal(24,2)",
    "list": "array(varchar)",
}


def _in_euro(*names: str) -> list[Column]:
    found = [
        (
            Column(f"{name}_eur", "euro", f"{name} in euro at the rate of the publication date"),
            Column(
                f"{name}_eur_missing",
                "string",
                f"Why {name}_eur is missing: no-value, withheld, token, no-currency, unknown-currency, no-rate",
            ),
        )
        for name in names
    ]
    return [column for pair in found for column in pair]


EUR_RATE_DATE = Column(
    "eur_rate_date", "date", "Day of the exchange rate: the publication date; NULL where none was found"
)

NOTICES_EUR = Table(
    "notices_eur",
    "notice",
    (
        *NOTICES.readable,
        *_in_euro(
            "estimated_value", "estimated_value_low", "estimated_value_high", "total_value", "total_value_low",
            "total_value_high", "framework_max_value",
        ),
        EUR_RATE_DATE,
    ),
    NOTICES.key,
)  # fmt: skip

LOTS_EUR = Table(
    "lots_eur",
    LOTS.rows_per,
    (*LOTS.readable, *_in_euro("estimated_value", "framework_max_value"), EUR_RATE_DATE),
    LOTS.key,
)

CONTRACTS_EUR = Table(
    "contracts_eur",
    CONTRACTS.rows_per,
    (
        *CONTRACTS.readable,
        *_in_euro("value", "value_low", "value_high", "estimated_value"),
        EUR_RATE_DATE,
    ),
    CONTRACTS.key,
)

CONTRACT_AWARDS = Table(
    "contract_awards",
    "contract × winner",
    (
        *KEY,
        *NOTICES.take("format", "form_number", "notice_type", "procedure_type", "legal_basis", "contract_nature"
        ),
        *NOTICES.take("title", "title_en", prefix="notice_"),
        *NOTICES.take("cpv_main"),
        Column("cpv_division", "string", "First two digits of cpv_main"),
        *NOTICES.take("buyer_name", "buyer_country"),
        *CONTRACTS.take("contract_ordinal", "contract_id", "contract_number", "contract_title", "lot_ids"),
        *LOTS.take("title", prefix="lot_"),
        *CONTRACTS.take("value", "value_currency"),
        *_in_euro("value"),
        EUR_RATE_DATE,
        *CONTRACTS.take("value_per", "is_value_withheld", "is_value_token", "is_vat_included",
            "estimated_value", "estimated_value_currency", "award_date", "conclusion_date", "is_framework",
        ),
        *NOTICES.take("is_eu_funded"),
        *LOT_RESULTS.take("tenders_received", "tenders_sme"),
        Column("winner_ordinal", "long", "Position among the contract's winners, from 1; sum values where it is 1"),
        Column("winner_count", "long", "Number of the contract's winners; 0 where none is published"),
        Column("winner_name", "string", "Official name of the winner", "BT-500"),
        Column("winner_national_id", "string", "First national registration number of the winner", "BT-501"),
        Column("winner_town", "string", "Town of the winner", "BT-513"),
        Column("winner_nuts_code", "string", "NUTS code of the winner's address", "BT-507"),
        Column("winner_country", "string", "ISO 3166-1 alpha-3 country of the winner", "BT-514"),
        Column("winner_size", "string", "Size of the winner: micro, small, medium, sme, large", "BT-165"),
        PARTITION,
    ),
    ("notice_id", "contract_ordinal", "winner_ordinal"),
)  # fmt: skip

CURRENT_NOTICES = Table(
    "current_notices",
    "notice that is in force",
    (
        *KEY,
        *NOTICES.take("format", "form_number", "form_type", "notice_type", "procedure_id", "procedure_type",
            "legal_basis", "contract_nature", "title", "title_en", "description", "cpv_main", "buyer_name",
            "buyer_country", "lot_count", "contract_count", "estimated_value", "estimated_value_currency",
            "total_value", "total_value_currency", "submission_deadline_date",
        ),
        Column("published_deadline_date", "date", "Deadline as the notice itself states it", "BT-131"),
        Column("correction_count", "long", "Corrections that name the notice"),
        Column("last_correction_id", "string", "Newest correction"),
        Column("last_correction_date", "date", "Day of the newest correction"),
        Column("replaces_notice_id", "string", "Notice that this eForms change notice stands in place of"),
        PARTITION,
    ),
    ("notice_id",),
)  # fmt: skip

VALUE_FLAGS = Table(
    "value_flags",
    "doubtful value and reason",
    (
        *KEY,
        Column("subject", "string", "Whose value it is: contract, lot, estimate or total of the notice"),
        Column("ordinal", "int", "contract_ordinal or lot_ordinal; NULL for the notice"),
        Column(
            "flag",
            "string",
            "Reason: token, sentinel, lots-sum, contracts-sum, repeated-value, slip-2, slip-3",
        ),
        Column("value", "money", "Doubtful value, in value_currency"),
        Column("value_currency", "string", "ISO 4217 currency of value"),
        Column(
            "compared_value",
            "money",
            "Sum that it differs from, in value_currency; of a slip the estimate in euro",
        ),
        PARTITION,
    ),
    ("notice_id", "subject", "ordinal", "flag"),
)

CODES = Table(
    "codes",
    "code of a list",
    (
        Column("list", "string", "List that the code is of, as in procedure_type"),
        Column("code", "string", "Code as it stands in the tables"),
        Column("label", "string", "Name in English; of regions in their own language, in Latin letters"),
        Column("used_in", "string", "Columns that hold codes of the list"),
        Column("source", "string", "Where the list's names are from"),
    ),
    ("list", "code"),
)

# A view comes after those that it stands on.
VIEWS = (
    NOTICES_EUR, LOTS_EUR, CONTRACTS_EUR, CONTRACT_AWARDS, CURRENT_NOTICES, VALUE_FLAGS, AWARD_FACTS, INDICATORS,
    SCOREBOARD_REFERENCE, CODES, TED_CSV_CODES, TED_CAN, TED_CN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """A saved query or the definition of a view: `sql` is one SELECT, without a semicolon."""

    name: str
    title: str
    description: str
    sql: str


@cache
def saved_queries() -> tuple[Statement, ...]:
    """The saved queries, by name."""
    return tuple(read_statement(path) for path in sorted(Path(__file__).with_name("queries").glob("*.sql")))


def view_statement(view: Table) -> Statement:
    """The definition of a view."""
    return read_statement(Path(__file__).with_name("views") / f"{view.name}.sql")


def read_statement(path: Path) -> Statement:
    """Read an SQL file.

    Raises
    ------
    ValueError
        It lacks its title or description.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = []
    while lines and lines[0].startswith("--"):
        comments.append(lines.pop(0).removeprefix("--").strip())
    header = re.fullmatch(r"title: (.+?)\ndescription: (.+)", "\n".join(comments), re.DOTALL)
    if header is None:
        raise ValueError(f"{path} must begin with '-- title: …' and '-- description: …'")
    return Statement(path.stem, header[1], header[2].replace("\n", " "), "\n".join(lines).strip())


def presto_view(view: Table, database: str) -> dict[str, Any]:
    """A view as the Glue catalog holds it for Athena: the properties of a table input.

    Source: Athena's own views, read back with GetTable; the definition is base64 of JSON inside a comment. What the
    view is about stands in that JSON: Trino takes a table for a view only where its comment is "Presto View", and the
    `Description` of a table would come before its parameter `comment`.
    """
    statement = view_statement(view)
    definition = {
        "originalSql": statement.sql,
        "catalog": CATALOG,
        "schema": database,
        "columns": [
            {"name": column.name, "type": PRESTO_TYPES[column.kind], "comment": column.meaning} for column in view
        ],
        "comment": statement.description,
    }
    encoded = base64.b64encode(json.dumps(definition, ensure_ascii=False).encode()).decode()
    return {
        "Name": view.name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": each.name, "Type": each.glue_type, "Comment": each.meaning[:255]} for each in view],
            "Location": "",
            "SerdeInfo": {},
        },
        "ViewOriginalText": f"/* Presto View: {encoded} */",
        "ViewExpandedText": "/* Presto View */",
    }
