"""The process of the embedded AWS: mends ministack, then serves until it is stopped.

Started by the launcher as `python -m console.aws.server FOLDER PARENT`. With a parent (a process id; 0 for none) it
ends when that process ends, however that ends.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil


def main() -> None:
    """Mend and serve."""
    folder, parent = Path(sys.argv[1]), int(sys.argv[2])
    if parent:
        _end_with(parent)
    from console.aws import mends, trino_server

    port = trino_server.port_of_environment()
    mends.apply(folder, port)
    if port:
        trino_server.spawn(folder, port, dict(os.environ))
    from ministack import app

    sys.argv = sys.argv[:1]
    app.main()


def _end_with(parent: int) -> None:
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    # A signal alone would not do: ministack may ignore it, and children in groups of their own would stay.
    while os.getppid() == parent:
        time.sleep(0.5)
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
