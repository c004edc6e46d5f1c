# Ducha · 督查。`make` says what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash

usable = import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(usable)' >/dev/null 2>&1 && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: help demo up down test lint docs lock clean bench history
help: ## this page
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: requirements.lock
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11、3.12 或 3.13（含 venv）· Python 3.11 to 3.13 with venv is needed"; exit 2; }
	@echo "[1/2] 建立环境 · making $(VENV) with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv --clear $(VENV)
	@echo "[2/2] 安装锁定的软件包（约 1–3 分钟）· installing the locked packages (1 to 3 minutes)"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed requirements-dev.lock
	@echo "安装测试工具 · installing the tools of the tests"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.installed ## bare machine: a sample county, seven weeks of history, one real week through the real DAGs
	@$(BIN)/ducha demo

up: $(VENV)/.installed ## Airflow with its web page on this machine, on the embedded PostgreSQL
	@$(BIN)/ducha up

down: ## stop it; nothing is left running
	@test ! -x $(BIN)/ducha || $(BIN)/ducha down

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: $(VENV)/.dev lint ## everything that CI runs
	$(BIN)/python -m pytest

docs: $(VENV)/.dev ## the generated pages of docs/
	$(BIN)/python docs/generate.py

bench: $(VENV)/.dev ## a week against the usual way, the kernel against DuckDB, a release with a year behind it, a million rows
	$(BIN)/python bench/week.py
	$(BIN)/python bench/kernel.py
	$(BIN)/python bench/release.py
	$(BIN)/python bench/load.py

history: $(VENV)/.dev ## a real and a sample history shuffled, killed and as known then: counts beside a plain computation
	$(BIN)/python -m pytest -q -s tests/integration/test_histories.py

lock: ## requirements.lock anew from requirements.in (needs uv)
	uv pip compile requirements.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	uv pip compile requirements-dev.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

clean: down ## remove what the pipeline wrote on this machine, and the environment
	rm -rf .ducha $(VENV)
