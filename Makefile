# Every target brings about what it needs by itself: Python >= 3.11, make and git are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CHECKOV := .cache/checkov/.ready
CLIENTS := $(patsubst %,.cache/%/.ready,awscli awswrangler dbt polars pyathena)
ENFORCED := tests/clients/test_enforced.py
PACKAGES ?=
SQL ?=
IAM ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Containers often set it; each process would compile the project and what it loads anew.
export PYTHONDONTWRITEBYTECODE :=
PYTEST := $(BIN)/python -m pytest -n auto

.DEFAULT_GOAL := help
.PHONY: help setup demo check test unit infra spark local trino clients lint style synth bench lock docs snapshots clean

help: ## Show this list
	@echo "CCA-TED: a procurement data lake as one CDK app"; echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'
	@echo; echo "  make demo PACKAGES=DIR   runs the demo on a folder of real daily packages"
	@echo "  make demo SQL=trino      asks Trino itself, Athena's own kind of engine (821 MB once)"

setup: $(READY) ## Install everything into .venv and node_modules

$(READY): requirements/uv.txt requirements/dev.txt requirements/java.txt requirements/node.txt package-lock.json pyproject.toml setup.sh
	@PYTHON=$(PYTHON) VENV=$(VENV) bash setup.sh
	@touch $@

demo: $(READY) ## Deploy into an embedded AWS, run the pipeline, show answers
	@$(BIN)/ted demo $(if $(PACKAGES),--packages $(PACKAGES)) $(if $(SQL),--sql $(SQL))

check: style ## What a change needs before each commit: style, types and the quick unit tests
	@$(PYTEST) -q -m "not long" tests/unit

test: $(READY) ## Run all tests, also those that deploy into the embedded AWS, and measure coverage
	@$(PYTEST) --cov

unit: $(READY) ## Tests on plain values
	@$(PYTEST) tests/unit

infra: $(READY) ## Tests of the synthesised templates
	@$(BIN)/python -m pytest tests/infra

spark: $(READY) ## Tests of the merge on a local Spark
	@$(BIN)/python -m pytest tests/spark

local: $(READY) ## Tests that deploy into the embedded AWS
	@$(PYTEST) tests/local

trino: $(READY) ## Tests beside a Trino server, Athena's own kind of engine (821 MB once)
	@$(BIN)/python -m pytest tests/trino

clients: $(READY) $(CLIENTS) ## Tests of dbt, awswrangler, PyAthena and other clients (SQL=trino, IAM=1)
	@$(if $(SQL),CCA_TED_SQL=$(SQL)) $(if $(SQL)$(IAM),$(BIN)/python -m pytest,$(PYTEST)) $(if $(IAM),$(ENFORCED),tests/clients --ignore=$(ENFORCED))

style: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

lint: style $(CHECKOV) ## Style, types, workflows and templates
	@$(BIN)/actionlint
	@$(BIN)/python -m tests.infra.lint

# Their pins conflict with ours, so each has an environment of its own. Tests make those that they need.
$(CHECKOV) $(CLIENTS): .cache/%/.ready: requirements/%.txt | $(READY)
	@echo "fetching $*"
	@rm -rf $(@D) && mkdir -p .cache && $(BIN)/uv venv --quiet --python $(BIN)/python $(@D)
	@$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r requirements/$*.txt
	@touch $@

synth: $(READY) ## Write the CloudFormation templates to cdk.out (INITIALS=nfr)
	@$(BIN)/python -m console.cdk synth -c initials=$(or $(INITIALS),demo)

bench: $(READY) ## Measure speed and memory beside floors and peers
	@$(BIN)/python -m bench

snapshots: $(READY) ## Write the templates that the tests compare with
	@UPDATE_SNAPSHOTS=1 $(BIN)/python -m pytest -q tests/infra/test_snapshots.py

docs: $(READY) ## Write the generated pages of docs/
	@$(BIN)/python -m console.docs

lock: $(READY) ## Resolve the dependencies of pyproject.toml again
	@bash lock.sh

clean: ## Remove what the targets made, .venv and caches too
	rm -rf $(VENV) node_modules cdk.out .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage build *.egg-info
