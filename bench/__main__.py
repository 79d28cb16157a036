"""All benchmarks in turn, or those that are named: python -m bench [extract] [transfer] [merge] [synth]

Each prints its own figures and runs in a process of its own, for they measure memory and choose their cores. Ends with
the number of benchmarks that broke off or did not keep their promises.
"""

import argparse
import subprocess
import sys

NAMES = ("extract", "transfer", "merge", "synth")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; none is all")
    chosen = parser.parse_args().names or NAMES
    if unknown := set(chosen) - set(NAMES):
        parser.error(f"expected {', '.join(NAMES)}, got {', '.join(sorted(unknown))}")
    failed = []
    for name in chosen:
        sys.stdout.write(f"# {name}\n")
        sys.stdout.flush()
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
