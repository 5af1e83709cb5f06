# What a newcomer types. `make run` and `make test` set up what they need; the rest are shortcuts.

PY := .venv/bin/python

.PHONY: run test setup bench bench-identity check fix docs lock clean help

help:            ## say what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/'

run: .venv/run.stamp      ## serve the synthetic country on http://127.0.0.1:8000
	@.venv/bin/nabd serve --demo

test: .venv/dev.stamp     ## run every test; ARGS="tests/unit -k access" for some
	@$(PY) -m pytest $(ARGS)

setup: .venv/run.stamp    ## virtual environment with the locked dependencies

bench: .venv/bench.stamp  ## measure everything; ARGS="check http" for some
	@$(PY) -m bench $(ARGS)

bench-identity: .venv/bench.stamp  ## measure linkage; ARGS=200000 for a smaller register
	@$(PY) -m bench.identity $(ARGS)
	@$(PY) -m bench.foreign

check: .venv/dev.stamp    ## types, style, imports, catalogues
	@$(PY) -m pytest tests/unit/test_style.py -q

fix: .venv/dev.stamp      ## mend the style
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format --quiet .

docs: .venv/dev.stamp     ## write docs/reference anew
	@$(PY) tools/reference.py
	@$(PY) tools/suites.py

lock: .venv/dev.stamp     ## resolve the dependencies again
	@tools/lock

clean:                    ## remove the environment, the caches and the demo's database
	@rm -rf .venv .nabd .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/run.stamp: requirements.lock pyproject.toml tools/setup
	@tools/setup requirements.lock $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml tools/setup
	@tools/setup requirements-dev.lock $@

.venv/bench.stamp: requirements-bench.lock .venv/dev.stamp
	@tools/setup requirements-bench.lock $@
