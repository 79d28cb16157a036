"""What a person would look at, looked at one after the other: a line for each, in one table."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from console.target import FOUND_WANTING, Target, in_words
from runtime.errors import CcaTedError

State = Literal["ok", "wrong", "not known here"]
# What the embedded AWS answers where it has no answer.
_NO_ANSWER = ("InvalidAction", "UnknownOperationException", "UnsupportedOperation", "NotImplemented", "404", "501")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, what was seen, and what to do where it is not well."""

    what: str
    state: State
    seen: str
    advice: str = ""


Check = Callable[[], Iterable[Finding]]


def look(target: Target, checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """Make one check after the other; what fails in one is a finding, and the others go on.

    Parameters
    ----------
    checks : name and check; the name stands for it where it fails
    """
    for what, check in checks:
        try:
            yield from check()
        except (CcaTedError, BotoCoreError, ClientError) as error:
            if target.aws and _code_of(error) in _NO_ANSWER:
                yield Finding(what, "not known here", "the embedded AWS has no answer")
            else:
                yield Finding(what, "wrong", (in_words(error, target) or str(error)).splitlines()[0])


def _code_of(error: Exception) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return str(error.attributes.get("code", "")) if isinstance(error, CcaTedError) else ""


def tell(title: str, findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print the findings, as a table that can be pasted into an issue or as JSON, and end with 1 where one is wrong."""
    is_well = not any(finding.state == "wrong" for finding in findings)
    if as_json:
        kept = [asdict(finding) for finding in findings]
        typer.echo(json.dumps({"instance": title, "ok": is_well, "findings": kept}, indent=1))
    else:
        lines = [("what", "state", "seen"), ("-", "-", "-")]
        lines += [(each.what, each.state, each.seen.replace("|", "\\|")) for each in findings]
        widths = [max(len(line[column]) for line in lines) for column in range(2)]
        console = Console(soft_wrap=True, highlight=False, markup=False)
        console.print(f"{title}\n")
        for what, state, seen in lines:
            fill = "-" if what == "-" else " "
            console.print(f"| {what.ljust(widths[0], fill)} | {state.ljust(widths[1], fill)} | {seen} |")
        advised = [each for each in findings if each.advice]
        if advised:
            console.print()
        for each in advised:
            console.print(f"{each.what}: {each.advice}")
    raise typer.Exit(0 if is_well else FOUND_WANTING)
