#!/usr/bin/env bash
# Times steps of a Wasserstein GAN whose workers sit on shaped links of this machine. Needs root, Open MPI, a build with
# the traits Torch and MPI, and a data set.
# usage: Benchmarks/network/train.sh LAMINA DATA FOLDER
# WORKERS, RATES (Mbit/s) and STEPS choose what is timed. Each pair ends with the table of 'lamina compare'; where the
# network were infinitely fast, a step would take what it takes without its exchange.
set -euo pipefail
cd "$(dirname "$0")/../.."

lamina=$(realpath "$1")
data=$(realpath "$2")
folder=$(realpath -m "$3")
workers=(${WORKERS:-4 8})
rates=(${RATES:-100 1000})
steps=${STEPS:-40}

# shellcheck source=Benchmarks/network/mpi.sh
source Benchmarks/network/mpi.sh

for count in "${workers[@]}"; do
  for rate in "${rates[@]}"; do
    echo "== $count workers at $rate Mbit/s" >&2
    make_network "$count" "$rate"
    runs=()
    train() { # NAME FLAGS...
      local run=$folder/$count-workers-$rate-mbit-$1
      shift
      rm -rf "$run"
      on_hosts "$count" "$lamina" train wgan --transport mpi --timeout 60 --data "$data" --out "$run" --steps "$steps" \
        --evaluate-every "$steps" --no-progress "$@" >/dev/null
      runs+=("$run")
    }
    train full --full-precision --reduction all-gather
    train full-scatter --full-precision --reduction scatter-reduce
    train 5-bits --bits 5 --reduction all-gather
    train 5-bits-scatter --bits 5 --reduction scatter-reduce
    train dithered-scatter --quantizer dithered --bits 3 --reduction scatter-reduce
    remove_network
    "$lamina" compare "${runs[@]}" --link-speed "${rate}Mbps"
  done
done
