"""HTTP access: the only place that talks to it. Honest manners, and every odd answer has a name.

The source stands behind a firewall that answers unknown callers with 202, no body and `x-amzn-waf-action: challenge`;
a client that takes any 2xx for success would store nothing and call it a package.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from runtime import __version__
from runtime.errors import CcaTedError, TerminalError, TransientError

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

CONNECT_SECONDS = 10
READ_SECONDS = 60  # between two pieces of an answer, not for the whole of it
REDIRECTS = 3
CHUNK_BYTES = 1 << 18
REFUSAL_QUIET_SECONDS = 60.0  # after a refusal this process leaves the source alone for so long
LONGEST_RETRY_AFTER_SECONDS = 6 * 3600.0  # SQS hides a message for twelve hours at most

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RefusedByFirewall(TransientError):
    """The source's firewall challenged or refused the request: wait, or have a word with the helpdesk."""


class RateLimited(TransientError):
    """The source asked for a pause; `retry_after` has its seconds where it named them."""


class SourceTrouble(TransientError):
    """The source could not be reached, broke off, was too slow, or sent an error or a web page instead of the file."""


class NotAtSource(TerminalError):
    """The source says that there is no such file. A later job asks again."""


class UnexpectedAnswer(TerminalError):
    """The source answered with a status that asking again will not change."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer, its body not yet read. `length` is what the source announced; None where it sends in chunks."""

    url: str
    length: int | None
    _response: "BaseHTTPResponse"
    _deadline: float
    _clock: Callable[[], float]

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        """Read what has arrived, at most `size` bytes; empty at the end.

        Raises
        ------
        SourceTrouble
            The body broke off or came too slowly.
        """
        if self._clock() > self._deadline:
            raise SourceTrouble(f"{self.url} came too slowly to end within the time of this attempt", url=self.url)
        with _named_errors(self.url):
            return self._response.read1(size)


@dataclass(slots=True)
class Http:
    """A caller with a name, a pace and a memory of refusals.

    Parameters
    ----------
    contact : address (URL or e-mail) under which the source's keepers reach whoever runs this instance
    requests_per_minute : budget of this process; none for a publisher on this machine
    """

    contact: str
    requests_per_minute: int = 100
    pool: urllib3.PoolManager | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next_request: float = 0.0
    _refusal: CcaTedError | None = None
    _quiet_until: float = 0.0

    @property
    def user_agent(self) -> str:
        """The crawler's form that the source lets pass, with our own name and address in it."""
        return f"Mozilla/5.0 (compatible; cca-ted/{__version__}; +{self.contact})"

    @contextmanager
    def get(self, url: str, seconds: float = 600.0) -> Iterator[Answer]:
        """Fetch an address as a stream, to be read within `seconds`.

        Raises
        ------
        RefusedByFirewall, RateLimited, SourceTrouble
            Trying later can help; `retry_after` says when, where the source did.
        NotAtSource, UnexpectedAnswer
            It cannot.
        """
        response = self._ask("GET", url)
        try:
            length = _length(response)
            if length == 0:
                raise self._refused(url, "200 with an empty body")
            yield Answer(url, length, response, self.clock() + seconds, self.clock)
        finally:
            # A body that was not read to its end would spoil the connection for the next request.
            response.close()
            response.release_conn()

    def read(self, url: str, limit: int, seconds: float = 60.0) -> bytes:
        """Fetch a small file, at most `limit` bytes; errors as in `get`."""
        parts: list[bytes] = []
        with self.get(url, seconds) as answer:
            while part := answer.read():
                parts.append(part)
                if sum(map(len, parts)) > limit:
                    raise UnexpectedAnswer(f"{url} is longer than the {limit:,} bytes that make sense", url=url)
        data = b"".join(parts)
        if answer.length not in (None, len(data)):
            raise SourceTrouble(f"{url} broke off: expected {answer.length:,} bytes, got {len(data):,}", url=url)
        return data

    def size(self, url: str) -> int | None:
        """Ask for the length of a file without its bytes; None where the source does not say. Errors as in `get`."""
        response = self._ask("HEAD", url)
        response.release_conn()
        return _length(response)

    def _ask(self, method: str, url: str) -> "BaseHTTPResponse":
        self._wait(url)
        if self.pool is None:
            self.pool = urllib3.PoolManager(maxsize=4)
        headers = {"User-Agent": self.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        with _named_errors(url):
            response = self.pool.request(
                method, url, headers=headers, preload_content=False, decode_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
                retries=urllib3.Retry(total=REDIRECTS, connect=0, read=0, other=0, redirect=REDIRECTS, status=0,
                                      respect_retry_after_header=False),
            )  # fmt: skip
        try:
            self._check(url, response)
        except CcaTedError:
            response.close()
            raise
        return response

    def _wait(self, url: str) -> None:
        now = self.clock()
        if self._refusal is not None and now < self._quiet_until:
            error = self._refusal
            pause = round(self._quiet_until - now, 3)
            raise type(error)(f"{url} was not asked for, since shortly before {error}", url=url, retry_after=pause)
        if self.requests_per_minute and urlsplit(url).hostname not in _LOOPBACK:
            if now < self._next_request:
                self.sleep(self._next_request - now)
            self._next_request = max(now, self._next_request) + 60 / self.requests_per_minute

    def _check(self, url: str, response: "BaseHTTPResponse") -> None:
        status, kind = response.status, response.headers.get("Content-Type", "").lower()
        if action := response.headers.get("x-amzn-waf-action"):
            raise self._refused(url, f"{status} and x-amzn-waf-action: {action}")
        if status in (202, 403):
            raise self._refused(url, str(status))
        if status == 404:
            raise NotAtSource(f"{url}: 404, the source has no such file; a later job asks again", url=url, status=404)
        if status == 429 or status >= 500:
            pause = retry_after(response.headers.get("Retry-After", ""), dt.datetime.now(dt.UTC))
            attributes = {} if pause is None else {"retry_after": pause}
            error_kind = RateLimited if status == 429 else SourceTrouble
            error = error_kind(f"{url} answered {status}", url=url, status=status, **attributes)
            if pause is not None:
                self._refusal, self._quiet_until = error, self.clock() + pause
            raise error
        if status != 200:
            wanted = SourceTrouble if status < 400 else UnexpectedAnswer
            raise wanted(f"{url}: expected 200, got {status}", url=url, status=status)
        if "html" in kind:
            raise SourceTrouble(f"{url} answered with a web page ({kind}) instead of the file", url=url, status=200)

    def _refused(self, url: str, got: str) -> RefusedByFirewall:
        error = RefusedByFirewall(
            f"{url} was refused by the source's firewall: expected 200 and a file, got {got}. Should "
            f"it last, ask the source's helpdesk to let the User-Agent {self.user_agent!r} pass",
            url=url,
            got=got,
        )
        self._refusal, self._quiet_until = error, self.clock() + REFUSAL_QUIET_SECONDS
        return error


def retry_after(text: str, now: dt.datetime) -> float | None:
    """Read a Retry-After header: seconds, or a date; None where it is neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER_SECONDS)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=dt.UTC)
    return min(max((date - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_SECONDS)


def _length(response: "BaseHTTPResponse") -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None


@contextmanager
def _named_errors(url: str) -> Iterator[None]:
    try:
        yield
    except (HTTPError, OSError) as error:
        raise SourceTrouble(f"{url}: {type(error).__name__}: {error}", url=url) from error
