#!/usr/bin/env bash
# Looks for bytes that break a decoder, with the fuzzer of the toolchain; Fuzz/README.md describes it.
# usage: scripts/fuzz.sh [MINUTES]
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${1:-30}
[[ $minutes =~ ^[1-9][0-9]*$ ]] || { echo "fuzz: the minutes are a positive integer, not '$minutes'" >&2; exit 2; }

# Every edge of Swift and C counts, memory is checked, and so are the indices of unsafe buffers.
nice swift build --package-path Fuzz -c release --product DecoderFuzz \
  -Xswiftc -sanitize=address,fuzzer -Xswiftc -assert-config -Xswiftc Debug \
  -Xcc -fsanitize=address,fuzzer-no-link

seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
python3 Fuzz/make-seeds.py Tests/WireFormatTests/Golden "$seeds"
mkdir -p Fuzz/.corpus Fuzz/crashes

# One core and 1 GB. An input may take 5 s of processor time; the limit by the clock is for hangs, also of crowded
# machines. The backtraces of Swift read memory in ways that the address checks refuse.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=quarantine_size_mb=32
nice -n 15 Fuzz/.build/release/DecoderFuzz -max_total_time=$((60 * minutes)) -timeout=300 -rss_limit_mb=1024 \
  -malloc_limit_mb=512 -max_len=16384 -use_value_profile=1 -print_final_stats=1 -artifact_prefix=Fuzz/crashes/ \
  Fuzz/.corpus "$seeds" Tests/WireFormatTests/Regressions
