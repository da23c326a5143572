# Two commands on a fresh machine with Python 3.11: `make demo` trains, compares and translates; `make test` tests.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test lint history ablations soak
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

# Each backbone killed fifty times and started again (docs/survival.md), and every malformed input as a process of its own
# (docs/data.md): hours on two cores.
soak: $(VENV)/installed
	$(BIN)/python tests/soak.py --kills 50
	$(BIN)/python tests/fuzz.py

demo: $(VENV)/installed
	PATH="$(abspath $(BIN)):$$PATH" sh recipes/demo.sh

# Every command of docs/history.md, and its figures: an afternoon. What is trained is left alone.
history: $(VENV)/installed
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python docs/pages.py run docs/history.md

# Every table of recipes/ablations with three seeds: hours on two cores. What is trained is left alone.
ablations: $(VENV)/installed
	PATH="$(abspath $(BIN)):$$PATH" sh recipes/ablations/all.sh
