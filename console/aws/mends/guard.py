"""Checks that ministack is the version whose private parts the mends hook into."""

import hashlib
import importlib.metadata
import inspect
from collections.abc import Callable
from typing import Any

from runtime.errors import ConfigError

VERSION = "1.5.33"
_ADVICE = f"The mends of console/aws/mends are made for ministack {VERSION}: install that version (make setup)."


def check_version() -> None:
    """Refuse another version of ministack.

    Raises
    ------
    ConfigError
        Another version is installed.
    """
    found = importlib.metadata.version("ministack")
    if found != VERSION:
        raise ConfigError(f"ministack: expected version {VERSION}, got {found}. {_ADVICE}")


def check(condition: bool, expected: str) -> None:
    """Refuse a ministack in which something that a mend relies on is different.

    Raises
    ------
    ConfigError
        The condition does not hold.
    """
    if not condition:
        raise ConfigError(f"ministack: expected {expected}, which is not so. {_ADVICE}")


def hook(module: Any, name: str, parameters: str) -> Callable[..., Any]:
    """Return a function of ministack that is about to be replaced or called.

    Parameters
    ----------
    parameters : names of its parameters, separated by blanks

    Raises
    ------
    ConfigError
        There is no such function, or it has other parameters.
    """
    function = getattr(module, name, None)
    where = f"{getattr(module, '__name__', module)}.{name}"
    check(callable(function), f"a function {where}")
    found = " ".join(inspect.signature(function).parameters)  # type: ignore[arg-type]
    check(found == parameters, f"{where}({parameters}), got ({found}): the same parameters")
    return function  # type: ignore[return-value]


def fingerprint(text: str) -> str:
    """Short hash of a piece of source."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
