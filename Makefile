# `make run` and `make test` need git, make and Python 3.11 or newer; everything else is found and used where it is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := infra/requirements
PORT ?= 8080
HOST ?= 127.0.0.1
WORKERS ?= 1
RUNBOOKS ?= events/documents
ARCHITECTURE ?= arm64
BENCH ?= ../shared/bench/runbooks
SCENARIO ?= smoke
LENGTH ?= ci
TOOL ?= python
CORPUS ?= ../shared/bench/runbooks/corpus.jsonl

.DEFAULT_GOAL := help
.PHONY: help setup model run test long bench storm load load-export eval fit record check build format requirements clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with 'make PYTHON=python3.12 ...'" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.local: $(BIN)/uv $(REQUIREMENTS)/local.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r $(REQUIREMENTS)/local.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.local $(REQUIREMENTS)/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r $(REQUIREMENTS)/dev.txt
	@touch $@

setup: $(VENV)/.dev ## Install everything that tests and checks use, so that they only run
	$(BIN)/python -m infra.environments sam lambda localstack
	$(BIN)/python -m infra.model --float32

model: $(VENV)/.local ## Build the embedding model, unless it is up to date
	@$(BIN)/python -m infra.model

run: $(VENV)/.local model ## Run the whole system on this machine: RUNBOOKS=folder PORT=8080
	@exec $(BIN)/pp serve --runbooks "$(RUNBOOKS)" --host "$(HOST)" --port "$(PORT)" --workers "$(WORKERS)"

test: $(VENV)/.dev model ## Run every test; parts that need more are skipped with a reason, or required with REQUIRE_REAL=1
	$(BIN)/pytest

long: $(VENV)/.dev model ## Run every test at its full counts, then the benchmark; writes docs/measured.json
	@mkdir -p build && rm -f build/measured.jsonl
	REQUIRE_REAL=1 FULL_COUNTS=1 MEASURED=build/measured.jsonl $(BIN)/pytest
	MEASURED=build/measured.jsonl OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.performance.bench --corpus "$(CORPUS)"
	MEASURED=build/measured.jsonl $(BIN)/python -m tests.performance.storm
	MEASURED=build/measured.jsonl $(BIN)/python -m tests.performance.agreement
	mkdir -p build/load && rm -f build/load/missed
	for scenario in normal peak spike volume; do \
	  MEASURED=build/measured.jsonl $(BIN)/python -m tests.performance.load --scenario $$scenario --bench "$(BENCH)" \
	  || touch build/load/missed; done
	MEASURED=build/measured.jsonl OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.eval.measure "$(BENCH)"
	$(BIN)/python -m tests.measured build/measured.jsonl docs/measured.json
	$(BIN)/python -m infra.reference
	@test ! -e build/load/missed || { echo "a threshold was missed: see build/load/*/report.html" >&2; exit 1; }

bench: $(VENV)/.dev model ## Measure speed and memory, each beside what it is compared with
	$(BIN)/python -m tests.performance.bench --corpus "$(CORPUS)"

storm: $(VENV)/.dev model ## Send 10,000 alerts in a minute to a running system and print when people were told
	$(BIN)/python -m tests.performance.storm

load: $(VENV)/.dev model ## Load a system and report what held: SCENARIO=spike LENGTH=full TARGET=url TOOL=k6 BASELINE=results.json
	$(BIN)/python -m tests.performance.load --scenario "$(SCENARIO)" --length "$(LENGTH)" --tool "$(TOOL)" \
	  --target "$(TARGET)" --bench "$(BENCH)" $(if $(BASELINE),--baseline "$(BASELINE)")

load-export: $(VENV)/.dev ## Write a scenario for k6, Artillery and JMeter: SCENARIO=spike LENGTH=full TARGET=url
	$(BIN)/python -m tests.performance.tools.export --scenario "$(SCENARIO)" --length "$(LENGTH)" --bench "$(BENCH)" \
	  $(if $(TARGET),--target "$(TARGET)")

eval: $(VENV)/.local model ## Measure the search on real alerts and what is extracted from runbooks: BENCH=folder
	@if [ -f "$(BENCH)/corpus.jsonl" ]; then $(BIN)/pp eval --bench "$(BENCH)"; \
	  else echo "no benchmark in $(BENCH): name its folder with BENCH=..."; fi
	@$(BIN)/python -m tests.eval.structure.measure "$(BENCH)"

fit: $(VENV)/.local model ## Fit the weights of the ranking on BENCH and print them beside those that are shipped
	$(BIN)/pp eval --bench "$(BENCH)" --fit

record: $(VENV)/.local model ## Record the figures on BENCH that no change may lose; writes tests/eval/recorded.json
	$(BIN)/python -m infra.evaluation.record "$(BENCH)"

check: $(VENV)/.dev model ## Format, lint, types, import contracts, template, package sizes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	for app in functions/*/app.py; do $(BIN)/mypy --no-error-summary $$app || exit 1; done # all are modules named app
	$(BIN)/lint-imports
	$(BIN)/cfn-lint template.yaml infra/opensearch.yaml
	$(BIN)/python -m infra.environments sam
	AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam validate --lint
	$(BIN)/python -m infra.packaging sizes --architecture arm64

build: $(VENV)/.dev model ## Build what is deployed, as `sam build` does: ARCHITECTURE=arm64 or x86_64; needs Python 3.13
	$(BIN)/python -m infra.packaging build --architecture $(ARCHITECTURE)

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

requirements: $(BIN)/uv ## Resolve the pinned requirements again
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --extra local \
	  pyproject.toml -o $(REQUIREMENTS)/local.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --extra local --extra dev \
	  -c $(REQUIREMENTS)/local.txt pyproject.toml -o $(REQUIREMENTS)/dev.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.13 --no-emit-index-url \
	  --no-emit-package grpcio --no-emit-package opensearch-protobufs --no-emit-package protobuf \
	  -c $(REQUIREMENTS)/local.txt pyproject.toml -o layers/deps/requirements.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-deps --python-version 3.13 --no-emit-index-url \
	  -c $(REQUIREMENTS)/local.txt layers/deps-embed/requirements.in -o layers/deps-embed/requirements.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.13 --python-platform linux --no-emit-index-url \
	  $(patsubst %,--no-emit-package %,annotated-types idna pydantic pydantic-core typing-extensions typing-inspection) \
	  -c $(REQUIREMENTS)/local.txt layers/deps-mcp/requirements.in -o layers/deps-mcp/requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url \
	  $(REQUIREMENTS)/sam.in -o $(REQUIREMENTS)/sam.txt
	for name in lambda localstack; do $(BIN)/uv pip compile --quiet --python-version 3.13 --no-emit-index-url \
	  $(REQUIREMENTS)/$$name.in -o $(REQUIREMENTS)/$$name.txt; done

clean: ## Remove what was built and installed (the data folder .pp stays)
	rm -rf $(VENV) .venv-* .aws-sam build .cache
