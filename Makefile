# Two commands do all: `make demo` shows the action at work, `make test` tests it.
# The set-up is two virtual environments, made anew when a lock file changes: one for the action and its tests, one for
# the emulator, which pins another version of the SDK.
PYTHON ?= python3
VENV := .venv/bin
EMULATOR := .venv-emulator/bin
INSTALL := install -qq --disable-pip-version-check
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: demo test lint lock clean

demo: .venv/ready .venv-emulator/ready
	@$(VENV)/python -m demo

test: .venv/ready .venv-emulator/ready
	$(VENV)/python -m pytest --numprocesses auto --cov

lint: .venv/ready
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(VENV)/zizmor --offline --quiet --pedantic action.yml
	$(VENV)/hadolint Dockerfile

# Needs uv. Add `LOCK=--upgrade` to move to newer versions.
lock:
	$(COMPILE) $(LOCK) pyproject.toml -o requirements.txt
	$(COMPILE) $(LOCK) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	$(COMPILE) $(LOCK) --group emulator -o demo/requirements.txt

.venv/ready: requirements-dev.txt
	@echo 'Setting up, once: downloading what the action and its tests need (a minute or so) ...'
	@$(PYTHON) -m venv --clear .venv
	@$(VENV)/pip $(INSTALL) --require-hashes -r $<
	@$(VENV)/pip $(INSTALL) --no-deps --editable .
	@touch $@

.venv-emulator/ready: demo/requirements.txt
	@echo '... and the emulator.'
	@$(PYTHON) -m venv --clear .venv-emulator
	@$(EMULATOR)/pip $(INSTALL) --require-hashes -r $<
	@touch $@

clean:
	rm -rf .venv .venv-emulator .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
