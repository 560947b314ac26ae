#!/usr/bin/env bash
# Times steps of DistributedDataParallel with and without compression, on shaped links of this machine. Needs root and
# the packages of requirements.txt; rows of Lamina need its Python package as well.
# usage: Benchmarks/ddp/run.sh RESULTS.jsonl
# WORKERS, RATES (Mbit/s), SCHEMES and SECONDS_EACH choose what is timed, PYTHON the interpreter; results are appended.
set -euo pipefail
cd "$(dirname "$0")/../.."

if (($# != 1)); then
  echo "usage: Benchmarks/ddp/run.sh RESULTS.jsonl" >&2
  exit 2
fi
results=$(realpath -m "$1")
python=${PYTHON:-python3}
workers=(${WORKERS:-2 4})
rates=(${RATES:-100 1000 5000})
arguments=(--seconds-each "${SECONDS_EACH:-6}" --out "$results")
[[ -z ${SCHEMES-} ]] || arguments+=(--schemes $SCHEMES)

# shellcheck source=Benchmarks/network/namespaces.sh
source Benchmarks/network/namespaces.sh
mkdir -p "$(dirname "$results")"

run_ranks() { # WORKERS RATE: one rank on each host
  local count=$1 rate=$2 rank
  for ((rank = 0; rank < count; rank++)); do
    in_host $((rank + 1)) env MASTER_ADDR=10.77.0.1 MASTER_PORT=29500 WORLD_SIZE="$count" RANK="$rank" \
      GLOO_SOCKET_IFNAME=eth0 OMP_NUM_THREADS=1 PYTHONPATH="python${PYTHONPATH:+:$PYTHONPATH}" \
      "$python" Benchmarks/ddp/steps.py --link-mbit "$rate" "${arguments[@]}" &
  done
  # The others would wait for one that failed until their timeout; with the network they end.
  for ((rank = 0; rank < count; rank++)); do wait -n || return 1; done
}

for count in "${workers[@]}"; do
  for rate in "${rates[@]}"; do
    echo "== $count workers at $rate Mbit/s" >&2
    make_network "$count" "$rate"
    run_ranks "$count" "$rate"
    remove_network
  done
done
"$python" Benchmarks/ddp/table.py "$results"
