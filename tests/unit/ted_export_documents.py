"""Small made-up TED_EXPORT documents, in the shapes of the schema versions."""

from lxml import etree

from runtime.extract.notice import Notice, Row
from runtime.extract.ted_export import read_ted_export

NEW = "http://publications.europa.eu/resource/schema/ted/R2.0.9/publication"
OLD = "http://publications.europa.eu/TED_schema/Export"
NUTS = "http://publications.europa.eu/resource/schema/ted/2021/nuts"

BODY = (
    "<CONTRACTING_BODY><ADDRESS_CONTRACTING_BODY><OFFICIALNAME>Town of Northwick</OFFICIALNAME>"
    '<TOWN>Northwick</TOWN><COUNTRY VALUE="IE"/></ADDRESS_CONTRACTING_BODY></CONTRACTING_BODY>'
)


def document(
    body: str = BODY,
    *,
    form: str = "F03",
    version: str = "R2.0.9.S03.E01",
    namespace: str = NEW,
    forms: str | None = None,
    doc_id: str = "001234-2019",
    coded: str = "",
    codes: str = "",
    extra: str = "",
) -> bytes:
    """A document with one original form in English, or with the forms given."""
    if forms is None:
        forms = f'<{form}_2014 CATEGORY="ORIGINAL" LG="EN" FORM="{form}">{body}</{form}_2014>'
    return (
        f'<TED_EXPORT xmlns="{namespace}" xmlns:n="{NUTS}" VERSION="{version}" DOC_ID="{doc_id}" EDITION="2019043">'
        "<CODED_DATA_SECTION><REF_OJS><COLL_OJ>S</COLL_OJ><NO_OJ>43</NO_OJ><DATE_PUB>20190301</DATE_PUB></REF_OJS>"
        "<NOTICE_DATA><NO_DOC_OJS>2019/S 043-001234</NO_DOC_OJS><LG_ORIG>EN</LG_ORIG>"
        f'<ISO_COUNTRY VALUE="IE"/>{coded}</NOTICE_DATA>'
        f"<CODIF_DATA><DS_DATE_DISPATCH>20190227</DS_DATE_DISPATCH>{codes}</CODIF_DATA></CODED_DATA_SECTION>"
        f"{extra}<FORM_SECTION>{forms}</FORM_SECTION></TED_EXPORT>"
    ).encode()


def older(body: str, *, form: str = "3", name: str = "CONTRACT_AWARD", version: str = "R2.0.8.S02.E01") -> bytes:
    """A document of R2.0.7 or R2.0.8."""
    return document(
        forms=f'<{name} CATEGORY="ORIGINAL" LG="EN" FORM="{form}" VERSION="{version}">'
        f'<FD_{name} CTYPE="SERVICES">{body}</FD_{name}></{name}>',
        namespace=OLD,
        version=version,
    )


def read(data: bytes) -> Notice:
    """Read a document as extraction does."""
    return read_ted_export(etree.fromstring(data))


def rows(notice: Notice, table: str, *, role: str | None = None) -> list[Row]:
    """Rows of a table, or the parties of a role."""
    return [row for row in notice.children.get(table, []) if role is None or row["role"] == role]
