# The two commands of the README are `make run` and `make test`; `make help` lists the rest.
# Everything happens in build/; cargo output is kept in $(OUTLAYER_CACHE) (default: the user cache),
# so that a second checkout does not compile the engine again.

.DEFAULT_GOAL := help
.PHONY: help setup build run test suite sanitize bench gas fuzz gcc format clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup:
	@tools/setup

build/%/build.ninja: CMakePresets.json CMakeLists.txt cmake/outlayer.cmake
	@cmake --preset $* >build-$*.log 2>&1 || { cat build-$*.log; rm -f build-$*.log; exit 1; }
	@rm -f build-$*.log

build: setup ## set up and build everything into build/dev
	@$(MAKE) --no-print-directory build/dev/build.ninja
	@cmake --build --preset dev

run: build ## set up, build, start everything, call it over HTTPS and through the chain, stay up
	@build/dev/bin/outlayer dev --projects build/dev/wasm/examples --first-call echo

test: build suite gcc sanitize ## set up, build and run every test, with the sanitizers
	@echo "Every test has passed, also under the sanitizers, and GCC has no objection."

suite: ## the whole suite, as built for use
	@echo "Running the whole suite (build/dev)."
	@ctest --preset dev

sanitize: ## the suite under ASan and UBSan, the threaded parts under TSan
	@$(MAKE) --no-print-directory build/asan/build.ninja build/tsan/build.ninja
	@echo "Building with AddressSanitizer and UndefinedBehaviorSanitizer (build/asan)."
	@cmake --build --preset asan
	@echo "Running the whole suite under them; about four minutes on two cores."
	@ctest --preset asan
	@echo "Building with ThreadSanitizer (build/tsan)."
	@cmake --build --preset tsan
	@echo "Running the tests of libraries, coordinator and worker under it; about five minutes."
	@ctest --preset tsan -L 'unit|conformance'
	@ctest --preset tsan -R '^e2e_(kill|canary)$$'

gcc: ## a second compiler's opinion
	@$(MAKE) --no-print-directory build/gcc/build.ninja
	@echo "Building with GCC, for its warnings (build/gcc)."
	@cmake --build --preset gcc

bench: build ## every figure, one JSON line each, in at most ten minutes
	@bench/run build/dev

gas: setup ## gas of the contract's calls beside the reference's, one JSON line each
	@$(MAKE) --no-print-directory build/dev/build.ninja
	@cmake --build --preset dev --target contracts outlayer-gas >&2
	@OL_WASM=build/dev/wasm build/dev/bin/outlayer-gas

fuzz: setup ## ten minutes of every fuzz target (FUZZ_SECONDS to change it)
	@$(MAKE) --no-print-directory build/fuzz/build.ninja
	@cmake --build --preset fuzz
	@tests/fuzz/run build/fuzz/tests

format: ## clang-format over the sources
	@git ls-files '*.c' '*.h' | xargs -n 1 clang-format-19 -i

clean: ## remove build/
	@rm -rf build
