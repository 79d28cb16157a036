"""What all tests share."""

import atexit
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Tests that name no number of examples try few by themselves, and many where CI is set.
settings.register_profile("few", max_examples=40, deadline=None)
settings.register_profile("many", max_examples=150, deadline=None)
settings.load_profile("many" if os.environ.get("CI") else "few")

_STATUS = pytest.StashKey[int]()
# What takes longest begins first, so that no process is left alone with it at the end.
FIRST = (
    "local/test_typed", "local/test_system", "local/test_iam", "local/test_lifecycle", "spark", "unit/test_corpus",
    "local/test_mends", "unit/test_extract_hostile", "infra", "clients/test_page", "clients/test_project",
)  # fmt: skip


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """`-n auto`: a process per core, and two more where tests wait for the embedded AWS most of the time."""
    kinds = {Path(argument).name for argument in config.args}
    return (os.cpu_count() or 1) + 2 * bool(kinds & {"tests", "local"})


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are no readable id, and packed ones hold a time stamp: xdist's processes would not agree on it."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first."""
    groups = {item: group_of(item.nodeid) for item in items}
    items.sort(key=lambda item: FIRST.index(groups[item]) if groups[item] in FIRST else len(FIRST))
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.no_cover)  # it would take twice as long


class Groups(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships without types
    """Keeps together, in one of xdist's processes, the tests that share something costly.

    Its own groups (--dist loadgroup) stand in the ids of tests, which pytest 9 no longer lets it change.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """How xdist hands out the tests."""
    return Groups(config, log)


def group_of(nodeid: str) -> str:
    """A folder whose tests share one fixture, or a module: a session of Spark, the templates, a deployed instance."""
    module = nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")
    folder = module.partition("/")[0]
    return folder if folder in ("spark", "infra") else module


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how the session ended."""
    session.config.stash[_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave without taking the interpreter apart.

    Whatever else still holds DuckDB's types then (hypothesis' callback in the garbage collector is one) makes its
    bindings print pages about leaks below the summary.
    """
    if _STATUS in config.stash and not hasattr(config, "workerinput"):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[_STATUS])
