"""The words of a statement around its query: names, texts and signs. Comments are passed over."""

import re
from collections import deque
from dataclasses import dataclass
from typing import NoReturn

from console.aws.athena.failure import QueryFailed, where

_TOKENS = r"""(?P<space>\s+|--[^\r\n]*|/\*.*?\*/)
      | (?P<text>TEXT)
      | (?P<quoted>`(?:[^`]|``)*`|"(?:[^"]|"")*")
      | (?P<number>-?\d+)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<sign>.)"""
# A backslash in a text escapes what follows in Hive's grammar; in Trino's it is a backslash.
_HIVE, _TRINO = (
    re.compile(_TOKENS.replace("TEXT", text), re.VERBOSE | re.DOTALL)
    for text in (r"'(?:[^'\\]|\\.|'')*'", r"'(?:[^']|'')*'")
)
_LONGEST_ENDING = 4  # of words, and a semicolon
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r"}


@dataclass(frozen=True, slots=True)
class Token:
    """`word` is small, and empty for what is no bare word."""

    kind: str
    text: str
    at: int
    word: str = ""

    @property
    def end(self) -> int:
        return self.at + len(self.text)


class Words:
    """Reads a statement from its beginning, word by word.

    Parameters
    ----------
    sql : the statement
    """

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._grammar = _HIVE
        self.here = self._token(0)

    def _token(self, at: int) -> Token:
        match = self._grammar.match(self.sql, at)
        while match and match.lastgroup == "space":
            at = match.end()
            match = self._grammar.match(self.sql, at)
        if match is None:
            return Token("end", "<EOF>", len(self.sql))
        kind = str(match.lastgroup)
        return Token(kind, match[0], at, match[0].lower() if kind == "word" else "")

    def next(self) -> Token:
        """The next token; it is passed."""
        token = self.here
        self.here = self._token(token.end) if token.kind != "end" else token
        return token

    def take(self, *expected: str) -> bool:
        """Pass these words or signs if they are what comes next."""
        before = self.here
        for each in expected:
            if each != (self.here.word or (self.here.text if self.here.kind == "sign" else "")):
                self.here = before
                return False
            self.next()
        return True

    def sees(self, *expected: str) -> bool:
        """Whether these words or signs come next."""
        before = self.here
        found = self.take(*expected)
        self.here = before
        return found

    def need(self, *expected: str) -> None:
        """Pass these words or signs.

        Raises
        ------
        QueryFailed
            Something else comes next.
        """
        for each in expected:
            if not self.take(each):
                self.fail(each.upper())

    def fail(self, expected: str) -> NoReturn:
        """Say that something else was expected here."""
        raise QueryFailed(
            f"SYNTAX_ERROR: {where(self.sql, self.here.at)}: mismatched input '{self.here.text}'. "
            f"Expecting: '{expected}'"
        )

    def end(self) -> None:
        """Pass the end, and a semicolon before it."""
        self.take(";")
        if self.here.kind != "end":
            self.fail("<EOF>")

    def name(self) -> str:
        """A name, bare or in quotes of either kind; names are small."""
        token = self.here
        if token.kind == "quoted":
            self.next()
            sign = token.text[0]
            return token.text[1:-1].replace(sign * 2, sign).lower()
        if token.kind != "word":
            self.fail("<identifier>")
        return self.next().word

    def names(self) -> list[str]:
        """Names in parentheses."""
        self.need("(")
        found = [self.name()]
        while self.take(","):
            found.append(self.name())
        self.need(")")
        return found

    def dotted(self) -> list[str]:
        """A name with what stands before it, as in `database.table`; a name in quotes may hold the dots itself."""
        found = self.name().split(".") if self.here.text[:1] == "`" else [self.name()]
        while self.take("."):
            found.append(self.name())
        return found

    def text(self) -> str:
        """A text in quotes."""
        if self.here.kind != "text":
            self.fail("<string>")
        body = self.next().text[1:-1].replace("''", "'")
        return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), body, flags=re.DOTALL)

    def number(self) -> int:
        """An integer."""
        if self.here.kind != "number":
            self.fail("<integer>")
        return int(self.next().text)

    def group(self) -> str:
        """The query in parentheses, the statement's text before it blanked, so that places in it stay what they are.

        Raises
        ------
        QueryFailed
            There is no parenthesis here, or it is not closed.
        """
        start, self._grammar = self.here.end, _TRINO
        self.need("(")
        depth = 1
        while True:
            token = self.next()
            if token.kind == "end":
                self.fail(")")
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "sign" else 0
            if depth == 0:
                self._grammar = _HIVE
                return self._from(start)[: token.at]

    def rest(self, *endings: str) -> tuple[str, str]:
        """The query from here on, what stands before it blanked, and which of these words end it, if any do.

        Comments after its last word, and a semicolon there, are no part of it.

        Parameters
        ----------
        endings : words in small letters, as in `with no data`; they are no part of the query, either
        """
        start, self._grammar = self.here.at, _TRINO
        self.here = self._token(start)
        last: deque[Token] = deque(maxlen=_LONGEST_ENDING)
        while self.here.kind != "end":
            last.append(self.next())
        self._grammar = _HIVE
        if last and last[-1].text == ";":
            last.pop()
        end, words = last[-1].end if last else start, [token.word for token in last]
        for ending in endings:
            count = len(ending.split())
            if words[-count:] == ending.split():
                return self._from(start)[: last[-count].at], ending
        return self._from(start)[:end], ""

    def _from(self, at: int) -> str:
        return re.sub(r"[^\n]", " ", self.sql[:at]) + self.sql[at:]
