"""Reading TED_EXPORT notices: R2.0.7, R2.0.8 (civil and defence), R2.0.9, and prose without a form."""

from runtime.extract.ted_export.reader import read_ted_export

__all__ = ["read_ted_export"]
