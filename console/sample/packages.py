"""Packages of made-up notices, whole years of them with their release calendars, and days for benchmarks."""

import datetime as dt
import gzip
import io
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

from console.sample.draft import Story
from console.sample.eforms import SUBTYPES
from console.sample.notices import BAD_MEMBERS, SampleNotice, forms_of, make_notice
from console.sample.ted_legacy import PROSE_FORM
from runtime.keys import PackageId

CALENDAR_HEADER = "OJS ,Publication date"

# Shares of the forms in per mille. Source: the Publications Office's sampling of 2021 for TED_EXPORT; for eForms the
# same kinds of notices, and three in a hundred of the rarer subtypes.
_TED_MIX = {
    "F03": 374, "F02": 334, "F14": 116, "F20": 45, "F06": 42, "F05": 34, "F01": 17, "F15": 12, "F21": 9, "F18": 3,
    "F08": 3, "F24": 3, "F17": 3, "F12": 2, "F25": 2, "F13": 1, "F04": 1, "F07": 1, "F22": 1, "F23": 1,
}  # fmt: skip
_EFORMS_MIX = {
    "29": 350, "16": 390, "30": 45, "17": 40, "38": 45, "4": 20, "7": 10, "10": 10, "12": 5, "20": 15, "25": 15,
    "33": 15, "18": 5, "31": 5, "19": 5, "32": 5, "15": 4, "23": 3, "36": 3, "5": 2, "21": 2,
}  # fmt: skip
_TRAIT_MIX = (
    ("several-buyers", 0.09),
    ("consortium", 0.04),
    ("currencies", 0.01),
    ("multilingual", 0.02),
    ("no-award", 0.05),
    ("withheld", 0.05),
    ("touchpoint", 0.1),
    ("losers", 0.05),
)
# A defence form stays with R2.0.8 to the end of TED_EXPORT.
_DEFENCE_SCHEMA = "R2.0.8.S05"
_EVERY_TED = tuple(
    (schema, form)
    for schema in (
        "R2.0.7.S03",
        *(f"R2.0.8.S0{n}" for n in range(2, 6)),
        *(f"R2.0.9.S0{n}" for n in range(1, 6)),
    )
    for form in forms_of(schema)
)
_MIXED_FROM, _EFORMS_FROM = 2023, 2024
_SMALLEST_YEAR = 60
# Forms that tell of one step of a procedure; the others stand alone.
_STEPS = {
    "planning": {"F01", "F04", "4", "5", "7"},
    "call": {"F02", "F05", "F24", "16", "17", "19"},
    "correction": {"F14"},
    "award": {"F03", "F06", "F25", "29", "30", "32"},
    "modification": {"F20", "38"},
}
_STEP_OF = {form: step for step, forms in _STEPS.items() for form in forms}
# What a step goes on with, and how often.
_FOLLOWS = {
    "call": ("planning", 0.5),
    "correction": ("call", 0.8),
    "award": ("call", 0.75),
    "modification": ("award", 0.8),
}
_BIG_SIZES = (0.25, 0.4, 0.6, 0.8, 1.0, 1.3, 1.7, 1.95)
_BIG_SEED = 7


@dataclass(frozen=True, slots=True)
class SampleArchive:
    """What `make_archive` wrote.

    Attributes
    ----------
    packages : ids of the packages, ascending
    notices : number of readable notices by package id
    rejects : number of members that must end in quarantine, by package id
    """

    packages: tuple[PackageId, ...]
    notices: dict[str, int]
    rejects: dict[str, int]


def package_id(date: dt.date) -> PackageId:
    """The package of a day: issues are counted over the working days of the year, 1 January being none."""
    start = dt.date(date.year, 1, 1)
    days = (date - start).days
    working = sum((start + dt.timedelta(days=day)).weekday() < 5 for day in range(1, days + 1))
    return PackageId(date, working)


def make_package(package_id: PackageId | str, notices: Iterable[SampleNotice]) -> bytes:
    """Pack notices as a daily package. The same notices give the same bytes.

    Parameters
    ----------
    package_id : as in 20190301_2019043; members lie in the folder 20190301_043
    notices : members in the order of the package
    """
    buffer = io.BytesIO()
    _pack(buffer, package_id, notices, level=6)
    return buffer.getvalue()


def write_package(path: Path, package_id: PackageId | str, notices: Iterable[SampleNotice], *, level: int = 6) -> int:
    """Pack notices into a file, one at a time; returns the number of members.

    Parameters
    ----------
    level : of gzip, 1 is fast
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        return _pack(target, package_id, notices, level=level)


def _pack(
    target: io.BufferedIOBase, package_id: PackageId | str, notices: Iterable[SampleNotice], *, level: int
) -> int:
    package = PackageId.parse(package_id) if isinstance(package_id, str) else package_id
    mtime = int(dt.datetime(package.date.year, package.date.month, package.date.day, 6, tzinfo=dt.UTC).timestamp())
    folder = tarfile.TarInfo(f"{package.date:%Y%m%d}_{package.issue:03d}")
    folder.type, folder.mode, folder.mtime = tarfile.DIRTYPE, 0o755, mtime
    count = 0
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=level, fileobj=target, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        archive.addfile(folder)
        for notice in notices:
            info = tarfile.TarInfo(notice.member_name)
            info.size, info.mtime = len(notice.xml), mtime
            archive.addfile(info, io.BytesIO(notice.xml))
            count += 1
    return count


def make_year(
    year: int,
    *,
    notices: int = 1000,
    packages: int = 10,
    seed: int = 0,
    bad: bool = False,
    stories: "Stories | None" = None,
) -> Iterator[tuple[PackageId, list[SampleNotice]]]:
    """Make up the packages of a year, ascending.

    Every form of the year's formats occurs at least once; the rest follows the mix of reality. TED_EXPORT until 2022,
    both in 2023, eForms from 2024 with some late TED_EXPORT in January. A year of TED_EXPORT also holds a few notices
    of older schema versions than its own, so that each is there.

    Parameters
    ----------
    notices : readable notices of the year; at least as many as there are forms are made
    packages : number of packages, spread over the months
    bad : also put members into the packages that cannot be read, one of each kind a year, and one that is there twice
    stories : procedures of earlier years, which the notices may go on with

    Yields
    ------
    Package id and its members
    """
    rng = Random(f"{seed}/{year}")  # noqa: S311 made-up data, not a secret
    stories = stories or Stories(seed)
    plan = _plan(year, notices, rng)
    rng.shuffle(plan)
    edges = [len(plan) * part // packages for part in range(packages + 1)]
    dates = _dates(year, packages)
    for position, (date, (start, end)) in enumerate(zip(dates, pairwise(edges), strict=True)):
        package = package_id(date)
        first = (package.issue - 1) * 2400 + 1
        members = []
        for offset, (schema, form) in enumerate(plan[start:end]):
            traits = [trait for trait, share in _TRAIT_MIX if rng.random() < share]
            traits += ["change"] if rng.random() < 0.1 else []
            notice = make_notice(
                number=first + offset,
                date=date,
                issue=package.issue,
                form=form,
                schema=schema,
                seed=seed,
                traits=traits,
                follows=stories.before(schema, form, traits),
            )
            stories.after(schema, form, traits, notice.story)
            members.append(notice)
        stories.close_day()
        if bad:
            members += _bad_members(position, packages, package, first + len(members))
            if position == 0 and members:
                members.append(members[0])
        yield package, members


class Stories:
    """Procedures under way: which earlier notice the next one goes on with."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(f"{seed}/stories")  # noqa: S311 made-up data, not a secret
        self._open: dict[str, list[Story]] = {step: [] for step in _STEPS}
        self._today: list[tuple[str, Story]] = []

    def before(self, schema: str, form: str, traits: Sequence[str]) -> Story | None:
        """The notice that the next one goes on with; None where it begins a procedure, or stands alone."""
        step = _step(schema, form, traits)
        earlier, share = _FOLLOWS.get(step, ("", 0.0))
        if self._rng.random() >= share:
            return None
        # A notice before eForms cannot name one of eForms, and a change notice names one of its own kind.
        is_eforms = schema.startswith("eforms")
        fitting = [
            story
            for story in self._open[earlier]
            if bool(story.uuid) == is_eforms or (is_eforms and step != "correction")
        ]
        if not fitting:
            return None
        chosen = self._rng.choice(fitting)
        if step in ("award", "call"):
            self._open[earlier].remove(chosen)
        return chosen

    def after(self, schema: str, form: str, traits: Sequence[str], story: Story | None) -> None:
        """Note a notice that others may go on with from the next package on."""
        step = _step(schema, form, traits)
        if story and step in ("planning", "call", "award"):
            self._today.append((step, story))

    def close_day(self) -> None:
        """Let the notices of the day be followed."""
        for step, story in self._today:
            self._open[step].append(story)
        self._today.clear()


def _step(schema: str, form: str, traits: Sequence[str]) -> str:
    step = _STEP_OF.get(form, "")
    return "correction" if schema.startswith("eforms") and step == "call" and "change" in traits else step


def _bad_members(position: int, packages: int, package: PackageId, number: int) -> list[SampleNotice]:
    """The share of a package in one bad member of each kind a year."""
    return [
        make(number=number + offset, date=package.date, issue=package.issue)
        for offset, make in enumerate(BAD_MEMBERS)
        if offset % packages == position
    ]


def _plan(year: int, notices: int, rng: Random) -> list[tuple[str, str]]:
    """Schema and form of each notice of a year."""
    plan: list[tuple[str, str]] = []
    if year < _EFORMS_FROM:
        plan += _EVERY_TED
    if year >= _MIXED_FROM:
        plan += ((f"eforms-sdk-1.{3 + position % 11}", form) for position, form in enumerate(SUBTYPES))
    ted, eforms = list(_TED_MIX), list(_EFORMS_MIX)
    ted_schemas, sdks = _schemas(year)
    share = 0.0 if year < _MIXED_FROM else 0.3 if year < _EFORMS_FROM else 0.98
    while len(plan) < notices:
        if rng.random() < share:
            plan.append((rng.choice(sdks), rng.choices(eforms, weights=list(_EFORMS_MIX.values()))[0]))
            continue
        form = rng.choices(ted, weights=list(_TED_MIX.values()))[0]
        schema = _DEFENCE_SCHEMA if form in ("F17", "F18") else rng.choice(ted_schemas)
        if form not in forms_of(schema):
            # Corrigenda were prose before R2.0.9; the other new forms were not yet there.
            form = PROSE_FORM if form == "F14" and PROSE_FORM in forms_of(schema) else "F03"
        plan.append((schema, form))
    return plan


def _schemas(year: int) -> tuple[Sequence[str], Sequence[str]]:
    """Versions of TED_EXPORT and of the eForms SDK in use in a year."""
    sdks = ("eforms-sdk-1.7", "eforms-sdk-1.10", "eforms-sdk-1.12", "eforms-sdk-1.13")
    if year <= 2013:
        return ("R2.0.7.S03",), sdks
    if year <= 2015:
        return ("R2.0.8.S02",), sdks
    if year <= 2017:
        return ("R2.0.9.S01", "R2.0.9.S02"), sdks
    if year <= 2020:
        return ("R2.0.9.S03",), sdks
    return ("R2.0.9.S04", "R2.0.9.S05"), sdks


def _dates(year: int, packages: int) -> list[dt.date]:
    """Working days spread over a year, ascending."""
    dates: list[dt.date] = []
    for position in range(packages):
        day = dt.date(year, 1, 2) + dt.timedelta(days=position * 360 // packages)
        while day.weekday() >= 5:
            day += dt.timedelta(days=1)
        if not dates or day > dates[-1]:
            dates.append(day)
    if len(dates) < packages:
        raise ValueError(f"a year has about 250 issues, {packages} packages do not fit")
    return dates


def calendar_csv(packages: Iterable[PackageId]) -> bytes:
    """The release calendar of a year in the publisher's shape: a blank in the header, day first, CRLF."""
    lines = [CALENDAR_HEADER, *(f"{package.issue},{package.date:%d/%m/%Y}" for package in sorted(packages))]
    return "".join(f"{line}\r\n" for line in lines).encode()


def make_archive(
    folder: Path,
    *,
    years: Sequence[int] = (2019, 2024),
    notices: int = 2000,
    packages: int = 10,
    seed: int = 0,
    bad: bool = False,
) -> SampleArchive:
    """Write an archive as the sample publisher serves it.

    Files: `packages/daily/{yyyy}{nnnnn}.tar.gz` and `release-calendar/{yyyy}.csv`.

    Parameters
    ----------
    folder : is made where it is missing
    years : one of TED_EXPORT (until 2022) and one of eForms hold every format
    notices : readable notices of all years together
    packages : packages a year
    bad : also put members into the packages that cannot be read
    """
    made: list[PackageId] = []
    good: dict[str, int] = {}
    rejects: dict[str, int] = {}
    stories = Stories(seed)
    for position, year in enumerate(years):
        share = notices * (position + 1) // len(years) - notices * position // len(years)
        year_packages = []
        for package, members in make_year(year, notices=share, packages=packages, seed=seed, bad=bad, stories=stories):
            path = folder / "packages" / "daily" / f"{package.year}{package.issue:05d}.tar.gz"
            write_package(path, package, members)
            rejects[str(package)] = sum("reason" in member.facts for member in members)
            good[str(package)] = len({member.notice_id for member in members if "reason" not in member.facts})
            year_packages.append(package)
        calendar = folder / "release-calendar" / f"{year}.csv"
        calendar.parent.mkdir(parents=True, exist_ok=True)
        calendar.write_bytes(calendar_csv(year_packages))
        made += year_packages
    return SampleArchive(tuple(sorted(made)), good, rejects)


def make_big_day(
    *,
    notices: int = 3500,
    bytes_total: int = 200_000_000,
    date: dt.date = dt.date(2024, 7, 17),
    seed: int = _BIG_SEED,
) -> Iterator[SampleNotice]:
    """Make up a busy day, one notice at a time: eForms of all sizes that come to about `bytes_total` unpacked bytes.

    Parameters
    ----------
    notices : number of notices
    bytes_total : sum of the notices' sizes, kept within a few per cent

    Yields
    ------
    The members, for `write_package(path, package_id(date), …)`
    """
    rng = Random(f"{seed}/{notices}/{bytes_total}")  # noqa: S311 made-up data, not a secret
    issue = package_id(date).issue
    forms, weights = list(_EFORMS_MIX), list(_EFORMS_MIX.values())
    written = 0
    for position in range(notices):
        left = notices - position
        target = max(4000.0, (bytes_total - written) / left * rng.choice(_BIG_SIZES))
        # A lot takes about 4 KB of markup with its result, and a description; real notices are mostly markup.
        lots = max(1, int(target / 5600))
        description_size = max(150, int((target - 4200 * lots - 3000) / (1.2 * lots + 1)))
        notice = make_notice(
            number=position + 1,
            date=date,
            issue=issue,
            form=rng.choices(forms, weights=weights)[0],
            schema="eforms-sdk-1.12",
            seed=seed,
            lots=lots,
            description_size=description_size,
        )
        written += len(notice.xml)
        yield notice
