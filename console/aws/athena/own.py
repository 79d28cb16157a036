"""What of the catalog is the lake's own: the merge alone writes it.

In an account IAM keeps it so; here the keys are the root's, so the statements themselves are judged.
"""

from typing import Any, NoReturn

from console.aws.athena.catalog import Catalog, is_view
from console.aws.athena.failure import QueryFailed
from runtime.keys import MERGED_PREFIX
from runtime.schema.views import VIEWS

_VIEWS = frozenset(view.name for view in VIEWS)


def refuse_location(location: str, doing: str) -> None:
    """Refuse to write, or to declare a table, where the merge writes.

    Parameters
    ----------
    location : s3:// address
    doing : what is about to be done, as in `write to`

    Raises
    ------
    QueryFailed
        It lies below the prefix of the merged years.
    """
    if _is_merged(location):
        _refuse(f"{doing} {location}")


def refuse_entry(catalog: Catalog, entry: dict[str, Any], doing: str) -> None:
    """Refuse to change a table or view of the lake.

    Parameters
    ----------
    entry : of the catalog
    doing : what is about to be done, as in `drop`

    Raises
    ------
    QueryFailed
        It is a table located below the prefix of the merged years, or a view of the stack.
    """
    name = f"{entry['DatabaseName']}.{entry['Name']}"
    if is_view(entry):
        others = catalog.tables(entry["DatabaseName"]) if entry["Name"] in _VIEWS else []
        if any(_is_merged(_location(each)) for each in others):
            _refuse(f"{doing} {name}")
    elif _is_merged(_location(entry)):
        _refuse(f"{doing} {name}")


def _location(entry: dict[str, Any]) -> str:
    return str((entry.get("StorageDescriptor") or {}).get("Location") or "")


def _is_merged(location: str) -> bool:
    return f"{location.removeprefix('s3://').partition('/')[2].rstrip('/')}/".startswith(MERGED_PREFIX)


def _refuse(what: str) -> NoReturn:
    raise QueryFailed(
        f"PERMISSION_DENIED: Access Denied: Cannot {what}: the lake's own tables are written by its merge alone, and "
        "its views by its deployment. Make a table of your own in another database: CREATE TABLE mine.copy AS SELECT …"
    )
