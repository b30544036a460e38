# Everything runs in .venv, which `setup` fills from requirements.lock.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$python >/dev/null 2>&1 && $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$python; break; }; done)
BIN := .venv/bin
SOURCES := connectors metrics pages sample_data tests benchmarks dashboard.py
WORKSPACE ?= workspace
# Compiled code is kept, whatever the shell says: many tests start a process, and each would compile everything anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: setup setup-engines run test check format bench lock screenshots clean

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "could not set up, because no Python 3.11 or newer was found; install one, or say make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv .venv || { echo "could not make .venv, because this Python has no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

setup-engines: .venv/.engines

.venv/.engines: .venv/.ready requirements-engines.lock
	@command -v java >/dev/null || { echo "could not set up the engines, because Spark needs Java 17; on Debian: apt-get install openjdk-17-jre-headless" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-engines.lock
	@touch $@

run: setup
	$(BIN)/quarterline demo --dir $(WORKSPACE)

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: setup
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix --quiet $(SOURCES) || true
	$(BIN)/ruff format $(SOURCES)

bench: setup
	$(BIN)/python -m benchmarks

lock: setup
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev \
		--extra postgresql --extra mysql --extra clickhouse \
		--custom-compile-command "make lock" --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group engines -c requirements.lock \
		--custom-compile-command "make lock" --upgrade -o requirements-engines.lock

screenshots: setup
	$(BIN)/python -m benchmarks.screenshots

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
