# Two commands do everything: `make app` opens the page, `make test` checks the project.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CODE := app.py app hmu zoo bench tests
PORT ?=
PYTEST := $(BIN)/python -m pytest
# Several processes of one thread each, since most tests are small; those of the browser wait for one page.
APART := OMP_NUM_THREADS=1 $(PYTEST) -n auto --maxprocesses 4

.PHONY: app test lint types unit server browser screenshots clean

app: $(VENV)/page
	$(BIN)/python app.py --open $(if $(PORT),--port $(PORT))

test: lint types unit server browser

lint: $(VENV)/dev
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: $(VENV)/dev
	$(BIN)/mypy

unit: $(VENV)/dev
	$(APART) --dist worksteal -m "not server and not browser"

server: $(VENV)/dev
	$(APART) --dist loadfile -m server

browser: $(VENV)/chromium
	$(PYTEST) -m browser

screenshots: $(VENV)/chromium
	$(BIN)/python -m bench.screenshots

$(VENV)/page: requirements.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/dev: $(VENV)/page pyproject.toml
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	touch $@

# Debian's browser where apt may install it, playwright's own elsewhere.
$(VENV)/chromium: $(VENV)/dev
	test -x /usr/bin/chromium \
	  || (test "$$(id -u)" = 0 && command -v apt-get && apt-get update -qq && apt-get install -qq -y chromium) \
	  || $(BIN)/python -m playwright install --with-deps chromium
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info
