"""Small made-up TED_EXPORT documents, in the shapes of the schema versions."""

import re

from lxml import etree

from runtime.extract.notice import Notice, Row
from runtime.extract.ted_export import read_ted_export
from tests.unit.ted_schemas import ARCHIVE, VERSIONS, hold
from tests.unit.ted_whole import whole

NEW = "http://publications.europa.eu/resource/schema/ted/R2.0.9/publication"
OLD = "http://publications.europa.eu/TED_schema/Export"
# Of versions with another namespace than their family.
_NAMESPACES = {
    "R2.0.8.S03": "ted/R2.0.8.S03/publication",
    "R2.0.8.S04": "http://publications.europa.eu/resource/schema/ted/R2.0.8/publication",
    "R2.0.8.S05": "http://publications.europa.eu/resource/schema/ted/R2.0.8/publication",
    "R2.0.9.S01": "http://formex.publications.europa.eu/ted/schema/export/R2.0.9.S01.E01",
    "R2.0.9.S02": "ted/R2.0.9.S02/publication",
}
_NUTS = {
    "R2.0.8.S05": "http://publications.europa.eu/resource/schema/ted/2021/nuts",
    "R2.0.9.S02": "ted/2016/nuts",
    "R2.0.9.S03": "http://publications.europa.eu/resource/schema/ted/2016/nuts",
    "R2.0.9.S05": "http://publications.europa.eu/resource/schema/ted/2021/nuts",
}
# Forms of R2.0.8 that say which kind of contract it is by an attribute.
_WITH_KIND = re.compile(
    r"PRIOR_INFORMATION|CONTRACT|CONTRACT_AWARD|\w+_DEFENCE|VOLUNTARY\w+|(PERIODIC\w+|CONTRACT)_UTILITIES"
)
MOST_BYTES = 100_000
"""Of a notice that is held to its schema; a hostile one is larger."""

BODY = (
    "<CONTRACTING_BODY><ADDRESS_CONTRACTING_BODY><OFFICIALNAME>Town of Northwick</OFFICIALNAME>"
    '<TOWN>Northwick</TOWN><COUNTRY VALUE="IE"/></ADDRESS_CONTRACTING_BODY></CONTRACTING_BODY>'
)


def document(
    body: str = BODY,
    *,
    form: str = "F03",
    version: str = "R2.0.9.S03.E01",
    namespace: str = "",
    forms: str | None = None,
    doc_id: str = "001234-2019",
    coded: str = "",
    codes: str = "",
    extra: str = "",
) -> bytes:
    """A document with one original form in English, or with the forms given."""
    if forms is None:
        forms = f'<{form}_2014 CATEGORY="ORIGINAL" LG="EN" FORM="{form}">{body}</{form}_2014>'
    is_old = version.startswith(("R2.0.7", "R2.0.8"))
    namespace = namespace or _NAMESPACES.get(version[:10], OLD if is_old else NEW)
    nuts = _NUTS.get(version[:10], namespace)
    of_root = "" if is_old else f' VERSION="{version}"'  # older forms say it themselves
    return (
        f'<TED_EXPORT xmlns="{namespace}" xmlns:n="{nuts}"{of_root} DOC_ID="{doc_id}" EDITION="2019043">'
        "<CODED_DATA_SECTION><REF_OJS><COLL_OJ>S</COLL_OJ><NO_OJ>43</NO_OJ><DATE_PUB>20190301</DATE_PUB></REF_OJS>"
        "<NOTICE_DATA><NO_DOC_OJS>2019/S 043-001234</NO_DOC_OJS><LG_ORIG>EN</LG_ORIG>"
        f'<ISO_COUNTRY VALUE="IE"/>{coded}</NOTICE_DATA>'
        f"<CODIF_DATA><DS_DATE_DISPATCH>20190227</DS_DATE_DISPATCH>{codes}</CODIF_DATA></CODED_DATA_SECTION>"
        f"{extra}<FORM_SECTION>{forms}</FORM_SECTION></TED_EXPORT>"
    ).encode()


def inside(path: str, *contents: str) -> str:
    """Contents below elements, the outermost first: `inside("A/B", "c")` is <A><B>c</B></A>."""
    names = path.split("/")
    return "".join((*(f"<{name}>" for name in names), *contents, *(f"</{name}>" for name in reversed(names))))


def older(body: str, *, form: str = "3", name: str = "CONTRACT_AWARD", version: str = "R2.0.8.S02.E01") -> bytes:
    """A document of R2.0.7 or R2.0.8."""
    kind = ' CTYPE="SERVICES"' if _WITH_KIND.fullmatch(name) else ""
    return document(
        forms=f'<{name} CATEGORY="ORIGINAL" LG="EN" FORM="{form}" VERSION="{version}">'
        f"<FD_{name}{kind}>{body}</FD_{name}></{name}>",
        version=version,
    )


def read(data: bytes, *faults: str) -> Notice:
    """Read a document as extraction does.

    Parameters
    ----------
    data : parts of a notice that is valid by the schema of its version, where one is published
    faults : words of what the schema has against it, which is then deliberate
    """
    root = etree.fromstring(data)
    forms = root.iterfind("{*}FORM_SECTION/*")
    version = (root.get("VERSION") or next((form.get("VERSION", "") for form in forms), ""))[:10]
    if version in VERSIONS and ARCHIVE.is_file() and len(data) < MOST_BYTES:
        hold(whole(data, version)[1], *faults)
    return read_ted_export(root)


def rows(notice: Notice, table: str, *, role: str | None = None) -> list[Row]:
    """Rows of a table, or the parties of a role."""
    return [row for row in notice.children.get(table, []) if role is None or row["role"] == role]
