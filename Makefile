# Everything runs in a virtual environment inside the checkout; nothing else on the machine is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONUTF8 := 1
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench drill docs openapi migrate lock clean

help: ## show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: $(VENV)/.ready ## create the virtual environment and install the pinned dependencies

$(VENV)/.ready: requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Kaixu needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "setting up $(VENV): about 120 packages, a minute or two the first time"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## start a hub and two nodes with real sample listings (ARGS=--once to run and exit)
	@$(BIN)/python -m deploy.demo $(ARGS)

test: check ## check the code, then run every test
	@$(BIN)/pytest $(or $(ARGS),-n 2)

check: setup ## format, lint, types, import order, dead code, dependencies, prose
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo > $(VENV)/imports.txt 2>&1 || (cat $(VENV)/imports.txt; exit 1)
	@$(BIN)/mypy
	@$(BIN)/vulture
	@$(BIN)/deptry --no-ansi . > $(VENV)/deptry.txt 2>&1 || (cat $(VENV)/deptry.txt; exit 1)
	@$(BIN)/codespell
	@$(BIN)/tombi lint --quiet --offline . > $(VENV)/tombi.txt 2>&1 || (cat $(VENV)/tombi.txt; exit 1)

bench: setup ## measure speed as ratios (docs/performance.md); PEERS=1: beside pycsw
	@$(BIN)/python -m deploy.bench $(if $(PEERS),--peers) $(ARGS)

drill: setup ## break everything and prove that nothing is lost (docs/reliability.md)
	@$(BIN)/python -m deploy.drill $(ARGS)

docs: setup ## write the generated parts of docs/ again
	@$(BIN)/python -m deploy.write_docs

openapi: setup ## write openapi/main_platform.json and openapi/subplatform.json
	@$(BIN)/python -m deploy.write_openapi

migrate: setup ## check that both migration histories match the tables
	@$(BIN)/python -m deploy.check_migrations $(ARGS)

lock: setup ## pin every dependency again, by version and hash
	@$(COMPILE) --constraint requirements/dev.lock --extra dev --output-file requirements/dev.lock
	@$(COMPILE) --constraint requirements/dev.lock --output-file requirements/run.lock

clean: ## remove the virtual environment and all local state
	rm -rf $(VENV) .demo .bench .test-data
