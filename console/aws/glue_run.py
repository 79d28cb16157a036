"""Runs a Glue script in a process of its own: `python glue_run.py SCRIPT ARGUMENT…`.

The process ends with the one that started it, also when that one is killed. It does not see the project's own
checkout: a module that was not deployed with the job is missing here as it is in Glue.
"""

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Run the script as the main program."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    sys.argv = sys.argv[1:]
    script = Path(sys.argv[0])
    project = Path(__file__).resolve().parent.parent.parent
    sys.path[:] = [str(script.parent)] + [entry for entry in sys.path[1:] if Path(entry).resolve() != project]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in getattr(finder, "__module__", "")]
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    main()
