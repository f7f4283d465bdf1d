# The commands of gradwalk. `make help` lists them.
#
# They need Rust, Python >= 3.11 with venv, make and a C compiler. Everything else is installed into
# .venv from the locked files in requirements/. Stamps remember what is done, so that a second run
# only repeats what changed.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(if \
	$(shell $(name) -c 'import sys; print(1) if sys.version_info >= (3, 11) else 0' 2>/dev/null),$(name))) python3)
# More words for pytest: make test-python PYTEST_ARGS="-k digits -x"
PYTEST_ARGS ?=
# The resolver behind `make lock`.
UV_VERSION := 0.13.9

PY := .venv/bin/python
STAMPS := .venv/.stamps
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-input
# -P keeps the current folder off sys.path: what is tested is the installed wheel.
RUN := $(PY) -P -m

# maturin has a target directory of its own: its settings differ from those of a plain cargo call,
# and sharing one would rebuild pyo3 at every switch between the two.
WHEEL_DIR := target/wheel
# Folders are listed too: their time changes when a file is added or removed.
WHEEL_SOURCES := $(shell find src python -not -name __pycache__ -not -name '*.pyc') \
	$(wildcard Cargo.toml Cargo.lock .cargo/config.toml pyproject.toml README.md LICENSE)

LIBRARY := libgradwalk.$(if $(filter Darwin,$(shell uname -s)),dylib,so)
COUNTING_LIBRARY := target/counting/$(LIBRARY)

export CARGO_TARGET_DIR := target
# Kernels of notebooks come from .venv, not from the user's folder.
export JUPYTER_PREFER_ENV_PATH := 1
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

.PHONY: help
help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

# ---------------------------------------------------------------------------------------------
# What a user wants

.PHONY: demo
demo: $(STAMPS)/wheel ## Build gradwalk, install it into .venv and run the demo
	$(RUN) gradwalk demo

.PHONY: wheel
wheel: $(WHEEL_DIR)/built ## Build the release wheel into target/wheel/dist
	@ls $(WHEEL_DIR)/dist/*.whl

# ---------------------------------------------------------------------------------------------
# What a contributor wants

.PHONY: test
test: lint test-rust test-python ## Everything that must pass: lint, Rust tests, Python tests, notebooks

.PHONY: lint
lint: lint-rust lint-python ## Formatting, clippy, documentation links, ruff, types and stubs

.PHONY: lint-rust
lint-rust: | rust-toolchain ## The Rust half of lint
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --features python -- -D warnings
	cargo clippy --locked --all-targets --features python,count-allocations -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --locked --no-deps --document-private-items

.PHONY: lint-python
lint-python: $(STAMPS)/dev $(STAMPS)/wheel ## The Python half of lint
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) mypy.stubtest gradwalk._core
	find notebooks -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*' -exec $(RUN) nbstripout --keep-id --verify {} +

# No doctests with the bindings: their docstrings are Python's, and rustdoc would take the indented
# formulas in them for Rust. The first line runs the doctests of the core.
.PHONY: test-rust
test-rust: | rust-toolchain ## Rust tests, without and with the bindings
	cargo test --locked
	cargo test --locked --features python --lib --tests

.PHONY: test-python
test-python: $(STAMPS)/dev $(STAMPS)/wheel counting ## Python tests and notebooks, against the built wheel
	GRADWALK_COUNTING_LIBRARY="$(CURDIR)/$(COUNTING_LIBRARY)" \
		$(RUN) pytest --nbmake --nbmake-timeout=300 tests/python notebooks $(PYTEST_ARGS)

# The extension with an allocator that counts. Copied aside, for other cargo calls overwrite the
# library in target/debug with one that does not count.
.PHONY: counting
counting: | rust-toolchain ## The extension whose Rust allocations are counted
	cargo build --locked --features python,count-allocations
	@mkdir -p $(dir $(COUNTING_LIBRARY))
	@cmp -s target/debug/$(LIBRARY) $(COUNTING_LIBRARY) || cp target/debug/$(LIBRARY) $(COUNTING_LIBRARY)

.PHONY: format
format: $(STAMPS)/dev ## Format the sources and strip the outputs of notebooks
	cargo fmt
	$(RUN) ruff check --fix
	$(RUN) ruff format
	find notebooks -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*' -exec $(RUN) nbstripout --keep-id {} +

UPGRADE ?=
COMPILE = target/lock/bin/uv pip compile --quiet --python target/lock/bin/python --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)
.PHONY: lock
lock: ## Lock the requirements anew (UPGRADE=1: newest versions)
	$(PYTHON) -m venv target/lock
	target/lock/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(COMPILE) requirements/dev.in --output-file requirements/dev.txt
	$(COMPILE) requirements/demo.in --constraint requirements/dev.txt --output-file requirements/demo.txt
	cargo update $(if $(UPGRADE),,--workspace)

.PHONY: clean
clean: ## Remove what was built (the .venv stays)
	rm -rf target .mypy_cache .pytest_cache .ruff_cache .hypothesis $(STAMPS)/wheel

.PHONY: distclean
distclean: clean ## Remove the .venv too
	rm -rf .venv

# ---------------------------------------------------------------------------------------------
# Steps with a stamp

$(PY): | rust-toolchain
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "gradwalk needs Python >= 3.11, and $(PYTHON) is: $$($(PYTHON) --version 2>&1)"; \
		echo "Install a newer one and say which: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sysconfig, sys; sys.exit(bool(sysconfig.get_config_var("Py_GIL_DISABLED")))' || { \
		echo "gradwalk does not support free-threaded Python yet, and $(PYTHON) is such a build."; exit 1; }
	$(PYTHON) -m venv --clear .venv || { rm -rf .venv; \
		echo "$(PYTHON) cannot make a virtual environment. On Debian: apt install python3-venv"; exit 1; }

$(STAMPS)/demo: requirements/demo.txt $(PY)
	$(INSTALL) --require-hashes -r $<
	@mkdir -p $(STAMPS) && touch $@

# demo.txt is a part of dev.txt, with the same pins, and goes first: maturin is in it.
$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/demo
	$(INSTALL) --require-hashes -r $<
	@touch $@

$(WHEEL_DIR)/built: $(WHEEL_SOURCES) $(STAMPS)/demo | rust-toolchain
	@rm -rf $(WHEEL_DIR)/dist
	$(RUN) maturin build --release --locked --interpreter $(PY) \
		--target-dir $(WHEEL_DIR) --out $(WHEEL_DIR)/dist
	@touch $@

$(STAMPS)/wheel: $(WHEEL_DIR)/built
	$(INSTALL) --no-index --no-deps --force-reinstall $(WHEEL_DIR)/dist/*.whl
	@touch $@

.PHONY: rust-toolchain
rust-toolchain:
	@need=$$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml); \
	have=$$(rustc --version 2>/dev/null | cut -d' ' -f2); \
	if [ -z "$$have" ] || ! command -v cargo >/dev/null; then \
		echo "gradwalk needs Rust >= $$need (cargo and rustc), and none was found on PATH."; exit 1; fi; \
	printf '%s\n%s\n' "$$need" "$$have" | sort -V -C || { \
		echo "gradwalk needs Rust >= $$need, and rustc is $$have. With rustup: rustup update stable"; exit 1; }
