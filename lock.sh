#!/usr/bin/env bash
# Resolves pyproject.toml into the lock files: exact versions with hashes, no addresses.
set -euo pipefail
cd "$(dirname "$0")"
compile() {
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-annotate --no-header "$@"
}
compile --group runtime --group infrastructure --group glue --group console --group development \
  -o requirements/dev.txt pyproject.toml
# The Lambda service brings boto3 and what it stands on.
compile --no-emit-package botocore --no-emit-package jmespath --no-emit-package python-dateutil \
  --no-emit-package six --no-emit-package urllib3 --group runtime -o requirements/layer.txt pyproject.toml
for tool in uv java trino node checkov awscli dbt awswrangler polars pyathena; do compile --group "$tool" -o "requirements/$tool.txt" pyproject.toml; done
