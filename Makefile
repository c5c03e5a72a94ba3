# The commands one types. CMake does the work: CMakePresets.json says how, `build/<preset>` is where.
#
#   make                     the program, build/release/gyeol
#   make demo                imports a real shop's year of orders and shows its customers and segments
#   make check               every test but the long ones, without and with sanitizers
#   make check-long          also the thread sanitizer, clang, full kill and fault loops, fuzzing
#   make fuzz SECONDS=300    every fuzzer for that long
#   make test                the quick half of check: one build, its tests
#   make bench SIZE=1M       against other engines, over 10M events unless said: bench/README.md
#   make bench-scaling, bench-programs, format, tidy, clean

SECONDS ?= 60
SIZE ?= 10M
THREADS ?= 2
JOBS := $(shell nproc)
CTEST := ctest --output-on-failure --no-tests=error -j $(JOBS)
# The thread sanitizer of gcc 12 cannot start where the kernel spreads addresses too far.
UNSPREAD := $(shell setarch -R true 2>/dev/null && echo setarch -R)

.PHONY: all program demo test check check-long fuzz bench bench-scaling bench-programs format tidy clean
.PHONY: packages packages-long packages-bench packages-sdk
.NOTPARALLEL:

define configure
@mkdir -p build
@cmake --preset $(1) >build/configure-$(1).log 2>&1 || { cat build/configure-$(1).log; exit 1; }
endef

all: program

# What the demo needs, and nothing that only tests or benchmarks do: minutes less on a small machine.
program: packages
	$(call configure,release)
	cmake --build --preset release --target gyeol

packages:
	@tools/install-packages build

packages-long:
	@tools/install-packages build long

# npm comes with some builds of nodejs, and is a package of its own in Debian.
packages-bench:
	@tools/install-packages build bench
	@command -v npm >/dev/null || tools/install-packages npm
	@[ bench/node_modules/.package-lock.json -nt bench/package-lock.json ] || \
	    npm ci --prefix bench --no-audit --no-fund --loglevel=error

# The SDKs that tests send events with, and a browser for those of web pages. Without npm, or a network, those tests
# say that they are skipped.
packages-sdk:
	@tools/install-packages sdk || echo "make: there is no browser; its tests will be skipped" >&2
	@[ tests/sdk/node_modules/.package-lock.json -nt tests/sdk/package-lock.json ] || \
	    ! command -v npm >/dev/null || \
	    npm ci --prefix tests/sdk --no-audit --no-fund --ignore-scripts --loglevel=error || \
	    echo "make: the SDKs could not be installed; their tests will be skipped" >&2

build-%: packages
	$(call configure,$*)
	cmake --build --preset $*

demo: program
	@examples/online-retail/demo build/release/gyeol build/demo

test: build-dev packages-sdk
	$(CTEST) --preset dev -LE slow

# The sanitizers first: what ctest says last is about all tests.
check: packages packages-sdk
	tools/check-layers
	@$(MAKE) --no-print-directory build-dev build-asan
	$(CTEST) --preset asan -L 'unit|conformance|property|fuzz' -LE slow
	$(CTEST) --preset dev -LE slow

check-long: packages-long
	tools/check-layers
	@$(MAKE) --no-print-directory build-dev build-asan build-tsan build-clang
	$(CTEST) --preset asan
	$(UNSPREAD) $(CTEST) --preset tsan -LE slow
	$(CTEST) --preset clang -LE slow
	@$(MAKE) --no-print-directory fuzz SECONDS=$(SECONDS)
	$(CTEST) --preset dev

fuzz: packages-long
	tools/fuzz $(SECONDS)

bench: build-release packages-bench
	tools/bench build/release $(SIZE) $(THREADS)

bench-scaling: build-release packages-bench
	for size in 1M 10M 100M; do tools/bench build/release $$size 2,1 || exit 1; done

bench-programs: build-release
	tools/bench-programs build/release

format: packages-long
	git ls-files '*.c' '*.h' '*.cc' | xargs clang-format-14 -i

tidy: build-clang packages-long
	git ls-files 'src/*.c' 'tests/*.c' | xargs -P $(JOBS) -n 4 clang-tidy-14 -quiet -p build/clang

clean:
	rm -rf build
