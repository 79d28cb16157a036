"""The sample publisher as a process of its own: `python -m console.publisher FOLDER ADDRESS_FILE [PORT]`.

It serves the folder's packages until it is stopped, and writes its address into the file once it does.
"""

import sys
import threading
from pathlib import Path

from console.sample.server import Publisher, Shelf


def main() -> None:
    """Serve the folder."""
    folder, address = Path(sys.argv[1]), Path(sys.argv[2])
    with Publisher(Shelf.of_folder(folder), port=int(*sys.argv[3:])) as publisher:
        part = address.with_suffix(".part")
        part.write_text(publisher.url)
        part.replace(address)
        threading.Event().wait()


if __name__ == "__main__":
    main()
