"""eForms notices: UBL with the Publications Office's extensions, any subtype and SDK version."""

from runtime.extract.eforms.reader import read_eforms

__all__ = ["read_eforms"]
