"""How the `ted` command says things: counts, sizes, and commands that work as typed."""

import os
import re
import shutil
import sys
import textwrap
from pathlib import Path


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun, as in 1 package, 1,234 packages."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def size(count: int) -> str:
    """A number of bytes for a person, as in 1.2 MB."""
    if count < 1000:
        return counted(count, "byte")
    amount = float(count)
    for unit in ("KB", "MB", "GB"):
        amount /= 1000
        if round(amount, 1) < 1000:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def indented(text: str, width: int) -> str:
    """A text in lines below a heading, two blanks to the right; an address or a path stays whole."""
    return textwrap.fill(
        text, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def as_typed(text: str) -> str:
    """A text whose `ted` commands can be typed here: with their path where the environment is not active."""
    return re.sub(r"(?<![\w./-])ted (?=[a-z-])", f"{_command()} ", text)


def _command() -> str:
    mine = Path(sys.executable).parent / "ted"
    found = shutil.which("ted")
    if found and Path(found).absolute() == mine.absolute():
        return "ted"
    beside = os.path.relpath(mine)
    return str(mine) if beside.startswith(os.pardir) else beside
