from lxml import etree

from runtime.extract.ted_export.draft import Draft


def read_older(draft: Draft, form: etree._Element) -> None:
    pass
