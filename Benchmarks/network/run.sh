#!/usr/bin/env bash
# Times exchanges between workers on shaped links of this machine. Needs root, Open MPI and a build with the trait MPI.
# usage: Benchmarks/network/run.sh LAMINA RESULTS.jsonl
# WORKERS, RATES (Mbit/s), PARAMETERS and SECONDS_EACH choose what is timed; results are appended.
set -euo pipefail
cd "$(dirname "$0")/../.."

lamina=$(realpath "$1")
results=$(realpath -m "$2")
workers=(${WORKERS:-2 4 8})
rates=(${RATES:-100 1000 2500 5000})
parameters=${PARAMETERS:-500000,2600000,25000000}
seconds=${SECONDS_EACH:-3}

# shellcheck source=Benchmarks/network/mpi.sh
source Benchmarks/network/mpi.sh
mkdir -p "$(dirname "$results")"

for count in "${workers[@]}"; do
  for rate in "${rates[@]}"; do
    echo "== $count workers at $rate Mbit/s" >&2
    make_network "$count" "$rate"
    # Heartbeats rest while the library adds up.
    on_hosts "$count" "$lamina" bench network --transport mpi --timeout 120 --parameters "$parameters" \
      --link "${rate}Mbps" --interface eth0 --workers-per-machine "$count" --seconds-each "$seconds" --out "$results" \
      >/dev/null
    remove_network
  done
done
# The drawing names the command that made it, without the folders of this machine.
shown=$(realpath --relative-to=. "$results")
"$lamina" bench network --report "$shown" --plot "${shown%.jsonl}.svg"
