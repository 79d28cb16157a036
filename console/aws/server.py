"""The process of the embedded AWS: mends ministack, then serves until it is stopped.

Started by the launcher as `python -m console.aws.server FOLDER PARENT`. With a parent (a process id; 0 for none) it
ends when that process ends, however that ends. Without one it keeps what it holds in the folder, so that another one
can go on with it; SIGUSR1 makes it save all of it at once.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil

SAVED = "state.saved"  # touched when all is saved
_SAVE_SECONDS = 5
_STEADY = ("cloudformation", "lambda")


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

    if not parent:
        asked = threading.Event()
        signal.signal(signal.SIGUSR1, lambda *_: asked.set())
        threading.Thread(target=_save_often, args=(folder, asked), daemon=True).start()
    sys.argv = sys.argv[:1]
    app.main()


def _save_often(folder: Path, asked: threading.Event) -> None:
    """Save all but the objects: ministack alone does so when it is asked to end, and not when it is killed.

    What a deployment makes is large and moves seldom, so it is saved when that is asked for.
    """
    from ministack import app
    from ministack.core import persistence

    while True:
        is_all = asked.wait(_SAVE_SECONDS)
        asked.clear()
        states = app._build_persistence_save_dict()
        persistence.save_all({name: get for name, get in states.items() if is_all or name not in _STEADY})
        if is_all:
            (folder / SAVED).touch()


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
