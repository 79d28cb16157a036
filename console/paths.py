"""Folders of the project on the machine it runs on."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def user_cache_folder() -> Path:
    """Folder of what is too large to fetch for each clone; XDG_CACHE_HOME moves it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cca-ted"


def cache_folder() -> Path:
    """Folder of everything that can be made again; CCA_TED_CACHE moves it."""
    return Path(os.environ.get("CCA_TED_CACHE", PROJECT / ".cache"))
