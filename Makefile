.DEFAULT_GOAL := help
.PHONY: help setup demo up test soak fuzz prove check bench bench-peers docs lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## make the virtual environment with pinned, hash-checked packages

$(READY): requirements-dev.txt pyproject.toml
	@echo "Setting up: the virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit("Manyhands needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)  ## show the whole path on an embedded Kafka and PostgreSQL, then stop it
	@echo "Running the demonstration: a lifelike history from event to referral board"
	@$(BIN)/manyhands demo

up: $(READY)  ## the demonstration's set-up, staying in the foreground until Ctrl-C
	@echo "Bringing everything up; Ctrl-C stops it"
	@$(BIN)/manyhands up

test: $(READY)  ## run all tests on an embedded Kafka and PostgreSQL
	@echo "Testing: unit, integration and acceptance"
	@$(BIN)/python -m tests

soak: $(READY)  ## the tests of faults with twenty seeds; takes about two hours on two cores
	@echo "Soaking: kills, freezes and restarts, twenty times over"
	@MANYHANDS_SOAK=20 $(BIN)/python -m pytest -m faults

fuzz: $(READY)  ## 200,000 hostile requests, then all that the API describes; takes about half an hour
	@echo "Fuzzing: a gateway of its own, asked what nobody should ask"
	@$(BIN)/python -m tests.fuzz

prove: $(READY)  ## loop figures of 200,000 events beside plain SQL over the raw log; takes minutes
	@echo "Proving: every cut of the loop figures, now and at earlier instants"
	@MANYHANDS_LOOPS=200000 $(BIN)/python -m pytest tests/integration/reading/test_loops.py

check: $(READY)  ## lint, formatting, types, and the arrows between packages
	@echo "Checking: ruff, mypy, import-linter"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY)  ## measure throughput and latency, as ratios within one run
	@echo "Measuring; results go to bench/RESULTS.md"
	@$(BIN)/python -m bench

bench-peers: $(READY)  ## install the engines measured beside ours, in an environment of their own
	@echo "Installing: the peers, in build/peers"
	@$(BIN)/python -m bench.peers

docs: $(READY)  ## render the documentation to build/site, to be opened in a browser
	@echo "Rendering: the documentation, to build/site/index.html"
	@$(BIN)/python -m docs.site build/site

lock:  ## resolve the pinned packages again (needs uv)
	@echo "Locking: requirements.txt, requirements-dev.txt and the peers'"
	@uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --output-file requirements.txt pyproject.toml
	@uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --output-file requirements-dev.txt pyproject.toml --group dev
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --output-file bench/peers/requirements.txt bench/peers/requirements.in

clean:  ## remove the virtual environment and caches; data is kept
	@echo "Cleaning: $(VENV) and caches"
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
