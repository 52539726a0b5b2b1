# Every target sets up what it needs: Python 3.11 or newer and make are enough.
# The second run of a target finds the environment ready and starts at once.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# Independent readers of the exports: licences that Duban does not take, in an environment of their own.
READERS := .readers/.ready

# mypy wants folders that hold Python; a folder still empty is left out.
ROOMS  := $(patsubst %/,%,$(sort $(dir $(wildcard \
            commands/*.py documents/*.py engine/*.py jobs/*.py post/*.py workflows/*.py storage/*.py web/*.py \
            tests/*.py tools/*.py bench/*.py))))

.PHONY: demo test lint types torture bench docs templates clean
.DEFAULT_GOAL := test

demo: $(READY)            ## live through a year of both founding processes, in ./duban-demo
	$(BIN)/duban demo

test: $(READY)            ## the whole test suite
	$(BIN)/python -m pytest -q -n auto --dist worksteal

lint: $(READY)            ## rules of style, and the formatter's opinion
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)           ## mypy, strict
	$(BIN)/mypy cli.py $(ROOMS)

torture: $(READY) $(READERS)  ## the long random and destructive tests, with larger numbers
	DUBAN_TORTURE=1 DUBAN_ORACLE=.readers/bin/python $(BIN)/python -m pytest -q -m torture --timeout=14400
	$(BIN)/python -m tools.mutate

bench: $(READY)           ## measure against the budgets
	$(BIN)/python -m bench

docs: $(READY)            ## write the generated parts of docs/ anew
	$(BIN)/python -m tools.docs
	$(BIN)/python -m tools.requirements

templates: $(READY)       ## build the Word templates of the founding definitions anew
	$(BIN)/python -m tools.make_templates

clean:                    ## remove what the other targets made
	rm -rf $(VENV) .readers build dist *.egg-info duban-demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Duban needs Python 3.11 or newer; '$(PYTHON)' is missing or older. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
	  exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(READERS): tests/exporting/readers.txt
	@test -x .readers/bin/python || $(PYTHON) -m venv .readers
	.readers/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
