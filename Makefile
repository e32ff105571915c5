# What people use: make run, make test. The rest: setup, lint, bench, faults, golden, translations, lock.
PYTHON ?= python3
BIN = .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test setup browser lint bench faults golden translations lock

run: setup
	@$(BIN)/couvert db upgrade
	@$(BIN)/couvert events sample
	@exec $(BIN)/couvert serve

test: setup browser
	@$(BIN)/pytest -n auto --dist worksteal

setup: .venv/ready

# Everything comes from the lock, each file checked by its hash.
.venv/ready: requirements.lock pyproject.toml $(wildcard app/translations/*/LC_MESSAGES/messages.po)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@cmp -s requirements.lock .venv/installed.lock || { \
		echo "Installing the locked dependencies (about a minute)"; \
		$(BIN)/pip install --quiet --require-hashes -r requirements.lock && \
		cp requirements.lock .venv/installed.lock; }
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/pybabel --quiet compile --directory app/translations
	@touch $@

# The browser of the tests: Debian's Chromium, installed where it is missing and can be.
browser:
	@command -v chromium >/dev/null 2>&1 || { \
		echo "Installing Chromium for the browser tests"; \
		{ apt-get update && apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 || \
		echo "Chromium could not be installed: the browser tests will be reported as skipped"; }

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint --quiet --lint app/templates email_templates
	@$(BIN)/mypy

bench: setup
	@$(BIN)/python -m tests.benchmarks

faults: setup
	@$(BIN)/python -m tests.faults

# Writes anew what each mail is held against, tests/mails/golden; then read `git diff`.
golden: setup
	@$(BIN)/python -m tests.mails.golden

# Collects the texts anew; each catalogue keeps its header, which Babel would fill with dates. Then fill in
# what is empty in app/translations/*/LC_MESSAGES/messages.po.
translations: setup
	@$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --ignore-dirs ".*" --sort-by-file --no-location \
		--omit-header --output-file .venv/messages.pot .
	@for catalogue in app/translations/*/LC_MESSAGES/messages.po; do \
		sed '/^$$/q' $$catalogue > .venv/header.po && \
		locale=$$(basename $$(dirname $$(dirname $$catalogue))) && \
		$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --omit-header --no-wrap \
			--locale $$locale --input-file .venv/messages.pot --output-dir app/translations && \
		cat $$catalogue >> .venv/header.po && cp .venv/header.po $$catalogue || exit 1; done

lock:
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes \
		--no-emit-index-url --no-header --upgrade --quiet --output-file requirements.lock
