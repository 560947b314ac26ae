#!/usr/bin/env bash
# Times exchanges between workers on shaped links of this machine. Needs root, Open MPI and a build with the trait MPI.
# usage: Benchmarks/network/run.sh LAMINA RESULTS.jsonl
# WORKERS, RATES (Mbit/s), PARAMETERS, SECONDS_EACH choose what is timed.
set -euo pipefail
cd "$(dirname "$0")/../.."

lamina=$(realpath "$1")
results=$(realpath -m "$2")
workers=(${WORKERS:-2 4 8})
rates=(${RATES:-100 1000 2500 5000})
parameters=${PARAMETERS:-500000,2600000,25000000}
seconds=${SECONDS_EACH:-3}

((EUID == 0)) || { echo "bench-network: network namespaces need root; try: sudo make bench-network" >&2; exit 1; }
for tool in ip tc unshare mpirun.openmpi; do
  command -v "$tool" >/dev/null || { echo "bench-network: no '$tool'; on Debian and Ubuntu: apt install iproute2 openmpi-bin" >&2; exit 1; }
done

# shellcheck source=Benchmarks/network/namespaces.sh
source Benchmarks/network/namespaces.sh
export LAMINA_HOSTS=$prefix
mkdir -p "$(dirname "$results")"

for count in "${workers[@]}"; do
  hosts=$(seq -s, -f 'host%g' 1 "$count")
  for rate in "${rates[@]}"; do
    echo "== $count workers at $rate Mbit/s" >&2
    make_network "$count" "$rate"
    in_host 1 mpirun.openmpi --allow-run-as-root --mca plm_rsh_agent "$PWD/Benchmarks/network/launch-in-host.sh" \
      --mca plm_rsh_no_tree_spawn 1 --mca orte_keep_fqdn_hostnames 1 -host "$hosts" -n "$count" \
      --mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include eth0 --mca oob_tcp_if_include eth0 \
      --mca mpi_yield_when_idle 1 -x LAMINA_HOSTS \
      "$lamina" bench network --transport mpi --parameters "$parameters" --link "${rate}Mbps" --interface eth0 \
      --workers-per-machine "$count" --seconds-each "$seconds" --out "$results"
    remove_network
  done
done
"$lamina" bench network --report "$results"
