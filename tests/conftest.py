"""What all tests share."""

import atexit
import os
import sys

import pytest

_STATUS = pytest.StashKey[int]()


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
