"""Writes the project: what is ours is written anew each time, what a person wrote is left as it is."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from console.dbt.sources import sources

_FILES = Path(__file__).with_name("project")
# Written anew each time; the others are a beginning, which belongs to whoever goes on with it.
OURS = (
    "profiles.yml",
    "models/lake/sources.yml",
    "macros/refuse_the_lake.sql",
    "tests/generic/accepted_items.sql",
    "tests/generic/refers_to.sql",
    "tests/generic/unique_together.sql",
)
PROJECT_FILE = "dbt_project.yml"
_MARK = re.compile(
    r"(?:#|\{#) Written by ted dbt init, and again by the next one while nobody changed it: (\w+)(?: #\})?\n"
)


@dataclass(slots=True)
class Outcome:
    """Files by what became of them: written, the same as before, or changed by a person and left so."""

    written: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def write_project(folder: Path, values: Mapping[str, str]) -> Outcome:
    """Write the files of ours; where there is no project yet, also those that it begins with.

    Parameters
    ----------
    values : for the places in profiles.yml and dbt_project.yml that depend on the instance
    """
    outcome = Outcome()
    is_new = not (folder / PROJECT_FILE).exists()
    for name, text in _files(values):
        path = folder / name
        old = path.read_text(encoding="utf-8") if path.exists() else None
        if name not in OURS:
            if is_new and old is None:
                _write(path, text)
                outcome.written.append(name)
            continue
        new = _marked(name, text)
        if old is not None and not _is_ours(old):
            outcome.kept.append(name)
        elif old == new:
            outcome.same.append(name)
        else:
            _write(path, new)
            outcome.written.append(name)
    return outcome


def _files(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "models/lake/sources.yml", sources()
    for path in sorted(each for each in _FILES.rglob("*") if each.is_file()):
        name = path.relative_to(_FILES).as_posix().replace("gitignore", ".gitignore")
        text = path.read_text(encoding="utf-8")
        yield name, Template(text).substitute(values) if name in ("profiles.yml", PROJECT_FILE) else text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _marked(name: str, text: str) -> str:
    """A file with a first line that tells whether anybody changed the rest."""
    begin, end = ("{#", " #}") if name.endswith(".sql") else ("#", "")
    said = "Written by ted dbt init, and again by the next one while nobody changed it"
    return f"{begin} {said}: {_digest(text)}{end}\n{text}"


def _is_ours(text: str) -> bool:
    mark = _MARK.match(text)
    return bool(mark and mark[1] == _digest(text[mark.end() :]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
