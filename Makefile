# Everything the project does has a target here; `make` alone lists them.
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OLDEST := .cache/pydantic-2.11
INSTALL := -m pip install --quiet --require-hashes
RUST := $(shell find rust -name '*.rs' -o -name Cargo.toml) Cargo.toml Cargo.lock

# The tests start hundreds of interpreters: without the byte code beside the sources each compiles all it imports.
unexport PYTHONDONTWRITEBYTECODE
export PYRIGHT_PYTHON_CACHE_DIR := $(CURDIR)/.cache/pyright
export MYPY_CACHE_DIR := $(CURDIR)/.cache/mypy
export RUFF_CACHE_DIR := $(CURDIR)/.cache/ruff
export CARGO_ZIGBUILD_CACHE_DIR := $(CURDIR)/.cache/zigbuild
export ZIG_GLOBAL_CACHE_DIR := $(CURDIR)/.cache/zig

.PHONY: help setup build demo test test-oldest large histories exhaustive properties fuzz websocket-cases survival check audit notices pins bump generate bench bench-smoke micro wheel check-wheel test-wheel format clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 17

setup: $(VENV)/.ready ## Make .venv with the tools that the project needs

$(VENV)/.ready: pyproject.toml requirements/installer.txt requirements/dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "matterapi needs Python 3.10 or newer: install python3 and its venv module"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "matterapi needs Python 3.10 or newer: set PYTHON=<path of one>"; exit 1; }
	@command -v cargo >/dev/null || { echo "matterapi needs a Rust toolchain (1.89 or newer): install it with rustup"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: install it (Debian: python3-venv)"; exit 1; }
	$(BIN)/python $(INSTALL) -r requirements/installer.txt
	$(BIN)/python $(INSTALL) -r requirements/dev.txt
	@touch $@

build: $(VENV)/.built ## Build the Rust core into .venv

$(VENV)/.built: $(VENV)/.ready $(RUST)
	$(BIN)/maturin develop --quiet --locked --release --extras testing
	@touch $@

demo: build ## Run the main job against the embedded server, sync and async
	$(BIN)/python examples/demo.py

# More of them than processors: half of their time they wait.
test: build ## Run the Python tests
	$(BIN)/python -m pytest -n 4 --dist worksteal

test-oldest: build $(OLDEST)/.ready ## Run the tests of models and options with the oldest pydantic that is supported
	PYTHONPATH=python $(OLDEST)/bin/python -m pytest -n 2 --dist worksteal -p no:cacheprovider \
		tests/calls tests/decoding tests/errors tests/fuzz tests/options tests/test_types.py

$(OLDEST)/.ready: $(VENV)/.ready requirements/dev-oldest.txt
	$(BIN)/python -m venv $(OLDEST)
	$(OLDEST)/bin/python $(INSTALL) -r requirements/installer.txt
	$(OLDEST)/bin/python $(INSTALL) -r requirements/dev-oldest.txt
	@touch $@

large: build ## Move files of 1 and 2 GiB and measure the memory that takes
	$(BIN)/python -m pytest -m large -rP tests/large

HISTORIES ?= 20000
histories: build ## Drive the event stream's rules through HISTORIES=20000 of a server and its faults, and as many of hypothesis'
	MATTERAPI_HISTORIES=$(HISTORIES) cargo test --locked --quiet -p matterapi-core --lib events::model
	MATTERAPI_HISTORIES=$(HISTORIES) $(BIN)/python -m pytest -n 2 --dist worksteal --timeout=0 -m histories tests/histories

exhaustive: build ## Run the proofs by numbers in full: attacks, threads, TLS, routes (a quarter of an hour or more)
	MATTERAPI_EXHAUSTIVE=1 $(BIN)/python -m pytest -n 2 --dist worksteal \
		tests/attacks tests/calls tests/emulator/attacks tests/endpoints tests/events tests/large tests/process tests/properties tests/rfc6455 tests/survival tests/wire

properties: build ## Run the decoder's property tests with 10,000 examples each (a quarter of an hour or more)
	MATTERAPI_EXAMPLES=10000 $(BIN)/python -m pytest -n 2 --dist worksteal --timeout=0 tests/decoding/test_schema.py

FUZZED := decoder events multipart retry_after url wire
SECONDS ?= 600
fuzz: build ## Fuzz all that reads what others write, SECONDS=600 each, and the scanner with a million texts
	for target in $(FUZZED); do $(BIN)/python -m tests.fuzz.fuzz_$$target --seconds $(SECONDS) || exit 1; done
	BOLERO_RANDOM_ITERATIONS=1000000 cargo test --locked --quiet -p matterapi-core --test json differential

websocket-cases: build ## Carry out all cases of RFC 6455 and write docs/reference/websocket-conformance.md
	$(BIN)/python -m tests.rfc6455

survival: build ## Cut a listener off in every way and count what it lost, 2 minutes each (URL=, TOKEN= of a real server)
	$(BIN)/python -m tests.survival $(if $(URL),--url "$(URL)" --token "$(TOKEN)") $(ARGS)

check: build ## Format, lint, types, generated files, Rust tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m codegen --check
	$(BIN)/python -m supply --check
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/python -m tests.docs.programs .cache/readme
	$(BIN)/mypy --strict .cache/readme/*.py
	$(BIN)/pyright -p .cache/readme
	@mkdir -p .cache
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pyright --verifytypes matterapi --ignoreexternal >.cache/verifytypes.txt \
		|| { cat .cache/verifytypes.txt; exit 1; }
	$(BIN)/python -m mypy.stubtest matterapi._core --ignore-disjoint-bases
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
	cargo test --locked --workspace --quiet

audit: setup ## Judge licences and sources of what is built, and what is known against it (STRICT=1: fail if unknown)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m supply.audit $(if $(STRICT),--strict)

notices: setup ## Write notices and SBOM of the linked crates anew, after a change of Cargo.lock
	$(BIN)/python -m supply

# The tools of a group are those of `dev` where both name them; the oldest dependencies are a world of their own.
pins: setup ## Pin the build tools anew, with hashes, to what is newest
	$(BIN)/python -m pip install --quiet --group pins
	for group in installer dev dev-oldest wheel wheel-tests; do \
		case $$group in dev|wheel-tests) project="pyproject.toml --extra testing" ;; \
			wheel) project="--constraint requirements/dev.txt" ;; *) project= ;; esac; \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 --generate-hashes --no-annotate \
			--custom-compile-command "make pins" --output-file requirements/$$group.txt $$project --group $$group \
			|| exit 1; \
	done

bump: setup ## Take a newer API description into spec/ (SPEC=<OpenAPI file> VERSION=<server version>) and generate
	@[ -n "$(SPEC)" ] && [ -n "$(VERSION)" ] || { echo "make bump SPEC=<OpenAPI file> VERSION=<server version, such as 11.12>"; exit 1; }
	$(BIN)/python -m codegen.importer "$(SPEC)" "$(VERSION)"
	$(BIN)/python -m codegen

generate: setup ## Write the generated files anew from spec/
	$(BIN)/python -m codegen

format: setup ## Format Python and Rust
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --exit-zero --quiet .
	cargo fmt --all

# The system's unwinder, not zig's own: the C library ends threads through it, with frames of ours on their stacks.
# Trained natively, not by maturin's --pgo: zig cannot link the counters. All flags go into RUSTFLAGS: arguments behind
# `--` become part of the functions' names, by which the counts are found.
wheel: $(VENV)/.zig build ## Build a manylinux wheel into dist/, guided by a profile (training/)
	rm -f dist/matterapi-*.whl
	flags="$$($(BIN)/python -m training)" && unwinder="$$(cc -print-file-name=libgcc_s.so.1)" && \
		PATH="$(CURDIR)/$(BIN):$$PATH" RUSTFLAGS="$$flags -Clink-arg=$$unwinder" \
		$(BIN)/maturin build --locked --release --zig --compatibility manylinux2014 --out dist

$(VENV)/.zig: $(VENV)/.ready requirements/wheel.txt
	$(BIN)/python $(INSTALL) -r requirements/wheel.txt
	@touch $@

check-wheel: wheel ## Check the wheel's tag, libraries, symbols and size
	$(BIN)/python -m tests.wheel.check dist/matterapi-*.whl
	$(BIN)/abi3audit --strict dist/matterapi-*.whl

# Fresh environments without the source tree. Left out is what reads it: codegen, contract, benches, docs, examples,
# training, supply, typing, fixtures, fuzz (its corpus), programs, rfc6455 (its page).
WHEEL_TESTS := calls conformance decoding emulator errors events http large options process properties redaction wire
WHEEL_PYTHONS ?= 3.10 3.14 3.13

test-wheel: check-wheel ## Run the tests against the installed wheel, on Python 3.10 and the newest of WHEEL_PYTHONS
	PATH="$$PATH" $(BIN)/python -m tests.wheel.run --folders "$(WHEEL_TESTS)" --pythons "$(WHEEL_PYTHONS)" dist/matterapi-*.whl

bench: wheel ## Measure beside 0.5.0 and the fastest peers, and print one table (ARGS=, see `python -m benches --help`)
	$(BIN)/python -m benches $(ARGS)

bench-smoke: build ## Let every benchmark work for a moment: it fails on errors, never on figures
	$(BIN)/python -m benches --smoke --ours $(BIN)/python

micro: ## Measure single steps of the core: scan, decode, routes, frames, with the memory they ask for
	cargo bench --locked -p matterapi-core --bench micro

clean: ## Remove everything that was built
	rm -rf $(VENV) .cache target dist benches/.venv-* benches/server/target
