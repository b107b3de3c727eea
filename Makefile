# What a developer runs. All of it works in one virtual environment, $(VENV), made by pip alone.

PYTHON ?= python3
VENV ?= .venv
DEMO_OUT ?= reports/demo
# More arguments for pytest, for example `make test PYTEST_ARGS="-m slow"`.
PYTEST_ARGS ?= -m "not slow"
# More arguments for the benchmarks, for example `make bench BENCH_ARGS="--full"`.
BENCH_ARGS ?=

BIN := $(VENV)/bin
RUN_PYTHON := $(BIN)/python
PIP := $(RUN_PYTHON) -m pip --disable-pip-version-check

# $(call require-python,INTERPRETER): stops unless the interpreter runs and is new enough.
define require-python
@command -v $(1) >/dev/null || { \
	echo "make: there is no '$(1)'; install Python 3.11 or newer, or set PYTHON=/path/to/python3" >&2; exit 2; }
@$(1) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "make: tokeval needs Python 3.11 or newer, but '$(1)' is `$(1) --version 2>&1`;" \
		"set PYTHON=/path/to/python3.11 and remove an older $(VENV)" >&2; exit 2; }
endef

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench docs reports clean
.DELETE_ON_ERROR:

help:
	@echo "make demo     install tokeval in $(VENV) and measure bundled text; ends with the report's path"
	@echo "make test     install everything in $(VENV); lint, types, layers, tests, doctests"
	@echo "make lint     what 'make test' runs before the tests"
	@echo "make bench    the benchmarks"
	@echo "make docs     write the lists of metrics in docs/ from the catalogues"
	@echo "make reports  write the example reports into reports/"
	@echo "make clean    remove $(VENV), caches and build output"

demo: $(VENV)/.installed-demo
	$(BIN)/tokeval demo --out $(DEMO_OUT)

test: lint
	$(RUN_PYTHON) -m pytest $(PYTEST_ARGS)
	$(RUN_PYTHON) -m pytest --doctest-modules tokeval

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(RUN_PYTHON) -m benchmarks.run $(BENCH_ARGS)

docs: $(VENV)/.installed-dev
	$(RUN_PYTHON) -c 'from pathlib import Path; from tokeval.metrics.docs import catalogue_markdown; \
		Path("docs/metrics.md").write_text(catalogue_markdown(), encoding="utf-8")'
	$(RUN_PYTHON) -c 'from pathlib import Path; from tokeval.visual.docs import statistics_markdown; \
		page = Path("docs/visual.md"); before = page.read_text("utf-8").partition("## Validity")[0]; \
		page.write_text(before + statistics_markdown(), encoding="utf-8")'
	$(RUN_PYTHON) -c 'from pathlib import Path; from tokeval.probe.docs import metrics_markdown; \
		page = Path("docs/probe.md"); head = "## The metrics of numeracy"; \
		before = page.read_text("utf-8").partition(head)[0]; \
		page.write_text(before + metrics_markdown(), encoding="utf-8")'

reports: $(VENV)/.installed-dev
	$(RUN_PYTHON) reports/regenerate.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# Editable, so that the code that runs is always that of the checkout: the stamps only have to
# follow pyproject.toml. `dev` includes `demo`, and both share the environment.
$(VENV)/.installed-dev: pyproject.toml | $(BIN)/pip
	$(call require-python,$(RUN_PYTHON))
	@echo "installing tokeval[dev] into $(VENV); this may take a minute or two"
	$(PIP) install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.installed-demo

$(VENV)/.installed-demo: pyproject.toml | $(BIN)/pip
	$(call require-python,$(RUN_PYTHON))
	@echo "installing tokeval[demo] into $(VENV); this may take a minute or two"
	$(PIP) install --quiet --editable '.[demo]'
	@touch $@

# pip is the last that venv puts there: an environment that has it is complete.
$(BIN)/pip:
	$(call require-python,$(PYTHON))
	$(PYTHON) -m venv $(VENV)
