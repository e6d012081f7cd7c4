# Every target sets up what it needs and can be run again at any time. 'make' alone lists them.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
.DEFAULT_GOAL := help
.PHONY: help setup demo images images-r db test soak check docs bench lock stop clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 18

setup: ## Programs, virtual environment, engine and images
	@$(PYTHON) -m scripts.setup

demo: ## Set up everything and start a filled enclave on http://localhost:8000
	@$(PYTHON) -m scripts.demo

images: setup ## Build the images that are missing and print their names
	@$(PYTHON) -m scripts.images

images-r: setup ## Build the researchers' image with R as well
	@$(PYTHON) -m scripts.images sandbox-r

db: ## Migrate the application database (the portal does it itself when it starts)
	@$(PYTHON) -m scripts.setup --no-images
	@.venv/bin/c2c db migrate

test: ## Set up, then every behaviour once; ARGS goes to pytest
	@$(PYTHON) -m scripts.test $(ARGS)

soak: ## The large counts of every property; renews their table in docs/benchmarks.md, ARGS=file for one
	@$(PYTHON) -m scripts.soak $(ARGS)

check: ## Format, lint, types, import contracts, docs drift
	@$(PYTHON) -m scripts.setup --no-images
	@$(PYTHON) -m scripts.check

docs: ## Generate the reference pages
	@$(PYTHON) -m scripts.setup --no-images
	@.venv/bin/python -m services.cli.docs
	@.venv/bin/python -m tests.spec.render

bench: ## Benchmarks; ONLY=name runs one
	@$(PYTHON) -m scripts.setup
	@.venv/bin/python -m benchmarks $(ONLY)

lock: ## Compile the hashed locks (needs uv); ARGS=--upgrade takes newer releases
	@scripts/lock.sh $(ARGS)

stop: ## Stop services and sandboxes; data stay
	@$(PYTHON) -m scripts.stop

clean: ## Remove all that was made: containers, images, data, virtual environment
	@$(PYTHON) -m scripts.clean
