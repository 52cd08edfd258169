# The two commands to know: `make local` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Everything runs with this project's own Python, Node and CDK CLI.
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
UV_VERSION := 0.13.9
ENVIRONMENT ?= local

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(VENV)/.ready node_modules/.ready build/functions/.ready ## Install what is pinned (quick when nothing changed)

$(VENV)/bin/uv: Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.13 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV)/.ready: $(VENV)/bin/uv requirements-dev.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements-dev.txt
	@touch $@

node_modules/.ready: $(VENV)/.ready package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Pure-Python wheels from pinned hashes, no Docker: one archive serves every architecture.
build/functions/.ready: $(VENV)/.ready lambda/requirements.txt
	rm -rf build/functions && mkdir -p build/functions
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --target build/functions \
		--require-hashes --no-deps --no-compile --only-binary=:all: \
		--platform any --implementation py --abi none --python-version 3.13 -r lambda/requirements.txt
	rm -rf build/functions/bin build/functions/*.dist-info/RECORD
	@touch $@

.PHONY: local
local: setup ## Deploy into the AWS on this computer and use it (KEEP=1 leaves it running, PORT=, ENVIRONMENT=)
	@python -m ops.local up --environment "$(ENVIRONMENT)" $(if $(PORT),--port $(PORT)) $(if $(filter-out 0,$(KEEP)),--keep)

.PHONY: local-down
local-down: setup ## Stop what `make local KEEP=1` left running
	@python -m ops.local down

.PHONY: drill
drill: ENVIRONMENT = prod
drill: setup ## Lose regions of ENVIRONMENT (prod) on this computer, with real processes (SCENARIO=, OUTPUT=)
	@python -m ops.failover drill --environment "$(ENVIRONMENT)" --application $(if $(SCENARIO),--scenario "$(SCENARIO)") $(if $(OUTPUT),--output "$(OUTPUT)")

.PHONY: budget
budget: setup ## Show how long a recovery takes at worst in ENVIRONMENT, and what is promised
	@python -m ops.failover budget --environment "$(ENVIRONMENT)"

.PHONY: lock
lock: $(VENV)/.ready ## Resolve the pinned dependencies anew
	uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.txt
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header -c requirements-dev.txt requirements.in -o requirements.txt
	uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.13 --no-header \
		--no-emit-package botocore --no-emit-package python-dateutil --no-emit-package six --no-emit-package urllib3 \
		lambda/requirements.in -o lambda/requirements.txt
	npm update --package-lock-only --no-audit --no-fund

.PHONY: check
check: setup ## Linter, formatter, types and every test that needs no deployment
	ruff check .
	ruff format --check .
	mypy
	python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not deployment" --cov --cov-report=term

.PHONY: test
test: setup ## Everything: the checks, then the end-to-end deployment with IAM enforced
	ruff check .
	ruff format --check .
	mypy
	python -m pytest -n auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term

.PHONY: snapshots
snapshots: setup ## Accept the templates as they are now, for the review of what a change means
	python -m pytest --snapshot-update tests/platform/test_snapshots.py

.PHONY: gates
gates: setup ## cfn-lint and cdk-nag over ENVIRONMENT
	python -m ops.gates --environment $(ENVIRONMENT)

.PHONY: benchmark
benchmark: setup ## Start times of the functions
	python -m ops.benchmark

.PHONY: schema
schema: setup ## Write the JSON Schema of the environment files anew
	python -m ops.schema

.PHONY: clean
clean: ## Remove everything that setup and synthesis made
	rm -rf $(VENV) node_modules build cdk.out .local .mypy_cache .pytest_cache .ruff_cache .coverage
