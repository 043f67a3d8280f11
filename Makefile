# `make help` lists the targets. Each one sets up what it needs, once.

BIN := .venv/bin
# Ape finds anvil on the PATH alone.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Where it is set, each process compiles the hundreds of modules that it imports: seconds a command.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup build docs demo replay test chaos fuzz reach prove mutants thefts runs lint format gas bench soak snapshots clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/make \1|\2/p' Makefile | awk -F '|' '{ printf "%-16s %s\n", $$1, $$2 }'

setup: ## install packages and tools into the project, once
	@sh tools/setup.sh

build: setup ## compile what changed (all: 20 to 70 s), write macrostrike/_artifacts and _generated
	@$(BIN)/python -m tools.build

demo: build ## strikes for 25 bots on a local chain, start to end (ARGS="--prices FILE")
	@$(BIN)/ape run demo $(ARGS)

replay: build ## 1,500 strikes: the scripted reference run, and market history (ARGS="--seed N")
	@$(BIN)/ape run replay $(ARGS)

test: build ## the whole suite (ARGS="tests/unit -k name")
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

fuzz: build ## 400,000 random calls by everyone, all invariants checked, reports/fuzz.json (ARGS="--seed N")
	@$(BIN)/python -m tests.stateful $(ARGS)

reach: build ## every function, error and event with the tests that reach it, lines too, reports/reach.json
	@$(BIN)/python -m tests.reach $(ARGS)

prove: build ## machine-checked properties of the libraries, with bounds and a mutant of each, reports/prove.json
	@$(BIN)/python -m tests.prove $(ARGS)

mutants: build ## small mistakes in the contracts, each to be found by a test, reports/mutants.json (ARGS="--minutes 30 --seed N")
	@$(BIN)/python -m tests.mutants $(ARGS)

thefts: build ## the worst that strangers and thieves of a key can take, by search, reports/thefts.json
	@$(BIN)/python -m tests.security $(ARGS)

chaos: build ## 2,000 strikes under faults and kills, 500 simulated seeds, reports/chaos.json (ARGS="--strikes N")
	@$(BIN)/python -m tests.chaos $(ARGS)

runs: setup ## what the long runs found last, at which commit, and how old that is (ARGS="--keep fuzz")
	@$(BIN)/python -m tests.long_runs $(ARGS)

gas: build ## gas of every action and reports/gas.json
	@$(BIN)/python -m tests.gas $(ARGS)

bench: build ## strikes a second, latency, load, arbitrage search and reports/bench.json (ARGS="search load")
	@$(BIN)/python -m tests.bench $(ARGS)

soak: build ## 10,000 strikes through the whole service, memory measured, reports/soak.json (ARGS="--strikes N")
	@$(BIN)/python -m tests.soak $(ARGS)

docs: setup ## the documentation as a site, in site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet && echo "site/index.html"

lint: setup ## formatters, linters, types, import rules, static analysis, snapshots
	@echo "lint: ruff" && $(BIN)/ruff format --check --quiet && $(BIN)/ruff check --quiet
	@echo "lint: mypy" && $(BIN)/mypy --no-error-summary
	@echo "lint: imports of Python" && out=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$out"; exit 1; }
	@echo "lint: circles of imports" && $(BIN)/python -m tools.import_circles
	@echo "lint: imports of Solidity" && $(BIN)/python -m tools.solidity_layers
	@echo "lint: words" && $(BIN)/python -m tools.words
	@echo "lint: generated code" && $(BIN)/python -m tools.codegen --check
	@echo "lint: storage layout" && $(BIN)/python -m tools.storage_layout --check
	@echo "lint: alert rules" && $(BIN)/python -m tools.alert_rules --check
	@echo "lint: long runs" && $(BIN)/python -m tests.long_runs
	@echo "lint: forge fmt" && $(BIN)/forge fmt --check
	@echo "lint: forge lint" && $(BIN)/forge lint --quiet --deny warnings
	@echo "lint: slither" && $(BIN)/python -m tools.slither

format: setup ## format all sources
	@$(BIN)/ruff check --fix --quiet; $(BIN)/ruff format --quiet
	@$(BIN)/forge fmt

snapshots: build ## rewrite the committed snapshots: storage layout, alert rules, gas
	@$(BIN)/python -m tools.storage_layout --write
	@$(BIN)/python -m tools.alert_rules --write
	@$(BIN)/python -m tests.gas --write

clean: ## remove what was built (.venv and node_modules stay)
	@rm -rf .build .cache contracts/.cache macrostrike/_artifacts
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
