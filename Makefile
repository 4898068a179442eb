# Everything a developer types. Each target sets up what it needs and says what it does.
PYTHON ?= python3

.PHONY: help site setup run test test-faults test-everywhere mutants explore check check-all lock bundle advisories pictures
.DEFAULT_GOAL := help

help:
	@echo "make setup   Python environment, packages, scripts and styles, English catalogue"
	@echo "make run     set up, load the demo county when the database is new, serve on port 8000"
	@echo "             (FENGQIAO_PORT=8001 make run takes another port; Ctrl-C ends it)"
	@echo "make test    set up, then the whole suite on SQLite and PostgreSQL and in the browser"
	@echo "             (make test ARGS='-k ticket' passes arguments on to pytest)"
	@echo "make test-faults   what happens when things die, in its long form: kill -9 at every statement,"
	@echo "             PostgreSQL restarted, disk full, clocks that jump ... (some of it is in make test)"
	@echo "make test-everywhere   the suite with all tests of the pages on PostgreSQL, too; weekly"
	@echo "make mutants which small faults in the modules that guard data do the tests notice?"
	@echo "             (those that changed since main; ARGS=--all, ARGS=engine/records/vault.py,"
	@echo "             ARGS='--all --sample 200'; in a fresh clone it first runs the suite once)"
	@echo "make explore properties on examples never tried before; weekly, for hours"
	@echo "make check   ruff, mypy, pure tests and those of what changed since main, in under a minute"
	@echo "make check-all   ruff, mypy and every test that needs no browser"
	@echo "make lock    after setup.cfg changed: the lock files anew (ARGS=--upgrade: newer versions)"
	@echo "make bundle  what a machine without network needs to install the product, as one file"
	@echo "make pictures    every role's pages as pictures, in two languages, two sizes, light and dark"
	@echo "             (ARGS='--only supervisor2,en,phone'; into pictures/, not kept)"
	@echo "make site    the documentation site in two languages, into site/ (ARGS=FOLDER: there)"
	@echo "make advisories    what is known against the locked packages, where that can be reached"

setup:
	@$(PYTHON) tools/setup.py

run:
	@$(PYTHON) tools/setup.py
	@.venv/bin/fengqiao run

test:
	@$(PYTHON) tools/setup.py --tests
	@.venv/bin/python tools/test.py $(ARGS)

test-faults:
	@$(PYTHON) tools/setup.py --tests
	@FENGQIAO_FAULTS=long .venv/bin/python tools/test.py -m faults $(ARGS)

test-everywhere:
	@$(PYTHON) tools/setup.py --tests
	@.venv/bin/python tools/test.py -n 2 --dist worksteal --summary --everywhere

mutants:
	@$(PYTHON) tools/setup.py --tests
	@.venv/bin/python tools/mutants.py $(ARGS)

explore:
	@$(PYTHON) tools/setup.py --tests
	@HYPOTHESIS_PROFILE=explore .venv/bin/python tools/test.py --backend sqlite -o timeout=0 \
		-m "not browser" $(or $(ARGS),$(shell git grep -l hypothesis -- 'tests/*/test_*.py'))

check:
	@$(PYTHON) tools/setup.py --tests
	@.venv/bin/python tools/check.py

check-all:
	@$(PYTHON) tools/setup.py --tests
	@.venv/bin/python tools/check.py --all

lock:
	@$(PYTHON) tools/lock.py $(ARGS)

bundle:
	@$(PYTHON) tools/setup.py
	@.venv/bin/python tools/bundle.py

advisories:
	@$(PYTHON) tools/advisories.py

site:
	@$(PYTHON) tools/setup.py --tests
	@.venv/bin/python tools/site.py $(ARGS)

pictures:
	@$(PYTHON) tools/setup.py --tests
	@.venv/bin/python tools/pictures.py $(ARGS)
