# Everything one does with this clone. It needs Python 3.11 or later and nothing else; what it installs stays in .venv and web/node_modules.
# The work is done by the scripts in local/bootstrap and by `python -m local`; this file only says what depends on what.

SHELL = /bin/sh

# Variables of other people's shells that would change what Python or make does here.
unexport PYTHONPATH
unexport PYTHONHOME
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV

BIN = .venv/bin
NPM = sh local/bootstrap/node.sh npm --prefix web
HAS_WEB := $(wildcard web/package.json)
API_SOURCES := $(shell find app.py chalicelib infra/contract.py infra/sentences.py infra/zod.py .env.example -name '*.py' -o -name .env.example 2>/dev/null)
CONTRACT = web/src/generated/openapi.ts
SCHEMAS = web/src/generated/schemas.ts
SENTENCES = web/src/generated/sentences.ts
WEB_SOURCES := $(if $(HAS_WEB),$(shell find web/src web/public web/index.html web/package.json web/package-lock.json web/vite.config.* web/tsconfig*.json -type f -not -path '*/generated/*' 2>/dev/null))

.PHONY: help run test check chaos package deploy properties mutants bench screens lock clean web chromium

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

run: .venv/.synced web ## start everything (PORT=8000, ARGS=--fresh to forget all data)
	@exec $(BIN)/python -m local $(ARGS)

test: .venv/.synced .venv/deploy/.synced web ## the whole suite in two lanes, on parts that it starts itself (ARGS="tests/stack -k crash": only that, in one)
	@CHROMIUM="$$(sh local/bootstrap/chromium.sh)" PROMETHEUS="$$(sh local/bootstrap/prometheus.sh)" $(BIN)/python -m pytest $(if $(ARGS),$(ARGS),-n 2 --dist loadfile)
	@if [ -z "$(ARGS)" ] && [ -n "$(HAS_WEB)" ] && grep -q '"test":' web/package.json; then $(NPM) run --silent test; fi

check: .venv/.synced ## linters, types and import rules, of Python and of the pages
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@if grep -q 'tool.importlinter' pyproject.toml; then $(BIN)/lint-imports; else echo 'no import rules in pyproject.toml yet'; fi
	@if [ -n "$(HAS_WEB)" ]; then $(MAKE) --silent $(CONTRACT) && $(NPM) run --silent lint && $(NPM) run --silent types; fi

chaos: .venv/.synced ## the fault matrix: 40 cells in 45 minutes (ARGS="--seed 7 --only valkey", ARGS=--list)
	@$(BIN)/python -m tests.chaos $(ARGS)

package: .venv/.synced .venv/deploy/.synced ## dist/plumbline.zip and dist/templates/, and the table of their checks
	@$(BIN)/python -m infra.package

deploy: .venv/.synced ## to AWS, with its credentials: STAGE=dev, staging or prod (docs/operations.md)
	@$(BIN)/python -m infra.stages "$(STAGE)"
	@$(MAKE) --no-print-directory package web
	@$(BIN)/python -m infra.deploy "$(STAGE)"

properties: .venv/.synced .venv/deploy/.synced web ## the table: property, tests that prove it, result, line of code that it hangs on
	@CHROMIUM="$$(sh local/bootstrap/chromium.sh)" PROMETHEUS="$$(sh local/bootstrap/prometheus.sh)" $(BIN)/python tests/properties_table.py $(ARGS)

mutants: .venv/.synced .venv/deploy/.synced web ## break each property once, in a copy, and see its test fail (ARGS="P13 P14": only those; ARGS=core: 36 ways to break the core)
	@CHROMIUM="$$(sh local/bootstrap/chromium.sh)" PROMETHEUS="$$(sh local/bootstrap/prometheus.sh)" $(BIN)/python tests/mutants.py $(ARGS)

bench: .venv/bench/.synced ## the benchmarks beside their peers, as tables, bench/results/*.json and docs/plots (ARGS="requests cold": only these)
	@.venv/bench/bin/python -m bench $(ARGS)

screens: .venv/.synced web ## a picture of every page, on a phone and wide, into docs/screens
	@CHROMIUM="$$(sh local/bootstrap/chromium.sh)" $(BIN)/python -m tests.screens

lock: .venv/.synced ## pin pyproject's dependencies into requirements.txt and requirements-dev.txt (ARGS=--upgrade)
	@$(BIN)/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --no-header --no-annotate $(ARGS) --output-file requirements.txt
	@$(BIN)/uv pip compile --quiet --group dev --constraint requirements.txt --universal --python-version 3.11 --no-header --no-annotate $(ARGS) --output-file requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --group deploy --constraint requirements.txt --constraint requirements-dev.txt --universal --python-version 3.11 --no-header --no-annotate $(ARGS) --output-file requirements-deploy.txt
	@$(BIN)/uv pip compile --quiet --group bench --constraint requirements.txt --constraint requirements-dev.txt --universal --python-version 3.11 --no-header --no-annotate $(ARGS) --output-file requirements-bench.txt

clean: ## remove what was installed and built (the data in .local stay)
	@rm -rf .venv web/node_modules web/dist web/src/generated dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium: ## find, or as root on Debian install, the browser of the tests
	@sh local/bootstrap/chromium.sh

.venv/.synced: requirements.txt requirements-dev.txt local/bootstrap/packages.sh
	@sh local/bootstrap/packages.sh

# What describes AWS has an environment of its own: it is large, and neither the product nor the laptop needs it.
.venv/deploy/.synced: requirements-deploy.txt .venv/.synced
	@echo '  · installing what describes AWS'
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/deploy
	@$(BIN)/uv pip sync --quiet --python .venv/deploy/bin/python requirements.txt requirements-deploy.txt
	@touch $@

# The peers of the benchmarks have an environment of their own, so that no test ever sees them.
.venv/bench/.synced: requirements-bench.txt .venv/.synced
	@echo '  · installing the peers of the benchmarks'
	@$(BIN)/uv venv --quiet --clear .venv/bench
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python .venv/bench/bin/python requirements.txt requirements-dev.txt requirements-bench.txt
	@touch $@

web: $(if $(HAS_WEB),web/dist/index.html)
	@if [ -z "$(HAS_WEB)" ]; then echo '  · there are no pages yet (web/package.json is missing)'; fi

web/node_modules/.installed: web/package-lock.json .venv/.synced
	@echo '  · installing the packages of the pages'
	@$(NPM) ci --silent --no-audit --no-fund
	@touch $@

# What the pages know of the API is made from its code. The files keep their times where nothing in them changed.
web/node_modules/.contract: $(API_SOURCES) web/node_modules/.installed
	@$(BIN)/python -m infra.contract web/node_modules/.cache/openapi.json
	@$(NPM) run --silent contract
	@$(BIN)/python -m infra.zod $(SCHEMAS)
	@$(BIN)/python -m infra.sentences $(SENTENCES)
	@touch $@

$(CONTRACT) $(SCHEMAS) $(SENTENCES): web/node_modules/.contract
	@:

web/dist/index.html: $(WEB_SOURCES) $(CONTRACT) web/node_modules/.installed
	@echo '  · building the pages'
	@$(NPM) run --silent build >web/node_modules/.build.log 2>&1 || { cat web/node_modules/.build.log >&2; exit 1; }
	@touch $@
