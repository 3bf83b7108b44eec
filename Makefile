# Everything runs in .venv, made from the lock files; a target makes what it needs first.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK = $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help setup serve test test-machine test-cluster lint lock catalogue bench relevance cluster cluster-stop clean

help:
	@echo "make serve      index the bundled sample and serve it at http://127.0.0.1:8000"
	@echo "make test       lint, types and the whole test suite"
	@echo "make setup      only make the environment in $(VENV)"
	@echo "make lint       ruff and mypy"
	@echo "make bench      speed beside tantivy, Lucene and others, into docs/benchmarks.md (needs the shared corpora)"
	@echo "make cluster    three OpenSearch nodes on this machine (needs Java 21 or newer, and Maven); make cluster-stop ends them"
	@echo "make relevance  ranking quality beside Lucene and tantivy, into docs/relevance.md (needs the shared corpora)"
	@echo "make catalogue  take the pages' new texts into the Arabic catalogue and compile it"
	@echo "make lock       resolve the dependencies again into the lock files"

$(VENV)/serve.stamp: requirements.txt pyproject.toml
	@echo "Making the environment in $(VENV) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/fihris compile
	@touch $@

$(VENV)/test.stamp: requirements-dev.txt $(VENV)/serve.stamp
	@echo "Adding the test tools to $(VENV) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(VENV)/serve.stamp

serve: setup
	@$(BIN)/fihris serve --sample

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	@$(MAKE) --no-print-directory -j2 test-machine test-cluster

test-machine: $(VENV)/test.stamp
	$(BIN)/python -m pytest -m "not cluster"

# Most of its time it waits for nodes: hence beside the others. What it says comes when it is through.
test-cluster: $(VENV)/test.stamp
	@set -o pipefail; $(BIN)/python -m pytest -m cluster 2>&1 | sed 's/^/cluster | /'

bench: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.speed

relevance: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.relevance

cluster: $(VENV)/test.stamp
	@$(BIN)/python -m benchmarks.cluster start

cluster-stop:
	@$(BIN)/python -m benchmarks.cluster stop

lock:
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install -q uv
	$(LOCK) --extra build pyproject.toml -o requirements.txt
	$(LOCK) --extra build --extra dev --extra bench --extra opensearch -c requirements.txt pyproject.toml -o requirements-dev.txt

CATALOGUE := web/translations/ar/LC_MESSAGES/messages

catalogue: $(VENV)/test.stamp
	$(BIN)/pybabel -q extract -F web/translations/extraction.cfg -k lazy_gettext --omit-header --no-location -o $(CATALOGUE).pot web
	$(BIN)/pybabel -q update -i $(CATALOGUE).pot -d web/translations -l ar --no-fuzzy-matching --ignore-pot-creation-date --ignore-obsolete --no-wrap
	@rm $(CATALOGUE).pot
	$(BIN)/pybabel -q compile -d web/translations

clean:
	rm -rf $(VENV) var build *.egg-info
