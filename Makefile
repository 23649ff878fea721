# Needs make and Python 3.11 or newer; everything else is installed into .venv on first use.
#
#   make demo           the whole newsletter on this machine; Ctrl-C stops it (ONCE=1: run the story, check it, exit;
#                       UNTIL=2027-12-31: every fortnight until then, on a clock that does not wait)
#   make test           all tests; what this machine lacks is skipped by name (ARGS=tests/issues: some; BUT=tests/e2e: the others)
#   make simulate       thousands of sends in which everything goes wrong (SEEDS=2000; SEED=17: that one, told aloud)
#   make arm64          every function out of the built layer on an emulated arm64 Python 3.13; two minutes
#   make bench          what things cost, into bench/results/latest.json (PARTS=desk: that alone)
#   make check          format, lint, types, import contracts, template
#   make build          what `sam deploy` sends to AWS
#   make deploy         build, deploy for development, and protect (STAGE=prod: for readers; STACK=name: another one)
#   make requirements   lock the dependencies again, after a change in pyproject.toml (UPGRADE=1: to the newest)
#   make documents      what is made: the description of the API and its Python client, the diagrams, the tables of costs
#   make holidays       the public holidays that the desk's calendar marks, for the years to come
#   make judges         what outside judges say of pages, emails and feeds, into docs/quality.md
#   make catalogue      the sentences of pages and mails, merged into every language and compiled; lists what to translate
#   make clean          remove what the other targets made, the environments too

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test simulate arm64 bench check types lint lint-template format build deploy requirements catalogue documents holidays desk-scripts help-pictures judges clean

VENV := .venv
BIN := $(VENV)/bin
SAM := .venv-sam/bin/sam
# A table of samconfig.toml; SAM calls the one it uses unasked `default`.
STAGE ?= default
STACK ?= fortnightly-$(patsubst default,dev,$(STAGE))
# What `newsletter setup` wrote down about the stack, in the form of samconfig.toml and in its place.
SETTINGS = $(wildcard $(CURDIR)/.deploy/$(STACK).toml)
# Judges that npm has; the tests find them there.
JUDGES := $(VENV)/judges
LIGHTHOUSE := $(VENV)/lighthouse
LAYER := layers/newsletter/python
PASSKEYS := layers/passkeys/python

export SAM_CLI_TELEMETRY := 0
# Where it is set, every process compiles every library anew, and a laptop stack starts a process for each function.
unexport PYTHONDONTWRITEBYTECODE
# Where the template is to be deployed, for what looks at it; nothing talks to that region.
REGION := $(or $(AWS_REGION),$(AWS_DEFAULT_REGION),eu-west-1)

help:
	@sed -n '3,17s/^#   //p' Makefile

demo: $(if $(UNTIL),$(VENV)/.dev,$(VENV)/.stack)
	@$(BIN)/python -m $(if $(UNTIL),tests.year $(UNTIL),local.demo $(if $(ONCE),--once))

# All of it runs on two processors, a file in one of three workers, since what goes from end to end mostly waits; what is
# named in ARGS runs in one, as a debugger wants it.
test: $(VENV)/.dev $(VENV)/commonmark.json $(JUDGES)/.npm $(LIGHTHOUSE)/.npm
	$(BIN)/pytest $(or $(ARGS),-n 3 --dist loadfile --no-loadscope-reorder $(addprefix --ignore=,$(BUT)))

simulate: $(VENV)/.dev
	SEEDS=$(or $(SEEDS),2000) $(BIN)/pytest tests/simulation $(if $(SEED),-s -k every_promise,-n 2)

arm64: $(VENV)/.dev
	ARM64=1 $(BIN)/pytest tests/layers/test_arm64.py

bench: $(VENV)/.dev
	@POWERTOOLS_LOG_LEVEL=WARNING $(BIN)/python -m bench $(PARTS)

# Two at a time: the types alone take as long as all the others together.
check: $(VENV)/.dev
	@$(MAKE) --no-print-directory -j 2 types lint lint-template

types: $(VENV)/.dev
	$(BIN)/mypy

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	@cmp -s requirements/runtime.txt $(LAYER)/requirements.txt && cmp -s requirements/passkeys.txt $(PASSKEYS)/requirements.txt || \
	  { echo "The requirements.txt of a layer differs from that in requirements/; run: make requirements"; exit 1; }

lint-template: $(VENV)/.dev
	$(BIN)/cfn-lint --regions us-east-1 $(REGION) -- template.yaml

format: $(VENV)/.dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# The layer's own Makefile runs pip of whatever python3 it finds: here that of the environment, which has one.
# `sam validate` asks the very cfn-lint of `make check` about the same file, so it is asked where SAM is used.
# SAM would go on taking layers without bytecode out of its cache, so it is thrown away with them.
build: .venv-sam/.sam
	$(SAM) validate --lint --region $(REGION)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(SAM) build
	@find .aws-sam/build -name '*.cpython-313.pyc' | grep -q . || { rm -rf .aws-sam/cache; \
	  echo "The layers have no bytecode, for want of a Python 3.13, so loading a function takes two and a half times as long."; \
	  echo "Install one, or name it: PYTHON313=/path/to/python3.13 make build"; }

deploy: build
	$(if $(GUIDED),$(error GUIDED wrote every value into a file that git keeps. `newsletter setup --stack $(STACK)` asks instead))
	$(SAM) deploy $(if $(SETTINGS),--config-file $(SETTINGS),--config-env $(STAGE) --stack-name $(STACK))
	$(BIN)/newsletter protect --stack $(STACK)

# Lock files name versions and hashes and nothing else: no registry, no path of the machine they were made on.
# What the tests use comes first, for the emulator names one version of botocore, and what is tested is what is deployed.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)
requirements: $(VENV)/.uv
	$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt
	$(COMPILE) pyproject.toml -c requirements/dev.txt -o requirements/runtime.txt
	$(COMPILE) --group passkeys -c requirements/dev.txt -o requirements/passkeys.txt
	$(COMPILE) pyproject.toml --group stack -c requirements/dev.txt -o requirements/stack.txt
	$(COMPILE) --group sam -o requirements/sam.txt
	$(subst --universal --python-version 3.11,--python-version 3.13,$(COMPILE)) --group localstack -o requirements/localstack.txt
	$(COMPILE) --group uv -o requirements/uv.txt
	cp requirements/runtime.txt $(LAYER)/requirements.txt
	cp requirements/passkeys.txt $(PASSKEYS)/requirements.txt

catalogue: $(VENV)/.dev
	@$(BIN)/python -m local.catalogue

documents: $(VENV)/.dev
	@$(BIN)/python -m local.documents

holidays: $(VENV)/.dev # a year each autumn: YEARS="2027 2028 2029"
	@$(BIN)/python -m local.holiday_table $(YEARS)

desk-scripts: requirements/desk.sha512 # what the desk uses of others, from npm; change the version and its hash there
	@rm -rf .npm-desk && mkdir .npm-desk
	@cd .npm-desk && npm pack --silent @github/markdown-toolbar-element@$$(sed -n 's/.*-\([0-9.]*\)\.tgz/\1/p' ../$<) >/dev/null && \
	  sha512sum --quiet --check ../$< && tar -xzf *.tgz && \
	  cp package/dist/index.js ../templates/desk/files/markdown-toolbar-element.js && \
	  cp package/LICENSE ../templates/desk/files/markdown-toolbar-element.LICENSE.txt
	@rm -rf .npm-desk

help-pictures: $(VENV)/.dev # of the desk's own pages, as they look now
	@PICTURES=write $(BIN)/pytest -q tests/browser/test_desk_pages.py -k help

judges: $(VENV)/.dev $(JUDGES)/.npm
	@$(BIN)/python -m tests.judges.quality

clean:
	rm -rf .venv .venv-sam .venv-localstack .aws-sam .local .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# A Python that is on PATH may still refuse to start (a pyenv shim) or to make an environment (Debian without
# python3-venv), so each candidate is asked. The Lambda functions' own version comes first.
$(VENV)/.uv: requirements/uv.txt
	@$(BIN)/python -c 'import pip' 2>/dev/null || { \
	  for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python3.14 python; do \
	    if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      echo "Making $(VENV) with $$($$python --version)"; exec $$python -m venv --clear $(VENV); fi; done; \
	  echo "Fortnightly needs Python 3.11 or newer with its venv module (on Debian and Ubuntu: apt install python3-venv)."; \
	  echo "None was found on PATH; install one, or name it: make PYTHON=/path/to/python3.13"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

# hatchling is among the locked requirements, so installing the project itself fetches nothing unlocked.
$(VENV)/.stack: requirements/stack.txt requirements/passkeys.txt pyproject.toml | $(VENV)/.uv
	@echo "Installing what the laptop stack needs"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/stack.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(VENV)/passkeys --require-hashes -r requirements/passkeys.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/.stack
	@echo "Installing what the tests and checks need"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/commonmark.json: requirements/runtime.txt tests/commonmark_examples.py | $(VENV)/.dev
	@echo "Fetching the examples of the CommonMark specification"
	@$(BIN)/python -m tests.commonmark_examples

# Three archives, without what they depend on and without running anything of theirs. Where npm or the registry is not
# there, the tests that need them are skipped by name.
$(JUDGES)/.npm: requirements/judges.sha512 | $(VENV)/.uv
	@echo "Fetching the judges of HTML, emails and workflows"
	@rm -rf $(JUDGES) && mkdir -p $(JUDGES)
	@cd $(JUDGES) && sed 's/^.*  \(.*\)-\([0-9.]*\)\.tgz$$/\1@\2/' $(CURDIR)/$< | xargs npm pack --silent >/dev/null 2>&1 && \
	  sha512sum --quiet --check $(CURDIR)/$< && \
	  for archive in *.tgz; do mkdir $${archive%.tgz} && tar -xzf $$archive -C $${archive%.tgz} && rm $$archive || exit 1; done && \
	  touch .npm || { rm -rf $(CURDIR)/$(JUDGES); echo "They could not be fetched; their tests will be skipped."; }

# It has many packages, so npm's own lock file names them, by versions and hashes alone; one of them stands in the place of
# what would report its errors to its makers, and weighs as much as all others. Nothing of theirs is run while installed.
$(LIGHTHOUSE)/.npm: requirements/lighthouse/package-lock.json requirements/lighthouse/package.json
	@echo "Fetching Lighthouse"
	@rm -rf $(LIGHTHOUSE) && mkdir -p $(LIGHTHOUSE) && cp $^ $(LIGHTHOUSE)
	@npm ci --prefix $(LIGHTHOUSE) --ignore-scripts --no-audit --no-fund --silent >/dev/null 2>&1 && touch $@ || \
	  { rm -rf $(LIGHTHOUSE); echo "It could not be fetched; its tests will be skipped."; }

.venv-sam/.sam: requirements/sam.txt | $(VENV)/.uv
	@echo "Installing the SAM CLI"
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-sam
	@$(BIN)/uv pip install --quiet --python .venv-sam/bin/python --require-hashes -r requirements/sam.txt
	@touch $@

# Half a gigabyte for one test, so nothing asks for it; without it the test is skipped by name.
.venv-localstack/.localstack: requirements/localstack.txt | $(VENV)/.uv
	@python="$$($(BIN)/python -c 'from local.built_layer import python313; print(python313())')" && \
	  test -n "$$python" || { echo "LocalStack needs a Python 3.13; install one, or name it in PYTHON313."; exit 1; } && \
	  echo "Installing LocalStack" && \
	  $(BIN)/uv venv --quiet --allow-existing --python "$$python" .venv-localstack && \
	  $(BIN)/uv pip install --quiet --python .venv-localstack/bin/python --require-hashes -r requirements/localstack.txt
	@touch $@
