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
# The judge of `make deny`.
CARGO_DENY_VERSION := 0.20.2
# For how long `make fuzz` tries each of its targets, and from where its random bytes start.
FUZZ_SECONDS ?= 60
FUZZ_SEED ?= 0

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
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-21s %s\n", $$1, $$2}'

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
	cargo clippy --locked --all-targets --features python,count-allocations,bench -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --locked --no-deps --document-private-items

.PHONY: lint-python
lint-python: $(STAMPS)/dev $(STAMPS)/wheel ## The Python half of lint, and circles among modules
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) mypy.stubtest gradwalk._core
	$(PY) tests/lint/module_circles.py
	find notebooks -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*' -exec $(RUN) nbstripout --keep-id --verify {} +

# Without the bindings, which have no Rust tests: they would need libpython.
.PHONY: test-rust
test-rust: | rust-toolchain ## Rust tests
	cargo test --locked

TEST = GRADWALK_COUNTING_LIBRARY="$(CURDIR)/$(COUNTING_LIBRARY)" $(RUN) pytest
# Two processes, and then what must have the machine to itself, from the files that have any. Of
# either there may be none among the tests that PYTEST_ARGS picks, which pytest tells by ending with 5.
.PHONY: test-python
test-python: $(STAMPS)/dev $(STAMPS)/wheel counting ## Python tests and notebooks, against the built wheel
	$(TEST) --nbmake --nbmake-timeout=300 tests/python notebooks \
		-n 2 --dist worksteal -m "not alone" $(PYTEST_ARGS) || test $$? -eq 5
	$(TEST) $$(grep -rl --include='*.py' pytest.mark.alone tests/python) \
		-m alone $(PYTEST_ARGS) || test $$? -eq 5

# The extension with an allocator that counts. Copied aside, for other cargo calls overwrite the
# library in target/debug with one that does not count.
.PHONY: counting
counting: | rust-toolchain ## The extension whose Rust allocations are counted
	cargo build --locked --features python,count-allocations
	@mkdir -p $(dir $(COUNTING_LIBRARY))
	@cmp -s target/debug/$(LIBRARY) $(COUNTING_LIBRARY) || cp target/debug/$(LIBRARY) $(COUNTING_LIBRARY)

.PHONY: gallery
gallery: $(STAMPS)/dev $(STAMPS)/wheel ## Draw the pictures of docs/gallery anew
	$(PY) docs/gallery/make.py

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
	$(COMPILE) requirements/fuzz.in --constraint requirements/dev.txt --output-file requirements/fuzz.txt
	$(COMPILE) requirements/screens.in --constraint requirements/dev.txt --output-file requirements/screens.txt
	$(COMPILE) requirements/bench.in --constraint requirements/dev.txt --output-file requirements/bench.txt
	$(COMPILE) requirements/bench-torch.in --constraint requirements/bench.txt --output-file requirements/bench-torch.txt
	cargo update $(if $(UPGRADE),,--workspace)

.PHONY: clean
clean: ## Remove what was built (the .venv stays)
	rm -rf target .mypy_cache .pytest_cache .ruff_cache .hypothesis $(STAMPS)/wheel

.PHONY: distclean
distclean: clean ## Remove the .venv too
	rm -rf .venv .venv-bench .venv-screens

# ---------------------------------------------------------------------------------------------
# What takes longer, and is no part of `make test`

# cargo-deny is compiled once, into a folder that `make clean` takes away.
.PHONY: deny
deny: | rust-toolchain ## Licences, bans and sources of the dependencies (compiles cargo-deny once)
	@command -v cargo-deny >/dev/null || test -x target/tools/bin/cargo-deny || { \
		echo "cargo-deny is not on PATH: it is compiled into target/tools, which takes some minutes"; \
		cargo install --locked --quiet --version $(CARGO_DENY_VERSION) \
			--root target/tools --target-dir target/tools/build cargo-deny; }
	PATH="$$PATH:$(CURDIR)/target/tools/bin" cargo deny --locked check bans licenses sources

# AddressSanitizer sees every access beside an allocation, or after its end. Its builds have target
# directories of their own, for every crate is compiled anew.
.PHONY: memcheck
memcheck: memcheck-rust memcheck-python ## AddressSanitizer over Rust tests and Python tests (nightly Rust)

HOST = $(shell rustc -vV | sed -n 's/^host: //p')
ASAN_FLAGS := -Zsanitizer=address

.PHONY: memcheck-rust
memcheck-rust: | nightly ## The Rust half of memcheck; leaks count too
	RUSTFLAGS="$(ASAN_FLAGS)" cargo +nightly test --locked --lib --tests --no-fail-fast \
		--target $(HOST) --target-dir target/asan

# Python is not built for the sanitizer, so the runtime has to be there before it, and with it the
# library whose exceptions it watches. PYTHONMALLOC makes every object an allocation that is watched.
# What Python keeps until its end is no leak, and a size that no machine has is refused as by malloc.
LIBASAN = $(shell $(or $(CC),cc) -print-file-name=libasan.so)
LIBSTDCXX = $(shell $(or $(CC),cc) -print-file-name=libstdc++.so)
UNDER_ASAN = PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
	PYTHONPATH="$(CURDIR)/$(1)/package" LD_PRELOAD="$(2)"
# Tests that hand over arrays, wrong ones too, and functions that are called back. How much memory is
# in use cannot be told here: the sanitizer keeps what is freed for a while, to see it touched.
MEMCHECK_TESTS := $(patsubst %,tests/python/*/test_%.py,bad_input bad_places forms layouts refused_arrays \
	tables gradients weights minimize minimize_errors own_loss steps callbacks saving pickle odd_numbers fuzz theta)

.PHONY: memcheck-python
memcheck-python: $(STAMPS)/dev | nightly ## The Python half of memcheck
	@test -f "$(LIBASAN)" || { echo "gcc's libasan.so was not found. On Debian: apt install gcc"; exit 1; }
	RUSTFLAGS="$(ASAN_FLAGS)" cargo +nightly build --locked --lib --features python \
		--target $(HOST) --target-dir target/asan
	$(call package,target/asan)
	$(call UNDER_ASAN,target/asan,$(LIBASAN) $(LIBSTDCXX)) \
		$(RUN) pytest --capture=sys -p no:faulthandler -p no:cacheprovider -k "not memory_is_flat" \
		$(wildcard $(MEMCHECK_TESTS)) $(PYTEST_ARGS)

# The package of the source folder, around the extension that was built into the folder $(1).
define package
	@rm -rf $(1)/package && mkdir -p $(1)/package
	@cp -R python/gradwalk $(1)/package/gradwalk
	@cp $(1)/$(HOST)/debug/$(LIBRARY) $(1)/package/gradwalk/_core.abi3.so
endef

FUZZ_TARGETS := array_gate loaded_state public_surface

.PHONY: fuzz
fuzz: fuzz-random ## Fuzz arrays, saved state and the public surface (FUZZ_SECONDS=60 for each)
	@if $(MAKE) --no-print-directory nightly $(STAMPS)/fuzz; then $(MAKE) --no-print-directory fuzz-guided; \
	else echo "Without a nightly Rust or atheris there is no fuzzing that is guided by coverage."; fi

.PHONY: fuzz-random
fuzz-random: $(STAMPS)/dev $(STAMPS)/wheel ## 100,000 calls of each fuzz target, from seeded bytes (FUZZ_SEED=0)
	@for target in $(FUZZ_TARGETS); do echo "$$target, random bytes"; \
		$(PY) tests/fuzz/run.py $$target --calls 100000 --seed $(FUZZ_SEED) || exit 1; done

# What libFuzzer is told of the core: which branches were taken, and which numbers compared.
COVERAGE_FLAGS := -Cpasses=sancov-module $(addprefix -Cllvm-args=-sanitizer-coverage-,\
	level=4 inline-8bit-counters pc-table trace-compares)

.PHONY: fuzz-guided
fuzz-guided: $(STAMPS)/dev $(STAMPS)/fuzz | nightly ## Fuzzing by coverage of the core, under AddressSanitizer
	RUSTFLAGS="$(ASAN_FLAGS) $(COVERAGE_FLAGS)" cargo +nightly build --locked --lib --features python \
		--target $(HOST) --target-dir target/fuzz
	$(call package,target/fuzz)
	@runtime=$$($(PY) -c 'import atheris; print(atheris.path())')/asan_with_fuzzer.so; \
	for target in $(FUZZ_TARGETS); do echo "$$target, guided, $(FUZZ_SECONDS) s"; \
		$(call UNDER_ASAN,target/fuzz,$$runtime) \
		$(PY) tests/fuzz/run.py $$target --atheris --seconds $(FUZZ_SECONDS) || exit 1; done

# ---------------------------------------------------------------------------------------------
# Pictures of notebooks

SCREENS := .venv-screens
SCREENS_INSTALL := $(SCREENS)/bin/python -m pip install --quiet --disable-pip-version-check --no-input

# Looks at the cards, bars and animations where they are seen. SCREENS_ARGS="--readme docs/images"
# makes the pictures of the README anew.
.PHONY: screens
screens: $(SCREENS)/.stamps/wheel ## Run a notebook in JupyterLab, light and dark, and take pictures (needs Chromium)
	@command -v chromedriver >/dev/null || { \
		echo "chromedriver was not found. On Debian: apt install chromium chromium-driver fonts-nanum"; exit 1; }
	$(SCREENS)/bin/python tests/notebook_screens/take.py target/screens $(SCREENS_ARGS)

$(SCREENS)/.stamps/packages: requirements/screens.txt $(PY)
	test -x $(SCREENS)/bin/python || $(PYTHON) -m venv --clear $(SCREENS)
	$(SCREENS_INSTALL) --require-hashes -r $<
	@mkdir -p $(@D) && touch $@

$(SCREENS)/.stamps/wheel: $(WHEEL_DIR)/built $(SCREENS)/.stamps/packages
	$(SCREENS_INSTALL) --no-index --no-deps --force-reinstall $(WHEEL_DIR)/dist/*.whl
	@touch $@

# ---------------------------------------------------------------------------------------------
# Timings

# More words for the race and for scaling: make bench BENCH_ARGS="--quick --only SGD"
BENCH_ARGS ?=
BENCH := .venv-bench
BENCH_INSTALL := $(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-input
# The peers' environment where there is one, else that of the tests: the race leaves out who is missing.
HAS_PEERS := $(wildcard $(BENCH)/.stamps/peers)
RACER := $(if $(HAS_PEERS),$(BENCH)/bin/python,$(PY))
RACER_READY := $(if $(HAS_PEERS),$(BENCH)/.stamps/wheel,$(STAMPS)/wheel)

.PHONY: bench
bench: $(RACER_READY) ## Race gradwalk against other libraries (BENCH_ARGS=--quick; see benches/README.md)
	$(RACER) benches/race $(BENCH_ARGS)

.PHONY: bench-scaling
bench-scaling: $(RACER_READY) ## Time an epoch against rows, features, batch size and threads
	$(RACER) benches/race/scaling.py $(BENCH_ARGS)

.PHONY: bench-levels
bench-levels: $(STAMPS)/wheel ## Tell whether a kernel has fallen out of its instruction set
	$(PY) benches/levels.py

.PHONY: bench-kernels
bench-kernels: | rust-toolchain ## Criterion benches of the passes over rows
	cargo bench --locked --features bench --bench kernels

.PHONY: bench-peers
bench-peers: $(BENCH)/.stamps/wheel ## Make .venv-bench with numba, scikit-learn and JAX, for `make bench`

.PHONY: bench-torch
bench-torch: $(BENCH)/.stamps/torch $(BENCH)/.stamps/wheel ## Add PyTorch to .venv-bench (on Linux a download of 2.5 GB)

$(BENCH)/.stamps/peers: requirements/bench.txt
	test -x $(BENCH)/bin/python || $(PYTHON) -m venv --clear $(BENCH)
	$(BENCH_INSTALL) --require-hashes -r $<
	@mkdir -p $(@D) && touch $@

$(BENCH)/.stamps/torch: requirements/bench-torch.txt $(BENCH)/.stamps/peers
	$(BENCH_INSTALL) --require-hashes -r $<
	@touch $@

$(BENCH)/.stamps/wheel: $(WHEEL_DIR)/built $(BENCH)/.stamps/peers
	$(BENCH_INSTALL) --no-index --no-deps --force-reinstall $(WHEEL_DIR)/dist/*.whl
	@touch $@

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

$(STAMPS)/fuzz: requirements/fuzz.txt $(STAMPS)/dev
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

.PHONY: nightly
nightly: | rust-toolchain
	@test "$$(uname -s)" = Linux || { echo "This works on Linux alone."; exit 1; }
	@cargo +nightly --version >/dev/null 2>&1 || { \
		echo "This needs a nightly Rust, whose AddressSanitizer it uses: rustup toolchain install nightly"; \
		exit 1; }
