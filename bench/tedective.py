"""tedective-etl on the members that it reads, beside lxml's parse of the same; run by an interpreter that has it.

    PYTHON bench/tedective.py FOLDER

FOLDER has one XML file for each member. Printed as JSON: processor seconds, and how many members gave a release.
It reads F01 to F03 of R2.0.9 and makes OCDS releases; amounts are turned into euros with the rates in its own
`ted_currencies/rates.json`, which it downloads: without that file, those notices fail, and are counted.
"""

import json
import sys
import time
from pathlib import Path

from lxml import etree
from tedective_etl.ted_to_ocds.process import process_ted_notice


def main() -> None:
    parse = read = 0.0
    notices = failed = 0
    for path in sorted(Path(sys.argv[1]).iterdir()):
        data = path.read_bytes()
        started = time.process_time()
        etree.fromstring(data)
        parsed = time.process_time()
        try:
            found = process_ted_notice(str(path))
        except Exception:  # what it cannot read is no news, but counted
            failed += 1
            continue
        if found["releases"]:  # the time of forms that it passes over says nothing
            notices += 1
            parse += parsed - started
            read += time.process_time() - parsed
    print(json.dumps({"parse_s": parse, "cpu_s": read, "notices": notices, "failed": failed}))


if __name__ == "__main__":
    main()
