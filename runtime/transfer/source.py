"""Where packages come from: TED (or whoever has its addresses) over HTTP, or another instance's raw bucket."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError
from urllib3.exceptions import HTTPError

from runtime.buckets import Bucket, MissingObject
from runtime.errors import ConfigError
from runtime.http import Http, NotAtSource, SourceTrouble
from runtime.keys import PackageId, calendar_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CALENDAR_BYTES = 1 << 20  # a real one has some 5 kB


@dataclass(frozen=True, slots=True)
class Download:
    """A package about to be read.

    `read(n)` gives up to n bytes, empty at the end. `length` is the announced one, None where none was. `sha256` is
    known when the source is an instance's bucket. `url` is where TED has the package, `copied_from` the object it was
    copied from, if it was.
    """

    read: Callable[[int], bytes]
    length: int | None
    url: str
    sha256: str | None = None
    copied_from: str | None = None


@dataclass(frozen=True, slots=True)
class HttpSource:
    """TED's addresses below a base URL."""

    http: Http
    base: str
    package_path: str
    calendar_path: str

    def _url(self, path: str) -> str:
        return f"{self.base.rstrip('/')}/{path.lstrip('/')}"

    def package_url(self, package: PackageId) -> str:
        """Address of a package."""
        return self._url(self.package_path.format(year=package.year, issue=package.issue))

    def calendar_url(self, year: int) -> str:
        """Address of a year's calendar."""
        return self._url(self.calendar_path.format(year=year))

    def calendar(self, year: int) -> bytes:
        """Fetch a year's calendar; errors of `Http`."""
        return self.http.read(self.calendar_url(year), CALENDAR_BYTES)

    def size(self, package: PackageId) -> int | None:
        """Ask for a package's length; None where it is not told. Errors of `Http`."""
        return self.http.size(self.package_url(package))

    @contextmanager
    def open(self, package: PackageId, seconds: float) -> Iterator[Download]:
        """Fetch a package as a stream, to be read within `seconds`; errors of `Http`."""
        with self.http.get(self.package_url(package), seconds) as answer:
            yield Download(answer.read, answer.length, answer.url)


@dataclass(frozen=True, slots=True)
class BucketSource:
    """The raw bucket of another instance: TED is mirrored once for a team."""

    bucket: Bucket

    def package_url(self, package: PackageId) -> str:
        """Address of a package's object."""
        return f"s3://{self.bucket.name}/{package.raw_key}"

    def calendar_url(self, year: int) -> str:
        """Address of a year's calendar."""
        return f"s3://{self.bucket.name}/{calendar_key(year)}"

    def calendar(self, year: int) -> bytes:
        """Read a year's calendar.

        Raises
        ------
        NotAtSource
            The other instance never planned this year.
        """
        with _absence(self.calendar_url(year)):
            return self.bucket.get(calendar_key(year))

    def size(self, package: PackageId) -> int | None:
        """Ask for a package's length.

        Raises
        ------
        NotAtSource
            The other instance does not hold it.
        """
        head = self.bucket.head(package.raw_key)
        if head is None:
            raise NotAtSource(f"{self.package_url(package)} does not exist", url=self.package_url(package))
        return head.size

    @contextmanager
    def open(self, package: PackageId, seconds: float) -> Iterator[Download]:
        """Read a package as a stream; S3 has time-outs of its own.

        Raises
        ------
        NotAtSource
            The other instance does not hold it.
        SourceTrouble
            The body broke off.
        """
        url = self.package_url(package)
        with _absence(url):
            stored = self.bucket.open(package.raw_key)

        def read(size: int) -> bytes:
            try:
                return stored.body.read(size)
            except (BotoCoreError, HTTPError, OSError) as error:
                raise SourceTrouble(f"{url}: {type(error).__name__}: {error}", url=url) from error

        with stored.body:
            origin = stored.metadata.get("source-url", url)
            yield Download(read, stored.size, origin, stored.metadata.get("sha256"), url)


Source = HttpSource | BucketSource


@contextmanager
def _absence(url: str) -> Iterator[None]:
    try:
        yield
    except MissingObject as error:
        raise NotAtSource(f"{url} does not exist: the other instance does not hold it (yet)", url=url) from error


def source_of(url: str, *, http: Http, s3: "S3Client", package_path: str, calendar_path: str) -> Source:
    """Choose the source by the scheme of its address.

    Raises
    ------
    ConfigError
        The address is neither http(s) nor s3, or a path template lacks its fields.
    """
    if url.startswith("s3://") and (name := url.removeprefix("s3://").strip("/")) and "/" not in name:
        return BucketSource(Bucket(s3, name))
    faults = []
    if not url.startswith(("https://", "http://")):
        faults.append(f"SOURCE_URL is {url!r}: expected https://…, http://… or s3://bucket")
    source = HttpSource(http, url, package_path, calendar_path)
    days = (PackageId(dt.date(2019, 3, 1), 43), PackageId(dt.date(2019, 3, 4), 44), PackageId(dt.date(2020, 3, 3), 44))
    try:
        if len({source.package_url(package) for package in days}) < len(days):
            faults.append(f"PACKAGE_PATH is {package_path!r}: expected {{year}} and {{issue}} in it")
    except (KeyError, ValueError, IndexError):
        faults.append(f"PACKAGE_PATH is {package_path!r}: expected the fields {{year}} and {{issue:05d}}")
    try:
        if source.calendar_url(2019) == source.calendar_url(2020):
            faults.append(f"CALENDAR_PATH is {calendar_path!r}: expected {{year}} in it")
    except (KeyError, ValueError, IndexError):
        faults.append(f"CALENDAR_PATH is {calendar_path!r}: expected the field {{year}}")
    if faults:
        raise ConfigError.of(faults, "the settings ted:source_url, ted:package_path and ted:calendar_path are at fault")
    return source
