# `make help` lists the targets. Each one sets up what it needs, once.

VENV := .venv/bin
SOURCES := $(shell find contracts -name '*.sol' 2>/dev/null)
export PATH := $(CURDIR)/$(VENV):$(PATH)

.PHONY: help setup build demo test lint gas bench replay fuzz clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ ##/' | awk -F ' ## ' '{ printf "make %-8s %s\n", $$1, $$2 }'

setup: ## install compilers, packages and tools into the project, once
	@sh tools/setup.sh

clean: ## remove what was built (.venv and node_modules stay)
	@rm -rf .build .cache macrostrike/_artifacts reports/*.json reports/*.html .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
