# One line of help per target: `make help`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export UV_PYTHON_DOWNLOADS := never

UV := .uv/bin/uv
PY := .venv/bin/python
READY := .venv/.ready
READY_AWS := .venv/.ready-aws
READY_LOAD := .venv/.ready-load

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(UV):
	@python3 -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv

$(READY): $(UV) pyproject.toml uv.lock .python-version
	@$(UV) sync --quiet --locked
	@touch $@

demo: $(READY) ## a simulated Google, this service and a first exchange, in one minute (MAIL=, CALENDAR=, FILES=, PORT=)
	@$(PY) main.py demo $(if $(MAIL),--mail "$(MAIL)") $(if $(CALENDAR),--calendar "$(CALENDAR)") $(if $(FILES),--files "$(FILES)") $(if $(PORT),--port $(PORT))

serve: $(READY) ## run against the real Google
	@$(PY) main.py serve

check: $(READY) ## format, lint, types, imports, generated pages, fast tests; under a minute
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/ruff check --quiet .
	@.venv/bin/basedpyright --level error
	@.venv/bin/lint-imports --no-cache
	@$(PY) -m google_workspace_mcp.docgen --check
	@$(PY) -m pytest -q -n 2 -m "not slow and not browser and not node and not proof"

test: $(READY) ## every test at CI sizes
	@$(PY) -m pytest -n 4 -m "not proof"

coverage: $(READY) ## the same, half as slow again, and the lines that it did not reach
	@$(PY) -m pytest -n 4 -m "not proof" --cov --cov-report=term:skip-covered

proof: $(READY_AWS) $(READY_LOAD) ## everything, at full size
	@$(PY) -m pytest -n 2

$(READY_AWS): $(READY)
	@$(UV) sync --quiet --locked --inexact --group infra
	@touch $@

$(READY_LOAD): $(READY)
	@$(UV) sync --quiet --locked --inexact --group load
	@touch $@

load: $(READY_LOAD) ## baseline, spike and soak by k6, quarter of an hour; the figures go into docs/performance.md (PEOPLE=, RATE=)
	@$(PY) -m tests.load --write $(if $(PEOPLE),--people $(PEOPLE)) $(if $(RATE),--rate $(RATE))

ready: $(READY) ## install what everything else needs

reading: $(READY) ## what becomes of real mail: slowest messages, worst newsletters, false alarms (MAIL_CORPUS=)
	@$(PY) -m tests.bench.reading

infra: $(READY_AWS) ## write the CloudFormation templates anew
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) -m infra.app

aws: $(READY_AWS) ## templates, scripts and workflows: linters, an emulated account, the service behind its load balancer
	@.venv/bin/basedpyright -p infra --pythonpath $(PY) --level error
	@$(PY) -m pytest -q -m infra tests/infra

audit: $(READY_AWS) ## known holes in the packages that are deployed
	@$(UV) export --quiet --locked --no-dev --no-emit-project --format requirements-txt --output-file .venv/deployed.txt
	@.venv/bin/pip-audit --require-hashes --disable-pip --requirement .venv/deployed.txt

bench: $(READY) ## measure the service against the least that does the same, and write docs/performance.md; five minutes
	@$(PY) -m tests.bench

image: $(READY) ## build the container image, weigh it and try it out, with Docker or Buildah and Podman
	@$(PY) -m scripts.image

pages: $(READY) ## write the generated pages and snapshots anew
	@$(PY) -m google_workspace_mcp.docgen

tokens: $(READY) ## count what the model is made to read against its budgets (UPDATE=1 takes it as the baseline)
	@$(PY) -m tests.tokens $(if $(UPDATE),--update)

.PHONY: help demo serve check test coverage proof bench load ready reading infra aws audit image pages tokens
