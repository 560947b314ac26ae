#!/usr/bin/env bash
# Runs every test and every check of the house, or with --quick the part that fits between two edits.
# All stages run even when one fails; the last line adds the tests up, and the exit status is 0 only if all is well.
set -uo pipefail
cd "$(dirname "$0")/.."

quick=false
if [[ ${1-} == --quick ]]; then
  quick=true
elif (($# > 0)); then
  echo "usage: scripts/run-tests.sh [--quick]" >&2
  exit 2
fi

core=.build-core    # no traits: what builds everywhere
torch=.build-torch  # --traits Torch
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
failed_stages=()

stage() { # NAME COMMAND...
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@" </dev/null || failed_stages+=("$name")
  printf '== %s: %d s\n' "$name" "$((SECONDS - start))"
}

swift_tests() { # REPORT ARGUMENT...
  local report=$1 status=0
  shift
  swift test -c release "$@" --xunit-output "$results/$report.xml" || status=$?
  # An empty report of XCTest, which no test here uses, would count as a broken one.
  rm -f "$results/$report.xml"
  if [[ ! -e $results/$report-swift-testing.xml ]]; then
    echo "error: $report: no test report"
    status=1
  fi
  return "$status"
}

tier_tests() { # the bytes of frames once more in the slower tiers of this processor; tests of kernels run all tiers anyway
  local flags status=0 tier
  flags=$(grep -m 1 -i '^flags' /proc/cpuinfo 2>/dev/null || true)
  local tiers=(portable)
  if [[ " $flags " == *" avx2 "* ]]; then tiers+=(avx2); fi
  if [[ " $flags " == *" avx512bw "* ]]; then tiers+=(avx512); fi
  for tier in "${tiers[@]}"; do
    echo "-- $tier"
    LAMINA_KERNELS=$tier swift_tests "tier-$tier" --scratch-path "$core" --skip-build \
      --filter '(GoldenFrame|DitheredFrame|FrameRoundTrip|DitheredQuantizer|ExchangedMean)Tests' || status=1
  done
  return "$status"
}

python_tests() { # every test_*.py of the repository, folder by folder
  local folder name status=0
  while read -r folder; do
    name=$(tr '/' '-' <<<"$folder")
    python3 -m unittest discover --start-directory "$folder" 2>&1 | tee "$results/$name.unittest" || status=1
  done < <(find scripts Tests -name 'test_*.py' -exec dirname {} + | sort -u)
  return "$status"
}

python_package() { scripts/test-python.sh 2>&1 | tee "$results/python-package.unittest"; }
pytorch_package() { scripts/test-pytorch.sh 2>&1 | tee "$results/pytorch-package.unittest"; }

stage "layering" make --no-print-directory layering
stage "format" make --no-print-directory lint
stage "Python tests" python_tests
if $quick; then
  stage "core tests" swift_tests core --scratch-path "$core" --skip AcceptanceTests
else
  stage "core tests" swift_tests core --scratch-path "$core"
  stage "tier tests" tier_tests
  stage "NEON tests" scripts/test-neon.sh
  stage "core debug build" swift build --scratch-path "$core"
  stage "Torch tests" swift_tests torch --scratch-path "$torch" --traits Torch \
    --filter '^(NeuralNetworks|Experiments|LaminaCLI)Tests\.'
  stage "MPI tests" scripts/test-mpi.sh
  stage "C interface" scripts/test-library.sh
  stage "Python package" python_package
  stage "PyTorch package" pytorch_package
  stage "documentation" make --no-print-directory docs
fi

printf '\nall stages: %d s\n' "$SECONDS"
if ((${#failed_stages[@]} > 0)); then
  printf 'failed stage: %s\n' "${failed_stages[@]}"
fi
python3 scripts/add-up-tests.py "$results" && ((${#failed_stages[@]} == 0))
