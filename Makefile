# Two commands: `make serve` brings up the site, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
FLASK := $(BIN)/flask --app app
export HHB_DATA ?= var

.PHONY: serve test check bench faults lock packages docs

serve: .venv/.run-time
	@$(FLASK) migrate
	@$(FLASK) seed demo --if-empty
	@$(FLASK) serve

test: .venv/.test-tools packages check
	@$(BIN)/pytest

# The fast part: style, types, layers, and the tests that need no browser and no server.
check: .venv/.test-tools
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -q -m "not browser and not postgres and not slow"

bench: .venv/.test-tools
	@tests/provide_packages.sh hugo
	@$(BIN)/python -m bench

faults: .venv/.test-tools packages
	@$(BIN)/python -m bench.faults

# Chromium, PostgreSQL and the small tools that tests read pages and plates with: Debian's packages.
packages:
	@tests/provide_packages.sh

lock: .venv/.test-tools
	@$(BIN)/pip install -q uv
	@$(BIN)/uv pip compile pyproject.toml --generate-hashes --universal -q -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra test --generate-hashes --universal -q -o requirements-test.lock

.venv/bin/python:
	@$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新版本及 venv：apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.run-time: requirements.lock | .venv/bin/python
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.test-tools: requirements-test.lock | .venv/bin/python
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

# The command reference, from the program's own help.
docs: .venv/.test-tools
	@$(BIN)/python -m tests.house.command_reference
