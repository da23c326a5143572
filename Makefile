# Two commands on a fresh machine with Python 3.11: `make demo` trains, compares and translates; `make test` tests.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test lint ablations soak
.DELETE_ON_ERROR:

$(VENV)/installed: setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

test: $(VENV)/installed
	$(BIN)/python -m pytest

lint: $(VENV)/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy nmt

# Every malformed input as a process of its own: tens of minutes on two cores.
soak: $(VENV)/installed
	$(BIN)/python tests/fuzz.py

demo: $(VENV)/installed
	PATH="$(abspath $(BIN)):$$PATH" sh recipes/demo.sh

# Every table of recipes/ablations with three seeds: hours on two cores. What is trained is left alone.
ablations: $(VENV)/installed
	PATH="$(abspath $(BIN)):$$PATH" sh recipes/ablations/all.sh
