"""An S3 client over a folder, so that Spark reads and writes what the project's S3 code lists, and a made-up year."""

import base64
import datetime as dt
import hashlib
import io
import itertools
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from runtime.keys import PackageId
from runtime.manifest import EXTRACTOR_VERSION, Manifest, Reject, TableFile
from runtime.schema import NOTICE_TABLES, Table
from runtime.schema.arrow import arrow_schema
from runtime.schema.tables import NOTICES


def _refused(code: str, action: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, action)


@dataclass
class FolderS3:
    """The S3 calls that the merge makes, over `folder/{bucket}/{key}`; stricter than moto: checksums are checked.

    `fail_after` counts down with every call that changes something; at 0 the call is not made and `Killed` is raised.
    """

    folder: Path
    fail_after: int = -1
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def change(self) -> None:
        with self._lock:
            if self.fail_after == 0:
                raise Killed
            self.fail_after -= 1

    def path(self, bucket: str, key: str) -> Path:
        return self.folder / bucket / key

    def get_paginator(self, name: str) -> "FolderS3":
        assert name == "list_objects_v2"
        return self

    def paginate(self, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        root = self.folder / Bucket
        below = root / Prefix.rpartition("/")[0]
        found = [path for path in below.rglob("*") if path.is_file() and not path.name.endswith(".crc")]
        # A real listing comes in pages.
        keys = sorted(key for path in found if (key := path.relative_to(root).as_posix()).startswith(Prefix))
        for page in itertools.batched(keys, 7) if hasattr(itertools, "batched") else [keys]:
            yield {"Contents": [self._line(root / key, key) for key in page]}

    @staticmethod
    def _line(path: Path, key: str) -> dict[str, Any]:
        status = path.stat()
        modified = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
        return {"Key": key, "Size": status.st_size, "LastModified": modified}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        path = self.path(Bucket, Key)
        if not path.is_file():
            raise _refused("NoSuchKey", "GetObject")
        data = path.read_bytes()
        return {"Body": io.BytesIO(data), "ContentLength": len(data)}

    def put_object(self, Bucket: str, Key: str, Body: bytes, ChecksumSHA256: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
        self.change()
        if ChecksumSHA256 and ChecksumSHA256 != base64.b64encode(hashlib.sha256(Body).digest()).decode():
            raise _refused("BadDigest", "PutObject")
        path = self.path(Bucket, Key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)
        return {}

    def delete_objects(self, Bucket: str, Delete: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803
        assert len(Delete["Objects"]) <= 1000
        self.change()
        for entry in Delete["Objects"]:
            path = self.path(Bucket, entry["Key"])
            path.unlink(missing_ok=True)
            path.with_name(f".{path.name}.crc").unlink(missing_ok=True)
        return {}


class Killed(BaseException):
    """The process ends here, as far as the test is concerned."""


Row = dict[str, Any]


def notice(number: int, year: int = 2019, **values: Any) -> dict[str, list[Row]]:
    """Rows of a made-up award notice by table; a list replaces a table's rows, other values the notice's."""
    tables = {name: values.pop(name) for name in list(values) if name in {table.name for table in NOTICE_TABLES}}
    row: Row = {
        "notice_id": f"{number}-{year}",
        "ojs_issue": 1,
        "format": "eforms",
        "form_type": "result",
        "notice_type": "can-standard",
        "procedure_type": "open",
        "original_language": "DEU",
        "title": f"Brücke {number}",
        "cpv_main": "45221100",
        "cpv_additional": ["45000000"],
        "buyer_name": "Stadt Musterstadt",
        "buyer_country": "DEU",
        "estimated_value": Decimal("1000.5000"),
        "estimated_value_currency": "EUR",
        "extractor_version": EXTRACTOR_VERSION,
        "warnings": [],
        **values,
    }
    details: dict[str, list[Row]] = {
        "lots": [{"lot_id": "LOT-0001", "lot_kind": "lot"}, {"lot_id": "LOT-0002", "lot_kind": "lot"}],
        "lot_results": [{"result_id": "RES-0001", "lot_ids": ["LOT-0001"], "status": "selec-w", "tenders_received": 3}],
        "tenders": [{"result_ordinal": 1, "tender_id": "TEN-0001", "value": Decimal(900), "value_currency": "EUR"}],
        "contracts": [{"result_ordinal": 1, "tender_ordinal": 1, "lot_ids": ["LOT-0001"], "value": Decimal(900)}],
        "parties": [{"role": "buyer", "name": "Stadt Musterstadt"}, {"role": "winner", "name": "Bau GmbH"}],
        "criteria": [{"lot_ordinal": 1, "lot_id": "LOT-0001", "kind": "price"}],
        "changes": [],
        "cpv_names": [{"code": "45221100", "name": "Construction work for bridges"}],
        **tables,
    }
    return {"notices": [row], **details}


@dataclass
class Year:
    """A bucket with extracted packages, written the way extraction does."""

    folder: Path
    bucket: str = "nfr-cca-ted-extracted-dev"
    manifests: dict[str, Manifest] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.folder / self.bucket

    def add(
        self, package: str, *notices: dict[str, list[Row]], rejects: tuple[Reject, ...] = (), **manifest: Any
    ) -> Manifest:
        """Write the files and the manifest of a package; named values replace the manifest's."""
        ident = PackageId.parse(package)
        files, rows = {}, {}
        for table in NOTICE_TABLES:
            lines = [row for each in notices for row in self._rows(table, each, ident)]
            rows[table.name] = len(lines)
            if lines:
                path = self.root / ident.daily_key(table.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(pa.Table.from_pylist(lines, arrow_schema(table)), path, compression="zstd")
                files[table.name] = TableFile(ident.daily_key(table.name), len(lines), path.stat().st_size)
        ids = [each["notices"][0]["notice_id"] for each in notices]
        record = Manifest(
            **{
                "package_id": package, "publication_date": ident.date.isoformat(), "ojs_issue": ident.issue,
                "source_url": "https://ted.europa.eu/packages/daily/201900001", "raw_key": ident.raw_key,
                "raw_version_id": "v1", "sha256": "ab" * 32, "size_bytes": 1000, "fetched_at": "2026-01-02T03:04:05Z",
                "extracted_at": "2026-01-02T03:05:06+00:00", "extractor_version": EXTRACTOR_VERSION,
                "members": len(notices) + len(rejects), "notices": len(notices),
                "quarantined": len(rejects), "skipped": 0,
                "rows": rows, "files": files, "formats": {}, "first_notice_id": min(ids, default=None),
                "last_notice_id": max(ids, default=None), "rejects": list(rejects), **manifest,
            }
        )  # fmt: skip
        path = self.root / ident.manifest_key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(record.to_json())
        self.manifests[package] = record
        return record

    @staticmethod
    def _rows(table: Table, tables: dict[str, list[Row]], package: PackageId) -> Iterator[Row]:
        key = {
            "notice_id": tables["notices"][0]["notice_id"],
            "publication_date": package.date,
            "package_id": str(package),
        }
        for position, values in enumerate(tables[table.name], start=1):
            ordinal = {} if table is NOTICES else {table.key[1]: position}
            yield {**dict.fromkeys(table.column_names), **key, **ordinal, **values}

    def change_manifest(self, package: str, **values: Any) -> None:
        """Replace values in a manifest as it lies in the bucket."""
        path = self.root / PackageId.parse(package).manifest_key
        path.write_text(json.dumps({**json.loads(path.read_bytes()), **values}))
