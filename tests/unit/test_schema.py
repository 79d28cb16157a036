"""The columns are those that the extractor's version stands for, and eForms' sources are where the shapes read."""

import hashlib
import re
from collections.abc import Iterator, Mapping

import pytest

from runtime.extract.eforms import shapes
from runtime.extract.eforms.tree import Shape
from runtime.manifest import SCHEMA_FINGERPRINT
from runtime.schema import TABLES
from runtime.schema.sources.eforms import SOURCES


def fingerprint() -> str:
    lines = [f"{table.name} {column.name} {column.glue_type}" for table in TABLES for column in table]
    lines += [f"{table.name} {' '.join(table.key)}" for table in TABLES]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def test_columns_change_together_with_the_version_of_the_extractor() -> None:
    assert fingerprint() == SCHEMA_FINGERPRINT, (
        "tables, columns, kinds or keys changed: in runtime/manifest.py raise EXTRACTOR_VERSION, so that the packages "
        f"are extracted again, and set SCHEMA_FINGERPRINT to {fingerprint()}; in CHANGELOG.md add a line under *Data*"
    )


# Rows of a table, and the shapes that read them.
READ = {
    "notices": (shapes.ROOT, shapes.PROJECT, shapes.PROCESS, shapes.TERMS, shapes.RESULT),
    "lots": (shapes.LOT,),
    "lot_results": (shapes.OUTCOME,),
    "tenders": (shapes.TENDER,),
    "contracts": (shapes.CONTRACT,),
    "parties": (shapes.ORGANISATION, shapes.BUYER, shapes.MEMBER),
    "criteria": (shapes.CRITERION, shapes.PARAMETER),
    "changes": (shapes.CHANGES, shapes.CHANGE),
}
# What waits under a key of its own until it is known whether its column takes it.
WAITING = {
    "_gazette": "ojs_issue",
    "_type": "notice_type",
    "_types": "legal_type",
    "_participation_date": "submission_deadline_date",
    "_participation_time": "submission_deadline_time",
    "_interest_date": "submission_deadline_date",
    "_interest_time": "submission_deadline_time",
    "_answer_date": "submission_deadline_date",
    "_answer_time": "submission_deadline_time",
    "_maximum_in_terms": "framework_max_value",
    "_maximum_in_extension": "framework_max_value",
    "_group_maximum": "framework_max_value",
    "_renewals": "renewal_maximum",
    "_activities": "main_activity",
    "_weight": "weight_number",
    "_formula": "weight_text",
}
# The reference to a buyer; its organisation is what the column's source tells of.
REFERENCES = {("parties", ("Party", "PartyIdentification"))}
# Children of elements that wrap one kind of child, which the shapes need not name.
WRAPPED = {"Line", "ItemClassificationCode", "AreaCode", "NationalityID"}


def steps(shape: Shape, above: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Key and path, in local names, of what a shape reads."""
    for name, step in shape._steps.items():
        if isinstance(step, Shape):
            yield from steps(step, (*above, name))
        elif isinstance(step[1], Mapping) and not isinstance(step[1], Shape):  # by the name of a code list
            yield from ((key, (*above, name)) for key, _, _ in step[1].values())
        elif isinstance(step[1], Shape):  # an extension, whose wrappers the sources call ext()
            yield from steps(step[1], above)
        else:
            yield step[0], (*above, name)


def names(source: str) -> list[str]:
    """Local names in a source, in order."""
    return re.findall(r"\b\w+:(\w+)", source.replace("P/", "cac:ProcurementProject/"))


def readings() -> list[tuple[str, str, tuple[str, ...]]]:
    """Table, column and path of whatever the shapes read into a column."""
    columns = {(table.name, column.name) for table in TABLES for column in table}
    found = [
        (table, WAITING.get(key, key), path)
        for table, read in READ.items()
        for shape in read
        for key, path in steps(shape)
    ]
    return [each for each in found if each[:2] in columns and (each[0], each[2]) not in REFERENCES]


@pytest.mark.parametrize(
    ("table", "column", "path"), readings(), ids=lambda part: "/".join(part) if isinstance(part, tuple) else part
)
def test_the_source_of_a_column_names_where_the_shape_reads_it(table: str, column: str, path: tuple[str, ...]) -> None:
    told = iter(names(SOURCES[table, column]))
    assert all(name in told for name in path), f"{SOURCES[table, column]!r} lacks {'/'.join(path)}"


@pytest.mark.parametrize(("table", "column"), sorted(SOURCES), ids=str)
def test_a_source_that_is_one_path_is_read_there(table: str, column: str) -> None:
    source = SOURCES[table, column]
    read = [path for where, name, path in readings() if (where, name) == (table, column)]
    if re.fullmatch(r"(/\*|[LPXR…])(/(\w+:\w+|ext\(\)))+", source) and read:
        told = tuple(names(source))
        assert any(told[-len(path) :] == path or told[-len(path) - 1 : -1] == path for path in read), (source, read)


def test_sources_name_no_element_that_no_shape_knows() -> None:
    known = {
        name for each in vars(shapes).values() if isinstance(each, Shape) for _, path in steps(each) for name in path
    }
    assert {name for source in SOURCES.values() for name in names(source)} - known == WRAPPED
