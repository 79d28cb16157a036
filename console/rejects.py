"""`ted rejects`: the members that extraction could not read, why, and their bytes."""

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console.buckets import Buckets, find_buckets
from console.phrases import counted, size
from console.run import selection_of
from console.target import FOUND_WANTING, Initials, Local, Real, Stage, asking
from runtime.errors import ConfigError
from runtime.job_input import JobInput
from runtime.manifest import Manifest, Reject, read_manifests


def rejects(
    what: Annotated[
        list[str],
        typer.Argument(metavar="WHAT...", help="A year (2019), a month (2019-03), or package ids (20190301_2019043)."),
    ],
    save: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder to bring their bytes to.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """List the members of packages that could not be read: member, reason, message.

    \b
    Examples:
      ted rejects 2019
      ted rejects 20190301_2019043 --save quarantine
      AWS_PROFILE=mine ted rejects --aws --initials nfr 2019-03 --json

    The list is that of the newest extraction, published or not. Ends with 1 where there is any.
    """
    said = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    with asking(local, initials, stage, real) as target:
        asked = JobInput.parse(selection_of(what, {}, is_due=False, command="rejects"), dt.datetime.now(dt.UTC))
        if save is not None and save.exists() and not save.is_dir():
            raise ConfigError(f"--save {save} is a file; name a folder, new or there")
        buckets = find_buckets(target.session, target.names)
        found = _find(buckets, asked)
        files = {each.quarantine_key: _save(buckets, m, each, save) for m, each in found} if save is not None else {}
    if as_json:
        kept = [
            {
                "package_id": manifest.package_id, "member_name": each.member_name, "reason": each.reason,
                "message": each.message, "size_bytes": each.size_bytes, "sha256": each.sha256,
                "quarantine_key": each.quarantine_key, "saved": files.get(each.quarantine_key),
            }
            for manifest, each in found
        ]  # fmt: skip
        typer.echo(json.dumps(kept, indent=1, ensure_ascii=False))
    else:
        out = Console(highlight=False, soft_wrap=True, markup=False)
        for manifest, each in found:
            out.print(f"{manifest.package_id}  {each.member_name}  {each.reason}, {size(each.size_bytes)}")
            out.print(f"  {each.message}")
        if not found:
            said.print(f"{target.title}: every member of these packages was read")
    if save is not None and found:
        said.print(f"{counted(sum(map(bool, files.values())), 'file')} in {save}")
    raise typer.Exit(FOUND_WANTING if found else 0)


def _find(buckets: Buckets, asked: JobInput) -> list[tuple[Manifest, Reject]]:
    """The rejects of a selection, packages ascending."""
    manifests = [manifest for year in asked.years for manifest in read_manifests(buckets.extracted, year)]
    meant = [m for m in manifests if asked.holds(m.package) and (not asked.packages or m.package in asked.packages)]
    return [(manifest, reject) for manifest in meant for reject in manifest.rejects]


def _save(buckets: Buckets, manifest: Manifest, reject: Reject, folder: Path) -> str | None:
    """Bring a member's bytes to a folder of its package; where they are, None where there are none."""
    if not reject.quarantine_key:
        return None
    package = manifest.package
    path = folder / manifest.package_id / reject.quarantine_key.removeprefix(package.quarantine_prefix)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buckets.extracted.get(reject.quarantine_key))
    return str(path)
