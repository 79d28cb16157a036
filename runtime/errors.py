"""Errors, sorted by what helps: trying again, looking at the data, or mending the settings."""

from typing import Any, Self


class CcaTedError(Exception):
    """Base of the project's errors: a message and named attributes, both kept by pickling.

    The message says what was expected, what came, for which package or member, and what to do.
    """

    def __init__(self, message: str, **attributes: Any) -> None:
        super().__init__(message)
        self.message = message
        self.attributes = attributes

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.attributes)

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON-ready values."""
        return {
            "error": type(self).__name__,
            "message": self.message,
            **{k: str(v) for k, v in self.attributes.items()},
        }

    @classmethod
    def of(cls, faults: list[str], advice: str = "") -> Self:
        """One error that lists all faults, a line each."""
        text = faults[0] if len(faults) == 1 else "".join(f"\n  - {fault}" for fault in faults)
        return cls(f"{text}\n{advice}" if advice else text, faults=faults)


def _rebuild(kind: type[CcaTedError], message: str, attributes: dict[str, Any]) -> CcaTedError:
    return kind(message, **attributes)


class TransientError(CcaTedError):
    """Trying again can help: throttling, 5xx, a time-out, a refusal by the source's firewall."""


class TerminalError(CcaTedError):
    """Trying again cannot help: a corrupt package, an unsafe archive, an unreadable notice."""


class ConfigError(CcaTedError):
    """Settings or input are wrong; raised before any work, with every fault listed at once."""
