# Everything a developer or an organiser starts. Needs make, Python ≥ 3.11 with venv, Node ≥ 20; nothing else.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Nothing of the caller's environment may change what is tested.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONWARNINGS PYTHONDONTWRITEBYTECODE PYTEST_ADDOPTS VIRTUAL_ENV

VENV ?= .venv
BIN := $(VENV)/bin
SUPPORTED := python3.13 python3.12 python3.11
LOCK := requirements.lock
DEMO := build/demo
DEMO_SITE := build/demo-site
VENDORED := assembly/static/vendor/SHA256SUMS

# Prints the first of the given commands that runs, is Python ≥ 3.11 and can make virtual environments.
define find_python
for candidate in $(1); do \
    if command -v "$$candidate" >/dev/null 2>&1 && "$$candidate" -c \
        'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
    then echo "$$candidate"; break; fi; \
done
endef

.PHONY: help
help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 16

.PHONY: demo
# DEMO_SERVE=0 ends when the city is there, for machines where nobody presses Ctrl-C.
demo: $(VENV)/.installed $(VENDORED) ## Draw a panel from the sample in data/, then serve the sample city (FRESH=1: anew)
	rm -rf $(DEMO)
	$(BIN)/python data/demo.py --output $(DEMO)
	$(BIN)/python data/demo_site.py --data $(DEMO_SITE) $(if $(FRESH),--fresh) $(if $(filter 0,$(DEMO_SERVE)),--only-seed)

.PHONY: test
test: lint $(VENDORED) ## Lint, types, import contracts, dependency audit, tests with coverage
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term $(PYTEST_OPTIONS)

.PHONY: lint
lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

.PHONY: test-all
test-all: ## The same on every supported Python found, with 10,000 mutated files instead of 500
	@found=; for python in $(SUPPORTED); do \
	    [ -n "$$($(call find_python,$$python))" ] || { echo "No usable $$python here: left out."; continue; }; \
	    found="$$found $$python"; \
	    SORTITION_FUZZ=10000 $(MAKE) --no-print-directory test VENV="build/venv-$$python" PYTHON="$$python"; \
	done; \
	[ -n "$$found" ] || { echo "None of $(SUPPORTED) was found." >&2; exit 1; }; \
	echo "Tested with:$$found"

.PHONY: bench
bench: $(VENV)/.installed ## Measure against the peer and write the table in tests/benchmarks/README.md
	$(BIN)/python tests/benchmarks/run.py

.PHONY: bench-web
bench-web: $(VENV)/.installed $(VENDORED) ## Measure the pages with 20,000 respondents, those of 3,200 members, and the register, for 100 users
	$(BIN)/python -m tests.benchmarks.web
	$(BIN)/python -m tests.benchmarks.members
	$(BIN)/python -m tests.benchmarks.reminders
	$(BIN)/python -m tests.benchmarks.register

.PHONY: screenshots
screenshots: $(VENV)/.installed $(VENDORED) ## Make pictures of the demo's pages in build/screenshots, and those of the README
	$(BIN)/python -m tests.screenshots

.PHONY: register
register: build/register.csv ## Make the sample city's register extract of 50,000 residents
build/register.csv: data/generate.py $(VENV)/.installed
	mkdir -p $(@D)
	$(BIN)/python data/generate.py --register $@

.PHONY: sample
sample: $(VENV)/.installed ## Make the sample in data/ anew, byte for byte
	$(BIN)/python data/generate.py --sample data

.PHONY: lock
lock: $(VENV)/.installed ## Write the lock file anew with the newest allowed versions
	$(BIN)/uv --quiet --no-config pip compile --universal --python-version 3.11 --upgrade --group dev \
	    --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	    pyproject.toml --output-file $(LOCK)

.PHONY: vendor
vendor: $(VENV)/.installed ## Take KERN, htmx and axe at the versions in package.json, with new checksums
	npm install --ignore-scripts --no-audit --no-fund --silent
	$(BIN)/python assembly/vendor.py --update

.PHONY: clean
clean: ## Remove everything that can be made again
	rm -rf $(VENV) build dist node_modules $(dir $(VENDORED)) htmlcov .coverage .coverage.* *.egg-info \
	    .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# The stamp is written last, so that an interrupted set-up starts over.
$(VENV)/.installed: $(LOCK) pyproject.toml
	@python="$(PYTHON)"; [ -n "$$python" ] || python="$$($(call find_python,$(SUPPORTED) python3))"; \
	if [ -z "$$python" ]; then \
	    echo "Python 3.11 or newer with venv is needed and was not found as any of: $(SUPPORTED) python3." >&2; \
	    echo "Install it (on Debian and Ubuntu: apt install python3 python3-venv), or say: make PYTHON=/path/to/python" >&2; \
	    exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	$(BIN)/python -m pip check
	touch $@

# What browsers get from others; both commands write their stamp last.
PACKAGES := node_modules/.package-lock.json
$(PACKAGES): package-lock.json
	@command -v npm >/dev/null || { \
	    echo "Node 20 or newer with npm is needed and was not found (on Debian and Ubuntu: apt install npm)." >&2; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund --silent
	touch $@
$(VENDORED): $(PACKAGES) assembly/vendor.sha256 assembly/vendor.py | $(VENV)/.installed
	$(BIN)/python assembly/vendor.py
