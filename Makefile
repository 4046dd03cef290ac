# What people and CI type. `make help` lists it.

PORT ?= 8000
# One more than there are processors: some tests wait for a browser or another process.
WORKERS ?= $(shell expr $$(nproc) + 1)
# Not ?=: some shells export HOST as the name of the machine, and we would then listen to the network unasked.
HOST := 127.0.0.1

# Compiled modules are kept: hundreds of processes load the service in one run of the tests, and each would
# compile all of it, and rewrite all the tests, again.
unexport PYTHONDONTWRITEBYTECODE

VENV_PYTHON := .venv/bin/python
PIP := $(VENV_PYTHON) -m pip --disable-pip-version-check --quiet

SCORE := ../shared/tools/score_import.py

.PHONY: help setup run test test-setup lint sbom audit bench year soak faults score findings screenshots lock clean
.DELETE_ON_ERROR:

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: .venv/installed-run ## make .venv and install what the application needs; quick when there is nothing to do

run: setup ## start the application: make run [PORT=8000] [HOST=127.0.0.1]
	@exec $(VENV_PYTHON) -m postmortems serve --host $(HOST) --port $(PORT)

test: test-setup ## run the tests: make test [ARGS="-k guards"]
	$(VENV_PYTHON) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-setup: .venv/installed-dev
	@$(VENV_PYTHON) -m tests.system_packages

lint: .venv/installed-dev ## ruff, mypy, and the licences of what we run with
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy
	$(VENV_PYTHON) -m tests.licences

sbom: .venv/installed-dev ## print the bill of materials (CycloneDX, JSON) of what we run with
	@$(VENV_PYTHON) -m tests.sbom

audit: ## ask for known weaknesses of what is locked; needs the network, and says so without it
	@scripts/audit

bench: test-setup ## measure our speed: make bench [ARGS="--rows P4,P6 --incidents 2000 --database sqlite"]
	$(VENV_PYTHON) -m tests.bench $(ARGS)

year: test-setup ## play a year of a company in minutes: make year [ARGS="--people 500 --database postgresql"]
	$(VENV_PYTHON) -m tests.bench.year $(ARGS)

soak: test-setup ## hours of mixed work at a low rate, and what grows: make soak [ARGS="--minutes 20 --database postgresql"]
	$(VENV_PYTHON) -m tests.bench.soak $(ARGS)

faults: test-setup ## kill, starve and race real processes; ARGS=--record writes what they came to into docs/faults.md
	$(VENV_PYTHON) -m pytest tests/faults -m faults -v $(ARGS)

score: test-setup ## how well real reports are read, where there are any: make score [ARGS=--show]
	@if [ -f $(SCORE) ]; then $(VENV_PYTHON) $(SCORE) $(ARGS); \
	else echo "There is no $(SCORE): real reports lie beside the project, not in it."; fi

findings: ## see whether libraries still do what surprised us; needs the package index
	@set -e; for script in findings/*.sh; do echo "== $$script"; bash "$$script"; done

screenshots: test-setup ## take a picture of every page into screenshots/, and those of the guides anew
	$(VENV_PYTHON) -m tests.browser.screenshots $(ARGS)
	$(VENV_PYTHON) -m tests.browser.pictures

lock: ## choose new versions: requirements*.in to requirements*.txt, with hashes
	scripts/lock $(ARGS)

clean: ## remove what make and the tests made; the data in instance/ stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: make compares their dates with those of the locked requirements, so a second call does nothing.

.venv/installed-run: requirements.txt .venv/bin/python
	@echo "Installing what the application needs into .venv ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt requirements-pdf.txt requirements-mcp.txt requirements-watch.txt .venv/installed-run
	@echo "Installing what tests and linters need into .venv ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt -r requirements-pdf.txt -r requirements-mcp.txt -r requirements-watch.txt
	@touch $@

# A link to the system's Python: when an upgrade has removed that, .venv is made anew, and all in it whatever the stamps say.
.venv/bin/python:
	@scripts/make-venv

ifeq ($(realpath .venv/bin/python),)
.PHONY: .venv/installed-run
endif
