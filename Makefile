# Every task of the house by name; each does its own set-up, and says what is missing where it cannot.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test test-long test-deps lint types bench memory lock clean

BIN := .venv/bin

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## .venv with everything in it and the command .venv/bin/karmalog
	@sh ops/setup.sh

demo: setup ## the main job on real events, in one process; prints the address of a page with live boards
	@$(BIN)/karmalog demo

test: lint types test-deps ## every check in about 25 minutes; starts Kafka and Redis by itself
	@$(BIN)/python -m pytest

test-long: lint types test-deps ## the same with 50,000 events, all reviews, more kills and 2,000 examples a property
	@KARMALOG_LANE=long $(BIN)/python -m pytest

test-deps: setup # what the tests start: Kafka, Redis or Valkey, Chromium, Compose
	@$(BIN)/python -m tests.services.provision

lint: setup ## ruff, its format, and which floor may import which
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/lint-imports --no-cache

types: setup ## mypy for everything, pyright for engine and schemas
	@$(BIN)/mypy
	@$(BIN)/pyright

bench: test-deps ## speed, as ratios to plain Faust and plain aiokafka
	@$(BIN)/python -m benchmarks

memory: test-deps ## bytes a member and an event, in the worker and in the store
	@$(BIN)/python -m benchmarks.memory

lock: setup ## the newest versions that pyproject.toml allows into the locks (needs uv)
	@sh ops/lock.sh

clean: ## removes what the other tasks made; a demo's data folder stays
	rm -rf .venv .cache dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
