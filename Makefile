# The two commands a newcomer needs are `make run` and `make test`; each installs what it lacks (see Scripts/setup).

SWIFT ?= swift
CONFIGURATION ?= release
FUZZERS = Fuzz/Package.swift Fuzz/Sources/FuzzTargets Fuzz/Sources/fuzz

.PHONY: help run build test test-long autobahn model properties fuzz fuzz-all fuzz-peers sanitize sanitize-all demo story bench bench-load faults trial scale bench-reconcile bench-engine count-instructions docs container format lint setup setup-test clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: setup build ## Serve a sample project from a private Postgres under ./.heddle
	Scripts/run

build: setup ## Build .build/release/heddle, with the page
	Scripts/web
	$(SWIFT) build -c $(CONFIGURATION) --product heddle

test: setup-test ## Run every test
	Scripts/test

test-long: setup-test ## The long runs: kill -9 a hundred times, many more seeds
	HEDDLE_TEST_LONG=1 Scripts/test

model: setup-test ## Explore every interleaving of save, import, reconcile and crash in the largest small systems
	HEDDLE_MODEL_FULL=1 $(SWIFT) test -c release -Xswiftc -enable-testing --disable-xctest --filter ModelTests

properties: setup-test ## Check the properties of the reconciliation on CASES=1000000 random cases
	Scripts/properties $(or $(CASES),1000000)

autobahn: setup-test ## Run all of Autobahn's websocket cases
	Scripts/web
	HEDDLE_TEST_LONG=1 $(SWIFT) test --disable-xctest --no-parallel --filter AutobahnTests

demo: setup-test build ## Play a second editor and an importer against a running server
	Scripts/demo

story: setup-test build ## Tell how an import meets unsaved edits: two Yjs clients, an importer, checks at every step
	Scripts/story

bench-engine: setup-test ## Measure the engine beside pycrdt and Yjs (ARGS="--data FOLDER" for other inputs)
	Scripts/bench-engine $(ARGS)

count-instructions: setup-test ## Count the engine's instructions with valgrind
	Scripts/count-instructions $(ARGS)

fuzz: ## Feed a decoder with random bytes: TARGET=update-v1 SECONDS=60 (see Fuzz/README.md)
	Fuzz/run $(TARGET) $(SECONDS)

fuzz-all: ## Feed all decoders in turn for HOURS=8, and print how often (see Fuzz/README.md)
	Fuzz/all $(or $(HOURS),8)

fuzz-peers: setup-test ## Compare ROUNDS=5000 random histories with Yjs and Yrs, from SEED=1 on
	HEDDLE_PEER_ROUNDS=$(or $(ROUNDS),5000) HEDDLE_PEER_SEED=$(or $(SEED),1) \
	  $(SWIFT) test --disable-xctest --filter PeerTests

scale: setup-test ## What servers say to each other and read, as a function of their number and of the documents
	Scripts/web
	HEDDLE_SCALE=1 $(SWIFT) test -c release -Xswiftc -enable-testing --disable-xctest --filter ScaleTests

sanitize: setup-test ## Run the tests of the engine under the address and the thread sanitizer
	Scripts/sanitize engine

sanitize-all: setup-test ## Run TESTS (all of them) under the sanitizers, with a server that is built the same way
	Scripts/sanitize "$(or $(TESTS),all)" $(SANITIZER)

bench-load: setup-test build ## Measure the server under load, beside y-websocket's and pycrdt's (ARGS="--only join --servers heddle")
	.venv/bin/pip install --quiet --disable-pip-version-check 'pycrdt-websocket>=0.16,<1'
	$(SWIFT) build -c release --product LoadBenchmarks
	.build/release/LoadBenchmarks $(ARGS)

faults: setup-test ## Play every fault ROUNDS=20 times under load, and print what was lost
	Scripts/web
	$(SWIFT) build --build-tests
	HEDDLE_FAULT_ROUNDS=$(or $(ROUNDS),20) $(SWIFT) test --skip-build --disable-xctest --no-parallel --filter FaultTests

trial: setup-test ## Kill two of three servers in turn under load for MINUTES=30, and print what was lost
	Scripts/web
	$(SWIFT) build --build-tests
	HEDDLE_TRIAL_MINUTES=$(or $(MINUTES),30) $(SWIFT) test --skip-build --disable-xctest --no-parallel --filter TrialTests

bench-reconcile: setup-test ## Measure reconciles of 5 to 10,000 jobs, of which nothing to all has changed
	$(SWIFT) build -c release --product Benchmarks
	.build/release/Benchmarks reconcile

bench: setup build ## Measure: rooms, server, reconcile
	$(SWIFT) build -c release --product Benchmarks
	.build/release/Benchmarks $(ARGS)

docs: ## Build the documentation of the engine
	Scripts/docs

container: build ## Make a container image (buildah or podman; no registry is asked)
	Scripts/container

format: ## Format the sources
	$(SWIFT) format -i -r Package.swift Sources Tests Benchmarks $(FUZZERS) Examples/Package.swift Examples/Sources

lint: ## Check the format
	$(SWIFT) format lint --strict -r Package.swift Sources Tests Benchmarks $(FUZZERS) Examples/Package.swift Examples/Sources

setup: ## Install the system packages that building and running need
	@Scripts/setup run

setup-test:
	@Scripts/setup test

clean: ## Remove what was built (the data under ./.heddle stays)
	rm -rf .build
