from pathlib import Path


def apply(folder: Path) -> None: ...
