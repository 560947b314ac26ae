# `make demo` and `make test` need Swift, make, and root or sudo on Debian or Ubuntu; nothing else.

# The two flavours of the package live in separate folders, so that neither rebuilds the other.
CORE  = --scratch-path .build-core
TORCH = --scratch-path .build-torch --traits Torch
MPI   = --scratch-path .build-mpi --traits Torch,MPI

MODULES = LaminaNumerics Quantization EntropyCoding Collectives VariationalInequalities WireFormat MPICollectives \
          GradientExchange DistributedVI Lamina

# Steps of each training run of the demo.
STEPS = 1000

# Minutes of fuzzing.
MINUTES = 30

.DEFAULT_GOAL = build
.PHONY: build demo test check bench bench-peers bench-network library wheel fuzz layering lint format docs dependencies \
        clean

build: dependencies  ## The command `lamina` with networks and images, in .build-torch/release
	swift build -c release $(TORCH) --product lamina

demo: dependencies  ## Train a GAN at 5 bits and at full precision, and compare
	scripts/demo.sh $(STEPS)

test: dependencies  ## Everything: layering, format, all tests, documentation
	scripts/run-tests.sh

check:  ## The quick part of `make test`; needs no system library
	scripts/run-tests.sh --quick

bench:  ## The speed of the codec beside memcpy; needs no system library, and a quiet machine
	swift build -c release $(CORE) --product lamina
	.build-core/release/lamina bench speed

bench-peers:  ## The same beside other codecs, in a virtual environment of Python that it makes
	swift build -c release $(CORE) --product lamina
	Benchmarks/peers/run.sh .build-core/release/lamina

bench-network: dependencies  ## Exchanges over shaped links that it makes on this machine; needs root
	swift build -c release $(MPI) --product lamina
	Benchmarks/network/run.sh .build-mpi/release/lamina runs/network.jsonl

library:  ## liblamina and lamina.h, in .build-library/installed
	scripts/build-library.sh .build-library/installed

wheel:  ## The Python package with liblamina inside, in python/dist
	python3 -m pip wheel --no-deps --wheel-dir python/dist ./python

fuzz:  ## Look for bytes that break a decoder, with the fuzzer of the toolchain; needs no system library
	scripts/fuzz.sh $(MINUTES)

layering:  ## Doors open one way
	python3 scripts/check-layering.py

lint:  ## Format and documentation comments, without changing a file
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:  ## Format in place
	swift format --in-place --recursive --parallel Package.swift Sources Tests

docs:  ## DocC archives of the public modules, in .build-core/plugins/Swift-DocC/outputs
	swift package --disable-sandbox $(CORE) generate-documentation $(MODULES:%=--target %) --warnings-as-errors

dependencies:
	scripts/install-dependencies.sh

clean:  ## Removes what was built; data and runs stay
	rm -rf .build .build-core .build-torch .build-mpi .build-mpich .build-neon .build-library Fuzz/.build \
	  python/build python/dist python/*.egg-info
