"""What all tests share."""

import gc


def pytest_unconfigure() -> None:
    """Let the interpreter end clean.

    A callback that hypothesis leaves in the garbage collector keeps DuckDB's types alive, and its bindings then print
    pages about leaks below the summary.
    """
    gc.callbacks.clear()
