# Two commands do all: `make demo` shows the action at work, `make test` tests it.
# The set-up is two virtual environments, made anew when a lock file changes: one for the action and its tests, one for
# the emulator, which pins another version of the SDK.
PYTHON ?= python3
VENV := .venv/bin
EMULATOR := .venv-emulator/bin

.PHONY: demo test lint lock clean

demo: .venv/ready .venv-emulator/ready
	@$(VENV)/python -m demo

test: .venv/ready .venv-emulator/ready
	$(VENV)/python -m pytest $(PYTEST)

lint: .venv/ready
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(VENV)/zizmor --offline --quiet --pedantic action.yml
	$(VENV)/hadolint Dockerfile

# Compiled with hashes and for every platform; `uv` has to be installed.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.txt $(LOCK)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt $(LOCK)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group emulator -o demo/requirements.txt $(LOCK)

.venv/ready: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(VENV)/pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(VENV)/pip install -qq --disable-pip-version-check --no-deps --editable .
	touch $@

.venv-emulator/ready: demo/requirements.txt
	$(PYTHON) -m venv --clear .venv-emulator
	$(EMULATOR)/pip install -qq --disable-pip-version-check --require-hashes -r $<
	touch $@

clean:
	rm -rf .venv .venv-emulator .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
