# Two commands: `make serve` brings up the site, `make test` proves it.
PYTHON ?= python3
BIND ?= 127.0.0.1:8000
BIN := .venv/bin
FLASK := $(BIN)/flask --app app
PIP := $(BIN)/pip install -q --disable-pip-version-check
export HHB_DATA ?= var

.DELETE_ON_ERROR:
.PHONY: serve test check static bench faults deploy-proof environment packages lock docs pictures

serve: environment
	@$(FLASK) migrate
	@$(FLASK) seed demo --if-empty
	@$(FLASK) serve --bind $(BIND)

# Two at a time, file by file: each process has its own browser, database server and folders.
test: static packages
	@$(BIN)/pytest -n 2 --dist loadfile

# The fast part: style, types, layers, and the tests that need neither Debian's packages nor a second.
check: static
	@$(BIN)/pytest -q -m "not browser and not postgres and not packages and not slow"

static: .venv/.test-tools
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/.test-tools
	@tests/provide_packages.sh hugo wrk
	@$(BIN)/python -m bench

faults: .venv/.test-tools packages
	@$(BIN)/python -m bench.faults

# docs/deploy.md, command by command, on a second and empty Debian without a network; as root.
deploy-proof: .venv/.test-tools packages
	@$(BIN)/python -m tests.deploy.prove

# What the site itself needs; afterwards `. .venv/bin/activate` gives `flask --app app …`.
environment: .venv/.run-time

# Chromium, PostgreSQL, fonts, and the small tools that tests read prints with: Debian's packages.
packages:
	@tests/provide_packages.sh

lock: .venv/.test-tools
	@$(PIP) uv
	@$(BIN)/uv pip compile pyproject.toml --generate-hashes --universal -q -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra test --generate-hashes --universal -q -o requirements-test.lock

# The command reference, from the program's own help.
docs: .venv/.test-tools
	@$(BIN)/python -m tests.house.command_reference
	@$(BIN)/python -m tests.grading.schema_files

# The READMEs' pictures, from the site that `make serve` runs.
pictures: .venv/.test-tools packages
	@$(BIN)/python -m tests.browser.take_pictures http://$(BIND)

.venv/bin/python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "需要 Python 3.11 或更新版本及 venv：sudo apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.run-time: requirements.lock | .venv/bin/python
	@echo "正在准备运行环境，第一次要一两分钟……"
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

.venv/.test-tools: requirements-test.lock | .venv/bin/python
	@echo "正在准备测试环境，第一次要一两分钟……"
	@$(PIP) --require-hashes -r requirements-test.lock
	@touch $@
