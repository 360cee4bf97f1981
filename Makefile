# Two commands are enough to start: `make demo` shows the action in use, `make test` tests it.
# The setup is two virtual environments, recreated when a lock file changes: one for the action and its tests, one for
# the emulator, which pins another version of the SDK. If npm is available, `make test` also installs JavaScript clients
# of Cognito and a browser, to test the action with.
PYTHON ?= python3
VENV := .venv/bin
EMULATOR := .venv-emulator/bin
INSTALL := install -qq --disable-pip-version-check
JAVASCRIPT := tests/javascript/node_modules
NEXTJS := tests/javascript/nextjs/node_modules
NODE_PEER := tools/benchmark/node
PEERS := .venv-aws-cli/ready $(if $(shell command -v npm 2>/dev/null),$(NODE_PEER)/dist/ready)
ACTIONS := action.yml adopt/action.yml delete/action.yml sweep/action.yml $(wildcard .github/actions/*/action.yml)
WORKFLOWS := $(wildcard .github/workflows/*.yml)
FORMS := $(wildcard .github/ISSUE_TEMPLATE/*.yml)
AUDIT := $(VENV)/pip-audit --strict --require-hashes --disable-pip
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header

.PHONY: demo test image soak bench lint audit lock clean

demo: .venv/ready .venv-emulator/ready
	@$(VENV)/python -m tools.emulator

# Two workers per processor: most tests wait for processes and for clocks. One that has no tests left takes some of
# another's, or the longest ones would wait for each other at the end.
test: .venv/ready .venv-emulator/ready $(if $(shell command -v npm 2>/dev/null),$(JAVASCRIPT)/ready)
	$(VENV)/python -m pytest --numprocesses $$((2 * $$(getconf _NPROCESSORS_ONLN))) --dist worksteal --cov

# Tests of the image on this machine's architecture; `make test` runs them too.
image: .venv/ready .venv-emulator/ready
	$(VENV)/python -m pytest tests/end_to_end --numprocesses $$((2 * $$(getconf _NPROCESSORS_ONLN)))

# All of tests/reliability, of which `make test` runs a part; and a Next.js server, whose packages are large.
soak: .venv/ready .venv-emulator/ready $(if $(shell command -v npm 2>/dev/null),$(JAVASCRIPT)/ready $(NEXTJS)/ready)
	$(VENV)/python -m pytest tests/reliability tests/scenarios/test_next_server.py --soak --numprocesses $$((2 * $$(getconf _NPROCESSORS_ONLN)))

# What the action costs a job, compared with the shell and an action for Node.js. Takes a few minutes; best on an idle machine.
bench: .venv/ready .venv-emulator/ready $(PEERS)
	@$(VENV)/python -m tools.benchmark

lint: .venv/ready
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/check-jsonschema --builtin-schema vendor.github-actions $(ACTIONS)
	$(VENV)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(VENV)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(VENV)/check-jsonschema --builtin-schema vendor.github-issue-forms $(FORMS)
	$(VENV)/zizmor --offline --quiet --pedantic $(ACTIONS) $(WORKFLOWS) .github/dependabot.yml
	$(VENV)/hadolint Dockerfile
	$(VENV)/cfn-lint infra/cloudformation.yaml
	$(if $(shell command -v terraform 2>/dev/null),terraform fmt -check -recursive infra,@echo 'No Terraform here: infra/terraform is not checked.')

# Strict, because a package that the advisory service does not know would otherwise pass as one without advisories.
# Locks with another version of a package are audited separately, since pip-audit refuses two versions.
audit: .venv/ready
	$(AUDIT) -r requirements/runtime.txt -r requirements/dev.txt
	$(AUDIT) -r requirements/emulator.txt -r requirements/moto-server.txt
	$(AUDIT) -r requirements/aws-cli.txt

# Needs uv. Add `LOCK=--upgrade` to move to newer versions. (npm writes the JavaScript lock files.)
lock:
	$(COMPILE) $(LOCK) pyproject.toml -o requirements/runtime.txt
	$(COMPILE) $(LOCK) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(COMPILE) $(LOCK) --group emulator -o requirements/emulator.txt
	$(COMPILE) $(LOCK) --group moto-server -c requirements/emulator.txt -o requirements/moto-server.txt
	$(COMPILE) $(LOCK) --group aws-cli -o requirements/aws-cli.txt

# The environment finds the repository's packages by path, so they need no installation.
.venv/ready: requirements/dev.txt
	@echo 'Setting up, once: downloading what the action and its tests need (a minute or so) ...'
	@$(PYTHON) -m venv --clear .venv
	@$(VENV)/pip $(INSTALL) --require-hashes -r $<
	@echo '$(CURDIR)' > "$$($(VENV)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/repository.pth"
	@touch $@

.venv-emulator/ready: requirements/emulator.txt
	@echo '... and the emulator.'
	@$(PYTHON) -m venv --clear .venv-emulator
	@$(EMULATOR)/pip $(INSTALL) --require-hashes -r $<
	@touch $@

# A peer that can't be installed is not measured.
.venv-aws-cli/ready: requirements/aws-cli.txt
	@echo '... the AWS CLI ...'
	@$(PYTHON) -m venv --clear .venv-aws-cli
	@.venv-aws-cli/bin/pip $(INSTALL) --require-hashes -r $< && touch $@ || echo 'The AWS CLI could not be installed.'

$(NODE_PEER)/dist/ready: $(NODE_PEER)/package-lock.json $(wildcard $(NODE_PEER)/*.js)
	@echo '... and the action for Node.js ...'
	@cd $(NODE_PEER) && npm ci --ignore-scripts --loglevel=error >/dev/null && npm run --silent build && touch dist/ready \
		|| echo 'The action for Node.js could not be built.'

$(JAVASCRIPT)/ready: tests/javascript/package-lock.json tests/javascript/unpack_browser.js
	@echo '... and the JavaScript clients, with a browser (half a minute) ...'
	@cd tests/javascript && npm ci --ignore-scripts --loglevel=error >/dev/null && node unpack_browser.js && touch ../../$@ \
		|| echo 'npm could not install them: the tests that need them are skipped.'

$(NEXTJS)/ready: tests/javascript/nextjs/package-lock.json
	@echo '... and Next.js (a minute) ...'
	@cd tests/javascript/nextjs && npm ci --ignore-scripts --loglevel=error >/dev/null && touch node_modules/ready \
		|| echo 'npm could not install it: the test that needs it is skipped.'

clean:
	rm -rf .venv .venv-emulator .venv-aws-cli $(JAVASCRIPT) $(NEXTJS) $(NODE_PEER)/node_modules $(NODE_PEER)/dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
