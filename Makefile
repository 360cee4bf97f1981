# Two commands do all: `make demo` shows the action at work, `make test` tests it.
# The set-up is two virtual environments, made anew when a lock file changes: one for the action and its tests, one for
# the emulator, which pins another version of the SDK. Where there is npm, `make test` also installs JavaScript clients
# of Cognito, and a browser, to test the action against.
PYTHON ?= python3
VENV := .venv/bin
EMULATOR := .venv-emulator/bin
INSTALL := install -qq --disable-pip-version-check
JAVASCRIPT := tests/javascript/node_modules
ACTIONS := action.yml adopt/action.yml delete/action.yml sweep/action.yml
WORKFLOWS := $(wildcard .github/workflows/*.yml)
AUDIT := $(VENV)/pip-audit --strict --require-hashes --disable-pip
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header

.PHONY: demo test soak lint audit lock clean

demo: .venv/ready .venv-emulator/ready
	@$(VENV)/python -m demo

# Two workers for each processor: most tests wait, for processes and for clocks.
test: .venv/ready .venv-emulator/ready $(if $(shell command -v npm 2>/dev/null),$(JAVASCRIPT)/ready)
	$(VENV)/python -m pytest --numprocesses $$((2 * $$(getconf _NPROCESSORS_ONLN))) --cov

# All of tests/reliability, of which `make test` runs a part.
soak: .venv/ready .venv-emulator/ready
	$(VENV)/python -m pytest tests/reliability --soak --numprocesses $$((2 * $$(getconf _NPROCESSORS_ONLN)))

lint: .venv/ready
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/check-jsonschema --builtin-schema vendor.github-actions $(ACTIONS)
	$(VENV)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(VENV)/zizmor --offline --quiet --pedantic $(ACTIONS) $(WORKFLOWS)
	$(VENV)/hadolint Dockerfile

# Strict, because a package that the advisory service does not know would pass as one without advisories. The emulator
# is asked about alone: pip-audit refuses two versions of one package, and the emulator pins another SDK.
audit: .venv/ready
	$(AUDIT) -r requirements.txt -r requirements-dev.txt
	$(AUDIT) -r demo/requirements.txt

# Needs uv. Add `LOCK=--upgrade` to move to newer versions. (The lock file in tests/javascript is npm's own.)
lock:
	$(COMPILE) $(LOCK) pyproject.toml -o requirements.txt
	$(COMPILE) $(LOCK) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	$(COMPILE) $(LOCK) --group emulator -o demo/requirements.txt

# The action itself is a folder of Python: a path is enough, and no build tool has to be trusted.
.venv/ready: requirements-dev.txt
	@echo 'Setting up, once: downloading what the action and its tests need (a minute or so) ...'
	@$(PYTHON) -m venv --clear .venv
	@$(VENV)/pip $(INSTALL) --require-hashes -r $<
	@echo '$(CURDIR)' > "$$($(VENV)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/repository.pth"
	@touch $@

.venv-emulator/ready: demo/requirements.txt
	@echo '... and the emulator.'
	@$(PYTHON) -m venv --clear .venv-emulator
	@$(EMULATOR)/pip $(INSTALL) --require-hashes -r $<
	@touch $@

$(JAVASCRIPT)/ready: tests/javascript/package-lock.json tests/javascript/unpack_browser.js
	@echo '... and the JavaScript clients, with a browser (half a minute) ...'
	@cd tests/javascript && npm ci --ignore-scripts --loglevel=error >/dev/null && node unpack_browser.js && touch ../../$@ \
		|| echo 'npm could not install them: the tests that need them are skipped.'

clean:
	rm -rf .venv .venv-emulator $(JAVASCRIPT) .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
