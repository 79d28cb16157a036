"""The answers in docs/questions.md: `python -m console.questions` writes those of the instance on this machine."""

import io
import re
from collections.abc import Callable

from rich.console import Console

from console.answers import show
from console.athena import Answer, ask
from console.paths import PROJECT
from console.target import find_target

PAGE = PROJECT / "docs" / "questions.md"
_WIDTH = 100
_QUESTION = re.compile(r"```sql\n(.*?)\n```\n(?:\n```text\n.*?\n```\n)?", re.DOTALL)


def answered(page: str, answer: Callable[[str], Answer]) -> str:
    """The page with the answer below each query, as `ted query` shows it.

    Parameters
    ----------
    answer : asks one query
    """
    return _QUESTION.sub(lambda found: f"```sql\n{found[1]}\n```\n\n```text\n{_shown(answer(found[1]))}\n```\n", page)


def _shown(answer: Answer) -> str:
    out = io.StringIO()
    show(answer, Console(file=out, width=_WIDTH, force_terminal=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def main() -> None:
    """Ask all, and write the page."""
    target = find_target(None, None, "dev", real=False)
    PAGE.write_text(answered(PAGE.read_text(), lambda sql: ask(target.session, target.names, sql)))
    print(PAGE.relative_to(PROJECT))


if __name__ == "__main__":
    main()
